// What a layer of a network costs, against how many there are.

#include "tests/benchmarks/programs.hpp"
#include "tests/benchmarks/programs_loops.hpp"

#include "autograd/random/legacy_generator.hpp"

namespace programs
{

namespace
{

using loops::layers_batch;
using loops::layers_width;

/// Inputs: rows, and a weight and a bias for each layer; outputs: the gradients of the sum of squares of the last tanh
/// by all of these but the rows.
variables<double> gradient_of_layers(const variables<double>& x)
{
    autograd::variable<double> y = x[0];
    for (std::size_t k = 1; k < x.size(); k += 2)
    {
        y = tanh(matmul(y, x[k]) + x[k + 1]);
    }
    return gradient(sum(square(y)), variables<double>(x.begin() + 1, x.end()));
}

/// Weights that neither shrink nor stretch much what passes through many of them.
arrays<double> inputs_of_layers(std::size_t count)
{
    autograd::random::legacy_generator stream(0);
    arrays<double> result{stream.randn({layers_batch, layers_width})};
    for (std::size_t k = 0; k < count; ++k)
    {
        result.emplace_back(0.25 * stream.randn({layers_width, layers_width}));
        result.emplace_back(0.1 * stream.randn({std::size_t{1}, layers_width}));
    }
    return result;
}

/// The hand-derived gradient with its memory.
class layers_by_hand
{
public:
    explicit layers_by_hand(std::size_t count) : m_values((count + 1) * layers_batch * layers_width) {}

    void run(const arrays<double>& x, arrays<double>& by)
    {
        m_parameters.clear();
        m_slopes.clear();
        for (std::size_t k = 0; k < by.size(); ++k)
        {
            m_parameters.push_back(x[k + 1].data());
            m_slopes.push_back(by[k].data());
        }
        loops::layers_gradient(by.size() / 2, x[0].data(), m_parameters.data(), m_slopes.data(), m_values.data());
    }

private:
    std::vector<double> m_values;
    std::vector<const double*> m_parameters;
    std::vector<double*> m_slopes;
};

} // namespace

void add_layers()
{
    for (const std::size_t count : {10u, 100u, 1000u})
    {
        const work<double> w{"layers_" + std::to_string(count), "ns/layer", count, gradient_of_layers,
                             [=] { return inputs_of_layers(count); }};
        add_both(w);
        add_by_hand(w, [hand = layers_by_hand(count)](const arrays<double>& x, arrays<double>& by) mutable
                    { hand.run(x, by); });
    }
}

} // namespace programs
