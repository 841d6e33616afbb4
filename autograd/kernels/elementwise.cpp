#include "autograd/kernels/elementwise.hpp"

#include "autograd/kernels/walk.hpp"
#include "autograd/parallel/ranges.hpp"

namespace autograd::kernels
{

namespace
{

/// Results computed between two looks at the strides: small enough that a few operands of a tile stay in the first
/// level cache, large enough that the looks do not count.
constexpr std::size_t most_of_tile = 512;

/// The elements of all tiles, which lie on the stack: of many operands each has a smaller one.
constexpr std::size_t elements_of_tiles = 6 * most_of_tile;

/// Innermost axes from this length on are runs of their own; shorter ones are gathered into tiles.
constexpr std::size_t long_row = 64;
static_assert(long_row <= elements_of_tiles / most_operands);

/// Where a run is divided: between whole cache lines.
constexpr std::size_t unit_of_ranges = 64;

bool is_splat(const array_view& x)
{
    return std::all_of(x.strides, x.strides + x.shape.size(), [](std::ptrdiff_t stride) { return stride == 0; });
}

/// The first `known` elements again and again, up to `count` of them.
template <class T>
void repeat(T* elements, std::size_t known, std::size_t count)
{
    for (std::size_t copied = 0; known < count; known += copied)
    {
        copied = std::min(known, count - known);
        std::copy_n(elements, copied, elements + known);
    }
}

/// Rows of `inner` elements each, one behind the other in `tile`.
template <class T>
void gather_rows(const T* from, std::ptrdiff_t row_stride, std::size_t rows, std::ptrdiff_t inner_stride,
                 std::size_t inner, T* tile)
{
    for (std::size_t row = 0; row < rows; ++row, from += row_stride)
    {
        for (std::size_t i = 0; i < inner; ++i)
        {
            *tile++ = from[static_cast<std::ptrdiff_t>(i) * inner_stride];
        }
    }
}

/// The two innermost axes when the last one is short: a run is as many rows as fit into a tile.
template <class T>
class tiled_rows
{
public:
    tiled_rows(const evaluation<T>& call, const walk& axes)
        : m_call(call), m_axes(axes), m_tile_elements(std::min(most_of_tile, elements_of_tiles / call.operands.size()))
    {
    }

    /// Rows [first, last) of the block that starts there.
    void compute(const std::ptrdiff_t* offsets, std::size_t first, std::size_t last, T* result, run_function<T> run)
    {
        const std::size_t inner = m_axes.extent(0);
        const std::size_t rows_of_tile = m_tile_elements / inner;
        for (std::size_t row = first; row < last; row += rows_of_tile)
        {
            const std::size_t count = std::min(rows_of_tile, last - row);
            for (std::size_t k = 0; k < m_call.operands.size(); ++k)
            {
                m_operands[k] = {place(k, offsets[k], row, count, row == first), false};
            }
            run(m_operands, result + row * inner, count * inner, m_call.attributes);
        }
    }

private:
    /// The rows of operand k, where they are if they are dense, else in its tile.
    const T* place(std::size_t k, std::ptrdiff_t offset, std::size_t row, std::size_t count, bool is_first)
    {
        const auto inner = static_cast<std::ptrdiff_t>(m_axes.extent(0));
        const T* from = m_call.in(k) + offset + static_cast<std::ptrdiff_t>(row) * m_axes.stride(k, 1);
        if (m_axes.stride(k, 0) == 1 && (m_axes.stride(k, 1) == inner || count == 1))
        {
            return from;
        }
        T* tile = m_tiles + k * m_tile_elements;
        const bool repeats = m_axes.stride(k, 1) == 0;
        if (!repeats || is_first) // the same row again and again: the first tile holds for all
        {
            gather_rows(from, m_axes.stride(k, 1), repeats ? 1 : count, m_axes.stride(k, 0), m_axes.extent(0), tile);
            repeat(tile, m_axes.extent(0), repeats ? count * m_axes.extent(0) : 0);
        }
        return tile;
    }

