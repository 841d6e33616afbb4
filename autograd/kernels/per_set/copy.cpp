#include "autograd/kernels/copy.hpp"

#include "autograd/kernels/per_set/compiled.hpp"
#include "autograd/kernels/walk.hpp"
#include "autograd/parallel/ranges.hpp"

namespace autograd::kernels
{

inline namespace AUTOGRAD_KERNELS_INSTRUCTION_SET
{

namespace
{

/// The side of a square of elements that is transposed at a time: rows and columns of it fit into the first level
/// cache.
constexpr std::size_t block = 16;

/// to[i * columns + j] = from[i * row_stride + j * stride], in squares when neither way is along memory.
template <class E>
void copy_plane(const E* from, std::ptrdiff_t row_stride, std::ptrdiff_t stride, E* to, std::size_t rows,
                std::size_t columns)
{
    const auto at = [&](std::size_t i, std::size_t j)
    { return from[static_cast<std::ptrdiff_t>(i) * row_stride + static_cast<std::ptrdiff_t>(j) * stride]; };
    if (stride == 1 || stride == 0)
    {
        for (std::size_t i = 0; i < rows; ++i)
        {
            const E* row = from + static_cast<std::ptrdiff_t>(i) * row_stride;
            if (stride == 1)
            {
                std::copy_n(row, columns, to + i * columns);
            }
            else
            {
                std::fill_n(to + i * columns, columns, *row);
            }
        }
        return;
    }
    for (std::size_t top = 0; top < rows; top += block)
    {
        for (std::size_t left = 0; left < columns; left += block)
        {
            const std::size_t bottom = std::min(rows, top + block);
            const std::size_t right = std::min(columns, left + block);
            for (std::size_t i = top; i < bottom; ++i)
            {
                for (std::size_t j = left; j < right; ++j)
                {
                    to[i * columns + j] = at(i, j);
                }
            }
        }
    }
}

template <class E>
void copy_strided(const array_view& from, E* to)
{
    if (from.size == 0)
    {
        return;
    }
    const walk axes(from.shape, {&from, 1});
    const std::size_t columns = axes.extent(0);
    const std::size_t rows = axes.extent(1);
    const auto copy_row = [&](std::size_t first, std::size_t last)
    {
        const E* const start = from.as<E>() + static_cast<std::ptrdiff_t>(first) * axes.stride(0, 0);
        copy_plane(start, 0, axes.stride(0, 0), to + first, 1, last - first);
    };
    const auto copy_rows = [&](std::size_t first, std::size_t last)
    {
        std::size_t row = first == 0 ? 0 : first % rows; // of its plane
        axes.for_each_block(2, first == 0 ? 0 : first / rows, last == rows ? 1 : (last + rows - 1) / rows,
                            [&](const std::ptrdiff_t* offset)
                            {
                                const std::size_t end = std::min(rows, row + (last - first));
                                copy_plane(
                                    from.as<E>() + *offset + static_cast<std::ptrdiff_t>(row) * axes.stride(0, 1),
                                    axes.stride(0, 1), axes.stride(0, 0), to + first * columns, end - row, columns);
                                first += end - row;
                                row = 0;
                            });
    };
    const std::size_t all = axes.blocks(1);
    if (all == 1)
    {
        parallel::for_each_range(columns, from.size, block, copy_row);
    }
    else
    {
        parallel::for_each_range(all, from.size, block, copy_rows);
    }
}

/// put(target, number) for the elements of a dense array and their places, which are all different.
template <class E, class Put>
void put_strided(const E* from, shape_view shape, E* first, const std::ptrdiff_t* strides, Put put)
{
    const array_view to{first, shape, element_count(shape), strides};
    if (to.size == 0)
    {
        return;
    }
    const walk axes(shape, {&to, 1});
    const std::size_t count = axes.extent(0);
    const std::ptrdiff_t stride = axes.stride(0, 0);
    parallel::for_each_range(axes.blocks(1), to.size, 1,
                             [&](std::size_t begin, std::size_t end)
                             {
                                 const E* row = from + begin * count;
                                 axes.for_each_block(1, begin, end,
                                                     [&](const std::ptrdiff_t* offset)
                                                     {
                                                         E* target = first + *offset;
                                                         for (std::size_t i = 0; i < count; ++i)
                                                         {
                                                             put(target[static_cast<std::ptrdiff_t>(i) * stride],
                                                                 row[i]);
                                                         }
                                                         row += count;
                                                     });
                             });
}

template <class E>
void copy_to_strided(const E* from, shape_view shape, E* first, const std::ptrdiff_t* strides)
{
    put_strided(from, shape, first, strides, [](E& target, E number) { target = number; });
}

template <class E>
void add_to_strided(const E* from, shape_view shape, E* first, const std::ptrdiff_t* strides)
{
    put_strided(from, shape, first, strides, [](E& target, E number) { target += number; });
}

template <class E>
void copy_pieces(const E* from, std::size_t from_step, E* to, std::size_t to_step, std::size_t length, std::size_t rows)
{
    const std::size_t rows_with_elements = length == 0 ? 0 : rows; // there may be 2^40 empty ones
    parallel::for_each_range(rows_with_elements, rows_with_elements * length, 1,
                             [&](std::size_t first, std::size_t last)
                             {
                                 for (std::size_t row = first; row < last; ++row)
                                 {
                                     std::copy_n(from + row * from_step, length, to + row * to_step);
                                 }
                             });
}

} // namespace

#define AUTOGRAD_COMPILED(E)                                                                                           \
    template <>                                                                                                        \
    constinit const copy_kernels<E> compiled<copy_kernels<E>>::kernels{.strided = copy_strided<E>,                     \
                                                                       .to_strided = copy_to_strided<E>,               \
                                                                       .add_to_strided = add_to_strided<E>,            \
                                                                       .pieces = copy_pieces<E>};
AUTOGRAD_COMPILED(float)
AUTOGRAD_COMPILED(double)
AUTOGRAD_COMPILED(std::int64_t)
#undef AUTOGRAD_COMPILED

} // namespace AUTOGRAD_KERNELS_INSTRUCTION_SET

} // namespace autograd::kernels
