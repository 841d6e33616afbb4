#include "autograd/kernels/walk.hpp"

namespace autograd::kernels
{

walk::walk(shape_view shape, std::span<const array_view> arrays) : m_strides(arrays.size())
{
    // From the innermost axis outwards; reversed at the end.
    std::ptrdiff_t dense = 1;
    for (std::size_t axis = shape.size(); axis-- > 0;)
    {
        const auto extent = static_cast<std::ptrdiff_t>(shape[axis]);
        if (extent == 1)
        {
            continue;
        }
        const auto stride = [&](std::size_t k) { return arrays[k].dense() ? dense : arrays[k].strides[axis]; };
        bool mergeable = !m_extents.empty();
        for (std::size_t k = 0; k < arrays.size() && mergeable; ++k)
        {
            const std::size_t last = m_extents.size() - 1;
            mergeable = stride(k) == m_strides[k][last] * static_cast<std::ptrdiff_t>(m_extents[last]);
        }
        if (mergeable)
        {
            m_extents[m_extents.size() - 1] *= shape[axis];
        }
        else
        {
            for (std::size_t k = 0; k < arrays.size(); ++k)
            {
                m_strides[k][m_extents.size()] = stride(k);
            }
            m_extents.push_back(shape[axis]);
        }
        dense *= extent;
    }
    std::reverse(m_extents.begin(), m_extents.end());
    for (auto& strides : m_strides)
    {
        std::reverse(strides.begin(), strides.begin() + static_cast<std::ptrdiff_t>(m_extents.size()));
    }
}

} // namespace autograd::kernels
