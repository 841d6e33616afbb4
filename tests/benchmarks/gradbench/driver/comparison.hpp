#pragma once

#include "tests/benchmarks/gradbench/evals/ba.hpp"
#include "tests/benchmarks/gradbench/evals/gmm.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

/// Whether two outputs are the same. The suite lets pass what is off by 1e-4, whatever its size; here each number has
/// to agree to nine digits.
namespace gradbench
{

/// \name All numbers of an output, in order
/// \{
inline std::vector<double> numbers_of(double number)
{
    return {number};
}
inline std::vector<double> numbers_of(const array& numbers)
{
    return {numbers.begin(), numbers.end()};
}
inline std::vector<double> joined(const std::vector<std::vector<double>>& lists)
{
    std::vector<double> all;
    for (const std::vector<double>& list : lists)
    {
        all.insert(all.end(), list.begin(), list.end());
    }
    return all;
}
inline std::vector<double> numbers_of(const gmm::parameters& by)
{
    return joined({numbers_of(by.alpha), numbers_of(by.mu), numbers_of(by.q), numbers_of(by.l)});
}
inline std::vector<double> numbers_of(const ba::errors& errors)
{
    return joined({numbers_of(errors.reprojection), numbers_of(errors.weight)});
}
inline std::vector<double> numbers_of(const ba::sparse_matrix& J)
{
    return joined({{J.rows.begin(), J.rows.end()}, {J.cols.begin(), J.cols.end()}, J.vals});
}
/// \}

/// What is wrong with a list of numbers, or nothing: each may be off by 1e-9 of what is expected, and by 1e-12 of the
/// largest of all, since where large terms cancel their rounding stays. NaN agrees with nothing.
inline std::string difference(const std::vector<double>& found, const std::vector<double>& expected)
{
    if (found.size() != expected.size())
    {
        return fmt::format("{} numbers instead of {}", found.size(), expected.size());
    }
    const auto larger = [](double a, double b) { return std::max(a, std::abs(b)); };
    const double largest = std::accumulate(expected.begin(), expected.end(), 0.0, larger);
    for (std::size_t i = 0; i < found.size(); ++i)
    {
        if (!(std::abs(found[i] - expected[i]) <= 1e-9 * std::abs(expected[i]) + 1e-12 * largest))
        {
            return fmt::format("number {} of {} is {} instead of {}", i, found.size(), found[i], expected[i]);
        }
    }
    return "";
}

} // namespace gradbench
