#pragma once

#include "autograd/differentiate/gradient.hpp"
#include "autograd/tape/structure.hpp"

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

/// Whether two formulas are the same function: certified by identity testing in a tower of prime fields
/// (docs/proof.md). Link xgrad::prove.
namespace autograd
{

/// What a comparison of two formulas comes to.
enum class verdict
{
    equal,              ///< the same function
    equal_up_to_factor, ///< the same but for one rational factor, or one for each term
    different,          ///< there is a point at which the numbers differ beyond rounding
    not_decided         ///< neither
};

/// "CERTIFIED EQUAL", "CERTIFIED EQUAL UP TO A FACTOR", "DIFFERENT", "NOT DECIDED".
std::string to_text(verdict v);

struct certify_options
{
    /// Equality is certified to a probability of error of at most 2^-bits.
    double bits = 80;
    std::uint64_t seed = 0;
    /// Constants of the tape are drawn like variables: equal for all values of them. The 2 in 2 x is none of them.
    bool free_constants = false;
    /// On a difference, the usual slips are tried.
    bool suggest = true;
    /// Whether the report has the formulas of both sides.
    bool formulas = true;
};

/// Of one array of the two sides.
struct certified_array
{
    std::string name; ///< of the right side, else of the left side, else "#1"
    verdict outcome = verdict::not_decided;
    std::string factor;     ///< left = factor right: "3", "1/300"; of several terms: one for each, and which
    std::string left_latex; ///< the formulas
    std::string right_latex;
};

/// A point at which the sides differ.
struct counterexample
{
    struct input
    {
        std::string name;
        std::vector<std::size_t> shape;
        std::vector<double> values;
    };
    std::vector<input> inputs;
    std::size_t array = 0; ///< which of the arrays
    std::vector<std::size_t> entry;
    double left = 0;
    double right = 0;
};

/// What certify_equal and certify_gradient found out.
struct [[nodiscard]] certificate
{
    verdict outcome = verdict::not_decided;
    std::vector<certified_array> arrays;

    /// Of equality (up to a factor): \{
    double bits = 0; ///< the probability that the sides differ is at most 2^-bits
    std::size_t points = 0;
    /// The bound holds if exponentials of different exponents behave like independent variables.
    bool by_conjecture = false;
    /// Comparisons of which only one outcome was met ("relu at model.cpp:12, only below"): nothing is said of the
    /// other.
    std::vector<std::string> branches_not_met;
    /// \}

    std::optional<counterexample> differs_at; ///< of a difference
    /// Of a difference, the first step of the right side that is in question: "multiply at model.cpp:41".
    std::string first_difference;
    location line;            ///< its line
    std::string did_you_mean; ///< what would make the sides equal, or ""
    std::string reason;       ///< why it is not decided
    double common_digits = 0; ///< to which the numbers agree, of a case that is not decided

    std::vector<std::string> random_inputs; ///< what was drawn; everything else is as recorded
    std::uint64_t seed = 0;                 ///< of the points: with it, they can be had again
    std::vector<std::size_t> sizes;         ///< at which it holds: of certify_at_sizes

