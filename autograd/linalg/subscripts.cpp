#include "autograd/linalg/subscripts.hpp"

#include "autograd/linalg/contract.hpp"

#include <algorithm>
#include <optional>

namespace autograd
{

namespace
{

bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// The subscripts of one operand, or those of the result.
struct index_list
{
    std::string names;                   ///< without the ellipsis
    std::optional<std::size_t> ellipsis; ///< how many of them stand before it
};

/// A text as it stands in an error: without what does not print, and not too much of it.
std::string quoted(std::string_view text)
{
    constexpr std::size_t most = 200;
    std::string result = "\"";
    for (const char c : text.substr(0, most))
    {
        result += c >= ' ' && c <= '~' ? c : '?';
    }
    return result + (text.size() > most ? "...\"" : "\"");
}
std::string quoted(char c)
{
    return c >= ' ' && c <= '~' ? std::string("'") + c + "'"
                                : "the byte " + std::to_string(static_cast<unsigned char>(c));
}

/// Reads subscripts from their beginning to their end.
class reader
{
public:
    reader(const einsum_subscripts& subscripts, const char* operation)
        : m_text(subscripts.text()), m_where(subscripts.where()), m_operation(operation)
    {
        operands.reserve(1 + static_cast<std::size_t>(std::count(m_text.begin(), m_text.end(), ',')));
        operands.emplace_back();
        while (m_next < m_text.size())
        {
            read();
        }
    }

    std::vector<index_list> operands;
    std::optional<index_list> result;

    /// Refuses an index of the result.
    [[noreturn]] void refuse_of_result(std::size_t index, const std::string& why) const
    {
        std::size_t place = m_text.find('>') + 1;
        for (std::size_t before = index; !is_letter(m_text[place]) || before > 0; ++place)
        {
            before -= is_letter(m_text[place]) ? 1 : 0;
        }
        refuse(place, why);
    }

private:
    [[noreturn]] void refuse(std::size_t place, const std::string& why) const
    {
        throw error::value_error(m_where, m_operation, quoted(m_text), ": character ", place, ", ",
                                 quoted(m_text[place]), ", ", why);
    }

    void read()
    {
        const char c = m_text[m_next];
        if (is_letter(c))
        {
            now().names += c;
            ++m_next;
        }
        else if (c == ' ')
        {
            ++m_next;
        }
        else if (c == '.')
        {
            read_ellipsis();
        }
        else if (c == ',')
        {
            read_comma();
        }
        else if (c == '-' || c == '>')
        {
            read_arrow();
        }
        else
        {
            refuse(m_next, "is no index; subscripts are letters, commas between operands, \"...\", \"->\" before the "
                           "result, and spaces.");
        }
    }

    void read_ellipsis()
    {
        if (m_text.substr(m_next, 3) != "...")
        {
            refuse(m_next, "is not part of an ellipsis; that is three dots, \"...\".");
        }
        if (now().ellipsis)
        {
            refuse(m_next, "begins a second ellipsis of one operand or of the result; each may have one.");
        }
        now().ellipsis = now().names.size();
        m_next += 3;
    }

    void read_comma()
    {
        if (result)
        {
            refuse(m_next, "stands behind \"->\"; there is one result.");
        }
        operands.emplace_back();
        ++m_next;
    }

    void read_arrow()
    {
        if (m_text.substr(m_next, 2) != "->")
        {
            refuse(m_next, "is not part of an arrow, \"->\".");
        }
        if (result)
        {
            refuse(m_next, "begins a second arrow; there is one result.");
        }
        result.emplace();
        m_next += 2;
    }

    index_list& now() { return result ? *result : operands.back(); }

    std::string_view m_text;
    location m_where;
    const char* m_operation;
    std::size_t m_next = 0;
};

/// Gives names to the axes of operands.
class naming
{
public:
    naming(const reader& read, const einsum_subscripts& subscripts, std::span<const shape_view> shapes,
           const char* operation)
        : m_read(read), m_text(subscripts.text()), m_where(subscripts.where()), m_shapes(shapes), m_operation(operation)
    {
        m_found.extents.fill(1);
        require_counts();
        m_found.operands.reserve(shapes.size());
        for (std::size_t k = 0; k < shapes.size(); ++k)
        {
            name_axes(k);
        }
        for (std::size_t k = 0; k < shapes.size(); ++k)
        {
            find_extents(k);
        }
        m_found.result = m_read.result ? given_result() : implicit_result();
        if (m_found.result.size() > max_dimension)
        {
            throw error::shape_error(m_where, m_operation, quoted(m_text), ": the result has ", m_found.result.size(),
                                     " axes; an array has at most ", max_dimension, ".");
        }
    }

    detail::named_operands take() { return std::move(m_found); }

private:
    void require_counts() const
    {
        const std::size_t expected = m_read.operands.size();
        if (expected != m_shapes.size())
        {
            throw error::value_error(m_where, m_operation, quoted(m_text), " has subscripts of ", expected,
                                     expected == 1 ? " operand" : " operands", ", but ", m_shapes.size(),
                                     m_shapes.size() == 1 ? " is given." : " are given.");
        }
        if (expected > most_einsum_operands)
        {
            throw error::value_error(m_where, m_operation, expected, " operands are given; it takes at most ",
                                     most_einsum_operands, ". Take some of them together first.");
        }
    }

