#pragma once

#include "autograd/kernels/lines.hpp"
#include "autograd/kernels/scratch.hpp"

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

/// How many results there are.
std::size_t size_without(shape_view shape, std::uint32_t axes);

/// Calls pass(first, from, lines, to) for each group that is reduced. The last pass writes to y, those before to two
/// arrays in turn, which are large enough for the first two. Without any group, one pass goes over lines of length 1.
/// The array is not empty.
template <class T, class Pass>
void for_each_pass(const T* x, shape_view shape, std::uint32_t axes, T* y, scratch_memory& scratch, Pass pass)
{
    axis_groups groups(shape, axes);
    T* between[2] = {};
    std::size_t number = 0;
    do
    {
        const lines of = groups.reduce_next();
        T*& next = between[number % 2];
        if (number < 2 && !groups.done())
        {
            next = scratch.take<T>(of.outer * of.inner);
        }
        T* const to = groups.done() ? y : next;
        pass(number == 0, x, of, to);
        x = to;
        ++number;
    } while (!groups.done());
}

} // namespace autograd::kernels
