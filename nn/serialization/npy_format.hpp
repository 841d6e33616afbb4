#pragma once

#include "nn/serialization/any_array.hpp"
#include "nn/serialization/byte_source.hpp"
#include "nn/serialization/elements.hpp"

#include <string>
#include <string_view>

namespace nn::detail
{

/// What a file of one array begins with.
inline constexpr std::string_view npy_magic{"\x93NUMPY", 6};

/// What comes before the elements of an array: how they lie, and the shape.
struct npy_description
{
    stored_elements elements;
    autograd::shape_vector shape;
};
npy_description read_npy_header(byte_source& source);

/// Reads one array in NumPy's format, up to and with the end of the source.
any_array read_npy(byte_source& source);

/// What precedes the elements of an array (which are then to be written in little-endian order).
std::string npy_header(const any_array& array);

} // namespace nn::detail
