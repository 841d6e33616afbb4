#pragma once

#include "autograd/differentiate/gradient.hpp"

#include <concepts>
#include <functional>
#include <iosfwd>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace autograd
{

/// What check_gradient compares, and how strictly.
struct check_options
{
    int order = 2;                  ///< highest order of derivatives: 1 or 2
    bool reverse = true;            ///< gradients against finite differences
    bool forward = true;            ///< jvp against vjp: <u, J v> = <J^T u, v>
    double tolerance = 1e-6;        ///< relative, first order
    double second_tolerance = 1e-5; ///< relative, second order
    std::size_t coordinates = 1000; ///< at most so many per input are differenced one by one, spread evenly
    std::uint32_t seed = 0;         ///< of the random cotangents and directions
};

/// What a check comes to. What no difference in double resolves is neither right nor wrong.
enum class check_outcome
{
    passed,
    failed,
    not_resolved ///< nothing failed, but of some derivative no step of differences knows enough
};

/// What check_gradient found.
struct [[nodiscard]] check_report
{
    bool passed = true; ///< everything agrees, and everything was resolved
    check_outcome outcome = check_outcome::passed;
    std::size_t comparisons = 0;
    std::size_t disagreements = 0;
    std::size_t evaluations = 0;       ///< how often f was recorded
    double worst = 0;                  ///< largest relative error of all comparisons
    double worst_of_order[2] = {0, 0}; ///< the same for first and second derivatives

    /// Of the worst comparison, of a coordinate if one disagrees: \{
    int order = 0;
    std::string mode; ///< "gradient", "direction" or "jvp"
    std::size_t input = 0;
    std::vector<std::size_t> coordinate;
    double derived = 0;
    double expected = 0;
    /// \}
    /// The comparisons that are not resolved, and why: "order 1, gradient of input 0 at (2): ...".
    std::vector<std::string> not_resolved;
    /// Why there is no forward mode, though it was asked for: a rule that is not linear in its cotangent, and its line.
    std::string forward_refused;
    /// The lines that call custom_vjp, where the worst comparison that disagrees may come from: on the way from that
    /// input.
    std::vector<location> custom_rules;
    /// Whether the one-sided differences disagree at one of the points, passed or not: there the derivative is a
    /// convention, and the next order has none.
    bool kink_suspected = false;

    explicit operator bool() const { return passed; }
    /// Throws gradient_check_error with its text unless passed: also where something is not resolved.
    void require() const;
};

/// One line: the outcome, how many comparisons, and the worst of them, or what is not resolved and what to do.
std::string to_text(const check_report& report);
/// to_text: so BOOST_TEST(check_gradient(f, x)) says why not.
std::ostream& operator<<(std::ostream& out, const check_report& report);

namespace check
{
/// A function of variables in double precision, in the form that the checker calls.
using checked_function = std::function<variable<double>(std::span<const variable<double>>)>;
check_report compare_derivatives(const checked_function& f, const std::vector<array<double>>& inputs,
                                 const check_options& options);

/// f(x, w, ...) in that form.
template <class F, std::size_t... K>
checked_function with_arguments(const F& f, std::index_sequence<K...>)
{
    if constexpr (autograd::detail::is_variable<F>)
    {
        static_assert(autograd::detail::never<F>, "What is checked is a function: [](auto x) { return sum(x * x); }.");
        return {};
    }
    else if constexpr (!std::is_invocable_v<const F&, decltype((void(K), variable<double>()))...>)
    {
        static_assert(autograd::detail::never<F>, "What is checked takes one variable<double> for each array: auto.");
        return {};
    }
    else if constexpr (!std::is_same_v<std::invoke_result_t<const F&, decltype((void(K), variable<double>()))...>,
                                       variable<double>>)
    {
        static_assert(autograd::detail::never<F>, "What is checked returns one variable<double>.");
        return {};
    }
    else
    {
        return [&f](std::span<const variable<double>> x) -> variable<double> { return f(x[K]...); };
    }
}
} // namespace check

/// Compares the derivatives of f at the inputs with differences in double (difference_ladder.hpp: a ladder of steps,
/// one of which is believed where its neighbours agree relative to themselves), under random cotangents that are not
/// uniform: every coordinate of every input, and one random direction; and the forward mode with the reverse mode.
/// Order 2 does the same to the gradient. f takes a variable<double> and returns one of any shape. The report says what
/// the worst disagreement was, what no step resolves, and whether a kink is suspected. Steps stay where f is finite: on
/// one side of the point, if need be; a value_error or std::logic_error of f beside the point counts as the end of its
/// domain. Throws value_error for options out of range, and what f throws at the point.
///
///     check_gradient([](auto x) { return sum(exp(x) * x); }, points).require();
template <class F>
check_report check_gradient(const F& f, const array<double>& input, const check_options& options = {})
{
    return check::compare_derivatives(check::with_arguments(f, std::make_index_sequence<1>()), {input}, options);
}
/// The same for several inputs in braces: check_gradient(f, {x, w}); f takes as many variables.
template <class F, std::size_t N>
check_report check_gradient(const F& f, const array<double> (&inputs)[N], const check_options& options = {})
{
    return check::compare_derivatives(check::with_arguments(f, std::make_index_sequence<N>()), {inputs, inputs + N},
                                      options);
}
/// The same for a tuple of arrays of any type.
template <class F, class... Arrays>
check_report check_gradient(const F& f, const std::tuple<Arrays...>& inputs, const check_options& options = {})
{
    const auto list = std::apply([](const auto&... x) { return std::vector<array<double>>{x...}; }, inputs);
    return check::compare_derivatives(check::with_arguments(f, std::index_sequence_for<Arrays...>()), list, options);
}
/// The same for several inputs: check_gradient(f, x, w).
template <class F, std::convertible_to<array<double>>... Arrays>
    requires(sizeof...(Arrays) > 1)
check_report check_gradient(const F& f, const Arrays&... inputs)
{
    return check_gradient(f, std::tuple<const Arrays&...>(inputs...));
}
/// The same for a list of inputs; f takes a std::span<const variable<double>>.
template <class F, std::same_as<array<double>> Array>
check_report check_gradient(const F& f, const std::vector<Array>& inputs, const check_options& options = {})
{
    return check::compare_derivatives(std::cref(f), inputs, options);
}

} // namespace autograd
