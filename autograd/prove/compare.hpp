#pragma once

#include "autograd/prove/exact_array.hpp"
#include "autograd/prove/point.hpp"

#include <optional>
#include <vector>

/// Two arrays at one point.
namespace autograd::prove
{

/// Where two arrays differ as numbers, by how many times what rounding can explain.
struct difference
{
    std::size_t entry = 0;
    double left = 0;
    double right = 0;
    double excess = 0;
};

struct comparison
{
    bool residues_equal = true;
    /// The same up to signs, as roots have them; the numbers tell which.
    bool by_signs = false;
    /// Digits that the numbers have in common, of the worst entry.
    double digits = 17;
    /// The entry that differs most, if it differs by more than a thousand times what rounding can explain.
    std::optional<difference> numbers_differ;
    /// -log2 of the probability that unequal functions look equal here.
    double bits = 0;
};

using arrays = std::vector<const exact_array*>;

/// x beside sum_k c_k y_k.
comparison compare(const exact_array& x, const arrays& y, std::span<const fraction> c);

/// The one fraction c with x = c y, in every entry and level, if there is one other than 0; up to signs.
std::optional<fraction> ratio(const exact_array& x, const exact_array& y);

/// The fractions c_k with x = sum_k c_k y_k in every entry and level, if they are determined.
std::optional<std::vector<fraction>> combination(const exact_array& x, const arrays& y);

/// The finite entries that are not sum_k c_k y_k, by their residues in the lowest level: that of an unequal one is
/// equal once in some millions.
std::vector<std::size_t> unequal_entries(const exact_array& x, const arrays& y, std::span<const fraction> c);

} // namespace autograd::prove
