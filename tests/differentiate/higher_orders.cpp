#include "tests/support.hpp"

#include <cmath>

using namespace support;

BOOST_AUTO_TEST_SUITE(differentiate_higher_orders)

namespace
{

/// Value and the first four derivatives by x: reverse over reverse.
template <class F>
reals derivatives(F f, double at, int order = 4)
{
    tape t;
    const variable x = t.variable(at);
    variable y = f(x);
    reals result{y.item()};
    for (int i = 0; i < order; ++i)
    {
        y = gradient(y, x, autograd::unconnected::zero);
        result.push_back(y.item());
    }
    autograd::verify(t);
    return result;
}

/// The same, forward over forward.
template <class F>
reals tangents(F f, double at, int order = 4)
{
    tape t;
    const variable x = t.variable(at);
    const variable one = t.constant(1.0);
    variable y = f(x);
    reals result{y.item()};
    for (int i = 0; i < order; ++i)
    {
        y = jvp(y, x, one, autograd::unconnected::zero);
        result.push_back(y.item());
    }
    return result;
}

template <class F>
void check(F f, double at, const reals& expected, double accuracy = 1e-13)
{
    const int order = static_cast<int>(expected.size()) - 1;
    BOOST_TEST(derivatives(f, at, order) == expected, tolerance(accuracy) << per_element());
    BOOST_TEST(tangents(f, at, order) == expected, tolerance(accuracy) << per_element());
}

} // namespace

BOOST_AUTO_TEST_CASE(of_the_sine)
{
    const double s = std::sin(0.7), c = std::cos(0.7);
    check([](auto x) { return sin(x); }, 0.7, {s, c, -s, -c, s});
}

BOOST_AUTO_TEST_CASE(of_the_exponential)
{
    const double e = std::exp(0.7);
    check([](auto x) { return exp(x); }, 0.7, {e, e, e, e, e});
}

BOOST_AUTO_TEST_CASE(of_the_hyperbolic_tangent)
{
    const double y = std::tanh(0.7), d = 1 - y * y;
    check([](auto x) { return tanh(x); }, 0.7, {y, d, -2 * y * d, 2 * d * (3 * y * y - 1), 8 * y * d * (2 - 3 * y * y)},
          1e-12);
}

BOOST_AUTO_TEST_CASE(of_powers_and_quotients)
{
    check([](auto x) { return x * x * x * x; }, 1.5, {5.0625, 13.5, 27, 36, 24});
    check([](auto x) { return pow(x, 4); }, 1.5, {5.0625, 13.5, 27, 36, 24});
    check([](auto x) { return 1.0 / x; }, 2.0, {0.5, -0.25, 0.25, -0.375, 0.75});
    check([](auto x) { return log(x); }, 2.0, {std::log(2.0), 0.5, -0.25, 0.25, -0.375});
    check([](auto x) { return sqrt(x); }, 4.0, {2, 0.25, -1.0 / 32, 3.0 / 256, -15.0 / 2048});
    // At 0, where x^(p - 3) is infinite and its factor 0.
    check([](auto x) { return pow(x, 2); }, 0.0, {0, 0, 2, 0, 0});
    check([](auto x) { return square(x); }, 0.0, {0, 0, 2, 0, 0});
    check([](auto x) { return x * abs(x); }, -2.0, {-4, 4, -2, 0, 0});
}

