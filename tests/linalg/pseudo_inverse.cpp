#include "singular_matrices.hpp"

#include "autograd/check/check_gradient.hpp"
#include "autograd/compile/program.hpp"

// Pseudo-inverses, least squares and ranks: what Moore and Penrose ask of them, and derivatives at constant rank.

using namespace support;
namespace error = autograd::error;
using autograd::check_gradient;

namespace
{

template <class T>
void require_penrose(const xt::xarray<T>& values, double condition)
{
    autograd::tape<T> t;
    const auto a = t.variable(values);
    const auto x = pinv(a);
    const auto swapped = [](auto y) { return moveaxis(y, -1, -2); };
    const double rounding = 100 * condition * static_cast<double>(std::numeric_limits<T>::epsilon());
    const auto ax = matmul(a, x);
    const auto xa = matmul(x, a);
    BOOST_TEST(distance(matmul(ax, a), a) <= rounding);
    BOOST_TEST(distance(matmul(xa, x), x) <= rounding * condition);
    BOOST_TEST(distance(swapped(ax), ax) <= rounding);
    BOOST_TEST(distance(swapped(xa), xa) <= rounding);
}

/// Two columns that are one, but for the last rows.
const array of_rank_2{{1, 1, 2}, {2, 2, -1}, {0, 0, 3}, {-1, -1, 1}};

} // namespace

BOOST_AUTO_TEST_SUITE(linalg_pseudo_inverse)

BOOST_AUTO_TEST_CASE_TEMPLATE(pseudo_inverses_are_what_penrose_asks, T, element_types)
{
    for (const extents& shape :
         {extents{1, 1}, extents{4, 4}, extents{7, 3}, extents{3, 7}, extents{1, 4}, extents{4, 1}, extents{3, 2, 4, 2},
          extents{0, 3, 2}, extents{0, 2}, extents{2, 0}, extents{0, 0}})
    {
        require_penrose(normal_numbers<T>(shape), 50);
    }
    require_penrose(xt::xarray<T>(xt::zeros<T>({3, 2})), 1);
    require_penrose(xt::xarray<T>(xt::ones<T>({3, 5})), 1);
    require_penrose(xt::xarray<T>(of_rank_2), 5);
}

BOOST_AUTO_TEST_CASE(derivatives_at_constant_rank)
{
    // Along matrices of one rank, which are products of factors of that rank.
    const auto through_factors = [](auto left, auto right)
    { return sum(sin(autograd::pinv(autograd::matmul(left, right)))); };
    for (const auto& [rows, columns] : {std::pair<std::size_t, std::size_t>{4, 3}, {3, 4}, {3, 3}})
    {
        const array left = normal_numbers<double>({rows, 2}, 5);
        const array right = normal_numbers<double>({2, columns}, 6);
        BOOST_TEST(check_gradient(through_factors, {left, right}));
    }
    const auto solution = [](auto left, auto right, auto b)
    { return sum(sin(autograd::lstsq(autograd::matmul(left, right), b))); };
    const array b = normal_numbers<double>({4}, 7);
    BOOST_TEST(
        check_gradient(solution, {array(normal_numbers<double>({4, 2}, 5)), normal_numbers<double>({2, 3}, 6), b}));
}

BOOST_AUTO_TEST_CASE(equal_singular_values_do_no_harm)
{
    const auto inverse = [](auto a) { return sum(sin(autograd::pinv(a))); };
    BOOST_TEST(check_gradient(inverse, array(xt::eye<double>(3))));
    BOOST_TEST(check_gradient(inverse, with_singular_values(4, 2, {2, 2})));
    BOOST_TEST(check_gradient(inverse, with_singular_values(2, 4, {2, 2})));
}

BOOST_AUTO_TEST_CASE(least_squares_are_least)
{
    tape t;
    const variable a = t.variable(normal_numbers<double>({9, 4}));
    const variable b = t.variable(normal_numbers<double>({9, 2}, 2));
    const variable x = lstsq(a, b);
    // the normal equations: the residual is orthogonal to the columns
    BOOST_TEST(distance(matmul(transpose(a), matmul(a, x) - b), array(xt::zeros<double>({4, 2}))) <= 1e-14);
    // a vector is one column
    const variable first = lstsq(a, view(b, xt::all(), 0));
    BOOST_TEST(shape(first) == (extents{4}), per_element());
    BOOST_TEST(distance(first, view(x, xt::all(), 0)) <= 1e-14);
    BOOST_TEST(distance(lstsq(a, array(b.value())), x) == 0);
    BOOST_TEST(distance(lstsq(a, array(b.value()), 1e-12), x) == 0);
    BOOST_TEST(distance(lstsq(array(a.value()), b * 1.0, 1e-12), x) == 0);
    // the solution is that of least norm where there are many: in the rows of a
    const variable wide = transpose(a);
    const variable c = t.variable(normal_numbers<double>({4}, 3));
    const variable y = lstsq(wide, c);
    BOOST_TEST(distance(matmul(wide, y), c) <= 1e-14);
    BOOST_TEST(distance(matmul(transpose(wide), lstsq(transpose(wide), y)), y) <= 1e-14);
    const variable deficient = t.variable(of_rank_2);
    const variable z = lstsq(deficient, t.variable(normal_numbers<double>({4}, 4)));
    BOOST_TEST(distance(view(z, 0), view(z, 1)) <= 1e-15);
}

