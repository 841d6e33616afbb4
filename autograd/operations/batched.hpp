#pragma once

#include "autograd/operations/recorded.hpp"

#include <vector>

/// Operations for many directions at once. A derivative in one direction is a linear program; along D directions, each
/// array of it that depends on the direction gets a leading axis of length D, and each instruction is recorded once
/// more, for arrays with that axis (differentiate/batching.hpp). What an operation makes of it is its batched form,
/// which a rule gives in one of these ways, or by its kind:
///
/// | the rule                             | its batched form                                                         |
/// |--------------------------------------|--------------------------------------------------------------------------|
/// | is elementwise                       | itself: operands without the axis are broadcast along it                 |
/// | has `acts_on_last_axes`              | itself: one more axis in front is one more of a batch                    |
/// | has `with_leading_axis(attributes)`  | itself, with those attributes; real operands all get the axis            |
/// | has `batched(const batched_call<T>&)`| what that records                                                        |
/// | has none of these                    | one direction after the other, and a stack of the results                |
namespace autograd
{

namespace detail
{
/// A shape behind an axis of so many directions.
inline shape_vector behind_axis(std::size_t directions, shape_view shape)
{
    shape_vector result{directions};
    result.append(shape);
    return result;
}
} // namespace detail

/// What a batched form gets: the instruction for one direction, and its operands for all of them. What it records has
/// the shape of the instruction's result behind the axis of the directions.
template <class T>
class batched_call : public recorded<T>
{
public:
    /// `given`: of each operand what it is along all directions; empty where it is the same for each.
    batched_call(autograd::tape<T>& tape, std::uint32_t index, std::size_t directions,
                 std::span<const variable<T>> given)
        : recorded<T>(tape, index), m_directions(directions), m_given(given)
    {
    }

    std::size_t directions() const { return m_directions; }
    /// Whether operand k depends on the direction, and so has the axis.
    bool varies(std::size_t k) const { return !m_given[k].empty(); }
    /// Operand k, with the axis if it varies.
    handle<T> given(std::size_t k) const { return varies(k) ? handle<T>(m_given[k]) : this->operand_handle(k); }
    /// Operand k with the axis, along which it is broadcast if it does not vary. Integers never vary.
    handle<T> behind_axis(std::size_t k) const;
    /// All of them, integers without the axis.
    std::vector<handle<T>> operands_behind_axis() const;
    /// A shape behind the axis.
    shape_vector behind_axis(shape_view shape) const { return detail::behind_axis(m_directions, shape); }

    /// The operation of the instruction, on these operands.
    variable<T> record(std::span<const handle<T>> operands, const payload& attributes) const;
    /// The same for one whose shape is given.
    variable<T> record_shaped(std::span<const handle<T>> operands, const payload& attributes,
                              const shape_vector& shape) const;

private:
    std::size_t m_directions;
    std::span<const variable<T>> m_given;
};

namespace detail
{
/// Of an elementwise operation: its operands have one shape, so broadcasting puts those that do not vary in their
/// places.
template <class T>
variable<T> batched_elementwise(const batched_call<T>& y);
/// Of one that acts on the axes of its operands, given its attributes for those axes when one more stands in front.
template <class T>
variable<T> batched_behind_axis(const batched_call<T>& y, const payload& attributes);
/// What stands at one place of the axis of directions.
template <class T>
variable<T> at_direction(variable<T> batch, std::size_t direction);
/// Of any: once for each direction.
template <class T>
variable<T> one_after_the_other(const batched_call<T>& y);
} // namespace detail

} // namespace autograd
