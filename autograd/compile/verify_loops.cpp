#include "autograd/compile/verify_loops.hpp"

#include "autograd/compile/pairs.hpp"
#include "autograd/operations/reduction.hpp"

#include <algorithm>

namespace autograd
{

namespace
{

using detail::tile_strides;
using detail::tile_sum;

enum level : std::size_t
{
    plane,
    row,
    element
};

/// An axis of more than one element.
struct axis_in_loop
{
    std::size_t axis;
    level within;
    std::size_t steps; ///< of that level from one element of the axis to the next
};

template <class T>
class loop_verifier
{
public:
    loop_verifier(const detail::compiled<T>& what, const detail::group& g) : m(what), m_group(g), m_loop(g.loop) {}

    void verify()
    {
        const bool has_extents = m_loop.length > 0 && m_loop.elements % m_loop.length == 0 && m_group.tile > 0;
        for (std::uint32_t s = m_group.first; s < m_group.end; ++s)
        {
            m_step = s;
            require(has_extents && here().is_run(), "is in a loop of no extents");
            here().form != nullptr                  ? verify_planes()
            : here().kind == detail::step_kind::sum ? verify_sum()
                                                    : verify_elements();
        }
    }

private:
    const detail::step<T>& here() const { return m.steps[m_step]; }
    const detail::scheduled_value<T>& made() const { return m.values[here().value]; }

    void require(bool condition, const char* text) const
    {
        if (!condition)
        {
            throw error::tape_error(made().where, "compile", "the step of ", made().op->name, " ", text,
                                    "; the program is wrong.");
        }
    }

    /// Where its axes lie in the loop.
    std::vector<axis_in_loop> axes_of(shape_view shape) const
    {
        const std::size_t units[] = {m_loop.elements, m_loop.length, 1};
        std::vector<axis_in_loop> result;
        std::size_t step = 1;
        for (std::size_t axis = shape.size(); axis-- > 0; step *= shape[axis])
        {
            if (shape[axis] != 1)
            {
                const level within = step >= m_loop.elements ? plane : step >= m_loop.length ? row : element;
                const std::size_t end = within == plane ? step * shape[axis] : units[within - 1];
                require(step % units[within] == 0 && end % (step * shape[axis]) == 0,
                        "goes through an axis that is neither within planes nor rows nor elements of its loop");
                result.push_back({axis, within, step / units[within]});
            }
        }
        return result;
    }

    tile_strides dense() const { return {m_loop.elements, m_loop.length, 1}; }
    tile_strides in_tile(std::size_t planes) const { return {planes > 1 ? m_group.tile : 0, 0, 0}; }
    std::size_t in_hand(std::uint32_t root) const { return m.elements_in_tile[root]; }

    /// The same way wherever there is more than one element of a level.
    bool are_same(const tile_strides& x, const tile_strides& y, std::size_t planes) const
    {
        return (planes == 1 || x.plane == y.plane) && (m_loop.rows() == 1 || x.row == y.row) &&
               (m_loop.length == 1 || x.element == y.element);
    }

    // ---------------------------------------------------------------------------------------------------- elements

    void verify_elements() const
    {
        require(made().size == here().planes * m_loop.elements && here().attributes == made().attributes,
                "makes other elements than its loop");
        const auto operands = m.values.operands(made());
        const std::size_t known = known_operand();
        std::size_t next = here().first_operand;
        for (std::size_t k = 0; k < operands.size(); ++k)
        {
            if (k != known)
            {
                const detail::run_access& x = m.operands[next++];
                require(x.value == operands[k], "reads another value than was recorded");
                verify_operand(x, here().planes);
            }
        }
        if (known != detail::none)
        {
            verify_kept(m.operands[next]);
        }
        require(are_same(m.results[here().number].strides,
                         in_hand(here().value) != 0 ? in_tile(here().planes) : dense(), here().planes) ||
                    m.is_in_registers[here().value],
                "writes in another order than its elements have");
    }

