// Memory that cannot be had, at each place where compiling and making a workspace ask for some: an error, nothing lost,
// and the tape as it was.

#include "allocations.hpp"
#include "support.hpp"

#include "autograd/compile/program.hpp"

namespace
{

namespace error = autograd::error;
using autograd::compile;
using namespace support;

/// f with its first request refused, then with its second, and so on until it comes to its end. How often it was told.
template <class F>
std::size_t refused_everywhere(const F& f)
{
    std::size_t told = 0;
    for (bool done = false; !done; ++told)
    {
        const refused_allocation here(told);
        try
        {
            f();
            done = true;
        }
        catch (const error::memory_error&)
        {
        }
    }
    return told - 1;
}

} // namespace

BOOST_AUTO_TEST_SUITE(compile_out_of_memory)

BOOST_AUTO_TEST_CASE(compiling)
{
    tape t;
    const variable x = t.variable(array{{1, 2}, {3, 4}}), w = t.variable(array{{0.5, -1}, {2, 0}});
    const auto i = t.index(integers{1, 0});
    const variable loss = sum(square(tanh(matmul(x, w)) - 0.5)) + sum(exp(gather(x, i)) * array{1, 2});
    const variable slope = gradient(loss, w);
    const variable next = w - slope;
    const autograd::program_options in_place{.replaces = {{2, 1}}};
    const auto compiled = [&] { return compile<double>({x, w, i}, {loss, slope, next}, in_place); };
    const auto size = t.size();
    BOOST_TEST(refused_everywhere([&] { static_cast<void>(compiled()); }) >= (allocations_are_counted() ? 20u : 0u));
    BOOST_TEST(t.size() == size);

    const auto f = compiled();
    const auto refused = refused_everywhere([&] { static_cast<void>(f.make_workspace()); });
    BOOST_TEST(refused >= (allocations_are_counted() ? 3u : 0u));
    auto memory = f.make_workspace();
    array given{{1, 2}, {3, 4}}, weights{{0.5, -1}, {2, 0}}, value = 0.0, by_w{{0, 0}, {0, 0}};
    const autograd::array<std::int64_t> rows{1, 0};
    f.run({given, weights, rows}, {value, by_w, weights}, memory);
    BOOST_TEST(value() == loss.item());
    BOOST_TEST(list(by_w) == list(slope), per_element());
    BOOST_TEST(list(weights) == list(next), per_element());
}

BOOST_AUTO_TEST_SUITE_END()
