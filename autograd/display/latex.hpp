#pragma once

#include "autograd/display/outputs.hpp"

namespace autograd
{

/// How a formula is laid out.
struct latex_options
{
    /// What has as many operations gets a line and a symbol of its own.
    std::size_t longest_line = 16;
    /// Whether what has a name is explained behind "where". Without, the names stand for themselves: for formulas
    /// beside others that say what they are.
    bool definitions = true;
};

namespace display
{
template <class T>
std::string latex(std::span<const handle<T>> outputs, const latex_options& options);
}

/// y as a formula in LaTeX, for MathJax, KaTeX, or a document with amsmath (to be put between $ or \[ and \]).
///
///     \begin{aligned} \mathrm{loss} &= t \cdot t \\ \text{where}\quad t &= \tanh(x \, w) \end{aligned}
///
/// What is used several times, what has a name, and what is long gets a symbol and a line of its own; the rest is
/// written out where it is used, with as few parentheses as the LaTeX of the operations allows. Names become symbols:
/// single letters and Greek ones (alpha), with a number or a letter as an index (w1, b_w: w_{1}, b_{w}) and with what
/// is put above them (x_bar, x_dot, x_hat, x_tilde), else upright words. Nameless variables are called x,
/// constants c, indices i. The matrix product is A \, B, the product of two arrays element by element a \odot b, that
/// of each element with each (outer) a \otimes b, that with a number s \cdot a; functions, quotients and powers are
/// taken element by element. Products of the same operands that differ are never written alike; only which of a \odot b
/// \odot c is taken first is left open. Broadcasts and reshapes are not seen: a vector that was made a column looks as
/// before. Fused derivatives appear as the elementary operations that they stand for. Attributes are subscripts.
/// Numbers are the shortest that read back the same.
///
/// The order does not depend on the order of recording. Linear in the number of instructions. Throws tape_error for an
/// empty variable and for one that was cleared or rewound.
template <class T>
std::string to_latex(variable<T> y, const latex_options& options = {})
{
    return display::latex<T>(std::vector<handle<T>>{y}, options);
}
template <class T>
std::string to_latex(indices<T> y, const latex_options& options = {})
{
    return display::latex<T>(std::vector<handle<T>>{y}, options);
}
/// Several outputs, a line for each: to_latex({loss, dw, db}). Throws as above, and tape_error for outputs of different
/// tapes.
template <class T, std::size_t N>
std::string to_latex(const variable<T> (&ys)[N], const latex_options& options = {})
{
    return display::latex<T>(display::as_handles(ys), options);
}
template <display::list_of_variables List>
std::string to_latex(const List& ys, const latex_options& options = {})
{
    const auto outputs = display::as_handles(ys);
    return display::latex(std::span(outputs), options);
}

} // namespace autograd
