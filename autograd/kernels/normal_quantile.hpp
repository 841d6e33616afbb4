#pragma once

namespace autograd::kernels
{

/// The quantile of the standard normal distribution at p, in (0, 1): the inverse of its distribution function
/// (Wichura 1988, Algorithm AS 241, PPND16), to about 1e-16 of its size. Made of sums, products, quotients and square
/// roots in double, each rounded by itself, so it is the same number on every machine.
double normal_quantile(double p);

} // namespace autograd::kernels
