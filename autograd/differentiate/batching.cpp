#include "autograd/differentiate/batching.hpp"

#include "autograd/operations/batched.hpp"
#include "autograd/operations/joining.hpp"
#include "autograd/operations/shaping.hpp"
#include "autograd/tape/small_buffer.hpp"

#include <algorithm>
#include <utility>

namespace autograd::detail
{

namespace
{

/// x stacked, with zeros of the shape of one that is not empty in place of those that are; empty where all are.
template <class T>
variable<T> stack_or_zero(std::vector<variable<T>> list)
{
    const auto some = std::find_if(list.begin(), list.end(), [](const variable<T>& x) { return !x.empty(); });
    if (some == list.end())
    {
        return {};
    }
    const variable<T> zero = some->tape().full(some->shape(), T(0));
    std::replace_if(
        list.begin(), list.end(), [](const variable<T>& x) { return x.empty(); }, zero);
    return list.size() == 1 ? expand_dims(list.front(), 0) : stack(list, 0);
}

/// The directions' own shape: that of a batch without its axis of directions.
template <class T>
shape_vector shape_of_one(variable<T> batch)
{
    return batch.shape().slice(1, batch.dimension());
}

} // namespace

template <class T>
std::vector<variable<T>> linear_program<T>::along(std::span<const variable<T>> batches)
{
    if (batches.front().shape()[0] == 1)
    {
        return one_by_one(batches);
    }
    if (!m_has_outline)
    {
        m_has_outline = draw_outline(batches);
    }
    return *m_has_outline ? all_at_once(batches) : one_by_one(batches);
}

/// Leaves nothing on the tape where there is none.
template <class T>
bool linear_program<T>::draw_outline(std::span<const variable<T>> batches)
{
    tape<T>& tape = batches.front().tape();
    const typename autograd::tape<T>::position start = tape.mark();
    m_first = static_cast<std::uint32_t>(tape.size());
    const bool is_recorded = record_outline(batches);
    m_end = static_cast<std::uint32_t>(tape.size());
    const bool is_drawn = is_recorded && select_lines(tape, batches.size());
    if (!is_drawn)
    {
        tape.rewind(start);
    }
    return is_drawn;
}

/// Records the walk for placeholders. False where it reads them, or what is made of them.
template <class T>
bool linear_program<T>::record_outline(std::span<const variable<T>> batches)
{
    std::vector<variable<T>> placeholders;
    for (const variable<T>& batch : batches)
    {
        placeholders.push_back(batch.tape().placeholder(shape_of_one(batch)));
    }
    const tape<T>& tape = batches.front().tape();
    const std::uint32_t reads = tape.placeholder_reads();
    try
    {
        m_results = m_walk(placeholders);
        return tape.placeholder_reads() == reads;
    }
    catch (const placeholder_read&)
    {
        return false;
    }
}

/// Finds the lines that depend on the direction and are needed for a result. False where one of them has no place for
/// the axis of directions.
template <class T>
bool linear_program<T>::select_lines(const tape<T>& tape, std::size_t placeholders)
{
    std::vector<char> varies(m_end - m_first, 0);
    std::fill_n(varies.begin(), placeholders, 1);
    for (std::uint32_t i = m_first; i < m_end; ++i)
    {
        const auto operands = tape.operands(tape[i]);
        varies[i - m_first] |= static_cast<char>(
            std::any_of(operands.begin(), operands.end(), [&](auto k) { return k >= m_first && varies[k - m_first]; }));
    }
    std::vector<char> needed(m_end - m_first, 0);
    for (const variable<T>& result : m_results)
    {
        if (!result.empty() && result.index() >= m_first)
        {
            needed[result.index() - m_first] = 1;
        }
    }
    for (std::uint32_t i = m_end; i-- > m_first + placeholders;)
    {
        if (!needed[i - m_first] || !varies[i - m_first])
        {
            continue;
        }
        if (tape[i].op->element != element_kind::real || tape[i].dimension() == max_dimension)
        {
            return false;
        }
        m_lines.push_back(i);
        for (const std::uint32_t operand : tape.operands(tape[i]))
        {
            if (operand >= m_first)
            {
                needed[operand - m_first] = 1;
            }
        }
    }
    std::reverse(m_lines.begin(), m_lines.end());
    return true;
}

template <class T>
std::vector<variable<T>> linear_program<T>::all_at_once(std::span<const variable<T>> batches) const
{
    tape<T>& tape = batches.front().tape();
    const std::size_t directions = batches.front().shape()[0];
    std::vector<variable<T>> carried(m_end - m_first); // each array of the outline along all directions
    std::copy(batches.begin(), batches.end(), carried.begin());
    for (const std::uint32_t line : m_lines)
    {
        const std::size_t count = tape[line].operand_count;
        small_buffer<variable<T>, 8> given(count);
        for (std::size_t k = 0; k < count; ++k)
        {
            const std::uint32_t operand = tape.operands(tape[line])[k];
            given[k] = operand >= m_first ? carried[operand - m_first] : variable<T>();
        }
        const typename autograd::tape<T>::in_place_of here(tape, line);
        const batched_call<T> call(tape, line, directions, {given.begin(), count});
        const auto form = tape[line].op->batched;
        carried[line - m_first] = form != nullptr ? form(call) : detail::one_after_the_other(call);
    }
    std::vector<variable<T>> results = m_results;
    for (variable<T>& result : results)
    {
        if (result.empty())
        {
            continue;
        }
        const variable<T> along = result.index() >= m_first ? carried[result.index() - m_first] : variable<T>();
        result = along.empty() ? broadcast(result, behind_axis(directions, result.shape())) : along;
    }
    return results;
}

/// What the walk gives for directions of zeros: what it refuses, it refuses where there are none, too.
template <class T>
std::vector<variable<T>> linear_program<T>::along_zero(std::span<const variable<T>> batches) const
{
    std::vector<variable<T>> zeros;
    for (const variable<T>& batch : batches)
    {
        zeros.push_back(batch.tape().full(shape_of_one(batch), T(0)));
    }
    return m_walk(zeros);
}

template <class T>
std::vector<variable<T>> linear_program<T>::one_by_one(std::span<const variable<T>> batches) const
{
    const std::size_t directions = batches.front().shape()[0];
    if (directions == 0)
    {
        return std::vector<variable<T>>(along_zero(batches).size());
    }
    std::vector<std::vector<variable<T>>> results; // of each result along each direction
    for (std::size_t direction = 0; direction < directions; ++direction)
    {
        std::vector<variable<T>> one;
        for (const variable<T>& batch : batches)
        {
            one.push_back(at_direction(batch, direction));
        }
        const std::vector<variable<T>> given = m_walk(one);
        results.resize(given.size());
        for (std::size_t k = 0; k < given.size(); ++k)
        {
            results[k].push_back(given[k]);
        }
    }
    std::vector<variable<T>> stacked;
    for (std::vector<variable<T>>& each : results)
    {
        stacked.push_back(stack_or_zero(std::move(each)));
    }
    return stacked;
}

template class linear_program<float>;
template class linear_program<double>;

} // namespace autograd::detail
