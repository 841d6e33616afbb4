#include "autograd/kernels/copy.hpp"
#include "autograd/kernels/dispatch.hpp"
#include "autograd/tape/small_buffer.hpp"
#include "autograd/tape/tape.hpp"

#include <algorithm>
#include <limits>

namespace autograd
{

// ------------------------------------------------------------------------------------------------------- appending

template <class T>
variable<T> tape<T>::record_elementwise(const operation<T>& op, std::span<const operand<T>> operands,
                                        const payload& attributes)
{
    detail::small_buffer<handle<T>, 4> handles(operands.size());
    tape<T>* tape = nullptr;
    for (std::size_t k = 0; k < operands.size(); ++k)
    {
        if (!operands[k].is_number())
        {
            handles[k] = operands[k].get();
            tape = tape == nullptr ? handles[k].tape_pointer() : tape;
        }
    }
    const location given_at = operands.front().where();
    if (tape == nullptr)
    {
        detail::throw_empty(op.name, given_at);
    }
    const location at = tape->m_as_if_at ? tape->m_as_if_at : given_at;
    return tape->together(
        op.name, at,
        [&]
        {
            // A number becomes an array of the shape of the first variable: broadcasting does the
            // rest.
            const handle<T>& like = *std::find_if(handles.begin(), handles.end(), [](auto& h) { return !h.empty(); });
            for (std::size_t k = 0; k < operands.size(); ++k)
            {
                if (operands[k].is_number())
                {
                    handles[k] =
                        tape->record_full(like.checked(op.name).shape(), operands[k].number(), operands[k].where());
                }
            }
            return real(tape->record_whole(op, {handles.begin(), handles.end()}, attributes, at, nullptr));
        });
}

template <class T>
handle<T> tape<T>::record(const operation<T>& op, std::span<const handle<T>> operands, const payload& attributes,
                          location where, const shape_vector* given)
{
    const location at = m_as_if_at ? m_as_if_at : where;
    return together(op.name, at, [&] { return record_whole(op, operands, attributes, at, given); });
}

template <class T>
void tape<T>::throw_different_tapes(const char* operation)
{
    throw error::tape_error(operation, "operands live on different tapes. Record both through one tape, or pass the "
                                       "value: tape.constant(x.value()).");
}

namespace
{
/// What the rule's shape() gives. What it is made of refuses in the name of the operation, too.
template <class T>
shape_vector shape_of_result(const operation<T>& op, std::span<const shape_view> operands, const payload& attributes)
{
    try
    {
        return op.shape(operands, attributes.attributes);
    }
    catch (error::exception& e)
    {
        e.told_by(op.name);
        throw;
    }
}
} // namespace

template <class T>
handle<T> tape<T>::record_whole(const operation<T>& op, std::span<const handle<T>> operands, const payload& attributes,
                                location at, const shape_vector* given)
{
    kernels::chosen_index(); // throws before anything is recorded where the environment asks for what is not there
    detail::small_buffer<std::uint32_t, 8> indices(operands.size());
    for (std::size_t k = 0; k < operands.size(); ++k)
    {
        if (operands[k].tape_pointer() != this && !operands[k].empty())
        {
            throw_different_tapes(op.name);
        }
        operands[k].checked(op.name);
        indices[k] = operands[k].index();
    }
    const std::span<std::uint32_t> used(indices.begin(), indices.end());
    std::uint32_t index = 0;
    if (op.kind == rule_kind::elementwise)
    {
        broadcast_operands(op, used, at);
        index = append(op, used, m_instructions[used[0]].shape(), attributes, at);
    }
    else if (given != nullptr)
    {
        index = append(op, used, *given, attributes, at);
    }
    else
    {
        detail::small_buffer<shape_view, 8> shapes(used.size());
        std::transform(used.begin(), used.end(), shapes.begin(), [&](auto i) { return m_instructions[i].shape(); });
        index = append(op, used, shape_of_result(op, {shapes.begin(), shapes.end()}, attributes), attributes, at);
    }
    execute(index);
    return handle_of(index);
}

template <class T>
void tape<T>::broadcast_operands(const operation<T>& op, std::span<std::uint32_t> operands, location where)
{
    const shape_view first = m_instructions[operands[0]].shape();
    bool same = true;
    for (std::uint32_t index : operands)
    {
        same = same && m_instructions[index].shape() == first;
    }
    if (same)
    {
        return;
    }
    shape_vector shape(first);
    for (std::uint32_t index : operands)
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
std::uint32_t tape<T>::append(const operation<T>& op, std::span<const std::uint32_t> operands, shape_view shape,
                              const payload& attributes, location where)
{
    if (m_instructions.size() >= std::numeric_limits<std::uint32_t>::max())
    {
        throw error::tape_error(op.name, "a tape holds at most 2^32 - 1 instructions.");
    }
    if (m_operands.size() + operands.size() > std::numeric_limits<std::uint32_t>::max())
    {
        throw error::tape_error(op.name, "the instructions of a tape have at most 2^32 - 1 operands together.");
    }
    const std::size_t size = element_count(shape, op.name);
    const std::size_t* extents = intern(shape, operands);
    const void* kept_attributes = store(attributes);
    if (m_derivation.order > 0 && (m_derivatives.empty() || m_derivatives.back().of != m_derivation.of))
    {
        m_derivatives.push_back({static_cast<std::uint32_t>(m_instructions.size()), m_derivation.of});
    }
    const auto first_operand = static_cast<std::uint32_t>(m_operands.size());
    m_operands.insert(m_operands.end(), operands.begin(), operands.end());
    // Filled in its place: a copy would read at once, in larger pieces, what was just written in small ones, for which
    // processors have to wait.
    instruction<T>& y = m_instructions.emplace_back();
    y.op = &op;
    y.extents = extents;
    y.attributes = kept_attributes;
    y.size = size;
    y.file = where.file;
    y.line = static_cast<std::int32_t>(where.line);
    y.generation = m_generation;
    y.first_operand = first_operand;
    y.operand_count = static_cast<std::uint32_t>(operands.size());
    y.scope = m_names.scope();
    y.dimension = static_cast<std::uint8_t>(shape.size());
    y.derivative = m_derivation.order;
    return static_cast<std::uint32_t>(m_instructions.size() - 1);
}

template <class T>
const std::size_t* tape<T>::intern(shape_view shape, std::span<const std::uint32_t> operands)
{
    for (std::uint32_t index : operands)
    {
        if (m_instructions[index].shape() == shape)
        {
            return m_instructions[index].extents;
        }
    }
    auto* extents = m_memory.allocate_array<std::size_t>(shape.size());
    std::copy(shape.begin(), shape.end(), extents);
    return extents;
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
        m_payloads.reserve(m_payloads.size() + 1);
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
    if (m_instructions[index].derivative == 0)
    {
        return *m_instructions[index].op;
    }
    const auto behind = std::upper_bound(m_derivatives.begin(), m_derivatives.end(), index,
                                         [](std::uint32_t i, const derivatives& each) { return i < each.first; });
    return *behind[-1].of;
}

// ------------------------------------------------------------------------------------------------------- executing

template <class T>
void tape<T>::execute(std::uint32_t index)
{
    if (m_keep == recording::shapes)
    {
        return;
    }
    instruction<T>& y = m_instructions[index];
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
        broadcast(y);
        break;
    }
}

template <class T>
void tape<T>::compute(instruction<T>& y)
{
    const std::span<const std::uint32_t> used = operands(y);
    detail::small_buffer<array_view, 8> views(used.size());
    for (std::size_t k = 0; k < used.size(); ++k)
    {
        if (!m_instructions[used[k]].has_values())
        {
            return; // made of a placeholder
        }
        if (!y.op->reads_broadcasts)
        {
            dense(used[k]);
        }
        views[k] = m_instructions[used[k]].view();
    }
    const std::size_t element = y.op->element == element_kind::real ? sizeof(T) : sizeof(std::int64_t);
    std::size_t bytes = 0;
    if (__builtin_mul_overflow(y.size, element, &bytes))
    {
        throw error::shape_error(y.op->name, "an array of shape ", y.shape(), " does not fit in memory.");
    }
    void* result = m_memory.allocate(bytes);
    y.data = result;
    y.op->forward({{views.begin(), views.end()}, y.shape(), y.size, result, y.attributes});
}

template <class T>
void tape<T>::share(instruction<T>& y)
{
    const std::uint32_t source = operands(y).back();
    if (m_instructions[source].shape() == y.shape())
    {
        y.strides = m_instructions[source].strides;
    }
    else
    {
        dense(source);
    }
    y.data = m_instructions[source].data;
}

template <class T>
void tape<T>::broadcast(instruction<T>& y)
{
    const instruction<T>& x = m_instructions[operands(y)[0]];
    auto* strides = m_memory.allocate_array<std::ptrdiff_t>(y.dimension);
    const std::size_t added = y.dimension - x.dimension;
    std::ptrdiff_t stride = 1;
    for (std::size_t axis = y.dimension; axis-- > 0;)
    {
        const std::size_t extent = axis < added ? 1 : x.extents[axis - added];
        strides[axis] = extent == 1 ? 0 : x.strides != nullptr ? x.strides[axis - added] : stride;
        stride *= static_cast<std::ptrdiff_t>(extent);
    }
    y.data = x.data;
    y.strides = strides;
}

template <class T>
const void* tape<T>::dense(std::uint32_t index)
{
    instruction<T>& y = m_instructions[index];
    if (y.strides != nullptr)
    {
        const bool is_real = y.op->element == element_kind::real;
        void* memory = m_memory.allocate(y.size * (is_real ? sizeof(T) : sizeof(std::int64_t)));
        if (is_real)
        {
            kernels::copies<T>->strided(y.view(), static_cast<T*>(memory));
        }
        else
        {
            kernels::copies<std::int64_t>->strided(y.view(), static_cast<std::int64_t*>(memory));
        }
        m_materialised.push_back({index, m_generation, y.data, y.strides});
        y.data = memory;
        y.strides = nullptr;
    }
    return y.data;
}

template <class T>
void tape<T>::require_values(const instruction<T>& of, std::string_view who) const
{
    if (m_keep == recording::shapes && of.size > 0)
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
    template void tape<T>::throw_different_tapes(const char*);                                                         \
    template std::uint32_t tape<T>::append(const operation<T>&, std::span<const std::uint32_t>, shape_view,            \
                                           const payload&, location);                                                  \
    template const void* tape<T>::store(const payload&);                                                               \
    template const operation<T>& tape<T>::differentiated(std::uint32_t) const;                                         \
    template const void* tape<T>::dense(std::uint32_t);                                                                \
    template void tape<T>::require_values(const instruction<T>&, std::string_view) const;

AUTOGRAD_INSTANTIATE(float)
AUTOGRAD_INSTANTIATE(double)

} // namespace autograd
