// The work of long_chain.cpp in libtorch.

#include "tests/benchmarks/libtorch.hpp"
#include "tests/benchmarks/long_chain.hpp"

namespace
{

using libtorch::Tensor;

/// The graph is kept over the gradient, as a tape keeps it: it ends in the destructor.
class chain
{
public:
    void record(std::size_t length)
    {
        m_w = at::tensor({0.999999, 1.0, 1.000001, 1.0}, libtorch::options()).requires_grad_();
        Tensor y = m_w;
        for (std::size_t i = 0; i < length; ++i)
        {
            y = y * m_w;
        }
        m_loss = y.sum();
    }
    void differentiate() { m_gradient = libtorch::gradient(m_loss, {m_w}, true); }

private:
    Tensor m_w;
    Tensor m_loss;
    std::vector<Tensor> m_gradient;
};

} // namespace

void measure::register_benchmarks()
{
    libtorch::use_one_thread();
    long_chain::add_all<chain>(measure::libtorch, {1'000, 10'000, 100'000, 1'000'000});
}
