#pragma once

#include "tests/support.hpp"

#include <cstdlib>
#include <random>

namespace support
{

/// The seed of a test: another one than the usual one is given as PROVE_SEED.
inline std::uint64_t seed_or(std::uint64_t usual)
{
    const char* given = std::getenv("PROVE_SEED");
    return given == nullptr ? usual : std::strtoull(given, nullptr, 10);
}

/// A tape, and what formulas are made of at random: shapes, variables, arguments.
class random_formulas
{
public:
    explicit random_formulas(std::uint64_t seed) : m_random(seed) {}

    autograd::tape<double>& tape() { return m_tape; }
    const std::vector<variable>& variables() const { return m_variables; }

    /// From 0 to n - 1.
    std::size_t below(std::size_t n) { return m_random() % n; }
    bool heads() { return below(2) == 0; }
    std::size_t extent() { return 1 + below(4); }
    extents shape(std::size_t least_axes = 0, std::size_t most_axes = 3)
    {
        extents result(least_axes + below(most_axes - least_axes + 1));
        std::generate(result.begin(), result.end(), [this] { return extent(); });
        return result;
    }
    /// A simple fraction, not 0.
    double constant()
    {
        const std::vector<double> simple{2, 3, -1.5, 0.1, -0.25, 1.0 / 3, 5, -7, 1.75, 0.01};
        return simple[below(simple.size())];
    }

    /// A new variable, of both signs.
    variable any(const extents& of) { return made(of, -2, 2); }
    variable positive(const extents& of) { return made(of, 0.25, 2); }

    /// A variable, or something made of variables.
    variable argument(const extents& of)
    {
        switch (below(6))
        {
        case 0:
            return any(of) * any(of);
        case 1:
            return constant() * any(of) + any({});
        case 2:
            return any(of) / 2 - constant() * any(of);
        case 3:
            return of.size() == 2 ? matmul(any({of[0], 3}), any({3, of[1]})) / 4 : square(any(of)) - 1;
        default:
            return any(of);
        }
    }
    /// The same, where all elements are positive and may stand under roots and logarithms.
    variable positive_argument(const extents& of)
    {
        switch (below(5))
        {
        case 0:
            return positive(of) * positive(of);
        case 1:
            return positive(of) / positive({});
        case 2:
            return exp(any(of));
        default:
            return positive(of);
        }
    }
    autograd::indices<double> labels(std::size_t n, std::size_t classes)
    {
        integers result = integers::from_shape({n});
        std::generate(result.begin(), result.end(), [&] { return static_cast<int>(below(classes)); });
        return m_tape.index(result);
    }

private:
    variable made(const extents& of, double low, double high)
    {
        array values = array::from_shape(of);
        std::uniform_real_distribution<double> uniform(low, high);
        std::generate(values.begin(), values.end(), [&] { return uniform(m_random); });
        return m_variables.emplace_back(m_tape.variable(values));
    }

    std::mt19937_64 m_random;
    autograd::tape<double> m_tape;
    std::vector<variable> m_variables;
};

} // namespace support
