#include "tests/benchmarks/gradbench/protocol/session.hpp"

#include "tests/benchmarks/gradbench/flush_subnormals.hpp"
#include "tests/benchmarks/gradbench/protocol/message_id.hpp"
#include "tests/benchmarks/gradbench/protocol/registry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <istream>
#include <ostream>

namespace gradbench
{

namespace
{

class stopwatch
{
public:
    std::int64_t nanoseconds() const
    {
        return std::chrono::duration_cast<std::chrono::nanoseconds>(clock::now() - m_start).count();
    }

private:
    using clock = std::chrono::steady_clock;
    clock::time_point m_start = clock::now();
};

json timing(const char* name, std::int64_t nanoseconds)
{
    return {{"name", name}, {"nanoseconds", nanoseconds}};
}

/// How often a call is repeated: until both are reached.
struct repetitions
{
    std::size_t least = 1;
    double seconds = 0;
};

repetitions repetitions_in(const json& input)
{
    const fields given(input);
    return {given.count("min_runs", 1), given.not_negative("min_seconds")};
}

/// The path, from a value on, to a number that JSON cannot tell, if there is one.
std::optional<std::string> path_to_non_finite(const json& value)
{
    if (value.is_number_float() && !std::isfinite(value.get<double>()))
    {
        return std::isnan(value.get<double>()) ? " is NaN" : " is infinite";
    }
    for (auto element = value.begin(); value.is_structured() && element != value.end(); ++element)
    {
        if (const auto path = path_to_non_finite(*element))
        {
            return value.is_object() ? fmt::format(".{}{}", element.key(), *path)
                                     : fmt::format("[{}]{}", element - value.begin(), *path);
        }
    }
    return std::nullopt;
}

void require_finite(const json& output)
{
    if (const auto path = path_to_non_finite(output))
    {
        throw message_error(fmt::format("output{}, which JSON has no number for", *path));
    }
}

/// What is added to an answer to a message of that kind.
json start()
{
    return {{"tool", "xgrad"}};
}

json define(const fields& message)
{
    find_eval(message.text("module"));
    return {{"success", true}};
}

json evaluate(const fields& message, autograd::tape<double>& tape)
{
    const eval& of = find_eval(message.text("module"));
    const function& f = find_function(of, message.text("function"));
    const json& input = message.field("input");
    const repetitions asked = of.is_repeated ? repetitions_in(input) : repetitions();
    const stopwatch of_preparation;
    const call prepared = f.prepare(input, tape);
    json timings = json::array({timing("prepare", of_preparation.nanoseconds())}); // one in braces is a copy to clang
    std::int64_t total = 0;
    const flush_subnormals while_running;
    if (prepared.compile)
    {
        const stopwatch of_compilation;
        prepared.compile();
        timings.push_back(timing("compile", of_compilation.nanoseconds()));
    }
    for (std::size_t runs = 0; runs < asked.least || static_cast<double>(total) * 1e-9 < asked.seconds; ++runs)
    {
        const stopwatch of_call;
        prepared.run();
        const std::int64_t nanoseconds = of_call.nanoseconds();
        total += nanoseconds;
        timings.push_back(timing("evaluate", nanoseconds));
    }
    json output = prepared.output();
    require_finite(output);
    return {{"success", true}, {"output", std::move(output)}, {"timings", std::move(timings)}};
}

/// Kinds that ask for nothing, and those that will come, are answered by their id alone.
json answer_to(const fields& message, autograd::tape<double>& tape)
{
    const std::string kind = message.text("kind");
    return kind == "start"      ? start()
           : kind == "define"   ? define(message)
           : kind == "evaluate" ? evaluate(message, tape)
                                : json::object();
}

/// How many lists and objects of a line stand within each other at most.
std::size_t nesting_of(const std::string& line)
{
    std::size_t now = 0;
    std::size_t most = 0;
    bool is_text = false;
    for (std::size_t i = 0; i < line.size(); ++i)
    {
        const char c = line[i];
        if (c == '"')
        {
            is_text = !is_text;
        }
        else if (is_text)
        {
            i += c == '\\' ? 1 : 0;
        }
        else if (c == '[' || c == '{')
        {
            most = std::max(most, ++now);
        }
        else if ((c == ']' || c == '}') && now > 0)
        {
            --now;
        }
    }
    return most;
}

/// The message in a line. What is nested is copied by functions that call themselves, so there is a limit.
json message_of(const std::string& line)
{
    constexpr std::size_t deepest = 100;
    if (const std::size_t nesting = nesting_of(line); nesting > deepest)
    {
        throw message_error(
            fmt::format("the line has {} lists and objects within each other; there may be {}", nesting, deepest));
    }
    json message = json::parse(line, nullptr, false);
    if (message.is_discarded())
    {
        throw message_error("the line is no JSON, or has a number in it that is too large for a double");
    }
    return message;
}

json failure(const std::string& text)
{
    return {{"success", false}, {"error", text}};
}

} // namespace

std::optional<json> session::answer(const std::string& line, std::ostream& log)
{
    const std::optional<json> id = id_of(line);
    if (!id)
    {
        log << "gradbench: a line has no integer id, so that it cannot be answered\n";
        return std::nullopt;
    }
    json result;
    try
    {
        const json message = message_of(line);
        result = answer_to(fields(message, "message"), m_tape);
    }
    catch (const std::bad_alloc&)
    {
        result = failure("the machine has not enough memory for this");
    }
    catch (const std::exception& e)
    {
        result = failure(e.what());
    }
    result["id"] = *id;
    return result;
}

void session::run(std::istream& in, std::ostream& out, std::ostream& log)
{
    for (std::string line; std::getline(in, line);)
    {
        if (const auto result = answer(line, log))
        {
            out << result->dump(-1, ' ', false, json::error_handler_t::replace) << std::endl;
        }
    }
}

} // namespace gradbench
