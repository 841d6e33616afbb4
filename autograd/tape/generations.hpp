#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace autograd::detail
{

/// In which generation of a tape each of its instructions was recorded. Generations grow as instructions do, so they
/// are kept in runs, of which there is one more for each rewind that something stands in front of.
class generations
{
public:
    /// The instruction with this index, behind all others, is recorded.
    void add(std::size_t index, std::uint32_t generation)
    {
        if (m_runs.empty() || m_runs.back().generation != generation)
        {
            m_runs.push_back({static_cast<std::uint32_t>(index), generation});
        }
    }
    std::uint32_t of(std::size_t index) const
    {
        return index >= m_runs.back().first ? m_runs.back().generation : of_earlier(index);
    }
    /// Forgets all but the first instructions.
    void rewind(std::size_t instructions)
    {
        while (!m_runs.empty() && m_runs.back().first >= instructions)
        {
            m_runs.pop_back();
        }
    }

    /// Bytes held from the system.
    std::size_t memory() const { return m_runs.capacity() * sizeof(run); }

private:
    struct run
    {
        std::uint32_t first;
        std::uint32_t generation;
    };

    std::uint32_t of_earlier(std::size_t index) const
    {
        const auto behind = std::upper_bound(m_runs.begin(), m_runs.end(), index,
                                             [](std::size_t i, const run& each) { return i < each.first; });
        return behind[-1].generation;
    }

    std::vector<run> m_runs;
};

} // namespace autograd::detail
