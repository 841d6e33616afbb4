#include "autograd/linalg/cholesky.hpp"
#include "autograd/compile/program.hpp"
#include "linalg/random_matrices.hpp"

// That L L^T is the matrix; that the pullback by blocks is that of the formula; that the lower triangle alone is read;
// and which minor is told where a matrix is not positive definite.

using namespace support;

namespace
{

constexpr std::size_t sizes[] = {1, 2, 3, 8, 9, 16, 17, 31, 32, 33, 64, 65, 100, 130, 257, 300};

/// Well-conditioned, with NaN above the diagonal.
template <class T>
xt::xarray<T> positive_definite(std::size_t n)
{
    xt::xarray<T> result = random_matrices<T>({n, n}, static_cast<unsigned>(n));
    for (std::size_t i = 0; i < n; ++i)
    {
        for (std::size_t j = 0; j < n; ++j)
        {
            result(i, j) = j > i    ? std::numeric_limits<T>::quiet_NaN()
                           : j == i ? T(3) + std::abs(result(i, j))
                                    : result(i, j) / std::sqrt(static_cast<T>(n));
        }
    }
    return result;
}

std::string refusal_of(const array& a)
{
    tape t;
    return text_of<autograd::error::value_error>([&] { static_cast<void>(cholesky(t.variable(a))); });
}

} // namespace

BOOST_AUTO_TEST_SUITE(linalg_cholesky)

