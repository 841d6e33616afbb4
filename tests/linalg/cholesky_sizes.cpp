// Cholesky's factorization is pulled back by blocks, and these by blocks again: at each size the gradients are those of
// formulas, of what is below the diagonal twice, and of nothing above.

#include "support.hpp"

#include "autograd/linalg.hpp"

#include <boost/test/unit_test.hpp>

using support::array;
using support::tape;
using support::variable;

namespace
{

double distance(variable a, variable b)
{
    return amax(abs(a - b)).item();
}

} // namespace

BOOST_AUTO_TEST_SUITE(linalg_cholesky_sizes)

BOOST_AUTO_TEST_CASE(gradients_of_a_determinant_and_a_quadratic_form)
{
    for (const std::size_t n : {1u, 2u, 31u, 32u, 33u, 64u, 65u, 97u, 255u, 256u, 257u, 289u, 320u, 321u})
    {
        tape t;
        const variable x = t.constant(xt::linspace(0.0, 8.0, n));
        const array ones = xt::eye<double>(n);
        const variable a = t.variable(array((exp(-square(expand_dims(x, 1) - x)) + 0.2 * ones).value()));
        const variable l = cholesky(a);
        const variable inverted = inverse(a);
        const auto folded = [](variable s) { return tril(s) + tril(s, -1); };

        const variable of_determinant = gradient(2 * sum(log(diagonal(l))), a);
        BOOST_TEST(distance(of_determinant, folded(inverted)) < 1e-11, n);

        const variable y = sin(x);
        const variable of_form = gradient(sum(square(triangular_solve(l, y))), a);
        const variable u = matmul(inverted, y);
        BOOST_TEST(distance(of_form, folded(-outer(u, u))) < 1e-11, n);
    }
}

BOOST_AUTO_TEST_SUITE_END()
