#include "autograd/compile/run_memory.hpp"

#include <algorithm>
#include <cstring>
#include <new>

namespace autograd
{

template <class T>
void detail::run_memory<T>::release::operator()(std::byte* memory) const
{
    ::operator delete(memory, std::align_val_t(arena_plan::alignment));
}

template <class T>
detail::run_memory<T>::run_memory(std::shared_ptr<const compiled<T>> of) : m_of(std::move(of))
{
    const compiled<T>& what = *m_of;
    try
    {
        m_arena.reset(
            static_cast<std::byte*>(::operator new(what.plan.bytes, std::align_val_t(arena_plan::alignment))));
        m_given.resize(what.values.input_count() + what.values.outputs().size());
        m_operands.resize(what.run_operand_count);
        m_results.resize(what.result_count);
        m_views.resize(what.view_count);
        m_calls.resize(what.call_count);
        std::size_t most = 0;
        for (const group& g : what.groups)
        {
            const step<T>& last = what.steps[g.end - 1];
            most = g.is_tiled() ? std::max<std::size_t>(most, last.first_operand + last.operand_count -
                                                                  what.steps[g.first].first_operand)
                                : most;
        }
        m_moving.resize(most);
    }
    catch (const std::bad_alloc&)
    {
        throw error::memory_error("make_workspace", "the program needs ", what.plan.bytes,
                                  " bytes and some for each step, which the machine does not have.");
    }
    for (const step<T>& s : what.steps)
    {
        const scheduled_value<T>& y = what.values[s.value];
        const auto operands = what.values.operands(y);
        auto* const result = const_cast<void*>(address_of(s.value));
        for (std::size_t k = 0; k < operands.size(); ++k)
        {
            const array_view x = view_of(operands[k]);
            if (s.kind == step_kind::elements)
            {
                m_operands[s.first_operand + k] = {x.template as<T>(), what.values[operands[k]].is_single()};
            }
            else
            {
                m_views[s.first_operand + k] = x;
            }
        }
        if (s.kind == step_kind::elements)
        {
            m_results[s.number] = static_cast<T*>(result);
        }
        else
        {
            void* const scratch = s.scratch_bytes > 0 ? m_arena.get() + s.scratch_offset : nullptr;
            m_calls[s.number] = {
                {m_views.data() + s.first_operand, s.operand_count}, y.shape(), y.size, result, y.attributes, scratch};
        }
    }
}

/// Null for what a run is given.
template <class T>
const void* detail::run_memory<T>::address_of(std::uint32_t root) const
{
    const scheduled_value<T>& y = m_of->values[root];
    return y.origin == value_origin::kept                          ? y.data
           : !y.is_step() || m_of->computed_in[root] != m_of->none ? nullptr
                                                                   : m_arena.get() + m_of->offsets[root];
}

template <class T>
array_view detail::run_memory<T>::view_of(std::uint32_t value) const
{
    const scheduled_value<T>& x = m_of->values[value];
    return {address_of(x.memory), x.shape(), x.size, x.strides};
}

template <class T>
void detail::run_memory<T>::give_to_steps()
{
    for (const address_slot& slot : m_of->slots)
    {
        const void* const address = m_given[slot.given];
        switch (slot.where)
        {
        case address_slot::place::run_operand:
            m_operands[slot.number].data = static_cast<const T*>(address);
            break;
        case address_slot::place::result:
            m_results[slot.number] = static_cast<T*>(const_cast<void*>(address));
            break;
        case address_slot::place::view:
            m_views[slot.number].data = address;
            break;
        case address_slot::place::call_result:
            m_calls[slot.number].result = const_cast<void*>(address);
            break;
        }
    }
}

template <class T>
void detail::run_memory<T>::execute()
{
    const std::span<const group> groups = m_of->groups;
    try
    {
        for (const group& g : groups.subspan(m_is_prepared ? m_of->prologue_groups : 0))
        {
            execute(g);
        }
    }
    catch (error::exception& e)
    {
        e.recorded_at(m_of->values[m_of->steps[m_current].value].where);
        throw;
    }
    m_is_prepared = true;
}

template <class T>
void detail::run_memory<T>::execute(const group& g)
{
    if (g.is_tiled())
    {
        execute_tiles(g);
        return;
    }
    for (m_current = g.first; m_current < g.end; ++m_current)
    {
        execute(m_of->steps[m_current]);
    }
}

template <class T>
void detail::run_memory<T>::execute(const step<T>& s)
{
    switch (s.kind)
    {
    case step_kind::elements:
        s.run(m_operands.data() + s.first_operand, m_results[s.number], s.size, s.attributes);
        break;
    case step_kind::forward:
        m_of->values[s.value].op->forward(m_calls[s.number]);
        break;
    case step_kind::lay_out:
        lay_out<T>(m_views[s.first_operand], m_of->values[s.value].element, m_calls[s.number].result);
        break;
    }
}

template <class T>
void detail::run_memory<T>::execute_tiles(const group& g)
{
    const std::span<const step<T>> steps = std::span(m_of->steps).subspan(g.first, g.end - g.first);
    const std::uint32_t first = steps.front().first_operand;
    const std::size_t operands = steps.back().first_operand + steps.back().operand_count - first;
    const char* const moves = m_of->moves.data() + first;
    std::copy_n(m_operands.begin() + first, operands, m_moving.begin());
    for (std::size_t done = 0; done < steps.front().size; done += g.tile)
    {
        const std::size_t count = std::min(g.tile, steps.front().size - done);
        for (const step<T>& s : steps)
        {
            T* const result = m_results[s.number] + (m_of->is_within_tile[s.value] ? 0 : done);
            s.run(m_moving.data() + (s.first_operand - first), result, count, s.attributes);
        }
        for (std::size_t k = 0; k < operands; ++k)
        {
            m_moving[k].data += moves[k] ? count : 0;
        }
    }
}

template <class T>
void detail::run_memory<T>::save_replaced()
{
    for (const final_copy& each : m_of->copies)
    {
        if (each.is_saved)
        {
            const scheduled_value<T>& root = m_of->values[m_of->values[each.value].memory];
            std::memcpy(m_arena.get() + each.saved_offset, m_given[m_of->values[each.value].memory],
                        root.size == 0 ? 0 : root.size * root.element_size());
        }
    }
}

template <class T>
array_view detail::run_memory<T>::view_of(const final_copy& each) const
{
    const scheduled_value<T>& y = m_of->values[each.value];
    const scheduled_value<T>& root = m_of->values[y.memory];
    const std::uint32_t output = m_of->computed_in[y.memory];
    const void* const elements = each.is_saved                        ? m_arena.get() + each.saved_offset
                                 : root.origin == value_origin::given ? m_given[y.memory]
                                 : output != m_of->none               ? m_given[m_of->values.input_count() + output]
                                                                      : address_of(y.memory);
    return {elements, y.shape(), y.size, y.strides};
}

template <class T>
void detail::run_memory<T>::copy_out(const final_copy& each, void* to) const
{
    const array_view from = view_of(each);
    const scheduled_value<T>& y = m_of->values[each.value];
    if (from.dense())
    {
        std::memcpy(to, from.data, y.size == 0 ? 0 : y.size * y.element_size());
    }
    else
    {
        lay_out<T>(from, y.element, to);
    }
}

template class detail::run_memory<float>;
template class detail::run_memory<double>;

} // namespace autograd
