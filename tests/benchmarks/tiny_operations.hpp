#pragma once

#include <cstddef>
#include <string>

/// The work that is the same for all who do it.
namespace tiny
{

inline constexpr std::size_t length = 1000;

inline std::string forward(const std::string& operation)
{
    return operation + "_forward";
}
inline std::string backward(const std::string& operation)
{
    return operation + "_backward";
}

} // namespace tiny
