#include "nn/data/finite.hpp"

#include "autograd/tape/error.hpp"

namespace nn::detail
{

template <class T>
void require_finite(std::string_view who, std::string_view what, const xt::xarray<T>& array)
{
    const T* const end = array.data() + array.size();
    const T* const odd = find_not_finite(array.data(), end);
    if (odd != end)
    {
        throw autograd::error::value_error(who, "element ", odd - array.data(), " of the ", what, " is ", *odd,
                                           "; all must be finite.");
    }
}

template void require_finite(std::string_view, std::string_view, const xt::xarray<float>&);
template void require_finite(std::string_view, std::string_view, const xt::xarray<double>&);

} // namespace nn::detail
