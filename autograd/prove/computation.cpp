#include "autograd/prove/computation.hpp"

#include "autograd/tape/leaves.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>
#include <unordered_map>

namespace autograd::prove
{

namespace
{

template <class T>
std::vector<std::uint32_t> needed(tape<T>& tape, std::span<const handle<T>> outputs)
{
    std::uint32_t last = 0;
    for (const handle<T>& output : outputs)
    {
        last = std::max(last, output.index());
    }
    std::vector<bool> is_needed(last + 1);
    for (const handle<T>& output : outputs)
    {
        is_needed[output.index()] = true;
    }
    std::vector<std::uint32_t> result;
    for (std::uint32_t i = last + 1; i-- > 0;)
    {
        if (is_needed[i])
        {
            result.push_back(i);
            for (const std::uint32_t operand : tape.operands(tape[i]))
            {
                is_needed[operand] = true;
            }
        }
    }
    std::reverse(result.begin(), result.end());
    return result;
}

template <class T>
void read_leaf(tape<T>& tape, std::uint32_t index, const char* caller, computation::step& step)
{
    const instruction<T>& of = tape[index];
    step.is = of.op == &leaves<T>::variable ? computation::leaf::variable : computation::leaf::constant;
    if (of.op == &leaves<T>::full)
    {
        step.is = computation::leaf::number;
        step.numbers = {static_cast<double>(*static_cast<const T*>(of.attributes()))};
        return;
    }
    if (of.data == nullptr && of.size() > 0)
    {
        if (step.is == computation::leaf::variable)
        {
            return;
        }
        throw error::tape_error(of.where(), caller, "a", step.is_index ? "n index" : " constant", " of shape ",
                                of.shape(),
                                " has no values on a tape that records shapes; record values to prove "
                                "something about it.");
    }
    if (step.is_index)
    {
        const auto* first = static_cast<const std::int64_t*>(of.data);
        step.integers.assign(first, first + of.size());
        return;
    }
    const auto* first = static_cast<const T*>(tape.dense(index));
    step.numbers.assign(first, first + of.size());
}

template <class T>
computation::step read(tape<T>& tape, std::uint32_t index, const char* caller, const operation<T>& op)
{
    const instruction<T>& of = tape[index];
    computation::step step;
    step.name = op.name;
    step.label = tape.name_of(index);
    step.derivative_of = of.derivative() > 0 ? tape.differentiated(index).name : "";
    step.kind = op.kind;
    step.storage = op.storage;
    step.attributes = of.attributes();
    step.attributes_text = op.print != nullptr ? op.print(of.attributes()) : std::string();
    step.shape = shape_vector(of.shape());
    step.is_index = op.element == element_kind::index;
    step.where = of.where();
    step.index = index;
    if (step.kind == rule_kind::leaf)
    {
        read_leaf(tape, index, caller, step);
        return step;
    }
    const operation<T>* rule = op.pull_of != nullptr ? op.pull_of : &op;
    step.how = interpretation_of(rule);
    if (step.how != nullptr)
    {
        step.on_double = step.how->on_double;
        step.expression = op.pull_of == nullptr     ? step.how->forward
                          : step.how->pulls.empty() ? nullptr
                                                    : step.how->pulls[op.pulled_operand];
    }
    if (op.pull_of != nullptr)
    {
        step.name += "'" + (step.how != nullptr && step.how->pulls.size() > 1 ? std::to_string(op.pulled_operand + 1)
                                                                              : std::string());
    }
    return step;
}

/// The integers beside the numbers that stand in formulas, but small ones.
std::vector<double> integers_beside_numbers(std::span<const computation::step> steps)
{
    constexpr std::size_t most = 32;
    std::set<double> found;
    for (const computation::step& each : steps)
    {
        const bool is_written = each.is == computation::leaf::number ||
                                (each.is == computation::leaf::constant && each.numbers.size() == 1);
        if (is_written)
        {
            const double below = std::floor(each.numbers.front());
            found.insert({below - 1, below, below + 1});
        }
    }
    std::vector<double> result;
    std::copy_if(found.begin(), found.end(), std::back_inserter(result),
                 [](double x) { return std::abs(x) < 1e9 && std::abs(x) > 3; });
    result.resize(std::min(result.size(), most));
    return result;
}

} // namespace

template <class T>
computation::computation(std::span<const handle<T>> outputs, const char* caller, const read_as<T>& other)
    : m_in_float(std::is_same_v<T, float>)
{
    for (const handle<T>& output : outputs)
    {
        output.checked(caller);
        if (output.tape_pointer() != outputs.front().tape_pointer())
        {
            tape<T>::throw_different_tapes(caller);
        }
    }
    if (outputs.empty())
    {
        return;
    }
    tape<T>& tape = outputs.front().tape();
    std::unordered_map<std::uint32_t, std::size_t> places;
    for (const std::uint32_t index : needed(tape, outputs))
    {
        const operation<T>& op = other(*tape[index].op);
        step next = read(tape, index, caller, op);
        if constexpr (std::is_same_v<T, double>)
        {
            next.on_double = next.on_double == nullptr ? &op : next.on_double;
        }
        for (const std::uint32_t operand : tape.operands(tape[index]))
        {
            next.operands.push_back(places.at(operand));
            next.depends = next.depends || m_steps[next.operands.back()].depends;
        }
        next.depends = next.depends || next.is == leaf::variable;
        places[index] = m_steps.size();
        m_steps.push_back(std::move(next));
    }
    for (const handle<T>& output : outputs)
    {
        m_outputs.push_back(places.at(output.index()));
    }
    m_kept = m_outputs;
    m_integers = integers_beside_numbers(m_steps);
}

template <class T>
void computation::take_as_given(const handle<T>& of)
{
    const auto all = needed(of.tape(), std::span<const handle<T>>(&of, 1));
    for (step& each : m_steps)
    {
        each.given = std::binary_search(all.begin(), all.end(), each.index);
    }
}

template void computation::take_as_given(const handle<float>&);
template void computation::take_as_given(const handle<double>&);
template computation::computation(std::span<const handle<float>>, const char*, const read_as<float>&);
template computation::computation(std::span<const handle<double>>, const char*, const read_as<double>&);

} // namespace autograd::prove
