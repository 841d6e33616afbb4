// What listings, formulas and graphs have in common.

#include "tests/display/support.hpp"
#include "tests/operations/every_operation.hpp"

#include "autograd/display/excerpt.hpp"
#include "autograd/tape/print_number.hpp"

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <limits>

namespace
{

namespace error = autograd::error;
using autograd::gradient;
using autograd::recording;
using autograd::to_dot;
using autograd::to_latex;
using autograd::to_text;
using support::array;
using support::count;
using support::ones;
using support::tape;
using support::text;
using support::text_of;
using support::variable;

/// Whether braces, \left and \right, \begin and \end match, and no operand of a template is left over.
bool is_balanced(const std::string& formula)
{
    std::vector<char> open;
    for (std::size_t i = 0; i < formula.size(); ++i)
    {
        if (formula[i] == '\\')
        {
            const auto is = [&](std::string_view command) { return formula.compare(i, command.size(), command) == 0; };
            if (is(R"(\left)") || is(R"(\begin{)"))
            {
                open.push_back(is(R"(\left)") ? 'l' : 'b');
            }
            else if ((is(R"(\right)") || is(R"(\end{)")) && !is(R"(\rightarrow)"))
            {
                if (open.empty() || open.back() != (is(R"(\right)") ? 'l' : 'b'))
                {
                    return false;
                }
                open.pop_back();
            }
            ++i;
        }
        else if (formula[i] == '{')
        {
            open.push_back('{');
        }
        else if (formula[i] == '}')
        {
            if (open.empty() || open.back() != '{')
            {
                return false;
            }
            open.pop_back();
        }
        else if (formula[i] == '#')
        {
            return false;
        }
    }
    return open.empty();
}

/// Every number of a program is in its texts, in the form that reads back the same.
void expect_numbers_of(const std::vector<autograd::handle<double>>& outputs, const std::string& listing,
                       const std::string& graph)
{
    const autograd::display::excerpt<double> program(outputs, "test", false);
    for (std::size_t i = 0; i < program.size(); ++i)
    {
        if (program.is_number(i))
        {
            const std::string number = autograd::detail::print_number(program.number(i));
            const double read = std::strtod(number.c_str(), nullptr);
            BOOST_TEST((read == program.number(i) || (read != read && number == "nan")));
            BOOST_TEST(listing.find(number) != std::string::npos, number << " is not in\n" << listing);
            BOOST_TEST(graph.find(number) != std::string::npos, number << " is not in\n" << graph);
        }
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(display)

BOOST_AUTO_TEST_CASE(the_tape_stays_as_it_is)
{
    tape tape;
    const auto x = tape.variable(2.0);
    const auto y = gradient(tanh(x) / x, x);
    const auto size = tape.size();
    const auto memory = tape.memory();
    to_text(y, {.expand_pulls = true, .source_lines = true, .values = true});
    to_latex(y);
    to_dot(y);
    BOOST_TEST(tape.size() == size);
    BOOST_TEST(tape.memory() == memory);
    BOOST_TEST((tanh(x) / y).size() == 1u);
}

BOOST_AUTO_TEST_CASE(what_names_nothing_is_refused)
{
    tape tape;
    const auto y = tape.variable(2.0) * 3.0;
    tape.clear();
    const std::string stale =
        "an operand was recorded before the tape was cleared or rewound. Record it again, or keep "
        "its value as an array.";
    const std::string empty = "an operand is empty: a default-constructed variable names nothing.";
    BOOST_TEST(text_of<error::tape_error>([&] { to_text(y); }) == "autograd: to_text: " + stale);
    BOOST_TEST(text_of<error::tape_error>([&] { to_latex(y); }) == "autograd: to_latex: " + stale);
    BOOST_TEST(text_of<error::tape_error>([&] { to_dot(y); }) == "autograd: to_dot: " + stale);
    BOOST_TEST(text_of<error::tape_error>([&] { to_text(variable()); }) == "autograd: to_text: " + empty);
    BOOST_TEST(text_of<error::tape_error>([&] { to_latex(variable()); }) == "autograd: to_latex: " + empty);
    BOOST_TEST(text_of<error::tape_error>([&] { to_dot({variable()}); }) == "autograd: to_dot: " + empty);

    support::tape other;
    const auto here = tape.variable(1.0);
    const auto there = other.variable(1.0);
    BOOST_TEST(text_of<error::tape_error>(
                   [&] {
                       to_text({here, there});
                   }) == "autograd: to_text: the outputs live on different tapes; show each tape by itself.");
}

BOOST_AUTO_TEST_CASE(a_million_operations_are_shown)
{
    tape tape;
    const auto x = tape.variable(1.0).name("x");
    variable y = x;
    for (int i = 0; i < 1'000'000; ++i)
    {
        y = y * 1.01;
    }
    const std::string listing = to_text(y);
    BOOST_TEST(count(listing, "\n") == 1'000'001u);
    BOOST_TEST(listing.ends_with("%1000000 = multiply(%999999, 1.01)  ()\n"));
    const std::string formula = to_latex(y);
    BOOST_TEST(count(formula, R"(\cdot)") == 1'000'000u);
    BOOST_TEST(is_balanced(formula));
    // Nested as deeply: a line without an end, but no recursion.
    BOOST_TEST(count(to_latex(y, {.longest_line = 2'000'000}), R"(\cdot)") == 1'000'000u);
    BOOST_TEST(count(to_dot(y), "label=\"multiply") == 1'000'000u);
}

BOOST_AUTO_TEST_CASE(listings_take_linear_time)
{
    // The processor time of the fastest of some listings, of a chain of n with many equal names.
    const auto seconds = [](int n)
    {
        tape tape;
        variable y = tape.variable(1.0).name("w");
        for (int i = 0; i < n / 2; ++i)
        {
            y = y * 1.01 + 0.5;
            if (i % 5 == 0)
            {
                y = y.name("w");
            }
        }
        double fastest = std::numeric_limits<double>::infinity();
        for (int trial = 0; trial < 3; ++trial)
        {
            const std::clock_t start = std::clock();
            const std::string listing = to_text(y);
            const std::clock_t time = std::clock() - start;
            BOOST_REQUIRE(count(listing, "\n") == static_cast<std::size_t>(n) + 1);
            fastest = std::min(fastest, static_cast<double>(time) / CLOCKS_PER_SEC);
        }
        return fastest;
    };
    const double few = seconds(12'500);
    const double many = seconds(100'000);
    BOOST_TEST_MESSAGE("to_text of 12,500 and of 100,000 instructions: " << few << " s, " << many << " s");
    BOOST_TEST(many < 32 * few); // 8 if linear, 64 if quadratic
}

BOOST_AUTO_TEST_CASE(sharing_costs_nothing)
{
    tape tape;
    variable y = tape.variable(1.0).name("x");
    for (int i = 0; i < 60; ++i)
    {
        y = softsign(y + y);
    }
    BOOST_TEST(count(to_text(y), "\n") == 121u);
    BOOST_TEST(count(to_latex(y), "\n") == 121u);
    BOOST_TEST(count(to_dot(y), "softsign") == 60u);
}

BOOST_AUTO_TEST_CASE(every_operation_and_its_gradient_can_be_shown)
{
    for (const auto& operation : autograd::check::every_operation())
    {
        for (const auto& sample : operation.samples)
        {
            if (sample.error || !sample.kinks.empty())
            {
                continue;
            }
            BOOST_TEST_CONTEXT(operation.name << ", " << sample.label)
            {
                tape tape(recording::shapes);
                std::vector<variable> reals;
                std::vector<autograd::indices<double>> integers;
                for (const auto& input : sample.reals)
                {
                    reals.push_back(tape.variable(ones(input.shape)));
                }
                for (const auto& input : sample.integers)
                {
                    integers.push_back(tape.index(xt::xarray<int>(xt::zeros<int>(input.shape))));
                }
                const variable y(sample.on_double(reals, integers));
                BOOST_TEST(to_text(y).ends_with(autograd::to_text(y.shape()) + "\n"));
                BOOST_TEST(is_balanced(to_latex(y)));
                BOOST_TEST(count(to_dot(y), "\"") % 2 == 0u);
                expect_numbers_of({y}, to_text(y), to_dot(y));
                if (tape[y.index()].op->element == autograd::element_kind::real)
                {
                    const auto g = tape.constant(ones(support::shape(y)));
                    const auto gradients = vjp(y, reals, g, autograd::unconnected::zero);
                    BOOST_TEST(is_balanced(to_latex(gradients)));
                    expect_numbers_of({gradients.begin(), gradients.end()}, to_text(gradients), to_dot(gradients));
                    BOOST_TEST(to_text(gradients, {.expand_pulls = true}).find("'(") == std::string::npos);
                }
            }
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
