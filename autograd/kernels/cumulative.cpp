#include "autograd/kernels/cumulative.hpp"

#include "autograd/kernels/failed_columns.hpp"

namespace autograd::kernels
{

namespace
{

/// The k-th index that a walk over `length` comes to.
std::size_t step(std::size_t k, std::size_t length, bool reverse)
{
    return reverse ? length - 1 - k : k;
}

template <class T>
struct cumsum_program
{
    static constexpr std::size_t small_item = 32;
    bool reverse;
    bool exclusive;

    void row(std::size_t length, T* y, const T* x) const
    {
        T running = 0;
        for (std::size_t k = 0; k < length; ++k)
        {
            const std::size_t i = step(k, length, reverse);
            const T next = running + x[i];
            y[i] = exclusive ? running : next;
            running = next;
        }
    }

    void columns(std::size_t rows, std::size_t stride, std::size_t width, T* y, const T* x) const
    {
        T running[column_tile];
        std::fill_n(running, in_packs<T>(width), T(0));
        for (std::size_t k = 0; k < rows; ++k)
        {
            const std::size_t row_start = step(k, rows, reverse) * stride;
            for_each_pack<T>(width,
                             [&](auto part, std::size_t c)
                             {
                                 const pack<T> before = pack<T>::load(running + c);
                                 const pack<T> next = before + part.load(x + row_start + c);
                                 part.store(exclusive ? before : next, y + row_start + c);
                                 next.store(running + c);
                             });
        }
    }
};

template <class T>
struct cumprod_program
{
    static constexpr std::size_t small_item = 32;
    bool reverse;
    bool exclusive;

    chain as_chain() const
    {
        return {0, reverse, chain_nodes::end, exclusive ? chain_nodes::before : chain_nodes::behind};
    }

    void row(std::size_t length, T* y, const T* x) const
    {
        T running = 1;
        bool failed = false;
        for (std::size_t k = 0; k < length; ++k)
        {
            const std::size_t i = step(k, length, reverse);
            const T factor = x[i];
            const T next = running * factor;
            failed |= lost_digits(next, factor, running);
            y[i] = exclusive ? running : next;
            running = next;
        }
        if (failed || !std::isfinite(running))
        {
            careful_walk<T>({x, nullptr, nullptr, {}}, as_chain(), {}).tangent({0, length, 1, 0}, y);
        }
    }

    void columns(std::size_t rows, std::size_t stride, std::size_t width, T* y, const T* x) const
    {
        T running[column_tile];
        std::fill_n(running, in_packs<T>(width), T(1));
        failed_columns<T> failed;
        for (std::size_t k = 0; k < rows; ++k)
        {
            const std::size_t row_start = step(k, rows, reverse) * stride;
            for_each_pack<T>(width,
                             [&](auto part, std::size_t c)
                             {
                                 const pack<T> before = pack<T>::load(running + c);
                                 const pack<T> factor = part.load(x + row_start + c);
                                 const pack<T> next = before * factor;
                                 failed.watch(next, factor, before, c);
                                 part.store(exclusive ? before : next, y + row_start + c);
                                 next.store(running + c);
                             });
        }
        for_each_pack<T>(width, [&](auto, std::size_t c) { failed.watch_finite(pack<T>::load(running + c), c); });
        failed.walk_again({x, nullptr, nullptr, {}}, as_chain(), {0, rows, stride, 0}, width,
                          [y](auto& walk, const line_place& place) { walk.tangent(place, y); });
    }
};

template <class T>
struct recurrence_program
{
    static constexpr std::size_t small_item = 16;
    bool reverse;
    bool factor_before;

    chain as_chain() const
    {
        const chain_nodes nodes = factor_before ? chain_nodes::before : chain_nodes::behind;
        return {0, reverse, nodes, nodes};
    }

    void row(std::size_t length, T* y, const T* a, const T* b) const
    {
        std::size_t before = step(0, length, reverse);
        T running = b[before];
        y[before] = running;
        bool failed = false;
        for (std::size_t k = 1; k < length; ++k)
        {
            const std::size_t i = step(k, length, reverse);
            const T factor = a[factor_before ? before : i];
            const T next = b[i] + factor * running;
            failed |= lost_digits(next, factor, running);
            y[i] = next;
            running = next;
            before = i;
        }
        if (failed || !std::isfinite(running))
        {
            careful_walk<T>({a, b, nullptr, {}}, as_chain(), {}).tangent({0, length, 1, 0}, y);
        }
    }

    void columns(std::size_t rows, std::size_t stride, std::size_t width, T* y, const T* a, const T* b) const
    {
        std::size_t before = step(0, rows, reverse) * stride;
        std::copy_n(b + before, width, y + before);
        failed_columns<T> failed;
        for (std::size_t k = 1; k < rows; ++k)
        {
            const std::size_t i = step(k, rows, reverse) * stride;
            const T* factors = a + (factor_before ? before : i);
            for_each_pack<T>(width,
                             [&](auto part, std::size_t c)
                             {
                                 const pack<T> factor = part.load(factors + c);
                                 const pack<T> last = part.load(y + before + c);
                                 const pack<T> next = part.load(b + i + c) + factor * last;
                                 failed.watch(next, factor, last, c);
                                 part.store(next, y + i + c);
                             });
            before = i;
        }
        for_each_pack<T>(width, [&](auto part, std::size_t c) { failed.watch_finite(part.load(y + before + c), c); });
        failed.walk_again({a, b, nullptr, {}}, as_chain(), {0, rows, stride, 0}, width,
                          [y](auto& walk, const line_place& place) { walk.tangent(place, y); });
    }
};

} // namespace

template <class T>
void cumsum(const T* x, shape_view shape, const cumulation& how, T* y)
{
    map_lines(lines::along(shape, how.axis), y, cumsum_program<T>{how.reverse, how.exclusive}, x);
}

template <class T>
void cumprod(const T* x, shape_view shape, const cumulation& how, T* y)
{
    map_lines(lines::along(shape, how.axis), y, cumprod_program<T>{how.reverse, how.exclusive}, x);
}

template <class T>
void linear_recurrence(const T* a, const T* b, shape_view shape, const recurrence& how, T* y)
{
    map_lines(lines::along(shape, how.axis), y, recurrence_program<T>{how.reverse, how.factor_before}, a, b);
}

#define AUTOGRAD_INSTANTIATE(T)                                                                                        \
    template void cumsum(const T*, shape_view, const cumulation&, T*);                                                 \
    template void cumprod(const T*, shape_view, const cumulation&, T*);                                                \
    template void linear_recurrence(const T*, const T*, shape_view, const recurrence&, T*);
AUTOGRAD_INSTANTIATE(float)
AUTOGRAD_INSTANTIATE(double)
#undef AUTOGRAD_INSTANTIATE

} // namespace autograd::kernels
