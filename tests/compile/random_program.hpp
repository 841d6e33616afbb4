#pragma once

#include "compile/choices.hpp"
#include "operations/every_operation.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

/// Random programs: what is recorded for a seed, on whatever values. Every operation of the table enters through its
/// samples; nothing here lists operations.
namespace random_programs
{

using namespace autograd;

/// A program on a tape.
template <class T>
struct recorded_program
{
    std::vector<handle<T>> values; ///< what its steps gave, in order
    std::vector<handle<T>> inputs;
    std::vector<handle<T>> outputs;
    bool elsewhere = false; ///< whether inputs have their other values
    std::size_t steps = 0;  ///< how many of its steps were recorded elsewhere
};

/// What a seed means: steps that record something each, of what those before them gave.
template <class T>
struct random_program
{
    using step = std::function<void(tape<T>&, recorded_program<T>&)>;

    /// Makes up the program while it is recorded on an empty tape, for the first values of its inputs.
    random_program(std::uint64_t seed, tape<T>& on, recorded_program<T>& recorded);

    /// Records it for the other values. Where an operation refuses them, `recorded` has what came before.
    void record_elsewhere(tape<T>& on, recorded_program<T>& recorded) const;

    std::vector<step> steps;
    std::vector<std::size_t> ends;    ///< how long the recording is behind each step
    std::vector<std::size_t> outputs; ///< of the values of its steps
    /// Values that are samples' functions, and of which operation of the table.
    std::vector<std::pair<std::size_t, std::size_t>> sampled;
    bool has_gradient = false;
    bool has_small_extents = false; ///< some of 0 and 1
    /// Outputs that may lie in the memory of inputs: {output, input}, of equal shapes.
    std::vector<std::pair<std::size_t, std::size_t>> replaces;
};

/// How many programs compute with an operation of the table: with a rule wherever it was recorded, with a composite
/// where it was called.
class census
{
public:
    census();
    template <class T>
    void count(const random_program<T>& program, const tape<T>& of, const recorded_program<T>& recorded);
    /// Of each operation.
    const std::map<std::string, std::size_t>& times() const { return m_times; }

private:
    std::map<std::string, std::size_t> m_times;
    std::map<const void*, std::size_t*> m_of_rule;
};

/// For each operation of the table its samples that can be in programs: those that record, and that a program can
/// compute again.
template <class T>
const std::vector<std::vector<const check::sample*>>& usable_samples();

} // namespace random_programs
