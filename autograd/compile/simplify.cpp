#include "autograd/compile/simplify.hpp"

#include "autograd/operations/arithmetic.hpp"
#include "autograd/operations/indexing.hpp"
#include "autograd/operations/linear_algebra.hpp"
#include "autograd/operations/power.hpp"
#include "autograd/operations/softmax.hpp"
#include "autograd/tape/leaves.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <optional>
#include <string_view>
#include <unordered_map>

namespace autograd
{

namespace detail
{

namespace
{

constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

template <class Rule, class T>
constexpr const operation<T>* rule = &description<Rule, T>::instance;

bool same_strides(const std::ptrdiff_t* a, const std::ptrdiff_t* b, std::size_t dimension)
{
    return a == nullptr || b == nullptr ? a == b : std::equal(a, a + dimension, b);
}

std::size_t mixed(std::size_t hash, std::size_t with)
{
    return (std::rotl(hash, 23) ^ with) * 0x9e3779b97f4a7c15U;
}

template <class A>
const A& attributes_of(const void* attributes)
{
    return *static_cast<const A*>(attributes);
}

} // namespace

/// Goes through a schedule once, and puts each value, rewritten, behind those that were put before: so operands are
/// simple already when what is made of them is looked at.
template <class T>
class simplifier
{
public:
    simplifier(schedule<T>& steps, bool reassociate) : m_steps(steps), m_reassociate(reassociate)
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

    static std::vector<rewrite> table()
    {
        std::vector<rewrite> result;
        std::transform(entries.begin(), entries.end(), std::back_inserter(result),
                       [](const entry& e) { return e.what; });
        return result;
    }
    std::vector<applied_rewrite> applied() const
    {
        std::vector<applied_rewrite> result;
        for (std::size_t k = 0; k < entry_count; ++k)
        {
            if (m_times[k] > 0)
            {
                result.push_back({&table_of_rewrites()[k], m_times[k]});
            }
        }
        return result;
    }

private:
    /// A value on its way: what it is, before it has a place.
    struct candidate
    {
        scheduled_value<T> value;
        std::vector<std::uint32_t> operands;
    };
    /// Of a candidate: it changes it and returns `changed`, or returns the value that it is; else `none`.
    using method = std::uint32_t (simplifier::*)(candidate&);
    struct entry
    {
        rewrite what;
        const operation<T>* of; ///< that computes the value; null: of values that are another's elements
        method apply;
    };
    static constexpr std::uint32_t changed = none - 1;

    static constexpr std::size_t entry_count = 25;
    static constexpr std::size_t common = entry_count - 2; ///< the last two are not of one operation
    static constexpr std::size_t unneeded = entry_count - 1;
    static const std::array<entry, entry_count> entries;

    using entries_of_operation = std::unordered_map<const operation<T>*, std::vector<std::uint8_t>>;
    static const entries_of_operation& entries_of()
    {
        static const entries_of_operation all = []
        {
            entries_of_operation result;
            for (std::size_t k = 0; k < common; ++k)
            {
                result[entries[k].of].push_back(static_cast<std::uint8_t>(k));
            }
            return result;
        }();
        return all;
    }

    // ---- the walk

    void count_readers()
    {
        m_readers_left.assign(m_steps.m_values.size(), 0);
        for (const scheduled_value<T>& y : m_steps.m_values)
        {
            for (std::uint32_t operand : m_steps.operands(y))
            {
                ++m_readers_left[operand];
            }
        }
        for (std::uint32_t output : m_steps.m_outputs)
        {
            ++m_readers_left[output];
        }
    }

    std::uint32_t rewritten(std::uint32_t v)
    {
        const scheduled_value<T>& y = m_steps.m_values[v];
        candidate c{y, {}};
        for (std::uint32_t operand : m_steps.operands(y))
        {
            c.operands.push_back(m_new[operand]);
            --m_readers[m_new[operand]];
        }
        const std::uint32_t result = placed(c);
        m_readers[result] += m_readers_left[v];
        return result;
    }

