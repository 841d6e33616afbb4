#pragma once

#include "autograd/tape/tape.hpp"

#include <optional>
#include <string>

namespace autograd
{

/// The first place where a NaN or an infinity came up.
struct non_finite
{
    std::string operation;             ///< the operation that made it, or "variable", "constant" for an input
    std::string name;                  ///< of the variable, if it has one
    std::uint32_t index;               ///< of the instruction on the tape
    std::vector<std::size_t> position; ///< of the first such element
    double value;                      ///< NaN, inf or -inf
    location where;                    ///< the line of the user's source that recorded it

    /// "log made -inf at position (2, 0) of (300, 2)  [moons.cpp:41]"
    std::string message() const;

    shape_vector shape;
};

/// Looks through everything that y depends on, in recording order, for the first instruction with a NaN or an infinity:
/// its operands are all finite, so it made it. What a where or a mask hid from y is found, too. Nothing when all is
/// finite. Throws tape_error for a tape without values.
template <class T>
std::optional<non_finite> find_non_finite(variable<T> y);

} // namespace autograd
