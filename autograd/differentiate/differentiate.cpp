#include "autograd/differentiate/differentiate.hpp"

#include "autograd/differentiate/connections.hpp"
#include "autograd/differentiate/rows.hpp"
#include "autograd/differentiate/values_read.hpp"
#include "autograd/operations/arithmetic.hpp"
#include "autograd/operations/assembling.hpp"
#include "autograd/tape/small_buffer.hpp"

#include <algorithm>
#include <limits>

namespace autograd
{

namespace
{

/// What a walk can touch: the instructions [first, last], and the inputs before `first`, which are known by name only.
/// Each has a slot; nothing is walked, and nothing allocated, for what else lies before.
template <class T>
class window
{
public:
    window(std::span<const variable<T>> xs, variable<T> y, const detail::differentiation& how) : last(y.index())
    {
        first = std::numeric_limits<std::uint32_t>::max();
        for (const variable<T>& x : xs)
        {
            first = std::min(first, x.index());
        }
        first = std::max(first, how.first);
        m_instructions = last >= first ? last - first + 1 : 0;
        for (const variable<T>& x : xs)
        {
            if (x.index() < first)
            {
                m_before.push_back(x.index());
            }
        }
    }

    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    std::uint32_t first; ///< the first instruction that can matter
    std::uint32_t last;

    std::size_t size() const { return m_instructions + m_before.size(); }
    std::size_t slot(std::uint32_t index) const
    {
        if (index >= first)
        {
            return index <= last ? index - first : none;
        }
        for (std::size_t k = 0; k < m_before.size(); ++k)
        {
            if (m_before[k] == index)
            {
                return m_instructions + k;
            }
        }
        return none;
    }

private:
    std::size_t m_instructions;
    std::vector<std::uint32_t> m_before;
};

template <class T>
void accumulate(variable<T>& slot, variable<T> part)
{
    slot = slot.empty() ? part : slot + part;
}

/// Checks that a cotangent or tangent, by name, is on the tape of y and has the shape of what it belongs to.
template <class T>
void require_alike(variable<T> y, variable<T> of, const std::string& of_name, variable<T> direction,
                   const char* direction_name, const detail::differentiation& how)
{
    direction.checked(how.caller);
    if (direction.tape_pointer() != y.tape_pointer())
    {
        throw error::tape_error(how.caller, of_name, " and its ", direction_name,
                                " live on different tapes. Record both through one tape, or pass the value: "
                                "tape.constant(x.value()).");
    }
    if (!(direction.shape() == of.shape()))
    {
        throw error::shape_error(how.caller, of_name, " has shape ", of.shape(), " and its ", direction_name, " ",
                                 direction.shape(), "; they must be equal.");
    }
}

/// In place of the number of an operand.
constexpr std::size_t the_result = static_cast<std::size_t>(-1);

/// Throws: the rule of instruction y gave what does not fit, for operand k or for the result.
template <class T>
[[noreturn]] void throw_misfit(const tape<T>& tape, const instruction<T>& y, variable<T> given, shape_view expected,
                               std::size_t k)
{
    const std::string whose = k != the_result ? "input " + std::to_string(k) : "the result";
    const char* what = k != the_result ? "cotangent" : "tangent";
    if (given.tape_pointer() != &tape)
    {
        throw error::tape_error(y.where(), y.op->name, "the rule gave a ", what, " for ", whose,
                                " that lives on another tape. Pass the value: tape.constant(x.value()).");
    }
    throw error::shape_error(y.where(), y.op->name, "the rule gave a ", what, " of shape ", given.shape(), " for ",
                             whose, " of shape ", expected, "; they must be equal.");
}

/// Checks what the rule of instruction y gave: the cotangent of operand k, or the tangent of its result. One of another
/// shape (a sum over a broadcast axis was forgotten, say) must not flow on.
template <class T>
void require_fit(const tape<T>& tape, const instruction<T>& y, variable<T> given, std::size_t k = the_result)
{
    const shape_view expected = k != the_result ? tape[tape.operands(y)[k]].shape() : y.shape();
    if (given.tape_pointer() != &tape || !(given.checked(y.op->name).shape() == expected))
    {
        throw_misfit(tape, y, given, expected, k);
    }
}

/// `given`, with the variables as operands that a rule read the values of.
template <class T>
variable<T> with_readings(variable<T> given, std::span<const typename tape<T>::reading> readings, const char* operation)
{
    std::vector<handle<T>> operands;
    values_read_rule::attributes attributes{operation, {}};
    const tape<T>& tape = given.tape();
    for (const auto& each : readings)
    {
        // What the rule itself took off the tape again, by no_history say, it meant to hide.
        const bool stands =
            each.of.index() < tape.size() && tape.generation_of(each.of.index()) == each.of.generation();
        if (stands &&
            std::none_of(operands.begin(), operands.end(), [&](const handle<T>& x) { return same(x, each.of); }))
        {
            operands.push_back(each.of);
            attributes.where.push_back(each.where);
            attributes.remedy = each.remedy != nullptr ? each.remedy : attributes.remedy;
        }
    }
    if (operands.empty())
    {
        return given;
    }
    operands.push_back(given);
    return variable<T>(
        given.tape().record(description<values_read_rule, T>::instance, operands, payload(attributes), {}));
}

/// Calls the vjp rule of an instruction. What it reads as values, further derivatives shall know: that of what it gives
/// they do; of what else is made of that, by transposition, the readings returned tell it.
template <class T>
std::vector<typename tape<T>::reading> call_vjp(pullback<T>& rule, std::span<variable<T>> given)
{
    const typename tape<T>::reading_watch watch(rule.tape());
    const char* const operation = rule.get().op->name;
    rule.get().op->vjp(rule);
    if (watch.readings().empty())
    {
        return {};
    }
    for (variable<T>& each : given)
    {
        each = each.empty() || each.tape_pointer() != &rule.tape() ? each
                                                                   : with_readings(each, watch.readings(), operation);
    }
    return {watch.readings().begin(), watch.readings().end()};
}

/// Variables of one tape, or empty ones, in half the memory: the tape is said once.
template <class T>
class variables_of_tape
{
public:
    variables_of_tape(tape<T>& tape, std::size_t size) : m_tape(tape), m_places(size, [](auto) { return place(); }) {}

