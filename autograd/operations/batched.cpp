#include "autograd/operations/batched.hpp"

#include "autograd/operations/joining.hpp"
#include "autograd/operations/shaping.hpp"
#include "autograd/operations/slicing.hpp"

namespace autograd
{

template <class T>
handle<T> batched_call<T>::behind_axis(std::size_t k) const
{
    return varies(k) ? handle<T>(m_given[k])
                     : autograd::record_shaped<broadcast_rule, T>({}, this->operand_handle(k),
                                                                  behind_axis(this->operand_shape(k)));
}

template <class T>
std::vector<handle<T>> batched_call<T>::operands_behind_axis() const
{
    std::vector<handle<T>> operands;
    for (std::size_t k = 0; k < this->operand_count(); ++k)
    {
        const bool real = this->tape()[this->operand_index(k)].op->element == element_kind::real;
        operands.push_back(real ? behind_axis(k) : this->operand_handle(k));
    }
    return operands;
}

template <class T>
variable<T> batched_call<T>::record(std::span<const handle<T>> operands, const payload& attributes) const
{
    return variable<T>(this->tape().record(*this->get().op, operands, attributes, this->get().where()));
}

template <class T>
variable<T> batched_call<T>::record_shaped(std::span<const handle<T>> operands, const payload& attributes,
                                           const shape_vector& shape) const
{
    return variable<T>(this->tape().record(*this->get().op, operands, attributes, this->get().where(), &shape));
}

template <class T>
variable<T> detail::batched_elementwise(const batched_call<T>& y)
{
    std::vector<handle<T>> operands;
    for (std::size_t k = 0; k < y.operand_count(); ++k)
    {
        operands.push_back(y.given(k));
    }
    return y.record(operands, payload::shared(y.get().attributes()));
}

template <class T>
variable<T> detail::batched_behind_axis(const batched_call<T>& y, const payload& attributes)
{
    return y.record(y.operands_behind_axis(), attributes);
}

template <class T>
variable<T> detail::at_direction(variable<T> batch, std::size_t direction)
{
    const shape_vector shape(batch.shape().slice(1, batch.dimension()));
    return reshape(batch.shape()[0] == 1 ? batch : slice(batch, 0, direction, direction + 1), shape);
}

template <class T>
variable<T> detail::one_after_the_other(const batched_call<T>& y)
{
    if (y.directions() == 0)
    {
        return y.tape().full(y.behind_axis(y.shape()), T(0));
    }
    std::vector<variable<T>> results;
    for (std::size_t direction = 0; direction < y.directions(); ++direction)
    {
        std::vector<handle<T>> operands;
        for (std::size_t k = 0; k < y.operand_count(); ++k)
        {
            operands.push_back(y.varies(k) ? at_direction(variable<T>(y.given(k)), direction) : y.operand_handle(k));
        }
        results.push_back(y.again(operands));
    }
    return stack(results, 0);
}

#define AUTOGRAD_INSTANTIATE(T)                                                                                        \
    template class batched_call<T>;                                                                                    \
    template variable<T> detail::batched_elementwise(const batched_call<T>&);                                          \
    template variable<T> detail::batched_behind_axis(const batched_call<T>&, const payload&);                          \
    template variable<T> detail::at_direction(variable<T>, std::size_t);                                               \
    template variable<T> detail::one_after_the_other(const batched_call<T>&);
AUTOGRAD_INSTANTIATE(float)
AUTOGRAD_INSTANTIATE(double)
#undef AUTOGRAD_INSTANTIATE

} // namespace autograd
