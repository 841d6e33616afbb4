// Divided differences against multiple precision, at points that are equal, near each other, and far apart.

#include "autograd/kernels/divided_differences.hpp"

#include <boost/multiprecision/cpp_bin_float.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace
{

using autograd::kernels::divided_differences;
using autograd::kernels::point_function;
using form = point_function::form;
using exact = boost::multiprecision::number<boost::multiprecision::cpp_bin_float<130>>;

exact value(const point_function& f, const exact& x)
{
    switch (f.is)
    {
    case form::exponential:
        return exp(x);
    case form::logarithm:
        return log(x);
    default:
        return f.has_integer_exponent() ? pow(x, static_cast<int>(f.exponent)) : pow(x, exact(f.exponent));
    }
}

/// By the recursion, of points that are moved apart by so little that double knows nothing of it.
exact expected(const point_function& f, const std::vector<double>& points)
{
    std::vector<exact> x;
    std::vector<exact> differences;
    const exact apart = pow(exact(10), -30);
    for (const double point : points)
    {
        x.push_back(exact(point) + apart * static_cast<int>(x.size() + 1) * (point == 0 ? 1 : abs(exact(point))));
        differences.push_back(value(f, x.back()));
    }
    for (std::size_t k = 1; k < points.size(); ++k)
    {
        for (std::size_t i = 0; i + k < points.size(); ++i)
        {
            differences[i] = (differences[i + 1] - differences[i]) / (x[i + k] - x[i]);
        }
    }
    return differences[0];
}

double found(const point_function& f, const std::vector<double>& points)
{
    std::vector<double> table(divided_differences::table_size(points.size()));
    const divided_differences all(f, points, points.size() - 1, table.data());
    std::vector<std::size_t> indices(points.size());
    for (std::size_t i = 0; i < points.size(); ++i)
    {
        indices[i] = i;
    }
    return all.of(indices);
}

double relative_error(const point_function& f, std::vector<double> points)
{
    std::sort(points.begin(), points.end());
    const exact right = expected(f, points);
    return static_cast<double>(abs(exact(found(f, points)) / right - 1));
}

/// What relative errors of differences of so many points stay below.
double bound_of(std::size_t points)
{
    return points == 2 ? 4e-15 : points == 3 ? 4e-14 : 4e-13;
}

std::string text_of(const std::vector<double>& points)
{
    std::string text;
    for (const double point : points)
    {
        text += std::to_string(point) + " ";
    }
    return text;
}

const point_function functions[] = {
    {form::exponential, 0, 0, 0}, {form::logarithm, 0, 0, 0}, {form::power, 0.5, 0, 0},
    {form::power, -0.5, 0, 0},    {form::power, -1, 0, 0},    {form::power, -3, 0, 0},
    {form::power, 1.7, 0, 0},     {form::power, 6, 0, 0},     {form::power, 0.01, 0, 0}};

} // namespace

BOOST_AUTO_TEST_SUITE(kernels_divided_differences)

BOOST_AUTO_TEST_CASE(of_positive_points)
{
    double worst[4] = {};
    for (const point_function& f : functions)
    {
        for (const double x : {1e-3, 1.0, 7.0})
        {
            for (const double near : {0.0, 1e-15, 1e-12, 1e-8, 1e-3, 0.1, 0.4, 1.0, 3.0, 50.0})
            {
                for (const double far : {0.0, 1e-15, 1e-8, 1e-3, 0.3, 2.0, 40.0})
                {
                    const double y = x * (1 + near);
                    const double z = x * (1 + far);
                    const std::vector<std::vector<double>> sets{
                        {x, y}, {x, y, z}, {x, x, y}, {x, y, y, z}, {x, x, x, z}};
                    for (const auto& points : sets)
                    {
                        const double off = relative_error(f, points);
                        double& most = worst[points.size() - 1];
                        most = std::max(most, off);
                        BOOST_TEST(off < bound_of(points.size()),
                                   text_of(points) << "of form " << static_cast<int>(f.is) << ", " << f.exponent);
                    }
                }
            }
        }
    }
    BOOST_TEST_MESSAGE("worst relative errors: " << worst[1] << ", " << worst[2] << ", " << worst[3]);
}

BOOST_AUTO_TEST_CASE(of_points_of_both_signs)
{
    const point_function exponential{form::exponential, 0, 0, 0};
    for (const auto& points : std::vector<std::vector<double>>{{-1, 1},
                                                               {-700, 700},
                                                               {-3000, -1000},
                                                               {-0.5, 0, 0.5},
                                                               {-5, -5, 5},
                                                               {-1, 0, 1, 30},
                                                               {0, 0, 0},
                                                               {-1e-9, 0, 1e-9, 2}})
    {
        const bool underflows = points.front() == -3000;
        BOOST_TEST((underflows ? found(exponential, points) == 0 : relative_error(exponential, points) < 1e-13),
                   text_of(points));
    }
    for (const double p : {-3.0, -1.0, 3.0, 5.0})
    {
        const point_function power{form::power, p, 0, 0};
        for (const auto& points : std::vector<std::vector<double>>{
                 {-2, 1}, {-2, -2.5}, {-2, -2}, {-2, -2 - 1e-9, 5}, {-3, -3, -3}, {-1, 2, 2 + 1e-12, 7}})
        {
            BOOST_TEST(relative_error(power, points) < 1e-13, text_of(points) << "to " << p);
        }
    }
}

