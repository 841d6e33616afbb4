#include "conventions/derivatives.hpp"

#include <cmath>

// Products that leave the range of the type on the way: values and derivatives are right wherever they are
// representable. The kernels are tested against exact numbers in tests/kernels/chain.cpp.

using namespace conventions;
using support::list;

namespace
{

/// n numbers a, then n numbers b.
template <class T>
xt::xarray<T> halves(std::size_t n, T a, T b)
{
    xt::xarray<T> x = xt::xarray<T>::from_shape({2 * n});
    std::fill_n(x.begin(), n, a);
    std::fill_n(x.begin() + static_cast<std::ptrdiff_t>(n), n, b);
    return x;
}

template <class T>
T root_of_largest()
{
    return static_cast<T>(std::sqrt(std::numeric_limits<T>::max()) * 2);
}

} // namespace

BOOST_AUTO_TEST_SUITE(conventions_products)

BOOST_AUTO_TEST_CASE_TEMPLATE(a_zero_makes_a_product_zero_however_long, T, both_precisions)
{
    for (const std::size_t n : {65u, 320u, 1000u})
    {
        xt::xarray<T> numbers = xt::xarray<T>::from_shape({n, 3});
        for (std::size_t i = 0; i < numbers.size(); ++i)
        {
            numbers.data()[i] = static_cast<T>(i / 3);
        }
        autograd::tape<T> tape;
        const auto x = tape.variable(numbers);
        BOOST_TEST(prod(x).item() == 0);
        expect<T>(list(prod(x, 0)), {0, 0, 0});
        expect<T>(list(prod(transpose(x), 1)), {0, 0, 0});
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(up_to_64_factors_a_product_is_infinite_or_zero_where_it_is_so_on_the_way, T,
                              both_precisions)
{
    const T large = root_of_largest<T>();
    autograd::tape<T> tape;
    BOOST_TEST(prod(tape.variable(xt::xarray<T>{large, large, 1 / large})).item() == infinity<T>);
    const T small = 1 / large;
    BOOST_TEST(prod(tape.variable(xt::xarray<T>{small, small, small, large, large})).item() == 0);
    BOOST_TEST(prod(tape.variable(halves<T>(100, large, 1 / large))).item() == 1, support::tolerance(T(1e-5)));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(derivatives_of_products_that_overflow, T, both_precisions)
{
    const T large = root_of_largest<T>();
    autograd::tape<T> tape;
    const auto x = tape.variable(xt::xarray<T>{0, 2, large, large});
    expect<T>(list(gradient(prod(x), x)), {infinity<T>, 0, 0, 0});
    expect<T>(list(gradient(sum(cumprod(x)), x)), {infinity<T>, 0, 0, 0});
    const auto along = [&](const xt::xarray<T>& u) { return tape.constant(u); };
    BOOST_TEST(jvp(prod(x), x, along({1, 1, 0, 0})).item() == infinity<T>);
    BOOST_TEST(jvp(prod(x), x, along({0, 1, 1, 1})).item() == 0);
    expect<T>(list(hessian_vector_product(prod(x), x, along({0, 0, 1, 0}))), {2 * large, 0, 0, 0});
    const auto second = list(hessian(prod(x), x));
    expect<T>(second,
              {0, infinity<T>, 2 * large, 2 * large, infinity<T>, 0, 0, 0, 2 * large, 0, 0, 0, 2 * large, 0, 0, 0});
    // What is not representable is multiplied by what makes it so.
    const T small = 1 / large / 2;
    const auto scaled = gradient(small * prod(x), x);
    BOOST_TEST(list(scaled)[0] == small * large * 2 * large, support::tolerance(T(1e-5)));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(derivatives_of_long_products, T, both_precisions)
{
    autograd::tape<T> tape;
    const auto tolerance = support::tolerance(static_cast<T>(2000 * std::numeric_limits<T>::epsilon()));
    // Underflow in float, then back.
    xt::xarray<T> tenths = xt::xarray<T>::from_shape({90});
    std::fill(tenths.begin(), tenths.begin() + 50, T(0.1));
    std::fill(tenths.begin() + 50, tenths.end(), T(10));
    const auto x = tape.variable(tenths);
    const auto of_tenths = list(gradient(prod(x), x));
    BOOST_TEST(of_tenths.front() == T(1e-9), tolerance);
    BOOST_TEST(of_tenths.back() == T(1e-11), tolerance);

    const auto y = tape.variable(halves<T>(2000, 2, 0.5));
    std::vector<T> others(4000, T(0.5));
    std::fill(others.begin() + 2000, others.end(), T(2));
    BOOST_TEST(prod(y).item() == 1);
    expect<T>(list(gradient(prod(y), y)), others);
    const auto direction = tape.constant(halves<T>(2000, 1, 0));
    // Of the factors 2, all others move: (1999 / 4, ...), and of the factors 1/2, all 2000 move.
    const auto second = list(hessian_vector_product(prod(y), y, direction));
    BOOST_TEST(second.front() == T(1999) / 4, tolerance);
    BOOST_TEST(second.back() == T(2000), tolerance);
    // Of the running products only the last ones are finite, and all of their derivatives are right.
    const auto running = cumprod(y);
    BOOST_TEST(list(running).back() == 1);
    const auto last = gradient(view(running, -1), y);
    expect<T>(list(last), others);
    BOOST_TEST(jvp(prod(y), y, direction).item() == T(1000), tolerance);
}

BOOST_AUTO_TEST_CASE(sorted_numbers)
{
    xt::xarray<double> numbers = xt::linspace<double>(0.3, 2.1, 4000);
    long double logarithm = 0;
    for (const double number : numbers)
    {
        logarithm += std::log(static_cast<long double>(number));
    }
    autograd::tape<double> tape;
    const auto x = tape.variable(numbers);
    const auto product = static_cast<double>(std::exp(logarithm));
    BOOST_TEST(prod(x).item() == product, support::tolerance(1e-12));
    BOOST_TEST(list(gradient(prod(x), x)).front() == product / 0.3, support::tolerance(1e-12));
    const auto columns = reshape(x, {2000, 2});
    BOOST_TEST(prod(prod(columns, 0)).item() == product, support::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(recurrences_carry_exponents, T, both_precisions)
{
    autograd::tape<T> tape;
    const T large = root_of_largest<T>();
    const auto a = tape.variable(xt::xarray<T>{1, large, large, 1 / large, 1 / large});
    const auto b = tape.variable(xt::xarray<T>{1, 0, 0, 0, 0});
    const auto y = linear_recurrence(a, b, 0);
    const std::vector<T> values = list(y);
    BOOST_TEST(values[2] == infinity<T>);
    BOOST_TEST(values[4] == 1, support::tolerance(T(1e-5)));
    const auto by_factors = list(gradient(view(y, 4), a));
    BOOST_TEST(by_factors[1] == 1 / large, support::tolerance(T(1e-5)));
    BOOST_TEST(by_factors[4] == large, support::tolerance(T(1e-5)));
    BOOST_TEST(list(gradient(view(y, 4), b))[0] == 1, support::tolerance(T(1e-5)));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(infinities_and_nan_are_multiplied_as_they_are, T, both_precisions)
{
    const T nan = not_a_number<T>;
    autograd::tape<T> tape;
    const auto gradient_of = [&](const xt::xarray<T>& at)
    {
        const auto x = tape.variable(at);
        return list(gradient(prod(x), x));
    };
    // NaN only where an infinite factor meets a zero among the others.
    expect<T>(gradient_of({0, infinity<T>, 3}), {infinity<T>, 0, nan});
    expect<T>(gradient_of({2, infinity<T>, 3}), {infinity<T>, 6, infinity<T>});
    expect<T>(gradient_of({2, nan, 3}), {nan, 6, nan});
    const auto x = tape.variable(xt::xarray<T>{2, infinity<T>, 3});
    expect<T>(list(cumprod(x)), {2, infinity<T>, infinity<T>});
    expect<T>(list(gradient(sum(cumprod(x)), x)), {infinity<T>, 8, infinity<T>});
}

BOOST_AUTO_TEST_SUITE_END()
