#include "autograd/tape/structure.hpp"

#include "autograd/tape/error.hpp"

namespace autograd::detail
{

void throw_different_structures(std::size_t parts, std::size_t others)
{
    throw error::shape_error("structures", "one has ", parts, parts == 1 ? " part" : " parts", " where another has ",
                             others, "; structures that are walked together must have the same form.");
}

} // namespace autograd::detail
