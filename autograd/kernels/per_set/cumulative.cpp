#include "autograd/kernels/cumulative.hpp"

#include "autograd/kernels/per_set/compiled.hpp"
#include "autograd/kernels/per_set/failed_columns.hpp"

namespace autograd::kernels
{

inline namespace AUTOGRAD_KERNELS_INSTRUCTION_SET
{

namespace
{

/// The k-th index that a walk over `length` comes to.
std::size_t step(std::size_t k, std::size_t length, bool reverse)
{
    return reverse ? length - 1 - k : k;
}

/// The rows that a walk down columns comes to: where the first one starts, and how far apart they are.
struct rows_in_order
{
    std::ptrdiff_t first;
    std::ptrdiff_t stride;

    rows_in_order(std::size_t rows, std::size_t distance, bool reverse)
        : first(static_cast<std::ptrdiff_t>(step(0, rows, reverse) * distance)),
          stride(static_cast<std::ptrdiff_t>(distance) * (reverse ? -1 : 1))
    {
    }
};

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
    static constexpr std::size_t rows_together = 4;
    bool reverse;
    bool exclusive;

    chain as_chain() const
    {
        return {0, reverse, chain_nodes::end, exclusive ? chain_nodes::before : chain_nodes::behind};
    }

    void row(std::size_t length, T* y, const T* x) const { walk_rows<1>(length, y, x); }
    void rows(std::size_t length, T* y, const T* x) const { walk_rows<rows_together>(length, y, x); }

    template <std::size_t Rows>
    void walk_rows(std::size_t length, T* y, const T* x) const
    {
        in_direction(reverse,
                     [&](auto direction) {
                         exclusive ? walk_rows<Rows, true>(length, y, x, direction)
                                   : walk_rows<Rows, false>(length, y, x, direction);
                     });
    }

    template <std::size_t Rows, bool Exclusive>
    void walk_rows(std::size_t length, T* y, const T* x, auto direction) const
    {
        T running[Rows];
        T lowest[Rows];
        std::fill_n(running, Rows, T(1));
        std::fill_n(lowest, Rows, T(1));
        std::size_t i = step(0, length, reverse);
        for (std::size_t k = 0; k < length; ++k, i += static_cast<std::size_t>(direction()))
        {
            for (std::size_t row = 0; row < Rows; ++row)
            {
                const T next = running[row] * x[row * length + i];
                lowest[row] = std::min(lowest[row], std::abs(next));
                y[row * length + i] = Exclusive ? running[row] : next;
                running[row] = next;
            }
        }
        for (std::size_t row = 0; row < Rows; ++row)
        {
            if (!(lowest[row] >= smallest_normal<T>) || !std::isfinite(running[row]))
            {
                walk_line_again<T>({x + row * length, nullptr, nullptr, {}}, as_chain(),
                                   [&](auto& walk) {
                                       return walk.tangent({0, length, 1, 0}, y + row * length);
                                   });
            }
        }
    }

    void columns(std::size_t rows, std::size_t stride, std::size_t width, T* y, const T* x) const
    {
        const rows_in_order in_order(rows, stride, reverse);
        if (exclusive)
        {
            std::fill_n(y + in_order.first, width, T(1));
        }
        else
        {
            std::copy_n(x + in_order.first, width, y + in_order.first);
        }
        const std::ptrdiff_t factor_row = exclusive ? -in_order.stride : 0;
        const auto walk = [=](auto& columns)
        {
            columns.walk_into(y, rows - 1, in_order.first + in_order.stride, in_order.stride, width,
                              [=](auto part, std::ptrdiff_t row, std::size_t c, pack<T> before, pack<T>& factor)
                              {
                                  factor = part.load(x + (row + factor_row) + c);
                                  return before * factor;
                              });
        };
        walk_columns_carefully<T>({x, nullptr, nullptr, {}}, as_chain(), rows, stride, width, walk,
                                  [y](auto& careful, const line_place& place) { careful.tangent(place, y); });
    }
};

template <class T>
struct recurrence_program
{
    static constexpr std::size_t small_item = 16;
    static constexpr std::size_t rows_together = 4;
    bool reverse;
    bool factor_before;

    chain as_chain() const
    {
        const chain_nodes nodes = factor_before ? chain_nodes::before : chain_nodes::behind;
        return {0, reverse, nodes, nodes};
    }

    void row(std::size_t length, T* y, const T* a, const T* b) const { walk_rows<1>(length, y, a, b); }
    void rows(std::size_t length, T* y, const T* a, const T* b) const { walk_rows<rows_together>(length, y, a, b); }

    template <std::size_t Rows>
    void walk_rows(std::size_t length, T* y, const T* a, const T* b) const
    {
        in_direction(reverse, [&](auto direction) { walk_rows<Rows>(length, y, a, b, direction); });
    }

    template <std::size_t Rows>
    void walk_rows(std::size_t length, T* y, const T* a, const T* b, auto direction) const
    {
        const auto forward = static_cast<std::size_t>(direction());
        T running[Rows];
        T lowest[Rows];
        std::size_t i = step(0, length, reverse);
        for (std::size_t row = 0; row < Rows; ++row)
        {
            running[row] = b[row * length + i];
            lowest[row] = std::abs(running[row]);
            y[row * length + i] = running[row];
        }
        const std::size_t factor = factor_before ? forward : 0; // how far the factor lies before y
        for (std::size_t k = 1; k < length; ++k)
        {
            i += forward;
            for (std::size_t row = 0; row < Rows; ++row)
            {
                running[row] = b[row * length + i] + a[row * length + i - factor] * running[row];
                lowest[row] = std::min(lowest[row], std::abs(running[row]));
                y[row * length + i] = running[row];
            }
        }
        for (std::size_t row = 0; row < Rows; ++row)
        {
            if (!(lowest[row] >= smallest_normal<T>) || !std::isfinite(running[row]))
            {
                walk_line_again<T>({a + row * length, b + row * length, nullptr, {}}, as_chain(),
                                   [&](auto& walk) {
                                       return walk.tangent({0, length, 1, 0}, y + row * length);
                                   });
            }
        }
    }

    void columns(std::size_t rows, std::size_t stride, std::size_t width, T* y, const T* a, const T* b) const
    {
        const rows_in_order in_order(rows, stride, reverse);
        std::copy_n(b + in_order.first, width, y + in_order.first);
        const std::ptrdiff_t factor_row = factor_before ? -in_order.stride : 0;
        const auto walk = [=](auto& columns)
        {
            columns.walk_into(y, rows - 1, in_order.first + in_order.stride, in_order.stride, width,
                              [=](auto part, std::ptrdiff_t row, std::size_t c, pack<T> before, pack<T>& factor)
                              {
                                  factor = part.load(a + (row + factor_row) + c);
                                  return part.load(b + row + c) + factor * before;
                              });
        };
        walk_columns_carefully<T>({a, b, nullptr, {}}, as_chain(), rows, stride, width, walk,
                                  [y](auto& careful, const line_place& place) { careful.tangent(place, y); });
    }
};

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

} // namespace

#define AUTOGRAD_COMPILED(T)                                                                                           \
    template <>                                                                                                        \
    constinit const cumulative_kernels<T> compiled<cumulative_kernels<T>>::kernels{                                    \
        .cumsum = cumsum<T>, .cumprod = cumprod<T>, .linear_recurrence = linear_recurrence<T>};
AUTOGRAD_COMPILED(float)
AUTOGRAD_COMPILED(double)
#undef AUTOGRAD_COMPILED

} // namespace AUTOGRAD_KERNELS_INSTRUCTION_SET

} // namespace autograd::kernels
