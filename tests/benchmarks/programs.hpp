#pragma once

#include "tests/benchmarks/measure.hpp"
#include "tests/benchmarks/programs_inputs.hpp"

#include "autograd/autograd.hpp"
#include "autograd/compile/program.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <iomanip>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

/// Programs beside the recordings that they were compiled from, and beside loops by hand. A work is a function of
/// arrays; what does it by hand is compared with it before it is timed.
namespace programs
{

template <class T>
using arrays = std::vector<autograd::array<T>>;
template <class T>
using variables = std::vector<autograd::variable<T>>;

/// A function of arrays: of variables on a tape it gives variables.
template <class T>
using function = variables<T> (*)(const variables<T>&);

template <class T>
variables<T> on_tape(autograd::tape<T>& tape, const arrays<T>& of)
{
    variables<T> result;
    for (const autograd::array<T>& each : of)
    {
        result.push_back(tape.variable(autograd::borrow(each)));
    }
    return result;
}

/// What a recording of f computes.
template <class T>
arrays<T> values_of(function<T> f, const arrays<T>& inputs)
{
    autograd::tape<T> tape;
    arrays<T> result;
    for (const autograd::variable<T>& each : f(on_tape(tape, inputs)))
    {
        result.emplace_back(each.value());
    }
    return result;
}

/// A program with its memory, and the arrays that it reads and writes.
template <class T>
class compiled
{
public:
    compiled(function<T> f, arrays<T> inputs, const autograd::program_options& how = {}) : m_inputs(std::move(inputs))
    {
        autograd::tape<T> tape;
        const variables<T> x = on_tape(tape, m_inputs);
        const variables<T> y = f(x);
        const std::vector<autograd::handle<T>> from(x.begin(), x.end()), to(y.begin(), y.end());
        m_program.emplace_back(autograd::compile<T>(from, to, how));
        m_memory.push_back(m_program[0].make_workspace());
        for (const autograd::variable<T>& each : y)
        {
            m_outputs.emplace_back(each.value());
        }
        m_arguments.assign(m_inputs.begin(), m_inputs.end());
        for (std::size_t k = 0; k < m_outputs.size(); ++k)
        {
            m_results.emplace_back(m_outputs[k]);
        }
        for (const autograd::replacement& each : how.replaces)
        {
            m_results[each.output] = autograd::output_array<T>(m_inputs[each.input]);
        }
    }
    void run() { m_program[0].run(m_arguments, m_results, m_memory[0]); }
    const arrays<T>& inputs() const { return m_inputs; }
    const arrays<T>& outputs() const { return m_outputs; }

private:
    arrays<T> m_inputs;
    arrays<T> m_outputs;
    std::vector<autograd::program<T>> m_program;
    std::vector<autograd::workspace<T>> m_memory;
    std::vector<autograd::input_array<T>> m_arguments;
    std::vector<autograd::output_array<T>> m_results;
};

/// Throws unless each number is as expected within a part of the largest of the array.
template <class T>
void expect_equal(const autograd::array<T>& found, const T* expected, double tolerance)
{
    T largest = 0;
    for (std::size_t i = 0; i < found.size(); ++i)
    {
        largest = std::max(largest, std::abs(expected[i]));
    }
    for (std::size_t i = 0; i < found.size(); ++i)
    {
        if (!(std::abs(found.data()[i] - expected[i]) <= tolerance * largest))
        {
            std::ostringstream text;
            text << std::setprecision(17) << "programs: element " << i << " is " << found.data()[i] << ", not "
                 << expected[i];
            throw std::runtime_error(text.str());
        }
    }
}

template <class T>
void expect_equal(const arrays<T>& found, const arrays<T>& expected, double tolerance)
{
    for (std::size_t k = 0; k < expected.size(); ++k)
    {
        expect_equal(found[k], expected[k].data(), tolerance);
    }
}

/// A function, what it is given, and how its figure is shown: its time divided by the items that one call treats.
template <class T>
struct work
{
    std::string name;
    std::string unit;
    std::size_t items;
    function<T> f;
    std::function<arrays<T>()> inputs;
};

/// Work by a program, and by recording it anew.
template <class T>
void add_both(const work<T>& w)
{
    measure::add(subject, w.name, measure::xgrad, w.unit, w.items,
                 [=]
                 {
                     auto program = std::make_unique<compiled<T>>(w.f, w.inputs());
                     program->run();
                     expect_equal(program->outputs(), values_of(w.f, w.inputs()), 1e-12);
                     return [program = std::move(program)] { program->run(); };
                 });
    measure::add(subject, w.name, measure::recorded, w.unit, w.items,
                 [=]
                 {
                     return [f = w.f, inputs = w.inputs(), tape = std::make_unique<autograd::tape<T>>()]
                     {
                         tape->clear();
                         benchmark::DoNotOptimize(f(on_tape(*tape, inputs)).back().data());
                     };
                 });
}

/// Work by `loop(inputs, outputs)`, which writes what the function computes.
template <class T, class Loop>
void add_by_hand(const work<T>& w, Loop loop)
{
    measure::add(subject, w.name, measure::plain, w.unit, w.items,
                 [=]
                 {
                     const arrays<T> inputs = w.inputs(), expected = values_of(w.f, inputs);
                     arrays<T> outputs;
                     for (const autograd::array<T>& each : expected)
                     {
                         outputs.emplace_back(xt::zeros<T>(each.shape()));
                     }
                     Loop run = loop;
                     run(inputs, outputs);
                     expect_equal(outputs, expected, 1e-12);
                     return [=]() mutable { run(inputs, outputs); };
                 });
}

/// An array of some numbers.
template <class T>
autograd::array<T> shaped(const std::vector<T>& numbers, const std::vector<std::size_t>& shape)
{
    autograd::array<T> result = autograd::array<T>::from_shape(shape);
    std::copy(numbers.begin(), numbers.end(), result.data());
    return result;
}

void add_array_functions(); ///< programs_arrays.cpp: element by element, and over all pairs
void add_layers();          ///< programs_layers.cpp: networks of few and of many layers
void add_small_models();    ///< programs_small_models.cpp: single numbers, and hundreds to thousands of operations

} // namespace programs
