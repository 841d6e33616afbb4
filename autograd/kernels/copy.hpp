#pragma once

#include "autograd/kernels/chosen.hpp"
#include "autograd/tape/operation.hpp"

namespace autograd::kernels
{

template <class E>
struct copy_kernels
{
    /// Writes a strided array densely, row-major: broadcasts, transposes, slices, reversals. The data pointer is that
    /// of the first element; strides may be negative. E is float, double or std::int64_t.
    void (*strided)(const array_view& from, E* to);

    /// The transpose of that: writes a dense array of `shape` to the places first + strides. What lies between is
    /// untouched.
    void (*to_strided)(const E* from, shape_view shape, E* first, const std::ptrdiff_t* strides);

    /// The same, added to what is there.
    void (*add_to_strided)(const E* from, shape_view shape, E* first, const std::ptrdiff_t* strides);

    /// Copies `rows` pieces of `length` consecutive elements, the starts being so many elements apart.
    void (*pieces)(const E* from, std::size_t from_step, E* to, std::size_t to_step, std::size_t length,
                   std::size_t rows);
};
template <class E>
inline constexpr chosen<copy_kernels<E>> copies;

} // namespace autograd::kernels
