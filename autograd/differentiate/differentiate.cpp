#include "autograd/differentiate/differentiate.hpp"

#include "autograd/differentiate/explain_unconnected.hpp"
#include "autograd/operations/arithmetic.hpp"
#include "autograd/tape/small_buffer.hpp"

#include <algorithm>

namespace autograd
{

namespace
{

/// The instructions [first, last] and the given inputs, each with a slot of something. Inputs before `first` are known
/// by name only: nothing is walked, and nothing allocated, for what lies before.
template <class T>
class window
{
public:
    window(std::span<const variable<T>> xs, std::uint32_t first, std::uint32_t last) : m_xs(xs), m_first(first)
    {
        m_slots = xs.size() + (last >= first ? last - first + 1 : 0);
    }

    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    std::size_t size() const { return m_slots; }
    std::size_t slot(std::uint32_t index) const
    {
        if (index >= m_first)
        {
            const std::size_t slot = m_xs.size() + (index - m_first);
            return slot < m_slots ? slot : none;
        }
        for (std::size_t k = 0; k < m_xs.size(); ++k)
        {
            if (m_xs[k].index() == index)
            {
                return k;
            }
        }
        return none;
    }

private:
    std::span<const variable<T>> m_xs;
    std::uint32_t m_first;
    std::size_t m_slots;
};

/// The first instruction that can matter: the first of xs, unless what comes before `how.first` is given.
template <class T>
std::uint32_t first_instruction(std::span<const variable<T>> xs, const differentiation& how)
{
    std::uint32_t first = std::numeric_limits<std::uint32_t>::max();
    for (const variable<T>& x : xs)
    {
        first = std::min(first, x.index());
    }
    return std::max(first, how.first);
}

/// Checks that y and all xs live on one tape; returns it.
template <class T>
tape<T>& common_tape(variable<T> y, std::span<const variable<T>> xs, const differentiation& how)
{
    y.checked(how.caller);
    for (const variable<T>& x : xs)
    {
        x.checked(how.caller);
        if (x.tape_pointer() != y.tape_pointer())
        {
            throw error::tape_error(how.caller, "an input and the output live on different tapes.");
        }
    }
    return y.tape();
}

/// Marks what depends on xs through declared derivatives.
template <class T>
std::vector<char> reached_from(const tape<T>& tape, const window<T>& slots, std::span<const variable<T>> xs,
                               std::uint32_t first, std::uint32_t last)
{
    std::vector<char> reached(slots.size(), 0);
    for (const variable<T>& x : xs)
    {
        const std::size_t slot = slots.slot(x.index());
        if (slot != window<T>::none)
        {
            reached[slot] = 1;
        }
    }
    for (std::uint32_t i = first; i <= last && i >= first; ++i)
    {
        const instruction<T>& y = tape[i];
        const auto operands = tape.operands(y);
        for (std::size_t k = 0; k < operands.size(); ++k)
        {
            const std::size_t slot = slots.slot(operands[k]);
            if (slot != window<T>::none && reached[slot] && y.op->is_differentiable(k))
            {
                reached[slots.slot(i)] = 1;
                break;
            }
        }
    }
    return reached;
}

template <class T>
void accumulate(variable<T>& slot, variable<T> part)
{
    slot = slot.empty() ? part : slot + part;
}

/// Pulls the cotangent of instruction i to those of its operands that depend on the inputs.
template <class T>
void pull_instruction(tape<T>& tape, std::uint32_t i, const window<T>& slots, const std::vector<char>& reached,
                      std::vector<variable<T>>& cotangents)
{
    const std::size_t count = tape[i].operand_count;
    small_buffer<bool, 8> wanted(count);
    small_buffer<variable<T>, 8> given(count);
    bool any = false;
    for (std::size_t k = 0; k < count; ++k)
    {
        const std::size_t slot = slots.slot(tape.operands(tape[i])[k]);
        wanted[k] = slot != window<T>::none && reached[slot] && tape[i].op->is_differentiable(k);
        any = any || wanted[k];
    }
    if (!any)
    {
        return;
    }
    const typename autograd::tape<T>::as_if_at here(tape, tape[i].where());
    pullback<T> rule(tape, i, cotangents[slots.slot(i)], {wanted.begin(), count}, {given.begin(), count});
    tape[i].op->vjp(rule);
    for (std::size_t k = 0; k < count; ++k)
    {
        if (wanted[k] && !given[k].empty())
        {
            accumulate(cotangents[slots.slot(tape.operands(tape[i])[k])], given[k]);
        }
    }
}

/// Replaces what no path reached: zeros where the derivative is zero or the policy says so, else an error.
template <class T>
void fill_unreached(tape<T>& tape, variable<T> y, std::span<const variable<T>> xs, const differentiation& how,
                    std::vector<variable<T>>& results)
{
    for (std::size_t k = 0; k < xs.size(); ++k)
    {
        if (results[k].empty())
        {
            if (how.policy == unconnected::error && !depends_on(y, xs[k], edges::differentiable))
            {
                throw_unconnected(y, xs[k], k, how.caller);
            }
            results[k] = tape.full(xs[k].shape(), T(0));
        }
    }
}

} // namespace

template <class T>
std::vector<variable<T>> pull(variable<T> y, variable<T> y_bar, std::span<const variable<T>> xs,
                              const differentiation& how)
{
    tape<T>& tape = common_tape(y, xs, how);
    y_bar.checked(how.caller);
    if (!(y_bar.shape() == y.shape()))
    {
        throw error::shape_error(how.caller, "y has shape ", y.shape(), " and its cotangent y_bar ", y_bar.shape(),
                                 "; they must be equal.");
    }
    const std::uint32_t first = first_instruction(xs, how);
    const std::uint32_t last = y.index();
    const window<T> slots(xs, first, last);
    const std::vector<char> reached = reached_from(tape, slots, xs, first, last);
    std::vector<variable<T>> cotangents(slots.size());
    if (const std::size_t slot = slots.slot(last); slot != window<T>::none)
    {
        cotangents[slot] = y_bar;
    }
    for (std::uint32_t i = last + 1; i-- > first;)
    {
        const std::size_t slot = slots.slot(i);
        if (reached[slot] && !cotangents[slot].empty())
        {
            pull_instruction(tape, i, slots, reached, cotangents);
        }
    }
    std::vector<variable<T>> results(xs.size());
    for (std::size_t k = 0; k < xs.size(); ++k)
    {
        const std::size_t slot = slots.slot(xs[k].index());
        results[k] = slot == window<T>::none ? variable<T>() : cotangents[slot];
    }
    fill_unreached(tape, y, xs, how, results);
    return results;
}

template <class T>
variable<T> push(variable<T> y, std::span<const variable<T>> xs, std::span<const variable<T>> x_dots,
                 const differentiation& how)
{
    tape<T>& tape = common_tape(y, xs, how);
    const std::uint32_t first = first_instruction(xs, how);
    const std::uint32_t last = y.index();
    const window<T> slots(xs, first, last);
    const std::vector<char> reached = reached_from(tape, slots, xs, first, last);
    const std::vector<char> needed = needed_for(tape, first, last);
    std::vector<variable<T>> tangents(slots.size());
    for (std::size_t k = 0; k < xs.size(); ++k)
    {
        const std::size_t slot = slots.slot(xs[k].index());
        if (slot != window<T>::none && !x_dots[k].empty())
        {
            accumulate(tangents[slot], x_dots[k]);
        }
    }
    for (std::uint32_t i = first; i <= last && i >= first; ++i)
    {
        if (!reached[slots.slot(i)] || !needed[i - first])
        {
            continue;
        }
        const std::size_t count = tape[i].operand_count;
        small_buffer<variable<T>, 8> operand_tangents(count);
        bool any = false;
        for (std::size_t k = 0; k < count; ++k)
        {
            const std::size_t slot = slots.slot(tape.operands(tape[i])[k]);
            const bool flows = slot != window<T>::none && tape[i].op->is_differentiable(k);
            operand_tangents[k] = flows ? tangents[slot] : variable<T>();
            any = any || !operand_tangents[k].empty();
        }
        if (any)
        {
            const typename autograd::tape<T>::as_if_at here(tape, tape[i].where());
            const pushforward<T> rule(tape, i, {operand_tangents.begin(), count});
            const variable<T> part = tape[i].op->jvp(rule);
            if (!part.empty())
            {
                accumulate(tangents[slots.slot(i)], part);
            }
        }
    }
    const std::size_t slot = slots.slot(last);
    return slot == window<T>::none ? variable<T>() : tangents[slot];
}

namespace
{

/// The operands of an instruction that a derivative is wanted of, each once: the derivative by a variable that is used
/// twice is the sum over its uses, and belongs to the first.
template <class T, class Wanted>
std::vector<std::size_t> distinct_operands(const recorded<T>& y, Wanted wanted)
{
    std::vector<std::size_t> distinct;
    for (std::size_t k = 0; k < y.operand_count(); ++k)
    {
        const bool known = std::any_of(distinct.begin(), distinct.end(),
                                       [&](std::size_t j) { return y.operand_index(j) == y.operand_index(k); });
        if (wanted(k) && !known)
        {
            distinct.push_back(k);
        }
    }
    return distinct;
}

} // namespace

template <class T>
void vjp_by_expansion(pullback<T>& y)
{
    const auto first = static_cast<std::uint32_t>(y.tape().size());
    const variable<T> expansion = y.get().op->expand(y);
    const std::vector<std::size_t> operands = distinct_operands(y, [&](std::size_t k) { return y.wanted(k); });
    std::vector<variable<T>> xs;
    for (std::size_t k : operands)
    {
        xs.push_back(y.operand(k));
    }
    const auto cotangents = pull<T>(expansion, y.cotangent(), xs, {"vjp", unconnected::zero, first});
    for (std::size_t j = 0; j < operands.size(); ++j)
    {
        y.give(operands[j], cotangents[j]);
    }
}

template <class T>
variable<T> jvp_by_expansion(const pushforward<T>& y)
{
    const auto first = static_cast<std::uint32_t>(y.tape().size());
    const variable<T> expansion = y.get().op->expand(y);
    const std::vector<std::size_t> operands = distinct_operands(y, [&](std::size_t k) { return y.has_tangent(k); });
    std::vector<variable<T>> xs;
    std::vector<variable<T>> x_dots;
    for (std::size_t k : operands)
    {
        xs.push_back(y.operand(k));
        x_dots.push_back(y.tangent(k));
    }
    return push<T>(expansion, xs, x_dots, {"jvp", unconnected::zero, first});
}

template <class T>
variable<T> jvp_by_transposition(const pushforward<T>& y)
{
    tape<T>& tape = y.tape();
    const variable<T> u = tape.full(y.shape(), T(0));
    const std::size_t count = y.operand_count();
    small_buffer<bool, 8> wanted(count);
    small_buffer<variable<T>, 8> given(count);
    for (std::size_t k = 0; k < count; ++k)
    {
        wanted[k] = y.has_tangent(k);
    }
    pullback<T> rule(tape, y.output().index(), u, {wanted.begin(), count}, {given.begin(), count});
    y.get().op->vjp(rule);
    variable<T> sum;
    for (std::size_t k = 0; k < count; ++k)
    {
        if (!given[k].empty())
        {
            accumulate(sum, pull<T>(given[k], y.tangent(k), {&u, 1}, {"jvp", unconnected::zero})[0]);
        }
    }
    return sum;
}

#define AUTOGRAD_INSTANTIATE(T)                                                                                        \
    template std::vector<variable<T>> pull(variable<T>, variable<T>, std::span<const variable<T>>,                     \
                                           const differentiation&);                                                    \
    template variable<T> push(variable<T>, std::span<const variable<T>>, std::span<const variable<T>>,                 \
                              const differentiation&);                                                                 \
    template void vjp_by_expansion(pullback<T>&);                                                                      \
    template variable<T> jvp_by_expansion(const pushforward<T>&);                                                      \
    template variable<T> jvp_by_transposition(const pushforward<T>&);
AUTOGRAD_INSTANTIATE(float)
AUTOGRAD_INSTANTIATE(double)
#undef AUTOGRAD_INSTANTIATE

} // namespace autograd
