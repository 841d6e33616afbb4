// Eigenvalues and eigenvectors: what they are, their signs, and the split at equal eigenvalues: right, or refused.

#include "linalg/symmetric_matrices.hpp"

#include "autograd/check/check_gradient.hpp"
#include "autograd/compile/program.hpp"

#include <cmath>
#include <limits>
#include <tuple>

using namespace support;
namespace error = autograd::error;
using autograd::eigenvalues;
using autograd::eigenvectors;
using autograd::eigh;
using xt::all;

namespace
{

using element_types = std::tuple<float, double>;

const array weights{{0.5, -1.0, 2.0}, {0.25, 1.5, -0.75}, {-2.0, 1.0, 0.125}};
const array diag_0_0_5{{0.0, 0.0, 0.0}, {0.0, 0.0, 0.0}, {0.0, 0.0, 5.0}};

/// sum(W o V diag(f(l)) V^T).
template <class F>
auto through_vectors(F f)
{
    return [f](variable x)
    {
        const auto [l, v] = eigh(x);
        return sum(x.tape().constant(weights) * matmul(v * expand_dims(f(l), -2), transpose(v)));
    };
}

/// The derivatives of f at x, in both modes, are errors that begin so.
template <class F>
void require_refusal(F f, const array& at, const std::string& start)
{
    tape t;
    const variable x = t.variable(at);
    const variable y = f(x);
    const std::string reverse = text_of<error::value_error>([&] { static_cast<void>(gradient(y, x)); });
    BOOST_TEST(reverse.substr(0, start.size()) == start, reverse);
    const std::string forward = text_of<error::value_error>([&] { static_cast<void>(jvp(y, x, x)); });
    BOOST_TEST(forward.substr(0, start.size()) == start, forward);
}

/// The gradient of f at x, along v in the lower triangle.
template <class F>
double derived_along(F f, const array& at, const array& v)
{
    tape t;
    const variable x = t.variable(at);
    return xt::sum(gradient(f(x), x).value() * v)();
}
/// The same by differences.
template <class F>
double differenced_along(F f, const array& at, const array& v)
{
    return slope_along(
        [&](const array& x)
        {
            tape t;
            return f(t.variable(x)).item();
        },
        at, v);
}
/// A direction of 3 x 3 matrices.
const array direction{{0.5, 0.0, 0.0}, {-0.25, 1.0, 0.0}, {0.75, -0.5, 0.25}};

} // namespace

BOOST_AUTO_TEST_SUITE(linalg_symmetric_eigen)

BOOST_AUTO_TEST_CASE_TEMPLATE(matrices_are_what_their_eigenvalues_and_vectors_make, T, element_types)
{
    for (const std::size_t n : {1u, 2u, 3u, 10u, 41u})
    {
        autograd::tape<T> t;
        const array given = uniform({n, n}, 3);
        const array symmetric = xt::tril(given) + xt::transpose(xt::tril(given, -1));
        const auto [l, v] = eigh(t.variable(xt::xarray<T>(xt::cast<T>(given))));
        const array values = l.value();
        const array vectors = v.value();
        const double bound = 10 * static_cast<double>(n) * std::numeric_limits<T>::epsilon();
        BOOST_TEST(largest_of(product(vectors * values, vectors, true) - symmetric) < bound);
        BOOST_TEST(largest_of(product(vectors, vectors, true) - xt::eye(n)) < bound);
        BOOST_TEST(std::is_sorted(values.begin(), values.end()));
        for (std::size_t k = 0; k < n; ++k)
        {
            const array column = xt::view(vectors, all(), k);
            const double least = 0.3 * largest_of(column);
            const auto first =
                std::find_if(column.begin(), column.end(), [=](double x) { return std::abs(x) >= least; });
            BOOST_TEST(*first > 0);
        }
    }
}

BOOST_AUTO_TEST_CASE(signs_do_not_hang_on_rounding)
{
    // The components of (1, -1) are equally large but for the last bit.
    tape t;
    const double r = std::sqrt(0.5);
    for (const double c : {0.1, 0.3, 1.0, 7.7})
    {
        const auto v = eigh(t.variable(array{{c, 1.0}, {1.0, c}})).vectors;
        BOOST_TEST(list(v) == (reals{r, r, -r, r}), tolerance(1e-15) << per_element());
    }
    BOOST_TEST(autograd::check_gradient([](auto x) { return eigh(x).vectors; }, array{{2.0, 1.0}, {1.0, 2.0}}));
}

