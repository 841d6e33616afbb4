#pragma once

#include "autograd/differentiate/sum_over_blocks.hpp"
#include "autograd/random/counter_generator.hpp"
#include "nn/checkpoint.hpp"
#include "nn/data/rows.hpp"
#include "nn/optimizer/block_step.hpp"
#include "nn/progress.hpp"
#include "nn/team.hpp"

#include <filesystem>
#include <functional>
#include <limits>
#include <tuple>

/// The loop that most trainings are. It is made of public parts (take_step, schedules, save_checkpoint, progress_bar):
/// a training that is different writes its own loop of them.
///
///     nn::training run(model, nn::adam{.learning_rate = 0.01}, nn::warm_up(100, nn::cosine_schedule(5000)));
///     nn::fit(run, 20, [&](auto& random) { return nn::shuffled_batches({64}, random, images, labels); },
///             [](const auto& m, auto x, auto y) { return nn::cross_entropy(m(x), y); },
///             {.validation = error_rate, .patience = 3, .checkpoint = "run.npz"});
namespace nn
{

/// What a fit does beside the steps.
template <class Model>
struct fit_options
{
    using recorded = rebind<Model, autograd::variable<typename leaf_of<Model>::value_type>>;

    /// A figure that should fall, after each epoch; early stopping and plateau watch it, and the loss of the epoch
    /// where there is none.
    std::function<double(const Model&)> validation = {};
    /// Ends the fit after so many epochs without a new best figure, those of fits before included.
    std::optional<std::size_t> patience = {};
    double least_improvement = 0; ///< a best figure is lower than the last one by more than this

    /// The file that checkpoints are written to; none if empty.
    std::filesystem::path checkpoint = {};
    std::size_t checkpoint_every = 1; ///< epochs; and at the end

    /// What becomes of the gradients before the optimizer sees them: clip_by_norm, clip_by_value. They are whole then:
    /// no step is by rows.
    std::function<recorded(const recorded&)> adjust_gradients = {};

    /// Called after each epoch (and its checkpoint), in order. An exception ends the fit.
    std::vector<std::function<void(const epoch_report&)>> on_epoch = {};
    /// Called after each epoch: whether to end the fit.
    std::function<bool(const epoch_report&)> stop_when = {};

    progress_bar::style progress = progress_bar::style::automatic;

