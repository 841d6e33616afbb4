#include "autograd/kernels/finite.hpp"

#include "autograd/kernels/per_set/compiled.hpp"

#include <bit>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace autograd::kernels
{

inline namespace AUTOGRAD_KERNELS_INSTRUCTION_SET
{

namespace
{

/// By their bits, in a loop that vectorises: those of the exponent are all set in what is no finite number, and in
/// nothing else. So one more in the lowest of them carries into the sign's.
template <class T>
bool all_finite(const T* x, std::size_t count)
{
    using integer = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
    constexpr integer sign = integer{1} << (8 * sizeof(T) - 1);
    constexpr integer exponent = std::bit_cast<integer>(std::numeric_limits<T>::infinity());
    constexpr integer lowest = exponent & (~exponent + 1);
    integer carried = 0;
    for (std::size_t i = 0; i < count; ++i)
    {
        carried |= (std::bit_cast<integer>(x[i]) & exponent) + lowest;
    }
    return (carried & sign) == 0;
}

} // namespace

#define AUTOGRAD_COMPILED(T)                                                                                           \
    template <>                                                                                                        \
    constinit const finite_kernels<T> compiled<finite_kernels<T>>::kernels{.all = all_finite<T>};
AUTOGRAD_COMPILED(float)
AUTOGRAD_COMPILED(double)
#undef AUTOGRAD_COMPILED

} // namespace AUTOGRAD_KERNELS_INSTRUCTION_SET

} // namespace autograd::kernels
