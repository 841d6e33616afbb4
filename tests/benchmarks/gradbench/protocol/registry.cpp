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
function named(const char* name, Output (*f)(autograd::tape<double>&, const Input&))
{
    return {name, [f](const json& input, autograd::tape<double>& tape)
            {
                struct values
                {
                    Input in;
                    Output out;
                };
                const auto of_call = std::make_shared<values>();
                read(input, of_call->in);
                return call{[=, &tape] { of_call->out = f(tape, of_call->in); }, [=] { return written(of_call->out); }};
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
        {"gmm", {named("objective", gmm::objective), named("jacobian", gmm::jacobian)}},
        {"kmeans", {named("cost", kmeans::cost), named("dir", kmeans::direction)}},
        {"lse", {named("primal", lse::primal), named("gradient", lse::gradient)}},
        {"llsq", {named("primal", llsq::primal), named("gradient", llsq::gradient)}},
        {"lstm", {named("objective", lstm::objective), named("jacobian", lstm::jacobian)}},
        {"ba", {named("objective", ba::objective), named("jacobian", ba::jacobian)}},
        {"ht", {named("objective", ht::objective), named("jacobian", ht::jacobian)}},
        {"ode", {named("primal", ode::primal), named("gradient", ode::gradient)}},
        {"det", {named("primal", det::primal), named("gradient", det::gradient)}},
        {"saddle",
         {named("rr", saddle::rr), named("rf", saddle::rf), named("fr", saddle::fr), named("ff", saddle::ff)}},
        {"particle",
         {named("rr", particle::rr), named("rf", particle::rf), named("fr", particle::fr), named("ff", particle::ff)}}};
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
