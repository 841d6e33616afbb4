#include "examples/article/softmax_formulas.hpp"

#include "autograd/differentiate/gradient.hpp"
#include "autograd/random/legacy_generator.hpp"
#include "examples/article/network.hpp"
#include "nn/data/moons.hpp"

namespace article
{

namespace
{

using variable = autograd::variable<double>;

/// The shape of b1 and b2: sums over the points, as a row.
variable sum_of_rows(variable d)
{
    return sum(d, 0, xt::keep_dims);
}

/// The network on some moons, recorded.
struct recorded_network
{
    variable X;
    autograd::indices<double> y; ///< shape (N, 1)
    variable lambda;
    variables at;
    activations now;
    double N;
};

recorded_network record(autograd::tape<double>& tape, std::size_t samples, std::size_t hidden, std::int64_t seed)
{
    autograd::random::legacy_generator stream(seed);
    nn::labelled_points moons = nn::make_moons(samples, 0.2, stream);
    moons.labels.reshape({samples, std::size_t{1}});
    const variable X = tape.variable(moons.points).name("X");
    const auto y = tape.index(moons.labels).name("y");
    const variable lambda = tape.variable(0.01).name("lambda");
    const variables at = on_tape(tape, initial_network(hidden, seed));
    const activations now = forward(at, X);
    at.W1.name("W1");
    at.b1.name("b1");
    at.W2.name("W2");
    at.b2.name("b2");
    now.z1.name("z1");
    now.a1.name("a1");
    now.z2.name("z2");
    return {X, y, lambda, at, now, static_cast<double>(samples)};
}

/// As the code has it, without the shift that keeps exp from overflowing.
variable probabilities(variable z2)
{
    return exp(z2) / sum(exp(z2), 1, xt::keep_dims);
}

/// What the code computes: the names are the code's.
struct by_hand
{
    variable d3;
    variable d2;
    variables slope;
};

by_hand derive_by_hand(const recorded_network& of)
{
    const auto& [X, y, lambda, at, now, N] = of;
    const variable onehot = reshape(one_hot(y, 2), now.z2.shape());
    by_hand f;
    f.d3 = probabilities(now.z2) - onehot;
    f.slope.W2 = matmul(transpose(now.a1), f.d3) + lambda * at.W2;
    f.slope.b2 = sum_of_rows(f.d3);
    f.d2 = matmul(f.d3, transpose(at.W2)) * (1 - square(now.a1));
    f.slope.W1 = matmul(transpose(X), f.d2) + lambda * at.W1;
    f.slope.b1 = sum_of_rows(f.d2);
    return f;
}

/// What a loss is the sum of.
struct parts
{
    variable data;
    variable penalty;
};

parts parts_of(loss_of_part_2 loss, const recorded_network& of)
{
    const variable data = -sum(log_likelihoods(of.now.z2, of.y));
    const variable on_weights = penalty(of.at, of.lambda);
    switch (loss)
    {
    case loss_of_part_2::printed:
        return {data / of.N, on_weights / of.N};
    case loss_of_part_2::mean_and_penalty:
        return {data / of.N, on_weights};
    case loss_of_part_2::summed:
        break;
    }
    return {data, on_weights};
}

} // namespace

std::vector<formula> loss_formulas(autograd::tape<double>& tape, std::size_t samples, std::size_t hidden,
                                   std::int64_t seed)
{
    const recorded_network of = record(tape, samples, hidden, seed);
    const variable p = probabilities(of.now.z2);
    const variable logarithms = -log(take_along_axis(p, of.y, 1));
    const variable squares = sum(square(of.at.W1)) + sum(square(of.at.W2));
    const variable printed = 1 / of.N * (sum(logarithms) + of.lambda / 2 * squares);
    const auto [data, on_weights] = parts_of(loss_of_part_2::printed, of);
    return {
        {"p", R"(p = \frac{e^{z_2}}{\sum_{\text{classes}} e^{z_2}})", p, softmax(of.now.z2, 1)},
        {"L", R"(L = \frac{1}{N} \Big(\sum_i -\log p_{i,y_i} + \frac{\lambda}{2} \sum (W_1^2, W_2^2)\Big))", printed,
         data + on_weights},
    };
}

std::vector<formula> gradient_formulas(autograd::tape<double>& tape, loss_of_part_2 loss, std::size_t samples,
                                       std::size_t hidden, std::int64_t seed)
{
    const recorded_network of = record(tape, samples, hidden, seed);
    const auto [data, on_weights] = parts_of(loss, of);
    const auto [delta_3, delta_2, slope] = gradient(data + on_weights, std::tuple(of.now.z2, of.now.z1, of.at));
    delta_3.name("delta_3");
    delta_2.name("delta_2");
    slope.W1.name("W1_bar");
    slope.b1.name("b1_bar");
    slope.W2.name("W2_bar");
    slope.b2.name("b2_bar");
    const auto of_penalty = gradient(on_weights, {of.at.W1, of.at.W2});
    const by_hand f = derive_by_hand(of);
    return {
        {"d3", R"(\delta_3 = p - \text{onehot}(y))", f.d3, delta_3},
        {"dW2", R"(dW_2 = a_1^\top \delta_3 + \lambda W_2)", f.slope.W2, slope.W2},
        {"db2", R"(db_2 = \sum_{\text{rows}} \delta_3)", f.slope.b2, slope.b2},
        {"d2", R"(\delta_2 = \delta_3 W_2^\top \circ (1 - a_1^2))", f.d2, delta_2},
        {"dW1", R"(dW_1 = X^\top \delta_2 + \lambda W_1)", f.slope.W1, slope.W1},
        {"db1", R"(db_1 = \sum_{\text{rows}} \delta_2)", f.slope.b1, slope.b1},
        {"lambda W2", R"(\lambda W_2 \text{ alone})", of.lambda * of.at.W2, of_penalty[1]},
        {"lambda W1", R"(\lambda W_1 \text{ alone})", of.lambda * of.at.W1, of_penalty[0]},
    };
}

} // namespace article
