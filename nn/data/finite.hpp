#pragma once

#include "autograd/tape/xtensor.hpp"

#include <string_view>

namespace nn::detail
{

/// The first number that is infinite or NaN; the end if there is none. Compiled in the library: in a user's source that
/// is compiled with -ffast-math, std::isfinite may say that all are.
template <class T>
const T* find_not_finite(const T* begin, const T* end);

extern template const float* find_not_finite(const float*, const float*);
extern template const double* find_not_finite(const double*, const double*);

template <class T>
bool is_finite(T number)
{
    return find_not_finite(&number, &number + 1) != &number;
}

/// Throws autograd::error::value_error in the name of `who` if an element is infinite or NaN: "element 3 of the truth
/// is nan; all must be finite."
template <class T>
void require_finite(std::string_view who, std::string_view what, const autograd::array<T>& array);

extern template void require_finite(std::string_view, std::string_view, const autograd::array<float>&);
extern template void require_finite(std::string_view, std::string_view, const autograd::array<double>&);

} // namespace nn::detail
