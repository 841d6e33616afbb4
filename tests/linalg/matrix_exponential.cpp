#include "autograd/linalg/matrix_exponential.hpp"
#include "autograd/check/check_gradient.hpp"
#include "autograd/tape/xtensor_io.hpp"
#include "support.hpp"

#include <cmath>
#include <limits>
#include <random>

// The exponential of matrices against Taylor's series in long double, where norms are small and large, and what is
// known exactly: zeros, diagonals, triangles, rotations, overflow.

using namespace support;

namespace
{

using real = long double;
using matrix = std::vector<real>;

std::size_t extent(const matrix& a)
{
    return static_cast<std::size_t>(std::lround(std::sqrt(static_cast<double>(a.size()))));
}

matrix product(const matrix& a, const matrix& b)
{
    const std::size_t n = extent(a);
    matrix c(n * n, 0);
    for (std::size_t i = 0; i < n; ++i)
    {
        for (std::size_t k = 0; k < n; ++k)
        {
            for (std::size_t j = 0; j < n; ++j)
            {
                c[i * n + j] += a[i * n + k] * b[k * n + j];
            }
        }
    }
    return c;
}

/// 1 + a 2^-s + ..., squared s times.
matrix exponential_by_series(matrix a)
{
    const std::size_t n = extent(a);
    real norm = 0;
    for (const real x : a)
    {
        norm = std::max(norm, std::abs(x) * static_cast<real>(n));
    }
    const int squarings = norm > 0 ? std::max(0, std::ilogb(norm) + 4) : 0;
    matrix result(n * n, 0);
    for (std::size_t i = 0; i < n * n; ++i)
    {
        a[i] = std::scalbn(a[i], -squarings);
        result[i] = i % (n + 1) == 0 ? 1 : 0;
    }
    matrix term = result;
    for (int k = 1; k < 25; ++k)
    {
        term = product(term, a);
        for (std::size_t i = 0; i < n * n; ++i)
        {
            term[i] /= k;
            result[i] += term[i];
        }
    }
    for (int k = 0; k < squarings; ++k)
    {
        result = product(result, result);
    }
    return result;
}

array random_matrix(std::size_t n, unsigned seed)
{
    std::mt19937 generator(seed);
    std::normal_distribution<double> normal;
    array result = array::from_shape({n, n});
    std::generate(result.begin(), result.end(), [&] { return normal(generator); });
    return result;
}

/// The same with a largest sum of magnitudes in a row of `norm`.
array of_norm(array a, double norm)
{
    double largest = 0;
    for (std::size_t i = 0; i < a.shape()[0]; ++i)
    {
        double row = 0;
        for (std::size_t j = 0; j < a.shape()[1]; ++j)
        {
            row += std::abs(a(i, j));
        }
        largest = std::max(largest, row);
    }
    return a * (norm / largest);
}

/// The largest error, relative to the largest element.
template <class T>
double error_of(const std::vector<T>& values, const matrix& exact)
{
    real largest = 0;
    real error = 0;
    for (std::size_t i = 0; i < exact.size(); ++i)
    {
        largest = std::max(largest, std::abs(exact[i]));
        error = std::max(error, std::abs(static_cast<real>(values[i]) - exact[i]));
    }
    return static_cast<double>(error / largest);
}

/// Matrices of many kinds of one norm.
std::vector<array> matrices_of_norm(double norm)
{
    std::vector<array> result;
    for (const std::size_t n : {2u, 3u, 8u})
    {
        const array a = random_matrix(n, static_cast<unsigned>(n));
        const array t = xt::transpose(a);
        const array nilpotent = xt::triu(a, 1);
        const array triangle = xt::tril(a);
        const array skew = a - t;
        const array symmetric = a + t;
        for (const array& each : {a, nilpotent, triangle, skew, symmetric})
        {
            result.push_back(of_norm(each, norm));
        }
    }
    return result;
}

reals exponential(const array& a)
{
    tape t;
    return list(autograd::expm(t.constant(a)));
}

reals derivative(const array& a, const array& e)
{
    tape t;
    return list(autograd::expm_frechet(t.constant(a), t.constant(e)));
}

constexpr double infinity = std::numeric_limits<double>::infinity();

} // namespace

