#pragma once

#include "autograd/prove/certify.hpp"
#include "autograd/prove/computation.hpp"

namespace autograd::prove
{

/// Fills in whether the two sides of a recording are equal, left outputs before right ones. The arrays and the names of
/// random inputs are there already.
void judge(computation& of, const certify_options& options, certificate& result);

} // namespace autograd::prove
