#pragma once

#include <string>
#include <vector>

// What docs/operations.md says beside what the operations say themselves: its introduction, and the conventions at
// kinks and special values with what shows each of them.

namespace docs
{

/// A sample of an operation, by its label; or a test case, by its name.
struct evidence
{
    std::string operation; ///< "" for a test case
    std::string label;
};

/// A row of the table of conventions.
struct convention
{
    std::string text_of_case;
    std::string says;
    std::vector<evidence> shown_by;
};

inline constexpr auto about_page = R"(# Operations

Every operation: how it is called, its value, its derivatives, its conventions, its errors; first [by task](#by-task),
then [by family](#what-the-tables-say). This page is printed by [operations.cpp](operations.cpp) out of the headers and
the rules themselves, and a test compares the two; it is written again by `ninja write_operations_page`.
)";

inline constexpr auto about_index = R"(
## By task

Calls as they are declared, without types: what stands in brackets may be left out, and every operation takes the line
of source as one more argument, which is there by default. `x`, `y` are variables, or numbers and xtensor expressions
beside one; `i`, `j` are integers on the tape (`tape.index`). `axis`, negative from the end, is one axis, `axes` several,
in braces or a container; `keep_dims` is `xt::keep_dims`. Layers and losses are functions of these:
[models, layers and losses](nn.md).
)";

inline constexpr auto about_tables = R"(
## What the tables say

A family of operations is what one header has.

**Derivatives** are those that the library records. Each operation is recorded on a tape of shapes, on operands $x$,
$y$, $z$ and integers $i$, $j$, in the order of its call, whatever that calls them; its result has the next letter. Then
$g$ flows into the result, and what flows back to $x$, the vector-Jacobian product $\bar{x}$, is recorded behind it and
printed: as a formula by `to_latex`, and as a program by `to_text`. In formulas $A \, B$ is the product of matrices,
$x \odot y$ that of arrays element by element and $x \otimes y$ that of each element with each; functions, quotients and
powers are taken element by element. Formulas do not show broadcasts and reshapes, programs do; what is constant along an
axis is repeated along it. $[x > 0]$ is 1 where it holds and 0 elsewhere; $t$ stands for what a formula needs twice.
What gives several things, as `qr` does, has a line for each.

**Proof**: the derivatives of a rule are compared with those of its value, as functions, at random points of a tower of
prime fields ([proof.md](proof.md)), for the shapes and attributes of its samples and outside of kinks. Those that are
assumed are right if the one is that is named; functions without an entry are made of others.

**Samples** are what the tests try: the column "in NumPy" is the expression that values are compared with (`sp` is
`scipy.special`, `la` is `scipy.linalg`), and the attributes under an operation's call are those of its first sample.
)";

inline constexpr auto about_conventions = R"(
## Conventions

Frameworks disagree at kinks, some within themselves. These are the conventions here. Values are always NumPy's; where
nothing is said, derivatives are PyTorch's. In a derivative the cotangent is *selected*, never multiplied by 0 or 1,
since 0 times infinity is NaN. The samples in the last column are tested; kinks and special values stand in the tables
of their families below.

)";

