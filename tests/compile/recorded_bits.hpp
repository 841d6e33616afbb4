#pragma once

#include "autograd/autograd.hpp"
#include "autograd/compile/compiled.hpp"
#include "autograd/compile/decode.hpp"
#include "autograd/compile/program.hpp"
#include "autograd/compile/show.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <vector>

/// Programs beside what they were compiled from, bit for bit.
namespace recorded_bits
{

using namespace autograd;

template <class T>
struct recording
{
    std::unique_ptr<tape<T>> on = std::make_unique<tape<T>>();
    std::vector<handle<T>> inputs;
    std::vector<handle<T>> outputs;
};

template <class T>
std::vector<array<T>> values_of(const std::vector<handle<T>>& handles)
{
    std::vector<array<T>> result;
    for (const handle<T>& x : handles)
    {
        result.push_back(variable<T>(x).value());
    }
    return result;
}

/// A program of a recording; in place, each output that has the shape of an input replaces one.
template <class T>
class trial
{
public:
    trial(const recording<T>& of, program_options how, bool in_place)
        : m_given(values_of(of.inputs)),
          m_expected(values_of(of.outputs)),
          m_replaces(of.outputs.size(), m_given.size()),
          m_program(compiled(of, std::move(how), in_place))
    {
        detail::verify(what());
    }

    const detail::compiled<T>& what() const { return m_program.what(); }

    /// What is wrong about two runs; in place, about one.
    std::string fault()
    {
        workspace<T> memory = m_program.make_workspace();
        const std::span<std::byte> arena = detail::arena_of(memory);
        std::fill(arena.begin(), arena.end(), std::byte{0xff});
        const bool in_place = std::any_of(m_replaces.begin(), m_replaces.end(),
                                          [&](std::size_t input) { return input < m_given.size(); });
        const std::string first = fault_of_run(memory);
        return !first.empty() || in_place ? first : fault_of_run(memory);
    }

private:
    program<T> compiled(const recording<T>& of, program_options how, bool in_place)
    {
        for (std::size_t k = 0; in_place && k < m_expected.size(); ++k)
        {
            for (std::size_t x = 0; x < m_given.size(); ++x)
            {
                const bool is_free = std::find(m_replaces.begin(), m_replaces.end(), x) == m_replaces.end();
                if (is_free && m_given[x].shape() == m_expected[k].shape())
                {
                    m_replaces[k] = x;
                    how.replaces.push_back({k, x});
                    break;
                }
            }
        }
        return compile<T>(of.inputs, of.outputs, std::move(how));
    }

    std::string fault_of_run(workspace<T>& memory)
    {
        std::vector<array<T>> results = m_expected;
        std::vector<output_array<T>> outputs;
        for (std::size_t k = 0; k < results.size(); ++k)
        {
            std::fill(results[k].begin(), results[k].end(), std::numeric_limits<T>::quiet_NaN());
            outputs.emplace_back(found(k, results));
        }
        m_program.run(std::vector<input_array<T>>(m_given.begin(), m_given.end()), outputs, memory);
        for (std::size_t k = 0; k < results.size(); ++k)
        {
            if (std::memcmp(found(k, results).data(), m_expected[k].data(), m_expected[k].size() * sizeof(T)) != 0)
            {
                return fmt::format("output {}\n{}\n{}", k, explain(m_program), to_text(m_program));
            }
        }
        return {};
    }

    array<T>& found(std::size_t k, std::vector<array<T>>& results)
    {
        return m_replaces[k] < m_given.size() ? m_given[m_replaces[k]] : results[k];
    }

    std::vector<array<T>> m_given;
    std::vector<array<T>> m_expected;
    std::vector<std::size_t> m_replaces; ///< of each output: the input, or none of them
    program<T> m_program;
};

} // namespace recorded_bits
