#include "autograd/compile/schedule.hpp"

#include "autograd/kernels/copy.hpp"
#include "autograd/kernels/dispatch.hpp"
#include "autograd/tape/leaves.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace autograd
{

namespace
{

/// Those operands of an instruction that its elements are made of: where it has none of its own, the one it shares.
template <class T>
std::span<const std::uint32_t> operands_read(const tape<T>& tape, const instruction<T>& y)
{
    const std::span<const std::uint32_t> all = tape.operands(y);
    return y.op->storage == storage_kind::shared      ? all.last(1)
           : y.op->storage == storage_kind::broadcast ? all.first(1)
                                                      : all;
}

} // namespace

template <class T>
void detail::lay_out(const array_view& from, element_kind element, void* to)
{
    if (element == element_kind::real)
    {
        kernels::copies<T>->strided(from, static_cast<T*>(to));
    }
    else
    {
        kernels::copies<std::int64_t>->strided(from, static_cast<std::int64_t*>(to));
    }
}

/// Goes through the instructions up to the last of inputs and outputs, backwards to see which are needed, and forwards.
template <class T>
class detail::schedule<T>::builder
{
public:
    builder(schedule& into, const tape<T>& from, std::span<const handle<T>> inputs, std::span<const handle<T>> outputs,
            bool constant_keys, bool all_checks)
        : m_schedule(into), m_tape(from), m_all_checks(all_checks), m_end(all_checks ? from.size() : 0)
    {
        for (const handle<T>& y : outputs)
        {
            m_end = std::max<std::size_t>(m_end, y.index() + 1);
        }
        for (const handle<T>& x : inputs)
        {
            m_end = std::max<std::size_t>(m_end, x.index() + 1);
        }
        m_value_of.assign(m_end, none);
        m_depends.assign(m_end, 0);
        add_inputs(inputs);
        find_dependent();
        find_needed(outputs);
        require_recomputable();
        if (!constant_keys)
        {
            require_keys();
        }
        for (std::uint32_t i = 0; i < m_end; ++i)
        {
            if (m_needed[i] && m_value_of[i] == none && !is_known(i))
            {
                add_instruction(i);
            }
        }
        for (const handle<T>& y : outputs)
        {
            m_schedule.m_outputs.push_back(value_of(y.index()));
            m_schedule.m_output_names.push_back(y.name());
        }
        for (const handle<T>& x : inputs)
        {
            m_schedule.m_input_names.push_back(x.name());
        }
        note_observations();
    }

private:
    void add_inputs(std::span<const handle<T>> inputs)
    {
        m_schedule.m_input_count = inputs.size();
        for (std::size_t k = 0; k < inputs.size(); ++k)
        {
            const std::uint32_t index = inputs[k].index();
            if (m_value_of[index] != none)
            {
                throw error::value_error("compile", "input ", k, " is input ", m_value_of[index],
                                         " again; list each variable once.");
            }
            m_value_of[index] = append(m_tape[index], value_origin::given, {});
        }
    }

    void find_dependent()
    {
        for (std::uint32_t i = 0; i < m_end; ++i)
        {
            const auto read = operands_read(m_tape, m_tape[i]);
            m_depends[i] =
                m_value_of[i] != none || std::any_of(read.begin(), read.end(), [&](auto k) { return m_depends[k]; });
        }
    }

    /// Marks what a run computes: what the outputs need, and what may refuse the values of an input, with what that
    /// needs: recorded in front of the last output, or all of it.
    void find_needed(std::span<const handle<T>> outputs)
    {
        m_needed.assign(m_end, 0);
        auto behind = static_cast<std::uint32_t>(m_all_checks ? m_end : 0);
        for (const handle<T>& y : outputs)
        {
            m_needed[y.index()] = 1;
            behind = std::max(behind, y.index());
        }
        mark_refusing(behind);
        for (auto i = static_cast<std::uint32_t>(m_end); i-- > 0;)
        {
            if (m_needed[i] && m_value_of[i] == none)
            {
                for (std::uint32_t operand : operands_read(m_tape, m_tape[i]))
                {
                    m_needed[operand] = 1;
                }
            }
        }
    }

    void mark_refusing(std::uint32_t behind)
    {
        std::vector<char> outlined(m_end, 0); // of placeholders that are no inputs: never computed
        for (std::uint32_t i = 0; i < behind; ++i)
        {
            const operation<T>& op = *m_tape[i].op;
            const auto operands = m_tape.operands(m_tape[i]);
            outlined[i] = m_value_of[i] == none &&
                          (&op == &leaves<T>::placeholder ||
                           std::any_of(operands.begin(), operands.end(), [&](auto k) { return outlined[k]; }));
            if ((op.checks || op.throws) && m_depends[i] && m_value_of[i] == none && !outlined[i])
            {
                m_needed[i] = 1;
            }
        }
    }

    /// Throws where something that is needed was drawn by a key that is the same in all runs.
    void require_keys() const
    {
        for (std::uint32_t i = 0; i < m_end; ++i)
        {
            const instruction<T>& y = m_tape[i];
            if (m_needed[i] && m_value_of[i] == none && y.op->draws && !m_depends[m_tape.operands(y)[0]])
            {
                throw error::value_error(y.where(), "compile", y.op->name,
                                         " draws by a key that depends on no input, so that all runs would have the "
                                         "same numbers. List the key among the inputs; where the same numbers are "
                                         "meant, set the option constant_keys.");
            }
        }
    }

    /// Throws where something that is needed was computed beside the tape out of what depends on an input.
    void require_recomputable() const
    {
        std::vector<char> depends(m_end, 0); // by any operand, whether its elements are read or not
        for (std::uint32_t i = 0; i < m_end; ++i)
        {
            const instruction<T>& y = m_tape[i];
            const auto operands = m_tape.operands(y);
            const bool is_input = m_value_of[i] != none;
            const bool by_operands =
                std::any_of(operands.begin(), operands.end(), [&](std::uint32_t k) { return depends[k] != 0; });
            if (by_operands && m_needed[i] && !is_input && y.op->beside_tape)
            {
                throw error::value_error(y.where(), "compile", "what ", y.op->name,
                                         " gave was computed beside the tape, of values that depend on an input; a "
                                         "program cannot compute it again. Record it as operations on one tape.");
            }
            depends[i] = is_input || by_operands;
        }
        for (const typename tape<T>::beside& each : m_tape.computed_beside())
        {
            const bool reads_input = std::any_of(each.read.begin(), each.read.end(),
                                                 [&](std::uint32_t i) { return i < m_end && depends[i] != 0; });
            const auto end = static_cast<std::uint32_t>(std::min<std::size_t>(each.end, m_end));
            for (std::uint32_t i = each.first; reads_input && i < end; ++i)
            {
                if (m_needed[i] && m_value_of[i] == none)
                {
                    throw error::value_error(m_tape[i].where(), "compile",
                                             "the function or the rule of a custom_vjp read values that depend on an "
                                             "input; a program cannot do so for others. Compute with recorded "
                                             "operations.");
                }
            }
        }
    }

    /// Whether the elements are what they were when it was recorded.
    bool is_known(std::uint32_t i) const
    {
        return !m_depends[i] && (m_tape.keeps() == recording::values || m_tape[i].op->kind == rule_kind::leaf);
    }

    std::uint32_t value_of(std::uint32_t i)
    {
        if (m_value_of[i] == none)
        {
            m_value_of[i] = add_known(m_tape[i]);
        }
        return m_value_of[i];
    }

    std::uint32_t add_known(const instruction<T>& y)
    {
        const std::uint32_t value = append(y, value_origin::kept, {});
        scheduled_value<T>& kept = m_schedule.m_values[value];
        const bool is_number = y.op == &leaves<T>::full; // which a tape of shapes knows, too
        const void* const from = is_number ? y.attributes() : y.data;
        if (from == nullptr && y.size() > 0)
        {
            if (m_tape.keeps() == recording::values)
            {
                m_tape.require_values(y, "compile"); // throws: it is made of a placeholder
            }
            throw error::tape_error(y.where(), "compile",
                                    "the tape records shapes only, and outputs need the values of this ", y.op->name,
                                    ". List it among the inputs, or record on a tape that keeps values.");
        }
        if (y.dimension() > 0 && (is_number || y.strides() != nullptr))
        {
            kept.strides = copied_strides(y.strides(), y.dimension());
        }
        const std::size_t count = detail::elements_in_memory(y.shape(), kept.strides);
        void* const memory = m_schedule.m_memory.allocate(count * kept.element_size());
        std::memcpy(memory, from, y.size() > 0 ? count * kept.element_size() : 0);
        kept.data = memory;
        return value;
    }

    /// Strides of 0 for null ones.
    const std::ptrdiff_t* copied_strides(const std::ptrdiff_t* strides, std::size_t dimension)
    {
        auto* copy = m_schedule.m_memory.template allocate_array<std::ptrdiff_t>(dimension);
        for (std::size_t axis = 0; axis < dimension; ++axis)
        {
            copy[axis] = strides == nullptr ? 0 : strides[axis];
        }
        return copy;
    }

    void add_instruction(std::uint32_t i)
    {
        const instruction<T>& y = m_tape[i];
        const auto read = operands_read(m_tape, y);
        std::vector<std::uint32_t>& operands = m_operands;
        operands.clear();
        for (std::uint32_t operand : read)
        {
            operands.push_back(value_of(operand));
        }
        switch (y.op->storage)
        {
        case storage_kind::own:
            add_computed(i, operands);
            break;
        case storage_kind::shared:
            add_shared(i, operands[0]);
            break;
        case storage_kind::broadcast:
            add_repeated(i, operands[0]);
            break;
        }
    }

    void add_computed(std::uint32_t i, std::vector<std::uint32_t>& operands)
    {
        const instruction<T>& y = m_tape[i];
        if (!y.op->reads_broadcasts)
        {
            std::transform(operands.begin(), operands.end(), operands.begin(), [&](auto x) { return dense(x); });
        }
        m_value_of[i] = append(y, value_origin::computed, operands);
        m_schedule.m_values[m_value_of[i]].attributes = copied_attributes(y);
    }

    void add_shared(std::uint32_t i, std::uint32_t source)
    {
        const instruction<T>& y = m_tape[i];
        const bool same_shape = m_schedule[source].shape() == y.shape();
        source = same_shape ? source : dense(source);
        m_value_of[i] = append(y, value_origin::shared, {&source, 1});
        scheduled_value<T>& value = m_schedule.m_values[m_value_of[i]];
        value.memory = m_schedule[source].memory;
        value.strides = m_schedule[source].strides;
    }

    void add_repeated(std::uint32_t i, std::uint32_t source)
    {
        m_value_of[i] = append(m_tape[i], value_origin::shared, {&source, 1});
        scheduled_value<T>& y = m_schedule.m_values[m_value_of[i]];
        const scheduled_value<T>& x = m_schedule[source];
        auto* strides = m_schedule.m_memory.template allocate_array<std::ptrdiff_t>(y.dimension);
        detail::broadcast_strides(x.shape(), x.strides, y.shape(), strides);
        y.memory = x.memory;
        y.strides = strides;
    }

    void note_observations()
    {
        std::uint32_t last = 0;
        for (std::uint32_t i = 0; i < m_end; ++i)
        {
            last = m_needed[i] && m_depends[i] && m_value_of[i] >= m_schedule.m_input_count ? i : last;
        }
        for (const auto& each : m_tape.observations())
        {
            // Of all that was recorded, the last read may have chosen what is asked for.
            if ((each.before <= last || m_all_checks) && m_depends[each.of])
            {
                m_schedule.m_observations.push_back(each.where);
            }
        }
    }

    /// The value itself, or one with the same elements where it repeats some.
    std::uint32_t dense(std::uint32_t value)
    {
        if (m_schedule[value].strides == nullptr)
        {
            return value;
        }
        m_dense.resize(m_schedule.m_values.size(), none);
        if (m_dense[value] == none)
        {
            m_dense[value] = add_dense(value);
        }
        return m_dense[value];
    }

    std::uint32_t add_dense(std::uint32_t value)
    {
        scheduled_value<T> copy = m_schedule[value];
        const scheduled_value<T>& root = m_schedule[copy.memory];
        copy.strides = nullptr;
        if (root.origin == value_origin::kept)
        {
            void* const memory = m_schedule.m_memory.allocate(copy.size * copy.element_size());
            const array_view from{root.data, copy.shape(), copy.size, m_schedule[value].strides};
            lay_out<T>(from, copy.element, memory);
            copy.data = memory;
            copy.origin = value_origin::kept;
            copy.operand_count = 0;
        }
        else
        {
            copy.origin = value_origin::laid_out;
            copy.first_operand = static_cast<std::uint32_t>(m_schedule.m_operands.size());
            copy.operand_count = 1;
            m_schedule.m_operands.push_back(value);
        }
        return append(copy);
    }

    std::uint32_t append(const instruction<T>& y, value_origin origin, std::span<const std::uint32_t> operands)
    {
        scheduled_value<T> value{};
        value.op = y.op;
        auto* extents = m_schedule.m_memory.template allocate_array<std::size_t>(y.dimension());
        std::copy_n(y.shape().begin(), y.dimension(), extents);
        value.extents = extents;
        value.size = y.size();
        value.where = y.where();
        value.first_operand = static_cast<std::uint32_t>(m_schedule.m_operands.size());
        value.operand_count = static_cast<std::uint32_t>(operands.size());
        value.origin = origin;
        value.element = y.op->element;
        value.dimension = y.form->dimension;
        m_schedule.m_operands.insert(m_schedule.m_operands.end(), operands.begin(), operands.end());
        return append(value);
    }
    std::uint32_t append(scheduled_value<T> value)
    {
        value.memory = static_cast<std::uint32_t>(m_schedule.m_values.size());
        m_schedule.m_values.push_back(value);
        return value.memory;
    }

    const void* copied_attributes(const instruction<T>& y)
    {
        const attributes_type* const type = y.op->attributes;
        if (type == nullptr || y.attributes() == nullptr)
        {
            return nullptr;
        }
        void* const memory = m_schedule.m_memory.allocate(type->size(y.attributes()));
        m_schedule.m_owned.reserve(std::bit_ceil(m_schedule.m_owned.size() + 1));
        type->copy(memory, y.attributes());
        if (type->destroy != nullptr)
        {
            m_schedule.m_owned.push_back({memory, type->destroy});
        }
        return memory;
    }

    schedule& m_schedule;
    const tape<T>& m_tape;
    bool m_all_checks;
    std::size_t m_end;
    std::vector<std::uint32_t> m_value_of; ///< of each instruction
    std::vector<char> m_needed;
    std::vector<char> m_depends;        ///< on an input
    std::vector<std::uint32_t> m_dense; ///< of each value: the same without repetitions
    std::vector<std::uint32_t> m_operands;
};

template <class T>
detail::schedule<T>::schedule(std::span<const handle<T>> inputs, std::span<const handle<T>> outputs, bool constant_keys,
                              bool all_checks)
{
    const tape<T>* of = nullptr;
    for (const std::span<const handle<T>> list : {inputs, outputs})
    {
        for (const handle<T>& each : list)
        {
            each.checked("compile");
            of = of == nullptr ? each.tape_pointer() : of;
            if (each.tape_pointer() != of)
            {
                tape<T>::throw_different_tapes("compile");
            }
        }
    }
    if (of != nullptr)
    {
        try
        {
            builder(*this, *of, inputs, outputs, constant_keys, all_checks);
        }
        catch (...)
        {
            destroy_attributes();
            throw;
        }
    }
}

template <class T>
detail::schedule<T>::~schedule()
{
    destroy_attributes();
}

template <class T>
void detail::schedule<T>::destroy_attributes()
{
    for (const owned_attributes& each : m_owned)
    {
        each.destroy(each.attributes);
    }
}

template void detail::lay_out<float>(const array_view&, element_kind, void*);
template void detail::lay_out<double>(const array_view&, element_kind, void*);
template class detail::schedule<float>;
template class detail::schedule<double>;

} // namespace autograd
