#include "autograd/operations/slicing.hpp"

namespace autograd
{

namespace
{

/// Where a slice of a dense array starts, and its strides, in elements.
struct strided
{
    std::ptrdiff_t offset = 0;
    std::ptrdiff_t strides[max_dimension];

    strided(shape_view of, const slice_steps& steps)
    {
        std::ptrdiff_t stride = 1;
        for (std::size_t axis = of.size(); axis-- > 0;)
        {
            offset += static_cast<std::ptrdiff_t>(steps.first[axis]) * stride;
            strides[axis] = static_cast<std::ptrdiff_t>(steps.step[axis]) * stride;
            stride *= static_cast<std::ptrdiff_t>(of[axis]);
        }
    }
};

} // namespace

std::string slice_rule::print(const attributes& a)
{
    std::string text = "from {";
    for (std::size_t axis = 0; axis < a.dimension; ++axis)
    {
        text += (axis == 0 ? "" : ", ") + std::to_string(a.first[axis]);
    }
    text += "}";
    if (std::any_of(a.step, a.step + a.dimension, [](std::int64_t step) { return step != 1; }))
    {
        text += " by {";
        for (std::size_t axis = 0; axis < a.dimension; ++axis)
        {
            text += (axis == 0 ? "" : ", ") + std::to_string(a.step[axis]);
        }
        text += "}";
    }
    return text;
}

template <class T>
void slice_rule::forward(const evaluation<T>& call, const attributes& a)
{
    const array_view& x = call.operands[0];
    const strided place(x.shape, a);
    if (call.size > 0)
    {
        kernels::copy_strided(array_view{call.in(0) + place.offset, call.shape, call.size, place.strides}, call.out());
    }
}

template <class T>
void embed_rule::forward(const evaluation<T>& call, const attributes& a)
{
    const strided place(call.shape, a);
    std::fill_n(call.out(), call.size, T(0));
    if (call.operands[0].size > 0)
    {
        kernels::copy_to_strided(call.in(0), call.operands[0].shape, call.out() + place.offset, place.strides);
    }
}

template void slice_rule::forward(const evaluation<float>&, const attributes&);
template void slice_rule::forward(const evaluation<double>&, const attributes&);
template void embed_rule::forward(const evaluation<float>&, const attributes&);
template void embed_rule::forward(const evaluation<double>&, const attributes&);

namespace detail
{

view_builder::view_builder(shape_view of, std::size_t used_axes) : m_of(of)
{
    if (used_axes > of.size())
    {
        throw error::shape_error("view", used_axes, " indices and slices for shape ", of, ", which has only ",
                                 of.size(), " axes.");
    }
    m_steps.dimension = static_cast<std::uint8_t>(of.size());
}

void view_builder::add(const selection& selected)
{
    if (selected.what == selection::new_axis)
    {
        m_result.push_back(1);
        return;
    }
    const auto length = static_cast<std::int64_t>(m_of[m_axis]);
    std::int64_t first = selected.first;
    if (selected.what == selection::element)
    {
        if (first < -length || first >= length)
        {
            throw error::index_error("view", "index ", first, " at position (", m_axis, ") is outside axis ", m_axis,
                                     " of length ", length, ".");
        }
        first += first < 0 ? length : 0;
    }
    else
    {
        m_result.push_back(selected.count);
    }
    m_sliced.push_back(selected.count);
    m_steps.first[m_axis] = first;
    m_steps.step[m_axis] = selected.step;
    ++m_axis;
}

void view_builder::finish()
{
    while (m_axis < m_of.size())
    {
        add({selection::part, 0, 1, m_of[m_axis]});
    }
}

} // namespace detail

slice_steps axis_range(shape_view shape, std::size_t axis, std::size_t first)
{
    slice_steps steps{};
    steps.dimension = static_cast<std::uint8_t>(shape.size());
    std::fill_n(steps.step, shape.size(), 1);
    steps.first[axis] = static_cast<std::int64_t>(first);
    return steps;
}

slice_steps reversal(shape_view shape, std::uint32_t axes)
{
    slice_steps steps{};
    steps.dimension = static_cast<std::uint8_t>(shape.size());
    for (std::size_t axis = 0; axis < shape.size(); ++axis)
    {
        const bool reversed = (axes >> axis) & 1;
        steps.first[axis] = reversed ? static_cast<std::int64_t>(shape[axis]) - 1 : 0;
        steps.step[axis] = reversed ? -1 : 1;
    }
    return steps;
}

shape_vector padded_shape(shape_view shape, const pad_widths& widths, location where)
{
    if (widths.size() != shape.size())
    {
        throw error::shape_error(where, "pad", widths.size(), widths.size() == 1 ? " pair" : " pairs",
                                 " of widths for shape ", shape, "; each axis needs one.");
    }
    shape_vector result(shape);
    for (std::size_t axis = 0; axis < shape.size(); ++axis)
    {
        const std::size_t added = extent_sum(widths[axis].first, widths[axis].second, "pad", where);
        result[axis] = extent_sum(result[axis], added, "pad", where);
    }
    return result;
}

slice_steps padding(const pad_widths& widths)
{
    slice_steps steps{};
    steps.dimension = static_cast<std::uint8_t>(widths.size());
    for (std::size_t axis = 0; axis < widths.size(); ++axis)
    {
        steps.first[axis] = static_cast<std::int64_t>(widths[axis].first);
        steps.step[axis] = 1;
    }
    return steps;
}

} // namespace autograd
