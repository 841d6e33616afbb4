#include "autograd/compile/program.hpp"

#include "autograd/compile/plan.hpp"
#include "autograd/compile/schedule.hpp"

#include <algorithm>
#include <cstring>
#include <functional>
#include <limits>

namespace autograd
{

/// What a program is: the steps, and where their results lie.
template <class T>
struct detail::compiled
{
    static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

    compiled(std::span<const handle<T>> inputs, std::span<const handle<T>> outputs)
        : steps(inputs, outputs), output_in(steps.values().size(), none), offsets(2 * steps.values().size(), 0)
    {
        const auto values = steps.values();
        for (std::uint32_t v = 0; v < values.size(); ++v)
        {
            if (values[v].is_step())
            {
                executed.push_back(v);
            }
        }
        place_outputs();
        place_others();
    }

    /// An output that a step computes is written to where it is wanted at once: the first of those that share memory.
    void place_outputs()
    {
        for (std::size_t k = 0; k < steps.outputs().size(); ++k)
        {
            const scheduled_value<T>& y = steps[steps.outputs()[k]];
            const scheduled_value<T>& root = steps[y.memory];
            if (root.is_step() && y.strides == nullptr && output_in[y.memory] == none)
            {
                output_in[y.memory] = static_cast<std::uint32_t>(k);
            }
        }
    }

    /// What steps compute beside that lies in the arena, from its step to the last that reads it.
    void place_others()
    {
        const auto values = steps.values();
        std::vector<std::uint32_t> last(values.size(), 0);
        for (std::uint32_t step = 0; step < executed.size(); ++step)
        {
            last[executed[step]] = step;
            for (std::uint32_t operand : steps.operands(values[executed[step]]))
            {
                last[values[operand].memory] = step;
            }
        }
        for (std::uint32_t output : steps.outputs()) // copied when all steps were run
        {
            last[values[output].memory] = static_cast<std::uint32_t>(executed.size());
        }
        std::vector<lifetime> lifetimes;
        for (std::uint32_t step = 0; step < executed.size(); ++step)
        {
            const std::uint32_t v = executed[step];
            if (output_in[v] == none)
            {
                lifetimes.push_back({v, step, last[v], values[v].size * values[v].element_size()});
            }
            if (const std::size_t bytes = bytes_of_scratch(values[v]); bytes > 0)
            {
                lifetimes.push_back({scratch_of(v), step, step, bytes});
            }
            most_operands = std::max<std::size_t>(most_operands, values[v].operand_count);
        }
        plan = plan_arena(lifetimes);
        for (std::size_t k = 0; k < lifetimes.size(); ++k)
        {
            offsets[lifetimes[k].value] = plan.offsets[k];
        }
    }

    /// Behind the values stands what their steps want beside.
    std::uint32_t scratch_of(std::uint32_t v) const { return static_cast<std::uint32_t>(steps.values().size()) + v; }

    std::size_t bytes_of_scratch(const scheduled_value<T>& y) const
    {
        if (y.origin != value_origin::computed || y.op->scratch == nullptr)
        {
            return 0;
        }
        std::vector<array_view> views;
        for (std::uint32_t operand : steps.operands(y))
        {
            const scheduled_value<T>& x = steps[operand];
            views.push_back({nullptr, x.shape(), x.size, x.strides});
        }
        return y.op->scratch({views, y.shape(), y.size, nullptr, y.attributes});
    }

    schedule<T> steps;
    std::vector<std::uint32_t> executed;  ///< the values that are steps, in order
    std::vector<std::uint32_t> output_in; ///< of each value: the output in whose memory it is computed
    std::vector<std::size_t> offsets;     ///< of each value that is in the arena, and of the scratch of each
    std::size_t most_operands = 0;        ///< of a step
    arena_plan plan;
};

namespace
{

const char* to_text(element_kind element)
{
    return element == element_kind::real ? "real numbers" : "integers";
}

/// Throws unless an array is what the program has at its place: an "input" or an "output".
template <class T, class Array>
void require_fit(const char* what, std::size_t k, const Array& given, const detail::scheduled_value<T>& wanted)
{
    if (given.element() != wanted.element)
    {
        throw error::value_error("run", what, " ", k, " holds ", to_text(given.element()), "; the program has ",
                                 to_text(wanted.element), " there.");
    }
    if (!(given.shape() == wanted.shape()))
    {
        throw error::shape_error("run", what, " ", k, " has shape ", given.shape(), " and was recorded with ",
                                 wanted.shape(), "; a program keeps its shapes. Compile one for these.");
    }
}

void require_count(const char* what, std::size_t given, std::size_t wanted)
{
    if (given != wanted)
    {
        throw error::value_error("run", given, " ", what, "s were given; the program has ", wanted, ".");
    }
}

/// Memory of an array, to be compared.
struct extent_in_memory
{
    const std::byte* first;
    const std::byte* end;

