// Variables, as they are printed.

#include "tests/display/support.hpp"

#include <sstream>

namespace
{

template <class X>
std::string printed(const X& x)
{
    std::ostringstream out;
    out << x;
    return out.str();
}

} // namespace

BOOST_AUTO_TEST_SUITE(display_print)

BOOST_AUTO_TEST_CASE(a_variable_is_printed_with_name_shape_and_values)
{
    autograd::tape<double> t;
    const auto w = t.variable({{0.5, -0.25, 0.75}, {1.0, 0.5, -1.5}}).name("w");
    BOOST_TEST(printed(w) == "w (2, 3)\n{{ 0.5 , -0.25,  0.75},\n { 1.  ,  0.5 , -1.5 }}");
    BOOST_TEST(printed(2.0 * t.variable(1.5)) == "variable () 3.");
    BOOST_TEST(printed(t.variable(xt::xarray<double>{1.0, 2.0})) == "variable (2,)\n{ 1.,  2.}");
    BOOST_TEST(printed(broadcast(t.variable(0.5), {2, 2})) == "variable (2, 2)\n{{ 0.5,  0.5},\n { 0.5,  0.5}}");
    BOOST_TEST(printed(t.index(xt::xarray<std::int64_t>{3, 1}).name("rows")) == "rows (2,)\n{3, 1}");
}

BOOST_AUTO_TEST_CASE(without_values_it_says_so)
{
    autograd::tape<float> t(autograd::recording::shapes);
    BOOST_TEST(printed(t.full({2, 3}, 1.0F)) == "variable (2, 3), without values");
}

BOOST_AUTO_TEST_CASE(what_is_gone_is_not_printed)
{
    autograd::tape<double> t;
    const auto x = t.variable(1.0);
    t.clear();
    BOOST_CHECK_THROW(printed(x), autograd::error::tape_error);
    BOOST_CHECK_THROW(printed(autograd::variable<double>()), autograd::error::tape_error);
}

BOOST_AUTO_TEST_CASE(printing_in_a_rule_reads_no_values)
{
    autograd::tape<double> t;
    const auto x = t.variable(2.0);
    const auto rule = [](auto z, auto, auto g)
    {
        printed(z);
        return 2.0 * z * g;
    };
    const auto y = autograd::custom_vjp([](auto z) { return z * z; }, rule)(x);
    BOOST_TEST(gradient(gradient(y, x), x).item() == 2.0);
}

BOOST_AUTO_TEST_SUITE_END()