BOOST_AUTO_TEST_CASE(of_the_logistic_function_where_it_is_flat)
{
    for (double at : {50.0, 1000.0, -1000.0})
    {
        for (const reals& all :
             {derivatives([](auto x) { return sigmoid(x); }, at, 3), derivatives([](auto x) { return tanh(x); }, at, 3),
              derivatives([](auto x) { return softplus(x); }, at, 3)})
        {
            for (std::size_t i = 2; i < all.size(); ++i)
            {
                BOOST_TEST(std::abs(all[i]) < 1e-20);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(of_a_composition)
{
    // f = exp(sin x): f' = f cos, f'' = f (cos^2 - sin), f''' = f cos (cos^2 - 3 sin - 1)
    const double s = std::sin(0.4), c = std::cos(0.4), f = std::exp(s);
    check([](auto x) { return exp(sin(x)); }, 0.4, {f, f * c, f * (c * c - s), f * c * (c * c - 3 * s - 1)}, 1e-13);
}

// ------------------------------------------------------------------------------------------------ the modes, mixed

BOOST_AUTO_TEST_CASE(all_orders_of_the_modes_agree)
{
    tape t;
    const variable x = t.variable(array{0.3, -0.7, 1.1}), v = t.constant(array{1.0, -0.5, 2.0});
    const variable w = t.constant(array{-0.3, 0.8, 0.6});
    const variable y = sum(tanh(x) * exp(x)) * logsumexp(x) + prod(x);
    const variable g = gradient(y, x);

    const double forward_over_forward = jvp(jvp(y, x, v), x, w).item();
    const double forward_over_reverse = dot(jvp(g, x, w), v).item();
    const double reverse_over_forward = dot(gradient(jvp(y, x, v), x), w).item();
    const double reverse_over_reverse = dot(gradient(dot(g, v), x), w).item();
    const double by_hessian = dot(v, matmul(hessian(y, x), w)).item();
    BOOST_TEST(forward_over_forward == by_hessian, tolerance(1e-12));
    BOOST_TEST(forward_over_reverse == by_hessian, tolerance(1e-12));
    BOOST_TEST(reverse_over_forward == by_hessian, tolerance(1e-12));
    BOOST_TEST(reverse_over_reverse == by_hessian, tolerance(1e-12));
    BOOST_TEST(dot(g, v).item() == jvp(y, x, v).item(), tolerance(1e-13));
    autograd::verify(t);
}

BOOST_AUTO_TEST_CASE(third_order_is_symmetric_in_the_modes)
{
    tape t;
    const variable x = t.variable(array{0.3, -0.7}), v = t.constant(array{1.0, -0.5});
    const variable y = sum(sin(x)) * exp(sum(x * x));
    const double fff = jvp(jvp(jvp(y, x, v), x, v), x, v).item();
    const double rrr = dot(gradient(dot(gradient(dot(gradient(y, x), v), x), v), x), v).item();
    const double frf = jvp(dot(gradient(jvp(y, x, v), x), v), x, v).item();
    BOOST_TEST(rrr == fff, tolerance(1e-12));
    BOOST_TEST(frf == fff, tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(products_of_matrices_to_second_order)
{
    tape t;
    const variable a = t.variable(array{{1.0, 2.0}, {3.0, 4.0}}), b = t.variable(array{{0.5, -1.0}, {2.0, 0.25}});
    const variable y = sum(square(matmul(a, b)));
    // d/dA = 2 A B B^T; its derivative along V = 2 V B B^T
    const variable v = t.constant(array{{1.0, -2.0}, {0.5, 1.0}});
    const variable bbt = matmul(b, transpose(b));
    BOOST_TEST(list(gradient(y, a)) == list(2.0 * matmul(matmul(a, bbt), t.constant(array{{1.0, 0.0}, {0.0, 1.0}}))),
               tolerance(1e-13) << per_element());
    BOOST_TEST(list(hessian_vector_product(y, a, v)) == list(2.0 * matmul(v, bbt)), tolerance(1e-13) << per_element());
    // Mixed: d/dB <2 A B B^T, V>, against the same by forward mode along W.
    const variable g = gradient(y, a);
    const variable w = t.constant(array{{0.3, 0.4}, {-0.7, 0.2}});
    const double mixed = sum(gradient(sum(g * v), b) * w).item();
    BOOST_TEST(sum(jvp(g, b, w) * v).item() == mixed, tolerance(1e-13));
}

BOOST_AUTO_TEST_CASE(the_newton_step_of_a_quadratic)
{
    // A derivative is part of the program: the minimum of f along its own gradient, differentiated.
    tape t;
    const variable x = t.variable(array{3.0, -1.0});
    const variable y = sum(square(x)) * 2.0;
    const variable g = gradient(y, x);
    const variable step = dot(g, g) / dot(g, hessian_vector_product(y, x, g));
    BOOST_TEST(step.item() == 0.25, tolerance(1e-15));
    const variable moved = x - step * g;
    BOOST_TEST(sum(square(moved)).item() == 0.0);
    // x - g(x) / 4 = 0 for every x.
    for (double entry : list(jacobian(moved, x)))
    {
        BOOST_TEST(std::abs(entry) < 1e-14);
    }
}

BOOST_AUTO_TEST_SUITE_END()
