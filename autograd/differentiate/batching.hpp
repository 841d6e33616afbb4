#pragma once

#include "autograd/operations/recorded.hpp"

#include <functional>
#include <optional>
#include <span>
#include <utility>
#include <vector>

/// Derivatives along many directions at once.
namespace autograd
{

/// Asks for them: jvp(y, x, x_dots, batched), vjp(y, x, y_bars, batched).
struct batched_directions
{
    explicit batched_directions() = default; // {} is no such thing, but the policy that stands in its place
};
inline constexpr batched_directions batched{};

namespace detail
{

/// A vjp or a jvp as the program that it is, linear in its direction: recorded once, carried out along as many
/// directions as there are.
///
/// The walk is recorded for placeholders in place of the direction. So what depends on the direction is an outline, and
/// costs its lines on the tape, while what does not (slopes, masks) is computed once, for all directions. Along a batch
/// of directions, each line of the outline that the results need is recorded again in the batched form of its operation
/// (operations/batched.hpp), as a line of its own that can be differentiated; nothing refers to the outline.
///
/// A walk has no outline where a rule reads values of its cotangent or makes integers of it, or where arrays have no
/// room for one more axis. Then it is done once for each direction, and the results are stacked; so it is for one.
template <class T>
class linear_program
{
public:
    /// From one direction, which may be that of several arrays, to what it gives; a result that is empty is zero.
    using walk = std::function<std::vector<variable<T>>(std::span<const variable<T>>)>;

    explicit linear_program(walk in_one_direction) : m_walk(std::move(in_one_direction)) {}

    /// What comes out along D directions, behind an axis of length D. `batches` are the directions, behind such an
    /// axis, of the same shapes in each call. A result is empty where it is zero along all. Throws what the walk
    /// throws.
    std::vector<variable<T>> along(std::span<const variable<T>> batches);

private:
    bool draw_outline(std::span<const variable<T>> batches);
    bool record_outline(std::span<const variable<T>> batches);
    bool select_lines(const tape<T>& tape, std::size_t placeholders);
    std::vector<variable<T>> all_at_once(std::span<const variable<T>> batches) const;
    std::vector<variable<T>> along_zero(std::span<const variable<T>> batches) const;
    std::vector<variable<T>> one_by_one(std::span<const variable<T>> batches) const;

    walk m_walk;
    std::optional<bool> m_has_outline;  ///< nothing where none was drawn
    std::uint32_t m_first = 0;          ///< of the outline: the placeholders
    std::uint32_t m_end = 0;            ///< behind it
    std::vector<variable<T>> m_results; ///< of the outline
    std::vector<std::uint32_t> m_lines; ///< of the outline those that the results need, in order
};

} // namespace detail

} // namespace autograd
