#include "autograd/kernels/copy.hpp"
#include "autograd/kernels/dispatch.hpp"
#include "autograd/tape/leaves.hpp"
#include "autograd/tape/small_buffer.hpp"
#include "autograd/tape/tape.hpp"

#include <algorithm>
#include <bit>
#include <limits>

namespace autograd
{

// ------------------------------------------------------------------------------------------------------- appending

namespace
{
/// The first of the operands that is on a tape; an empty one where all are numbers, or empty.
template <class T>
variable<T> first_variable(std::span<const operand<T>> operands)
{
    for (const operand<T>& x : operands)
    {
        if (!x.get().empty())
        {
            return x.get();
        }
    }
    return {};
}
} // namespace

template <class T>
variable<T> tape<T>::record_elementwise(const operation<T>& op, std::span<const operand<T>> operands,
                                        const payload& attributes)
{
    const real like = first_variable(operands);
    if (like.empty())
    {
        detail::throw_empty(op.name, operands.front().where());
    }
    tape<T>& tape = like.tape();
    const location at = tape.line_for(operands.front().where());
    // A number becomes an array of the shape of the first variable: broadcasting does the rest.
    const auto place = [&](const operand<T>& x)
    {
        return x.is_number() ? tape.append_full(layout_of(like.checked(op.name)), x.number(), tape.line_for(x.where()))
                             : tape.place_of(x.get(), op.name);
    };
    return tape.together(op.name, at,
                         [&]
                         {
                             detail::small_buffer<std::uint32_t, 4> used(operands.size(),
                                                                         [&](auto k) { return place(operands[k]); });
                             return real(tape.record_whole(op, {used.begin(), used.end()}, attributes, at, nullptr));
                         });
}

template <class T>
handle<T> tape<T>::record(const operation<T>& op, std::span<const handle<T>> operands, const payload& attributes,
                          location where, const shape_vector* given)
{
    const location at = line_for(where);
    return together(op.name, at,
                    [&]
                    {
                        detail::small_buffer<std::uint32_t, 8> used(operands.size(), [&](auto k)
                                                                    { return place_of(operands[k], op.name); });
                        return record_whole(op, {used.begin(), used.end()}, attributes, at, given);
                    });
}

template <class T>
handle<T> tape<T>::record_once(const operation<T>& op, const handle<T>& x, const payload& attributes, location where)
{
    const std::uint32_t operand = place_of(x, op.name);
    const auto stands_in = [&](std::uint32_t place)
    {
        if (place >= size() || m_instructions[place].op != &op || operands(m_instructions[place]).front() != operand)
        {
            return false;
        }
        return op.attributes == nullptr ||
               (op.attributes->same != nullptr &&
                op.attributes->same(m_instructions[place].attributes(), attributes.attributes));
    };
    return together(op.name, where,
                    [&]
                    {
                        std::uint32_t& place = m_once.place_of(&op, operand);
                        if (!stands_in(place))
                        {
                            place = record(op, {&x, 1}, attributes, where).index();
                        }
                        return handle_of(place);
                    });
}

template <class T>
void tape<T>::throw_different_tapes(const char* operation)
{
    throw error::tape_error(operation, "operands live on different tapes. Record both through one tape, or pass the "
                                       "value: tape.constant(x.value()).");
}

template <class T>
std::uint32_t tape<T>::place_of(const handle<T>& operand, const char* operation) const
{
    if (operand.tape_pointer() != this && !operand.empty())
    {
        throw_different_tapes(operation);
    }
    operand.checked(operation);
    return operand.index();
}

template <class T>
handle<T> tape<T>::record_whole(const operation<T>& op, std::span<std::uint32_t> operands, const payload& attributes,
                                location at, const shape_vector* given)
{
    kernels::chosen_index(); // throws before anything is recorded where the environment asks for what is not there
    std::uint32_t index = 0;
    if (op.kind == rule_kind::elementwise)
    {
        if (!have_same_shape(operands))
        {
            broadcast_operands(op, operands, at);
        }
        index = append(op, operands, layout_of(m_instructions[operands[0]]), attributes, at);
    }
    else if (given != nullptr)
    {
        index = append_as_read(op, operands, lay_out(*given, operands, op.name), attributes, at);
    }
    else
    {
        const shape_vector shape = shape_of_result(op, operands, attributes);
        index = append_as_read(op, operands, lay_out(shape, operands, op.name), attributes, at);
    }
    execute(m_instructions.back());
    return handle_of(index);
}

template <class T>
shape_vector tape<T>::shape_of_result(const operation<T>& op, std::span<const std::uint32_t> operands,
                                      const payload& attributes) const
{
    detail::small_buffer<shape_view, 8> shapes(operands.size(),
                                               [&](auto k) { return m_instructions[operands[k]].shape(); });
    try
    {
        return op.shape({shapes.begin(), shapes.end()}, attributes.attributes);
    }
    catch (error::exception& e)
    {
        e.told_by(op.name);
        throw;
    }
}

template <class T>
bool tape<T>::have_same_shape(std::span<const std::uint32_t> operands) const
{
    const shape_view first = m_instructions[operands[0]].shape();
    for (std::uint32_t index : operands.subspan(1))
    {
        if (!(m_instructions[index].shape() == first))
        {
            return false;
        }
    }
    return true;
}

template <class T>
void tape<T>::broadcast_operands(const operation<T>& op, std::span<std::uint32_t> operands, location where)
{
    shape_vector shape(m_instructions[operands[0]].shape());
    for (std::uint32_t index : operands.subspan(1))
    {
        shape = broadcast_shapes(shape, m_instructions[index].shape(), op.name);
    }
    element_count(shape, op.name); // refuses in the name of the operation, not of the broadcast
    for (std::uint32_t& index : operands)
    {
        if (!(m_instructions[index].shape() == shape_view(shape)))
        {
            const handle<T> source = handle_of(index);
            index = record(*op.broadcast, {&source, 1}, {}, where, &shape).index();
        }
    }
}

template <class T>
template <class E>
const E* tape<T>::on_tape(const E* elements, std::size_t count)
{
    E* const copy = m_memory.allocate_array<E>(count);
    std::copy_n(elements, count, copy);
    return copy;
}

template <class T>
inline const instruction_form* tape<T>::form_of(const layout& result, const void* attributes, bool may_be_shared,
                                                location where)
{
    // What one line records, and what is recorded of its derivative, often comes one after the other.
    if (attributes == nullptr && result.strides == nullptr && !m_instructions.empty())
    {
        const instruction_form& last = *m_instructions.back().form;
        if (last.line == where.line && last.extents == result.extents && last.derivative == m_derivation.order &&
            last.file == where.file && last.scope == m_names.scope() && last.attributes == nullptr &&
            last.strides == nullptr && last.dimension == result.dimension)
        {
            return &last;
        }
    }
    const detail::arena::position before = m_memory.mark();
    // Filled in its place: a copy would read at once, in larger pieces, what was just written in small ones, for which
    // processors have to wait.
    instruction_form& form = *m_memory.allocate_array<instruction_form>(1);
    form.extents = result.extents;
    form.strides = result.strides;
    form.attributes = attributes;
    form.size = result.size;
    form.file = where.file;
    form.line = static_cast<std::int32_t>(where.line);
    form.scope = m_names.scope();
    form.dimension = result.dimension;
    form.derivative = m_derivation.order;
    const bool is_looked_for = may_be_shared && shares();
    if (const instruction_form* const known = is_looked_for ? m_shared.find(form) : nullptr; known != nullptr)
    {
        m_memory.rewind(before);
        return known;
    }
    if (result.strides != nullptr)
    {
        form.strides = on_tape(result.strides, result.dimension);
    }
    if (is_looked_for)
    {
        m_shared.add(form);
    }
    return &form;
}

template <class T>
std::uint32_t tape<T>::append(const operation<T>& op, std::span<const std::uint32_t> operands, const layout& result,
                              const payload& attributes, location where)
{
    constexpr std::size_t most = std::numeric_limits<std::uint32_t>::max();
    if (m_instructions.size() >= most)
    {
        throw error::tape_error(op.name, "a tape holds at most 2^32 - 1 instructions.");
    }
    if (operands.size() > instruction<T>::most_operands)
    {
        throw error::tape_error(op.name, "an instruction has at most 2^31 - 1 operands.");
    }
    if (m_operands.size() + operands.size() > most)
    {
        throw error::tape_error(op.name, "the instructions of a tape have at most 2^32 - 1 operands together.");
    }
    const void* kept_attributes = store(attributes);
    if (m_derivation.order > 0 && (m_derivatives.empty() || m_derivatives.back().of != m_derivation.of))
    {
        m_derivatives.push_back({static_cast<std::uint32_t>(m_instructions.size()), m_derivation.of});
    }
    // Attributes are an instruction's own, but for the number of a full leaf.
    const bool may_be_shared = kept_attributes == nullptr || &op == &leaves<T>::full;
    const instruction_form* const form = form_of(result, kept_attributes, may_be_shared, where);
    m_generations.add(m_instructions.size(), m_generation);
    const auto first_operand = static_cast<std::uint32_t>(m_operands.size());
    for (std::uint32_t operand : operands)
    {
        m_operands.append() = operand;
    }
    instruction<T>& y = m_instructions.append();
    y.op = &op;
    y.data = nullptr;
    y.form = form;
    y.first_operand = first_operand;
    y.operand_count = static_cast<std::uint32_t>(operands.size()) & instruction<T>::most_operands;
    y.observed = false;
    return static_cast<std::uint32_t>(m_instructions.size() - 1);
}

template <class T>
auto tape<T>::lay_out(shape_view shape, std::span<const std::uint32_t> operands, const char* operation) -> layout
{
    for (std::uint32_t index : operands)
    {
        if (m_instructions[index].shape() == shape)
        {
            return layout_of(m_instructions[index]);
        }
    }
    if (const layout* const known = m_shared.find(shape); known != nullptr)
    {
        return *known;
    }
    const std::size_t size = element_count(shape, operation);
    const layout result{on_tape(shape.data(), shape.size()), size, static_cast<std::uint8_t>(shape.size())};
    m_shared.add(*::new (m_memory.allocate(sizeof(layout))) layout(result));
    return result;
}

template <class T>
std::uint32_t tape<T>::append_as_read(const operation<T>& op, std::span<const std::uint32_t> operands, layout result,
                                      const payload& attributes, location where)
{
    if (op.storage == storage_kind::own || m_keep == recording::shapes || !m_instructions[operands.back()].has_values())
    {
        return append(op, operands, result, attributes, where);
    }
    if (op.storage == storage_kind::shared)
    {
        const instruction<T>& source = m_instructions[operands.back()];
        result.strides = source.shape() == result.shape() ? source.strides() : nullptr; // else it is made dense
        return append(op, operands, result, attributes, where);
    }
    const instruction<T>& source = m_instructions[operands.front()];
    std::ptrdiff_t strides[max_dimension];
    detail::broadcast_strides(source.shape(), source.strides(), result.shape(), strides);
    result.strides = strides;
    return append(op, operands, result, attributes, where);
}

template <class T>
const void* tape<T>::store(const payload& attributes)
{
    if (attributes.copy == nullptr)
    {
        return attributes.attributes;
    }
    void* memory = m_memory.allocate(attributes.size);
    if (attributes.destroy != nullptr)
    {
        m_payloads.reserve(std::bit_ceil(m_payloads.size() + 1));
    }
    attributes.copy(memory, attributes.attributes);
    if (attributes.destroy != nullptr)
    {
        m_payloads.push_back({memory, attributes.destroy});
    }
    return memory;
}

template <class T>
const operation<T>& tape<T>::differentiated(std::uint32_t index) const
{
    if (m_instructions[index].derivative() == 0)
    {
        return *m_instructions[index].op;
    }
    const auto behind = std::upper_bound(m_derivatives.begin(), m_derivatives.end(), index,
                                         [](std::uint32_t i, const derivatives& each) { return i < each.first; });
    return *behind[-1].of;
}

// ------------------------------------------------------------------------------------------------------- executing

template <class T>
void tape<T>::execute(instruction<T>& y)
{
    if (m_keep == recording::shapes)
    {
        return;
    }
    if (y.op->storage != storage_kind::own && !m_instructions[operands(y).back()].has_values())
    {
        return; // made of a placeholder; compute() looks at all that it reads
    }
    switch (y.op->storage)
    {
    case storage_kind::own:
        compute(y);
        break;
    case storage_kind::shared:
        share(y);
        break;
    case storage_kind::broadcast:
        y.data = m_instructions[operands(y).front()].data;
        break;
    }
}

template <class T>
void tape<T>::compute(instruction<T>& y)
{
    const std::span<const std::uint32_t> used = operands(y);
    if (std::any_of(used.begin(), used.end(), [&](auto i) { return !m_instructions[i].has_values(); }))
    {
        if (y.op->checks) // it may refuse values that are not there: an outline with it is none
        {
            note_placeholder_read();
        }
        return; // made of a placeholder
    }
    detail::small_buffer<array_view, 8> views(used.size(),
                                              [&](auto k)
                                              {
                                                  if (!y.op->reads_broadcasts)
                                                  {
                                                      dense(used[k]);
                                                  }
                                                  return m_instructions[used[k]].view();
                                              });
    const std::size_t element = y.op->element == element_kind::real ? sizeof(T) : sizeof(std::int64_t);
    std::size_t bytes = 0;
    if (__builtin_mul_overflow(y.size(), element, &bytes))
    {
        throw error::shape_error(y.op->name, "an array of shape ", y.shape(), " does not fit in memory.");
    }
    void* result = m_memory.allocate(bytes);
    y.data = result;
    evaluation<T> call{{views.begin(), views.end()}, y.shape(), y.size(), result, y.attributes()};
    const std::size_t wanted = y.op->scratch != nullptr ? y.op->scratch(call) : 0;
    if (wanted == 0)
    {
        y.op->forward(call);
        return;
    }
    const detail::arena::position behind = m_memory.mark();
    call.scratch = m_memory.allocate(wanted);
    y.op->forward(call);
    m_memory.rewind(behind);
}

template <class T>
void tape<T>::share(instruction<T>& y)
{
    const std::uint32_t source = operands(y).back();
    const bool as_it_is = m_instructions[source].shape() == y.shape();
    y.data = as_it_is ? m_instructions[source].data : dense(source);
}

template <class T>
void tape<T>::materialise(instruction<T>& y)
{
    const bool is_real = y.op->element == element_kind::real;
    void* memory = m_memory.allocate(y.size() * (is_real ? sizeof(T) : sizeof(std::int64_t)));
    if (is_real)
    {
        kernels::copies<T>->strided(y.view(), static_cast<T*>(memory));
    }
    else
    {
        kernels::copies<std::int64_t>->strided(y.view(), static_cast<std::int64_t*>(memory));
    }
    auto* const form = ::new (m_memory.allocate(sizeof(instruction_form))) instruction_form(*y.form);
    form->strides = nullptr;
    m_materialised.push_back({static_cast<std::uint32_t>(&y - m_instructions.data()), m_generation, y.data, y.form});
    y.data = memory;
    y.form = form;
}

template <class T>
void tape<T>::require_values(const instruction<T>& of, const char* who) const
{
    if (m_keep == recording::shapes && of.size() > 0)
    {
        throw error::tape_error(who, "the tape records shapes only; there are no values. Record on a tape<T> made with "
                                     "recording::values.");
    }
    if (!of.has_values())
    {
        throw detail::placeholder_read(who, "the array of shape ", of.shape(),
                                       " is made of a placeholder, which has no values.");
    }
}

#define AUTOGRAD_INSTANTIATE(T)                                                                                        \
    template variable<T> tape<T>::record_elementwise(const operation<T>&, std::span<const operand<T>>,                 \
                                                     const payload&);                                                  \
    template handle<T> tape<T>::record(const operation<T>&, std::span<const handle<T>>, const payload&, location,      \
                                       const shape_vector*);                                                           \
    template handle<T> tape<T>::record_once(const operation<T>&, const handle<T>&, const payload&, location);          \
    template void tape<T>::throw_different_tapes(const char*);                                                         \
    template std::uint32_t tape<T>::append(const operation<T>&, std::span<const std::uint32_t>, const layout&,         \
                                           const payload&, location);                                                  \
    template const void* tape<T>::store(const payload&);                                                               \
    template tape<T>::layout tape<T>::lay_out(shape_view, std::span<const std::uint32_t>, const char*);                \
    template const operation<T>& tape<T>::differentiated(std::uint32_t) const;                                         \
    template void tape<T>::materialise(instruction<T>&);                                                               \
    template void tape<T>::require_values(const instruction<T>&, const char*) const;

AUTOGRAD_INSTANTIATE(float)
AUTOGRAD_INSTANTIATE(double)

} // namespace autograd
