#include "autograd/compile/program.hpp"

#include "autograd/compile/decode.hpp"
#include "autograd/compile/run_memory.hpp"

#include <algorithm>
#include <cmath>

namespace autograd
{

namespace
{

const char* to_text(element_kind element)
{
    return element == element_kind::real ? "real numbers" : "integers";
}

/// Throws unless an array is what the program has at its place: an "input" or an "output".
template <class T, class Array>
void require_array(const char* what, std::size_t k, const Array& given, const detail::scheduled_value<T>& wanted)
{
    if (given.element() != wanted.element)
    {
        throw error::value_error("run", what, " ", k, " holds ", to_text(given.element()), "; the program has ",
                                 to_text(wanted.element), " there.");
    }
    if (given.data() == nullptr && wanted.size > 0)
    {
        throw error::value_error("run", what, " ", k, " is a null pointer; the program has ", wanted.shape(),
                                 " there.");
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

[[noreturn]] void throw_overlap_of(std::size_t output, const char* other, std::size_t number)
{
    throw error::value_error(
        "run", "output ", output, " and ", other, " ", number,
        " overlap in memory; each output needs memory of its own, but for one that replaces an input "
        "(the option replaces).");
}

/// The element at a place of a row-major array, which may repeat some.
template <class T>
T element_of(const array_view& x, std::size_t place)
{
    if (x.dense())
    {
        return x.as<T>()[place];
    }
    std::ptrdiff_t offset = 0;
    for (std::size_t axis = x.shape.size(); axis-- > 0; place /= x.shape[axis])
    {
        offset += static_cast<std::ptrdiff_t>(place % x.shape[axis]) * x.strides[axis];
    }
    return x.as<T>()[offset];
}

} // namespace

template <class T>
void program<T>::run(std::span<const input_array<T>> inputs, std::span<const output_array<T>> outputs,
                     workspace<T>& memory) const
{
    if (memory.m_memory == nullptr || memory.m_memory->program() != m_compiled)
    {
        throw error::value_error("run", "the workspace is of another program; ask this one for one: make_workspace().");
    }
    detail::run_memory<T>& in = *memory.m_memory;
    require_fit(inputs, outputs);
    give(inputs, outputs, in);
    in.execute();
    const auto view_of = [&](std::uint32_t k) {
        return array_view{outputs[k].data(), outputs[k].shape(),
                          m_compiled->values[m_compiled->values.outputs()[k]].size};
    };
    in.save_replaced();
    if (m_compiled->options.keep_on_error)
    {
        for (const detail::final_copy& each : m_compiled->copies)
        {
            require_finite(each.output, in.view_of(each));
        }
    }
    for (const detail::final_copy& each : m_compiled->copies)
    {
        in.copy_out(each, outputs[each.output].data());
    }
    for (std::uint32_t k = 0; k < outputs.size() && !m_compiled->options.keep_on_error; ++k)
    {
        require_finite(k, view_of(k));
    }
}

template <class T>
void program<T>::require_fit(std::span<const input_array<T>> inputs, std::span<const output_array<T>> outputs) const
{
    const detail::schedule<T>& values = m_compiled->values;
    require_count("input", inputs.size(), input_count());
    require_count("output", outputs.size(), output_count());
    for (std::size_t k = 0; k < inputs.size(); ++k)
    {
        require_array("input", k, inputs[k], values[static_cast<std::uint32_t>(k)]);
    }
    for (std::size_t k = 0; k < outputs.size(); ++k)
    {
        require_array("output", k, outputs[k], values[values.outputs()[k]]);
    }
}

/// Addresses of the last run are known to be apart, and steps have them.
template <class T>
void program<T>::give(std::span<const input_array<T>> inputs, std::span<const output_array<T>> outputs,
                      detail::run_memory<T>& memory) const
{
    const std::size_t count = inputs.size() + outputs.size();
    const auto address = [&](std::size_t k)
    { return k < inputs.size() ? inputs[k].data() : outputs[k - inputs.size()].data(); };
    bool is_known = true;
    for (std::size_t k = 0; k < count && is_known; ++k)
    {
        is_known = memory.was_given(k, address(k));
    }
    if (!is_known)
    {
        require_replaced(inputs, outputs);
        if (!are_apart(inputs, outputs, memory.ranges()))
        {
            throw_overlap(inputs, outputs);
        }
        memory.give(address);
    }
}

/// Throws where an output that replaces an input is not finite, if that was asked for.
template <class T>
void program<T>::require_finite(std::uint32_t output, const array_view& elements) const
{
    const detail::compiled<T>& what = *m_compiled;
    const detail::scheduled_value<T>& y = what.values[what.values.outputs()[output]];
    if (!what.options.require_finite || what.replaces[output] == what.none || y.element != element_kind::real)
    {
        return;
    }
    for (std::size_t i = 0; i < elements.size; ++i)
    {
        const T each = element_of<T>(elements, i);
        if (!std::isfinite(each))
        {
            throw error::value_error(y.where, "run", "element ", i, " of output ", output, " is ", each,
                                     "; what replaces an input, here input ", what.replaces[output],
                                     ", must be finite. ",
                                     what.options.keep_on_error ? "Nothing was replaced." : "It was written.");
        }
    }
}

/// Throws where an output was given other memory than the input that it replaces.
template <class T>
void program<T>::require_replaced(std::span<const input_array<T>> inputs,
                                  std::span<const output_array<T>> outputs) const
{
    for (std::size_t k = 0; k < outputs.size(); ++k)
    {
        const std::uint32_t replaced = m_compiled->replaces[k];
        if (replaced != m_compiled->none && outputs[k].data() != inputs[replaced].data() &&
            outputs[k].memory().is_any())
        {
            throw error::value_error("run", "output ", k, " replaces input ", replaced,
                                     " and was given other memory; give it that of the input.");
        }
    }
}

/// Whether each output has memory of its own, but for one that replaces an input. In the order of addresses an array
/// can overlap those before it only where the last of them to end does.
template <class T>
bool program<T>::are_apart(std::span<const input_array<T>> inputs, std::span<const output_array<T>> outputs,
                           std::span<detail::numbered_range> ranges) const
{
    auto end = ranges.begin();
    const auto add = [&](const detail::memory_range& bytes, std::size_t k)
    {
        if (bytes.is_any())
        {
            *end++ = {bytes, k};
        }
    };
    for (std::size_t k = 0; k < inputs.size(); ++k)
    {
        if (m_compiled->replaced_by[k] == m_compiled->none) // else it is an output
        {
            add(inputs[k].memory(), k);
        }
    }
    for (std::size_t k = 0; k < outputs.size(); ++k)
    {
        add(outputs[k].memory(), inputs.size() + k);
    }
    const std::less<> less;
    std::sort(ranges.begin(), end,
              [&](const auto& x, const auto& y)
              { return x.bytes.first != y.bytes.first ? less(x.bytes.first, y.bytes.first) : x.k < y.k; });
    const std::byte* end_of_all = nullptr;
    const std::byte* end_of_outputs = nullptr;
    return std::all_of(ranges.begin(), end,
                       [&](const detail::numbered_range& each)
                       {
                           const bool is_output = each.k >= inputs.size();
                           const std::byte* const other = is_output ? end_of_all : end_of_outputs;
                           const bool is_apart = other == nullptr || !less(each.bytes.first, other);
                           end_of_all = std::max(end_of_all, each.bytes.end, less);
                           end_of_outputs = is_output ? std::max(end_of_outputs, each.bytes.end, less) : end_of_outputs;
                           return is_apart;
                       });
}

/// Names two that overlap.
template <class T>
void program<T>::throw_overlap(std::span<const input_array<T>> inputs, std::span<const output_array<T>> outputs) const
{
    for (std::size_t k = 0; k < outputs.size(); ++k)
    {
        const detail::memory_range memory = outputs[k].memory();
        for (std::size_t j = 0; j < inputs.size(); ++j)
        {
            if (j != m_compiled->replaces[k] && memory.overlaps(inputs[j].memory()))
            {
                throw_overlap_of(k, "input", j);
            }
        }
        for (std::size_t j = 0; j < k; ++j)
        {
            if (memory.overlaps(outputs[j].memory()))
            {
                throw_overlap_of(k, "output", j);
            }
        }
    }
}

// ------------------------------------------------------------------------------------------------- what it is like

template <class T>
std::size_t program<T>::input_count() const
{
    return m_compiled->values.input_count();
}

template <class T>
std::size_t program<T>::output_count() const
{
    return m_compiled->values.outputs().size();
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
    return m_compiled->values[static_cast<std::uint32_t>(k)].shape();
}

template <class T>
shape_view program<T>::output_shape(std::size_t k) const
{
    require_number("output", k, output_count());
    return m_compiled->values[m_compiled->values.outputs()[k]].shape();
}

template <class T>
element_kind program<T>::input_element(std::size_t k) const
{
    require_number("input", k, input_count());
    return m_compiled->values[static_cast<std::uint32_t>(k)].element;
}

template <class T>
element_kind program<T>::output_element(std::size_t k) const
{
    require_number("output", k, output_count());
    return m_compiled->values[m_compiled->values.outputs()[k]].element;
}

template <class T>
std::size_t program<T>::step_count() const
{
    return m_compiled->steps.size();
}

template <class T>
std::uint64_t program<T>::flops() const
{
    return m_compiled->flops();
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
workspace<T>::workspace(std::shared_ptr<const detail::compiled<T>> of)
try : m_memory(std::make_unique<detail::run_memory<T>>(std::move(of)))
{
}
catch (const std::bad_alloc&)
{
    throw error::memory_error("make_workspace", "the machine's memory is exhausted.");
}
template <class T>
workspace<T>::workspace(workspace&&) noexcept = default;
template <class T>
workspace<T>& workspace<T>::operator=(workspace&&) noexcept = default;
template <class T>
workspace<T>::~workspace() = default;

template <class T>
void workspace<T>::forget_constants()
{
    if (m_memory != nullptr) // it was not moved from
    {
        m_memory->forget_constants();
    }
}

template <class T>
std::span<std::byte> detail::arena_of(workspace<T>& memory)
{
    return memory.m_memory->arena();
}

template <class T>
program<T> compile(std::span<const handle<T>> inputs, std::span<const handle<T>> outputs, const program_options& how,
                   location where)
{
    try
    {
        auto what = std::make_shared<const detail::compiled<T>>(inputs, outputs, how);
#ifndef NDEBUG
        detail::verify(*what);
#endif
        return program<T>(std::move(what));
    }
    catch (const std::bad_alloc&)
    {
        throw error::memory_error(where, "compile", "the machine's memory is exhausted.");
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
    template program<T> compile(std::span<const handle<T>>, std::span<const handle<T>>, const program_options&,        \
                                location);
AUTOGRAD_INSTANTIATE(float)
AUTOGRAD_INSTANTIATE(double)
#undef AUTOGRAD_INSTANTIATE

} // namespace autograd
