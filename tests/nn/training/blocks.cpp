// Trainings by blocks, alone and by several ranks, which are threads here; over MPI in tests/nn/distributed.

#include "nn/nn.hpp"

#include "scratch_folder.hpp"
#include "support.hpp"
#include "tests/nn/training/thread_team.hpp"

#include <bit>
#include <cstring>

using namespace support;

namespace
{

template <class T>
bool same_bits(const xt::xarray<T>& a, const xt::xarray<T>& b)
{
    return a.shape() == b.shape() && std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0;
}

template <class Structure>
std::size_t differences(const Structure& a, const Structure& b)
{
    std::size_t count = 0;
    nn::detail::zip_leaves(
        [&](const auto&, nn::role, const auto& x, const auto& y) { count += same_bits(x, y) ? 0 : 1; }, a, b);
    return count;
}

/// All that may depend on how a batch is cut: statistics of batches, and randomness.
template <class T>
auto network()
{
    nn::random_stream stream(4);
    return nn::sequential{nn::make_linear<T>(2, 6, stream), nn::make_batch_norm<T>(6), nn::activation::tanh(),
                          nn::dropout{0.25}, nn::make_linear<T>(6, 2, stream)};
}
constexpr auto loss = [](const auto& m, auto x, auto y, const auto& random)
{
    const auto [scores, next] = m.on_batch(x, random);
    return std::pair(nn::cross_entropy(scores, y), next);
};

template <class T>
struct data
{
    xt::xarray<T> points;
    xt::xarray<std::int64_t> labels;

    explicit data(std::size_t count)
    {
        nn::random_stream stream(0);
        const nn::labelled_points moons = nn::make_moons(count, 0.1, stream);
        points = xt::cast<T>(moons.points);
        labels = moons.labels;
    }
};

/// A training of that network, and what it is done with.
template <class T>
struct task
{
    data<T> moons{330};
    std::size_t batch = 136; // and a last one of 58: 4 blocks of 34 rows, and one of 58; or 8 of 17, and 8 of 7 or 8
    std::filesystem::path checkpoint = {};

