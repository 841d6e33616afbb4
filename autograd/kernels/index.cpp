#include "autograd/kernels/index.hpp"

#include "autograd/kernels/walk.hpp"
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

namespace
{

/// The place of an element, counted in row-major order, as text: "(2)", "(0, 3)".
std::string position_of(std::size_t element, shape_view shape)
{
    std::string text;
    for (std::size_t axis = shape.size(); axis-- > 0; element /= shape[axis])
    {
        text = std::to_string(element % shape[axis]) + (text.empty() ? "" : ", ") + text;
    }
    return "(" + text + ")";
}

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

/// The element that an index in [-length, length) means.
inline std::ptrdiff_t position(std::int64_t index, std::size_t length)
{
    return static_cast<std::ptrdiff_t>(index < 0 ? index + static_cast<std::int64_t>(length) : index);
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

// ------------------------------------------------------------------------------------------------- along one axis

template <class T>
void gather(const T* x, const axis_blocks& of_x, const array_view& indices, T* y)
{
    const auto* index = indices.as<std::int64_t>();
    const auto inner = static_cast<std::ptrdiff_t>(of_x.inner);
    for (std::size_t outer = 0; outer < of_x.outer; ++outer, x += of_x.length * of_x.inner)
    {
        for (std::size_t p = 0; p < indices.size; ++p, y += inner)
        {
            const T* row = x + position(index[p], of_x.length) * inner;
            if (inner == 1)
            {
                *y = *row;
            }
            else
            {
                std::copy_n(row, inner, y);
            }
        }
    }
}

template <class T>
void add_at(const T* updates, const array_view& indices, const axis_blocks& of_y, T* y)
{
    const auto* index = indices.as<std::int64_t>();
    const auto inner = static_cast<std::ptrdiff_t>(of_y.inner);
    for (std::size_t outer = 0; outer < of_y.outer; ++outer, y += of_y.length * of_y.inner)
    {
        for (std::size_t p = 0; p < indices.size; ++p, updates += inner)
        {
            T* __restrict row = y + position(index[p], of_y.length) * inner;
            for (std::ptrdiff_t i = 0; i < inner; ++i)
            {
                row[i] += updates[i];
            }
        }
    }
}

// ---------------------------------------------------------------------------------------------------- with strides

namespace
{

using strides_array = std::array<std::ptrdiff_t, max_dimension>;

/// The strides with which an array is read as one of a shape that it broadcasts to.
strides_array broadcast_strides(const array_view& x, shape_view shape)
{
    strides_array strides{};
    const std::size_t added = shape.size() - x.shape.size();
    std::ptrdiff_t dense = 1;
    for (std::size_t axis = x.shape.size(); axis-- > 0;)
    {
        if (x.shape[axis] != 1)
        {
            strides[added + axis] = x.dense() ? dense : x.strides[axis];
        }
        dense *= static_cast<std::ptrdiff_t>(x.shape[axis]);
    }
    return strides;
}

/// Calls f(offset_a, offset_b) for every element of a shape, in row-major order: where it stands in two arrays.
template <class F>
void for_each_pair(shape_view shape, const strides_array& a, const strides_array& b, F f)
{
    const std::size_t size = element_count(shape);
    if (size == 0)
    {
        return;
    }
    const array_view arrays[] = {{nullptr, shape, size, a.data()}, {nullptr, shape, size, b.data()}};
    const walk axes(shape, arrays);
    const std::size_t count = axes.extent(0);
    const std::ptrdiff_t step_a = axes.stride(0, 0);
    const std::ptrdiff_t step_b = axes.stride(1, 0);
    axes.for_each_block(1,
                        [&](const std::ptrdiff_t* offsets)
                        {
                            std::ptrdiff_t at_a = offsets[0];
                            std::ptrdiff_t at_b = offsets[1];
                            for (std::size_t i = 0; i < count; ++i, at_a += step_a, at_b += step_b)
                            {
                                f(at_a, at_b);
                            }
                        });
}

/// Calls f(offset) for every element of a shape, in row-major order: where the element of `indexed` stands that the
/// indices put in its place along the axis.
template <class F>
void for_each_indexed(const array_view& indexed, const array_view& indices, std::size_t axis, shape_view shape, F f)
{
    // Off the axis an element stands where its line starts; along the axis, where the index says.
    strides_array lines = broadcast_strides(indexed, shape);
    const std::ptrdiff_t step = lines[axis];
    lines[axis] = 0;
    const std::size_t length = indexed.shape[axis];
    const auto* index = indices.as<std::int64_t>();
    for_each_pair(shape, lines, broadcast_strides(indices, shape),
                  [&](std::ptrdiff_t line, std::ptrdiff_t at) { f(line + position(index[at], length) * step); });
}

} // namespace

template <class T>
void take_along_axis(const array_view& x, const array_view& indices, std::size_t axis, shape_view shape, T* y)
{
    const T* from = x.as<T>();
    for_each_indexed(x, indices, axis, shape, [&](std::ptrdiff_t offset) { *y++ = from[offset]; });
}

template <class T>
void add_along_axis(const array_view& updates, const array_view& indices, std::size_t axis, shape_view shape, T* y)
{
    const T* update = updates.as<T>();
    const array_view result{y, shape, element_count(shape), nullptr};
    for_each_indexed(result, indices, axis, updates.shape, [&](std::ptrdiff_t offset) { y[offset] += *update++; });
}

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
void order_lines(const T* x, const axis_blocks& of_x, std::size_t count, std::int64_t* order, Before before)
{
    const std::size_t lines = of_x.outer * of_x.inner;
    if (lines == 0 || count == 0)
    {
        return; // however long the lines, or however many
    }
    constexpr std::size_t on_the_stack = 256;
    autograd::detail::small_buffer<placed<T>, on_the_stack> line(of_x.length);
    for (std::size_t block = 0; block < lines; ++block)
    {
        const std::size_t outer = block / of_x.inner;
        const std::size_t inner = block % of_x.inner;
        const T* from = x + outer * of_x.length * of_x.inner + inner;
        for (std::size_t i = 0; i < of_x.length; ++i)
        {
            line[i] = {from[i * of_x.inner], static_cast<std::int64_t>(i)};
        }
        placed<T>* const middle = line.begin() + count;
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
void argsort(const T* x, const axis_blocks& of_x, std::int64_t* order)
{
    order_lines(x, of_x, of_x.length, order, [](const placed<T>& a, const placed<T>& b) { return ascending(a, b); });
}

template <class T>
void arglargest(const T* x, const axis_blocks& of_x, std::size_t count, std::int64_t* order)
{
    order_lines(x, of_x, count, order, [](const placed<T>& a, const placed<T>& b) { return descending(a, b); });
}

#define AUTOGRAD_INSTANTIATE(T)                                                                                        \
    template void gather(const T*, const axis_blocks&, const array_view&, T*);                                         \
    template void add_at(const T*, const array_view&, const axis_blocks&, T*);                                         \
    template void take_along_axis(const array_view&, const array_view&, std::size_t, shape_view, T*);                  \
    template void add_along_axis(const array_view&, const array_view&, std::size_t, shape_view, T*);                   \
    template void argsort(const T*, const axis_blocks&, std::int64_t*);                                                \
    template void arglargest(const T*, const axis_blocks&, std::size_t, std::int64_t*);                                \
    template void one_hot(const array_view&, std::size_t, T*);                                                         \
    template void equal_indices(const array_view&, const array_view&, shape_view, T*);
AUTOGRAD_INSTANTIATE(float)
AUTOGRAD_INSTANTIATE(double)
#undef AUTOGRAD_INSTANTIATE

} // namespace autograd::kernels