    void name_axes(std::size_t k)
    {
        const index_list& given = m_read.operands[k];
        const std::size_t axes = m_shapes[k].size();
        const std::size_t indices = given.names.size();
        if (indices > axes || (indices < axes && !given.ellipsis))
        {
            throw error::shape_error(m_where, m_operation, quoted(m_text), ": operand ", k, " has shape ", m_shapes[k],
                                     ", with ", axes, axes == 1 ? " axis" : " axes", ", but ", indices,
                                     indices == 1 ? " index" : " indices", given.ellipsis ? " beside the ellipsis" : "",
                                     given.ellipsis ? "; there must be as many axes at least."
                                     : indices < axes
                                         ? "; there must be an index for each axis, or an ellipsis, \"...\"."
                                         : "; there must be an index for each axis.");
        }
        const std::size_t unnamed = axes - indices;
        m_unnamed = std::max(m_unnamed, unnamed);
        m_found.operands.push_back(with_ellipsis(given, unnamed));
    }

    static std::string with_ellipsis(const index_list& given, std::size_t unnamed)
    {
        std::string names = given.names.substr(0, given.ellipsis.value_or(given.names.size()));
        for (std::size_t axis = unnamed; axis-- > 0;)
        {
            names += detail::unnamed_axis(axis);
        }
        return names + given.names.substr(given.ellipsis.value_or(given.names.size()));
    }

    void find_extents(std::size_t k)
    {
        const std::string& names = m_found.operands[k];
        for (std::size_t axis = 0; axis < names.size(); ++axis)
        {
            const char name = names[axis];
            const std::size_t first = names.find(name);
            std::size_t& known = detail::at(m_found.extents, name);
            const std::size_t extent = m_shapes[k][axis];
            if (first < axis && m_shapes[k][first] != extent)
            {
                throw error::shape_error(m_where, m_operation, quoted(m_text), ": ", spoken(name), " is axes ", first,
                                         " and ", axis, " of operand ", k, ", which has shape ", m_shapes[k],
                                         "; the extents of a diagonal must be equal.");
            }
            if (known != 1 && extent != 1 && known != extent)
            {
                refuse_extents(name, k, axis);
            }
            known = extent == 1 ? known : extent;
        }
    }

    [[noreturn]] void refuse_extents(char name, std::size_t k, std::size_t axis) const
    {
        std::size_t other = 0;
        std::size_t its_axis = 0;
        for (bool found = false; !found; other += found ? 0 : 1)
        {
            its_axis = m_found.operands[other].find(name);
            found = its_axis != std::string::npos && m_shapes[other][its_axis] != 1;
        }
        throw error::shape_error(m_where, m_operation, quoted(m_text), ": ", spoken(name), " has extent ",
                                 m_shapes[other][its_axis], " in operand ", other, ", of shape ", m_shapes[other],
                                 ", and ", m_shapes[k][axis], " in operand ", k, ", of shape ", m_shapes[k],
                                 "; they must be equal, or 1.");
    }

    static std::string spoken(char name)
    {
        return is_letter(name) ? "index " + quoted(name)
                               : "axis -" + std::to_string(static_cast<unsigned char>(name) - 127) + " of the ellipsis";
    }

    /// How often an index occurs in the operands.
    std::ptrdiff_t occurrences(char name) const
    {
        std::ptrdiff_t count = 0;
        for (const std::string& names : m_found.operands)
        {
            count += std::count(names.begin(), names.end(), name);
        }
        return count;
    }

    std::string given_result() const
    {
        const index_list& given = *m_read.result;
        for (std::size_t i = 0; i < given.names.size(); ++i)
        {
            if (occurrences(given.names[i]) == 0)
            {
                m_read.refuse_of_result(i, "is an index of the result, but of no operand.");
            }
            if (given.names.find(given.names[i]) < i)
            {
                m_read.refuse_of_result(i, "is an index of the result twice; each may be there once.");
            }
        }
        if (m_unnamed > 0 && !given.ellipsis)
        {
            throw error::shape_error(m_where, m_operation, quoted(m_text), ": the ellipsis stands for ", m_unnamed,
                                     m_unnamed == 1 ? " axis" : " axes",
                                     ", which the result does not have; it must have an ellipsis, too. Name what is "
                                     "to be summed.");
        }
        return with_ellipsis(given, m_unnamed);
    }

    /// The axes of the ellipsis, and the indices that occur once, in the order of their letters.
    std::string implicit_result() const
    {
        index_list once;
        once.ellipsis = 0;
        for (const index_list& given : m_read.operands)
        {
            std::copy_if(given.names.begin(), given.names.end(), std::back_inserter(once.names),
                         [&](char name) { return occurrences(name) == 1; });
        }
        std::sort(once.names.begin(), once.names.end());
        return with_ellipsis(once, m_unnamed);
    }

    const reader& m_read;
    std::string_view m_text;
    location m_where;
    std::span<const shape_view> m_shapes;
    const char* m_operation;
    std::size_t m_unnamed = 0; ///< the axes of the longest ellipsis
    detail::named_operands m_found;
};

} // namespace

detail::named_operands detail::read_subscripts(const einsum_subscripts& subscripts, std::span<const shape_view> shapes,
                                               const char* operation)
{
    const reader read(subscripts, operation);
    return naming(read, subscripts, shapes, operation).take();
}

} // namespace autograd
