#include "autograd/check/find_non_finite.hpp"

#include "autograd/differentiate/connections.hpp"
#include "autograd/tape/print_number.hpp"

#include <algorithm>
#include <cmath>
#include <ostream>

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
    return y.strides() != nullptr ? std::min<std::size_t>(y.size(), 1) : y.size();
}

/// What the elements of an instruction are at worst.
enum class worst : char
{
    finite,
    infinite,
    nan
};

template <class T>
worst worst_of(T x)
{
    return std::isfinite(x) ? worst::finite : std::isinf(x) ? worst::infinite : worst::nan;
}

template <class T>
worst worst_of_operands(const tape<T>& tape, const instruction<T>& y, const std::vector<worst>& had)
{
    worst result = worst::finite;
    for (std::uint32_t operand : tape.operands(y))
    {
        result = std::max(result, had[operand]);
    }
    return result;
}

/// For each instruction, whether it is one of those named.
template <class T>
std::vector<char> set_of(const std::vector<variable<T>>& named, const tape<T>& tape)
{
    std::vector<char> set(tape.size(), 0);
    for (const variable<T>& x : named)
    {
        x.checked("find_non_finite");
        if (x.tape_pointer() != &tape)
        {
            throw error::tape_error("find_non_finite",
                                    "a variable that is meant to be infinite lives on another tape.");
        }
        set[x.index()] = 1;
    }
    return set;
}

/// "", "the derivative of ", "the second derivative of ", "the derivative of order 3 of ".
std::string derivative_of_order(int order)
{
    return order == 0   ? ""
           : order == 1 ? "the derivative of "
           : order == 2 ? "the second derivative of "
                        : fmt::format("the derivative of order {} of ", order);
}

} // namespace

std::string to_text(const non_finite& found)
{
    std::string text =
        fmt::format("{}{}{}{} made {} at position ({}) of {}", derivative_of_order(found.derivative), found.operation,
                    found.name.empty() ? "" : " ", found.name, detail::print_number(found.value),
                    fmt::join(found.position, ", "), to_text(found.shape));
    if (!found.remedy.empty())
    {
        text += ": " + found.remedy;
    }
    if (found.where)
    {
        text += fmt::format("  [{}:{}]", found.where.file, found.where.line);
    }
    return text;
}

std::ostream& operator<<(std::ostream& out, const non_finite& found)
{
    return out << to_text(found);
}

template <class T>
std::optional<non_finite> find_non_finite(variable<T> y, const std::vector<variable<T>>& meant)
{
    const instruction<T>& end = y.checked("find_non_finite");
    const tape<T>& tape = y.tape();
    tape.require_values(end, "find_non_finite");
    const std::vector<char> needed = detail::needed_for(tape, 0, y.index());
    const std::vector<char> intended = set_of(meant, tape);
    std::vector<worst> had(tape.size(), worst::finite); // by each instruction
    for (std::uint32_t index = 0; index <= y.index(); ++index)
    {
        const instruction<T>& each = tape[index];
        if (!needed[index] || each.op->element != element_kind::real)
        {
            continue;
        }
        const T* data = static_cast<const T*>(each.data);
        const std::size_t count = stored(each);
        const worst given = worst_of_operands(tape, each, had);
        if (is_repetition(each))
        {
            had[index] = given;
            continue;
        }
        std::for_each(data, data + count, [&](T x) { had[index] = std::max(had[index], worst_of(x)); });
        if (had[index] > given && !intended[index])
        {
            const T* found = std::find_if(data, data + count, [&](T x) { return worst_of(x) > given; });
            return non_finite{tape.differentiated(index).name,
                              each.derivative(),
                              tape.name_of(index),
                              index,
                              position_of(static_cast<std::size_t>(found - data), each.shape()),
                              static_cast<double>(*found),
                              each.where(),
                              shape_vector(each.shape()),
                              std::isnan(*found) && each.op->remedy_of_nan != nullptr ? each.op->remedy_of_nan : ""};
        }
    }
    return std::nullopt;
}

template std::optional<non_finite> find_non_finite(variable<float>, const std::vector<variable<float>>&);
template std::optional<non_finite> find_non_finite(variable<double>, const std::vector<variable<double>>&);

} // namespace autograd
