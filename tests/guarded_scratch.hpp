#pragma once

#include "autograd/kernels/scratch.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <vector>

namespace support
{

/// Scratch for one call of a kernel: as many bytes as it asks for, full of what nobody may read, and behind them some
/// more, which must stay as they are.
class guarded_scratch
{
public:
    explicit guarded_scratch(std::size_t bytes) : m_bytes(bytes), m_lines(bytes / sizeof(line) + lines_behind)
    {
        std::fill_n(begin(), size(), mark);
    }
    guarded_scratch(const guarded_scratch&) = delete;
    guarded_scratch& operator=(const guarded_scratch&) = delete;
    ~guarded_scratch()
    {
        const bool is_kept = std::all_of(begin() + m_bytes, begin() + size(), [](std::byte b) { return b == mark; });
        BOOST_CHECK_MESSAGE(is_kept, "a kernel wrote behind the " << m_bytes << " bytes that it had asked for");
    }

    operator autograd::kernels::scratch_memory() { return {begin()}; }
    void* memory() { return begin(); }

private:
    static constexpr std::byte mark{0xff}; // NaN, or an index far outside
    struct alignas(64) line
    {
        std::byte bytes[64];
    };

    static constexpr std::size_t lines_behind = 256;

    std::byte* begin() { return m_lines.front().bytes; }
    std::size_t size() const { return m_lines.size() * sizeof(line); }

    std::size_t m_bytes;
    std::vector<line> m_lines;
};

} // namespace support
