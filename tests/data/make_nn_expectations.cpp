// What PyTorch's C++ library (libtorch 1.13) says to the layers and losses of nn: the input of
// make_nn_expectations.py, which adds what NumPy says.
//
//     g++ -std=c++17 make_nn_expectations.cpp -o torch_expectations -I/usr/include/torch/csrc/api/include
//         -ltorch -ltorch_cpu -lc10
//     ./torch_expectations | ./make_nn_expectations.py > nn_expectations.json
//
// Each case has inputs, outputs, and the gradients of sum(cotangents * outputs). Weights are transposed where ours are.

#include <torch/torch.h>

#include <cmath>
#include <cstdio>
#include <functional>
#include <map>
#include <string>

using torch::Tensor;
using tensors = std::map<std::string, Tensor>;
namespace F = torch::nn::functional;

/// Numbers of both signs, in no order.
Tensor numbers(std::vector<std::int64_t> shape, int seed, double low = -1.3, double high = 1.3)
{
    Tensor result = torch::empty(shape, torch::kDouble);
    for (std::int64_t i = 0; i < result.numel(); ++i)
    {
        const double unit = 0.5 + 0.5 * std::sin(1.7 * static_cast<double>(i * i + 3 * i) + 0.9 * seed);
        result.data_ptr<double>()[i] = low + (high - low) * unit;
    }
    return result;
}

Tensor integers(std::vector<std::int64_t> values)
{
    return torch::tensor(values, torch::kLong);
}

void print_array(const Tensor& x)
{
    const Tensor dense = x.detach().to(torch::kDouble).contiguous();
    std::printf("{\"shape\": [");
    for (std::int64_t axis = 0; axis < dense.dim(); ++axis)
    {
        std::printf("%s%lld", axis ? ", " : "", static_cast<long long>(dense.size(axis)));
    }
    std::printf("], \"values\": [");
    for (std::int64_t i = 0; i < dense.numel(); ++i)
    {
        std::printf("%s%.17g", i ? ", " : "", dense.data_ptr<double>()[i]);
    }
    std::printf("]}");
}

void print_arrays(const char* title, const tensors& all, bool last = false)
{
    std::printf("\"%s\": {", title);
    const char* comma = "";
    for (const auto& [name, x] : all)
    {
        std::printf("%s\n\"%s\": ", comma, name.c_str());
        print_array(x);
        comma = ",";
    }
    std::printf("}%s\n", last ? "" : ",");
}

/// Runs f, which takes the inputs by name, and prints the case.
void run(const char* name, tensors inputs, const std::function<tensors(tensors&)>& f)
{
    static const char* comma = "";
    for (auto& [input, x] : inputs)
    {
        if (x.is_floating_point())
        {
            x = x.detach().clone().set_requires_grad(true);
        }
    }
    tensors outputs = f(inputs);
    tensors cotangents;
    Tensor loss = torch::zeros({}, torch::kDouble);
    int seed = 100;
    for (const auto& [output, y] : outputs)
    {
        if (y.requires_grad())
        {
            cotangents[output] = numbers(y.sizes().vec(), ++seed);
            loss = loss + (cotangents[output] * y).sum();
        }
    }
    loss.backward();
    tensors gradients;
    for (const auto& [input, x] : inputs)
    {
        if (x.is_floating_point() && x.grad().defined())
        {
            gradients[input] = x.grad();
        }
    }
    std::printf("%s\"%s\": {", comma, name);
    comma = ",\n";
    print_arrays("inputs", inputs);
    print_arrays("outputs", outputs);
    print_arrays("cotangents", cotangents);
    print_arrays("gradients", gradients, true);
    std::printf("}");
}

// ---------------------------------------------------------------------------------------------------------- layers

constexpr std::int64_t steps = 4, samples = 2, width = 3, hidden = 5;

