#pragma once

#include "tests/support.hpp"

#include <string>
#include <string_view>
#include <vector>

/// What the tests of listings, formulas and graphs have in common.
namespace support
{

inline array ones(std::vector<std::size_t> shape)
{
    return xt::ones<double>(shape);
}

/// A layer and what it is made of; the arguments may be recorded in any order.
inline variable small_program(tape& on)
{
    const auto x = on.constant(ones({300, 2})).name("x");
    const auto w = on.variable(ones({2, 3})).name("w");
    return sum(tanh(matmul(x, w)));
}

/// A raw string that begins with a line break, for the eye.
inline std::string text(std::string_view raw)
{
    return std::string(raw.substr(1));
}

/// How often a part stands in a text.
inline std::size_t count(std::string_view text, std::string_view part)
{
    std::size_t result = 0;
    for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size()))
    {
        ++result;
    }
    return result;
}

} // namespace support
