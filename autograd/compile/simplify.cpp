#include "autograd/compile/order_of_steps.hpp"
#include "autograd/compile/simplifier.hpp"

#include <array>
#include <bit>
#include <functional>
#include <string_view>
#include <unordered_map>

namespace autograd
{

namespace detail
{

namespace
{

/// The entries for each operation that computes something, by their numbers; of_pull: for its pull.
template <class T>
const auto& entries_by_operation(bool of_pull)
{
    static const auto all = []
    {
        std::array<std::unordered_map<const operation<T>*, std::vector<std::size_t>>, 2> result;
        for (std::size_t k = 0; k < entries<T>().size(); ++k)
        {
            if (entries<T>()[k].apply != nullptr)
            {
                result[entries<T>()[k].of_pull][entries<T>()[k].of].push_back(k);
            }
        }
        return result;
    }();
    return all[of_pull];
}

std::size_t mixed(std::size_t hash, std::size_t with)
{
    return (std::rotl(hash, 23) ^ with) * 0x9e3779b97f4a7c15U;
}

/// For a sum that does not depend on the order: not linear in the number, or all pairs with one sum would meet.
std::size_t scattered(std::size_t number)
{
    const std::size_t hash = mixed(1, number);
    return (hash ^ (hash >> 32)) * 0xbf58476d1ce4e5b9U;
}

bool same_strides(const std::ptrdiff_t* a, const std::ptrdiff_t* b, std::size_t dimension)
{
    return a == nullptr || b == nullptr ? a == b : std::equal(a, a + dimension, b);
}

/// What nobody can compare is never the same: a closure.
template <class T>
bool same_attributes(const scheduled_value<T>& x, const scheduled_value<T>& y)
{
    if (x.op->attributes == nullptr)
    {
        return true;
    }
    return x.attributes != nullptr && y.attributes != nullptr && x.op->attributes->same != nullptr &&
           x.op->attributes->same(x.attributes, y.attributes);
}

/// The elements of a constant as they are compared: few of them by their bits, many by where they lie.
template <class T>
std::string_view bits_of(const scheduled_value<T>& kept)
{
    constexpr std::size_t few = 512;
    const std::size_t bytes = elements_in_memory(kept.shape(), kept.strides) * kept.element_size();
    return bytes <= few ? std::string_view(static_cast<const char*>(kept.data), bytes)
                        : std::string_view(reinterpret_cast<const char*>(&kept.data), sizeof(kept.data));
}

} // namespace

template <class T>
simplifier<T>::simplifier(schedule<T>& steps, bool reassociate)
    : m_steps(steps), m_reassociate(reassociate), m_times(entries<T>().size(), 0)
{
    const std::size_t count = m_steps.m_values.size();
    m_values.reserve(count);
    m_operands.reserve(m_steps.m_operands.size());
    m_slots.assign(std::bit_ceil(2 * count + 16), none);
    m_new.reserve(count);
    count_readers();
    for (std::uint32_t v = 0; v < count; ++v)
    {
        m_new.push_back(rewritten(v));
    }
    for (std::uint32_t& output : m_steps.m_outputs)
    {
        output = m_new[output];
    }
    drop_unneeded();
}

template <class T>
std::vector<applied_rewrite> simplifier<T>::applied() const
{
    std::vector<applied_rewrite> result;
    for (std::size_t k = 0; k < m_times.size(); ++k)
    {
        if (m_times[k] > 0)
        {
            result.push_back({&table_of_rewrites()[k], m_times[k]});
        }
    }
    return result;
}

// ---------------------------------------------------------------------------------------------------------- the walk

template <class T>
void simplifier<T>::count_readers()
{
    m_readers_left.assign(m_steps.m_values.size(), 0);
    m_is_read_by_strides.assign(m_steps.m_values.size(), 1);
    for (const scheduled_value<T>& y : m_steps.m_values)
    {
        const bool understands = y.origin == value_origin::computed && y.op->kind == rule_kind::elementwise;
        for (std::uint32_t operand : m_steps.operands(y))
        {
            ++m_readers_left[operand];
            m_is_read_by_strides[operand] = m_is_read_by_strides[operand] && understands;
        }
    }
    for (std::uint32_t output : m_steps.m_outputs)
    {
        ++m_readers_left[output];
        m_is_read_by_strides[output] = 0;
    }
}

template <class T>
std::uint32_t simplifier<T>::rewritten(std::uint32_t v)
{
    const scheduled_value<T>& y = m_steps.m_values[v];
    candidate<T> c{y, {}, m_is_read_by_strides[v] != 0};
    for (std::uint32_t operand : m_steps.operands(y))
    {
        c.operands.push_back(m_new[operand]);
        --m_readers[m_new[operand]];
    }
    const std::uint32_t result = placed(c);
    m_readers[result] += m_readers_left[v];
    return result;
}

template <class T>
std::uint32_t simplifier<T>::placed(candidate<T>& c)
{
    std::uint32_t is = changed;
    while (is == changed)
    {
        is = once_rewritten(c);
    }
    if (is != none)
    {
        return is;
    }
    const std::size_t hash = hash_of(c);
    const std::size_t slot = slot_of(c, hash);
    if (m_slots[slot] == none)
    {
        m_slots[slot] = static_cast<std::uint32_t>(m_values.size());
        return append(c, hash);
    }
    m_times[m_times.size() - 2] += c.value.is_step();
    return m_slots[slot];
}

template <class T>
std::size_t simplifier<T>::slot_of(const candidate<T>& c, std::size_t hash) const
{
    const std::size_t mask = m_slots.size() - 1;
    std::size_t slot = hash & mask;
    while (m_slots[slot] != none && !(m_hashes[m_slots[slot]] == hash && are_same(c, m_slots[slot])))
    {
        slot = (slot + 1) & mask;
    }
    return slot;
}

template <class T>
std::uint32_t simplifier<T>::once_rewritten(candidate<T>& c)
{
    const value_origin from = c.value.origin;
    if (from == value_origin::given || from == value_origin::kept)
    {
        return none;
    }
    const operation<T>* const op = from == value_origin::computed ? c.value.op : nullptr;
    const bool is_pull = op != nullptr && op->pull_of != nullptr;
    const auto& entries_here = entries_by_operation<T>(is_pull);
    const auto found = entries_here.find(is_pull ? op->pull_of : op);
    if (found == entries_here.end() || (is_pull && op->pulled_operand != 0))
    {
        return none;
    }
    for (std::size_t k : found->second)
    {
        const entry<T>& each = entries<T>()[k];
        const std::uint32_t is = m_reassociate || !each.what.reassociates ? each.apply(*this, c) : none;
        if (is != none)
        {
            ++m_times[k];
            return is;
        }
    }
    return none;
}

template <class T>
std::size_t simplifier<T>::offset_of(const candidate<T>& c) const
{
    return c.value.is_elsewhere() ? m_values[c.operands[0]].offset + c.value.offset : 0;
}

template <class T>
std::uint32_t simplifier<T>::append(candidate<T>& c, std::size_t hash)
{
    const auto place = static_cast<std::uint32_t>(m_values.size());
    c.value.first_operand = static_cast<std::uint32_t>(m_operands.size());
    c.value.operand_count = static_cast<std::uint32_t>(c.operands.size());
    c.value.memory = c.value.is_elsewhere() ? m_values[c.operands[0]].memory : place;
    c.value.offset = offset_of(c);
    for (std::uint32_t operand : c.operands)
    {
        m_operands.push_back(operand);
        ++m_readers[operand];
    }
    m_values.push_back(c.value);
    m_hashes.push_back(hash);
    m_readers.push_back(0);
    grow_slots();
    return place;
}

/// Rewrites may put more values than there were.
template <class T>
void simplifier<T>::grow_slots()
{
    if (2 * m_values.size() < m_slots.size())
    {
        return;
    }
    m_slots.assign(2 * m_slots.size(), none);
    for (std::uint32_t v = 0; v < m_values.size(); ++v)
    {
        std::size_t slot = m_hashes[v] & (m_slots.size() - 1);
        while (m_slots[slot] != none)
        {
            slot = (slot + 1) & (m_slots.size() - 1);
        }
        m_slots[slot] = v;
    }
}

template <class T>
std::optional<T> simplifier<T>::number_in(std::uint32_t v) const
{
    const scheduled_value<T>& x = m_values[v];
    const scheduled_value<T>& root = m_values[x.memory];
    const bool is_known = root.origin == value_origin::kept && x.element == element_kind::real && x.size > 0;
    if (!is_known || elements_in_memory(x.shape(), x.strides) != 1)
    {
        return {};
    }
    return static_cast<const T*>(root.data)[x.offset];
}

// --------------------------------------------------------------------------------------------- common subexpressions

template <class T>
std::size_t simplifier<T>::hash_of(const candidate<T>& c) const
{
    const scheduled_value<T>& y = c.value;
    auto hash = static_cast<std::size_t>(y.origin);
    for (std::size_t extent : y.shape())
    {
        hash = mixed(hash, extent);
    }
    switch (y.origin)
    {
    case value_origin::given:
        return mixed(hash, m_values.size());
    case value_origin::kept:
        return mixed(hash, std::hash<std::string_view>()(bits_of(y)));
    case value_origin::computed:
    {
        const bool tells = y.attributes != nullptr && y.op->attributes->hash != nullptr;
        hash = mixed(hash, tells ? y.op->attributes->hash(y.attributes) : 0);
        hash = mixed(hash, std::hash<const void*>()(y.op));
        break;
    }
    case value_origin::laid_out:
    case value_origin::gathered:
    case value_origin::shared:
    case value_origin::part:
        break;
    }
    const bool in_either_order = commutes(y);
    for (std::uint32_t operand : c.operands)
    {
        hash = in_either_order ? hash + scattered(operand) : mixed(hash, operand);
    }
    return mixed(hash, offset_of(c));
}

template <class T>
bool simplifier<T>::are_same(const candidate<T>& c, std::uint32_t with) const
{
    const scheduled_value<T>& x = c.value;
    const scheduled_value<T>& y = m_values[with];
    if (x.origin != y.origin || x.element != y.element || offset_of(c) != y.offset || !(x.shape() == y.shape()) ||
        !same_strides(x.strides, y.strides, x.dimension))
    {
        return false;
    }
    switch (x.origin)
    {
    case value_origin::given:
        return false;
    case value_origin::kept:
        return bits_of(x) == bits_of(y);
    case value_origin::computed:
        return x.op == y.op && have_same_operands(c, y) && same_attributes(x, y);
    case value_origin::laid_out:
    case value_origin::gathered:
    case value_origin::shared:
    case value_origin::part:
        return have_same_operands(c, y);
    }
    return false;
}

template <class T>
bool simplifier<T>::have_same_operands(const candidate<T>& c, const scheduled_value<T>& y) const
{
    const std::span<const std::uint32_t> operands = operands_of(y);
    return std::equal(c.operands.begin(), c.operands.end(), operands.begin(), operands.end()) ||
           (commutes(y) && c.operands[0] == operands[1] && c.operands[1] == operands[0]);
}

// ------------------------------------------------------------------------------------------------- what nobody needs

/// Inputs and outputs, what may refuse values, and what these are made of.
template <class T>
std::vector<char> simplifier<T>::needed()
{
    std::vector<char> result(m_values.size(), 0);
    std::fill_n(result.begin(), m_steps.m_input_count, 1);
    for (std::uint32_t output : m_steps.m_outputs)
    {
        result[output] = 1;
    }
    for (auto v = static_cast<std::uint32_t>(m_values.size()); v-- > 0;)
    {
        const scheduled_value<T>& y = m_values[v];
        result[v] = result[v] || may_refuse(y);
        for (std::uint32_t operand : operands_of(y))
        {
            result[operand] = result[operand] || result[v];
        }
    }
    return result;
}

template <class T>
void simplifier<T>::drop_unneeded()
{
    const std::vector<char> is_needed = needed();
    std::vector<std::uint32_t> place(m_values.size(), none);
    m_steps.m_values.clear();
    m_steps.m_operands.clear();
    for (std::uint32_t v = 0; v < m_values.size(); ++v)
    {
        if (is_needed[v])
        {
            place[v] = static_cast<std::uint32_t>(m_steps.m_values.size());
            keep(v, place);
        }
        else
        {
            m_times.back() += m_values[v].is_step();
        }
    }
    for (std::uint32_t& output : m_steps.m_outputs)
    {
        output = place[output];
    }
}

/// Puts a value that stays back into the schedule, at the place that it has there.
template <class T>
void simplifier<T>::keep(std::uint32_t v, const std::vector<std::uint32_t>& place)
{
    scheduled_value<T> y = m_values[v];
    y.memory = place[y.memory];
    y.first_operand = static_cast<std::uint32_t>(m_steps.m_operands.size());
    for (std::uint32_t operand : operands_of(m_values[v]))
    {
        m_steps.m_operands.push_back(place[operand]);
    }
    m_steps.m_values.push_back(y);
}

template <class T>
std::vector<applied_rewrite> simplify(schedule<T>& steps, bool reassociate)
{
    return simplifier<T>(steps, reassociate).applied();
}

template class simplifier<float>;
template class simplifier<double>;
template std::vector<applied_rewrite> simplify(schedule<float>&, bool);
template std::vector<applied_rewrite> simplify(schedule<double>&, bool);

} // namespace detail

} // namespace autograd
