#include "support.hpp"

#include "autograd/prove/certify.hpp"

// Rules that are neither elementwise nor linear: what the tape derives from them is the formula that is derived by
// hand, or what it derives from the same function made of simpler operations.

using namespace autograd;

namespace
{

constexpr double infinity = std::numeric_limits<double>::infinity();

using both_precisions = std::tuple<float, double>;

/// Numbers of both signs in no order, none 0.
template <class T>
xt::xarray<T> numbers(const support::extents& shape, unsigned seed = 1)
{
    xt::xarray<T> result = xt::xarray<T>::from_shape(shape);
    unsigned k = seed;
    for (T& x : result)
    {
        k = (k * 37 + 11) % 101;
        x = static_cast<T>(k % 2 == 0 ? 1 : -1) * static_cast<T>(k + 20) / T(64);
    }
    return result;
}

/// A tape with variables that formulas are made of.
template <class T>
struct inputs
{
    autograd::tape<T> tape;

    autograd::variable<T> variable(const support::extents& shape, unsigned seed)
    {
        return tape.variable(numbers<T>(shape, seed));
    }
    autograd::variable<T> x = variable({2, 3, 2}, 1);
    autograd::variable<T> g = variable({2, 3, 2}, 2);
    autograd::variable<T> u = variable({2, 3, 2}, 3);
};

#define EXPECT_EQUAL(...) expect(certify_equal(__VA_ARGS__), verdict::equal, #__VA_ARGS__, __LINE__)
#define EXPECT_FACTOR(factor, ...) expect_factor(certify_equal(__VA_ARGS__), factor, #__VA_ARGS__, __LINE__)
#define EXPECT_DIFFERENT(...) expect(certify_equal(__VA_ARGS__), verdict::different, #__VA_ARGS__, __LINE__)

void expect(const certificate& found, verdict expected, const char* formulas, int line)
{
    BOOST_TEST((found.outcome == expected), "line " << line << ": " << formulas << "\n" << to_text(found));
}

void expect_factor(const certificate& found, const std::string& factor, const char* formulas, int line)
{
    expect(found, verdict::equal_up_to_factor, formulas, line);
    BOOST_TEST(found.arrays[0].factor == factor, "line " << line << ": " << to_text(found));
}

/// x summed, and kept as an axis of extent 1.
template <class T>
variable<T> total(variable<T> x, int axis)
{
    return sum(x, axis, xt::keep_dims);
}

/// Two functions of x, their gradients, their second and third derivatives along u and v.
template <class T>
void expect_equal_to_third_order(variable<T> left, variable<T> right, variable<T> x, variable<T> u, variable<T> v,
                                 int line)
{
    const auto weights = x.tape().variable(numbers<T>(support::shape(left), 5));
    const auto compare = [&](variable<T> a, variable<T> b, const char* what)
    { expect(certify_equal(a, b), verdict::equal, what, line); };
    compare(left, right, "value");
    // The second derivative of a product of two has no x in it any more.
    const auto derived = [](variable<T> y, variable<T> by) { return gradient(y, by, unconnected::zero); };
    const auto first_of_left = derived(sum(weights * left), x);
    const auto first_of_right = derived(sum(weights * right), x);
    compare(first_of_left, first_of_right, "gradient");
    const auto second_of_left = derived(sum(u * first_of_left), x);
    const auto second_of_right = derived(sum(u * first_of_right), x);
    compare(second_of_left, second_of_right, "second order");
    compare(derived(sum(v * second_of_left), x), derived(sum(v * second_of_right), x), "third order");
    compare(jvp(left, x, u), jvp(right, x, u), "forward mode");
    const auto along_two = [&](variable<T> y) { return jvp(jvp(y, x, u), x, v, unconnected::zero); };
    compare(along_two(left), along_two(right), "second order, forward mode");
}

/// The parts of x along an axis, in one direction or the other.
template <class T>
std::vector<variable<T>> parts_along(variable<T> x, int axis, bool reverse)
{
    std::vector<variable<T>> parts;
    const auto extent = static_cast<int>(x.shape()[static_cast<std::size_t>(axis)]);
    for (int k = 0; k < extent; ++k)
    {
        const int at = reverse ? extent - 1 - k : k;
        parts.push_back(slice(x, axis, at, at + 1));
    }
    return parts;
}
template <class T>
variable<T> joined(std::vector<variable<T>> parts, int axis, bool reverse)
{
    if (reverse)
    {
        std::reverse(parts.begin(), parts.end());
    }
    return concatenate(parts, axis);
}

/// Running products, one multiplication after the other.
template <class T>
variable<T> running_products(variable<T> x, int axis, bool reverse, bool exclusive)
{
    const auto parts = parts_along(x, axis, reverse);
    std::vector<variable<T>> products{exclusive ? parts[0] * 0 + 1 : parts[0]};
    for (std::size_t k = 1; k < parts.size(); ++k)
    {
        products.push_back(products.back() * parts[exclusive ? k - 1 : k]);
    }
    return joined(products, axis, reverse);
}

/// A recurrence, one step after the other.
template <class T>
variable<T> recurrence(variable<T> a, variable<T> b, int axis, bool reverse, bool factor_before)
{
    const auto factors = parts_along(a, axis, reverse);
    const auto summands = parts_along(b, axis, reverse);
    std::vector<variable<T>> y{summands[0]};
    for (std::size_t k = 1; k < summands.size(); ++k)
    {
        y.push_back(summands[k] + factors[factor_before ? k - 1 : k] * y.back());
    }
    return joined(y, axis, reverse);
}

} // namespace

