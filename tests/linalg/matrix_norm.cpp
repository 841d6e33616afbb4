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

BOOST_AUTO_TEST_SUITE_END()