BOOST_AUTO_TEST_CASE_TEMPLATE(factors_multiply_to_the_matrix, T, element_types)
{
    for (const std::size_t n : sizes)
    {
        autograd::tape<T> t;
        const auto a = t.variable(positive_definite<T>(n));
        const auto l = cholesky(a);
        BOOST_TEST(largest(triu(l, 1)) == 0);
        const auto rest = tril(matmul(l, transpose(l))) - tril(a);
        BOOST_TEST(largest(rest) <= roundings<T>(n + 4) * largest(tril(a)), n);
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(pullback_is_that_of_the_formula, T, element_types)
{
    for (const std::size_t n : sizes)
    {
        autograd::tape<T> t;
        const auto a = t.variable(positive_definite<T>(n));
        const auto l = cholesky(a);
        const auto g = t.constant(random_matrices<T>({n, n}, 7));
        const auto found = vjp(l, a, g);
        const auto whole = matmul(transpose(l), tril(g));
        const auto half = T(0.5) * (tril(whole) + tril(whole, -1));
        const auto left = triangular_solve(l, half, {.transposed = true});
        const auto s = transpose(triangular_solve(l, transpose(left), {.transposed = true}));
        const auto expected = tril(s + transpose(s)) - diag(diag(s));
        BOOST_TEST(largest(found - expected) <= roundings<T>(8 * n + 8) * largest(expected), n);
    }
}

BOOST_AUTO_TEST_CASE(derivatives_of_large_factors)
{
    tape t;
    constexpr std::size_t n = 70;
    const variable a = t.variable(tril(t.constant(positive_definite<double>(n))).value());
    const variable along = t.constant(tril(t.constant(random_matrices<double>({n, n}, 3))).value());
    const variable weights = t.constant(random_matrices<double>({n, n}, 4));
    const auto f = [&](variable x) { return sum(square(cholesky(x)) * weights); };
    const variable loss = f(a);
    const variable slope = gradient(loss, a);
    const double reverse = sum(slope * along).item();
    BOOST_TEST(jvp(loss, a, along).item() == reverse, tolerance(1e-11));
    const double h = 1e-5;
    BOOST_TEST((f(a + h * along).item() - f(a - h * along).item()) / (2 * h) == reverse, tolerance(1e-6));
    const double second = sum(gradient(sum(slope * along), a) * along).item();
    const double step = 1e-3;
    const double difference =
        (f(a + step * along).item() - 2 * loss.item() + f(a - step * along).item()) / (step * step);
    BOOST_TEST(difference == second, tolerance(1e-4));
}

BOOST_AUTO_TEST_CASE(the_lower_triangle_alone_is_read)
{
    tape t;
    const variable a = t.variable(array{{4, 100, 100}, {1, 3, 100}, {2, -1, 5}});
    const variable slope = gradient(sum(cholesky(a)), a);
    BOOST_TEST(largest(triu(slope, 1)) == 0);
    // What flows to both of mirrored elements of a symmetric matrix flows to the lower one.
    const variable symmetric = t.variable(array{{4, 1, 2}, {1, 3, -1}, {2, -1, 5}});
    const variable both = gradient(sum(cholesky(0.5 * (symmetric + transpose(symmetric)))), symmetric);
    BOOST_TEST(largest(both - transpose(both)) <= 1e-15);
    BOOST_TEST(largest(tril(both) + tril(transpose(both), -1) - slope) <= 1e-15);
}

BOOST_AUTO_TEST_CASE(minors_that_are_not_positive_are_told)
{
    for (const std::size_t n : {6u, 40u, 100u})
    {
        for (const std::size_t order : {std::size_t{1}, std::size_t{4}, n / 2 + 1, n})
        {
            tape t;
            array a = identity(t, n).value();
            a(order - 1, order - 1) = -2;
            const std::string minor = "the pivot of its leading minor of order " + std::to_string(order);
            BOOST_TEST(
                refusal_of(a).starts_with("autograd: cholesky: a is not positive definite: " + minor + " is -2;"),
                refusal_of(a));
            if (order > 1)
            {
                a(order - 1, order - 1) = 3;
                a(order - 1, 0) = 2; // 3 - 2 * 2
                BOOST_TEST(
                    refusal_of(a).starts_with("autograd: cholesky: a is not positive definite: " + minor + " is -1;"),
                    refusal_of(a));
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(what_is_not_finite_is_named_wherever_it_stands)
{
    using limits = std::numeric_limits<double>;
    for (const std::size_t n : {3u, 40u, 70u})
    {
        for (const auto& [number, text] : {std::pair(limits::quiet_NaN(), "nan"), std::pair(limits::infinity(), "inf"),
                                           std::pair(-limits::infinity(), "-inf")})
        {
            for (std::size_t i = 0; i < n; ++i)
            {
                for (std::size_t j = 0; j <= i; j += 1 + i / 7)
                {
                    tape t;
                    array a = 3.0 * identity(t, n).value();
                    a(i, j) = number;
                    BOOST_TEST(refusal_of(a) == "autograd: cholesky: element (" + std::to_string(i) + ", " +
                                                    std::to_string(j) + ") of a is " + text +
                                                    "; a factorization needs finite numbers.");
                }
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(programs_refuse_in_the_same_words)
{
    const array good{{2, 0}, {1, 2}};
    tape t;
    const variable x = t.variable(good);
    const auto f = [](variable a) { return gradient(sum(cholesky(a)), a); };
    const auto compiled = autograd::compile({x}, {f(x)});
    array result = good;
    auto memory = compiled.make_workspace();
    const auto refused = [&](const array& bad)
    {
        const std::string recorded = whole_text_of([&] { static_cast<void>(f(t.variable(bad))); });
        BOOST_TEST(recorded.starts_with("autograd: cholesky: "), recorded);
        BOOST_TEST(whole_text_of([&] { compiled.run({bad}, {result}, memory); }) == recorded);
    };
    refused({{2, 0}, {3, 2}});
    refused({{std::numeric_limits<double>::quiet_NaN(), 0}, {1, 2}});
}

BOOST_AUTO_TEST_CASE(batches_are_their_matrices)
{
    for (const std::size_t n : {3u, 40u})
    {
        tape t;
        const variable many = t.variable(array(random_matrices<double>({3, n, n})));
        const variable a = matmul(many, moveaxis(many, -1, -2)) + identity(t, n);
        const variable whole = cholesky(a);
        const variable slope = vjp(whole, a, many);
        for (int k = 0; k < 3; ++k)
        {
            const variable matrix = view(a, k);
            const variable one = cholesky(matrix);
            BOOST_TEST(are_same(list(one), list(view(whole, k))));
            BOOST_TEST(are_same(list(vjp(one, matrix, view(many, k))), list(view(slope, k))));
        }
    }
}

BOOST_AUTO_TEST_CASE(solutions_by_the_factor)
{
    tape t;
    const variable a = t.variable(array{{4, 1}, {1, 3}});
    const variable x = cholesky_solve(cholesky(a), array{6, 7});
    BOOST_TEST(list(matmul(a, x)) == (reals{6, 7}), tolerance(1e-15) << per_element());
}

BOOST_AUTO_TEST_SUITE_END()
