#pragma once

#include <cstddef>
#include <functional>
#include <numeric>
#include <random>
#include <string>
#include <vector>

/// The work that is the same for all who do it: functions of a square matrix, and of it and a matrix, a row, a column
/// or a number. 8 MB each: beyond the second-level cache.
namespace elementwise
{

inline constexpr std::size_t side = 1000;
inline constexpr std::size_t elements = side * side;
inline constexpr double number = 1.5;
inline constexpr auto subject = "elementwise";
inline constexpr auto unit = "ns/element";

/// Numbers between -2 and 2.
inline std::vector<double> numbers(std::size_t count, unsigned seed)
{
    std::mt19937 generator(seed);
    std::uniform_real_distribution<double> distribution(-2, 2);
    std::vector<double> result(count);
    for (double& each : result)
    {
        each = distribution(generator);
    }
    return result;
}

/// The shapes of the right operand.
enum class broadcast
{
    none,
    row,
    column,
    scalar
};

inline constexpr broadcast broadcasts[] = {broadcast::none, broadcast::row, broadcast::column, broadcast::scalar};

inline std::string work(const std::string& function, broadcast b)
{
    constexpr const char* names[] = {"", "_row", "_column", "_scalar"};
    return function + names[static_cast<int>(b)];
}

inline std::vector<std::size_t> right_shape(broadcast b)
{
    switch (b)
    {
    case broadcast::none:
        return {side, side};
    case broadcast::row:
        return {side};
    case broadcast::column:
        return {side, 1};
    case broadcast::scalar:
        return {};
    }
    return {};
}

inline std::size_t size_of(const std::vector<std::size_t>& shape)
{
    return std::accumulate(shape.begin(), shape.end(), std::size_t{1}, std::multiplies<>());
}

inline std::size_t right_size(broadcast b)
{
    return size_of(right_shape(b));
}

} // namespace elementwise