    /// The processes that train together, each by the blocks of a batch that it has (training::blocks); none if null.
    team* across = nullptr;
};

/// Why a fit ended.
enum class fit_end
{
    epochs_are_complete,
    no_improvement, ///< the patience was used up
    stopped         ///< stop_when said so
};

struct fit_result
{
    fit_end end;
    std::size_t tape_memory; ///< bytes that the tape held at the end
};

namespace detail
{

[[noreturn]] void throw_no_batches(std::size_t epoch);
void require_fit(std::size_t checkpoint_every, double least_improvement, std::optional<std::size_t> patience);
/// Throws file_error for a file that a checkpoint could not be written to: before the first epoch, not after it.
void require_writable(const std::filesystem::path& checkpoint);
void require_function(const char* option, bool is_there);
std::string note_of(double loss, std::optional<double> validation);

/// \name What a training by blocks, or by several ranks, needs \{
/// Throws value_error for ranks without blocks, and for blocks that are none.
void require_blocks(const std::optional<batch_blocks>& blocks, const team* across);
/// Throws value_error: the optimizer cannot be given the mean over blocks.
[[noreturn]] void throw_not_by_blocks(std::string_view optimizer, std::string_view reason);

/// What ranks must have in common, and checksums of what changes in the course of a training.
std::uint64_t checksum_of(const training_progress& progress);
std::uint64_t checksum_of(const autograd::random::legacy_state& random);
void add_checksum(std::vector<fact>& facts, std::string_view of, std::uint64_t checksum);
void add_array_fact(std::vector<fact>& facts, const part_path& path, autograd::shape_view shape, bool is_double);
std::string text_of(std::optional<std::size_t> patience, double least_improvement, bool validates, bool adjusts);
void add_facts(std::vector<fact>& facts, const std::string& settings, const std::string& options, std::size_t epochs);
void add_data_facts(std::vector<fact>& facts, std::optional<std::size_t> batches, std::optional<std::size_t> rows,
                    std::span<const std::int64_t> order);

/// Where ranks are that are about to take a step.
std::string place_of_step(std::size_t number, std::size_t rows, std::size_t blocks, double rate);

/// The numbers of rank 0.
void take_from_leader(team& ranks, std::string_view where, std::span<double> numbers);
/// \}

/// The batches of an epoch, from a callable that takes the random stream, or nothing.
template <class Batches>
decltype(auto) batches_of(Batches& batches, autograd::random::legacy_generator& random)
{
    if constexpr (std::is_invocable_v<Batches&, autograd::random::legacy_generator&>)
    {
        return batches(random);
    }
    else
    {
        return batches();
    }
}

/// How many rows a batch has along axis 0 of its first array, by which it counts in the mean loss of an epoch.
template <class Batch>
std::size_t rows_of(const Batch& batch)
{
    const auto& first = std::get<0>(autograd::detail::parts_of(batch));
    return first.dimension() == 0 ? 1 : first.shape()[0];
}

/// Batches any rows of which can be made by themselves: nn::batches.
template <class Range>
concept makes_rows = requires(const Range& batches, typename Range::value_type& to, std::size_t k)
{
    batches.rows(k);
    batches.load(k, k, k, to);
    batches.size();
};

/// The part of an epoch that is done, if its length is known.
template <class Range>
double part_of(const Range& batches, std::size_t done)
{
    if constexpr (requires { batches.size(); })
    {
        return static_cast<double>(done) / static_cast<double>(batches.size());
    }
    else
    {
        return 0;
    }
}

/// In the place of the number of a block where a batch is not cut.
inline constexpr std::size_t no_block = std::numeric_limits<std::size_t>::max();

/// loss(m, x, y, ...), with the randomness of the step as one more argument if it takes one: it is a function of seed
/// and step, so that it is the same when a training is taken up again; and of the block, where there are several.
template <class Loss, class Recorded, class T, class... Lifted>
auto call_loss(Loss& loss, const Recorded& m, autograd::tape<T>& tape, std::int64_t seed, std::size_t step,
               std::size_t block, const Lifted&... lifted)
{
    using generator = autograd::counter_generator<T>;
    if constexpr (std::is_invocable_v<Loss&, const Recorded&, const Lifted&..., generator>)
    {
        const autograd::array<std::int64_t> key{seed, static_cast<std::int64_t>(step)};
        const generator of_step(tape.index(key));
        return loss(m, lifted..., block != no_block ? of_step.stream(block) : of_step);
    }
    else
    {
        return loss(m, lifted...);
    }
}

/// A part of a batch: rows of each of its arrays, where they are if they lie one behind the other.
template <class... Arrays>
auto rows_of_parts(const std::tuple<Arrays...>& arrays, stretch rows)
{
    namespace from = autograd::detail;
    return std::apply([&](const auto&... each)
                      { return std::tuple(from::rows_of(from::kept_to_cut(each), rows.first, rows.last)...); },
                      arrays);
}

/// What cannot be right in the functions that a fit is given, whatever their numbers are.
enum class slip
{
    none,
    batches,   ///< they are no range
    arrays,    ///< one of them is not made of arrays
    arguments, ///< the loss does not take them
    result     ///< the loss returns something else
};

template <class Loss, class Recorded, class T, class... Lifted>
constexpr slip slip_of_loss()
{
    using generator = autograd::counter_generator<T>;
    if constexpr (!std::is_invocable_v<Loss&, const Recorded&, Lifted...> &&
                  !std::is_invocable_v<Loss&, const Recorded&, Lifted..., generator>)
    {
        return slip::arguments;
    }
    else
    {
        constexpr bool is_random = std::is_invocable_v<Loss&, const Recorded&, Lifted..., generator>;
        using result =
            typename std::conditional_t<is_random, std::invoke_result<Loss&, const Recorded&, Lifted..., generator>,
                                        std::invoke_result<Loss&, const Recorded&, Lifted...>>::type;
        return is_loss<result, Recorded> ? slip::none : slip::result;
    }
}
template <class Loss, class Recorded, class T, class... Arrays>
constexpr slip slip_of_batch(std::type_identity<std::tuple<Arrays&...>>)
{
    if constexpr ((autograd::array_expression<Arrays> && ...))
    {
        return slip_of_loss<Loss, Recorded, T, autograd::detail::row_data_of<T, Arrays>...>();
    }
    else
    {
        return slip::arrays;
    }
}
template <class Loss, class Recorded, class T, class Batches>
constexpr slip slip_of_batches()
{
    using random = autograd::random::legacy_generator;
    if constexpr (!autograd::array_expression<Batches> &&
                  (std::is_invocable_v<Batches&, random&> || std::is_invocable_v<Batches&>))
    {
        using range = std::remove_reference_t<decltype(batches_of(std::declval<Batches&>(), std::declval<random&>()))>;
        if constexpr (requires(range & all) { *std::begin(all), std::end(all); })
        {
            using batch = std::remove_cvref_t<decltype(*std::begin(std::declval<range&>()))>;
            using arrays = decltype(autograd::detail::parts_of(std::declval<const batch&>()));
            return slip_of_batch<Loss, Recorded, T>(std::type_identity<arrays>());
        }
    }
    return slip::batches;
}

/// One training that is under way.
template <class Model, class Optimizer, class Loss>
class fitting
{
public:
    using run_type = training<Model, Optimizer>;
    using T = typename run_type::number;
    using recorded = typename run_type::recorded;

