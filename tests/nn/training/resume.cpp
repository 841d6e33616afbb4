// Trainings that go on from a checkpoint, with every optimizer, in both types, with dropout and batch norm.

#include "nn/nn.hpp"

#include "scratch_folder.hpp"
#include "support.hpp"

#include <cstring>

using namespace support;

namespace
{

template <class T>
bool same_bits(const xt::xarray<T>& a, const xt::xarray<T>& b)
{
    return a.shape() == b.shape() &&
           std::equal(a.begin(), a.end(), b.begin(), [](T x, T y) { return std::memcmp(&x, &y, sizeof x) == 0; });
}

template <class Structure>
void require_same_leaves(const Structure& a, const Structure& b, const std::string& what)
{
    nn::zip_members(
        [&](const std::string& name, nn::role, const auto& x, const auto& y)
        {
            if constexpr (nn::is_leaf<std::remove_cvref_t<decltype(x)>>)
            {
                BOOST_TEST(same_bits(x, y), what << ": " << name);
            }
        },
        a, b);
}

/// A network with all that has a state, or randomness.
template <class T>
auto network()
{
    nn::random_stream stream(4);
    return nn::sequential{nn::make_linear<T>(2, 6, stream), nn::make_batch_norm<T>(6), nn::activation::tanh(),
                          nn::dropout{0.25}, nn::make_linear<T>(6, 2, stream)};
}

nn::labelled_points moons()
{
    nn::random_stream stream(0);
    return nn::make_moons(24, 0.1, stream);
}

constexpr auto loss = [](const auto& m, auto x, auto y, const auto& random)
{
    const auto [scores, next] = m.on_batch(x, random);
    return std::pair(nn::cross_entropy(scores, y), next);
};

/// Six epochs in one go, and three and three with a checkpoint between, end with the same bits.
template <class T, class Optimizer>
void check_going_on(const Optimizer& optimizer, std::size_t batch_size)
{
    const scratch_folder folder;
    const nn::labelled_points data = moons();
    const xt::xarray<T> points = xt::cast<T>(data.points);
    const auto batches = [&](auto& random)
    { return nn::shuffled_batches({.size = batch_size}, random, points, data.labels); };
    const auto training = [&]
    { return nn::training(network<T>(), optimizer, nn::warm_up(3, nn::cosine_schedule(60), 0.5), 7); };
    const auto train = [&](auto& run, std::size_t epochs)
    {
        nn::fit(run, epochs, batches, loss,
                {.checkpoint = folder.path() / "run.npz", .progress = nn::progress_bar::style::silent});
    };

    auto whole = training();
    train(whole, 6);
    auto first = training();
    train(first, 3);
    auto second = training();
    nn::load_checkpoint(folder.path() / "run.npz", second);
    BOOST_TEST(second.progress.epochs == 3u);
    require_same_leaves(second.state, first.state, std::string(optimizer.name()) + " as saved");
    train(second, 6);
    require_same_leaves(second.model, whole.model, std::string(optimizer.name()));
    require_same_leaves(second.state, whole.state, std::string(optimizer.name()) + "'s state");
    require_same_leaves(*second.best, *whole.best, std::string(optimizer.name()) + "'s best");
    BOOST_TEST(second.progress.history.back().loss == whole.progress.history.back().loss);
    BOOST_TEST(whole.progress.history.back().loss < whole.progress.history.front().loss, optimizer.name());
}

} // namespace

BOOST_AUTO_TEST_SUITE(nn_resume)

BOOST_AUTO_TEST_CASE(every_optimizer_goes_on_with_the_same_bits)
{
    check_going_on<double>(nn::gradient_descent{0.2}, 8);
    check_going_on<double>(nn::sgd{.learning_rate = 0.1, .momentum = 0.9, .nesterov = true}, 8);
    check_going_on<double>(nn::adagrad{.learning_rate = 0.1}, 8);
    check_going_on<double>(nn::rmsprop{.learning_rate = 0.02, .momentum = 0.5, .centered = true}, 8);
    check_going_on<double>(nn::adam{.learning_rate = 0.05}, 8);
    check_going_on<double>(nn::adamw{.learning_rate = 0.05, .not_decayed = {"bias"}}, 8);
    check_going_on<double>(nn::lazy_adam{.learning_rate = 0.05}, 8);
    check_going_on<double>(nn::lbfgs{.history = 2}, 24);
}

BOOST_AUTO_TEST_CASE(in_float_too)
{
    check_going_on<float>(nn::adam{.learning_rate = 0.05}, 8);
    check_going_on<float>(nn::lbfgs{.history = 2}, 24);
}

