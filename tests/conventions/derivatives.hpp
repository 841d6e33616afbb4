#pragma once

#include "tests/support.hpp"

#include <limits>
#include <tuple>

/// What the tests of the conventions need: values and derivatives at points, in float and in double.
namespace conventions
{

using both_precisions = std::tuple<float, double>;

template <class T>
inline constexpr T infinity = std::numeric_limits<T>::infinity();
template <class T>
inline constexpr T not_a_number = std::numeric_limits<T>::quiet_NaN();

/// The value of a function of one number, its derivative in both modes, and the second one.
template <class T>
struct local
{
    T value, reverse, forward, second;
};
template <class T, class F>
local<T> at(T point, F f)
{
    autograd::tape<T> tape;
    const auto x = tape.variable(point);
    const auto y = f(x);
    const auto first = gradient(y, x);
    return {y.item(), first.item(), jvp(y, x, tape.full({}, T(1))).item(),
            gradient(first, x, autograd::unconnected::zero).item()};
}

/// The derivative of a function of one number, the same in both modes.
template <class T, class F>
T derivative(T point, F f)
{
    const local<T> result = at(point, f);
    BOOST_TEST((result.reverse == result.forward || (std::isnan(result.reverse) && std::isnan(result.forward))),
               "reverse mode gives " << result.reverse << ", forward mode " << result.forward);
    return result.reverse;
}

/// The gradient of the sum of what f makes of an array, as a list.
template <class T, class F>
std::vector<T> gradient_at(const xt::xarray<T>& points, F f)
{
    autograd::tape<T> tape;
    const auto x = tape.variable(points);
    return support::list(gradient(sum(f(x)), x));
}

/// Both derivatives of a function of two numbers.
template <class T, class F>
std::vector<T> derivatives(T a, T b, F f)
{
    autograd::tape<T> tape;
    const auto x = tape.variable(a);
    const auto y = tape.variable(b);
    const auto [dx, dy] = gradient(f(x, y), {x, y});
    return {dx.item(), dy.item()};
}

/// Equal, or both NaN.
template <class T>
void expect(const std::vector<T>& found, const std::vector<T>& expected)
{
    BOOST_REQUIRE_EQUAL(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i)
    {
        const bool same = found[i] == expected[i] || (std::isnan(found[i]) && std::isnan(expected[i]));
        BOOST_TEST(same, "element " << i << " is " << found[i] << " instead of " << expected[i]);
    }
}

template <class T>
bool all_finite(const std::vector<T>& list)
{
    return std::all_of(list.begin(), list.end(), [](T x) { return std::isfinite(x); });
}

} // namespace conventions
