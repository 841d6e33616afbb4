#pragma once

#include "autograd/kernels/lines.hpp"

#include <cstdint>

/// Reductions over any set of axes as passes over one axis each.
namespace autograd::kernels
{

/// The axes of an array as alternating groups that are reduced or kept, neighbours merged and axes of extent 1 left
/// out: most reductions have two or three groups left, of which one is reduced.
class axis_groups
{
public:
    axis_groups(shape_view shape, std::uint32_t reduced);

    bool done() const { return m_reduced_groups == 0; }
    /// Takes out the group that is best reduced next; returns the extents around it.
    lines reduce_next();

private:
    std::size_t next_group() const;
    lines around(std::size_t group) const;
    void remove(std::size_t group);

    std::size_t m_extents[max_dimension];
    bool m_reduced[max_dimension];
    std::size_t m_count = 0;
    std::size_t m_reduced_groups = 0;
};

/// Memory between two passes, kept by each thread for the next reduction that needs it.
void* scratch_of_passes(std::size_t which, std::size_t bytes);

/// Calls pass(first, from, lines, to) for each group that is reduced; the last pass writes to y. Without any, one pass
/// goes over lines of length 1. The array is not empty.
template <class T, class Pass>
void for_each_pass(const T* x, shape_view shape, std::uint32_t axes, T* y, Pass pass)
{
    axis_groups groups(shape, axes);
    bool first = true;
    std::size_t buffer = 0;
    do
    {
        const lines of = groups.reduce_next();
        T* to = groups.done() ? y : static_cast<T*>(scratch_of_passes(buffer++, of.outer * of.inner * sizeof(T)));
        pass(first, x, of, to);
        first = false;
        x = to;
    } while (!groups.done());
}

} // namespace autograd::kernels
