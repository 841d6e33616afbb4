#include "autograd/check/check_gradient.hpp"
#include "autograd/compile/program.hpp"
#include "autograd/linalg.hpp"
#include "linalg/random_matrices.hpp"

// That solutions solve, by residuals: a backward stable solution leaves some roundings of what was multiplied. That
// what is not read is not read, that a factorization is made once, and what is refused, wherever it is computed.

using namespace support;

namespace
{

constexpr std::size_t sizes[] = {1, 2, 3, 8, 9, 16, 17, 31, 32, 33, 65, 100};

/// Right sides for matrices of n rows: a vector, and matrices of few and many columns.
std::vector<extents> right_sides(std::size_t n)
{
    return {{n}, {n, 1}, {n, 2}, {n, 3}, {n, 4}, {n, 37}};
}

/// The matrix that the options say, and the array in which it is stored, with NaN where it is not read.
template <class T>
std::pair<xt::xarray<T>, xt::xarray<T>> triangle(std::size_t n, const autograd::triangular_options& how)
{
    xt::xarray<T> stored = random_matrices<T>({n, n});
    xt::xarray<T> meant = xt::zeros<T>({n, n});
    for (std::size_t i = 0; i < n; ++i)
    {
        for (std::size_t j = 0; j < n; ++j)
        {
            const bool is_read = i == j ? !how.unit_diagonal : (i < j) == how.upper;
            // Those beside the diagonal are small: products of them do not grow with n.
            stored(i, j) = !is_read ? std::numeric_limits<T>::quiet_NaN()
                           : i == j ? T(1) + std::abs(stored(i, j))
                                    : stored(i, j) / std::sqrt(static_cast<T>(n));
            const T element = i == j && how.unit_diagonal ? T(1) : is_read ? stored(i, j) : T(0);
            (how.transposed ? meant(j, i) : meant(i, j)) = element;
        }
    }
    return {stored, meant};
}

std::vector<autograd::triangular_options> all_options()
{
    std::vector<autograd::triangular_options> result;
    for (const bool upper : {false, true})
    {
        for (const bool transposed : {false, true})
        {
            for (const bool unit : {false, true})
            {
                result.push_back({upper, transposed, unit});
            }
        }
    }
    return result;
}

/// f, compiled for good values, says of bad ones what recording says.
template <class F>
void require_refused_by_programs(const F& f, const array& good, const array& bad)
{
    tape t;
    const variable x = t.variable(good);
    const auto compiled = autograd::compile({x}, {f(x)});
    array result = array::from_shape(extents(compiled.output_shape(0).begin(), compiled.output_shape(0).end()));
    auto memory = compiled.make_workspace();
    compiled.run({good}, {result}, memory);
    const std::string recorded = whole_text_of([&] { static_cast<void>(f(t.variable(bad))); });
    BOOST_TEST(recorded.starts_with("autograd: "), recorded);
    BOOST_TEST(whole_text_of([&] { compiled.run({bad}, {result}, memory); }) == recorded);
}

} // namespace

BOOST_AUTO_TEST_SUITE(linalg_triangular_solve)

