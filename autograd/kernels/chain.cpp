#include "autograd/kernels/chain.hpp"

#include "autograd/kernels/failed_columns.hpp"

namespace autograd::kernels
{

namespace
{

/// The derivative of first order, in the arithmetic of T; lines for which it is not enough are walked again. The nodes
/// of the first walk are kept in the result. HasInput and HasOutputs: whether there is a number at each node, rather
/// than at the end.
template <class T, bool HasInput, bool HasOutputs>
struct cotangent_program
{
    static constexpr std::size_t small_item = 16;
    chain how;

    /// The nodes before the first that takes something in, and behind the last that puts something out: 0 or 1.
    std::size_t skipped() const { return HasInput && how.input == chain_nodes::behind; }
    std::size_t left_out() const { return HasOutputs && how.output == chain_nodes::before; }
    /// The place of factor k.
    std::size_t place(std::size_t k, std::size_t length) const { return how.reverse ? length - 1 - k : k; }

    void row(std::size_t length, T* x_bar, const T* x, const T* g) const requires(!HasInput)
    {
        row(length, x_bar, x, nullptr, g);
    }
    void columns(std::size_t rows, std::size_t stride, std::size_t width, T* x_bar, const T* x, const T* g) const
        requires(!HasInput)
    {
        columns(rows, stride, width, x_bar, x, nullptr, g);
    }

    void row(std::size_t length, T* x_bar, const T* x, const T* input, const T* g) const
    {
        bool failed = false;
        x_bar[place(0, length)] = 0;
        T z = HasInput ? input[place(0, length)] : T(1);
        for (std::size_t k = skipped(); k < length; ++k)
        {
            x_bar[place(k, length)] = z;
            if (k + 1 < length)
            {
                const T factor = x[place(k, length)];
                T next = factor * z;
                if constexpr (HasInput)
                {
                    next = input[place(k + 1 - skipped(), length)] + next;
                }
                failed |= lost_digits(next, factor, z);
                z = next;
            }
        }
        const std::size_t end = length - left_out();
        T r = HasOutputs ? g[place(length - 1, length)] : *g;
        if (left_out() != 0)
        {
            x_bar[place(length - 1, length)] = 0;
        }
        for (std::size_t k = end; k-- > 0;)
        {
            x_bar[place(k, length)] *= r;
            if (k > 0)
            {
                const T factor = x[place(k, length)];
                T next = factor * r;
                if constexpr (HasOutputs)
                {
                    next = g[place(k + left_out() - 1, length)] + next;
                }
                failed |= lost_digits(next, factor, r);
                r = next;
            }
        }
        if (failed || !std::isfinite(z) || !std::isfinite(r))
        {
            careful_walk<T>({x, input, g, {}}, how, {}).cotangent({0, length, 1, 0}, x_bar);
        }
    }

    void columns(std::size_t rows, std::size_t stride, std::size_t width, T* x_bar, const T* x, const T* input,
                 const T* g) const
    {
        failed_columns<T> failed;
        walk_forward(rows, stride, width, x_bar, x, input, failed);
        walk_back(rows, stride, width, x_bar, x, g, failed);
        failed.walk_again({x, input, g, {}}, how, {0, rows, stride, 0}, width,
                          [x_bar](auto& walk, const line_place& at) { walk.cotangent(at, x_bar); });
    }

    void walk_forward(std::size_t rows, std::size_t stride, std::size_t width, T* x_bar, const T* x,
                      [[maybe_unused]] const T* input, failed_columns<T>& failed) const
    {
        std::size_t here = place(0, rows) * stride;
        if (skipped() != 0)
        {
            std::fill_n(x_bar + here, width, T(0));
        }
        if (skipped() == rows)
        {
            return;
        }
        const std::size_t first = here;
        here = place(skipped(), rows) * stride;
        if constexpr (HasInput)
        {
            std::copy_n(input + first, width, x_bar + here);
        }
        else
        {
            std::fill_n(x_bar + here, width, T(1));
        }
        for (std::size_t k = skipped(); k + 1 < rows; ++k)
        {
            const std::size_t there = place(k + 1, rows) * stride;
            [[maybe_unused]] const std::size_t taken_in = place(k + 1 - skipped(), rows) * stride;
            for_each_pack<T>(width,
                             [&](auto part, std::size_t c)
                             {
                                 const pack<T> factor = part.load(x + here + c);
                                 const pack<T> z = part.load(x_bar + here + c);
                                 pack<T> next = factor * z;
                                 if constexpr (HasInput)
                                 {
                                     next = part.load(input + taken_in + c) + next;
                                 }
                                 failed.watch(next, factor, z, c);
                                 part.store(next, x_bar + there + c);
                             });
            here = there;
        }
        for_each_pack<T>(width, [&](auto part, std::size_t c) { failed.watch_finite(part.load(x_bar + here + c), c); });
    }

    /// Multiplies the nodes by what comes from the other end.
    void walk_back(std::size_t rows, std::size_t stride, std::size_t width, T* x_bar, const T* x, const T* g,
                   failed_columns<T>& failed) const
    {
        T r[column_tile];
        const std::size_t last = place(rows - 1, rows) * stride;
        std::copy_n(g + (HasOutputs ? last : 0), width, r);
        if (left_out() != 0)
        {
            std::fill_n(x_bar + last, width, T(0));
        }
        for (std::size_t k = rows - left_out(); k-- > 0;)
        {
            const std::size_t here = place(k, rows) * stride;
            [[maybe_unused]] const std::size_t put_out = k > 0 ? place(k + left_out() - 1, rows) * stride : 0;
            for_each_pack<T>(width,
                             [&](auto part, std::size_t c)
                             {
                                 const pack<T> before = part.load(r + c);
                                 part.store(part.load(x_bar + here + c) * before, x_bar + here + c);
                                 if (k == 0)
                                 {
                                     return;
                                 }
                                 const pack<T> factor = part.load(x + here + c);
                                 pack<T> next = factor * before;
                                 if constexpr (HasOutputs)
                                 {
                                     next = part.load(g + put_out + c) + next;
                                 }
                                 failed.watch(next, factor, before, c);
                                 part.store(next, r + c);
                             });
        }
        for_each_pack<T>(width, [&](auto part, std::size_t c) { failed.watch_finite(part.load(r + c), c); });
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
    walk_lines(of, lines::along(shape, how.axis), how,
               [y](auto& walk, const line_place& at) { return walk.tangent(at, y); });
}

template <class T>
void chain_cotangent(const chain_operands<T>& of, shape_view shape, const chain& how, T* x_bar)
{
    const lines along = lines::along(shape, how.axis);
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