BOOST_AUTO_TEST_CASE(any_size_and_nothing_above_the_diagonal)
{
    tape t;
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    for (const double size : {1e-310, 1e-200, 1e200, 8e307})
    {
        const auto [l, v] = eigh(t.variable(array{{0.0, nan}, {size, 0.0}}));
        BOOST_TEST(list(l) == (reals{-size, size}), tolerance(1e-13) << per_element());
        BOOST_TEST(v.value()(0, 0) == std::sqrt(0.5), tolerance(1e-13));
    }
    const auto none = eigh(t.variable(array::from_shape({2, 0, 0})));
    BOOST_TEST(shape(none.values) == (extents{2, 0}));
    BOOST_TEST(shape(none.vectors) == (extents{2, 0, 0}));
}

BOOST_AUTO_TEST_CASE(a_matrix_of_a_batch_has_the_bits_of_one_by_itself)
{
    const array weights = uniform({4, 4}, 11);
    const auto f = [&](variable x) // with no sum along an axis, which may round otherwise with more lines beside
    {
        const auto [l, v] = eigh(x);
        return sum(square(l)) + sum(v * weights);
    };
    tape t;
    const array numbers = uniform({2, 3, 4, 4}, 5);
    const variable batch = t.variable(numbers);
    const array together = gradient(f(batch), batch).value();
    const variable one = t.variable(array(xt::view(numbers, 1, 2)));
    const array alone = gradient(f(one), one).value();
    BOOST_TEST(list(alone) == list(array(xt::view(together, 1, 2))), per_element());
}

BOOST_AUTO_TEST_CASE(there_is_one_factorization_for_all)
{
    tape t;
    const variable x = t.variable(uniform({4, 4}, 7));
    const auto [l, v] = eigh(x);
    const variable y = sum(exp(l)) + sum(t.constant(uniform({4, 4}, 8)) * v);
    const variable g = gradient(y, x);
    static_cast<void>(gradient(sum(square(g)), x));
    static_cast<void>(jvp(y, x, x));
    BOOST_TEST(count_of(t, "symmetric_eigen") == 1);
}

// --------------------------------------------------------------------------------------------------- equal eigenvalues

BOOST_AUTO_TEST_CASE(symmetric_functions_of_equal_eigenvalues_are_right)
{
    for (const array& a :
         {array(2.0 * xt::eye(3)), with_eigenvalues({1, 1, 2}), with_eigenvalues({-1, 3, 3}), diag_0_0_5})
    {
        tape t;
        const variable x = t.variable(a);
        const variable l = eigenvalues(x);
        const array trace = gradient(sum(l), x).value();
        BOOST_TEST(largest_of(trace - xt::eye(3)) < 1e-14);
        const array of_squares = gradient(sum(square(l)), x).value();
        BOOST_TEST(largest_of(of_squares - 2 * (xt::tril(a) + xt::tril(a, -1))) < 1e-13);
        BOOST_TEST(jvp(sum(exp(l)), x, t.constant(direction)).item() ==
                       differenced_along([](auto z) { return sum(exp(eigenvalues(z))); }, a, direction),
                   tolerance(1e-9));
    }
}

BOOST_AUTO_TEST_CASE(what_hangs_on_vectors_of_equal_eigenvalues_is_refused_whatever_flows_there)
{
    // Within the subspace of 0 the cotangent 2 l_i W v_i of the vectors is exactly 0, and the derivative W_12 is not.
    require_refusal(through_vectors([](auto l) { return l; }), diag_0_0_5,
                    "autograd: eigh: eigenvalues 0 and 1 of a, 0 and 0, are 0 apart; vectors have a derivative "
                    "where that is more than rounding, 3.88578058618804");
    require_refusal(through_vectors([](auto l) { return exp(l); }), with_eigenvalues({1, 1, 2}),
                    "autograd: eigh: eigenvalues 0 and 1 of a, ");
    require_refusal(through_vectors([](auto l) { return exp(l); }), array(xt::eye(3)),
                    "autograd: eigh: eigenvalues 0 and 1 of a, 1 and 1, are 0 apart");
    // Zeros that numbers make are none of structure.
    require_refusal(
        [](auto x) {
            return sum(eigh(x).vectors * array{{0.0, 0.0, 1.0}, {0.0, 0.0, 1.0}, {0.0, 0.0, 1.0}});
        },
        diag_0_0_5, "autograd: eigh: eigenvalues 0 and 1 of a, 0 and 0, are 0 apart");
    require_refusal([](auto x) { return sum(eigenvectors(x, 0, 1)); }, array{{2.0, 0.0}, {0.0, 2.0}},
                    "autograd: eigenvectors: eigenvalues 0 and 1 of a, 2 and 2, are 0 apart");
}

