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
        in_direction(reverse,
                     [&](auto direction)
                     {
                         const std::size_t first = step(0, length, reverse);
                         exclusive ? walk_row<true>(length, y + first, x + first, direction)
                                   : walk_row<false>(length, y + first, x + first, direction);
                     });
    }

    template <bool Exclusive>
    void walk_row(std::size_t length, T* y, const T* x, auto direction) const
    {
        T running = 1;
        T lowest = 1;
        for (std::ptrdiff_t i = 0, k = 0; k < static_cast<std::ptrdiff_t>(length); ++k, i += direction)
        {
            const T next = running * x[i];
            lowest = std::min(lowest, std::abs(next));
            y[i] = Exclusive ? running : next;
            running = next;
        }
        if (!(lowest >= smallest_normal<T>) || !std::isfinite(running))
        {
            const auto from = direction > 0 ? 0 : static_cast<std::ptrdiff_t>(length) - 1;
            walk_line_again<T>({x - from, nullptr, nullptr, {}}, as_chain(),
                               [&](auto& walk) {
                                   return walk.tangent({0, length, 1, 0}, y - from);
                               });
        }
    }

    void columns(std::size_t rows, std::size_t stride, std::size_t width, T* y, const T* x) const
    {
        T running[column_tile];
        std::fill_n(running, in_packs<T>(width), T(1));
        failed_columns<T> failed;
        failed.walk(rows, width, running,
                    [&](std::size_t k)
                    {
                        const std::size_t i = step(k, rows, reverse) * stride;
                        return [to = y + i, from = x + i, before_factor = exclusive](auto part, std::size_t c,
                                                                                     pack<T> before, pack<T>& factor)
                        {
                            factor = part.load(from + c);
                            const pack<T> next = before * factor;
                            part.store(before_factor ? before : next, to + c);
                            return next;
                        };
                    });
        failed.walk_again({x, nullptr, nullptr, {}}, as_chain(), rows, stride, width,
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
        in_direction(reverse,
                     [&](auto direction)
                     {
                         const std::size_t first = step(0, length, reverse);
                         const std::size_t factor = step(factor_before ? 0 : 1, length, reverse);
                         walk_row(length, y + first, length > 1 ? a + factor : a, b + first, direction);
                     });
    }

    /// From the first number and the first factor on.
    void walk_row(std::size_t length, T* y, const T* a, const T* b, auto direction) const
    {
        T running = b[0];
        T lowest = std::abs(running);
        y[0] = running;
        for (std::ptrdiff_t i = 0, k = 1; k < static_cast<std::ptrdiff_t>(length); ++k, i += direction)
        {
            running = b[i + direction] + a[i] * running;
            lowest = std::min(lowest, std::abs(running));
            y[i + direction] = running;
        }
        if (!(lowest >= smallest_normal<T>) || !std::isfinite(running))
        {
            const auto from = direction > 0 ? 0 : static_cast<std::ptrdiff_t>(length) - 1;
            const auto from_factor = length > 1 ? from + (factor_before ? 0 : direction) : 0;
            walk_line_again<T>({a - from_factor, b - from, nullptr, {}}, as_chain(),
                               [&](auto& walk) {
                                   return walk.tangent({0, length, 1, 0}, y - from);
                               });
        }
    }

    void columns(std::size_t rows, std::size_t stride, std::size_t width, T* y, const T* a, const T* b) const
    {
        T running[column_tile];
        const std::size_t first = step(0, rows, reverse) * stride;
        start_columns(running, b + first, width);
        std::copy_n(b + first, width, y + first);
        failed_columns<T> failed;
        failed.walk(rows - 1, width, running,
                    [&](std::size_t k)
                    {
                        const std::size_t i = step(k + 1, rows, reverse) * stride;
                        const T* factors = a + (factor_before ? step(k, rows, reverse) * stride : i);
                        return [factors, more = b + i, to = y + i](auto part, std::size_t c, pack<T> before,
                                                                   pack<T>& factor)
                        {
                            factor = part.load(factors + c);
                            const pack<T> next = part.load(more + c) + factor * before;
                            part.store(next, to + c);
                            return next;
                        };
                    });
        failed.walk_again({a, b, nullptr, {}}, as_chain(), rows, stride, width,
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