BOOST_AUTO_TEST_CASE_TEMPLATE(leaves_small_residuals_and_reads_its_triangle_alone, T, element_types)
{
    for (const std::size_t n : sizes)
    {
        for (const autograd::triangular_options& how : all_options())
        {
            const auto [stored, meant] = triangle<T>(n, how);
            for (const extents& b_shape : right_sides(n))
            {
                autograd::tape<T> t;
                const auto b = t.variable(random_matrices<T>(b_shape, 2));
                const auto x = triangular_solve(t.variable(stored), b, how);
                const auto rest = matmul(t.constant(meant), x) - b;
                const double scale = largest(matmul(abs(t.constant(meant)), abs(x)));
                BOOST_TEST(largest(rest) <= roundings<T>(n + 2) * scale,
                           n << ", " << to_text(b.shape()) << ": " << largest(rest) / scale);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(divides_by_pivots)
{
    for (const std::size_t n : {1u, 40u})
    {
        for (const extents& b_shape : right_sides(n))
        {
            tape t;
            const array numbers = 49 * xt::ones<double>(b_shape);
            const variable x = triangular_solve(49.0 * identity(t, n), t.constant(numbers));
            BOOST_TEST(list(x) == reals(x.size(), 1.0), per_element());
            const double subnormal = 3e-310; // its reciprocal is infinite
            const variable y = triangular_solve(subnormal * identity(t, n), subnormal * t.constant(numbers));
            BOOST_TEST(list(y) == reals(y.size(), 49.0), tolerance(1e-11));
        }
    }
}

BOOST_AUTO_TEST_CASE(batches_are_their_matrices)
{
    tape t;
    const variable a = t.variable(random_matrices<double>({2, 3, 40, 40}));
    const variable b = t.variable(random_matrices<double>({3, 40, 5}, 2));
    const variable whole = triangular_solve(a, b, {.upper = true});
    for (int i = 0; i < 2; ++i)
    {
        for (int j = 0; j < 3; ++j)
        {
            const variable one = triangular_solve(view(a, i, j), view(b, j), {.upper = true});
            BOOST_TEST(are_same(list(one), list(view(whole, i, j))));
        }
    }
}

BOOST_AUTO_TEST_CASE(singular_matrices_are_refused_by_programs_and_in_forward_mode)
{
    const auto f = [](variable x) { return triangular_solve(x, x); };
    require_refused_by_programs(f, {{1, 0}, {1, 1}}, {{1, 0}, {1, 0}});
    tape t;
    const variable x = t.variable(array{{2, 7}, {1, 2}});
    const variable b = t.variable(array{1, 2});
    const auto program = autograd::compile({x, b}, {jvp(triangular_solve(x, b), {x, b}, {x, b})});
    array result = array::from_shape({2});
    auto memory = program.make_workspace();
    const std::string text = text_of<autograd::error::value_error>(
        [&] {
            program.run({array{{0, 7}, {1, 2}}, array{1, 2}}, {result}, memory);
        });
    BOOST_TEST(text ==
               "autograd: triangular_solve: element (0, 0) of a, on the diagonal, is 0; each must be finite and "
               "not 0: a is singular.");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(linalg_solve)

BOOST_AUTO_TEST_CASE_TEMPLATE(leaves_small_residuals, T, element_types)
{
    for (const std::size_t n : sizes)
    {
        for (const bool transposed : {false, true})
        {
            const xt::xarray<T> values = random_matrices<T>({n, n}, static_cast<unsigned>(n));
            for (const extents& b_shape : right_sides(n))
            {
                autograd::tape<T> t;
                const auto a = t.variable(values);
                const auto b = t.variable(random_matrices<T>(b_shape, 2));
                const auto x = solve(a, b, {.transposed = transposed});
                const auto meant = transposed ? transpose(a) : a;
                const double scale = largest(matmul(abs(meant), abs(x)));
                BOOST_TEST(largest(matmul(meant, x) - b) <= roundings<T>(4 * n + 4) * scale, n);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(factors_multiply_to_the_matrix, T, element_types)
{
    for (const std::size_t n : sizes)
    {
        autograd::tape<T> t;
        const auto a = t.variable(random_matrices<T>({n, n}, static_cast<unsigned>(n)));
        const auto packed = lu_factor(a).packed();
        const auto factors = view(packed, xt::range(0, n));
        auto exchanged = identity(t, n);
        xt::xarray<T> p = exchanged.value(); // columns of a change places
        for (std::size_t k = 0; k < n; ++k)
        {
            const auto other = static_cast<std::size_t>(packed.value()(n, k));
            BOOST_REQUIRE(other >= k);
            BOOST_REQUIRE(other < n);
            for (std::size_t i = 0; i < n; ++i)
            {
                std::swap(p(i, k), p(i, other));
            }
        }
        const auto u = triu(factors, 1) + identity(t, n);
        BOOST_TEST(largest(u) <= 1 + roundings<T>(64)); // partial pivoting
        const auto product = matmul(tril(factors), u);
        BOOST_TEST(largest(product - matmul(a, t.constant(p))) <= roundings<T>(4 * n) * largest(a), n);
    }
}

BOOST_AUTO_TEST_CASE(one_element_is_a_quotient)
{
    tape t;
    BOOST_TEST(solve(t.constant(column({49})), t.constant(array{49})).value()(0) == 1);
    BOOST_TEST(solve(t.constant(column({3e-310})), t.constant(array{3e-310})).value()(0) == 1);
}

// The solution of an ill-conditioned system is as good as its condition number allows.
BOOST_AUTO_TEST_CASE(hilbert_matrices_are_solved)
{
    constexpr std::size_t n = 8;
    constexpr double condition = 1.6e10;
    tape t;
    array hilbert = array::from_shape({n, n});
    for (std::size_t i = 0; i < n; ++i)
    {
        for (std::size_t j = 0; j < n; ++j)
        {
            hilbert(i, j) = 1.0 / static_cast<double>(i + j + 1);
        }
    }
    const variable a = t.variable(hilbert);
    const variable x = solve(a, matmul(a, t.full({n}, 1)));
    BOOST_TEST(largest(x - 1.0) <= 10 * condition * roundings<double>(1));
    const variable y = solve(a, matmul(a, t.full({n}, 1)), {.transposed = true});
    BOOST_TEST(largest(y - 1.0) <= 10 * condition * roundings<double>(1));
}

BOOST_AUTO_TEST_CASE(pivots_are_sought_by_magnitude)
{
    // Without exchanges, or with those of the first column that is not 0, the second unknown is lost.
    tape t;
    const variable a = t.constant(array{{1e-20, 1, 0}, {1, 1, 0}, {0, 0, 1}});
    const variable x = solve(a, t.constant(array{1, 2, 3}));
    BOOST_TEST(list(x) == (reals{1, 1, 3}), tolerance(1e-15) << per_element());
    const variable large = identity(t, 40) * 1e-20 + transpose(flip(identity(t, 40), 0));
    BOOST_TEST(largest(solve(large, matmul(large, t.full({40}, 1))) - 1.0) <= 1e-14);
}

BOOST_AUTO_TEST_CASE(batches_are_their_matrices)
{
    for (const std::size_t n : {3u, 40u})
    {
        tape t;
        const variable a = t.variable(random_matrices<double>({2, 3, n, n}));
        const variable b = t.variable(random_matrices<double>({3, n, 5}, 2));
        const variable whole = solve(a, b);
        const variable inverses = inverse(a);
        for (int i = 0; i < 2; ++i)
        {
            for (int j = 0; j < 3; ++j)
            {
                BOOST_TEST(are_same(list(solve(view(a, i, j), view(b, j))), list(view(whole, i, j))));
                BOOST_TEST(are_same(list(inverse(view(a, i, j))), list(view(inverses, i, j))));
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(one_factorization_serves_the_value_and_all_derivatives)
{
    tape t;
    const variable a = t.variable(random_matrices<double>({4, 4}));
    const variable b = t.variable(random_matrices<double>({4}, 2));
    const variable loss = sum(square(solve(a, b)));
    const auto slopes = gradient(loss, {a, b});
    static_cast<void>(gradient(sum(square(slopes[0])) + sum(slopes[1]), {a, b}));
    static_cast<void>(jvp(loss, {a, b}, {a, b}));
    static_cast<void>(hessian(loss, b));
    BOOST_TEST(count(t, "lu_factor") == 1u);
    const auto lu = lu_factor(a);
    static_cast<void>(gradient(sum(solve(lu, b)) + sum(inverse(lu)), a));
    BOOST_TEST(count(t, "lu_factor") == 1u);
}

BOOST_AUTO_TEST_CASE(derivatives_of_large_systems)
{
    tape t;
    const variable a = t.variable(random_matrices<double>({37, 37}));
    const variable b = t.variable(random_matrices<double>({37, 2}, 2));
    const auto f = [](variable x, variable y) { return sum(square(solve(x, y))); };
    const variable loss = f(a, b);
    // <gradient, direction> is the derivative along the direction, in both modes, and that of each direction at once.
    const variable along_a = t.constant(random_matrices<double>({37, 37}, 3));
    const variable along_b = t.constant(random_matrices<double>({37, 2}, 4));
    const auto slopes = gradient(loss, {a, b});
    const double reverse = sum(slopes[0] * along_a).item() + sum(slopes[1] * along_b).item();
    BOOST_TEST(jvp(loss, {a, b}, {along_a, along_b}).item() == reverse, tolerance(1e-10));
    const double h = 1e-6;
    const double forward = f(a + h * along_a, b + h * along_b).item();
    const double backward = f(a - h * along_a, b - h * along_b).item();
    BOOST_TEST((forward - backward) / (2 * h) == reverse, tolerance(1e-5));
    const variable x = solve(a, b);
    const variable all = jacobian(x, b); // (37, 2, 37, 2): a^-1 for each column
    const variable expected = inverse(a);
    BOOST_TEST(largest(view(all, xt::all(), 1, xt::all(), 1) - expected) <= 1e-10 * largest(expected));
    BOOST_TEST(largest(view(all, xt::all(), 0, xt::all(), 1)) == 0);
}

BOOST_AUTO_TEST_CASE(singular_matrices_are_refused_by_programs_and_in_forward_mode)
{
    const array regular{{1, 2}, {2, 5}};
    const array singular{{1, 2}, {2, 4}};
    const array not_finite{{1, 2}, {std::numeric_limits<double>::quiet_NaN(), 4}};
    const auto f = [](variable x) { return solve(x, x); };
    const auto g = [](variable x) { return inverse(x); };
    const auto h = [](variable x) { return gradient(sum(inverse(x)), x); };
    require_refused_by_programs(f, regular, singular);
    require_refused_by_programs(f, regular, not_finite);
    require_refused_by_programs(g, regular, singular);
    require_refused_by_programs(g, regular, not_finite);
    require_refused_by_programs(h, regular, singular);
    require_refused_by_programs([](variable x) { return jvp(sum(solve(x, x)), x, x); }, regular, singular);
}

BOOST_AUTO_TEST_CASE(matrices_of_a_batch_are_named)
{
    tape t;
    array many = array(random_matrices<double>({2, 3, 2, 2}));
    many(1, 2, 0, 0) = many(1, 2, 0, 1) = 0;
    const variable a = t.variable(many);
    const std::string text = text_of<autograd::error::value_error>(
        [&] {
            static_cast<void>(solve(a, t.full({2, 1}, 1)));
        });
    BOOST_TEST(text ==
               "autograd: solve: matrix (1, 2) of a is singular: pivot 0 of its LU factorization is 0. Use lstsq "
               "or pinv.");
    BOOST_TEST(text_of<autograd::error::value_error>([&] { static_cast<void>(inverse(a)); }) ==
               "autograd: inverse: matrix (1, 2) of a is singular: pivot 0 of its LU factorization is 0. Use lstsq or "
               "pinv.");
}

BOOST_AUTO_TEST_CASE(what_leaves_the_range_is_refused)
{
    for (const std::size_t n : {2u, 40u})
    {
        tape t;
        array a = 0.0 * array(random_matrices<double>({n, n}));
        for (std::size_t i = 0; i < n; ++i)
        {
            a(i, i) = 1e308;
        }
        a(0, 1) = 1e308;
        a(1, 0) = -1.5e308;
        const std::string text =
            text_of<autograd::error::value_error>([&] { static_cast<void>(solve(t.variable(a), t.full({n}, 1))); });
        BOOST_TEST(text ==
                   "autograd: solve: pivot 1 of the LU factorization of a is inf, since numbers left the range; "
                   "scale the matrix.");
    }
}

BOOST_AUTO_TEST_CASE(arrays_stand_beside_variables)
{
    tape t;
    const array values{{2, 1}, {0, 4}};
    const variable a = t.variable(values);
    const variable b = t.variable(array{4, 8});
    BOOST_TEST(list(solve(a, array{4, 8})) == (reals{1, 2}), per_element());
    BOOST_TEST(list(solve(values, b)) == (reals{1, 2}), per_element());
    BOOST_TEST(list(triangular_solve(values, b, {.upper = true})) == (reals{1, 2}), per_element());
    BOOST_TEST(list(triangular_solve(a, array{4, 8})) == (reals{2, 2}), per_element());
}

BOOST_AUTO_TEST_SUITE_END()
