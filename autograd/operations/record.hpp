#pragma once

#include "autograd/operations/recorded.hpp"
#include "autograd/operations/rule.hpp"

namespace autograd
{

/// Records a rule on operands of which at least the first is on a tape. Throws what the rule's shape() throws.
template <class Rule, class T>
variable<T> record(location where, const handle<T>& x)
{
    return variable<T>(x.tape().record(description<Rule, T>::instance, {&x, 1}, {}, where));
}
template <class Rule, class T, class Attributes>
    requires std::same_as<Attributes, typename Rule::attributes> variable<T> record(location where, const handle<T>& x,
                                                                                    const Attributes& attributes)
    {
        return variable<T>(x.tape().record(description<Rule, T>::instance, {&x, 1}, payload(attributes), where));
    }
template <class Rule, class T>
variable<T> record(location where, std::initializer_list<handle<T>> operands)
{
    return variable<T>(
        operands.begin()->tape().record(description<Rule, T>::instance, {operands.begin(), operands.end()}, {}, where));
}
template <class Rule, class T>
variable<T> record(location where, std::span<const handle<T>> operands, const typename Rule::attributes& attributes)
{
    return variable<T>(
        operands.front().tape().record(description<Rule, T>::instance, operands, payload(attributes), where));
}
template <class Rule, class T>
variable<T> record(location where, std::initializer_list<handle<T>> operands,
                   const typename Rule::attributes& attributes)
{
    return record<Rule, T>(where, std::span<const handle<T>>(operands.begin(), operands.end()), attributes);
}
/// The same for a rule whose shape is given rather than computed.
template <class Rule, class T>
variable<T> record_shaped(location where, const handle<T>& x, const shape_vector& shape)
{
    return variable<T>(x.tape().record(description<Rule, T>::instance, {&x, 1}, {}, where, &shape));
}

/// An argument that may be a variable or a number, next to one that is a variable and tells T.
template <class T>
using beside = std::type_identity_t<operand<T>>;

template <class Rule, class T>
variable<T> record_elementwise(operand<T> x)
{
    return tape<T>::record_elementwise(description<Rule, T>::instance, {&x, 1});
}
template <class Rule, class T>
variable<T> record_elementwise(operand<T> x, operand<T> y)
{
    const operand<T> operands[] = {x, y};
    return tape<T>::record_elementwise(description<Rule, T>::instance, operands);
}
template <class Rule, class T>
variable<T> record_elementwise(operand<T> x, operand<T> y, operand<T> z)
{
    const operand<T> operands[] = {x, y, z};
    return tape<T>::record_elementwise(description<Rule, T>::instance, operands);
}

/// The same with attributes, for one operand.
template <class Rule, class T>
variable<T> record_elementwise(operand<T> x, const typename Rule::attributes& attributes)
{
    return tape<T>::record_elementwise(description<Rule, T>::instance, {&x, 1}, payload(attributes));
}

} // namespace autograd

/// The public function of an elementwise rule of two operands, one of which may be a number.
#define AUTOGRAD_BINARY_FUNCTION(name, rule)                                                                           \
    template <class T>                                                                                                 \
    variable<T> name(variable<T> x, beside<T> y)                                                                       \
    {                                                                                                                  \
        return record_elementwise<rule, T>(operand<T>(x, y.where()), y);                                               \
    }                                                                                                                  \
    template <class T>                                                                                                 \
    variable<T> name(number auto x, variable<T> y, location where = location::current())                               \
    {                                                                                                                  \
        return record_elementwise<rule, T>(operand<T>(x, where), operand<T>(y, where));                                \
    }

/// The public function of an elementwise rule of one operand.
#define AUTOGRAD_UNARY_FUNCTION(name, rule)                                                                            \
    template <class T>                                                                                                 \
    variable<T> name(variable<T> x, location where = location::current())                                              \
    {                                                                                                                  \
        return record<rule, T>(where, x);                                                                              \
    }
