#include "autograd/compile/tile_loop.hpp"

#include "autograd/operations/reduction.hpp"

#include <algorithm>
#include <optional>

namespace autograd
{

namespace
{

using detail::plane_form;
using detail::schedule;
using detail::scheduled_value;
using detail::tile_loop;
using detail::tile_step;
using detail::tile_strides;
using detail::tile_sum;
using detail::value_origin;

/// Longer sequences are cut, so that what they have in hand does not grow beyond the cache.
constexpr std::size_t most_steps = 64;

template <class T>
bool is_sum(const scheduled_value<T>& y)
{
    return y.origin == value_origin::computed && y.op == &description<sum_rule, T>::instance;
}

/// Whether elements of the result are made of those of the operands, one by one.
template <class T>
bool is_elementwise(const scheduled_value<T>& y)
{
    return y.element == element_kind::real &&
           (y.origin == value_origin::laid_out || (y.origin == value_origin::computed && y.op->run != nullptr));
}

/// The first axis behind which there are so many elements; nothing where no axis begins there.
std::optional<std::size_t> axis_before(shape_view shape, std::size_t elements)
{
    std::size_t axis = shape.size();
    std::size_t behind = 1;
    while (axis > 0 && behind < elements)
    {
        behind *= shape[--axis];
    }
    return behind == elements ? std::optional(axis) : std::nullopt;
}

/// From one element to the next along some axes as if they were one.
std::optional<std::size_t> common_stride(shape_view shape, const std::ptrdiff_t* strides, std::size_t first,
                                         std::size_t end)
{
    std::optional<std::size_t> result;
    std::size_t next = 0;
    for (std::size_t axis = end; axis > first; --axis)
    {
        const auto stride = static_cast<std::size_t>(strides[axis - 1]);
        if (shape[axis - 1] == 1)
        {
            continue;
        }
        if (result && stride != next)
        {
            return std::nullopt;
        }
        result = result ? result : stride;
        next = stride * shape[axis - 1];
    }
    return result.value_or(0);
}

tile_strides dense(const tile_loop& loop)
{
    return {loop.elements, loop.length, 1};
}

/// Where the extents of a loop stand among the axes of an array.
struct axes_of_loop
{
    std::size_t rows;     ///< the first one of rows
    std::size_t elements; ///< and of elements

