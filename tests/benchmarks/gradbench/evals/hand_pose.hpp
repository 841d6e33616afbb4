#pragma once

#include "tests/benchmarks/gradbench/evals/ht.hpp"

#include "autograd/autograd.hpp"

#include <tuple>
#include <vector>

namespace gradbench
{

/// How bones and hand move the surface: a vertex comes to the sum over coordinates and bones of coordinate times weight
/// times row, plus the place.
struct pose
{
    autograd::variable<double> rows;  ///< (N, 4 B, 3)
    autograd::variable<double> place; ///< (N, 3)
};

/// What is posed.
template <class Array>
struct bones
{
    std::vector<int> parents;
    Array base_relatives, inverse_base_absolutes; ///< (B, 4, 4)
    Array mirror;                                 ///< (3,): 1, or -1 where coordinates are negated
    auto members() { return std::tie(parents, base_relatives, inverse_base_absolutes, mirror); }
    auto members() const { return std::tie(parents, base_relatives, inverse_base_absolutes, mirror); }
};
inline bones<array> bones_of(const ht::hand& hand)
{
    return {hand.parents, hand.base_relatives, hand.inverse_base_absolutes, {hand.is_mirrored ? -1.0 : 1.0, 1.0, 1.0}};
}

/// N poses of a hand, of theta (N, 26).
pose posed(autograd::variable<double> theta, const bones<autograd::variable<double>>& of);

} // namespace gradbench
