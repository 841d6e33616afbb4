#include "tests/conventions/derivatives.hpp"

#include <cmath>

// NaN among the numbers that an extremum is taken of: it is the result, so it takes the cotangent; several share it.

using namespace conventions;
using support::list;
using support::per_element;

BOOST_AUTO_TEST_SUITE(operations_extrema)

BOOST_AUTO_TEST_CASE_TEMPLATE(what_two_operands_get_sums_to_the_cotangent, T, both_precisions)
{
    const std::vector<T> points{T(1), T(-2), T(0), T(-0.0), infinity<T>, -infinity<T>, not_a_number<T>};
    const auto either = [](auto x, auto y, bool larger) { return larger ? maximum(x, y) : minimum(x, y); };
    for (const bool larger : {true, false})
    {
        for (const T a : points)
        {
            for (const T b : points)
            {
                const auto f = [&](auto x, auto y) { return either(x, y, larger); };
                const auto shares = derivatives(a, b, f);
                BOOST_TEST(shares[0] + shares[1] == 1, "at (" << a << ", " << b << ")");
                const bool a_is = std::isnan(a) || (larger ? a >= b : a <= b);
                const bool b_is = std::isnan(b) || (larger ? b >= a : b <= a);
                BOOST_TEST(shares[0] == (a_is ? b_is ? T(0.5) : T(1) : T(0)), "at (" << a << ", " << b << ")");
                // In forward mode and in second order, too, and beside a number.
                autograd::tape<T> tape;
                const auto x = tape.variable(a);
                const auto y = tape.variable(b);
                const auto z = f(x, y);
                BOOST_TEST(jvp(z, x, tape.full({}, T(1))).item() == shares[0]);
                BOOST_TEST(jvp(z, y, tape.full({}, T(1))).item() == shares[1]);
                const auto first = gradient(T(3) * z, x);
                BOOST_TEST(gradient(first, x, autograd::unconnected::zero).item() == 0);
                BOOST_TEST(gradient(f(x, b), x).item() == shares[0]);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(several_nan_share_evenly, T, both_precisions)
{
    constexpr T nan = not_a_number<T>;
    constexpr T inf = infinity<T>;
    const xt::xarray<T> x{{1, nan, 2, nan}, {3, 3, 1, 0}, {nan, nan, nan, nan}, {inf, -inf, inf, -nan}};
    const T q = T(0.25);
    const std::vector<T> largest{0, T(0.5), 0, T(0.5), T(0.5), T(0.5), 0, 0, q, q, q, q, 0, 0, 0, 1};
    const std::vector<T> smallest{0, T(0.5), 0, T(0.5), 0, 0, 0, 1, q, q, q, q, 0, 0, 0, 1};
    expect<T>(gradient_at(x, [](auto v) { return amax(v, 1); }), largest);
    expect<T>(gradient_at(x, [](auto v) { return amin(v, 1); }), smallest);
    const xt::xarray<T> columns = xt::transpose(x);
    const auto transposed = [](auto f) { return [f](auto v) { return transpose(f(v)); }; };
    const auto g = gradient_at(columns, transposed([](auto v) { return amax(v, 0); }));
    for (std::size_t row = 0; row < 4; ++row)
    {
        for (std::size_t k = 0; k < 4; ++k)
        {
            BOOST_TEST(g[4 * k + row] == largest[4 * row + k]);
        }
    }
    const T seventh = T(1) / T(7);
    BOOST_TEST(gradient_at(x, [](auto v) { return amax(v); })[1] == seventh);
    BOOST_TEST(gradient_at(x, [](auto v) { return amax(v); })[0] == 0);
}

BOOST_AUTO_TEST_SUITE_END()
