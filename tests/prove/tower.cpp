#include "autograd/prove/tower.hpp"

#include "tests/support.hpp"

#include <random>

using namespace autograd::prove;

BOOST_AUTO_TEST_SUITE(prove_tower)

namespace
{

using word = std::uint64_t;
__extension__ using wide = unsigned __int128;

word product(word x, word y, word q)
{
    return static_cast<word>(wide{x} * y % q);
}

word power(word x, word exponent, word q)
{
    word result = 1;
    for (; exponent > 0; exponent >>= 1)
    {
        result = exponent & 1 ? product(result, x, q) : result;
        x = product(x, x, q);
    }
    return result;
}

/// The test of Miller and Rabin, which with these bases is a proof below 2^64 (Sorenson, Webster 2015).
bool is_prime(word n)
{
    constexpr word bases[] = {2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37};
    for (const word base : bases)
    {
        if (n % base == 0)
        {
            return n == base;
        }
    }
    if (n < 2)
    {
        return false;
    }
    const int twos = __builtin_ctzll(n - 1);
    const auto is_witness = [&](word base)
    {
        word x = power(base, (n - 1) >> twos, n);
        bool says_prime = x == 1 || x == n - 1;
        for (int i = 1; i < twos && !says_prime; ++i)
        {
            x = product(x, x, n);
            says_prime = x == n - 1;
        }
        return !says_prime;
    };
    return std::none_of(std::begin(bases), std::end(bases), is_witness);
}

/// Random elements of a level, and those at its ends.
class elements
{
public:
    explicit elements(std::size_t level) : m_field(tower::at(level)) {}

    scalar any() { return {m_field.base().of(m_random()), 0}; }
    scalar extended() { return {any().a, any().a}; }
    const field& of() const { return m_field; }

private:
    const field& m_field;
    std::mt19937_64 m_random{1};
};

constexpr int samples = 20;

} // namespace

BOOST_AUTO_TEST_CASE(the_test_of_primes_tells_primes)
{
    const std::vector<word> primes{2, 3, 41, 1000003, 4294967291, 18446744073709551557U};
    const std::vector<word> others{1, 9, 341, 561, 1373653, 3215031751, 3825123056546413051, 18446744073709551556U};
    for (const word n : primes)
    {
        BOOST_TEST(is_prime(n), n);
    }
    for (const word n : others)
    {
        BOOST_TEST(!is_prime(n), n);
    }
}

BOOST_AUTO_TEST_CASE(the_levels_are_primes_each_of_which_divides_the_next_less_one)
{
    const auto q = tower::primes();
    for (std::size_t level = 0; level < tower::levels; ++level)
    {
        BOOST_TEST_CONTEXT("level " << level << ", " << q[level])
        {
            BOOST_TEST(is_prime(q[level]));
            BOOST_TEST(q[level] < word{1} << 62); // sums of two fit, and limbs of 21 bits are three
            BOOST_TEST(q[level] % 4 == 1U);       // there is a root of -1
            BOOST_TEST(q[level] % 3 == 2U);       // cube roots are unique
            BOOST_TEST(tower::at(level).prime() == q[level]);
        }
        if (level + 1 < tower::levels)
        {
            BOOST_TEST((q[level + 1] - 1) % q[level] == 0U);
            BOOST_TEST((q[level + 1] - 1) / q[level] == tower::torsion_order(level));
        }
    }
    BOOST_TEST(q[0] < word{1} << 32); // logarithms can be looked for
}

BOOST_AUTO_TEST_CASE(montgomery_s_form_computes_modulo_the_prime)
{
    std::mt19937_64 random(2);
    for (const word q : tower::primes())
    {
        const prime_field f(q);
        std::vector<word> numbers{0, 1, 2, q - 1, q - 2, q / 2, q / 2 + 1};
        for (int n = 0; n < samples; ++n)
        {
            numbers.push_back(random() % q);
        }
        for (const word x : numbers)
        {
            BOOST_TEST(f.integer(f.of(x)) == x);
            BOOST_TEST(f.integer(f.negate(f.of(x))) == (q - x) % q);
            BOOST_TEST((x == 0 || f.multiply(f.of(x), f.inverse(f.of(x))) == f.one()));
            for (const word y : numbers)
            {
                BOOST_TEST(f.integer(f.add(f.of(x), f.of(y))) == static_cast<word>((wide{x} + y) % q));
                BOOST_TEST(f.integer(f.subtract(f.of(x), f.of(y))) == static_cast<word>((wide{x} + q - y) % q));
                BOOST_TEST(f.integer(f.multiply(f.of(x), f.of(y))) == product(x, y, q));
            }
        }
        BOOST_TEST(f.integer(f.of_signed(-3)) == q - 3);
        BOOST_TEST(f.of_signed(std::numeric_limits<std::int64_t>::min()) == f.negate(f.of(word{1} << 63)));
        BOOST_TEST(f.of(~word{0}) == f.of(~word{0} % q));
    }
}

