#include "nn/serialization/elements.hpp"

#include <algorithm>
#include <cstring>

namespace nn::detail
{

namespace
{

constexpr std::string_view data = "data of the array";

void reverse_bytes(std::byte* elements, std::size_t count, std::size_t width)
{
    for (std::size_t i = 0; i < count; ++i)
    {
        std::reverse(elements + i * width, elements + (i + 1) * width);
    }
}

/// IEEE 754 binary16: sign, 5 bits of exponent with bias 15, 10 bits of significand. Every value is a float.
float from_float16(std::uint16_t bits)
{
    const std::uint32_t sign = (bits & 0x8000U) << 16;
    const std::uint32_t exponent = (bits >> 10) & 0x1fU;
    const std::uint32_t fraction = bits & 0x3ffU;
    if (exponent == 0)
    {
        const float magnitude = static_cast<float>(fraction) * 0x1p-24F; // subnormal: no hidden bit
        return sign != 0 ? -magnitude : magnitude;
    }
    const std::uint32_t wide_exponent = exponent == 0x1f ? 0xff : exponent + (127 - 15);
    return std::bit_cast<float>(sign | wide_exponent << 23 | fraction << 13);
}

/// The upper half of a float.
float from_bfloat16(std::uint16_t bits)
{
    return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

/// Reads two-byte floating-point numbers into the upper half of the space for floats, and widens them from the front.
void read_halves(byte_source& source, const stored_elements& elements, std::byte* to, std::size_t count)
{
    std::byte* const halves = to + 2 * count;
    source.read(halves, 2 * count, data);
    if (elements.order != std::endian::native)
    {
        reverse_bytes(halves, count, 2);
    }
    for (std::size_t i = 0; i < count; ++i)
    {
        std::uint16_t bits = 0;
        std::memcpy(&bits, halves + 2 * i, 2);
        const float value = elements.as == stored_elements::kind::float16 ? from_float16(bits) : from_bfloat16(bits);
        std::memcpy(to + 4 * i, &value, 4); // never beyond the half that has just been read
    }
}

void require_truth_values(const byte_source& source, const std::byte* values, std::size_t count)
{
    const std::byte* const end = values + count;
    const std::byte* const odd = std::find_if(values, end, [](std::byte b) { return std::to_integer<int>(b) > 1; });
    if (odd != end)
    {
        source.fail("element ", odd - values, " of the bool array is ", std::to_integer<int>(*odd),
                    "; a truth value is 0 or 1.");
    }
}

/// Copies elements whose first axis goes fastest into row-major order.
void to_row_major(const std::byte* from, std::byte* to, autograd::shape_view shape, std::size_t width)
{
    const std::size_t count = element_count(shape);
    autograd::shape_vector strides(shape.size(), 1);
    for (std::size_t axis = 1; axis < shape.size(); ++axis)
    {
        strides[axis] = strides[axis - 1] * shape[axis - 1];
    }
    autograd::shape_vector index(shape.size(), 0);
    std::size_t place = 0;
    for (std::size_t i = 0; i < count; ++i)
    {
        std::memcpy(to + i * width, from + place * width, width);
        for (std::size_t axis = shape.size(); axis-- > 0;)
        {
            place += strides[axis];
            if (++index[axis] < shape[axis])
            {
                break;
            }
            place -= strides[axis] * shape[axis];
            index[axis] = 0;
        }
    }
}

void read_in_order(byte_source& source, const stored_elements& elements, std::byte* to, std::size_t count)
{
    if (elements.as != stored_elements::kind::same)
    {
        read_halves(source, elements, to, count);
        return;
    }
    const std::size_t width = size_of(elements.type);
    source.read(to, count * width, data);
    if (elements.order != std::endian::native && width > 1)
    {
        reverse_bytes(to, count, width);
    }
    if (elements.type == element_type::boolean)
    {
        require_truth_values(source, to, count);
    }
}

} // namespace

autograd::shape_vector checked_shape(const byte_source& source, std::span<const std::uint64_t> extents)
{
    if (extents.size() > autograd::max_dimension)
    {
        source.fail("the array has ", extents.size(), " axes; there can be at most ", autograd::max_dimension, ".");
    }
    const autograd::shape_vector shape(extents.begin(), extents.end());
    try
    {
        element_count(shape);
    }
    catch (const autograd::error::shape_error&)
    {
        source.fail("the array has shape ", shape, "; its elements cannot be counted in 64 bits.");
    }
    return shape;
}

std::uint64_t stored_bytes(const byte_source& source, const stored_elements& elements, autograd::shape_view shape)
{
    std::uint64_t bytes = 0;
    if (__builtin_mul_overflow(element_count(shape), elements.width(), &bytes))
    {
        source.fail("the array has shape ", shape, "; its bytes cannot be counted in 64 bits.");
    }
    return bytes;
}

any_array read_elements(byte_source& source, const stored_elements& elements, autograd::shape_view shape)
{
    const std::uint64_t bytes = stored_bytes(source, elements, shape);
    if (bytes > source.most_left())
    {
        source.fail("the array has shape ", shape, ", which takes ", bytes, " bytes, but at most ", source.most_left(),
                    " follow; the file is cut short or damaged.");
    }
    const std::size_t count = element_count(shape);
    const auto read_to = [&](std::byte* to) { read_in_order(source, elements, to, count); };
    any_array array = any_array::make(elements.type, shape, read_to);
    if (!elements.first_axis_fastest || shape.size() < 2)
    {
        return array;
    }
    return any_array::make(elements.type, shape,
                           [&](std::byte* to) { to_row_major(array.data(), to, shape, size_of(elements.type)); });
}

std::span<const std::byte> little_endian(const any_array& array, std::vector<std::byte>& copy)
{
    if constexpr (std::endian::native == std::endian::little)
    {
        return {array.data(), array.bytes()};
    }
    copy.assign(array.data(), array.data() + array.bytes());
    reverse_bytes(copy.data(), array.size(), size_of(array.type()));
    return copy;
}

} // namespace nn::detail
