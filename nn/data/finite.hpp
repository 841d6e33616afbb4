#pragma once

#include "autograd/tape/xtensor.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

namespace nn::detail
{

/// The first number that is infinite or NaN; the end if there is none.
template <class T>
const T* find_not_finite(const T* begin, const T* end)
{
    return std::find_if(begin, end, [](T x) { return !std::isfinite(x); });
}

/// Throws autograd::error::value_error in the name of `who` if an element is infinite or NaN: "element 3 of the truth
/// is nan; all must be finite."
template <class T>
void require_finite(std::string_view who, std::string_view what, const xt::xarray<T>& array);

extern template void require_finite(std::string_view, std::string_view, const xt::xarray<float>&);
extern template void require_finite(std::string_view, std::string_view, const xt::xarray<double>&);

} // namespace nn::detail
