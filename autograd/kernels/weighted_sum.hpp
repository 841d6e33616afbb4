#pragma once

#include "autograd/kernels/chosen.hpp"

#include <cstddef>

namespace autograd::kernels
{

template <class T>
struct weighted_sum_kernels
{
    /// to = u * a + v * b of so many numbers, products and sum rounded one by one. `to` may be a, or b.
    void (*of_two)(const T* a, T u, const T* b, T v, T* to, std::size_t count);
};
template <class T>
inline constexpr chosen<weighted_sum_kernels<T>> weighted_sums;

} // namespace autograd::kernels
