#pragma once

#include "autograd/kernels/chosen.hpp"

#include <cstddef>

namespace autograd::kernels
{

template <class T>
struct finite_kernels
{
    /// Whether none of so many numbers is NaN or infinite.
    bool (*all)(const T* x, std::size_t count);
};
template <class T>
inline constexpr chosen<finite_kernels<T>> finite;

} // namespace autograd::kernels
