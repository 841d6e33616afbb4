#include "autograd/kernels/chain.hpp"

#include "autograd/kernels/failed_columns.hpp"

#include <array>

namespace autograd::kernels
{

namespace
{

/// The derivative of first order in the arithmetic of T; lines for which it is not enough are walked again. The nodes
/// of the first walk are kept in the result. HasInput and HasOutputs: whether there is a number at each node, rather
/// than at the end.
template <class T, bool HasInput, bool HasOutputs>
struct cotangent_program
{
    static constexpr std::size_t small_item = 16;
    static constexpr std::size_t rows_together = 4;
    chain how;

    /// The nodes before the first that takes something in, and behind the last that puts something out: 0 or 1.
    std::size_t skipped() const { return HasInput && how.input == chain_nodes::behind; }
    std::size_t left_out() const { return HasOutputs && how.output == chain_nodes::before; }
    /// The place of factor k.
    std::size_t place(std::size_t k, std::size_t length) const { return how.reverse ? length - 1 - k : k; }

    void row(std::size_t length, T* x_bar, const T* x, const T* g) const requires(!HasInput)
    {
        walk_rows<1>(length, x_bar, x, nullptr, g);
    }
    void columns(std::size_t rows, std::size_t stride, std::size_t width, T* x_bar, const T* x, const T* g) const
        requires(!HasInput)
    {
        columns(rows, stride, width, x_bar, x, nullptr, g);
    }

    void row(std::size_t length, T* x_bar, const T* x, const T* input, const T* g) const
    {
        walk_rows<1>(length, x_bar, x, input, g);
    }
    void rows(std::size_t length, T* x_bar, const T* x, const T* g) const requires(!HasInput)
    {
        walk_rows<rows_together>(length, x_bar, x, nullptr, g);
    }
    void rows(std::size_t length, T* x_bar, const T* x, const T* input, const T* g) const
    {
        walk_rows<rows_together>(length, x_bar, x, input, g);
    }

    template <std::size_t Rows>
    void walk_rows(std::size_t length, T* x_bar, const T* x, const T* input, const T* g) const
    {
        std::array<bool, Rows> is_enough{};
        in_direction(how.reverse,
                     [&](auto direction) { is_enough = walk_rows<Rows>(length, x_bar, x, input, g, direction); });
        for (std::size_t row = 0; row < Rows; ++row)
        {
            if (!is_enough[row])
            {
                const std::size_t start = row * length;
                walk_line_again<T>({x + start, HasInput ? input + start : nullptr, g + (HasOutputs ? start : row), {}},
                                   how,
                                   [&](auto& walk) {
                                       return walk.cotangent({0, length, 1, 0}, x_bar + start);
                                   });
            }
        }
    }

