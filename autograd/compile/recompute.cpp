#include "autograd/compile/recompute.hpp"

#include "autograd/compile/rebuilding.hpp"
#include "autograd/compile/tile_loop.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace autograd
{

namespace detail
{

namespace
{

/// So many times larger is an array than those it is made of.
constexpr std::size_t least_growth = 8;
/// Steps for each array that is not stored: to write and to read one takes as long as some ten of them.
constexpr std::size_t most_steps_for_each = 16;
/// That a loop computes again.
constexpr std::size_t most_values = 48;

/// The values that a loop computes again, and for how many arrays it does.
struct chain
{
    std::set<std::uint32_t> values;
    std::size_t wanted = 0;
};

/// Finds what is to be computed again.
template <class T>
class recomputer
{
public:
    recomputer(const schedule<T>& values, const order_of_steps& order, std::size_t least_bytes)
        : m_values(values), m_least_bytes(least_bytes)
    {
        find_loops(order.others);
        find_readers();
        while (find_stored() || find_chains())
        {
        }
    }

    /// Of each loop that computes something again.
    const std::map<std::uint32_t, chain>& chains() const { return m_chains; }
    std::uint32_t loop_of(std::uint32_t v) const { return m_loop_of[v]; }
    /// The values that the steps of each loop make.
    const std::vector<std::vector<std::uint32_t>>& loops() const { return m_loops; }
    /// Those of a chain that steps make, in the order of these.
    std::vector<std::uint32_t> steps_of(const std::set<std::uint32_t>& values) const
    {
        std::vector<std::uint32_t> result;
        std::copy_if(values.begin(), values.end(), std::back_inserter(result),
                     [&](std::uint32_t v) { return m_place[v] != none; });
        std::sort(result.begin(), result.end(), [&](auto x, auto y) { return m_place[x] < m_place[y]; });
        return result;
    }
    /// Of the arrays that are not stored.
    std::size_t bytes() const
    {
        std::size_t result = 0;
        for (const auto& [root, loops] : m_readers)
        {
            result += m_is_stored[root] ? 0 : m_values[root].size * sizeof(T);
        }
        return result;
    }

private:
    void find_loops(std::span<const std::uint32_t> left)
    {
        m_place.assign(m_values.values().size(), none);
        for (std::uint32_t k = 0; k < left.size(); ++k)
        {
            m_place[left[k]] = k;
        }
        m_loop_of.assign(m_values.values().size(), none);
        m_stays_in_loop.assign(m_values.values().size(), 0);
        open_loop<T> loop(m_values);
        while (!left.empty())
        {
            const std::size_t taken = loop.take_first(left);
            const auto those = left.first(std::max<std::size_t>(taken, 1));
            for (std::size_t k = 0; k < those.size(); ++k)
            {
                m_loop_of[those[k]] = static_cast<std::uint32_t>(m_loops.size());
                m_stays_in_loop[those[k]] = taken > 0 && loop[k].stays_in_loop();
            }
            m_loops.emplace_back(those.begin(), those.end());
            left = left.subspan(those.size());
        }
    }

    bool is_large(std::uint32_t root) const { return m_values[root].size * sizeof(T) >= m_least_bytes; }

    /// Which loops read a large array that another one makes.
    void find_readers()
    {
        for (std::uint32_t g = 0; g < m_loops.size(); ++g)
        {
            for (const std::uint32_t v : m_loops[g])
            {
                for (const std::uint32_t operand : m_values.operands(m_values[v]))
                {
                    const std::uint32_t root = m_values[operand].memory;
                    if (m_loop_of[root] < g && m_stays_in_loop[root] && is_large(root))
                    {
                        m_readers[root].insert(g);
                        m_chains[g];
                    }
                }
            }
        }
    }

    /// Stored is what is an output, what a loop reads that computes nothing again, and what cannot be computed again
    /// without arrays as large that are not stored. Whether that is more than before.
    bool find_stored()
    {
        const auto before = m_is_stored;
        m_is_stored.assign(m_values.values().size(), 0);
        for (const std::uint32_t output : m_values.outputs())
        {
            m_is_stored[m_values[output].memory] = 1;
        }
        for (const auto& [root, loops] : m_readers) // in their order, since later ones may read those that are stored
        {
            std::set<std::uint32_t> by;
            const bool are_willing =
                std::all_of(loops.begin(), loops.end(), [&](std::uint32_t g) { return m_chains.contains(g); });
            m_is_stored[root] = m_is_stored[root] || !are_willing || !add_to(by, root, m_values[root].size);
        }
        return m_is_stored != before;
    }

    /// Adds what has to be computed again for a value of a loop of so many elements. Whether it can be.
    bool add_to(std::set<std::uint32_t>& those, std::uint32_t v, std::size_t elements) const
    {
        const std::uint32_t root = m_values[v].memory;
        if (those.contains(v) || is_there(root, elements))
        {
            return true;
        }
        const bool is_step_of_loop = m_loop_of[root] != none && m_stays_in_loop[root];
        if (!is_step_of_loop || may_refuse(m_values[v]) || those.size() == most_values)
        {
            return false;
        }
        those.insert(v);
        const auto operands = m_values.operands(m_values[v]);
        return std::all_of(operands.begin(), operands.end(), [&](auto k) { return add_to(those, k, elements); });
    }

    /// Whether elements can be read where they are: of something small, or stored anyway.
    bool is_there(std::uint32_t root, std::size_t elements) const
    {
        const scheduled_value<T>& x = m_values[root];
        return m_is_stored[root] || elements_in_memory(x.shape(), x.strides) * least_growth <= elements;
    }

    /// For all loops that read what is not stored. Those to which it is no gain, or which would not be one loop then,
    /// read what is stored. Whether there are such.
    bool find_chains()
    {
        for (auto& [g, of] : m_chains)
        {
            of = chain_of(g);
        }
        return std::erase_if(m_chains,
                             [&](const auto& each)
                             {
                                 const auto& [g, of] = each;
                                 return of.wanted == 0 || of.values.size() > of.wanted * most_steps_for_each ||
                                        !is_one_loop(of, m_loops[g]);
                             }) > 0;
    }

    /// Empty where it would be too long.
    chain chain_of(std::uint32_t g) const
    {
        chain result;
        std::set<std::uint32_t> wanted;
        for (const std::uint32_t v : m_loops[g])
        {
            for (const std::uint32_t operand : m_values.operands(m_values[v]))
            {
                const std::uint32_t root = m_values[operand].memory;
                const auto readers = m_readers.find(root);
                if (m_is_stored[root] || readers == m_readers.end() || !readers->second.contains(g))
                {
                    continue;
                }
                wanted.insert(root);
                if (!add_to(result.values, operand, m_values[root].size))
                {
                    return {};
                }
            }
        }
        result.wanted = wanted.size();
        return result;
    }

    bool is_one_loop(const chain& again, const std::vector<std::uint32_t>& those) const
    {
        std::vector<std::uint32_t> all = steps_of(again.values);
        all.insert(all.end(), those.begin(), those.end());
        return open_loop<T>(m_values).take_first(all) == all.size();
    }

    const schedule<T>& m_values;
    std::size_t m_least_bytes;
    std::vector<std::uint32_t> m_place;   ///< of each value in the order of steps, or none
    std::vector<std::uint32_t> m_loop_of; ///< of each value that a step makes, or none
    std::vector<char> m_stays_in_loop;
    std::vector<std::vector<std::uint32_t>> m_loops;
    std::map<std::uint32_t, std::set<std::uint32_t>> m_readers; ///< of large arrays that others than their loop read
    std::vector<char> m_is_stored;
    std::map<std::uint32_t, chain> m_chains;
};

/// Writes the schedule anew, with what is computed again in front of the first value that is made of it, and the order
/// of steps, with it in front of its loop.
template <class T>
class chain_writer
{
public:
    chain_writer(schedule<T>& steps, std::vector<char>& constant, order_of_steps& order, const recomputer<T>& found)
        : m_found(found), m_is_needed(steps.values().size(), 0)
    {
        std::fill_n(m_is_needed.begin(), steps.input_count(), 1);
        for (const std::uint32_t output : steps.outputs())
        {
            m_is_needed[output] = 1;
        }
        find_needed(steps);
        rebuilder<T> to(steps, constant);
        write(to);
        write(order, to);
    }

    /// That are done again, or only later.
    std::size_t steps_done_again() const { return m_steps; }

private:
    using numbers = std::map<std::uint32_t, std::uint32_t>;

    /// Whether who makes v reads this value as it is computed again.
    bool reads_again(std::uint32_t v, std::uint32_t operand) const
    {
        const auto found = m_found.chains().find(m_found.loop_of(v));
        return found != m_found.chains().end() && found->second.values.contains(operand);
    }

    void find_needed(const schedule<T>& steps)
    {
        for (auto v = static_cast<std::uint32_t>(steps.values().size()); v-- > 0;)
        {
            if (m_is_needed[v] || may_refuse(steps[v]))
            {
                m_is_needed[v] = 1;
                for (const std::uint32_t operand : steps.operands(steps[v]))
                {
                    need(steps, reads_again(v, operand) ? m_found.loop_of(v) : none, operand);
                }
            }
        }
    }

    /// As a loop computes it again, with what it is made of there; or as it is.
    void need(const schedule<T>& steps, std::uint32_t loop, std::uint32_t v)
    {
        if (loop == none)
        {
            m_is_needed[v] = 1;
        }
        else if (m_again[loop].emplace(v, none).second)
        {
            const auto& chain = m_found.chains().at(loop).values;
            for (const std::uint32_t operand : steps.operands(steps[v]))
            {
                need(steps, chain.contains(operand) ? loop : none, operand);
            }
        }
    }

    void write(rebuilder<T>& to)
    {
        for (std::uint32_t v = 0; v < to.old_count(); ++v)
        {
            if (m_is_needed[v])
            {
                const auto operand = [&](std::uint32_t k)
                { return reads_again(v, k) ? again(to, m_found.loop_of(v), k) : to.now(k); };
                to.now(v) = to.append_old(v, operand);
            }
        }
        to.finish();
    }

    std::uint32_t again(rebuilder<T>& to, std::uint32_t loop, std::uint32_t v)
    {
        std::uint32_t& known = m_again[loop][v];
        if (known == none)
        {
            m_steps += to.old(v).is_step();
            const auto& chain = m_found.chains().at(loop).values;
            known =
                to.append_old(v, [&](std::uint32_t k) { return chain.contains(k) ? again(to, loop, k) : to.now(k); });
        }
        return known;
    }

    void write(order_of_steps& order, const rebuilder<T>& to)
    {
        const numbers slopes = std::exchange(order.slopes, {});
        const auto add_slopes = [&](const auto& now)
        {
            for (const auto& [value, slope] : slopes)
            {
                if (now(value) != none && now(slope) != none)
                {
                    order.slopes.emplace(now(value), now(slope));
                }
            }
        };
        add_slopes([&](std::uint32_t v) { return to.now(v); });
        for (std::uint32_t& v : order.prologue)
        {
            v = to.now(v);
        }
        std::erase(order.prologue, none);
        order.others.clear();
        const auto add_all = [&](const std::vector<std::uint32_t>& those, const auto& now)
        {
            for (const std::uint32_t v : those)
            {
                if (now(v) != none)
                {
                    order.others.push_back(now(v));
                }
            }
        };
        for (std::uint32_t g = 0; g < m_found.loops().size(); ++g)
        {
            const auto chain = m_again.find(g);
            if (chain != m_again.end())
            {
                const numbers& again = chain->second;
                const auto now = [&](std::uint32_t v) { return again.contains(v) ? again.at(v) : none; };
                order.cuts.push_back(static_cast<std::uint32_t>(order.others.size()));
                add_slopes(now);
                add_all(m_found.steps_of(m_found.chains().at(g).values), now);
            }
            add_all(m_found.loops()[g], [&](std::uint32_t v) { return to.now(v); });
        }
    }

    const recomputer<T>& m_found;
    std::vector<char> m_is_needed;            ///< of each value that was
    std::map<std::uint32_t, numbers> m_again; ///< of loops: what they compute again, and as which value
    std::size_t m_steps = 0;
};

} // namespace

template <class T>
recomputation recompute(schedule<T>& steps, std::vector<char>& constant, order_of_steps& order, std::size_t least_bytes)
{
    const auto values = steps.values();
    const bool has_large =
        std::any_of(values.begin(), values.end(),
                    [&](const scheduled_value<T>& y) { return y.is_step() && y.size * sizeof(T) >= least_bytes; });
    if (!has_large)
    {
        return {};
    }
    const recomputer<T> found(steps, order, least_bytes);
    if (found.chains().empty())
    {
        return {};
    }
    const std::size_t bytes = found.bytes();
    return {chain_writer<T>(steps, constant, order, found).steps_done_again(), bytes};
}

template recomputation recompute(schedule<float>&, std::vector<char>&, order_of_steps&, std::size_t);
template recomputation recompute(schedule<double>&, std::vector<char>&, order_of_steps&, std::size_t);

} // namespace detail

} // namespace autograd
