#pragma once

#include "autograd/kernels/chosen.hpp"
#include "autograd/kernels/elementwise.hpp"
#include "autograd/operations/rule.hpp"
#include "autograd/operations/traced.hpp"

#include <tuple>

/// The pulls of elementwise rules as operations of their own, and the kernels of both.
namespace autograd
{

namespace detail
{

template <class Rule>
concept has_attributes = requires
{
    typename Rule::attributes;
};

template <class Rule>
decltype(auto) attributes_of([[maybe_unused]] const void* attributes)
{
    return *static_cast<const typename Rule::attributes*>(attributes);
}

/// For their types only: never called.
template <class... Pulls>
std::tuple<Pulls...> pulls_of(per_operand<Pulls...>);
template <class... Pulls>
std::tuple<Pulls...> pulls_of(std::tuple<Pulls...>);
template <class Rule>
using pull_types = decltype(pulls_of(Rule::pulls));

template <class Rule>
inline constexpr std::size_t arity = std::tuple_size_v<pull_types<Rule>>;

template <class Rule, std::size_t K>
using pull_type = std::tuple_element_t<K, pull_types<Rule>>;

/// Whether a derivative by operand K is declared, and whether anything flows to it.
template <class Rule, std::size_t K>
inline constexpr bool declares_operand = !std::is_same_v<pull_type<Rule, K>, no_pull>;
template <class Rule, std::size_t K>
inline constexpr bool pulls_operand = declares_operand<Rule, K> && !std::is_same_v<pull_type<Rule, K>, zero_pull>;

/// Calls an expression of a rule with its arguments and, where the rule has them, its attributes.
template <class Rule, class Expression, class... X>
auto call(const Expression& expression, const void* attributes, X... x)
{
    if constexpr (has_attributes<Rule>)
    {
        return expression(x..., attributes_of<Rule>(attributes));
    }
    else
    {
        return expression(x...);
    }
}

/// The pull of operand K as an elementwise operation of its own: one kernel, one instruction. It reads those of the
/// rule's operands, its result y and the cotangent g that the expression uses, in this order. Its own derivatives come
/// from expanding the expression into recorded operations.
template <class Rule, std::size_t K>
struct pull_of : elementwise
{
    static constexpr std::size_t arguments = arity<Rule> + 2; // operands..., y, g
    static constexpr pull_type<Rule, K> expression{};

    /// For its type only: never called.
    template <std::size_t... I>
    static auto trace(std::index_sequence<I...>)
    {
        return call<Rule>(expression, nullptr, tracing::traced<(1u << I), 0>{}...);
    }
    using traced_type = decltype(trace(std::make_index_sequence<arguments>()));
    static constexpr unsigned reads = tracing::reads_of<traced_type>;
    static constexpr int operations = tracing::operations_of<traced_type>;
    static constexpr bool reads_argument(std::size_t i) { return (reads >> i) & 1u; }
    /// Whether the derivative may be infinite, or NaN, at finite operands. A result may have overflowed.
    static constexpr bool unbounded = tracing::is_unbounded<traced_type> || reads_argument(arity<Rule>);
    static constexpr std::size_t operand_count = static_cast<std::size_t>(__builtin_popcount(reads));

    /// Where argument i stands among the operands that are read.
    static constexpr std::size_t position(std::size_t i)
    {
        return static_cast<std::size_t>(__builtin_popcount(reads & ((1u << i) - 1u)));
    }

    /// The expression on all arguments; those that it does not read may be anything.
    template <class Get, std::size_t... I>
    static auto evaluate(const Get& get, [[maybe_unused]] const void* attributes, std::index_sequence<I...>)
    {
        return call<Rule>(expression, attributes, get(std::integral_constant<std::size_t, I>())...);
    }
};

/// The kernel of a pull: Rule's attributes, the operands that are read.
template <class Rule, std::size_t K>
struct pull_kernel
{
    using pull = pull_of<Rule, K>;

    template <class... X>
    static auto apply(const void* attributes, X... x)
    {
        using first = std::tuple_element_t<0, std::tuple<X...>>;
        const std::tuple<X...> operands(x...);
        const auto get = [&](auto i)
        {
            if constexpr (pull::reads_argument(i))
            {
                return std::get<pull::position(i)>(operands);
            }
            else
            {
                return first(0);
            }
        };
        return pull::evaluate(get, attributes, std::make_index_sequence<pull::arguments>());
    }
};

} // namespace detail

namespace kernels
{

/// What is compiled of an elementwise rule for each instruction set: its forward, and those of its pulls that are
/// instructions of their own. Rules of other kinds have nothing of this.
template <class Rule, class T, rule_kind = Rule::kind>
struct rule_kernels
{
};

template <class Rule, class T>
struct rule_kernels<Rule, T, rule_kind::elementwise>
{
    run_function<T> forward;
    run_function<T> pulls[autograd::detail::arity<Rule>];
};

template <class Rule, class T>
inline constexpr chosen<rule_kernels<Rule, T>> runs;

} // namespace kernels

} // namespace autograd
