#include "autograd/kernels/random.hpp"

#include "autograd/kernels/philox.hpp"

#include <algorithm>
#include <limits>

namespace autograd::kernels
{

template <class T>
void uniform(std::array<std::uint64_t, 2> key, std::uint64_t stream, std::size_t size, T* y)
{
    constexpr int bits = std::numeric_limits<T>::digits;
    constexpr T unit = T(1) / static_cast<T>(std::uint64_t{1} << bits);
    // The first counter is 1, as in NumPy, which counts before it draws.
    for (std::uint64_t block = 1; size > 0; ++block)
    {
        const std::array<std::uint64_t, 4> words = philox4x64({block, 0, 0, stream}, key);
        const std::size_t count = std::min(size, words.size());
        for (std::size_t i = 0; i < count; ++i)
        {
            y[i] = static_cast<T>(words[i] >> (64 - bits)) * unit;
        }
        y += count;
        size -= count;
    }
}

template void uniform(std::array<std::uint64_t, 2>, std::uint64_t, std::size_t, float*);
template void uniform(std::array<std::uint64_t, 2>, std::uint64_t, std::size_t, double*);

} // namespace autograd::kernels
