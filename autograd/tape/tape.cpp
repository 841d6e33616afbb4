#include "autograd/tape/tape.hpp"

#include "autograd/kernels/copy.hpp"
#include "autograd/operations/shaping.hpp"
#include "autograd/tape/leaves.hpp"
#include "autograd/tape/small_buffer.hpp"

#include <cstring>
#include <limits>

namespace autograd
{

template <class T>
const operation<T> leaves<T>::variable{.name = "variable", .latex = nullptr, .kind = rule_kind::leaf};
template <class T>
const operation<T> leaves<T>::constant{.name = "constant", .latex = nullptr, .kind = rule_kind::leaf};
template <class T>
const operation<T> leaves<T>::index{
    .name = "index", .latex = nullptr, .kind = rule_kind::leaf, .element = element_kind::index};
template <class T>
const operation<T> leaves<T>::full{.name = "full", .latex = nullptr, .kind = rule_kind::leaf};

// ---------------------------------------------------------------------------------------------------------- leaves

template <class T>
variable<T> tape<T>::scalar(T number, bool differentiable, location where)
{
    return together(differentiable ? "variable" : "constant", where,
                    [&]
                    {
                        const leaf_memory memory = leaf({}, differentiable, where);
                        if (memory.data != nullptr)
                        {
                            *static_cast<T*>(memory.data) = number;
                        }
                        return real(memory.named);
                    });
}

template <class T>
indices<T> tape<T>::record_index(std::int64_t number, location where)
{
    return together("index", where,
                    [&]
                    {
                        const leaf_memory memory = index_leaf({}, where);
                        if (memory.data != nullptr)
                        {
                            *static_cast<std::int64_t*>(memory.data) = number;
                        }
                        return index_type(memory.named);
                    });
}

template <class T>
auto tape<T>::leaf(shape_view shape, bool differentiable, location where) -> leaf_memory
{
    return allocate_leaf(differentiable ? leaves<T>::variable : leaves<T>::constant, shape, sizeof(T), where);
}

template <class T>
auto tape<T>::index_leaf(shape_view shape, location where) -> leaf_memory
{
    return allocate_leaf(leaves<T>::index, shape, sizeof(std::int64_t), where);
}

template <class T>
auto tape<T>::allocate_leaf(const operation<T>& op, shape_view shape, std::size_t element, location where)
    -> leaf_memory
{
    const std::uint32_t index = append(op, {}, shape, {}, m_as_if_at ? m_as_if_at : where);
    void* memory = m_keep == recording::values ? m_memory.allocate(m_instructions[index].size * element) : nullptr;
    m_instructions[index].data = memory;
    return {handle_of(index), memory};
}

template <class T>
handle<T> tape<T>::leaf(shape_view shape, const T* data, bool differentiable, location where)
{
    const std::uint32_t index =
        append(differentiable ? leaves<T>::variable : leaves<T>::constant, {}, shape, {}, where);
    m_instructions[index].data = m_keep == recording::values ? data : nullptr;
    return handle_of(index);
}

template <class T>
variable<T> tape<T>::record_full(shape_view shape, T number, location where)
{
    return together("full", where,
                    [&]
                    {
                        const std::uint32_t index =
                            append(leaves<T>::full, {}, shape, {}, m_as_if_at ? m_as_if_at : where);
                        instruction<T>& y = m_instructions[index];
                        // The number is kept as the attribute, too, so that a tape without values prints it as well.
                        T* memory = m_memory.allocate_array<T>(1);
                        *memory = number;
                        y.attributes = memory;
                        if (m_keep == recording::values)
                        {
                            y.data = memory;
                            if (y.dimension != 0)
                            {
                                auto* strides = m_memory.allocate_array<std::ptrdiff_t>(y.dimension);
                                std::fill_n(strides, y.dimension, 0);
                                y.strides = strides;
                            }
                        }
                        return real(handle_of(index));
                    });
}

// ------------------------------------------------------------------------------------------------------- recording

template <class T>
variable<T> tape<T>::record_elementwise(const operation<T>& op, std::span<const operand<T>> operands,
                                        const payload& attributes)
{
    small_buffer<handle<T>, 4> handles(operands.size());
    tape<T>* tape = nullptr;
    for (std::size_t k = 0; k < operands.size(); ++k)
    {
        if (!operands[k].is_number())
        {
            handles[k] = operands[k].get();
            tape = tape == nullptr ? handles[k].tape_pointer() : tape;
        }
    }
    if (tape == nullptr)
    {
        throw error::tape_error(op.name, "no operand is on a tape; make one by tape.variable(array).");
    }
    const location at = tape->m_as_if_at ? tape->m_as_if_at : operands.front().where();
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

template <class T>
handle<T> tape<T>::record_whole(const operation<T>& op, std::span<const handle<T>> operands, const payload& attributes,
                                location at, const shape_vector* given)
{
    small_buffer<std::uint32_t, 8> indices(operands.size());
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
        small_buffer<shape_view, 8> shapes(used.size());
        std::transform(used.begin(), used.end(), shapes.begin(), [&](auto i) { return m_instructions[i].shape(); });
        index = append(op, used, op.shape({shapes.begin(), shapes.end()}, attributes.attributes), attributes, at);
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
            index = record(description<broadcast_rule, T>::instance, {&source, 1}, {}, where, &shape).index();
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
    y.scope = m_scope;
    y.dimension = static_cast<std::uint8_t>(shape.size());
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

// ------------------------------------------------------------------------------------------------------- execution

template <class T>
void tape<T>::execute(std::uint32_t index)
{
    if (m_keep == recording::shapes)
    {
        return;
    }
    instruction<T>& y = m_instructions[index];
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
    small_buffer<array_view, 8> views(used.size());
    for (std::size_t k = 0; k < used.size(); ++k)
    {
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
            kernels::copy_strided(y.view(), static_cast<T*>(memory));
        }
        else
        {
            kernels::copy_strided(y.view(), static_cast<std::int64_t*>(memory));
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
}

// ------------------------------------------------------------------------------------------------------------ life

template <class T>
void tape<T>::clear()
{
    destroy_payloads(0);
    m_instructions.clear();
    m_operands.clear();
    m_materialised.clear();
    m_names.clear();
    if (m_scope == 0) // no guard counts on its scope's name
    {
        m_scopes.resize(1);
    }
    m_memory.rewind({});
    ++m_generation;
    ++m_clears;
}

template <class T>
auto tape<T>::mark() const -> position
{
    position here;
    here.of = this;
    here.instructions = m_instructions.size();
    here.operands = m_operands.size();
    here.payloads = m_payloads.size();
    here.materialised = m_materialised.size();
    here.memory = m_memory.mark();
    here.generation_of_last = m_instructions.empty() ? 0 : m_instructions.back().generation;
    here.generation_of_last_materialised = m_materialised.empty() ? 0 : m_materialised.back().generation;
    here.clears = m_clears;
    return here;
}

template <class T>
bool tape<T>::stands(const position& mark) const
{
    const std::size_t last = mark.instructions - 1;
    const std::size_t last_materialised = mark.materialised - 1;
    return mark.clears == m_clears && mark.instructions <= m_instructions.size() &&
           mark.materialised <= m_materialised.size() &&
           (mark.instructions == 0 || m_instructions[last].generation == mark.generation_of_last) &&
           (mark.materialised == 0 ||
            m_materialised[last_materialised].generation == mark.generation_of_last_materialised);
}

template <class T>
void tape<T>::rewind(const position& to)
{
    if (to.of != this)
    {
        throw error::tape_error("rewind", "the mark is of another tape; a tape goes back to its own marks only.");
    }
    if (!stands(to))
    {
        throw error::tape_error("rewind", "the mark itself was cleared or rewound. Marks are good until a clear() or a "
                                          "rewind to an earlier mark.");
    }
    take_back(to);
    ++m_generation;
}

template <class T>
void tape<T>::take_back_if_standing(const position& to)
{
    if (stands(to)) // unless the tape was cleared since
    {
        rewind(to);
    }
}

template <class T>
void tape<T>::throw_out_of_memory(const char* name, location where) const
{
    throw error::memory_error(where, name, "the machine's memory is exhausted; the tape holds ", memory(), " bytes.");
}

template <class T>
void tape<T>::give_up(const position& start, const char* name, location where)
{
    take_back_if_standing(start);
    try
    {
        throw;
    }
    catch (const std::bad_alloc&)
    {
        throw_out_of_memory(name, where);
    }
    catch (error::exception& e)
    {
        e.named(name);
        e.recorded_at(where);
        throw;
    }
}

template <class T>
void tape<T>::take_back(const position& to)
{
    destroy_payloads(to.payloads);
    while (m_materialised.size() > to.materialised)
    {
        const materialisation& last = m_materialised.back();
        m_instructions[last.index].data = last.data;
        m_instructions[last.index].strides = last.strides;
        m_materialised.pop_back();
    }
    if (!m_names.empty())
    {
        std::erase_if(m_names, [&](const auto& entry) { return entry.first >= to.instructions; });
    }
    m_instructions.resize(to.instructions);
    m_operands.resize(to.operands);
    m_memory.rewind(to.memory);
}

template <class T>
void tape<T>::destroy_payloads(std::size_t from)
{
    while (m_payloads.size() > from)
    {
        m_payloads.back().destroy(m_payloads.back().attributes);
        m_payloads.pop_back();
    }
}

template <class T>
auto tape<T>::detach(const handle<T>& x) -> detached
{
    const instruction<T>& y = x.checked("no_history");
    if (x.tape_pointer() != this)
    {
        throw error::tape_error("no_history", "the function returned a variable of another tape.");
    }
    require_values(y, "no_history");
    const std::size_t element = y.op->element == element_kind::real ? sizeof(T) : sizeof(std::int64_t);
    const auto* data = static_cast<const std::byte*>(dense(x.index()));
    return {shape_vector(y.shape()), y.op->element, {data, data + y.size * element}, y.where()};
}

template <class T>
handle<T> tape<T>::attach(const detached& array)
{
    const leaf_memory memory = array.element == element_kind::real ? leaf(array.shape, false, array.where)
                                                                   : index_leaf(array.shape, array.where);
    std::copy(array.data.begin(), array.data.end(), static_cast<std::byte*>(memory.data));
    return memory.named;
}

template <class T>
std::size_t tape<T>::memory() const
{
    return m_memory.capacity() + m_instructions.capacity() * sizeof(instruction<T>) +
           m_operands.capacity() * sizeof(std::uint32_t);
}

// ----------------------------------------------------------------------------------------------------------- names

template <class T>
auto tape<T>::scope(std::string_view name) -> scope_guard
{
    const std::string& outer = m_scopes[m_scope];
    std::string full = outer.empty() ? std::string(name) : outer + "." + std::string(name);
    const auto known = std::find(m_scopes.begin(), m_scopes.end(), full);
    const std::uint32_t previous = m_scope;
    m_scope = static_cast<std::uint32_t>(known - m_scopes.begin());
    if (known == m_scopes.end())
    {
        m_scopes.push_back(std::move(full));
    }
    return scope_guard(*this, previous);
}

template <class T>
void tape<T>::set_name(const handle<T>& named, std::string_view name)
{
    named.checked("name");
    m_names[named.index()] = name;
}

template <class T>
std::string tape<T>::name_of(std::uint32_t index) const
{
    const auto found = m_names.find(index);
    if (found == m_names.end())
    {
        return "";
    }
    const std::string& scope = m_scopes[m_instructions[index].scope];
    return scope.empty() ? found->second : scope + "." + found->second;
}

// ----------------------------------------------------------------------------------------------- handles, variables

void detail::throw_empty(const char* operation, const location& where)
{
    throw error::tape_error(where, operation, "an operand is empty: a default-constructed variable names nothing.");
}

template <class T>
const instruction<T>& handle<T>::checked(const char* operation) const
{
    if (m_tape == nullptr)
    {
        detail::throw_empty(operation, {});
    }
    if (m_index >= m_tape->size() || (*m_tape)[m_index].generation != m_generation)
    {
        throw error::tape_error(operation, "an operand was recorded before the tape was cleared or rewound. Record it "
                                           "again, or keep its value as an array.");
    }
    return (*m_tape)[m_index];
}

template <class T>
shape_view handle<T>::shape() const
{
    return checked("shape").shape();
}

template <class T>
std::size_t handle<T>::shape(std::size_t axis) const
{
    const shape_view extents = shape();
    if (axis >= extents.size())
    {
        throw error::shape_error("shape", "axis ", axis, " is outside of shape ", extents, ".");
    }
    return extents[axis];
}

template <class T>
std::size_t handle<T>::size() const
{
    return checked("size").size;
}

template <class T>
std::string handle<T>::name() const
{
    checked("name");
    return m_tape->name_of(m_index);
}

template <class T>
variable<T> variable<T>::name(std::string_view name) const
{
    this->tape().set_name(*this, name);
    return *this;
}

template <class T>
indices<T> indices<T>::name(std::string_view name) const
{
    this->tape().set_name(*this, name);
    return *this;
}

namespace
{
template <class T>
const void* dense_values(const handle<T>& x)
{
    x.tape_pointer()->require_values(x.checked("value"), "value");
    return x.tape_pointer()->dense(x.index());
}

template <class T>
void require_single(const handle<T>& x)
{
    if (x.checked("item").size != 1)
    {
        throw error::shape_error("item", "the array has shape ", x.shape(), ", but item() needs exactly one element.");
    }
}
} // namespace

template <class T>
const T* variable<T>::data() const
{
    return static_cast<const T*>(dense_values(*this));
}

template <class T>
T variable<T>::item() const
{
    require_single(*this);
    return *data();
}

template <class T>
const std::int64_t* indices<T>::data() const
{
    return static_cast<const std::int64_t*>(dense_values(*this));
}

template <class T>
std::int64_t indices<T>::item() const
{
    require_single(*this);
    return *data();
}

template struct leaves<float>;
template struct leaves<double>;
template class tape<float>;
template class tape<double>;
template class handle<float>;
template class handle<double>;
template class variable<float>;
template class variable<double>;
template class indices<float>;
template class indices<double>;

} // namespace autograd
