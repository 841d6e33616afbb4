#pragma once

#include "autograd/tape/integers.hpp"
#include "autograd/tape/shape.hpp"

#include <cstdint>
#include <initializer_list>

namespace autograd
{

/// A shape in the place of an array that is not there yet: compile(f, placeholder<double>{100, 3}) records f for arrays
/// of that shape. Of integers it is placeholder<std::int64_t>{100}. Throws shape_error for negative extents and for
/// more axes than an array has.
template <class Element>
struct placeholder
{
    placeholder(std::initializer_list<integer> extents) : placeholder(axes_list(extents, "placeholder")) {}
    template <axis_container C>
    explicit placeholder(const C& extents) : placeholder(axes_list(extents, "placeholder"))
    {
    }
    explicit placeholder(const axes_list& extents) : shape(detail::extents_of(extents, "placeholder", {})) {}

    shape_vector shape;
};

} // namespace autograd
