#pragma once

#include "autograd/tape/operation.hpp"

namespace autograd::kernels
{

/// Writes a strided array densely, row-major. E is float, double or std::int64_t.
template <class E>
void copy_strided(const array_view& from, E* to);

} // namespace autograd::kernels
