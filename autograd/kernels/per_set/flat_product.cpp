#include "autograd/kernels/flat_product.hpp"

#include "autograd/kernels/per_set/compiled.hpp"
#include "autograd/kernels/per_set/fold.hpp"
#include "autograd/kernels/per_set/multiply_add.hpp"
#include "autograd/kernels/per_set/turn.hpp"
#include "autograd/kernels/per_set/with_constant.hpp"

#include <algorithm>
#include <utility>

namespace autograd::kernels
{

inline namespace AUTOGRAD_KERNELS_INSTRUCTION_SET
{

namespace
{

/// A long inner extent is gone over in parts, whose sums lose fewer digits, and which stay in the cache.
constexpr std::size_t most_inner = 256;

/// The columns of b and c that are gone over at one time: two packs.
constexpr std::size_t packs_of_panel = 2;
template <class T>
constexpr std::size_t panel = 2 * pack<T>::size;

/// Rows of c whose sums are in registers at one time: as many as leave some for b, of 32 registers and of 16.
#if defined(__AVX512F__)
constexpr std::size_t rows_of_block = 8;
#else
constexpr std::size_t rows_of_block = 6;
#endif

/// What of b is lined up at one time.
template <class T>
constexpr std::size_t numbers_of_tile = (std::size_t{1} << 15) / sizeof(T);

/// Columns of a panel: whole packs, or the last one in part.
template <class T, std::size_t Packs, bool IsWhole>
struct panel_columns
{
    static constexpr std::size_t packs = Packs;
    std::size_t of_last;

    pack<T> load(const T* row, std::size_t j) const
    {
        const T* const from = row + j * pack<T>::size;
        return IsWhole || j + 1 < Packs ? pack<T>::load(from) : pack<T>::load_partial(from, of_last);
    }
    void store(pack<T> values, T* row, std::size_t j) const
    {
        T* const to = row + j * pack<T>::size;
        IsWhole || j + 1 < Packs ? values.store(to) : values.store_partial(to, of_last);
    }
};

/// f(columns) for so many, at most a panel.
template <class T, class F>
void with_columns(std::size_t count, const F& f)
{
    constexpr std::size_t lanes = pack<T>::size;
    with_constant<packs_of_panel>((count + lanes - 1) / lanes,
                                  [&](auto packs)
                                  {
                                      const std::size_t of_last = count - (packs - 1) * lanes;
                                      if (of_last == lanes)
                                      {
                                          f(panel_columns<T, packs, true>{lanes});
                                      }
                                      else
                                      {
                                          f(panel_columns<T, packs, false>{of_last});
                                      }
                                  });
}

/// What becomes of the sums over a part of the inner extent.
template <class T>
struct addition
{
    bool is_first; ///< of c nothing is there yet
    T factor;

    pack<T> operator()(pack<T> sum, pack<T> there) const { return multiply_add(pack<T>(factor), sum, there); }
};

/// Sums Sum... of a block of c, which count packs and then rows. There are no loops over sums, so that they are in
/// registers.
template <std::size_t... Sum, class T, std::size_t Packs, bool IsWhole>
void multiply_block(std::index_sequence<Sum...>, panel_columns<T, Packs, IsWhole> columns, std::size_t inner,
                    strided_matrix<const T> a, const T* b, std::size_t b_stride, const addition<T>& add, T* c,
                    std::size_t c_stride)
{
    pack<T> sums[] = {(void(Sum), pack<T>(0))...};
    for (std::size_t k = 0; k < inner; ++k)
    {
        pack<T> of_b[Packs];
        for (std::size_t j = 0; j < Packs; ++j)
        {
            of_b[j] = columns.load(b + k * b_stride, j);
        }
        ((sums[Sum] = multiply_add(pack<T>(*a.at(Sum / Packs, k)), of_b[Sum % Packs], sums[Sum])), ...);
    }
    const auto row = [&](std::size_t sum) { return c + sum / Packs * c_stride; };
    if (add.is_first)
    {
        (columns.store(sums[Sum], row(Sum), Sum % Packs), ...);
    }
    else
    {
        (columns.store(add(sums[Sum], columns.load(row(Sum), Sum % Packs)), row(Sum), Sum % Packs), ...);
    }
}

/// The same where the columns of c lie along memory: by way of the block and its transpose, of whole squares.
template <std::size_t Rows, class T, std::size_t Packs, bool IsWhole>
void multiply_block_by_columns(panel_columns<T, Packs, IsWhole> columns, std::size_t inner, strided_matrix<const T> a,
                               const T* b, std::size_t b_stride, const addition<T>& add, T* c, std::size_t c_stride)
{
    constexpr std::size_t width = Packs * pack<T>::size;
    constexpr std::size_t height = (Rows + turned_side - 1) / turned_side * turned_side;
    alignas(64) T sums[height * width] = {};
    alignas(64) T turned[width * height];
    multiply_block(std::make_index_sequence<Rows * Packs>(), columns, inner, a, b, b_stride, {true, T(1)}, sums, width);
    turn(height, width, sums, width, turned, height);
    for (std::size_t j = 0; j < width - pack<T>::size + columns.of_last; ++j)
    {
        for_each_pack<T>(Rows,
                         [&](auto part, std::size_t i)
                         {
                             T* const there = c + j * c_stride + i;
                             const pack<T> here = part.load(turned + j * height + i);
                             part.store(add.is_first ? here : add(here, part.load(there)), there);
                         });
    }
}

/// f(columns, the first of them) for the panels of so many columns.
template <class T, class F>
void for_each_panel(std::size_t columns, const F& f)
{
    for (std::size_t first = 0; first < columns; first += panel<T>)
    {
        with_columns<T>(std::min(panel<T>, columns - first), [&](auto here) { f(here, first); });
    }
}

/// Panels of b, one behind the other, each with its rows: b itself lies in rows that are far apart, or in columns.
template <class T>
void line_up(const strided_product<T>& of, T* to)
{
    if (of.b.column_stride != 1)
    {
        for (std::size_t column = 0; column < of.columns; column += panel<T>)
        {
            turn(std::min(panel<T>, of.columns - column), of.inner, of.b.at(0, column), of.b.column_stride,
                 to + column * of.inner, panel<T>);
        }
        return;
    }
    for (std::size_t k = 0; k < of.inner; ++k)
    {
        for_each_panel<T>(of.columns,
                          [&](auto columns, std::size_t first)
                          {
                              for (std::size_t j = 0; j < columns.packs; ++j)
                              {
                                  columns.store(columns.load(of.b.at(k, first), j),
                                                to + first * of.inner + k * panel<T>, j);
                              }
                          });
    }
}

/// The same of a block of rows of an a whose columns lie along memory, [k][row].
template <std::size_t Rows, class T>
strided_matrix<const T> lined_up_rows(const strided_product<T>& of, T* to)
{
    for (std::size_t k = 0; k < of.inner; ++k)
    {
        const T* const column = of.a.at(0, k);
        for (std::size_t i = 0; i < Rows; ++i)
        {
            to[k * Rows + i] = column[i];
        }
    }
    return {to, 1, Rows};
}

/// A block of rows of a tile.
template <std::size_t Rows, class T>
void multiply_rows(const strided_product<T>& of, const T* b, const addition<T>& add)
{
    constexpr std::size_t few = 3 * panel<T>; // columns for which lining up a is no gain
    alignas(64) T block[Rows * most_inner];
    const strided_matrix<const T> a =
        of.a.column_stride == 1 || of.columns <= few ? of.a : lined_up_rows<Rows>(of, block);
    for_each_panel<T>(of.columns,
                      [&](auto columns, std::size_t first)
                      {
                          T* const c = of.c.at(0, first);
                          const T* const panel_of_b = b + first * of.inner;
                          if (of.c.column_stride == 1)
                          {
                              multiply_block(std::make_index_sequence<Rows * columns.packs>(), columns, of.inner, a,
                                             panel_of_b, panel<T>, add, c, of.c.row_stride);
                          }
                          else
                          {
                              multiply_block_by_columns<Rows>(columns, of.inner, a, panel_of_b, panel<T>, add, c,
                                                              of.c.column_stride);
                          }
                      });
}

/// Of so few columns and terms that they are lined up at one time; in blocks of about as many rows.
template <class T>
void multiply_tile(const strided_product<T>& of, const addition<T>& add)
{
    alignas(64) T b[numbers_of_tile<T>];
    line_up(of, b);
    const std::size_t blocks = (of.rows + rows_of_block - 1) / rows_of_block;
    std::size_t row = 0;
    for (std::size_t k = 0; k < blocks; ++k)
    {
        const std::size_t rows = of.rows / blocks + (k < of.rows % blocks);
        with_constant<rows_of_block>(rows,
                                     [&](auto constant) {
                                         multiply_rows<constant>(of.part({row, rows}, {0, of.columns}), b, add);
                                     });
        row += rows;
    }
}

/// Whether the transposed product fills its packs, and this one does perhaps not: of few rows, and of sums that are
/// long enough for c to be written across.
template <class T>
bool is_better_transposed(const strided_product<T>& of)
{
    constexpr std::size_t few = 64;
    return of.rows <= few && of.rows % pack<T>::size == 0 && of.inner > few;
}

/// As measured beside OpenBLAS's kernels for AVX2 and AVX-512. Long sums over rows of an a that are stored far apart
/// cost as much as is gained where packs are half as long.
template <class T>
bool is_faster(const product& of)
{
    constexpr std::size_t bytes = pack<T>::size * sizeof(T);
    constexpr std::size_t most = bytes == 64 ? 256 : bytes == 32 ? 64 : 0;
    return std::min({of.rows, of.columns, of.inner}) <= most && (bytes == 64 || !of.transpose_a || of.inner <= most);
}

template <class T>
void multiply(const strided_product<T>& of)
{
    const std::size_t tile = numbers_of_tile<T> / std::min(of.inner, most_inner) / panel<T> * panel<T>;
    for (std::size_t k = 0; k < of.inner; k += most_inner)
    {
        const addition<T> add{k == 0 && !of.adds, of.factor};
        for (std::size_t column = 0; column < of.columns; column += tile)
        {
            multiply_tile(of.part({0, of.rows}, {column, tile}, {k, most_inner}), add);
        }
    }
}

} // namespace

#define AUTOGRAD_COMPILED(T)                                                                                           \
    template <>                                                                                                        \
    constinit const flat_product_kernels<T> compiled<flat_product_kernels<T>>::kernels{                                \
        .multiply = multiply<T>, .is_better_transposed = is_better_transposed<T>, .is_faster = is_faster<T>};
AUTOGRAD_COMPILED(float)
AUTOGRAD_COMPILED(double)
#undef AUTOGRAD_COMPILED

} // namespace AUTOGRAD_KERNELS_INSTRUCTION_SET

} // namespace autograd::kernels