    /// The place of a value: of the one that it is by a rewrite, or of one that is the same, or a new one.
    std::uint32_t placed(candidate& c)
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
        for (std::size_t slot = hash & (m_slots.size() - 1);; slot = (slot + 1) & (m_slots.size() - 1))
        {
            if (m_slots[slot] == none)
            {
                m_slots[slot] = static_cast<std::uint32_t>(m_values.size());
                return append(c, hash);
            }
            if (m_hashes[m_slots[slot]] == hash && are_same(c, m_slots[slot]))
            {
                m_times[common] += c.value.is_step();
                return m_slots[slot];
            }
        }
    }

    std::uint32_t once_rewritten(candidate& c)
    {
        const value_origin from = c.value.origin;
        if (from == value_origin::given || from == value_origin::kept)
        {
            return none;
        }
        const auto found = entries_of().find(from == value_origin::computed ? c.value.op : nullptr);
        if (found == entries_of().end())
        {
            return none;
        }
        for (std::uint8_t k : found->second)
        {
            if (m_reassociate || !entries[k].what.reassociates)
            {
                const std::uint32_t is = (this->*entries[k].apply)(c);
                if (is != none)
                {
                    ++m_times[k];
                    return is;
                }
            }
        }
        return none;
    }

    std::uint32_t append(candidate& c, std::size_t hash)
    {
        const auto place = static_cast<std::uint32_t>(m_values.size());
        c.value.first_operand = static_cast<std::uint32_t>(m_operands.size());
        c.value.operand_count = static_cast<std::uint32_t>(c.operands.size());
        c.value.memory = c.value.origin == value_origin::shared ? m_values[c.operands[0]].memory : place;
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
    void grow_slots()
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

    // ---- common subexpressions

    /// Constants of more elements are compared by where they lie.
    static constexpr std::size_t most_compared = 64;

    static std::size_t bytes_in_memory(const scheduled_value<T>& kept)
    {
        return elements_in_memory(kept.shape(), kept.strides) * kept.element_size();
    }

    /// x + y and x * y are y + x and y * x.
    static bool commutes(const scheduled_value<T>& y)
    {
        return y.origin == value_origin::computed && (y.op == rule<add_rule, T> || y.op == rule<multiply_rule, T>);
    }

    std::size_t hash_of(const candidate& c) const
    {
        const scheduled_value<T>& y = c.value;
        std::size_t hash = static_cast<std::size_t>(y.origin);
        for (std::size_t extent : y.shape())
        {
            hash = mixed(hash, extent);
        }
        if (y.origin == value_origin::given)
        {
            return mixed(hash, m_values.size());
        }
        if (y.origin == value_origin::kept)
        {
            const std::size_t bytes = bytes_in_memory(y);
            const std::string_view elements(static_cast<const char*>(y.data), bytes);
            return mixed(hash, bytes <= most_compared * sizeof(T) ? std::hash<std::string_view>()(elements)
                                                                  : std::hash<const void*>()(y.data));
        }
        const bool either_order = commutes(y);
        for (std::uint32_t operand : c.operands)
        {
            hash = either_order ? hash + mixed(0, operand) : mixed(hash, operand);
        }
        if (y.origin == value_origin::computed)
        {
            hash = mixed(hash, std::hash<const void*>()(y.op));
            const bool tells = y.attributes != nullptr && y.op->attributes->hash != nullptr;
            hash = mixed(hash, tells ? y.op->attributes->hash(y.attributes) : 0);
        }
        return hash;
    }

    bool are_same(const candidate& c, std::uint32_t with) const
    {
        const scheduled_value<T>& x = c.value;
        const scheduled_value<T>& y = m_values[with];
        if (x.origin != y.origin || x.origin == value_origin::given || x.element != y.element ||
            !(x.shape() == y.shape()) || !same_strides(x.strides, y.strides, x.dimension))
        {
            return false;
        }
        if (x.origin == value_origin::kept)
        {
            const std::size_t bytes = bytes_in_memory(x);
            return x.data == y.data || (bytes <= most_compared * sizeof(T) && std::memcmp(x.data, y.data, bytes) == 0);
        }
        const std::span<const std::uint32_t> operands = operands_of(y);
        const bool same_operands =
            std::equal(c.operands.begin(), c.operands.end(), operands.begin(), operands.end()) ||
            (commutes(x) && commutes(y) && c.operands[0] == operands[1] && c.operands[1] == operands[0]);
        return same_operands && (x.origin != value_origin::computed || (x.op == y.op && same_attributes(x, y)));
    }
    /// What nobody can compare is never the same: a closure.
    static bool same_attributes(const scheduled_value<T>& x, const scheduled_value<T>& y)
    {
        if (x.op->attributes == nullptr)
        {
            return true;
        }
        return x.attributes != nullptr && y.attributes != nullptr && x.op->attributes->same != nullptr &&
               x.op->attributes->same(x.attributes, y.attributes);
    }

    // ---- what nobody needs

    void drop_unneeded()
    {
        std::vector<char> is_needed(m_values.size(), 0);
        std::fill_n(is_needed.begin(), m_steps.m_input_count, 1);
        for (std::uint32_t output : m_steps.m_outputs)
        {
            is_needed[output] = 1;
        }
        for (auto v = static_cast<std::uint32_t>(m_values.size()); v-- > 0;)
        {
            const scheduled_value<T>& y = m_values[v];
            is_needed[v] = is_needed[v] || (y.origin == value_origin::computed && (y.op->throws || y.op->checks));
            m_times[unneeded] += !is_needed[v] && y.is_step();
            for (std::uint32_t operand : operands_of(y))
            {
                is_needed[operand] = is_needed[operand] || is_needed[v];
            }
        }
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
        }
        for (std::uint32_t& output : m_steps.m_outputs)
        {
            output = place[output];
        }
    }
    void keep(std::uint32_t v, const std::vector<std::uint32_t>& place)
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

