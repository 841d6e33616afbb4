#include "autograd/prove/residues.hpp"

#include "autograd/prove/functions.hpp"
#include "tests/support.hpp"

#include <numbers>
#include <random>

using namespace autograd::prove;

BOOST_AUTO_TEST_SUITE(prove_residues)

namespace
{

/// Random values at all levels, drawn from all elements: unlike inputs, they need not have logarithms without torsion.
class values
{
public:
    explicit values(std::size_t levels) : m_levels(levels) {}

    residues any()
    {
        residues result;
        for (std::size_t level = 0; level < result.high(); ++level)
        {
            result.set(level, {tower::at(level).base().of(m_random()), 0});
        }
        result.set_degree({1, 0, 0});
        return result;
    }

private:
    levels_in_use m_levels;
    std::mt19937_64 m_random{5};
};

residues number(std::int64_t p, std::int64_t q = 1)
{
    return residues(fraction{p, q});
}

constexpr int samples = 20;

} // namespace

BOOST_AUTO_TEST_CASE(arithmetic_is_that_of_fractions)
{
    const levels_in_use all(tower::levels);
    BOOST_TEST((number(1, 3) + number(1, 6) == number(1, 2)));
    BOOST_TEST((number(1, 3) - number(1, 2) == number(-1, 6)));
    BOOST_TEST((number(2, 3) * number(-3, 4) == number(-1, 2)));
    BOOST_TEST((number(2, 3) / number(-3, 4) == number(-8, 9)));
    BOOST_TEST((-number(2, 3) == number(-2, 3)));
    BOOST_TEST(((fraction{2, 3} * number(3)) == number(2)));
    BOOST_TEST(!(number(1, 3) == number(333333, 1000000)));
    BOOST_TEST((number(7) - number(7)).is_zero());
    BOOST_TEST(!number(7).is_zero());
}

BOOST_AUTO_TEST_CASE(levels_are_used_up_and_given_back)
{
    values random(3);
    const residues x = random.any();
    BOOST_TEST(x.low() == 0U);
    BOOST_TEST(x.high() == 3U);
    const residues once = exp(x);
    BOOST_TEST(once.low() == 1U);
    BOOST_TEST(once.high() == 3U);
    BOOST_TEST(exp(once).low() == 2U);
    BOOST_CHECK_THROW(exp(exp(once)), needs_a_level);
    BOOST_TEST((x + exp(once)).low() == 2U);
    BOOST_TEST((x + exp(once)).high() == 3U);
    const residues back = log(once);
    BOOST_TEST(back.low() == 0U);
    BOOST_TEST(back.high() == 2U);
    BOOST_CHECK_THROW((void)(log(log(x)) == exp(once)), needs_a_level);
}

BOOST_AUTO_TEST_CASE(the_levels_in_use_end_with_their_guard)
{
    const std::size_t before = levels_in_use::count();
    {
        const levels_in_use outer(5);
        {
            const levels_in_use inner(3);
            BOOST_TEST(levels_in_use::count() == 3U);
            BOOST_TEST(residues().high() == 3U);
        }
        BOOST_TEST(levels_in_use::count() == 5U);
    }
    BOOST_TEST(levels_in_use::count() == before);
}

BOOST_AUTO_TEST_CASE(exponentials_of_sums_are_products)
{
    values random(tower::levels);
    for (int n = 0; n < samples; ++n)
    {
        const residues x = random.any();
        const residues y = random.any();
        BOOST_TEST((exp(x + y) == exp(x) * exp(y)));
        BOOST_TEST((exp(x - y) == exp(x) / exp(y)));
        BOOST_TEST((exp(fraction{3, 1} * x) == exp(x) * exp(x) * exp(x)));
        BOOST_TEST((exp(exp(x + y)) == exp(exp(x) * exp(y))));
        BOOST_TEST(!(exp(x * y) == exp(x) * exp(y)));
        BOOST_TEST(!(exp(x) == x));
    }
    BOOST_TEST((exp(residues()) == number(1)));
}

