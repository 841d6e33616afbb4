#pragma once

#include "autograd/tape/location.hpp"
#include "autograd/tape/mistakes.hpp"
#include "autograd/tape/xtensor.hpp"

#include <concepts>
#include <cstdint>
#include <type_traits>

namespace autograd
{

template <class T>
class tape;
template <class T>
class variable;
template <class T>
class indices;

template <class N>
concept number = std::is_arithmetic_v<N> && !std::same_as<N, bool>;

/// An xtensor container, view or lazy expression.
template <class E>
concept array_expression = xt::is_xexpression<std::remove_cvref_t<E>>::value;

/// What may stand in the place of a variable beside one: a number, or an xtensor expression, which becomes a constant.
template <class X>
concept constant_argument = number<std::remove_cvref_t<X>> || array_expression<X>;

template <class T>
class operand;

namespace detail
{
template <class U, class T>
concept other_than = !std::same_as<U, T>;

/// Numbers in a container that is no xtensor expression, such as std::vector.
template <class C>
concept plain_numbers = requires(const C& c)
{
    c.data();
    c.size();
    requires std::is_arithmetic_v<typename C::value_type>;
}
&&!array_expression<C>;

/// A variable as an operand, at the line of source that recorded it.
template <class T>
operand<T> where_it_was_recorded(variable<T> x);
} // namespace detail

/// A variable or a plain number, and the line of source where it was given to an operation.
/// Numbers are converted to T and broadcast without storage.
template <class T>
class operand
{
public:
    operand(variable<T> x, const char* file = __builtin_FILE(), std::int64_t line = __builtin_LINE());
    template <number N>
    operand(N x, const char* file = __builtin_FILE(), std::int64_t line = __builtin_LINE())
        : m_number(static_cast<T>(x)), m_is_number(true), m_where{file, line}
    {
    }
    template <class X>
    operand(X x, location where) : operand(x, where.file, where.line)
    {
    }
    template <detail::other_than<T> U>
    operand(variable<U>) = delete; // float and double are different tapes: pass the values, tape.constant(y.value()).
    operand(indices<T>) = delete;  // Integers have no derivative: tape.constant(i.value()) makes numbers of them.
    template <std::same_as<bool> B>
    operand(B) = delete; // A truth value is no number: write 1.0 or 0.0, or make a mask, x > 0.
    template <detail::plain_numbers C>
    operand(const C&) = delete; // Beside a variable, numbers are an xtensor expression: xt::adapt(numbers).

    bool is_number() const { return m_is_number; }
    T number() const { return m_number; }
    variable<T> get() const;
    location where() const { return m_where; }

private:
    tape<T>* m_tape = nullptr;
    std::uint32_t m_index = 0;
    std::uint32_t m_generation = 0;
    T m_number = 0;
    bool m_is_number = false;
    location m_where;
};

struct add_rule;
struct subtract_rule;
struct multiply_rule;
struct divide_rule;
struct negative_rule;
struct less_rule;
struct less_equal_rule;
struct greater_rule;
struct greater_equal_rule;
struct logical_and_rule;
struct logical_or_rule;
struct logical_not_rule;

template <class Rule, class T>
variable<T> record_elementwise(operand<T> x);
template <class Rule, class T>
variable<T> record_elementwise(operand<T> x, operand<T> y);
namespace detail
{
/// The same of a variable and an xtensor expression, whose values become a constant on the tape of `beside`.
template <class Rule, class T, class X, class Y>
variable<T> record_beside_array(variable<T> beside, const X& x, const Y& y);
} // namespace detail

// Of two variables, and of a variable and a number.
#define AUTOGRAD_BINARY_OPERATOR(symbol, rule)                                                                         \
    friend variable<T> operator symbol(operand<T> x, operand<T> y)                                                     \
    {                                                                                                                  \
        return record_elementwise<rule, T>(x, y);                                                                      \
    }

// The same for && and ||. C++ has its own for whatever turns into a bool, be it to refuse that, as variables that have
// no name do: where one of them is the result of an expression, these fit better. Beside a number the line of source is
// that of this expression.
#define AUTOGRAD_LOGICAL_OPERATOR(symbol, rule)                                                                        \
    AUTOGRAD_BINARY_OPERATOR(symbol, rule)                                                                             \
    template <std::same_as<variable<T>> V>                                                                             \
    friend variable<T> operator symbol(const V&& x, operand<T> y)                                                      \
    {                                                                                                                  \
        return record_elementwise<rule, T>(operand<T>(x, y.where()), y);                                               \
    }                                                                                                                  \
    template <number N>                                                                                                \
    friend variable<T> operator symbol(const variable<T>&& x, N y)                                                     \
    {                                                                                                                  \
        const operand<T> beside = detail::where_it_was_recorded(x);                                                    \
        return record_elementwise<rule, T>(beside, operand<T>(y, beside.where()));                                     \
    }                                                                                                                  \
    template <number N>                                                                                                \
    friend variable<T> operator symbol(N x, const variable<T>&& y)                                                     \
    {                                                                                                                  \
        const operand<T> beside = detail::where_it_was_recorded(y);                                                    \
        return record_elementwise<rule, T>(operand<T>(x, beside.where()), beside);                                     \
    }

// Of a variable and an xtensor expression, which becomes a constant. This pair of overloads is more specialised than
// xtensor's own operators, which would otherwise take a variable for a scalar; being templates, they cannot know the
// line of source.
#define AUTOGRAD_OPERATOR_BESIDE(symbol, rule)                                                                         \
    template <array_expression E>                                                                                      \
    friend variable<T> operator symbol(variable<T> x, E&& y)                                                           \
    {                                                                                                                  \
        return detail::record_beside_array<rule, T>(x, x, y);                                                          \
    }                                                                                                                  \
    template <array_expression E>                                                                                      \
    friend variable<T> operator symbol(E&& x, variable<T> y)                                                           \
    {                                                                                                                  \
        return detail::record_beside_array<rule, T>(y, x, y);                                                          \
    }

#define AUTOGRAD_COMPOUND_ASSIGNMENT(symbol, rule)                                                                     \
    friend variable<T>& operator symbol(variable<T>& x, operand<T> y)                                                  \
    {                                                                                                                  \
        return x = record_elementwise<rule, T>(operand<T>(x, y.where()), y);                                           \
    }                                                                                                                  \
    template <array_expression E>                                                                                      \
    friend variable<T>& operator symbol(variable<T>& x, E&& y)                                                         \
    {                                                                                                                  \
        return x = detail::record_beside_array<rule, T>(x, x, y);                                                      \
    }

/// The operators of variable<T>: friends found through it alone, so that their operands convert implicitly and
/// take the line of source with them. Gradients and conventions stand beside each rule in operations/.
template <class T>
struct operators
{
    AUTOGRAD_BINARY_OPERATOR(+, add_rule)
    AUTOGRAD_BINARY_OPERATOR(-, subtract_rule)
    AUTOGRAD_BINARY_OPERATOR(*, multiply_rule)
    AUTOGRAD_BINARY_OPERATOR(/, divide_rule)
    AUTOGRAD_OPERATOR_BESIDE(+, add_rule)
    AUTOGRAD_OPERATOR_BESIDE(-, subtract_rule)
    AUTOGRAD_OPERATOR_BESIDE(*, multiply_rule)
    AUTOGRAD_OPERATOR_BESIDE(/, divide_rule)

