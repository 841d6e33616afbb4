#pragma once

#include "autograd/operations/recorded.hpp"
#include "autograd/operations/rule.hpp"

namespace autograd
{

/// Records a rule on operands of which at least the first is on a tape. Throws what the rule's shape() throws.
template <class Rule, class T>
variable<T> record(location where, const handle<T>& x)
{
    return variable<T>(x.tape(Rule::name, where).record(description<Rule, T>::instance, {&x, 1}, {}, where));
}
template <class Rule, class T, class Attributes>
    requires std::same_as<Attributes, typename Rule::attributes> variable<T> record(location where, const handle<T>& x,
                                                                                    const Attributes& attributes)
    {
        return variable<T>(
            x.tape(Rule::name, where).record(description<Rule, T>::instance, {&x, 1}, payload(attributes), where));
    }
template <class Rule, class T>
variable<T> record(location where, std::initializer_list<handle<T>> operands)
{
    return variable<T>(operands.begin()
                           ->tape(Rule::name, where)
                           .record(description<Rule, T>::instance, {operands.begin(), operands.end()}, {}, where));
}
template <class Rule, class T>
variable<T> record(location where, std::span<const handle<T>> operands, const typename Rule::attributes& attributes)
{
    return variable<T>(operands.front()
                           .tape(Rule::name, where)
                           .record(description<Rule, T>::instance, operands, payload(attributes), where));
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
    return variable<T>(x.tape(Rule::name, where).record(description<Rule, T>::instance, {&x, 1}, {}, where, &shape));
}

/// Records a rule that is dear and wanted by several others, such as a factorization: on each operand once.
template <class Rule, class T>
variable<T> record_once(location where, const handle<T>& x, const payload& attributes = {})
{
    return variable<T>(x.tape(Rule::name, where).record_once(description<Rule, T>::instance, x, attributes, where));
}

/// Records what f records as one operation on x: what any part of it refuses is told in the name of the whole, and
/// everything that was recorded for it is taken back. Returns what f returns.
template <class T, class F>
auto record_composite(const char* name, location where, const handle<T>& x, F f)
{
    try
    {
        x.checked(name);
        return x.tape().together(name, where, f);
    }
    catch (error::exception& e)
    {
        e.told_by(name);
        e.recorded_at(where);
        throw;
    }
}

/// The same for an operation on several, which must live on one tape: on another, nothing would be taken back.
template <class Variable, class F>
auto record_composite(const char* name, location where, std::span<const Variable> operands, F f)
{
    const Variable& x = operands.front();
    return record_composite(name, where, x,
                            [&]
                            {
                                for (const Variable& each : operands)
                                {
                                    each.checked(name);
                                    if (each.tape_pointer() != x.tape_pointer())
                                    {
                                        x.tape().throw_different_tapes(name);
                                    }
                                }
                                return f();
                            });
}
template <class T, class F>
auto record_composite(const char* name, location where, std::initializer_list<handle<T>> operands, F f)
{
    return record_composite(name, where, std::span<const handle<T>>(operands.begin(), operands.end()), f);
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

/// What may stand beside a variable.
template <class X, class T>
concept argument_beside = constant_argument<X> || std::same_as<std::remove_cvref_t<X>, variable<T>>;

namespace detail
{
/// An elementwise rule on variables, numbers and xtensor expressions in any order; `beside` is one of the variables.
template <class Rule, class T, argument_beside<T>... X>
variable<T> record_beside(variable<T> beside, location where, const X&... x)
{
    beside.checked(Rule::name, where);
    const auto operand_of = [&]<class Y>(const Y& y)
    {
        if constexpr (array_expression<Y>)
        {
            return operand<T>(beside.tape().constant(y, where), where);
        }
        else
        {
            return operand<T>(y, where);
        }
    };
    return beside.tape().together(Rule::name, where,
                                  [&]
                                  {
                                      const operand<T> operands[] = {operand_of(x)...};
                                      return tape<T>::record_elementwise(description<Rule, T>::instance, operands);
                                  });
}
template <class Rule, class T, class X, class Y>
variable<T> record_beside_array(variable<T> beside, const X& x, const Y& y)
{
    return record_beside<Rule, T>(beside, location{}, x, y);
}
} // namespace detail

} // namespace autograd

/// The public function of an elementwise rule of two operands, one of which may be a number or an xtensor expression;
/// x and y are their names. Beside an expression xtensor's function of the same name is found, too; these overloads are
/// more specialised.
#define AUTOGRAD_BINARY_FUNCTION(name, rule, x, y)                                                                     \
    template <class T>                                                                                                 \
    variable<T> name(variable<T> x, beside<T> y)                                                                       \
    {                                                                                                                  \
        return record_elementwise<rule, T>(operand<T>(x, y.where()), y);                                               \
    }                                                                                                                  \
    template <class T, array_expression Y>                                                                             \
    variable<T> name(variable<T> x, Y&& y, location where = location::current())                                       \
    {                                                                                                                  \
        return detail::record_beside<rule, T>(x, where, x, y);                                                         \
    }                                                                                                                  \
    template <class T, constant_argument X>                                                                            \
    variable<T> name(X&& x, variable<T> y, location where = location::current())                                       \
    {                                                                                                                  \
        return detail::record_beside<rule, T>(y, where, x, y);                                                         \
    }

/// The public function of an elementwise rule of three operands, of which two may be numbers or xtensor expressions;
/// x, y and z are their names.
#define AUTOGRAD_TERNARY_FUNCTION(name, rule, x, y, z)                                                                 \
    template <class T>                                                                                                 \
    variable<T> name(variable<T> x, beside<T> y, beside<T> z)                                                          \
    {                                                                                                                  \
        return record_elementwise<rule, T>(operand<T>(x, y.where()), y, z);                                            \
    }                                                                                                                  \
    template <class T, argument_beside<T> Y, argument_beside<T> Z>                                                     \
        requires(array_expression<Y> || array_expression<Z>)                                                           \
    variable<T> name(variable<T> x, Y&& y, Z&& z, location where = location::current())                                \
    {                                                                                                                  \
        return detail::record_beside<rule, T>(x, where, x, y, z);                                                      \
    }                                                                                                                  \
    template <class T, constant_argument X, argument_beside<T> Z>                                                      \
    variable<T> name(X&& x, variable<T> y, Z&& z, location where = location::current())                                \
    {                                                                                                                  \
        return detail::record_beside<rule, T>(y, where, x, y, z);                                                      \
    }                                                                                                                  \
    template <class T, constant_argument X, constant_argument Y>                                                       \
    variable<T> name(X&& x, Y&& y, variable<T> z, location where = location::current())                                \
    {                                                                                                                  \
        return detail::record_beside<rule, T>(z, where, x, y, z);                                                      \
    }

/// The public function of an elementwise rule of one operand.
#define AUTOGRAD_UNARY_FUNCTION(name, rule)                                                                            \
    template <class T>                                                                                                 \
    variable<T> name(variable<T> x, location where = location::current())                                              \
    {                                                                                                                  \
        return record<rule, T>(where, x);                                                                              \
    }                                                                                                                  \
    template <class T>                                                                                                 \
    mistake::function_of_integers name(indices<T>);

/// For a function of variables: by mistake arrays are given, and no variable.
#define AUTOGRAD_TAKES_NO_ARRAYS_ALONE(name)                                                                           \
    template <class... More>                                                                                           \
    mistake::arrays_alone name(detail::any_array, More&&...);

/// For a function of two variables: by mistake a number is given, integers, a variable of another tape, or arrays
/// alone.
#define AUTOGRAD_TAKES_NO_OTHERS(name)                                                                                 \
    template <class T, number N>                                                                                       \
    mistake::product_with_number name(variable<T>, N);                                                                 \
    template <class T, number N>                                                                                       \
    mistake::product_with_number name(N, variable<T>);                                                                 \
    template <class T>                                                                                                 \
    mistake::function_of_integers name(variable<T>, indices<T>);                                                       \
    template <class T>                                                                                                 \
    mistake::function_of_integers name(indices<T>, variable<T>);                                                       \
    template <class T, detail::other_than<T> U>                                                                        \
    mistake::different_tapes name(variable<T>, variable<U>);                                                           \
    AUTOGRAD_TAKES_NO_ARRAYS_ALONE(name)

/// For a product name(variable, variable, location): the same with an xtensor expression in place of one of the two.
#define AUTOGRAD_TAKES_ARRAYS(name)                                                                                    \
    template <class T, array_expression E>                                                                             \
    variable<T> name(variable<T> a, E&& b, location where = location::current())                                       \
    {                                                                                                                  \
        return record_composite(#name, where, a, [&] { return name(a, a.tape().constant(b, where), where); });         \
    }                                                                                                                  \
    template <class T, array_expression E>                                                                             \
    variable<T> name(E&& a, variable<T> b, location where = location::current())                                       \
    {                                                                                                                  \
        return record_composite(#name, where, b, [&] { return name(b.tape().constant(a, where), b, where); });         \
    }                                                                                                                  \
    AUTOGRAD_TAKES_NO_OTHERS(name)
