#include "tests/support.hpp"

#include "autograd/random/legacy_generator.hpp"
#include "autograd/tape/print_number.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <random>
#include <tuple>

// Numbers in texts: the shortest that reads back the same, wherever the library prints one.

using namespace support;
using autograd::detail::print_number;
namespace error = autograd::error;

namespace
{

using both_precisions = std::tuple<float, double>;

template <class T>
T read_back(const std::string& text)
{
    return std::is_same_v<T, float> ? T(std::strtof(text.c_str(), nullptr)) : T(std::strtod(text.c_str(), nullptr));
}

/// Digits of the shortest decimal number that reads back the same.
template <class T>
int digits_needed(T number)
{
    for (int digits = 1;; ++digits)
    {
        char text[64];
        std::snprintf(text, sizeof text, "%.*e", digits - 1, static_cast<double>(number));
        if (read_back<T>(text) == number)
        {
            return digits;
        }
    }
}

/// The digits of a number's text without leading and trailing zeros.
int digits_of(const std::string& text)
{
    std::string digits;
    for (const char c : text.substr(0, text.find('e')))
    {
        if (c >= '0' && c <= '9' && !(digits.empty() && c == '0'))
        {
            digits += c;
        }
    }
    digits.erase(digits.find_last_not_of('0') + 1);
    return static_cast<int>(digits.size());
}

/// Numbers that only their last digit tells from shorter ones.
template <class T>
std::vector<T> telltale_numbers()
{
    const T next = std::nextafter(T(1), T(2));
    return {next, std::nextafter(T(1), T(0)), T(0.1), T(1) / 3, T(-2) / 3, T(16777217), T(123456789), T(1e-9), T(1e22)};
}

} // namespace

BOOST_AUTO_TEST_SUITE(tape_print_number)

