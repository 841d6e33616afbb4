#pragma once

#include "autograd/prove/computation.hpp"

#include <cstdint>
#include <functional>
#include <random>
#include <tuple>
#include <unordered_map>
#include <vector>

namespace autograd::prove
{

/// How far the numbers of a point are from those that were recorded.
enum class drawn
{
    nearby,  ///< within a factor, with the same signs
    anywhere ///< of both signs: to come to the branches that are not taken nearby
};

/// Which outcomes the comparisons of a recording have had, at all points: bit 0 for false, bit 1 for true.
struct branches
{
    /// By step, by comparison in its expression.
    std::vector<std::vector<std::uint8_t>> met;
    /// A root was taken of what may be the square of something whose sign is not known.
    bool sign_of_root = false;

    explicit branches(std::size_t steps) : met(steps) {}
    bool all_met() const;
    void merge(const branches& others);
};

/// The residue of what a comparison depends on, in the lowest level that it has.
struct boundary
{
    std::size_t level;
    scalar residue;
    bool by_choice; ///< or by the values that are selected; not part of what it is

    friend auto operator<=>(const boundary& x, const boundary& y)
    {
        return std::tuple(x.level, x.residue.a, x.residue.b) <=> std::tuple(y.level, y.residue.a, y.residue.b);
    }
    friend bool operator==(const boundary& x, const boundary& y) { return (x <=> y) == 0; }
};

/// A recording evaluated at a random point of the tower.
class point : public observer
{
public:
    struct options
    {
        std::uint64_t seed;
        drawn how = drawn::nearby;
        bool free_constants = false;
        bool keep_all = false; ///< the values of all steps, not of the outputs alone
        double scale = 1;      ///< of the numbers, beside what was recorded
    };

    point(const computation& of, const options& o);

    /// Evaluates all steps. Throws unlucky_point, needs_a_level, and undecidable, with `at` at the step that threw.
    void run();

    const exact_array& operator[](std::size_t step) const { return m_values[step]; }

    /// \name What would be, of a point that keeps all values
    /// \{
    /// The value of a step if its operand k were another one.
    exact_array with_operand(std::size_t step, std::size_t k, const exact_array& other);
    /// The value of a step if it were applied to others.
    exact_array of_operands(std::size_t step, const std::vector<exact_array>& others);
    /// The value of an output if a step had another one.
    exact_array with_value(std::size_t step, const exact_array& other, std::size_t output);
    /// What is evaluated next counts as a part of this step.
    void look_at(std::size_t step) { m_at = step; }
    /// f of each element of a step.
    exact_array mapped(std::size_t step, const std::function<exact(const exact&)>& f);
    /// \}
    /// The step that is being evaluated; afterwards, the first one with a number that is none, or the last one.
    std::size_t at() const { return m_at; }
    const branches& its_branches() const { return m_branches; }
    /// Where the comparisons of a step change: what is 0 there, by its residue, with its sign taken off.
    const std::vector<boundary>& boundaries_of(std::size_t step) const { return m_boundaries[step]; }

    void decided(bool outcome) override;
    void bounded(const residues& by, bool by_choice) override;
    exact constant(double number) override;
    void squared(const residues& square, const residues& x, bool negative) override;
    residues root(const residues& square) override;

private:
    struct known_root
    {
        scalar root;
        bool negative;
    };

    exact_array value_of(const computation::step& of);
    exact_array leaf(const computation::step& of);
    exact_array drawn_variable(const computation::step& of);
    exact_array elementwise(const computation::step& of);
    exact_array general(const computation::step& of);
    exact_array opaque(const computation::step& of);
    exact input(double number);
    static std::uint64_t key(std::size_t level, const scalar& square);

    const computation& m_recording;
    options m_options;
    std::mt19937_64 m_random;
    std::vector<exact_array> m_values;
    std::vector<std::size_t> m_last_use;
    branches m_branches;
    std::vector<std::vector<boundary>> m_boundaries;
    std::size_t m_at = 0;
    std::size_t m_comparison = 0;
    std::unordered_map<double, exact> m_constants;
    std::unordered_map<std::uint64_t, known_root> m_roots;
};

} // namespace autograd::prove
