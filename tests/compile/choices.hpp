#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace random_programs
{

/// Numbers out of a seed, the same on every machine (SplitMix64; Steele, Lea and Flood 2014).
class choices
{
public:
    explicit choices(std::uint64_t seed) : m_state(seed * 0x9e3779b97f4a7c15U) {}

    std::uint64_t next()
    {
        m_state += 0x9e3779b97f4a7c15U;
        std::uint64_t z = m_state;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
        return z ^ (z >> 31);
    }
    /// Of 0 ... count - 1.
    std::size_t below(std::size_t count) { return static_cast<std::size_t>(next() % count); }
    bool percent(std::size_t probability) { return below(100) < probability; }
    /// In [0, 1).
    double fraction() { return static_cast<double>(next() >> 11) * 0x1p-53; }
    template <class X>
    const X& one_of(const std::vector<X>& list)
    {
        return list[below(list.size())];
    }

private:
    std::uint64_t m_state;
};

} // namespace random_programs
