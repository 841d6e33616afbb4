#pragma once

#include "autograd/differentiate/gradient.hpp"
#include "autograd/operations/identity.hpp"
#include "autograd/operations/record.hpp"

#include <functional>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

/// Functions whose derivative the user gives.
/// \ingroup control
namespace autograd
{

/// What the rule of a custom_vjp is right for.
enum class rule_order
{
    any,  ///< it is made of recorded operations, so it can be differentiated
    first ///< the first derivative only: what it computes from values counts as constant in further ones
};
inline constexpr rule_order first_order = rule_order::first;

/// The result of a function whose vjp the user gave: operands x..., and last f(x...), whose storage it shares.
struct custom_vjp_rule : general
{
    static constexpr auto name = "custom_vjp";
    static constexpr auto storage = storage_kind::shared;

    /// Cotangents of the inputs, given the instruction and the cotangent of its result. One of the two is set.
    template <class T>
    using closure = std::function<std::vector<variable<T>>(const recorded<T>&, variable<T>)>;
    struct attributes
    {
        closure<float> on_float;
        closure<double> on_double;
        bool for_first_order = false;

        const closure<float>& get(float) const { return on_float; }
        const closure<double>& get(double) const { return on_double; }
    };

    static shape_vector shape(std::span<const shape_view> operands, const attributes&) { return operands.back(); }
    template <class T>
    static void forward(const evaluation<T>&, const attributes&)
    {
    }
    template <class T>
    static void vjp(pullback<T>& y)
    {
        if (y.wanted(y.operand_count() - 1))
        {
            throw error::not_differentiable("custom_vjp", "the function uses a variable that is differentiated but is "
                                                          "not among its arguments; the rule cannot know of it. Pass "
                                                          "it as an argument.");
        }
        const attributes& a = y.template attributes<attributes>();
        std::optional<typename tape<T>::unwatched> unwatched;
        if (a.for_first_order)
        {
            unwatched.emplace(y.tape());
        }
        const std::vector<variable<T>> cotangents = a.get(T())(y, y.cotangent());
        for (std::size_t k = 0; k < cotangents.size(); ++k)
        {
            y.give(k, cotangents[k]);
        }
    }
    static void samples(auto& s)
    {
        s.call(
            "square with its own rule", "x * x",
            [](auto x)
            { return custom_vjp([](auto z) { return z * z; }, [](auto z, auto, auto g) { return 2.0 * z * g; })(x); },
            s.numbers({2, 3}));
    }
};
AUTOGRAD_OPERATION(custom_vjp_rule)

namespace detail
{

template <class T, class Rule, std::size_t... K>
std::vector<variable<T>> call_custom_rule(const Rule& rule, const recorded<T>& y, variable<T> g,
                                          std::index_sequence<K...>)
{
    const auto cotangents = rule(y.operand(K)..., y.output(), g);
    if constexpr (is_variable<std::remove_cvref_t<decltype(cotangents)>>)
    {
        return {cotangents};
    }
    else
    {
        return std::apply([](const auto&... each) { return std::vector<variable<T>>{each...}; }, cotangents);
    }
}

/// How many cotangents that is which a rule returned: a variable, or a tuple or an array of them.
template <class T, class Returned>
constexpr std::size_t number_of_cotangents()
{
    if constexpr (tuple_like<Returned>)
    {
        return std::tuple_size_v<Returned>;
    }
    else
    {
        return std::is_same_v<Returned, variable<T>> ? 1 : 0;
    }
}

/// x... -> f(x...) with the rule, on its tape.
template <class T, class F, class Rule, class... Rest>
variable<T> call_with_rule(const F& f, const Rule& rule, rule_order right_for, location where, variable<T> x,
                           Rest... rest)
{
    custom_vjp_rule::attributes attributes;
    attributes.for_first_order = right_for == rule_order::first;
    custom_vjp_rule::closure<T> closure = [rule](const recorded<T>& y, variable<T> g)
    { return call_custom_rule<T>(rule, y, g, std::make_index_sequence<1 + sizeof...(rest)>()); };
    if constexpr (std::is_same_v<T, float>)
    {
        attributes.on_float = closure;
    }
    else
    {
        attributes.on_double = closure;
    }
    (x.checked(custom_vjp_rule::name, where), ..., rest.checked(custom_vjp_rule::name, where));
    return x.tape().together(custom_vjp_rule::name, where,
                             [&]
                             {
                                 // How the value depends on what f reads is for the rule to say.
                                 std::optional<typename tape<T>::unwatched> unwatched(x.tape());
                                 const variable<T> value = f(stop_gradient(x, where), stop_gradient(rest, where)...);
                                 unwatched.reset();
                                 return record<custom_vjp_rule, T>(where, {x, rest..., value}, attributes);
                             });
}

} // namespace detail

/// f with a derivative of the user's choice: the function x... -> f(x...) whose vjp is rule(x..., y, g), which returns
/// the cotangent of its one input, or a tuple or array of those of several (an empty variable is zero). The rule is
/// written with recorded operations, so higher orders differentiate the rule. What it computes from values (value(),
/// item(), data()) cannot be differentiated: where a further derivative needs it, it throws not_differentiable, unless
/// the rule is declared to be for the first order: custom_vjp(f, rule, first_order). (What f itself reads is for the
/// rule to know: a number that f keeps for it is a constant to further derivatives.) The jvp is the transpose of the
/// rule, which exists where the rule is linear in g; where it is not (it clips g, say), jvp, and jacobian and
/// hessian_vector_product where they go forward, throw not_differentiable.
/// Shape: that of f(x...). Recorded at the line that calls custom_vjp. Throws, when it is differentiated, shape_error
/// if a cotangent has not the shape of its input, and not_differentiable by a variable that f captured: pass it
/// instead.
template <class F, class Rule>
auto custom_vjp(F f, Rule rule, rule_order right_for, location where = location::current())
{
    return [f, rule, right_for, where]<class T>(variable<T> x, std::same_as<variable<T>> auto... rest) -> variable<T>
    {
        if constexpr (!requires { rule(x, rest..., x, x); })
        {
            static_assert(detail::never<T>, "The rule takes the inputs, the result and its cotangent: x..., y, g.");
            return {};
        }
        else if constexpr (detail::number_of_cotangents<T, std::remove_cvref_t<decltype(rule(x, rest..., x, x))>>() !=
                           1 + sizeof...(rest))
        {
            static_assert(detail::never<T>, "The rule returns one cotangent for each input: one variable, or a tuple.");
            return {};
        }
        else if constexpr (!std::is_same_v<std::remove_cvref_t<decltype(f(x, rest...))>, variable<T>>)
        {
            static_assert(detail::never<T>, "The function that gets a rule returns one variable.");
            return {};
        }
        else
        {
            return detail::call_with_rule<T>(f, rule, right_for, where, x, rest...);
        }
    };
}
template <class F, class Rule>
auto custom_vjp(F f, Rule rule, location where = location::current())
{
    return custom_vjp(std::move(f), std::move(rule), rule_order::any, where);
}

} // namespace autograd
