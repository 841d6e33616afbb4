#pragma once

#include "autograd/prove/field.hpp"

#include <array>
#include <cstddef>
#include <span>

/// A tower of prime fields, in which exponentials and logarithms are what they are among numbers: each prime divides
/// the next one less 1, so the exponents of level i, added modulo q_i, are exponents of a root of 1 of order q_i at
/// level i + 1. exp(x + y) = exp(x) exp(y) holds exactly, and so does log(x y) = log(x) + log(y), which is the discrete
/// logarithm. (Two levels for exponentials: Wu et al., Mirage, OSDI 2025.)
namespace autograd::prove::tower
{

/// One level more than exponentials can be nested.
inline constexpr std::size_t levels = 9;

/// The primes, from the least: q_i divides q_{i+1} - 1. Each is 1 modulo 4 and 2 modulo 3.
std::span<const std::uint64_t, levels> primes();

const field& at(std::size_t level);

/// What a logarithm loses modulo q_i: the group of level i + 1 has k q_i elements, so that a logarithm is an exponent
/// modulo q_i and a part of 1 modulo k, the torsion. What is not a logarithm has torsion 0. It adds up as logarithms
/// do.
using torsion = std::int16_t;
inline constexpr torsion unknown_torsion = -1;

/// k of level i, for i < levels - 1.
unsigned torsion_order(std::size_t level);

/// The exponential of x of level i, at level i + 1.
scalar exp(std::size_t level, scalar x, torsion t = 0);

struct logarithm
{
    scalar exponent;
    torsion rest;
};
/// The logarithm of x of level i + 1, at level i; x must not be 0. Where x is no element of the prime field, it is half
/// of the logarithm of its norm, and the torsion is unknown.
logarithm log(std::size_t level, scalar x);
/// How many giant steps that takes at most.
std::uint64_t steps_of_log(std::size_t level);

/// Discrete logarithms can be computed to this level: beyond, the groups are too large.
inline constexpr std::size_t levels_of_logarithms = 4;

} // namespace autograd::prove::tower
