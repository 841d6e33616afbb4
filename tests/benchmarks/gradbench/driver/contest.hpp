#pragma once

#include "tests/benchmarks/gradbench/by_hand/by_hand.hpp"
#include "tests/benchmarks/gradbench/driver/comparison.hpp"
#include "tests/benchmarks/processor_time.hpp"

#include "autograd/tape/tape.hpp"

#include <functional>
#include <limits>
#include <string>
#include <vector>

/// An eval at one size, in two versions: recorded, and by hand.
namespace gradbench
{

inline constexpr double none = std::numeric_limits<double>::quiet_NaN();

/// Seconds of the processor that a call takes, the medians of many.
struct pair_of_times
{
    double by_hand = none;
    double ours = none;
};

struct outcome
{
    pair_of_times primal, derivative;
    std::string fault; ///< where the two do not agree
};

struct contest
{
    std::string eval;
    std::string size;
    /// Calls the versions in turn, each for so many seconds.
    std::function<outcome(double seconds)> run;
    /// Calls the derivative once, on a new tape, and tells the seconds of the processor that it took.
    std::function<double()> first_call;

    std::string name() const { return eval + ' ' + size; }
};

inline double median(std::vector<double> list)
{
    const auto middle = list.begin() + static_cast<std::ptrdiff_t>(list.size() / 2);
    std::nth_element(list.begin(), middle, list.end());
    return *middle;
}

/// Calls functions of no arguments in turn, so that what disturbs one disturbs all: the median of the times of each.
inline std::vector<double> time_in_turn(double seconds, const std::vector<std::function<void()>>& functions)
{
    std::vector<std::vector<double>> times(functions.size());
    for (double total = 0; total < seconds * static_cast<double>(functions.size()) || times.front().size() < 3;)
    {
        for (std::size_t i = 0; i < functions.size(); ++i)
        {
            times[i].push_back(measure::processor_seconds(functions[i]));
            total += times[i].back();
        }
    }
    std::vector<double> medians(functions.size());
    std::transform(times.begin(), times.end(), medians.begin(), median);
    return medians;
}

/// The time of the recorded version, and that of the other one.
template <class Ours, class ByHand>
pair_of_times compare(Ours ours, ByHand by_hand, double seconds, std::string& fault)
{
    fault += difference(numbers_of(ours()), numbers_of(by_hand()));
    const std::vector<double> times = time_in_turn(seconds, {by_hand, ours});
    return {times[0], times[1]};
}

/// Of an eval that has loops to be compared with. `make` gives the input.
template <class Make, class Primal, class Derivative>
contest against_loops(const char* eval, std::string size, Make make, Primal primal, Derivative derivative)
{
    const auto run = [=](double seconds)
    {
        const auto in = make();
        autograd::tape<double> tape;
        outcome result;
        result.primal =
            compare([&] { return primal(tape, in); }, [&] { return by_hand::primal(in); }, seconds, result.fault);
        result.derivative = compare([&] { return derivative(tape, in); }, [&] { return by_hand::derivative(in); },
                                    seconds, result.fault);
        return result;
    };
    const auto first_call = [=]
    {
        const auto in = make();
        autograd::tape<double> tape;
        return measure::processor_seconds([&] { derivative(tape, in); });
    };
    return {eval, std::move(size), run, first_call};
}

/// Of one of the functions of an eval whose functions all compute the same: compared with another one of them.
template <class Input, class F>
contest against_each_other(const char* eval, std::string size, Input in, F f, F other)
{
    const auto run = [=](double seconds)
    {
        autograd::tape<double> tape;
        outcome result;
        result.fault = difference(numbers_of(f(tape, in)), numbers_of(other(tape, in)));
        result.derivative.ours = time_in_turn(seconds, {[&] { f(tape, in); }}).front();
        return result;
    };
    const auto first_call = [=]
    {
        autograd::tape<double> tape;
        return measure::processor_seconds([&] { f(tape, in); });
    };
    return {eval, std::move(size), run, first_call};
}

} // namespace gradbench
