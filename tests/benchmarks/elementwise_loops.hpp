#pragma once

#include "tests/benchmarks/elementwise.hpp"

/// Plain loops over the packs of autograd/kernels, into memory that is there already: what the machine can do.
namespace loops
{

using unary = void (*)(const double* x, double* result, std::size_t count);
/// Of a matrix and what is broadcast to it.
using binary = void (*)(const double* x, const double* y, elementwise::broadcast b, double* result);

void exp(const double* x, double* result, std::size_t count);
void tanh(const double* x, double* result, std::size_t count);
void add(const double* x, const double* y, elementwise::broadcast b, double* result);
void multiply(const double* x, const double* y, elementwise::broadcast b, double* result);

} // namespace loops
