// Steps of fit, of a network of 784-512-512-10 units of relu in float, and how long one takes: what distributed.cpp
// runs, by mpirun or without.
//
//     distributed_step BATCH STEPS without|with      a communicator; prints seconds per step, and bytes sent
//     distributed_step 1 TIMES meet                  that two ranks meet; prints seconds
//     distributed_step 1 TIMES mean                  the mean of two blocks of that network, one on each rank

#include "nn/distributed/communicator.hpp"
#include "nn/nn.hpp"
#include "tests/benchmarks/programs_inputs.hpp"

#include <chrono>
#include <cstdio>
#include <string>

namespace
{

constexpr std::size_t rows = 4096;

auto network()
{
    using programs::layers;
    nn::random_stream stream(0);
    return nn::sequential{nn::make_linear<float>(layers[0], layers[1], stream), nn::activation::relu(),
                          nn::make_linear<float>(layers[1], layers[2], stream), nn::activation::relu(),
                          nn::make_linear<float>(layers[2], layers[3], stream)};
}

/// Seconds per step.
double time_steps(std::size_t batch, std::size_t steps, nn::team* across)
{
    auto images = xt::xarray<float>::from_shape({rows, programs::layers[0]});
    const std::vector<float> pixels = programs::network_numbers(images.size(), programs::image_scale);
    std::copy(pixels.begin(), pixels.end(), images.begin());
    auto labels = xt::xarray<std::int64_t>::from_shape({rows});
    for (std::size_t row = 0; row < rows; ++row)
    {
        labels(row) = static_cast<std::int64_t>(row % programs::layers[3]);
    }
    nn::training run(network(), nn::gradient_descent{programs::rate});
    if (across != nullptr)
    {
        run.blocks = nn::batch_blocks{};
    }
    const auto fit = [&](std::size_t epochs)
    {
        const auto start = std::chrono::steady_clock::now();
        nn::fit(
            run, run.progress.epochs + epochs,
            [&](auto& random) { return nn::shuffled_batches({.size = batch}, random, images, labels); },
            [](const auto& m, auto x, auto y) { return nn::cross_entropy(m(x), y); },
            {.progress = nn::progress_bar::style::silent, .across = across});
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    };
    fit(1);
    const std::size_t of_epoch = rows / batch;
    const std::size_t epochs = (steps - 1) / of_epoch + 1;
    return fit(epochs) / static_cast<double>(epochs * of_epoch);
}

/// Seconds for one of many calls.
template <class F>
double time_calls(std::size_t count, const F& f)
{
    f();
    const auto start = std::chrono::steady_clock::now();
    for (std::size_t k = 0; k < count; ++k)
    {
        f();
    }
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / static_cast<double>(count);
}

/// The mean of two blocks, which both ranks have in the end.
double time_mean(std::size_t count, nn::team& world)
{
    const std::vector<float> numbers(nn::detail::size_of_block(network()), 1);
    const std::vector<std::span<const float>> pieces{numbers};
    nn::detail::block_tree<float> tree;
    return time_calls(count,
                      [&]
                      {
                          const nn::detail::block_tree<float>::leaf leaf(pieces);
                          tree.begin(2, 2, &world);
                          tree.add(leaf);
                          tree.mean(numbers.size(), &world);
                      });
}

double time_of(const std::string& how, std::size_t batch, std::size_t count, nn::team& world)
{
    return how == "meet"   ? time_calls(count, [&] { world.meet("a step"); })
           : how == "mean" ? time_mean(count, world)
                           : time_steps(batch, count, &world);
}

} // namespace

int main(int argc, char** argv)
{
    if (argc != 4)
    {
        return 2;
    }
    const std::size_t batch = std::stoul(argv[1]);
    const std::size_t steps = std::stoul(argv[2]);
    if (argv[3] == std::string("without"))
    {
        std::printf("%.9f 0\n", time_steps(batch, steps, nullptr));
        return 0;
    }
    return nn::distributed::run(
        [&](nn::distributed::communicator& world)
        {
            const double seconds = time_of(argv[3], batch, steps, world);
            if (world.leads())
            {
                std::printf("%.9f %llu\n", seconds, static_cast<unsigned long long>(world.bytes_sent()));
            }
        });
}
