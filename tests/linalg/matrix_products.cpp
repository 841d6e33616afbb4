#include "autograd/linalg/matrix_products.hpp"
#include "support.hpp"

#include <cmath>
#include <limits>
#include <string>

// What samples do not tell: in which order products are taken, and how many there are.

using namespace support;

namespace
{

/// The multiplications of all products of matrices on a tape.
double multiplications(const tape& of)
{
    double result = 0;
    for (std::uint32_t i = 0; i < of.size(); ++i)
    {
        if (std::string(of[i].op->name) == "matmul")
        {
            const autograd::shape_view left = of[of.operands(of[i])[0]].shape();
            result += static_cast<double>(of[i].size() * left.back());
        }
    }
    return result;
}

std::size_t count(const tape& of, const std::string& name)
{
    std::size_t result = 0;
    for (std::uint32_t i = 0; i < of.size(); ++i)
    {
        result += of[i].op->name == name ? 1u : 0u;
    }
    return result;
}

array ones(std::size_t rows, std::size_t columns)
{
    return xt::ones<double>({rows, columns});
}

} // namespace

BOOST_AUTO_TEST_SUITE(linalg_matrix_products)

BOOST_AUTO_TEST_CASE(several_products_are_taken_in_the_cheapest_order)
{
    // Cormen, Leiserson, Rivest and Stein's example: 15125 multiplications
    tape t;
    const std::vector<std::size_t> extents{30, 35, 15, 5, 10, 20, 25};
    std::vector<variable> factors;
    for (std::size_t k = 0; k + 1 < extents.size(); ++k)
    {
        factors.push_back(t.variable(ones(extents[k], extents[k + 1])));
    }
    const auto y = autograd::multi_dot(factors);
    BOOST_TEST(shape(y) == (support::extents{30, 25}), per_element());
    BOOST_TEST(multiplications(t) == 15125);
    BOOST_TEST(list(y).front() == 35.0 * 15 * 5 * 10 * 20);
}

BOOST_AUTO_TEST_CASE(lists_of_factors_are_spelled_as_elsewhere)
{
    tape t;
    const auto a = t.variable(array{{1.0, 2.0}, {3.0, 4.0}});
    const std::vector<variable> list_of_factors{a, a, a};
    const reals expected = list(matmul(matmul(a, a), a));
    BOOST_TEST(list(autograd::multi_dot({a, a, a})) == expected, per_element());
    BOOST_TEST(list(autograd::multi_dot(list_of_factors)) == expected, per_element());
    BOOST_TEST(list(autograd::multi_dot(std::array{a, a, a})) == expected, per_element());
    BOOST_TEST(list(autograd::multi_dot(std::span<const variable>(list_of_factors))) == expected, per_element());
}

BOOST_AUTO_TEST_CASE(powers_are_those_of_repeated_products)
{
    tape t;
    const auto a = t.variable(array{{0.5, -1.0, 0.25}, {1.0, 0.5, -0.5}, {0.0, 0.75, -0.25}});
    auto product = a;
    for (int n = 1; n <= 40; ++n)
    {
        BOOST_TEST(list(autograd::matrix_power(a, n)) == list(product), tolerance(1e-12) << per_element());
        product = matmul(product, a);
    }
    // unsigned exponents, and one to the farthest
    const auto one = t.variable(array{{1.0, 0.0}, {0.0, 1.0}});
    BOOST_TEST(list(autograd::matrix_power(one, 5u)) == (reals{1.0, 0.0, 0.0, 1.0}), per_element());
    for (const auto n : {std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()})
    {
        BOOST_TEST(list(autograd::matrix_power(one, n)) == (reals{1.0, 0.0, 0.0, 1.0}), per_element());
    }
}

BOOST_AUTO_TEST_CASE(powers_take_as_many_products_as_exponents_have_digits)
{
    tape t;
    const auto a = t.variable(array{{1.0, 0.5}, {-0.5, 1.0}});
    static_cast<void>(autograd::matrix_power(a, 100)); // 1100100: six squares, two more products
    BOOST_TEST(count(t, "matmul") == 8u);
}

BOOST_AUTO_TEST_CASE(the_power_zero_is_the_identity_of_anything)
{
    tape t;
    const auto a = t.variable(array{{NAN, 1.0}, {2.0, 3.0}});
    const auto y = autograd::matrix_power(a, 0);
    BOOST_TEST(list(y) == (reals{1.0, 0.0, 0.0, 1.0}), per_element());
    const auto slope = gradient(sum(y * y), a);
    BOOST_TEST(list(slope) == (reals{0.0, 0.0, 0.0, 0.0}), per_element());
    BOOST_TEST(list(gradient(sum(slope), a)) == (reals{0.0, 0.0, 0.0, 0.0}), per_element());
    BOOST_TEST(list(autograd::jvp(y, a, t.full({2, 2}, 1.0))) == (reals{0.0, 0.0, 0.0, 0.0}), per_element());
}

BOOST_AUTO_TEST_CASE(singular_matrices_have_no_negative_powers)
{
    tape t;
    const auto a = t.variable(array{{1.0, 2.0}, {2.0, 4.0}});
    const std::size_t before = t.size();
    const std::string text =
        text_of<autograd::error::value_error>([&] { static_cast<void>(autograd::matrix_power(a, -2)); });
    BOOST_TEST(text.find("autograd: matrix_power: ") == 0u, text);
    BOOST_TEST(t.size() == before);
}

BOOST_AUTO_TEST_CASE(kronecker_products_of_products)
{
    // (a x b)(c x d) = ac x bd
    tape t;
    const auto a = t.variable(array{{1.0, 2.0, -1.0}, {0.5, -3.0, 2.0}});
    const auto b = t.variable(array{{2.0, 1.0}, {-1.0, 4.0}});
    const auto c = t.variable(column({1.0, 3.0, -2.0}));
    const auto d = t.variable(array{{0.5, 1.0}, {2.0, -1.0}});
    BOOST_TEST(list(matmul(autograd::kron(a, b), autograd::kron(c, d))) ==
                   list(autograd::kron(matmul(a, c), matmul(b, d))),
               per_element());
    BOOST_TEST(list(autograd::kron(a, array{{1.0, 0.0}, {0.0, 1.0}})) ==
                   list(autograd::kron(a, t.constant(array{{1.0, 0.0}, {0.0, 1.0}}))),
               per_element());
    const auto deep = t.full(autograd::shape_vector(17, 1), 1.0);
    BOOST_TEST(text_of<autograd::error::shape_error>([&] { static_cast<void>(autograd::kron(deep, deep)); })
                   .find("autograd: kron: ") == 0u);
}

BOOST_AUTO_TEST_CASE(cross_products_are_orthogonal_to_both)
{
    tape t;
    const auto a = t.variable(array{{1.0, 2.0, 3.0}, {-1.0, 0.5, 2.0}});
    const auto b = t.variable(array{{0.5, -1.0, 2.0}, {3.0, 1.0, -2.0}});
    const auto c = autograd::cross(a, b);
    BOOST_TEST(list(sum(c * a, 1)) == (reals{0.0, 0.0}), per_element());
    BOOST_TEST(list(sum(c * b, 1)) == (reals{0.0, 0.0}), per_element());
}

BOOST_AUTO_TEST_SUITE_END()
