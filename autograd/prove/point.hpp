#pragma once

#include "autograd/prove/answers.hpp"
#include "autograd/prove/computation.hpp"

#include <cstdint>
#include <functional>
#include <random>
#include <vector>

namespace autograd::prove
{

/// The numbers of what is drawn, by step; none of the others.
using drawn_numbers = std::vector<std::vector<double>>;

/// A recording evaluated at a random point of the tower.
class point
{
public:
    struct options
    {
        std::uint64_t seed;
        drawn how = drawn::nearby;
        bool free_constants = false;
        bool keep_all = false; ///< the values of all steps, not of the outputs alone
        double spread = 0.2;   ///< of numbers nearby: the standard deviation of their logarithms
        double scale = 1;      ///< of the numbers: nearby, beside what was recorded; 0 anywhere: as was recorded
        bool mixed = false;    ///< numbers drawn anywhere have a magnitude of each array's own, beside the scale
        int signs = 0;         ///< of numbers drawn anywhere, of outcomes: 1 or -1 for all, 0 for both
        const drawn_numbers* given = nullptr; ///< the numbers, if they are
        suppositions supposed{};
    };

    point(const computation& of, const options& o);

    /// Evaluates all steps. Throws unlucky_point, needs_a_level, and undecidable, with `at` at the step that threw.
    void run();

    const exact_array& operator[](std::size_t step) const { return m_values[step]; }

    /// \name What would be, of a point that keeps all values
    /// \{
    /// The value of a step if its operand k were another one.
    exact_array with_operand(std::size_t step, std::size_t k, const exact_array& other);
    /// The value of a step if it were applied to others.
    exact_array of_operands(std::size_t step, const std::vector<exact_array>& others);
    /// The value of an output if a step had another one.
    exact_array with_value(std::size_t step, const exact_array& other, std::size_t output);
    /// What is evaluated next counts as a part of this step.
    void look_at(std::size_t step);
    /// f of each element of a step.
    exact_array mapped(std::size_t step, const std::function<exact(const exact&)>& f);
    /// \}
    const drawn_numbers& numbers() const { return m_numbers; }
    /// The step that is being evaluated; afterwards, the first one with a number that is none, or the last one.
    std::size_t at() const { return m_at; }
    /// What was asked on the way, and how it was answered.
    const answers& its_answers() const { return m_answers; }
    answers& its_answers() { return m_answers; }

private:
    exact_array value_of(const computation::step& of);
    exact_array leaf(const computation::step& of);
    exact_array drawn_variable(const computation::step& of);
    exact_array elementwise(const computation::step& of);
    exact_array general(const computation::step& of);
    exact_array opaque(const computation::step& of);
    exact_array positions(const computation::step& of, std::vector<const exact_array*> operands);
    std::vector<double> numbers_for(const computation::step& of);
    double drawn_number(double recorded, double scale);
    exact input(double number);

    const computation& m_recording;
    options m_options;
    std::mt19937_64 m_random;
    std::vector<exact_array> m_values;
    drawn_numbers m_numbers;
    std::vector<std::size_t> m_last_use;
    answers m_answers;
    std::size_t m_at = 0;
};

} // namespace autograd::prove