BOOST_AUTO_TEST_CASE(the_second_derivative_of_values_is_refused_in_the_name_of_what_was_asked)
{
    tape t;
    const auto refusals_of = [&](variable x, auto values)
    {
        const variable g = gradient(sum(square(values(x))), x);
        return std::pair(text_of<error::value_error>([&] { static_cast<void>(gradient(sum(g), x)); }),
                         text_of<error::value_error>([&] { static_cast<void>(jvp(g, x, x)); }));
    };
    const variable x = t.variable(array(2 * xt::eye(2)));
    const auto expected = [](const std::string& name)
    {
        return "autograd: " + name +
               ": eigenvalues 0 and 1 of a, 2 and 2, are 0 apart; they have a second derivative where that is more "
               "than rounding, 1.509903313490213e-14. Use trace(spectral(a, f)) for the sum of f(eigenvalue): it has "
               "derivatives of every order.";
    };
    const auto [reverse, forward] = refusals_of(x, [](variable z) { return eigenvalues(z); });
    BOOST_TEST(reverse == expected("eigenvalues"));
    BOOST_TEST(forward == expected("eigenvalues"));
    const auto [of_eigh, of_eigh_forward] = refusals_of(x, [](variable z) { return eigh(z).values; });
    BOOST_TEST(of_eigh == expected("eigh"));
    BOOST_TEST(of_eigh_forward == expected("eigh"));
    // What is recommended has it: of a_00^2 + 2 a_10^2 + a_11^2, as the lower triangle is read.
    const variable g = gradient(trace(spectral(x, autograd::spectral_function::square)), x);
    BOOST_TEST(gradient(sum(g), x).value() == (array{{2.0, 0.0}, {4.0, 2.0}}), per_element());
}

BOOST_AUTO_TEST_CASE(the_refusal_names_all_and_what_to_do)
{
    tape t;
    const variable x = t.variable(array{{{1.0, 0.0}, {0.0, 3.0}}, {{2.0, 0.0}, {0.0, 2.0}}});
    BOOST_TEST(text_of<error::value_error>([&] { static_cast<void>(gradient(sum(eigh(x).vectors), x)); }) ==
               "autograd: eigh: eigenvalues 0 and 1 of matrix (1) of a, 2 and 2, are 0 apart; vectors have a "
               "derivative where that is more than rounding, 1.509903313490213e-14. Use spectral, projector or "
               "eigenvalues, or eigenvectors of a range without them.");
    // Along many directions at once it is the same matrix.
    const auto start = [](const std::string& name)
    { return "autograd: eigh: eigenvalues 0 and 1 of " + name + ", 2 and 2, are 0 apart"; };
    const auto of_jacobian = [](variable z)
    { return text_of<error::value_error>([&] { static_cast<void>(jacobian(eigh(z).vectors, z)); }); };
    BOOST_TEST(of_jacobian(x).starts_with(start("matrix (1) of a")), of_jacobian(x));
    const variable one = t.variable(array{{2.0, 0.0}, {0.0, 2.0}});
    BOOST_TEST(of_jacobian(one).starts_with(start("a")), of_jacobian(one));
}

