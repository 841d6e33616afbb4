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

/// How many results the first two passes have, as far as others follow them.
void count_results(shape_view shape, std::uint32_t axes, std::size_t (&results)[2]);

/// What lies between two passes: their results go to two arrays in turn, those of the last to neither.
template <class T>
class between_passes
{
public:
    between_passes(shape_view shape, std::uint32_t axes, scratch_memory& scratch)
    {
        std::size_t results[2] = {};
        count_results(shape, axes, results);
        m_arrays[0] = scratch.take<T>(results[0]);
        m_arrays[1] = scratch.take<T>(results[1]);
    }

    T* behind(std::size_t pass) const { return m_arrays[pass % 2]; }

private:
    T* m_arrays[2];
};

/// Calls pass(first, from, lines, to) for each group that is reduced; the last pass writes to y. Without any, one pass
/// goes over lines of length 1. The array is not empty.
template <class T, class Pass>
void for_each_pass(const T* x, shape_view shape, std::uint32_t axes, T* y, scratch_memory scratch, Pass pass)
{
    const between_passes<T> between(shape, axes, scratch);
    axis_groups groups(shape, axes);
    std::size_t number = 0;
    do
    {
        const lines of = groups.reduce_next();
        T* const to = groups.done() ? y : between.behind(number);
        pass(number == 0, x, of, to);
        x = to;
        ++number;
    } while (!groups.done());
}

} // namespace autograd::kernels
