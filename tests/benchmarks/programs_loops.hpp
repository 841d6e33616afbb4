#pragma once

#include <cstddef>

/// What a careful author writes for the work of programs.cpp: one loop.
namespace loops
{

/// The gradient of sum(tanh(x a + b) sigmoid(x) + exp(-x^2)) by x, a and b, for numbers a and b. `count` is a multiple
/// of the lanes of a pack.
void elementwise_gradient(const double* x, double a, double b, std::size_t count, double* by_x, double* by_a,
                          double* by_b);

/// The gradient of sum_i sum_j exp(-|x_i - y_j|^2) w_j by x, for points in three dimensions, coordinates one after the
/// other: x of shape (3, n), y of (3, n). `n` is a multiple of the lanes of a pack.
void all_pairs_gradient(const double* x, const double* y, const double* w, std::size_t n, double* by_x);

} // namespace loops