BOOST_AUTO_TEST_CASE(programs_refuse_it_too)
{
    tape t;
    const variable x = t.variable(array{{1.0, 0.5}, {0.5, 2.0}});
    const variable v = eigh(x).vectors;
    const auto program = autograd::compile({x}, {gradient(sum(square(v + 1)), x)});
    auto memory = program.make_workspace();
    array result = array::from_shape({2, 2});
    program.run({array{{1.0, 0.5}, {0.5, 2.0}}}, {result}, memory);
    const std::string refusal = text_of<error::value_error>(
        [&] {
            program.run({array{{3.0, 0.0}, {0.0, 3.0}}}, {result}, memory);
        });
    BOOST_TEST(refusal.starts_with("autograd: eigh: eigenvalues 0 and 1 of a, 3 and 3, are 0 apart"), refusal);
    const std::string not_finite = text_of<error::value_error>(
        [&] {
            program.run({array{{3.0, 0.0}, {std::numeric_limits<double>::infinity(), 3.0}}}, {result}, memory);
        });
    BOOST_TEST(not_finite == "autograd: eigh: element (1, 0) of a is inf; the lower triangle must be finite.");
}

BOOST_AUTO_TEST_CASE(gaps_are_told_from_rounding)
{
    const auto f = [](auto x) { return sum(x.tape().constant(weights) * eigh(x).vectors); };
    const auto relative_error = [&](double gap)
    {
        // Of a diagonal matrix the derivative is known: dV = F o dA.
        tape t;
        const variable x = t.variable(array{{1.0, 0.0, 0.0}, {0.0, 1.0 + gap, 0.0}, {0.0, 0.0, 3.0}});
        const double expected = (weights(0, 1) - weights(1, 0)) / ((1.0 + gap) - 1.0);
        return std::abs(gradient(f(x), x).value()(1, 0) / expected - 1);
    };
    BOOST_TEST(relative_error(1e-3) < 1e-12);
    BOOST_TEST(relative_error(1e-9) < 1e-6);
    BOOST_TEST(relative_error(1e-13) < 1e-2);
    BOOST_CHECK_THROW(relative_error(1e-14), error::value_error);
    for (const std::size_t n : {3u, 10u, 40u})
    {
        reals values(n, 1.0);
        for (std::size_t k = n / 2 + 1; k < n; ++k)
        {
            values[k] = 2.0 + static_cast<double>(k);
        }
        for (std::uint32_t seed = 0; seed < 20; ++seed)
        {
            const array a = with_eigenvalues(values, 100 * seed);
            tape t;
            const variable x = t.variable(a);
            BOOST_CHECK_THROW(static_cast<void>(gradient(sum(eigh(x).vectors), x)), error::value_error);
            autograd::tape<float> single;
            const auto y = single.variable(xt::xarray<float>(xt::cast<float>(a)));
            BOOST_CHECK_THROW(static_cast<void>(gradient(sum(eigh(y).vectors), y)), error::value_error);
        }
    }
}

// ------------------------------------------------------------------------------------------------------- some columns

BOOST_AUTO_TEST_CASE(leading_vectors_of_a_low_rank_matrix)
{
    // Rank 2 of 5: 0 is an eigenvalue three times.
    const array a = with_eigenvalues({0, 0, 0, 2, 5});
    const array w = uniform({5, 2}, 9);
    const array v = xt::tril(uniform({5, 5}, 10));
    const auto by_range = [&](variable x) { return sum(x.tape().constant(w) * eigenvectors(x, -2, 2)); };
    const auto by_view = [&](variable x)
    { return sum(x.tape().constant(w) * view(eigh(x).vectors, all(), xt::range(3, 5))); };
    const auto by_two_views = [&](variable x)
    {
        const variable vectors = eigh(x).vectors;
        return sum(x.tape().constant(array(xt::view(w, all(), 0))) * view(vectors, all(), 3)) +
               sum(x.tape().constant(array(xt::view(w, all(), 1))) * view(transpose(vectors), 4));
    };
    const auto by_gather = [&](variable x) {
        return sum(x.tape().constant(w) * gather(eigh(x).vectors, x.tape().index(integers{3, 4}), 1));
    };
    const double expected = differenced_along(by_range, a, v);
    BOOST_TEST(derived_along(by_range, a, v) == expected, tolerance(1e-9));
    BOOST_TEST(derived_along(by_view, a, v) == expected, tolerance(1e-9));
    BOOST_TEST(derived_along(by_two_views, a, v) == expected, tolerance(1e-9));
    BOOST_TEST(derived_along(by_gather, a, v) == expected, tolerance(1e-9));
    BOOST_TEST(autograd::check_gradient(by_range, a)); // forward, too, and the second order
    require_refusal([](auto x) { return sum(eigenvectors(x, 2, 2)); }, a,
                    "autograd: eigenvectors: eigenvalues 1 and 2");
}

