#include "autograd/tape/leaves.hpp"

#include "autograd/tape/tape.hpp"

#include <algorithm>

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

template <class T>
const operation<T> leaves<T>::placeholder{.name = "placeholder", .latex = nullptr, .kind = rule_kind::leaf};
template <class T>
const operation<T> leaves<T>::index_placeholder{
    .name = "placeholder", .latex = nullptr, .kind = rule_kind::leaf, .element = element_kind::index};

template <class T>
variable<T> tape<T>::placeholder(shape_view shape)
{
    return real(handle_of(append_leaf(leaves<T>::placeholder, shape, {})));
}

template <class T>
indices<T> tape<T>::index_placeholder(shape_view shape)
{
    return index_type(handle_of(append_leaf(leaves<T>::index_placeholder, shape, {})));
}

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
std::uint32_t tape<T>::append_leaf(const operation<T>& op, shape_view shape, location where)
{
    return append(op, {}, lay_out(shape, {}, op.name), {}, line_for(where));
}

template <class T>
auto tape<T>::allocate_leaf(const operation<T>& op, shape_view shape, std::size_t element, location where)
    -> leaf_memory
{
    const std::uint32_t index = append_leaf(op, shape, where);
    void* memory = m_keep == recording::values ? m_memory.allocate(m_instructions[index].size() * element) : nullptr;
    m_instructions[index].data = memory;
    return {handle_of(index), memory};
}

template <class T>
handle<T> tape<T>::leaf(shape_view shape, const T* data, bool differentiable, location where)
{
    return borrow_leaf(differentiable ? leaves<T>::variable : leaves<T>::constant, shape, data, where);
}

template <class T>
handle<T> tape<T>::index_leaf(shape_view shape, const std::int64_t* data, location where)
{
    return borrow_leaf(leaves<T>::index, shape, data, where);
}

template <class T>
handle<T> tape<T>::borrow_leaf(const operation<T>& op, shape_view shape, const void* data, location where)
{
    return together(op.name, where,
                    [&]
                    {
                        const std::uint32_t index = append_leaf(op, shape, where);
                        m_instructions[index].data = m_keep == recording::values ? data : nullptr;
                        return handle_of(index);
                    });
}

template <class T>
variable<T> tape<T>::record_full(shape_view shape, T number, location where)
{
    return together("full", where,
                    [&]
                    {
                        const layout result = lay_out(shape, {}, leaves<T>::full.name);
                        return real(handle_of(append_full(result, number, line_for(where))));
                    });
}

namespace
{
constexpr std::ptrdiff_t strides_of_full[max_dimension] = {};
} // namespace

template <class T>
const T* tape<T>::number_on_tape(T number)
{
    if (const T* const known = shares() ? m_shared.find(number) : nullptr; known != nullptr)
    {
        return known;
    }
    T* const memory = m_memory.allocate_array<T>(1);
    *memory = number;
    if (shares())
    {
        m_shared.add(*memory);
    }
    return memory;
}

template <class T>
std::uint32_t tape<T>::append_full(const layout& result, T number, location where)
{
    // The number is kept as the attribute, too, so that a tape without values prints it as well.
    const T* const kept_number = number_on_tape(number);
    const bool has_values = m_keep == recording::values;
    layout repeated = result;
    repeated.strides = has_values && result.dimension != 0 ? strides_of_full : nullptr;
    const std::uint32_t index = append(leaves<T>::full, {}, repeated, payload::shared(kept_number), where);
    m_instructions[index].data = has_values ? kept_number : nullptr;
    return index;
}

template <class T>
variable<T> tape<T>::copy_of(const array<T>& array, bool differentiable, location where)
{
    return copy_in(array, differentiable, where);
}

template <class T>
indices<T> tape<T>::copy_of(const array<std::int64_t>& array, location where)
{
    return copy_in_indices(array, where);
}

template struct leaves<float>;
template struct leaves<double>;

#define AUTOGRAD_INSTANTIATE(T)                                                                                        \
    template variable<T> tape<T>::copy_of(const array<T>&, bool, location);                                            \
    template indices<T> tape<T>::copy_of(const array<std::int64_t>&, location);                                        \
    template variable<T> tape<T>::placeholder(shape_view);                                                             \
    template indices<T> tape<T>::index_placeholder(shape_view);                                                        \
    template variable<T> tape<T>::scalar(T, bool, location);                                                           \
    template indices<T> tape<T>::record_index(std::int64_t, location);                                                 \
    template tape<T>::leaf_memory tape<T>::leaf(shape_view, bool, location);                                           \
    template tape<T>::leaf_memory tape<T>::index_leaf(shape_view, location);                                           \
    template handle<T> tape<T>::leaf(shape_view, const T*, bool, location);                                            \
    template handle<T> tape<T>::index_leaf(shape_view, const std::int64_t*, location);                                 \
    template variable<T> tape<T>::record_full(shape_view, T, location);                                                \
    template std::uint32_t tape<T>::append_full(const layout&, T, location);

AUTOGRAD_INSTANTIATE(float)
AUTOGRAD_INSTANTIATE(double)

} // namespace autograd