    fitting(run_type& run, Loss& loss, const fit_options<Model>& options, std::size_t epochs, autograd::location where)
        : m_run(run),
          m_loss(loss),
          m_options(options),
          m_where(where),
          m_ranks(options.across),
          m_leads(m_ranks == nullptr || m_ranks->leads()),
          m_epochs(epochs),
          m_bar(epochs, run.progress.epochs, m_leads ? options.progress : progress_bar::style::silent)
    {
    }

    bool leads() const { return m_leads; }
    bool is_exhausted() const { return m_options.patience && m_run.progress.epochs_since_best >= *m_options.patience; }

    /// Throw rank_failed unless all ranks are about to do the same, and have done so: with the same state. What a
    /// function changes on one rank alone is told at the next epoch.
    void agree_on_state()
    {
        if (m_ranks != nullptr)
        {
            std::vector<fact> facts = facts_of_training();
            add_checksums(facts);
            require_same(*m_ranks, "fit", facts);
        }
    }
    template <class Range>
    void agree_on(const Range& batches)
    {
        if (m_ranks != nullptr)
        {
            std::vector<fact> facts = facts_of_training();
            add_facts_of_data(facts, batches);
            add_checksums(facts);
            require_same(*m_ranks, "fit", facts);
        }
    }

    template <class Range>
    const epoch_report& epoch(Range&& batches)
    {
        const auto start = std::chrono::steady_clock::now();
        double sum = 0;
        double rows = 0;
        double rate = 0;
        std::size_t done = 0;
        for_each_batch(batches,
                       [&](const auto& batch, std::size_t rows_of_batch, std::size_t first)
                       {
                           rate = m_run.rate();
                           const auto loss = static_cast<double>(step(batch, rows_of_batch, first, rate));
                           const auto weight = static_cast<double>(rows_of_batch);
                           sum += loss * weight;
                           rows += weight;
                           m_bar.step(m_run.progress.epochs, part_of(batches, ++done), note_of(loss, std::nullopt));
                       });
        if (done == 0)
        {
            throw_no_batches(m_run.progress.epochs + 1);
        }
        epoch_report report{m_run.progress.epochs + 1, sum / rows, validation(), rate, 0};
        report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        return close(report);
    }

