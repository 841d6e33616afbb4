#pragma once

#include "autograd/kernels/chosen.hpp"
#include "autograd/kernels/running_sum.hpp"
#include "autograd/kernels/scratch.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>

/// What is computed of arrays of few rows, planes, whose columns are many: of some columns in hand, the same bits
/// whichever these are. Such an array is where its first plane begins, in hand, and how far the next one is.
namespace autograd::kernels
{

template <class T>
struct planes
{
    T* data;
    std::size_t stride;

    T* operator[](std::size_t plane) const { return data + plane * stride; }
};

/// y_j = sum_k w(j, k) x_k, and then column j added unless there is none.
template <class T>
struct product_of_planes
{
    std::size_t results; ///< planes of y
    std::size_t terms;   ///< planes of x
    const T* w;
    bool transposed; ///< w(j, k) stands at (k, j)
    const T* column;
};

/// What sums of products along planes need while columns come: so many results each. They are sums of digits, each of
/// digit(columns) columns, a power of two, and each of which may be summed by itself.
template <class T>
struct dots_of_planes
{
    std::size_t rows;    ///< planes of x
    std::size_t columns; ///< planes of y
    std::size_t terms;   ///< columns of both
    void* sums;          ///< bytes() of memory, aligned to 64

    static std::size_t bytes(std::size_t rows, std::size_t columns) { return 3 * bytes_of_digit(rows, columns); }
    static std::size_t bytes_of_digit(std::size_t rows, std::size_t columns) { return rows * columns * widest_pack; }
    static std::size_t digit(std::size_t terms)
    {
        constexpr std::size_t most_digits = 32;
        return std::bit_ceil(std::max(elements_of_digit, (terms + most_digits - 1) / most_digits));
    }

    /// Of every instruction set.
    static constexpr std::size_t widest_pack = 64;
};

template <class T>
struct plane_kernels
{
    void (*multiply)(const product_of_planes<T>& of, planes<const T> x, std::size_t count, planes<T> y);

    /// \name All products <x_i, y_j>
    /// Columns come in order, the first of `count` being number `first`.
    /// \{
    void (*begin_dots)(const dots_of_planes<T>& of);
    void (*add_dots)(const dots_of_planes<T>& of, planes<const T> x, planes<const T> y, std::size_t first,
                     std::size_t count);
    /// Writes them row by row.
    void (*finish_dots)(const dots_of_planes<T>& of, T* result);
    /// A digit, where these are all columns that came; and one more behind others.
    void (*get_digit_of_dots)(const dots_of_planes<T>& of, void* digit);
    void (*add_digit_of_dots)(const dots_of_planes<T>& of, const void* digit);
    /// \}

    /// y = x_k of the last k whose plane of the mask is not 0, and x_0 where none is.
    void (*choose)(std::size_t rows, planes<const T> mask, planes<const T> x, std::size_t count, T* y);

    /// y_k = x + 0 where plane k of the mask is not 0, and else 0.
    void (*place)(std::size_t rows, planes<const T> mask, const T* x, std::size_t count, planes<T> y);
};
template <class T>
inline constexpr chosen<plane_kernels<T>> plane_loops;

/// Those of softmaxes, along the planes.
template <class T>
struct softmax_plane_kernels
{
    using function = void (*)(std::size_t rows, std::size_t count, planes<T> y, planes<const T> x);
    function softmax;
    function logsumexp_slope;
    function log_softmax;
};
template <class T>
inline constexpr chosen<softmax_plane_kernels<T>> softmaxes_of_planes;

/// Those of softmax_slopes.
template <class T>
struct softmax_slope_plane_kernels
{
    using function = void (*)(std::size_t rows, std::size_t count, planes<T> y, planes<const T> v, planes<const T> p);
    function softmax_deviation;
    function softmax_slope;
    function log_softmax_slope;
};
template <class T>
inline constexpr chosen<softmax_slope_plane_kernels<T>> softmax_slopes_of_planes;

} // namespace autograd::kernels