    extent_in_memory(const void* data, std::size_t bytes)
        : first(static_cast<const std::byte*>(data)), end(first + bytes)
    {
    }
    bool overlaps(const extent_in_memory& other) const
    {
        const std::less<> less;
        return first != end && other.first != other.end && less(first, other.end) && less(other.first, end);
    }
};

[[noreturn]] void throw_overlap(std::size_t output, const char* other, std::size_t number)
{
    throw error::value_error("run", "output ", output, " and ", other, " ", number,
                             " overlap in memory; each output needs memory of its own.");
}

} // namespace

template <class T>
void program<T>::run(std::span<const input_array<T>> inputs, std::span<const output_array<T>> outputs,
                     workspace<T>& memory) const
{
    const detail::compiled<T>& what = *m_compiled;
    const detail::schedule<T>& steps = what.steps;
    if (memory.m_of != m_compiled)
    {
        throw error::value_error("run", "the workspace is of another program; ask this one for one: make_workspace().");
    }
    require_count("input", inputs.size(), input_count());
    require_count("output", outputs.size(), output_count());
    for (std::size_t k = 0; k < inputs.size(); ++k)
    {
        require_fit("input", k, inputs[k], steps[static_cast<std::uint32_t>(k)]);
        memory.m_addresses[k] = inputs[k].data();
    }
    for (std::size_t k = 0; k < outputs.size(); ++k)
    {
        require_fit("output", k, outputs[k], steps[steps.outputs()[k]]);
    }
    require_apart(inputs, outputs);
    for (std::size_t k = 0; k < outputs.size(); ++k)
    {
        const std::uint32_t root = steps[steps.outputs()[k]].memory;
        if (what.output_in[root] == k)
        {
            memory.m_addresses[root] = outputs[k].data();
        }
    }
    for (std::uint32_t step : what.executed)
    {
        execute(step, memory);
    }
    for (std::size_t k = 0; k < outputs.size(); ++k)
    {
        const detail::scheduled_value<T>& y = steps[steps.outputs()[k]];
        if (what.output_in[y.memory] != k && y.size > 0)
        {
            copy_out(y, memory, outputs[k].data());
        }
    }
}

template <class T>
void program<T>::require_apart(std::span<const input_array<T>> inputs, std::span<const output_array<T>> outputs) const
{
    const detail::schedule<T>& steps = m_compiled->steps;
    const auto of_input = [&](std::size_t k)
    {
        const auto& x = steps[static_cast<std::uint32_t>(k)];
        return extent_in_memory(inputs[k].data(), x.size * x.element_size());
    };
    const auto of_output = [&](std::size_t k)
    {
        const auto& y = steps[steps.outputs()[k]];
        return extent_in_memory(outputs[k].data(), y.size * y.element_size());
    };
    for (std::size_t k = 0; k < outputs.size(); ++k)
    {
        for (std::size_t j = 0; j < inputs.size(); ++j)
        {
            if (of_output(k).overlaps(of_input(j)))
            {
                throw_overlap(k, "input", j);
            }
        }
        for (std::size_t j = 0; j < k; ++j)
        {
            if (of_output(k).overlaps(of_output(j)))
            {
                throw_overlap(k, "output", j);
            }
        }
    }
}

template <class T>
void program<T>::execute(std::uint32_t step, workspace<T>& memory) const
{
    const detail::schedule<T>& steps = m_compiled->steps;
    const auto view_of = [&](const detail::scheduled_value<T>& x) {
        return array_view{memory.m_addresses[x.memory], x.shape(), x.size, x.strides};
    };
    const detail::scheduled_value<T>& y = steps[step];
    void* const result = const_cast<void*>(memory.m_addresses[y.memory]);
    const auto operands = steps.operands(y);
    if (y.origin == detail::value_origin::laid_out)
    {
        copy_out(steps[operands[0]], memory, result);
        return;
    }
    std::transform(operands.begin(), operands.end(), memory.m_views.begin(), [&](auto k) { return view_of(steps[k]); });
    const std::span<const array_view> views(memory.m_views.data(), operands.size());
    void* const scratch = memory.m_arena.get() + m_compiled->offsets[m_compiled->scratch_of(step)];
    try
    {
        y.op->forward({views, y.shape(), y.size, result, y.attributes, scratch});
    }
    catch (error::exception& e)
    {
        e.recorded_at(y.where);
        throw;
    }
}

template <class T>
void program<T>::copy_out(const detail::scheduled_value<T>& x, const workspace<T>& memory, void* to) const
{
    const array_view from{memory.m_addresses[x.memory], x.shape(), x.size, x.strides};
    if (from.dense())
    {
        std::memcpy(to, from.data, x.size == 0 ? 0 : x.size * x.element_size());
    }
    else
    {
        detail::lay_out<T>(from, x.element, to);
    }
}

// ------------------------------------------------------------------------------------------------- what it is like

template <class T>
std::size_t program<T>::input_count() const
{
    return m_compiled->steps.input_count();
}

template <class T>
std::size_t program<T>::output_count() const
{
    return m_compiled->steps.outputs().size();
}

namespace
{
void require_number(const char* what, std::size_t k, std::size_t count)
{
    if (k >= count)
    {
        throw error::index_error("program", what, " ", k, " was asked for; there are ", count, ", counted from 0.");
    }
}
} // namespace

template <class T>
shape_view program<T>::input_shape(std::size_t k) const
{
    require_number("input", k, input_count());
    return m_compiled->steps[static_cast<std::uint32_t>(k)].shape();
}

template <class T>
shape_view program<T>::output_shape(std::size_t k) const
{
    require_number("output", k, output_count());
    return m_compiled->steps[m_compiled->steps.outputs()[k]].shape();
}

template <class T>
std::size_t program<T>::step_count() const
{
    return m_compiled->executed.size();
}

template <class T>
std::size_t program<T>::arena_bytes() const
{
    return m_compiled->plan.bytes;
}

template <class T>
std::size_t program<T>::arena_lower_bound() const
{
    return m_compiled->plan.lower_bound;
}

template <class T>
workspace<T> program<T>::make_workspace() const
{
    return workspace<T>(m_compiled);
}

// ------------------------------------------------------------------------------------------------------ workspaces

template <class T>
void workspace<T>::release::operator()(std::byte* memory) const
{
    ::operator delete(memory, std::align_val_t(detail::arena_plan::alignment));
}

template <class T>
workspace<T>::workspace(std::shared_ptr<const detail::compiled<T>> of) : m_of(std::move(of))
{
    const auto values = m_of->steps.values();
    try
    {
        m_addresses.resize(values.size(), nullptr);
        m_views.resize(m_of->most_operands);
        m_arena.reset(
            static_cast<std::byte*>(::operator new(m_of->plan.bytes, std::align_val_t(detail::arena_plan::alignment))));
    }
    catch (const std::bad_alloc&)
    {
        throw error::memory_error("make_workspace", "the program needs ", m_of->plan.bytes,
                                  " bytes, which the machine does not have.");
    }
    for (std::uint32_t v = 0; v < values.size(); ++v)
    {
        m_addresses[v] = values[v].origin == detail::value_origin::kept ? values[v].data
                         : values[v].is_step()                          ? m_arena.get() + m_of->offsets[v]
                                                                        : nullptr;
    }
}

template <class T>
std::span<std::byte> detail::arena_of(workspace<T>& memory)
{
    return {memory.m_arena.get(), memory.m_of->plan.bytes};
}

template <class T>
program<T> compile(std::span<const handle<T>> inputs, std::span<const handle<T>> outputs, location where)
{
    try
    {
        return program<T>(std::make_shared<const detail::compiled<T>>(inputs, outputs));
    }
    catch (error::exception& e)
    {
        e.recorded_at(where);
        throw;
    }
}

#define AUTOGRAD_INSTANTIATE(T)                                                                                        \
    template class program<T>;                                                                                         \
    template std::span<std::byte> detail::arena_of(workspace<T>&);                                                     \
    template class workspace<T>;                                                                                       \
    template program<T> compile(std::span<const handle<T>>, std::span<const handle<T>>, location);
AUTOGRAD_INSTANTIATE(float)
AUTOGRAD_INSTANTIATE(double)
#undef AUTOGRAD_INSTANTIATE

} // namespace autograd
