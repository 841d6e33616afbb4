#pragma once

#include "autograd/kernels/chain.hpp"
#include "autograd/kernels/per_set/column_walk.hpp"
#include "autograd/kernels/per_set/scaled.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <type_traits>

/// The walks of chain.hpp over one line, or over as many lines side by side as a pack has lanes, in an arithmetic that
/// is given.
namespace autograd::kernels
{

inline namespace AUTOGRAD_KERNELS_INSTRUCTION_SET
{

/// Whether a product came out so small that digits were lost.
template <class T>
bool lost_digits(T product, T a, T b)
{
    return std::abs(product) < smallest_normal<T> && a != 0 && b != 0;
}
template <class T>
mask<T> lost_digits(pack<T> product, pack<T> a, pack<T> b)
{
    const mask<T> small = abs(product) < smallest_normal<T>;
    return any(small) ? small && not_equal(a, 0) && not_equal(b, 0) : small;
}

// -------------------------------------------------------------------------------------------------- three arithmetics

/// That of T, which notices when it is not enough: digits lost to subnormal numbers, or anything infinite or NaN.
template <class T>
struct plain_arithmetic
{
    using number = T;
    bool failed = false;

    static number load(const T* x) { return *x; }
    static void store(number value, T* y) { *y = value; }
    number times(number a, number b)
    {
        const T product = a * b;
        failed |= lost_digits(product, a, b);
        return product;
    }
    void check_finite(number x) { failed |= !(std::abs(x) <= std::numeric_limits<T>::max()); }
};

/// The same in packs.
template <class T>
struct pack_arithmetic
{
    using number = pack<T>;
    bool failed = false;

    static number load(const T* x) { return number::load(x); }
    static void store(number value, T* y) { value.store(y); }
    number times(number a, number b)
    {
        const number product = a * b;
        failed |= any(lost_digits(product, a, b));
        return product;
    }
    void check_finite(number x) { failed |= !all(isfinite(x)); }
};

/// That of numbers with exponents, which always is.
template <class T>
struct scaled_arithmetic
{
    using number = scaled<T>;
    static constexpr bool failed = false;

    static number load(const T* x) { return *x; }
    static void store(number value, T* y) { *y = value.value(); }
    static number times(number a, number b) { return a * b; }
    static void check_finite(number) {}
};

// --------------------------------------------------------------------------------------------------------- the walks

/// An operand along a line, in the direction of the walk.
template <class T>
struct along_line
{
    T* first;
    std::ptrdiff_t stride;

    T* operator[](std::size_t k) const { return first + static_cast<std::ptrdiff_t>(k) * stride; }
};

/// Where a line lies in arrays of one shape: that of number k is start + k * stride.
struct line_place
{
    std::size_t start;
    std::size_t length;
    std::size_t stride;
    std::size_t number; ///< among all lines, for what has one number for each

    template <class T>
    along_line<T> of(T* x, bool reverse) const
    {
        const auto step = static_cast<std::ptrdiff_t>(stride);
        return reverse && length > 0 ? along_line<T>{x + start + (length - 1) * stride, -step}
                                     : along_line<T>{x + start, step};
    }
    template <class T>
    along_line<T> of(T* x, bool reverse, chain_nodes nodes) const
    {
        return nodes == chain_nodes::end ? along_line<T>{x + number, 0} : of(x, reverse);
    }
};

/// Order is an integral type or constant: the number of directions. A number x + e_1 u_1 + ... has a coefficient for
/// each set of directions, a bit for each. Node k behind the first one that takes something in has coefficients of sets
/// of at most k; the others are not even multiplied: 0 times an infinite factor would be NaN.
template <class T, class Arithmetic, class Order>
class chain_walk
{
    using number = typename Arithmetic::number;

public:
    chain_walk(const chain_operands<T>& of, const chain& how, Order order)
        : m_of(of), m_how(how), m_order(order), m_scratch(of.scratch), m_state(room_for_state(order, m_scratch))
    {
    }

    /// The bytes of scratch for a walk that keeps so many nodes.
    static std::size_t scratch(std::size_t nodes, Order order)
    {
        scratch_memory memory;
        room_for_state(order, memory);
        room_for_nodes(nodes, order, memory);
        return memory.bytes();
    }

    /// Puts out y; returns whether the arithmetic was enough.
    bool tangent(const line_place& at, T* y)
    {
        begin(at);
        const along_line<T> out = at.of(y, m_how.reverse, m_how.output);
        const auto put_out = [&](std::size_t node, std::ptrdiff_t depth)
        {
            const bool is_end = m_how.output == chain_nodes::end;
            const bool is_behind = m_how.output == chain_nodes::behind;
            if (is_end ? node == m_length : is_behind ? node > 0 : node < m_length)
            {
                const number value = depth >= order() ? m_state.back() : number(T(0));
                m_arithmetic.check_finite(value);
                m_arithmetic.store(value, out[node - is_behind]);
            }
        };
        for (std::size_t node = 0;; ++node)
        {
            take_in(node, depth_from_start(node));
            put_out(node, depth_from_start(node));
            if (node == m_length)
            {
                break;
            }
            pass(node, depth_from_start(node));
        }
        check_state();
        return !m_arithmetic.failed;
    }

    /// Puts out the cotangents of the factors; returns whether the arithmetic was enough.
    bool cotangent(const line_place& at, T* x_bar)
    {
        begin(at);
        const along_line<T> out = at.of(x_bar, m_how.reverse);
        scratch_memory memory = m_scratch;
        m_nodes = room_for_nodes(m_length, m_order, memory);
        for (std::size_t node = 0; node < m_length; ++node)
        {
            take_in(node, depth_from_start(node));
            std::copy(m_state.begin(), m_state.end(), m_nodes + node * coefficients());
            if (node + 1 < m_length)
            {
                pass(node, depth_from_start(node));
            }
        }
        check_state();
        const along_line<const T> g = at.of(m_of.g, m_how.reverse, m_how.output);
        for (std::size_t node = m_length; node > 0; --node)
        {
            const std::ptrdiff_t depth = depth_from_end(node);
            if (depth == 0)
            {
                start(m_arithmetic.load(g[m_how.output == chain_nodes::before ? node : node - 1]));
            }
            else if (depth > 0 && m_how.output != chain_nodes::end)
            {
                m_state[0] = m_state[0] + m_arithmetic.load(g[m_how.output == chain_nodes::before ? node : node - 1]);
            }
            const number result = product(node - 1, depth);
            m_arithmetic.check_finite(result);
            m_arithmetic.store(result, out[node - 1]);
            if (node > 1)
            {
                pass(node - 1, depth);
            }
        }
        check_state();
        return !m_arithmetic.failed;
    }

private:
    /// The coefficients of a number: on the stack where their number is known.
    static auto room_for_state(Order order, [[maybe_unused]] scratch_memory& memory)
    {
        if constexpr (requires { Order::value; })
        {
            return std::array<number, (std::size_t{1} << Order::value)>();
        }
        else
        {
            const std::size_t count = std::size_t{1} << order;
            return std::span<number>(memory.take<number>(count), count);
        }
    }
    using state_array = decltype(room_for_state(std::declval<Order>(), std::declval<scratch_memory&>()));
    static number* room_for_nodes(std::size_t nodes, Order order, scratch_memory& memory)
    {
        return memory.take<number>(nodes << order);
    }

    std::ptrdiff_t order() const { return static_cast<std::ptrdiff_t>(m_order); }
    std::size_t coefficients() const { return std::size_t{1} << m_order; }
    static std::ptrdiff_t size_of(std::size_t set) { return std::popcount(set); }

    void begin(const line_place& at)
    {
        m_arithmetic = Arithmetic();
        m_length = at.length;
        m_x = at.of(m_of.x, m_how.reverse);
        if (m_how.input != chain_nodes::end)
        {
            m_input = at.of(m_of.input, m_how.reverse);
        }
        start(number(T(0)));
    }

    /// How many nodes lie between a node and the first one that takes in; negative before it.
    std::ptrdiff_t depth_from_start(std::size_t node) const
    {
        return static_cast<std::ptrdiff_t>(node) - (m_how.input == chain_nodes::behind);
    }
    /// The same to the last one that puts out.
    std::ptrdiff_t depth_from_end(std::size_t node) const
    {
        return static_cast<std::ptrdiff_t>(m_length - node) - (m_how.output == chain_nodes::before);
    }

    void start(number value)
    {
        std::fill(m_state.begin(), m_state.end(), number(T(0)));
        m_state[0] = value;
    }

    void take_in(std::size_t node, std::ptrdiff_t depth)
    {
        const auto k = static_cast<std::size_t>(depth);
        if (m_how.input == chain_nodes::end)
        {
            if (node == 0)
            {
                start(number(T(1)));
            }
        }
        else if (depth == 0 && k < m_length)
        {
            start(m_arithmetic.load(m_input[0]));
        }
        else if (depth > 0 && k < m_length)
        {
            m_state[0] = m_state[0] + m_arithmetic.load(m_input[k]);
        }
    }

    /// The state times factor k. Sets in descending order: what a coefficient comes from is still there.
    void pass(std::size_t k, std::ptrdiff_t depth)
    {
        const number x = m_arithmetic.load(m_x[k]);
        const std::ptrdiff_t place = m_x[k] - m_of.x; // of the factor, as of what the directions have there
        for (std::size_t set = coefficients(); set-- > 0;)
        {
            if (size_of(set) - 1 > depth || depth < 0)
            {
                continue;
            }
            number sum = size_of(set) <= depth ? m_arithmetic.times(x, m_state[set]) : number(T(0));
            for (std::size_t j = 0; j < m_order; ++j)
            {
                if ((set >> j) & 1)
                {
                    const number before = m_state[set ^ (std::size_t{1} << j)];
                    sum = sum +
                          m_arithmetic.times(m_arithmetic.load(m_of.directions[j].template as<T>() + place), before);
                }
            }
            m_state[set] = sum;
        }
    }

    /// The coefficient of all directions in the state times node k.
    number product(std::size_t k, std::ptrdiff_t depth)
    {
        const std::size_t all_directions = coefficients() - 1;
        number sum(T(0));
        bool is_first = true;
        for (std::size_t set = 0; set <= all_directions; ++set)
        {
            const std::size_t others = all_directions ^ set;
            if (size_of(set) <= depth && size_of(others) <= depth_from_start(k))
            {
                const number node = m_nodes[k * coefficients() + others];
                const number term = m_arithmetic.times(m_state[set], node);
                sum = is_first ? term : sum + term;
                is_first = false;
            }
        }
        return sum;
    }

    void check_state()
    {
        for (const number& coefficient : m_state)
        {
            m_arithmetic.check_finite(coefficient);
        }
    }

    const chain_operands<T> m_of;
    const chain m_how;
    const Order m_order;
    Arithmetic m_arithmetic;
    std::size_t m_length = 0;
    along_line<const T> m_x{};
    along_line<const T> m_input{};
    number* m_nodes = nullptr; ///< of the first walk, for the second
    scratch_memory m_scratch;  ///< behind the state
    state_array m_state;       ///< at the node that the walk has come to
};

using no_directions = std::integral_constant<std::size_t, 0>;

/// For lines without directions that are walked again.
template <class T>
using careful_walk = chain_walk<T, scaled_arithmetic<T>, no_directions>;

} // namespace AUTOGRAD_KERNELS_INSTRUCTION_SET

} // namespace autograd::kernels
