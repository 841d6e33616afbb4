// Of the work of programs what is whole tensors, in libtorch.

#include "tests/benchmarks/libtorch.hpp"
#include "tests/benchmarks/measure.hpp"
#include "tests/benchmarks/programs_inputs.hpp"
#include "tests/benchmarks/programs_loops.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace
{

using libtorch::Tensor;
using namespace programs;

template <class T>
Tensor tensor(const std::vector<T>& numbers, const std::vector<std::int64_t>& extents)
{
    const auto type = c10::CppTypeToScalarType<T>::value;
    return at::from_blob(const_cast<T*>(numbers.data()), extents, at::TensorOptions().dtype(type)).clone();
}

template <class T>
Tensor differentiated(const std::vector<T>& numbers, const std::vector<std::int64_t>& extents)
{
    return tensor(numbers, extents).requires_grad_();
}

std::int64_t extent(std::size_t n)
{
    return static_cast<std::int64_t>(n);
}

/// Those who are compared must compute the same: throws unless each number is as expected within a part of the largest.
void expect_equal(const Tensor& found, const std::vector<double>& expected)
{
    const Tensor dense = found.detach().contiguous();
    const double* const numbers = dense.data_ptr<double>();
    double largest = 0, difference = 0;
    for (std::size_t i = 0; i < expected.size(); ++i)
    {
        largest = std::max(largest, std::abs(expected[i]));
        difference = std::max(difference, std::abs(numbers[i] - expected[i]));
    }
    if (!(difference <= 1e-12 * largest))
    {
        throw std::runtime_error("programs: libtorch's numbers differ by " + std::to_string(difference) + " of " +
                                 std::to_string(largest));
    }
}

// ------------------------------------------------------------------------------------------------- a network of relu

class training
{
public:
    explicit training(std::size_t batch)
        : m_images(tensor(network_numbers(batch * layers[0], image_scale), {extent(batch), extent(layers[0])})),
          m_targets(tensor(network_targets(batch), {extent(batch), extent(layers[3])}))
    {
        for (std::size_t k = 0; k < 3; ++k)
        {
            for (const std::size_t rows : {layers[k], std::size_t{1}})
            {
                m_parameters.push_back(differentiated(network_numbers(rows * layers[k + 1], parameter_scale),
                                                      {extent(rows), extent(layers[k + 1])}));
            }
        }
    }

    void descend()
    {
        Tensor y = m_images;
        for (std::size_t k = 0; k < m_parameters.size(); k += 2)
        {
            y = matmul(y, m_parameters[k]) + m_parameters[k + 1];
            y = k + 2 < m_parameters.size() ? relu(y) : y;
        }
        const Tensor loss = -(m_targets * log_softmax(y, 1)).sum(1).mean();
        const std::vector<Tensor> slopes = libtorch::gradient(loss, m_parameters, false);
        const at::NoGradGuard unrecorded;
        for (std::size_t k = 0; k < slopes.size(); ++k)
        {
            m_parameters[k].sub_(slopes[k], rate);
        }
    }

private:
    std::vector<Tensor> m_parameters; ///< of each layer weight and bias
    Tensor m_images;
    Tensor m_targets;
};

void add_network(std::size_t batch)
{
    measure::add(subject, network(batch), measure::libtorch, "us/pass", 1,
                 [=] { return [run = training(batch)]() mutable { run.descend(); }; });
}

// ------------------------------------------------------------------------------------------------- element by element

std::vector<Tensor> gradient_of_elements(const std::vector<Tensor>& x)
{
    const Tensor y = tanh(x[0] * x[1] + x[2]) * sigmoid(x[0]) + exp(-square(x[0]));
    return libtorch::gradient(y.sum(), x, false);
}

void add_elementwise(std::size_t side)
{
    measure::add(subject, elementwise_gradient(side), measure::libtorch, "us/gradient", 1,
                 [=]
                 {
                     const std::vector<double> numbers = even(-3, 3, side * side);
                     const std::vector<Tensor> x{differentiated(numbers, {extent(side), extent(side)}),
                                                 differentiated<double>({factor}, {}),
                                                 differentiated<double>({shift}, {})};
                     std::vector<double> by_x(numbers.size()), by_a(1), by_b(1);
                     loops::elementwise_gradient(numbers.data(), factor, shift, numbers.size(), by_x.data(),
                                                 by_a.data(), by_b.data());
                     const std::vector<Tensor> slopes = gradient_of_elements(x);
                     expect_equal(slopes[0], by_x);
                     expect_equal(slopes[1], by_a);
                     expect_equal(slopes[2], by_b);
                     return [=] { benchmark::DoNotOptimize(gradient_of_elements(x)); };
                 });
}

// ---------------------------------------------------------------------------------------------------------- all pairs

/// Of points x and y of shape (3, n), and w of shape (n).
Tensor of_all_pairs(const std::vector<Tensor>& x)
{
    const Tensor differences = x[0].unsqueeze(2) - x[1].unsqueeze(1);
    return (exp(-square(differences).sum(0)) * x[2]).sum();
}

void add_all_pairs()
{
    const std::vector<double> x = even(-2, 2, 3 * points), y = even(-1, 3, 3 * points), w = even(0, 1, points);
    const auto tensors = [=]
    {
        const std::vector<std::int64_t> extents{3, extent(points)};
        return std::vector<Tensor>{differentiated(x, extents), differentiated(y, extents),
                                   differentiated(w, {extent(points)})};
    };
    measure::add(subject, all_pairs, measure::libtorch, "us/gradient", 1,
                 [=]
                 {
                     const std::vector<Tensor> inputs = tensors();
                     const auto gradient = [=] { return libtorch::gradient(of_all_pairs(inputs), {inputs[0]}, false); };
                     std::vector<double> by_x(x.size());
                     loops::all_pairs_gradient(x.data(), y.data(), w.data(), points, by_x.data());
                     expect_equal(gradient()[0], by_x);
                     return [=] { benchmark::DoNotOptimize(gradient()); };
                 });
    measure::add(subject, all_pairs_by_all, measure::libtorch, "us/gradient", 1,
                 [=]
                 {
                     const std::vector<Tensor> inputs = tensors();
                     const auto gradients = [=] { return libtorch::gradient(of_all_pairs(inputs), inputs, false); };
                     std::vector<double> by_x(x.size()), by_y(y.size()), by_w(w.size());
                     const double value = loops::all_pairs_gradients(x.data(), y.data(), w.data(), points, by_x.data(),
                                                                     by_y.data(), by_w.data());
                     const std::vector<Tensor> slopes = gradients();
                     expect_equal(of_all_pairs(inputs), {value});
                     expect_equal(slopes[0], by_x);
                     expect_equal(slopes[1], by_y);
                     expect_equal(slopes[2], by_w);
                     return [=] { benchmark::DoNotOptimize(gradients()); };
                 });
}

} // namespace

void measure::register_benchmarks()
{
    libtorch::use_one_thread();
    for (const std::size_t batch : batches)
    {
        add_network(batch);
    }
    for (const std::size_t side : sides)
    {
        add_elementwise(side);
    }
    add_all_pairs();
}
