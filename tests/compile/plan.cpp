// Where the values of a program lie.

#include "support.hpp"

#include "autograd/compile/plan.hpp"

#include <algorithm>
#include <random>

namespace
{

using autograd::detail::arena_plan;
using autograd::detail::lifetime;
using autograd::detail::plan_arena;

/// How many pairs live at one time and share a byte.
std::size_t collisions(const std::vector<lifetime>& values, const arena_plan& plan)
{
    std::size_t count = 0;
    for (std::size_t a = 0; a < values.size(); ++a)
    {
        for (std::size_t b = 0; b < a; ++b)
        {
            const bool at_one_time = values[a].first <= values[b].last && values[b].first <= values[a].last;
            const bool share = plan.offsets[a] < plan.offsets[b] + values[b].bytes &&
                               plan.offsets[b] < plan.offsets[a] + values[a].bytes;
            count += at_one_time && share && values[a].bytes > 0 && values[b].bytes > 0;
        }
    }
    return count;
}

} // namespace

BOOST_AUTO_TEST_SUITE(compile_plan)

BOOST_AUTO_TEST_CASE(nothing_needs_nothing)
{
    const arena_plan plan = plan_arena({});
    BOOST_TEST(plan.bytes == 0u);
    BOOST_TEST(plan.lower_bound == 0u);
}

BOOST_AUTO_TEST_CASE(a_chain_needs_two_places)
{
    std::vector<lifetime> chain;
    for (std::uint32_t step = 0; step < 100; ++step)
    {
        chain.push_back({step, step, step + 1, 1000});
    }
    const arena_plan plan = plan_arena(chain);
    BOOST_TEST(plan.bytes == 2u * 1024u);
    BOOST_TEST(plan.lower_bound == plan.bytes);
    BOOST_TEST(collisions(chain, plan) == 0u);
}

BOOST_AUTO_TEST_CASE(values_without_elements_take_no_place)
{
    const std::vector<lifetime> values{{0, 0, 2, 0}, {1, 1, 2, 64}, {2, 2, 2, 0}};
    const arena_plan plan = plan_arena(values);
    BOOST_TEST(plan.bytes == 64u);
}

// A small gap in front of a large one: the order of the steps alone leaves it, the largest first fill it.
BOOST_AUTO_TEST_CASE(gaps_are_filled)
{
    const std::vector<lifetime> values{{0, 0, 1, 128}, {1, 1, 4, 64}, {2, 2, 4, 192}};
    const arena_plan plan = plan_arena(values);
    BOOST_TEST(plan.lower_bound == 256u);
    BOOST_TEST(plan.bytes == plan.lower_bound);
    BOOST_TEST(collisions(values, plan) == 0u);
}

BOOST_AUTO_TEST_CASE(nothing_that_lives_at_one_time_overlaps)
{
    std::mt19937 random(1);
    const auto below = [&](std::uint32_t n) { return static_cast<std::uint32_t>(random() % n); };
    for (int trial = 0; trial < 300; ++trial)
    {
        std::vector<lifetime> values;
        const std::uint32_t steps = 1 + below(80);
        for (std::uint32_t step = 0; step < steps; ++step)
        {
            const std::uint32_t longest = below(4) == 0 ? steps : 4;
            values.push_back({step, step, step + below(longest + 1), below(5) == 0 ? 0 : 1 + below(5000)});
        }
        const arena_plan plan = plan_arena(values);
        BOOST_TEST(collisions(values, plan) == 0u);
        BOOST_TEST(plan.bytes >= plan.lower_bound);
        for (std::size_t offset : plan.offsets)
        {
            BOOST_TEST(offset % arena_plan::alignment == 0u);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
