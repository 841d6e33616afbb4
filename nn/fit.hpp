#pragma once

#include "autograd/differentiate/sum_over_blocks.hpp"
#include "autograd/random/counter_generator.hpp"
#include "nn/checkpoint.hpp"
#include "nn/progress.hpp"

#include <filesystem>
#include <functional>
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

/// loss(m, x, y, ...), with the randomness of the step as one more argument if it takes one: it is a function of seed
/// and step, so that it is the same when a training is taken up again.
template <class Loss, class Recorded, class T, class... Lifted>
auto call_loss(Loss& loss, const Recorded& m, autograd::tape<T>& tape, std::int64_t seed, std::size_t step,
               const Lifted&... lifted)
{
    using generator = autograd::counter_generator<T>;
    if constexpr (std::is_invocable_v<Loss&, const Recorded&, const Lifted&..., generator>)
    {
        const autograd::array<std::int64_t> key{seed, static_cast<std::int64_t>(step)};
        return loss(m, lifted..., generator(tape.index(key)));
    }
    else
    {
        return loss(m, lifted...);
    }
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
          m_bar(epochs, run.progress.epochs, options.progress)
    {
    }

    bool is_exhausted() const { return m_options.patience && m_run.progress.epochs_since_best >= *m_options.patience; }

    template <class Range>
    const epoch_report& epoch(Range&& batches)
    {
        const auto start = std::chrono::steady_clock::now();
        double sum = 0;
        double rows = 0;
        double rate = 0;
        std::size_t done = 0;
        for (const auto& batch : batches)
        {
            rate = m_run.rate();
            const auto loss = static_cast<double>(step(batch, rate));
            const auto weight = static_cast<double>(rows_of(batch));
            sum += loss * weight;
            rows += weight;
            m_bar.step(m_run.progress.epochs, part_of(batches, ++done), note_of(loss, std::nullopt));
        }
        if (done == 0)
        {
            throw_no_batches(m_run.progress.epochs + 1);
        }
        epoch_report report{m_run.progress.epochs + 1, sum / rows, std::nullopt, rate, 0};
        if (m_options.validation)
        {
            report.validation = m_options.validation(m_run.model);
        }
        report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        return close(report);
    }

    std::size_t tape_memory() const { return m_tape.memory(); }

private:
    template <class Batch>
    T step(const Batch& batch, double rate)
    {
        const auto loss_of_batch = [&](const recorded& m)
        {
            return std::apply(
                [&](const auto&... arrays)
                {
                    return call_loss(m_loss, m, m_tape, m_run.seed, m_run.progress.steps,
                                     autograd::detail::row_data(m_tape, arrays, m_where)...);
                },
                autograd::detail::parts_of(batch));
        };
        const T loss = take_step(m_tape, m_run.optimizer, m_run.model, m_run.state, loss_of_batch, rate,
                                 m_options.adjust_gradients, m_where);
        ++m_run.progress.steps;
        return loss;
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

    run_type& m_run;
    Loss& m_loss;
    const fit_options<Model>& m_options;
    autograd::location m_where;
    progress_bar m_bar;
    autograd::tape<T> m_tape;
};

/// fit, given functions without a slip.
template <class Model, class Optimizer, class Batches, class Loss>
fit_result fitted(training<Model, Optimizer>& run, std::size_t epochs, Batches& batches, Loss& loss,
                  const fit_options<Model>& options, autograd::location where)
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
    if (!options.checkpoint.empty() && run.progress.epochs < epochs)
    {
        require_writable(options.checkpoint);
    }
    fit_end end = fit_end::epochs_are_complete;
    fitting<Model, Optimizer, Loss> under_way(run, loss, options, epochs, where);
    while (run.progress.epochs < epochs && end == fit_end::epochs_are_complete && !under_way.is_exhausted())
    {
        const epoch_report report = under_way.epoch(batches_of(batches, run.random));
        const bool is_stopped = options.stop_when && options.stop_when(report);
        const bool is_last = is_stopped || under_way.is_exhausted() || report.epoch == epochs;
        if (!options.checkpoint.empty() && (is_last || report.epoch % options.checkpoint_every == 0))
        {
            save_checkpoint(options.checkpoint, run);
        }
        for (const auto& call : options.on_epoch)
        {
            call(report);
        }
        end = is_stopped ? fit_end::stopped : end;
    }
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
        return detail::fitted(run, epochs, batches, loss, options, where);
    }
}
mistake::training fit(autograd::detail::anything, autograd::detail::anything, autograd::detail::anything,
                      autograd::detail::anything, autograd::detail::anything = 0, autograd::detail::anything = 0);

} // namespace nn
