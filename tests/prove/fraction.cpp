#include "autograd/prove/fraction.hpp"

#include "tests/support.hpp"

#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <random>

using autograd::prove::fraction;
using autograd::prove::least_fraction;

BOOST_AUTO_TEST_SUITE(prove_fraction)

namespace
{

template <class T>
std::string text(T number)
{
    const auto found = least_fraction(number);
    return found ? std::to_string(found->numerator) + "/" + std::to_string(found->denominator) : "none";
}

/// By trying all denominators to the last one.
template <class T>
std::string first_of_all(T number, std::int64_t last)
{
    for (std::int64_t q = 1; q <= last; ++q)
    {
        const auto p = std::llround(static_cast<long double>(number) * static_cast<long double>(q));
        if (static_cast<T>(static_cast<long double>(p) / static_cast<long double>(q)) == number)
        {
            return std::to_string(p) + "/" + std::to_string(q);
        }
    }
    return "none";
}

} // namespace

BOOST_AUTO_TEST_CASE(numbers_are_the_fractions_that_people_mean)
{
    BOOST_TEST(text(0.1) == "1/10");
    BOOST_TEST(text(0.1f) == "1/10");
    BOOST_TEST(text(-0.25) == "-1/4");
    BOOST_TEST(text(1.0 / 3) == "1/3");
    BOOST_TEST(text(1.0f / 3) == "1/3");
    BOOST_TEST(text(1.0 / 300) == "1/300");
    BOOST_TEST(text(-22.0 / 7) == "-22/7");
    BOOST_TEST(text(0.0001) == "1/10000");
    BOOST_TEST(text(3.14159) == "314159/100000");
    BOOST_TEST(text(123456.789) == "123456789/1000");
}

BOOST_AUTO_TEST_CASE(integers_are_themselves)
{
    BOOST_TEST(text(0.0) == "0/1");
    BOOST_TEST(text(-0.0) == "0/1");
    BOOST_TEST(text(1.0) == "1/1");
    BOOST_TEST(text(-7.0f) == "-7/1");
    BOOST_TEST(text(16777216.0f) == "16777216/1");
    BOOST_TEST(text(9007199254740991.0) == "9007199254740991/1");
    BOOST_TEST(text(-9007199254740991.0) == "-9007199254740991/1");
}

BOOST_AUTO_TEST_CASE(other_numbers_are_no_fractions)
{
    BOOST_TEST(text(std::numbers::pi) == "none");
    BOOST_TEST(text(std::sqrt(2.0)) == "none");
    BOOST_TEST(text(1e-7) == "1/10000000");
    BOOST_TEST(text(-2.5e-9) == "-1/400000000");
    BOOST_TEST(text(1.2345678e-7) == "none"); // of too many digits
    BOOST_TEST(text(1e-16) == "none");        // of too many places
    BOOST_TEST(text(1e300) == "none");
    BOOST_TEST(text(5e-324) == "none");
    BOOST_TEST(text(std::numeric_limits<double>::max()) == "none");
    BOOST_TEST(text(std::numeric_limits<double>::infinity()) == "none");
    BOOST_TEST(text(-std::numeric_limits<float>::infinity()) == "none");
    BOOST_TEST(text(std::numeric_limits<double>::quiet_NaN()) == "none");
}

BOOST_AUTO_TEST_CASE(fractions_of_small_denominators_are_found_again)
{
    std::mt19937_64 random(3);
    for (int n = 0; n < 20000; ++n)
    {
        const auto p = static_cast<std::int64_t>(random() % 2000001) - 1000000;
        const auto q = static_cast<std::int64_t>(random() % 4000) + 1;
        const auto divisor = std::gcd(p, q);
        const auto found = least_fraction(static_cast<double>(p) / static_cast<double>(q));
        BOOST_REQUIRE(bool(found));
        BOOST_TEST(found->numerator == p / divisor);
        BOOST_TEST(found->denominator == q / divisor);
    }
}

BOOST_AUTO_TEST_CASE(no_smaller_denominator_would_do)
{
    std::mt19937_64 random(4);
    std::uniform_real_distribution<float> uniform(-8, 8);
    constexpr std::int64_t last = 3000; // most floats are fractions of about that much
    for (int n = 0; n < 300; ++n)
    {
        const float number = uniform(random);
        const std::string first = first_of_all(number, last);
        if (first != "none")
        {
            BOOST_TEST(text(number) == first);
        }
        else
        {
            const auto found = least_fraction(number);
            BOOST_TEST((!found || found->denominator > last));
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
