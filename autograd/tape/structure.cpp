#include "autograd/tape/structure.hpp"

#include "autograd/tape/error.hpp"

namespace autograd::detail
{

std::string part_path::text() const
{
    std::string text = outer == nullptr ? std::string() : outer->text();
    if (name.is != part_name::kind::none)
    {
        text += text.empty() ? "" : ".";
        text += name.is == part_name::kind::text ? std::string(name.text) : std::to_string(name.number);
    }
    return text;
}

void throw_different_structures(std::size_t parts, std::size_t others)
{
    throw error::shape_error("structures", "one has ", parts, parts == 1 ? " part" : " parts", " where another has ",
                             others, "; structures that are walked together must have the same form.");
}

} // namespace autograd::detail