    /// Returns of each row whether nothing was small or infinite.
    template <std::size_t Rows>
    std::array<bool, Rows> walk_rows(std::size_t length, T* x_bar, const T* x, [[maybe_unused]] const T* input,
                                     const T* g, auto direction) const
    {
        const auto n = static_cast<std::ptrdiff_t>(length);
        const auto skip = static_cast<std::ptrdiff_t>(skipped());
        const auto out = static_cast<std::ptrdiff_t>(left_out());
        const auto first = static_cast<std::ptrdiff_t>(place(0, length));
        const auto at = [=](std::size_t row, std::ptrdiff_t k)
        { return static_cast<std::ptrdiff_t>(row) * n + first + k * direction(); };
        T z[Rows];
        T r[Rows];
        T lowest[Rows];
        std::array<bool, Rows> is_enough;
        for (std::size_t row = 0; row < Rows; ++row)
        {
            x_bar[at(row, 0)] = 0;
            x_bar[at(row, n - 1)] = 0;
            z[row] = HasInput ? input[at(row, 0)] : T(1);
            r[row] = HasOutputs ? g[at(row, n - 1)] : g[row];
            lowest[row] = std::min(std::abs(z[row]), std::abs(r[row]));
            is_enough[row] = true;
        }
        if (skip + out >= n)
        {
            return is_enough;
        }
        for (std::ptrdiff_t k = skip; k + 1 < n; ++k)
        {
            for (std::size_t row = 0; row < Rows; ++row)
            {
                x_bar[at(row, k)] = z[row];
                z[row] = x[at(row, k)] * z[row];
                if constexpr (HasInput)
                {
                    z[row] = input[at(row, k + 1 - skip)] + z[row];
                }
                lowest[row] = std::min(lowest[row], std::abs(z[row]));
            }
        }
        for (std::size_t row = 0; row < Rows; ++row)
        {
            x_bar[at(row, n - 1)] = out == 0 ? z[row] : T(0);
        }
        for (std::ptrdiff_t k = n - 1 - out; k > skip; --k)
        {
            for (std::size_t row = 0; row < Rows; ++row)
            {
                x_bar[at(row, k)] *= r[row];
                r[row] = x[at(row, k)] * r[row];
                if constexpr (HasOutputs)
                {
                    r[row] = g[at(row, k + out - 1)] + r[row];
                }
                lowest[row] = std::min(lowest[row], std::abs(r[row]));
            }
        }
        for (std::size_t row = 0; row < Rows; ++row)
        {
            x_bar[at(row, skip)] *= r[row];
            is_enough[row] = lowest[row] >= smallest_normal<T> && std::isfinite(z[row]) && std::isfinite(r[row]);
        }
        return is_enough;
    }

    void columns(std::size_t rows, std::size_t stride, std::size_t width, T* x_bar, const T* x, const T* input,
                 const T* g) const
    {
        failed_columns<T> failed;
        walk_forward(rows, stride, width, x_bar, x, input, failed);
        walk_back(rows, stride, width, x_bar, x, g, failed);
        failed.walk_again({x, input, g, {}}, how, rows, stride, width,
                          [x_bar](auto& walk, const line_place& at) { walk.cotangent(at, x_bar); });
    }

    void walk_forward(std::size_t rows, std::size_t stride, std::size_t width, T* x_bar, const T* x,
                      [[maybe_unused]] const T* input, failed_columns<T>& failed) const
    {
        T z[column_tile];
        if constexpr (HasInput)
        {
            start_columns(z, input + place(0, rows) * stride, width);
        }
        else
        {
            std::fill_n(z, in_packs<T>(width), T(1));
        }
        if (skipped() != 0)
        {
            std::fill_n(x_bar + place(0, rows) * stride, width, T(0));
        }
        if (skipped() == rows)
        {
            return;
        }
        failed.walk(rows - 1 - skipped(), width, z,
                    [&](std::size_t k)
                    {
                        const std::size_t here = place(k + skipped(), rows) * stride;
                        const T* taken_in = HasInput ? input + place(k + 1, rows) * stride : nullptr;
                        return [=, to = x_bar + here, factors = x + here](auto part, std::size_t c, pack<T> before,
                                                                          pack<T>& factor)
                        {
                            part.store(before, to + c);
                            factor = part.load(factors + c);
                            if constexpr (HasInput)
                            {
                                return part.load(taken_in + c) + factor * before;
                            }
                            else
                            {
                                return factor * before;
                            }
                        };
                    });
        std::copy_n(z, width, x_bar + place(rows - 1, rows) * stride);
    }

