#pragma once

#include "support.hpp"

#include <nlohmann/json.hpp>

#include <fstream>
#include <map>

/// What PyTorch and NumPy say (data/nn_expectations.json, made by data/make_nn_expectations.cpp and .py), and how a
/// layer or loss is held against it.
namespace expectations
{

using json = nlohmann::json;

inline const json& all()
{
    static const json cases = []
    {
        std::ifstream file(TEST_DATA "/nn_expectations.json");
        BOOST_REQUIRE(file);
        return json::parse(file);
    }();
    return cases;
}

template <class T = double>
xt::xarray<T> array_of(const json& listed)
{
    xt::xarray<T> result = xt::xarray<T>::from_shape(listed.at("shape").get<std::vector<std::size_t>>());
    const json& values = listed.at("values");
    BOOST_REQUIRE_EQUAL(values.size(), result.size());
    for (std::size_t i = 0; i < values.size(); ++i)
    {
        result.data()[i] = static_cast<T>(values[i].get<double>());
    }
    return result;
}

/// An input of a case by its name.
template <class T = double>
xt::xarray<T> input(const std::string& name, const std::string& of)
{
    return array_of<T>(all().at(name).at("inputs").at(of));
}

template <class T>
using named = std::map<std::string, autograd::variable<T>>;

/// Equal up to a tolerance relative to the largest element.
template <class T>
void check_close(autograd::variable<T> found, const json& expected, double tolerance, const std::string& what)
{
    const support::array want = array_of(expected);
    BOOST_TEST((found.shape() == want.shape()), what << ": shape");
    BOOST_REQUIRE_EQUAL(found.size(), want.size());
    double largest = 0;
    for (double value : want)
    {
        largest = std::max(largest, std::abs(value));
    }
    for (std::size_t i = 0; i < want.size(); ++i)
    {
        const double off = std::abs(static_cast<double>(found.data()[i]) - want.data()[i]);
        BOOST_TEST(off <= tolerance * largest,
                   what << ", element " << i << ": " << found.data()[i] << " instead of " << want.data()[i]);
    }
}

/// The real inputs of a case as variables; integers (labels, i) are for the function to take.
template <class T>
named<T> inputs_on(autograd::tape<T>& t, const json& of)
{
    named<T> result;
    for (const auto& [name, listed] : of.at("inputs").items())
    {
        if (name != "labels" && name != "i")
        {
            result[name] = t.variable(array_of<T>(listed)).name(name);
        }
    }
    return result;
}

/// f(inputs) gives the outputs by name, for variables of float and double: values and gradients as expected.
template <class T, class F>
void check_values(const std::string& name, const F& f, double tolerance)
{
    const json& of = all().at(name);
    autograd::tape<T> t;
    named<T> in = inputs_on(t, of);
    named<T> out = f(t, in);
    autograd::variable<T> loss = t.constant(0.0);
    for (const auto& [output, y] : out)
    {
        check_close(y, of.at("outputs").at(output), tolerance, name + ": " + output);
        if (of.at("cotangents").contains(output))
        {
            loss += sum(y * t.constant(array_of<T>(of.at("cotangents").at(output))));
        }
    }
    for (const auto& [input, gradient_of_input] : of.at("gradients").items())
    {
        check_close(gradient(loss, in.at(input)), gradient_of_input, 10 * tolerance, name + ": d/d" + input);
    }
}

/// The same against finite differences, by all inputs at once, up to the second order.
template <class F>
void check_derivatives(const std::string& name, const F& f, const autograd::check_options& options = {})
{
    const json& of = all().at(name);
    std::vector<std::string> names;
    std::vector<support::array> arrays;
    for (const auto& [input, listed] : of.at("inputs").items())
    {
        if (input != "labels" && input != "i")
        {
            names.push_back(input);
            arrays.push_back(array_of(listed));
        }
    }
    const auto call = [&](std::span<const support::variable> x)
    {
        named<double> in;
        for (std::size_t k = 0; k < names.size(); ++k)
        {
            in[names[k]] = x[k];
        }
        std::vector<support::variable> parts;
        for (const auto& [output, y] : f(x[0].tape(), in))
        {
            if (of.at("cotangents").contains(output))
            {
                parts.push_back(flatten(y));
            }
        }
        return concatenate(parts, 0);
    };
    const autograd::check_report report = autograd::check_gradient(call, arrays, options);
    BOOST_TEST(report.passed, name << ": " << to_text(report));
    BOOST_TEST(report.comparisons > arrays.size(), name);
}

/// All of it.
template <class F>
void check_case(const std::string& name, const F& f, const autograd::check_options& options = {})
{
    check_values<double>(name, f, 1e-13);
    check_values<float>(name, f, 2e-6);
    check_derivatives(name, f, options);
}

} // namespace expectations
