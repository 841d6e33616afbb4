#pragma once

#include "nn/serialization/any_array.hpp"
#include "nn/serialization/byte_source.hpp"

#include <bit>
#include <span>
#include <vector>

namespace nn::detail
{

/// How the elements of an array lie in a file.
struct stored_elements
{
    /// float16 has no C++ type here and is read as float32, which has all its numbers; so is bfloat16.
    enum class kind
    {
        same,
        float16,
        bfloat16
    };

    element_type type = element_type::float64; ///< what they are read as
    kind as = kind::same;
    std::endian order = std::endian::little;
    bool first_axis_fastest = false; ///< Fortran's order

    std::size_t width() const { return as == kind::same ? size_of(type) : 2; }
};

/// The shape, for an array of at most 32 axes whose bytes can be counted.
/// Throws file_error in the name of the source where that is not so.
autograd::shape_vector checked_shape(const byte_source& source, std::span<const std::uint64_t> extents);

/// How many bytes the elements take in the file. Throws file_error if 64 bits cannot say.
std::uint64_t stored_bytes(const byte_source& source, const stored_elements& elements, autograd::shape_view shape);

/// Reads an array. Memory is asked for only if as many bytes can still come.
/// Throws file_error if there are fewer, or if a truth value is neither 0 nor 1.
any_array read_elements(byte_source& source, const stored_elements& elements, autograd::shape_view shape);

/// The elements' bytes in little-endian order: those of the array itself, or of `copy` if this machine has another.
std::span<const std::byte> little_endian(const any_array& array, std::vector<std::byte>& copy);

} // namespace nn::detail
