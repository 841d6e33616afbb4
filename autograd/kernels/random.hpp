#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace autograd::kernels
{

/// y[i] uniform over [0, 1): the i-th number of a stream of Philox4x64-10 under a key. The top 53 bits of each word for
/// double, the top 24 for float, which is so the double's value, cut. Stream 0 is NumPy's.
template <class T>
void uniform(std::array<std::uint64_t, 2> key, std::uint64_t stream, std::size_t size, T* y);

} // namespace autograd::kernels