    // ---- what rewrites ask

    std::span<const std::uint32_t> operands_of(const scheduled_value<T>& y) const
    {
        return {m_operands.data() + y.first_operand, y.operand_count};
    }
    std::uint32_t operand_of(std::uint32_t v, std::size_t k) const { return operands_of(m_values[v])[k]; }

    /// Whether the rule computes the value.
    template <class Rule>
    bool is_by(std::uint32_t v) const
    {
        return m_values[v].origin == value_origin::computed && m_values[v].op == rule<Rule, T>;
    }
    bool is_dense(std::uint32_t v) const { return m_values[v].strides == nullptr; }
    /// Whether nothing but what is looked at reads it.
    bool is_read_here_only(std::uint32_t v) const { return m_readers[v] == 0; }

    /// The number in all elements of a value that is known.
    std::optional<T> number_in(std::uint32_t v) const
    {
        const scheduled_value<T>& x = m_values[v];
        const scheduled_value<T>& root = m_values[x.memory];
        const bool is_known = root.origin == value_origin::kept && x.element == element_kind::real && x.size > 0;
        if (!is_known || elements_in_memory(x.shape(), x.strides) != 1)
        {
            return {};
        }
        return *static_cast<const T*>(root.data);
    }
    bool is_number(std::uint32_t v, T number) const
    {
        const std::optional<T> known = number_in(v);
        return known && std::memcmp(&*known, &number, sizeof(T)) == 0;
    }

    /// A dense value in the place of a computed one; else what reads that might not understand its strides.
    std::uint32_t is(std::uint32_t v) const { return is_dense(v) ? v : none; }

    /// The candidate is computed by another rule, with no attributes or those given.
    template <class Rule>
    std::uint32_t becomes(candidate& c, std::initializer_list<std::uint32_t> operands, const void* attributes = nullptr)
    {
        c.value.op = rule<Rule, T>;
        c.value.attributes = attributes;
        c.operands.assign(operands);
        return changed;
    }
    /// The candidate is x in another shape.
    std::uint32_t becomes_reshaped(candidate& c, std::uint32_t x)
    {
        c.value.op = rule<reshape_rule, T>;
        c.value.origin = value_origin::shared;
        c.value.attributes = nullptr;
        c.operands.assign({x});
        return changed;
    }
    /// A constant with one number in all elements of the shape of another value.
    std::uint32_t placed_number(T number, const scheduled_value<T>& like)
    {
        candidate c{like, {}};
        c.value.op = &leaves<T>::full;
        c.value.origin = value_origin::kept;
        c.value.attributes = nullptr;
        c.value.data = stored(number);
        auto* strides = m_steps.m_memory.template allocate_array<std::ptrdiff_t>(like.dimension);
        std::fill_n(strides, like.dimension, 0);
        c.value.strides = like.dimension > 0 ? strides : nullptr;
        return placed(c);
    }
    template <class A>
    const A* stored(const A& attributes)
    {
        static_assert(std::is_trivially_destructible_v<A>);
        return ::new (m_steps.m_memory.allocate(sizeof(A))) A(attributes);
    }

