// The work of article_step.cpp in libtorch.

#include "tests/benchmarks/article_step.hpp"
#include "tests/benchmarks/libtorch.hpp"

namespace
{

using libtorch::Tensor;
using namespace article_step;

Tensor tensor(const xt::xarray<double>& array)
{
    const std::vector<std::int64_t> extents(array.shape().begin(), array.shape().end());
    return at::from_blob(const_cast<double*>(array.data()), extents, libtorch::options()).clone();
}

xt::xarray<double> array(const Tensor& tensor)
{
    const std::vector<std::size_t> extents(tensor.sizes().begin(), tensor.sizes().end());
    xt::xarray<double> result(extents);
    const Tensor dense = tensor.contiguous();
    std::copy_n(dense.data_ptr<double>(), result.size(), result.begin());
    return result;
}

class training
{
public:
    training(const article::arrays& start, const nn::labelled_points& data)
        : m_parameters{tensor(start.W1), tensor(start.b1), tensor(start.W2), tensor(start.b2)},
          m_points(tensor(data.points)),
          m_labels(at::empty({static_cast<std::int64_t>(data.labels.size()), 1}, at::kLong))
    {
        std::copy(data.labels.begin(), data.labels.end(), m_labels.data_ptr<std::int64_t>());
        for (Tensor& parameter : m_parameters)
        {
            parameter.requires_grad_();
        }
    }

    /// Of the same expression as article::summed_loss().
    std::vector<Tensor> gradient() const
    {
        const Tensor &W1 = m_parameters[0], &b1 = m_parameters[1], &W2 = m_parameters[2], &b2 = m_parameters[3];
        const Tensor z = matmul(tanh(matmul(m_points, W1) + b1), W2) + b2;
        const Tensor log_likelihoods = log(softmax(z, 1).gather(1, m_labels));
        const Tensor loss = lambda / 2 * (square(W1).sum() + square(W2).sum()) - log_likelihoods.sum();
        return libtorch::gradient(loss, m_parameters, false);
    }

    void descend()
    {
        const std::vector<Tensor> slope = gradient();
        const at::NoGradGuard unrecorded;
        for (std::size_t i = 0; i < slope.size(); ++i)
        {
            m_parameters[i].sub_(slope[i], epsilon);
        }
    }

private:
    std::vector<Tensor> m_parameters; ///< W1, b1, W2, b2
    Tensor m_points;
    Tensor m_labels;
};

} // namespace

void measure::register_benchmarks()
{
    libtorch::use_one_thread();
    for (const std::size_t h : article_step::hidden)
    {
        measure::add(subject, work(h), measure::libtorch, unit, 1,
                     [=]
                     {
                         training run(start(h), points());
                         const std::vector<Tensor> slope = run.gradient();
                         expect_gradient({array(slope[0]), array(slope[1]), array(slope[2]), array(slope[3])}, start(h),
                                         points());
                         return [=]() mutable { run.descend(); };
                     });
    }
}