    const evaluation<T>& m_call;
    const walk& m_axes;
    std::size_t m_tile_elements; ///< of one operand
    run_operand<T> m_operands[most_operands];
    T m_tiles[elements_of_tiles];
};

/// One run, or several at one time.
template <class T>
void run_in_ranges(const evaluation<T>& call, const run_operand<T>* operands, T* result, std::size_t count,
                   run_function<T> run)
{
    if (!parallel::is_divided(count))
    {
        run(operands, result, count, call.attributes);
        return;
    }
    parallel::for_each_range(count, count, unit_of_ranges,
                             [&](std::size_t first, std::size_t last)
                             {
                                 run_operand<T> of_range[most_operands];
                                 for (std::size_t k = 0; k < call.operands.size(); ++k)
                                 {
                                     const bool splat = operands[k].splat;
                                     of_range[k] = {operands[k].data + (splat ? 0 : first), splat};
                                 }
                                 run(of_range, result + first, last - first, call.attributes);
                             });
}

/// Rows [first, last) of the result, each a run.
template <class T>
void for_each_long_row(const evaluation<T>& call, const walk& axes, std::size_t first, std::size_t last,
                       run_function<T> run)
{
    const std::size_t length = axes.extent(0);
    T* result = call.out() + first * length;
    run_operand<T> operands[most_operands];
    axes.for_each_block(1, first, last,
                        [&](const std::ptrdiff_t* offsets)
                        {
                            for (std::size_t k = 0; k < call.operands.size(); ++k)
                            {
                                operands[k] = {call.in(k) + offsets[k], axes.stride(k, 0) == 0};
                            }
                            run_in_ranges(call, operands, result, length, run);
                            result += length;
                        });
}

/// The same of short rows, which are gathered into tiles.
template <class T>
void for_each_tile(const evaluation<T>& call, const walk& axes, std::size_t first, std::size_t last,
                   run_function<T> run)
{
    const std::size_t length = axes.extent(0);
    const std::size_t rows = axes.extent(1);
    tiled_rows<T> tiles(call, axes);
    std::size_t row = first == 0 ? 0 : first % rows; // of the block
    axes.for_each_block(2, first == 0 ? 0 : first / rows, last == rows ? 1 : (last + rows - 1) / rows,
                        [&](const std::ptrdiff_t* offsets)
                        {
                            const std::size_t end = std::min(rows, row + (last - first));
                            tiles.compute(offsets, row, end, call.out() + (first - row) * length, run);
                            first += end - row;
                            row = 0;
                        });
}

template <class T>
void for_each_broadcast_run(const evaluation<T>& call, run_function<T> run)
{
    const walk axes(call.shape, call.operands);
    const std::size_t rows = axes.blocks(1);
    const auto compute = axes.extent(0) >= long_row ? for_each_long_row<T> : for_each_tile<T>;
    parallel::for_each_range_of_items(
        rows, axes.extent(0), 1, [&](std::size_t first, std::size_t last) { compute(call, axes, first, last, run); });
}

} // namespace

template <class T>
void for_each_run(const evaluation<T>& call, run_function<T> run)
{
    if (call.size == 0)
    {
        return;
    }
    run_operand<T> operands[most_operands];
    for (std::size_t k = 0; k < call.operands.size(); ++k)
    {
        const array_view& x = call.operands[k];
        operands[k] = {call.in(k), !x.dense()};
        if (!x.dense() && !is_splat(x))
        {
            for_each_broadcast_run(call, run);
            return;
        }
    }
    run_in_ranges(call, operands, call.out(), call.size, run);
}

template void for_each_run(const evaluation<float>&, run_function<float>);
template void for_each_run(const evaluation<double>&, run_function<double>);

} // namespace autograd::kernels
