// Steps of single numbers that are done side by side: random programs of many such, against recording, bit for bit.

#include "compile/choices.hpp"
#include "compile/recorded_bits.hpp"

#include <boost/test/unit_test.hpp>

namespace
{

using namespace autograd;
using random_programs::choices;
template <class T>
using variables = std::vector<variable<T>>;

template <class T>
variable<T> one_step(choices& from, variable<T> x, variable<T> y, variable<T> z)
{
    switch (from.below(7))
    {
    case 0:
        return tanh(x) * y;
    case 1:
        return sigmoid(x) + y * z;
    case 2:
        return x - y * tanh(z);
    case 3:
        return maximum(x, y) - z;
    case 4:
        return static_cast<T>(0.5) * (x + y) * z;
    case 5:
        return exp(-square(x)) - y / (static_cast<T>(3) + square(z));
    default:
        return where(x < y, y, z * x);
    }
}

/// States that are made of their neighbours again and again; now and then one is made otherwise.
template <class T>
recorded_bits::recording<T> random_states(std::uint64_t seed)
{
    choices from(seed);
    recorded_bits::recording<T> result;
    const auto number = [&] { return static_cast<T>(4 * from.fraction() - 2); };
    const std::size_t count = 6 + from.below(20);
    variables<T> states;
    for (std::size_t i = 0; i < count; ++i)
    {
        const bool is_known = from.percent(20);
        states.push_back(is_known           ? result.on->constant(number())
                         : from.percent(20) ? result.on->variable(array<T>({1}, number()))
                                            : result.on->variable(number()));
        states.back() = from.percent(10) ? reshape(states.back(), shape_vector{}) : states.back();
        if (!is_known)
        {
            result.inputs.push_back(states.back());
        }
    }
    const variable<T> factor = result.on->variable(number());
    result.inputs.push_back(factor);
    const variables<T> first = states;
    for (std::size_t round = 0; round < 3; ++round)
    {
        const std::uint64_t form = from.next();
        const std::size_t left = from.below(count), right = from.below(count);
        variables<T> next;
        for (std::size_t i = 0; i < count; ++i)
        {
            choices same(from.percent(90) ? form : from.next());
            next.push_back(one_step(same, states[i], states[(i + left) % count],
                                    from.percent(30) ? factor : states[(i + right) % count]));
        }
        states = next;
    }
    variable<T> total = sum(states[0]);
    for (std::size_t i = 1; i < count; ++i)
    {
        total = total + sum(states[i]);
    }
    result.outputs = {total, states[from.below(count)], states[from.below(count)]};
    for (const variable<T>& slope : gradient(total, variables<T>{factor, first[0], first[1]}, unconnected::zero))
    {
        result.outputs.push_back(slope);
    }
    return result;
}

template <class T>
std::size_t steps_in_packs(std::uint64_t programs)
{
    std::size_t result = 0;
    for (std::uint64_t seed = 0; seed < programs; ++seed)
    {
        const auto recorded = random_states<T>(seed);
        program_options how{.reassociate = false};
        if (seed % 4 == 1)
        {
            how.constant = {0, 1};
        }
        recorded_bits::trial<T> trial(recorded, how, seed % 4 == 0);
        result += trial.what().packed.steps;
        const std::string fault = trial.fault();
        BOOST_TEST_REQUIRE(fault.empty(), fmt::format("seed {}: {}", seed, fault));
    }
    return result;
}

} // namespace

BOOST_AUTO_TEST_SUITE(compile_packing)

BOOST_AUTO_TEST_CASE(random_states_have_the_bits_of_recording)
{
    const std::size_t steps = steps_in_packs<double>(2000) + steps_in_packs<float>(1000);
    BOOST_TEST_MESSAGE("side by side: " << steps);
    BOOST_TEST(steps > 100'000u);
}

BOOST_AUTO_TEST_SUITE_END()
