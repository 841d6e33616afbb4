#pragma once

#include "tests/benchmarks/gradbench/protocol/fields.hpp"

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The evals of the suite, and their functions by name.
namespace gradbench
{

/// A function with an input that was read: called as often as one likes, and asked for its output then.
struct call
{
    std::function<void()> compile; ///< makes a program of it, once and first; there may be none
    std::function<void()> run;
    std::function<json()> output; ///< of the last run
};

struct function
{
    std::string name;
    /// Reads the input; what is recorded at each call goes onto the tape. Throws message_error.
    std::function<call(const json& input, autograd::tape<double>& tape)> prepare;
};

struct eval
{
    std::string name;
    std::vector<function> functions;
    bool is_repeated = true; ///< whether its input tells how often a function is to be called
};

std::span<const eval> evals();

/// Both throw message_error for a name that is not known, and tell those that are.
const eval& find_eval(std::string_view name);
const function& find_function(const eval& of, std::string_view name);

} // namespace gradbench