BOOST_AUTO_TEST_CASE(the_extension_is_a_field)
{
    for (std::size_t level = 0; level < tower::levels; ++level)
    {
        elements random(level);
        const field& f = random.of();
        BOOST_TEST((f.multiply(f.i(), f.i()) == f.negate(f.one())));
        BOOST_TEST((f.add(f.half(), f.half()) == f.one()));
        BOOST_TEST((f.multiply({0, f.one().a}, {0, f.one().a}) == scalar{f.zeta(), 0})); // rho^2
        for (int n = 0; n < samples; ++n)
        {
            const scalar x = random.extended();
            const scalar y = random.extended();
            const scalar z = random.extended();
            BOOST_TEST((f.multiply(f.multiply(x, y), z) == f.multiply(x, f.multiply(y, z))));
            BOOST_TEST((f.multiply(f.add(x, y), z) == f.add(f.multiply(x, z), f.multiply(y, z))));
            BOOST_TEST((f.multiply(x, f.inverse(x)) == f.one()));
            BOOST_TEST((f.norm(f.multiply(x, y)) == f.base().multiply(f.norm(x), f.norm(y))));
            BOOST_TEST((f.add(f.subtract(x, y), y) == x));
            BOOST_TEST((f.power(x, 5) == f.multiply(x, f.multiply(f.multiply(x, x), f.multiply(x, x)))));
        }
    }
}

BOOST_AUTO_TEST_CASE(every_element_has_its_roots)
{
    for (std::size_t level = 0; level < tower::levels; ++level)
    {
        elements random(level);
        const field& f = random.of();
        bool met_rho = false;
        for (int n = 0; n < samples; ++n)
        {
            const scalar x = random.any();
            const auto root = f.sqrt(x);
            BOOST_REQUIRE(bool(root));
            BOOST_TEST((f.multiply(*root, *root) == x));
            met_rho = met_rho || root->b != 0;
            const scalar y = random.extended();
            if (const auto of_square = f.sqrt(f.multiply(y, y)))
            {
                BOOST_TEST((*of_square == y || *of_square == f.negate(y)));
            }
            for (const word degree : {1U, 3U, 5U, 7U, 9U, 15U, 21U})
            {
                const auto odd = f.odd_root(x, degree);
                BOOST_REQUIRE(bool(odd));
                BOOST_TEST((f.power(*odd, degree) == x));
            }
        }
        BOOST_TEST(met_rho, "no element of level " << level << " had its root outside of the prime field");
        BOOST_TEST((*f.sqrt({}) == scalar{}));
        BOOST_TEST((*f.sqrt(f.one()) == f.one()));
    }
    // Where a degree divides q - 1, not every element has a root of it, and some have several.
    for (std::size_t level = 0; level < tower::levels; ++level)
    {
        const field& f = tower::at(level);
        BOOST_TEST(!f.odd_root({f.base().of(2), 0}, tower::at(level).prime() - 1));
        BOOST_TEST(!f.odd_root({0, f.one().a}, 3)); // rho
    }
}

/// On the elements of odd order the root of a product is the product of the roots.
BOOST_AUTO_TEST_CASE(roots_of_inputs_multiply)
{
    for (std::size_t level = 0; level < tower::levels; ++level)
    {
        elements random(level);
        const field& f = random.of();
        for (int n = 0; n < samples; ++n)
        {
            const scalar x = f.power(random.any(), word{1} << f.twos());
            const scalar y = f.power(random.any(), word{1} << f.twos());
            BOOST_TEST((*f.sqrt(f.multiply(x, y)) == f.multiply(*f.sqrt(x), *f.sqrt(y))));
            BOOST_TEST((*f.sqrt(f.multiply(x, x)) == x));
        }
    }
}

BOOST_AUTO_TEST_CASE(exponentials_of_sums_are_products_in_every_level)
{
    for (std::size_t level = 0; level + 1 < tower::levels; ++level)
    {
        elements below(level);
        const field& f = below.of();
        const field& g = tower::at(level + 1);
        BOOST_TEST((tower::exp(level, {}) == g.one()));
        for (int n = 0; n < samples; ++n)
        {
            const scalar x = below.extended();
            const scalar y = below.extended();
            BOOST_TEST((tower::exp(level, f.add(x, y)) == g.multiply(tower::exp(level, x), tower::exp(level, y))));
            BOOST_TEST((tower::exp(level, f.negate(x)) == g.inverse(tower::exp(level, x))));
            BOOST_TEST((x.is_zero() || !(tower::exp(level, x) == g.one())));
        }
    }
}

BOOST_AUTO_TEST_CASE(logarithms_are_the_inverse_of_exponentials)
{
    for (std::size_t level = 0; level < tower::levels_of_logarithms; ++level)
    {
        elements below(level);
        elements above(level + 1);
        const field& f = below.of();
        const field& g = above.of();
        const unsigned k = tower::torsion_order(level);
        bool met_torsion = false;
        for (int n = 0; n < samples; ++n)
        {
            const scalar x = below.any();
            const auto of_power = tower::log(level, tower::exp(level, x));
            BOOST_TEST((of_power.exponent == x));
            BOOST_TEST(of_power.rest == 0);

            const scalar u = above.any();
            const scalar v = above.any();
            const auto log_u = tower::log(level, u);
            const auto log_v = tower::log(level, v);
            const auto log_uv = tower::log(level, g.multiply(u, v));
            met_torsion = met_torsion || log_u.rest != 0;
            BOOST_TEST((tower::exp(level, log_u.exponent, log_u.rest) == u));
            BOOST_TEST((log_uv.exponent == f.add(log_u.exponent, log_v.exponent)));
            BOOST_TEST(static_cast<unsigned>(log_uv.rest) == static_cast<unsigned>(log_u.rest + log_v.rest) % k);
        }
        BOOST_TEST(met_torsion);
        // Of what is outside of the prime field: half of that of the norm.
        const scalar outside = above.extended();
        const auto half = tower::log(level, outside);
        BOOST_TEST((f.add(half.exponent, half.exponent) == tower::log(level, {g.norm(outside), 0}).exponent));
        BOOST_TEST(half.rest == tower::unknown_torsion);
    }
}

BOOST_AUTO_TEST_SUITE_END()
