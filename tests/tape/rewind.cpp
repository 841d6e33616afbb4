#include "tests/support.hpp"

#include <memory>

using namespace support;
namespace error = autograd::error;

BOOST_AUTO_TEST_SUITE(tape_rewind)

namespace
{

constexpr auto stale = "an operand was recorded before the tape was cleared or rewound. Record it again, or keep its "
                       "value as an array.";
constexpr auto stale_mark = "autograd: rewind: the mark itself was cleared or rewound. Marks are good until a clear() "
                            "or a rewind to an earlier mark.";

} // namespace

BOOST_AUTO_TEST_CASE(a_rewind_forgets_what_came_after_the_mark)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0});
    const variable y = (x * x).name("square");
    const auto here = t.mark();
    const std::size_t size = t.size();
    const variable z = exp(y).name("power");
    t.rewind(here);
    BOOST_TEST(t.size() == size);
    BOOST_TEST(list(y) == (reals{1, 4}), per_element());
    BOOST_TEST(y.name() == "square");
    BOOST_TEST(text_of<error::tape_error>([&] { z + 1.0; }) == std::string("autograd: add: ") + stale);
    BOOST_TEST(text_of<error::tape_error>([&] { exp(z); }) == std::string("autograd: exp: ") + stale);
    BOOST_CHECK_THROW(z.value(), error::tape_error);
    BOOST_CHECK_THROW(z.item(), error::tape_error);
    BOOST_CHECK_THROW(z.shape(), error::tape_error);
    BOOST_CHECK_THROW(z.name("again"), error::tape_error);
    BOOST_CHECK_THROW(gradient(z, x), error::tape_error);
    BOOST_CHECK_THROW(gradient(sum(y), z), error::tape_error);
    BOOST_CHECK_THROW(vjp(y, x, z), error::tape_error);
    BOOST_CHECK_THROW(jvp(y, x, z), error::tape_error);
    BOOST_CHECK_THROW(jacobian(z, x), error::tape_error);
    BOOST_CHECK_THROW(autograd::find_non_finite(z), error::tape_error);
}

// Another instruction stands at the index by then.
BOOST_AUTO_TEST_CASE(an_index_that_is_used_again_is_noticed)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0});
    const auto here = t.mark();
    const variable old = exp(x).name("old");
    t.rewind(here);
    const variable fresh = sin(x);
    BOOST_TEST(old.index() == fresh.index());
    BOOST_TEST(!same(old, fresh));
    BOOST_CHECK_THROW(old * 2.0, error::tape_error);
    BOOST_CHECK_THROW(old.value(), error::tape_error);
    BOOST_TEST(fresh.name() == "");
    BOOST_TEST(list(fresh * 2.0) == (reals{2 * std::sin(1.0), 2 * std::sin(2.0)}), tolerance(1e-15) << per_element());
}

BOOST_AUTO_TEST_CASE(one_mark_serves_many_times)
{
    tape t;
    const variable w = t.variable(array{1.0, 2.0, 3.0});
    const auto here = t.mark();
    for (int i = 0; i < 5; ++i)
    {
        const variable y = sum(w * static_cast<double>(i));
        BOOST_TEST(y.item() == 6.0 * i);
        BOOST_TEST(list(gradient(y, w)) == reals(3, i), per_element());
        t.rewind(here);
    }
    BOOST_TEST(t.size() == 1u);
}

BOOST_AUTO_TEST_CASE(marks_nest)
{
    tape t;
    const variable x = t.variable(3.0);
    const auto outer_mark = t.mark();
    const variable y = x * x;
    const auto inner_mark = t.mark();
    exp(y);
    t.rewind(inner_mark);
    BOOST_TEST(gradient(y, x).item() == 6.0);
    t.rewind(outer_mark);
    BOOST_TEST(t.size() == 1u);
    BOOST_TEST(text_of<error::tape_error>([&] { t.rewind(inner_mark); }) == stale_mark);
}

BOOST_AUTO_TEST_CASE(stale_marks_are_noticed)
{
    tape t;
    const auto empty = t.mark();
    t.variable(3.0);
    const auto here = t.mark();
    t.variable(4.0);
    const auto there = t.mark();
    t.rewind(here);
    BOOST_TEST(text_of<error::tape_error>([&] { t.rewind(there); }) == stale_mark);
    // As many instructions again, but others.
    t.variable(5.0);
    BOOST_TEST(text_of<error::tape_error>([&] { t.rewind(there); }) == stale_mark);
    t.variable(6.0);
    BOOST_TEST(text_of<error::tape_error>([&] { t.rewind(there); }) == stale_mark);
    BOOST_TEST(t.size() == 3u);
    t.clear();
    BOOST_TEST(text_of<error::tape_error>([&] { t.rewind(here); }) == stale_mark);
    BOOST_TEST(text_of<error::tape_error>([&] { t.rewind(empty); }) == stale_mark);
}

