#pragma once

#include "autograd/prove/interpretation.hpp"
#include "autograd/tape/tape.hpp"

#include <span>
#include <string>
#include <vector>

namespace autograd::prove
{

/// An operation that is read as if it were another one: with its forward, in spite of derivatives of its own.
template <class T>
struct read_as
{
    const operation<T>* recorded = nullptr;
    const operation<T>* read = nullptr;

    const operation<T>& operator()(const operation<T>& op) const { return &op == recorded ? *read : op; }
};

/// What some outputs depend on, as the prover evaluates it: a step for each instruction, in the order of recording.
class computation
{
public:
    enum class leaf
    {
        none,
        variable,
        constant,
        number ///< written in the formula, as the 2 in 2 x
    };
    struct step
    {
        std::string name;          ///< of the operation
        std::string label;         ///< that somebody gave to the variable, or ""
        std::string derivative_of; ///< the operation whose derivative it belongs to, or ""
        std::string attributes_text;
        const interpretation* how = nullptr;             ///< null where nobody gave one
        interpretation::expression expression = nullptr; ///< of elementwise steps: the forward or a pull
        const operation<double>* on_double = nullptr;
        rule_kind kind = rule_kind::leaf;
        storage_kind storage = storage_kind::own;
        leaf is = leaf::none;
        const void* attributes = nullptr;
        shape_vector shape;
        std::vector<std::size_t> operands; ///< steps
        std::vector<double> numbers;       ///< of leaves, as recorded; one for all elements of `full`
        std::vector<std::int64_t> integers;
        bool is_index = false;
        bool given = false;   ///< nobody derived it: see take_as_given
        bool depends = false; ///< on what is drawn, constants aside
        location where;
        std::uint32_t index = 0; ///< on the tape
    };

    /// Throws tape_error, in the name of the caller, for outputs that are empty, stale, or of several tapes, and for
    /// constants and indices without values.
    template <class T>
    computation(std::span<const handle<T>> outputs, const char* caller, const read_as<T>& other = {});

    std::span<const step> steps() const { return m_steps; }
    /// The steps of the outputs, in the order given.
    std::span<const std::size_t> outputs() const { return m_outputs; }
    /// The integers beside the numbers that are written in the formulas.
    const std::vector<double>& integers() const { return m_integers; }
    bool in_float() const { return m_in_float; }
    /// Whether a step is an input whose numbers are drawn.
    static bool is_drawn(const step& of, bool free_constants)
    {
        return of.is == leaf::variable || (free_constants && of.is == leaf::constant && !of.is_index);
    }
    /// What is needed after all steps: the outputs, and what is kept beside them.
    std::span<const std::size_t> kept() const { return m_kept; }
    void keep(std::size_t also) { m_kept.push_back(also); }
    /// What this is computed from is in no question: it is the function whose derivative is compared.
    template <class T>
    void take_as_given(const handle<T>& of);

private:
    std::vector<step> m_steps;
    std::vector<std::size_t> m_outputs;
    std::vector<std::size_t> m_kept;
    std::vector<double> m_integers;
    bool m_in_float = false;
};

} // namespace autograd::prove
