#include "autograd/tape/variable.hpp"

#include "autograd/tape/tape.hpp"

namespace autograd
{

void detail::throw_empty(const char* operation, const location& where)
{
    throw error::tape_error(where, operation, "an operand is empty: a default-constructed variable names nothing.");
}

void detail::throw_stale(const char* operation, const location& where)
{
    throw error::tape_error(where, operation,
                            "an operand was recorded before the tape was cleared or rewound. Record it again, or keep "
                            "its value as an array.");
}

template <class T>
std::size_t handle<T>::extent(std::int64_t axis) const
{
    const shape_view extents = shape();
    return extents[normalized_axis(axis, extents, "shape")];
}

template <class T>
const std::string handle<T>::name() const // NOLINT
{
    checked("name");
    return m_tape->name_of(m_index);
}

namespace
{
template <class T>
const void* dense_values(const handle<T>& x, location where)
{
    const instruction<T>& of = x.checked("value", where);
    if (!of.has_values())
    {
        x.tape_pointer()->note_placeholder_read();
    }
    x.tape_pointer()->require_values(of, "value");
    return x.tape_pointer()->dense(x.index());
}

template <class T>
void require_single(const handle<T>& x, location where)
{
    if (x.checked("item", where).size() != 1)
    {
        throw error::shape_error(where, "item", "the array has shape ", x.shape(),
                                 ", but item() needs exactly one element.");
    }
}
} // namespace

template <class T>
const T* variable<T>::data(location where) const
{
    const void* const elements = dense_values(*this, where);
    this->tape_pointer()->note_reading(*this, where);
    return static_cast<const T*>(elements);
}

template <class T>
const T* variable<T>::observed(location where) const
{
    const T* const elements = data(where);
    this->tape_pointer()->note_observation(*this, where);
    return elements;
}

template <class T>
T variable<T>::item(location where) const
{
    require_single(*this, where);
    return *observed(where);
}

template <class T>
const std::int64_t* indices<T>::data(location where) const
{
    const void* const elements = dense_values(*this, where);
    this->tape_pointer()->note_reading_beside(*this);
    return static_cast<const std::int64_t*>(elements);
}

template <class T>
const std::int64_t* indices<T>::observed(location where) const
{
    const std::int64_t* const elements = data(where);
    this->tape_pointer()->note_observation(*this, where);
    return elements;
}

template <class T>
std::int64_t indices<T>::item(location where) const
{
    require_single(*this, where);
    return *observed(where);
}

template class handle<float>;
template class handle<double>;
template class variable<float>;
template class variable<double>;
template class indices<float>;
template class indices<double>;

} // namespace autograd
