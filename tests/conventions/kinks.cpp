#include "conventions/derivatives.hpp"

#include <cmath>

// The table "kinks and special values" of the conventions: one test for each row, in float and in double.

using namespace conventions;
using autograd::unconnected;
using support::list;
using support::per_element;
using support::text_of;
namespace error = autograd::error;

BOOST_AUTO_TEST_SUITE(conventions_kinks)

BOOST_AUTO_TEST_CASE_TEMPLATE(maximum_and_minimum_give_half_to_each_at_a_tie, T, both_precisions)
{
    expect<T>(derivatives(T(2), T(2), [](auto x, auto y) { return maximum(x, y); }), {T(0.5), T(0.5)});
    expect<T>(derivatives(T(2), T(2), [](auto x, auto y) { return minimum(x, y); }), {T(0.5), T(0.5)});
    expect<T>(derivatives(T(0), T(-0.0), [](auto x, auto y) { return maximum(x, y); }), {T(0.5), T(0.5)});
    BOOST_TEST(at(T(2), [](auto x) { return maximum(x, 2); }).value == 2);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(amax_and_amin_share_evenly_among_ties, T, both_precisions)
{
    const xt::xarray<T> x{1, 3, 3, 2, 3, 3};
    const T q = T(0.25);
    expect<T>(gradient_at(x, [](auto v) { return amax(v); }), {0, q, q, 0, q, q});
    expect<T>(gradient_at(xt::xarray<T>(-x), [](auto v) { return amin(v); }), {0, q, q, 0, q, q});
    const auto rows = gradient_at(xt::xarray<T>{{1, 1, 1}, {2, 3, 3}}, [](auto v) { return amax(v, 1); });
    BOOST_TEST(rows[0] + rows[1] + rows[2] == 1, support::tolerance(T(1e-6)));
    BOOST_TEST(rows[3] + rows[4] + rows[5] == 1, support::tolerance(T(1e-6)));
}

BOOST_AUTO_TEST_CASE(ties_are_counted_among_more_elements_than_a_float_counts)
{
    const std::size_t n = (std::size_t{1} << 24) + 2;
    xt::xarray<float> values = xt::xarray<float>::from_shape({n});
    std::fill(values.begin(), values.end(), 0.0F);
    values(7) = 1;
    autograd::tape<float> tape;
    const auto x = tape.variable(values);
    const auto largest = gradient(amax(x), x);
    BOOST_TEST(largest.data()[7] == 1);
    BOOST_TEST(largest.data()[0] == 0);
    BOOST_TEST(largest.data()[n - 1] == 0);
    const auto smallest = gradient(amin(-x), x);
    BOOST_TEST(smallest.data()[7] == -1);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(relu_at_0_abs_at_0_and_sign_anywhere_have_the_derivative_0, T, both_precisions)
{
    for (const T zero : {T(0), T(-0.0)})
    {
        BOOST_TEST(derivative(zero, [](auto x) { return relu(x); }) == 0);
        BOOST_TEST(derivative(zero, [](auto x) { return abs(x); }) == 0);
    }
    for (const T x : {T(-2), T(0), T(0.5)})
    {
        const local<T> of_sign = at(x, [](auto v) { return sign(v); });
        BOOST_TEST(of_sign.value == T((x > 0) - (x < 0)));
        BOOST_TEST(of_sign.reverse == 0);
        BOOST_TEST(of_sign.forward == 0);
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(clip_has_the_derivative_1_at_a_bound, T, both_precisions)
{
    const auto f = [](auto x) { return clip(x, -1, 2); };
    BOOST_TEST(derivative(T(-1), f) == 1);
    BOOST_TEST(derivative(T(2), f) == 1);
    BOOST_TEST(derivative(std::nextafter(T(-1), T(-2)), f) == 0);
    BOOST_TEST(derivative(std::nextafter(T(2), T(3)), f) == 0);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(sqrt_at_0_has_the_derivative_inf, T, both_precisions)
{
    BOOST_TEST(derivative(T(0), [](auto x) { return sqrt(x); }) == infinity<T>);
    BOOST_TEST(derivative(T(-0.0), [](auto x) { return sqrt(x); }) == infinity<T>);
    BOOST_TEST(at(T(0), [](auto x) { return sqrt(x); }).value == 0);
    // inf * 0 downstream is NaN, as in the field.
    BOOST_TEST(std::isnan(derivative(T(0), [](auto x) { return sqrt(x) * 0.0; })));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(the_norm_of_zeros_and_the_deviation_of_constants_have_the_derivative_0, T,
                              both_precisions)
{
    const auto norm = gradient_at(xt::xarray<T>{0, 0, 0}, [](auto x) { return norm_l2(x); });
    expect<T>(norm, {0, 0, 0});
    const auto rows = gradient_at(xt::xarray<T>{{0, 0}, {3, -4}}, [](auto x) { return norm_l2(x, 1); });
    BOOST_TEST((rows[0] == 0 && rows[1] == 0));
    BOOST_TEST(rows[2] == T(0.6), support::tolerance(T(1e-6)));
    expect<T>(gradient_at(xt::xarray<T>{1.5, 1.5, 1.5}, [](auto x) { return stddev(x); }), {0, 0, 0});
}

namespace
{

/// Everything that a second derivative can be asked for by, at one point: each list has to be NaN throughout.
template <class T, class F>
std::vector<std::vector<T>> second_derivatives(const xt::xarray<T>& point, F f)
{
    autograd::tape<T> tape;
    const auto x = tape.variable(point);
    const auto y = f(x);
    const auto slope = gradient(y, x);
    std::vector<std::vector<T>> all{list(hessian(y, x)), list(jacobian(slope, x)),
                                    list(jacobian(autograd::concatenate({slope, slope}, 0), x)),
                                    list(gradient(sum(slope * slope), x))};
    for (const xt::xarray<T>& direction : {xt::xarray<T>{1, 2, -3}, xt::xarray<T>{0, 0, 2}, xt::xarray<T>{0, -1, 0}})
    {
        const auto v = tape.constant(direction);
        const auto along = jvp(y, x, v);
        all.push_back(list(hessian_vector_product(y, x, v)));
        all.push_back(list(jvp(slope, x, v)));
        all.push_back(list(vjp(slope, x, v)));
        all.push_back(list(gradient(along, x)));
        all.push_back(list(jvp(along, x, v)));
    }
    return all;
}

template <class T>
bool all_nan(const std::vector<T>& list)
{
    return std::all_of(list.begin(), list.end(), [](T x) { return std::isnan(x); });
}

} // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(second_derivatives_of_norms_at_zero_are_not_a_number, T, both_precisions)
{
    const auto undefined = [](const char* name, const xt::xarray<T>& point, auto f)
    {
        expect<T>(gradient_at(point, f), std::vector<T>(point.size(), T(0)));
        const auto all = second_derivatives(point, f);
        for (std::size_t i = 0; i < all.size(); ++i)
        {
            BOOST_TEST(all_nan(all[i]), name << ", way " << i);
        }
    };
    const xt::xarray<T> c{1, -2, T(0.5)};
    const auto distance = [&c](auto x) { return norm_l2(x - c); };
    undefined("norm", c, distance);
    undefined("square", c, [=](auto x) { return square(distance(x)); });
    undefined("gauss", c, [=](auto x) { return exp(-0.5 * square(distance(x))); });
    undefined("inverse multiquadric", c, [=](auto x) { return pow(1 + square(distance(x)), -0.5); });
    undefined("Matern 5/2", c,
              [=](auto x)
              {
                  const auto r = std::sqrt(5.0) * distance(x);
                  return (1 + r + square(r) / 3) * exp(-r);
              });
    undefined("an axis", c, [&c](auto x) { return sum(square(norm_l2(expand_dims(x - c, 0), 1))); });
    const xt::xarray<T> equal{1.5, 1.5, 1.5};
    undefined("deviation", equal, [](auto x) { return stddev(x); });
    undefined("its square", equal, [](auto x) { return square(stddev(x, 0)); });
    // Of three coordinates hypot takes two; the third is smooth.
    autograd::tape<T> tape;
    const auto x = tape.variable(T(0)), y = tape.variable(T(0));
    const auto one = tape.constant(T(1)), none = tape.constant(T(0));
    for (const auto& z : {hypot(x, y), square(hypot(x, y)), exp(-hypot(x, y))})
    {
        const auto [dx, dy] = gradient(z, {x, y});
        expect<T>({dx.item(), dy.item()}, {0, 0});
        for (const auto& first : {dx, dy})
        {
            const auto [dxx, dxy] = gradient(first, {x, y});
            BOOST_TEST(std::isnan(dxx.item()));
            BOOST_TEST(std::isnan(dxy.item()));
            for (const auto& [u, v] : {std::pair{one, none}, std::pair{none, one}, std::pair{one, one}})
            {
                BOOST_TEST(std::isnan(jvp(first, {x, y}, {u, v}).item()));
                const auto along = jvp(z, {x, y}, {u, v});
                BOOST_TEST(std::isnan(jvp(along, {x, y}, {u, v}).item()));
                BOOST_TEST(std::isnan(gradient(along, x).item()));
            }
        }
    }
}

// What is a factor of the norm moves as before, and what flows is 0 at the kink, however large it is.
BOOST_AUTO_TEST_CASE_TEMPLATE(first_derivatives_of_norms_at_zero_stay_0, T, both_precisions)
{
    autograd::tape<T> tape;
    const auto x = tape.variable(xt::xarray<T>{0, 0, 0});
    const auto w = tape.variable(T(2));
    expect<T>(list(gradient(sqrt(norm_l2(x)), x)), {0, 0, 0});
    expect<T>(list(gradient(log(stddev(x)), x)), {0, 0, 0});
    const auto slope = gradient(w * norm_l2(x), x);
    expect<T>(list(slope), {0, 0, 0});
    BOOST_TEST(gradient(sum(slope), w).item() == 0);
    BOOST_TEST(sum(jvp(slope, w, w)).item() == 0);
    const auto a = tape.variable(T(0)), b = tape.variable(T(-0.0));
    BOOST_TEST(gradient(sqrt(hypot(a, b)), a).item() == 0);
    BOOST_TEST(std::isnan(vjp(norm_l2(x), x, tape.constant(not_a_number<T>)).data()[0]));
}

// Where a norm is not 0 nothing is NaN, though others beside it are; the diagonal of distances is masked.
BOOST_AUTO_TEST_CASE_TEMPLATE(norms_beside_zero_norms_keep_their_second_derivatives, T, both_precisions)
{
    autograd::tape<T> tape;
    const auto rows = tape.variable(xt::xarray<T>{{0, 0}, {3, 4}});
    const auto found = list(hessian(sum(square(norm_l2(rows, 1))), rows));
    for (std::size_t i = 0; i < 2; ++i)
    {
        for (std::size_t j = 0; j < 2; ++j)
        {
            BOOST_TEST(std::isnan(found[4 * i + j]));
            BOOST_TEST(std::abs(found[4 * (i + 2) + j + 2] - (i == j ? 2 : 0)) < T(1e-6));
        }
    }
    const auto p = tape.variable(xt::xarray<T>{{0, 1}, {2, T(-0.5)}, {-1, 3}});
    const auto between = expand_dims(p, 1) - expand_dims(p, 0);
    const xt::xarray<T> others = 1 - xt::eye<T>(3);
    const auto distinct = tape.constant(others);
    const auto norms = [](auto x) { return norm_l2(x, 2); };
    const auto roots = safe_where(
        distinct > 0, [](auto x) { return sqrt(x); }, sum(square(between), 2), 0);
    const auto masked = where(distinct > 0, norms(where(expand_dims(distinct, 2) > 0, between, T(0.5))), 0);
    const auto exact =
        2 * (norm_l2(slice(p, 0, 0, 1) - slice(p, 0, 1, 2)) + norm_l2(slice(p, 0, 0, 1) - slice(p, 0, 2, 3)) +
             norm_l2(slice(p, 0, 1, 2) - slice(p, 0, 2, 3)));
    const auto expected = list(hessian(exact, p));
    const auto v = tape.constant(xt::xarray<T>{{1, 0}, {0, 0}, {0, -2}});
    const auto expected_product = list(hessian_vector_product(exact, p, v));
    for (const auto& distances : {sum(roots), sum(masked)})
    {
        const auto of = list(hessian(distances, p));
        const auto product = list(hessian_vector_product(distances, p, v));
        for (std::size_t i = 0; i < of.size(); ++i)
        {
            BOOST_TEST(std::abs(of[i] - expected[i]) < T(1e-5));
        }
        for (std::size_t i = 0; i < product.size(); ++i)
        {
            BOOST_TEST(std::abs(product[i] - expected_product[i]) < T(1e-5));
        }
    }
}

// The root of squares that are infinite or 0, or have lost their digits next to 0, is taken of scaled numbers.
BOOST_AUTO_TEST_CASE_TEMPLATE(norms_and_deviations_whose_squares_leave_the_range, T, both_precisions)
{
    constexpr T epsilon = std::numeric_limits<T>::epsilon();
    const auto within = support::tolerance(8 * epsilon);
    const bool is_double = sizeof(T) == 8;
    for (const T size : {is_double ? T(1e200) : T(1e20), is_double ? T(1e-170) : T(1e-23),
                         is_double ? T(1e-310) : T(1e-40), std::numeric_limits<T>::max() / 8, T(1)})
    {
        // (3, 4) as it is rounded, for subnormal numbers have few digits.
        const T a = 3 * size, b = 4 * size;
        const T norm = static_cast<T>(std::hypot(static_cast<long double>(a), static_cast<long double>(b)));
        const T x = static_cast<T>(static_cast<long double>(a) /
                                   std::hypot(static_cast<long double>(a), static_cast<long double>(b)));
        const T y = static_cast<T>(static_cast<long double>(b) /
                                   std::hypot(static_cast<long double>(a), static_cast<long double>(b)));
        autograd::tape<T> tape;
        const auto v = tape.variable(xt::xarray<T>{a, -b});
        BOOST_TEST(norm_l2(v).item() == norm, within);
        const auto slope = list(gradient(norm_l2(v), v));
        BOOST_TEST(slope[0] == x, within);
        BOOST_TEST(slope[1] == -y, within);
        const auto along = jvp(norm_l2(v), v, tape.constant(xt::xarray<T>{1, 0}));
        BOOST_TEST(along.item() == x, within);
        // y^2 / norm and the like
        const auto second = list(hessian(norm_l2(v), v));
        const T unit = 1 / norm;
        if (std::isfinite(unit) && unit > std::numeric_limits<T>::min())
        {
            const auto loosely = support::tolerance(64 * epsilon);
            BOOST_TEST(second[0] == y * y * unit, loosely);
            BOOST_TEST(second[1] == x * y * unit, loosely);
            BOOST_TEST(second[3] == x * x * unit, loosely);
        }
        // Rows of every size side by side, each as if alone.
        const auto rows = tape.variable(xt::xarray<T>{{3, 4}, {a, b}, {0, 0}, {infinity<T>, 1}, {a, not_a_number<T>}});
        const std::vector<T> norms = list(norm_l2(rows, 1));
        BOOST_TEST(norms[0] == 5);
        BOOST_TEST(norms[1] == norm_l2(v).item());
        BOOST_TEST(norms[2] == 0);
        BOOST_TEST(norms[3] == infinity<T>);
        BOOST_TEST(std::isnan(norms[4]));
        const std::vector<T> columns = list(norm_l2(transpose(rows), 0));
        BOOST_TEST(columns[1] == norms[1]);
        // Deviations of (a, -a): a.
        const auto d = tape.variable(xt::xarray<T>{a, -a});
        BOOST_TEST(stddev(d).item() == a, within);
        const auto of_deviation = list(gradient(stddev(d), d));
        BOOST_TEST(of_deviation[0] == T(0.5), within);
        BOOST_TEST(of_deviation[1] == T(-0.5), within);
        const auto pairs = tape.variable(xt::xarray<T>{{a, -a}, {-a, a}, {1, 3}});
        BOOST_TEST(list(stddev(pairs, 1))[1] == a, within);
        BOOST_TEST(list(stddev(pairs, 1))[2] == 1);
    }
    // 100,000 elements whose squares are 0, and as many whose sum alone is too large.
    autograd::tape<T> tape;
    const T tiny = std::numeric_limits<T>::denorm_min();
    const std::size_t n = 250000;
    BOOST_TEST(norm_l2(tape.full({n}, tiny)).item() == 500 * tiny);
    const T large = std::sqrt(std::numeric_limits<T>::max()) / 100;
    BOOST_TEST(norm_l2(tape.full({n}, large)).item() == 500 * large, support::tolerance(4 * epsilon));
}

// A deviation is right where the sum that the mean is taken of is infinite, or NaN on the way.
BOOST_AUTO_TEST_CASE_TEMPLATE(deviations_whose_sum_leaves_the_range, T, both_precisions)
{
    const auto within = support::tolerance(16 * std::numeric_limits<T>::epsilon());
    constexpr T large = std::numeric_limits<T>::max();
    const auto expect_deviation = [&](std::vector<T> elements, T deviation, std::vector<T> slopes)
    {
        autograd::tape<T> tape;
        const std::size_t n = elements.size();
        const xt::xarray<T> at = xt::adapt(elements, {n});
        const auto x = tape.variable(at);
        // Alone, and as rows and columns beside small numbers.
        xt::xarray<T> beside = xt::zeros<T>({n, std::size_t{2}});
        for (std::size_t i = 0; i < n; ++i)
        {
            beside(i, 0) = elements[i];
        }
        beside(0, 1) = 2;
        const auto columns = tape.variable(beside);
        BOOST_TEST(stddev(x).item() == deviation, within);
        BOOST_TEST(list(stddev(columns, 0))[0] == deviation, within);
        BOOST_TEST(list(stddev(transpose(columns), 1))[0] == deviation, within);
        const auto slope = list(gradient(stddev(x), x));
        for (std::size_t i = 0; i < n; ++i)
        {
            BOOST_TEST(slope[i] == slopes[i], within);
            xt::xarray<T> direction = xt::zeros<T>({n});
            direction(i) = 1;
            const auto along = tape.constant(direction);
            BOOST_TEST(jvp(stddev(x), x, along).item() == slopes[i], within);
            BOOST_TEST(std::abs(jvp(gradient(stddev(x), x), x, along).data()[i]) < 4 / deviation);
        }
        BOOST_TEST(list(gradient(variance(x), x))[0] == 2 * slopes[0] * deviation, within);
    };
    const T a = large / 8;
    expect_deviation({7 * a, 5 * a}, a, {T(0.5), T(-0.5)});
    expect_deviation({-7 * a, -5 * a}, a, {T(-0.5), T(0.5)});
    expect_deviation({6 * a, 6 * a, -6 * a, -6 * a}, 6 * a, {T(0.25), T(0.25), T(-0.25), T(-0.25)});
    std::vector<T> many(40, 7 * a), slopes(40, T(0.5) / 20);
    for (std::size_t i = 0; i < 20; ++i)
    {
        many[2 * i] = 5 * a;
        slopes[2 * i] = -slopes[2 * i];
    }
    expect_deviation(many, a, slopes);
    autograd::tape<T> tape;
    BOOST_TEST(std::isnan(stddev(tape.constant(xt::xarray<T>{infinity<T>, 1})).item()));
    BOOST_TEST(std::isnan(stddev(tape.constant(xt::xarray<T>{not_a_number<T>, 1})).item()));
    BOOST_TEST(mean(tape.constant(xt::xarray<T>{large, large})).item() == infinity<T>); // NumPy's
}

// A step that is 0 in silence would be wrong: hypot, which knows both of its parts, gives the right one.
BOOST_AUTO_TEST_CASE_TEMPLATE(norms_that_overflow_have_no_gradient_of_0, T, both_precisions)
{
    constexpr T large = std::numeric_limits<T>::max();
    autograd::tape<T> tape;
    const auto x = tape.variable(xt::xarray<T>{{large, large}, {3, 4}});
    const auto y = norm_l2(x, 1);
    BOOST_TEST(y.data()[0] == infinity<T>);
    const auto slope = list(gradient(sum(y), x));
    BOOST_TEST(std::isnan(slope[0]));
    BOOST_TEST(std::isnan(slope[1]));
    BOOST_TEST(slope[2] == T(0.6), support::tolerance(T(1e-6)));
    BOOST_TEST(std::isnan(jvp(y, x, tape.full({2, 2}, T(1))).data()[0]));

    const auto within = support::tolerance(4 * std::numeric_limits<T>::epsilon());
    for (const T ratio : {T(1), T(-0.75)})
    {
        const auto a = tape.variable(large), b = tape.variable(ratio * large);
        const auto z = hypot(a, b);
        BOOST_TEST(z.item() == infinity<T>);
        const auto [da, db] = gradient(z, {a, b});
        const T length = std::hypot(T(1), ratio);
        BOOST_TEST(da.item() == 1 / length, within);
        BOOST_TEST(db.item() == ratio / length, within);
        const auto one = tape.constant(T(1));
        BOOST_TEST(jvp(z, b, one).item() == ratio / length, within);
        BOOST_TEST(gradient(da, a).item() == 0); // less than any normal number
        BOOST_TEST(jvp(db, a, one).item() == 0);
    }
    const auto a = tape.variable(infinity<T>), b = tape.variable(T(1));
    const auto [da, db] = gradient(hypot(a, b), {a, b});
    BOOST_TEST(std::isnan(da.item()));
    BOOST_TEST(db.item() == 0);
}

// A NaN passes what flows, as through relu, so that what is made of abs does not lose it.
BOOST_AUTO_TEST_CASE_TEMPLATE(a_magnitude_does_not_swallow_what_is_not_a_number, T, both_precisions)
{
    const local<T> magnitude = at(not_a_number<T>, [](auto x) { return abs(x); });
    BOOST_TEST(std::isnan(magnitude.value));
    BOOST_TEST(magnitude.reverse == 1);
    BOOST_TEST(magnitude.forward == 1);
    for (const local<T>& of : {at(not_a_number<T>, [](auto x) { return softsign(x); }),
                               at(not_a_number<T>, [](auto x) { return square(abs(x)); })})
    {
        BOOST_TEST(std::isnan(of.value));
        BOOST_TEST(std::isnan(of.reverse));
        BOOST_TEST(std::isnan(of.forward));
    }
    BOOST_TEST(std::isnan(at(not_a_number<T>, [](auto x) { return softsign(x); }).second));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(squares_at_0_have_the_derivative_0, T, both_precisions)
{
    for (const local<T>& of : {at(T(0), [](auto x) { return square(x); }), at(T(0), [](auto x) { return pow(x, 2); })})
    {
        BOOST_TEST(of.value == 0);
        BOOST_TEST(of.reverse == 0);
        BOOST_TEST(of.forward == 0);
        BOOST_TEST(of.second == 2);
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(powers_of_0, T, both_precisions)
{
    const T exponents[] = {-1, 0, T(0.5), 1, 2};
    const T expected[] = {-infinity<T>, 0, infinity<T>, 1, 0};
    for (std::size_t k = 0; k < std::size(exponents); ++k)
    {
        const T p = exponents[k];
        BOOST_TEST_CONTEXT("exponent " << p)
        {
            BOOST_TEST(derivative(T(0), [p](auto x) { return pow(x, p); }) == expected[k]);
            const auto both = derivatives(T(0), p, [](auto x, auto y) { return pow(x, y); });
            BOOST_TEST(both[0] == expected[k]);
            BOOST_TEST((p != 0 || both[1] == 0));
        }
    }
    // x^0 is 1 for every x, however its logarithm or its reciprocal may be.
    for (const T x : {std::numeric_limits<T>::quiet_NaN(), std::numeric_limits<T>::denorm_min(), infinity<T>})
    {
        BOOST_TEST(derivatives(x, T(0), [](auto a, auto b) { return pow(a, b); })[0] == 0, x);
        BOOST_TEST(derivative(x, [](auto a) { return pow(a, 0); }) == 0, x);
    }
    // There its derivative is the function 1 / x of the exponent all the same.
    autograd::tape<T> t;
    const auto base = t.variable(T(4)), exponent = t.variable(T(0));
    BOOST_TEST(gradient(gradient(pow(base, exponent), base), exponent).item() == T(0.25));
    const auto of_negative = derivatives(T(-2), T(3), [](auto x, auto y) { return pow(x, y); });
    BOOST_TEST(of_negative[0] == 12, support::tolerance(T(1e-6)));
    BOOST_TEST(std::isnan(of_negative[1]));
}

// A root keeps the sign of -0 and knows no root of -inf; a power, NumPy's, does otherwise.
BOOST_AUTO_TEST_CASE_TEMPLATE(powers_of_one_half_are_no_roots, T, both_precisions)
{
    const auto half = [](auto x) { return pow(x, 0.5); };
    const auto minus_half = [](auto x) { return pow(x, -0.5); };
    BOOST_TEST(at(-infinity<T>, half).value == infinity<T>);
    BOOST_TEST(!std::signbit(at(T(-0.0), half).value));
    BOOST_TEST(at(-infinity<T>, minus_half).value == 0);
    BOOST_TEST(at(T(-0.0), minus_half).value == infinity<T>);
    BOOST_TEST(std::isnan(at(T(-1), half).value));
    BOOST_TEST(derivative(T(-0.0), half) == infinity<T>);
    BOOST_TEST(derivative(T(4), half) == T(0.25));
    BOOST_TEST(at(T(4), half).second == T(-0.03125), support::tolerance(T(1e-6)));
}

// y^2 / z^3, not 1 / z - x^2 / z^3, of which nothing is left.
BOOST_AUTO_TEST_CASE_TEMPLATE(second_derivatives_of_hypot_do_not_cancel, T, both_precisions)
{
    for (const T ratio : {T(1), T(100), T(1e6), T(1e9)})
    {
        autograd::tape<T> tape;
        const auto x = tape.variable(ratio);
        const auto y = tape.variable(T(1));
        const auto [dx, dy] = gradient(hypot(x, y), {x, y});
        const T z = std::hypot(ratio, T(1));
        const auto within = support::tolerance(8 * std::numeric_limits<T>::epsilon());
        BOOST_TEST(gradient(dx, x).item() == 1 / z / z / z, within);
        BOOST_TEST(gradient(dx, y).item() == -ratio / z / z / z, within);
        BOOST_TEST(gradient(dy, y).item() == ratio / z * (ratio / z) / z, within);
        BOOST_TEST(jvp(dx, x, tape.constant(T(1))).item() == 1 / z / z / z, within);
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(where_selects_the_cotangent, T, both_precisions)
{
    // Exactly 0 to the dead branch, whatever flows.
    const xt::xarray<T> huge{infinity<T>, not_a_number<T>, -infinity<T>};
    autograd::tape<T> tape;
    const auto dead = tape.variable(xt::xarray<T>{1, 2, 3});
    const auto living = tape.variable(xt::xarray<T>{4, 5, 6});
    const auto y = where(tape.constant(xt::xarray<T>{1, 1, 1}), living, dead);
    expect<T>(list(vjp(y, dead, tape.constant(huge))), {0, 0, 0});
    expect<T>(list(vjp(y, living, tape.constant(huge))), {infinity<T>, not_a_number<T>, -infinity<T>});
    // What lies behind it multiplies that 0 by its own derivative.
    BOOST_TEST(std::isnan(at(T(1), [](auto x) { return where(x < 2, x, exp(1000 * x)); }).reverse));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(safe_where_gives_the_mathematical_answer, T, both_precisions)
{
    const auto f = [](auto x)
    {
        return safe_where(
            x > 0, [](auto v) { return log(v); }, x, -3);
    };
    for (const T x : {T(-1), T(0), -infinity<T>, not_a_number<T>})
    {
        const local<T> of = at(x, f);
        BOOST_TEST(of.value == -3);
        BOOST_TEST(of.reverse == 0);
        BOOST_TEST(of.forward == 0);
        BOOST_TEST(of.second == 0);
    }
    const local<T> living = at(T(2), f);
    BOOST_TEST(living.value == std::log(T(2)));
    BOOST_TEST(living.reverse == T(0.5));
    BOOST_TEST(living.second == T(-0.25));
    const auto overflowing = [](auto x)
    {
        return safe_where(
            x > 2, [](auto v) { return exp(1000 * v); }, x, x, T(0));
    };
    BOOST_TEST(derivative(T(1), overflowing) == 1);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(an_infinite_cotangent_is_selected_too, T, both_precisions)
{
    // In both modes.
    BOOST_TEST(derivative(T(-1), [](auto x) { return sqrt(relu(x)); }) == 0);
    BOOST_TEST(derivative(T(-1), [](auto x) { return sqrt(clip(x, 0, 1)); }) == 0);
    BOOST_TEST(derivative(T(-1), [](auto x) { return sqrt(maximum(x, 0)); }) == 0);
    BOOST_TEST(derivative(T(1), [](auto x) { return sqrt(minimum(x, 0)); }) == 0);
    BOOST_TEST(derivative(T(0), [](auto x) { return sqrt(abs(x)); }) == 0);
    BOOST_TEST(derivative(T(-1), [](auto x) { return log(relu(x)); }) == 0);
    BOOST_TEST(derivative(T(-1), [](auto x) { return 1 / relu(x); }) == 0);
    BOOST_TEST(derivative(T(2000), [](auto x) { return exp(clip(x, 0, 1000)); }) == 0);
    BOOST_TEST(derivative(T(-1), [](auto x) { return sqrt(hardtanh(x, 0, 1)); }) == 0);
    BOOST_TEST(derivative(T(-1), [](auto x) { return sqrt(where(x > 0, x, 0)); }) == 0);
    // Where the cotangent passes, infinity passes.
    BOOST_TEST(derivative(T(0), [](auto x) { return sqrt(clip(x, 0, 1)); }) == infinity<T>);
    expect<T>(gradient_at(xt::xarray<T>{-1, 4}, [](auto x) { return sqrt(relu(x)); }), {0, T(0.25)});
    expect<T>(gradient_at(xt::xarray<T>{-2, 0}, [](auto x) { return sqrt(amax(x)); }), {0, infinity<T>});
}

// Jacobians are taken row by row or column by column, by their shape; the numbers are the same.
BOOST_AUTO_TEST_CASE_TEMPLATE(what_does_not_move_moves_nothing, T, both_precisions)
{
    autograd::tape<T> tape;
    const auto x = tape.variable(xt::xarray<T>{-1, 4});
    const auto root = sqrt(relu(x));
    expect<T>(list(jacobian(root, x)), {0, 0, 0, T(0.25)});
    const auto tall = autograd::concatenate({root, root, log(relu(x)), 1 / relu(x)}, 0);
    expect<T>(list(jacobian(tall, x)), {0, 0, 0, T(0.25), 0, 0, 0, T(0.25), 0, 0, 0, T(0.25), 0, 0, 0, T(-0.0625)});
    const auto v = tape.constant(xt::xarray<T>{3, 2});
    expect<T>(list(jvp(root, x, v)), {0, T(0.5)});

    const auto y = sum(root);
    expect<T>(list(gradient(y, x)), {0, T(0.25)});
    expect<T>(list(hessian(y, x)), {0, 0, 0, T(-0.03125)});
    expect<T>(list(hessian_vector_product(y, x, v)), {0, T(-0.0625)});

    const auto zero = tape.variable(xt::xarray<T>{0, 4});
    expect<T>(list(jvp(sqrt(abs(zero)), zero, v)), {0, T(0.5)});
    // A tangent of 0 hides no derivative: the product is linear in it.
    const auto still = tape.variable(xt::xarray<T>{0, 0});
    const auto moved = jvp(log(x * x), x, still);
    expect<T>(list(moved), {0, 0});
    expect<T>(list(gradient(sum(moved), still)), {-2, T(0.5)});
    // What moves through an infinite derivative is infinite, and what is NaN stays NaN.
    const auto origin = tape.variable(T(0));
    BOOST_TEST(jvp(sqrt(origin), origin, tape.constant(T(2))).item() == infinity<T>);
    BOOST_TEST(std::isnan(jvp(sqrt(origin - 1), origin, tape.constant(T(2))).item()));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(nan_is_never_swallowed, T, both_precisions)
{
    BOOST_TEST(std::isnan(at(not_a_number<T>, [](auto x) { return relu(x); }).value));
    BOOST_TEST(std::isnan(at(not_a_number<T>, [](auto x) { return clip(x, 0, 1); }).value));
    BOOST_TEST(std::isnan(at(not_a_number<T>, [](auto x) { return maximum(x, 1); }).value));
    BOOST_TEST(std::isnan(at(not_a_number<T>, [](auto x) { return minimum(1, x); }).value));
    autograd::tape<T> tape;
    for (std::size_t place = 0; place < 37; ++place)
    {
        xt::xarray<T> x = xt::ones<T>({37});
        x(place) = not_a_number<T>;
        BOOST_TEST(std::isnan(amax(tape.variable(x)).item()));
        BOOST_TEST(std::isnan(amin(tape.variable(x)).item()));
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(saturated_functions_are_finite, T, both_precisions)
{
    const auto check = [](const char* name, auto f)
    {
        for (const T x : {T(-1000), T(-50), T(50), T(1000)})
        {
            const local<T> of = at(x, f);
            BOOST_TEST((std::isfinite(of.value) && std::isfinite(of.reverse) && std::isfinite(of.forward) &&
                        std::isfinite(of.second)),
                       name << " at " << x << ": " << of.value << ", " << of.reverse << ", " << of.second);
        }
    };
    check("sigmoid", [](auto x) { return sigmoid(x); });
    check("tanh", [](auto x) { return tanh(x); });
    check("softplus", [](auto x) { return softplus(x); });
    check("log_sigmoid", [](auto x) { return log_sigmoid(x); });
    BOOST_TEST(at(T(1000), [](auto x) { return softplus(x); }).reverse == 1);
    BOOST_TEST(at(T(-1000), [](auto x) { return sigmoid(x); }).value == 0);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(large_scores_are_finite, T, both_precisions)
{
    for (const xt::xarray<T>& scores : {xt::xarray<T>{1000, 0}, xt::xarray<T>{-1000, 0}, xt::xarray<T>{1e4, 1e4}})
    {
        autograd::tape<T> tape;
        const auto x = tape.variable(scores);
        const auto p = softmax(x);
        BOOST_TEST(all_finite(list(p)));
        BOOST_TEST(all_finite(list(log_softmax(x))));
        BOOST_TEST(std::isfinite(logsumexp(x).item()));
        BOOST_TEST(all_finite(list(gradient(sum(square(p)), x))));
        expect<T>(list(gradient(logsumexp(x), x)), list(p));
        for (int target : {0, 1})
        {
            const auto loss = -squeeze(gather(log_softmax(x), tape.index(target)));
            const std::vector<T> g = list(gradient(loss, x));
            expect<T>(g, {p.data()[0] - T(target == 0), p.data()[1] - T(target == 1)});
            BOOST_TEST(all_finite(list(gradient(sum(square(gradient(loss, x))), x))));
        }
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(scores_of_minus_infinity, T, both_precisions)
{
    autograd::tape<T> tape;
    const auto some = tape.variable(xt::xarray<T>{1, -infinity<T>, 2});
    for (const auto& g : {gradient(logsumexp(some), some), gradient(gather(softmax(some), tape.index(0)), some),
                          gradient(gather(log_softmax(some), tape.index(2)), some)})
    {
        BOOST_TEST(all_finite(list(g)));
        BOOST_TEST(list(g)[1] == 0);
    }
    BOOST_TEST(list(softmax(some))[1] == 0);
    BOOST_TEST(list(log_softmax(some))[1] == -infinity<T>);

    // Whatever flows into the value there: with p = softmax, g - p sum(g) at the others.
    const auto g = tape.constant(xt::xarray<T>{3, 5, -1});
    const std::vector<T> p = list(softmax(some));
    const std::vector<T> x_bar = list(vjp(log_softmax(some), some, g));
    BOOST_TEST(x_bar[1] == 0);
    BOOST_TEST(x_bar[0] == 3 - 7 * p[0], support::tolerance(T(1e-5)));
    BOOST_TEST(x_bar[2] == -1 - 7 * p[2], support::tolerance(T(1e-5)));
    BOOST_TEST(list(jvp(log_softmax(some), some, g))[1] == 0 - (3 * p[0] - p[2]), support::tolerance(T(1e-5)));

    const auto none = tape.variable(xt::xarray<T>{-infinity<T>, -infinity<T>});
    BOOST_TEST(logsumexp(none).item() == -infinity<T>);
    const std::vector<T> nans{not_a_number<T>, not_a_number<T>};
    expect<T>(list(softmax(none)), nans);
    expect<T>(list(log_softmax(none)), nans);
    expect<T>(list(gradient(logsumexp(none), none)), {T(0.5), T(0.5)});
    expect<T>(list(gradient(sum(softmax(none)), none)), nans);
    expect<T>(list(gradient(sum(log_softmax(none)), none)), nans);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(products_with_zeros_are_exact, T, both_precisions)
{
    expect<T>(gradient_at(xt::xarray<T>{2, 3, 0}, [](auto x) { return prod(x); }), {0, 0, 6});
    expect<T>(gradient_at(xt::xarray<T>{2, 0, 0}, [](auto x) { return prod(x); }), {0, 0, 0});
    autograd::tape<T> tape;
    const auto x = tape.variable(xt::xarray<T>{2, 3, 0});
    expect<T>(list(hessian(prod(x), x)), {0, 0, 3, 0, 0, 2, 3, 2, 0});
    // 2, 2 * 0, 2 * 0 * 5: summed, (1 + 0 + 0, 2 + 10, 0)
    const auto z = tape.variable(xt::xarray<T>{2, 0, 5});
    const auto y = sum(cumprod(z, 0));
    expect<T>(list(gradient(y, z)), {1, 12, 0});
    expect<T>(list(hessian(y, z)), {0, 6, 0, 6, 0, 2, 0, 2, 0});
}

BOOST_AUTO_TEST_CASE_TEMPLATE(cotangents_of_a_repeated_index_add_up, T, both_precisions)
{
    autograd::tape<T> tape;
    const auto x = tape.variable(xt::xarray<T>{1, 2, 3});
    const auto i = tape.index(xt::xarray<int>{2, 0, 2, -1});
    const auto g = vjp(gather(x, i), x, tape.constant(xt::xarray<T>{1, 10, 100, 1000}));
    expect<T>(list(g), {10, 0, 1101});
}

BOOST_AUTO_TEST_CASE_TEMPLATE(piecewise_constant_functions_are_not_differentiable_by_declaration, T, both_precisions)
{
    autograd::tape<T> tape;
    const auto x = tape.variable(xt::xarray<T>{T(0.4), T(2.6)});
    const auto steps = [&](auto f)
    {
        // 0 when it feeds something else, an error when asked for directly.
        expect<T>(list(gradient(sum(f(x) * x), x)), list(f(x)));
        BOOST_CHECK_THROW(gradient(sum(f(x)), x), error::not_differentiable);
    };
    steps([](auto v) { return round(v); });
    steps([](auto v) { return floor(v); });
    steps([](auto v) { return ceil(v); });
    steps([](auto v) { return v > 1; });
    steps([](auto v) { return equal(v, 1); });
    const auto best = gather(x, argmax(x));
    expect<T>(list(gradient(best, x)), {0, 1});
}

BOOST_AUTO_TEST_CASE_TEMPLATE(an_unconnected_input_is_an_error_that_names_it, T, both_precisions)
{
    autograd::tape<T> tape;
    const auto x = tape.variable(T(2));
    const auto w = tape.variable(xt::xarray<T>{1, 2}).name("weight");
    const std::string text = text_of<error::not_differentiable>([&] { (void)gradient(x * x, w); });
    BOOST_TEST(text.find("weight") != std::string::npos, text);
    expect<T>(list(gradient(x * x, w, unconnected::zero)), {0, 0});
    BOOST_CHECK_THROW(jvp(x * x, w, w), error::not_differentiable);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_variable_used_twice_gets_both_contributions, T, both_precisions)
{
    BOOST_TEST(derivative(T(3), [](auto x) { return x * x; }) == 6);
    BOOST_TEST(derivative(T(3), [](auto x) { return x - x; }) == 0);
    BOOST_TEST(derivative(T(3), [](auto x) { return x / x; }) == 0);
    // In the second order, too, where a derivative of several operations is one instruction that reads x twice.
    const auto power = at(T(2), [](auto x) { return pow(x, x); });
    const T slope = std::log(T(2)) + 1;
    BOOST_TEST(power.reverse == 4 * slope, support::tolerance(T(1e-5)));
    BOOST_TEST(power.second == 4 * (slope * slope + T(0.5)), support::tolerance(T(1e-5)));
    const auto length = at(T(-2), [](auto x) { return hypot(x, x); });
    BOOST_TEST(length.reverse == -std::sqrt(T(2)), support::tolerance(T(1e-5)));
    BOOST_TEST(std::abs(length.second) < T(1e-6));
    const auto squares = gradient_at(xt::xarray<T>{{1, 2}, {3, 4}}, [](auto x) { return matmul(x, x); });
    expect<T>(squares, {7, 11, 9, 13});
}

BOOST_AUTO_TEST_CASE_TEMPLATE(means_and_extrema_over_nothing_throw, T, both_precisions)
{
    autograd::tape<T> tape;
    const auto x = tape.variable(xt::xarray<T>(xt::xarray<T>::from_shape({2, 0})));
    BOOST_CHECK_THROW(mean(x), error::value_error);
    BOOST_CHECK_THROW(amax(x), error::value_error);
    BOOST_CHECK_THROW(amin(x, 1), error::value_error);
    BOOST_CHECK_THROW(argmax(x, 1), error::value_error);
    BOOST_TEST(amax(x, 0).size() == 0u);
    BOOST_TEST(sum(x).item() == 0);
    BOOST_TEST(prod(x).item() == 1);
    BOOST_TEST(gradient(sum(x), x).size() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
