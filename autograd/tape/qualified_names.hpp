#pragma once

#include "autograd/tape/variable.hpp"

#include <tuple>

/// The names of our functions where they are looked for by habit: in std, in xt, in xt::linalg. With a variable among
/// its arguments, std::sin(x) or xt::sum(x, {0}) would end in pages about candidates, or in the depths of xtensor; here
/// it is a mistake (mistakes.hpp) that says what to write. Nothing else is concerned: these take variables only, and
/// where one is found beside ours, by `using namespace xt` or `using std::exp`, ours fits better. (The standard keeps
/// namespace std for itself; but nowhere else does std::sin look.)
namespace autograd::detail
{

template <class X>
concept variable_argument = is_variable<std::remove_cvref_t<X>>;
/// Behind something that is no variable stands one.
template <class Y, class X>
concept variable_behind = variable_argument<Y> && !variable_argument<X>;
/// One of the two is a variable, the other one an array.
template <class Y, class X>
concept beside_array = (variable_argument<Y> && array_expression<X>) || (variable_argument<X> && array_expression<Y>);
/// An array that is not constant itself, but whose elements are.
template <class A>
concept read_only = !std::is_const_v<std::remove_reference_t<A>> && requires(A & a)
{
    requires std::is_const_v<std::remove_reference_t<decltype(*a.data())>>;
};

} // namespace autograd::detail

// Where there are no others that take a variable: whatever stands behind it fits worse here than anywhere.
#define AUTOGRAD_QUALIFIED(name)                                                                                       \
    template <autograd::detail::variable_argument X>                                                                   \
    autograd::mistake::without_namespace name(X&&, ...);
#define AUTOGRAD_QUALIFIED_PAIR(name)                                                                                  \
    AUTOGRAD_QUALIFIED(name)                                                                                           \
    template <class X, autograd::detail::variable_behind<X> Y>                                                         \
    autograd::mistake::without_namespace name(X&&, Y&&);

// Those of xtensor take anything beside an array: ours are preferred for their constraints.
#define AUTOGRAD_QUALIFIED_BESIDE(name)                                                                                \
    template <class X, autograd::detail::beside_array<X> Y>                                                            \
    autograd::mistake::without_namespace name(X&&, Y&&);

// Those of xtensor that take anything at all have other template parameters: ours are preferred for the type of the
// variable, which is said less exactly than in the function that is meant. Of an array; of an array and something else;
// of an array and axes in braces; and these two with options.
#define AUTOGRAD_QUALIFIED_GREEDY(name)                                                                                \
    template <template <class> class V, class T>                                                                       \
        requires(autograd::detail::is_variable<V<T>>)                                                                  \
    autograd::mistake::without_namespace name(V<T>);                                                                   \
    template <template <class> class V, class T, class A>                                                              \
        requires(autograd::detail::is_variable<V<T>>)                                                                  \
    autograd::mistake::without_namespace name(V<T>, A);                                                                \
    template <template <class> class V, class T, class A, class B>                                                     \
        requires(autograd::detail::is_variable<V<T>>)                                                                  \
    autograd::mistake::without_namespace name(V<T>, A, B);
#define AUTOGRAD_QUALIFIED_LIST(name)                                                                                  \
    AUTOGRAD_QUALIFIED_GREEDY(name)                                                                                    \
    template <template <class> class V, class T, class I, std::size_t N>                                               \
        requires(autograd::detail::is_variable<V<T>>)                                                                  \
    autograd::mistake::without_namespace name(V<T>, const I(&)[N]);                                                    \
    template <template <class> class V, class T, class I, std::size_t N, class B>                                      \
        requires(autograd::detail::is_variable<V<T>>)                                                                  \
    autograd::mistake::without_namespace name(V<T>, const I(&)[N], B);

