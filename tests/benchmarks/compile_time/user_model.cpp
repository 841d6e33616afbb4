// What a user's file has who trains a model: layers, data in batches, an optimizer, a file.

#include <nn/nn.hpp>

template <class Leaf>
struct classifier
{
    nn::linear<Leaf> hidden;
    nn::linear<Leaf> output;
    NN_MEMBERS(hidden, output)

    Leaf operator()(Leaf x) const { return output(tanh(hidden(x))); }
};

int main()
{
    nn::random_stream stream(0);
    const auto moons = nn::make_moons(300, 0.2, stream);
    classifier<xt::xarray<double>> model{nn::make_linear<double>(2, 8, stream), nn::make_linear<double>(8, 2, stream)};
    nn::training run(model, nn::adam{.learning_rate = 0.02});
    nn::fit(
        run, 20, [&](auto& random) { return nn::shuffled_batches({64}, random, moons.points, moons.labels); },
        [](const auto& m, auto x, auto y) { return nn::cross_entropy(m(x), y); });
    nn::save_model("moons.npz", run.model);
}