BOOST_AUTO_TEST_CASE(ill_conditioned_systems_are_solved_to_their_condition)
{
    for (const double least : {1e-3, 1e-6, 1e-9, 1e-12})
    {
        tape t;
        const variable a = t.variable(with_singular_values(6, 3, {1, 0.5, least}));
        const variable x = t.variable(array{1, -2, 0.5});
        const variable b = matmul(a, x);
        const variable found = lstsq(a, b);
        BOOST_TEST(distance(found, x) <= 1e-14 / least);
        BOOST_TEST(distance(matmul(a, found), b) <= 1e-14);
    }
}

// dx = (a^T a)^-1 (da^T r - a^T da x) by the normal equations.
BOOST_AUTO_TEST_CASE(gradients_of_least_squares_are_those_of_the_normal_equations)
{
    tape t;
    const variable a = t.variable(normal_numbers<double>({6, 3}));
    const variable b = t.variable(normal_numbers<double>({6}, 2));
    const auto of_normal_equations = [](variable left, variable right)
    { return lstsq(matmul(transpose(left), left), matmul(transpose(left), right)); };
    const variable one = sum(sin(lstsq(a, b)));
    const variable other = sum(sin(of_normal_equations(a, b)));
    BOOST_TEST(distance(gradient(one, a), gradient(other, a)) <= 1e-12);
    BOOST_TEST(distance(gradient(one, b), gradient(other, b)) <= 1e-12);
    BOOST_TEST(distance(hessian(one, a), hessian(other, a)) <= 1e-10);
}

BOOST_AUTO_TEST_CASE(cutoffs)
{
    tape t;
    const variable a = t.variable(diagonal_matrix({1, 1e-3, 0}));
    BOOST_TEST(list(matrix_rank(a)) == (std::vector<std::int64_t>{2}), per_element());
    BOOST_TEST(list(matrix_rank(a, 1e-3)) == (std::vector<std::int64_t>{1}), per_element());
    BOOST_TEST(list(matrix_rank(a, 0)) == (std::vector<std::int64_t>{2}), per_element());
    BOOST_TEST(list(pinv(a, 0.5)) == (reals{1, 0, 0, 0, 0, 0, 0, 0, 0}), per_element());
    BOOST_TEST(list(pinv(a)) == (reals{1, 0, 0, 0, 1e3, 0, 0, 0, 0}), per_element());
    BOOST_TEST(list(lstsq(a, t.variable(array{1, 1, 1}), 0.5)) == (reals{1, 0, 0}), per_element());
    const std::string rule =
        "; it must be at least 0 and less than 1: singular values up to rcond times the largest count "
        "as 0.";
    BOOST_TEST(text_of<error::value_error>([&] { static_cast<void>(pinv(a, 1)); }) ==
               "autograd: pinv: rcond is 1" + rule);
    const double nan = std::numeric_limits<double>::quiet_NaN();
    BOOST_TEST(text_of<error::value_error>([&] { static_cast<void>(lstsq(a, a, nan)); }) ==
               "autograd: lstsq: rcond is nan" + rule);
    // float counts in its own units
    autograd::tape<float> floats;
    const auto nearly_singular = floats.variable(xt::xarray<float>{{1.0F, 0.0F}, {0.0F, 1e-8F}});
    BOOST_TEST(list(matrix_rank(nearly_singular)) == (std::vector<std::int64_t>{1}), per_element());
}

BOOST_AUTO_TEST_CASE(ranks_have_no_derivative)
{
    tape t;
    const variable a = t.variable(of_rank_2);
    const std::string text = text_of<error::not_differentiable>(
        [&] {
            static_cast<void>(gradient(sum(gather(t.variable(array{0, 1, 2, 3, 4}), matrix_rank(a))), a));
        });
    BOOST_TEST(text.find("only through svd_factors, which is a factorization") != std::string::npos, text);
}

BOOST_AUTO_TEST_CASE(programs_find_the_rank_of_their_own_matrices)
{
    tape t;
    const variable a = t.variable(diagonal_matrix({2, 1}));
    const auto program = autograd::compile({a}, {pinv(a), gradient(sum(pinv(a)), a)});
    array inverse = array::from_shape({2, 2});
    array slope = array::from_shape({2, 2});
    auto memory = program.make_workspace();
    program.run({diagonal_matrix({4, 0})}, {inverse, slope}, memory);
    BOOST_TEST(list(inverse) == (reals{0.25, 0, 0, 0}), per_element());
    // at constant rank: -x^T g x^T + ... with x = diag(1/4, 0)
    const variable deficient = t.variable(diagonal_matrix({4, 0}));
    BOOST_TEST(list(slope) == list(gradient(sum(pinv(deficient)), deficient)), per_element());
}

