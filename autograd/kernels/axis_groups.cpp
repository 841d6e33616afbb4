#include "autograd/kernels/axis_groups.hpp"

#include "autograd/kernels/reduce.hpp"

#include <functional>
#include <numeric>

namespace autograd::kernels
{

axis_groups::axis_groups(shape_view shape, std::uint32_t reduced)
{
    for (std::size_t axis = 0; axis < shape.size(); ++axis)
    {
        const bool is_reduced = ((reduced >> axis) & 1) != 0;
        if (shape[axis] == 1)
        {
            continue;
        }
        if (m_count > 0 && m_reduced[m_count - 1] == is_reduced)
        {
            m_extents[m_count - 1] *= shape[axis];
        }
        else
        {
            m_extents[m_count] = shape[axis];
            m_reduced[m_count] = is_reduced;
            m_reduced_groups += is_reduced;
            ++m_count;
        }
    }
}

/// The innermost, which reads consecutive numbers; but when that would give up vectors for short rows, the outermost,
/// if nothing is in front of it.
std::size_t axis_groups::next_group() const
{
    constexpr std::size_t short_row = 32;
    const bool rows_are_short = m_reduced[m_count - 1] && m_extents[m_count - 1] < short_row;
    if (m_reduced[0] && rows_are_short)
    {
        return 0;
    }
    return m_reduced[m_count - 1] ? m_count - 1 : m_count - 2;
}

lines axis_groups::around(std::size_t group) const
{
    const auto product = [](const std::size_t* first, const std::size_t* last)
    { return std::accumulate(first, last, std::size_t{1}, std::multiplies<>()); };
    return {product(m_extents, m_extents + group), m_extents[group],
            product(m_extents + group + 1, m_extents + m_count)};
}

void axis_groups::remove(std::size_t group)
{
    // The kept groups on both sides become one.
    const bool merges = group > 0 && group + 1 < m_count;
    if (merges)
    {
        m_extents[group - 1] *= m_extents[group + 1];
    }
    const std::size_t removed = merges ? 2 : 1;
    for (std::size_t k = group; k + removed < m_count; ++k)
    {
        m_extents[k] = m_extents[k + removed];
        m_reduced[k] = m_reduced[k + removed];
    }
    m_count -= removed;
    --m_reduced_groups;
}

lines axis_groups::reduce_next()
{
    if (done())
    {
        return {m_count == 0 ? 1 : m_extents[0], 1, 1};
    }
    const std::size_t group = next_group();
    const lines result = around(group);
    remove(group);
    return result;
}

std::size_t size_without(shape_view shape, std::uint32_t axes)
{
    std::size_t size = 1;
    for (std::size_t axis = 0; axis < shape.size(); ++axis)
    {
        size *= ((axes >> axis) & 1) != 0 ? 1 : shape[axis];
    }
    return size;
}

template <class T>
std::size_t scratch_of_reduction(shape_view shape, std::uint32_t axes, std::size_t again)
{
    scratch_memory scratch;
    if (again > 0)
    {
        const std::size_t results = size_without(shape, axes);
        for (std::size_t k = 0; k < again; ++k)
        {
            scratch.take<T>(results);
        }
    }
    const std::uint32_t lowest = axes & (~axes + 1);
    const bool are_neighbours = ((axes + lowest) & axes) == 0; // of which one pass is made
    if (!are_neighbours && std::find(shape.begin(), shape.end(), std::size_t{0}) == shape.end())
    {
        for_each_pass<T>(nullptr, shape, axes, nullptr, scratch, [](bool, const T*, const lines&, T*) {});
    }
    return scratch.bytes();
}
template std::size_t scratch_of_reduction<float>(shape_view, std::uint32_t, std::size_t);
template std::size_t scratch_of_reduction<double>(shape_view, std::uint32_t, std::size_t);

} // namespace autograd::kernels