    /// What comes behind an epoch, on rank 0 alone: checkpoint and callbacks. Whether the fit shall end.
    bool after(const epoch_report& report)
    {
        double is_stopped = 0;
        if (m_leads)
        {
            is_stopped = m_options.stop_when && m_options.stop_when(report);
            const bool is_last = is_stopped != 0 || is_exhausted() || report.epoch == m_epochs;
            if (!m_options.checkpoint.empty() && (is_last || report.epoch % m_options.checkpoint_every == 0))
            {
                save_checkpoint(m_options.checkpoint, m_run);
            }
            for (const auto& call : m_options.on_epoch)
            {
                call(report);
            }
        }
        if (m_ranks != nullptr)
        {
            take_from_leader(*m_ranks, "the end of epoch " + std::to_string(report.epoch), {&is_stopped, 1});
        }
        return is_stopped != 0;
    }

    std::size_t tape_memory() const { return m_tape.memory(); }

private:
    /// f(batch, its number of rows, the first that is at hand) for each batch: of those that are made row by row, a
    /// rank makes those of its blocks.
    template <class Range, class F>
    void for_each_batch(Range& batches, const F& f)
    {
        if constexpr (makes_rows<Range>)
        {
            if (m_ranks != nullptr && m_ranks->size() > 1)
            {
                typename Range::value_type batch;
                for (std::size_t place = 0; place < batches.size(); ++place)
                {
                    m_tree.begin(batches.rows(place), m_run.blocks->count(batches.rows(place)), m_ranks);
                    const stretch own = m_tree.own_rows();
                    batches.load(place, own.first, own.last, batch);
                    f(batch, batches.rows(place), own.first);
                }
                return;
            }
        }
        for (const auto& batch : batches)
        {
            f(batch, rows_of(batch), 0);
        }
    }

    template <class Batch>
    T step(const Batch& batch, std::size_t rows, std::size_t first, double rate)
    {
        T loss{};
        if (!m_run.blocks)
        {
            const auto loss_of_batch = [&](const recorded& m)
            { return loss_of(m, no_block, autograd::detail::parts_of(batch)); };
            loss = take_step(m_tape, m_run.optimizer, m_run.model, m_run.state, loss_of_batch, rate,
                             m_options.adjust_gradients, m_where);
        }
        else if constexpr (!searches<Optimizer>)
        {
            loss = step_by_blocks(batch, rows, first, rate);
        }
        ++m_run.progress.steps;
        return loss;
    }

    template <class Batch>
    T step_by_blocks(const Batch& batch, std::size_t rows, std::size_t first, double rate)
    {
        const std::size_t count = m_run.blocks->count(rows);
        m_tree.begin(rows, count, m_ranks);
        const auto arrays = autograd::detail::parts_of(batch);
        if (count > 1)
        {
            autograd::detail::rows_of_block("fit", m_where, arrays); // throws unless all have as many
        }
        std::vector<decltype(rows_of_parts(arrays, stretch()))> cut; // the tape reads it in place
        cut.reserve(m_tree.own_blocks().size());
        const auto loss_of_block = [&](const recorded& m, std::size_t block)
        {
            if (count == 1)
            {
                return loss_of(m, no_block, arrays);
            }
            const stretch at = m_tree.rows_of(block);
            cut.push_back(rows_of_parts(arrays, {at.first - first, at.last - first}));
            return loss_of(m, block, cut.back());
        };
        const std::string here = m_ranks == nullptr ? "" : place_of_step(m_run.progress.steps + 1, rows, count, rate);
        return detail::step_by_blocks(m_tape, m_run.optimizer, m_run.model, m_run.state, loss_of_block, rate,
                                      m_options.adjust_gradients, m_tree, m_ranks, here, m_where);
    }

    template <class Arrays>
    auto loss_of(const recorded& m, std::size_t block, const Arrays& arrays)
    {
        return std::apply(
            [&](const auto&... each)
            {
                return call_loss(m_loss, m, m_tape, m_run.seed, m_run.progress.steps, block,
                                 autograd::detail::row_data(m_tape, each, m_where)...);
            },
            arrays);
    }

    /// That of rank 0.
    std::optional<double> validation()
    {
        if (!m_options.validation)
        {
            return std::nullopt;
        }
        double figure = m_leads ? m_options.validation(m_run.model) : 0;
        if (m_ranks != nullptr)
        {
            take_from_leader(*m_ranks, "the validation of epoch " + std::to_string(m_run.progress.epochs + 1),
                             {&figure, 1});
        }
        return figure;
    }

