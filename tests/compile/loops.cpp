// Steps that go through one loop tile by tile, over rows and planes: random programs of element-wise operations, of
// what is repeated along some axes, and of sums along some, against recording, bit for bit, at any size of tiles.

#include "compile/choices.hpp"

#include "autograd/autograd.hpp"
#include "autograd/compile/decode.hpp"
#include "autograd/compile/program.hpp"
#include "autograd/compile/show.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <cmath>
#include <cstring>
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
        lengths{1, 3, 63, 64, 65, 129, 300};
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

/// A recording of so many steps, and what is compiled of it.
template <class T>
struct random_loops
{
    tape<T> on;
    std::vector<variable<T>> known;
    std::vector<handle<T>> inputs;
    std::vector<handle<T>> outputs;

    explicit random_loops(std::uint64_t seed)
    {
        choices from(seed);
        const extents of = some_extents(from);
        for (std::size_t k = 0; k < 4; ++k)
        {
            const shape_vector shape = k == 0 ? shape_vector(of.begin(), of.end()) : some_shape(from, of);
            known.push_back(on.variable(some_array<T>(from, shape)));
            inputs.push_back(known.back());
        }
        for (std::size_t steps = 4 + from.below(20); steps > 0; --steps)
        {
            known.push_back(one_step(from, known));
        }
        outputs.push_back(known.back());
        outputs.push_back(known[4 + from.below(known.size() - 4)]);
        if (from.percent(50))
        {
            const std::vector<variable<T>> by{known[0], known[1], known[2]};
            for (const variable<T>& slope : gradient(sum(known.back()), by, unconnected::zero))
            {
                outputs.push_back(slope);
            }
        }
    }
};

template <class T>
std::string fault_of(random_loops<T>& what, std::size_t tile, bool in_place, std::map<std::string, std::size_t>& seen)
{
    program_options how{.reassociate = false, .tile = tile};
    std::vector<array<T>> results;
    std::vector<input_array<T>> arguments;
    std::vector<array<T>> given;
    for (const handle<T>& x : what.inputs)
    {
        given.push_back(variable<T>(x).value());
    }
    for (const handle<T>& y : what.outputs)
    {
        results.push_back(variable<T>(y).value());
        std::fill(results.back().begin(), results.back().end(), std::numeric_limits<T>::quiet_NaN());
    }
    const std::vector<array<T>> expected = [&]
    {
        std::vector<array<T>> values;
        for (const handle<T>& y : what.outputs)
        {
            values.push_back(variable<T>(y).value());
        }
        return values;
    }();
    std::vector<output_array<T>> outputs(results.begin(), results.end());
    std::vector<char> is_replaced(given.size(), 0);
    for (std::size_t k = 0; in_place && k < what.outputs.size(); ++k)
    {
        for (std::size_t x = 0; x < given.size(); ++x)
        {
            if (!is_replaced[x] && given[x].shape() == results[k].shape())
            {
                is_replaced[x] = 1;
                how.replaces.push_back({k, x});
                outputs[k] = output_array<T>(given[x]);
                break;
            }
        }
    }
    const program<T> f = compile<T>(what.inputs, what.outputs, how);
    detail::verify(f.what());
    for (const auto& step : f.what().steps)
    {
        const char* const kinds[] = {"element", "planes", "row", "plane", "columns"};
        const bool in_planes = step.kind == detail::step_kind::elements && step.planes > 1;
        seen[kinds[static_cast<std::size_t>(step.sum)]] += step.is_run();
        seen["elements of planes"] += in_planes;
    }
    workspace<T> memory = f.make_workspace();
    const std::span<std::byte> arena = detail::arena_of(memory);
    std::fill(arena.begin(), arena.end(), std::byte{0xff});
    f.run(std::vector<input_array<T>>(given.begin(), given.end()), outputs, memory);
    for (std::size_t k = 0; k < results.size(); ++k)
    {
        const auto replaced = std::find_if(how.replaces.begin(), how.replaces.end(),
                                           [&](const replacement& each) { return each.output == k; });
        const array<T>& found = replaced == how.replaces.end() ? results[k] : given[replaced->input];
        if (std::memcmp(found.data(), expected[k].data(), found.size() * sizeof(T)) != 0)
        {
            return fmt::format("output {}\n{}\n{}", k, explain(f), to_text(f));
        }
    }
    return {};
}

template <class T>
void compare(std::uint64_t programs, std::map<std::string, std::size_t>& seen)
{
    for (std::uint64_t seed = 0; seed < programs; ++seed)
    {
        random_loops<T> what(seed);
        for (const std::size_t tile : {0u, 1u, 7u, 33u, 64u, 257u})
        {
            const std::string fault = fault_of(what, tile, seed % 3 == 0, seen);
            BOOST_TEST_REQUIRE(fault.empty(), fmt::format("seed {}, tile {}: {}", seed, tile, fault));
        }
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(compile_loops)

BOOST_AUTO_TEST_CASE(random_programs_have_the_bits_of_recording)
{
    std::map<std::string, std::size_t> seen;
    compare<double>(600, seen);
    compare<float>(300, seen);
    for (const auto& [kind, times] : seen)
    {
        BOOST_TEST_MESSAGE(kind << ": " << times);
        BOOST_TEST(times > 100, kind);
    }
    BOOST_TEST(seen.size() == 6u);
}

BOOST_AUTO_TEST_SUITE_END()
