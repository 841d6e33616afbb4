#include "tests/conventions/derivatives.hpp"

#include <cmath>

// Derivatives of softmax, log_softmax and logsumexp where one score has nearly all of the probability: 1 less that has
// no digits left, and the derivatives have all of theirs. The references are formulas in long double.

using namespace conventions;
using support::list;

namespace
{

using real = long double;

/// Probabilities, and what is left of 1, without cancellation.
struct probabilities
{
    std::vector<real> p;
    std::vector<real> rest;

    template <class T>
    explicit probabilities(const std::vector<T>& scores)
    {
        const real largest = *std::max_element(scores.begin(), scores.end());
        real total = 0;
        for (const T x : scores)
        {
            p.push_back(std::exp(x - largest));
            total += p.back();
        }
        for (std::size_t i = 0; i < p.size(); ++i)
        {
            real others = 0;
            for (std::size_t j = 0; j < p.size(); ++j)
            {
                others += j == i ? 0 : p[j];
            }
            rest.push_back(others / total);
        }
        for (real& each : p)
        {
            each /= total;
        }
    }
    /// d p_i / d x_j
    real first(std::size_t i, std::size_t j) const { return i == j ? p[i] * rest[i] : -p[i] * p[j]; }
    /// d^2 p_i / d x_j d x_k = sum over l of what p_l moves: p_i (delta_ij - p_j) (delta_ik - p_k) - p_i first(j, k)
    real second(std::size_t i, std::size_t j, std::size_t k) const
    {
        return p[i] * (away(i, j) * away(i, k) - first(j, k));
    }

private:
    /// delta_ij - p_j
    real away(std::size_t i, std::size_t j) const { return i == j ? rest[j] : -p[j]; }
};

/// Scores of which one is far above the others, or two are.
template <class T>
std::vector<std::vector<T>> rows()
{
    std::vector<std::vector<T>> result{{0, 40},     {40, 0},   {0, -70, 3}, {T(0.25), T(0.5)},
                                       {5, -60, 5}, {1, 9, 2}, {30, 0, -30}};
    std::vector<T> longer;
    for (int i = 0; i < 21; ++i)
    {
        longer.push_back(i == 13 ? T(50) : T(0.25) * T(i % 5));
    }
    result.push_back(longer);
    return result;
}

/// Within some units of the last place of a size, by default its own, whatever else there is beside it.
template <class T>
void expect_digits(T found, real expected, real ulp, const char* what, real size = 0)
{
    const real unit = std::numeric_limits<T>::epsilon() * std::max(std::abs(expected), size);
    const real allowed = ulp * unit + std::numeric_limits<T>::min();
    BOOST_TEST(bool(std::abs(found - expected) <= allowed), what << ": " << found << " instead of " << expected);
}

/// Calls check(x, f, n) for the scores as a vector and as the first of some columns, where f takes what is made along
/// the axis back to a vector.
template <class T, class Check>
void in_both_layouts(const std::vector<T>& scores, Check check)
{
    const std::size_t n = scores.size();
    autograd::tape<T> tape;
    const auto x = tape.variable(xt::xarray<T>(xt::adapt(scores, {n})));
    check(tape, x, [](auto v) { return v; });
    const auto others = tape.constant(xt::xarray<T>{{0, 1, -2}});
    check(tape, x, [others](auto v) { return expand_dims(v, 1) + others; });
}

template <class T>
autograd::variable<T> unit(autograd::tape<T>& tape, std::size_t n, std::size_t i)
{
    xt::xarray<T> direction = xt::zeros<T>({n});
    direction(i) = 1;
    return tape.constant(direction);
}

/// The element i of a vector, or of the first of some columns.
template <class T>
autograd::variable<T> element(autograd::variable<T> y, std::size_t i)
{
    const auto column = y.dimension() == 1 ? y : squeeze(slice(y, 1, 0, 1), 1);
    return sum(slice(column, 0, static_cast<int>(i), static_cast<int>(i) + 1));
}

/// The derivatives of y by x_j, x_k: in reverse over reverse, forward over reverse, reverse over forward, forward over
/// forward.
template <class T>
std::vector<T> twice(autograd::tape<T>& tape, autograd::variable<T> y, autograd::variable<T> x, std::size_t j,
                     std::size_t k)
{
    const auto along_j = unit(tape, x.size(), j), along_k = unit(tape, x.size(), k);
    const auto first = gradient(y, x);
    const auto pushed = jvp(y, x, along_j);
    return {gradient(sum(first * along_j), x).data()[k], jvp(first, x, along_k).data()[j],
            gradient(pushed, x).data()[k], jvp(pushed, x, along_k).item()};
}

} // namespace

BOOST_AUTO_TEST_SUITE(operations_softmax)

