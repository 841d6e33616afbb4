#include "operations/every_operation.hpp"
#include "autograd/check/not_resolved.hpp"

#include <boost/test/unit_test.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <fstream>
#include <iostream>
#include <set>

// Every operation of the table, every sample: values against NumPy's (data/expectations.json, made by
// data/make_expectations.py), first and second derivatives against finite differences, forward against reverse mode,
// float against double, kinks and errors as published, and recording without values.

using namespace autograd;
using namespace autograd::check;

namespace
{

double number_of(const nlohmann::json& json)
{
    return json.is_string() ? std::stod(json.get<std::string>()) : json.get<double>();
}

/// The distance in units in the last place of the larger one.
double ulp_between(double a, double b)
{
    if (a == b || (std::isnan(a) && std::isnan(b)))
    {
        return 0;
    }
    const double largest = std::max(std::abs(a), std::abs(b));
    return std::abs(a - b) / (std::nextafter(largest, INFINITY) - largest);
}

/// Accumulations round relative to their largest terms, elementwise functions to each result: the bound is on the
/// element, or on the largest element for operations that add up.
void check_value(const std::string& name, const sample& of, const nlohmann::json& expectations, double& worst)
{
    const auto found = expectations.find(name);
    if (!of.integers.empty() || !of.numpy.empty())
    {
        BOOST_REQUIRE_MESSAGE(found != expectations.end(),
                              name << ": no expectation; run tests/data/make_expectations");
    }
    const auto [shape, values] = value_of(of);
    BOOST_TEST(shape == found->at("shape").get<std::vector<std::size_t>>(), name << ": shape");
    const auto& expected = found->at("values");
    BOOST_REQUIRE_EQUAL(values.size(), expected.size());
    double largest = 0;
    for (const auto& each : expected)
    {
        const double magnitude = std::abs(number_of(each));
        largest = std::isfinite(magnitude) ? std::max(largest, magnitude) : largest;
    }
    for (std::size_t i = 0; i < values.size(); ++i)
    {
        const double want = number_of(expected[i]);
        const double ulp = ulp_between(values[i], want);
        const double of_largest = std::abs(values[i] - want) / (std::nextafter(largest, INFINITY) - largest);
        const double off = std::isfinite(of_largest) ? std::min(ulp, 4 * of_largest) : ulp;
        worst = std::isfinite(off) ? std::max(worst, off) : worst;
        BOOST_TEST(off <= of.value_tolerance,
                   name << ", element " << i << ": " << values[i] << " instead of " << want << " (" << off << " ulp)");
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(every_operation_and_sample)

BOOST_AUTO_TEST_CASE(values_agree_with_numpy)
{
    std::ifstream file(TEST_DATA "/expectations.json");
    BOOST_REQUIRE(file);
    const nlohmann::json expectations = nlohmann::json::parse(file);
    double worst = 0;
    std::size_t count = 0;
    for (const sampled_operation& operation : every_operation())
    {
        for (const sample& each : operation.samples)
        {
            if (!each.error && each.kinks.empty())
            {
                check_value(operation.family + "/" + operation.name + "/" + each.label, each, expectations, worst);
                ++count;
            }
        }
    }
    fmt::print("{} values of samples agree with NumPy, the worst within {:.1f} ulp\n", count, worst);
}

BOOST_AUTO_TEST_CASE(derivatives_agree_with_finite_differences)
{
    sample_report all;
    std::size_t operations = 0;
    std::size_t samples = 0;
    std::string worst_name[2];
    std::set<std::string> not_resolved;
    for (const sampled_operation& operation : every_operation())
    {
        BOOST_TEST(!operation.samples.empty(), operation.name << " has no samples");
        ++operations;
        for (const sample& each : operation.samples)
        {
            const std::string name = operation.name + "/" + each.label;
            sample_report one;
            try
            {
                one = check_sample(each);
            }
            catch (const std::exception& e)
            {
                BOOST_ERROR(name << ": " << e.what());
            }
            for (const std::string& complaint : one.complaints)
            {
                BOOST_ERROR(name << ": " << complaint);
            }
            for (const std::string& comparison : one.not_resolved)
            {
                BOOST_TEST(is_listed_as_not_resolved(operation.name, each.label, comparison),
                           name << ": not resolved: " << comparison);
                not_resolved.insert(name + ": " + comparison.substr(0, comparison.find(": derived")));
            }
            ++samples;
            all.evaluations += one.evaluations;
            all.derivative_checks += one.derivative_checks;
            worst_name[0] = one.worst_first > all.worst_first ? name : worst_name[0];
            worst_name[1] = one.worst_second > all.worst_second ? name : worst_name[1];
            all.worst_first = std::max(all.worst_first, one.worst_first);
            all.worst_second = std::max(all.worst_second, one.worst_second);
            all.worst_float = std::max(all.worst_float, one.worst_float);
            all.worst_batched = std::max(all.worst_batched, one.worst_batched);
            all.batched_checks += one.batched_checks;
        }
    }
    fmt::print("{} operations, {} samples, {} derivative checks\n", operations, samples, all.derivative_checks);
    fmt::print("largest relative error of first derivatives {:.1e} ({}), of second {:.1e} ({}), of float {:.1e}\n",
               all.worst_first, worst_name[0], all.worst_second, worst_name[1], all.worst_float);
    fmt::print("{} derivatives along many directions at once, within {:.1f} units of the precision\n",
               all.batched_checks, all.worst_batched);
    fmt::print("{} of them not resolved; {} recordings of the samples' functions\n", not_resolved.size(),
               all.evaluations);
    BOOST_TEST(all.derivative_checks >= 5000u);
    BOOST_TEST(all.batched_checks >= 5000u);
    for (const char* name : listed_as_not_resolved())
    {
        BOOST_TEST(not_resolved.count(name) == 1u, name << " is resolved: it need not be listed");
    }
    BOOST_TEST(1000 * not_resolved.size() <= all.derivative_checks);
    // What checking a sample may cost on average; one of many derivatives of a matrix takes more.
    BOOST_TEST(all.evaluations <= 600 * samples);
}

BOOST_AUTO_TEST_SUITE_END()
