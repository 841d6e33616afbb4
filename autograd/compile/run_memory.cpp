#include "autograd/compile/run_memory.hpp"

#include "autograd/kernels/dispatch.hpp"
#include "autograd/kernels/running_sum.hpp"
#include "autograd/parallel/ranges.hpp"

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
        m_ranges.resize(m_given.size());
        m_operands.resize(what.operands.size());
        m_results.resize(what.results.size());
        m_views.resize(what.view_count);
        m_calls.resize(what.call_count);
        std::size_t most_operands_of_group = 0;
        std::size_t most_results_of_group = 0;
        for (const group& g : what.groups)
        {
            const step<T>& first = what.steps[g.first];
            const step<T>& last = what.steps[g.end - 1];
            if (g.is_tiled())
            {
                most_operands_of_group = std::max<std::size_t>(
                    most_operands_of_group, last.first_operand + last.operand_count - first.first_operand);
                most_results_of_group = std::max<std::size_t>(most_results_of_group, g.end - g.first);
            }
        }
        m_moving.resize(most_operands_of_group);
        m_moving_results.resize(most_results_of_group);
    }
    catch (const std::bad_alloc&)
    {
        throw error::memory_error("make_workspace", "the program needs ", what.plan.bytes,
                                  " bytes and some for each step, which the machine does not have.");
    }
    for (std::size_t k = 0; k < what.operands.size(); ++k)
    {
        const run_access& x = what.operands[k];
        m_operands[k] = {x.value == none ? nullptr : view_of(x.value).template as<T>(), x.is_splat};
    }
    for (const step<T>& s : what.steps)
    {
        auto* const result = const_cast<void*>(address_of(s.value));
        if (s.is_run())
        {
            m_results[s.number] = static_cast<T*>(result);
            continue;
        }
        const scheduled_value<T>& y = what.values[s.value];
        const auto operands = what.values.operands(y);
        std::transform(operands.begin(), operands.end(), m_views.begin() + s.first_operand,
                       [&](std::uint32_t operand) { return view_of(operand); });
        void* const scratch = s.scratch_bytes > 0 ? m_arena.get() + s.scratch_offset : nullptr;
        m_calls[s.number] = {
            {m_views.data() + s.first_operand, s.operand_count}, y.shape(), y.size, result, y.attributes, scratch};
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
    const auto* const elements = static_cast<const std::byte*>(address_of(x.memory));
    return {elements == nullptr ? nullptr : elements + x.offset * x.element_size(), x.shape(), x.size, x.strides};
}

