#include "autograd/compile/packing.hpp"

#include "autograd/compile/order_of_steps.hpp"
#include "autograd/compile/rebuilding.hpp"
#include "autograd/operations/shaping.hpp"
#include "autograd/operations/slicing.hpp"
#include "autograd/tape/leaves.hpp"

#include <algorithm>
#include <map>
#include <numeric>

namespace autograd
{

namespace detail
{

namespace
{

/// Fewer are done one by one: a copy of operands may cost what a step does.
constexpr std::size_t least_members = 8;

/// Steps that were recorded farther apart than this are not brought together: what they read would have to wait.
constexpr std::uint32_t most_between = 4096;

using members = std::vector<std::uint32_t>;

/// Writes the schedule anew, with packs in it.
template <class T>
class pack_writer
{
public:
    pack_writer(schedule<T>& steps, std::vector<char>& constant) : m_to(steps, constant) {}

    /// The values in this order; where the first member of a pack stands, the pack.
    packing write(std::span<const std::uint32_t> order, std::span<const std::uint32_t> pack_of,
                  std::span<members> packs)
    {
        packing result;
        for (const std::uint32_t v : order)
        {
            if (pack_of[v] == none)
            {
                m_to.keep(v);
            }
            else if (m_to.now(v) == none)
            {
                add_pack(packs[pack_of[v]]);
                result.steps += packs[pack_of[v]].size();
                ++result.packs;
            }
        }
        m_to.finish();
        return result;
    }

private:
    /// One step in the place of all, of which each is a part then.
    void add_pack(members& those)
    {
        sort_as_operands(those);
        const scheduled_value<T>& like = m_to.old(those.front());
        const bool constant = m_to.was_constant(those.front());
        members of;
        for (std::size_t k = 0; k < like.operand_count; ++k)
        {
            members each;
            for (const std::uint32_t v : those)
            {
                each.push_back(m_to.now(m_to.old_operands(v)[k]));
            }
            of.push_back(side_by_side(each));
        }
        const std::uint32_t pack = m_to.append(in_line(like, those.size()), of, constant);
        for (std::size_t k = 0; k < those.size(); ++k)
        {
            scheduled_value<T> part = m_to.old(those[k]);
            part.origin = value_origin::part;
            part.attributes = nullptr;
            part.offset = k;
            m_to.now(those[k]) = m_to.append(part, {&pack, 1}, constant);
        }
    }

    /// In the order in which what they read stands side by side, if one of the operands does.
    void sort_as_operands(members& those) const
    {
        for (std::size_t k = 0; k < m_to.old(those.front()).operand_count; ++k)
        {
            const auto operand = [&](std::uint32_t v) -> const scheduled_value<T>&
            { return m_to[m_to.now(m_to.old_operands(v)[k])]; };
            const std::uint32_t memory = operand(those.front()).memory;
            const bool are_together =
                m_to[memory].size >= those.size() &&
                std::all_of(those.begin(), those.end(), [&](std::uint32_t v) { return operand(v).memory == memory; });
            if (are_together)
            {
                std::stable_sort(those.begin(), those.end(),
                                 [&](std::uint32_t a, std::uint32_t b)
                                 { return operand(a).offset < operand(b).offset; });
                return;
            }
        }
    }

    /// A value of one axis, dense and in memory of its own.
    scheduled_value<T> in_line(scheduled_value<T> like, std::size_t count)
    {
        auto* const extents = m_to.template allocate<std::size_t>(1);
        extents[0] = count;
        like.extents = extents;
        like.dimension = 1;
        like.size = count;
        like.strides = nullptr;
        like.offset = 0;
        like.data = nullptr;
        return like;
    }