BOOST_AUTO_TEST_SUITE(linalg_matrix_exponential)

BOOST_AUTO_TEST_CASE(values_agree_with_the_series)
{
    for (const double norm : {1e-300, 1e-8, 1e-3, 0.01, 0.1, 0.5, 0.9, 2.0, 4.0, 5.0, 20.0, 100.0, 1e3})
    {
        for (const array& a : matrices_of_norm(norm))
        {
            const reals values = list(a);
            // The condition of the exponential is at least the norm.
            BOOST_TEST(error_of(exponential(a), exponential_by_series({values.begin(), values.end()})) <
                           1e-13 * std::max(1.0, norm / 100),
                       "norm " << norm << ": " << a);
        }
    }
}

BOOST_AUTO_TEST_CASE(derivatives_agree_with_the_series)
{
    for (const double norm : {1e-8, 0.01, 0.1, 0.5, 1.0, 4.0, 20.0, 100.0})
    {
        for (const array& a : matrices_of_norm(norm))
        {
            // exp([[a, e], [0, a]]) has the derivative in the direction e above.
            const std::size_t n = a.shape()[0];
            const array e = random_matrix(n, 9);
            matrix block(4 * n * n, 0);
            for (std::size_t i = 0; i < n; ++i)
            {
                for (std::size_t j = 0; j < n; ++j)
                {
                    block[i * 2 * n + j] = block[(i + n) * 2 * n + j + n] = a(i, j);
                    block[i * 2 * n + j + n] = e(i, j);
                }
            }
            const matrix whole = exponential_by_series(block);
            matrix exact(n * n, 0);
            for (std::size_t i = 0; i < n * n; ++i)
            {
                exact[i] = whole[i / n * 2 * n + n + i % n];
            }
            BOOST_TEST(error_of(derivative(a, e), exact) < 2e-13, "norm " << norm << ": " << a);
        }
    }
}

BOOST_AUTO_TEST_CASE(small_elements_keep_their_digits)
{
    const array small{{0.0, 1e-9}, {-3e-12, 0.0}};
    BOOST_TEST(exponential(small) == (reals{1.0, 1e-9, -3e-12, 1.0}), tolerance(1e-15) << per_element());
    constexpr double least = std::numeric_limits<double>::denorm_min();
    BOOST_TEST(exponential(array{{0.0, least}, {least, 0.0}}) == (reals{1.0, least, least, 1.0}), per_element());
}

BOOST_AUTO_TEST_CASE(zero_diagonals_and_triangles_are_exact)
{
    BOOST_TEST(exponential(xt::zeros<double>({3, 3})) == list(array(xt::eye<double>(3))), per_element());
    BOOST_TEST(exponential(array{{-1e200, 0.0}, {0.0, 700.0}}) == (reals{0.0, 0.0, 0.0, std::exp(700.0)}),
               per_element());
    BOOST_TEST(exponential(array{{0.0, 1e200}, {0.0, 0.0}}) == (reals{1.0, 1e200, 0.0, 1.0}), per_element());
    BOOST_TEST(exponential(array{{0.0, 0.0}, {-7.5, 0.0}}) == (reals{1.0, 0.0, -7.5, 1.0}), per_element());
    // far apart on the diagonal: squaring alone would lose the small one
    BOOST_TEST(exponential(array{{-1e200, 1.0}, {0.0, -1.0}}) ==
                   (reals{0.0, std::exp(-1.0) * 1e-200, 0.0, std::exp(-1.0)}),
               tolerance(1e-15) << per_element());
    BOOST_TEST(exponential(array{{1.0, 1e6}, {0.0, -1.0}}) ==
                   (reals{std::exp(1.0), 1e6 * std::sinh(1.0), 0.0, std::exp(-1.0)}),
               tolerance(1e-15) << per_element());
}

