// The programs of docs/training.md.

#include "nn/nn.hpp"

#include "scratch_folder.hpp"
#include "support.hpp"

using namespace support;

namespace
{

template <class Leaf>
struct classifier
{
    nn::linear<Leaf> hidden;
    nn::linear<Leaf> output;
    NN_MEMBERS(hidden, output)

    Leaf operator()(Leaf x) const { return output(tanh(hidden(x))); }
};
using model_type = classifier<xt::xarray<double>>;

/// The scores of texts by the mean of their words: (texts, words) integers to (texts, 2).
template <class Leaf>
struct bag_of_words
{
    nn::embedding<Leaf> words;
    nn::linear<Leaf> output;
    NN_MEMBERS(words, output)

    template <class T>
    Leaf operator()(autograd::indices<T> texts) const
    {
        return output(mean(words(texts), 1));
    }
};

nn::labelled_points moons()
{
    autograd::random::legacy_generator stream(0);
    return nn::make_moons(200, 0.1, stream);
}

model_type untrained()
{
    autograd::random::legacy_generator stream(1);
    return {nn::make_linear(2, 8, stream), nn::make_linear(8, 2, stream)};
}

/// The part of the points that get the wrong label.
double error_rate(const model_type& model)
{
    const nn::labelled_points data = moons();
    tape t;
    const auto found = argmax(nn::on_tape(t, model)(t.constant(data.points)), 1);
    double wrong = 0;
    for (std::size_t i = 0; i < data.labels.size(); ++i)
    {
        wrong += found.data()[i] != data.labels(i) ? 1 : 0;
    }
    return wrong / static_cast<double>(data.labels.size());
}

} // namespace

BOOST_AUTO_TEST_SUITE(nn_training_page)

BOOST_AUTO_TEST_CASE(its_optimizers_train)
{
    tape tape;
    const nn::labelled_points data = moons();
    const variable x = tape.constant(data.points);
    const auto y = tape.index(data.labels);
    model_type model = untrained();
    const auto start = tape.mark(); // behind the data

    const nn::adamw optimizer{.learning_rate = 0.02, .weight_decay = 0.01, .not_decayed = {"bias"}};
    auto state = optimizer.start(model);
    const double loss =
        nn::take_step(tape, optimizer, model, state, [&](const auto& m) { return nn::cross_entropy(m(x), y); });

    for (int k = 0; k < 100; ++k)
    {
        tape.rewind(start);
        const auto m = nn::on_tape(tape, model);
        const auto gradients = nn::clip_by_norm(gradient(nn::cross_entropy(m(x), y), m), 1.0);
        const auto [next, next_state] = optimizer(m, gradients, nn::on_tape(tape, state), 0.02);
        model = nn::values(next);
        state = nn::values(next_state);
    }
    {
        tape.rewind(start);
        const auto m = nn::on_tape(tape, model);
        const auto rate = tape.variable(0.02);
        const auto gradients = gradient(nn::cross_entropy(m(x), y), m);
        const auto next = optimizer(m, gradients, nn::on_tape(tape, state), rate).first;
        const auto by_rate = gradient(nn::cross_entropy(next(x), y), rate); // of the loss after the step
        BOOST_TEST((std::isfinite(by_rate.item()) && by_rate.item() != 0));
    }
    tape.rewind(start);
    BOOST_TEST(nn::cross_entropy(nn::on_tape(tape, model)(x), y).item() < 0.7 * loss);
    BOOST_TEST(state.step() == 101.0);
}

BOOST_AUTO_TEST_CASE(its_table_is_trained_by_rows)
{
    tape tape;
    nn::random_stream stream(2);
    bag_of_words<xt::xarray<double>> model{nn::make_embedding(500, 4, stream), nn::make_linear(4, 2, stream)};
    const auto untouched = list(model.words.weight);
    const xt::xarray<int> texts{{7, 490, 7}, {12, 490, 300}, {12, 300, 12}};
    const xt::xarray<int> labels{0, 1, 1};

    const nn::lazy_adam optimizer{.learning_rate = 0.05};
    auto state = optimizer.start(model);
    const auto loss = [&](const auto& m) { return nn::cross_entropy(m(tape.index(texts)), tape.index(labels)); };
    const double before = nn::take_step(tape, optimizer, model, state, loss);

    for (int k = 0; k < 20; ++k)
    {
        nn::take_step(tape, optimizer, model, state, loss);
    }
    BOOST_TEST(loss(nn::on_tape(tape, model)).item() < before);
    for (std::size_t row = 0; row < 500; ++row)
    {
        const bool is_met = row == 7 || row == 12 || row == 300 || row == 490;
        BOOST_TEST((model.words.weight(row, 0) != untouched[4 * row]) == is_met);
    }
}

BOOST_AUTO_TEST_CASE(its_loop_trains_and_goes_on)
{
    const scratch_folder folder;
    const auto file = folder.path() / "moons.npz";
    const nn::labelled_points train = moons();
    const auto train_again = [&]
    {
        const model_type model = untrained();
        nn::training run(model, nn::adam{.learning_rate = 0.02}, nn::warm_up(20, nn::cosine_schedule(400)));
        run.plateau = nn::reduce_on_plateau{.factor = 0.5, .patience = 3};
        const auto batches = [&](auto& random)
        { return nn::shuffled_batches({.size = 32}, random, train.points, train.labels); };
        const auto loss = [](const auto& m, auto x, auto y) { return nn::cross_entropy(m(x), y); };
        if (std::filesystem::exists(file))
        {
            nn::load_checkpoint(file, run); // throws if model, optimizer, schedule or seed are others
        }
        nn::fit_options<model_type> options{.validation = error_rate, .patience = 8, .checkpoint = file};
        options.adjust_gradients = [](const auto& g) { return nn::clip_by_norm(g, 5.0); };
        nn::fit(run, 20, batches, loss, options);
        return run;
    };
    const auto first = train_again();
    BOOST_TEST(error_rate(first.best_model()) < 0.2);
    BOOST_TEST(error_rate(first.best_model()) == first.progress.best);
    const auto second = train_again();
    BOOST_TEST(second.progress.steps == first.progress.steps, "there was nothing left to do");
    BOOST_TEST(list(second.model.hidden.weight) == list(first.model.hidden.weight), per_element());
}

BOOST_AUTO_TEST_CASE(its_minimization_finds_a_minimum)
{
    tape tape;
    const nn::labelled_points data = moons();
    const variable x = tape.constant(data.points);
    const auto y = tape.index(data.labels);
    model_type model = untrained();
    const auto loss = [&](const auto& m)
    { return nn::cross_entropy(m(x), y) + nn::l2_penalty(0.001, nn::parameters(m)); };

    const nn::minimization found = nn::minimize(tape, nn::lbfgs{.gradient_tolerance = 1e-4}, model, loss);

    BOOST_TEST(found.largest_gradient <= 1e-4, nn::to_text(found.end));
    BOOST_TEST(error_rate(model) < 0.02);

    model = untrained();
    const nn::lbfgs method{.iterations = 5};
    nn::lbfgs_state state = method.start(model);
    nn::minimize(tape, method, model, state, loss);
    const double before = nn::take_step(tape, method, model, state, loss);
    BOOST_TEST(state.steps() == 6.0);
    BOOST_TEST(loss(nn::on_tape(tape, model)).item() < before);
}

BOOST_AUTO_TEST_SUITE_END()
