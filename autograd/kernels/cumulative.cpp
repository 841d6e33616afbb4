#include "autograd/kernels/cumulative.hpp"

#include "autograd/kernels/lines.hpp"

namespace autograd::kernels
{

namespace
{

/// The k-th index that a walk over `length` comes to.
std::size_t step(std::size_t k, std::size_t length, bool reverse)
{
    return reverse ? length - 1 - k : k;
}

template <class Fold, class T>
struct cumulative_program
{
    static constexpr std::size_t small_item = 32;
    bool reverse;
    bool exclusive;

    void row(std::size_t length, T* y, const T* x) const
    {
        T running = Fold::template neutral<T>;
        for (std::size_t k = 0; k < length; ++k)
        {
            const std::size_t i = step(k, length, reverse);
            const T next = Fold::combine(running, x[i]);
            y[i] = exclusive ? running : next;
            running = next;
        }
    }

    void columns(std::size_t rows, std::size_t stride, std::size_t width, T* y, const T* x) const
    {
        T running[column_tile];
        std::fill_n(running, in_packs<T>(width), Fold::template neutral<T>);
        for (std::size_t k = 0; k < rows; ++k)
        {
            const std::size_t row_start = step(k, rows, reverse) * stride;
            for_each_pack<T>(width,
                             [&](auto part, std::size_t c)
                             {
                                 const pack<T> before = pack<T>::load(running + c);
                                 const pack<T> next = Fold::combine(before, part.load(x + row_start + c));
                                 part.store(exclusive ? before : next, y + row_start + c);
                                 next.store(running + c);
                             });
        }
    }
};

template <class T>
struct recurrence_program
{
    static constexpr std::size_t small_item = 16;
    bool reverse;
    bool factor_before;

    void row(std::size_t length, T* y, const T* a, const T* b) const
    {
        std::size_t before = step(0, length, reverse);
        y[before] = b[before];
        for (std::size_t k = 1; k < length; ++k)
        {
            const std::size_t i = step(k, length, reverse);
            y[i] = b[i] + a[factor_before ? before : i] * y[before];
            before = i;
        }
    }

    void columns(std::size_t rows, std::size_t stride, std::size_t width, T* y, const T* a, const T* b) const
    {
        std::size_t before = step(0, rows, reverse) * stride;
        std::copy_n(b + before, width, y + before);
        for (std::size_t k = 1; k < rows; ++k)
        {
            const std::size_t i = step(k, rows, reverse) * stride;
            const T* factor = a + (factor_before ? before : i);
            for_each_pack<T>(
                width, [&](auto part, std::size_t c)
                { part.store(part.load(b + i + c) + part.load(factor + c) * part.load(y + before + c), y + i + c); });
            before = i;
        }
    }
};

} // namespace

template <class T>
void cumsum(const T* x, shape_view shape, const cumulation& how, T* y)
{
    const cumulative_program<sum_fold, T> program{how.reverse, how.exclusive};
    map_lines(lines::along(shape, how.axis), y, program, x);
}

template <class T>
void cumprod(const T* x, shape_view shape, const cumulation& how, T* y)
{
    const cumulative_program<product_fold, T> program{how.reverse, how.exclusive};
    map_lines(lines::along(shape, how.axis), y, program, x);
}

template <class T>
void linear_recurrence(const T* a, const T* b, shape_view shape, const recurrence& how, T* y)
{
    const recurrence_program<T> program{how.reverse, how.factor_before};
    map_lines(lines::along(shape, how.axis), y, program, a, b);
}

template <class T>
void shift(const T* x, shape_view shape, std::size_t axis, bool reverse, T* y)
{
    const lines of = lines::along(shape, axis);
    if (of.size() == 0)
    {
        return;
    }
    const std::size_t moved = of.item() - of.inner;
    for (std::size_t start = 0; start < of.size(); start += of.item())
    {
        std::copy_n(x + start + (reverse ? of.inner : 0), moved, y + start + (reverse ? 0 : of.inner));
        std::fill_n(y + start + (reverse ? moved : 0), of.inner, T(0));
    }
}

#define AUTOGRAD_INSTANTIATE(T)                                                                                        \
    template void cumsum(const T*, shape_view, const cumulation&, T*);                                                 \
    template void cumprod(const T*, shape_view, const cumulation&, T*);                                                \
    template void linear_recurrence(const T*, const T*, shape_view, const recurrence&, T*);                            \
    template void shift(const T*, shape_view, std::size_t, bool, T*);
AUTOGRAD_INSTANTIATE(float)
AUTOGRAD_INSTANTIATE(double)
#undef AUTOGRAD_INSTANTIATE

} // namespace autograd::kernels
