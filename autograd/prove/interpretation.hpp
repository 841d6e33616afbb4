#pragma once

#include "autograd/define_operation.hpp"
#include "autograd/prove/exact_array.hpp"
#include "autograd/prove/exact_dual.hpp"

#include <span>
#include <vector>

/// How the prover reads a rule: its own expressions, instantiated with exact values. From the rule itself: nothing here
/// knows an operation. Instantiated in sources that the build makes of the registration lines, one for each family.
namespace autograd::prove
{

/// One call of a general rule's generic form (operations/generic_lines.hpp): arrays of X in, an array of X out.
template <class X>
struct generic_call
{
    using element = X;
    std::span<const std::vector<X>> operands;
    std::span<const shape_vector> shapes; ///< of the operands
    shape_vector shape;                   ///< of the result
    std::vector<X>& result;
};

struct interpretation
{
    template <class X>
    using expression_in = X (*)(std::span<const X> operands, const void* attributes);
    using expression = expression_in<exact>;
    using dual_expression = expression_in<exact_dual>;
    template <class X>
    using generic_form = void (*)(const generic_call<X>&, const void* attributes);

    const operation<float>* on_float = nullptr;
    const operation<double>* on_double = nullptr;
    expression forward = nullptr;          ///< of elementwise rules
    std::span<const expression> pulls;     ///< by operand; null where nothing flows
    std::span<const bool> constant_slope;  ///< by operand: its pull reads the cotangent alone
    generic_form<exact> generic = nullptr; ///< of general rules

    /// The same in dual numbers: what is derived from forward, and compared with what the rule declares. \{
    dual_expression dual_forward = nullptr;
    std::span<const dual_expression> dual_pulls;
    generic_form<exact_dual> dual_generic = nullptr;
    /// \}
    bool opaque = false; ///< the rule does not speak the vocabulary: it is an atom
};

namespace detail
{

template <class Rule>
inline constexpr bool is_opaque = requires
{
    requires Rule::opaque;
};

template <class Rule>
inline constexpr bool has_generic_form = requires
{
    &Rule::template generic<generic_call<exact>>;
};

/// Calls the generic form with the rule's attributes, where it has them.
template <class Rule, class X>
void call_generic(const generic_call<X>& call, [[maybe_unused]] const void* attributes)
{
    if constexpr (autograd::detail::has_attributes<Rule>)
    {
        Rule::generic(call, autograd::detail::attributes_of<Rule>(attributes));
    }
    else
    {
        Rule::generic(call);
    }
}

template <class Rule, class X, std::size_t... I>
X evaluate_forward(std::span<const X> x, const void* attributes, std::index_sequence<I...>)
{
    return autograd::detail::call<Rule>(Rule::forward, attributes, x[I]...);
}

template <class Rule, std::size_t K, class X>
X evaluate_pull(std::span<const X> read, const void* attributes)
{
    using pull = autograd::detail::pull_of<Rule, K>;
    const auto get = [&](auto i) -> const X& { return pull::reads_argument(i) ? read[pull::position(i)] : read[0]; };
    return pull::evaluate(get, attributes, std::make_index_sequence<pull::arguments>());
}

template <class Rule, std::size_t K, class X>
constexpr interpretation::expression_in<X> pull_expression()
{
    if constexpr (autograd::detail::pulls_operand<Rule, K>)
    {
        return &evaluate_pull<Rule, K, X>;
    }
    else
    {
        return nullptr;
    }
}

template <class Rule, std::size_t K>
constexpr bool has_constant_slope()
{
    if constexpr (autograd::detail::pulls_operand<Rule, K>)
    {
        return autograd::detail::pull_of<Rule, K>::reads == 1U << (autograd::detail::arity<Rule> + 1);
    }
    else
    {
        return false;
    }
}

template <class Rule, class Indices = std::make_index_sequence<autograd::detail::arity<Rule>>>
struct expressions_of_pulls;
template <class Rule, std::size_t... K>
struct expressions_of_pulls<Rule, std::index_sequence<K...>>
{
    static constexpr interpretation::expression table[] = {pull_expression<Rule, K, exact>()...};
    static constexpr interpretation::dual_expression in_duals[] = {pull_expression<Rule, K, exact_dual>()...};
    static constexpr bool constant_slope[] = {has_constant_slope<Rule, K>()...};
};

} // namespace detail

/// The interpretation of one rule.
template <class Rule>
interpretation interpret()
{
    interpretation result;
    result.on_float = &description<Rule, float>::instance;
    result.on_double = &description<Rule, double>::instance;
    result.opaque = detail::is_opaque<Rule>;
    if constexpr (detail::is_opaque<Rule>)
    {
        return result;
    }
    else if constexpr (Rule::kind == rule_kind::elementwise)
    {
        using operands = std::make_index_sequence<autograd::detail::arity<Rule>>;
        result.forward = [](std::span<const exact> x, const void* attributes)
        { return detail::evaluate_forward<Rule, exact>(x, attributes, operands()); };
        result.dual_forward = [](std::span<const exact_dual> x, const void* attributes)
        { return detail::evaluate_forward<Rule, exact_dual>(x, attributes, operands()); };
        result.dual_pulls = detail::expressions_of_pulls<Rule>::in_duals;
        result.pulls = detail::expressions_of_pulls<Rule>::table;
        result.constant_slope = detail::expressions_of_pulls<Rule>::constant_slope;
    }
    else if constexpr (detail::has_generic_form<Rule>)
    {
        result.generic = &detail::call_generic<Rule, exact>;
        result.dual_generic = &detail::call_generic<Rule, exact_dual>;
    }
    return result;
}

/// Those of the library's rules.
std::vector<interpretation> interpretations_of_the_library();

/// The interpretation of an operation; null for one that nobody gave.
const interpretation* interpretation_of(const operation<float>* op);
const interpretation* interpretation_of(const operation<double>* op);

/// Adds those of a user's rule, before main: what AUTOGRAD_PROVES does.
struct added_interpretation
{
    explicit added_interpretation(const interpretation& of);
};

} // namespace autograd::prove

/// Behind a user's rule, in one source: the prover reads its expressions, or its generic form.
#define AUTOGRAD_PROVES(...) AUTOGRAD_PROVES_AT(__COUNTER__, __VA_ARGS__)
#define AUTOGRAD_PROVES_AT(n, ...) AUTOGRAD_PROVES_AS(n, __VA_ARGS__)
#define AUTOGRAD_PROVES_AS(n, ...)                                                                                     \
    static const ::autograd::prove::added_interpretation proves_rule_##n(::autograd::prove::interpret<__VA_ARGS__>());
