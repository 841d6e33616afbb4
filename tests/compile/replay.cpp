// Programs against recording: every operation, every sample, its value, its gradient and the gradient of that, bit for
// bit, for the inputs that were recorded and for others; and a run asks for no memory.

#include "allocations.hpp"
#include "operations/every_operation.hpp"
#include "recorded_sample.hpp"
#include "support.hpp"

#include "autograd/compile/program.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <cstring>
#include <set>

namespace
{

using namespace autograd;
using check::sample;
using support::record;
using support::recorded_sample;

/// The elements of an array in memory of its own.
struct elements
{
    shape_vector shape;
    std::vector<double> storage; ///< of floats half of it is used, of integers all of it

    elements(shape_view extents, std::size_t count) : shape(extents), storage(std::max<std::size_t>(count, 1)) {}
};

template <class T>
std::vector<input_array<T>> arrays_of(std::span<const handle<T>> inputs)
{
    std::vector<input_array<T>> arrays;
    for (const handle<T>& x : inputs)
    {
        const instruction<T>& known = x.checked("sample");
        if (known.op->element == element_kind::real)
        {
            arrays.emplace_back(borrowed<T>(variable<T>(x).data(), shape_vector(x.shape())));
        }
        else
        {
            arrays.emplace_back(borrowed<std::int64_t>(indices<T>(x).data(), shape_vector(x.shape())));
        }
    }
    return arrays;
}

struct counts
{
    std::size_t programs = 0;
    std::size_t outputs = 0;
    std::size_t refused = 0;
    std::set<std::string> not_compiled; ///< operations that no program can compute again
    std::set<std::string> allocating;   ///< samples that a second run asked for memory for
};

/// What a run gives for some inputs, in a workspace full of what nobody may read.
template <class T>
std::vector<elements> run(const std::string& name, const program<T>& f, std::span<const handle<T>> inputs,
                          std::span<const handle<T>> like, workspace<T>& memory, counts& total)
{
    const std::span<std::byte> arena = detail::arena_of(memory);
    std::fill(arena.begin(), arena.end(), std::byte{0xff}); // NaN, or an index far outside
    std::vector<elements> results;
    std::vector<output_array<T>> outputs;
    results.reserve(like.size());
    for (const handle<T>& y : like)
    {
        results.emplace_back(y.shape(), y.size());
        void* const data = results.back().storage.data();
        const bool is_real = y.checked("sample").op->element == element_kind::real;
        outputs.push_back(is_real ? output_array<T>(static_cast<T*>(data), results.back().shape)
                                  : output_array<T>(static_cast<std::int64_t*>(data), results.back().shape));
    }
    const std::vector<input_array<T>> given = arrays_of<T>(inputs);
    f.run(given, outputs, memory); // after which OpenBLAS has its buffers
    if (support::allocations_of([&] { f.run(given, outputs, memory); }) > 0)
    {
        total.allocating.insert(name);
    }
    return results;
}

template <class T>
bool equal_bits(const elements& found, const handle<T>& expected)
{
    const bool is_real = expected.checked("sample").op->element == element_kind::real;
    const void* const data = is_real ? static_cast<const void*>(variable<T>(expected).data())
                                     : static_cast<const void*>(indices<T>(expected).data());
    const std::size_t bytes = expected.size() * (is_real ? sizeof(T) : sizeof(std::int64_t));
    return bytes == 0 || std::memcmp(found.storage.data(), data, bytes) == 0;
}

template <class T>
void compare(const std::string& name, const std::vector<elements>& found, std::span<const handle<T>> expected)
{
    for (std::size_t k = 0; k < found.size(); ++k)
    {
        BOOST_TEST(equal_bits(found[k], expected[k]), name << ": output " << k);
    }
}

struct cannot_be_computed_again
{
};

template <class T>
program<T> compiled(const recorded_sample<T>& recorded)
{
    try
    {
        return compile<T>(recorded.inputs, recorded.outputs);
    }
    catch (const error::value_error& e)
    {
        BOOST_TEST(std::string(e.what()).find("was computed beside the tape") != std::string::npos, e.what());
        throw cannot_be_computed_again();
    }
}

/// Records a sample once, compiles it, and runs it where it was recorded and elsewhere; there it is recorded again.
template <class T>
void try_sample(const std::string& name, const sample& of, counts& total)
{
    tape<T> first;
    const recorded_sample<T> recorded = record(first, of, 1.0);
    const program<T> f = compiled<T>(recorded);
    workspace<T> memory = f.make_workspace();
    compare<T>(name, run<T>(name, f, recorded.inputs, recorded.outputs, memory, total), recorded.outputs);
    first.clear(); // the program is independent of it
    ++total.programs;
    total.outputs += recorded.outputs.size();

    tape<T> second;
    try
    {
        const recorded_sample<T> again = record(second, of, 0.984375);
        compare<T>(name + " at other values", run<T>(name, f, again.inputs, again.outputs, memory, total),
                   again.outputs);
    }
    catch (const error::exception&) // the values are outside of what the operation takes
    {
        ++total.refused;
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(compile_replay)

BOOST_AUTO_TEST_CASE(programs_compute_what_recording_computes)
{
    counts total;
    for (const check::sampled_operation& operation : check::every_operation())
    {
        for (const sample& each : operation.samples)
        {
            if (!each.error && each.kinks.empty())
            {
                const std::string name = operation.name + "/" + each.label;
                try
                {
                    try_sample<double>(name, each, total);
                    try_sample<float>(name, each, total);
                }
                catch (const cannot_be_computed_again&)
                {
                    total.not_compiled.insert(operation.name);
                }
                catch (const std::exception& e)
                {
                    BOOST_ERROR(name << ": " << e.what());
                }
            }
        }
    }
    fmt::print("{} programs of samples, {} outputs equal in all bits; {} refuse other values\n", total.programs,
               total.outputs, total.refused);
    BOOST_TEST(total.programs >= 2500u);
    BOOST_TEST(total.allocating.empty(),
               "runs ask for memory: " << fmt::format("{}", fmt::join(total.allocating, ", ")));
    BOOST_TEST((total.not_compiled == std::set<std::string>{"sum_over_blocks", "values_read"}));
}

BOOST_AUTO_TEST_SUITE_END()
