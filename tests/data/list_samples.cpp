#include "operations/every_operation.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <iostream>

// Prints every sample that has an expression in NumPy: its name, inputs, and the expression.

namespace
{

using namespace autograd::check;

nlohmann::json array_of(const sample_input& input)
{
    nlohmann::json values = nlohmann::json::array();
    for (double x : input.values)
    {
        values.push_back(std::isnan(x)   ? nlohmann::json("nan")
                         : std::isinf(x) ? nlohmann::json(x > 0 ? "inf" : "-inf")
                                         : nlohmann::json(x));
    }
    return {{"shape", input.shape}, {"values", values}};
}

} // namespace

int main()
{
    nlohmann::json list = nlohmann::json::array();
    for (const sampled_operation& operation : every_operation())
    {
        for (const sample& each : operation.samples)
        {
            if (each.error || !each.kinks.empty())
            {
                continue;
            }
            nlohmann::json reals = nlohmann::json::array();
            nlohmann::json integers = nlohmann::json::array();
            for (const auto& input : each.reals)
            {
                reals.push_back(array_of(input));
            }
            for (const auto& input : each.integers)
            {
                integers.push_back(array_of(input));
            }
            list.push_back({{"name", operation.family + "/" + operation.name + "/" + each.label},
                            {"numpy", each.numpy},
                            {"reals", reals},
                            {"integers", integers}});
        }
    }
    std::cout << list.dump() << "\n";
}