    variable<T> operator[](std::size_t i) const
    {
        const place& at = m_places[i];
        return at.index == none ? variable<T>() : variable<T>(&m_tape, at.index, at.generation);
    }
    bool empty(std::size_t i) const { return m_places[i].index == none; }
    void set(std::size_t i, variable<T> x) { m_places[i] = {x.index(), x.generation()}; }

private:
    static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max(); // more than a tape holds
    struct place
    {
        std::uint32_t index = none;
        std::uint32_t generation = 0;
    };

    tape<T>& m_tape;
    detail::small_buffer<place, 64> m_places; ///< of most walks in a loop, without asking for memory
};

/// The cotangents of a reverse walk, slot by slot. Those of parts that instructions take of one array wait until all
/// are there, and are assembled at once: an array for each would be work for the whole array each time.
template <class T>
class cotangents_of_walk
{
public:
    cotangents_of_walk(tape<T>& tape, const window<T>& slots, std::span<const variable<T>> xs)
        : m_tape(tape),
          m_slots(slots),
          m_reached(slots.size(), [](auto) { return false; }),
          m_cotangents(tape, slots.size())
    {
        mark_reached(xs);
    }

    void start(variable<T> y, variable<T> y_bar)
    {
        if (const std::size_t slot = m_slots.slot(y.index()); slot != window<T>::none)
        {
            m_cotangents.set(slot, y_bar);
        }
    }

