#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace autograd::display
{

/// How tightly a formula holds together: where something tighter is needed, it gets parentheses.
enum class binding : std::uint8_t
{
    relation,      ///< a < b, cases
    sum,           ///< a + b
    prefix,        ///< \sum a, \log a
    minus,         ///< -a
    product,       ///< a \cdot b, \frac{a}{b}
    juxtaposition, ///< A \, B
    power,         ///< a^b
    subscripted,   ///< a_1
    atom           ///< a, (a + b), f(a)
};

/// What stands for an operand, or between operands, in the LaTeX of an operation.
struct latex_piece
{
    enum kind : std::uint8_t
    {
        text,
        operand,
        times,      ///< \cdot between two operands: \odot where both are arrays
        attributes, ///< as a subscript, where there are any
        attribute,  ///< the number among the attributes
        open,       ///< ( or \left(, as high as what is inside asks for
        close
    };
    kind is;
    std::string literal;               ///< of text
    std::size_t number = 0;            ///< of operand; of times: the one in front
    binding needs = binding::relation; ///< of operand: looser ones get parentheses
    bool no_sign = false;              ///< of operand: so do those that begin with a minus
    std::size_t factor = none;         ///< of operand: the other one of a times; of times: the one behind
    bool is_behind = false;            ///< of operand: a times is in front of it

    static constexpr std::size_t none = static_cast<std::size_t>(-1);
};

/// The LaTeX of an operation taken apart: from #1 + #2 follows, without the author's saying so, that the whole is a
/// sum, that in it #2 must not begin with a minus, and that in #1 \cdot #2 sums get parentheses. What follows a
/// command, a bracket, an operator or nothing decides what may stand there. What stands side by side, #1 \, #2, holds
/// together more tightly than a product with a sign, and from left to right: it is not associative for all operands.
struct latex_template
{
    /// Reads a template: operands #1 to #9, the commands and environments of LaTeX, arguments in braces; #0 is the
    /// number among the attributes (3 where they are "exponent 3").
    explicit latex_template(std::string_view text);
    /// The first line of an operation's LaTeX is its template. Lines behind it, "attributes: template", are those for
    /// certain attributes: "a transposed: #1^{\top} \, #2" says what such a product looks like.
    static latex_template of_operation(std::string_view latex, std::string_view attributes);
    /// \operatorname{name}(#1, #2, ...)
    static latex_template call(std::string_view name, std::size_t operands);

    std::vector<latex_piece> pieces;
    std::size_t operands = 0; ///< the highest number
    binding level = binding::atom;
    bool begins_with_minus = false;
    bool begins_with_number = false;  ///< as a product: \frac{1}{2} \cdot ...
    std::size_t first_operand = none; ///< that the formula begins with, if so
    bool is_tall = false;             ///< needs high parentheses around it: \frac and the like
    bool shows_attributes = false;    ///< there is a place for them

    static constexpr std::size_t none = latex_piece::none;

private:
    latex_template() = default;
};

/// A name or a word as upright text of a formula: \mathrm{a\_b}.
std::string upright(std::string_view text);

/// Appends a part of a formula, with a space where a command would otherwise swallow it.
void append_latex(std::string& formula, std::string_view part);

} // namespace autograd::display
