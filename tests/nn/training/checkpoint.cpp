#include "nn/linear.hpp"
#include "tests/nn/training/runs.hpp"

#include "scratch_folder.hpp"

#include <chrono>
#include <csignal>
#include <filesystem>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

using namespace runs;

namespace
{

namespace fs = std::filesystem;

nn::fit_options<arrays> with_checkpoint(const fs::path& file)
{
    auto options = quiet();
    options.checkpoint = file;
    options.patience = 1000;
    return options;
}

template <class Run>
std::string refused(const fs::path& file, Run& r)
{
    const std::string text = text_of<autograd::error::file_error>([&] { nn::load_checkpoint(file, r); });
    const std::size_t name = text.find(file.string());
    return name == std::string::npos ? text : text.substr(0, name) + text.substr(name + file.string().size());
}

template <class Leaf>
struct with_lists
{
    nn::linear<Leaf> layer;
    std::vector<double> rates = {1.0, 2.5};
    std::vector<int> sizes = {3, -4};
    std::vector<float> none = {};
    NN_MEMBERS(layer, rates, sizes, none)
};

/// A training that is mostly busy with its checkpoints, which are large.
struct heavy
{
    nn::training<array, nn::adam> run{array(array::shape_type{100000}, 0.0), nn::adam{}};
    nn::fit_options<array> options;

    explicit heavy(const fs::path& file)
    {
        options.checkpoint = file;
        options.progress = nn::progress_bar::style::silent;
    }
    void train(std::size_t epochs)
    {
        nn::fit(
            run, epochs, [](stream& random) { return std::vector<array>{random.randn({1})}; },
            [](variable w, variable x) { return sum(square(w - x)); }, options);
    }
};

/// Trains from the checkpoint, if there is one, until killed; writes a byte to the pipe after each epoch.
[[noreturn]] void train_until_killed(const fs::path& file, int pipe)
{
    heavy h(file);
    if (fs::exists(file))
    {
        nn::load_checkpoint(file, h.run);
    }
    h.options.on_epoch = {[&](const nn::epoch_report&)
                          {
                              if (::write(pipe, "", 1) != 1)
                              {
                                  ::_exit(1);
                              }
                          }};
    h.train(1000000);
    ::_exit(0);
}

/// Lets a run complete two epochs, however long these take, and kills it somewhere in the third: at a fraction of the
/// time that the second took.
void kill_within_an_epoch(const fs::path& file, double fraction)
{
    using clock = std::chrono::steady_clock;
    int ends[2];
    BOOST_REQUIRE_EQUAL(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0)
    {
        ::close(ends[0]);
        train_until_killed(file, ends[1]);
    }
    ::close(ends[1]);
    char byte = 0;
    BOOST_TEST(::read(ends[0], &byte, 1) == 1);
    const auto begin = clock::now();
    BOOST_TEST(::read(ends[0], &byte, 1) == 1);
    std::this_thread::sleep_for(fraction * (clock::now() - begin));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    ::close(ends[0]);
    BOOST_TEST(WIFSIGNALED(status));
}

} // namespace

BOOST_AUTO_TEST_SUITE(nn_checkpoint)

BOOST_AUTO_TEST_CASE(a_training_goes_on_as_if_it_had_not_stopped)
{
    const scratch_folder there;
    run whole = make_run();
    nn::fit(whole, 14, batches, loss, with_checkpoint(there.path() / "whole.npz"));

    run first = make_run();
    nn::fit(first, 6, batches, loss, with_checkpoint(there.path() / "run.npz"));
    run second = make_run();
    nn::load_checkpoint(there.path() / "run.npz", second);
    BOOST_TEST(second.progress.epochs == 6u);
    nn::fit(second, 14, batches, loss, with_checkpoint(there.path() / "run.npz"));
    require_same(whole, second);

    run third = make_run();
    nn::load_checkpoint(there.path() / "run.npz", third);
    run fourth = make_run();
    nn::load_checkpoint(there.path() / "whole.npz", fourth);
    require_same(third, fourth);
    BOOST_TEST(third.progress.plateau.factor < 1.0, "the plateau's state is carried, too");
    nn::fit(third, 14, batches, loss, with_checkpoint(there.path() / "run.npz"));
    require_same(third, whole);
}

BOOST_AUTO_TEST_CASE(checkpoints_are_written_every_so_often_and_at_the_end)
{
    const scratch_folder there;
    auto options = with_checkpoint(there.path() / "run.npz");
    options.checkpoint_every = 3;
    std::vector<std::size_t> epochs;
    options.on_epoch = {[&](const nn::epoch_report&)
                        {
                            if (fs::exists(there.path() / "run.npz"))
                            {
                                run r = make_run();
                                nn::load_checkpoint(there.path() / "run.npz", r);
                                epochs.push_back(r.progress.epochs);
                            }
                        }};
    run r = make_run();
    nn::fit(r, 7, batches, loss, options);
    BOOST_TEST(epochs == (std::vector<std::size_t>{3, 3, 3, 6, 7}), per_element());
}

BOOST_AUTO_TEST_CASE(a_killed_run_leaves_a_good_checkpoint)
{
    const scratch_folder there;
    const fs::path file = there.path() / "run.npz";
    heavy expected({});
    stream random(static_cast<std::int64_t>(::getpid()));
    for (int k = 0; k < 20; ++k)
    {
        kill_within_an_epoch(file, random.rand());
        heavy found({});
        nn::load_checkpoint(file, found.run);
        BOOST_REQUIRE_GE(found.run.progress.epochs, expected.run.progress.epochs + 2);
        expected.train(found.run.progress.epochs);
        require_same(found.run, expected.run);
    }
}

