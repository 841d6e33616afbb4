#include "tests/support.hpp"

#include <cmath>

using namespace support;
using autograd::grad;
using autograd::value_and_grad;

BOOST_AUTO_TEST_SUITE(differentiate_functions)

BOOST_AUTO_TEST_CASE(grad_of_a_function_of_a_variable_is_recorded)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0});
    const auto df = grad([](auto z) { return sum(z * z * z); });
    const variable g = df(x);
    BOOST_TEST(same(g.tape_pointer() == &t ? g : variable(), g));
    BOOST_TEST(list(g) == (reals{3, 12}), per_element());
    BOOST_TEST(list(gradient(sum(g), x)) == (reals{6, 12}), per_element());
}

BOOST_AUTO_TEST_CASE(value_and_grad_gives_both)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0});
    const auto [value, g] = value_and_grad([](auto z) { return sum(z * z * z); })(x);
    BOOST_TEST(value.item() == 9.0);
    BOOST_TEST(list(g) == (reals{3, 12}), per_element());
    BOOST_TEST(gradient(value, x).value()(1) == 12.0);
}

BOOST_AUTO_TEST_CASE(on_arrays_it_gives_arrays)
{
    const array x{1.0, 2.0};
    const auto f = [](auto z) { return sum(z * z * z); };
    const auto g = grad(f)(x);
    static_assert(std::is_same_v<decltype(g), const array>);
    BOOST_TEST(list(g) == (reals{3, 12}), per_element());
    const auto [value, same_g] = value_and_grad(f)(x);
    static_assert(std::is_same_v<decltype(value), const double>);
    BOOST_TEST(value == 9.0);
    BOOST_TEST(list(same_g) == (reals{3, 12}), per_element());
    // A lazy expression is an array, too; floats stay floats.
    BOOST_TEST(list(grad(f)(x + 1.0)) == (reals{12, 27}), per_element());
    const auto in_float = grad(f)(xt::xarray<float>{1.0f, 2.0f});
    static_assert(std::is_same_v<decltype(in_float), const xt::xarray<float>>);
    BOOST_TEST(in_float(1) == 12.0f);
}

BOOST_AUTO_TEST_CASE(on_numbers_it_gives_numbers_in_arrays)
{
    const auto df = grad([](auto x) { return x * sin(x); });
    BOOST_TEST(df(2.0)() == std::sin(2.0) + 2.0 * std::cos(2.0), tolerance(1e-15));
    BOOST_TEST(value_and_grad([](auto x) { return x * sin(x); })(2.0).first == 2.0 * std::sin(2.0), tolerance(1e-15));
}

BOOST_AUTO_TEST_CASE(arguments_are_chosen_by_number)
{
    const auto f = [](auto x, auto y, auto z) { return sum(x * y) + z; };
    tape t;
    const variable x = t.variable(array{1.0, 2.0}), y = t.variable(array{3.0, 4.0}), z = t.variable(5.0);
    BOOST_TEST(list(grad(f)(x, y, z)) == (reals{3, 4}), per_element());
    BOOST_TEST(list(grad<1>(f)(x, y, z)) == (reals{1, 2}), per_element());
    const auto [gy, gx] = grad<1, 0>(f)(x, y, z);
    BOOST_TEST(list(gx) == (reals{3, 4}), per_element());
    BOOST_TEST(list(gy) == (reals{1, 2}), per_element());
    const auto [value, gradients] = value_and_grad<0, 1, 2>(f)(x, y, z);
    BOOST_TEST(value.item() == 16.0);
    BOOST_TEST(gradients[2].item() == 1.0);

    const auto [ax, ay] = grad<0, 1>(f)(array{1.0, 2.0}, array{3.0, 4.0}, 5.0);
    static_assert(std::is_same_v<decltype(ax), const array>);
    BOOST_TEST(list(ax) == (reals{3, 4}), per_element());
    BOOST_TEST(list(ay) == (reals{1, 2}), per_element());
    BOOST_TEST(list(grad<1>(f)(array{1.0, 2.0}, array{3.0, 4.0}, 5.0)) == (reals{1, 2}), per_element());
}

BOOST_AUTO_TEST_CASE(variables_and_arrays_mix)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0});
    const auto f = [](auto z, const auto& data) { return sum(z * data); };
    BOOST_TEST(list(grad(f)(x, array{5.0, 6.0})) == (reals{5, 6}), per_element());
}

