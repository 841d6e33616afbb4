#include "tests/conventions/derivatives.hpp"

#include <cmath>

// Scores that are infinite: logsumexp is max then, in its value, its gradient and its second derivatives, as logaddexp
// is; softmax and log_softmax are NaN there, as SciPy's.

using namespace conventions;
using support::list;
using support::per_element;

namespace
{

/// The gradient of logsumexp along an axis, weighted by 1, 2, ... , and by forward mode, direction by direction.
template <class T, class F>
void expect_shares(const xt::xarray<T>& scores, const std::vector<T>& shares, F reduced)
{
    autograd::tape<T> tape;
    const auto x = tape.variable(scores);
    const auto y = reduced(x);
    const auto g = tape.constant(xt::xarray<T>(
        T(1) + xt::arange<T>(T(y.size())).reshape(std::vector<std::size_t>(y.shape().begin(), y.shape().end()))));
    const auto by_reverse = vjp(y, x, g);
    expect<T>(list(by_reverse), shares);
    for (std::size_t k = 0; k < x.size(); ++k)
    {
        xt::xarray<T> direction = xt::zeros_like(scores);
        direction.flat(k) = 1;
        const T by_forward = sum(g * jvp(y, x, tape.constant(direction))).item();
        BOOST_TEST(by_forward == shares[k]);
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(operations_logsumexp)

BOOST_AUTO_TEST_CASE_TEMPLATE(the_largest_infinities_share_evenly, T, both_precisions)
{
    constexpr T inf = infinity<T>;
    const T third = T(1) / T(3);
    const auto all = [](auto x) { return logsumexp(x); };
    expect_shares<T>({T(1), inf}, {0, 1}, all);
    expect_shares<T>({inf, T(1)}, {1, 0}, all);
    expect_shares<T>({inf, inf}, {T(0.5), T(0.5)}, all);
    expect_shares<T>({inf, -inf, inf, 3}, {T(0.5), 0, T(0.5), 0}, all);
    expect_shares<T>({-inf, -inf, -inf}, {third, third, third}, all);
    expect_shares<T>({-inf, 2, -inf}, {0, 1, 0}, all);
    expect_shares<T>({-inf}, {1}, all);
    // Rows and columns that are infinite beside others that are not, longer than a register, too.
    const xt::xarray<T> rows{{1, inf, 0}, {-inf, -inf, -inf}, {0, 0, -inf}, {inf, inf, -inf}};
    expect_shares<T>(rows, {0, 1, 0, 2 * third, 2 * third, 2 * third, T(1.5), T(1.5), 0, 2, 2, 0},
                     [](auto x) { return logsumexp(x, 1); });
    expect_shares<T>(xt::transpose(rows), {0, 2 * third, T(1.5), 2, 1, 2 * third, T(1.5), 2, 0, 2 * third, 0, 0},
                     [](auto x) { return logsumexp(x, 0); });
    expect_shares<T>(rows, {0, T(1) / 3, 0, 0, 0, 0, 0, 0, 0, T(1) / 3, T(1) / 3, 0},
                     [](auto x) {
                         return logsumexp(x, {0, 1}, xt::keep_dims);
                     });
    xt::xarray<T> many = xt::zeros<T>({std::size_t{3}, std::size_t{77}});
    std::vector<T> shares(many.size(), 0);
    for (std::size_t row = 0; row < 3; ++row)
    {
        many(row, 5 + row) = many(row, 70) = inf;
        shares[77 * row + 5 + row] = shares[77 * row + 70] = T(row + 1) / 2;
    }
    expect_shares<T>(many, shares, [](auto x) { return logsumexp(x, 1); });
}

BOOST_AUTO_TEST_CASE_TEMPLATE(logaddexp_is_the_same_for_two, T, both_precisions)
{
    constexpr T inf = infinity<T>;
    const auto of_pair = [](auto x, auto y) { return logsumexp(stack(std::vector{x, y}, 0), 0); };
    for (const T a : {inf, -inf, T(1), T(-40), not_a_number<T>})
    {
        for (const T b : {inf, -inf, T(1), T(2), not_a_number<T>})
        {
            const auto together = derivatives(a, b, of_pair);
            const auto added = derivatives(a, b, [](auto x, auto y) { return logaddexp(x, y); });
            for (const std::size_t k : {0U, 1U})
            {
                const bool nan = std::isnan(a) || std::isnan(b);
                BOOST_TEST((nan ? std::isnan(together[k]) && std::isnan(added[k])
                                : std::abs(together[k] - added[k]) <= 4 * std::numeric_limits<T>::epsilon()),
                           "at (" << a << ", " << b << "): " << together[k] << " and " << added[k]);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(second_derivatives_are_those_of_a_constant_share, T, both_precisions)
{
    constexpr T inf = infinity<T>;
    const xt::xarray<T> points[] = {{1, inf, 0}, {inf, inf, -inf}, {-inf, -inf, -inf}};
    for (const xt::xarray<T>& at : points)
    {
        autograd::tape<T> tape;
        const auto x = tape.variable(at);
        const auto y = logsumexp(x);
        const std::vector<T> zeros(9, 0);
        expect<T>(list(hessian(y, x)), zeros);
        expect<T>(list(jacobian(gradient(y, x), x)), zeros);
        const auto v = tape.constant(xt::xarray<T>{1, -2, 3});
        expect<T>(list(hessian_vector_product(y, x, v)), {0, 0, 0});
        expect<T>(list(jvp(gradient(y, x), x, v)), {0, 0, 0});
        expect<T>(list(gradient(sum(v * gradient(y, x)), x)), {0, 0, 0});
    }
    // A finite row with scores of -inf among them has the Hessian diag(p) - p p'.
    autograd::tape<T> tape;
    const auto x = tape.variable(xt::xarray<T>{0, -inf, 0});
    const T q = T(0.25);
    expect<T>(list(hessian(logsumexp(x), x)), {q, 0, -q, 0, 0, 0, -q, 0, q});
    // Nothing has no second derivative, and does not refuse it.
    const auto none = tape.variable(xt::xarray<T>(xt::zeros<T>({2, 0})));
    const auto first = gradient(sum(logsumexp(none, 1)), none);
    BOOST_TEST(gradient(sum(first), none, autograd::unconnected::zero).size() == 0U);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(probabilities_stay_numpys, T, both_precisions)
{
    constexpr T inf = infinity<T>;
    const xt::xarray<T> rows[] = {{1, inf}, {inf, inf}, {-inf, -inf}};
    for (const xt::xarray<T>& row : rows)
    {
        autograd::tape<T> tape;
        const auto x = tape.variable(row);
        for (const T p : list(softmax(x)))
        {
            BOOST_TEST(std::isnan(p));
        }
        BOOST_TEST(std::isnan(list(log_softmax(x))[1]));
        for (const T g : list(gradient(sum(tape.constant(xt::xarray<T>{1, 2}) * softmax(x)), x)))
        {
            BOOST_TEST(std::isnan(g));
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