BOOST_AUTO_TEST_CASE(derivatives_where_more_than_rounding_is_cut_off)
{
    const auto inverse = [](auto a) { return sum(sin(autograd::pinv(a, 0.2))); };
    const auto solution = [](auto a, auto b) { return sum(sin(autograd::lstsq(a, b, 0.2))); };
    const array b = normal_numbers<double>({4}, 3);
    for (const reals& values : {reals{3, 1, 0.1}, reals{2, 2, 0.3}, reals{2, 0.3, 0.3}, reals{3, 1, 0.9}, reals{1}})
    {
        for (const auto& [rows, columns] : {std::pair<std::size_t, std::size_t>{4, 3}, {4, 5}, {4, 4}})
        {
            const array a = with_singular_values(rows, columns, values);
            BOOST_TEST(check_gradient(inverse, a));
            BOOST_TEST(check_gradient(solution, {a, b}));
        }
    }
    // The cut singular values turn what is kept: far from the derivative at constant rank.
    tape t;
    const variable a = t.variable(array{{1, 0.02}, {-0.01, 0.05}});
    BOOST_TEST(list(gradient(sum(pinv(a, 0.1)), a)) ==
                   (reals{-1.0196976364871710, 1.0053014835651164, 1.0884784709218311, 0.0120300987287543}),
               tolerance(1e-13) << per_element());
    // Below the level of rounding it is that, and where nothing is cut off that of the inverse.
    const variable regular = t.variable(array{{2, 0.5}, {-0.25, 1}});
    BOOST_TEST(distance(gradient(sum(pinv(regular, 0.1)), regular), gradient(sum(pinv(regular)), regular)) <= 1e-15);
    const variable singular = t.variable(of_rank_2);
    BOOST_TEST(distance(gradient(sum(pinv(singular, 1e-10)), singular), gradient(sum(pinv(singular)), singular)) <=
               1e-14);
}

// The function jumps where a singular value begins to count.
BOOST_AUTO_TEST_CASE(at_the_cut_there_is_no_derivative)
{
    tape t;
    const double below = std::nextafter(0.5, 0);
    const variable a = t.variable(array{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}, {{1, 0, 0}, {0, 0.5, 0}, {0, 0, below}}});
    const variable inverse = pinv(a, below);
    BOOST_TEST(view(inverse, 1, 1, 1).item() == 2);
    BOOST_TEST(view(inverse, 1, 2, 2).item() == 0);
    const std::string refused =
        ": singular value 2 of matrix (1) of a is 0.49999999999999994 times the largest, which is rcond, "
        "0.49999999999999994, but for rounding (8.43769498715119e-15): whether it counts is chance, and there is no "
        "derivative. Take another rcond.";
    BOOST_TEST(text_of<error::value_error>([&] { static_cast<void>(gradient(sum(inverse), a)); }) ==
               "autograd: pinv" + refused);
    BOOST_TEST(text_of<error::value_error>([&] { static_cast<void>(jvp(inverse, a, a)); }) ==
               "autograd: pinv" + refused);
    const variable solution = lstsq(a, a, below);
    BOOST_TEST(text_of<error::value_error>([&] { static_cast<void>(gradient(sum(solution), a)); }) ==
               "autograd: lstsq" + refused);
    // float: 0.1 is another number there
    autograd::tape<float> floats;
    const auto x = floats.variable(xt::xarray<float>{{1.0F, 0.0F}, {0.0F, 0.1F}});
    BOOST_CHECK_THROW(static_cast<void>(gradient(sum(pinv(x, 0.1)), x)), error::value_error);
    // of zeros nothing counts
    const variable zero = t.variable(array(xt::zeros<double>({2, 3})));
    BOOST_TEST(list(gradient(sum(pinv(zero, 0.1)), zero)) == reals(6, 0.0), per_element());
}

// f(c a) = f(a) / c: the derivative is c^-2 times that at a, and of a solution c^-1 times with b times c.
BOOST_AUTO_TEST_CASE(cut_off_at_any_scale)
{
    const array a{{1, 0.3}, {0.2, 0.05}, {-0.5, 0}};
    const array b{1, -2, 3};
    const auto slope = [&](double c)
    {
        tape t;
        const variable x = t.variable(array(c * a));
        return reals(list(c * gradient(sum(lstsq(x, t.constant(array(c * b)), 0.2)), x)));
    };
    const reals expected = slope(1);
    for (const double c : {0x1p-700, 0x1p-300, 0x1p400, 0x1p700})
    {
        BOOST_TEST(slope(c) == expected, tolerance(1e-12) << per_element());
    }
}

BOOST_AUTO_TEST_SUITE_END()