inline std::vector<convention> conventions()
{
    return {
        {"`maximum`, `minimum` at a tie", "1/2 to each", {{"maximum", "kinks"}, {"minimum", "kinks"}}},
        {"`amax`, `amin` with ties", "shared evenly: the shares sum to 1", {{"amax", "kinks"}, {"amin", "kinks"}}},
        {"`relu` at 0, `abs` at 0, `sign` anywhere",
         "0",
         {{"relu", "kinks"}, {"abs", "kinks"}, {"norm_l1", "kinks"}, {"sign", "kinks"}}},
        {"`clip` at a bound", "1, and exactly 0 outside", {{"clip", "kinks"}}},
        {"`hardtanh` at a bound", "0, as outside", {{"hardtanh", "kinks"}}},
        {"`sqrt`, `cbrt` at 0", "∞; multiplied by 0 further on, that is NaN", {{"sqrt", "kinks"}, {"cbrt", "kinks"}}},
        {"`norm_l2` and `hypot` at the zero vector, `stddev` of constants",
         "0, however large g is; the second derivative is NaN in every mode (a 0 would make the Hessian of exp(-norm²) "
         "0 in silence): `norm_sq`, `variance`, `square(x) + square(y)` are smooth",
         {{"norm_l2", "kinks"},
          {"hypot", "kinks"},
          {"stddev", "kinks"},
          {"hypot_slope", "kinks"},
          {"undefined_at_zero", "kinks"},
          {"", "second_derivatives_of_norms_at_zero_are_not_a_number"}}},
        {"`norm_l2` whose squares, `stddev` whose squares or sum leave the range of the type",
         "right, in value and in derivative: those of scaled numbers are taken",
         {{"norm_l2", "squares out of range"},
          {"norm_l2", "kinks"},
          {"stddev", "kinks"},
          {"", "deviations_whose_sum_leaves_the_range"}}},
        {"`norm_l2` that is infinite; `hypot` that overflows",
         "NaN (0 would be a step that silently is none); x / hypot(x, y) and y / hypot(x, y)",
         {{"norm_l2", "kinks"}, {"hypot", "kinks"}, {"", "norms_that_overflow_have_no_gradient_of_0"}}},
        {"`abs` at 0 in the second order", "0", {{"abs", "kinks"}}},
        {"`square`, `pow(x, 2)` at 0", "0", {{"square", "points"}, {"pow", "kinks"}}},
        {"`pow(0, p)` for p = -1, 0, 0.5, 1, 2",
         "to the base -∞, 0, ∞, 1, 0; to the exponent 0 for p ≥ 0",
         {{"pow", "kinks"}, {"power", "kinks"}, {"power_zero", "kinks"}}},
        {"a negative base", "NaN to the exponent", {{"pow", "kinks"}, {"pow", "a negative base"}}},
        {"`where`",
         "g to what was chosen, exactly 0 to the other; what lies behind that one multiplies the 0 by its own "
         "derivative",
         {{"where", "by a comparison"}}},
        {"`safe_where`", "the mathematical answer: f never sees the other elements", {{"safe_where", "kinks"}}},
        {"`relu`, `clip`, `maximum`, `amax` of NaN",
         "the value is NaN",
         {{"relu", "special values"},
          {"clip", "special values"},
          {"maximum", "special values"},
          {"amax", "NaN is not swallowed"}}},
        {"`maximum`, `minimum`, `amax`, `amin` of NaN and numbers",
         "the NaN is the result, so it gets g and the numbers get 0; several share evenly: contributions sum to g",
         {{"maximum", "kinks"}, {"minimum", "kinks"}, {"amax", "kinks"}, {"amin", "kinks"}}},
        {"`nan_to_num` of NaN and infinities", "0", {{"nan_to_num", "kinks"}}},
        {"`sigmoid`, `tanh`, `softplus` far out",
         "finite in every order, and right to the last digits at both ends: σ' = e / (1 + e)² with e = exp(-|x|), not "
         "y (1 - y)",
         {{"sigmoid", "kinks"},
          {"tanh", "kinks"},
          {"softplus", "kinks"},
          {"log_sigmoid", "kinks"},
          {"", "logistic_functions_keep_their_digits"}}},
        {"`gelu`, `silu`, `softsign` at infinity",
         "their limits -0, -0, ±1; derivative 0, and 1 for `gelu` and `silu` at +∞",
         {{"gelu", "at -inf"}, {"silu", "at -inf"}, {"softsign", "at infinity"}, {"", "limits_at_infinity"}}},
        {"`asin`, `acos`, `acosh`, `atanh` at the ends",
         "infinite, the second derivative, too, in both modes",
         {{"asin", "kinks"},
          {"acosh", "kinks"},
          {"atanh", "kinks"},
          {"", "second_derivatives_at_the_ends_of_a_domain_are_infinite"}}},
        {"`elu`, `selu`, `gelu`, `silu` far out",
         "finite: the branch that is not taken is evaluated at 0",
         {{"elu", "kinks"}, {"selu", "kinks"}, {"gelu", "kinks"}, {"silu", "kinks"}}},
        {"`softmax`, `log_softmax`, `logsumexp` of large scores",
         "finite; of -`log_softmax` at the target, p - onehot",
         {{"softmax", "kinks"}, {"log_softmax", "kinks"}, {"logsumexp", "kinks"}}},
        {"a row of scores with some -∞",
         "0 there, finite elsewhere",
         {{"softmax", "a score of -inf"}, {"log_softmax", "a score of -inf"}, {"logsumexp", "infinite scores"}}},
        {"a row of nothing but -∞, or with ∞",
         "`logsumexp` is that infinity, shared evenly by those that are equal to it, and exactly 0 to the others; its "
         "second derivatives are 0; `softmax`, `log_softmax` and their derivatives are NaN",
         {{"logsumexp", "kinks"},
          {"logsumexp_slope", "infinite scores"},
          {"softmax", "no finite score"},
          {"log_softmax", "no finite score"}}},
        {"`logaddexp` of equal infinities", "1/2 to each", {{"logaddexp", "kinks"}}},
        {"`prod`, `cumprod` with zeros",
         "exact in every order, since nothing is divided",
         {{"prod", "a zero"}, {"prod", "three zeros"}, {"cumprod", "zeros in columns"}}},
        {"`prod`, `cumprod`, `linear_recurrence` with parts that leave the range",
         "right wherever it is representable, in every order; so are values, but `prod` of up to 64 elements is "
         "NumPy's "
         "bit for bit, 0 or infinite where that is so on the way",
         {{"", "derivatives_of_products_that_overflow"},
          {"", "derivatives_of_long_products"},
          {"", "up_to_64_factors_a_product_is_infinite_or_zero_where_it_is_so_on_the_way"}}},
        {"an index that is given twice",
         "cotangents add up",
         {{"gather", "repeated"}, {"take_along_axis", "repeated"}, {"scatter_add", "repeated"}}},
        {"`atan2` at (0, 0)", "NaN", {{"atan2", "kinks"}}},
        {"comparisons, roundings, `argmax`",
         "none: 0 where they feed something else, an error when asked for alone",
         {{"greater", "points"}, {"round", "jumps"}, {"argmax", "the first of ties"}}},
        {"losses of the smallest probabilities, where 1 / p is infinite",
         "finite where the truth says so, in both modes: 1 / (1 - p) of `binary_cross_entropy` for the truth 0",
         {{"", "the_smallest_probabilities_have_derivatives"}}},
        {"losses of probabilities beyond 0 or 1 by rounding",
         "the value and the derivative at 0 or 1",
         {{"", "probabilities_that_rounding_put_beside_0_or_1"}}},
        {"a step of an optimizer at a gradient of 0",
         "1 / epsilon of g / (sqrt(v) + epsilon): the root of an average of squares counts as abs(g)",
         {{"", "at_a_gradient_of_0_the_epsilon_is_what_it_was"}}},
        {"`clip_by_norm` up to its bound, and at 0",
         "that of the identity",
         {{"", "clipping_is_differentiable_where_nothing_is_clipped"}}},
        {"an input that y does not depend on",
         "`gradient` throws and names it; `unconnected::zero` gives zeros",
         {{"", "an_input_without_a_path_is_named"}, {"", "zeros_on_request"}}},
        {"the same variable twice in an operation",
         "both contributions",
         {{"multiply", "the same operand twice"},
          {"subtract", "an operand from itself"},
          {"matmul", "by itself"},
          {"scatter_add", "the same array twice"}}},
        {"shape () and shapes with a 0",
         "every operation takes them; a mean or an extremum of nothing throws",
         {{"sum", "empty"}, {"matmul", "nothing to sum"}, {"mean", "nothing"}, {"amax", "nothing"}}},
    };
}

} // namespace docs
