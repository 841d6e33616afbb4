#include "tests/support.hpp"

#include <cmath>

using namespace support;

BOOST_AUTO_TEST_SUITE(differentiate_jacobian)

namespace
{

/// 100 (x1 - x0^2)^2 + (1 - x0)^2
variable rosenbrock(variable x)
{
    const variable a = view(x, xt::range(0, 1)), b = view(x, xt::range(1, 2));
    return sum(100.0 * square(b - a * a) + square(1.0 - a));
}

} // namespace

BOOST_AUTO_TEST_CASE(vjp_and_jvp_are_the_products_with_the_jacobian)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0, 3.0});
    const variable y = autograd::concatenate({sum(x * x, std::vector{0}, xt::keep_dims), cumprod(x, 0)}, 0);
    const variable u = t.constant(array{0.5, -1.0, 2.0, 0.25}), v = t.constant(array{1.0, -2.0, 0.5});
    // y = (x0^2 + x1^2 + x2^2, x0, x0 x1, x0 x1 x2)
    const reals j = {2, 4, 6, 1, 0, 0, 2, 1, 0, 6, 3, 2};
    BOOST_TEST(list(jacobian(y, x)) == j, per_element());
    reals transposed(3, 0.0), product(4, 0.0);
    for (std::size_t row = 0; row < 4; ++row)
    {
        for (std::size_t c = 0; c < 3; ++c)
        {
            transposed[c] += u.data()[row] * j[3 * row + c];
            product[row] += j[3 * row + c] * v.data()[c];
        }
    }
    BOOST_TEST(list(vjp(y, x, u)) == transposed, tolerance(1e-14) << per_element());
    BOOST_TEST(list(jvp(y, x, v)) == product, tolerance(1e-14) << per_element());
}

BOOST_AUTO_TEST_CASE(of_more_rows_than_columns)
{
    tape t;
    const variable x = t.variable(array{2.0, 3.0});
    const variable j = jacobian(outer(x, x), x);
    BOOST_TEST(shape(j) == (extents{2, 2, 2}), per_element());
    // d (x_i x_k) / d x_l = [i = l] x_k + [k = l] x_i
    BOOST_TEST(list(j) == (reals{4, 0, 3, 2, 3, 2, 0, 6}), per_element());
}

BOOST_AUTO_TEST_CASE(of_more_columns_than_rows)
{
    tape t;
    const variable x = t.variable(array{{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}});
    const variable j = jacobian(prod(x, 1), x);
    BOOST_TEST(shape(j) == (extents{2, 2, 3}), per_element());
    BOOST_TEST(list(j) == (reals{6, 3, 2, 0, 0, 0, 0, 0, 0, 30, 24, 20}), per_element());
}

BOOST_AUTO_TEST_CASE(both_orientations_agree)
{
    tape t;
    const variable x = t.variable(array{{0.3, -0.7, 1.1}, {0.9, 0.2, -0.4}});
    const variable w = t.constant(array{{0.5, -0.2}, {0.1, 0.8}, {-0.6, 0.3}});
    const auto f = [&](variable z) { return tanh(matmul(z, w)) * sum(z); };
    const variable wide = jacobian(f(x), x);                                   // 4 x 6: by rows
    const variable tall = jacobian(autograd::concatenate({f(x), f(x)}, 0), x); // 8 x 6: by columns
    BOOST_TEST(shape(tall) == (extents{4, 2, 2, 3}), per_element());
    const reals expected = list(wide), all = list(tall);
    BOOST_TEST(reals(all.begin(), all.begin() + 24) == expected, tolerance(1e-13) << per_element());
    BOOST_TEST(reals(all.begin() + 24, all.end()) == expected, tolerance(1e-13) << per_element());
}

BOOST_AUTO_TEST_CASE(of_scalars_and_empty_arrays)
{
    tape t;
    const variable x = t.variable(3.0);
    BOOST_TEST(shape(jacobian(x * x, x)) == extents{}, per_element());
    BOOST_TEST(jacobian(x * x, x).item() == 6.0);
    const variable v = t.variable(array{1.0, 2.0});
    BOOST_TEST(shape(jacobian(sum(v), v)) == extents{2}, per_element());
    BOOST_TEST(shape(jacobian(broadcast(x, {2, 2}), x)) == (extents{2, 2}), per_element());
    const variable nothing = t.variable(array::from_shape({0, 3}));
    BOOST_TEST(shape(jacobian(exp(nothing), nothing)) == (extents{0, 3, 0, 3}), per_element());
    BOOST_TEST(shape(jacobian(sum(nothing, 0), nothing)) == (extents{3, 0, 3}), per_element());
    BOOST_TEST(shape(jacobian(view(v, xt::range(1, 1)), v)) == (extents{0, 2}), per_element());
}

