#include "nn/checks.hpp"

namespace nn::detail
{

using namespace autograd;

void require_shape(location where, const char* who, const char* what, shape_view found, shape_view expected)
{
    if (!(found == expected))
    {
        throw error::shape_error(where, who, "the ", what, " is ", found, "; it must be ", expected, ".");
    }
}

void require_dimension(location where, const char* who, const char* what, shape_view found, std::size_t dimension,
                       const char* axes)
{
    if (found.size() != dimension)
    {
        throw error::shape_error(where, who, "the ", what, " is ", found, "; it must have the axes ", axes, ".");
    }
}

} // namespace nn::detail
