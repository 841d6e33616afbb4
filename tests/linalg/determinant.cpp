#include "autograd/linalg/determinant.hpp"
#include "autograd/compile/program.hpp"
#include "linalg/random_matrices.hpp"

#include <cstdint>

// Determinants and their derivatives at matrices of any rank, against integers: cofactors of small integers are exact.

using namespace support;

namespace
{

using integer_matrix = std::vector<std::vector<std::int64_t>>;

integer_matrix without(integer_matrix a, std::size_t row, std::size_t column)
{
    a.erase(a.begin() + static_cast<std::ptrdiff_t>(row));
    for (auto& each : a)
    {
        each.erase(each.begin() + static_cast<std::ptrdiff_t>(column));
    }
    return a;
}

std::int64_t determinant_of(const integer_matrix& a)
{
    std::int64_t result = a.empty() ? 1 : 0;
    for (std::size_t j = 0; j < a.size(); ++j)
    {
        const std::int64_t minor = a[0][j] == 0 ? 0 : determinant_of(without(a, 0, j));
        result += (j % 2 == 0 ? 1 : -1) * a[0][j] * minor;
    }
    return result;
}

std::int64_t cofactor(const integer_matrix& a, std::size_t i, std::size_t j)
{
    return ((i + j) % 2 == 0 ? 1 : -1) * determinant_of(without(a, i, j));
}

/// Of small integers, of that rank.
integer_matrix random_of_rank(std::size_t n, std::size_t rank, unsigned seed)
{
    std::mt19937 generator(seed);
    std::uniform_int_distribution<std::int64_t> numbers(-3, 3);
    const auto random = [&](std::size_t rows, std::size_t columns)
    {
        integer_matrix result(rows, std::vector<std::int64_t>(columns));
        for (auto& row : result)
        {
            std::generate(row.begin(), row.end(), [&] { return numbers(generator); });
        }
        return result;
    };
    const integer_matrix left = random(n, rank), right = random(rank, n);
    integer_matrix product(n, std::vector<std::int64_t>(n, 0));
    for (std::size_t i = 0; i < n; ++i)
    {
        for (std::size_t j = 0; j < n; ++j)
        {
            for (std::size_t k = 0; k < rank; ++k)
            {
                product[i][j] += left[i][k] * right[k][j];
            }
        }
    }
    return product;
}

template <class T>
xt::xarray<T> array_of(const integer_matrix& a)
{
    xt::xarray<T> result = xt::xarray<T>::from_shape({a.size(), a.size()});
    for (std::size_t i = 0; i < a.size(); ++i)
    {
        for (std::size_t j = 0; j < a.size(); ++j)
        {
            result(i, j) = static_cast<T>(a[i][j]);
        }
    }
    return result;
}

/// |a|^power, by the Frobenius norm, which is not less than the largest singular value.
double power_of_norm(const integer_matrix& a, std::size_t power)
{
    double squares = 0;
    for (const auto& row : a)
    {
        for (const std::int64_t each : row)
        {
            squares += static_cast<double>(each * each);
        }
    }
    return std::pow(std::sqrt(squares), static_cast<double>(power));
}

} // namespace

BOOST_AUTO_TEST_SUITE(linalg_determinant)

BOOST_AUTO_TEST_CASE_TEMPLATE(gradients_are_cofactors_at_every_rank, T, element_types)
{
    for (const std::size_t n : {1u, 2u, 3u, 4u, 5u, 6u})
    {
        for (std::size_t rank = n < 4 ? 0 : n - 3; rank <= n; ++rank)
        {
            for (unsigned seed = 0; seed < 20; ++seed)
            {
                const integer_matrix exact = random_of_rank(n, rank, seed);
                autograd::tape<T> t;
                const auto a = t.variable(array_of<T>(exact));
                const auto slope = gradient(determinant(a), a).value();
                // 1e-12 in double
                const double bound = roundings<T>(4500) * std::max(1.0, power_of_norm(exact, n - 1)) / 10;
                for (std::size_t i = 0; i < n; ++i)
                {
                    for (std::size_t j = 0; j < n; ++j)
                    {
                        const double error =
                            std::abs(static_cast<double>(slope(i, j)) - static_cast<double>(cofactor(exact, i, j)));
                        BOOST_TEST(error <= bound, n << ", rank " << rank << ", seed " << seed << ": " << error);
                    }
                }
            }
        }
    }
}