    /// The whole cotangent of a slot; empty if nothing flows into it.
    variable<T> settled(std::size_t slot)
    {
        if (slot < m_last_part.size() && m_last_part[slot] != no_part)
        {
            settle_parts(slot);
        }
        return m_cotangents[slot];
    }

    /// What flows into a slot, if it is rows and nothing else, and waits to be assembled; else nothing.
    std::vector<detail::cotangent_of_rows<T>> rows(std::size_t slot) const
    {
        if (slot >= m_last_part.size() || !m_cotangents.empty(slot))
        {
            return {};
        }
        std::vector<detail::cotangent_of_rows<T>> found;
        for (std::uint32_t k = m_last_part[slot]; k != no_part; k = m_parts[k].before)
        {
            const instruction<T>& part = m_tape[m_parts[k].by];
            if (part.op->takes != part_kind::gather ||
                static_cast<const gather_rule::attributes*>(part.attributes())->axis != 0)
            {
                return {};
            }
            found.push_back({indices<T>(m_tape.handle_of(m_tape.operands(part)[1])), m_parts[k].cotangent});
        }
        std::reverse(found.begin(), found.end());
        return found;
    }

    /// Pulls the cotangent of instruction i to those of its operands that depend on the inputs. What flows into a leaf
    /// goes no further, and waits until it is asked for.
    void pull_instruction(std::uint32_t i)
    {
        const std::size_t slot = m_slots.slot(i);
        if (!m_reached[slot] || m_tape[i].operand_count == 0)
        {
            return;
        }
        const variable<T> cotangent = settled(slot);
        if (cotangent.empty())
        {
            return;
        }
        const std::size_t whole = m_tape[i].op->takes != part_kind::none ? wanted_slot(i, 0) : window<T>::none;
        if (whole != window<T>::none)
        {
            add_part(whole, i, cotangent);
        }
        else
        {
            pull(i, cotangent);
        }
    }

private:
    static constexpr auto no_part = static_cast<std::uint32_t>(-1);

    /// What flows into a part that instruction `by` took of an array, and the one of the same array before it.
    struct waiting_part
    {
        std::uint32_t by;
        std::uint32_t before;
        variable<T> cotangent;
    };

    /// Marks the slots of what depends on xs through declared derivatives.
    void mark_reached(std::span<const variable<T>> xs)
    {
        for (const variable<T>& x : xs)
        {
            if (const std::size_t slot = m_slots.slot(x.index()); slot != window<T>::none)
            {
                m_reached[slot] = true;
            }
        }
        for (std::uint32_t i = m_slots.first; i <= m_slots.last; ++i)
        {
            for (std::size_t k = 0; k < m_tape[i].operand_count && !m_reached[m_slots.slot(i)]; ++k)
            {
                m_reached[m_slots.slot(i)] = wanted_slot(i, k) != window<T>::none;
            }
        }
    }

    /// The slot of operand k of instruction i, if it depends on the inputs, and i on it, through declared derivatives.
    std::size_t wanted_slot(std::uint32_t i, std::size_t k) const
    {
        const std::size_t slot = m_slots.slot(m_tape.operands(m_tape[i])[k]);
        const bool wanted = slot != window<T>::none && m_reached[slot] && m_tape[i].op->is_differentiable(k);
        return wanted ? slot : window<T>::none;
    }

    /// Calls the rule of instruction i.
    void pull(std::uint32_t i, variable<T> cotangent)
    {
        const auto is_wanted = [](std::size_t slot) { return slot != window<T>::none; };
        const std::size_t count = m_tape[i].operand_count;
        const detail::small_buffer<std::size_t, 8> slots(count, [&](auto k) { return wanted_slot(i, k); });
        if (std::none_of(slots.begin(), slots.end(), is_wanted))
        {
            return;
        }
        const detail::small_buffer<bool, 8> wanted(count, [&](auto k) { return is_wanted(slots[k]); });
        detail::small_buffer<variable<T>, 8> given(count);
        const typename autograd::tape<T>::as_derivative here(m_tape, i);
        pullback<T> rule(m_tape, i, cotangent, {wanted.begin(), count}, {given.begin(), count});
        call_vjp<T>(rule, {given.begin(), count});
        for (std::size_t k = 0; k < count; ++k)
        {
            if (wanted[k] && !given[k].empty())
            {
                require_fit(m_tape, m_tape[i], given[k], k);
                add(slots[k], given[k]);
            }
        }
    }