BOOST_AUTO_TEST_CASE(second_derivatives_of_leading_vectors)
{
    const array a = with_eigenvalues({0, 0, 0, 2, 5});
    const array w = uniform({5, 1}, 11);
    const array v = xt::tril(uniform({5, 5}, 12));
    const auto by_view = [&](variable x)
    { return sum(x.tape().constant(w) * exp(view(eigh(x).vectors, all(), xt::range(4, 5)))); };
    const auto by_range = [&](variable x) { return sum(x.tape().constant(w) * exp(eigenvectors(x, -1, 1))); };
    const double expected = slope_along([&](const array& x) { return derived_along(by_range, x, v); }, a, v);
    tape t;
    const variable x = t.variable(a);
    const variable u = t.constant(v);
    const auto along = [&](variable y) { return sum(gradient(y, x) * u); };
    BOOST_TEST(along(along(by_view(x))).item() == expected, tolerance(1e-8));
    BOOST_TEST(along(along(by_range(x))).item() == expected, tolerance(1e-8));
    BOOST_TEST(jvp(along(by_range(x)), x, u).item() == expected, tolerance(1e-8));
    // Forward mode comes to all vectors first, and does not know yet that a view follows.
    BOOST_CHECK_THROW(static_cast<void>(jvp(by_view(x), x, u)), error::value_error);
}

BOOST_AUTO_TEST_CASE(the_hessian_of_the_largest_eigenvalue)
{
    // v' E (l - A)^+ E v, twice, however equal the others are.
    const array a = with_eigenvalues({-1, 2, 2, 2, 5}, 3);
    tape t;
    const variable x = t.variable(a);
    const auto hessian_along = [&](variable largest, const array& e)
    { return sum(hessian_vector_product(largest, x, t.constant(e)) * t.constant(e)).item(); };
    const array e = uniform({5, 5}, 4);
    const array symmetric = xt::tril(e) + xt::transpose(xt::tril(e, -1));
    const auto [l, v] = eigh(x);
    const array turned = product(product(xt::transpose(v.value()), symmetric), v.value());
    double expected = 0;
    for (std::size_t k = 0; k < 4; ++k)
    {
        expected += 2 * turned(4, k) * turned(4, k) / (l.value()(4) - l.value()(k));
    }
    BOOST_TEST(hessian_along(sum(eigenvalues(x, -1, 1)), e) == expected, tolerance(1e-12));
    BOOST_TEST(hessian_along(view(eigenvalues(x), 4), e) == expected, tolerance(1e-12));
    BOOST_TEST(hessian_along(view(l, 4), e) == expected, tolerance(1e-12));
    BOOST_TEST(autograd::check_gradient([](auto z) { return eigenvalues(z, -1, 1); }, a));
}

BOOST_AUTO_TEST_CASE(the_third_derivative)
{
    const array a = with_eigenvalues({1, 1, 3, 6}, 5);
    const array v = xt::tril(uniform({4, 4}, 6));
    const array w = uniform({4}, 7);
    const auto second = [&](const array& at)
    {
        tape t;
        const variable x = t.variable(at);
        const variable u = t.constant(v);
        const variable y = sum(t.constant(w) * squeeze(eigenvectors(x, -1, 1), 1)) + sum(eigenvalues(x, -1, 1));
        return jvp(jvp(y, x, u), x, u).item();
    };
    tape t;
    const variable x = t.variable(a);
    const variable u = t.constant(v);
    const variable y = sum(t.constant(w) * squeeze(eigenvectors(x, -1, 1), 1)) + sum(eigenvalues(x, -1, 1));
    const variable first = sum(gradient(y, x) * u);
    const variable derived = sum(gradient(sum(gradient(first, x) * u), x) * u);
    BOOST_TEST(derived.item() == slope_along([&](const array& at) { return second(at); }, a, v), tolerance(1e-7));
}

