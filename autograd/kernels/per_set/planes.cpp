#include "autograd/kernels/planes.hpp"

#include "autograd/kernels/per_set/compiled.hpp"
#include "autograd/kernels/per_set/fold.hpp"
#include "autograd/kernels/per_set/multiply_add.hpp"
#include "autograd/kernels/per_set/with_constant.hpp"

#include <algorithm>
#include <memory>

namespace autograd::kernels
{

inline namespace AUTOGRAD_KERNELS_INSTRUCTION_SET
{

namespace
{

// ---------------------------------------------------------------------------------------------------------- products

/// Of w, how far it is from one row to the next, and from one term to the next.
struct strides_of_factor
{
    std::size_t row;
    std::size_t term;
};

/// Packs of columns of y, planes `top` and the next, one term after the other: Terms of them, or as many as there are.
template <std::size_t Rows, std::size_t Terms, std::size_t Packs, class T, class Part>
void multiply_block(const product_of_planes<T>& of, strides_of_factor stride, std::size_t top, Part part,
                    planes<const T> x, std::size_t column, planes<T> y)
{
    constexpr std::size_t lanes = pack<T>::size;
    pack<T> sums[Rows][Packs];
    for (std::size_t j = 0; j < Rows; ++j)
    {
        std::fill_n(sums[j], Packs, pack<T>(T(0)));
    }
    const T* w = of.w + top * stride.row;
    const std::size_t terms = Terms == 0 ? of.terms : Terms;
    for (std::size_t k = 0; k < terms; ++k, w += stride.term)
    {
        pack<T> of_x[Packs];
        for (std::size_t p = 0; p < Packs; ++p)
        {
            of_x[p] = part.load(x[k] + column + p * lanes);
        }
        for (std::size_t j = 0; j < Rows; ++j)
        {
            const pack<T> factor = w[j * stride.row];
            for (std::size_t p = 0; p < Packs; ++p)
            {
                sums[j][p] = multiply_add(factor, of_x[p], sums[j][p]);
            }
        }
    }
    for (std::size_t j = 0; j < Rows; ++j)
    {
        for (std::size_t p = 0; p < Packs; ++p)
        {
            const pack<T> sum = of.column == nullptr ? sums[j][p] : sums[j][p] + pack<T>(of.column[top + j]);
            part.store(sum, y[top + j] + column + p * lanes);
        }
    }
}

template <std::size_t Rows, std::size_t Terms, class T>
void multiply_rows(const product_of_planes<T>& of, strides_of_factor stride, std::size_t top, planes<const T> x,
                   std::size_t count, planes<T> y)
{
    constexpr std::size_t lanes = pack<T>::size;
    std::size_t column = 0;
    for (; column + 2 * lanes <= count; column += 2 * lanes)
    {
        multiply_block<Rows, Terms, 2>(of, stride, top, whole_pack<T>(), x, column, y);
    }
    if (column + lanes <= count)
    {
        multiply_block<Rows, Terms, 1>(of, stride, top, whole_pack<T>(), x, column, y);
        column += lanes;
    }
    if (column < count)
    {
        multiply_block<Rows, Terms, 1>(of, stride, top, part_of_pack<T>{count - column}, x, column, y);
    }
}

/// So many planes are computed at one time, and so many terms are written out.
constexpr std::size_t at_once = 4;

template <class T>
void multiply(const product_of_planes<T>& of, planes<const T> x, std::size_t count, planes<T> y)
{
    const strides_of_factor stride = of.transposed ? strides_of_factor{1, of.results} : strides_of_factor{of.terms, 1};
    for (std::size_t top = 0; top < of.results; top += at_once)
    {
        with_constant<at_once>(std::min(at_once, of.results - top),
                               [&](auto rows)
                               {
                                   if (of.terms == 0 || of.terms > at_once)
                                   {
                                       multiply_rows<rows, 0>(of, stride, top, x, count, y);
                                       return;
                                   }
                                   with_constant<at_once>(
                                       of.terms,
                                       [&](auto terms) { multiply_rows<rows, terms>(of, stride, top, x, count, y); });
                               });
    }
}

// -------------------------------------------------------------------------------------------------------------- dots

/// Digits are made of sums of so many terms, whatever pieces these come in: they lose fewer of their places.
constexpr std::size_t terms_of_part = 512;

template <class T>
pack<T>* part_of_digit(const dots_of_planes<T>& of)
{
    return static_cast<pack<T>*>(of.sums);
}
template <class T>
pack<T>* digit_of_sums(const dots_of_planes<T>& of)
{
    return part_of_digit(of) + of.rows * of.columns;
}
template <class T>
pack<T>* totals(const dots_of_planes<T>& of)
{
    return digit_of_sums(of) + of.rows * of.columns;
}

/// What has come to its end goes to what it is a part of, and begins again.
template <class T>
void hand_on(const dots_of_planes<T>& of, pack<T>* ended, pack<T>* to)
{
    for (std::size_t k = 0; k < of.rows * of.columns; ++k)
    {
        to[k] += ended[k];
        ended[k] = pack<T>(T(0));
    }
}

/// Numbers in the lanes from `lane` on, zeros in the others.
template <class T>
pack<T> in_lanes(const T* x, std::size_t lane, std::size_t count)
{
    alignas(64) T lanes[pack<T>::size] = {};
    std::copy_n(x, count, lanes + lane);
    return pack<T>::load(lanes);
}

/// Some of the sums: term number n goes to lane n of its pack, so that it does not matter in which pieces terms come.
template <std::size_t Rows, std::size_t Columns, class T>
void add_block(pack<T>* to, std::size_t stride, planes<const T> x, planes<const T> y, std::size_t first,
               std::size_t count)
{
    constexpr std::size_t lanes = pack<T>::size;
    pack<T> sums[Rows][Columns];
    for (std::size_t i = 0; i < Rows; ++i)
    {
        std::copy_n(to + i * stride, Columns, sums[i]);
    }
    const auto add = [&](auto load, std::size_t c)
    {
        pack<T> of_y[Columns];
        for (std::size_t j = 0; j < Columns; ++j)
        {
            of_y[j] = load(y[j] + c);
        }
        for (std::size_t i = 0; i < Rows; ++i)
        {
            const pack<T> of_x = load(x[i] + c);
            for (std::size_t j = 0; j < Columns; ++j)
            {
                sums[i][j] = multiply_add(of_x, of_y[j], sums[i][j]);
            }
        }
    };
    std::size_t c = 0;
    if (const std::size_t lane = first % lanes; lane != 0)
    {
        const std::size_t now = std::min(count, lanes - lane);
        add([&](const T* from) { return in_lanes(from, lane, now); }, 0);
        c = now;
    }
    for (; c + lanes <= count; c += lanes)
    {
        add([](const T* from) { return pack<T>::load(from); }, c);
    }
    if (c < count)
    {
        add([left = count - c](const T* from) { return keep_lanes<sum_fold>(pack<T>::load_partial(from, left), left); },
            c);
    }
    for (std::size_t i = 0; i < Rows; ++i)
    {
        std::copy_n(sums[i], Columns, to + i * stride);
    }
}

template <class T>
void add_terms(const dots_of_planes<T>& of, planes<const T> x, planes<const T> y, std::size_t first, std::size_t count)
{
    constexpr std::size_t columns_at_once = 2;
    for (std::size_t i = 0; i < of.rows; i += at_once)
    {
        for (std::size_t j = 0; j < of.columns; j += columns_at_once)
        {
            with_constant<at_once>(std::min(at_once, of.rows - i),
                                   [&](auto rows)
                                   {
                                       with_constant<columns_at_once>(std::min(columns_at_once, of.columns - j),
                                                                      [&](auto columns)
                                                                      {
                                                                          add_block<rows, columns>(
                                                                              part_of_digit(of) + i * of.columns + j,
                                                                              of.columns, {x[i], x.stride},
                                                                              {y[j], y.stride}, first, count);
                                                                      });
                                   });
        }
    }
}

template <class T>
void begin_dots(const dots_of_planes<T>& of)
{
    std::uninitialized_fill_n(part_of_digit(of), 3 * of.rows * of.columns, pack<T>(T(0)));
}

template <class T>
void add_dots(const dots_of_planes<T>& of, planes<const T> x, planes<const T> y, std::size_t first, std::size_t count)
{
    const std::size_t digit = of.digit(of.terms);
    while (count > 0)
    {
        const std::size_t now = std::min(count, terms_of_part - first % terms_of_part);
        add_terms(of, x, y, first, now);
        first += now;
        count -= now;
        x.data += now;
        y.data += now;
        if (first % terms_of_part == 0)
        {
            hand_on(of, part_of_digit(of), digit_of_sums(of));
        }
        if (first % digit == 0)
        {
            hand_on(of, digit_of_sums(of), totals(of));
        }
    }
}

template <class T>
void finish_dots(const dots_of_planes<T>& of, T* result)
{
    for (std::size_t k = 0; k < of.rows * of.columns; ++k)
    {
        result[k] = reduce_sum(totals(of)[k] + (digit_of_sums(of)[k] + part_of_digit(of)[k]));
    }
}

template <class T>
void get_digit_of_dots(const dots_of_planes<T>& of, void* digit)
{
    std::uninitialized_copy_n(totals(of), of.rows * of.columns, static_cast<pack<T>*>(digit));
}

template <class T>
void add_digit_of_dots(const dots_of_planes<T>& of, const void* digit)
{
    for (std::size_t k = 0; k < of.rows * of.columns; ++k)
    {
        totals(of)[k] += static_cast<const pack<T>*>(digit)[k];
    }
}

// ------------------------------------------------------------------------------------------------------------ choice

template <class T>
void choose(std::size_t rows, planes<const T> mask, planes<const T> x, std::size_t count, T* y)
{
    for_each_pack<T>(count,
                     [&](auto part, std::size_t c)
                     {
                         pack<T> chosen = part.load(x[0] + c);
                         for (std::size_t k = 1; k < rows; ++k)
                         {
                             chosen = select(not_equal(part.load(mask[k] + c), 0), part.load(x[k] + c), chosen);
                         }
                         part.store(chosen, y + c);
                     });
}

template <class T>
void place(std::size_t rows, planes<const T> mask, const T* x, std::size_t count, planes<T> y)
{
    for_each_pack<T>(count,
                     [&](auto part, std::size_t c)
                     {
                         const pack<T> placed = part.load(x + c) + pack<T>(T(0)); // 0 of -0
                         for (std::size_t k = 0; k < rows; ++k)
                         {
                             part.store(select(not_equal(part.load(mask[k] + c), 0), placed, pack<T>(T(0))), y[k] + c);
                         }
                     });
}

} // namespace

#define AUTOGRAD_COMPILED(T)                                                                                           \
    template <>                                                                                                        \
    constinit const plane_kernels<T> compiled<plane_kernels<T>>::kernels{.multiply = multiply<T>,                      \
                                                                         .begin_dots = begin_dots<T>,                  \
                                                                         .add_dots = add_dots<T>,                      \
                                                                         .finish_dots = finish_dots<T>,                \
                                                                         .get_digit_of_dots = get_digit_of_dots<T>,    \
                                                                         .add_digit_of_dots = add_digit_of_dots<T>,    \
                                                                         .choose = choose<T>,                          \
                                                                         .place = place<T>};
AUTOGRAD_COMPILED(float)
AUTOGRAD_COMPILED(double)
#undef AUTOGRAD_COMPILED

} // namespace AUTOGRAD_KERNELS_INSTRUCTION_SET

} // namespace autograd::kernels
