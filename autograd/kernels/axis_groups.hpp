#pragma once

#include "autograd/kernels/lines.hpp"

#include <cstdint>
#include <vector>

/// Reductions over any set of axes as passes over one axis each.
namespace autograd::kernels
{

/// The axes of an array as alternating groups that are reduced or kept, neighbours merged and axes of extent 1 left
/// out: most reductions have two or three groups left, of which one is reduced.
class axis_groups
{
public:
    axis_groups(shape_view shape, std::uint32_t reduced);

    /// How many groups are reduced.
    std::size_t passes() const { return m_passes; }
    /// The extents around the group that is best reduced next.
    lines next() const { return around(next_group()); }
    /// The array after that.
    void reduce_next();

private:
    std::size_t next_group() const;
    lines around(std::size_t group) const;

    std::size_t m_extents[max_dimension];
    bool m_reduced[max_dimension];
    std::size_t m_count = 0;
    std::size_t m_passes = 0;
};

/// Memory between two passes, kept by each thread for the next reduction that needs it.
template <class T>
T* scratch_of_passes(std::size_t which, std::size_t size)
{
    thread_local std::vector<T> buffers[2];
    std::vector<T>& buffer = buffers[which % 2];
    if (buffer.size() < size)
    {
        buffer.resize(size);
    }
    return buffer.data();
}

/// Calls pass(from, lines, to, k) for each group that is reduced; the last one writes to y. Without any, x is copied.
template <class T, class Pass>
void for_each_pass(const T* x, axis_groups groups, T* y, Pass pass)
{
    const std::size_t passes = groups.passes();
    const T* from = x;
    for (std::size_t k = 0; k < passes; ++k)
    {
        const lines of = groups.next();
        T* to = k + 1 == passes ? y : scratch_of_passes<T>(k, of.outer * of.inner);
        pass(from, of, to, k);
        groups.reduce_next();
        from = to;
    }
}

} // namespace autograd::kernels