tensors recurrent_inputs(std::int64_t gates)
{
    return {{"x", numbers({steps, samples, width}, 1)},
            {"h", numbers({samples, hidden}, 2)},
            {"weight_ih", numbers({width, gates * hidden}, 3)},
            {"weight_hh", numbers({hidden, gates * hidden}, 4, -0.9, 0.9)},
            {"bias_ih", numbers({gates * hidden}, 5)},
            {"bias_hh", numbers({gates * hidden}, 6)}};
}

std::vector<Tensor> parameters(tensors& in)
{
    return {in["weight_ih"].t(), in["weight_hh"].t(), in["bias_ih"], in["bias_hh"]};
}

void layers()
{
    run("linear", {{"x", numbers({2, 3, 4}, 1)}, {"weight", numbers({4, 5}, 2)}, {"bias", numbers({5}, 3)}},
        [](tensors& in) -> tensors {
            return {{"y", F::linear(in["x"], in["weight"].t(), in["bias"])}};
        });
    run("layer_norm", {{"x", numbers({4, 3, 5}, 1)}, {"weight", numbers({3, 5}, 2)}, {"bias", numbers({3, 5}, 3)}},
        [](tensors& in) -> tensors {
            return {{"y", torch::layer_norm(in["x"], {3, 5}, in["weight"], in["bias"], 1e-3)}};
        });
    for (const bool image : {false, true})
    {
        for (const bool training : {false, true})
        {
            const std::string name =
                std::string("batch_norm") + (image ? "_of_images" : "") + (training ? "_on_batch" : "");
            run(name.c_str(),
                {{"x", image ? numbers({4, 3, 2, 5}, 1) : numbers({6, 3}, 1)},
                 {"weight", numbers({3}, 2)},
                 {"bias", numbers({3}, 3)}},
                [&](tensors& in) -> tensors
                {
                    Tensor mean = numbers({3}, 4);
                    Tensor variance = numbers({3}, 5, 0.5, 2.0);
                    const Tensor mean_before = mean.clone();
                    const Tensor variance_before = variance.clone();
                    const Tensor y = torch::batch_norm(in["x"], in["weight"], in["bias"], mean, variance, training, 0.2,
                                                       1e-4, false);
                    return {{"y", y},
                            {"mean_before", mean_before},
                            {"variance_before", variance_before},
                            {"running_mean", mean},
                            {"running_variance", variance}};
                });
        }
    }
    run("embedding", {{"weight", numbers({5, 3}, 1)}, {"i", integers({4, 0, 2, 4, 4, 1})}},
        [](tensors& in) -> tensors {
            return {{"y", torch::embedding(in["weight"], in["i"])}};
        });
    run("rnn_tanh", recurrent_inputs(1),
        [](tensors& in) -> tensors
        {
            const auto [y, h] =
                torch::rnn_tanh(in["x"], in["h"].unsqueeze(0), parameters(in), true, 1, 0, false, false, false);
            return {{"outputs", y}, {"state", h.squeeze(0)}};
        });
    run("rnn_relu", recurrent_inputs(1),
        [](tensors& in) -> tensors
        {
            const auto [y, h] =
                torch::rnn_relu(in["x"], in["h"].unsqueeze(0), parameters(in), true, 1, 0, false, false, false);
            return {{"outputs", y}, {"state", h.squeeze(0)}};
        });
    run("gru", recurrent_inputs(3),
        [](tensors& in) -> tensors
        {
            const auto [y, h] =
                torch::gru(in["x"], in["h"].unsqueeze(0), parameters(in), true, 1, 0, false, false, false);
            return {{"outputs", y}, {"state", h.squeeze(0)}};
        });
    tensors with_cell = recurrent_inputs(4);
    with_cell["c"] = numbers({samples, hidden}, 7);
    run("lstm", with_cell,
        [](tensors& in) -> tensors
        {
            const auto [y, h, c] = torch::lstm(in["x"], {in["h"].unsqueeze(0), in["c"].unsqueeze(0)}, parameters(in),
                                               true, 1, 0, false, false, false);
            return {{"outputs", y}, {"state", h.squeeze(0)}, {"cell", c.squeeze(0)}};
        });
}

