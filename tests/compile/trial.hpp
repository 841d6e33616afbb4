#pragma once

#include "autograd/compile/program.hpp"

#include <string>
#include <utility>
#include <vector>

/// A program is tried: it must compute what a recording computed, bit for bit or within a bound.
namespace trials
{

using namespace autograd;

/// What is compiled of a recording: the numbers of the instructions that are given, and of those that are asked for.
struct excerpt
{
    std::vector<std::uint32_t> inputs;
    std::vector<std::uint32_t> outputs;
    /// {output, input}: an output that lies in the memory of an input.
    std::vector<std::pair<std::size_t, std::size_t>> replaces;
    bool reassociate = false;
};

template <class T>
excerpt excerpt_of(std::span<const handle<T>> inputs, std::span<const handle<T>> outputs);

/// The program of an excerpt. What stands in the memory of inputs is told to compile() here.
template <class T>
program<T> compiled(tape<T>& recorded, const excerpt& of);

/// The same recording for some values.
template <class T>
struct expectation
{
    tape<T>* values;     ///< as far as it came
    std::string refusal; ///< what it threw; empty where it came to its end
    /// How far elements may be off, relative to the largest finite one of their array. At 0 all bits are equal; of NaN
    /// it is enough to be one.
    double bound = 0;
};

/// Runs it, in a workspace full of what nobody may read, on the expected values of the excerpt's inputs (of the
/// recording those that were refused before they came). What is wrong about what it gives; empty where nothing is.
template <class T>
std::string fault_of(const program<T>& f, workspace<T>& memory, const excerpt& of, tape<T>& recorded,
                     const expectation<T>& expected);

/// Where the program of an excerpt is at fault: the smallest excerpt found that is, too, as a listing with its fault.
template <class T>
std::string shrunk(excerpt of, tape<T>& recorded, const expectation<T>& expected);

} // namespace trials
