#include "autograd/operations/slicing.hpp"

#include "autograd/kernels/dispatch.hpp"

namespace autograd
{

namespace
{

/// Where a slice of a dense array starts, and its strides, in elements.
struct strided
{
    std::ptrdiff_t offset = 0;
    std::ptrdiff_t strides[max_dimension];

    strided(shape_view of, const detail::stored_steps& steps)
    {
        std::ptrdiff_t stride = 1;
        for (std::size_t axis = of.size(); axis-- > 0;)
        {
            offset += static_cast<std::ptrdiff_t>(steps.first(axis)) * stride;
            strides[axis] = static_cast<std::ptrdiff_t>(steps.step(axis)) * stride;
            stride *= static_cast<std::ptrdiff_t>(of[axis]);
        }
    }
};

} // namespace

payload detail::stored_steps::of(const slice_steps& steps)
{
    payload result;
    result.attributes = &steps;
    result.size = bytes_of(steps.dimension);
    result.copy = [](void* to, const void* from)
    {
        const auto& given = *static_cast<const slice_steps*>(from);
        ::new (to) stored_steps(given.dimension);
        std::byte* next = static_cast<std::byte*>(to) + sizeof(stored_steps);
        for (std::size_t axis = 0; axis < given.dimension; ++axis, next += sizeof(steps_along))
        {
            ::new (static_cast<void*>(next)) steps_along{given.first[axis], given.step[axis]};
        }
    };
    return result;
}

detail::slice_steps detail::stored_steps::with_leading_axis() const
{
    slice_steps result{};
    result.dimension = static_cast<std::uint8_t>(m_dimension + 1);
    result.step[0] = 1;
    for (std::size_t axis = 0; axis < m_dimension; ++axis)
    {
        result.first[axis + 1] = first(axis);
        result.step[axis + 1] = step(axis);
    }
    return result;
}

bool detail::stored_steps::same(const stored_steps& other) const
{
    bool equal = dimension() == other.dimension();
    for (std::size_t axis = 0; equal && axis < dimension(); ++axis)
    {
        equal = first(axis) == other.first(axis) && step(axis) == other.step(axis);
    }
    return equal;
}

std::string slice_rule::print(const attributes& a)
{
    std::string text = "from {";
    bool steps = false;
    for (std::size_t axis = 0; axis < a.dimension(); ++axis)
    {
        text += (axis == 0 ? "" : ", ") + std::to_string(a.first(axis));
        steps = steps || a.step(axis) != 1;
    }
    text += "}";
    if (steps)
    {
        text += " by {";
        for (std::size_t axis = 0; axis < a.dimension(); ++axis)
        {
            text += (axis == 0 ? "" : ", ") + std::to_string(a.step(axis));
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
        kernels::copies<T>->strided(array_view{call.in(0) + place.offset, call.shape, call.size, place.strides},
                                    call.out());
    }
}

template <class T>
void slice_rule::add_transposed(const evaluation<T>& call, const attributes& a)
{
    const strided place(call.shape, a);
    if (call.operands[0].size > 0)
    {
        kernels::copies<T>->add_to_strided(call.in(0), call.operands[0].shape, call.out() + place.offset,
                                           place.strides);
    }
}

template <class T>
void embed_rule::forward(const evaluation<T>& call, const attributes& a)
{
    const strided place(call.shape, a);
    std::fill_n(call.out(), call.size, T(0));
    if (call.operands[0].size > 0)
    {
        kernels::copies<T>->to_strided(call.in(0), call.operands[0].shape, call.out() + place.offset, place.strides);
    }
}

template void slice_rule::forward(const evaluation<float>&, const attributes&);
template void slice_rule::forward(const evaluation<double>&, const attributes&);
template void slice_rule::add_transposed(const evaluation<float>&, const attributes&);
template void slice_rule::add_transposed(const evaluation<double>&, const attributes&);
template void embed_rule::forward(const evaluation<float>&, const attributes&);
template void embed_rule::forward(const evaluation<double>&, const attributes&);

namespace detail
{

view_builder::view_builder(shape_view of, std::size_t used) : m_of(of)
{
    if (used > of.size())
    {
        throw error::shape_error("view", used, " indices and slices for shape ", of, ", which has only ", of.size(),
                                 " axes.");
    }
    m_unused = of.size() - used;
    m_steps.dimension = static_cast<std::uint8_t>(of.size());
}

void view_builder::add(const selection& selected)
{
    std::visit([this](const auto& given) { take(given); }, selected);
}

void view_builder::take(const index_of_axis& one)
{
    cut(checked_position(one.index), 1, 1);
}

// The rules of Python's slice.indices(): negative ends count from that of the axis, and all are cut off at the ends of
// the axis; going backwards these lie one before the first element and at the last.
void view_builder::take(const range_of_axis& range)
{
    const auto length = static_cast<std::int64_t>(m_of[m_axis]);
    const std::int64_t step = range.step.value_or(1);
    if (step == 0)
    {
        throw error::value_error("view", "the step of the range along axis ", m_axis, " is 0; it must not be.");
    }
    const std::int64_t lowest = step > 0 ? 0 : -1;
    const std::int64_t highest = step > 0 ? length : length - 1;
    const auto resolved = [&](std::optional<std::int64_t> end, std::int64_t open)
    { return end ? std::clamp(*end < 0 ? *end + length : *end, lowest, highest) : open; };
    const std::int64_t start = resolved(range.start, step > 0 ? lowest : highest);
    const std::int64_t stop = resolved(range.stop, step > 0 ? highest : lowest);
    const std::int64_t distance = step > 0 ? stop - start : start - stop;
    const std::uint64_t stride = step > 0 ? static_cast<std::uint64_t>(step) : -static_cast<std::uint64_t>(step);
    const std::uint64_t count = distance > 0 ? (static_cast<std::uint64_t>(distance) - 1) / stride + 1 : 0;
    m_result.push_back(count);
    cut(count > 0 ? start : 0, count > 1 ? step : 1, count);
}

void view_builder::take(const list_of_axis& list)
{
    std::vector<std::int64_t> positions = list.positions;
    for (std::int64_t& position : positions)
    {
        position = checked_position(position);
    }
    gather(std::move(positions));
}

void view_builder::take(const slice_of_axis& given)
{
    std::vector<std::int64_t> positions;
    for (std::size_t i = 0; i < given.count; ++i)
    {
        positions.push_back(checked_position(given.position(given.slice, i)));
    }
    gather(std::move(positions));
}

void view_builder::gather(std::vector<std::int64_t> positions)
{
    m_result.push_back(positions.size());
    m_gathered.emplace_back(m_axis, std::move(positions));
    cut(0, 1, m_of[m_axis]);
}

void view_builder::take(const remaining_axes&)
{
    if (m_ellipsis)
    {
        throw error::shape_error("view", "xt::ellipsis() is given twice; it may be given once.");
    }
    m_ellipsis = true;
    for (; m_unused > 0; --m_unused)
    {
        take(range_of_axis{});
    }
}

std::int64_t view_builder::checked_position(std::int64_t index) const
{
    const auto length = static_cast<std::int64_t>(m_of[m_axis]);
    if (index < -length || index >= length)
    {
        throw error::index_error("view", "index ", index, " at position (", m_axis, ") is outside axis ", m_axis,
                                 " of length ", length, ".");
    }
    return index < 0 ? index + length : index;
}

void view_builder::cut(std::int64_t first, std::int64_t step, std::size_t count)
{
    m_cuts = m_cuts || first != 0 || step != 1 || count != m_of[m_axis];
    m_sliced.push_back(count);
    m_steps.first[m_axis] = first;
    m_steps.step[m_axis] = step;
    ++m_axis;
}

void view_builder::finish()
{
    while (m_axis < m_of.size())
    {
        take(range_of_axis{});
    }
}

} // namespace detail

detail::resolved_range detail::resolve_range(std::int64_t first, std::int64_t last, shape_view shape, std::size_t axis,
                                             location where)
{
    const auto length = static_cast<std::int64_t>(shape[axis]);
    const auto from_start = [&](std::int64_t end) { return end < 0 ? end + length : end; };
    const std::int64_t begin = from_start(first);
    const std::int64_t end = from_start(last);
    if (begin < 0 || end > length)
    {
        throw error::index_error(where, slice_rule::name, "the range from ", first, " to ", last,
                                 " is outside of axis ", axis, " of length ", length, ".");
    }
    if (begin > end)
    {
        throw error::index_error(where, slice_rule::name, "the range from ", first, " to ", last, " along axis ", axis,
                                 " of length ", length, " ends before it begins.");
    }
    return {static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin)};
}

detail::slice_steps detail::axis_range(shape_view shape, std::size_t axis, std::size_t first)
{
    detail::slice_steps steps{};
    steps.dimension = static_cast<std::uint8_t>(shape.size());
    std::fill_n(steps.step, shape.size(), 1);
    steps.first[axis] = static_cast<std::int64_t>(first);
    return steps;
}

detail::slice_steps detail::reversal(shape_view shape, std::uint32_t axes)
{
    detail::slice_steps steps{};
    steps.dimension = static_cast<std::uint8_t>(shape.size());
    for (std::size_t axis = 0; axis < shape.size(); ++axis)
    {
        const bool reversed = (axes >> axis) & 1;
        steps.first[axis] = reversed ? static_cast<std::int64_t>(shape[axis]) - 1 : 0;
        steps.step[axis] = reversed ? -1 : 1;
    }
    return steps;
}

shape_vector detail::padded_shape(shape_view shape, const pad_widths& widths, location where)
{
    if (widths.size() != shape.size())
    {
        throw error::shape_error(where, "pad", widths.size(), widths.size() == 1 ? " pair" : " pairs",
                                 " of widths for shape ", shape, "; each axis needs one.");
    }
    shape_vector result(shape);
    for (std::size_t axis = 0; axis < shape.size(); ++axis)
    {
        const std::size_t added =
            detail::extent_sum(detail::count_of(widths[axis].first, "a width", "pad", where),
                               detail::count_of(widths[axis].second, "a width", "pad", where), "pad", where);
        result[axis] = detail::extent_sum(result[axis], added, "pad", where);
    }
    return result;
}

detail::slice_steps detail::padding(const pad_widths& widths)
{
    detail::slice_steps steps{};
    steps.dimension = static_cast<std::uint8_t>(widths.size());
    for (std::size_t axis = 0; axis < widths.size(); ++axis)
    {
        steps.first[axis] = widths[axis].first;
        steps.step[axis] = 1;
    }
    return steps;
}

} // namespace autograd
