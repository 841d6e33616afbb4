// What a certificate costs: the article's network with 300 samples and 50 hidden units, its four gradients against
// formulas derived by hand; and the derivatives of all rules that speak the vocabulary.

#include "tests/benchmarks/measure.hpp"
#include "tests/operations/every_operation.hpp"

#include "autograd/autograd.hpp"
#include "autograd/prove/certify.hpp"
#include "autograd/prove/prove_rule.hpp"

#include <xtensor/xrandom.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace
{

/// Part 2 of the article: tanh, softmax, cross-entropy, and a penalty.
class network
{
public:
    network(std::size_t samples, std::size_t hidden)
    {
        xt::random::seed(1);
        const auto random = [](std::size_t rows, std::size_t columns) {
            return xt::xarray<double>(xt::random::randn<double>({rows, columns}));
        };
        const auto x = m_tape.constant(random(samples, 2));
        const auto labels = m_tape.index(xt::eval(xt::arange<int>(static_cast<int>(samples)) % 2));
        const auto w1 = m_tape.variable(random(2, hidden));
        const auto b1 = m_tape.variable(random(1, hidden));
        const auto w2 = m_tape.variable(random(hidden, 2));
        const auto b2 = m_tape.variable(random(1, 2));
        const double penalty = 0.01;
        const auto n = static_cast<double>(samples);

        const auto a1 = tanh(matmul(x, w1) + b1);
        const auto p = softmax(matmul(a1, w2) + b2, 1);
        const auto t = one_hot(labels, 2);
        const auto loss = -sum(t * log(p)) / n + penalty / 2 * (norm_sq(w1) + norm_sq(w2));
        m_derived = gradient(loss, std::vector{w1, b1, w2, b2});

        const auto d3 = (p - t) / n;
        const auto d2 = matmul(d3, transpose(w2)) * (1 - square(a1));
        m_by_hand = {matmul(transpose(x), d2) + penalty * w1, sum(d2, 0, xt::keep_dims),
                     matmul(transpose(a1), d3) + penalty * w2, sum(d3, 0, xt::keep_dims)};
    }

    void certify() const
    {
        if (!autograd::certify_equal(m_derived, m_by_hand, {.formulas = false}))
        {
            throw std::runtime_error("certify: the article's gradients are not certified");
        }
    }

private:
    autograd::tape<double> m_tape;
    std::vector<autograd::variable<double>> m_derived;
    std::vector<autograd::variable<double>> m_by_hand;
};

void add_network(std::size_t samples, std::size_t hidden)
{
    const std::string work = "article_" + std::to_string(samples) + "x" + std::to_string(hidden);
    measure::add("certify", work, measure::xgrad, "s/certificate", 1,
                 [=]
                 {
                     auto of = std::make_shared<network>(samples, hidden);
                     return [of] { of->certify(); };
                 });
}

void prove_all_rules()
{
    for (const autograd::check::sampled_operation& of : autograd::check::every_operation())
    {
        if (of.on_double != nullptr && of.on_double->vjp != nullptr && of.name != "custom_vjp")
        {
            benchmark::DoNotOptimize(autograd::prove_rule(of, *of.on_double));
        }
    }
}

} // namespace

void measure::register_benchmarks()
{
    add_network(300, 3);
    add_network(300, 50);
    measure::add("certify", "all_rules", measure::xgrad, "s/library", 1, [] { return prove_all_rules; });
}
