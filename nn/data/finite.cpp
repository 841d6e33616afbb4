#include "nn/data/finite.hpp"

#include "autograd/tape/error.hpp"

#include <algorithm>
#include <cmath>

namespace nn::detail
{

template <class T>
const T* find_not_finite(const T* begin, const T* end)
{
    return std::find_if(begin, end, [](T x) { return !std::isfinite(x); });
}

template const float* find_not_finite(const float*, const float*);
template const double* find_not_finite(const double*, const double*);

template <class T>
void require_finite(std::string_view who, std::string_view what, const autograd::array<T>& array)
{
    const T* const end = array.data() + array.size();
    const T* const odd = find_not_finite(array.data(), end);
    if (odd != end)
    {
        throw autograd::error::value_error(who, "element ", odd - array.data(), " of the ", what, " is ", *odd,
                                           "; all must be finite.");
    }
}

template void require_finite(std::string_view, std::string_view, const autograd::array<float>&);
template void require_finite(std::string_view, std::string_view, const autograd::array<double>&);

} // namespace nn::detail
