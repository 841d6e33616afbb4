#include "autograd/kernels/chain.hpp"

#include "autograd/kernels/per_set/compiled.hpp"
#include "autograd/kernels/per_set/failed_columns.hpp"

#include <array>

namespace autograd::kernels
{

inline namespace AUTOGRAD_KERNELS_INSTRUCTION_SET
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
    static constexpr bool one_at_a_time = true; // in the same scratch
    chain how;
    scratch_memory scratch;

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
                walk_line_again<T>(
                    {x + start, HasInput ? input + start : nullptr, g + (HasOutputs ? start : row), {}, scratch}, how,
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
        walk_columns_carefully<T>(
            {x, input, g, {}, scratch}, how, rows, stride, width,
            [=, this](auto& columns)
            {
                this->walk_forward(columns, rows, stride, width, x_bar, x, input);
                this->walk_back(columns, rows, stride, width, x_bar, x, g);
            },
            [x_bar](auto& walk, const line_place& at) { walk.cotangent(at, x_bar); });
    }

    /// The row of factor k.
    std::ptrdiff_t row_of(std::size_t k, std::size_t rows, std::size_t stride) const
    {
        return static_cast<std::ptrdiff_t>(place(k, rows) * stride);
    }

    void walk_forward(auto& columns, std::size_t rows, std::size_t stride, std::size_t width, T* x_bar, const T* x,
                      [[maybe_unused]] const T* input) const
    {
        const std::ptrdiff_t first = row_of(0, rows, stride);
        const std::ptrdiff_t last = row_of(rows - 1, rows, stride);
        const auto forward = static_cast<std::ptrdiff_t>(stride) * (how.reverse ? -1 : 1);
        const std::size_t skip = skipped();
        if (skip != 0)
        {
            std::fill_n(x_bar + first, width, T(0));
        }
        if (skip == rows)
        {
            return;
        }
        const std::ptrdiff_t input_row = skip == 0 ? forward : 0;
        columns.walk(
            rows - 1 - skip, first + static_cast<std::ptrdiff_t>(skip) * forward, forward, width,
            [=]([[maybe_unused]] auto part, [[maybe_unused]] std::size_t c)
            {
                if constexpr (HasInput)
                {
                    return part.load(input + first + c);
                }
                else
                {
                    return pack<T>(1);
                }
            },
            [=](auto part, std::ptrdiff_t row, std::size_t c, pack<T> before, pack<T>& factor)
            {
                part.store(before, x_bar + row + c);
                factor = part.load(x + row + c);
                if constexpr (HasInput)
                {
                    return part.load(input + (row + input_row) + c) + factor * before;
                }
                else
                {
                    return factor * before;
                }
            },
            [=](auto part, std::size_t c, pack<T> node) { part.store(node, x_bar + last + c); });
    }

    /// Multiplies the nodes by what comes from the other end.
    void walk_back(auto& columns, std::size_t rows, std::size_t stride, std::size_t width, T* x_bar, const T* x,
                   const T* g) const
    {
        const std::ptrdiff_t first = row_of(0, rows, stride);
        const std::ptrdiff_t last = row_of(rows - 1, rows, stride);
        const auto back = static_cast<std::ptrdiff_t>(stride) * (how.reverse ? 1 : -1);
        const std::size_t out = left_out();
        if (out != 0)
        {
            std::fill_n(x_bar + last, width, T(0));
        }
        if (out == rows)
        {
            return;
        }
        const std::ptrdiff_t start = HasOutputs ? last : 0;
        const std::ptrdiff_t g_row = out == 0 ? back : 0;
        columns.walk(
            rows - 1 - out, last + static_cast<std::ptrdiff_t>(out) * back, back, width,
            [=](auto part, std::size_t c) { return part.load(g + start + c); },
            [=](auto part, std::ptrdiff_t row, std::size_t c, pack<T> before, pack<T>& factor)
            {
                part.store(part.load(x_bar + row + c) * before, x_bar + row + c);
                factor = part.load(x + row + c);
                if constexpr (HasOutputs)
                {
                    return part.load(g + (row + g_row) + c) + factor * before;
                }
                else
                {
                    return factor * before;
                }
            },
            [=](auto part, std::size_t c, pack<T> before)
            { part.store(part.load(x_bar + first + c) * before, x_bar + first + c); });
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

/// How each arithmetic walks along so many directions.
template <class T, class Order>
struct walks
{
    using in_packs = chain_walk<T, pack_arithmetic<T>, Order>;
    using plain = chain_walk<T, plain_arithmetic<T>, Order>;
    using with_exponents = chain_walk<T, scaled_arithmetic<T>, Order>;
};

/// They walk one after the other, in the same memory.
template <class T>
std::size_t chain_scratch(std::size_t nodes, std::size_t directions)
{
    std::size_t bytes = 0;
    with_order(directions,
               [&]<class Order>(Order order)
               {
                   using each = walks<T, Order>;
                   bytes = std::max({each::in_packs::scratch(nodes, order), each::plain::scratch(nodes, order),
                                     each::with_exponents::scratch(nodes, order)});
               });
    return bytes;
}

/// Every line by walk(arithmetic's walk, place): in packs where lines lie side by side, one by one elsewhere, and with
/// exponents where that was not enough.
template <class T, class F>
void walk_lines(const chain_operands<T>& of, const lines& along, const chain& how, F walk_line)
{
    with_order(of.directions.size(),
               [&]<class Order>(Order order)
               {
                   typename walks<T, Order>::in_packs in_packs(of, how, order);
                   typename walks<T, Order>::plain plain(of, how, order);
                   typename walks<T, Order>::with_exponents with_exponents(of, how, order);
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
        map_lines(along, x_bar, cotangent_program<T, false, false>{how, of.scratch}, of.x, each_line<T>{of.g});
    }
    else if (how.input == chain_nodes::end)
    {
        map_lines(along, x_bar, cotangent_program<T, false, true>{how, of.scratch}, of.x, of.g);
    }
    else
    {
        map_lines(along, x_bar, cotangent_program<T, true, true>{how, of.scratch}, of.x, of.input, of.g);
    }
}

} // namespace

#define AUTOGRAD_COMPILED(T)                                                                                           \
    template <>                                                                                                        \
    constinit const chain_kernels<T> compiled<chain_kernels<T>>::kernels{                                              \
        .tangent = chain_tangent<T>, .cotangent = chain_cotangent<T>, .scratch = chain_scratch<T>};
AUTOGRAD_COMPILED(float)
AUTOGRAD_COMPILED(double)
#undef AUTOGRAD_COMPILED

} // namespace AUTOGRAD_KERNELS_INSTRUCTION_SET

} // namespace autograd::kernels
