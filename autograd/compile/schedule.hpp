#pragma once

#include "autograd/tape/tape.hpp"

#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace autograd
{

namespace detail
{

/// In the place of the number of a value, a step, an input or an output where there is none.
inline constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

/// How the elements of a value come about when a program runs.
enum class value_origin : std::uint8_t
{
    given,    ///< an input: in the caller's memory
    kept,     ///< known when it was recorded: in the schedule
    computed, ///< by an operation, into memory that the plan gives it
    laid_out, ///< another value's, copied densely for an operation that cannot read repeated elements
    gathered, ///< those of values of one element each, copied side by side
    shared,   ///< another value's, where they are: in another shape, or repeated
    part      ///< some of another value's, where they are
};

/// A value of a schedule, and the step that makes it.
template <class T>
struct scheduled_value
{
    const operation<T>* op; ///< of a computed one; else that of the instruction, for listings
    const void* attributes; ///< in the schedule's memory; null when the operation has none
    const void* data;       ///< of a kept one
    const std::size_t* extents;
    const std::ptrdiff_t* strides; ///< null: dense, row-major; else in elements, 0 along repeated axes
    std::size_t size;
    std::size_t offset; ///< of the first element among those of `memory`
    location where;
    std::uint32_t first_operand;
    std::uint32_t operand_count;
    std::uint32_t memory; ///< the value in whose memory the elements are: this one, unless they are another's
    value_origin origin;
    element_kind element;
    std::uint8_t dimension;

    shape_view shape() const { return {extents, dimension}; }
    std::size_t element_size() const { return element == element_kind::real ? sizeof(T) : sizeof(std::int64_t); }
    /// Whether all elements are one in memory.
    bool is_single() const
    {
        for (std::size_t axis = 0; axis < dimension; ++axis)
        {
            if (extents[axis] != 1 && (strides == nullptr || strides[axis] != 0))
            {
                return false;
            }
        }
        return true;
    }
    /// Whether the elements are in memory of another value.
    bool is_elsewhere() const { return origin == value_origin::shared || origin == value_origin::part; }
    /// Whether a run executes something for it.
    bool is_step() const
    {
        return origin == value_origin::computed || origin == value_origin::laid_out || origin == value_origin::gathered;
    }
};

/// Writes an array that repeats elements densely, row-major.
template <class T>
void lay_out(const array_view& from, element_kind element, void* to);

/// How many elements there are in memory, where axes with a stride of 0 repeat them.
inline std::size_t elements_in_memory(shape_view shape, const std::ptrdiff_t* strides)
{
    std::size_t count = 1;
    for (std::size_t axis = 0; axis < shape.size(); ++axis)
    {
        count *= strides == nullptr || strides[axis] != 0 || shape[axis] == 0 ? shape[axis] : 1;
    }
    return count;
}

template <class T>
class simplifier;
template <class T>
class layouter;
template <class T>
class rebuilder;

/// What a recording computes of some variables out of others, as data of its own: the tape may go. Values stand in the
/// order of recording, the inputs first; each after those that it is made of. What does not depend on an input is kept
/// as the tape knew it, of a tape of shapes computed anew.
template <class T>
class schedule
{
public:
    /// Throws tape_error for empty and stale variables, for those of different tapes, and for a constant of a tape that
    /// records shapes only; value_error for an input that is listed twice, and, without constant_keys, for random
    /// numbers that are drawn by a key that depends on no input.
    schedule(std::span<const handle<T>> inputs, std::span<const handle<T>> outputs, bool constant_keys,
             bool all_checks = false);
    ~schedule();
    schedule(const schedule&) = delete;
    schedule& operator=(const schedule&) = delete;

    std::span<const scheduled_value<T>> values() const { return m_values; }
    const scheduled_value<T>& operator[](std::uint32_t value) const { return m_values[value]; }
    std::span<const std::uint32_t> operands(const scheduled_value<T>& of) const
    {
        return {m_operands.data() + of.first_operand, of.operand_count};
    }
    /// Input k is value k.
    std::size_t input_count() const { return m_input_count; }
    /// The values that are asked for.
    std::span<const std::uint32_t> outputs() const { return m_outputs; }

    /// Names on the tape, "" where there is none.
    std::span<const std::string> input_names() const { return m_input_names; }
    std::span<const std::string> output_names() const { return m_output_names; }
    /// Where value() or item() read what depends on an input, while more was recorded that does.
    std::span<const location> observations() const { return m_observations; }

private:
    class builder;
    friend class simplifier<T>;
    friend class layouter<T>;
    friend class rebuilder<T>;
    void destroy_attributes();

    struct owned_attributes
    {
        void* attributes;
        void (*destroy)(void*);
    };

    std::size_t m_input_count = 0;
    std::vector<scheduled_value<T>> m_values;
    std::vector<std::uint32_t> m_operands;
    std::vector<std::uint32_t> m_outputs;
    std::vector<std::string> m_input_names;
    std::vector<std::string> m_output_names;
    std::vector<location> m_observations;
    arena m_memory; ///< of extents, strides, attributes and kept elements
    std::vector<owned_attributes> m_owned;
};

} // namespace detail

} // namespace autograd
