#pragma once

#include "autograd/tape/error.hpp"
#include "autograd/tape/shape.hpp"

/// What layers and losses check before they record. Errors carry the line of the user's source.
namespace nn::detail
{

/// Throws shape_error unless the array has exactly this shape: "linear: the bias is (2, 3); it must be (3,)."
void require_shape(autograd::location where, const char* who, const char* what, autograd::shape_view found,
                   autograd::shape_view expected);

/// Throws shape_error unless the array has so many axes.
void require_dimension(autograd::location where, const char* who, const char* what, autograd::shape_view found,
                       std::size_t dimension, const char* axes);

} // namespace nn::detail
