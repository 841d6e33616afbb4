// Compiled as the kernels are: for this machine's instruction set.

#include "tests/benchmarks/programs_loops.hpp"

#include "autograd/kernels/pack.hpp"
#include "autograd/kernels/slopes.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace loops
{

namespace
{

using pack = autograd::kernels::pack<double>;

double sum_of(pack lanes)
{
    alignas(64) double each[pack::size];
    lanes.store(each);
    double sum = 0;
    for (const double x : each)
    {
        sum += x;
    }
    return sum;
}

/// y = a b for b of shape (inner, layers_width), and a whose elements are that far apart from row to row, and from
/// column to column. `rows` is a multiple of 4: as many rows of sums stay in registers.
void product(std::size_t rows, std::size_t inner, const double* a, std::size_t row_step, std::size_t column_step,
             const double* b, double* y)
{
    constexpr std::size_t together = 4, packs = layers_width / pack::size;
    for (std::size_t i = 0; i < rows; i += together)
    {
        pack sums[together][packs];
        for (auto& row : sums)
        {
            std::fill(std::begin(row), std::end(row), pack(0.0));
        }
        for (std::size_t l = 0; l < inner; ++l)
        {
            for (std::size_t r = 0; r < together; ++r)
            {
                const pack each(a[(i + r) * row_step + l * column_step]);
                for (std::size_t k = 0; k < packs; ++k)
                {
                    sums[r][k] = fma(each, pack::load(b + l * layers_width + k * pack::size), sums[r][k]);
                }
            }
        }
        for (std::size_t r = 0; r < together; ++r)
        {
            for (std::size_t k = 0; k < packs; ++k)
            {
                sums[r][k].store(y + (i + r) * layers_width + k * pack::size);
            }
        }
    }
}

/// Numbers on a ring, and at both ends copies of the two at the other end, so that loops over neighbours need no cases.
struct ring
{
    static constexpr std::size_t margin = 2, size = margin + recurrence_states + margin;
    static_assert(size % pack::size == 0);

    double all[size];

    double* at(std::size_t i) { return all + margin + i; }
    void close()
    {
        std::copy_n(at(recurrence_states - margin), margin, all);
        std::copy_n(at(0), margin, at(recurrence_states));
    }
};

constexpr std::size_t layer_size = layers_batch * layers_width;

/// y = tanh(x w + b)
void layer(const double* x, const double* w, const double* b, double* y)
{
    product(layers_batch, layers_width, x, layers_width, 1, w, y);
    for (std::size_t i = 0; i < layer_size; i += pack::size)
    {
        tanh(pack::load(y + i) + pack::load(b + i % layers_width)).store(y + i);
    }
}

/// From the derivative by y, in `slope`, to those by x, in its place, w and b.
void layer_slopes(const double* x, const double* w, const double* y, double* slope, double* by_w, double* by_b)
{
    for (std::size_t k = 0; k < layers_width; k += pack::size)
    {
        pack sum(0.0);
        for (std::size_t i = k; i < layer_size; i += layers_width)
        {
            const pack value = pack::load(y + i);
            const pack inner = (pack(1.0) - value * value) * pack::load(slope + i);
            inner.store(slope + i);
            sum = sum + inner;
        }
        sum.store(by_b + k);
    }
    product(layers_width, layers_batch, x, 1, layers_width, slope, by_w);

    alignas(64) double transposed[layers_width * layers_width], by_x[layer_size];
    for (std::size_t i = 0; i < layers_width; ++i)
    {
        for (std::size_t j = 0; j < layers_width; ++j)
        {
            transposed[j * layers_width + i] = w[i * layers_width + j];
        }
    }
    product(layers_batch, layers_width, slope, layers_width, 1, transposed, by_x);
    std::copy_n(by_x, layer_size, slope);
}

} // namespace

void elementwise_chain(const double* x, double a, double b, std::size_t count, double* y)
{
    const pack factor(a), shift(b);
    for (std::size_t i = 0; i < count; i += pack::size)
    {
        const pack t = pack::load(x + i);
        (tanh(t * factor + shift) * sigmoid(t) + exp(-(t * t))).store(y + i);
    }
}

void elementwise_gradient(const double* x, double a, double b, std::size_t count, double* by_x, double* by_a,
                          double* by_b)
{
    const pack factor(a), shift(b);
    pack sum_a(0.0), sum_b(0.0);
    for (std::size_t i = 0; i < count; i += pack::size)
    {
        const pack t = pack::load(x + i);
        const pack z = t * factor + shift;
        const pack s = sigmoid(t);
        const pack inner = tanh_slope(z) * s;
        sum_a = sum_a + inner * t;
        sum_b = sum_b + inner;
        const pack by_t = inner * factor + tanh(z) * sigmoid_slope(t) - pack(2.0) * t * exp(-(t * t));
        by_t.store(by_x + i);
    }
    *by_a = sum_of(sum_a);
    *by_b = sum_of(sum_b);
}

void all_pairs_gradient(const double* x, const double* y, const double* w, std::size_t n, double* by_x)
{
    for (std::size_t i = 0; i < n; ++i)
    {
        const pack first(x[i]), second(x[n + i]), third(x[2 * n + i]);
        pack sums[3] = {pack(0.0), pack(0.0), pack(0.0)};
        for (std::size_t j = 0; j < n; j += pack::size)
        {
            const pack d[3] = {first - pack::load(y + j), second - pack::load(y + n + j),
                               third - pack::load(y + 2 * n + j)};
            const pack e = exp(-(d[0] * d[0] + d[1] * d[1] + d[2] * d[2])) * pack::load(w + j);
            for (std::size_t k = 0; k < 3; ++k)
            {
                sums[k] = sums[k] - pack(2.0) * d[k] * e;
            }
        }
        for (std::size_t k = 0; k < 3; ++k)
        {
            by_x[k * n + i] = sum_of(sums[k]);
        }
    }
}

double all_pairs_gradients(const double* x, const double* y, const double* w, std::size_t n, double* by_x, double* by_y,
                           double* by_w)
{
    std::fill_n(by_y, 3 * n, 0.0);
    std::fill_n(by_w, n, 0.0);
    pack total(0.0);
    for (std::size_t i = 0; i < n; ++i)
    {
        const pack at[3] = {pack(x[i]), pack(x[n + i]), pack(x[2 * n + i])};
        pack sums[3] = {pack(0.0), pack(0.0), pack(0.0)};
        for (std::size_t j = 0; j < n; j += pack::size)
        {
            const pack d[3] = {at[0] - pack::load(y + j), at[1] - pack::load(y + n + j),
                               at[2] - pack::load(y + 2 * n + j)};
            const pack e = exp(-(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]));
            const pack term = e * pack::load(w + j);
            total = total + term;
            (pack::load(by_w + j) + e).store(by_w + j);
            for (std::size_t k = 0; k < 3; ++k)
            {
                const pack slope = pack(2.0) * d[k] * term;
                sums[k] = sums[k] - slope;
                (pack::load(by_y + k * n + j) + slope).store(by_y + k * n + j);
            }
        }
        for (std::size_t k = 0; k < 3; ++k)
        {
            by_x[k * n + i] = sum_of(sums[k]);
        }
    }
    return sum_of(total);
}

