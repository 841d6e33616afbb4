#pragma once

#include "autograd/tape/shape.hpp"

namespace autograd::detail
{

/// What helps where right sides b do not fit matrices a: whoever gives one vector for each matrix gives matrices.
inline const char* remedy_of_vectors(shape_view a, shape_view b)
{
    return b.size() > 1 && b.size() + 1 == a.size()
               ? " Vectors in a batch are matrices of one column: give b one more axis."
               : "";
}

} // namespace autograd::detail
