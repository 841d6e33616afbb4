#pragma once

#include "autograd/kernels/chosen.hpp"
#include "autograd/kernels/scratch.hpp"
#include "autograd/tape/operation.hpp"

/// Reductions of dense arrays over any set of axes (bit a for axis a). y has the shape of x without those axes, or with
/// extents of 1 in their place: the same numbers. Which elements are combined in which order follows from the shape
/// alone, so that results have the same bits in every run. `scratch` has scratch_of_reduction() bytes.
namespace autograd::kernels
{

/// How many bytes of scratch a reduction takes: for what lies between passes over axes that are no neighbours, and for
/// results that are taken again, so many times: once by sum_over, twice by root_of_squares.
template <class T>
std::size_t scratch_of_reduction(shape_view shape, std::uint32_t axes, std::size_t again = 0);

template <class T>
struct reduction_kernels
{
    /// Sums, pairwise: the error grows with the logarithm of the count. Over nothing: 0.
    void (*sum)(const T* x, shape_view shape, std::uint32_t axes, T* y, scratch_memory scratch);

    /// Sums over a divisor. Where a sum leaves the range of T, it is taken again of numbers that are scaled by a power
    /// of two. Over nothing: 0.
    void (*sum_over)(const T* x, shape_view shape, std::uint32_t axes, T divisor, T* y, scratch_memory scratch);

    /// Sums of squares, as sum.
    void (*sum_of_squares)(const T* x, shape_view shape, std::uint32_t axes, T* y, scratch_memory scratch);

    /// Roots of sums of squares over `divisor`. Where a sum leaves the range of T, or its squares would lose their
    /// digits next to 0, they are taken again of numbers that are scaled by a power of two. Over nothing: 0.
    void (*root_of_squares)(const T* x, shape_view shape, std::uint32_t axes, std::size_t divisor, T* y,
                            scratch_memory scratch);

    /// The largest element; NaN where there is one. Over nothing: -inf.
    void (*maximum)(const T* x, shape_view shape, std::uint32_t axes, T* y, scratch_memory scratch);

    /// The smallest element; NaN where there is one. Over nothing: inf.
    void (*minimum)(const T* x, shape_view shape, std::uint32_t axes, T* y, scratch_memory scratch);

    /// log(sum(exp(x))), without overflow. Over nothing: -inf.
    void (*logsumexp)(const T* x, shape_view shape, std::uint32_t axes, T* y, scratch_memory scratch);
};
template <class T>
inline constexpr chosen<reduction_kernels<T>> reductions;

template <class T>
struct product_kernels
{
    /// Products. Up to 64 factors in order, bit for bit as NumPy's: 0 or infinite where those are on
    /// the way. Of more, right to the rounding of each multiplication wherever the whole product is in the range. Over
    /// nothing: 1.
    void (*product)(const T* x, shape_view shape, std::uint32_t axes, T* y, scratch_memory scratch);
};
template <class T>
inline constexpr chosen<product_kernels<T>> products;

} // namespace autograd::kernels