    /// Single numbers as one array: where they are, if they stand side by side, or are one.
    std::uint32_t side_by_side(const members& those)
    {
        const auto found = m_lines.find(those);
        if (found != m_lines.end())
        {
            return found->second;
        }
        const auto at = [&](std::size_t k) -> const scheduled_value<T>& { return m_to[those[k]]; };
        bool are_one = true;
        bool are_in_order = true;
        bool are_known = true;
        for (std::size_t k = 0; k < those.size(); ++k)
        {
            are_one = are_one && those[k] == those[0];
            are_in_order = are_in_order && at(k).memory == at(0).memory && at(k).offset == at(0).offset + k;
            are_known = are_known && m_to[at(k).memory].origin == value_origin::kept;
        }
        const std::uint32_t result = are_one        ? repeated(those[0], those.size())
                                     : are_in_order ? part(those)
                                     : are_known    ? known(those)
                                                    : gathered(those);
        m_lines.emplace(those, result);
        return result;
    }

    std::uint32_t repeated(std::uint32_t v, std::size_t count)
    {
        scheduled_value<T> y = in_line(m_to[v], count);
        auto* const strides = m_to.template allocate<std::ptrdiff_t>(1);
        strides[0] = 0;
        y.strides = strides;
        y.op = &description<broadcast_rule, T>::instance;
        y.attributes = nullptr;
        y.origin = value_origin::shared;
        return m_to.append(y, {&v, 1}, m_to.is_constant(v));
    }

    std::uint32_t part(const members& those)
    {
        const scheduled_value<T>& first = m_to[those[0]];
        const std::uint32_t memory = first.memory;
        if (m_to[memory].size == those.size() && m_to[memory].dimension == 1)
        {
            return memory;
        }
        scheduled_value<T> y = in_line(first, those.size());
        y.offset = first.offset;
        y.origin = value_origin::part;
        y.attributes = nullptr;
        return m_to.append(y, {&memory, 1}, m_to.is_constant(memory));
    }

    std::uint32_t known(const members& those)
    {
        auto* const elements = m_to.template allocate<T>(those.size());
        for (std::size_t k = 0; k < those.size(); ++k)
        {
            const scheduled_value<T>& x = m_to[those[k]];
            elements[k] = static_cast<const T*>(m_to[x.memory].data)[x.offset];
        }
        scheduled_value<T> y = in_line(m_to[those[0]], those.size());
        y.op = &leaves<T>::constant;
        y.attributes = nullptr;
        y.origin = value_origin::kept;
        y.data = elements;
        return m_to.append(y, {}, m_to.is_constant(those[0]));
    }

    std::uint32_t gathered(const members& those)
    {
        scheduled_value<T> y = in_line(m_to[those[0]], those.size());
        y.origin = value_origin::gathered;
        y.attributes = nullptr;
        const bool constant =
            std::all_of(those.begin(), those.end(), [&](std::uint32_t v) { return m_to.is_constant(v); });
        return m_to.append(y, those, constant);
    }

    rebuilder<T> m_to;
    std::map<members, std::uint32_t> m_lines; ///< what lies side by side already
};

template <class T>
class packer
{
public:
    packer(schedule<T>& steps, std::vector<char>& constant) : m_steps(steps), m_constant(constant) {}

    packing pack()
    {
        find_packs();
        if (m_packs.empty())
        {
            return {};
        }
        find_order();
        if (!keeps_order_of_refusals())
        {
            return {};
        }
        return pack_writer<T>(m_steps, m_constant).write(m_order, m_pack_of, m_packs);
    }

private:
    // ------------------------------------------------------------------------------------------- what goes together

    std::span<const std::uint32_t> operands(std::uint32_t v) const { return m_steps.operands(m_steps[v]); }

    bool may_be_packed(std::uint32_t v) const
    {
        const scheduled_value<T>& y = m_steps[v];
        return y.origin == value_origin::computed && y.size == 1 && y.element == element_kind::real &&
               y.op->run != nullptr && y.op->attributes == nullptr && y.operand_count > 0 && !may_refuse(y);
    }

    /// How many operations one behind the other a value is made by.
    void find_depths()
    {
        m_depth.assign(m_steps.values().size(), 0);
        for (std::uint32_t v = 0; v < m_depth.size(); ++v)
        {
            for (const std::uint32_t operand : operands(v))
            {
                m_depth[v] = std::max(m_depth[v], m_depth[operand] + 1);
            }
        }
    }