void eight_schools_gradient(const double* q, double* by_q)
{
    const double mu = q[0], tau = std::exp(q[1]);
    double sum = 0, sum_z = 0;
    for (std::size_t j = 0; j < 8; ++j)
    {
        const double z = q[2 + j];
        const double slope = (school_effects[j] - mu - tau * z) * (1 / (school_errors[j] * school_errors[j]));
        sum += slope;
        sum_z += slope * z;
        by_q[2 + j] = tau * slope - z;
    }
    by_q[0] = sum - mu / 25;
    by_q[1] = 1 - 2 * tau * tau / (25 + tau * tau) + tau * sum_z;
}

void pendulum_gradient(double angle, double speed, double* by_angle, double* by_speed)
{
    constexpr double h = pendulum_step;
    double slopes[pendulum_steps][4]; // of the acceleration at each stage
    for (auto& slope : slopes)
    {
        const auto acceleration = [&](std::size_t stage, double at)
        {
            slope[stage] = -pendulum_pull * std::cos(at);
            return -pendulum_pull * std::sin(at);
        };
        const double v1 = speed, a1 = acceleration(0, angle);
        const double v2 = speed + h / 2 * a1, a2 = acceleration(1, angle + h / 2 * v1);
        const double v3 = speed + h / 2 * a2, a3 = acceleration(2, angle + h / 2 * v2);
        const double v4 = speed + h * a3, a4 = acceleration(3, angle + h * v3);
        angle += h / 6 * (v1 + 2 * v2 + 2 * v3 + v4);
        speed += h / 6 * (a1 + 2 * a2 + 2 * a3 + a4);
    }
    double by_a = 2 * (angle - pendulum_target), by_v = 2 * speed;
    for (std::size_t i = pendulum_steps; i-- > 0;)
    {
        const double* const slope = slopes[i];
        const double angle_4 = h / 6 * by_v * slope[3], speed_4 = h / 6 * by_a;
        const double angle_3 = (h / 3 * by_v + h * speed_4) * slope[2], speed_3 = h / 3 * by_a + h * angle_4;
        const double angle_2 = (h / 3 * by_v + h / 2 * speed_3) * slope[1], speed_2 = h / 3 * by_a + h / 2 * angle_3;
        const double angle_1 = (h / 6 * by_v + h / 2 * speed_2) * slope[0], speed_1 = h / 6 * by_a + h / 2 * angle_2;
        by_a += angle_1 + angle_2 + angle_3 + angle_4;
        by_v += speed_1 + speed_2 + speed_3 + speed_4;
    }
    *by_angle = by_a;
    *by_speed = by_v;
}

