#include "singular_matrices.hpp"

#include "autograd/check/check_gradient.hpp"

// Norms of matrices where the singular values of others are equal or 0, condition numbers of singular matrices.

using namespace support;
namespace error = autograd::error;
using autograd::check_gradient;
using autograd::matrix_norm;

BOOST_AUTO_TEST_SUITE(linalg_matrix_norm)

BOOST_AUTO_TEST_CASE(the_spectral_norm_in_all_orders)
{
    const auto largest = [](auto a) { return autograd::norm(a, 2); };
    for (const array& a : {diagonal_matrix({3, 1, 1}), diagonal_matrix({3, 0, 0}),
                           with_singular_values(4, 3, {2, 1, 1}), with_singular_values(3, 4, {2})})
    {
        BOOST_TEST(check_gradient(largest, a));
    }
    // At an orthogonal matrix all are the largest: a subgradient, of nuclear norm 1, and no second derivative.
    tape t;
    const variable one = t.variable(array(xt::eye<double>(3)));
    BOOST_TEST(nuclear_norm(gradient(norm(one, 2), one)).item() == 1, tolerance(1e-15));
    BOOST_TEST(text_of<error::value_error>([&] { static_cast<void>(hessian(norm(one, 2), one)); })
                   .find("singular values 0 and 1 of a are 1 and 1") != std::string::npos);
    const variable zero = t.variable(array(xt::zeros<double>({2, 2})));
    BOOST_TEST(list(gradient(norm(zero, 2), zero)) == reals(4, 0.0), per_element());
}

BOOST_AUTO_TEST_CASE(inequalities_between_norms)
{
    tape t;
    const variable a = t.variable(normal_numbers<double>({5, 4, 3}));
    const double inf = std::numeric_limits<double>::infinity();
    const auto numbers = [](variable x) { return list(x); };
    const reals frobenius = numbers(norm(a));
    const reals spectral = numbers(norm(a, 2));
    const reals nuclear = numbers(norm(a, matrix_norm::nuclear));
    const reals columns = numbers(norm(a, 1));
    const reals rows = numbers(norm(a, inf));
    for (std::size_t k = 0; k < 5; ++k)
    {
        BOOST_TEST(spectral[k] <= frobenius[k]);
        BOOST_TEST(frobenius[k] <= nuclear[k]);
        BOOST_TEST(nuclear[k] <= std::sqrt(3) * frobenius[k]);
        BOOST_TEST(spectral[k] * spectral[k] <= columns[k] * rows[k]);
    }
}

BOOST_AUTO_TEST_CASE(condition_numbers)
{
    tape t;
    const auto of = [](auto a) { return autograd::cond(a); };
    BOOST_TEST(check_gradient(of, with_singular_values(4, 3, {4, 2, 1})));
    const variable a = t.variable(array{{4, 0, 0}, {0, 2, 0}, {0, 0, 1}});
    const variable condition = cond(a);
    BOOST_TEST(count_of(t, "svd_factors") == 1u);
    BOOST_TEST(list(gradient(condition, a)) == (reals{1, 0, 0, 0, 0, 0, 0, 0, -4}), per_element());
    BOOST_TEST(cond(a, matrix_norm::nuclear).item() == 7 * 1.75, tolerance(1e-15));
    BOOST_TEST(cond(t.variable(diagonal_matrix({1, 0}))).item() == std::numeric_limits<double>::infinity());
    BOOST_TEST(cond(t.variable(diagonal_matrix({1, 0})), -2).item() == 0);
    BOOST_TEST(text_of<error::shape_error>(
                   [&] {
                       static_cast<void>(cond(t.variable(array(xt::zeros<double>({0, 2})))));
                   }) == "autograd: cond: a has shape (0, 2), without singular values; order 2 needs one at least.");
}

