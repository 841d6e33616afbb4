#pragma once

#include "autograd/tape/operation.hpp"

#include <bit>

/// A rule is a struct that says everything about one operation, in one place. By its kind:
///
/// | kind        | the author writes                                                  | what follows           |
/// |-------------|--------------------------------------------------------------------|------------------------|
/// | elementwise | forward, pulls: one expression in (operands..., y, g) per operand  | shape, kernel, vjp, jvp |
/// | linear      | shape, forward, transpose                                          | vjp, jvp               |
/// | bilinear    | shape, forward, transpose_left, transpose_right                    | vjp, jvp               |
/// | general     | shape, forward, vjp                                                | jvp, by transposition  |
///
/// and each of them `name`, `samples`, and where they apply
///
/// | it says              | what that is                                                                             |
/// |----------------------|------------------------------------------------------------------------------------------|
/// | `latex`              | its formula                                                                              |
/// | `attributes`         | a struct of what is fixed beside the operands; `print` gives it as listings show it      |
/// | `attributes::same`   | whether it is another one, bit for bit: a.same(b). Of integers without gaps it follows   |
/// | `storage`, `element` | where the values of the result live, and what they are                                   |
/// | `reads_broadcasts`   | forward reads operands by their strides                                                  |
/// | `in_place`           | forward may be given operand 0 as its result, if no other operand is the same            |
/// | `scratch`            | how many bytes forward wants beside the result, by shapes and attributes: call.scratch   |
/// | `flops`              | of a product with attributes: its multiplications and additions, by the same            |
/// | `throws`             | forward may refuse, as the values of its operands are                                    |
/// | `checks`             | it does nothing else (operations/conditions.hpp)                                         |
/// | `draws`              | random numbers, by the key that operand 0 is                                              |
/// | `beside_tape`        | its result was computed elsewhere                                                        |
/// | `differentiable`     | bit k: by operand k; `not_differentiable` says why there is nothing to differentiate     |
/// | `remedy_of_nan`      | what to do about a result that is NaN                                                    |
/// | `acts_on_last_axes`  | axes in front of those that it acts on are a batch, however many there are (batched.hpp) |
/// | `with_leading_axis`  | else, for many directions at once; or `batched` (batched.hpp)                            |
/// | `generic`            | for proofs; or `opaque`                                                                  |
///
/// Derivatives are written with the public operations, so they are recorded themselves and every order follows. Rules
/// with attributes get them as last argument of shape, forward, scratch and generic. Forward allocates nothing: so a
/// program (autograd/compile) runs without.
namespace autograd
{

/// Element by element: y_i = forward(x_i, ...). `pulls` has one generic lambda per operand, linear in g: what flows
/// back to that operand when g flows into y. The lambdas get packs of SIMD lanes in kernels and variables
/// where a derivative is differentiated again; `no_pull` stands for an operand that only selects, `zero_pull` for one
/// whose derivative is 0 everywhere. There are at most 30 operands.
struct elementwise
{
    static constexpr rule_kind kind = rule_kind::elementwise;
};

/// y = L x for a fixed linear L: the vjp is the transpose, the jvp is L on the tangent. For all T:
///
///     static shape_vector shape(std::span<const shape_view> operands);
///     static void forward(const evaluation<T>& call);
///     static variable<T> transpose(const recorded<T>& y, variable<T> g);
///
/// The transpose has the shape of the operand; that of a rule of several gets the number of one as third argument. One
/// of many, which would count up to each of them, writes out vjp(y) instead, as a general rule does.
/// Without shape() the rule is recorded by record_shaped.
struct linear
{
    static constexpr rule_kind kind = rule_kind::linear;
};

/// y = B(a, b), linear in a and in b: beside shape and forward, what flows to each.
///
///     static variable<T> transpose_left(const recorded<T>& y, variable<T> g);
///     static variable<T> transpose_right(const recorded<T>& y, variable<T> g);
struct bilinear
{
    static constexpr rule_kind kind = rule_kind::bilinear;
};

/// Anything else: beside shape and forward the vjp is written out, which is linear in the cotangent; the jvp is its
/// transpose.
///
///     static void vjp(pullback<T>& y);
struct general
{
    static constexpr rule_kind kind = rule_kind::general;
};

/// In place of a pull: the operand only selects, its derivative is 0 wherever there is one.
struct no_pull
{
};

/// In place of a pull: the derivative is declared, and it is 0 (sign). Asking for it alone gives zeros, where no_pull
/// would throw.
struct zero_pull
{
};

/// The pulls of an elementwise rule, in the order of its operands. Lambdas without captures are known by their types,
/// so nothing is kept. (A std::tuple does as well; but those of all rules took the compiler a fifth of the time for our
/// headers.)
template <class... Pulls>
struct per_operand
{
    constexpr per_operand(Pulls...) {}
};

/// The static description of a rule for one T; instantiated by the library for its own rules, and by
/// autograd/define_operation.hpp for those of users.
template <class Rule, class T>
struct description
{
    static const operation<T> instance;
};

/// Whether two numbers are the same bit for bit, for `same` of attributes: 0.0 is not -0.0, and NaN is NaN.
inline bool same_bits(double a, double b)
{
    return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

/// Whether the rule is one of the library's, which has its descriptions and its kernels.
template <class Rule>
inline constexpr bool is_in_library = false;

} // namespace autograd

/// The registration line that stands behind each rule. For the compiler: its descriptions and kernels are in the
/// library. For the build: one more operation in the table (operations/table_of_operations.cmake).
#define AUTOGRAD_OPERATION(rule)                                                                                       \
    template <>                                                                                                        \
    inline constexpr bool is_in_library<rule> = true;                                                                  \
    extern template struct description<rule, float>;                                                                   \
    extern template struct description<rule, double>;

/// The registration line of a composite: a function of other operations, with a name and samples.
#define AUTOGRAD_COMPOSITE(samples)