BOOST_AUTO_TEST_CASE_TEMPLATE(first_derivatives_keep_their_digits, T, both_precisions)
{
    for (const std::vector<T>& scores : rows<T>())
    {
        const probabilities exact(scores);
        const std::size_t n = scores.size();
        in_both_layouts(
            scores,
            [&](autograd::tape<T>& tape, auto x, auto arranged)
            {
                const auto p = softmax(arranged(x), 0), log_p = log_softmax(arranged(x), 0);
                for (std::size_t i = 0; i < n; ++i)
                {
                    const auto of_p = list(gradient(element(p, i), x));
                    const auto of_log = list(gradient(element(log_p, i), x));
                    for (std::size_t j = 0; j < n; ++j)
                    {
                        const auto along = unit(tape, n, j);
                        const real slope = i == j ? exact.rest[i] : -exact.p[j];
                        // of the exponential of a rounded logarithm
                        const real ulp = 16 - std::log(exact.p[j]);
                        expect_digits(of_p[j], exact.first(i, j), 16, "softmax");
                        expect_digits(of_log[j], slope, ulp, "log_softmax");
                        expect_digits(jvp(element(p, i), x, along).item(), exact.first(i, j), 16, "softmax, forward");
                        expect_digits(jvp(element(log_p, i), x, along).item(), slope, ulp, "log_softmax, forward");
                    }
                }
            });
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(second_derivatives_keep_their_digits, T, both_precisions)
{
    for (const std::vector<T>& scores : rows<T>())
    {
        const probabilities exact(scores);
        const std::size_t n = std::min<std::size_t>(scores.size(), 3);
        in_both_layouts(scores,
                        [&](autograd::tape<T>& tape, auto x, auto arranged)
                        {
                            const auto s = arranged(x);
                            const auto total = element(logsumexp(s, {0}, xt::keep_dims), 0);
                            const auto p = softmax(s, 0), log_p = log_softmax(s, 0);
                            for (std::size_t j = 0; j < n; ++j)
                            {
                                for (std::size_t k = 0; k < n; ++k)
                                {
                                    for (const T found : twice(tape, total, x, j, k))
                                    {
                                        expect_digits(found, exact.first(j, k), 32, "logsumexp");
                                    }
                                    for (const T found : twice(tape, element(log_p, 1), x, j, k))
                                    {
                                        expect_digits(found, -exact.first(j, k), 32, "log_softmax");
                                    }
                                    const real expected = exact.second(1, j, k);
                                    const real terms = exact.p[1] * std::abs(exact.first(j, k));
                                    for (const T found : twice(tape, element(p, 1), x, j, k))
                                    {
                                        // a difference of two terms
                                        expect_digits(found, expected, 64, "softmax", terms);
                                    }
                                }
                            }
                        });
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(third_derivatives_keep_their_digits, T, both_precisions)
{
    // For two scores d apart p' = s(d) s(-d), p'' = p' (1 - 2 p), and all derivatives are those of the sigmoid.
    for (const T d : {T(40), T(-40), T(3)})
    {
        autograd::tape<T> tape;
        const auto x = tape.variable(xt::xarray<T>{0, d});
        const real e = std::exp(-std::abs(real(d)));
        const real slope = e / (1 + e) / (1 + e);
        const real third = -slope * std::tanh(real(d) / 2);
        const auto along = unit(tape, 2, 1);
        const auto y = logsumexp(x);
        const auto second = gradient(sum(gradient(y, x) * along), x);
        expect_digits(gradient(sum(second * along), x).data()[1], third, 64, "reverse");
        expect_digits(jvp(second, x, along).data()[1], third, 64, "forward over reverse");
        expect_digits(jvp(jvp(jvp(y, x, along), x, along), x, along).item(), third, 64, "forward");
        expect_digits(gradient(jvp(jvp(y, x, along), x, along), x).data()[1], third, 64, "reverse over forward");
        expect_digits(jvp(gradient(sum(gradient(element(log_softmax(x), 0), x) * along), x), x, along).data()[1],
                      -third, 64, "log_softmax");
    }
}

// A loss that is nearly learned moves by what is left to learn.
BOOST_AUTO_TEST_CASE_TEMPLATE(a_confident_row_has_a_gradient, T, both_precisions)
{
    autograd::tape<T> tape;
    const auto x = tape.variable(xt::xarray<T>{{45, 0, 1}, {0, 60, -3}});
    const auto found = list(gradient(-sum(view(log_softmax(x), 0, 0)) - sum(view(log_softmax(x), 1, 1)), x));
    const probabilities first(std::vector<T>{45, 0, 1}), second(std::vector<T>{0, 60, -3});
    for (std::size_t j = 0; j < 3; ++j)
    {
        expect_digits(found[j], j == 0 ? -first.rest[0] : first.p[j], 16, "first row");
        expect_digits(found[3 + j], j == 1 ? -second.rest[1] : second.p[j], 16, "second row");
    }
}

BOOST_AUTO_TEST_SUITE_END()
