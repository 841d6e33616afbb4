// The parameters after each of ten steps of PyTorch's optimizers, as tests/data/optimizers.json.
//
// It is no part of the build. With libtorch-dev 1.13:
//     g++ -std=c++17 -I/usr/include/torch/csrc/api/include tests/data/make_optimizer_expectations.cpp \
//         -ltorch -ltorch_cpu -lc10 -o /tmp/make && /tmp/make > tests/data/optimizers.json

#include <torch/torch.h>

#include <cstdio>
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
    std::printf("\n}\n");
}
