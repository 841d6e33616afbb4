#pragma once

#include <cstddef>
#include <string>

namespace autograd::detail
{

/// "1 step", "2 steps"
inline std::string counted(std::size_t count, const char* what)
{
    return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

} // namespace autograd::detail
