// The parameters after each of ten steps of PyTorch's optimizers, as tests/data/optimizers.json.
//
// It is no part of the build. With libtorch-dev 1.13:
//     g++ -std=c++17 -I/usr/include/torch/csrc/api/include tests/data/make_optimizer_expectations.cpp \
//         -ltorch -ltorch_cpu -lc10 -o /tmp/make && /tmp/make > tests/data/optimizers.json

#include <torch/torch.h>

#include <cmath>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace
{

constexpr int step_count = 10;
bool is_first = true;

struct problem
{
    torch::Tensor weight = torch::linspace(-1.0, 1.5, 6, torch::kFloat64).reshape({3, 2}).requires_grad_();
    torch::Tensor bias = torch::linspace(0.25, 0.75, 2, torch::kFloat64).requires_grad_();

    torch::Tensor loss() const
    {
        const auto slant = torch::linspace(0.5, 3.0, 6, torch::kFloat64).reshape({3, 2});
        return (slant * weight.square()).sum() + weight.sin().sum() + (weight.matmul(bias) - 1.0).square().sum() +
               bias.exp().sum();
    }
};

void print(const torch::Tensor& x, const char* end)
{
    const auto flat = x.detach().contiguous();
    for (int64_t i = 0; i < flat.numel(); ++i)
    {
        std::printf("%.17g%s", flat.data_ptr<double>()[i], i + 1 < flat.numel() ? ", " : end);
    }
}

template <class Optimizer, class Options>
void run(const char* name, const Options& options)
{
    problem p;
    Optimizer optimizer(std::vector<torch::Tensor>{p.weight, p.bias}, options);
    std::printf("%s  \"%s\": [\n", is_first ? "" : ",\n", name);
    is_first = false;
    for (int step = 0; step < step_count; ++step)
    {
        optimizer.zero_grad();
        p.loss().backward();
        optimizer.step();
        std::printf("    [");
        print(p.weight, ", ");
        print(p.bias, step + 1 < step_count ? "],\n" : "]\n");
    }
    std::printf("  ]");
}

/// Ten iterations of L-BFGS with strong Wolfe line searches, of one iteration to a step.
void run_lbfgs(const char* name, torch::Tensor x, const std::function<torch::Tensor(const torch::Tensor&)>& loss,
               std::int64_t history)
{
    using namespace torch::optim;
    x.requires_grad_();
    LBFGS optimizer(std::vector<torch::Tensor>{x},
                    LBFGSOptions(1).max_iter(1).max_eval(1000).history_size(history).line_search_fn("strong_wolfe"));
    std::printf(",\n  \"%s\": [\n", name);
    for (int step = 0; step < step_count; ++step)
    {
        optimizer.step(
            [&]
            {
                optimizer.zero_grad();
                const torch::Tensor value = loss(x);
                value.backward();
                return value;
            });
        std::printf("    [");
        print(x, step + 1 < step_count ? "],\n" : "]\n");
    }
    std::printf("  ]");
}

/// sum_i 100 (x_{i+1} - x_i^2)^2 + (1 - x_i)^2
torch::Tensor rosenbrock(const torch::Tensor& x)
{
    const auto here = x.slice(0, 0, -1);
    const auto next = x.slice(0, 1);
    return (100.0 * (next - here.square()).square() + (1.0 - here).square()).sum();
}

torch::Tensor rosenbrock_start(std::int64_t size)
{
    torch::Tensor x = torch::full({size}, 1.0, torch::kFloat64);
    for (std::int64_t i = 0; i < size; i += 2)
    {
        x.data_ptr<double>()[i] = -1.2;
    }
    return x;
}

/// Logistic regression of 20 points of 3 features, with a penalty on the weights (x_0 to x_2; x_3 is the bias).
torch::Tensor logistic_loss(const torch::Tensor& x)
{
    torch::Tensor points = torch::empty({20, 3}, torch::kFloat64);
    torch::Tensor labels = torch::empty({20}, torch::kFloat64);
    for (std::int64_t i = 0; i < 60; ++i)
    {
        points.data_ptr<double>()[i] = std::sin(static_cast<double>(i * i));
    }
    for (std::int64_t i = 0; i < 20; ++i)
    {
        const double* row = points.data_ptr<double>() + 3 * i;
        labels.data_ptr<double>()[i] = row[0] - 2 * row[1] + 0.3 * std::cos(static_cast<double>(i)) > 0 ? 1 : 0;
    }
    const auto scores = points.matmul(x.slice(0, 0, 3)) + x[3];
    return torch::binary_cross_entropy_with_logits(scores, labels) + 0.01 * x.slice(0, 0, 3).square().sum();
}

/// Where a first step of 1 is far too long, and the line search has work to do: x from 0.1, in 5 dimensions.
torch::Tensor steep(const torch::Tensor& x)
{
    const auto scale = torch::tensor({1.0, 10.0, 100.0, 1000.0, 10000.0}, torch::kFloat64);
    return (scale * (x.cosh() - 1.0)).sum() + 1e-2 * (x - 1.0).pow(4).sum();
}

} // namespace

int main()
{
    using namespace torch::optim;
    std::printf("{\n");
    run<SGD>("sgd", SGDOptions(0.05));
    run<SGD>("sgd with momentum", SGDOptions(0.02).momentum(0.9));
    run<SGD>("sgd with nesterov and decay", SGDOptions(0.02).momentum(0.8).nesterov(true).weight_decay(0.1));
    run<Adagrad>("adagrad", AdagradOptions(0.1));
    run<Adagrad>("adagrad with decay", AdagradOptions(0.1).weight_decay(0.1).eps(1e-6));
    run<RMSprop>("rmsprop", RMSpropOptions(0.01));
    run<RMSprop>("rmsprop centered with momentum and decay",
                 RMSpropOptions(0.01).alpha(0.9).centered(true).momentum(0.7).weight_decay(0.1));
    run<Adam>("adam", AdamOptions(0.05));
    run<Adam>("adam with decay", AdamOptions(0.05).betas({0.8, 0.95}).eps(1e-6).weight_decay(0.1));
    run<AdamW>("adamw", AdamWOptions(0.05));
    run<AdamW>("adamw with decay", AdamWOptions(0.05).betas({0.8, 0.95}).weight_decay(0.2));
    run_lbfgs("lbfgs on rosenbrock in 2 dimensions", rosenbrock_start(2), rosenbrock, 100);
    run_lbfgs("lbfgs on rosenbrock in 10 dimensions", rosenbrock_start(10), rosenbrock, 100);
    run_lbfgs("lbfgs with 3 pairs on rosenbrock in 10 dimensions", rosenbrock_start(10), rosenbrock, 3);
    run_lbfgs("lbfgs on logistic regression", torch::zeros({4}, torch::kFloat64), logistic_loss, 100);
    run_lbfgs("lbfgs on a steep function", torch::full({5}, 2.0, torch::kFloat64), steep, 100);
    std::printf("\n}\n");
}