BOOST_AUTO_TEST_CASE(rotations_stay_rotations)
{
    for (const double angle : {1e-3, 1.0, 30.0, 1e3, 1e5})
    {
        const reals expected{std::cos(angle), -std::sin(angle), std::sin(angle), std::cos(angle)};
        const double rounding = 1e-15 * std::max(1.0, angle);
        const reals values = exponential(array{{0.0, -angle}, {angle, 0.0}});
        for (std::size_t i = 0; i < 4; ++i)
        {
            BOOST_TEST(std::abs(values[i] - expected[i]) < rounding);
        }
    }
}

BOOST_AUTO_TEST_CASE(what_leaves_the_range_is_infinite_and_nothing_else)
{
    BOOST_TEST(exponential(array{{1000.0, 1.0}, {-1.0, 1000.0}}) == (reals{infinity, infinity, -infinity, infinity}),
               per_element());
    // the sign of e^2000 cos(2), where products overflow long before
    BOOST_TEST(exponential(array{{2000.0, 2.0}, {-2.0, 2000.0}}) == (reals{-infinity, infinity, -infinity, -infinity}),
               per_element());
    BOOST_TEST(exponential(array{{1000.0, 1.0}, {0.0, 0.0}}) == (reals{infinity, infinity, 0.0, 1.0}), per_element());
    BOOST_TEST(exponential(array{{1e200, 1.0}, {0.0, -1.0}}) == (reals{infinity, infinity, 0.0, std::exp(-1.0)}),
               tolerance(1e-15) << per_element());
    const double c = std::cos(1.0);
    const double s = std::sin(1.0);
    BOOST_TEST(exponential(array{{1000.0, 0.0, 0.0}, {0.0, 0.0, 1.0}, {0.0, -1.0, 0.0}}) ==
                   (reals{infinity, 0.0, 0.0, 0.0, c, s, 0.0, -s, c}),
               tolerance(1e-13) << per_element());
    BOOST_TEST(derivative(array{{1000.0, 0.0}, {0.0, 0.0}}, array{{1.0, 1.0}, {1.0, 1.0}}) ==
                   (reals{infinity, infinity, infinity, 1.0}),
               tolerance(1e-13) << per_element());
    autograd::tape<float> t;
    BOOST_TEST(list(autograd::expm(t.constant(xt::xarray<float>{{100.0f, 1.0f}, {0.0f, 0.0f}}))) ==
                   (std::vector<float>{std::numeric_limits<float>::infinity(), std::numeric_limits<float>::infinity(),
                                       0.0f, 1.0f}),
               per_element());
}

BOOST_AUTO_TEST_CASE(nan_is_nan_all_over)
{
    for (const reals& values : {exponential(array{{1.0, 0.0}, {0.0, NAN}}), exponential(array{{1.0, NAN}, {0.0, 2.0}}),
                                exponential(array{{-infinity, 1.0}, {0.0, 2.0}}),
                                derivative(array{{1.0, NAN}, {0.0, 2.0}}, array{{0.0, 0.0}, {0.0, 0.0}}),
                                derivative(array{{1.0, 2.0}, {0.0, 2.0}}, array{{0.0, NAN}, {0.0, 0.0}})})
    {
        for (const double each : values)
        {
            BOOST_TEST(std::isnan(each));
        }
    }
    BOOST_TEST(exponential(array{{-infinity, 0.0}, {0.0, 1.0}}) == (reals{0.0, 0.0, 0.0, std::exp(1.0)}),
               per_element());
}