// ---------------------------------------------------------------------------------------------------------- losses

/// All three reductions of a loss. By rows, PyTorch's own mean may be another: then it is that of the losses of rows.
tensors reductions(const Tensor& losses)
{
    return {{"none", losses}, {"sum", losses.sum()}, {"mean", losses.mean()}};
}

tensors reductions(const std::function<Tensor(at::Reduction::Reduction)>& loss)
{
    return {
        {"none", loss(at::Reduction::None)}, {"sum", loss(at::Reduction::Sum)}, {"mean", loss(at::Reduction::Mean)}};
}

void losses()
{
    const tensors pair = {{"y", numbers({4, 3}, 1)}, {"t", numbers({4, 3}, 2)}};
    run("mean_squared_error", pair,
        [](tensors& in) { return reductions([&](auto how) { return torch::mse_loss(in["y"], in["t"], how); }); });
    run("mean_absolute_error", pair,
        [](tensors& in) { return reductions([&](auto how) { return torch::l1_loss(in["y"], in["t"], how); }); });
    run("huber", pair,
        [](tensors& in)
        { return reductions([&](auto how) { return torch::huber_loss(in["y"], in["t"], how, 0.7); }); });

    const tensors labelled = {{"y", numbers({6, 4}, 1, -5, 5)}, {"labels", integers({3, 0, 2, 1, 1, 3})}};
    for (const double smoothing : {0.0, 0.2})
    {
        run(smoothing == 0 ? "cross_entropy" : "cross_entropy_smoothed", labelled,
            [&](tensors& in)
            {
                return reductions(
                    [&](auto how)
                    { return torch::cross_entropy_loss(in["y"], in["labels"], {}, how, -100, smoothing); });
            });
    }
    const tensors distributions = {{"y", numbers({6, 4}, 1, -5, 5)},
                                   {"t", torch::softmax(numbers({6, 4}, 2, -2, 2), 1)}};
    for (const double smoothing : {0.0, 0.2})
    {
        run(smoothing == 0 ? "cross_entropy_of_distributions" : "cross_entropy_of_distributions_smoothed",
            distributions,
            [&](tensors& in)
            {
                return reductions([&](auto how)
                                  { return torch::cross_entropy_loss(in["y"], in["t"], {}, how, -100, smoothing); });
            });
    }
    run("negative_log_likelihood",
        {{"y", torch::log_softmax(numbers({6, 4}, 1, -5, 5), 1)}, {"labels", integers({3, 0, 2, 1, 1, 3})}},
        [](tensors& in)
        { return reductions([&](auto how) { return torch::nll_loss(in["y"], in["labels"], {}, how); }); });
    run("kl_divergence",
        {{"y", torch::log_softmax(numbers({6, 4}, 1, -2, 2), 1)}, {"t", torch::softmax(numbers({6, 4}, 2, -2, 2), 1)}},
        [](tensors& in) { return reductions(torch::kl_div(in["y"], in["t"], at::Reduction::None).sum(1)); });
    run("binary_cross_entropy", {{"y", numbers({4, 3}, 1, 0.05, 0.95)}, {"t", numbers({4, 3}, 2, 0, 1)}},
        [](tensors& in) {
            return reductions([&](auto how)
                              { return torch::binary_cross_entropy(in["y"], in["t"].detach(), {}, how); });
        });
    run("binary_cross_entropy_with_logits", {{"y", numbers({4, 3}, 1, -5, 5)}, {"t", numbers({4, 3}, 2, 0, 1)}},
        [](tensors& in)
        {
            return reductions(
                [&](auto how)
                { return torch::binary_cross_entropy_with_logits(in["y"], in["t"].detach(), {}, {}, how); });
        });
}

int main()
{
    std::printf("{");
    layers();
    losses();
    std::printf("}\n");
}
