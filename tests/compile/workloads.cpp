#include "compile/workloads.hpp"

#include <cmath>

namespace workloads
{

namespace
{

using namespace autograd;
using real = variable<double>;
using reals = std::vector<real>;

array<double> numbers(std::initializer_list<std::size_t> shape, double low, double high)
{
    array<double> x = array<double>::from_shape(std::vector<std::size_t>(shape));
    for (std::size_t i = 0; i < x.size(); ++i)
    {
        x.data()[i] = low + (high - low) * std::fmod(0.618033988749895 * static_cast<double>(i + 1), 1.0);
    }
    return x;
}

/// A loss and its gradient by the inputs.
recording with_gradient(const reals& inputs, real loss)
{
    recording result;
    result.inputs.assign(inputs.begin(), inputs.end());
    result.outputs.push_back(loss);
    for (const real& slope : gradient(loss, inputs))
    {
        result.outputs.push_back(slope);
    }
    return result;
}

/// Two layers between 20 inputs and 10 outputs, with a mean over 64 examples of what `loss` makes of them.
template <class Activation, class Loss>
recording network(tape<double>& on, Activation activation, Loss loss)
{
    const real x = on.variable(numbers({64, 20}, -1, 1)), w = on.variable(numbers({20, 32}, -0.3, 0.3)),
               b = on.variable(numbers({32}, -0.1, 0.1)), u = on.variable(numbers({32, 10}, -0.3, 0.3)),
               c = on.variable(numbers({10}, -0.1, 0.1));
    const real y = matmul(activation(matmul(x, w) + b), u) + c;
    const real target = on.constant(numbers({64, 10}, 0, 1));
    return with_gradient({w, b, u, c}, mean(loss(y, target)));
}

const auto squared_error = [](real y, real target) { return square(y - target); };
const auto cross_entropy = [](real y, real target) { return -sum(target * log_softmax(y, 1), 1); };
const auto binary_cross_entropy = [](real y, real target)
{ return maximum(y, 0.0) - y * target + log1p(exp(-abs(y))); };
const auto huber = [](real y, real target)
{
    const real d = abs(y - target);
    return where(d <= 1.0, 0.5 * square(d), d - 0.5);
};

/// Parameters after a step, of a gradient that is given.
template <class Step>
recording update(tape<double>& on, Step step)
{
    const real w = on.variable(numbers({512}, -1, 1)), g = on.variable(numbers({512}, -1, 1)),
               m = on.variable(numbers({512}, -0.1, 0.1)), v = on.variable(numbers({512}, 0, 0.1)),
               t = on.variable(3.0);
    recording result{{w, g, m, v, t}, {}};
    for (const real& y : step(w, g, m, v, t))
    {
        result.outputs.push_back(y);
    }
    return result;
}

reals momentum(real w, real g, real m, real, real)
{
    const real next = 0.9 * m + g;
    return {w - 0.01 * next, next};
}

reals adam(real w, real g, real m, real v, real t)
{
    const real m1 = 0.9 * m + 0.1 * g, v1 = 0.999 * v + 0.001 * square(g);
    const real m_hat = m1 / (1 - pow(0.9, t)), v_hat = v1 / (1 - pow(0.999, t));
    return {w - 0.001 * m_hat / (sqrt(v_hat) + 1e-8), m1, v1};
}

reals root_mean_square(real w, real g, real, real v, real)
{
    const real v1 = 0.99 * v + 0.01 * square(g);
    return {w - 0.01 * g / (sqrt(v1) + 1e-8), v1};
}

real normalized(real x)
{
    const real centered = x - mean(x, 1, xt::keep_dims);
    return centered / sqrt(mean(square(centered), 1, xt::keep_dims) + 1e-5);
}

recording layer_norm(tape<double>& on)
{
    const real x = on.variable(numbers({32, 64}, -1, 1)), scale = on.variable(numbers({64}, 0.5, 1)),
               shift = on.variable(numbers({64}, -0.5, 0.5));
    return with_gradient({x, scale, shift}, sum(square(normalized(x) * scale + shift)));
}

recording long_short_term_memory(tape<double>& on)
{
    const real w = on.variable(numbers({24, 64}, -0.3, 0.3)), b = on.variable(numbers({64}, -0.1, 0.1));
    real h = on.variable(numbers({8, 16}, -0.5, 0.5)), c = on.variable(numbers({8, 16}, -0.5, 0.5));
    for (std::size_t step = 0; step < 4; ++step)
    {
        const real x = on.constant(numbers({8, 8}, -1, 1));
        const real gates = matmul(concatenate({x, h}, 1), w) + b;
        const auto part = [&](std::size_t k) { return slice(gates, 1, 16 * k, 16 * (k + 1)); };
        c = sigmoid(part(0)) * c + sigmoid(part(1)) * tanh(part(2));
        h = sigmoid(part(3)) * tanh(c);
    }
    return with_gradient({w, b}, sum(square(h)));
}

recording gated_unit(tape<double>& on)
{
    const real w = on.variable(numbers({16, 16}, -0.3, 0.3)), u = on.variable(numbers({16, 16}, -0.3, 0.3));
    real h = on.variable(numbers({8, 16}, -0.5, 0.5));
    for (std::size_t step = 0; step < 4; ++step)
    {
        const real z = sigmoid(matmul(h, w)), candidate = tanh(matmul(h, u));
        h = (1 - z) * h + z * candidate;
    }
    return with_gradient({w, u}, sum(square(h)));
}

recording attention(tape<double>& on)
{
    const real q = on.variable(numbers({4, 16, 8}, -1, 1)), k = on.variable(numbers({4, 16, 8}, -1, 1)),
               v = on.variable(numbers({4, 16, 8}, -1, 1));
    const real weights = softmax(matmul(q, transpose(k, {0, 2, 1})) / std::sqrt(8.0), 2);
    return with_gradient({q, k, v}, sum(square(matmul(weights, v))));
}

recording elementwise(tape<double>& on)
{
    const real x = on.variable(numbers({1000}, -3, 3)), a = on.variable(1.25), b = on.variable(0.5);
    return with_gradient({x, a, b}, sum(tanh(x * a + b) * sigmoid(x) + exp(-square(x))));
}

recording all_pairs(tape<double>& on)
{
    const real x = on.variable(numbers({3, 40}, -2, 2)), y = on.variable(numbers({3, 100}, -1, 3)),
               w = on.variable(numbers({100}, 0, 1));
    const real d = reshape(x, {3, 40, 1}) - reshape(y, {3, 1, 100});
    return with_gradient({x, y, w}, sum(exp(-sum(square(d), 0)) * w));
}

recording mixture(tape<double>& on)
{
    const real x = on.constant(numbers({200, 1}, -2, 2)), mu = on.variable(numbers({4}, -1, 1)),
               log_sigma = on.variable(numbers({4}, -0.5, 0.5)), weights = on.variable(numbers({4}, 0, 1));
    const real z = (x - mu) * exp(-log_sigma);
    return with_gradient({mu, log_sigma, weights},
                         -sum(logsumexp(log_softmax(weights, 0) - log_sigma - 0.5 * square(z), 1)));
}

/// The log density of eight schools, whose effects are normal around a common one.
recording hierarchy(tape<double>& on)
{
    const real mu = on.variable(4.0), log_tau = on.variable(0.5), eta = on.variable(numbers({8}, -1, 1));
    const real y = on.constant(numbers({8}, -3, 28)), sigma = on.constant(numbers({8}, 9, 18));
    const real theta = mu + exp(log_tau) * eta;
    return with_gradient({mu, log_tau, eta}, -0.5 * sum(square((y - theta) / sigma)) - 0.5 * sum(square(eta)) -
                                                 square(mu) / 50 - log1p(square(exp(log_tau) / 5)) + log_tau);
}

recording logistic_regression(tape<double>& on)
{
    const real x = on.constant(numbers({200, 10}, -1, 1)), y = on.constant(numbers({200}, 0, 1)),
               w = on.variable(numbers({10}, -0.5, 0.5)), b = on.variable(0.1);
    const real score = matmul(x, w) + b;
    return with_gradient({w, b}, sum(softplus(score) - y * score) + 0.05 * sum(square(w)));
}

recording poisson_regression(tape<double>& on)
{
    const real x = on.constant(numbers({200, 10}, -1, 1)), y = on.constant(numbers({200}, 0, 5)),
               w = on.variable(numbers({10}, -0.5, 0.5));
    const real score = matmul(x, w);
    return with_gradient({w}, sum(exp(score) - y * score));
}

recording pendulum(tape<double>& on)
{
    const real start = on.variable(1.0), length = on.variable(0.7);
    const auto acceleration = [&](real angle) { return -9.81 / length * sin(angle); };
    real angle = start, velocity = on.variable(0.0);
    const double h = 0.01;
    for (std::size_t step = 0; step < 8; ++step)
    {
        const real k1 = velocity, l1 = acceleration(angle), k2 = velocity + h / 2 * l1,
                   l2 = acceleration(angle + h / 2 * k1), k3 = velocity + h / 2 * l2,
                   l3 = acceleration(angle + h / 2 * k2), k4 = velocity + h * l3, l4 = acceleration(angle + h * k3);
        angle = angle + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4);
        velocity = velocity + h / 6 * (l1 + 2 * l2 + 2 * l3 + l4);
    }
    return with_gradient({start, length}, square(angle - 0.3));
}

recording neighbours(tape<double>& on)
{
    const real a = on.variable(0.4), b = on.variable(0.3);
    reals state;
    for (std::size_t i = 0; i < 12; ++i)
    {
        state.push_back(on.constant(std::sin(static_cast<double>(i))));
    }
    for (std::size_t step = 0; step < 4; ++step)
    {
        reals next;
        for (std::size_t i = 0; i < state.size(); ++i)
        {
            const real left = state[(i + 11) % 12], right = state[(i + 1) % 12];
            next.push_back(0.9 * (a * state[i] + b * tanh(left) * right + b * state[i]));
        }
        state = next;
    }
    real total = state[0];
    for (const real& x : state)
    {
        total = total + x;
    }
    return with_gradient({a, b}, total);
}

recording predators(tape<double>& on)
{
    const real a = on.variable(1.1), b = on.variable(0.4), c = on.variable(0.1), d = on.variable(0.4);
    real prey = on.variable(10.0), predator = on.variable(5.0);
    for (std::size_t step = 0; step < 8; ++step)
    {
        const real growth = prey * (a - b * predator), decline = predator * (c * prey - d);
        prey = prey + 0.01 * growth;
        predator = predator + 0.01 * decline;
    }
    return with_gradient({a, b, c, d}, square(prey - 3) + square(predator - 4));
}

recording option_prices(tape<double>& on)
{
    const real s = on.variable(numbers({256}, 80, 120)), k = on.constant(numbers({256}, 80, 120)),
               sigma = on.variable(0.2), r = on.variable(0.03);
    const real d1 = (log(s / k) + (r + 0.5 * square(sigma))) / sigma, d2 = d1 - sigma;
    const auto normal = [](real x) { return 0.5 * (1 + erf(x / std::sqrt(2.0))); };
    return with_gradient({s, sigma, r}, sum(s * normal(d1) - k * exp(-r) * normal(d2)));
}

recording rotations(tape<double>& on)
{
    const real angle = on.variable(numbers({300}, -3, 3)), x = on.constant(numbers({300}, -1, 1)),
               y = on.constant(numbers({300}, -1, 1));
    const real c = cos(angle), s = sin(angle);
    return with_gradient({angle}, sum(square(c * x - s * y - 0.1) + square(s * x + c * y)));
}

recording hessian_product(tape<double>& on)
{
    const real x = on.variable(numbers({300}, -1, 1)), v = on.variable(numbers({300}, -1, 1));
    const real loss = sum(tanh(x) * exp(-square(x)) + log1p(square(x)));
    const real along = sum(gradient(loss, x) * v);
    return with_gradient({x}, along);
}

#define WORKLOADS_NETWORK(activation, loss)                                                                            \
    workload                                                                                                           \
    {                                                                                                                  \
#activation ", " #loss, [](tape<double>& on)                                                              \
             { return network(on, [](real x) { return activation(x); }, loss); }            \
    }
#define WORKLOADS_UPDATE(step)                                                                                         \
    workload                                                                                                           \
    {                                                                                                                  \
#step, [](tape <double> & on) { return update(on, step); }                                                     \
    }
#define WORKLOADS_PLAIN(name)                                                                                          \
    workload                                                                                                           \
    {                                                                                                                  \
#name, name                                                                                                    \
    }

} // namespace

