#pragma once

#include <span>
#include <string>

namespace autograd::check
{

/// The comparisons of the library's own samples that no step of differences resolves, by name: "operation/sample: order
/// 1, gradient of input 0 at (2)". They stand here, in one place; any other that is not resolved is a failure of
/// check_operation and of the tests.
std::span<const char* const> listed_as_not_resolved();

/// Whether a comparison of that name is among them. What stands behind its name, from ": derived" on, does not count.
bool is_listed_as_not_resolved(const std::string& operation, const std::string& label, const std::string& comparison);

} // namespace autograd::check
