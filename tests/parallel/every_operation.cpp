// Every operation on samples that are enlarged until work on them is divided: value and gradient have the same bits at
// any number of threads, and what is refused is refused in the same words. Of each operation some samples are tried, or
// all of them, at more numbers of threads, where XGRAD_ALL_SAMPLES is set.

#include "operations/every_operation.hpp"
#include "parallel/with_threads.hpp"
#include "recorded_sample.hpp"
#include "support.hpp"

#include "autograd/parallel/ranges.hpp"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <set>
#include <type_traits>

namespace
{

using namespace autograd;
using check::sample;

/// The most elements of anything that is recorded for an enlarged sample.
constexpr double most_elements = 1.3 * static_cast<double>(parallel::least_work);

/// Of an operation that are tried, unless all are.
constexpr std::size_t most_samples = 3;

template <class Input>
Input enlarged(const Input& of, std::size_t factor)
{
    Input result = of;
    std::size_t size = 1;
    for (std::size_t& extent : result.shape)
    {
        extent *= extent > 1 ? factor : 1;
        size *= extent;
    }
    result.values.resize(size);
    for (std::size_t k = 0; k < size; ++k)
    {
        std::size_t rest = k;
        std::size_t from = 0;
        std::size_t stride = 1;
        for (std::size_t axis = of.shape.size(); axis-- > 0;)
        {
            from += rest % result.shape[axis] % of.shape[axis] * stride;
            rest /= result.shape[axis];
            stride *= of.shape[axis];
        }
        result.values[k] = of.values[from];
    }
    return result;
}

sample enlarged(const sample& of, std::size_t factor)
{
    sample result = of;
    for (check::real_input& each : result.reals)
    {
        each = enlarged(each, factor);
    }
    for (check::index_input& each : result.integers)
    {
        each = enlarged(each, factor);
    }
    return result;
}

/// Records a sample and its gradient; returns what was refused.
template <class T>
std::string record_on(tape<T>& on, const sample& of)
{
    try
    {
        support::recorded_sample<T> recorded = support::given(on, of, 1);
        const handle<T> y = of.on(T())(recorded.reals, recorded.integers);
        if (y.checked("sample").op->element == element_kind::real)
        {
            support::add_derivatives<T>(recorded, variable<T>(y), recorded.differentiated, 1);
        }
        return {};
    }
    catch (const error::exception& e)
    {
        return e.what();
    }
}

/// By how much extents may grow so that nothing that is recorded becomes too large; 1 where they may not.
std::size_t factor_for(const sample& of)
{
    tape<double> t;
    record_on(t, of);
    double factor = most_elements;
    for (const instruction<double>& each : t.instructions())
    {
        const shape_view shape = each.shape();
        const auto axes = std::count_if(shape.begin(), shape.end(), [](std::size_t extent) { return extent > 1; });
        if (axes > 0 && each.size() > 0)
        {
            factor = std::min(
                factor, std::pow(most_elements / static_cast<double>(each.size()), 1 / static_cast<double>(axes)));
        }
    }
    return static_cast<std::size_t>(std::max(factor, 1.0));
}

/// What a number of threads gives: all elements of all that is recorded.
template <class T>
struct results
{
    explicit results(const sample& of, int threads)
    {
        const support::with_threads count(threads);
        tape<T> t;
        refused = record_on(t, of);
        for (const instruction<T>& each : t.instructions())
        {
            const std::size_t element = each.op->element == element_kind::real ? sizeof(T) : sizeof(std::int64_t);
            const auto* const bytes = static_cast<const std::byte*>(each.data);
            elements.emplace_back(bytes, bytes + (each.strides() == nullptr ? each.size() * element : 0));
            names.push_back(each.op->name);
        }
    }

    std::string refused;
    std::vector<std::vector<std::byte>> elements;
    std::vector<std::string> names;
};

struct counts
{
    std::size_t samples = 0;
    std::size_t arrays = 0;        ///< large ones
    std::set<std::string> divided; ///< operations that gave some
};

template <class T>
void compare(const std::string& name, const sample& of, const std::vector<int>& numbers_of_threads, counts& total)
{
    const results<T> alone(of, 1);
    for (const int threads : numbers_of_threads)
    {
        const results<T> divided(of, threads);
        BOOST_TEST(divided.refused == alone.refused, name);
        BOOST_REQUIRE_MESSAGE(divided.elements.size() == alone.elements.size(), name);
        for (std::size_t k = 0; k < alone.elements.size(); ++k)
        {
            const auto& expected = alone.elements[k];
            BOOST_TEST(std::memcmp(divided.elements[k].data(), expected.data(), expected.size()) == 0,
                       name << ": " << alone.names[k] << ", " << threads << " threads");
        }
    }
    ++total.samples;
    for (std::size_t k = 0; k < alone.elements.size(); ++k)
    {
        if (alone.elements[k].size() >= parallel::least_work * sizeof(T))
        {
            ++total.arrays;
            total.divided.insert(alone.names[k]);
        }
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(parallel_every_operation)

BOOST_AUTO_TEST_CASE(the_same_bits_at_any_number_of_threads)
{
    const bool all = std::getenv("XGRAD_ALL_SAMPLES") != nullptr;
    counts total;
    for (const check::sampled_operation& operation : check::every_operation())
    {
        std::size_t tried = 0;
        for (const sample& each : operation.samples)
        {
            const bool is_enough = tried == most_samples && !all;
            const std::size_t factor = is_enough || each.error || !each.kinks.empty() ? 1 : factor_for(each);
            if (factor == 1)
            {
                continue;
            }
            ++tried;
            const sample large = enlarged(each, factor);
            const std::string name = operation.name + ", " + each.label;
            compare<double>(name, large, all ? std::vector{2, 7} : std::vector{3}, total);
            compare<float>(name, large, all ? std::vector{3, 4} : std::vector{2}, total);
        }
    }
    BOOST_TEST_MESSAGE(total.samples << " samples, " << total.arrays << " large arrays of " << total.divided.size()
                                     << " operations");
    BOOST_TEST(total.divided.size() > 150u);
}

BOOST_AUTO_TEST_SUITE_END()
