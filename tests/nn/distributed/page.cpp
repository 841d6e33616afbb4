// The program of docs/distributed.md.

#include <nn/distributed/communicator.hpp>
#include <nn/nn.hpp>

#include <cstdio>

int main()
{
    return nn::distributed::run(
        [](nn::distributed::communicator& world)
        {
            autograd::random::legacy_generator stream(0);
            const nn::labelled_points moons = nn::make_moons(4096, 0.1, stream);
            const nn::sequential network{nn::make_linear(2, 16, stream), nn::activation::tanh(),
                                         nn::make_linear(16, 2, stream)};

            nn::training run(network, nn::adam{.learning_rate = 0.01});
            run.blocks = nn::batch_blocks{}; // how a batch is cut: a setting of the training
            nn::fit(
                run, 10,
                [&](auto& random) { return nn::shuffled_batches({.size = 256}, random, moons.points, moons.labels); },
                [](const auto& m, auto x, auto y) { return nn::cross_entropy(m(x), y); },
                {.checkpoint = "moons.npz", .across = &world});

            if (world.leads()) // rank 0
            {
                nn::save_model("moons.safetensors", run.model);
                std::printf("loss %.3f\n", run.progress.history.back().loss);
            }
        });
}