    /// Multiplies the nodes by what comes from the other end.
    void walk_back(std::size_t rows, std::size_t stride, std::size_t width, T* x_bar, const T* x, const T* g,
                   failed_columns<T>& failed) const
    {
        T r[column_tile];
        const std::size_t last = place(rows - 1, rows) * stride;
        start_columns(r, g + (HasOutputs ? last : 0), width);
        if (left_out() != 0)
        {
            std::fill_n(x_bar + last, width, T(0));
        }
        if (left_out() == rows)
        {
            return;
        }
        const std::size_t most = rows - 1 - left_out(); // the factor that is come to first
        failed.walk(most, width, r,
                    [&](std::size_t k)
                    {
                        const std::size_t here = place(most - k, rows) * stride;
                        const T* put_out = HasOutputs ? g + place(most - k + left_out() - 1, rows) * stride : nullptr;
                        return [=, to = x_bar + here, factors = x + here](auto part, std::size_t c, pack<T> before,
                                                                          pack<T>& factor)
                        {
                            part.store(part.load(to + c) * before, to + c);
                            factor = part.load(factors + c);
                            if constexpr (HasOutputs)
                            {
                                return part.load(put_out + c) + factor * before;
                            }
                            else
                            {
                                return factor * before;
                            }
                        };
                    });
        T* first = x_bar + place(0, rows) * stride;
        for_each_pack<T>(width, [&](auto part, std::size_t c)
                         { part.store(part.load(first + c) * pack<T>::load(r + c), first + c); });
    }
};

/// f(order), as a constant where it is one of the smallest.
template <class F>
void with_order(std::size_t order, F f)
{
    switch (order)
    {
    case 0:
        return f(no_directions());
    case 1:
        return f(std::integral_constant<std::size_t, 1>());
    case 2:
        return f(std::integral_constant<std::size_t, 2>());
    default:
        return f(order);
    }
}

/// Every line by walk(arithmetic's walk, place): in packs where lines lie side by side, one by one elsewhere, and with
/// exponents where that was not enough.
template <class T, class F>
void walk_lines(const chain_operands<T>& of, const lines& along, const chain& how, F walk_line)
{
    with_order(of.directions.size(),
               [&]<class Order>(Order order)
               {
                   chain_walk<T, pack_arithmetic<T>, Order> in_packs(of, how, order);
                   chain_walk<T, plain_arithmetic<T>, Order> plain(of, how, order);
                   chain_walk<T, scaled_arithmetic<T>, Order> with_exponents(of, how, order);
                   for (std::size_t line = 0; line < along.outer * along.inner;)
                   {
                       const std::size_t column = line % along.inner;
                       const bool fills_pack = along.inner - column >= pack<T>::size;
                       line_place at{line / along.inner * along.item() + column, along.length, along.inner, line};
                       const bool was_enough = fills_pack ? walk_line(in_packs, at) : walk_line(plain, at);
                       line += fills_pack ? pack<T>::size : 1;
                       for (; !was_enough && at.number < line; ++at.number, ++at.start)
                       {
                           walk_line(with_exponents, at);
                       }
                   }
               });
}

} // namespace

template <class T>
void chain_tangent(const chain_operands<T>& of, shape_view shape, const chain& how, T* y)
{
    const lines along = lines::along(shape, how.axis);
    if (along.size() == 0 && how.output != chain_nodes::end)
    {
        return; // however many lines there are of nothing
    }
    walk_lines(of, along, how, [y](auto& walk, const line_place& at) { return walk.tangent(at, y); });
}

template <class T>
void chain_cotangent(const chain_operands<T>& of, shape_view shape, const chain& how, T* x_bar)
{
    const lines along = lines::along(shape, how.axis);
    if (along.size() == 0)
    {
        return;
    }
    if (!of.directions.empty())
    {
        walk_lines(of, along, how, [x_bar](auto& walk, const line_place& at) { return walk.cotangent(at, x_bar); });
    }
    else if (how.output == chain_nodes::end)
    {
        map_lines(along, x_bar, cotangent_program<T, false, false>{how}, of.x, each_line<T>{of.g});
    }
    else if (how.input == chain_nodes::end)
    {
        map_lines(along, x_bar, cotangent_program<T, false, true>{how}, of.x, of.g);
    }
    else
    {
        map_lines(along, x_bar, cotangent_program<T, true, true>{how}, of.x, of.input, of.g);
    }
}

#define AUTOGRAD_INSTANTIATE(T)                                                                                        \
    template void chain_tangent(const chain_operands<T>&, shape_view, const chain&, T*);                               \
    template void chain_cotangent(const chain_operands<T>&, shape_view, const chain&, T*);
AUTOGRAD_INSTANTIATE(float)
AUTOGRAD_INSTANTIATE(double)
#undef AUTOGRAD_INSTANTIATE

} // namespace autograd::kernels
