#include "autograd/kernels/index.hpp"

#include "autograd/kernels/pairs.hpp"
#include "autograd/tape/error.hpp"

namespace autograd::kernels
{

axis_blocks::axis_blocks(shape_view shape, std::size_t axis)
    : outer(element_count(shape.slice(0, axis))),
      length(shape[axis]),
      inner(element_count(shape.slice(axis + 1, shape.size())))
{
}

// ---------------------------------------------------------------------------------------------------------- checks

std::string position_of(std::size_t element, shape_view shape)
{
    std::string text;
    for (std::size_t axis = shape.size(); axis-- > 0; element /= shape[axis])
    {
        text = std::to_string(element % shape[axis]) + (text.empty() ? "" : ", ") + text;
    }
    return "(" + text + ")";
}

namespace
{

/// The number of the first element that is outside, or the size when none is.
template <class Outside>
std::size_t first_outside(const array_view& indices, Outside outside)
{
    const auto* first = indices.as<std::int64_t>();
    const auto* last = first + indices.size;
    // A loop without a way out runs on vectors; where the first one is matters to errors only.
    bool any = false;
    for (const auto* index = first; index != last; ++index)
    {
        any |= outside(*index);
    }
    return any ? static_cast<std::size_t>(std::find_if(first, last, outside) - first) : indices.size;
}

} // namespace

void check_indices(const array_view& indices, std::size_t length, std::size_t axis, const char* operation)
{
    // -length <= index < length, in one comparison of unsigned numbers
    const auto outside = [length](std::int64_t index)
    { return static_cast<std::uint64_t>(index) + length >= 2 * length; };
    const std::size_t element = first_outside(indices, outside);
    if (element < indices.size)
    {
        throw error::index_error(operation, "index ", indices.as<std::int64_t>()[element], " at position ",
                                 position_of(element, indices.shape), " is outside axis ", axis, " of length ", length,
                                 ".");
    }
}

void check_classes(const array_view& labels, std::size_t classes, const char* operation)
{
    const auto outside = [classes](std::int64_t label) { return static_cast<std::uint64_t>(label) >= classes; };
    const std::size_t element = first_outside(labels, outside);
    if (element < labels.size)
    {
        throw error::index_error(operation, "class ", labels.as<std::int64_t>()[element], " at position ",
                                 position_of(element, labels.shape), " is not one of ", classes,
                                 "; classes are numbered from 0.");
    }
}

// ----------------------------------------------------------------------------------------------------------- masks

template <class T>
void equal_indices(const array_view& a, const array_view& b, shape_view shape, T* mask)
{
    const auto* x = a.as<std::int64_t>();
    const auto* y = b.as<std::int64_t>();
    for_each_pair(shape, broadcast_strides(a, shape), broadcast_strides(b, shape),
                  [&](std::ptrdiff_t at_x, std::ptrdiff_t at_y) { *mask++ = x[at_x] == y[at_y] ? T(1) : T(0); });
}

template <class T>
void one_hot(const array_view& labels, std::size_t classes, T* y)
{
    std::fill_n(y, labels.size * classes, T(0));
    const auto* label = labels.as<std::int64_t>();
    for (std::size_t p = 0; p < labels.size; ++p)
    {
        y[p * classes + static_cast<std::size_t>(label[p])] = T(1);
    }
}

// ----------------------------------------------------------------------------------------------------------- order

namespace
{

/// An element and where it stood. The place breaks ties: an order of these is total, hence stable.
template <class T>
struct placed
{
    T value;
    std::int64_t place;
};

/// Ascending, with NaN for the largest.
template <class T>
bool ascending(const placed<T>& a, const placed<T>& b)
{
    if (a.value < b.value || b.value < a.value)
    {
        return a.value < b.value;
    }
    const bool a_is_nan = a.value != a.value;
    const bool b_is_nan = b.value != b.value;
    return a_is_nan != b_is_nan ? b_is_nan : a.place < b.place;
}

/// The same values descending; ties in their order, too.
template <class T>
bool descending(const placed<T>& a, const placed<T>& b)
{
    return ascending(placed<T>{b.value, a.place}, placed<T>{a.value, b.place});
}

/// The places of the first `count` of each line in the order `before`.
template <class T, class Before>
void order_lines(const T* x, const axis_blocks& of_x, std::size_t count, std::int64_t* order, scratch_memory scratch,
                 Before before)
{
    const std::size_t lines = of_x.outer * of_x.inner;
    if (lines == 0 || count == 0)
    {
        return; // however long the lines, or however many
    }
    const std::span<placed<T>> line(scratch.take<placed<T>>(of_x.length), of_x.length);
    for (std::size_t block = 0; block < lines; ++block)
    {
        const std::size_t outer = block / of_x.inner;
        const std::size_t inner = block % of_x.inner;
        const T* from = x + outer * of_x.length * of_x.inner + inner;
        for (std::size_t i = 0; i < of_x.length; ++i)
        {
            line[i] = {from[i * of_x.inner], static_cast<std::int64_t>(i)};
        }
        const auto middle = line.begin() + static_cast<std::ptrdiff_t>(count);
        if (middle != line.end())
        {
            std::nth_element(line.begin(), middle, line.end(), before);
        }
        std::sort(line.begin(), middle, before);
        std::int64_t* to = order + outer * count * of_x.inner + inner;
        for (std::size_t i = 0; i < count; ++i)
        {
            to[i * of_x.inner] = line[i].place;
        }
    }
}

} // namespace

template <class T>
void argsort(const T* x, const axis_blocks& of_x, std::int64_t* order, scratch_memory scratch)
{
    order_lines(x, of_x, of_x.length, order, scratch,
                [](const placed<T>& a, const placed<T>& b) { return ascending(a, b); });
}

template <class T>
void arglargest(const T* x, const axis_blocks& of_x, std::size_t count, std::int64_t* order, scratch_memory scratch)
{
    order_lines(x, of_x, count, order, scratch,
                [](const placed<T>& a, const placed<T>& b) { return descending(a, b); });
}

template <class T>
std::size_t scratch_of_order(std::size_t length)
{
    scratch_memory scratch;
    scratch.take<placed<T>>(length);
    return scratch.bytes();
}

#define AUTOGRAD_INSTANTIATE(T)                                                                                        \
    template void argsort(const T*, const axis_blocks&, std::int64_t*, scratch_memory);                                \
    template void arglargest(const T*, const axis_blocks&, std::size_t, std::int64_t*, scratch_memory);                \
    template std::size_t scratch_of_order<T>(std::size_t);                                                             \
    template void one_hot(const array_view&, std::size_t, T*);                                                         \
    template void equal_indices(const array_view&, const array_view&, shape_view, T*);
AUTOGRAD_INSTANTIATE(float)
AUTOGRAD_INSTANTIATE(double)
#undef AUTOGRAD_INSTANTIATE

} // namespace autograd::kernels