BOOST_AUTO_TEST_CASE(the_jacobian_is_recorded)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0});
    // d/dx sum (d x_i^3 / d x_j)^2 = d/dx sum 9 x^4
    BOOST_TEST(list(gradient(sum(square(jacobian(x * x * x, x))), x)) == (reals{36, 288}), tolerance(1e-14)
                                                                                               << per_element());
}

// --------------------------------------------------------------------------------------------------------- hessian

BOOST_AUTO_TEST_CASE(the_hessian_of_a_quadratic_form)
{
    tape t;
    const variable x = t.variable(array{0.5, -1.0, 2.0});
    const variable a = t.constant(array{{1.0, 2.0, -1.0}, {0.0, 3.0, 4.0}, {5.0, -2.0, 1.0}});
    const variable y = dot(x, matmul(a, x));
    // A + A^T
    const variable h = hessian(y, x);
    BOOST_TEST(shape(h) == (extents{3, 3}), per_element());
    BOOST_TEST(list(h) == (reals{2, 2, 4, 2, 6, 2, 4, 2, 2}), per_element());
    BOOST_TEST(list(gradient(y, x)) == list(matmul(h, x)), tolerance(1e-14) << per_element());
}

BOOST_AUTO_TEST_CASE(the_hessian_of_rosenbrock)
{
    tape t;
    for (const auto& [a, b] : {std::pair(-1.2, 1.0), std::pair(1.0, 1.0), std::pair(0.0, 0.0)})
    {
        const variable x = t.variable(array{a, b});
        const variable y = rosenbrock(x);
        BOOST_TEST(list(gradient(y, x)) == (reals{-400 * a * (b - a * a) - 2 * (1 - a), 200 * (b - a * a)}),
                   tolerance(1e-13) << per_element());
        BOOST_TEST(list(hessian(y, x)) == (reals{1200 * a * a - 400 * b + 2, -400 * a, -400 * a, 200}),
                   tolerance(1e-13) << per_element());
    }
}

BOOST_AUTO_TEST_CASE(the_hessian_by_a_matrix)
{
    tape t;
    const variable x = t.variable(array{{1.0, 2.0}, {3.0, 4.0}});
    // The determinant x00 x11 - x01 x10.
    const variable y = view(x, 0, 0) * view(x, 1, 1) - view(x, 0, 1) * view(x, 1, 0);
    const variable h = hessian(y, x);
    BOOST_TEST(shape(h) == (extents{2, 2, 2, 2}), per_element());
    BOOST_TEST(list(h) == (reals{0, 0, 0, 1, 0, 0, -1, 0, 0, -1, 0, 0, 1, 0, 0, 0}), per_element());
}

BOOST_AUTO_TEST_CASE(hessians_are_symmetric)
{
    tape t;
    const variable x = t.variable(array{0.3, -0.7, 1.1, 0.6});
    const variable y = logsumexp(x * x) * prod(x) + norm_l2(x) / (1.0 + square(sum(sin(x))));
    const variable h = hessian(y, x);
    BOOST_TEST(list(h) == list(transpose(h)), tolerance(1e-12) << per_element());
}

BOOST_AUTO_TEST_CASE(hessian_vector_products_are_products_with_the_hessian)
{
    tape t;
    const variable x = t.variable(array{-1.2, 1.0}), v = t.constant(array{0.7, -1.3});
    const variable y = rosenbrock(x);
    BOOST_TEST(list(hessian_vector_product(y, x, v)) == list(matmul(hessian(y, x), v)), tolerance(1e-13)
                                                                                            << per_element());

    const variable m = t.variable(array{{0.3, -0.7, 1.1}, {0.9, 0.2, -0.4}});
    const variable w = t.constant(array{{1.0, -0.5, 0.25}, {-2.0, 0.3, 0.8}});
    const variable z = sum(tanh(matmul(m, transpose(m))) * exp(sum(m)));
    const variable full = reshape(hessian(z, m), {6, 6});
    const variable product = hessian_vector_product(z, m, w);
    BOOST_TEST(shape(product) == (extents{2, 3}), per_element());
    BOOST_TEST(list(product) == list(matmul(full, flatten(w))), tolerance(1e-12) << per_element());
}

// One forward walk over one reverse walk, however many elements x has.
BOOST_AUTO_TEST_CASE(hessian_vector_products_need_no_hessian)
{
    const auto recorded = [](std::size_t n)
    {
        tape t(autograd::recording::shapes);
        const variable x = t.variable(array::from_shape({n}));
        const variable y = sum(tanh(x) * x);
        const std::size_t before = t.size();
        hessian_vector_product(y, x, x);
        return t.size() - before;
    };
    BOOST_TEST(recorded(3) == recorded(100000));
}

BOOST_AUTO_TEST_SUITE_END()