    // Comparisons give masks: 1 where true, 0 where false.
    AUTOGRAD_BINARY_OPERATOR(<, less_rule)
    AUTOGRAD_BINARY_OPERATOR(<=, less_equal_rule)
    AUTOGRAD_BINARY_OPERATOR(>, greater_rule)
    AUTOGRAD_BINARY_OPERATOR(>=, greater_equal_rule)
    AUTOGRAD_LOGICAL_OPERATOR(&&, logical_and_rule)
    AUTOGRAD_LOGICAL_OPERATOR(||, logical_or_rule)
    AUTOGRAD_OPERATOR_BESIDE(<, less_rule)
    AUTOGRAD_OPERATOR_BESIDE(<=, less_equal_rule)
    AUTOGRAD_OPERATOR_BESIDE(>, greater_rule)
    AUTOGRAD_OPERATOR_BESIDE(>=, greater_equal_rule)
    AUTOGRAD_OPERATOR_BESIDE(&&, logical_and_rule)
    AUTOGRAD_OPERATOR_BESIDE(||, logical_or_rule)

    friend variable<T> operator-(operand<T> x) { return record_elementwise<negative_rule, T>(x); }
    friend variable<T> operator!(operand<T> x) { return record_elementwise<logical_not_rule, T>(x); }
    friend variable<T> operator!(const variable<T>&& x) // as && and ||
    {
        return record_elementwise<logical_not_rule, T>(detail::where_it_was_recorded(x));
    }

    // x += y makes x name the sum; what x named before stays as it was.
    AUTOGRAD_COMPOUND_ASSIGNMENT(+=, add_rule)
    AUTOGRAD_COMPOUND_ASSIGNMENT(-=, subtract_rule)
    AUTOGRAD_COMPOUND_ASSIGNMENT(*=, multiply_rule)
    AUTOGRAD_COMPOUND_ASSIGNMENT(/=, divide_rule)

    friend void operator~(variable<T>) = delete;        // Write !x, which is element by element.
    friend void operator++(variable<T>&) = delete;      // Write x += 1.0.
    friend void operator++(variable<T>&, int) = delete; // Write x += 1.0.
    friend void operator--(variable<T>&) = delete;      // Write x -= 1.0.
    friend void operator--(variable<T>&, int) = delete; // Write x -= 1.0.
};

#undef AUTOGRAD_BINARY_OPERATOR
#undef AUTOGRAD_LOGICAL_OPERATOR
#undef AUTOGRAD_OPERATOR_BESIDE
#undef AUTOGRAD_COMPOUND_ASSIGNMENT

} // namespace autograd