// The mark remembers that the broadcast had storage of its own, which an earlier rewind took away.
BOOST_AUTO_TEST_CASE(a_mark_behind_a_rewind_is_stale_though_no_instruction_lies_between)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0});
    const variable wide = broadcast(x, {3, 2});
    const auto before = t.mark();
    wide.data();
    const auto after = t.mark();
    t.rewind(before);
    try
    {
        t.rewind(after);
    }
    catch (const error::tape_error&)
    {
        return; // noticed: as good
    }
    wide.data();
    t.rewind(after);
    t.variable(array{7, 7, 7, 7, 7, 7, 7, 7});
    BOOST_TEST(list(wide) == (reals{1, 2, 1, 2, 1, 2}), per_element());
}

BOOST_AUTO_TEST_CASE(a_broadcast_made_dense_before_the_mark_stays_dense)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0});
    const variable wide = broadcast(x, {3, 2});
    const double* values = wide.data();
    const auto here = t.mark();
    exp(wide);
    t.rewind(here);
    t.variable(array{9, 9, 9, 9, 9, 9, 9, 9});
    BOOST_TEST(wide.data() == values);
    BOOST_TEST(list(wide) == (reals{1, 2, 1, 2, 1, 2}), per_element());
}

BOOST_AUTO_TEST_CASE(a_broadcast_made_dense_after_the_mark_is_a_broadcast_again)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0});
    const variable wide = broadcast(x, {3, 2});
    const variable alike = t.full(autograd::shape_vector{2, 2}, 5.0);
    const auto here = t.mark();
    for (int i = 0; i < 3; ++i)
    {
        // reshape and cumsum want their operands dense.
        const variable flat = reshape(wide, {6});
        const variable sums = cumsum(wide, 0);
        wide.data();
        alike.data();
        BOOST_TEST(list(flat) == (reals{1, 2, 1, 2, 1, 2}), per_element());
        BOOST_TEST(list(sums) == (reals{1, 2, 2, 4, 3, 6}), per_element());
        t.rewind(here);
        // What was dense lies in memory that is used again.
        t.variable(array{9, 9, 9, 9, 9, 9, 9, 9});
        t.variable(array{9, 9, 9, 9, 9, 9, 9, 9});
        BOOST_TEST(list(wide + 0.0) == (reals{1, 2, 1, 2, 1, 2}), per_element());
        BOOST_TEST(list(alike + 0.0) == (reals{5, 5, 5, 5}), per_element());
        BOOST_TEST(list(wide) == (reals{1, 2, 1, 2, 1, 2}), per_element());
        t.rewind(here);
    }
    autograd::verify(t);
}

BOOST_AUTO_TEST_CASE(a_cleared_tape_forgets_everything)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0}).name("x");
    const variable y = exp(x);
    t.clear();
    BOOST_TEST(t.size() == 0u);
    BOOST_TEST(text_of<error::tape_error>([&] { x + y; }) == std::string("autograd: add: ") + stale);
    BOOST_CHECK_THROW(x.value(), error::tape_error);
    const variable again = t.variable(array{3.0});
    BOOST_TEST(again.index() == x.index());
    BOOST_TEST(again.name() == "");
    BOOST_CHECK_THROW(x.value(), error::tape_error);
    BOOST_CHECK_THROW(again + x, error::tape_error);
    BOOST_TEST(list(again * 2.0) == reals{6}, per_element());
}

BOOST_AUTO_TEST_CASE(integers_become_stale_too)
{
    tape t;
    const auto i = t.index(integers{0, 1});
    t.clear();
    const variable x = t.variable(array{1.0, 2.0});
    BOOST_CHECK_THROW(gather(x, i), error::tape_error);
    BOOST_CHECK_THROW(i.value(), error::tape_error);
}

BOOST_AUTO_TEST_CASE(attributes_that_own_memory_are_destroyed_once)
{
    // The closure of a custom rule lives on the tape: as an attribute.
    const auto counted = std::make_shared<int>(0);
    const auto f =
        autograd::custom_vjp([](auto x) { return x * x; }, [counted](auto x, auto, auto g) { return 2.0 * x * g; });
    const long held = counted.use_count();
    {
        tape t;
        const variable x = t.variable(2.0);
        f(x);
        const auto here = t.mark();
        f(x);
        f(x);
        BOOST_TEST(counted.use_count() == held + 3);
        t.rewind(here);
        BOOST_TEST(counted.use_count() == held + 1);
        t.clear();
        BOOST_TEST(counted.use_count() == held);
        f(t.variable(3.0));
        BOOST_TEST(counted.use_count() == held + 1);
    }
    BOOST_TEST(counted.use_count() == held);
}

BOOST_AUTO_TEST_CASE(a_mark_of_another_tape_is_refused)
{
    tape one;
    tape other;
    const variable x = one.variable(1.0);
    BOOST_TEST(text_of<error::tape_error>([&] { one.rewind(other.mark()); }) ==
               "autograd: rewind: the mark is of another tape; a tape goes back to its own marks only.");
    BOOST_TEST(x.item() == 1.0);
}

BOOST_AUTO_TEST_SUITE_END()