BOOST_AUTO_TEST_CASE(logarithms_of_products_are_sums)
{
    values random(4);
    for (int n = 0; n < samples; ++n)
    {
        const residues x = random.any();
        const residues y = random.any();
        BOOST_TEST((exp(log(x)) == x));
        BOOST_TEST((log(exp(x)) == x));
        BOOST_TEST((log(x * y) == log(x) + log(y)));
        BOOST_TEST((log(x / y) == log(x) - log(y)));
        BOOST_TEST((log(number(1) / x) == -log(x)));
        BOOST_TEST((exp(log(x) + log(y)) == x * y));
        BOOST_TEST((exp(log(x) - log(y)) == x / y));
        BOOST_TEST((exp(fraction{3, 1} * log(x)) == x * x * x));
        BOOST_TEST((exp(fraction{-2, 1} * log(x)) == number(1) / (x * x)));
        BOOST_TEST((exp(y + log(x)) == exp(y) * x));
        BOOST_TEST(!(log(x + y) == log(x) + log(y)));
        BOOST_TEST(!(exp(y * log(x)) == x));
    }
    BOOST_TEST(log(number(1)).is_zero());
    BOOST_CHECK_THROW((void)log(number(0)), unlucky_point);
}

BOOST_AUTO_TEST_CASE(logarithms_end_where_groups_are_too_large)
{
    values random(tower::levels);
    residues x = random.any();
    for (std::size_t nested = 0; nested < tower::levels_of_logarithms; ++nested)
    {
        x = exp(x);
        BOOST_TEST((exp(log(x)) == x));
    }
    BOOST_CHECK_THROW((void)log(exp(x)), undecidable);
}

BOOST_AUTO_TEST_CASE(roots_are_roots)
{
    values random(4);
    for (int n = 0; n < samples; ++n)
    {
        const residues x = random.any();
        BOOST_TEST((sqrt(x) * sqrt(x) == x));
        BOOST_TEST((odd_root(x, 3) * odd_root(x, 3) * odd_root(x, 3) == x));
        BOOST_TEST((odd_root(x * x * x, 3) == x));
        BOOST_TEST((odd_root(-x, 3) == -odd_root(x, 3)));
        BOOST_TEST((functions::power(x, {1, 9}) == odd_root(odd_root(x, 3), 3)));
        BOOST_TEST((functions::integer_power(functions::power(x, {2, 5}), 5) == x * x));
        BOOST_TEST((functions::integer_power(x, -3) == number(1) / (x * x * x)));
        BOOST_TEST(!(sqrt(x) == x));
    }
    BOOST_TEST((imaginary_unit() * imaginary_unit() == number(-1)));
}

BOOST_AUTO_TEST_CASE(functions_have_their_addition_theorems)
{
    namespace f = functions;
    values random(4);
    const residues one = number(1);
    for (int n = 0; n < samples; ++n)
    {
        const residues x = random.any();
        const residues y = random.any();
        BOOST_TEST((f::square(f::sin(x)) + f::square(f::cos(x)) == one));
        BOOST_TEST((f::sin(x + y) == f::sin(x) * f::cos(y) + f::cos(x) * f::sin(y)));
        BOOST_TEST((f::cos(-x) == f::cos(x)));
        BOOST_TEST((f::tan(x) == f::sin(x) / f::cos(x)));
        BOOST_TEST((f::square(f::cosh(x)) - f::square(f::sinh(x)) == one));
        BOOST_TEST((f::tanh(x + y) == (f::tanh(x) + f::tanh(y)) / (one + f::tanh(x) * f::tanh(y))));
        BOOST_TEST((f::tanh_slope(x) == one / f::square(f::cosh(x))));
        BOOST_TEST((f::sigmoid(-x) == one - f::sigmoid(x)));
        BOOST_TEST((f::sigmoid(x) == fraction{1, 2} * (one + f::tanh(fraction{1, 2} * x))));
        BOOST_TEST((f::softplus(x) - f::softplus(-x) == x));
        BOOST_TEST((f::log_sigmoid(x) == log(f::sigmoid(x))));
        BOOST_TEST((f::exp2(x + y) == f::exp2(x) * f::exp2(y)));
        BOOST_TEST((f::log2(number(8)) == number(3)));
        BOOST_TEST((f::erf(-x) == -f::erf(x)));
        BOOST_TEST((f::erfc(x) + f::erfc(-x) == number(2)));
        BOOST_TEST((f::normal_cdf(x) + f::normal_cdf(-x) == one));
        BOOST_TEST(!(f::sin(x) == f::cos(x)));
        BOOST_TEST(!(f::tanh(x) == f::sinh(x)));
    }
}