BOOST_AUTO_TEST_CASE(arrays_of_integers_are_positions_and_single_integers_stay_as_they_are)
{
    const auto f = [](auto x, auto labels, auto exponent) { return sum(pow(gather(x, labels), exponent)); };
    const array x{1.0, 2.0, 3.0};
    BOOST_TEST(list(grad(f)(x, integers{2, 0, 2}, 2)) == (reals{2, 0, 12}), per_element());
    const auto last = [](auto labels, auto z) { return sum(gather(z, labels)); };
    BOOST_TEST(list(grad<1>(last)(integers{2, 0, 2}, x)) == (reals{1, 0, 2}), per_element());
}

BOOST_AUTO_TEST_CASE(unconnected_arguments_have_zeros_where_that_is_asked)
{
    const auto f = [](auto x, auto) { return sum(x * x); };
    const auto [gx, gy] = grad<0, 1>(f, autograd::unconnected::zero)(array{1.0, 2.0}, array{3.0});
    BOOST_TEST(list(gx) == (reals{2, 4}), per_element());
    BOOST_TEST(list(gy) == (reals{0}), per_element());
    BOOST_CHECK_THROW((grad<0, 1>(f)(array{1.0, 2.0}, array{3.0})), autograd::error::not_differentiable);
}

BOOST_AUTO_TEST_CASE(grad_of_grad)
{
    const auto f = [](auto x) { return sin(x); };
    const auto third = grad(grad(grad(f)));
    tape t;
    const variable x = t.variable(0.7);
    BOOST_TEST(third(x).item() == -std::cos(0.7), tolerance(1e-14));
    BOOST_TEST(third(0.7)() == -std::cos(0.7), tolerance(1e-14));
    BOOST_TEST(grad(grad(grad(third)))(x).item() == -std::sin(0.7), tolerance(1e-13));
}

BOOST_AUTO_TEST_CASE(functions_may_return_what_they_were_given)
{
    BOOST_TEST(grad([](auto x) { return x; })(3.0)() == 1.0);
    tape t;
    const variable x = t.variable(3.0);
    BOOST_TEST(grad([](auto z) { return z; })(x).item() == 1.0);
}

BOOST_AUTO_TEST_CASE(arguments_without_influence_are_refused)
{
    tape t;
    const variable x = t.variable(3.0), y = t.variable(4.0);
    const auto f = [](auto a, auto) { return a * a; };
    BOOST_CHECK_THROW(grad<1>(f)(x, y), autograd::error::not_differentiable);
    BOOST_CHECK_THROW(grad<1>(f)(3.0, 4.0), autograd::error::not_differentiable);
}

// -------------------------------------------------------------------------------------------- perturbation confusion

BOOST_AUTO_TEST_CASE(what_a_function_captured_is_constant)
{
    tape t;
    const variable x = t.variable(3.0);
    // d/dz (x z) at z = x is x, not 2 x.
    const auto df = grad([&](variable z) { return x * z; });
    BOOST_TEST(df(x).item() == 3.0);
    BOOST_TEST(value_and_grad([&](variable z) { return x * z; })(x).first.item() == 9.0);
    // That derivative depends on the x that was captured: d/dx x = 1.
    BOOST_TEST(gradient(df(x), x).item() == 1.0);
}

BOOST_AUTO_TEST_CASE(inner_and_outer_derivatives_do_not_mix)
{
    // Siskind & Pearlmutter 2005: d/dx (x d/dy (x + y) at y = 1) at x = 1 is 1, not 2.
    const auto f = [](variable x)
    {
        const auto inner = grad([&](variable y) { return x + y; });
        return x * inner(x.tape().variable(1.0));
    };
    tape t;
    BOOST_TEST(grad(f)(t.variable(1.0)).item() == 1.0);

    // d/dx (x d/dy (x y) at y = x) = d/dx x^2 = 2 x
    const auto g = [](variable x) { return x * grad([&](variable y) { return x * y; })(x); };
    BOOST_TEST(grad(g)(t.variable(3.0)).item() == 6.0);

    // d/dx (d/dy (x y^2) at y = x) = d/dx (2 x^2) = 4 x
    const auto h = [](variable x) { return grad([&](variable y) { return x * y * y; })(x); };
    BOOST_TEST(grad(h)(t.variable(3.0)).item() == 12.0);
}

BOOST_AUTO_TEST_CASE(the_same_variable_as_two_arguments)
{
    tape t;
    const variable x = t.variable(3.0);
    const auto f = [](auto a, auto b) { return a * a * b; };
    const auto [ga, gb] = grad<0, 1>(f)(x, x);
    BOOST_TEST(ga.item() == 18.0);
    BOOST_TEST(gb.item() == 9.0);
}

BOOST_AUTO_TEST_SUITE_END()
