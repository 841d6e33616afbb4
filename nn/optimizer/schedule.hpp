#pragma once

#include <concepts>
#include <cstddef>
#include <functional>
#include <limits>
#include <string>
#include <utility>

/// Schedules of the learning rate: pure functions of the number of steps taken, whose value multiplies the optimizer's
/// learning rate. Any callable std::size_t -> double is one.
///
///     const nn::schedule schedule = nn::warm_up(500, nn::cosine_schedule(10000));
///     take_step(tape, optimizer, model, state, loss, optimizer.learning_rate * schedule(step));
namespace nn
{

/// A schedule, whatever its type, and the text that describes it: `warm_up(500, cosine(10000, 0))`.
class schedule
{
public:
    /// The learning rate as it is.
    schedule();
    /// Throws value_error for an empty function.
    schedule(std::function<double(std::size_t)> factor, std::string text);
    /// A callable of the user's own. Throws value_error for an empty one.
    template <class F>
        requires(std::convertible_to<std::invoke_result_t<const F&, std::size_t>, double> && !std::same_as<F, schedule>)
    schedule(F factor) : schedule(std::function<double(std::size_t)>(std::move(factor)), "a function") {}

    /// The factor of the learning rate for the step before which `step` ones were taken.
    /// Throws value_error if it is negative or not finite.
    double operator()(std::size_t step) const;

    /// `cosine_schedule(100, 0.1)`
    friend std::string to_text(const schedule& of) { return of.m_text; }

private:
    std::function<double(std::size_t)> m_factor;
    std::string m_text;
};

/// factor^floor(step / every). As PyTorch's StepLR. Throws value_error if every is 0 or factor is not in [0, inf).
schedule step_schedule(std::size_t every, double factor);

/// factor^step. As PyTorch's ExponentialLR. Throws value_error unless the factor is finite and not negative.
schedule exponential_schedule(double factor);

/// Half a period of a cosine from 1 to `last` within `steps`, and `last` from then on:
/// last + (1 - last) (1 + cos(pi step / steps)) / 2. (Loshchilov and Hutter 2017, SGDR, without restarts.)
/// Throws value_error if steps is 0 or last is not in [0, 1].
schedule cosine_schedule(std::size_t steps, double last = 0);

/// Linear from `first` to 1 within `steps`, and then another schedule, which counts from there:
/// first + (1 - first) step / steps, then next(step - steps). Throws value_error if steps is 0 or first is not in [0,
/// 1].
schedule warm_up(std::size_t steps, schedule next = {}, double first = 0);

/// Lowers the learning rate when a figure that should fall (the loss on a validation set) does so no longer. Its state
/// is explicit: `state = plateau.next(state, loss)` after each epoch, then state.factor multiplies the learning rate.
/// As PyTorch's ReduceLROnPlateau with a relative threshold, but for two things: of figures below 0, an improvement is
/// one here, too (best - threshold |best|; there, best (1 - threshold) is above best), and `least` bounds the factor,
/// not the rate.
struct reduce_on_plateau
{
    double factor = 0.1;       ///< what the rate is multiplied with
    std::size_t patience = 10; ///< how many epochs without improvement are borne
    double threshold = 1e-4;   ///< improved means: figure < best - threshold |best|
    std::size_t cooldown = 0;  ///< how many epochs are not counted after a reduction
    double least = 0;          ///< the factor never falls below

    struct state
    {
        double factor = 1;
        double best = std::numeric_limits<double>::infinity();
        std::size_t bad_epochs = 0;
        std::size_t cooldown_left = 0;

        friend bool operator==(const state&, const state&) = default;
    };

    /// Throws value_error unless 0 < factor < 1, 0 <= threshold < 1 and 0 <= least <= 1.
    void check() const;

    /// The state after an epoch with this figure; NaN is no improvement. Throws as check().
    state next(const state& now, double figure) const;
};

/// `reduce_on_plateau(0.1, 10, 0.0001, 0, 0)`
std::string to_text(const reduce_on_plateau& plateau);

} // namespace nn
