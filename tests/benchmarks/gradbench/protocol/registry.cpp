#include "tests/benchmarks/gradbench/protocol/registry.hpp"

#include "tests/benchmarks/gradbench/protocol/conversions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace gradbench
{

namespace
{

template <class Output, class Input>
struct values
{
    Input in;
    Output out;
    compiled<Input, Output> program;
};

/// A function that is recorded at each call.
template <class Output, class Input>
function named(const char* name, Output (*f)(autograd::tape<double>&, const Input&))
{
    return {name, [f](const json& input, autograd::tape<double>& tape)
            {
                const auto of_call = std::make_shared<values<Output, Input>>();
                read(input, of_call->in);
                return call{nullptr, [=, &tape] { of_call->out = f(tape, of_call->in); },
                            [=] { return written(of_call->out); }};
            }};
}

/// A function that is a program.
template <class Output, class Input>
function named(const char* name, compiled<Input, Output> (*compile)(const Input&))
{
    return {name, [compile](const json& input, autograd::tape<double>&)
            {
                const auto of_call = std::make_shared<values<Output, Input>>();
                read(input, of_call->in);
                return call{[=] { of_call->program = compile(of_call->in); },
                            [=] { of_call->program(of_call->in, of_call->out); },
                            [=] { return written(of_call->out); }};
            }};
}

template <class Named>
const Named& find(std::span<const Named> list, const std::string& what, std::string_view name)
{
    const auto found = std::find_if(list.begin(), list.end(), [&](const Named& each) { return each.name == name; });
    if (found == list.end())
    {
        std::vector<std::string_view> names;
        std::transform(list.begin(), list.end(), std::back_inserter(names),
                       [](const Named& each) { return std::string_view(each.name); });
        throw message_error(fmt::format("there is no {} {}; there are {}", what, name, fmt::join(names, ", ")));
    }
    return *found;
}

} // namespace

std::span<const eval> evals()
{
    static const std::vector<eval> all{
        {"hello", {named("square", hello::square), named("double", hello::twice)}, false},
        {"gmm", {named("objective", gmm::compile_objective), named("jacobian", gmm::compile_jacobian)}},
        {"kmeans", {named("cost", kmeans::compile_cost), named("dir", kmeans::compile_direction)}},
        {"lse", {named("primal", lse::compile_primal), named("gradient", lse::compile_gradient)}},
        {"llsq", {named("primal", llsq::compile_primal), named("gradient", llsq::compile_gradient)}},
        {"lstm", {named("objective", lstm::compile_objective), named("jacobian", lstm::compile_jacobian)}},
        {"ba", {named("objective", ba::compile_objective), named("jacobian", ba::compile_jacobian)}},
        {"ht", {named("objective", ht::compile_objective), named("jacobian", ht::compile_jacobian)}},
        {"ode", {named("primal", ode::compile_primal), named("gradient", ode::compile_gradient)}},
        {"det", {named("primal", det::compile_primal), named("gradient", det::compile_gradient)}},
        {"saddle",
         {named("rr", saddle::compile_rr), named("rf", saddle::compile_rf), named("fr", saddle::compile_fr),
          named("ff", saddle::compile_ff)}},
        {"particle",
         {named("rr", particle::compile_rr), named("rf", particle::compile_rf), named("fr", particle::compile_fr),
          named("ff", particle::compile_ff)}}};
    return all;
}

const eval& find_eval(std::string_view name)
{
    return find<eval>(evals(), "module", name);
}

const function& find_function(const eval& of, std::string_view name)
{
    return find<function>(of.functions, "function of " + of.name, name);
}

} // namespace gradbench
