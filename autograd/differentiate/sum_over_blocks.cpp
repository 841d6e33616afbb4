#include "autograd/differentiate/sum_over_blocks.hpp"

#include "autograd/tape/leaves.hpp"

#include <algorithm>
#include <functional>

namespace autograd::detail
{

namespace
{

/// Whether any of them is an input that gradients may be asked for, or made of one.
template <class T>
bool depend_on_variables(std::span<const variable<T>> xs)
{
    const tape<T>& tape = xs.front().tape();
    std::vector<char> reached(tape.size(), 0);
    for (const variable<T>& x : xs)
    {
        reached[x.index()] = 1;
    }
    for (auto i = static_cast<std::uint32_t>(reached.size()); i-- > 0;)
    {
        if (reached[i] && tape[i].op == &leaves<T>::variable)
        {
            return true;
        }
        if (reached[i])
        {
            for (const std::uint32_t operand : tape.operands(tape[i]))
            {
                reached[operand] = 1;
            }
        }
    }
    return false;
}

} // namespace

template <class T>
void sum_in_pairs<T>::add(std::span<const std::span<const T>> parts)
{
    if (!m_sums.empty() && m_sums.back().lists == 1)
    {
        auto to = m_sums.back().numbers.begin();
        for (const auto& part : parts)
        {
            to = std::transform(part.begin(), part.end(), to, to, std::plus());
        }
        m_sums.back().lists = 2;
    }
    else
    {
        m_sums.push_back({{}, 1});
        for (const auto& part : parts)
        {
            m_sums.back().numbers.insert(m_sums.back().numbers.end(), part.begin(), part.end());
        }
    }
    while (m_sums.size() > 1 && m_sums.back().lists == m_sums.end()[-2].lists)
    {
        join_last_two();
    }
}

template <class T>
std::span<const T> sum_in_pairs<T>::result()
{
    while (m_sums.size() > 1)
    {
        join_last_two();
    }
    return m_sums.front().numbers;
}

template <class T>
void sum_in_pairs<T>::join_last_two()
{
    const partial_sum last = std::move(m_sums.back());
    m_sums.pop_back();
    auto& numbers = m_sums.back().numbers;
    std::transform(numbers.begin(), numbers.end(), last.numbers.begin(), numbers.begin(), std::plus());
    m_sums.back().lists += last.lists;
}

template <class T>
summation<T>::summation(const char* caller, reduction what, const std::vector<variable<T>>& parameters,
                        unconnected policy, location where)
    : m_caller(caller),
      m_reduction(what),
      m_parameters(parameters),
      m_policy(policy),
      m_where(where),
      m_tape(parameters.empty() ? recording::values : parameters.front().tape(caller, where).keeps())
{
    if (parameters.empty())
    {
        throw error::value_error(where, caller, "there are 0 parameters; there must be 1 or more.");
    }
    for (const variable<T>& each : parameters)
    {
        each.checked(caller, where);
        if (each.tape_pointer() != parameters.front().tape_pointer())
        {
            autograd::tape<T>::throw_different_tapes(caller);
        }
    }
    m_wants_slopes = depend_on_variables<T>(m_parameters);
}

template <class T>
variable<T> summation<T>::next_copy()
{
    const variable<T> x = m_parameters[m_copies.size()];
    // How the sum depends on it, the slopes say.
    const typename autograd::tape<T>::unwatched unwatched(x.tape());
    const variable<T> copy = m_tape.variable(borrowed<T>(values_of(x), x.shape()), m_where);
    m_copies.push_back(copy.name(x.name()));
    return copy;
}

template <class T>
indices<T> summation<T>::constant(indices<T> x)
{
    if (x.tape(m_caller, m_where).keeps() == recording::shapes)
    {
        return m_tape.index(array<std::int64_t>::from_shape(variable<T>::extents_of(x.shape())), m_where);
    }
    return m_tape.index(x.value(m_where), m_where);
}

/// Null on tapes of shapes.
template <class T>
const T* summation<T>::values_of(variable<T> x) const
{
    return m_tape.keeps() == recording::values ? x.data(m_where) : nullptr;
}

/// By what the value of a block is multiplied, so that a mean over its rows counts as one over all of them.
template <class T>
T summation<T>::weight_of(std::optional<std::size_t> rows)
{
    if (m_reduction == reduction::sum)
    {
        return 1;
    }
    if (!rows)
    {
        throw error::value_error(m_where, m_caller, "block ", m_blocks,
                                 " holds no array; a mean over blocks needs to know their rows.");
    }
    m_rows_of_first = m_blocks == 0 ? *rows : m_rows_of_first;
    m_rows += *rows;
    return static_cast<T>(*rows) / static_cast<T>(m_rows_of_first);
}

namespace
{
/// gradient, whose refusals are told in the name of the caller.
template <class T>
std::vector<variable<T>> gradient_for(const char* caller, variable<T> value, std::span<const variable<T>> copies,
                                      unconnected policy, location where)
{
    try
    {
        return detail::gradient<T>(value, copies, policy, where);
    }
    catch (error::exception& e)
    {
        e.told_by(caller);
        throw;
    }
}
} // namespace

template <class T>
void summation<T>::add(variable<T> y, std::optional<std::size_t> rows)
{
    if (rows == 0)
    {
        throw error::value_error(m_where, m_caller, "block ", m_blocks, " has 0 rows; it must have 1 or more.");
    }
    if (y.checked(m_caller, m_where); y.tape_pointer() != &m_tape)
    {
        throw error::tape_error(m_where, m_caller, "what f gave for block ", m_blocks,
                                " lives on another tape; f computes with the parameters that it is given.");
    }
    if (y.size() != 1)
    {
        throw error::shape_error(m_where, m_caller, "what f gave for block ", m_blocks, " has shape ", y.shape(),
                                 ", but a sum over blocks needs a scalar. Use sum(y).");
    }
    const typename autograd::tape<T>::as_if_at at(m_tape, m_where);
    const T weight = weight_of(rows);
    const variable<T> value = weight == T(1) ? y : y * weight;
    const std::vector<variable<T>> slopes =
        m_wants_slopes ? gradient_for<T>(m_caller, value, m_copies, m_policy, m_where) : std::vector<variable<T>>();
    ++m_blocks;
    if (m_tape.keeps() == recording::values)
    {
        std::vector<std::span<const T>> parts{{value.data(), 1}};
        for (const variable<T>& slope : slopes)
        {
            parts.emplace_back(slope.data(), slope.size());
        }
        m_sum.add(parts);
    }
}

/// Parameters, slopes and the value, on the user's tape.
template <class T>
std::vector<handle<T>> summation<T>::recorded_parts()
{
    autograd::tape<T>& tape = m_parameters.front().tape();
    const bool has_values = m_tape.keeps() == recording::values;
    const std::span<const T> numbers = has_values ? m_sum.result() : std::span<const T>();
    const auto constant = [&](std::size_t first, shape_view shape)
    {
        const std::size_t count = element_count(shape, m_caller);
        return has_values
                   ? tape.constant(adapted(numbers.data() + first, count, variable<T>::extents_of(shape)), m_where)
                   : tape.constant(borrowed<T>(nullptr, shape), m_where);
    };
    std::vector<handle<T>> parts(m_parameters.begin(), m_parameters.end());
    std::size_t next = 1;
    for (std::size_t k = 0; m_wants_slopes && k < m_parameters.size(); ++k)
    {
        parts.push_back(constant(next, m_parameters[k].shape()));
        next += m_parameters[k].size();
    }
    parts.push_back(constant(0, {}));
    return parts;
}

template <class T>
variable<T> summation<T>::record()
{
    if (m_blocks == 0)
    {
        throw error::value_error(m_where, m_caller, "there are 0 blocks; there must be 1 or more.");
    }
    autograd::tape<T>& tape = m_parameters.front().tape();
    return tape.together(m_caller, m_where,
                         [&]
                         {
                             const typename autograd::tape<T>::as_if_at at(tape, m_where);
                             const auto total = autograd::record<sum_over_blocks_rule, T>(
                                 m_where, std::span<const handle<T>>(recorded_parts()), {m_parameters.size(), m_where});
                             return m_rows == m_rows_of_first
                                        ? total
                                        : total / (static_cast<T>(m_rows) / static_cast<T>(m_rows_of_first));
                         });
}

template class summation<float>;
template class summation<double>;

} // namespace autograd::detail