BOOST_AUTO_TEST_CASE(lbfgs_goes_on_with_its_pairs)
{
    const scratch_folder folder;
    const auto file = folder.path() / "run.npz";
    const auto batches = [] { return std::vector<array>{array{0.0}}; };
    const auto valley = [](const variable& w, variable)
    {
        const variable x = slice(w, 0, 0, 1);
        return sum(square(1.0 - x) + 100.0 * square(slice(w, 0, 1, 2) - square(x)));
    };
    const auto training = [] { return nn::training(array{-1.2, 1.0}, nn::lbfgs{.history = 5}); };
    const nn::fit_options<array> options{.checkpoint = file, .progress = nn::progress_bar::style::silent};
    auto whole = training();
    nn::fit(whole, 12, batches, valley, options);
    for (const std::size_t stop : {1u, 2u, 4u, 9u})
    {
        auto first = training();
        nn::fit(first, stop, batches, valley, options);
        auto second = training();
        nn::load_checkpoint(file, second);
        BOOST_TEST(second.state.pairs.size() == first.state.pairs.size());
        nn::fit(second, 12, batches, valley, options);
        require_same_leaves(second.model, whole.model, "model");
        require_same_leaves(second.state, whole.state, "state");
    }
    BOOST_TEST(whole.state.pairs.size() == 5u);

    auto longer = nn::training(array{-1.2, 1.0, 0.0}, nn::lbfgs{.history = 5});
    BOOST_CHECK_THROW(nn::load_checkpoint(file, longer), autograd::error::file_error);
    auto other = nn::training(array{-1.2, 1.0}, nn::lbfgs{.history = 6});
    BOOST_CHECK_THROW(nn::load_checkpoint(file, other), autograd::error::file_error);
    BOOST_TEST(other.state.pairs.empty());
}

BOOST_AUTO_TEST_CASE(another_activation_is_another_training)
{
    const scratch_folder folder;
    const auto file = folder.path() / "run.npz";
    nn::random_stream stream(1);
    const auto training = [&](auto activation, double rate)
    {
        return nn::training(nn::sequential{nn::make_linear(2, 3, stream), activation, nn::dropout{rate}},
                            nn::sgd{.learning_rate = 0.1});
    };
    nn::save_checkpoint(file, training(nn::activation::tanh(), 0.5));
    auto same_again = training(nn::activation::tanh(), 0.5);
    nn::load_checkpoint(file, same_again);
    auto relu = training(nn::activation::relu(), 0.5);
    const std::string text = text_of<autograd::error::file_error>([&] { nn::load_checkpoint(file, relu); });
    BOOST_TEST(text == "autograd: load_checkpoint: " + file.string() +
                           ": it was written by a training with \"model(1 tanh, 2 dropout, 2.rate 0.5)\", and this "
                           "training has \"model(1 relu, 2 dropout, 2.rate 0.5)\"; both must have the same settings. "
                           "If the change is meant, load with nn::settings::may_differ.");
    nn::load_checkpoint(file, relu, nn::settings::may_differ);
}

BOOST_AUTO_TEST_CASE(what_would_fail_later_fails_before_the_first_step)
{
    const scratch_folder folder;
    nn::training run(array{1.0}, nn::sgd{.learning_rate = 0.5});
    const auto batches = [] { return std::vector<array>{array{0.0}}; };
    const auto parabola = [](variable w, variable target) { return sum(square(w - target)); };
    nn::fit_options<array> options{.checkpoint = folder.path() / "none" / "run.npz",
                                   .progress = nn::progress_bar::style::silent};
    BOOST_TEST(text_of<autograd::error::file_error>([&] { nn::fit(run, 3, batches, parabola, options); }) ==
               "autograd: fit: no checkpoint can be written to " + options.checkpoint.string() +
                   ": No such file or directory.");
    options.checkpoint.clear();
    options.on_epoch = {{}};
    BOOST_TEST(text_of<autograd::error::value_error>([&] { nn::fit(run, 3, batches, parabola, options); }) ==
               "autograd: fit: on_epoch has an empty function; each must be one that can be called.");
    options.on_epoch.clear();
    run.plateau = nn::reduce_on_plateau{.factor = 2};
    BOOST_TEST(text_of<autograd::error::value_error>([&] { nn::fit(run, 3, batches, parabola, options); }) ==
               "autograd: reduce_on_plateau: factor is 2; it must be greater than 0 and less than 1.");
    BOOST_TEST(run.progress.steps == 0u);
    BOOST_TEST(run.model(0) == 1.0);
    run.plateau.reset();
    const std::string text = whole_text_of(
        [&]
        {
            nn::fit(
                run, 3, batches, [](variable w, variable) { return sum(w) / 0.0; }, options);
        });
    BOOST_TEST(text.find("tests/nn/training/resume.cpp:") != std::string::npos, text);
}

// A checkpoint is an npz file, whose members have checksums: no change of a byte changes what is loaded.
BOOST_AUTO_TEST_CASE(every_byte_of_a_checkpoint_changed)
{
    const scratch_folder folder;
    const auto file = folder.path() / "run.npz";
    const auto training = [] { return nn::training(array{1.0, 2.0}, nn::sgd{.learning_rate = 0.1, .momentum = 0.5}); };
    auto saved = training();
    saved.model(0) = 3.0;
    saved.progress.steps = 5;
    nn::save_checkpoint(file, saved);
    const std::string bytes = contents(file);
    std::size_t refused = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i)
    {
        std::string damaged = bytes;
        damaged[i] = static_cast<char>(damaged[i] ^ (1 + static_cast<int>(i * 37 % 255)));
        put(file, damaged);
        auto loaded = training();
        try
        {
            nn::load_checkpoint(file, loaded);
            BOOST_TEST((same_bits(loaded.model, saved.model) &&
                        same_bits(*loaded.state.velocity, *saved.state.velocity) && loaded.random == saved.random &&
                        loaded.progress.steps == 5u),
                       "byte " << i);
        }
        catch (const autograd::error::file_error&)
        {
            ++refused;
            BOOST_TEST((same_bits(loaded.model, training().model) && loaded.progress.steps == 0u), "byte " << i);
        }
    }
    BOOST_TEST(refused > bytes.size() / 2);
}

BOOST_AUTO_TEST_SUITE_END()
