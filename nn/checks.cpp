#include "nn/checks.hpp"

#include "autograd/tape/tape.hpp"

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

namespace
{

/// The coordinates of an element of a row-major array: "(1, 0)".
std::string position_of(std::size_t element, shape_view shape)
{
    std::string text;
    for (std::size_t axis = shape.size(); axis-- > 0;)
    {
        text = std::to_string(element % shape[axis]) + (text.empty() ? "" : ", ") + text;
        element /= shape[axis];
    }
    return "(" + text + ")";
}

} // namespace

template <class T>
void require_positions(location where, const char* who, const char* what, indices<T> i, std::size_t count)
{
    i.checked(who, where);
    if (i.tape().keeps() == recording::shapes)
    {
        return;
    }
    const std::int64_t* data = i.data();
    for (std::size_t k = 0; k < i.size(); ++k)
    {
        if (static_cast<std::uint64_t>(data[k]) >= count)
        {
            throw error::index_error(where, who, what, " ", data[k], " at position ", position_of(k, i.shape()),
                                     " is not one of ", count, "; they are numbered from 0.");
        }
    }
}

template void require_positions(location, const char*, const char*, indices<float>, std::size_t);
template void require_positions(location, const char*, const char*, indices<double>, std::size_t);

} // namespace nn::detail