const std::vector<workload>& all()
{
    static const std::vector<workload> list{
        WORKLOADS_NETWORK(tanh, cross_entropy),
        WORKLOADS_NETWORK(sigmoid, squared_error),
        WORKLOADS_NETWORK(relu, cross_entropy),
        WORKLOADS_NETWORK(silu, binary_cross_entropy),
        WORKLOADS_NETWORK(gelu, huber),
        WORKLOADS_NETWORK(softplus, squared_error),
        WORKLOADS_NETWORK(elu, squared_error),
        WORKLOADS_UPDATE(momentum),
        WORKLOADS_UPDATE(adam),
        WORKLOADS_UPDATE(root_mean_square),
        WORKLOADS_PLAIN(layer_norm),
        WORKLOADS_PLAIN(long_short_term_memory),
        WORKLOADS_PLAIN(gated_unit),
        WORKLOADS_PLAIN(attention),
        WORKLOADS_PLAIN(elementwise),
        WORKLOADS_PLAIN(all_pairs),
        WORKLOADS_PLAIN(mixture),
        WORKLOADS_PLAIN(hierarchy),
        WORKLOADS_PLAIN(logistic_regression),
        WORKLOADS_PLAIN(poisson_regression),
        WORKLOADS_PLAIN(pendulum),
        WORKLOADS_PLAIN(neighbours),
        WORKLOADS_PLAIN(predators),
        WORKLOADS_PLAIN(option_prices),
        WORKLOADS_PLAIN(rotations),
        WORKLOADS_PLAIN(hessian_product),
    };
    return list;
}

} // namespace workloads