    // ---- rewrites, in the order of the table

    std::uint32_t alias(candidate& c)
    {
        const scheduled_value<T>& x = m_values[c.operands[0]];
        // What is dense stays so: where it is, there are as many elements.
        const bool stays_dense = x.strides == nullptr || c.value.strides != nullptr;
        return stays_dense && x.shape() == c.value.shape() ? c.operands[0] : none;
    }

    std::uint32_t reshaped_twice(candidate& c)
    {
        const scheduled_value<T>& x = m_values[c.operands[0]];
        const bool both = x.origin == value_origin::shared && c.value.origin == value_origin::shared &&
                          x.strides == nullptr && c.value.strides == nullptr;
        if (!both || !is_dense(operand_of(c.operands[0], 0)))
        {
            return none;
        }
        c.operands[0] = operand_of(c.operands[0], 0);
        return changed;
    }

    std::uint32_t plus_nothing(candidate& c)
    {
        const auto [x, y] = pair(c);
        return is_number(y, T(-0.0)) ? is(x) : is_number(x, T(-0.0)) ? is(y) : none;
    }

    std::uint32_t less_nothing(candidate& c)
    {
        const auto [x, y] = pair(c);
        return is_number(y, T(0)) ? is(x) : none;
    }

    std::uint32_t times_one(candidate& c)
    {
        const auto [x, y] = pair(c);
        return is_number(y, T(1)) ? is(x) : is_number(x, T(1)) ? is(y) : none;
    }

    std::uint32_t by_one(candidate& c)
    {
        const auto [x, y] = pair(c);
        return is_number(y, T(1)) ? is(x) : none;
    }

    std::uint32_t negative_twice(candidate& c)
    {
        const std::uint32_t x = c.operands[0];
        return is_by<negative_rule>(x) ? is(operand_of(x, 0)) : none;
    }

    std::uint32_t plus_negative(candidate& c)
    {
        const auto [x, y] = pair(c);
        return is_by<negative_rule>(y)   ? becomes<subtract_rule>(c, {x, operand_of(y, 0)})
               : is_by<negative_rule>(x) ? becomes<subtract_rule>(c, {y, operand_of(x, 0)})
                                         : none;
    }

    std::uint32_t less_negative(candidate& c)
    {
        const auto [x, y] = pair(c);
        return is_by<negative_rule>(y) ? becomes<add_rule>(c, {x, operand_of(y, 0)}) : none;
    }

    /// Of a product, a quotient, a product of matrices.
    std::uint32_t signs_cancel(candidate& c)
    {
        const auto [x, y] = pair(c);
        if (!is_by<negative_rule>(x) || !is_by<negative_rule>(y))
        {
            return none;
        }
        const std::uint32_t a = operand_of(x, 0);
        const std::uint32_t b = operand_of(y, 0);
        if (c.value.op->kind != rule_kind::elementwise && !(is_dense(a) && is_dense(b)))
        {
            return none;
        }
        c.operands = {a, b};
        return changed;
    }

    std::uint32_t transposed_twice(candidate& c)
    {
        const std::uint32_t x = c.operands[0];
        if (!is_by<transpose_rule>(x))
        {
            return none;
        }
        const auto& outer = attributes_of<transpose_rule::attributes>(c.value.attributes);
        const auto& inner = attributes_of<transpose_rule::attributes>(m_values[x].attributes);
        transpose_rule::attributes both = outer;
        for (std::size_t k = 0; k < outer.dimension; ++k)
        {
            both.order[k] = inner.order[outer.order[k]];
        }
        return becomes<transpose_rule>(c, {operand_of(x, 0)}, stored(both));
    }

