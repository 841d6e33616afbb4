#include "autograd/check/find_non_finite.hpp"

#include "autograd/differentiate/connections.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace autograd
{

namespace
{

/// The first element of a broadcast is looked for in what is stored, not in its repetitions.
template <class T>
bool is_repetition(const instruction<T>& y)
{
    return y.op->storage != storage_kind::own && y.op->kind != rule_kind::leaf;
}

std::vector<std::size_t> position_of(std::size_t element, shape_view shape)
{
    std::vector<std::size_t> position(shape.size());
    for (std::size_t axis = shape.size(); axis-- > 0;)
    {
        position[axis] = element % shape[axis];
        element /= shape[axis];
    }
    return position;
}

/// The number of elements that are stored: one for a full leaf.
template <class T>
std::size_t stored(const instruction<T>& y)
{
    return y.strides != nullptr ? std::min<std::size_t>(y.size, 1) : y.size;
}

} // namespace

std::string non_finite::message() const
{
    std::string text = fmt::format("{}{}{} {} at position ({}) of {}", operation, name.empty() ? "" : " ", name,
                                   fmt::format("made {}", value),
                                   fmt::join(position, ", "), to_string(shape));
    if (where)
    {
        text += fmt::format("  [{}:{}]", where.file, where.line);
    }
    return text;
}

template <class T>
std::optional<non_finite> find_non_finite(variable<T> y)
{
    const tape<T>& tape = y.tape();
    tape.require_values(y.checked("find_non_finite"), "find_non_finite");
    const std::vector<char> needed = needed_for(tape, 0, y.index());
    for (std::uint32_t index = 0; index <= y.index(); ++index)
    {
        const instruction<T>& each = tape[index];
        if (!needed[index] || each.op->element != element_kind::real || is_repetition(each))
        {
            continue;
        }
        const T* data = static_cast<const T*>(each.data);
        const T* found = std::find_if_not(data, data + stored(each), [](T x) { return std::isfinite(x); });
        if (found != data + stored(each))
        {
            return non_finite{each.op->name,
                              tape.name_of(index),
                              index,
                              position_of(static_cast<std::size_t>(found - data), each.shape()),
                              static_cast<double>(*found),
                              each.where(),
                              shape_vector(each.shape())};
        }
    }
    return std::nullopt;
}

template std::optional<non_finite> find_non_finite(variable<float>);
template std::optional<non_finite> find_non_finite(variable<double>);

} // namespace autograd