void chain(std::size_t count, const double* x, double* y)
{
    constexpr std::size_t numbers = 4;
    std::copy_n(x, numbers, y);
    for (std::size_t i = 0; i < count; ++i)
    {
        for (std::size_t k = 0; k < numbers; ++k)
        {
            y[k] = i % 2 == 0 ? y[k] * x[k] : y[k] + x[k];
        }
    }
}

double recurrence_gradient(double a, double b, const double* states)
{
    static ring x[recurrence_steps + 1], t[recurrence_steps];
    std::copy_n(states, recurrence_states, x[0].at(0));
    for (std::size_t step = 0; step < recurrence_steps; ++step)
    {
        x[step].close();
        for (std::size_t i = 0; i < ring::size; i += pack::size)
        {
            tanh(pack::load(x[step].all + i)).store(t[step].all + i);
        }
        const double *const now = x[step].at(0), *const before = t[step].at(0) - 1, *const behind = now + 1;
        double* const next = x[step + 1].at(0);
        for (std::size_t i = 0; i < recurrence_states; ++i)
        {
            next[i] = 0.9 * (a * now[i] + b * before[i] * behind[i] + b * now[i]);
        }
    }
    double by_a = 0;
    ring slope, scaled;
    std::fill_n(slope.at(0), recurrence_states, 1.0);
    for (std::size_t step = recurrence_steps; step-- > 0;)
    {
        const double *const now = x[step].at(0), *const tanh_now = t[step].at(0);
        for (std::size_t i = 0; i < recurrence_states; ++i)
        {
            *scaled.at(i) = 0.9 * *slope.at(i);
            by_a += *scaled.at(i) * now[i];
        }
        scaled.close();
        // State i is in its own sum, behind in that of i - 1, and before in that of i + 1.
        const double *const own = scaled.at(0), *const two_before = tanh_now - 2, *const two_behind = now + 2;
        for (std::size_t i = 0; i < recurrence_states; ++i)
        {
            *slope.at(i) = own[i] * (a + b) + b * ((own - 1)[i] * two_before[i] +
                                                   own[i + 1] * (1 - tanh_now[i] * tanh_now[i]) * two_behind[i]);
        }
    }
    return by_a;
}

void layers_gradient(std::size_t count, const double* x, const double* const* parameters, double* const* by_parameters,
                     double* values)
{
    std::copy_n(x, layer_size, values);
    for (std::size_t k = 0; k < count; ++k)
    {
        layer(values + k * layer_size, parameters[2 * k], parameters[2 * k + 1], values + (k + 1) * layer_size);
    }
    alignas(64) double slope[layer_size];
    for (std::size_t i = 0; i < layer_size; ++i)
    {
        slope[i] = 2 * values[count * layer_size + i];
    }
    for (std::size_t k = count; k-- > 0;)
    {
        layer_slopes(values + k * layer_size, parameters[2 * k], values + (k + 1) * layer_size, slope,
                     by_parameters[2 * k], by_parameters[2 * k + 1]);
    }
}

} // namespace loops
