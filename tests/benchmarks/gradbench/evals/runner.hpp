#pragma once

#include "tests/benchmarks/gradbench/evals/blocks.hpp"
#include "tests/benchmarks/gradbench/evals/types.hpp"

#include "autograd/compile/function.hpp"

#include <algorithm>
#include <initializer_list>
#include <span>
#include <utility>

namespace gradbench
{

/// A program with memory of its own to run in, for arrays that are parts of others. A copy has other memory.
class runner
{
public:
    explicit runner(autograd::program<double> of) : m_program(std::move(of)), m_memory(m_program.make_workspace()) {}
    runner(const runner& other) : runner(other.m_program) {}
    runner& operator=(const runner&) = delete;

    void operator()(std::span<const autograd::input_array<double>> in,
                    std::span<const autograd::output_array<double>> out)
    {
        m_program.run(in, out, m_memory);
    }
    void operator()(std::initializer_list<autograd::input_array<double>> in,
                    std::initializer_list<autograd::output_array<double>> out)
    {
        m_program.run(in, out, m_memory);
    }

private:
    autograd::program<double> m_program;
    autograd::workspace<double> m_memory;
};

/// What is done with the parts of [0, count), each of `length` and the last one of what is left.
class runner_of_blocks
{
public:
    /// `compile(length)` gives the program for a part of that length.
    template <class Compile>
    runner_of_blocks(std::size_t count, std::size_t length, Compile compile)
        : m_length(std::min(count, length)), m_whole(compile(m_length)), m_last(compile(last_length(count, length)))
    {
    }
    runner& operator[](std::size_t length) { return length == m_length ? m_whole : m_last; }

private:
    std::size_t m_length;
    runner m_whole, m_last;
};

} // namespace gradbench
