#pragma once

#include "autograd/tape/error.hpp"
#include "autograd/tape/xtensor.hpp"

#include <new>
#include <vector>

namespace nn::detail
{

/// An array of a shape, its elements not set. Throws, in the name of `where`, shape_error if their number cannot be
/// addressed, memory_error if the machine does not have the memory.
template <class T>
autograd::array<T> allocated(autograd::shape_view shape, const char* where)
{
    const std::size_t count = element_count(shape, where);
    try
    {
        return autograd::array<T>::from_shape(std::vector<std::size_t>(shape.begin(), shape.end()));
    }
    catch (const std::bad_alloc&)
    {
        throw autograd::error::memory_error(where, "the shape is ", shape, ", which takes ", count * sizeof(T),
                                            " bytes; the machine does not have them.");
    }
}
template <class T>
autograd::array<T> allocated(std::initializer_list<std::size_t> shape, const char* where)
{
    return allocated<T>(autograd::shape_vector(shape), where);
}

/// The same with one number in all elements.
template <class T>
autograd::array<T> filled(autograd::shape_view shape, T number, const char* where)
{
    autograd::array<T> result = allocated<T>(shape, where);
    result.fill(number);
    return result;
}

} // namespace nn::detail
