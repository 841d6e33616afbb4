#include "tests/support.hpp"

using namespace support;

BOOST_AUTO_TEST_SUITE(tape_names)

BOOST_AUTO_TEST_CASE(a_variable_has_the_name_that_it_was_given)
{
    tape t;
    const variable x = t.variable(1.0).name("x");
    const variable y = exp(x);
    BOOST_TEST(x.name() == "x");
    BOOST_TEST(y.name() == "");
    const variable named = y.name("y");
    BOOST_TEST(same(named, y));
    BOOST_TEST(y.name() == "y");
    y.name("z");
    BOOST_TEST(y.name() == "z");
    BOOST_TEST(t.index(integers{1, 2}).name("labels").name() == "labels");
}

BOOST_AUTO_TEST_CASE(names_carry_their_scopes)
{
    tape t;
    const variable outside = t.variable(1.0).name("w");
    variable inside, deeper, second;
    {
        const auto encoder = t.scope("encoder");
        inside = t.variable(1.0).name("w");
        {
            const auto layer = t.scope("0");
            deeper = t.variable(1.0).name("w");
        }
        second = t.variable(1.0).name("b");
    }
    const variable after = t.variable(1.0).name("b");
    BOOST_TEST(outside.name() == "w");
    BOOST_TEST(inside.name() == "encoder.w");
    BOOST_TEST(deeper.name() == "encoder.0.w");
    BOOST_TEST(second.name() == "encoder.b");
    BOOST_TEST(after.name() == "b");
}

// The scope is that of the recording, not of the naming.
BOOST_AUTO_TEST_CASE(a_name_given_later_is_in_the_scope_of_the_recording)
{
    tape t;
    variable x;
    {
        const auto encoder = t.scope("encoder");
        x = t.variable(1.0);
    }
    const auto decoder = t.scope("decoder");
    BOOST_TEST(x.name("w").name() == "encoder.w");
}

BOOST_AUTO_TEST_CASE(a_scope_can_be_entered_again)
{
    tape t;
    for (int step = 0; step < 3; ++step)
    {
        t.clear();
        const auto encoder = t.scope("encoder");
        const auto layer = t.scope("layer");
        BOOST_TEST(t.variable(1.0).name("w").name() == "encoder.layer.w");
    }
}

BOOST_AUTO_TEST_CASE(an_exception_leaves_its_scope)
{
    tape t;
    try
    {
        const auto encoder = t.scope("encoder");
        t.variable(array{1.0, 2.0}) + t.variable(array{1.0, 2.0, 3.0});
    }
    catch (const autograd::error::shape_error&)
    {
    }
    BOOST_TEST(t.variable(1.0).name("w").name() == "w");
}

BOOST_AUTO_TEST_CASE(a_name_goes_with_its_instruction)
{
    tape t;
    const variable x = t.variable(2.0).name("x");
    const auto here = t.mark();
    exp(x).name("old");
    t.rewind(here);
    BOOST_TEST(exp(x).name() == "");
    BOOST_TEST(x.name() == "x");
}

BOOST_AUTO_TEST_CASE(errors_say_the_name)
{
    tape t;
    const auto encoder = t.scope("encoder");
    const variable w = t.variable(array{1.0, 2.0}).name("w");
    const variable y = t.variable(1.0);
    BOOST_TEST(text_of<autograd::error::not_differentiable>([&] { gradient(y, w); }) ==
               "autograd: gradient: y does not depend on input 0 (encoder.w) of shape (2,); a gradient needs a path "
               "from it to y. Leave it out, or ask for unconnected::zero.");
}

BOOST_AUTO_TEST_SUITE_END()