    /// Axes of extent 1 may stand anywhere.
    std::uint32_t transposed_in_place(candidate& c)
    {
        const auto& a = attributes_of<transpose_rule::attributes>(c.value.attributes);
        const shape_view extents = m_values[c.operands[0]].shape();
        std::size_t last = 0;
        for (std::size_t k = 0; k < a.dimension; ++k)
        {
            if (extents[a.order[k]] != 1)
            {
                if (a.order[k] < last)
                {
                    return none;
                }
                last = a.order[k];
            }
        }
        return is_dense(c.operands[0]) ? becomes_reshaped(c, c.operands[0]) : none;
    }

    std::uint32_t to_the_first(candidate& c) { return is_number(c.operands[1], T(1)) ? is(c.operands[0]) : none; }

    std::uint32_t to_the_second(candidate& c)
    {
        return is_number(c.operands[1], T(2)) ? becomes<square_rule>(c, {c.operands[0]}) : none;
    }

    static bool exchanges_last_axes(const transpose_rule::attributes& a)
    {
        const std::size_t d = a.dimension;
        bool others_stay = d >= 2 && a.order[d - 2] == d - 1 && a.order[d - 1] == d - 2;
        for (std::size_t k = 0; others_stay && k + 2 < d; ++k)
        {
            others_stay = a.order[k] == k;
        }
        return others_stay;
    }
    bool is_transposed_matrix(std::uint32_t v) const
    {
        return is_by<transpose_rule>(v) &&
               exchanges_last_axes(attributes_of<transpose_rule::attributes>(m_values[v].attributes));
    }

    std::uint32_t product_of_transposed(candidate& c)
    {
        const auto [a, b] = pair(c);
        auto flags = attributes_of<matmul_rule::attributes>(c.value.attributes);
        if (is_transposed_matrix(a))
        {
            flags.transpose_a = !flags.transpose_a;
            return becomes<matmul_rule>(c, {operand_of(a, 0), b}, stored(flags));
        }
        if (is_transposed_matrix(b))
        {
            flags.transpose_b = !flags.transpose_b;
            return becomes<matmul_rule>(c, {a, operand_of(b, 0)}, stored(flags));
        }
        return none;
    }

    std::uint32_t transposed_product(candidate& c)
    {
        const std::uint32_t y = c.operands[0];
        if (!is_by<matmul_rule>(y) || !is_read_here_only(y) ||
            !exchanges_last_axes(attributes_of<transpose_rule::attributes>(c.value.attributes)))
        {
            return none;
        }
        const auto [ta, tb] = attributes_of<matmul_rule::attributes>(m_values[y].attributes);
        return becomes<matmul_rule>(c, {operand_of(y, 1), operand_of(y, 0)}, stored(matmul_rule::attributes{!tb, !ta}));
    }

    std::uint32_t sum_of_ones(candidate& c)
    {
        const std::uint32_t x = c.operands[0];
        return m_values[x].size == c.value.size && m_values[x].size > 0 && is_dense(x) ? becomes_reshaped(c, x) : none;
    }

    /// Of a broadcast that is laid out to be summed along all axes that it repeats, and no others.
    std::uint32_t sum_of_repeated(candidate& c)
    {
        const scheduled_value<T>& x = m_values[c.operands[0]];
        if (x.origin != value_origin::laid_out || c.value.size == 0)
        {
            return none;
        }
        const scheduled_value<T>& repeated = m_values[operand_of(c.operands[0], 0)];
        const std::uint32_t axes = attributes_of<reduced_axes>(c.value.attributes).axes;
        for (std::size_t axis = 0; axis < x.dimension; ++axis)
        {
            const bool is_summed = ((axes >> axis) & 1) != 0;
            if (repeated.extents[axis] != 1 && is_summed != (repeated.strides[axis] == 0))
            {
                return none;
            }
        }
        const std::size_t times = x.size / c.value.size;
        const bool is_exact = times <= std::size_t{1} << std::numeric_limits<T>::digits;
        if (repeated.origin != value_origin::shared || !is_exact)
        {
            return none;
        }
        const std::uint32_t source = operands_of(repeated)[0];
        if (!is_dense(source) || m_values[source].size != c.value.size)
        {
            return none;
        }
        candidate once{c.value, {}};
        becomes_reshaped(once, source);
        const std::uint32_t x_once = placed(once); // x and repeated may have moved
        return becomes<multiply_rule>(c, {x_once, placed_number(static_cast<T>(times), c.value)});
    }