// cond(c a) = cond(a) and norm(c x, p) = |c| norm(x, p): so are the derivatives, wherever c puts them.
BOOST_AUTO_TEST_CASE(at_any_scale)
{
    const array a{{3, 1}, {0.5, 2}};
    const array d{{1, 0.3}, {0.2, -1}};
    const array x{1, -2, 0.5};
    tape t;
    const auto along = [](auto f, variable at, variable direction) { return jvp(f(at), at, direction).item(); };
    for (const double c : {0x1p-900, 0x1p-300, 0x1p600, 0x1p900})
    {
        const auto test = [&](auto condition)
        {
            const double expected = along(condition, t.variable(a), t.constant(d));
            BOOST_TEST(along(condition, t.variable(array(c * a)), t.constant(d)) * c == expected, tolerance(1e-14));
        };
        test([](variable y) { return cond(y); });
        test([](variable y) { return cond(y, 1); });
        test([](variable y) { return cond(y, matrix_norm::frobenius); });
        test([](variable y) { return cond(y, matrix_norm::nuclear); });
        for (const double p : {-5.0, -1.5, 0.5, 3.0, 40.0, 5000.0})
        {
            const variable one = t.variable(x);
            const variable scaled = t.variable(array(c * x));
            BOOST_TEST(norm(scaled, p).item() / c == norm(one, p).item(), tolerance(1e-14));
            BOOST_TEST(list(gradient(norm(scaled, p), scaled)) == list(gradient(norm(one, p), one)),
                       tolerance(1e-12) << per_element());
        }
    }
    BOOST_TEST(norm(t.variable(x), 5000).item() == 2, tolerance(1e-15));
    autograd::tape<float> floats;
    const auto small = floats.variable(xt::xarray<float>{1e-13F, 2e-13F});
    BOOST_TEST(list(gradient(norm(small, 4), small)) == (std::vector<float>{0.11944371F, 0.95554971F}),
               tolerance(1e-6F) << per_element());
}

BOOST_AUTO_TEST_CASE(condition_numbers_of_singular_matrices)
{
    tape t;
    const double inf = std::numeric_limits<double>::infinity();
    BOOST_TEST(cond(t.variable(array(xt::zeros<double>({2, 2})))).item() == inf);
    BOOST_TEST(cond(t.variable(array(xt::zeros<double>({2, 2}))), -2).item() == inf);
    const variable a = t.variable(array{{{2, 0}, {0, 1}}, {{1, 0}, {0, 0}}});
    const variable condition = cond(a);
    BOOST_TEST(list(condition) == (reals{2, inf}), per_element());
    const std::string refused = "autograd: cond: the least singular value of matrix (1) of a is 0, 0 but for rounding, "
                                "where the largest is 1; the condition number has no derivative there.";
    BOOST_TEST(text_of<error::value_error>([&] { static_cast<void>(gradient(sum(condition), a)); }) == refused);
    BOOST_TEST(text_of<error::value_error>([&] { static_cast<void>(jvp(condition, a, a)); }) == refused);
    BOOST_TEST(cond(t.variable(diagonal_matrix({1, 0})), -2).item() == 0);
    // where nothing flows there, it has
    const reals of_first{1, 0, 0, -2, 0, 0, 0, 0};
    BOOST_TEST(list(gradient(view(condition, 0), a)) == of_first, per_element());
    BOOST_TEST(list(gradient(sum(where(isfinite(condition), condition, 0.0)), a)) == of_first, per_element());
    for (const array& nearly : {array{{1, 2}, {2, 4}}, array{{1e-300, 0}, {0, 1}}, array{{1e-200, 0}, {0, 1e200}}})
    {
        for (const double order : {2.0, -2.0})
        {
            const variable x = t.variable(nearly);
            BOOST_CHECK_THROW(static_cast<void>(gradient(cond(x, order), x)), error::value_error);
            BOOST_CHECK_THROW(static_cast<void>(jvp(cond(x, order), x, x)), error::value_error);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