BOOST_AUTO_TEST_CASE(what_does_not_belong_is_refused)
{
    const scratch_folder there;
    const fs::path file = there.path() / "run.npz";
    run r = make_run();
    nn::fit(r, 2, batches, loss, with_checkpoint(file));

    run other_seed = make_run(6);
    BOOST_TEST(
        refused(file, other_seed) ==
        "autograd: load_checkpoint: : it was written by a training with \"seed 5\", and this training has \"seed "
        "6\"; both must have the same settings. If the change is meant, load with nn::settings::may_differ.");
    nn::load_checkpoint(file, other_seed, nn::settings::may_differ);
    BOOST_TEST(other_seed.progress.epochs == 2u);

    run other_batches = make_run();
    other_batches.context = "batch 7";
    BOOST_TEST(refused(file, other_batches) ==
               "autograd: load_checkpoint: : it was written by a training with nothing like it, and this training has "
               "\"batch 7\"; both must have the same settings. If the change is meant, load with "
               "nn::settings::may_differ.");

    arrays wide = start();
    wide.bias = array{1.0};
    run wider(wide, r.optimizer, r.rates, 5);
    wider.plateau = r.plateau;
    BOOST_TEST(refused(file, wider) ==
               "autograd: load_checkpoint: : model/bias is float64 (4,), and the model has float64 (1,) there; the "
               "models must have the same form.");
    BOOST_TEST(list(wider.model.bias) == (reals{1}), per_element());

    nn::training<array, nn::adam> leaf(array{1.0}, r.optimizer, r.rates, 5);
    leaf.plateau = r.plateau;
    BOOST_TEST(refused(file, leaf).find("there is no array \"model/\"") != std::string::npos);

    nn::archive nothing;
    nothing.add("a", array{1.0});
    nn::save_npz(there.path() / "no.npz", nothing);
    BOOST_TEST(refused(there.path() / "no.npz", r) == "autograd: load_checkpoint: : it is no checkpoint of this form; "
                                                      "save_checkpoint must have written it.");
}

BOOST_AUTO_TEST_CASE(numbers_that_no_training_has_are_refused)
{
    const scratch_folder there;
    const fs::path file = there.path() / "run.npz";
    run r = make_run();
    nn::fit(r, 2, batches, loss, with_checkpoint(file));
    const nn::archive good = nn::load_npz(file);
    const auto with = [&](const std::string& name, const nn::any_array& array)
    {
        nn::archive changed;
        for (const auto& each : good)
        {
            changed.add(each.name, each.name == name ? array : each.array);
        }
        nn::save_npz(file, changed);
        run loaded = make_run();
        return refused(file, loaded);
    };
    const auto count = [](std::uint64_t number) { return xt::xarray<std::uint64_t>(number); };
    // 6 times this is 12 modulo 2^64, as many numbers as the history of two epochs has
    BOOST_TEST(with("progress/epochs", count((std::uint64_t{1} << 63) + 2)).find("it must have a row of 6 numbers") !=
               std::string::npos);
    BOOST_TEST(with("progress/history", array(array::shape_type{2, 6}, std::nan(""))).find("count the epochs from 1") !=
               std::string::npos);
    BOOST_TEST(with("plateau/factor", array(-3.0)).find("must be between 0 and 1") != std::string::npos);
    BOOST_TEST(with("plateau/factor", array(1 + 1e-9)).find("plateau/factor is 1.000000001; it must") !=
               std::string::npos);
    BOOST_TEST(with("progress/best", array(std::nan(""))).find("progress/best is NaN") != std::string::npos);
    BOOST_TEST(with("plateau/best", array(std::nan(""))).find("plateau/best is NaN") != std::string::npos);
    const std::string no_generator = "random/ is the state of no generator: autograd: legacy_generator: ";
    BOOST_TEST(with("random/position", count(625)).find(no_generator + "the position") != std::string::npos);
    BOOST_TEST(with("random/key", xt::xarray<std::uint32_t>(std::vector<std::size_t>{624}, 0u))
                   .find(no_generator + "all words of the state are 0") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_damaged_file_is_refused_and_changes_nothing)
{
    const scratch_folder there;
    const fs::path file = there.path() / "run.npz";
    run saved = make_run();
    nn::fit(saved, 3, batches, loss, with_checkpoint(file));
    const std::string bytes = contents(file);
    const run fresh = make_run();
    for (std::size_t length = 0; length < bytes.size(); length += 97)
    {
        const fs::path cut = put(there.path() / "cut.npz", bytes.substr(0, length));
        run r = make_run();
        BOOST_CHECK_THROW(nn::load_checkpoint(cut, r), autograd::error::file_error);
        require_same(r, fresh);
    }
    BOOST_CHECK_THROW(nn::save_checkpoint(there.path() / "missing" / "run.npz", fresh), autograd::error::file_error);
}

BOOST_AUTO_TEST_CASE(settings_tell_lists_of_numbers)
{
    autograd::random::legacy_generator stream(0);
    const nn::training training(with_lists<array>{nn::make_linear<double>(2, 1, stream)}, nn::adam{});
    const std::string settings = training.settings();
    BOOST_TEST(settings.starts_with("model(rates {1, 2.5}, sizes {3, -4}, none {}); adam(learning_rate 0.001"),
               settings);
}

BOOST_AUTO_TEST_SUITE_END()