    auto start(std::optional<nn::batch_blocks> blocks) const
    {
        nn::training run(network<T>(), nn::adam{.learning_rate = 0.05}, nn::warm_up(3), 7);
        run.blocks = blocks;
        return run;
    }
    template <class Run>
    void fit(Run& run, std::size_t epochs, nn::team* across) const
    {
        using model = std::remove_cvref_t<decltype(run.model)>;
        nn::fit_options<model> options{
            .checkpoint = checkpoint, .progress = nn::progress_bar::style::silent, .across = across};
        options.adjust_gradients = [](const auto& g) { return nn::clip_by_norm(g, 0.05); };
        options.validation = [this](const model& m)
        {
            autograd::tape<T> tape;
            return static_cast<double>(
                nn::cross_entropy(nn::on_tape(tape, m)(tape.constant(moons.points)), tape.index(moons.labels)).item());
        };
        nn::fit(
            run, epochs,
            [&](auto& random) { return nn::shuffled_batches({.size = batch}, random, moons.points, moons.labels); },
            loss, options);
    }
};

using blocks = nn::batch_blocks;

/// What came of a training on so many ranks, on each of them.
template <class T>
auto trained(const task<T>& what, std::optional<blocks> by, std::size_t ranks, std::size_t epochs)
{
    std::vector<decltype(what.start(by))> runs(ranks, what.start(by));
    const std::vector<std::string> errors =
        threads::errors_of(ranks, [&](threads::rank_of_table& world) { what.fit(runs[world.rank()], epochs, &world); });
    for (const std::string& each : errors)
    {
        BOOST_TEST(each == "");
    }
    return runs;
}

template <class T>
void check_ranks(std::optional<blocks> by)
{
    const task<T> what;
    auto alone = what.start(by);
    what.fit(alone, 3, nullptr);
    for (const std::size_t ranks : {1u, 2u, 3u, 5u, 11u})
    {
        for (const auto& each : trained(what, by, ranks, 3))
        {
            BOOST_TEST(differences(each.model, alone.model) == 0u, ranks << " ranks");
            BOOST_TEST(differences(each.state, alone.state) == 0u, ranks << " ranks");
            BOOST_TEST(differences(*each.best, *alone.best) == 0u, ranks << " ranks");
            BOOST_TEST(each.progress.history.back().loss == alone.progress.history.back().loss);
            BOOST_TEST(*each.progress.history.back().validation == *alone.progress.history.back().validation);
        }
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(nn_blocks)

BOOST_AUTO_TEST_CASE(how_many_blocks_a_batch_has)
{
    const blocks automatic;
    const std::vector<std::pair<std::size_t, std::size_t>> counts{
        {0, 1}, {1, 1}, {63, 1}, {64, 2}, {127, 2}, {128, 4}, {1024, 32}, {2047, 32}, {2048, 64}, {100'000, 64}};
    for (const auto& [rows, count] : counts)
    {
        BOOST_TEST(automatic.count(rows) == count, rows << " rows");
    }
    BOOST_TEST(blocks{8}.count(1024) == 8u);
    BOOST_TEST(blocks{8}.count(9) == 8u);
    BOOST_TEST(blocks{8}.count(7) == 4u, "each has a row");
    BOOST_TEST(blocks{256}.count(300) == 256u);
    BOOST_TEST(
        text_of<autograd::error::value_error>([] { blocks{6}.count(100); }) ==
        "autograd: batch_blocks: there are to be 6 blocks; it must be a power of two, or 0 for what follows from "
        "the rows.");
}

BOOST_AUTO_TEST_CASE(a_rank_sends_at_most_log_v_partial_sums)
{
    for (std::size_t count = 1; count <= 256; count *= 2)
    {
        for (std::size_t ranks = 1; ranks <= 300; ++ranks)
        {
            std::size_t next = 0;
            for (std::size_t rank = 0; rank < ranks; ++rank)
            {
                const nn::detail::stretch own = nn::detail::even_part(count, rank, ranks);
                const auto trees = nn::detail::subtrees_of(own);
                for (const nn::detail::subtree& each : trees)
                {
                    BOOST_REQUIRE(std::has_single_bit(each.count) && each.first % each.count == 0 &&
                                  each.first == next);
                    next = each.last();
                }
                BOOST_REQUIRE(trees.size() <= std::max<std::size_t>(1, std::bit_width(count) - 1));
            }
            BOOST_REQUIRE(next == count);
        }
    }
}

BOOST_AUTO_TEST_CASE(the_same_bits_on_any_number_of_ranks)
{
    check_ranks<double>(blocks{});
    check_ranks<double>(blocks{8});
    check_ranks<float>(blocks{8});
    check_ranks<float>(blocks{1});
}

BOOST_AUTO_TEST_CASE(one_block_has_the_bits_of_none)
{
    const task<double> what;
    auto whole = what.start({});
    auto one = what.start(blocks{1});
    what.fit(whole, 3, nullptr);
    what.fit(one, 3, nullptr);
    BOOST_TEST(differences(whole.model, one.model) == 0u);
    BOOST_TEST(differences(whole.state, one.state) == 0u);
    BOOST_TEST(whole.settings() == one.settings());
    auto cut = what.start(blocks{2});
    what.fit(cut, 3, nullptr);
    BOOST_TEST(differences(whole.model, cut.model) > 0u);
}

// A loss that is a mean over rows, without randomness and statistics: the gradient is that of the batch.
BOOST_AUTO_TEST_CASE(the_gradient_is_that_of_the_whole_batch)
{
    const data<double> moons(45);
    const auto one_step = [&](std::optional<blocks> by)
    {
        nn::random_stream stream(1);
        nn::training run(nn::make_linear(2, 2, stream), nn::gradient_descent{1.0});
        run.blocks = by;
        nn::fit(
            run, 1, [&] { return nn::batches_in_order({.size = 45}, moons.points, moons.labels); },
            [](const auto& m, auto x, auto y) { return nn::cross_entropy(m(x), y); },
            {.progress = nn::progress_bar::style::silent});
        return run;
    };
    const auto whole = one_step({});
    for (const std::size_t count : {2u, 4u, 8u, 32u}) // of 22 and 23 rows, ..., of 1 and 2
    {
        const auto cut = one_step(blocks{count});
        for (std::size_t k = 0; k < 4; ++k)
        {
            BOOST_TEST(cut.model.weight.data()[k] == whole.model.weight.data()[k], tolerance(1e-13));
        }
        BOOST_TEST(cut.progress.history[0].loss == whole.progress.history[0].loss, tolerance(1e-13));
    }
}

BOOST_AUTO_TEST_CASE(each_block_has_randomness_of_its_own)
{
    std::vector<reals> drawn;
    const auto train = [&](std::optional<blocks> by)
    {
        drawn.clear();
        nn::training run(array{1.0}, nn::sgd{.learning_rate = 0.1});
        run.blocks = by;
        nn::fit(
            run, 1,
            [] {
                return std::vector<array>{array::from_shape({8, 1})};
            },
            [&](variable w, variable x, const autograd::counter_generator<double>& random)
            {
                drawn.push_back(list(random.uniform({3})));
                return mean(square(w + 0.0 * x));
            },
            {.progress = nn::progress_bar::style::silent});
        return drawn;
    };
    const auto whole = train({});
    BOOST_TEST((train(blocks{1}) == whole));
    std::vector<reals> of_blocks = train(blocks{4});
    BOOST_TEST(of_blocks.size() == 4u);
    BOOST_TEST((train(blocks{4}) == of_blocks));
    of_blocks.push_back(whole.front());
    std::sort(of_blocks.begin(), of_blocks.end());
    BOOST_TEST((std::unique(of_blocks.begin(), of_blocks.end()) == of_blocks.end()), "all are different");
}

BOOST_AUTO_TEST_CASE(the_mean_of_equal_blocks_is_rounded_once_a_level)
{
    nn::detail::block_tree<double> tree;
    tree.begin(8, 4, nullptr);
    const double numbers[4][3] = {{1, 1e308, 5e-324}, {2, 1e308, 5e-324}, {3, 1e308, 5e-324}, {5, 1e308, 5e-324}};
    std::vector<std::vector<std::span<const double>>> leaves;
    for (const auto& each : numbers)
    {
        leaves.push_back({std::span(each).first(1), std::span(each).last(2)});
    }
    BOOST_TEST(tree.is_pair_next());
    tree.add(leaves[0], leaves[1]);
    tree.add(leaves[2]); // one by one it is the same
    tree.add(leaves[3]);
    const auto mean = tree.mean(3, nullptr);
    BOOST_TEST(mean[0] == 2.75);
    BOOST_TEST(mean[1] == 1e308, "a mean of large numbers does not overflow");
}

BOOST_AUTO_TEST_CASE(going_on_with_another_number_of_ranks)
{
    const scratch_folder folder;
    task<double> what;
    what.checkpoint = folder.path() / "run.npz";
    auto whole = what.start(blocks{8});
    what.fit(whole, 4, nullptr);
    trained(what, blocks{8}, 3, 2);
    std::vector<decltype(whole)> runs(2, what.start(blocks{8}));
    const auto errors = threads::errors_of(2,
                                           [&](threads::rank_of_table& world)
                                           {
                                               auto& run = runs[world.rank()];
                                               nn::load_checkpoint(what.checkpoint, run);
                                               what.fit(run, 4, &world);
                                           });
    BOOST_TEST(errors[0] == "");
    BOOST_TEST(differences(runs[0].model, whole.model) == 0u);
    BOOST_TEST(differences(runs[1].state, whole.state) == 0u);

    auto other = what.start(blocks{4});
    const std::string text = text_of<autograd::error::file_error>([&] { nn::load_checkpoint(what.checkpoint, other); });
    BOOST_TEST(text.find("\"8 blocks\", and this training has \"4 blocks\"") != std::string::npos, text);
}

BOOST_AUTO_TEST_CASE(what_is_sent)
{
    const data<double> moons(64);
    const std::size_t numbers = 2 * 40 + 40 + 1; // weight, bias, loss
    for (const std::size_t ranks : {2u, 3u, 5u, 8u})
    {
        std::vector<std::size_t> sent(ranks);
        threads::errors_of(ranks,
                           [&](threads::rank_of_table& world)
                           {
                               nn::random_stream stream(1);
                               nn::training run(nn::make_linear(2, 40, stream), nn::gradient_descent{1.0});
                               run.blocks = blocks{16};
                               nn::fit(
                                   run, 1,
                                   [&] { return nn::batches_in_order({.size = 64}, moons.points, moons.labels); },
                                   [](const auto& m, auto x, auto y) { return nn::cross_entropy(m(x), y); },
                                   {.progress = nn::progress_bar::style::silent, .across = &world});
                               sent[world.rank()] = world.bytes_sent;
                           });
        for (const std::size_t each : sent)
        {
            BOOST_TEST(each <= 4 * numbers * sizeof(double)); // log2(16) partial sums
            BOOST_TEST(each > 0u);
        }
    }
}

/// Ranges of batches that yield all rows on each rank.
BOOST_AUTO_TEST_CASE(any_range_of_batches)
{
    const data<float> moons(96);
    const auto train = [&](nn::team* across)
    {
        nn::training run(network<float>(), nn::sgd{.learning_rate = 0.1}, {}, 3);
        run.blocks = blocks{4};
        const auto batches = [&]
        {
            std::vector<std::tuple<xt::xarray<double>, xt::xarray<int>>> all; // of other types, to be converted
            for (const auto& [x, y] : nn::batches_in_order({.size = 40}, moons.points, moons.labels))
            {
                all.emplace_back(xt::cast<double>(x), xt::cast<int>(y));
            }
            return all;
        };
        nn::fit(run, 2, batches, loss, {.progress = nn::progress_bar::style::silent, .across = across});
        return run;
    };
    const auto alone = train(nullptr);
    std::vector<decltype(alone.model)> models(3, alone.model);
    const auto errors =
        threads::errors_of(3, [&](threads::rank_of_table& world) { models[world.rank()] = train(&world).model; });
    for (std::size_t rank = 0; rank < 3; ++rank)
    {
        BOOST_TEST(errors[rank] == "");
        BOOST_TEST(differences(models[rank], alone.model) == 0u);
    }
}

BOOST_AUTO_TEST_CASE(only_own_rows_are_made)
{
    const data<double> moons(64);
    const nn::batches all = nn::batches_in_order({.size = 48}, moons.points, moons.labels);
    BOOST_TEST(all.rows(0) == 48u);
    BOOST_TEST(all.rows(1) == 16u);
    std::tuple<xt::xarray<double>, xt::xarray<std::int64_t>> some;
    all.load(1, 3, 5, some);
    BOOST_TEST(std::get<0>(some).shape()[0] == 2u);
    BOOST_TEST(std::get<0>(some)(0, 1) == moons.points(51, 1));
    BOOST_TEST(std::get<1>(some)(1) == moons.labels(52));
    all.load(0, 7, 7, some);
    BOOST_TEST(std::get<1>(some).size() == 0u);
}

// ------------------------------------------------------------------------------------------------------- refusals

BOOST_AUTO_TEST_CASE(what_cannot_be_done_by_blocks)
{
    const auto batches = [] { return std::vector<array>{array::from_shape({64, 1})}; };
    const auto parabola = [](variable w, variable x) { return mean(square(w * x)); };
    const auto refusal = [&](auto optimizer)
    {
        nn::training run(array{1.0}, optimizer);
        run.blocks = blocks{};
        return text_of<autograd::error::value_error>([&] { nn::fit(run, 1, batches, parabola); });
    };
    BOOST_TEST(refusal(nn::lbfgs{}) ==
               "autograd: fit: lbfgs evaluates the loss several times in a step, which the mean over blocks does not "
               "allow; take another optimizer, or no blocks and no ranks.");
    BOOST_TEST(refusal(nn::lazy_adam{}) ==
               "autograd: fit: lazy_adam moves the rows that a batch met, which the mean over blocks does not allow; "
               "take another optimizer, or no blocks and no ranks.");
    const auto errors = threads::errors_of(3,
                                           [&](threads::rank_of_table& world)
                                           {
                                               nn::training run(array{1.0}, nn::adam{});
                                               nn::fit(run, 1, batches, parabola, {.across = &world});
                                           });
    BOOST_TEST(errors[2] == "autograd: rank 0 of 3: fit: the training has no blocks for ranks to share (3 of them); "
                            "say how batches are cut: run.blocks = nn::batch_blocks{}.");
    nn::training run(array{1.0}, nn::adam{});
    run.blocks = blocks{4};
    const auto uneven = [] { return std::vector{std::tuple(array::from_shape({8, 1}), array::from_shape({9, 1}))}; };
    BOOST_TEST(text_of<autograd::error::shape_error>(
                   [&] { nn::fit(run, 1, uneven, [](variable w, variable, variable) { return sum(w); }); }) ==
               "autograd: fit: array 0 has shape (8, 1) and array 1 has shape (9, 1); all must have the same number of "
               "rows, the extent of axis 0.");
}

namespace
{
/// Trains on three ranks, with what `change` does to each, and returns what each threw.
std::vector<std::string>
errors_with(const std::function<void(std::size_t, decltype(task<double>().start({}))&, task<double>&)>& change,
            std::size_t epochs = 2)
{
    return threads::errors_of(3,
                              [&](threads::rank_of_table& world)
                              {
                                  task<double> what;
                                  auto run = what.start(blocks{8});
                                  change(world.rank(), run, what);
                                  what.fit(run, epochs, &world);
                              });
}
} // namespace

BOOST_AUTO_TEST_CASE(ranks_that_are_not_alike_are_refused)
{
    auto errors =
        errors_with([](std::size_t rank, auto& run, auto&) { run.optimizer.learning_rate = rank == 1 ? 0.1 : 0.05; });
    for (const std::string& each : errors)
    {
        BOOST_TEST(each.starts_with("autograd: rank 1 of 3: fit: the training is \"model("), each);
        BOOST_TEST(each.find("adam(learning_rate 0.1, ") != std::string::npos, each);
        BOOST_TEST(each.find("adam(learning_rate 0.05, ") != std::string::npos, each);
        BOOST_TEST(each.ends_with("on rank 0; all ranks must have the same."), each);
    }
    errors = errors_with(
        [](std::size_t rank, auto& run, auto&)
        {
            run.model.layers =
                rank == 2 ? (std::get<0>(run.model.layers).weight(0) += 1, run.model.layers) : run.model.layers;
        });
    BOOST_TEST(
        errors[0].starts_with("autograd: rank 2 of 3: fit: the checksum of the model (which seed, or checkpoint, is it "
                              "from?) is "),
        errors[0]);
    errors = errors_with(
        [](std::size_t rank, auto&, auto& what)
        {
            if (rank == 1)
            {
                what.moons = data<double>(331);
            }
        });
    BOOST_TEST(errors[0] == "autograd: rank 1 of 3: fit: the number of rows is 331 here and 330 on rank 0; all ranks "
                            "must have the same.");
    errors = errors_with(
        [](std::size_t rank, auto& run, auto&) {
            std::get<4>(run.model.layers).weight.resize({6, rank == 1 ? std::size_t{3} : std::size_t{2}});
        });
    BOOST_TEST(errors[2] ==
               "autograd: rank 1 of 3: fit: 4.weight of the model is float64 (6, 3) here and float64 (6, 2) "
               "on rank 0; all ranks must have the same.");
}

// The random streams may be alike again behind a shuffle of other numbers.
BOOST_AUTO_TEST_CASE(rows_in_another_order_are_refused)
{
    const array points = array::from_shape({64, 1});
    const auto errors =
        threads::errors_of(2,
                           [&](threads::rank_of_table& world)
                           {
                               nn::training run(array{1.0}, nn::adam{});
                               run.blocks = blocks{};
                               autograd::array<std::int64_t> order = xt::arange<std::int64_t>(64);
                               std::swap(order(3), order(world.rank() == 1 ? 4 : 3));
                               nn::fit(
                                   run, 1, [&] { return nn::batches({.size = 64}, order, points); },
                                   [](variable w, variable x) { return mean(square(w * x)); }, {.across = &world});
                           });
    BOOST_TEST(errors[0].starts_with("autograd: rank 1 of 2: fit: the checksum of the order of the rows is "),
               errors[0]);
}

BOOST_AUTO_TEST_CASE(what_a_rank_throws_all_throw)
{
    auto errors = errors_with(
        [](std::size_t rank, auto&, auto& what)
        {
            if (rank == 2)
            {
                what.moons.labels.fill(7); // no class: a bad batch
            }
        });
    for (const std::string& each : errors)
    {
        BOOST_TEST(each.starts_with("autograd: rank 2 of 3: cross_entropy: "), each);
    }
    errors = errors_with(
        [](std::size_t rank, auto&, auto& what)
        {
            if (rank == 1)
            {
                what.moons.points.fill(std::numeric_limits<double>::quiet_NaN());
            }
        });
    for (const std::string& each : errors)
    {
        BOOST_TEST(each.starts_with("autograd: rank 1 of 3: take_step: the loss is nan"), each);
    }
    errors = errors_with(
        [](std::size_t rank, auto&, auto& what)
        {
            if (rank == 0)
            {
                what.checkpoint = "/dev/full";
            }
        });
    for (const std::string& each : errors)
    {
        BOOST_TEST(each.starts_with("autograd: rank 0 of 3: save_npz: cannot write /dev/full: "), each);
    }
}

BOOST_AUTO_TEST_CASE(ranks_that_do_different_things)
{
    const auto errors = threads::errors_of(2,
                                           [](threads::rank_of_table& world)
                                           {
                                               const task<double> what;
                                               auto run = what.start(blocks{8});
                                               what.fit(run, 1, &world);
                                               if (world.rank() == 0)
                                               {
                                                   what.fit(run, 2, &world);
                                               }
                                               else
                                               {
                                                   world.meet("the shop");
                                               }
                                           });
    BOOST_TEST(errors[0] ==
               "autograd: rank 1 of 2: the ranks do different things: this one is at the shop, and rank 0 at "
               "a comparison of what must be the same; all must call the same functions, for batches "
               "of as many rows.");
    BOOST_TEST(errors[1] == errors[0]);
}

// What rank 0 does for all: the others neither validate nor write nor call.
BOOST_AUTO_TEST_CASE(rank_0_speaks_for_all)
{
    std::vector<int> calls(3, 0);
    std::vector<std::size_t> epochs(3, 0);
    std::vector<double> figures(3, 0);
    const auto errors = threads::errors_of(
        3,
        [&](threads::rank_of_table& world)
        {
            const data<double> moons(64);
            nn::training run(network<double>(), nn::adam{}, {}, 3);
            run.blocks = blocks{2};
            using model = decltype(run.model);
            nn::fit_options<model> options{.progress = nn::progress_bar::style::silent, .across = &world};
            options.validation = [&](const model&) { return ++calls[world.rank()] == 1 ? 2.0 : 3.0; };
            options.on_epoch = {[&](const nn::epoch_report&) { calls[world.rank()] += 10; }};
            options.stop_when = [&](const nn::epoch_report& report) { return report.epoch == 4; };
            nn::fit(
                run, 9, [&] { return nn::batches_in_order({.size = 64}, moons.points, moons.labels); }, loss, options);
            epochs[world.rank()] = run.progress.epochs;
            figures[world.rank()] = run.progress.best;
        });
    BOOST_TEST(errors[0] == "");
    BOOST_TEST(calls == std::vector({44, 0, 0}), per_element());
    BOOST_TEST(epochs == std::vector<std::size_t>({4, 4, 4}), per_element());
    BOOST_TEST(figures == std::vector<double>({2, 2, 2}), per_element());
}

BOOST_AUTO_TEST_SUITE_END()
