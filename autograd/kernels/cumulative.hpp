#pragma once

#include "autograd/kernels/chosen.hpp"
#include "autograd/tape/operation.hpp"

/// Running sums and products along an axis, and what their derivatives are made of. Each goes from the first element of
/// a line to the last or, in reverse, from the last to the first; "before" is meant in that direction.
namespace autograd::kernels
{

/// Which elements y[i] combines: all up to x[i], or all before it (none: 0 or 1).
struct cumulation
{
    std::uint16_t axis;
    bool reverse;
    bool exclusive;
    friend bool operator==(const cumulation&, const cumulation&) = default;
    bool same(const cumulation& other) const { return *this == other; }
};

/// What y[i] takes from the y before it: that times a[i], or times the a before (from which it comes).
struct recurrence
{
    std::uint16_t axis;
    bool reverse;
    bool factor_before;
    friend bool operator==(const recurrence&, const recurrence&) = default;
    bool same(const recurrence& other) const { return *this == other; }
};

template <class T>
struct cumulative_kernels
{
    /// Running sums, in order as NumPy's.
    void (*cumsum)(const T* x, shape_view shape, const cumulation& how, T* y);

    /// Running products, in order, and with exponents where they would lose digits: right wherever they are
    /// representable.
    void (*cumprod)(const T* x, shape_view shape, const cumulation& how, T* y);

    /// The linear recurrence y[i] = b[i] + a[.] * (the y before), from 0 on; with exponents as cumprod.
    void (*linear_recurrence)(const T* a, const T* b, shape_view shape, const recurrence& how, T* y);
};
template <class T>
inline constexpr chosen<cumulative_kernels<T>> cumulations;

} // namespace autograd::kernels
