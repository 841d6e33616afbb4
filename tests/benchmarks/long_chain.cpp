// Chains of a thousand to ten million operations: nothing may recurse, the time for each operation hardly depends on
// the length, and each operation's memory is counted.

#include "tests/benchmarks/long_chain.hpp"

#include "autograd/autograd.hpp"

namespace
{

class chain
{
public:
    void record(std::size_t length)
    {
        m_w = m_tape.variable(xt::xarray<double>{0.999999, 1.0, 1.000001, 1.0});
        autograd::variable<double> y = m_w;
        for (std::size_t i = 0; i < length; ++i)
        {
            y = y * m_w;
        }
        m_loss = sum(y);
    }
    void differentiate() { benchmark::DoNotOptimize(gradient(m_loss, m_w)); }

private:
    autograd::tape<double> m_tape;
    autograd::variable<double> m_w;
    autograd::variable<double> m_loss;
};

} // namespace

void measure::register_benchmarks()
{
    long_chain::add_all<chain>(measure::xgrad, {1'000, 10'000, 100'000, 1'000'000, 10'000'000});
}
