#include "autograd/compile/arguments.hpp"

#include "autograd/tape/tape.hpp"

namespace autograd
{

// -------------------------------------------------------------------------------------------------------- arguments

template <class T>
void detail::arguments<T>::clear()
{
    m_arrays.clear();
    m_form.clear();
    m_copy_count = 0;
}

namespace
{
template <class Element>
shape_view shape_of(const array<Element>& x)
{
    return {x.shape().data(), x.shape().size()};
}
} // namespace

template <class T>
void detail::arguments<T>::add(const array<T>& x)
{
    require_dimension(x.dimension(), "compiled function");
    add(borrowed<T>(x.data(), shape_of(x)));
}

template <class T>
void detail::arguments<T>::add(const array<std::int64_t>& x)
{
    require_dimension(x.dimension(), "compiled function");
    add(borrowed<std::int64_t>(x.data(), shape_of(x)));
}

template <class T>
void detail::arguments<T>::add(const borrowed<T>& lent)
{
    m_arrays.emplace_back(lent);
    add_shape(lent.shape);
}

template <class T>
void detail::arguments<T>::add(const borrowed<std::int64_t>& lent)
{
    m_arrays.emplace_back(lent);
    add_shape(lent.shape);
}

template <class T>
void detail::arguments<T>::add_shape(shape_view shape)
{
    m_form.push_back(shape.size());
    m_form.insert(m_form.end(), shape.begin(), shape.end());
}

template <class T>
void* detail::arguments<T>::memory_for(std::size_t bytes)
{
    if (m_copy_count == m_copies.size())
    {
        m_copies.emplace_back();
    }
    std::vector<std::byte>& memory = m_copies[m_copy_count++];
    memory.resize(std::max<std::size_t>(bytes, 1)); // at least one, so that there is an address
    return memory.data();
}

namespace
{

/// Whether a member is on the way to a part, which then has a name that was given to it.
bool has_member(const detail::part_path* path)
{
    for (; path != nullptr; path = path->outer)
    {
        if (path->name.is == part_name::kind::text)
        {
            return true;
        }
    }
    return false;
}

template <class T>
handle<T> recorded_array(tape<T>& tape, const input_array<T>& x, role as)
{
    const shape_vector shape = x.shape();
    const bool is_placeholder = !x.has_values();
    if (x.element() == element_kind::index)
    {
        return is_placeholder
                   ? tape.index_placeholder(shape)
                   : tape.index(borrowed<std::int64_t>(static_cast<const std::int64_t*>(x.data()), shape), {});
    }
    const borrowed<T> lent(static_cast<const T*>(x.data()), shape);
    return is_placeholder       ? tape.placeholder(shape)
           : as == role::buffer ? tape.constant(lent, {})
                                : tape.variable(lent, {});
}

} // namespace

template <class T>
handle<T> detail::arguments<T>::record(tape<T>& tape, std::size_t k, const part_path& path, role as) const
{
    const handle<T> x = recorded_array(tape, m_arrays[k], as);
    if (has_member(&path))
    {
        tape.set_name(x, path.text());
    }
    return x;
}

// ---------------------------------------------------------------------------------------------------------- results

template <class T>
void detail::results<T>::begin(const program<T>& of, std::span<const input_array<T>> inputs)
{
    m_of = &of;
    m_inputs = inputs;
    m_shaped.clear();
}

template <class T>
void detail::results<T>::add(array<T>& y)
{
    add_shaped(y, element_kind::real);
}

template <class T>
void detail::results<T>::add(array<std::int64_t>& y)
{
    add_shaped(y, element_kind::index);
}

template <class T>
template <class Element>
void detail::results<T>::add_shaped(array<Element>& y, element_kind element)
{
    const shape_view wanted = m_of->output_shape(m_shaped.size());
    if (!(wanted == shape_of(y)))
    {
        require_unread(y);
        y.resize(std::vector<std::size_t>(wanted.begin(), wanted.end()));
    }
    m_shaped.push_back({&y, element});
}

template <class T>
void detail::results<T>::require_unread(const memory_range& memory) const
{
    for (std::size_t k = 0; k < m_inputs.size(); ++k)
    {
        if (memory.overlaps(m_inputs[k].memory()))
        {
            throw error::value_error("run_into", "output ", m_shaped.size(), " and input ", k,
                                     " overlap in memory; each output needs memory of its own.");
        }
    }
}

template <class T>
std::span<const output_array<T>> detail::results<T>::arrays()
{
    const auto list = [&](auto& y) { m_arrays.emplace_back(y.data(), shape_of(y)); };
    m_arrays.clear();
    for (const shaped& y : m_shaped)
    {
        y.element == element_kind::real ? list(*static_cast<array<T>*>(y.array))
                                        : list(*static_cast<array<std::int64_t>*>(y.array));
    }
    return m_arrays;
}

template class detail::arguments<float>;
template class detail::arguments<double>;
template class detail::results<float>;
template class detail::results<double>;

} // namespace autograd