    const epoch_report& close(const epoch_report& report)
    {
        if (add_epoch(m_run.progress, report, m_run.plateau, m_options.least_improvement))
        {
            m_run.best = m_run.model;
        }
        m_bar.epoch(report.epoch - 1, note_of(report.loss, report.validation));
        return m_run.progress.history.back();
    }

    std::vector<fact> facts_of_training() const
    {
        std::vector<fact> facts;
        zip_leaves([&](const part_path& path, role, const autograd::array<T>& leaf)
                   { add_array_fact(facts, path, shape_of(leaf), std::is_same_v<T, double>); },
                   m_run.model);
        add_facts(facts, m_run.settings(), text_of_options(), m_epochs);
        return facts;
    }

    /// What changes in the course of a training.
    void add_checksums(std::vector<fact>& facts) const
    {
        std::uint64_t sum = 0;
        const auto add_leaf = [&](const part_path&, role, const autograd::array<T>& leaf)
        { sum = checksum(std::as_bytes(std::span(leaf.data(), leaf.size())), sum); };
        const auto close = [&](const char* what) { add_checksum(facts, what, std::exchange(sum, 0)); };
        zip_leaves(add_leaf, m_run.model);
        close("the model (which seed, or checkpoint, is it from?)");
        zip_leaves(add_leaf, m_run.state);
        close("the optimizer's state");
        if (m_run.best)
        {
            zip_leaves(add_leaf, *m_run.best);
        }
        close("the best model so far");
        sum = checksum_of(m_run.progress);
        close("the progress");
        sum = checksum_of(m_run.random.state());
        close("the random stream");
    }

    /// Those that change what a training computes.
    std::string text_of_options() const
    {
        return text_of(m_options.patience, m_options.least_improvement, static_cast<bool>(m_options.validation),
                       static_cast<bool>(m_options.adjust_gradients));
    }

    template <class Range>
    static void add_facts_of_data(std::vector<fact>& facts, const Range& batches)
    {
        std::optional<std::size_t> count;
        std::optional<std::size_t> rows;
        if constexpr (requires { batches.size(); })
        {
            count = batches.size();
        }
        if constexpr (makes_rows<Range>)
        {
            rows = 0;
            for (std::size_t place = 0; place < batches.size(); ++place)
            {
                *rows += batches.rows(place);
            }
        }
        std::span<const std::int64_t> order;
        if constexpr (requires { batches.order().data(); })
        {
            order = {batches.order().data(), batches.order().size()};
        }
        add_data_facts(facts, count, rows, order);
    }

