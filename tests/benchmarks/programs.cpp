// Programs beside the recordings that they were compiled from, and beside loops by hand.

#include "tests/benchmarks/article_step.hpp"
#include "tests/benchmarks/measure.hpp"
#include "tests/benchmarks/programs_loops.hpp"

#include "autograd/autograd.hpp"
#include "autograd/compile/program.hpp"
#include "examples/article/training.hpp"
#include "nn/loss.hpp"

#include <cblas.h>

#include <cmath>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace
{

constexpr auto subject = "programs";

template <class T>
using arrays = std::vector<autograd::array<T>>;
template <class T>
using variables = std::vector<autograd::variable<T>>;

/// A function of arrays: of variables on a tape it gives variables.
template <class T>
using function = variables<T> (*)(const variables<T>&);

template <class T>
variables<T> on_tape(autograd::tape<T>& tape, const arrays<T>& of)
{
    variables<T> result;
    for (const autograd::array<T>& each : of)
    {
        result.push_back(tape.variable(autograd::borrow(each)));
    }
    return result;
}

/// A program with its memory, and the arrays that it reads and writes.
template <class T>
class compiled
{
public:
    compiled(function<T> f, arrays<T> inputs, const autograd::program_options& how = {}) : m_inputs(std::move(inputs))
    {
        autograd::tape<T> tape;
        const variables<T> x = on_tape(tape, m_inputs);
        const variables<T> y = f(x);
        const std::vector<autograd::handle<T>> from(x.begin(), x.end()), to(y.begin(), y.end());
        m_program.emplace_back(autograd::compile<T>(from, to, how));
        m_memory.push_back(m_program[0].make_workspace());
        for (const autograd::variable<T>& each : y)
        {
            m_outputs.emplace_back(each.value());
        }
        m_arguments.assign(m_inputs.begin(), m_inputs.end());
        for (std::size_t k = 0; k < m_outputs.size(); ++k)
        {
            m_results.emplace_back(m_outputs[k]);
        }
        for (const autograd::replacement& each : how.replaces)
        {
            m_results[each.output] = autograd::output_array<T>(m_inputs[each.input]);
        }
    }
    void run() { m_program[0].run(m_arguments, m_results, m_memory[0]); }
    const arrays<T>& inputs() const { return m_inputs; }
    const arrays<T>& outputs() const { return m_outputs; }

private:
    arrays<T> m_inputs;
    arrays<T> m_outputs;
    std::vector<autograd::program<T>> m_program;
    std::vector<autograd::workspace<T>> m_memory;
    std::vector<autograd::input_array<T>> m_arguments;
    std::vector<autograd::output_array<T>> m_results;
};

template <class T>
void expect_equal(const autograd::array<T>& found, const T* expected, double tolerance)
{
    for (std::size_t i = 0; i < found.size(); ++i)
    {
        if (!(std::abs(found.data()[i] - expected[i]) <= tolerance * (1 + std::abs(expected[i]))))
        {
            throw std::runtime_error("programs: " + std::to_string(found.data()[i]) + " is not " +
                                     std::to_string(expected[i]));
        }
    }
}

/// The same work by a program and by recording it anew, `items` of it.
template <class T>
void add_both(const std::string& work, const std::string& unit, std::size_t items, function<T> f,
              const arrays<T>& inputs)
{
    measure::add(subject, work, measure::xgrad, unit, items,
                 [=]
                 {
                     auto program = std::make_unique<compiled<T>>(f, inputs);
                     program->run();
                     autograd::tape<T> tape;
                     const variables<T> expected = f(on_tape(tape, inputs));
                     for (std::size_t k = 0; k < expected.size(); ++k)
                     {
                         expect_equal(program->outputs()[k], expected[k].data(), 1e-12);
                     }
                     return [program = std::move(program)] { program->run(); };
                 });
    measure::add(subject, work, measure::recorded, unit, items,
                 [=]
                 {
                     return [=, tape = std::make_unique<autograd::tape<T>>()]
                     {
                         tape->clear();
                         benchmark::DoNotOptimize(f(on_tape(*tape, inputs)).back().data());
                     };
                 });
}

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

constexpr std::size_t layers[] = {784, 512, 512, 10};

/// Inputs: images, targets, and a weight and a bias for each layer; outputs: weights and biases after a step.
variables<float> network_pass(const variables<float>& x)
{
    autograd::variable<float> y = x[0];
    for (std::size_t k = 2; k < x.size(); k += 2)
    {
        y = matmul(y, x[k]) + x[k + 1];
        y = k + 2 < x.size() ? relu(y) : y;
    }
    const auto loss = -mean(sum(x[1] * log_softmax(y, 1), 1));
    const variables<float> parameters(x.begin() + 2, x.end());
    const variables<float> slopes = gradient(loss, parameters);
    variables<float> result;
    for (std::size_t k = 0; k < parameters.size(); ++k)
    {
        result.push_back(parameters[k] - 0.01F * slopes[k]);
    }
    return result;
}

arrays<float> network_inputs(std::size_t batch)
{
    arrays<float> result;
    const auto numbers = [](std::size_t rows, std::size_t columns, float scale)
    {
        autograd::array<float> x = autograd::array<float>::from_shape({rows, columns});
        for (std::size_t i = 0; i < x.size(); ++i)
        {
            x.data()[i] = scale * (std::fmod(0.618034F * static_cast<float>(i % 9973), 1.0F) - 0.5F);
        }
        return x;
    };
    result.push_back(numbers(batch, layers[0], 1));
    result.push_back(xt::zeros<float>({batch, layers[3]}));
    for (std::size_t row = 0; row < batch; ++row)
    {
        result[1](row, row % layers[3]) = 1;
    }
    for (std::size_t k = 0; k < 3; ++k)
    {
        result.push_back(numbers(layers[k], layers[k + 1], 0.1F));
        result.push_back(numbers(1, layers[k + 1], 0.1F));
    }
    return result;
}

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
    const std::string work = "network_batch_" + std::to_string(batch);
    measure::add(subject, work, measure::xgrad, "us/pass", 1,
                 [=]
                 {
                     autograd::program_options in_place;
                     for (std::size_t k = 0; k < 6; ++k)
                     {
                         in_place.replaces.push_back({k, k + 2});
                     }
                     auto program = std::make_unique<compiled<float>>(network_pass, network_inputs(batch), in_place);
                     autograd::tape<float> tape;
                     const arrays<float> inputs = network_inputs(batch);
                     const auto expected = network_pass(on_tape(tape, inputs));
                     program->run();
                     expect_equal(program->inputs()[2], expected[0].data(), 1e-6);
                     expect_equal(program->inputs()[7], expected[5].data(), 1e-6);
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

// ------------------------------------------------------------------------------------------------- element by element

variables<double> elementwise_gradient(const variables<double>& x)
{
    const auto loss = sum(tanh(x[0] * x[1] + x[2]) * sigmoid(x[0]) + exp(-square(x[0])));
    return gradient(loss, variables<double>{x[0], x[1], x[2]});
}

void add_elementwise(std::size_t side)
{
    arrays<double> inputs{xt::linspace<double>(-3, 3, side * side), 1.25, 0.5};
    inputs[0].reshape({side, side});
    const std::string work = "elementwise_gradient_" + std::to_string(side) + "x" + std::to_string(side);
    add_both<double>(work, "us/gradient", 1, elementwise_gradient, inputs);
    measure::add(subject, work, measure::plain, "us/gradient", 1,
                 [=]
                 {
                     return [=, by_x = inputs[0], by_a = 0.0, by_b = 0.0]() mutable
                     {
                         loops::elementwise_gradient(inputs[0].data(), inputs[1](), inputs[2](), inputs[0].size(),
                                                     by_x.data(), &by_a, &by_b);
                     };
                 });
}

/// Points of three coordinates: x and y of shape (3, n).
variables<double> all_pairs_gradient(const variables<double>& x)
{
    const std::size_t n = x[0].shape(1);
    const auto differences = reshape(x[0], {3, n, 1}) - reshape(x[1], {3, 1, n});
    const auto loss = sum(exp(-sum(square(differences), 0)) * x[2]);
    return {gradient(loss, x[0])};
}

void add_all_pairs()
{
    constexpr std::size_t n = 2000;
    arrays<double> inputs{xt::linspace<double>(-2, 2, 3 * n), xt::linspace<double>(-1, 3, 3 * n),
                          xt::linspace<double>(0, 1, n)};
    inputs[0].reshape({3, n});
    inputs[1].reshape({3, n});
    add_both<double>("all_pairs_2000", "us/gradient", 1, all_pairs_gradient, inputs);
    measure::add(subject, "all_pairs_2000", measure::plain, "us/gradient", 1,
                 [=]
                 {
                     return [=, by_x = inputs[0]]() mutable {
                         loops::all_pairs_gradient(inputs[0].data(), inputs[1].data(), inputs[2].data(), n,
                                                   by_x.data());
                     };
                 });
}

// ------------------------------------------------------------------------------------------------------------- chains

constexpr std::size_t chain_length = 10'000;

/// Multiplications and additions of four numbers in turn.
variables<double> chain(const variables<double>& x)
{
    autograd::variable<double> y = x[0];
    for (std::size_t i = 0; i < chain_length; ++i)
    {
        y = i % 2 == 0 ? y * x[0] : y + x[0];
    }
    return {y};
}

/// 614 steps of 60 separate numbers, each made of its neighbours, with the gradient by a factor.
variables<double> recurrence(const variables<double>& x)
{
    constexpr std::size_t states = 60;
    constexpr std::size_t steps = 614;
    variables<double> state(x.begin() + 2, x.end());
    for (std::size_t step = 0; step < steps; ++step)
    {
        variables<double> next;
        for (std::size_t i = 0; i < states; ++i)
        {
            const auto drive = x[1] * state[i];
            const auto moved =
                x[0] * state[i] + x[1] * tanh(state[(i + states - 1) % states]) * state[(i + 1) % states];
            next.push_back(0.9 * (moved + drive));
        }
        state = std::move(next);
    }
    autograd::variable<double> total = state[0];
    for (std::size_t i = 1; i < states; ++i)
    {
        total = total + state[i];
    }
    return {gradient(total, x[0])};
}

void add_recurrence()
{
    arrays<double> inputs{0.4, 0.3};
    for (std::size_t i = 0; i < 60; ++i)
    {
        inputs.emplace_back(std::sin(static_cast<double>(i)));
    }
    add_both<double>("recurrence_614x60", "us/run", 1, recurrence, inputs);
}

void add_compilation(std::size_t length)
{
    measure::add(subject, "compile_" + std::to_string(length), measure::xgrad, "ns/instruction", length,
                 [=]
                 {
                     auto tape = std::make_unique<autograd::tape<double>>();
                     const auto x = tape->variable(xt::xarray<double>{0.5, 1.0, 1.5, 2.0});
                     autograd::variable<double> y = x;
                     for (std::size_t i = 0; i < length; ++i)
                     {
                         y = i % 2 == 0 ? y * x : y + x;
                     }
                     return [=, tape = std::move(tape)] { benchmark::DoNotOptimize(autograd::compile({x}, {y})); };
                 });
}

} // namespace

void measure::register_benchmarks()
{
    for (const std::size_t h : article_step::hidden)
    {
        add_article(h);
    }
    for (const std::size_t batch : {32u, 128u, 1024u})
    {
        add_network(batch);
    }
    add_elementwise(1000);
    add_elementwise(100);
    add_all_pairs();
    add_both<double>("chain", "ns/instruction", chain_length, chain, {{0.999999, 1.0, 1.000001, 1.0}});
    add_recurrence();
    for (const std::size_t length : {1'000u, 10'000u, 1'000'000u})
    {
        add_compilation(length);
    }
}
