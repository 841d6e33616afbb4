#include "tests/support.hpp"

BOOST_AUTO_TEST_SUITE(tape_recorded_once)

namespace
{
using autograd::record_once;
using autograd::tanh_rule;
} // namespace

BOOST_AUTO_TEST_CASE(is_one_instruction)
{
    autograd::tape<double> tape;
    const auto x = tape.variable(2.0);
    const auto z = tape.variable(3.0);
    const auto y = record_once<tanh_rule, double>({}, x);
    const auto of_z = record_once<tanh_rule, double>({}, z);
    BOOST_TEST(of_z.index() != y.index());
    BOOST_TEST(of_z.item() == std::tanh(3.0));
    BOOST_TEST((record_once<tanh_rule, double>({}, x).index() == y.index()));
    BOOST_TEST((record_once<tanh_rule, double>({}, x).item() == std::tanh(2.0)));
    BOOST_TEST((record_once<autograd::exp_rule, double>({}, x).item() == std::exp(2.0)));
    BOOST_TEST(autograd::tanh(x).index() != y.index());
}

BOOST_AUTO_TEST_CASE(is_recorded_anew_after_a_rewind)
{
    autograd::tape<double> tape;
    const auto x = tape.variable(2.0);
    const auto mark = tape.mark();
    const auto y = record_once<tanh_rule, double>({}, x);
    tape.rewind(mark);
    const auto other = autograd::exp(x); // in its place
    BOOST_TEST_REQUIRE(other.index() == y.index());
    const auto again = record_once<tanh_rule, double>({}, x);
    BOOST_TEST(again.index() != other.index());
    BOOST_TEST(again.item() == std::tanh(2.0));
}

BOOST_AUTO_TEST_CASE(is_of_the_operand_that_stands_there)
{
    autograd::tape<double> tape;
    const auto mark = tape.mark();
    const auto x = tape.variable(2.0);
    static_cast<void>(record_once<tanh_rule, double>({}, x));
    tape.rewind(mark);
    const auto z = tape.variable(3.0);
    BOOST_TEST((record_once<tanh_rule, double>({}, z).item() == std::tanh(3.0)));
    tape.clear();
    const auto w = tape.variable(4.0);
    BOOST_TEST((record_once<tanh_rule, double>({}, w).item() == std::tanh(4.0)));
    BOOST_CHECK_THROW((static_cast<void>(record_once<tanh_rule, double>({}, z))), autograd::error::tape_error);
}

BOOST_AUTO_TEST_CASE(has_its_derivative_from_all_that_use_it)
{
    autograd::tape<double> tape;
    const auto x = tape.variable(0.5);
    const auto y = record_once<tanh_rule, double>({}, x) * record_once<tanh_rule, double>({}, x);
    const double t = std::tanh(0.5);
    BOOST_TEST(autograd::gradient(y, x).item() == 2 * t * (1 - t * t), boost::test_tools::tolerance(1e-15));
}

BOOST_AUTO_TEST_SUITE_END()
