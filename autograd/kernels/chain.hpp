#pragma once

#include "autograd/kernels/chosen.hpp"
#include "autograd/kernels/scratch.hpp"
#include "autograd/tape/operation.hpp"

#include <span>

/// Derivatives of products and of linear recurrences along an axis.
///
/// A chain goes through the factors x[0], ..., x[n - 1] of a line, from node 0 to node n:
///
///     z[0] = input[0],  z[k + 1] = input[k + 1] + x[k] z[k]
///
/// A product takes in a 1 at node 0 and puts out z[n]; a running product puts out all nodes behind a factor, or all
/// before one; a linear recurrence takes in a number at each of those, too. What is put out, weighted by g, has the
/// derivative r[k + 1] z[k] by x[k], where r comes from the other end: r[k] = g[k] + x[k] r[k + 1]. No division: exact
/// at zeros.
///
/// The m-th derivative along directions u_1, ..., u_m of the factors is what the same two walks give in numbers
/// x + e_1 u_1 + ... + e_m u_m with e_j^2 = 0 (Griewank & Walther, Evaluating Derivatives, 2nd ed., chapter 13), as the
/// coefficient of e_1 ... e_m.
///
/// Where a walk leaves the range of T, or comes to its subnormal numbers, which have less digits, that line is walked
/// again in numbers that carry their exponents (kernels/per_set/scaled.hpp): results are right wherever they are
/// representable.
namespace autograd::kernels
{

/// Which nodes take in, or put out, a number: the first or the last of all, or each one before or behind a factor.
enum class chain_nodes : std::uint8_t
{
    end,
    before,
    behind
};

/// "before" and "behind" are meant in the direction of the walk.
struct chain
{
    std::uint16_t axis;
    bool reverse;
    chain_nodes input;
    chain_nodes output;
    friend bool operator==(const chain&, const chain&) = default;
    bool same(const chain& other) const { return *this == other; }
};

/// What a chain is walked with: arrays of the shape of x, but g has one number for each line where the output is that
/// of the end. `input` is null where it is 1.
template <class T>
struct chain_operands
{
    const T* x;
    const T* input;
    const T* g;
    std::span<const array_view> directions;
    scratch_memory scratch = {}; ///< as many bytes as chain_kernels::scratch tells
};

template <class T>
struct chain_kernels
{
    /// What is put out, differentiated along the directions. g is not read.
    void (*tangent)(const chain_operands<T>& of, shape_view shape, const chain& how, T* y);

    /// The derivative by x of what is put out, weighted by g and differentiated along the directions.
    void (*cotangent)(const chain_operands<T>& of, shape_view shape, const chain& how, T* x_bar);

    /// How many bytes of scratch a walk along so many directions takes that keeps so many nodes: none for a tangent,
    /// those of a line for a cotangent.
    std::size_t (*scratch)(std::size_t nodes, std::size_t directions);
};
template <class T>
inline constexpr chosen<chain_kernels<T>> chains;

} // namespace autograd::kernels