BOOST_AUTO_TEST_CASE(at_any_scale)
{
    const std::vector<std::vector<double>> sets{{1, 1.6}, {1, 1, 1}, {1, 1.5, 1.6}, {1, 1.1, 1.2, 3}, {1, 1e3, 1e6}};
    for (const point_function& f : functions)
    {
        for (const int exponent : {-330, -250, -100, -40, -7, 60, 100, 200, 300})
        {
            for (const std::vector<double>& points : sets)
            {
                if (f.is == form::exponential)
                {
                    continue;
                }
                std::vector<double> scaled;
                for (const double x : points)
                {
                    scaled.push_back(std::scalbn(x, exponent));
                }
                const exact right = expected(f, scaled);
                if (abs(right) < std::numeric_limits<double>::max() && abs(right) > std::numeric_limits<double>::min())
                {
                    BOOST_TEST(relative_error(f, scaled) < bound_of(scaled.size()),
                               text_of(points) << "times 2^" << exponent << ", of form " << static_cast<int>(f.is)
                                               << ", " << f.exponent);
                }
            }
        }
    }
    const point_function cube{form::power, 3, 0, 0};
    BOOST_TEST(found(cube, {-1e-200, 0, 3e-200}) == 2e-200, boost::test_tools::tolerance(1e-15));
    BOOST_TEST(found({form::power, 2, 0, 0}, {-1e-200, 3e-200}) == 2e-200, boost::test_tools::tolerance(1e-15));
}

BOOST_AUTO_TEST_CASE(polynomials_and_0)
{
    const auto power = [](double p) { return point_function{form::power, p, 0, 0}; };
    BOOST_TEST(found(power(2), {-1, 3}) == 2);
    BOOST_TEST(found(power(2), {-1, 0.1, 3}) == 1, boost::test_tools::tolerance(1e-15));
    BOOST_TEST(found(power(2), {-1, 0.1, 0.2, 3}) == 0);
    BOOST_TEST(found(power(0), {1, 2}) == 0);
    BOOST_TEST(found(power(1), {0, 0}) == 1);
    BOOST_TEST(found(power(2), {0, 0, 0}) == 1);
    BOOST_TEST(found(power(3), {0, 0, 0}) == 0);
    BOOST_TEST(found(power(1.5), {0, 0}) == 0);
    BOOST_TEST(found(power(0.5), {0, 4}) == 0.5);
    BOOST_TEST(std::isinf(found(power(0.5), {0, 0})));
    BOOST_TEST(std::isinf(found(power(1.5), {0, 0, 0})));
}

BOOST_AUTO_TEST_CASE(indicators_are_constant_near_each_point)
{
    const point_function f{form::indicator, 0, 1, 2};
    BOOST_TEST(found(f, {0, 1, 1, 3}) == 0.25);
    BOOST_TEST(found(f, {0, 1, 1 + 1e-15}) == -1, boost::test_tools::tolerance(1e-14));
    BOOST_TEST(found({form::indicator, 0, 0, 3}, {0, 1, 2}) == 0);
    BOOST_TEST(found({form::indicator, 0, 1, 0}, {0, 1, 2}) == 0);
}

BOOST_AUTO_TEST_CASE(truncated_inverses_are_two_functions)
{
    const point_function f{form::truncated_inverse, 0, 0, 0, 0.1};
    for (const double scale : {1.0, 0x1p-200, 0x1p200})
    {
        const auto times = [scale](std::vector<double> points)
        {
            std::transform(points.begin(), points.end(), points.begin(), [=](double x) { return scale * x; });
            return points;
        };
        const auto test = [&](const std::vector<double>& points, double right, double degree) {
            BOOST_TEST(found(f, times(points)) / std::pow(scale, degree) == right, boost::test_tools::tolerance(1e-14));
        };
        test({2}, 0.5, -1);
        test({1, 4}, -0.25, -2);
        test({-4, 2}, 0.125, -2);
        test({0.2, 4}, 0.25 / 3.8, -2);
        test({0.1, 0.3, 4}, (0.25 / 3.7 - 0) / 3.9, -3);
        test({0.1, 4, 4}, (-0.0625 - 0.25 / 3.9) / 3.9, -3);
        test({-4, 0, 4}, 0, -3);
        test({-4, 0, 4, 4}, -1.0 / 128 * 0.5, -4);
    }
    BOOST_TEST(found(f, {-0.1, 0, 0.1, 4}) != 0);
    BOOST_TEST(found(f, {3, 3.1, 3.2}) == found({form::power, -1, 0, 0}, {3, 3.1, 3.2}));
}

BOOST_AUTO_TEST_SUITE_END()