#define AUTOGRAD_ELEMENTWISE_NAMES                                                                                     \
    AUTOGRAD_QUALIFIED(abs)                                                                                            \
    AUTOGRAD_QUALIFIED(acos)                                                                                           \
    AUTOGRAD_QUALIFIED(acosh)                                                                                          \
    AUTOGRAD_QUALIFIED(asin)                                                                                           \
    AUTOGRAD_QUALIFIED(asinh)                                                                                          \
    AUTOGRAD_QUALIFIED(atan)                                                                                           \
    AUTOGRAD_QUALIFIED(atanh)                                                                                          \
    AUTOGRAD_QUALIFIED(cbrt)                                                                                           \
    AUTOGRAD_QUALIFIED(ceil)                                                                                           \
    AUTOGRAD_QUALIFIED(cos)                                                                                            \
    AUTOGRAD_QUALIFIED(cosh)                                                                                           \
    AUTOGRAD_QUALIFIED(erf)                                                                                            \
    AUTOGRAD_QUALIFIED(erfc)                                                                                           \
    AUTOGRAD_QUALIFIED(exp)                                                                                            \
    AUTOGRAD_QUALIFIED(exp2)                                                                                           \
    AUTOGRAD_QUALIFIED(expm1)                                                                                          \
    AUTOGRAD_QUALIFIED(fabs)                                                                                           \
    AUTOGRAD_QUALIFIED(floor)                                                                                          \
    AUTOGRAD_QUALIFIED(isfinite)                                                                                       \
    AUTOGRAD_QUALIFIED(isinf)                                                                                          \
    AUTOGRAD_QUALIFIED(isnan)                                                                                          \
    AUTOGRAD_QUALIFIED(lgamma)                                                                                         \
    AUTOGRAD_QUALIFIED(log)                                                                                            \
    AUTOGRAD_QUALIFIED(log10)                                                                                          \
    AUTOGRAD_QUALIFIED(log1p)                                                                                          \
    AUTOGRAD_QUALIFIED(log2)                                                                                           \
    AUTOGRAD_QUALIFIED(round)                                                                                          \
    AUTOGRAD_QUALIFIED(sin)                                                                                            \
    AUTOGRAD_QUALIFIED(sinh)                                                                                           \
    AUTOGRAD_QUALIFIED(sqrt)                                                                                           \
    AUTOGRAD_QUALIFIED(tan)                                                                                            \
    AUTOGRAD_QUALIFIED(tanh)                                                                                           \
    AUTOGRAD_QUALIFIED(trunc)                                                                                          \
    AUTOGRAD_QUALIFIED_PAIR(atan2)                                                                                     \
    AUTOGRAD_QUALIFIED_PAIR(fma)                                                                                       \
    AUTOGRAD_QUALIFIED_PAIR(fmax)                                                                                      \
    AUTOGRAD_QUALIFIED_PAIR(fmin)                                                                                      \
    AUTOGRAD_QUALIFIED_PAIR(hypot)                                                                                     \
    AUTOGRAD_QUALIFIED_PAIR(pow)

namespace std
{

AUTOGRAD_ELEMENTWISE_NAMES
AUTOGRAD_QUALIFIED(signbit)
AUTOGRAD_QUALIFIED_PAIR(copysign)
template <template <class> class V, class T>
    requires(autograd::detail::is_variable<V<T>>)
autograd::mistake::without_namespace max(const V<T>&, const V<T>&);
template <template <class> class V, class T>
    requires(autograd::detail::is_variable<V<T>>)
autograd::mistake::without_namespace min(const V<T>&, const V<T>&);

} // namespace std

