// Programs against recording: every operation, every sample, its value, its gradient and the gradient of that, bit for
// bit, for the inputs that were recorded and for others; and a run asks for no memory.

#include "allocations.hpp"
#include "operations/every_operation.hpp"
#include "recorded_sample.hpp"
#include "support.hpp"

#include "autograd/compile/decode.hpp"
#include "autograd/compile/program.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <cstring>
#include <set>

namespace
{

using namespace autograd;
using check::sample;
using support::add_outputs;
using support::given;
using support::recorded_sample;

/// The elements of an array in memory of its own.
struct elements
{
    shape_vector shape;
    std::vector<double> storage; ///< of floats half of it is used, of integers all of it

    /// Full of what no program shall leave there.
    elements(shape_view extents, std::size_t count)
        : shape(extents), storage(std::max<std::size_t>(count, 1), -std::numeric_limits<double>::quiet_NaN())
    {
    }
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

/// Whether all bits are equal; of NaN it is enough to be one.
template <class E>
bool are_equal(const void* found, const E* expected, std::size_t count)
{
    return std::equal(expected, expected + count, static_cast<const E*>(found),
                      [](const E& a, const E& b) { return (a != a && b != b) || std::memcmp(&a, &b, sizeof(E)) == 0; });
}

template <class T>
bool are_equal(const elements& found, const handle<T>& expected)
{
    const void* const data = found.storage.data();
    return expected.checked("sample").op->element == element_kind::real
               ? are_equal(data, variable<T>(expected).data(), expected.size())
               : are_equal(data, indices<T>(expected).data(), expected.size());
}

template <class T>
void compare(const std::string& name, const std::vector<elements>& found, std::span<const handle<T>> expected)
{
    for (std::size_t k = 0; k < found.size(); ++k)
    {
        BOOST_TEST(are_equal(found[k], expected[k]), name << ": output " << k);
    }
}

struct cannot_be_computed_again
{
};

/// The program as a recording again, as its addresses tell: with the same values.
template <class T>
void compare_decoded(const std::string& name, const program<T>& f, const recorded_sample<T>& recorded)
{
    tape<T>& on = recorded.inputs.empty() ? recorded.outputs[0].tape() : recorded.inputs[0].tape();
    const auto again = detail::decode(f.what(), on, std::span<const handle<T>>(recorded.inputs));
    for (std::size_t k = 0; k < again.size(); ++k)
    {
        elements values(again[k].shape(), again[k].size());
        const std::size_t element = again[k].checked("decode").op->element == element_kind::real ? sizeof(T) : 8;
        std::memcpy(values.storage.data(), on.dense(again[k].index()), again[k].size() * element);
        BOOST_TEST(are_equal(values, recorded.outputs[k]), name << ": decoded output " << k);
    }
}

/// In tiles of two elements: so that the small arrays of samples have several.
template <class T>
program<T> compiled(const recorded_sample<T>& recorded, std::size_t tile)
{
    try
    {
        const program<T> f =
            compile<T>(recorded.inputs, recorded.outputs, {.reassociate = false, .constant_keys = true, .tile = tile});
        detail::verify(f.what());
        return f;
    }
    catch (const error::value_error& e)
    {
        BOOST_TEST(std::string(e.what()).find("was computed beside the tape") != std::string::npos, e.what());
        throw cannot_be_computed_again();
    }
}

/// The program refuses what recording refuses, in the same words.
template <class T>
void require_refusal(const std::string& name, const program<T>& f, const recorded_sample<T>& given,
                     workspace<T>& memory, const std::string& text)
{
    std::vector<elements> results;
    std::vector<output_array<T>> outputs;
    for (std::size_t k = 0; k < f.output_count(); ++k)
    {
        const shape_vector shape(f.output_shape(k));
        results.emplace_back(shape, element_count(shape));
        void* const data = results.back().storage.data();
        const bool is_real = f.output_element(k) == element_kind::real;
        outputs.push_back(is_real ? output_array<T>(static_cast<T*>(data), shape)
                                  : output_array<T>(static_cast<std::int64_t*>(data), shape));
    }
    std::string said = "nothing";
    try
    {
        f.run(arrays_of<T>(given.inputs), outputs, memory);
    }
    catch (const error::exception& e)
    {
        said = e.what();
    }
    BOOST_TEST(said == text, name << " was refused by recording, " << text << ", and by the program, " << said);
}

/// Records a sample once, compiles it, and runs it where it was recorded and elsewhere; there it is recorded again.
template <class T>
void try_sample(const std::string& name, const sample& of, counts& total)
{
    tape<T> first;
    recorded_sample<T> recorded = given(first, of, 1.0);
    add_outputs(recorded, of);
    const program<T> f = compiled<T>(recorded, 0);
    const program<T> tiled = compiled<T>(recorded, 2);
    workspace<T> memory = f.make_workspace();
    workspace<T> tiles = tiled.make_workspace();
    compare<T>(name, run<T>(name, f, recorded.inputs, recorded.outputs, memory, total), recorded.outputs);
    compare<T>(name + " in tiles", run<T>(name, tiled, recorded.inputs, recorded.outputs, tiles, total),
               recorded.outputs);
    compare_decoded(name, f, recorded);
    compare_decoded(name + " in tiles", tiled, recorded);
    first.clear(); // the program is independent of it
    ++total.programs;
    total.outputs += recorded.outputs.size();

    tape<T> second;
    recorded_sample<T> again = given(second, of, 0.984375);
    try
    {
        add_outputs(again, of);
    }
    catch (const error::exception& e) // the values are outside of what the operation takes
    {
        ++total.refused;
        require_refusal(name, f, again, memory, e.what());
        return;
    }
    compare<T>(name + " at other values", run<T>(name, f, again.inputs, again.outputs, memory, total), again.outputs);
    compare<T>(name + " at other values in tiles", run<T>(name, tiled, again.inputs, again.outputs, tiles, total),
               again.outputs);
}

/// A sample that recording refuses because of its values: compiled on a tape of shapes, which has none to refuse, it is
/// refused when it is run. Whether it was one of those.
template <class T>
bool try_refused_sample(const std::string& name, const sample& of)
{
    tape<T> values;
    recorded_sample<T> refused = given(values, of, 1.0);
    std::string text;
    try
    {
        static_cast<void>(of.on(T())(refused.reals, refused.integers));
    }
    catch (const error::exception& e)
    {
        text = e.what();
    }
    tape<T> shapes(recording::shapes);
    recorded_sample<T> recorded = given(shapes, of, 1.0);
    try
    {
        recorded.outputs.push_back(of.on(T())(recorded.reals, recorded.integers));
    }
    catch (const error::exception&) // because of its shapes
    {
        return false;
    }
    const program<T> f = compiled<T>(recorded, 0);
    workspace<T> memory = f.make_workspace();
    require_refusal(name, f, refused, memory, text);
    return true;
}

template <class F>
void for_each_sample(const F& f)
{
    for (const check::sampled_operation& operation : check::every_operation())
    {
        for (const sample& each : operation.samples)
        {
            const std::string name = operation.name + "/" + each.label;
            try
            {
                f(operation.name, name, each);
            }
            catch (const std::exception& e)
            {
                BOOST_ERROR(name << ": " << e.what());
            }
        }
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(compile_replay)

BOOST_AUTO_TEST_CASE(programs_compute_what_recording_computes)
{
    counts total;
    for_each_sample(
        [&](const std::string& operation, const std::string& name, const sample& each)
        {
            if (each.error || !each.kinks.empty())
            {
                return;
            }
            try
            {
                try_sample<double>(name, each, total);
                try_sample<float>(name, each, total);
            }
            catch (const cannot_be_computed_again&)
            {
                total.not_compiled.insert(operation);
            }
        });
    fmt::print("{} programs of samples, {} outputs equal in all bits; {} refuse other values\n", total.programs,
               total.outputs, total.refused);
    BOOST_TEST(total.programs >= 2500u);
    BOOST_TEST(total.allocating.empty(),
               "runs ask for memory: " << fmt::format("{}", fmt::join(total.allocating, ", ")));
    BOOST_TEST((total.not_compiled == std::set<std::string>{"sum_over_blocks", "values_read"}));
}

BOOST_AUTO_TEST_CASE(programs_refuse_what_recording_refuses)
{
    std::size_t refused = 0;
    for_each_sample(
        [&](const std::string&, const std::string& name, const sample& each) {
            refused += each.error ? try_refused_sample<double>(name, each) + try_refused_sample<float>(name, each) : 0;
        });
    fmt::print("{} samples whose values are refused, by programs in the same words\n", refused);
    BOOST_TEST(refused > 10u);
}

BOOST_AUTO_TEST_SUITE_END()