    void find_packs()
    {
        find_depths();
        m_pack_of.assign(m_depth.size(), none);
        std::vector<std::uint32_t> at_depth(m_depth.size() + 1, 0);
        for (std::uint32_t v = 0; v < m_depth.size(); ++v)
        {
            at_depth[m_depth[v]] += may_be_packed(v);
        }
        std::map<std::tuple<const operation<T>*, std::uint32_t, char>, members> alike;
        for (std::uint32_t v = 0; v < m_depth.size(); ++v)
        {
            if (at_depth[m_depth[v]] >= least_members && may_be_packed(v))
            {
                members& others = alike[{m_steps[v].op, m_depth[v], m_constant[v]}];
                if (!others.empty() && v - others.back() > most_between)
                {
                    add_pack_of(others);
                }
                others.push_back(v);
            }
        }
        for (auto& [what, those] : alike)
        {
            add_pack_of(those);
        }
    }

    void add_pack_of(members& those)
    {
        if (those.size() >= least_members)
        {
            for (const std::uint32_t v : those)
            {
                m_pack_of[v] = static_cast<std::uint32_t>(m_packs.size());
            }
            m_packs.push_back(those);
        }
        those.clear();
    }

    // ---------------------------------------------------------------------------------------------------- the order

    /// Where each value was recorded, but not before what it is made of, and a pack where its last member was. Values
    /// of less depth stand before others that come at the same place.
    void find_order()
    {
        const std::size_t count = m_depth.size();
        m_order.resize(count);
        std::iota(m_order.begin(), m_order.end(), 0);
        std::stable_sort(m_order.begin(), m_order.end(),
                         [&](std::uint32_t a, std::uint32_t b) { return m_depth[a] < m_depth[b]; });
        std::vector<std::uint32_t> place(count, 0);
        std::vector<std::uint32_t> place_of_pack(m_packs.size(), none);
        for (const std::uint32_t v : m_order)
        {
            const std::uint32_t pack = m_pack_of[v];
            if (pack == none)
            {
                place[v] = place_behind_operands(v, place);
                continue;
            }
            if (place_of_pack[pack] == none)
            {
                place_of_pack[pack] = 0;
                for (const std::uint32_t member : m_packs[pack])
                {
                    place_of_pack[pack] = std::max(place_of_pack[pack], place_behind_operands(member, place));
                }
            }
            place[v] = place_of_pack[pack];
        }
        std::stable_sort(m_order.begin(), m_order.end(),
                         [&](std::uint32_t a, std::uint32_t b)
                         { return std::pair(place[a], m_depth[a]) < std::pair(place[b], m_depth[b]); });
    }

    std::uint32_t place_behind_operands(std::uint32_t v, const std::vector<std::uint32_t>& place) const
    {
        std::uint32_t result = v;
        for (const std::uint32_t operand : operands(v))
        {
            result = std::max(result, place[operand]);
        }
        return result;
    }

    bool keeps_order_of_refusals() const
    {
        std::uint32_t last = 0;
        for (const std::uint32_t v : m_order)
        {
            if (may_refuse(m_steps[v]))
            {
                if (v < last)
                {
                    return false;
                }
                last = v;
            }
        }
        return true;
    }

    schedule<T>& m_steps;
    std::vector<char>& m_constant;
    std::vector<std::uint32_t> m_depth;
    std::vector<std::uint32_t> m_pack_of; ///< of each value, or none
    std::vector<members> m_packs;
    std::vector<std::uint32_t> m_order; ///< of the values
};

} // namespace

template <class T>
packing pack(schedule<T>& steps, std::vector<char>& constant)
{
    return packer<T>(steps, constant).pack();
}

template packing pack(schedule<float>&, std::vector<char>&);
template packing pack(schedule<double>&, std::vector<char>&);

} // namespace detail

} // namespace autograd