namespace xt
{

AUTOGRAD_ELEMENTWISE_NAMES
AUTOGRAD_QUALIFIED(argmax)
AUTOGRAD_QUALIFIED(argmin)
AUTOGRAD_QUALIFIED(argsort)
AUTOGRAD_QUALIFIED(nan_to_num)
AUTOGRAD_QUALIFIED(sign)
AUTOGRAD_QUALIFIED(sort)
AUTOGRAD_QUALIFIED_PAIR(clip)
AUTOGRAD_QUALIFIED_PAIR(equal)
AUTOGRAD_QUALIFIED_PAIR(maximum)
AUTOGRAD_QUALIFIED_PAIR(minimum)
AUTOGRAD_QUALIFIED_PAIR(not_equal)
AUTOGRAD_QUALIFIED_PAIR(where)
AUTOGRAD_QUALIFIED_BESIDE(atan2)
AUTOGRAD_QUALIFIED_BESIDE(equal)
AUTOGRAD_QUALIFIED_BESIDE(fmax)
AUTOGRAD_QUALIFIED_BESIDE(fmin)
AUTOGRAD_QUALIFIED_BESIDE(hypot)
AUTOGRAD_QUALIFIED_BESIDE(maximum)
AUTOGRAD_QUALIFIED_BESIDE(minimum)
AUTOGRAD_QUALIFIED_BESIDE(not_equal)
AUTOGRAD_QUALIFIED_BESIDE(pow)
template <class C, class X, autograd::detail::beside_array<X> Y>
autograd::mistake::without_namespace where(C&&, X&&, Y&&);

AUTOGRAD_QUALIFIED_GREEDY(cumprod)
AUTOGRAD_QUALIFIED_GREEDY(cumsum)
AUTOGRAD_QUALIFIED_GREEDY(diag)
AUTOGRAD_QUALIFIED_GREEDY(diagonal)
AUTOGRAD_QUALIFIED_GREEDY(expand_dims)
AUTOGRAD_QUALIFIED_GREEDY(flatten)
AUTOGRAD_QUALIFIED_GREEDY(flip)
AUTOGRAD_QUALIFIED_GREEDY(repeat)
AUTOGRAD_QUALIFIED_GREEDY(split)
AUTOGRAD_QUALIFIED_GREEDY(square)
AUTOGRAD_QUALIFIED_GREEDY(tril)
AUTOGRAD_QUALIFIED_GREEDY(triu)
AUTOGRAD_QUALIFIED_LIST(amax)
AUTOGRAD_QUALIFIED_LIST(amin)
AUTOGRAD_QUALIFIED_LIST(broadcast)
AUTOGRAD_QUALIFIED_LIST(mean)
AUTOGRAD_QUALIFIED_LIST(norm_l1)
AUTOGRAD_QUALIFIED_LIST(norm_l2)
AUTOGRAD_QUALIFIED_LIST(norm_sq)
AUTOGRAD_QUALIFIED_LIST(prod)
AUTOGRAD_QUALIFIED_LIST(reshape_view)
AUTOGRAD_QUALIFIED_LIST(squeeze)
AUTOGRAD_QUALIFIED_LIST(stddev)
AUTOGRAD_QUALIFIED_LIST(sum)
AUTOGRAD_QUALIFIED_LIST(tile)
AUTOGRAD_QUALIFIED_LIST(transpose)
AUTOGRAD_QUALIFIED_LIST(variance)
template <template <class> class V, class T>
    requires(autograd::detail::is_variable<V<T>>)
autograd::mistake::without_namespace roll(V<T>, std::ptrdiff_t);
template <template <class> class V, class T>
    requires(autograd::detail::is_variable<V<T>>)
autograd::mistake::without_namespace roll(V<T>, std::ptrdiff_t, std::ptrdiff_t);
template <template <class> class V, class T, class... Slices>
    requires(autograd::detail::is_variable<V<T>>)
autograd::mistake::without_namespace view(V<T>, Slices&&...);
template <template <class> class V, class T, class... X>
    requires(autograd::detail::is_variable<V<T>>)
autograd::mistake::without_namespace concatenate(std::tuple<const V<T>&, X...>&&, std::size_t = 0);
template <template <class> class V, class T, class... X>
    requires(autograd::detail::is_variable<V<T>>)
autograd::mistake::without_namespace stack(std::tuple<const V<T>&, X...>&&, std::size_t = 0);

namespace linalg
{
AUTOGRAD_QUALIFIED_PAIR(dot)
AUTOGRAD_QUALIFIED_PAIR(outer)
} // namespace linalg

// What an operation gave is no place to write to: v += 1, where v is x.value().
template <autograd::detail::read_only A, class X>
autograd::mistake::assignment_to_values operator+=(A&&, const X&);
template <autograd::detail::read_only A, class X>
autograd::mistake::assignment_to_values operator-=(A&&, const X&);
template <autograd::detail::read_only A, class X>
autograd::mistake::assignment_to_values operator*=(A&&, const X&);
template <autograd::detail::read_only A, class X>
autograd::mistake::assignment_to_values operator/=(A&&, const X&);

} // namespace xt

#undef AUTOGRAD_QUALIFIED
#undef AUTOGRAD_QUALIFIED_PAIR
#undef AUTOGRAD_QUALIFIED_BESIDE
#undef AUTOGRAD_QUALIFIED_GREEDY
#undef AUTOGRAD_QUALIFIED_LIST
#undef AUTOGRAD_ELEMENTWISE_NAMES
