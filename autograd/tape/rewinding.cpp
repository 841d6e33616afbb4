#include "autograd/tape/tape.hpp"

#include <algorithm>

namespace autograd
{

template <class T>
void tape<T>::clear()
{
    destroy_payloads(0);
    m_instructions.shrink(0);
    m_operands.shrink(0);
    m_generations.rewind(0);
    m_shared.forget();
    m_materialised.clear();
    m_derivatives.clear();
    m_beside.clear();
    m_observations.clear();
    m_once.clear();
    m_names.rewind(0, 1);
    m_memory.rewind({});
    ++m_generation;
    ++m_clears;
}

template <class T>
bool tape<T>::stands(const position& mark) const
{
    const std::size_t last = mark.instructions - 1;
    const std::size_t last_materialised = mark.materialised - 1;
    return mark.clears == m_clears && mark.instructions <= m_instructions.size() &&
           mark.materialised <= m_materialised.size() &&
           (mark.instructions == 0 || m_generations.of(last) == mark.generation_of_last) &&
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
    catch (detail::arena_exhausted& e)
    {
        e.told_by(name);
        e.recorded_at(where);
        throw error::memory_error(e); // what is made of this operation does not tell it again
    }
    catch (error::exception& e)
    {
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
        m_instructions[last.index].form = last.form;
        m_materialised.pop_back();
    }
    while (!m_derivatives.empty() && m_derivatives.back().first >= to.instructions)
    {
        m_derivatives.pop_back();
    }
    while (!m_beside.empty() && m_beside.back().end != open_end && m_beside.back().end > to.instructions)
    {
        if (m_beside.back().first < to.instructions)
        {
            m_beside.back().end = static_cast<std::uint32_t>(to.instructions);
            break;
        }
        m_beside.pop_back();
    }
    while (!m_observations.empty() && m_observations.back().before > to.instructions)
    {
        m_instructions[m_observations.back().of].observed = false;
        m_observations.pop_back();
    }
    m_names.rewind(to.instructions, to.scopes);
    m_instructions.shrink(to.instructions);
    m_operands.shrink(to.operands);
    m_generations.rewind(to.instructions);
    m_shared.forget();
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
    return {shape_vector(y.shape()), y.op->element, {data, data + y.size() * element}, y.where()};
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
tape<T>::tape(recording keep) : m_keep(keep)
{
}

template <class T>
tape<T>::~tape()
{
    destroy_payloads(0);
}

template <class T>
std::size_t tape<T>::memory() const
{
    return m_memory.capacity() + m_names.memory() + m_instructions.memory() + m_operands.memory() +
           m_generations.memory() + m_shared.memory() + m_payloads.capacity() * sizeof(owned_payload) +
           m_materialised.capacity() * sizeof(materialisation) + m_derivatives.capacity() * sizeof(derivatives) +
           m_observations.capacity() * sizeof(observation);
}

#define AUTOGRAD_INSTANTIATE(T)                                                                                        \
    template tape<T>::tape(recording);                                                                                 \
    template tape<T>::~tape();                                                                                         \
    template void tape<T>::clear();                                                                                    \
    template void tape<T>::rewind(const position&);                                                                    \
    template void tape<T>::take_back_if_standing(const position&);                                                     \
    template void tape<T>::give_up(const position&, const char*, location);                                            \
    template void tape<T>::destroy_payloads(std::size_t);                                                              \
    template tape<T>::detached tape<T>::detach(const handle<T>&);                                                      \
    template handle<T> tape<T>::attach(const detached&);                                                               \
    template std::size_t tape<T>::memory() const;

AUTOGRAD_INSTANTIATE(float)
AUTOGRAD_INSTANTIATE(double)

} // namespace autograd