BOOST_AUTO_TEST_SUITE(prove_general_rules)

// ----------------------------------------------------------------------------------------------------- probabilities

BOOST_AUTO_TEST_CASE_TEMPLATE(softmax_by_hand, T, both_precisions)
{
    inputs<T> of;
    const auto [x, g] = std::tuple(of.x, of.g);
    for (const int axis : {0, 1, 2})
    {
        const auto p = softmax(x, axis);
        const auto derived = gradient(sum(g * p), x);
        EXPECT_EQUAL(p, exp(x) / total(exp(x), axis));
        EXPECT_EQUAL(p, softmax(x - amax(x, axis, xt::keep_dims), axis));
        EXPECT_EQUAL(log(p), log_softmax(x, axis));
        EXPECT_EQUAL(sum(p, axis), sum(p, axis) * 0 + 1);
        EXPECT_EQUAL(derived, p * (g - total(g * p, axis)));
        EXPECT_DIFFERENT(p, softmax(x, (axis + 1) % 3));
        EXPECT_DIFFERENT(p, softmax(2 * x, axis));
        EXPECT_DIFFERENT(p, exp(x) / sum(exp(x)));
        EXPECT_DIFFERENT(derived, p * (g - total(g, axis)));
        EXPECT_DIFFERENT(derived, p * (g - g * p));
        EXPECT_DIFFERENT(derived, p * (1 - p) * g);
        EXPECT_DIFFERENT(derived, p * (g - total(g * p, (axis + 1) % 3)));
        EXPECT_DIFFERENT(derived, p * (g - sum(g * p)));
        EXPECT_DIFFERENT(derived, g - total(g * p, axis));
        EXPECT_DIFFERENT(derived, p * (g + total(g * p, axis)));
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(log_softmax_by_hand, T, both_precisions)
{
    inputs<T> of;
    const auto [x, g] = std::tuple(of.x, of.g);
    for (const int axis : {0, 1, 2})
    {
        const auto y = log_softmax(x, axis);
        const auto p = softmax(x, axis);
        const auto derived = gradient(sum(g * y), x);
        EXPECT_EQUAL(y, x - log(total(exp(x), axis)));
        EXPECT_EQUAL(exp(y), p);
        EXPECT_EQUAL(derived, g - p * total(g, axis));
        EXPECT_EQUAL(derived, gradient(sum(g * log(p)), x));
        EXPECT_DIFFERENT(y, x - log(sum(exp(x))));
        EXPECT_DIFFERENT(derived, g - p * g);
        EXPECT_DIFFERENT(derived, g - p);
        EXPECT_DIFFERENT(derived, g - p * sum(g));
        EXPECT_DIFFERENT(derived, p - g);
        EXPECT_DIFFERENT(derived, g - y * total(g, axis));
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(cross_entropy_by_hand, T, both_precisions)
{
    inputs<T> of;
    const auto scores = of.variable({3, 4}, 4);
    const auto labels = of.tape.index(xt::xarray<int>{2, 0, 2});
    const auto onehot = one_hot(labels, 4);
    const auto p = softmax(scores, 1);
    const auto derived = gradient(-sum(onehot * log_softmax(scores, 1)), scores);
    EXPECT_EQUAL(derived, p - onehot);
    EXPECT_EQUAL(derived, gradient(-sum(onehot * log(p)), scores));
    EXPECT_EQUAL(gradient(sum(logsumexp(scores, 1)) - sum(onehot * scores), scores), p - onehot);
    EXPECT_DIFFERENT(derived, p);
    EXPECT_FACTOR("-1", derived, onehot - p);
    EXPECT_DIFFERENT(derived, p * (1 - p) - onehot);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(logsumexp_by_hand, T, both_precisions)
{
    inputs<T> of;
    const auto [x, g] = std::tuple(of.x, of.g);
    EXPECT_EQUAL(logsumexp(x), log(sum(exp(x))));
    EXPECT_EQUAL(exp(logsumexp(x)), sum(exp(x)));
    EXPECT_EQUAL(gradient(logsumexp(x), x), exp(x) / sum(exp(x)));
    EXPECT_DIFFERENT(gradient(logsumexp(x), x), softmax(x, 2));
    for (const int axis : {0, 1, 2})
    {
        const auto y = logsumexp(x, axis, xt::keep_dims);
        EXPECT_EQUAL(y, log(total(exp(x), axis)));
        EXPECT_EQUAL(x - y, log_softmax(x, axis));
        EXPECT_EQUAL(gradient(sum(square(y)), x), 2 * y * softmax(x, axis));
        EXPECT_DIFFERENT(y, total(x, axis));
        EXPECT_FACTOR("2", gradient(sum(square(y)), x), y * softmax(x, axis));
        EXPECT_DIFFERENT(gradient(sum(square(y)), x), 2 * softmax(x, axis));
    }
    const auto over_two = logsumexp(x, {0, 2}, xt::keep_dims);
    EXPECT_EQUAL(over_two, log(sum(exp(x), {0, 2}, xt::keep_dims)));
    EXPECT_EQUAL(gradient(sum(over_two * over_two), x), 2 * over_two * exp(x - over_two));
    EXPECT_EQUAL(logsumexp(logsumexp(x, 2), 0), logsumexp(x, {0, 2}));
    EXPECT_DIFFERENT(over_two, logsumexp(x) + 0 * over_two);
    EXPECT_EQUAL(logsumexp(stack(std::vector{x, g}, 0), 0), logaddexp(x, g));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(higher_orders_of_probabilities, T, both_precisions)
{
    inputs<T> of;
    const auto x = of.variable({2, 3}, 4);
    const auto u = of.variable({2, 3}, 6);
    const auto v = of.variable({2, 3}, 7);
    for (const int axis : {0, 1})
    {
        const auto sums = total(exp(x), axis);
        expect_equal_to_third_order(softmax(x, axis), exp(x) / sums, x, u, v, __LINE__);
        expect_equal_to_third_order(log_softmax(x, axis), x - log(sums), x, u, v, __LINE__);
        expect_equal_to_third_order(logsumexp(x, axis), log(sum(exp(x), axis)), x, u, v, __LINE__);
    }
    expect_equal_to_third_order(logsumexp(x), log(sum(exp(x))), x, u, v, __LINE__);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(scores_of_minus_infinity_are_not_there, T, both_precisions)
{
    constexpr T inf = std::numeric_limits<T>::infinity();
    inputs<T> of;
    const auto x = of.variable({2, 3}, 4);
    const auto g = of.variable({2, 3}, 5);
    const auto mask = of.tape.constant(xt::xarray<T>{{1, 0, 1}, {1, 1, 0}});
    const auto masked = where(mask, x, -inf);
    const auto p = mask * exp(x) / total(mask * exp(x), 1);
    EXPECT_EQUAL(softmax(masked, 1), p);
    EXPECT_EQUAL(logsumexp(masked, 1), log(sum(mask * exp(x), 1)));
    EXPECT_EQUAL(where(mask, log_softmax(masked, 1), 0), mask * (x - log(total(mask * exp(x), 1))));
    EXPECT_EQUAL(gradient(sum(g * softmax(masked, 1)), x), p * (g - total(g * p, 1)));
    EXPECT_EQUAL(gradient(sum(logsumexp(masked, 1)), x), p);
    EXPECT_EQUAL(gradient(sum(g * where(mask, log_softmax(masked, 1), 0)), x), mask * g - p * total(mask * g, 1));
    EXPECT_DIFFERENT(softmax(masked, 1), mask * softmax(x, 1));
    EXPECT_DIFFERENT(gradient(sum(logsumexp(masked, 1)), x), softmax(x, 1));
}

BOOST_AUTO_TEST_CASE(large_scores)
{
    inputs<double> of;
    const auto x = 1000 * of.variable({2, 3}, 4);
    const auto large = of.tape.variable(support::array{{1000, 0, -500}, {1e4, 1e4, 1e-3}});
    const auto g = of.variable({2, 3}, 5);
    for (const auto& scores : {x, large})
    {
        const auto p = softmax(scores, 1);
        EXPECT_EQUAL(vjp(log_softmax(scores, 1), scores, g), g - p * total(g, 1));
        EXPECT_EQUAL(p, softmax(scores - amax(scores, 1, xt::keep_dims), 1));
        EXPECT_DIFFERENT(vjp(log_softmax(scores, 1), scores, g), g - p);
    }
    // What is out of the range of double is not infinite.
    const auto a = of.tape.constant(support::array{1000, 0});
    const auto b = of.tape.constant(support::array{2000, 5});
    BOOST_TEST((certify_equal(logsumexp(a) + g, logsumexp(b) + g).outcome == verdict::not_decided));
    BOOST_TEST((certify_equal(sum(exp(a)) + g, sum(exp(b)) + g).outcome == verdict::not_decided));
    BOOST_TEST((certify_equal(cosh(sum(a)) + g, cosh(sum(b)) + g).outcome == verdict::not_decided));
}

BOOST_AUTO_TEST_CASE(what_is_infinite_equals_nothing_finite)
{
    inputs<double> of;
    const auto x = of.variable({3}, 4);
    const auto infinite = of.tape.constant(support::array{infinity, 1, 1});
    EXPECT_EQUAL(x + infinite, x + infinite);
    EXPECT_DIFFERENT(x + infinite, x + 1);
    EXPECT_DIFFERENT(x + 1, x + infinite);
    EXPECT_DIFFERENT(logsumexp(x + infinite) + x, logsumexp(x) + x);
    // The sign of what multiplies something infinite is a branch, which both outcomes are tried of.
    const auto large = of.tape.constant(support::array{infinity, infinity, infinity});
    EXPECT_EQUAL(x * large, x * square(x) * large);
    EXPECT_DIFFERENT(square(x) * large, abs(x + 4) * x * large);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(the_largest_infinities_share, T, both_precisions)
{
    constexpr T inf = std::numeric_limits<T>::infinity();
    inputs<T> of;
    const auto x = of.variable({2, 3}, 4);
    const auto zeros = x * 0;
    EXPECT_EQUAL(gradient(sum(logsumexp(where(of.tape.constant(xt::xarray<T>{{0, 1, 1}, {1, 0, 1}}), x, inf), 1)), x),
                 zeros);
    const auto shares = [](variable<T> scores) { return detail::record_along<logsumexp_slope_rule>(scores, 1, {}); };
    const auto largest = of.tape.constant(xt::xarray<T>{{0, 1, 0}, {0, 0, 0}});
    EXPECT_EQUAL(shares(where(largest, x, inf)), (1 - largest) / total(1 - largest, 1) + zeros);
    EXPECT_EQUAL(shares(where(largest, inf, -inf) + zeros), shares(where(largest, 500, -inf) + zeros));
    EXPECT_DIFFERENT(shares(where(largest, x, inf)), zeros);
}

// ------------------------------------------------------------------------------------------------------------- norms

BOOST_AUTO_TEST_CASE_TEMPLATE(norms_by_hand, T, both_precisions)
{
    inputs<T> of;
    const auto [x, g, u] = std::tuple(of.x, of.g, of.u);
    const auto y = norm_l2(x);
    EXPECT_EQUAL(norm_sq(x), sum(x * x));
    EXPECT_EQUAL(gradient(norm_sq(x), x), 2 * x);
    EXPECT_EQUAL(y, sqrt(sum(x * x)));
    EXPECT_EQUAL(square(y), norm_sq(x));
    EXPECT_EQUAL(gradient(y, x), x / y);
    EXPECT_EQUAL(gradient(sum(u * gradient(y, x)), x), u / y - x * sum(u * x) / (y * y * y));
    EXPECT_EQUAL(norm_l2(slice(x, 1, 0, 1), 1), abs(squeeze(slice(x, 1, 0, 1), 1)));
    EXPECT_DIFFERENT(y, norm_l1(x));
    EXPECT_FACTOR("2", gradient(norm_sq(x), x), x);
    EXPECT_FACTOR("1/2", gradient(y, x), 2 * x / y);
    EXPECT_DIFFERENT(gradient(y, x), x / square(y));
    EXPECT_DIFFERENT(gradient(sum(u * gradient(y, x)), x), u / y);
    EXPECT_DIFFERENT(gradient(sum(u * gradient(y, x)), x), u / y - x * sum(u * x) / (y * y));
    for (const int axis : {0, 1, 2})
    {
        const auto along = norm_l2(x, axis, xt::keep_dims);
        EXPECT_EQUAL(norm_sq(x, axis), sum(x * x, axis));
        EXPECT_EQUAL(gradient(sum(g * norm_sq(x, axis, xt::keep_dims)), x), 2 * total(g, axis) * x);
        EXPECT_EQUAL(gradient(sum(g * along), x), total(g, axis) * x / along);
        EXPECT_DIFFERENT(gradient(sum(g * along), x), g * x / along);
        EXPECT_DIFFERENT(gradient(sum(along), x), x / y);
    }
    const auto over_two = norm_l2(x, {0, 2}, xt::keep_dims);
    EXPECT_EQUAL(gradient(sum(over_two), x), x / over_two);
    EXPECT_EQUAL(sum(square(over_two)), norm_sq(x));
}

BOOST_AUTO_TEST_CASE(signs_of_roots)
{
    inputs<double> of;
    const auto x = of.tape.variable(support::array{1.5, 0.25});
    const auto y = of.tape.variable(support::array{0.75, 2});
    const auto root = sqrt(x * x + 2 * x * y + y * y);
    const auto verdict_of = [](auto left, auto right, std::uint64_t seed)
    { return certify_equal(left, right, {.seed = seed, .suggest = false, .formulas = false}).outcome; };
    for (std::uint64_t seed = 0; seed < 64; ++seed)
    {
        BOOST_TEST((verdict_of(root, x + y, seed) == verdict::different), "seed " << seed);
        BOOST_TEST((verdict_of(root, abs(x + y), seed) == verdict::equal), "seed " << seed);
        BOOST_TEST((verdict_of(slice(root, 0, 0, 1), slice(x + y, 0, 0, 1), seed) == verdict::different),
                   "seed " << seed);
        BOOST_TEST((verdict_of(norm_l2(3 * x), 3 * norm_l2(x), seed) == verdict::equal), "seed " << seed);
        BOOST_TEST((verdict_of(norm_l2(3 * x), norm_l2(x), seed) == verdict::equal_up_to_factor), "seed " << seed);
    }
    EXPECT_EQUAL(norm_l2(x / 7), norm_l2(x) / 7);
    EXPECT_EQUAL(sqrt(norm_sq(x)) * sqrt(norm_sq(y)), sqrt(norm_sq(x) * norm_sq(y)));
    EXPECT_FACTOR("3", norm_l2(3 * x), norm_l2(x));
    EXPECT_FACTOR("-1/2", -norm_l2(x), norm_l2(2 * x));
    EXPECT_DIFFERENT(sqrt(norm_sq(x)) * sqrt(norm_sq(y)), sqrt(norm_sq(x) + norm_sq(y)));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(deviations_by_hand, T, both_precisions)
{
    inputs<T> of;
    const auto [x, g] = std::tuple(of.x, of.g);
    EXPECT_EQUAL(variance(x), mean(x * x) - square(mean(x)));
    EXPECT_EQUAL(gradient(variance(x), x), (x - mean(x)) / 6);
    EXPECT_EQUAL(gradient(stddev(x), x), (x - mean(x)) / (12 * stddev(x)));
    EXPECT_EQUAL(square(stddev(x)), variance(x));
    EXPECT_DIFFERENT(variance(x), mean(x * x) - mean(x));
    EXPECT_DIFFERENT(gradient(stddev(x), x), x / (12 * stddev(x)));
    EXPECT_FACTOR("1/2", gradient(stddev(x), x), (x - mean(x)) / (6 * stddev(x)));
    for (const int axis : {0, 1, 2})
    {
        const auto n = static_cast<double>(x.shape()[static_cast<std::size_t>(axis)]);
        const auto deviation = x - mean(x, axis, xt::keep_dims);
        const auto s = stddev(x, axis, xt::keep_dims);
        EXPECT_EQUAL(gradient(sum(g * s), x), total(g, axis) * deviation / (n * s));
        EXPECT_FACTOR(axis == 1 ? "1/3" : "1/2", gradient(sum(g * s), x), total(g, axis) * deviation / s);
    }
}

// ---------------------------------------------------------------------------------------------------------- products

BOOST_AUTO_TEST_CASE_TEMPLATE(products_by_hand, T, both_precisions)
{
    inputs<T> of;
    const auto [x, g, u] = std::tuple(of.x, of.g, of.u);
    EXPECT_EQUAL(gradient(prod(x), x), prod(x) / x);
    EXPECT_EQUAL(gradient(sum(u * gradient(prod(x), x)), x), prod(x) / x * (sum(u / x) - u / x));
    EXPECT_EQUAL(prod(exp(x)), exp(sum(x)));
    EXPECT_EQUAL(prod(square(x)), exp(sum(log(square(x)))));
    EXPECT_DIFFERENT(gradient(prod(x), x), prod(x) / square(x));
    EXPECT_DIFFERENT(gradient(prod(x), x), prod(x) + 0 * x);
    EXPECT_DIFFERENT(gradient(sum(u * gradient(prod(x), x)), x), prod(x) / x * sum(u / x));
    EXPECT_DIFFERENT(prod(exp(x)), exp(sum(x)) + 1);
    for (const int axis : {0, 1, 2})
    {
        const auto y = prod(x, axis, xt::keep_dims);
        EXPECT_EQUAL(gradient(sum(g * y), x), total(g, axis) * y / x);
        EXPECT_DIFFERENT(gradient(sum(g * y), x), g * y / x);
        EXPECT_DIFFERENT(y, prod(x) + 0 * y);
    }
    const auto over_two = prod(x, {0, 2}, xt::keep_dims);
    EXPECT_EQUAL(gradient(sum(over_two), x), over_two / x);
    EXPECT_EQUAL(prod(prod(x, 2), 0), prod(x, {0, 2}));
    EXPECT_DIFFERENT(prod(prod(x, 2), 0), square(prod(x, {0, 2})));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(products_as_multiplications, T, both_precisions)
{
    inputs<T> of;
    const auto x = of.variable({2, 4}, 4);
    const auto u = of.variable({2, 4}, 6);
    const auto v = of.variable({2, 4}, 7);
    for (const int axis : {0, 1})
    {
        variable<T> product = parts_along(x, axis, false)[0];
        for (std::size_t k = 1; k < x.shape()[static_cast<std::size_t>(axis)]; ++k)
        {
            product = product * parts_along(x, axis, false)[k];
        }
        expect_equal_to_third_order(prod(x, axis, xt::keep_dims), product, x, u, v, __LINE__);
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(running_products_as_multiplications, T, both_precisions)
{
    inputs<T> of;
    const auto x = of.variable({2, 4}, 4);
    const auto u = of.variable({2, 4}, 6);
    const auto v = of.variable({2, 4}, 7);
    for (const int axis : {0, 1})
    {
        for (const int kind : {0, 1, 2, 3})
        {
            const bool reverse = (kind & 1) != 0;
            const bool exclusive = (kind & 2) != 0;
            const auto recorded =
                autograd::detail::record_cumprod(x, static_cast<std::uint16_t>(axis), reverse, exclusive);
            expect_equal_to_third_order(recorded, running_products(x, axis, reverse, exclusive), x, u, v, __LINE__);
            EXPECT_DIFFERENT(recorded, running_products(x, axis, !reverse, exclusive));
            EXPECT_DIFFERENT(recorded, running_products(x, axis, reverse, !exclusive));
            EXPECT_DIFFERENT(recorded, running_products(x, 1 - axis, reverse, exclusive));
            EXPECT_DIFFERENT(gradient(sum(u * recorded), x),
                             gradient(sum(u * running_products(x, axis, !reverse, exclusive)), x));
        }
    }
    EXPECT_EQUAL(cumprod(exp(x), 1), exp(cumsum(x, 1)));
    EXPECT_DIFFERENT(cumprod(exp(x), 1), exp(cumsum(x, 0)));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(recurrences_step_by_step, T, both_precisions)
{
    inputs<T> of;
    const auto a = of.variable({2, 4}, 4);
    const auto b = of.variable({2, 4}, 5);
    const auto u = of.variable({2, 4}, 6);
    const auto v = of.variable({2, 4}, 7);
    for (const int axis : {0, 1})
    {
        for (const int kind : {0, 1, 2, 3})
        {
            const bool reverse = (kind & 1) != 0;
            const bool before = (kind & 2) != 0;
            const auto recorded =
                autograd::detail::record_recurrence(a, b, {static_cast<std::uint16_t>(axis), reverse, before});
            const auto unrolled = recurrence(a, b, axis, reverse, before);
            expect_equal_to_third_order(recorded, unrolled, a, u, v, __LINE__);
            const auto cube = [](auto y) { return y * square(y); }; // nothing is left of the third order of y itself
            expect_equal_to_third_order(cube(recorded), cube(unrolled), b, u, v, __LINE__);
            EXPECT_EQUAL(gradient(sum(v * gradient(sum(u * recorded), a)), b),
                         gradient(sum(v * gradient(sum(u * unrolled), a)), b));
            EXPECT_DIFFERENT(recorded, recurrence(a, b, axis, !reverse, before));
            EXPECT_DIFFERENT(recorded, recurrence(a, b, axis, reverse, !before));
            EXPECT_DIFFERENT(gradient(sum(u * recorded), a),
                             gradient(sum(u * recurrence(b, a, axis, reverse, before)), a));
        }
    }
    EXPECT_EQUAL(linear_recurrence(a * 0 + 1, b, 1), cumsum(b, 1));
}

// ----------------------------------------------------------------------------------------------------------- extrema

BOOST_AUTO_TEST_CASE_TEMPLATE(extrema_by_hand, T, both_precisions)
{
    inputs<T> of;
    const auto [x, g] = std::tuple(of.x, of.g);
    EXPECT_EQUAL(amin(x), -amax(-x));
    EXPECT_EQUAL(gradient(amax(x), x), where(equal(x, amax(x)), 1, 0));
    EXPECT_EQUAL(amax(stack(std::vector{x, g}, 0), 0), maximum(x, g));
    EXPECT_EQUAL(amin(stack(std::vector{x, g}, 0), 0), minimum(x, g));
    EXPECT_DIFFERENT(amin(x), amax(x));
    EXPECT_FACTOR("-1", amin(x), amax(-x));
    EXPECT_DIFFERENT(gradient(amax(x), x), where(equal(x, amin(x)), 1, 0));
    for (const int axis : {0, 1, 2})
    {
        const auto largest = amax(x, axis, xt::keep_dims);
        EXPECT_EQUAL(largest, -amin(-x, axis, xt::keep_dims));
        EXPECT_EQUAL(gradient(sum(g * largest), x), where(equal(x, largest), total(g, axis), 0));
        EXPECT_DIFFERENT(gradient(sum(g * largest), x), where(equal(x, largest), g, 0));
        EXPECT_DIFFERENT(gradient(sum(g * largest), x), where(equal(x, amax(x)), total(g, axis), 0));
    }
    EXPECT_EQUAL(amax(amax(x, 2), 0), amax(x, {0, 2}));
    EXPECT_DIFFERENT(amax(x, {0, 2}), amin(x, {0, 2}));
}

BOOST_AUTO_TEST_CASE(an_extremum_has_no_branch_of_its_own)
{
    inputs<double> of;
    const certificate found = certify_equal(amax(of.x), -amin(-of.x));
    BOOST_TEST(found.branches_not_met.empty(), to_text(found));
}

BOOST_AUTO_TEST_CASE(lines_without_elements)
{
    inputs<double> of;
    const auto nothing = of.tape.variable(support::array::from_shape({2, 0}));
    const auto x = of.variable({2}, 4);
    EXPECT_EQUAL(prod(nothing, 1) + x, x + 1);
    EXPECT_EQUAL(norm_sq(nothing, 1) + x, x);
    EXPECT_EQUAL(norm_l2(nothing, 1) + x, x);
    EXPECT_EQUAL(exp(logsumexp(nothing, 1)) + x, x);
    EXPECT_DIFFERENT(prod(nothing, 1) + x, x);
}

BOOST_AUTO_TEST_SUITE_END()