    /// Whether the sides are equal.
    explicit operator bool() const { return outcome == verdict::equal; }
    /// Throws certificate_error with the report unless the sides are equal.
    void require() const;
};

/// The whole report, in lines.
std::string to_text(const certificate& c);
/// A table with both formulas of each array side by side, and the verdict.
std::string to_latex(const certificate& c);
std::string to_json(const certificate& c);
/// to_text: so BOOST_TEST(certify_equal(a, b)) says why not.
std::ostream& operator<<(std::ostream& out, const certificate& c);

namespace error
{
/// Formulas that were to be equal and are not certified to be.
class certificate_error : public exception
{
public:
    using exception::exception;
};
} // namespace error

namespace prove
{
/// What is computed on the way to `given` is right, whatever differs.
template <class T>
certificate certify(std::span<const handle<T>> left, std::span<const handle<T>> right, const char* caller,
                    const certify_options& options, const handle<T>& given = {});

/// The variables of a structure, or of several.
template <class T, class S>
std::vector<handle<T>> handles_of(const S& structure)
{
    std::vector<handle<T>> result;
    autograd::for_each_leaf(structure,
                            [&]<class Leaf>(const Leaf& leaf)
                            {
                                if constexpr (std::is_same_v<Leaf, variable<T>>)
                                {
                                    result.push_back(leaf);
                                }
                            });
    return result;
}
/// What a report calls the arguments of a function.
template <class S>
void name_arguments(tape<double>& t, const S& arguments)
{
    std::size_t n = 0;
    for (const handle<double>& each : handles_of<double>(arguments))
    {
        t.set_name(each, "x" + std::to_string(++n));
    }
}
} // namespace prove

/// Whether two variables of a tape are the same function of its variables. Constants, indices and random draws are as
/// recorded. Float or double. Throws shape_error for unequal shapes, tape_error for empty and stale variables, several
/// tapes and indices without values, value_error where nothing is random: neither side depends on a variable.
template <class T>
certificate certify_equal(variable<T> left, variable<T> right, const certify_options& options = {})
{
    const handle<T> a = left;
    const handle<T> b = right;
    return prove::certify<T>({&a, 1}, {&b, 1}, "certify_equal", options);
}
/// The same for structures of variables, part by part. Throws shape_error where they have not as many variables.
template <class S, class R>
    requires(detail::has_parts<S>&& detail::has_parts<R>)
certificate certify_equal(const S& left, const R& right, const certify_options& options = {})
{
    const auto of_float = prove::handles_of<float>(left);
    const auto of_double = prove::handles_of<double>(left);
    if (!of_float.empty())
    {
        return prove::certify<float>(of_float, prove::handles_of<float>(right), "certify_equal", options);
    }
    return prove::certify<double>(of_double, prove::handles_of<double>(right), "certify_equal", options);
}

/// Whether the gradient of a recorded loss by its parameters (a variable, or a structure of them) is what somebody
/// derived by hand and recorded: certify_equal(gradient(loss, parameters), hand_derived). Throws what these throw.
template <class T, class Parameters, class HandDerived>
certificate certify_gradient(variable<T> loss, const Parameters& parameters, const HandDerived& hand_derived,
                             const certify_options& options = {}, location where = location::current())
{
    const auto derived = gradient(loss, parameters, unconnected::error, where);
    const auto left = prove::handles_of<T>(derived);
    const auto right = prove::handles_of<T>(hand_derived);
    return prove::certify<T>(left, right, "certify_gradient", options, loss);
}

/// Whether two functions are the same: both are recorded on variables of these arrays, whose values only tell their
/// shapes and where points are drawn.
template <class F, class G, array_expression... A>
certificate certify_equal(const F& left, const G& right, const A&... arrays)
{
    tape<double> t;
    const std::tuple inputs{t.variable(arrays)...}; // from the first to the last
    prove::name_arguments(t, inputs);
    const auto a = prove::handles_of<double>(std::apply(left, inputs));
    const auto b = prove::handles_of<double>(std::apply(right, inputs));
    return prove::certify<double>(a, b, "certify_equal", {});
}

/// Whether the rule that somebody gave to custom_vjp is the derivative of the function: rule(x..., y, g) against the
/// gradient of sum(g f(x...)), on variables of these arrays and a random cotangent g.
template <class F, class Rule, array_expression... A>
certificate certify_vjp(const F& f, const Rule& rule, const A&... arrays)
{
    tape<double> t;
    const std::tuple x{t.variable(arrays)...};
    prove::name_arguments(t, x);
    const variable<double> y = std::apply(f, x);
    const variable<double> g = t.variable(xt::eval(xt::ones<double>(variable<double>::extents_of(y.shape()))));
    t.set_name(g, "g");
    const auto inputs = prove::handles_of<double>(x);
    const auto derived = vjp(y, std::vector<variable<double>>(inputs.begin(), inputs.end()), g, unconnected::zero);
    const auto left = prove::handles_of<double>(derived);
    const auto right =
        prove::handles_of<double>(std::apply([&](const auto&... each) { return rule(each..., y, g); }, x));
    return prove::certify<double>(left, right, "certify_vjp", {});
}

} // namespace autograd
