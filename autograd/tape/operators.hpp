#pragma once

#include "autograd/tape/location.hpp"
#include "autograd/tape/xtensor.hpp"

#include <concepts>
#include <type_traits>

namespace autograd
{

template <class T>
class tape;
template <class T>
class variable;

template <class N>
concept number = std::is_arithmetic_v<N> && !std::same_as<N, bool>;

/// An xtensor container, view or lazy expression.
template <class E>
concept array_expression = xt::is_xexpression<std::remove_cvref_t<E>>::value;

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

// Of two variables, of a variable and a number, and of a variable and an xtensor expression (which becomes a constant).
// The last pair of overloads is more specialised than xtensor's own operators, which would otherwise take a variable
// for a scalar; being templates, they cannot know the line of source.
#define AUTOGRAD_BINARY_OPERATOR(symbol, rule)                                                                         \
    friend variable<T> operator symbol(operand<T> x, operand<T> y)                                                     \
    {                                                                                                                  \
        return record_elementwise<rule, T>(x, y);                                                                      \
    }                                                                                                                  \
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

    // Comparisons give masks: 1 where true, 0 where false.
    AUTOGRAD_BINARY_OPERATOR(<, less_rule)
    AUTOGRAD_BINARY_OPERATOR(<=, less_equal_rule)
    AUTOGRAD_BINARY_OPERATOR(>, greater_rule)
    AUTOGRAD_BINARY_OPERATOR(>=, greater_equal_rule)
    AUTOGRAD_BINARY_OPERATOR(&&, logical_and_rule)
    AUTOGRAD_BINARY_OPERATOR(||, logical_or_rule)

    friend variable<T> operator-(operand<T> x) { return record_elementwise<negative_rule, T>(x); }
    friend variable<T> operator!(operand<T> x) { return record_elementwise<logical_not_rule, T>(x); }

    // x += y makes x name the sum; what x named before stays as it was.
    AUTOGRAD_COMPOUND_ASSIGNMENT(+=, add_rule)
    AUTOGRAD_COMPOUND_ASSIGNMENT(-=, subtract_rule)
    AUTOGRAD_COMPOUND_ASSIGNMENT(*=, multiply_rule)
    AUTOGRAD_COMPOUND_ASSIGNMENT(/=, divide_rule)

    // Say equal(x, y) for the mask of equal elements; == could as well mean "the same variable".
    friend bool operator==(const variable<T>&, const variable<T>&) = delete;
    friend bool operator!=(const variable<T>&, const variable<T>&) = delete;
};

#undef AUTOGRAD_BINARY_OPERATOR
#undef AUTOGRAD_COMPOUND_ASSIGNMENT

} // namespace autograd
