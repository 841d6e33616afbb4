#pragma once

#include "autograd/prove/residues.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <unordered_map>
#include <vector>

/// What a point may suppose in the place of what its numbers say. Random numbers never lie between 0 and 1e-9, nor are
/// twenty units of a layer on at once; what is supposed does and are.
namespace autograd::prove
{

/// What tells the residues of one level from each other, and from those of other levels.
std::uint64_t key_of(std::size_t level, const scalar& value);
/// The same of the lowest level that a value has.
std::uint64_t key_of(const residues& x);

/// Signs that values are supposed to have. The same value has the same sign, and so have its multiples by simple
/// fractions, with theirs.
class supposed_signs
{
public:
    /// The sign of x, 1 or -1, if it is known. Multiples are looked for among the values of the same element.
    std::optional<int> of(const residues& x, std::size_t element) const;
    void suppose(const residues& x, std::size_t element, int sign);

    /// The same of a value in one level alone. \{
    std::optional<int> at(std::size_t level, const scalar& value) const;
    void suppose_at(std::size_t level, const scalar& value, int sign);
    /// \}

private:
    struct known
    {
        residues value;
        int sign;
    };
    std::unordered_map<std::uint64_t, int> m_signs; ///< by key_of
    std::unordered_map<std::size_t, std::vector<known>> m_of_element;
};

/// Other numbers in the place of constants, in the same order and with the same signs: those that were close are far
/// apart. Simple fractions and the
/// constants of mathematics stay, since it may matter what they are: exp(x) - 1 has the sign of x.
class other_constants
{
public:
    double of(double constant, std::mt19937_64& random);

private:
    std::map<double, double> m_magnitudes{{0, 0}};
};

/// A pseudo-random number that is nothing but the name of a value, from 0 to 1.
double rank_of(const residues& x);

} // namespace autograd::prove