    std::uint32_t sum_of_scattered(candidate& c)
    {
        const std::uint32_t x = c.operands[0];
        if (!is_by<scatter_along_axis_rule>(x))
        {
            return none;
        }
        const std::size_t axis = attributes_of<along_new_axis>(m_values[x].attributes).axis;
        if (attributes_of<reduced_axes>(c.value.attributes).axes != std::uint32_t{1} << axis ||
            !is_dense(operand_of(x, 0)))
        {
            return none;
        }
        c.operands[0] = operand_of(x, 0);
        return changed;
    }

    std::uint32_t log_of_softmax(candidate& c)
    {
        const std::uint32_t x = c.operands[0];
        return is_by<softmax_rule>(x) ? becomes<log_softmax_rule>(c, {operand_of(x, 0)}, m_values[x].attributes) : none;
    }

    std::uint32_t exp_of_log_softmax(candidate& c)
    {
        const std::uint32_t x = c.operands[0];
        return is_by<log_softmax_rule>(x) && is_read_here_only(x)
                   ? becomes<softmax_rule>(c, {operand_of(x, 0)}, m_values[x].attributes)
                   : none;
    }

    static std::pair<std::uint32_t, std::uint32_t> pair(const candidate& c) { return {c.operands[0], c.operands[1]}; }

