#include "autograd/kernels/softmax.hpp"

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
void largest_of_columns(const T* x, std::size_t rows, std::size_t stride, std::size_t width, T* result)
{
    fold_columns<maximum_fold, T>(
        rows, width, [=](auto part, std::size_t r, std::size_t c) { return part.load(x + r * stride + c); }, result);
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

    static void columns(std::size_t rows, std::size_t stride, std::size_t width, T* y, const T* x)
    {
        T largest[column_tile];
        T total[column_tile];
        largest_of_columns(x, rows, stride, width, largest);
        const auto exponential = [&](auto part, std::size_t r, std::size_t c)
        {
            const pack<T> e = exp(below(pack<T>::load(largest + c), part.load(x + r * stride + c)));
            part.store(e, y + r * stride + c);
            return e;
        };
        fold_columns<sum_fold, T>(rows, width, exponential, total);
        for (std::size_t r = 0; r < rows; ++r, y += stride)
        {
            for_each_pack<T>(width, [&](auto part, std::size_t c)
                             { part.store(part.load(y + c) / pack<T>::load(total + c), y + c); });
        }
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

    static void columns(std::size_t rows, std::size_t stride, std::size_t width, T* y, const T* x)
    {
        T m[column_tile];
        T total[column_tile];
        largest_of_columns(x, rows, stride, width, m);
        for (std::size_t c = 0; c < width; c += pack<T>::size)
        {
            shift(pack<T>::load(m + c)).store(m + c);
        }
        const auto exponential = [&](auto part, std::size_t r, std::size_t c)
        { return exp(part.load(x + r * stride + c) - pack<T>::load(m + c)); };
        fold_columns<sum_fold, T>(rows, width, exponential, total);
        for (std::size_t c = 0; c < width; c += pack<T>::size)
        {
            log(pack<T>::load(total + c)).store(total + c);
        }
        for (std::size_t r = 0; r < rows; ++r, x += stride, y += stride)
        {
            for_each_pack<T>(width,
                             [&](auto part, std::size_t c) {
                                 part.store(part.load(x + c) - pack<T>::load(m + c) - pack<T>::load(total + c), y + c);
                             });
        }
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
        .softmax = softmax<T>, .logsumexp_slope = logsumexp_slope<T>, .log_softmax = log_softmax<T>};
AUTOGRAD_COMPILED(float)
AUTOGRAD_COMPILED(double)
#undef AUTOGRAD_COMPILED

} // namespace AUTOGRAD_KERNELS_INSTRUCTION_SET

} // namespace autograd::kernels
