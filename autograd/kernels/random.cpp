#include "autograd/kernels/random.hpp"

#include "autograd/kernels/normal_quantile.hpp"
#include "autograd/kernels/philox.hpp"
#include "autograd/parallel/ranges.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

namespace autograd::kernels
{

namespace
{

/// y[i] = of(word i) for i of [first, last), where first is a multiple of 4.
template <class Y, class F>
void fill(const random_stream& from, std::size_t first, std::size_t last, Y* y, F of)
{
    while (first < last)
    {
        // The first counter is 1, as in NumPy, which counts before it draws.
        const std::array<std::uint64_t, 4> words = philox4x64({first / 4 + 1, 0, 0, from.number}, from.key);
        const std::size_t count = std::min(last - first, words.size());
        std::transform(words.begin(), words.begin() + count, y + first, of);
        first += count;
    }
}

/// y[i] = of(word i).
template <class Y, class F>
void fill(const random_stream& from, std::size_t size, Y* y, F of)
{
    constexpr std::size_t cost = 16; // of a number, in additions of two arrays
    parallel::for_each_range(size, cost * size, 4,
                             [&](std::size_t first, std::size_t last) { fill(from, first, last, y, of); });
}

} // namespace

template <class T>
void uniform(const random_stream& from, std::size_t size, T* y)
{
    constexpr int bits = std::numeric_limits<T>::digits;
    constexpr T unit = T(1) / static_cast<T>(std::uint64_t{1} << bits);
    fill(from, size, y, [](std::uint64_t word) { return static_cast<T>(word >> (64 - bits)) * unit; });
}

template <class T>
void normal(const random_stream& from, std::size_t size, T* y)
{
    constexpr double unit = 1.0 / static_cast<double>(std::uint64_t{1} << 52);
    fill(from, size, y,
         [](std::uint64_t word)
         { return static_cast<T>(normal_quantile((static_cast<double>(word >> 12) + 0.5) * unit)); });
}

void integers(const random_stream& from, std::int64_t low, std::uint64_t count, std::size_t size, std::int64_t* y)
{
    __extension__ using word_pair = unsigned __int128;
    const word_pair choices = count == 0 ? word_pair{1} << 64 : word_pair{count};
    fill(from, size, y,
         [=](std::uint64_t word)
         {
             const auto chosen = static_cast<std::uint64_t>((choices * word) >> 64);
             return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + chosen);
         });
}

void permutation(const random_stream& from, std::size_t size, std::int64_t* y, scratch_memory scratch)
{
    auto* const words = scratch.take<std::uint64_t>(size);
    fill(from, size, words, [](std::uint64_t word) { return word; });
    std::iota(y, y + size, std::int64_t{0});
    // Equal words in their order: a stable sort, which would ask for memory.
    std::sort(y, y + size,
              [words](std::int64_t i, std::int64_t j) { return std::pair(words[i], i) < std::pair(words[j], j); });
}

std::size_t scratch_of_permutation(std::size_t size)
{
    scratch_memory scratch;
    scratch.take<std::uint64_t>(size);
    return scratch.bytes();
}

template void uniform(const random_stream&, std::size_t, float*);
template void uniform(const random_stream&, std::size_t, double*);
template void normal(const random_stream&, std::size_t, float*);
template void normal(const random_stream&, std::size_t, double*);

} // namespace autograd::kernels