BOOST_AUTO_TEST_CASE(floats_are_rounded_once)
{
    for (const double norm : {1e-3, 0.5, 3.0, 30.0})
    {
        for (const array& a : matrices_of_norm(norm))
        {
            const xt::xarray<float> narrow = xt::cast<float>(a);
            autograd::tape<float> t;
            const std::vector<float> values = list(autograd::expm(t.constant(narrow)));
            const reals wide = exponential(xt::cast<double>(narrow));
            for (std::size_t i = 0; i < wide.size(); ++i)
            {
                BOOST_TEST(values[i] == static_cast<float>(wide[i]));
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(derivatives_of_any_order_of_a_flow)
{
    // d^k/dt^k sum(exp(t a)) = sum(a^k exp(t a))
    const array a{{0.3, -0.8, 0.1}, {0.5, 0.2, -0.4}, {-0.6, 0.7, -0.1}};
    tape t;
    const auto time = t.variable(0.7);
    auto y = sum(autograd::expm(time * a));
    auto expected = autograd::expm(t.constant(array(0.7 * a)));
    for (int order = 1; order <= 4; ++order)
    {
        y = gradient(y, time);
        expected = matmul(t.constant(a), expected);
        BOOST_TEST(y.item() == sum(expected).item(), tolerance(1e-12));
    }
}

BOOST_AUTO_TEST_CASE(both_derivatives_of_the_direction_agree_with_differences)
{
    const autograd::check_report report =
        autograd::check_gradient([](auto a, auto e) { return sum(sin(autograd::expm_frechet(a, e))); },
                                 random_matrix(3, 1), random_matrix(3, 2));
    BOOST_TEST(report.passed, autograd::to_text(report));
}

BOOST_AUTO_TEST_CASE(derivatives_are_finite_where_the_truth_is)
{
    tape t;
    // along the identity it is exp(a) itself
    const array large{{706.5, 1}, {-1, 706.5}};
    const auto a = t.variable(large);
    const auto y = autograd::expm(a);
    BOOST_TEST(list(jvp(y, a, t.constant(array(xt::eye<double>(2))))) == list(y), tolerance(1e-12) << per_element());
    // the sum over p + q = k of a^p e a^q / (k + 1)!, which ends at k = 2
    for (const double c : {1e150, 1e300})
    {
        const auto nilpotent = t.variable(array{{0, c}, {0, 0}});
        const reals g = list(gradient(sum(autograd::expm(nilpotent)), nilpotent));
        BOOST_TEST(g == (reals{1 + c / 2, 1, 1 + c / 2 + c * c / 6, 1 + c / 2}), tolerance(1e-14) << per_element());
    }
}

BOOST_AUTO_TEST_CASE(what_neither_overflows_nor_vanishes_in_the_end)
{
    tape t;
    const double expected = 1e300 * std::exp(-400) * std::exp(-400);
    for (const array& a : {array{{-800, 1e300}, {0, -800}}, array{{-800, 0}, {1e300, -800}}})
    {
        const reals y = list(autograd::expm(t.constant(a)));
        BOOST_TEST(y[1] + y[2] == expected, tolerance(1e-13));
    }
    BOOST_TEST(list(autograd::expm(t.constant(array{{800, 1e-300}, {0, 800}})))[1] ==
                   1e-300 * std::exp(400) * std::exp(400),
               tolerance(1e-13));
}

// Along the identity expm and its gradient change as they are: g = gradient(sum(w expm(x)), x) is its own derivative.
BOOST_AUTO_TEST_CASE(second_derivatives_are_linear_in_the_cotangent)
{
    for (const array& a :
         {array{{-1e300, 0}, {0, 1}}, array{{0, 1e150}, {0, 0}}, array{{0, 1e20}, {0, 0}}, array{{-1e20, 0}, {0, 1}}})
    {
        for (const double w : {1e-300, 1e-100, 1.0})
        {
            tape t;
            const auto x = t.variable(a);
            const auto one = t.constant(array(xt::eye<double>(2)));
            const auto g = gradient(sum(w * one * autograd::expm(x)), x);
            BOOST_TEST(list(gradient(sum(g * one), x)) == list(g), tolerance(1e-12) << per_element());
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
