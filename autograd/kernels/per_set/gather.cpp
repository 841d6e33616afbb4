#include "autograd/kernels/gather.hpp"

#include "autograd/kernels/pairs.hpp"
#include "autograd/kernels/per_set/compiled.hpp"
#include "autograd/parallel/ranges.hpp"

namespace autograd::kernels
{

inline namespace AUTOGRAD_KERNELS_INSTRUCTION_SET
{

namespace
{

/// The element that an index in [-length, length) means.
inline std::ptrdiff_t position(std::int64_t index, std::size_t length)
{
    return static_cast<std::ptrdiff_t>(index < 0 ? index + static_cast<std::int64_t>(length) : index);
}

// ------------------------------------------------------------------------------------------------- along one axis

template <class T>
void gather(const T* x, const axis_blocks& of_x, const array_view& indices, T* y)
{
    const auto* index = indices.as<std::int64_t>();
    const auto inner = static_cast<std::ptrdiff_t>(of_x.inner);
    const auto take = [&](std::size_t outer, std::size_t first, std::size_t last)
    {
        const T* const from = x + outer * of_x.length * of_x.inner;
        T* to = y + (outer * indices.size + first) * of_x.inner;
        for (std::size_t p = first; p < last; ++p, to += inner)
        {
            const T* row = from + position(index[p], of_x.length) * inner;
            if (inner == 1)
            {
                *to = *row;
            }
            else
            {
                std::copy_n(row, inner, to);
            }
        }
    };
    const std::size_t size = of_x.outer * indices.size * of_x.inner;
    if (of_x.outer == 1)
    {
        parallel::for_each_range(indices.size, size, 1,
                                 [&](std::size_t first, std::size_t last) { take(0, first, last); });
        return;
    }
    parallel::for_each_range(of_x.outer, size, 1,
                             [&](std::size_t first, std::size_t last)
                             {
                                 for (std::size_t outer = first; outer < last; ++outer)
                                 {
                                     take(outer, 0, indices.size);
                                 }
                             });
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

} // namespace

#define AUTOGRAD_COMPILED(T)                                                                                           \
    template <>                                                                                                        \
    constinit const gather_kernels<T> compiled<gather_kernels<T>>::kernels{.gather = gather<T>,                        \
                                                                           .add_at = add_at<T>,                        \
                                                                           .take_along_axis = take_along_axis<T>,      \
                                                                           .add_along_axis = add_along_axis<T>};
AUTOGRAD_COMPILED(float)
AUTOGRAD_COMPILED(double)
#undef AUTOGRAD_COMPILED

} // namespace AUTOGRAD_KERNELS_INSTRUCTION_SET

} // namespace autograd::kernels
