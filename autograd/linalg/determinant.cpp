#include "autograd/linalg/determinant.hpp"

#include "autograd/kernels/determinant.hpp"
#include "autograd/kernels/lu.hpp"

#include <cmath>
#include <numbers>

namespace autograd
{

namespace
{

/// f(the determinant) of each matrix of a call.
template <class T, class F>
void for_each_determinant(const char* operation, const evaluation<T>& call, const F& f)
{
    const shape_view a = call.operands[0].shape;
    const std::size_t n = detail::rows_of(a);
    for (std::size_t k = 0; k < call.size; ++k)
    {
        const T* const packed = call.in(1) + k * kernels::packed_lu(n);
        detail::require_factors(operation, packed, a, k);
        call.out()[k] = f(kernels::determinant(n, packed));
    }
}

template <class T>
std::size_t scratch_of_cofactors(const evaluation<T>& call, const char* operation)
{
    kernels::scratch_memory scratch;
    kernels::cofactors<T>(detail::rows_of(call.shape), scratch, operation);
    return scratch.bytes();
}

/// f(cofactors, k, where matrix k of an operand begins) for all matrices.
template <class T, class F>
void for_each_with_cofactors(const evaluation<T>& call, F f)
{
    constexpr auto caller = determinant_rule::name;
    detail::require_finite(caller, "a", call.in(0), call.shape);
    const std::size_t n = detail::rows_of(call.shape);
    kernels::scratch_memory scratch(call.scratch);
    kernels::cofactors<T> cofactors(n, scratch, caller);
    const std::size_t count = element_count(detail::batch_of(call.shape));
    for (std::size_t k = 0; k < count; ++k)
    {
        f(cofactors, k, k * n * n);
    }
}

} // namespace

template <class T>
void cofactors_slope_rule::forward(const evaluation<T>& call)
{
    for_each_with_cofactors(call, [&](kernels::cofactors<T>& cofactors, std::size_t, std::size_t first)
                            { cofactors.slope(call.in(0) + first, call.in(2) + first, call.out() + first); });
}

template <class T>
std::size_t cofactors_slope_rule::scratch(const evaluation<T>& call)
{
    return scratch_of_cofactors(call, name);
}

template <class T>
void cofactors_rule::forward(const evaluation<T>& call)
{
    for_each_with_cofactors(call,
                            [&](kernels::cofactors<T>& cofactors, std::size_t k, std::size_t first)
                            {
                                const std::size_t size = kernels::packed_lu(detail::rows_of(call.shape));
                                const T* const packed = call.in(1) + k * size;
                                detail::require_factors(determinant_rule::name, packed, call.shape, k);
                                cofactors.of(call.in(0) + first, packed, call.out() + first);
                            });
}

template <class T>
std::size_t cofactors_rule::scratch(const evaluation<T>& call)
{
    return scratch_of_cofactors(call, name);
}

template <class T>
void determinant_rule::forward(const evaluation<T>& call)
{
    for_each_determinant(name, call, [](const kernels::scaled_number<T>& x) { return x.value(); });
}

template <class T>
void sign_of_determinant_rule::forward(const evaluation<T>& call)
{
    for_each_determinant("slogdet", call,
                         [](const kernels::scaled_number<T>& x)
                         { return static_cast<T>((x.mantissa() > 0) - (x.mantissa() < 0)); });
}

template <class T>
void log_abs_determinant_rule::forward(const evaluation<T>& call)
{
    for_each_determinant("slogdet", call,
                         [](const kernels::scaled_number<T>& x)
                         {
                             // One logarithm near 1, where the sum of two would lose digits.
                             const T value = std::abs(x.value());
                             return std::isnormal(value) || x.mantissa() == 0
                                        ? std::log(value)
                                        : std::log(std::abs(x.mantissa())) +
                                              static_cast<T>(x.exponent()) * std::numbers::ln2_v<T>;
                         });
}

#define AUTOGRAD_DETERMINANT(T)                                                                                        \
    template void cofactors_slope_rule::forward(const evaluation<T>&);                                                 \
    template std::size_t cofactors_slope_rule::scratch(const evaluation<T>&);                                          \
    template void cofactors_rule::forward(const evaluation<T>&);                                                       \
    template std::size_t cofactors_rule::scratch(const evaluation<T>&);                                                \
    template void determinant_rule::forward(const evaluation<T>&);                                                     \
    template void sign_of_determinant_rule::forward(const evaluation<T>&);                                             \
    template void log_abs_determinant_rule::forward(const evaluation<T>&);
AUTOGRAD_DETERMINANT(float)
AUTOGRAD_DETERMINANT(double)
#undef AUTOGRAD_DETERMINANT

} // namespace autograd
