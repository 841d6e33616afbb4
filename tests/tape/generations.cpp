#include "autograd/tape/generations.hpp"
#include "tests/support.hpp"

using namespace support;
using autograd::detail::generations;

BOOST_AUTO_TEST_SUITE(tape_generations)

BOOST_AUTO_TEST_CASE(each_instruction_has_the_generation_that_it_was_recorded_in)
{
    generations all;
    std::vector<std::uint32_t> expected;
    std::uint32_t now = 1;
    for (std::size_t step = 0; step < 2000; ++step)
    {
        all.add(expected.size(), now);
        expected.push_back(now);
        if (step % 7 == 3) // some are forgotten, now and then a lot
        {
            expected.resize(expected.size() - (step % 5 == 0 ? expected.size() / 3 : step % 4));
            all.rewind(expected.size());
            ++now;
        }
        for (std::size_t i = 0; i < expected.size(); ++i)
        {
            BOOST_REQUIRE(all.of(i) == expected[i]);
        }
    }
    BOOST_TEST(expected.size() > 10u);
}

BOOST_AUTO_TEST_CASE(variables_of_before_and_behind_a_rewind_are_told_apart)
{
    tape t;
    const variable first = t.variable(1.0);
    std::vector<variable> stale;
    for (int i = 0; i < 100; ++i)
    {
        const auto here = t.mark();
        stale.push_back(exp(first));
        t.rewind(here);
        static_cast<void>(sin(first));
    }
    const autograd::tape<double>::position here = t.mark();
    const variable last = cos(first);
    for (const variable& x : stale)
    {
        BOOST_CHECK_THROW(static_cast<void>(x.item()), autograd::error::tape_error);
    }
    BOOST_TEST((first + last).size() == 1u);
    t.rewind(here);
    BOOST_CHECK_THROW(static_cast<void>(last.item()), autograd::error::tape_error);
    BOOST_TEST(first.item() == 1.0);
}

BOOST_AUTO_TEST_SUITE_END()