BOOST_AUTO_TEST_CASE_TEMPLATE(the_shortest_text_that_reads_back_the_same, T, both_precisions)
{
    using bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
    std::mt19937_64 random(5);
    std::vector<T> numbers = telltale_numbers<T>();
    for (const T end : {std::numeric_limits<T>::max(), std::numeric_limits<T>::min(),
                        std::numeric_limits<T>::denorm_min(), T(0), T(-0.0)})
    {
        numbers.push_back(end);
    }
    while (numbers.size() < 3000)
    {
        const T number = std::bit_cast<T>(static_cast<bits>(random()));
        if (std::isfinite(number))
        {
            numbers.push_back(number);
        }
    }
    std::size_t wrong = 0;
    for (const T number : numbers)
    {
        const std::string text = print_number(number);
        const bool same = std::bit_cast<bits>(read_back<T>(text)) == std::bit_cast<bits>(number);
        const bool shortest = number == 0 || digits_of(text) <= digits_needed(number);
        wrong += same && shortest ? 0 : 1;
        BOOST_TEST((wrong != 1 || (same && shortest)), "a number is printed as " << text);
    }
    BOOST_TEST(wrong == 0);
    BOOST_TEST(print_number(std::numeric_limits<T>::infinity()) == "inf");
    BOOST_TEST(print_number(-std::numeric_limits<T>::infinity()) == "-inf");
    BOOST_TEST(print_number(std::numeric_limits<T>::quiet_NaN()) == "nan");
    BOOST_TEST(print_number(-std::numeric_limits<T>::quiet_NaN()) == "nan");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(errors_tell_numbers_apart, T, both_precisions)
{
    autograd::tape<T> tape;
    const auto x = tape.variable(T(0));
    for (const T number : telltale_numbers<T>())
    {
        const T less = std::nextafter(number, -std::numeric_limits<T>::infinity());
        BOOST_TEST(text_of<error::value_error>([&] { clip(x, number, less); }) ==
                   "autograd: clip: lo is " + print_number(number) + " and hi is " + print_number(less) +
                       "; lo must not be greater than hi.");
        BOOST_TEST(text_of<error::value_error>([&] { hardtanh(x, number, less); }) ==
                   "autograd: hardtanh: lo is " + print_number(number) + " and hi is " + print_number(less) +
                       "; lo must not be greater than hi.");
        BOOST_TEST(std::string(error::value_error("here", "it is ", number, ".").what()) ==
                   "autograd: here: it is " + print_number(number) + ".");
    }
    BOOST_TEST(text_of<error::value_error>([&] { clip(x, 1 + 1e-9, 1); }) ==
               "autograd: clip: lo is 1.000000001 and hi is 1; lo must not be greater than hi.");
    // Of any type of number, as it was given; whatever its sign bit, NaN is NaN.
    BOOST_TEST(text_of<error::value_error>([&] { clip(x, 0.2F, 0.1); }) ==
               "autograd: clip: lo is 0.2 and hi is 0.1; lo must not be greater than hi.");
    BOOST_TEST(text_of<error::value_error>([&] { clip(x, -std::nan(""), 2); }) ==
               "autograd: clip: lo is nan and hi is 2; neither may be NaN. For no bound on one side pass an infinity.");
    BOOST_TEST(text_of<error::value_error>([&] { clip(x, 3L, std::nanf("")); }) ==
               "autograd: clip: lo is 3 and hi is nan; neither may be NaN. For no bound on one side pass an infinity.");
    BOOST_TEST(text_of<error::value_error>([&] { autograd::random::legacy_generator(0).uniform(1 + 1e-9, 1.0); }) ==
               "autograd: uniform: low is 1.000000001 and high is 1; low must not be above high.");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(listings_tell_numbers_apart, T, both_precisions)
{
    for (const T number : telltale_numbers<T>())
    {
        autograd::tape<T> tape;
        const auto x = tape.variable(xt::xarray<T>{number, T(2)}).name("x");
        const std::string text = print_number(number);
        const auto holds = [](const std::string& listing, const std::string& part) {
            BOOST_TEST(listing.find(part) != std::string::npos, part << " is not in\n" << listing);
        };
        holds(to_text(x, {.values = true}), "[" + text + ", 2]");
        holds(to_text(number * x), "(" + text + ", x)");
        holds(to_dot(number * x), "label=\"" + text + "\"");
        holds(to_text(tape.full({2}, number)), "full(" + text + ")");
        holds(to_text(leaky_relu(x, number)), "slope " + text);
        holds(to_text(elu(x, number)), "alpha " + text);
        holds(to_text(pow(x, number)), "exponent " + text);
        holds(to_dot(pow(x, number)), "exponent " + text);
        holds(to_text(nan_to_num(x, number, 7, number)), "nan " + text + ", inf 7, -inf " + text);
        holds(to_text(clip(x, number, T(1e30))), "from " + text + " to ");
        holds(to_text(hardtanh(x, T(-1e30), number)), " to " + text);
        const std::size_t e = text.find('e');
        const std::string factor = text.substr(0, e);
        const std::string power = e == std::string::npos ? factor
                                                         : (factor == "1" ? "" : factor + R"( \cdot )") + "10^{" +
                                                               std::to_string(std::stoi(text.substr(e + 1))) + "}";
        holds(to_latex(number * x), power);
        holds(to_latex(pow(x, number)), "^{" + power + "}");
    }
}

BOOST_AUTO_TEST_CASE(long_numbers_leave_less_room_for_others)
{
    tape tape;
    array thirds = xt::ones<double>({2, 6});
    thirds /= 3;
    BOOST_TEST(to_text(tape.variable(thirds), {.values = true}) ==
               "%1 = variable  (2, 6)  [[0.3333333333333333, 0.3333333333333333, ...]]\n");
    BOOST_TEST(to_text(tape.variable(array{-2.2250738585072014e-308}), {.values = true}) ==
               "%1 = variable  (1,)  [-2.2250738585072014e-308]\n");
    BOOST_TEST(to_text(tape.variable(array{1, 2, 3, 4, 5, 6, 7}), {.values = true}) ==
               "%1 = variable  (7,)  [1, 2, 3, 4, 5, 6, ...]\n");
}

BOOST_AUTO_TEST_CASE(a_number_that_came_up_is_told)
{
    tape tape;
    const auto y = log(tape.variable(array{1.0, 0.0}));
    BOOST_TEST(to_text(*autograd::find_non_finite(y)).find("log made -inf at position (1) of (2,)") == 0U);
    const auto z = tape.variable(array{1.0, 0.0}) * tape.constant(array{1.0, std::numeric_limits<double>::infinity()});
    autograd::non_finite found = *autograd::find_non_finite(z);
    found.value = -std::numeric_limits<double>::quiet_NaN();
    BOOST_TEST(to_text(found).find(" made nan at ") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