BOOST_AUTO_TEST_CASE(batches_ask_for_gaps_where_something_flows)
{
    // Each matrix by itself: equal ones elsewhere, in different places.
    array a = array::from_shape({2, 3, 3});
    xt::view(a, 0) = with_eigenvalues({1, 1, 2});
    xt::view(a, 1) = with_eigenvalues({-4, -4, 0}, 2);
    const auto f = [](auto x) { return sum(sin(view(eigh(x).vectors, xt::ellipsis(), 2))); };
    tape t;
    const variable x = t.variable(a);
    const array together = gradient(f(x), x).value();
    const variable one = t.variable(array(xt::view(a, 1)));
    BOOST_TEST(largest_of(gradient(f(one), one).value() - xt::view(together, 1)) == 0);
    const auto range = [](auto z) { return sin(eigenvectors(z, 2, 1)); };
    BOOST_TEST(autograd::check_gradient(range, a));
    BOOST_TEST(shape(jacobian(range(one), one)) == (extents{3, 1, 3, 3}));
}

BOOST_AUTO_TEST_CASE(ranges)
{
    tape t;
    const variable x = t.variable(uniform({4, 4}, 1));
    const array values = eigh(x).values.value();
    const array vectors = eigh(x).vectors.value();
    BOOST_TEST(list(eigenvalues(x, 1, 2)) == list(array(xt::view(values, xt::range(1, 3)))), per_element());
    BOOST_TEST(list(eigenvalues(x, -1, 1)) == list(array(xt::view(values, xt::range(3, 4)))), per_element());
    BOOST_TEST(list(eigenvectors(x, -2, 2)) == list(array(xt::view(vectors, all(), xt::range(2, 4)))), per_element());
    BOOST_TEST(shape(eigenvectors(x, 4, 0)) == (extents{4, 0}));
    BOOST_TEST(
        text_of<error::shape_error>([&] { static_cast<void>(eigenvalues(x, 3, 2)); }) ==
        "autograd: eigenvalues: 2 eigenvalues from number 3 on, but a, of shape (4, 4), has 4; the range must lie "
        "among these.");
    BOOST_CHECK_THROW(static_cast<void>(eigenvectors(x, 0, -1)), error::shape_error);
    BOOST_CHECK_THROW(static_cast<void>(eigenvectors(x, -5, 1)), error::shape_error);
    BOOST_CHECK_THROW(static_cast<void>(eigenvectors(x, 0, std::numeric_limits<std::ptrdiff_t>::max())),
                      error::shape_error);
}

BOOST_AUTO_TEST_CASE(more_rows_than_lapack_counts)
{
    tape t(autograd::recording::shapes);
    BOOST_TEST(shape(eigenvalues(t.full({32766, 32766}, 1.0))) == (extents{32766}));
    BOOST_TEST(text_of<error::shape_error>(
                   [&] {
                       static_cast<void>(eigenvalues(t.full({32767, 32767}, 1.0)));
                   }) == "autograd: eigenvalues: a has shape (32767, 32767); LAPACK's syevd takes 32766 rows at most.");
}

BOOST_AUTO_TEST_CASE(empty_operands_are_told_at_the_users_line)
{
    const variable none;
    const auto require_told = [](const auto& f, const std::string& name, int line)
    {
        BOOST_TEST(whole_text_of(f) == "autograd: " + name +
                                           ": an operand is empty: a default-constructed variable names nothing.  [" +
                                           __FILE__ + ":" + std::to_string(line) + "]");
    };
    require_told([&] { static_cast<void>(eigh(none)); }, "eigh", __LINE__);
    require_told([&] { static_cast<void>(eigenvalues(none)); }, "eigenvalues", __LINE__);
    require_told([&] { static_cast<void>(eigenvalues(none, 0, 1)); }, "eigenvalues", __LINE__);
    require_told([&] { static_cast<void>(eigenvectors(none, 0, 1)); }, "eigenvectors", __LINE__);
    require_told([&] { static_cast<void>(projector(none, 0, 1)); }, "projector", __LINE__);
    require_told([&] { static_cast<void>(sqrtm(none)); }, "sqrtm", __LINE__);
    require_told([&] { static_cast<void>(spectral(none, autograd::spectral_function::exp)); }, "spectral", __LINE__);
}

BOOST_AUTO_TEST_SUITE_END()
