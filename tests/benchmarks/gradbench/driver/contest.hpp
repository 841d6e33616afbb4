#pragma once

#include "tests/benchmarks/gradbench/by_hand/by_hand.hpp"
#include "tests/benchmarks/gradbench/driver/comparison.hpp"
#include "tests/benchmarks/processor_time.hpp"

#include "autograd/tape/tape.hpp"

#include <functional>
#include <limits>
#include <string>
#include <vector>

/// An eval at one size, in three versions: recorded, as a program, and by hand.
namespace gradbench
{

inline constexpr double none = std::numeric_limits<double>::quiet_NaN();

/// Seconds of the processor that a call takes, the medians of many.
struct times
{
    double by_hand = none;
    double recorded = none;
    double program = none;
};

struct outcome
{
    times primal, derivative;
    std::string fault; ///< where they do not agree
};

/// What a new process takes, seconds of the processor.
struct first_call
{
    double compile = none; ///< to record and to compile
    double seconds = none; ///< the call then
};

struct contest
{
    std::string eval;
    std::string size;
    /// Calls the versions in turn, each for so many seconds.
    std::function<outcome(double seconds)> run;
    /// Calls the derivative once: the program, where there is one, or on a new tape.
    std::function<gradbench::first_call()> first_call;

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

/// A function of an eval: recorded, and as a program, if there is one.
template <class Input, class Output>
struct versions
{
    Output (*recorded)(autograd::tape<double>& tape, const Input& in);
    compiled<Input, Output> (*compile)(const Input& like) = nullptr;
};
template <class Input, class Output>
versions(Output (*)(autograd::tape<double>&, const Input&)) -> versions<Input, Output>;
template <class Input, class Output>
versions(Output (*)(autograd::tape<double>&, const Input&), compiled<Input, Output> (*)(const Input&))
    -> versions<Input, Output>;

/// The times of all versions. Programs write into the output of the call before, as the tool lets them do.
template <class Input, class Output, class ByHand>
times compare(const versions<Input, Output>& ours, ByHand by_hand, const Input& in, double seconds, std::string& fault)
{
    const std::vector<double> expected = numbers_of(by_hand(in));
    autograd::tape<double> tape;
    fault += difference(numbers_of(ours.recorded(tape, in)), expected);
    std::vector<std::function<void()>> calls{[&] { by_hand(in); }, [&] { ours.recorded(tape, in); }};
    const auto program = ours.compile == nullptr ? compiled<Input, Output>() : ours.compile(in);
    Output out{};
    if (program)
    {
        program(in, out);
        fault += difference(numbers_of(out), expected);
        calls.push_back([&] { program(in, out); });
    }
    const std::vector<double> medians = time_in_turn(seconds, calls);
    return {medians[0], medians[1], program ? medians[2] : none};
}

template <class Input, class Output>
first_call first_call_of(const versions<Input, Output>& ours, const Input& in)
{
    if (ours.compile == nullptr)
    {
        autograd::tape<double> tape;
        return {none, measure::processor_seconds([&] { ours.recorded(tape, in); })};
    }
    compiled<Input, Output> program;
    Output out{};
    const double to_compile = measure::processor_seconds([&] { program = ours.compile(in); });
    return {to_compile, measure::processor_seconds([&] { program(in, out); })};
}

/// Of an eval that has loops to be compared with. `make` gives the input.
template <class Make, class Input, class Primal, class Derivative>
contest against_loops(const char* eval, std::string size, Make make, versions<Input, Primal> primal,
                      versions<Input, Derivative> derivative)
{
    const auto run = [=](double seconds)
    {
        const Input in = make();
        outcome result;
        result.primal = compare(
            primal, [](const Input& x) { return by_hand::primal(x); }, in, seconds, result.fault);
        result.derivative = compare(
            derivative, [](const Input& x) { return by_hand::derivative(x); }, in, seconds, result.fault);
        return result;
    };
    return {eval, std::move(size), run, [=] { return first_call_of(derivative, make()); }};
}

/// Of one of the functions of an eval whose functions all compute the same: compared with another one of them.
template <class Input, class Output>
contest against_each_other(const char* eval, std::string size, Input in, versions<Input, Output> f,
                           Output (*other)(autograd::tape<double>& tape, const Input& in))
{
    const auto run = [=](double seconds)
    {
        autograd::tape<double> tape;
        outcome result;
        result.derivative = compare(
            f, [&](const Input& x) { return other(tape, x); }, in, seconds, result.fault);
        result.derivative.by_hand = none;
        return result;
    };
    return {eval, std::move(size), run, [=] { return first_call_of(f, in); }};
}

} // namespace gradbench
