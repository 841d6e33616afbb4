#include "tests/support.hpp"

#include "autograd/check/check_samples.hpp"
#include "autograd/define_operation.hpp"
#include "autograd/linalg.hpp"

// The mistakes that authors of rules make, each as a rule of a user: check_operation must refuse it, and say which
// operation is wrong, at which input and where.

using namespace autograd;
using support::text_of;

namespace
{

/// Records a rule on one or two operands, as its public function would.
template <class Rule, class T>
variable<T> apply(variable<T> x)
{
    return record<Rule, T>(location{}, x);
}
template <class Rule, class T>
variable<T> apply(variable<T> x, variable<T> y)
{
    return record<Rule, T>(location{}, {x, y});
}

struct flipped_sign_rule : elementwise
{
    static constexpr auto name = "flipped_sign";
    static constexpr auto forward = [](auto x) { return cos(x); };
    static constexpr auto pulls = per_operand{[](auto x, auto, auto g) { return g * sin(x); }};
    static void samples(auto& s)
    {
        s.call(
            "points", "np.cos(x)", [](auto x) { return apply<flipped_sign_rule>(x); }, s.array({3}, {0.0, 0.0, 1.0}));
    }
};

struct dropped_factor_rule : elementwise
{
    static constexpr auto name = "dropped_factor";
    static constexpr auto forward = [](auto x) { return x * x; };
    static constexpr auto pulls = per_operand{[](auto x, auto, auto g) { return g * x; }};
    static void samples(auto& s)
    {
        s.call(
            "points", "x * x", [](auto x) { return apply<dropped_factor_rule>(x); },
            s.array({2, 2}, {0.0, 0.0, 1.5, 0.0}));
    }
};

struct swapped_operands_rule : elementwise
{
    static constexpr auto name = "swapped_operands";
    static constexpr auto forward = [](auto x, auto y) { return x * y; };
    static constexpr auto pulls =
        per_operand{[](auto x, auto, auto, auto g) { return g * x; }, [](auto, auto y, auto, auto g) { return g * y; }};
    static void samples(auto& s)
    {
        s.call(
            "points", "x * y", [](auto x, auto y) { return apply<swapped_operands_rule>(x, y); },
            s.array({2}, {1.0, 2.0}), s.array({2}, {1.0, 3.0}));
    }
};

struct forgotten_operand_rule : elementwise
{
    static constexpr auto name = "forgotten_operand";
    static constexpr auto forward = [](auto x, auto y) { return x * y; };
    static constexpr auto pulls = per_operand{[](auto, auto y, auto, auto g) { return g * y; }, zero_pull{}};
    static void samples(auto& s)
    {
        s.call(
            "points", "x * y", [](auto x, auto y) { return apply<forgotten_operand_rule>(x, y); },
            s.array({2}, {1.0, 0.0}), s.array({2}, {1.0, 3.0}));
    }
};

/// x + y for a matrix x and a row y.
struct add_row : general
{
    static shape_vector shape(std::span<const shape_view> operands) { return operands[0]; }
    template <class T>
    static void forward(const evaluation<T>& call)
    {
        const std::size_t columns = call.operands[1].size;
        for (std::size_t i = 0; i < call.size; ++i)
        {
            call.out()[i] = call.in(0)[i] + call.in(1)[i % columns];
        }
    }
    template <class Rule>
    static void try_with(auto& s)
    {
        s.call(
            "matrix and row", "x + y", [](auto x, auto y) { return apply<Rule>(x, y); }, s.numbers({2, 3}),
            s.numbers({3}));
    }
};
struct unsummed_rule : add_row
{
    static constexpr auto name = "unsummed";
    template <class T>
    static void vjp(pullback<T>& y)
    {
        y.give(0, y.cotangent());
        y.give(1, y.cotangent());
    }
    static void samples(auto& s) { try_with<unsummed_rule>(s); }
};
struct one_row_only_rule : add_row
{
    static constexpr auto name = "one_row_only";
    template <class T>
    static void vjp(pullback<T>& y)
    {
        y.give(0, y.cotangent());
        y.give(1, squeeze(slice(y.cotangent(), 0, 0, 1), 0));
    }
    static void samples(auto& s) { try_with<one_row_only_rule>(s); }
};

/// Right where the gradient is large, twice too large where it is 0.005: an absolute tolerance would let it pass.
struct small_but_double_rule : elementwise
{
    static constexpr auto name = "small_but_double";
    static constexpr auto forward = [](auto x) { return select(x > 1, x * x, 0.005 * x); };
    static constexpr auto pulls =
        per_operand{[](auto x, auto, auto g) { return select(x > 1, 2 * (g * x), 0.01 * g); }};
    static void samples(auto& s)
    {
        s.call(
            "points", "np.where(x > 1, x * x, 0.005 * x)", [](auto x) { return apply<small_but_double_rule>(x); },
            s.array({4}, {1e6, 3.0, 0.5, 2.0}));
    }
};

/// 3 x: each cotangent goes to the wrong element, but ones look right.
struct cancelling_rule : general
{
    static constexpr auto name = "cancelling";
    static shape_vector shape(std::span<const shape_view> operands) { return operands[0]; }
    template <class T>
    static void forward(const evaluation<T>& call)
    {
        std::transform(call.in(0), call.in(0) + call.size, call.out(), [](T x) { return 3 * x; });
    }
    template <class T>
    static void vjp(pullback<T>& y)
    {
        y.give(0, 3 * flip(y.cotangent(), 0));
    }
    static void samples(auto& s)
    {
        s.call(
            "points", "3 * x", [](auto x) { return apply<cancelling_rule>(x); }, s.numbers({4}));
    }
};

/// Right in the first order; what the second needs is held constant.
struct constant_derivative_rule : general
{
    static constexpr auto name = "constant_derivative";
    static shape_vector shape(std::span<const shape_view> operands) { return operands[0]; }
    template <class T>
    static void forward(const evaluation<T>& call)
    {
        std::transform(call.in(0), call.in(0) + call.size, call.out(), [](T x) { return x * x * x; });
    }
    template <class T>
    static void vjp(pullback<T>& y)
    {
        y.give(0, y.cotangent() * stop_gradient(3 * square(y.operand(0))));
    }
    static void samples(auto& s)
    {
        s.call(
            "points", "x ** 3", [](auto x) { return apply<constant_derivative_rule>(x); }, s.array({1}, {2.0}));
    }
};

/// NaN is not within any tolerance.
struct not_a_number_rule : elementwise
{
    static constexpr auto name = "not_a_number";
    static constexpr auto forward = [](auto x) { return 2 * x; };
    static constexpr auto pulls = per_operand{[](auto x, auto, auto g) { return g * (2 + (x - x) / (x - x)); }};
    static void samples(auto& s)
    {
        s.call(
            "points", "2 * x", [](auto x) { return apply<not_a_number_rule>(x); }, s.array({2}, {1.0, 2.0}));
    }
};

/// Right, but at -50 double knows nothing of it: exp(-50) - 1 is -1. By its name and its label it could be one of the
/// library's samples that are known not to be resolved.
struct unresolved_rule : elementwise
{
    static constexpr auto name = "add";
    static constexpr auto forward = [](auto x) { return exp(x) - 1; };
    static constexpr auto pulls = per_operand{[](auto x, auto, auto g) { return g * exp(x); }};
    static void samples(auto& s)
    {
        s.call(
            "points", "exp(x) - 1", [](auto x) { return apply<unresolved_rule>(x); }, s.array({1}, {-50.0}));
    }
};

/// The vectors of eigh with a filler of 0 in place of 1 / 0 where eigenvalues are equal, and a check that nothing of
/// the cotangent hangs on the choice of vectors there: the part of V^T g within each subspace must be symmetric. It
/// passes what goes on to a function of the matrix, as here exp, and the gradient is wrong: the filler drops what comes
/// through the vectors of the difference of eigenvalues that both go to 0.
struct filler_behind_a_gauge_check_rule : general
{
    static constexpr auto name = "filler_behind_a_gauge_check";
    static constexpr std::uint64_t differentiable = 1;
    static constexpr auto not_differentiable = "is the factorization of operand 0";
    static shape_vector shape(std::span<const shape_view> operands) { return operands[0]; }
    template <class T>
    static void forward(const evaluation<T>& call)
    {
        std::copy_n(call.in(1), call.size, call.out());
    }
    template <class T>
    static void vjp(pullback<T>& y)
    {
        const variable<T> v = y.output();
        const variable<T> l = eigenvalues(stop_gradient(y.operand(0)));
        const variable<T> gaps = expand_dims(l, 0) - expand_dims(l, 1);
        const variable<T> are_equal = abs(gaps) < 1e-12;
        const variable<T> s = matmul(transpose(v), y.cotangent());
        require(abs(where(are_equal, s - transpose(s), 0.0)) < 1e-12, "the vectors' choice must not matter.");
        const variable<T> f = where(are_equal, 0.0, 1 / where(are_equal, 1.0, gaps));
        const variable<T> a_bar = matmul(matmul(v, f * s), transpose(v));
        y.give(0, tril(a_bar) + tril(transpose(a_bar), -1));
    }
    static void samples(auto& s)
    {
        const auto of_exp = [](auto x)
        {
            const auto [l, vectors] = eigh(stop_gradient(x));
            const auto v = apply<filler_behind_a_gauge_check_rule>(x, vectors);
            const auto w = x.tape().constant(xt::xarray<double>{{0.5, 2.0, 0.0}, {2.0, 1.0, 0.0}, {0.0, 0.0, 3.0}});
            return sum(w * matmul(v * exp(eigenvalues(x)), transpose(v)));
        };
        s.call("a double eigenvalue", "", of_exp, s.array({3, 3}, {1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 2.0}))
            .up_to_order(1);
    }
};

template <class Rule>
std::string refusal()
{
    return text_of<error::gradient_check_error>([] { (void)check::check_operation<Rule>(); });
}

/// The refusal starts with the operation, the sample, and the place of the worst disagreement.
template <class Rule>
void expect_at(const std::string& place)
{
    const std::string text = refusal<Rule>();
    const std::string start = "autograd: check_operation: " + std::string(Rule::name) + ", ";
    BOOST_TEST(text.substr(0, start.size()) == start);
    BOOST_TEST(text.find(place) != std::string::npos, text);
    BOOST_TEST(text.find("): derived ") != std::string::npos, text);
}

} // namespace

