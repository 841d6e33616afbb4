#include "autograd/kernels/softmax.hpp"

#include "autograd/kernels/per_set/columns_of_planes.hpp"
#include "autograd/kernels/per_set/compiled.hpp"
#include "autograd/kernels/per_set/lines.hpp"

namespace autograd::kernels
{

inline namespace AUTOGRAD_KERNELS_INSTRUCTION_SET
{

namespace
{

template <class T>
pack<T> largest_of_row(const T* x, std::size_t length)
{
    return fold_row<maximum_fold, T>(length, [x](auto part, std::size_t i) { return part.load(x + i); });
}

template <class T>
void largest_of_columns(std::size_t rows, std::size_t width, planes<const T> x, T* result)
{
    fold_columns<maximum_fold, T>(
        rows, width, [=](auto part, std::size_t r, std::size_t c) { return part.load(x[r] + c); }, result);
}

/// y = exp(x - max(x)), then y / sum(y): by then, the numbers are at most 1. An infinite maximum gives NaN, as in
/// SciPy; unless equal infinities have the difference 0, so that they share evenly.
template <class T, bool InfinitiesShare>
struct softmax_program
{
    static constexpr std::size_t small_item = 32;

    static pack<T> below(pack<T> largest, pack<T> x)
    {
        return InfinitiesShare ? select(equal(x, largest), 0, x - largest) : x - largest;
    }

    static void row(std::size_t length, T* y, const T* x)
    {
        const pack<T> largest = largest_of_row(x, length);
        const pack<T> total = fold_row<sum_fold, T>(length,
                                                    [=](auto part, std::size_t i)
                                                    {
                                                        const pack<T> e = exp(below(largest, part.load(x + i)));
                                                        part.store(e, y + i);
                                                        return e;
                                                    });
        for_each_pack<T>(length, [=](auto part, std::size_t i) { part.store(part.load(y + i) / total, y + i); });
    }

    static void few_columns(auto rows, std::size_t width, planes<T> y, planes<const T> x)
    {
        for_each_pack<T>(width,
                         [&](auto part, std::size_t c)
                         {
                             const auto of_x = [&](std::size_t r) { return part.load(x[r] + c); };
                             const pack<T> largest = fold_rows_of_pack<maximum_fold, T>(rows, of_x);
                             pack<T> e[few_rows];
                             for (std::size_t r = 0; r < rows; ++r)
                             {
                                 e[r] = exp(below(largest, of_x(r)));
                             }
                             const pack<T> total =
                                 fold_rows_of_pack<sum_fold, T>(rows, [&](std::size_t r) { return e[r]; });
                             for (std::size_t r = 0; r < rows; ++r)
                             {
                                 part.store(e[r] / total, y[r] + c);
                             }
                         });
    }

    static void columns(std::size_t rows, std::size_t width, planes<T> y, planes<const T> x)
    {
        if (rows <= few_rows)
        {
            with_few_rows(rows, [&](auto few) { few_columns(few, width, y, x); });
            return;
        }
        T largest[column_tile];
        T total[column_tile];
        largest_of_columns(rows, width, x, largest);
        const auto exponential = [&](auto part, std::size_t r, std::size_t c)
        {
            const pack<T> e = exp(below(pack<T>::load(largest + c), part.load(x[r] + c)));
            part.store(e, y[r] + c);
            return e;
        };
        fold_columns<sum_fold, T>(rows, width, exponential, total);
        for (std::size_t r = 0; r < rows; ++r)
        {
            for_each_pack<T>(width, [&](auto part, std::size_t c)
                             { part.store(part.load(y[r] + c) / pack<T>::load(total + c), y[r] + c); });
        }
    }
    static void columns(std::size_t rows, std::size_t stride, std::size_t width, T* y, const T* x)
    {
        columns(rows, width, {y, stride}, {x, stride});
    }
};

/// (x - m) - log(sum(exp(x - m))) with the maximum m of x; where that is infinite or NaN, with 0, as in SciPy.
template <class T>
struct log_softmax_program
{
    static constexpr std::size_t small_item = 32;

    static pack<T> shift(pack<T> largest) { return select(isfinite(largest), largest, 0); }

    static void row(std::size_t length, T* y, const T* x)
    {
        const pack<T> m = shift(largest_of_row(x, length));
        const pack<T> total =
            fold_row<sum_fold, T>(length, [&](auto part, std::size_t i) { return exp(part.load(x + i) - m); });
        const pack<T> log_total = log(total);
        for_each_pack<T>(length,
                         [&](auto part, std::size_t i) { part.store(part.load(x + i) - m - log_total, y + i); });
    }

    static void few_columns(auto rows, std::size_t width, planes<T> y, planes<const T> x)
    {
        for_each_pack<T>(width,
                         [&](auto part, std::size_t c)
                         {
                             const auto of_x = [&](std::size_t r) { return part.load(x[r] + c); };
                             const pack<T> m = shift(fold_rows_of_pack<maximum_fold, T>(rows, of_x));
                             const pack<T> log_total = log(
                                 fold_rows_of_pack<sum_fold, T>(rows, [&](std::size_t r) { return exp(of_x(r) - m); }));
                             for (std::size_t r = 0; r < rows; ++r)
                             {
                                 part.store(of_x(r) - m - log_total, y[r] + c);
                             }
                         });
    }

    static void columns(std::size_t rows, std::size_t width, planes<T> y, planes<const T> x)
    {
        if (rows <= few_rows)
        {
            with_few_rows(rows, [&](auto few) { few_columns(few, width, y, x); });
            return;
        }
        T m[column_tile];
        T total[column_tile];
        largest_of_columns(rows, width, x, m);
        for (std::size_t c = 0; c < width; c += pack<T>::size)
        {
            shift(pack<T>::load(m + c)).store(m + c);
        }
        const auto exponential = [&](auto part, std::size_t r, std::size_t c)
        { return exp(part.load(x[r] + c) - pack<T>::load(m + c)); };
        fold_columns<sum_fold, T>(rows, width, exponential, total);
        for (std::size_t c = 0; c < width; c += pack<T>::size)
        {
            log(pack<T>::load(total + c)).store(total + c);
        }
        for (std::size_t r = 0; r < rows; ++r)
        {
            for_each_pack<T>(
                width, [&](auto part, std::size_t c)
                { part.store(part.load(x[r] + c) - pack<T>::load(m + c) - pack<T>::load(total + c), y[r] + c); });
        }
    }
    static void columns(std::size_t rows, std::size_t stride, std::size_t width, T* y, const T* x)
    {
        columns(rows, width, {y, stride}, {x, stride});
    }
};

template <class T>
void softmax(const T* x, shape_view shape, std::size_t axis, T* y)
{
    map_lines(lines::along(shape, axis), y, softmax_program<T, false>(), x);
}

template <class T>
void logsumexp_slope(const T* x, shape_view shape, std::size_t axis, T* y)
{
    map_lines(lines::along(shape, axis), y, softmax_program<T, true>(), x);
}

template <class T>
void log_softmax(const T* x, shape_view shape, std::size_t axis, T* y)
{
    map_lines(lines::along(shape, axis), y, log_softmax_program<T>(), x);
}

} // namespace

#define AUTOGRAD_COMPILED(T)                                                                                           \
    template <>                                                                                                        \
    constinit const softmax_kernels<T> compiled<softmax_kernels<T>>::kernels{                                          \
        .softmax = softmax<T>, .logsumexp_slope = logsumexp_slope<T>, .log_softmax = log_softmax<T>};                  \
    template <>                                                                                                        \
    constinit const softmax_plane_kernels<T> compiled<softmax_plane_kernels<T>>::kernels{                              \
        .softmax = map_planes<softmax_program<T, false>, T>,                                                           \
        .logsumexp_slope = map_planes<softmax_program<T, true>, T>,                                                    \
        .log_softmax = map_planes<log_softmax_program<T>, T>};
AUTOGRAD_COMPILED(float)
AUTOGRAD_COMPILED(double)
#undef AUTOGRAD_COMPILED

} // namespace AUTOGRAD_KERNELS_INSTRUCTION_SET

} // namespace autograd::kernels