    /// Of the second one of a pair the operand that is known in it, or none.
    std::size_t known_operand() const
    {
        if (m_step == m_group.first || m.steps[m_step - 1].covers == 1)
        {
            return detail::none;
        }
        const auto operands = m.values.operands(made());
        const auto found =
            std::find_if(operands.begin(), operands.end(),
                         [&](std::uint32_t v) { return m.values[v].memory == m.steps[m_step - 1].value; });
        const detail::scheduled_value<T>& first = m.values[m.steps[m_step - 1].value];
        const bool is_slope = detail::slope_of(first.op) == made().op && m.values.operands(first)[0] == operands[0];
        require(found != operands.end() || is_slope, "is joined with one that it does not read");
        return found != operands.end() ? static_cast<std::size_t>(found - operands.begin()) : 0;
    }

    /// Where what the first one of a pair makes is kept: nowhere, if nobody else reads it.
    void verify_kept(const detail::run_access& x) const
    {
        const detail::step<T>& first = m.steps[m_step - 1];
        const bool is_kept = !m.is_in_registers[first.value];
        require(x.value == (is_kept ? first.value : detail::none) &&
                    (!is_kept || are_same(x.strides, m.results[first.number].strides, first.planes)),
                "is joined with one whose result is kept where that is not");
    }

    void verify_operand(const detail::run_access& access, std::size_t planes) const
    {
        const detail::scheduled_value<T>& x = m.values[access.value];
        require(x.size == planes * m_loop.elements || x.size == 1,
                "reads another number of elements than its loop has");
        require(access.is_splat == (in_hand(x.memory) == 0 && access.strides.element == 0),
                "spreads what is not one element, or does not what is");
        if (in_hand(x.memory) != 0)
        {
            verify_in_hand(x, access.strides, planes);
        }
        else
        {
            verify_way(x, access.strides, planes);
        }
    }

    /// In a tile stands of each plane of the whole what it has in hand, wherever rows and elements are.
    void verify_in_hand(const detail::scheduled_value<T>& x, const tile_strides& strides, std::size_t planes) const
    {
        const detail::scheduled_value<T>& root = m.values[x.memory];
        const std::size_t planes_there = root.size / m_loop.elements;
        const bool is_whole = x.offset == 0 && detail::elements_in_memory(x.shape(), x.strides) == root.size;
        require(is_whole && in_hand(x.memory) == planes_there * m_group.tile &&
                    are_same(strides, {strides.plane == 0 ? 0 : m_group.tile, 0, 0}, planes),
                "reads another part of a tile than that in hand");
        verify_way(x, {strides.plane == 0 ? 0 : m_loop.elements, m_loop.length, 1}, planes);
    }

    void verify_way(const detail::scheduled_value<T>& x, const tile_strides& strides, std::size_t planes) const
    {
        if (x.is_single())
        {
            require(are_same(strides, {}, planes), "reads more than the one element that there is");
        }
        else if (x.strides == nullptr)
        {
            require(are_same(strides, dense(), planes), "reads in another order than the elements have");
        }
        else
        {
            verify_axes(x, strides);
        }
    }

    void verify_axes(const detail::scheduled_value<T>& x, const tile_strides& strides) const
    {
        const std::size_t by_level[] = {strides.plane, strides.row, strides.element};
        for (const axis_in_loop& each : axes_of(x.shape()))
        {
            require(by_level[each.within] * each.steps == static_cast<std::size_t>(x.strides[each.axis]),
                    "reads repeated elements in another order than they have");
        }
    }

    // ------------------------------------------------------------------------------------------------------ planes