    static std::optional<axes_of_loop> find(shape_view shape, const tile_loop& loop)
    {
        const auto elements = axis_before(shape, loop.length);
        const auto rows = axis_before(shape, loop.elements);
        return elements && rows ? std::optional(axes_of_loop{*rows, *elements}) : std::nullopt;
    }
};

/// How an operand of an elementwise operation is gone through.
template <class T>
std::optional<tile_strides> strides_of(const scheduled_value<T>& x, const tile_loop& loop)
{
    if (x.is_single() && loop.elements > 1)
    {
        return tile_strides{};
    }
    if (x.strides == nullptr || x.is_single())
    {
        return dense(loop);
    }
    const auto axes = axes_of_loop::find(x.shape(), loop);
    if (!axes)
    {
        return std::nullopt;
    }
    const auto plane = common_stride(x.shape(), x.strides, 0, axes->rows);
    const auto row = common_stride(x.shape(), x.strides, axes->rows, axes->elements);
    const auto element = common_stride(x.shape(), x.strides, axes->elements, x.dimension);
    if (!plane || !row || !element || *element > 1)
    {
        return std::nullopt;
    }
    return tile_strides{*plane, *row, *element};
}

/// Adds how the operands are gone through.
template <class T>
std::optional<tile_step<T>> elementwise_in_loop(const schedule<T>& values, const scheduled_value<T>& y,
                                                const tile_loop& loop, std::vector<tile_strides>& operands)
{
    for (const std::uint32_t operand : values.operands(y))
    {
        const auto strides = strides_of(values[operand], loop);
        if (!strides)
        {
            return std::nullopt;
        }
        operands.push_back(*strides);
    }
    const std::size_t planes = y.size / loop.elements;
    return tile_step<T>{tile_sum::nothing, planes, planes, dense(loop)};
}

/// Which extents of a loop a sum goes along, all of each or nothing of it.
std::optional<tile_sum> sum_along(shape_view shape, std::uint32_t axes, const tile_loop& loop)
{
    const auto of = axes_of_loop::find(shape, loop);
    if (!of)
    {
        return std::nullopt;
    }
    // 0: none of it, 1: all, 2: a part. Axes of extent 1 are none.
    const auto share = [&](std::size_t first, std::size_t end)
    {
        std::size_t summed = 0;
        std::size_t all = 0;
        for (std::size_t axis = first; axis < end; ++axis)
        {
            all += shape[axis] != 1;
            summed += shape[axis] != 1 && ((axes >> axis) & 1) != 0;
        }
        return summed == 0 ? 0 : summed == all ? 1 : 2;
    };
    const int planes = share(0, of->rows);
    const int rows = share(of->rows, of->elements);
    const int elements = share(of->elements, shape.size());
    const bool has_rows = loop.rows() > 1;
    if (planes == 1 && rows == 0 && elements == 0)
    {
        return tile_sum::planes;
    }
    if (planes != 0 || rows == 2 || elements == 2 || rows + elements == 0)
    {
        return std::nullopt;
    }
    return elements == 0 ? tile_sum::columns : has_rows && rows == 0 ? tile_sum::row : tile_sum::plane;
}

tile_strides strides_of_sums(tile_sum sum, const tile_loop& loop)
{
    switch (sum)
    {
    case tile_sum::row:
        return {loop.rows(), 1, 0};
    case tile_sum::plane:
        return {1, 0, 0};
    case tile_sum::columns:
        return {loop.length, 0, 1};
    case tile_sum::dots:
        return {};
    case tile_sum::nothing:
    case tile_sum::planes:
        break;
    }
    return dense(loop);
}

template <class T>
std::optional<tile_step<T>> sum_in_loop(const schedule<T>& values, const scheduled_value<T>& y, const tile_loop& loop,
                                        std::vector<tile_strides>& operands)
{
    const scheduled_value<T>& x = values[values.operands(y)[0]];
    // Along shorter lines reductions add up in another order.
    const auto sum = loop.length < tile_loop::least_length || x.strides != nullptr
                         ? std::nullopt
                         : sum_along(x.shape(), static_cast<const reduced_axes*>(y.attributes)->axes, loop);
    if (!sum)
    {
        return std::nullopt;
    }
    operands.push_back(dense(loop));
    return tile_step<T>{*sum, x.size / loop.elements, *sum == tile_sum::planes, strides_of_sums(*sum, loop)};
}

/// The first operand of a step of planes that is in hand.
template <class T>
const scheduled_value<T>& in_hand(const schedule<T>& values, const scheduled_value<T>& y, const plane_form<T>& form)
{
    return values[values.operands(y)[form.reads_in_hand(0) ? 0 : 1]];
}

/// Where a column of the planes is one of the loop.
template <class T>
std::optional<tile_step<T>> planes_in_loop(const schedule<T>& values, const scheduled_value<T>& y,
                                           const plane_form<T>& form, const tile_loop& loop,
                                           std::vector<tile_strides>& operands)
{
    const scheduled_value<T>& x = in_hand(values, y, form);
    const std::size_t results = form.sums ? 0 : y.size / loop.elements;
    if (x.extents[1] != loop.elements || loop.length < tile_loop::least_length || results > tile_loop::most_planes)
    {
        return std::nullopt;
    }
    const auto all = values.operands(y);
    for (std::size_t k = 0; k < all.size(); ++k)
    {
        operands.push_back(form.reads_in_hand(k) ? dense(loop) : tile_strides{});
        if (form.reads_in_hand(k) && values[all[k]].size / loop.elements > tile_loop::most_planes)
        {
            return std::nullopt;
        }
    }
    const tile_sum sum = form.sums ? tile_sum::dots : tile_sum::nothing;
    return tile_step<T>{sum, x.extents[0], results, form.sums ? tile_strides{} : dense(loop), &form};
}

/// What the extents of a loop are found in: of a sum and of a step of planes, the shape of what it is made of.
template <class T>
const scheduled_value<T>& gone_through(const schedule<T>& values, const scheduled_value<T>& y)
{
    const plane_form<T>* const form = plane_form_of(values, y);
    return is_sum(y) ? values[values.operands(y)[0]] : form != nullptr ? in_hand(values, y, *form) : y;
}

/// The products of its last extents, the largest first.
std::vector<std::size_t> sizes_within(shape_view shape)
{
    std::vector<std::size_t> result{1};
    for (std::size_t axis = shape.size(); axis-- > 0;)
    {
        if (shape[axis] != 1)
        {
            result.push_back(result.back() * shape[axis]);
        }
    }
    std::reverse(result.begin(), result.end());
    return result;
}

/// How the step that makes this value is done in a loop, if it can be.
template <class T>
std::optional<tile_step<T>> in_loop(const schedule<T>& values, const scheduled_value<T>& y, const tile_loop& loop,
                                    std::vector<tile_strides>& operands)
{
    const scheduled_value<T>& through = gone_through(values, y);
    if (through.size == 0 || through.size % loop.elements != 0 || through.size / loop.elements > tile_loop::most_planes)
    {
        return std::nullopt;
    }
    const plane_form<T>* const form = plane_form_of(values, y);
    return is_sum(y)           ? sum_in_loop(values, y, loop, operands)
           : form != nullptr   ? planes_in_loop(values, y, *form, loop, operands)
           : is_elementwise(y) ? elementwise_in_loop(values, y, loop, operands)
                               : std::nullopt;
}

/// The loops in which a step might be done that go through planes of another one or parts of them, the largest first:
/// each with rows as that has them, if they fit, before others.
template <class T>
std::vector<tile_loop> loops_for(const schedule<T>& values, const scheduled_value<T>& y, const tile_loop& within)
{
    std::vector<tile_loop> result;
    if (!is_sum(y) && !is_elementwise(y) && plane_form_of(values, y) == nullptr)
    {
        return result;
    }
    const std::vector<std::size_t> sizes = sizes_within(gone_through(values, y).shape());
    for (const std::size_t elements : sizes)
    {
        if (elements == 0 || within.elements % elements != 0)
        {
            continue;
        }
        if (elements % within.length == 0)
        {
            result.push_back({elements, within.length});
        }
        for (const std::size_t length : sizes)
        {
            if (length <= elements && length >= tile_loop::least_length && length != within.length)
            {
                result.push_back({elements, length});
            }
        }
    }
    return result;
}

} // namespace

template <class T>
void detail::open_loop<T>::way::clear()
{
    steps.clear();
    operands.clear();
}

template <class T>
void detail::open_loop<T>::way::take_back()
{
    operands.resize(steps.back().first_operand);
    steps.pop_back();
}

template <class T>
void detail::open_loop<T>::clear()
{
    m_taken.clear();
    m_way.clear();
}

template <class T>
bool detail::open_loop<T>::take(std::uint32_t value)
{
    if (m_taken.empty())
    {
        const std::size_t size = std::max<std::size_t>(gone_through(m_values, m_values[value]).size, 1);
        m_loop = {size, size};
    }
    const bool fits = add(value, m_loop, m_way);
    if (fits && m_way.steps.back().stays_in_loop())
    {
        m_taken.push_back(value);
        return true;
    }
    if (fits)
    {
        m_way.take_back();
    }
    const bool is_taken = takes_in_other_loop(value, fits) || (fits && add(value, m_loop, m_way));
    if (is_taken)
    {
        m_taken.push_back(value);
    }
    return is_taken;
}

template <class T>
std::size_t detail::open_loop<T>::take_first(std::span<const std::uint32_t> values)
{
    clear();
    const std::size_t most = std::min(values.size(), most_steps);
    std::size_t taken = 0;
    while (taken < most && take(values[taken]))
    {
        ++taken;
    }
    return taken;
}

/// One in which what the step makes goes on, before others; and where it does not, rather in the loop that there is.
template <class T>
bool detail::open_loop<T>::takes_in_other_loop(std::uint32_t value, bool fits_here)
{
    way other;
    std::optional<tile_loop> best;
    way best_way;
    for (const tile_loop& loop : loops_for(m_values, m_values[value], m_loop))
    {
        if (loop == m_loop || !all_fit(loop, other) || !add(value, loop, other))
        {
            continue;
        }
        if (other.steps.back().stays_in_loop())
        {
            m_loop = loop;
            m_way = std::move(other);
            return true;
        }
        if (!best && !fits_here)
        {
            best = loop;
            best_way = other;
        }
    }
    if (best)
    {
        m_loop = *best;
        m_way = std::move(best_way);
    }
    return best.has_value();
}

template <class T>
bool detail::open_loop<T>::all_fit(const tile_loop& loop, way& to) const
{
    to.clear();
    return std::all_of(m_taken.begin(), m_taken.end(), [&](std::uint32_t value) { return add(value, loop, to); });
}

/// Adds how a step is done behind others, if it can be done so.
template <class T>
bool detail::open_loop<T>::add(std::uint32_t value, const tile_loop& loop, way& to) const
{
    const std::size_t first = to.operands.size();
    std::optional<tile_step<T>> step = in_loop(m_values, m_values[value], loop, to.operands);
    if (step)
    {
        step->first_operand = first;
        to.steps.push_back(*step);
        if (reads_in_hand(value, loop, to))
        {
            return true;
        }
        to.steps.pop_back();
    }
    to.operands.resize(first);
    return false;
}

/// Whether the last one reads, of what those before it make, the element in hand.
template <class T>
bool detail::open_loop<T>::reads_in_hand(std::uint32_t value, const tile_loop& loop, const way& by) const
{
    const tile_step<T>& step = by.steps.back();
    const auto operands = m_values.operands(m_values[value]);
    const auto end = m_taken.begin() + static_cast<std::ptrdiff_t>(by.steps.size() - 1);
    for (std::size_t k = 0; k < operands.size(); ++k)
    {
        const auto found = std::find(m_taken.begin(), end, m_values[operands[k]].memory);
        if (found == end)
        {
            continue;
        }
        const scheduled_value<T>& x = m_values[operands[k]];
        const tile_strides& strides = by.operands[step.first_operand + k];
        const bool is_same_plane = step.planes == 1 || strides.plane == 0 || strides.plane == loop.elements;
        const bool is_whole = elements_in_memory(x.shape(), x.strides) == m_values[x.memory].size;
        if (!is_whole || !is_element_in_hand(strides, loop) || !is_same_plane ||
            !by.steps[static_cast<std::size_t>(found - m_taken.begin())].stays_in_loop())
        {
            return false;
        }
    }
    return true;
}

template class detail::open_loop<float>;
template class detail::open_loop<double>;

} // namespace autograd
