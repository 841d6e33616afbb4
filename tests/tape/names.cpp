#include "autograd/tape/names.hpp"
#include "tests/support.hpp"

#include <memory>

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

BOOST_AUTO_TEST_CASE(an_empty_name_is_none)
{
    tape t;
    const auto nothing = t.scope("");
    const variable x = t.variable(1.0).name("x");
    BOOST_TEST(x.name() == "x");
    const auto encoder = t.scope("encoder");
    const auto still = t.scope("");
    const auto layer = t.scope("layer");
    const variable w = t.variable(1.0).name("w");
    BOOST_TEST(w.name() == "encoder.layer.w");
    BOOST_TEST(w.name("").name() == "");
}

BOOST_AUTO_TEST_CASE(guards_that_end_in_another_order_leave_no_scope)
{
    tape t;
    const auto name_now = [&] { return t.variable(1.0).name("w").name(); };
    const auto opened = [&](const char* name) { return std::unique_ptr<tape::scope_guard>(new auto(t.scope(name))); };

    auto a = opened("a");
    auto b = opened("b");
    a.reset();
    BOOST_TEST(name_now() == "a.b.w"); // opened inside of a, and still open
    b.reset();
    BOOST_TEST(name_now() == "w");

    a = opened("a");
    b = opened("b");
    auto c = opened("c");
    b.reset();
    BOOST_TEST(name_now() == "a.b.c.w");
    c.reset();
    BOOST_TEST(name_now() == "a.w");
    b = opened("b");
    BOOST_TEST(name_now() == "a.b.w");
    a.reset();
    c = opened("c");
    b.reset();
    c.reset();
    BOOST_TEST(name_now() == "w");
}

BOOST_AUTO_TEST_CASE(an_open_scope_outlives_a_rewind)
{
    tape t;
    const auto start = t.mark();
    {
        const auto forgotten = t.scope("forgotten");
        t.variable(1.0).name("w");
    }
    const auto encoder = t.scope("encoder");
    const auto layer = t.scope("layer");
    for (int i = 0; i < 3; ++i)
    {
        i == 1 ? t.clear() : t.rewind(i == 0 ? start : t.mark());
        BOOST_TEST(t.variable(1.0).name("w").name() == "encoder.layer.w");
        {
            const auto inner = t.scope("inner");
            BOOST_TEST(t.variable(1.0).name("w").name() == "encoder.layer.inner.w");
        }
        const auto again = t.scope("");
        BOOST_TEST(t.variable(1.0).name("b").name() == "encoder.layer.b");
    }
}

BOOST_AUTO_TEST_CASE(scopes_before_the_mark_keep_their_names)
{
    tape t;
    variable inside;
    {
        const auto encoder = t.scope("encoder");
        inside = t.variable(1.0).name("w");
    }
    const auto here = t.mark();
    for (int step = 0; step < 3; ++step)
    {
        {
            const auto other = t.scope("step" + std::to_string(step));
            BOOST_TEST(t.variable(1.0).name("w").name() == "step" + std::to_string(step) + ".w");
        }
        t.rewind(here);
        BOOST_TEST(inside.name() == "encoder.w");
        const auto encoder = t.scope("encoder");
        BOOST_TEST(t.variable(1.0).name("b").name() == "encoder.b");
    }
}

// What a scope with a new name costs in each step does not depend on how many steps there were: all of them are gone.
BOOST_AUTO_TEST_CASE(names_of_every_step_leave_nothing_behind)
{
    for (const bool while_open : {false, true})
    {
        for (const bool clears : {false, true})
        {
            tape t;
            const auto start = t.mark();
            const auto forget = [&] { clears ? t.clear() : t.rewind(start); };
            std::size_t held = 0;
            bool flat = true;
            for (int step = 100000; step < 142000; ++step)
            {
                {
                    const auto scope = t.scope("a scope with a long name, step " + std::to_string(step));
                    const auto layer = t.scope("layer");
                    t.variable(1.0).name("a long name of a variable of step " + std::to_string(step));
                    if (while_open)
                    {
                        forget();
                    }
                }
                if (!while_open)
                {
                    forget();
                }
                held = step == 100001 ? t.memory() : held;
                flat = flat && (held == 0 || t.memory() == held);
            }
            BOOST_TEST(flat, "rewound in scopes: " << while_open << ", cleared: " << clears);
        }
    }
}

BOOST_AUTO_TEST_CASE(memory_counts_names_and_scopes)
{
    tape t;
    const std::string letters(1000, 'a');
    const variable x = t.variable(1.0);
    const auto here = t.mark();
    const std::size_t before = t.memory();
    x.name(letters);
    BOOST_TEST(t.memory() >= before + 1000);
    const std::size_t with_name = t.memory();
    for (int i = 0; i < 100; ++i)
    {
        const auto scope = t.scope(letters + std::to_string(i));
    }
    BOOST_TEST(t.memory() >= with_name + 100000);
    BOOST_TEST(t.memory() < with_name + 120000);
    t.rewind(here);
    BOOST_TEST(t.memory() < with_name + 10000);
    BOOST_TEST(x.name() == letters); // of what was recorded before the mark
    x.name("");
    BOOST_TEST(t.memory() < before + 10000);
}

// The table of scopes by itself: sizes, after each way of forgetting.
BOOST_AUTO_TEST_CASE(the_table_of_scopes_forgets)
{
    autograd::detail::names table;
    BOOST_TEST(table.scope_count() == 1u);
    const auto a = table.open("a");
    const auto b = table.open("b");
    table.close(b);
    BOOST_TEST(table.scope_count() == 3u);
    const auto c = table.open("c");
    BOOST_TEST(table.scope() == 3u);
    table.name(5, "w");
    BOOST_TEST(table.full_name(5, table.scope()) == "a.c.w");
    table.rewind(6, 2); // a.b is forgotten; a.c is open and moves up
    BOOST_TEST(table.scope_count() == 3u);
    BOOST_TEST(table.scope() == 2u);
    BOOST_TEST(table.full_name(5, table.scope()) == "a.c.w");
    table.rewind(5, 7); // a mark behind what there is
    BOOST_TEST(table.full_name(5, table.scope()) == "");
    BOOST_TEST(table.scope_count() == 3u);
    table.close(a);
    BOOST_TEST(table.scope() == 2u);
    table.close(c);
    BOOST_TEST(table.scope() == 0u);
    table.rewind(0, 1);
    BOOST_TEST(table.scope_count() == 1u);
    table.close(table.open("a"));
    BOOST_TEST(table.scope_count() == 2u);
    table.close(table.open("a"));
    BOOST_TEST(table.scope_count() == 2u); // known by its name
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
