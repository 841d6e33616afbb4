// Programs beside the recordings that they were compiled from, and beside loops by hand. Here, steps of gradient
// descent.

#include "tests/benchmarks/programs.hpp"
#include "tests/benchmarks/article_step.hpp"
#include "tests/benchmarks/programs_network.hpp"

#include "examples/article/training.hpp"
#include "nn/loss.hpp"

#include <cblas.h>

namespace
{

using namespace programs;

// ------------------------------------------------------------------------------------------------------- the article

constexpr double epsilon = article_step::epsilon;

article::variables network_of(const variables<double>& x)
{
    return {x[0], x[1], x[2], x[3]};
}

/// One pass of gradient descent over the article's points, which are baked in.
variables<double> article_pass(const variables<double>& x)
{
    static const nn::labelled_points data = article_step::points();
    auto labels = data.labels;
    labels.reshape({labels.size(), std::size_t{1}});
    autograd::tape<double>& tape = x[0].tape();
    const article::variables network = network_of(x);
    const auto loss = article::summed_loss(network, tape.constant(data.points), tape.index(labels),
                                           article_step::lambda, article::logarithm::of_softmax);
    const article::variables slope = gradient(loss, network);
    return {network.W1 - epsilon * slope.W1, network.b1 - epsilon * slope.b1, network.W2 - epsilon * slope.W2,
            network.b2 - epsilon * slope.b2};
}

void add_article(std::size_t h)
{
    const auto start = [=]
    {
        const article::arrays network = article_step::start(h);
        return arrays<double>{network.W1, network.b1, network.W2, network.b2};
    };
    const std::string work = "article_hidden_" + std::to_string(h);
    measure::add(subject, work, measure::xgrad, "us/pass", 1,
                 [=]
                 {
                     const autograd::program_options in_place{.replaces = {{0, 0}, {1, 1}, {2, 2}, {3, 3}}};
                     auto program = std::make_unique<compiled<double>>(article_pass, start(), in_place);
                     article::arrays by_hand = article_step::start(h);
                     article_step::descend(by_hand, article::hand_derived_gradient(by_hand, article_step::points(),
                                                                                   article_step::lambda));
                     program->run();
                     expect_equal(program->inputs()[0], by_hand.W1.data(), 1e-12);
                     expect_equal(program->inputs()[2], by_hand.W2.data(), 1e-12);
                     return [program = std::move(program)] { program->run(); };
                 });
    measure::add(subject, work, measure::recorded, "us/pass", 1,
                 [=]
                 {
                     auto training = std::make_unique<article::training>(article_step::points(), article_step::lambda);
                     return [training = std::move(training), parameters = article_step::start(h)]() mutable
                     { training->descend(parameters, epsilon); };
                 });
    measure::add(subject, work, measure::plain, "us/pass", 1,
                 [=]
                 {
                     return [data = article_step::points(), parameters = article_step::start(h)]() mutable {
                         article_step::descend(parameters,
                                               article::hand_derived_gradient(parameters, data, article_step::lambda));
                     };
                 });
}

// ------------------------------------------------------------------------------------------------- a network of relu

/// y = a b, each of them transposed or not; y of shape (m, n).
void multiply(bool transpose_a, bool transpose_b, std::size_t m, std::size_t n, std::size_t inner, const float* a,
              const float* b, float* y)
{
    const auto extent = [](std::size_t x) { return static_cast<int>(x); };
    cblas_sgemm(CblasRowMajor, transpose_a ? CblasTrans : CblasNoTrans, transpose_b ? CblasTrans : CblasNoTrans,
                extent(m), extent(n), extent(inner), 1, a, extent(transpose_a ? m : inner), b,
                extent(transpose_b ? inner : n), 0, y, extent(n));
}

/// The eight products of a pass and nothing else, each into memory of its own.
class products_of_network
{
public:
    explicit products_of_network(std::size_t batch) : m_batch(batch)
    {
        for (std::size_t k = 0; k < 4; ++k)
        {
            m_values.emplace_back(batch * layers[k], 0.5F);
            m_slopes.emplace_back(batch * layers[k], 0.5F);
            m_weights.emplace_back(k < 3 ? layers[k] * layers[k + 1] : 0, 0.5F);
            m_slopes_of_weights.emplace_back(m_weights[k].size(), 0.5F);
        }
    }
    void run()
    {
        for (std::size_t k = 0; k < 3; ++k)
        {
            multiply(false, false, m_batch, layers[k + 1], layers[k], m_values[k].data(), m_weights[k].data(),
                     m_values[k + 1].data());
        }
        for (std::size_t k = 3; k-- > 0;)
        {
            multiply(true, false, layers[k], layers[k + 1], m_batch, m_values[k].data(), m_slopes[k + 1].data(),
                     m_slopes_of_weights[k].data());
            if (k > 0)
            {
                multiply(false, true, m_batch, layers[k], layers[k + 1], m_slopes[k + 1].data(), m_weights[k].data(),
                         m_slopes[k].data());
            }
        }
    }

private:
    std::size_t m_batch;
    std::vector<std::vector<float>> m_values, m_slopes, m_weights, m_slopes_of_weights;
};

void add_network(std::size_t batch)
{
    const std::string work = network(batch);
    measure::add(subject, work, measure::xgrad, "us/pass", 1,
                 [=]
                 {
                     autograd::program_options in_place;
                     for (std::size_t k = 0; k < 6; ++k)
                     {
                         in_place.replaces.push_back({k, k + 2});
                     }
                     auto program = std::make_unique<compiled<float>>(network_pass, network_inputs(batch), in_place);
                     program->run();
                     const arrays<float> parameters(program->inputs().begin() + 2, program->inputs().end());
                     expect_equal(parameters, values_of(network_pass, network_inputs(batch)), 1e-6);
                     return [program = std::move(program)] { program->run(); };
                 });
    measure::add(subject, work, measure::recorded, "us/pass", 1,
                 [=]
                 {
                     return [inputs = network_inputs(batch), tape = std::make_unique<autograd::tape<float>>()]() mutable
                     {
                         tape->clear();
                         const auto next = network_pass(on_tape(*tape, inputs));
                         for (std::size_t k = 0; k < next.size(); ++k)
                         {
                             std::copy_n(next[k].data(), next[k].size(), inputs[k + 2].data());
                         }
                     };
                 });
    measure::add(subject, work, measure::plain, "us/pass", 1,
                 [=] { return [products = std::make_unique<products_of_network>(batch)] { products->run(); }; });
}

} // namespace

void measure::register_benchmarks()
{
    for (const std::size_t h : article_step::hidden)
    {
        add_article(h);
    }
    for (const std::size_t batch : batches)
    {
        add_network(batch);
    }
    add_layers();
    add_array_functions();
    add_small_models();
}