BOOST_AUTO_TEST_CASE(atoms_are_functions_of_their_arguments_and_nothing_else)
{
    values random(3);
    const residues x = random.any();
    const residues y = random.any();
    BOOST_TEST((atom("f", x) == atom("f", x)));
    BOOST_TEST((atom("f", x + y) == atom("f", y + x)));
    BOOST_TEST(!(atom("f", x) == atom("f", y)));
    BOOST_TEST(!(atom("f", x) == atom("g", x)));
    BOOST_TEST(!(atom("f", -x) == -atom("f", x)));
    BOOST_TEST((odd_atom("f", -x) == -odd_atom("f", x)));
    BOOST_TEST(odd_atom("f", x - x).is_zero());
    BOOST_TEST((named_constant("pi") == named_constant("pi")));
    BOOST_TEST(!(named_constant("pi") == named_constant("e")));
}

BOOST_AUTO_TEST_CASE(constants_are_what_they_are_meant_to_be)
{
    const levels_in_use some(3);
    using std::numbers::ln2;
    using std::numbers::pi;
    using std::numbers::sqrt2;
    BOOST_TEST((of_constant(0.1) == number(1, 10)));
    BOOST_TEST((of_constant(0.1f) == number(1, 10)));
    BOOST_TEST((of_constant(static_cast<double>(0.1f)) == number(1, 10)) == false); // that is another double
    BOOST_TEST((of_constant(-2.0) == number(-2)));
    BOOST_TEST((exp(of_constant(ln2)) == number(2)));
    BOOST_TEST((exp(of_constant(static_cast<float>(ln2))) == number(2)));
    BOOST_TEST((of_constant(sqrt2) * of_constant(sqrt2) == number(2)));
    BOOST_TEST((of_constant(2 * pi) == number(2) * of_constant(pi)));
    BOOST_TEST((of_constant(2 * std::numbers::inv_sqrtpi) * number(1, 2) == of_constant(std::numbers::inv_sqrtpi)));
    BOOST_TEST(
        (of_constant(pi) * of_constant(std::numbers::inv_sqrtpi) * of_constant(std::numbers::inv_sqrtpi) == number(1)));
}

BOOST_AUTO_TEST_CASE(other_numbers_are_exactly_themselves)
{
    const levels_in_use some(3);
    BOOST_TEST((exactly(0.375) == number(3, 8)));
    BOOST_TEST((exactly(-6.0) == number(-6)));
    BOOST_TEST(exactly(0.0).is_zero());
    BOOST_TEST(!(exactly(0.1) == number(1, 10)));
    BOOST_TEST((exactly(0x1.123456789abcdp+40) == exactly(0x1.123456789abcdp-20) * exactly(0x1p60)));
    BOOST_TEST((exactly(5e-324) * exactly(0x1p1000) == exactly(0x1p-74)));
    BOOST_TEST((of_constant(0.123456789012345678) == exactly(0.123456789012345678)));
}

BOOST_AUTO_TEST_CASE(degrees_bound_those_of_the_rational_function)
{
    values random(4);
    const residues x = random.any();
    const residues y = random.any();
    const auto of = [](const residues& r) {
        return std::vector<double>{r.its_degree().numerator, r.its_degree().denominator, r.its_degree().inside};
    };
    using degrees = std::vector<double>;
    BOOST_TEST(of(x) == (degrees{1, 0, 0}));
    BOOST_TEST(of(number(3)) == (degrees{0, 0, 0}));
    BOOST_TEST(of(x + y) == (degrees{1, 0, 0}));
    BOOST_TEST(of(x * y) == (degrees{2, 0, 0}));
    BOOST_TEST(of(x * x * x) == (degrees{3, 0, 0}));
    BOOST_TEST(of(x / y) == (degrees{1, 1, 0}));
    BOOST_TEST(of(number(1) / x + number(1) / y) == (degrees{1, 2, 0})); // (x + y) / (x y)
    BOOST_TEST(of((x / y) / (x / y)) == (degrees{2, 2, 0}));
    BOOST_TEST(of(-x) == (degrees{1, 0, 0}));
    BOOST_TEST(of(exp(x * y)) == (degrees{1, 0, 2}));
    BOOST_TEST(of(exp(x / (y * y))) == (degrees{1, 0, 3}));
    BOOST_TEST(of(exp(x * y) * x) == (degrees{2, 0, 2}));
    BOOST_TEST(of(exp(exp(x * x * x) * x)) == (degrees{1, 0, 3}));
    BOOST_TEST(of(log(x * y)) == (degrees{1, 0, 2}));
    BOOST_TEST(of(atom("f", x * y)) == (degrees{1, 0, 2}));
}

BOOST_AUTO_TEST_CASE(a_division_by_0_is_bad_luck)
{
    values random(2);
    const residues x = random.any();
    BOOST_CHECK_THROW((void)(x / (x - x)), unlucky_point);
}

BOOST_AUTO_TEST_SUITE_END()
