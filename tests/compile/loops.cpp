// Steps that go through one loop tile by tile, over rows and planes: random programs of element-wise operations, of
// what is repeated along some axes, and of sums along some, against recording, bit for bit, at any size of tiles.

#include "compile/choices.hpp"
#include "compile/recorded_bits.hpp"

#include "autograd/autograd.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <array>
#include <limits>
#include <map>

namespace
{

using namespace autograd;
using random_programs::choices;

/// The extents of a program's arrays: planes, rows, and elements of a row.
using extents = std::array<std::size_t, 3>;

extents some_extents(choices& from)
{
    static const std::vector<std::size_t> planes{1, 1, 2, 3, 16, 17}, rows{1, 2, 3, 5, 64, 67, 130},
        lengths{1, 3, 64, 255, 256, 257, 300, 515};
    return {from.one_of(planes), from.one_of(rows), from.one_of(lengths)};
}

/// All of the extents, or 1 in the place of some, or only the last ones.
shape_vector some_shape(choices& from, const extents& of)
{
    const std::size_t first = from.percent(60) ? 0 : from.below(4);
    shape_vector result;
    for (std::size_t axis = first; axis < of.size(); ++axis)
    {
        result.push_back(from.percent(70) ? of[axis] : 1);
    }
    return result;
}

template <class T>
array<T> some_array(choices& from, const shape_vector& shape)
{
    array<T> result = array<T>::from_shape(std::vector<std::size_t>(shape.begin(), shape.end()));
    for (T& x : result)
    {
        x = static_cast<T>(4 * from.fraction() - 2);
    }
    return result;
}

template <class T>
variable<T> one_step(choices& from, const std::vector<variable<T>>& known)
{
    const auto recent = [&] { return known[known.size() - 1 - from.below(std::min<std::size_t>(known.size(), 6))]; };
    const variable<T> x = recent();
    switch (from.below(9))
    {
    case 0:
        return tanh(x);
    case 1:
        return x * recent();
    case 2:
        return x - recent();
    case 3:
        return static_cast<T>(0.5) * x + known[from.below(known.size())];
    case 4:
        return square(x) - static_cast<T>(1);
    case 5:
        return exp(-abs(x));
    default:
        break;
    }
    if (x.dimension() == 0)
    {
        return -x;
    }
    autograd::axes_list axes;
    std::uint32_t taken = 0;
    for (std::size_t axis = 0; axis < x.dimension(); ++axis)
    {
        taken |= static_cast<std::uint32_t>(from.percent(45)) << axis;
    }
    return static_cast<T>(0.1) * record<sum_rule, T>(location::current(), x, reduced_axes{taken, true});
}

template <class T>
recorded_bits::recording<T> random_loops(std::uint64_t seed)
{
    choices from(seed);
    recorded_bits::recording<T> result;
    std::vector<variable<T>> known;
    const extents of = some_extents(from);
    for (std::size_t k = 0; k < 4; ++k)
    {
        const shape_vector shape = k == 0 ? shape_vector(of.begin(), of.end()) : some_shape(from, of);
        known.push_back(result.on->variable(some_array<T>(from, shape)));
        result.inputs.push_back(known.back());
    }
    for (std::size_t steps = 4 + from.below(20); steps > 0; --steps)
    {
        known.push_back(one_step(from, known));
    }
    result.outputs.push_back(known.back());
    result.outputs.push_back(known[4 + from.below(known.size() - 4)]);
    if (from.percent(50))
    {
        const std::vector<variable<T>> by{known[0], known[1], known[2]};
        for (const variable<T>& slope : gradient(sum(known.back()), by, unconnected::zero))
        {
            result.outputs.push_back(slope);
        }
    }
    return result;
}

/// None, or so many that nothing is computed again.
std::size_t some_bytes(std::uint64_t seed)
{
    return seed % 2 == 0 ? 0 : std::numeric_limits<std::size_t>::max();
}

using counts = std::map<std::string, std::size_t>;

template <class T>
void count_steps(const detail::compiled<T>& what, counts& seen)
{
    seen["done again"] += what.recomputed.steps;
    for (const detail::group& g : what.groups)
    {
        for (std::uint32_t s = g.first; s < g.end && g.is_tiled(); ++s)
        {
            const char* const kinds[] = {"elements", "planes", "row", "plane", "columns"};
            const detail::step<T>& step = what.steps[s];
            ++seen[kinds[static_cast<std::size_t>(step.sum)]];
            seen["elements of planes"] += step.sum == detail::tile_sum::nothing && step.planes > 1;
            seen["pairs"] += step.covers > 1;
        }
    }
}

template <class T>
void compare(std::uint64_t programs, counts& seen)
{
    for (std::uint64_t seed = 0; seed < programs; ++seed)
    {
        const auto recorded = random_loops<T>(seed);
        for (const std::size_t tile : {0u, 1u, 7u, 33u, 64u, 257u})
        {
            recorded_bits::trial<T> trial(
                recorded, {.reassociate = false, .tile = tile, .recompute_from = some_bytes(seed)}, seed % 3 == 0);
            count_steps(trial.what(), seen);
            const std::string fault = trial.fault();
            BOOST_TEST_REQUIRE(fault.empty(), fmt::format("seed {}, tile {}: {}", seed, tile, fault));
        }
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(compile_loops)

BOOST_AUTO_TEST_CASE(random_programs_have_the_bits_of_recording)
{
    counts seen;
    compare<double>(1500, seen);
    compare<float>(700, seen);
    for (const auto& [kind, times] : seen)
    {
        BOOST_TEST_MESSAGE(kind << ": " << times);
        BOOST_TEST(times > 300, kind);
    }
    BOOST_TEST(seen.size() == 8u);
}

BOOST_AUTO_TEST_SUITE_END()
