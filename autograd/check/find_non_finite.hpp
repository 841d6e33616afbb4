#pragma once

#include "autograd/tape/tape.hpp"

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

namespace autograd
{

/// The first place where a NaN or an infinity came up.
struct non_finite
{
    std::string operation;             ///< the operation that made it, or "variable", "constant" for an input
    int derivative;                    ///< 0 where it was that operation itself, else of which order its derivative
    std::string name;                  ///< of the variable, if it has one
    std::uint32_t index;               ///< of the instruction on the tape
    std::vector<std::size_t> position; ///< of the first such element
    double value;                      ///< NaN, inf or -inf
    location where;                    ///< the line of the user's source that recorded it

    shape_vector shape;
    std::string remedy; ///< "a norm has no second derivative at 0; ...", or nothing
};

/// "log made -inf at position (2, 0) of (300, 2)  [moons.cpp:41]", "the derivative of sqrt made inf at ..."; with the
/// remedy where the operation has one.
std::string to_text(const non_finite& found);
std::ostream& operator<<(std::ostream& out, const non_finite& found);

/// Looks through everything that y depends on, in recording order, for the first instruction that made a NaN out of
/// operands without one, or an infinity out of finite ones. What a where or a mask hid from y is found, too. Infinities
/// that are `meant` (the -inf of a mask) and what only passes them on are passed over. Nothing when all is finite.
/// Throws tape_error for a tape without values and for variables of another tape.
template <class T>
std::optional<non_finite> find_non_finite(variable<T> y, const std::vector<variable<T>>& meant = {});

} // namespace autograd