BOOST_AUTO_TEST_SUITE(check_wrong_rules)

BOOST_AUTO_TEST_CASE(a_flipped_sign)
{
    expect_at<flipped_sign_rule>("order 1, gradient of input 0 at (2)");
}

BOOST_AUTO_TEST_CASE(a_dropped_factor)
{
    expect_at<dropped_factor_rule>("order 1, gradient of input 0 at (1, 0)");
}

BOOST_AUTO_TEST_CASE(what_is_not_resolved_is_listed_or_refused)
{
    const std::string text = refusal<unresolved_rule>();
    BOOST_TEST(text.find("add, points: not resolved, and not listed: order 1, gradient of input 0 at (0)") !=
                   std::string::npos,
               text);
    const std::vector<std::string> listed{"points: order 1, gradient of input 0 at (0)", "points: order 1, direction",
                                          "points: order 2, gradient of input 0 at (0)", "points: order 2, direction"};
    const check::sample_report report = check::check_operation<unresolved_rule>(listed);
    BOOST_TEST(!report.not_resolved.empty());
}

BOOST_AUTO_TEST_CASE(swapped_operands)
{
    expect_at<swapped_operands_rule>("order 1, gradient of input 1 at (1)");
}

BOOST_AUTO_TEST_CASE(a_forgotten_operand)
{
    expect_at<forgotten_operand_rule>("order 1, gradient of input 1 at (0)");
}