    schedule<T>& m_steps;
    bool m_reassociate;
    std::vector<scheduled_value<T>> m_values; ///< as they become
    std::vector<std::uint32_t> m_operands;
    std::vector<std::uint32_t> m_new;          ///< of each value that was: the one that it is now
    std::vector<std::uint32_t> m_readers_left; ///< of each value that was
    std::vector<std::uint32_t> m_readers;      ///< of each that becomes: by those that are, and by those still to come
    std::vector<std::size_t> m_hashes;
    std::vector<std::uint32_t> m_slots; ///< of a hash table of values
    std::array<std::size_t, entry_count> m_times{};
};

// --------------------------------------------------------------------------------------------------------- the table

template <class T>
const std::array<typename simplifier<T>::entry, simplifier<T>::entry_count> simplifier<T>::entries{{
    {{"alias", "identity(x), stop_gradient(x), x in its own shape", "x", "",
      "the elements are the same, where they are", false},
     nullptr,
     &simplifier::alias},
    {{"reshaped twice", "reshape(reshape(x))", "reshape(x)", "", "the elements stay in order", false},
     nullptr,
     &simplifier::reshaped_twice},
    {{"plus nothing", "x + y", "x", "y is -0 everywhere",
      "adding -0 changes no number, infinity or zero of either sign; adding +0 would make -0 of it +0", false},
     rule<add_rule, T>,
     &simplifier::plus_nothing},
    {{"less nothing", "x - y", "x", "y is +0 everywhere", "it is the sum with -0", false},
     rule<subtract_rule, T>,
     &simplifier::less_nothing},
    {{"times one", "x * y", "x", "y is 1 everywhere", "multiplying by 1 is exact", false},
     rule<multiply_rule, T>,
     &simplifier::times_one},
    {{"by one", "x / y", "x", "y is 1 everywhere", "dividing by 1 is exact", false},
     rule<divide_rule, T>,
     &simplifier::by_one},
    {{"negative twice", "-(-x)", "x", "", "a sign is changed twice", false},
     rule<negative_rule, T>,
     &simplifier::negative_twice},
    {{"plus a negative", "x + (-y)", "x - y", "", "a difference is this sum by definition", false},
     rule<add_rule, T>,
     &simplifier::plus_negative},
    {{"less a negative", "x - (-y)", "x + y", "", "a difference is the sum with what has the other sign", false},
     rule<subtract_rule, T>,
     &simplifier::less_negative},
    {{"signs of a product", "(-x) * (-y)", "x * y", "", "the sign of a product is the product of the signs", false},
     rule<multiply_rule, T>,
     &simplifier::signs_cancel},
    {{"signs of a quotient", "(-x) / (-y)", "x / y", "", "the sign of a quotient is that of the product", false},
     rule<divide_rule, T>,
     &simplifier::signs_cancel},
    {{"signs of a matrix product", "matmul(-a, -b)", "matmul(a, b)", "",
      "each of the products that are added is the same", false},
     rule<matmul_rule, T>,
     &simplifier::signs_cancel},
    {{"transposed twice", "transpose(transpose(x))", "transpose(x), axes composed", "", "elements are moved only",
      false},
     rule<transpose_rule, T>,
     &simplifier::transposed_twice},
    {{"transposed in place", "transpose(x)", "reshape(x)", "the axes that are not of extent 1 stay in order",
      "the elements stay in order", false},
     rule<transpose_rule, T>,
     &simplifier::transposed_in_place},
    {{"to the power of 1", "pow(x, y)", "x", "y is 1 everywhere", "the kernel gives x itself", false},
     rule<pow_rule, T>,
     &simplifier::to_the_first},
    {{"to the power of 2", "pow(x, y)", "square(x)", "y is 2 everywhere",
      "the product is rounded once, pow within its bound", true},
     rule<pow_rule, T>,
     &simplifier::to_the_second},
    {{"product of a transposed matrix", "matmul(transpose(a), b), matmul(a, transpose(b))", "matmul(a, b) with a flag",
      "the last two axes are exchanged", "the same products are added, in an order that BLAS chooses", true},
     rule<matmul_rule, T>,
     &simplifier::product_of_transposed},
    {{"transposed product", "transpose(matmul(a, b))", "matmul(b, a) with flags",
      "the last two axes are exchanged, and nothing else reads the product",
      "the same products are added, in an order that BLAS chooses", true},
     rule<transpose_rule, T>,
     &simplifier::transposed_product},
    {{"sum of one", "sum(x)", "reshape(x)", "the axes have extent 1", "but for -0, of which the sum is +0", true},
     rule<sum_rule, T>,
     &simplifier::sum_of_ones},
    {{"sum of repetitions", "sum(broadcast(x))", "n * x",
      "summed along the axes that are repeated, n times and no others; n is a number of the type",
      "n equal terms, rounded once; infinities and NaN stay, since n is not 0", true},
     rule<sum_rule, T>,
     &simplifier::sum_of_repeated},
    {{"sum of what was scattered", "sum(scatter_along_axis(u, i))", "sum(u)", "along the same axis",
      "zeros are added between; indices are still checked", true},
     rule<sum_rule, T>,
     &simplifier::sum_of_scattered},
    {{"logarithm of softmax", "log(softmax(x))", "log_softmax(x)", "",
      "without underflow; -inf where a score is -inf, NaN where softmax is", true},
     rule<log_rule, T>,
     &simplifier::log_of_softmax},
    {{"exponential of log_softmax", "exp(log_softmax(x))", "softmax(x)", "nothing else reads the logarithms",
      "exp(x - log(sum)) is exp(x) / sum", true},
     rule<exp_rule, T>,
     &simplifier::exp_of_log_softmax},
    {{"common subexpression", "f(x), f(x)", "f(x)",
      "one operation, equal attributes that can be compared, the same operands; of a sum or product in either order",
      "operations are functions of their operands; draws of one key are one", false},
     nullptr,
     nullptr},
    {{"unneeded", "f(x)", "nothing", "no output is made of it, and it cannot refuse values", "nobody can tell", false},
     nullptr,
     nullptr},
}};

std::span<const rewrite> table_of_rewrites()
{
    static const std::vector<rewrite> table = simplifier<double>::table();
    return table;
}

template <class T>
std::vector<applied_rewrite> simplify(schedule<T>& steps, bool reassociate)
{
    return simplifier<T>(steps, reassociate).applied();
}

template std::vector<applied_rewrite> simplify(schedule<float>&, bool);
template std::vector<applied_rewrite> simplify(schedule<double>&, bool);

} // namespace detail

} // namespace autograd
