#include "autograd/compile/order_of_steps.hpp"

#include "autograd/compile/pairs.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace autograd
{

namespace detail
{

namespace
{

/// Of so few elements a loop makes no tiles.
constexpr std::size_t most_of_small = 64;
constexpr std::size_t most_that_wait = 64;

template <class T>
class orderer
{
public:
    orderer(const schedule<T>& values, const std::vector<char>& constant, const std::vector<std::uint32_t>& replaces)
        : m_values(values), m_constant(constant), m_replaces(replaces), m_is_added(values.values().size(), 0)
    {
    }

    order_of_steps order()
    {
        find_slopes();
        find_replaced();
        m_adds_to = &m_order.prologue;
        add_steps();
        m_adds_to = &m_order.others;
        add_steps();
        return std::move(m_order);
    }

private:
    void add_steps()
    {
        const std::vector<early_step> early = is_prologue() ? std::vector<early_step>{} : early_steps();
        auto next = early.begin();
        for (std::uint32_t v = 0; v < m_values.values().size(); ++v)
        {
            if (!is_due(v))
            {
                continue;
            }
            if (may_wait(v))
            {
                wait(v);
                continue;
            }
            add_what_reads_replaced(v);
            for (; next != early.end() && next->behind < v && !is_elementwise(v); ++next)
            {
                if (is_due(next->value))
                {
                    add_behind_operands(next->value);
                }
            }
            if (is_due(v))
            {
                add_behind_operands(v);
            }
        }
        for (std::uint32_t v = 0; v < m_values.values().size(); ++v) // what none of these reads
        {
            if (is_due(v))
            {
                add(v);
            }
        }
    }

    bool is_prologue() const { return m_adds_to == &m_order.prologue; }
    bool is_due(std::uint32_t v) const
    {
        return m_values[v].is_step() && (m_constant[v] != 0) == is_prologue() && !m_is_added[v];
    }
    bool is_elementwise(std::uint32_t v) const
    {
        return m_values[v].origin == value_origin::computed && m_values[v].op->run != nullptr;
    }

    /// What is made of inputs and known values alone, and what is small: a number that is made of a sum, say, would
    /// stand between two loops that are one without it.
    bool may_wait(std::uint32_t v) const
    {
        const auto operands = m_values.operands(m_values[v]);
        const auto is_given = [&](std::uint32_t k) { return !m_values[m_values[k].memory].is_step(); };
        return !may_refuse(m_values[v]) && (is_small(v) || std::all_of(operands.begin(), operands.end(), is_given));
    }

    bool is_small(std::uint32_t v) const
    {
        const auto operands = m_values.operands(m_values[v]);
        return m_values[v].size <= most_of_small &&
               std::all_of(operands.begin(), operands.end(),
                           [&](std::uint32_t k) { return m_values[k].size <= most_of_small; });
    }

    /// Not too many: what they make lives until it is read.
    void wait(std::uint32_t v)
    {
        for (const std::uint32_t operand : m_values.operands(m_values[v]))
        {
            const auto found = m_waiting_readers.find(m_values[operand].memory);
            if (found != m_waiting_readers.end())
            {
                found->second.push_back(v);
            }
        }
        if (is_small(v))
        {
            m_waiting.push_back(v);
        }
        if (m_waiting.size() > most_that_wait)
        {
            for (const std::uint32_t each : std::exchange(m_waiting, {}))
            {
                if (is_due(each))
                {
                    add_behind_operands(each);
                }
            }
        }
    }

    /// What waits and reads an input goes before the step that may write in its place.
    void add_what_reads_replaced(std::uint32_t v)
    {
        const auto input = m_replaced_by.find(v);
        if (input == m_replaced_by.end())
        {
            return;
        }
        for (const std::uint32_t reader : std::exchange(m_waiting_readers[input->second], {}))
        {
            if (is_due(reader))
            {
                add_behind_operands(reader);
            }
        }
    }

    void find_replaced()
    {
        for (std::uint32_t k = 0; k < m_replaces.size(); ++k)
        {
            if (m_replaces[k] != none)
            {
                m_replaced_by.emplace(m_values[m_values.outputs()[k]].memory, m_replaces[k]);
                m_waiting_readers[m_replaces[k]];
            }
        }
    }

    /// Behind those operands that waited, and what these waited for, in the order of recording.
    void add_behind_operands(std::uint32_t v)
    {
        std::set<std::uint32_t> due{v};
        for (std::vector<std::uint32_t> ahead{v}; !ahead.empty();)
        {
            const std::uint32_t of = ahead.back();
            ahead.pop_back();
            for (const std::uint32_t operand : m_values.operands(m_values[of]))
            {
                if (const std::uint32_t root = m_values[operand].memory; is_due(root) && due.insert(root).second)
                {
                    ahead.push_back(root);
                }
            }
        }
        for (const std::uint32_t each : due)
        {
            if (is_due(each))
            {
                add(each);
            }
        }
    }

    /// Its slope with it, or its value before it: these have the same operand.
    void add(std::uint32_t v)
    {
        m_is_added[v] = 1;
        const auto value = m_value_of_slope.find(v);
        if (value != m_value_of_slope.end() && is_due(value->second))
        {
            m_is_added[value->second] = 1;
            m_adds_to->push_back(value->second);
        }
        m_adds_to->push_back(v);
        const auto slope = m_order.slopes.find(v);
        if (slope != m_order.slopes.end() && is_due(slope->second))
        {
            m_is_added[slope->second] = 1;
            m_adds_to->push_back(slope->second);
        }
    }

    void find_slopes()
    {
        std::map<std::pair<const operation<T>*, std::uint32_t>, std::uint32_t> wanted;
        for (std::uint32_t v = 0; v < m_values.values().size(); ++v)
        {
            const scheduled_value<T>& y = m_values[v];
            if (y.origin == value_origin::computed && slope_of(y.op) != nullptr)
            {
                wanted.emplace(std::pair(slope_of(y.op), m_values.operands(y)[0]), v);
            }
        }
        for (std::uint32_t v = 0; v < m_values.values().size() && !wanted.empty(); ++v)
        {
            const scheduled_value<T>& y = m_values[v];
            const auto found = y.origin == value_origin::computed && y.operand_count == 1
                                   ? wanted.find({y.op, m_values.operands(y)[0]})
                                   : wanted.end();
            if (found != wanted.end() && m_values[found->second].shape() == y.shape())
            {
                m_order.slopes.emplace(found->second, v);
                m_value_of_slope.emplace(v, found->second);
            }
        }
    }

    // ------------------------------------------------------------------------------------------------ early steps

    struct early_step
    {
        std::uint32_t behind; ///< the last value that it waits for
        std::uint32_t value;
    };

    /// What writes in the place of an input: behind the last value that it is made of, that reads the input, or that
    /// may refuse. In the order in which they can go.
    std::vector<early_step> early_steps() const
    {
        const std::vector<std::uint32_t> updates = updates_of_inputs();
        std::vector<early_step> result;
        if (std::all_of(updates.begin(), updates.end(), [](std::uint32_t v) { return v == none; }))
        {
            return result;
        }
        const std::vector<std::uint32_t> reads = last_reads_beside(updates);
        for (std::uint32_t input = 0; input < updates.size(); ++input)
        {
            if (updates[input] != none)
            {
                early_step each{reads[input], updates[input]};
                for (const std::uint32_t operand : m_values.operands(m_values[each.value]))
                {
                    const std::uint32_t root = m_values[operand].memory;
                    each.behind = m_values[root].is_step() ? std::max(each.behind, root) : each.behind;
                }
                result.push_back(each);
            }
        }
        std::sort(result.begin(), result.end(),
                  [](const early_step& x, const early_step& y)
                  { return std::pair(x.behind, x.value) < std::pair(y.behind, y.value); });
        return result;
    }

    /// Of each input the value that replaces it and can be computed in its place, or none.
    std::vector<std::uint32_t> updates_of_inputs() const
    {
        std::vector<std::uint32_t> result(m_values.input_count(), none);
        for (std::uint32_t k = 0; k < m_replaces.size(); ++k)
        {
            const std::uint32_t root = m_values[m_values.outputs()[k]].memory;
            const scheduled_value<T>& y = m_values[root];
            if (m_replaces[k] != none && y.origin == value_origin::computed && y.op->in_place &&
                m_values.operands(y)[0] == m_replaces[k])
            {
                result[m_replaces[k]] = root;
            }
        }
        return result;
    }

    /// Of each input the last value that reads it, or that may refuse, its update aside. Of one that waits nobody knows
    /// when it reads.
    std::vector<std::uint32_t> last_reads_beside(const std::vector<std::uint32_t>& updates) const
    {
        std::vector<std::uint32_t> result(updates.size(), 0);
        std::uint32_t last_refusal = 0;
        for (std::uint32_t v = 0; v < m_values.values().size(); ++v)
        {
            const scheduled_value<T>& y = m_values[v];
            last_refusal = may_refuse(y) ? v : last_refusal;
            const std::uint32_t place = may_wait(v) ? none : v;
            for (const std::uint32_t operand : m_values.operands(y))
            {
                const std::uint32_t root = m_values[operand].memory;
                if (y.is_step() && root < updates.size() && updates[root] != v)
                {
                    result[root] = std::max(result[root], place);
                }
            }
        }
        for (std::uint32_t& each : result)
        {
            each = std::max(each, last_refusal);
        }
        return result;
    }

    const schedule<T>& m_values;
    const std::vector<char>& m_constant;
    const std::vector<std::uint32_t>& m_replaces;
    std::vector<char> m_is_added;
    order_of_steps m_order;
    std::map<std::uint32_t, std::uint32_t> m_value_of_slope;
    std::vector<std::uint32_t> m_waiting;
    std::map<std::uint32_t, std::uint32_t> m_replaced_by;                  ///< of what replaces an input: that
    std::map<std::uint32_t, std::vector<std::uint32_t>> m_waiting_readers; ///< of inputs that are replaced
    std::vector<std::uint32_t>* m_adds_to = nullptr;
};

} // namespace

template <class T>
order_of_steps order_steps(const schedule<T>& values, const std::vector<char>& constant,
                           const std::vector<std::uint32_t>& replaces)
{
    return orderer<T>(values, constant, replaces).order();
}

template order_of_steps order_steps(const schedule<float>&, const std::vector<char>&,
                                    const std::vector<std::uint32_t>&);
template order_of_steps order_steps(const schedule<double>&, const std::vector<char>&,
                                    const std::vector<std::uint32_t>&);

} // namespace detail

} // namespace autograd
