#pragma once

#include <array>
#include <cstdint>

namespace autograd::kernels
{

/// Four words of 64 bits that are a function of a counter and a key: Philox4x64 with 10 rounds (Salmon, Moraes, Dror,
/// Shaw 2011, Parallel random numbers: as easy as 1, 2, 3). A bijection of the counter for each key; any two counters
/// or keys give words without visible relation, so a stream can be entered anywhere and needs no state.
/// NumPy's `Philox(key=key)` gives the words of the counters {1, 0, 0, 0}, {2, 0, 0, 0}, ...
constexpr std::array<std::uint64_t, 4> philox4x64(std::array<std::uint64_t, 4> counter,
                                                  std::array<std::uint64_t, 2> key)
{
    __extension__ using word_pair = unsigned __int128;
    for (int round = 0; round < 10; ++round)
    {
        const word_pair a = word_pair{0xD2E7470EE14C6C93u} * counter[0];
        const word_pair b = word_pair{0xCA5A826395121157u} * counter[2];
        counter = {static_cast<std::uint64_t>(b >> 64) ^ counter[1] ^ key[0], static_cast<std::uint64_t>(b),
                   static_cast<std::uint64_t>(a >> 64) ^ counter[3] ^ key[1], static_cast<std::uint64_t>(a)};
        key = {key[0] + 0x9E3779B97F4A7C15u, key[1] + 0xBB67AE8584CAA73Bu};
    }
    return counter;
}

} // namespace autograd::kernels