    run_type& m_run;
    Loss& m_loss;
    const fit_options<Model>& m_options;
    autograd::location m_where;
    team* m_ranks;
    bool m_leads;
    std::size_t m_epochs;
    progress_bar m_bar;
    autograd::tape<T> m_tape;
    block_tree<T> m_tree;
};

/// Throws value_error for what cannot be done, before anything is.
template <class Model, class Optimizer>
void require_fit(const training<Model, Optimizer>& run, std::size_t epochs, const fit_options<Model>& options)
{
    require_fit(options.checkpoint_every, options.least_improvement, options.patience);
    for (const auto& call : options.on_epoch)
    {
        require_function("on_epoch", static_cast<bool>(call));
    }
    if (run.plateau)
    {
        run.plateau->check();
    }
    require_blocks(run.blocks, options.across);
    if constexpr (searches<Optimizer>)
    {
        if (run.blocks)
        {
            throw_not_by_blocks(run.optimizer.name(), "evaluates the loss several times in a step");
        }
    }
    if constexpr (moves_met_rows_only<Optimizer>)
    {
        if (run.blocks)
        {
            throw_not_by_blocks(run.optimizer.name(), "moves the rows that a batch met");
        }
    }
    const bool writes = options.across == nullptr || options.across->leads();
    if (writes && !options.checkpoint.empty() && run.progress.epochs < epochs)
    {
        require_writable(options.checkpoint);
    }
}

/// fit, given functions without a slip.
template <class Model, class Optimizer, class Batches, class Loss>
fit_result fitted(training<Model, Optimizer>& run, std::size_t epochs, Batches& batches, Loss& loss,
                  const fit_options<Model>& options, autograd::location where)
{
    require_fit(run, epochs, options);
    fit_end end = fit_end::epochs_are_complete;
    fitting<Model, Optimizer, Loss> under_way(run, loss, options, epochs, where);
    while (run.progress.epochs < epochs && end == fit_end::epochs_are_complete && !under_way.is_exhausted())
    {
        under_way.agree_on_state();
        auto&& of_epoch = batches_of(batches, run.random);
        under_way.agree_on(of_epoch);
        const epoch_report report = under_way.epoch(of_epoch);
        end = under_way.after(report) ? fit_end::stopped : end;
    }
    under_way.agree_on_state();
    if (end != fit_end::stopped && under_way.is_exhausted())
    {
        end = fit_end::no_improvement;
    }
    return {end, under_way.tape_memory()};
}

} // namespace detail

/// Trains until `epochs` epochs are complete, those before included: a training that was loaded from a checkpoint goes
/// on to the same end.
///
/// batches(random), or batches(), gives the batches of an epoch: a range of arrays, or of tuples of arrays, from the
/// training's own random stream. loss(m, x, y, ...) records the loss of one batch, with m the model of variables, and
/// each array of the batch a constant (real numbers) or indices (integers). It may take one more argument, a
/// counter_generator for dropout, whose key is (seed, step), and return what take_step takes: the loss, or a pair of it
/// and the model with new buffers.
///
/// The loss of an epoch is the mean of those of its batches, weighted by the extents of their axes 0: let the loss of a
/// batch be a mean over these.
///
/// run.model is then the last model, from which a further fit goes on; run.best_model() is the one after the epoch with
/// the lowest figure.
///
/// Where run.blocks is set, the gradient of a batch is the mean of those of its blocks, and loss() is called for each
/// of them; each has its own stream of randomness. Processes that train together, `across`, have some of the blocks
/// each, and the same bits as one alone: see docs/distributed.md. Of these, rank 0 alone calls validation, stop_when
/// and on_epoch, writes checkpoints and shows progress. What any of them throws, or is killed by, ends the fit on all.
///
/// Going on from a checkpoint, or by another fit, is bit for bit the same as not having stopped, at any number of
/// threads, if batches, loss and validation are functions of what they are given. Memory does not grow with the number
/// of steps.
///
/// Throws value_error for bad options or a bad plateau, and file_error where no checkpoint could be written, before the
/// first step; value_error for an epoch without batches, and where a loss or parameter is not finite; file_error if a
/// checkpoint cannot be written; and what the functions given throw. The steps taken before stay taken.
template <class Model, class Optimizer, class Batches, class Loss>
fit_result fit(training<Model, Optimizer>& run, std::size_t epochs, Batches&& batches, Loss&& loss,
               const fit_options<Model>& options = {}, autograd::location where = autograd::location::current())
{
    using run_type = training<Model, Optimizer>;
    using detail::slip;
    constexpr slip found =
        detail::slip_of_batches<Loss, typename run_type::recorded, typename run_type::number, Batches>();
    static_assert(found != slip::batches, "batches(random), or batches(), returns the batches of an epoch: a range.");
    static_assert(found != slip::arrays, "A batch is an array or a tuple of arrays, which are put on the tape.");
    static_assert(found != slip::arguments,
                  "The loss takes a model of variables and the arrays of a batch: [](const auto& m, auto x, auto y).");
    static_assert(found != slip::result, "A loss returns one variable, or a pair of it and the model.");
    if constexpr (found == slip::none)
    {
        return detail::as_one(options.across,
                              [&] { return detail::fitted(run, epochs, batches, loss, options, where); });
    }
}
mistake::training fit(autograd::detail::anything, autograd::detail::anything, autograd::detail::anything,
                      autograd::detail::anything, autograd::detail::anything = 0, autograd::detail::anything = 0);

} // namespace nn