    /// A column of the loop is one of all arrays of planes; the others are read as a whole.
    void verify_planes() const
    {
        const bool sums = here().sum == tile_sum::dots;
        const auto operands = m.values.operands(made());
        require(here().form == detail::plane_form_of(m.values, made()) && here().form->sums == sums &&
                    here().size == made().size && here().attributes == made().attributes,
                "is done as another operation");
        require(here().planes == planes_read(), "reads another number of planes than there are");
        for (std::size_t k = 0; k < operands.size(); ++k)
        {
            const detail::run_access& access = m.operands[here().first_operand + k];
            const detail::scheduled_value<T>& x = m.values[operands[k]];
            require(access.value == operands[k], "reads another value than was recorded");
            if (here().form->reads_in_hand(k))
            {
                require(x.size % m_loop.elements == 0 && x.extents[x.dimension - 1] == m_loop.elements,
                        "reads planes of another length than its loop has");
                verify_operand(access, x.size / m_loop.elements);
            }
            else
            {
                require(in_hand(x.memory) == 0 && access.strides == tile_strides{}, "reads a part for the whole");
            }
        }
        const std::size_t planes = sums ? 0 : made().size / m_loop.elements;
        require(here().result_planes == planes, "makes another number of planes than its loop");
        require(are_same(m.results[here().number].strides,
                         sums                         ? tile_strides{}
                         : in_hand(here().value) != 0 ? in_tile(planes)
                                                      : dense(),
                         std::max<std::size_t>(planes, 1)),
                "writes in another order than its elements have");
    }

    /// Of the first operand that is one of planes.
    std::size_t planes_read() const
    {
        const std::uint32_t first = m.values.operands(made())[here().form->reads_in_hand(0) ? 0 : 1];
        return m.values[first].size / m_loop.elements;
    }

    // -------------------------------------------------------------------------------------------------------- sums

    void verify_sum() const
    {
        const std::uint32_t operand = m.values.operands(made())[0];
        const detail::scheduled_value<T>& x = m.values[operand];
        const detail::run_access& access = m.operands[here().first_operand];
        require(made().op == &description<sum_rule, T>::instance && access.value == operand && x.strides == nullptr,
                "is no sum of what its loop reads");
        require(x.size == here().planes * m_loop.elements, "adds up another number of elements than its loop has");
        verify_operand(access, here().planes);
        const std::uint32_t axes = static_cast<const reduced_axes*>(made().attributes)->axes;
        std::size_t summed[3] = {};
        std::size_t all[3] = {};
        for (const axis_in_loop& each : axes_of(x.shape()))
        {
            ++all[each.within];
            summed[each.within] += (axes >> each.axis) & 1U;
        }
        verify_levels(summed, all);
    }

    /// Each level is summed as a whole, or not at all, and is one of those that the kind of sum has.
    void verify_levels(const std::size_t (&summed)[3], const std::size_t (&all)[3]) const
    {
        const tile_sum kind = here().sum;
        const bool sums[] = {kind == tile_sum::planes, kind == tile_sum::plane || kind == tile_sum::columns,
                             kind == tile_sum::row || kind == tile_sum::plane};
        for (const level each : {plane, row, element})
        {
            require(summed[each] == (sums[each] ? all[each] : 0), "adds up along other axes than were recorded");
        }
        const tile_strides expected = kind == tile_sum::row        ? tile_strides{m_loop.rows(), 1, 0}
                                      : kind == tile_sum::plane    ? tile_strides{1, 0, 0}
                                      : kind == tile_sum::columns  ? tile_strides{m_loop.length, 0, 1}
                                      : in_hand(here().value) != 0 ? in_tile(1)
                                                                   : dense();
        const std::size_t planes = kind == tile_sum::planes ? 1 : here().planes;
        require(are_same(m.results[here().number].strides, expected, planes), "writes sums in another order");
    }

    const detail::compiled<T>& m;
    const detail::group& m_group;
    const detail::tile_loop& m_loop;
    std::uint32_t m_step = 0;
};

} // namespace

template <class T>
void detail::verify_loops(const compiled<T>& what)
{
    for (const group& g : what.groups)
    {
        if (g.is_tiled())
        {
            loop_verifier<T>(what, g).verify();
        }
    }
}

template void detail::verify_loops(const compiled<float>&);
template void detail::verify_loops(const compiled<double>&);

} // namespace autograd