template <class T>
void detail::run_memory<T>::give_to_steps()
{
    for (const address_slot& slot : m_of->slots)
    {
        const void* const address = static_cast<const std::byte*>(m_given[slot.given]) + slot.offset;
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
    const std::span<const action<T>> actions = m_of->actions;
    try
    {
        for (const action<T>& each : actions.subspan(m_is_prepared ? m_of->prologue_actions : 0))
        {
            if (each.run != nullptr)
            {
                each.run(m_operands.data() + each.first, m_results[each.place], each.size, each.attributes);
            }
            else if (const group& g = m_of->groups[each.place]; g.is_tiled())
            {
                execute_tiles(g);
            }
            else
            {
                m_current = each.first;
                call(m_of->steps[m_current]);
            }
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
void detail::run_memory<T>::call(const step<T>& s)
{
    if (s.is_run())
    {
        execute_run(s);
    }
    else if (s.kind == step_kind::lay_out)
    {
        lay_out<T>(m_views[s.first_operand], m_of->values[s.value].element, m_calls[s.number].result);
    }
    else
    {
        m_of->values[s.value].op->forward(m_calls[s.number]);
    }
}

/// All elements of a long run at once, in ranges that may be shared out.
template <class T>
void detail::run_memory<T>::execute_run(const step<T>& s) const
{
    const run_operand<T>* const operands = m_operands.data() + s.first_operand;
    T* const result = m_results[s.last_number()];
    parallel::for_each_range(s.size, s.size, 64,
                             [&](std::size_t first, std::size_t last)
                             {
                                 run_operand<T> of_range[2 * most_operands]; // of a pair
                                 for (std::size_t k = 0; k < s.run_operands; ++k)
                                 {
                                     const auto [data, splat] = operands[k];
                                     of_range[k] = {splat || data == nullptr ? data : data + first, splat};
                                 }
                                 s.run(of_range, result + first, last - first, s.attributes);
                             });
}

template <class T>
auto detail::run_memory<T>::walk_from_start(const group& g, run_operand<T>* operands, T** results) const -> tile_walk<T>
{
    const step<T>& first = m_of->steps[g.first];
    const step<T>& last = m_of->steps[g.end - 1];
    std::copy_n(m_operands.begin() + first.first_operand, last.first_operand + last.operand_count - first.first_operand,
                operands);
    std::copy_n(m_results.begin() + first.number, g.end - g.first, results);
    return {operands, results, m_arena.get()};
}

template <class T>
void detail::run_memory<T>::execute_tiles(const group& g)
{
    const std::size_t work = g.loop.elements * (g.end - g.first);
    if (!parallel::is_divided(work) || !execute_divided(g))
    {
        tile_walk<T> at = walk_from_start(g, m_moving.data(), m_moving_results.data());
        execute_elements(at, g, 0, g.loop.elements);
    }
}

/// Elements [first, last) of the rows one behind the other, from the start of the loop on.
template <class T>
void detail::run_memory<T>::execute_elements(tile_walk<T>& at, const group& g, std::size_t first,
                                             std::size_t last) const
{
    const std::size_t length = g.loop.length;
    std::size_t row = first / length;
    std::size_t begin = first % length;
    if (first > 0)
    {
        move_on(at, g, begin, row);
    }
    for (; first < last; ++row)
    {
        const std::size_t end = std::min(length, begin + (last - first));
        move_on(at, g, -execute_row(at, g, row, begin, end), 1);
        first += end - begin;
        begin = 0;
    }
}

/// Elements [first, last) of each row, from the start of the loop on.
template <class T>
void detail::run_memory<T>::execute_columns(tile_walk<T>& at, const group& g, std::size_t first, std::size_t last) const
{
    move_on(at, g, first, 0);
    for (std::size_t row = 0; row < g.loop.rows(); ++row)
    {
        move_on(at, g, first - execute_row(at, g, row, first, last), 1);
    }
}

/// Elements [first, last) of a row; returns where its last tile begins, where it is then.
template <class T>
std::size_t detail::run_memory<T>::execute_row(tile_walk<T>& at, const group& g, std::size_t row, std::size_t first,
                                               std::size_t last) const
{
    for (; first + g.tile < last; first += g.tile)
    {
        execute_tile(at, g, row, first, g.tile);
        move_on(at, g, g.tile, 0);
    }
    execute_tile(at, g, row, first, last - first);
    return first;
}

template <class T>
void detail::run_memory<T>::execute_tile(tile_walk<T>& at, const group& g, std::size_t row, std::size_t first,
                                         std::size_t count) const
{
    const std::uint32_t first_operand = m_of->steps[g.first].first_operand;
    for (std::uint32_t number = g.first; number < g.end; number += m_of->steps[number].covers)
    {
        const step<T>& s = m_of->steps[number];
        const run_operand<T>* const operands = at.operands + (s.first_operand - first_operand);
        T* const result = at.results[number - g.first + s.covers - 1];
        if (s.kind == step_kind::sum)
        {
            add_up(at, number, g, row, first, count);
        }
        else if (s.kind == step_kind::planes)
        {
            execute_of_planes(s, operands, result, count);
        }
        else if (s.planes == 1)
        {
            s.run(operands, result, count, s.attributes);
        }
        else
        {
            execute_planes(s, operands, result, count);
        }
    }
}

/// Whether planes of so many elements stand one behind the other, of what a step reads and makes.
template <class T>
bool detail::run_memory<T>::follow_each_other(const step<T>& s, std::size_t count) const
{
    const auto operands = std::span(m_of->operands).subspan(s.first_operand, s.run_operands);
    return m_of->results[s.last_number()].strides.plane == count &&
           std::all_of(operands.begin(), operands.end(),
                       [&](const run_access& x)
                       { return x.value == none || x.strides.plane == (x.is_splat ? 0 : count); });
}

template <class T>
void detail::run_memory<T>::execute_planes(const step<T>& s, const run_operand<T>* operands, T* result,
                                           std::size_t count) const
{
    if (follow_each_other(s, count))
    {
        s.run(operands, result, s.planes * count, s.attributes);
        return;
    }
    run_operand<T> of_plane[most_operands];
    std::copy_n(operands, s.run_operands, of_plane);
    for (std::size_t plane = 0; plane < s.planes; ++plane)
    {
        s.run(of_plane, result, count, s.attributes);
        for (std::size_t k = 0; k < s.run_operands; ++k)
        {
            of_plane[k].data += m_of->operands[s.first_operand + k].strides.plane;
        }
        result += m_of->results[s.last_number()].strides.plane;
    }
}

template <class T>
kernels::planes<const T> detail::run_memory<T>::planes_in_hand(const step<T>& s, const run_operand<T>* operands,
                                                               std::size_t k) const
{
    return {operands[k].data, m_of->operands[s.first_operand + k].strides.plane};
}

template <class T>
void detail::run_memory<T>::execute_of_planes(const step<T>& s, const run_operand<T>* operands, T* result,
                                              std::size_t count) const
{
    kernels::planes<const T> planes[most_operands_of_planes];
    for (std::size_t k = 0; k < s.operand_count; ++k)
    {
        planes[k] = planes_in_hand(s, operands, k);
    }
    const std::size_t stride = m_of->results[s.number].strides.plane;
    s.form->run({planes, {result, stride}, s.planes, s.result_planes, count, s.attributes}, s.operand_count);
}

template <class T>
kernels::dots_of_planes<T> detail::run_memory<T>::dots_in_hand(const tile_walk<T>& at, const step<T>& s, const group& g)
{
    return {s.planes, s.size / s.planes, g.loop.elements, at.own(s.scratch_offset)};
}

/// The same to products of planes, the first columns of which are those of the first row.
template <class T>
void detail::run_memory<T>::add_dots(tile_walk<T>& at, std::uint32_t number, const group& g, std::size_t first,
                                     std::size_t count) const
{
    const auto& kernels = kernels::plane_loops<T>;
    const step<T>& s = m_of->steps[number];
    const kernels::dots_of_planes<T> sums = dots_in_hand(at, s, g);
    const run_operand<T>* const operands = at.operands + (s.first_operand - m_of->steps[g.first].first_operand);
    if (first == 0)
    {
        kernels->begin_dots(sums);
    }
    kernels->add_dots(sums, planes_in_hand(s, operands, 0), planes_in_hand(s, operands, 1), first, count);
    if (first + count == g.loop.elements)
    {
        kernels->finish_dots(sums, at.results[number - g.first]);
    }
}

/// The tile in hand to a sum, which begins where its first element is, and is written where its last one is.
template <class T>
void detail::run_memory<T>::add_up(tile_walk<T>& at, std::uint32_t number, const group& g, std::size_t row,
                                   std::size_t first, std::size_t count) const
{
    const auto& kernels = kernels::running_sums<T>;
    const step<T>& s = m_of->steps[number];
    const T* const x = at.operands[s.first_operand - m_of->steps[g.first].first_operand].data;
    T* const result = at.results[number - g.first];
    const std::size_t from_plane_to_plane = m_of->operands[s.first_operand].strides.plane;
    if (s.sum == tile_sum::dots)
    {
        add_dots(at, number, g, row * g.loop.length + first, count);
        return;
    }
    if (s.sum == tile_sum::planes)
    {
        kernels->across(x, s.planes, from_plane_to_plane, count, result);
        return;
    }
    const bool along_row = s.sum == tile_sum::row;
    const bool is_first = first == 0 && (along_row || row == 0);
    const bool is_last = first + count == g.loop.length && (along_row || row + 1 == g.loop.rows());
    // Walks through columns share what these know, each for its own.
    std::byte* sums = s.sum == tile_sum::columns ? m_arena.get() + s.scratch_offset : at.own(s.scratch_offset);
    for (std::size_t plane = 0; plane < s.planes; ++plane, sums += s.scratch_bytes / s.planes)
    {
        T* const y = result + plane * m_of->results[s.number].strides.plane;
        const T* const elements = x + plane * from_plane_to_plane;
        if (s.sum == tile_sum::columns)
        {
            kernels->add_to_columns(sums, g.loop.rows(), g.loop.length, row, first, count, elements, y);
            continue;
        }
        if (is_first)
        {
            kernels->begin(sums);
        }
        kernels->add(sums, elements, count);
        if (is_last)
        {
            *y = kernels->finish(sums);
        }
    }
}

/// So many elements, which may be less than none, and rows.
template <class T>
void detail::run_memory<T>::move_on(tile_walk<T>& at, const group& g, std::size_t elements, std::size_t rows) const
{
    const auto distance = [&](const run_access& of)
    { return static_cast<std::ptrdiff_t>(elements * of.strides.element + rows * of.strides.row); };
    const step<T>& first = m_of->steps[g.first];
    const step<T>& last = m_of->steps[g.end - 1];
    for (std::uint32_t k = first.first_operand; k < last.first_operand + last.operand_count; ++k)
    {
        at.operands[k - first.first_operand].data += distance(m_of->operands[k]);
    }
    for (std::uint32_t k = 0; k < g.end - g.first; ++k)
    {
        at.results[k] += distance(m_of->results[first.number + k]);
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
    return {static_cast<const std::byte*>(elements) + y.offset * y.element_size(), y.shape(), y.size, y.strides};
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
