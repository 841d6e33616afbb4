#include "autograd/check/not_resolved.hpp"

#include <algorithm>

namespace autograd::check
{

std::span<const char* const> listed_as_not_resolved()
{
    static constexpr const char* names[] = {
        // Beside 1e300, a derivative of 1.
        "add/points: order 1, gradient of input 1 at (3)",
        "subtract/points: order 1, gradient of input 1 at (3)",
        // At 0 it jumps.
        "logical_not/points: order 1, gradient of input 0 at (0)",
        "logical_not/points: order 1, direction",
        "logical_not/one element: order 1, gradient of input 0 at (0, 0)",
        "logical_not/one element: order 1, direction",
        "logical_not/matrix: order 1, gradient of input 0 at (0, 0)",
        "logical_not/matrix: order 1, gradient of input 0 at (0, 3)",
        "logical_not/matrix: order 1, gradient of input 0 at (1, 2)",
        "logical_not/matrix: order 1, gradient of input 0 at (2, 1)",
        "logical_not/matrix: order 1, direction",
    };
    return names;
}

bool is_listed_as_not_resolved(const std::string& operation, const std::string& label, const std::string& comparison)
{
    const std::string name = operation + "/" + label + ": " + comparison.substr(0, comparison.find(": derived"));
    const std::span<const char* const> listed = listed_as_not_resolved();
    return std::find(listed.begin(), listed.end(), name) != listed.end();
}

} // namespace autograd::check
