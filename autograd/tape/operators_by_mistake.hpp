#pragma once

#include "autograd/tape/operators.hpp"

/// Operators that are mistakes (mistakes.hpp): on variables of two tapes that differ in type, on temporaries, on arrays
/// that are assigned to, on integers; and those that there are not.
namespace autograd
{

#define AUTOGRAD_OF_DIFFERENT_TAPES(symbol)                                                                            \
    template <class T, detail::other_than<T> U>                                                                        \
    mistake::different_tapes operator symbol(variable<T>, variable<U>);

AUTOGRAD_OF_DIFFERENT_TAPES(+)
AUTOGRAD_OF_DIFFERENT_TAPES(-)
AUTOGRAD_OF_DIFFERENT_TAPES(*)
AUTOGRAD_OF_DIFFERENT_TAPES(/)
AUTOGRAD_OF_DIFFERENT_TAPES(<)
AUTOGRAD_OF_DIFFERENT_TAPES(<=)
AUTOGRAD_OF_DIFFERENT_TAPES(>)
AUTOGRAD_OF_DIFFERENT_TAPES(>=)
AUTOGRAD_OF_DIFFERENT_TAPES(&&)
AUTOGRAD_OF_DIFFERENT_TAPES(||)

#define AUTOGRAD_ASSIGNMENT_BY_MISTAKE(symbol)                                                                         \
    template <class T, detail::other_than<T> U>                                                                        \
    mistake::different_tapes operator symbol(variable<T>&, variable<U>);                                               \
    template <class T, class Y>                                                                                        \
    mistake::assignment_to_temporary operator symbol(variable<T>&&, Y&&);                                              \
    template <array_expression E, class T>                                                                             \
    mistake::values_are_missing operator symbol(E&&, variable<T>);                                                     \
    template <number N, class T>                                                                                       \
    mistake::number_is_missing operator symbol(N&, variable<T>);                                                       \
    template <class T, class Y>                                                                                        \
    mistake::function_of_integers operator symbol(indices<T>&, Y&&);

AUTOGRAD_ASSIGNMENT_BY_MISTAKE(+=)
AUTOGRAD_ASSIGNMENT_BY_MISTAKE(-=)
AUTOGRAD_ASSIGNMENT_BY_MISTAKE(*=)
AUTOGRAD_ASSIGNMENT_BY_MISTAKE(/=)

#define AUTOGRAD_NO_OPERATOR(symbol, reason)                                                                           \
    template <class T, class Y>                                                                                        \
    mistake::reason operator symbol(variable<T>, Y&&);                                                                 \
    template <class X, class T>                                                                                        \
        requires(!std::same_as<std::remove_cvref_t<X>, variable<T>>)                                                   \
    mistake::reason operator symbol(X&&, variable<T>);

AUTOGRAD_NO_OPERATOR(==, equality)
AUTOGRAD_NO_OPERATOR(!=, equality)
AUTOGRAD_NO_OPERATOR(%, remainder)
AUTOGRAD_NO_OPERATOR(^, bits)
AUTOGRAD_NO_OPERATOR(&, bits)
AUTOGRAD_NO_OPERATOR(|, bits)

#define AUTOGRAD_OF_INTEGERS(symbol)                                                                                   \
    template <class T>                                                                                                 \
    mistake::function_of_integers operator symbol(indices<T>, indices<T>);                                             \
    template <class T, constant_argument Y>                                                                            \
    mistake::function_of_integers operator symbol(indices<T>, Y&&);                                                    \
    template <constant_argument X, class T>                                                                            \
    mistake::function_of_integers operator symbol(X&&, indices<T>);

AUTOGRAD_OF_INTEGERS(+)
AUTOGRAD_OF_INTEGERS(-)
AUTOGRAD_OF_INTEGERS(*)
AUTOGRAD_OF_INTEGERS(/)
AUTOGRAD_OF_INTEGERS(%)
AUTOGRAD_OF_INTEGERS(<)
AUTOGRAD_OF_INTEGERS(<=)
AUTOGRAD_OF_INTEGERS(>)
AUTOGRAD_OF_INTEGERS(>=)
AUTOGRAD_OF_INTEGERS(==)
AUTOGRAD_OF_INTEGERS(!=)

#undef AUTOGRAD_OF_DIFFERENT_TAPES
#undef AUTOGRAD_ASSIGNMENT_BY_MISTAKE
#undef AUTOGRAD_NO_OPERATOR
#undef AUTOGRAD_OF_INTEGERS

} // namespace autograd