// d<v, cofactors(a)> / da: with exact integers, by the same minors once more.
BOOST_AUTO_TEST_CASE(second_derivatives_are_right_at_every_rank)
{
    for (const std::size_t n : {1u, 2u, 3u, 4u, 5u})
    {
        for (std::size_t rank = n < 4 ? 0 : n - 3; rank <= n; ++rank)
        {
            for (unsigned seed = 0; seed < 10; ++seed)
            {
                const integer_matrix exact = random_of_rank(n, rank, seed);
                const integer_matrix along = random_of_rank(n, n, seed + 100);
                tape t;
                const variable a = t.variable(array_of<double>(exact));
                const variable v = t.constant(array_of<double>(along));
                const variable slope = gradient(determinant(a), a);
                const array found = gradient(sum(slope * v), a, autograd::unconnected::zero).value();
                const array forward = jvp(slope, a, v, autograd::unconnected::zero).value();
                const double bound =
                    1e-12 * std::max(1.0, power_of_norm(exact, n < 2 ? 0 : n - 2) * power_of_norm(along, 1));
                for (std::size_t i = 0; i < n; ++i)
                {
                    for (std::size_t j = 0; j < n; ++j)
                    {
                        // The derivative of cofactor (i, j) along v: its minor with each row exchanged for that of v.
                        std::int64_t expected = 0;
                        const integer_matrix rest = without(exact, i, j), moved = without(along, i, j);
                        for (std::size_t k = 0; k + 1 < n; ++k)
                        {
                            integer_matrix mixed = rest;
                            mixed[k] = moved[k];
                            expected += ((i + j) % 2 == 0 ? 1 : -1) * determinant_of(mixed);
                        }
                        const auto number = static_cast<double>(expected);
                        BOOST_TEST(std::abs(found(i, j) - number) <= bound,
                                   n << ", rank " << rank << ", seed " << seed);
                        BOOST_TEST(std::abs(forward(i, j) - number) <= bound, n << ", rank " << rank);
                    }
                }
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(products_stay_in_the_range_on_the_way)
{
    tape t;
    const variable d = t.variable(array{1e200, 1e200, 1e-300, 1e-100});
    const variable y = determinant(diag(d));
    BOOST_TEST(y.item() == 1, tolerance(1e-15));
    BOOST_TEST(list(gradient(y, d)) == (reals{1e-200, 1e-200, 1e300, 1e100}), tolerance(1e-14) << per_element());
    // All but two: the greatest of them leave the range, the others do not.
    const variable along = t.constant(array{0, 0, 1e-300, 0});
    BOOST_TEST(list(jvp(gradient(y, d), d, along)) == (reals{1e-200, 1e-200, 0, 1e100}), tolerance(1e-14)
                                                                                             << per_element());
    const variable many = t.variable(array(1e10 * xt::ones<double>({60})));
    BOOST_TEST(determinant(diag(many)).item() == std::numeric_limits<double>::infinity());
    BOOST_TEST(slogdet(diag(many)).logarithm.item() == 600 * std::log(10), tolerance(1e-15));
}

// One row is nearly a multiple of another: digits of the inverse are lost, and none of the cofactors.
BOOST_AUTO_TEST_CASE(nearly_singular_matrices_lose_no_digits)
{
    for (const double off : {1e-3, 1e-6, 1e-9, 1e-12, 1e-15})
    {
        tape t;
        const array a{{1, 2, 3}, {1, 2, 3 + off}, {2, 5, 7}};
        const variable x = t.variable(a);
        const double third = a(1, 2);
        const array expected{{14 - 5 * third, 2 * third - 7, 1}, {1, 1, -1}, {2 * third - 6, 3 - third, 0}};
        BOOST_TEST(largest(gradient(determinant(x), x) - t.constant(expected)) <= 1e-14 * 95); // |a|^2
    }
}

BOOST_AUTO_TEST_CASE(large_matrices)
{
    tape t;
    const std::size_t n = 60;
    const variable a = t.variable(random_matrices<double>({n, n}));
    const variable y = determinant(a);
    const auto [sign, logarithm] = slogdet(a);
    BOOST_TEST((sign * exp(logarithm)).item() == y.item(), tolerance(1e-12));
    const variable slope = gradient(y, a);
    const variable expected = y * transpose(inverse(a));
    BOOST_TEST(largest(slope - expected) <= 1e-11 * largest(expected));
    const variable of_logarithm = gradient(logarithm, a);
    BOOST_TEST(largest(of_logarithm - transpose(inverse(a))) <= 1e-11 * largest(of_logarithm));
}

BOOST_AUTO_TEST_CASE(batches_are_their_matrices)
{
    tape t;
    const variable a = t.variable(random_matrices<double>({2, 3, 4, 4}));
    const variable whole = determinant(a);
    const variable slope = gradient(sum(whole), a);
    const auto logs = slogdet(a);
    for (int i = 0; i < 2; ++i)
    {
        for (int j = 0; j < 3; ++j)
        {
            const variable matrix = view(a, i, j);
            const variable one = determinant(matrix);
            BOOST_TEST(one.item() == view(whole, i, j).item());
            BOOST_TEST(are_same(list(gradient(one, matrix)), list(view(slope, i, j))));
            BOOST_TEST(slogdet(matrix).logarithm.item() == view(logs.logarithm, i, j).item());
            BOOST_TEST(slogdet(matrix).sign.item() == view(logs.sign, i, j).item());
        }
    }
}

BOOST_AUTO_TEST_CASE(third_derivatives_are_those_of_regular_matrices)
{
    const auto third = [](variable a, variable v)
    {
        const variable first = sum(gradient(determinant(a), a) * v);
        const variable second = sum(gradient(first, a) * v);
        return sum(gradient(second, a) * v);
    };
    tape t;
    const variable a = t.variable(array{{2, 1, 0.5}, {1, 3, -1}, {0.25, -2, 1}});
    const variable v = t.constant(array{{1, 2, 3}, {0, 1, -1}, {2, 2, 1}});
    // The determinant is of third degree: this is 6 det(v).
    BOOST_TEST(third(a, v).item() == 6 * determinant(v).item(), tolerance(1e-12));
    const variable singular = t.variable(array{{1, 2, 0}, {2, 4, 0}, {0, 0, 1}});
    BOOST_TEST(
        text_of<autograd::error::value_error>([&] { static_cast<void>(third(singular, v)); }) ==
        "autograd: determinant: a is singular: pivot 1 of its LU factorization is 0. Its third derivative is that "
        "of a regular matrix.");
    const variable small = t.variable(array{{1, 2}, {2, 4}});
    const variable w = t.constant(array{{1, 2}, {0, 1}});
    const variable second = sum(gradient(sum(gradient(determinant(small), small) * w), small) * w);
    BOOST_TEST(second.item() == 2 * determinant(w).item());
    BOOST_TEST(list(gradient(second, small, autograd::unconnected::zero)) == (reals{0, 0, 0, 0}), per_element());
}

BOOST_AUTO_TEST_CASE(singular_matrices_have_a_logarithm_of_minus_infinity_and_no_derivative)
{
    tape t;
    const variable a = t.variable(array{{1, 2}, {2, 4}});
    const auto [sign, logarithm] = slogdet(a);
    BOOST_TEST(sign.item() == 0);
    BOOST_TEST(logarithm.item() == -std::numeric_limits<double>::infinity());
    const variable y = logarithm;
    const std::string text =
        "autograd: slogdet: a is singular: pivot 1 of its LU factorization is 0. The logarithm of 0 "
        "has no derivative.";
    BOOST_TEST(text_of<autograd::error::value_error>([&] { static_cast<void>(gradient(y, a)); }) == text);
    BOOST_TEST(text_of<autograd::error::value_error>([&] { static_cast<void>(jvp(y, a, a)); }) == text);
    const variable regular = t.variable(array{{1, 2}, {2, 5}});
    const auto program = autograd::compile({regular}, {gradient(slogdet(regular).logarithm, regular)});
    array result = array::from_shape({2, 2});
    auto memory = program.make_workspace();
    BOOST_TEST(text_of<autograd::error::value_error>(
                   [&] {
                       program.run({array{{1, 2}, {2, 4}}}, {result}, memory);
                   }) == text);
}

BOOST_AUTO_TEST_CASE(one_factorization_serves_them_all)
{
    tape t;
    const variable a = t.variable(random_matrices<double>({3, 3}));
    const auto lu = lu_factor(a);
    const auto [sign, logarithm] = slogdet(lu);
    const variable y = determinant(lu) + sign * logarithm + sum(inverse(lu)) + sum(solve(lu, t.full({3}, 1)));
    static_cast<void>(hessian(y, a));
    BOOST_TEST(count(t, "lu_factor") == 1u);
}

BOOST_AUTO_TEST_CASE(cofactors_of_nearly_singular_matrices_keep_their_digits)
{
    for (const double off : {1e-4, 1e-6, 1e-8, 1e-10, 1e-12, 1e-14})
    {
        tape t;
        const array a{{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}, {7.0, 8.0, 9.0 + off}};
        const variable x = t.variable(a);
        const array slope = gradient(determinant(x), x).value();
        for (std::size_t i = 0; i < 3; ++i)
        {
            for (std::size_t j = 0; j < 3; ++j)
            {
                const auto at = [&](std::size_t k, std::size_t l)
                { return static_cast<long double>(a((i + k) % 3, (j + l) % 3)); };
                const long double cofactor = at(1, 1) * at(2, 2) - at(1, 2) * at(2, 1);
                BOOST_TEST(std::abs(static_cast<double>(slope(i, j) - cofactor)) < 1e-12 * 285); // |a|^2
            }
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
