#include "nn/optimizer/clipping.hpp"
#include "tests/nn/training/runs.hpp"

using namespace runs;

namespace
{

/// Loss 1/2 (w - target)^2 of a number; gradient descent with rate r multiplies the distance by 1 - r.
struct parabola
{
    nn::training<array, nn::sgd> run{array{1.0}, nn::sgd{.learning_rate = 0.5}};
    static std::vector<array> batches() { return {array{0.0}}; }
    static variable loss(variable w, variable target) { return 0.5 * sum(square(w - target)); }
};

nn::fit_options<array> silent()
{
    return {.progress = nn::progress_bar::style::silent};
}

/// A validation that gives these figures, one after the other.
std::function<double(const array&)> figures(reals numbers)
{
    return [numbers = std::move(numbers), k = std::size_t{0}](const array&) mutable { return numbers.at(k++); };
}

} // namespace

BOOST_AUTO_TEST_SUITE(nn_fit)

BOOST_AUTO_TEST_CASE(it_takes_a_step_for_each_batch)
{
    parabola p;
    const nn::fit_result result = nn::fit(p.run, 3, parabola::batches, parabola::loss, silent());
    BOOST_TEST((result.end == nn::fit_end::epochs_are_complete));
    BOOST_TEST(p.run.model(0) == 0.125);
    BOOST_REQUIRE_EQUAL(p.run.progress.history.size(), 3u);
    BOOST_TEST(p.run.progress.history[1].loss == 0.125);
    BOOST_TEST(p.run.progress.history[1].epoch == 2u);
    BOOST_TEST(p.run.progress.history[1].rate == 0.5);
    BOOST_TEST(!p.run.progress.history[1].validation.has_value());
    BOOST_TEST(p.run.progress.steps == 3u);
}

BOOST_AUTO_TEST_CASE(a_classifier_learns)
{
    run r = make_run();
    nn::fit(r, 30, batches, loss, quiet());
    BOOST_TEST(r.progress.steps == 150u);
    BOOST_TEST(r.progress.history.back().loss < 0.6 * r.progress.history.front().loss);
    BOOST_TEST(r.model.seen.value(0) != 0.0, "buffers are kept");
    BOOST_TEST(r.progress.history[0].rate == 0.05 * 4 / 7, tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(two_fits_are_one)
{
    run whole = make_run();
    nn::fit(whole, 12, batches, loss, quiet());
    run halves = make_run();
    nn::fit(halves, 5, batches, loss, quiet());
    nn::fit(halves, 12, batches, loss, quiet());
    require_same(whole, halves);
    run other = make_run(6);
    nn::fit(other, 12, batches, loss, quiet());
    BOOST_TEST(other.model.weight(0, 0) != whole.model.weight(0, 0), "another seed is another run");
}

BOOST_AUTO_TEST_CASE(two_fits_are_one_with_patience_too)
{
    auto options = quiet();
    options.patience = 100;
    run whole = make_run();
    nn::fit(whole, 12, batches, loss, options);
    run halves = make_run();
    nn::fit(halves, 5, batches, loss, quiet()); // the best model is kept without patience as well
    nn::fit(halves, 12, batches, loss, options);
    require_same(whole, halves);
}

BOOST_AUTO_TEST_CASE(memory_does_not_grow)
{
    run few = make_run();
    const std::size_t memory = nn::fit(few, 2, batches, loss, quiet()).tape_memory;
    run many = make_run();
    BOOST_TEST(nn::fit(many, 200, batches, loss, quiet()).tape_memory == memory);
}

BOOST_AUTO_TEST_CASE(the_best_model_is_kept)
{
    parabola p;
    auto options = silent();
    options.validation = figures({5, 3, 4, 3.5, 6, 7});
    options.patience = 2;
    const nn::fit_result result = nn::fit(p.run, 100, parabola::batches, parabola::loss, options);
    BOOST_TEST((result.end == nn::fit_end::no_improvement));
    BOOST_TEST(p.run.progress.epochs == 4u);
    BOOST_TEST(p.run.progress.best == 3.0);
    BOOST_TEST(p.run.best_model()(0) == 0.25, "as it was after epoch 2");
    BOOST_TEST(p.run.model(0) == 0.0625, "the last one, to go on from");

    parabola strict;
    options.validation = figures({5, 4.5, 4.0, 3.9});
    options.least_improvement = 1.0;
    nn::fit(strict.run, 100, parabola::batches, parabola::loss, options);
    BOOST_TEST(strict.run.progress.epochs == 3u);
    BOOST_TEST(strict.run.best_model()(0) == 0.5);
}

BOOST_AUTO_TEST_CASE(a_plateau_lowers_the_rate_of_the_next_epoch)
{
    parabola p;
    p.run.plateau = nn::reduce_on_plateau{.factor = 0.5, .patience = 0};
    auto options = silent();
    options.validation = figures({1, 1, 0.5});
    nn::fit(p.run, 3, parabola::batches, parabola::loss, options);
    BOOST_TEST(p.run.progress.history[1].rate == 0.5);
    BOOST_TEST(p.run.progress.history[2].rate == 0.25);
}

BOOST_AUTO_TEST_CASE(gradients_are_adjusted_and_callbacks_called)
{
    parabola p;
    auto options = silent();
    options.adjust_gradients = [](const variable& g) { return nn::clip_by_value(g, 0.25); };
    std::vector<std::size_t> epochs;
    options.on_epoch = {[&](const nn::epoch_report& report) { epochs.push_back(report.epoch); }};
    options.stop_when = [](const nn::epoch_report& report) { return report.epoch == 2; };
    const nn::fit_result result = nn::fit(p.run, 5, parabola::batches, parabola::loss, options);
    BOOST_TEST((result.end == nn::fit_end::stopped));
    BOOST_TEST(epochs == (std::vector<std::size_t>{1, 2}), per_element());
    BOOST_TEST(p.run.model(0) == 0.75);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_fitted_is_refused)
{
    parabola p;
    const auto refused = [&](const auto& batches_of, const auto& options)
    { return text_of<autograd::error::value_error>([&] { nn::fit(p.run, 2, batches_of, parabola::loss, options); }); };
    BOOST_TEST(
        refused([] { return std::vector<array>(); }, silent()) ==
        "autograd: fit: epoch 1 has 0 batches; it must have one at least. A range that can be walked through only "
        "once must be made anew for each epoch.");
    auto options = silent();
    options.patience = 0;
    BOOST_TEST(refused(parabola::batches, options) == "autograd: fit: patience is 0; it must be 1 at least.");
    options = silent();
    options.checkpoint_every = 0;
    BOOST_TEST(refused(parabola::batches, options) == "autograd: fit: checkpoint_every is 0; it must be 1 at least.");
    BOOST_TEST(p.run.model(0) == 1.0);
}

BOOST_AUTO_TEST_SUITE_END()