    void add(std::size_t slot, variable<T> part)
    {
        m_cotangents.set(slot, m_cotangents.empty(slot) ? part : m_cotangents[slot] + part);
    }

    void add_part(std::size_t slot, std::uint32_t by, variable<T> cotangent)
    {
        m_last_part.resize(m_slots.size(), no_part);
        m_parts.push_back({by, m_last_part[slot], cotangent});
        m_last_part[slot] = static_cast<std::uint32_t>(m_parts.size() - 1);
    }

    /// One part by itself is the business of its rule.
    void settle_parts(std::size_t slot)
    {
        const std::uint32_t last = m_last_part[slot];
        m_last_part[slot] = no_part;
        if (m_parts[last].before == no_part)
        {
            pull(m_parts[last].by, m_parts[last].cotangent);
            return;
        }
        std::vector<detail::cotangent_of_part<T>> parts;
        for (std::uint32_t k = last; k != no_part; k = m_parts[k].before)
        {
            parts.push_back({m_tape.handle_of(m_parts[k].by), m_parts[k].cotangent});
        }
        std::reverse(parts.begin(), parts.end());
        const typename autograd::tape<T>::as_derivative here(m_tape, m_parts[last].by);
        const shape_vector shape(m_tape[m_tape.operands(m_tape[m_parts[last].by])[0]].shape());
        add(slot, detail::assemble<T>(shape, parts));
    }

