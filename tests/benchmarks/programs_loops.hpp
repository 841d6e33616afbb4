#pragma once

#include <cstddef>

/// What a careful author writes for the work of programs: one loop, and derivatives by hand.
namespace loops
{

/// tanh(x a + b) sigmoid(x) + exp(-x^2) for numbers a and b, and the gradient of its sum by x, a and b. `count` is a
/// multiple of the lanes of a pack.
void elementwise_chain(const double* x, double a, double b, std::size_t count, double* y);
void elementwise_gradient(const double* x, double a, double b, std::size_t count, double* by_x, double* by_a,
                          double* by_b);

/// The gradient of sum_i sum_j exp(-|x_i - y_j|^2) w_j by x, for points in three dimensions, coordinates one after the
/// other: x of shape (3, n), y of (3, n). `n` is a multiple of the lanes of a pack.
void all_pairs_gradient(const double* x, const double* y, const double* w, std::size_t n, double* by_x);
/// The value of that, and the gradients by x, y and w.
double all_pairs_gradients(const double* x, const double* y, const double* w, std::size_t n, double* by_x, double* by_y,
                           double* by_w);

/// What coaching for a test brought at eight schools, and with which error (Rubin 1981).
inline constexpr double school_effects[] = {28, 8, -3, 7, -1, 1, 18, 12};
inline constexpr double school_errors[] = {15, 10, 16, 11, 9, 11, 10, 18};

/// The gradient of the logarithm of the posterior density by q = (mu, log tau, z_1, ..., z_8):
///
///     effect_j ~ Normal(mu + tau z_j, error_j),  z_j ~ Normal(0, 1),  mu ~ Normal(0, 5),  tau ~ Cauchy(0, 5), tau > 0.
void eight_schools_gradient(const double* q, double* by_q);

inline constexpr std::size_t pendulum_steps = 200;
inline constexpr double pendulum_step = 0.01;
inline constexpr double pendulum_pull = 9.81; ///< gravity over length
inline constexpr double pendulum_target = 1;

/// The gradient of (angle - target)^2 + speed^2 behind all steps of Runge and Kutta's method by angle and speed in
/// front of them; angle'' = -pull sin(angle).
void pendulum_gradient(double angle, double speed, double* by_angle, double* by_speed);

/// y of four numbers, `count` times multiplied by x and increased by it in turn; it starts as x.
void chain(std::size_t count, const double* x, double* y);

inline constexpr std::size_t recurrence_states = 60;
inline constexpr std::size_t recurrence_steps = 614;

/// The gradient by a of the sum of all states behind all steps x_i = 0.9 (a x_i + b tanh(x_(i-1)) x_(i+1) + b x_i), on
/// a ring.
double recurrence_gradient(double a, double b, const double* states);

inline constexpr std::size_t layers_batch = 8;
inline constexpr std::size_t layers_width = 16;

/// The gradients of the sum of squares of the last of some layers y_k = tanh(y_(k-1) W_k + b_k) by W_1, b_1, W_2, ...,
/// where y_0 is x of shape (batch, width), and W_k has (width, width). `values` is memory for all y.
void layers_gradient(std::size_t count, const double* x, const double* const* parameters, double* const* by_parameters,
                     double* values);

} // namespace loops