BOOST_AUTO_TEST_CASE(a_missing_sum_over_a_broadcast_axis)
{
    BOOST_TEST(refusal<unsummed_rule>() ==
               "autograd: check_operation: unsummed, matrix and row: autograd: unsummed: the rule gave a "
               "cotangent of shape (2, 3) for input 1 of shape (3,); they must be equal.");
    expect_at<one_row_only_rule>("order 1, gradient of input 1 at (");
    // Outside of the checker, too: a gradient never has another shape than its input.
    autograd::tape<double> tape;
    const auto x = tape.variable(xt::xarray<double>{{1.0, 2.0}, {3.0, 4.0}});
    const auto row = tape.variable(xt::xarray<double>{1.0, 2.0});
    const auto y = apply<unsummed_rule>(x, row);
    BOOST_CHECK_THROW(gradient(sum(y), row), error::shape_error);
    BOOST_CHECK_THROW(jvp(y, row, row), error::exception);
}

BOOST_AUTO_TEST_CASE(a_gradient_of_0_005_that_is_twice_too_large)
{
    expect_at<small_but_double_rule>("order 1, gradient of input 0 at (2)");
}

BOOST_AUTO_TEST_CASE(an_error_that_cancels_under_a_cotangent_of_ones)
{
    // Under ones, which a sum sends back, the gradient is right.
    autograd::tape<double> tape;
    const auto x = tape.variable(xt::xarray<double>{1.0, 2.0, 3.0});
    BOOST_TEST(support::list(gradient(sum(apply<cancelling_rule>(x)), x)) == support::reals({3, 3, 3}),
               support::per_element());
    expect_at<cancelling_rule>("order 1, gradient of input 0 at (");
}

BOOST_AUTO_TEST_CASE(a_wrong_second_derivative)
{
    expect_at<constant_derivative_rule>("order 2, gradient of input 0 at (0)");
}

BOOST_AUTO_TEST_CASE(a_derivative_that_is_not_a_number)
{
    expect_at<not_a_number_rule>("order 1, gradient of input 0 at (0)");
}

BOOST_AUTO_TEST_CASE(a_filler_for_vectors_of_equal_eigenvalues)
{
    expect_at<filler_behind_a_gauge_check_rule>("order 1, gradient of input 0 at (1, 0)");
}

BOOST_AUTO_TEST_SUITE_END()
