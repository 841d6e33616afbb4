#pragma once

#include "autograd/kernels/lines.hpp"
#include "autograd/kernels/per_set/fold.hpp"
#include "autograd/parallel/ranges.hpp"

#include <type_traits>

/// The lines of an array along an axis, handed to a kernel by rows or by columns, whichever vectorises.
namespace autograd::kernels
{

inline namespace AUTOGRAD_KERNELS_INSTRUCTION_SET
{

/// Items up to Program::small_item are transposed, many at a time, so that the lanes of a pack hold different items: a
/// row of two numbers fills no pack.
template <class T, class Program>
bool has_small_items(const lines& of)
{
    return of.item() <= Program::small_item && of.outer >= pack<T>::size;
}

/// Room for the numbers of a tile of transposed items.
inline constexpr std::size_t tile_numbers = 1024;

/// How many items a tile holds.
template <class T>
std::size_t items_of_tile(std::size_t item)
{
    return std::min(column_tile, tile_numbers / item / pack<T>::size * pack<T>::size);
}

/// Calls f with the item's size, as a constant where it is one of the smallest: those loops vectorise.
template <class F>
void with_item(std::size_t item, F f)
{
    switch (item)
    {
    case 1:
        return f(std::integral_constant<std::size_t, 1>());
    case 2:
        return f(std::integral_constant<std::size_t, 2>());
    case 3:
        return f(std::integral_constant<std::size_t, 3>());
    case 4:
        return f(std::integral_constant<std::size_t, 4>());
    default:
        return f(item);
    }
}

/// tile[e][i] = x[i][e], for `items` items, in rows of `width` numbers. The lanes up to a whole pack repeat an item.
template <class T>
void transpose_in(const T* x, std::size_t items, std::size_t item, T* tile, std::size_t width)
{
    with_item(item,
              [&](auto size)
              {
                  for (std::size_t e = 0; e < size; ++e)
                  {
                      T* row = tile + e * width;
                      for (std::size_t i = 0; i < items; ++i)
                      {
                          row[i] = x[i * size + e];
                      }
                      std::fill(row + items, row + in_packs<T>(items), x[e]);
                  }
              });
}

/// y[i][e] = tile[e][i]
template <class E>
void transpose_out(const E* tile, std::size_t width, std::size_t items, std::size_t item, E* y)
{
    with_item(item,
              [&](auto size)
              {
                  for (std::size_t e = 0; e < size; ++e)
                  {
                      const E* row = tile + e * width;
                      for (std::size_t i = 0; i < items; ++i)
                      {
                          y[i * size + e] = row[i];
                      }
                  }
              });
}

/// Whether a program, as one that keeps what it needs in memory of its own, is called by one thread at a time.
template <class Program>
concept one_at_a_time = requires
{
    requires Program::one_at_a_time;
};

/// f(first, last) for ranges of items that begin at multiples of `unit`. Folds divide long ones.
template <class Program, class F>
void for_each_range_of_items(const lines& of, std::size_t unit, const F& f)
{
    if constexpr (one_at_a_time<Program>)
    {
        f(std::size_t{0}, of.outer);
    }
    else
    {
        parallel::for_each_range_of_items(of.outer, of.item(), unit, f);
    }
}

/// How wide tiles of columns are that are shared out: narrower where there would be few, but whole cache lines.
inline std::size_t width_of_shared_tiles(const lines& of)
{
    constexpr std::size_t enough = 8;
    constexpr std::size_t least_width = 64;
    std::size_t width = column_tile;
    while (width > least_width && of.outer * ((of.inner + width - 1) / width) < enough)
    {
        width /= 2;
    }
    return width;
}

/// f(item, column, width) for the tiles of columns of all items, by several threads. Of few columns of many rows folds
/// divide the rows.
template <class F>
void share_column_tiles(const lines& of, const F& f)
{
    const std::size_t width = width_of_shared_tiles(of);
    const std::size_t tiles = (of.inner + width - 1) / width;
    const std::size_t all = of.outer * tiles;
    const bool are_rows_divided = all < 4 && of.length >= 8 * rows_of_block;
    const auto range = [&](std::size_t first, std::size_t last)
    {
        for (std::size_t k = first; k < last; ++k)
        {
            const std::size_t column = k % tiles * width;
            f(k / tiles, column, std::min(width, of.inner - column));
        }
    };
    if (are_rows_divided)
    {
        range(0, all);
    }
    else
    {
        parallel::for_each_range(all, of.size(), 1, range);
    }
}

/// The same, one tile after the other where that is no work to be divided.
template <class Program, class F>
void for_each_column_tile(const lines& of, const F& f)
{
    if (!one_at_a_time<Program> && parallel::is_divided(of.size()))
    {
        share_column_tiles(of, f);
        return;
    }
    for (std::size_t item = 0; item < of.outer; ++item)
    {
        for (std::size_t c = 0; c < of.inner; c += column_tile)
        {
            f(item, c, std::min(column_tile, of.inner - c));
        }
    }
}

/// Of items [begin, end).
template <class T, class Result, class Program>
void reduce_small_items(const T* x, const lines& of, std::size_t begin, std::size_t end, Result* y,
                        const Program& program)
{
    T tile[tile_numbers];
    Result results[tile_numbers];
    const std::size_t width = items_of_tile<T>(of.item());
    for (std::size_t first = begin; first < end; first += width)
    {
        const std::size_t count = std::min(width, end - first);
        transpose_in(x + first * of.item(), count, of.item(), tile, width);
        for (std::size_t k = 0; k < of.inner; ++k)
        {
            program.columns(tile + k * width, of.length, of.inner * width, in_packs<T>(count), results + k * width);
        }
        transpose_out(results, width, count, of.inner, y + first * of.inner);
    }
}

template <class T, class Result, class Program>
void reduce_columns(const T* x, const lines& of, Result* y, const Program& program)
{
    for_each_column_tile<Program>(of,
                                  [&](std::size_t item, std::size_t c, std::size_t width)
                                  {
                                      Result results[column_tile];
                                      program.columns(x + item * of.item() + c, of.length, of.inner, width, results);
                                      std::copy_n(results, width, y + item * of.inner + c);
                                  });
}

/// One result for each line, of a length > 0. The program has small_item, at most 32, and
///     Result row(const T* x, std::size_t length)
///     void columns(const T* x, std::size_t rows, std::size_t stride, std::size_t width, Result* y)
/// where width is at most column_tile and y has room for whole packs. Several threads call it.
template <class T, class Result, class Program>
void reduce_lines(const T* x, const lines& of, Result* y, const Program& program)
{
    if (has_small_items<T, Program>(of))
    {
        for_each_range_of_items<Program>(of, items_of_tile<T>(of.item()),
                                         [&](std::size_t first, std::size_t last)
                                         { reduce_small_items(x, of, first, last, y, program); });
    }
    else if (of.inner == 1)
    {
        for_each_range_of_items<Program>(of, 1,
                                         [&](std::size_t first, std::size_t last)
                                         {
                                             for (std::size_t item = first; item < last; ++item)
                                             {
                                                 y[item] = program.row(x + item * of.length, of.length);
                                             }
                                         });
    }
    else
    {
        reduce_columns(x, of, y, program);
    }
}

/// An operand of map_lines that has one number for each line.
template <class T>
struct each_line
{
    const T* data;
};

namespace detail
{

template <class T>
std::size_t numbers_of_item(const T*, const lines& of)
{
    return of.item();
}
template <class T>
std::size_t numbers_of_item(each_line<T>, const lines& of)
{
    return of.inner;
}

/// An operand from an item on, and there from a column on.
template <class T>
const T* from(const T* x, const lines& of, std::size_t item, std::size_t column = 0)
{
    return x + item * of.item() + column;
}
template <class T>
const T* from(each_line<T> x, const lines& of, std::size_t item, std::size_t column = 0)
{
    return x.data + item * of.inner + column;
}

} // namespace detail

/// Of items [begin, end).
template <class T, class Program, class... X>
[[gnu::noinline]] void map_small_items(const lines& of, std::size_t begin, std::size_t end, T* y,
                                       const Program& program, X... x)
{
    T results[tile_numbers];
    T tiles[sizeof...(X)][tile_numbers];
    const std::size_t width = items_of_tile<T>(of.item());
    const std::size_t stride = of.inner * width;
    for (std::size_t first = begin; first < end; first += width)
    {
        const std::size_t count = std::min(width, end - first);
        std::size_t operand = 0;
        (transpose_in(detail::from(x, of, first), count, detail::numbers_of_item(x, of), tiles[operand++], width), ...);
        for (std::size_t k = 0; k < of.inner; ++k)
        {
            [&]<std::size_t... K>(std::index_sequence<K...>)
            {
                program.columns(of.length, stride, in_packs<T>(count), results + k * width,
                                static_cast<const T*>(tiles[K] + k * width)...);
            }
            (std::index_sequence_for<X...>());
        }
        transpose_out(results, width, count, of.item(), y + first * of.item());
    }
}

/// How many rows a program takes at a time.
template <class Program>
constexpr std::size_t rows_at_a_time()
{
    if constexpr (requires { Program::rows_together; })
    {
        return Program::rows_together;
    }
    else
    {
        return 1;
    }
}

/// Of items [begin, end).
template <class T, class Program, class... X>
void map_rows(const lines& of, std::size_t begin, std::size_t end, T* y, const Program& program, X... x)
{
    std::size_t item = begin;
    if constexpr (rows_at_a_time<Program>() > 1)
    {
        for (; item + Program::rows_together <= end; item += Program::rows_together)
        {
            program.rows(of.length, y + item * of.length, detail::from(x, of, item)...);
        }
    }
    for (; item < end; ++item)
    {
        program.row(of.length, y + item * of.length, detail::from(x, of, item)...);
    }
}

/// Not inlined: a short row would wait for the room of a tile.
template <class T, class Program, class... X>
[[gnu::noinline]] void map_columns(const lines& of, T* y, const Program& program, X... x)
{
    for_each_column_tile<Program>(
        of, [&](std::size_t item, std::size_t c, std::size_t width)
        { program.columns(of.length, of.inner, width, y + item * of.item() + c, detail::from(x, of, item, c)...); });
}

/// A line of results for each line of the operands, which are a const T* each or an each_line<T>. The program has
/// small_item, at most 32, and
///     void row(std::size_t length, T* y, const T* x...)
///     void columns(std::size_t rows, std::size_t stride, std::size_t width, T* y, const T* x...)
/// where width is at most column_tile; there is one row of an each_line. With rows_together, it also has
///     void rows(std::size_t length, T* y, const T* x...)
/// for so many rows one behind the other: walks in order have nothing else to do between two steps. Several threads
/// call it, unless it says one_at_a_time.
template <class T, class Program, class... X>
void map_lines(const lines& of, T* y, const Program& program, X... x)
{
    if (of.size() == 0)
    {
        return;
    }
    if (has_small_items<T, Program>(of))
    {
        for_each_range_of_items<Program>(of, items_of_tile<T>(of.item()),
                                         [&](std::size_t first, std::size_t last)
                                         { map_small_items(of, first, last, y, program, x...); });
    }
    else if (of.inner == 1)
    {
        for_each_range_of_items<Program>(of, rows_at_a_time<Program>(),
                                         [&](std::size_t first, std::size_t last)
                                         { map_rows(of, first, last, y, program, x...); });
    }
    else
    {
        map_columns(of, y, program, x...);
    }
}

} // namespace AUTOGRAD_KERNELS_INSTRUCTION_SET

} // namespace autograd::kernels
