// Back through time, with s' = s f + i g and h' = o tanh(s'), where f = sigmoid(z wf + bf) and so on: an adjoint of h'
// gives one to o and to s', that of s' one to s, f, i and g, and those of the gates go on to z and h, weights and
// biases.

#include "tests/benchmarks/gradbench/by_hand/by_hand.hpp"

#include <cmath>
#include <vector>

namespace gradbench::by_hand
{

namespace
{

double sigmoid(double x)
{
    return 1 / (1 + std::exp(-x));
}

/// What a layer computes of one bit of one character.
struct cell
{
    double z, h, s;                            ///< its input, and what it showed and remembered before
    double forget, in, out, change, tanh_of_s; ///< the gates, and tanh of what it remembers now
};

struct network
{
    explicit network(const lstm::input& in)
        : l(in.state.shape()[0] / 2),
          b(in.state.shape()[1]),
          last(in.sequence.shape()[0] - 1),
          main(in.main_params.data()),
          extra(in.extra_params.data()),
          sequence(in.sequence.data()),
          state(in.state.data(), in.state.data() + 2 * l * b)
    {
    }

    const double* weights(std::size_t layer) const { return main + 8 * layer * b; }
    const double* biases(std::size_t layer) const { return weights(layer) + 4 * b; }

    /// One character: the cells of all layers, and y. Gives what is added to the loss.
    double step(std::size_t t, cell* cells, double* y)
    {
        double sum = 2, chosen = 0, of_chosen = 0;
        for (std::size_t j = 0; j < b; ++j)
        {
            double z = sequence[t * b + j] * extra[j];
            for (std::size_t layer = 0; layer < l; ++layer)
            {
                const double *const w = weights(layer) + j, *const bias = biases(layer) + j;
                double &h = state[2 * layer * b + j], &s = state[(2 * layer + 1) * b + j];
                cell& c = cells[layer * b + j];
                c = {z,
                     h,
                     s,
                     sigmoid(z * w[0] + bias[0]),
                     sigmoid(h * w[b] + bias[b]),
                     sigmoid(z * w[2 * b] + bias[2 * b]),
                     std::tanh(h * w[3 * b] + bias[3 * b]),
                     0};
                s = s * c.forget + c.in * c.change;
                c.tanh_of_s = std::tanh(s);
                z = h = c.out * c.tanh_of_s;
            }
            y[j] = z * extra[b + j] + extra[2 * b + j];
            const double next = sequence[(t + 1) * b + j];
            sum += std::exp(y[j]);
            chosen += next;
            of_chosen += next * y[j];
        }
        return of_chosen - chosen * std::log(sum);
    }

    std::size_t l, b, last;
    const double *main, *extra, *sequence;
    std::vector<double> state; ///< h and s of each layer
};

} // namespace

double primal(const lstm::input& in)
{
    network of(in);
    std::vector<cell> cells(of.l * of.b);
    std::vector<double> y(of.b);
    double loss = 0;
    for (std::size_t t = 0; t < of.last; ++t)
    {
        loss += of.step(t, cells.data(), y.data());
    }
    return -loss / static_cast<double>(of.last * of.b);
}

array derivative(const lstm::input& in)
{
    network of(in);
    const std::size_t l = of.l, b = of.b, last = of.last;
    std::vector<cell> cells(last * l * b);
    std::vector<double> y(last * b), h_bar(l * b, 0.0), s_bar(l * b, 0.0), y_bar(b);
    for (std::size_t t = 0; t < last; ++t)
    {
        of.step(t, &cells[t * l * b], &y[t * b]);
    }
    array result = xt::zeros<double>({8 * l * b + 3 * b});
    double *const by_main = result.data(), *const by_extra = by_main + 8 * l * b;
    for (std::size_t t = last; t-- > 0;)
    {
        const double* const next = of.sequence + (t + 1) * b;
        double sum = 2, chosen = 0;
        for (std::size_t j = 0; j < b; ++j)
        {
            y_bar[j] = std::exp(y[t * b + j]);
            sum += y_bar[j];
            chosen += next[j];
        }
        for (std::size_t j = 0; j < b; ++j)
        {
            y_bar[j] = (chosen * y_bar[j] / sum - next[j]) / static_cast<double>(last * b);
            const cell& top = cells[(t * l + l - 1) * b + j];
            by_extra[b + j] += y_bar[j] * top.out * top.tanh_of_s;
            by_extra[2 * b + j] += y_bar[j];
            double z_bar = y_bar[j] * of.extra[b + j];
            for (std::size_t layer = l; layer-- > 0;)
            {
                const cell& c = cells[(t * l + layer) * b + j];
                const double* const w = of.weights(layer) + j;
                double *const w_bar = by_main + 8 * layer * b + j, *const bias_bar = w_bar + 4 * b;
                double &h_next = h_bar[layer * b + j], &s_next = s_bar[layer * b + j];
                const double shown = z_bar + h_next;
                const double remembered = s_next + shown * c.out * (1 - c.tanh_of_s * c.tanh_of_s);
                const double forget = remembered * c.s * c.forget * (1 - c.forget);
                const double in_gate = remembered * c.change * c.in * (1 - c.in);
                const double out = shown * c.tanh_of_s * c.out * (1 - c.out);
                const double change = remembered * c.in * (1 - c.change * c.change);
                w_bar[0] += forget * c.z;
                w_bar[b] += in_gate * c.h;
                w_bar[2 * b] += out * c.z;
                w_bar[3 * b] += change * c.h;
                bias_bar[0] += forget;
                bias_bar[b] += in_gate;
                bias_bar[2 * b] += out;
                bias_bar[3 * b] += change;
                z_bar = forget * w[0] + out * w[2 * b];
                h_next = in_gate * w[b] + change * w[3 * b];
                s_next = remembered * c.forget;
            }
            by_extra[j] += z_bar * of.sequence[t * b + j];
        }
    }
    return result;
}

} // namespace gradbench::by_hand
