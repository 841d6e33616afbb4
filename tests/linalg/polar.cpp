#include "singular_matrices.hpp"

#include "autograd/check/check_gradient.hpp"
#include "autograd/compile/program.hpp"

// The polar factor and the nuclear norm: derivatives at equal singular values, in all orders, and their end at full
// rank.

using namespace support;
namespace error = autograd::error;
using autograd::check_gradient;

namespace
{

const std::string refused = "autograd: polar: singular value 1 of a is 0, which is 0 up to rounding "
                            "(1.509903313490213e-14); the polar factor has a derivative at full rank alone, and so has "
                            "the gradient of the nuclear norm.";

} // namespace

BOOST_AUTO_TEST_SUITE(linalg_polar)

BOOST_AUTO_TEST_CASE_TEMPLATE(factors_are_what_they_are_called, T, element_types)
{
    for (const extents& shape : {extents{1, 1}, extents{5, 5}, extents{7, 3}, extents{3, 7}, extents{4, 1},
                                 extents{1, 4}, extents{3, 2, 4, 2}, extents{0, 2}, extents{2, 0}})
    {
        autograd::tape<T> t;
        const auto a = t.variable(normal_numbers<T>(shape));
        const auto q = polar(a);
        const bool wide = a.shape()[a.dimension() - 2] < a.shape()[a.dimension() - 1];
        const auto swapped = [](auto x) { return moveaxis(x, -1, -2); };
        const auto h = wide ? matmul(a, swapped(q)) : matmul(swapped(q), a);
        const double rounding = 100 * static_cast<double>(std::numeric_limits<T>::epsilon());
        BOOST_TEST(distance(swapped(h), h) <= rounding);
        BOOST_TEST(distance(wide ? matmul(h, q) : matmul(q, h), a) <= rounding);
    }
}

BOOST_AUTO_TEST_CASE(all_orders_at_equal_singular_values)
{
    const auto factor = [](auto a) { return autograd::polar(a); };
    const auto norm = [](auto a) { return autograd::nuclear_norm(a); };
    const auto of_gradient = [](auto a) { return sum(sin(gradient(sum(sin(autograd::polar(a))), a))); };
    for (const array& a : {array(xt::eye<double>(3)), with_singular_values(4, 2, {2, 2}),
                           with_singular_values(2, 4, {2, 2}), with_singular_values(3, 3, {2, 1, 1})})
    {
        BOOST_TEST(check_gradient(factor, a));
        BOOST_TEST(check_gradient(norm, a));
        BOOST_TEST(check_gradient(of_gradient, a)); // orders 2 and 3
    }
    // an orthogonal matrix moves by what is antisymmetric: at the identity dq = (da - da^T) / 2
    tape t;
    const variable one = t.variable(array(xt::eye<double>(3)));
    const variable moved = jvp(polar(one), one, t.constant(array{{1, 2, 3}, {0, 1, 5}, {0, 0, 1}}));
    BOOST_TEST(list(moved) == (reals{0, 1, 1.5, -1, 0, 2.5, -1.5, -2.5, 0}), tolerance(1e-15) << per_element());
}

BOOST_AUTO_TEST_CASE(matrices_that_are_not_of_full_rank)
{
    tape t;
    const variable a = t.variable(diagonal_matrix({2, 0}));
    BOOST_TEST(list(polar(a)) == (reals{1, 0, 0, 0}), per_element());
    BOOST_TEST(text_of<error::value_error>([&] { static_cast<void>(gradient(sum(polar(a)), a)); }) == refused);
    BOOST_TEST(text_of<error::value_error>(
                   [&] {
                       static_cast<void>(jvp(polar(a), a, t.full({2, 2}, 1.0)));
                   }) == refused);
    // the nuclear norm has its subgradient of least norm, and nothing behind it
    const variable norm = nuclear_norm(a);
    BOOST_TEST(list(gradient(norm, a)) == (reals{1, 0, 0, 0}), per_element());
    BOOST_TEST(jvp(norm, a, t.full({2, 2}, 3.0)).item() == 3);
    BOOST_TEST(text_of<error::value_error>([&] { static_cast<void>(hessian(norm, a)); }) == refused);
    const variable zero = t.variable(array(xt::zeros<double>({3, 2})));
    BOOST_TEST(list(gradient(nuclear_norm(zero), zero)) == reals(6, 0.0), per_element());
    // up to rounding
    for (unsigned seed = 1; seed < 20; ++seed)
    {
        const variable x = t.variable(with_singular_values(3, 4, {2, 2}, seed));
        BOOST_TEST(sum(square(polar(x))).item() == 2, tolerance(1e-14)); // two singular values of 1
        BOOST_TEST(text_of<error::value_error>([&] { static_cast<void>(gradient(sum(polar(x)), x)); })
                       .find("singular value 2 of a is") != std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(programs_refuse_the_same)
{
    tape t;
    const variable a = t.variable(diagonal_matrix({2, 1}));
    const auto program = autograd::compile({a}, {gradient(sum(polar(a)), a)});
    array result = array::from_shape({2, 2});
    auto memory = program.make_workspace();
    program.run({diagonal_matrix({2, 2})}, {result}, memory);
    BOOST_TEST(text_of<error::value_error>(
                   [&] {
                       program.run({diagonal_matrix({2, 0})}, {result}, memory);
                   }) == refused);
}

// Soft thresholding of singular values, the proximal operator of the nuclear norm: its gradient is that of least
// squares.
BOOST_AUTO_TEST_CASE(the_least_norm_of_many)
{
    tape t;
    const variable a = t.variable(normal_numbers<double>({4, 3}));
    const auto [u, s, vt] = svd(a);
    BOOST_TEST(distance(gradient(nuclear_norm(a), a), matmul(u, vt)) <= 1e-14);
    BOOST_TEST(distance(polar(a), matmul(u, vt)) <= 1e-14);
    BOOST_TEST(nuclear_norm(a).item() == sum(s).item(), tolerance(1e-15));
}

// The derivative of order k at c a is c^-k times that at a.
BOOST_AUTO_TEST_CASE(second_derivatives_at_any_scale)
{
    for (const array& a : {array{{2, 0.3}, {-0.4, 1}}, array{{2, 0.3}, {-0.4, 1}, {0.5, -1}}})
    {
        tape t;
        const auto second = [&](double c)
        {
            const variable x = t.variable(array(c * a));
            const variable first = gradient(view(polar(x), 0, 1), x);
            return reals(list(c * (c * gradient(view(first, 0, 0), x))));
        };
        const reals expected = second(1);
        for (const double c : {0x1p-350, 0x1p-100, 0x1p200, 0x1p400})
        {
            BOOST_TEST(second(c) == expected, tolerance(1e-12) << per_element());
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