    tape<T>& m_tape;
    const window<T>& m_slots;
    detail::small_buffer<bool, 256> m_reached;
    variables_of_tape<T> m_cotangents;
    std::vector<waiting_part> m_parts;
    std::vector<std::uint32_t> m_last_part; ///< of each slot; none yet where it is shorter
};

/// Adds to the tangent of instruction i what its operands carry to it.
template <class T>
void push_instruction(tape<T>& tape, std::uint32_t i, const window<T>& slots, std::vector<variable<T>>& tangents)
{
    const std::size_t count = tape[i].operand_count;
    detail::small_buffer<variable<T>, 8> of_operands(count);
    bool any = false;
    for (std::size_t k = 0; k < count; ++k)
    {
        const std::size_t slot = slots.slot(tape.operands(tape[i])[k]);
        const bool flows = slot != window<T>::none && tape[i].op->is_differentiable(k);
        of_operands[k] = flows ? tangents[slot] : variable<T>();
        any = any || !of_operands[k].empty();
    }
    if (!any)
    {
        return;
    }
    const typename autograd::tape<T>::as_derivative here(tape, i);
    const variable<T> part = tape[i].op->jvp(pushforward<T>(tape, i, {of_operands.begin(), count}));
    if (!part.empty())
    {
        require_fit(tape, tape[i], part);
        accumulate(tangents[slots.slot(i)], part);
    }
}

} // namespace

namespace
{

/// The reverse walk from y, into which y_bar flows, down to the first of xs. Then take(k, the cotangents, the slot of
/// xs[k]), for each of xs that has one.
template <class T, class Take>
void walk_back(variable<T> y, variable<T> y_bar, std::span<const variable<T>> xs, const detail::differentiation& how,
               Take take)
{
    detail::require_connected(y, xs, how);
    require_alike(y, y, "y", y_bar, "cotangent y_bar", how);
    tape<T>& tape = y.tape();
    const window<T> slots(xs, y, how);
    cotangents_of_walk<T> cotangents(tape, slots, xs);
    cotangents.start(y, y_bar);
    for (std::uint32_t i = slots.last + 1; i-- > slots.first;)
    {
        cotangents.pull_instruction(i);
    }
    for (std::size_t k = 0; k < xs.size(); ++k)
    {
        if (const std::size_t slot = slots.slot(xs[k].index()); slot != window<T>::none)
        {
            take(k, cotangents, slot);
        }
    }
}

} // namespace

template <class T>
std::vector<variable<T>> detail::pull(variable<T> y, variable<T> y_bar, std::span<const variable<T>> xs,
                                      const detail::differentiation& how)
{
    std::vector<variable<T>> results(xs.size());
    walk_back(y, y_bar, xs, how,
              [&](std::size_t k, cotangents_of_walk<T>& walk, std::size_t slot) { results[k] = walk.settled(slot); });
    return results;
}

template <class T>
auto detail::pull_by_rows(variable<T> y, variable<T> y_bar, std::span<const variable<T>> xs,
                          const wanted_by_rows& wanted, const detail::differentiation& how)
    -> std::vector<cotangent_by_rows<T>>
{
    std::vector<cotangent_by_rows<T>> results(xs.size());
    walk_back(y, y_bar, xs, how,
              [&](std::size_t k, cotangents_of_walk<T>& walk, std::size_t slot)
              {
                  results[k].rows = walk.rows(slot);
                  if (results[k].rows.empty() || !wanted(k))
                  {
                      results[k] = {walk.settled(slot), {}};
                  }
              });
    return results;
}

template <class T>
variable<T> detail::push(variable<T> y, std::span<const variable<T>> xs, std::span<const variable<T>> x_dots,
                         const detail::differentiation& how)
{
    detail::require_connected(y, xs, how);
    for (std::size_t k = 0; k < xs.size(); ++k)
    {
        require_alike(y, xs[k], "input " + std::to_string(k), x_dots[k], "tangent", how);
    }
    tape<T>& tape = y.tape();
    const window<T> slots(xs, y, how);
    const std::vector<char> needed = detail::needed_for(tape, slots.first, slots.last, detail::edges::differentiable);
    std::vector<variable<T>> tangents(slots.size());
    for (std::size_t k = 0; k < xs.size(); ++k)
    {
        if (const std::size_t slot = slots.slot(xs[k].index()); slot != window<T>::none)
        {
            accumulate(tangents[slot], x_dots[k]);
        }
    }
    for (std::uint32_t i = slots.first; i <= slots.last; ++i)
    {
        if (needed[i - slots.first])
        {
            push_instruction(tape, i, slots, tangents);
        }
    }
    const std::size_t slot = slots.slot(y.index());
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
void detail::vjp_by_expansion(pullback<T>& y)
{
    const auto first = static_cast<std::uint32_t>(y.tape().size());
    const variable<T> expansion = y.get().op->expand(y);
    const std::vector<std::size_t> operands = distinct_operands(y, [&](std::size_t k) { return y.wanted(k); });
    std::vector<variable<T>> xs;
    xs.reserve(operands.size());
    for (std::size_t k : operands)
    {
        xs.push_back(y.operand(k));
    }
    const auto cotangents = detail::pull<T>(expansion, y.cotangent(), xs, {"vjp", unconnected::zero, first});
    for (std::size_t j = 0; j < operands.size(); ++j)
    {
        y.give(operands[j], cotangents[j]); // an empty one is zero
    }
}

template <class T>
variable<T> detail::jvp_by_expansion(const pushforward<T>& y)
{
    const auto first = static_cast<std::uint32_t>(y.tape().size());
    const variable<T> expansion = y.get().op->expand(y);
    const std::vector<std::size_t> operands = distinct_operands(y, [&](std::size_t k) { return y.has_tangent(k); });
    std::vector<variable<T>> xs;
    std::vector<variable<T>> x_dots;
    xs.reserve(operands.size());
    x_dots.reserve(operands.size());
    for (std::size_t k : operands)
    {
        xs.push_back(y.operand(k));
        x_dots.push_back(y.tangent(k));
    }
    return detail::push<T>(expansion, xs, x_dots, {"jvp", unconnected::zero, first});
}

namespace
{

/// Throws not_differentiable unless a vjp rule is linear in u, the cotangent that it was given: only then is there a
/// transpose. `given` is what it gave, and `derivative` that of its product with a tangent by u. Where the rule is
/// linear, u reaches `given` through operands with a derivative alone, and `derivative` is not 0 and does not depend on
/// u.
template <class T>
void require_linear(variable<T> given, variable<T> derivative, variable<T> u, const instruction<T>& of)
{
    const tape<T>& tape = u.tape();
    const auto depends_on_u = [&](variable<T> x)
    {
        const std::vector<char> needed = detail::needed_for(tape, u.index(), x.index());
        return !needed.empty() && needed.front();
    };
    const bool is_curved = depends_on_u(derivative.empty() ? given : derivative);
    if (is_curved || detail::obstacle(tape, u.index(), given.index()) != nullptr)
    {
        throw error::not_differentiable(
            of.where(), "jvp", "the vjp of ", of.op->name,
            " is not linear in the cotangent that it is given, so it has no transpose; only "
            "the reverse mode (gradient, vjp) can follow it.");
    }
}

} // namespace

template <class T>
variable<T> detail::jvp_by_transposition(const pushforward<T>& y)
{
    tape<T>& tape = y.tape();
    const variable<T> u = tape.full(y.shape(), T(0));
    const std::size_t count = y.operand_count();
    detail::small_buffer<bool, 8> wanted(count);
    detail::small_buffer<variable<T>, 8> given(count);
    for (std::size_t k = 0; k < count; ++k)
    {
        wanted[k] = y.has_tangent(k);
    }
    pullback<T> rule(tape, y.output().index(), u, {wanted.begin(), count}, {given.begin(), count});
    const auto readings = call_vjp<T>(rule, {given.begin(), count});
    variable<T> sum;
    for (std::size_t k = 0; k < count; ++k)
    {
        if (!wanted[k] || given[k].empty())
        {
            continue;
        }
        require_fit(tape, y.get(), given[k], k);
        const variable<T> part = detail::pull<T>(given[k], y.tangent(k), {&u, 1}, {"jvp", unconnected::zero}).front();
        require_linear(given[k], part, u, y.get());
        if (!part.empty())
        {
            accumulate(sum, part);
        }
    }
    // The walk to u went past the readings.
    return sum.empty() ? sum : with_readings<T>(sum, readings, y.get().op->name);
}

#define AUTOGRAD_INSTANTIATE(T)                                                                                        \
    template std::vector<variable<T>> detail::pull(variable<T>, variable<T>, std::span<const variable<T>>,             \
                                                   const detail::differentiation&);                                    \
    template std::vector<detail::cotangent_by_rows<T>> detail::pull_by_rows(                                           \
        variable<T>, variable<T>, std::span<const variable<T>>, const wanted_by_rows&,                                 \
        const detail::differentiation&);                                                                               \
    template variable<T> detail::push(variable<T>, std::span<const variable<T>>, std::span<const variable<T>>,         \
                                      const detail::differentiation&);                                                 \
    template void detail::vjp_by_expansion(pullback<T>&);                                                              \
    template variable<T> detail::jvp_by_expansion(const pushforward<T>&);                                              \
    template variable<T> detail::jvp_by_transposition(const pushforward<T>&);
AUTOGRAD_INSTANTIATE(float)
AUTOGRAD_INSTANTIATE(double)
#undef AUTOGRAD_INSTANTIATE

} // namespace autograd
