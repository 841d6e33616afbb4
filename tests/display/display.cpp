#include "autograd/display/latex_template.hpp"
#include "tests/operations/every_operation.hpp"
#include "tests/support.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>

#include <unistd.h>

// What a user reads: listings, formulas, graphs. Long ones stand here as they are printed.

namespace
{

namespace error = autograd::error;
using autograd::gradient;
using autograd::recording;
using autograd::to_dot;
using autograd::to_latex;
using autograd::to_text;
using support::array;
using support::tape;
using support::text_of;
using support::variable;

array ones(std::vector<std::size_t> shape)
{
    return xt::ones<double>(shape);
}

/// A layer and what it is made of; the arguments may be recorded in any order.
variable small_program(tape& on)
{
    const auto x = on.constant(ones({300, 2})).name("x");
    const auto w = on.variable(ones({2, 3})).name("w");
    return sum(tanh(matmul(x, w)));
}

/// A raw string that begins with a line break, for the eye.
std::string text(std::string_view raw)
{
    return std::string(raw.substr(1));
}

std::size_t count(std::string_view text, std::string_view part)
{
    std::size_t result = 0;
    for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size()))
    {
        ++result;
    }
    return result;
}

/// Whether braces, \left and \right, \begin and \end match, and no operand of a template is left over.
bool is_balanced(const std::string& formula)
{
    std::vector<char> open;
    for (std::size_t i = 0; i < formula.size(); ++i)
    {
        if (formula[i] == '\\')
        {
            const auto is = [&](std::string_view command) { return formula.compare(i, command.size(), command) == 0; };
            if (is(R"(\left)") || is(R"(\begin{)"))
            {
                open.push_back(is(R"(\left)") ? 'l' : 'b');
            }
            else if ((is(R"(\right)") || is(R"(\end{)")) && !is(R"(\rightarrow)"))
            {
                if (open.empty() || open.back() != (is(R"(\right)") ? 'l' : 'b'))
                {
                    return false;
                }
                open.pop_back();
            }
            ++i;
        }
        else if (formula[i] == '{')
        {
            open.push_back('{');
        }
        else if (formula[i] == '}')
        {
            if (open.empty() || open.back() != '{')
            {
                return false;
            }
            open.pop_back();
        }
        else if (formula[i] == '#')
        {
            return false;
        }
    }
    return open.empty();
}

} // namespace

BOOST_AUTO_TEST_SUITE(display)

// ------------------------------------------------------------------------------------------------------------- text

BOOST_AUTO_TEST_CASE(a_program_reads_like_one)
{
    tape tape;
    BOOST_TEST(to_text(small_program(tape)) == text(R"(
x  = constant             (300, 2)
w  = variable             (2, 3)
%1 = matmul(x, w)         (300, 3)
%2 = tanh(%1)             (300, 3)
%3 = sum(%2) axes {0, 1}  ()
)"));
}

BOOST_AUTO_TEST_CASE(the_listing_does_not_depend_on_the_order_of_recording)
{
    tape tape;
    const auto x = tape.variable(2.0).name("x");
    const auto y = tape.variable(3.0).name("y");
    const auto left_first = exp(x);
    const auto one_way = left_first - tanh(y);
    const auto right_first = tanh(y);
    const auto other_way = exp(x) - right_first;
    const auto expected = text(R"(
x  = variable          ()
y  = variable          ()
%1 = exp(x)            ()
%2 = tanh(y)           ()
%3 = subtract(%1, %2)  ()
)");
    BOOST_TEST(to_text(one_way) == expected);
    BOOST_TEST(to_text(other_way) == expected);
    BOOST_TEST(to_latex(one_way) == to_latex(other_way));
    BOOST_TEST(to_dot(one_way) == to_dot(other_way));
}

BOOST_AUTO_TEST_CASE(names_stay_apart_and_cannot_be_mistaken)
{
    tape tape;
    const auto nameless = tape.variable(1.0);
    const auto first = tape.variable(1.0).name("w");
    const auto second = tape.variable(1.0).name("w");
    const auto dotted = [&]
    {
        const auto scope = tape.scope("encoder");
        return tape.variable(1.0).name("w");
    }();
    const auto number = tape.variable(1.0).name("%1");
    const auto odd = tape.variable(1.0).name("a \"b\"\\\n");
    const auto greek = tape.variable(1.0).name("λ");
    const auto y = (nameless * first * second * dotted * number * odd * greek).name("product");
    BOOST_TEST(to_text(y) == text(R"(
%1            = variable                     ()
w             = variable                     ()
w#2           = variable                     ()
encoder.w     = variable                     ()
"%1"          = variable                     ()
"a \"b\"\\\n" = variable                     ()
λ             = variable                     ()
%2            = multiply(%1, w)              ()
%3            = multiply(%2, w#2)            ()
%4            = multiply(%3, encoder.w)      ()
%5            = multiply(%4, "%1")           ()
%6            = multiply(%5, "a \"b\"\\\n")  ()
product       = multiply(%6, λ)              ()
)"));
}

BOOST_AUTO_TEST_CASE(numbers_stand_where_they_are_used)
{
    tape tape;
    const auto x = tape.variable(ones({2, 3})).name("x");
    BOOST_TEST(to_text(2.5 * x - 1e-5) == text(R"(
x  = variable             (2, 3)
%1 = multiply(2.5, x)     (2, 3)
%2 = subtract(%1, 1e-05)  (2, 3)
)"));
    BOOST_TEST(to_text(matmul(x, tape.full(autograd::shape_vector{3, 4}, 0.5))) == text(R"(
x  = variable                      (2, 3)
%1 = matmul(x, full(0.5, (3, 4)))  (2, 4)
)"));
    const auto eps = tape.full({}, 1e-8).name("eps");
    BOOST_TEST(to_text(x + eps) == text(R"(
x   = variable        (2, 3)
eps = full(1e-08)     ()
%1  = broadcast(eps)  (2, 3)
%2  = add(x, %1)      (2, 3)
)"));
    BOOST_TEST(to_text(tape.full(autograd::shape_vector{2}, std::numeric_limits<double>::infinity())) == text(R"(
%1 = full(inf)  (2,)
)"));

    autograd::tape<float> single;
    BOOST_TEST(to_text(single.variable(1.0f).name("x") * 0.1f) == text(R"(
x  = variable          ()
%1 = multiply(x, 0.1)  ()
)"));
}

BOOST_AUTO_TEST_CASE(derivatives_of_elementwise_operations_are_primed)
{
    tape tape;
    const auto x = tape.variable(ones({3})).name("x");
    const auto w = tape.variable(ones({3})).name("w");
    const auto g = tape.constant(ones({3})).name("g");
    const auto dw = vjp(tanh(x / w), w, g);
    BOOST_TEST(to_text(dw) == text(R"(
w  = variable             (3,)
x  = variable             (3,)
g  = constant             (3,)
%1 = divide(x, w)         (3,)
%2 = tanh(%1)             (3,)
%3 = tanh'(%2, g)         (3,)
%4 = divide'2(w, %1, %3)  (3,)
)"));
    BOOST_TEST(to_text(dw, {.expand_pulls = true}) == text(R"(
g  = constant          (3,)
x  = variable          (3,)
w  = variable          (3,)
%1 = divide(x, w)      (3,)
%2 = tanh(%1)          (3,)
%3 = multiply(%2, %2)  (3,)
%4 = subtract(1, %3)   (3,)
%5 = multiply(g, %4)   (3,)
%6 = negative(%5)      (3,)
%7 = multiply(%6, %1)  (3,)
%8 = divide(%7, w)     (3,)
)"));
    BOOST_TEST(to_text(vjp(clip(x, -1.0, 1.0), x, g)) == text(R"(
x  = variable                  (3,)
g  = constant                  (3,)
%1 = clip'(x, g) from -1 to 1  (3,)
)"));
}

BOOST_AUTO_TEST_CASE(several_outputs_are_returned)
{
    tape tape;
    const auto x = tape.variable(2.0).name("x");
    const auto w = tape.variable(3.0).name("w");
    const auto y = x * w;
    const auto expected = text(R"(
x  = variable        ()
w  = variable        ()
%1 = multiply(x, w)  ()
return %1, w
)");
    const std::vector<variable> as_vector = {y, w};
    BOOST_TEST(to_text({y, w}) == expected);
    BOOST_TEST(to_text(as_vector) == expected);
    BOOST_TEST(to_text(std::array{y, w}) == expected);
    BOOST_TEST(to_text(std::span(as_vector)) == expected);
    BOOST_TEST(to_text({y}) == to_text(y));
    BOOST_TEST(to_text(std::vector<variable>()) == "");
    BOOST_TEST(to_latex(std::vector<variable>()) == "");
}

BOOST_AUTO_TEST_CASE(source_lines_and_values_stand_behind)
{
    tape tape;
    const auto at = [](int line) { return autograd::location{"/somewhere/moons.cpp", line}; };
    const auto x = tape.variable(array{{1.0, 2.0}, {3.0, 1.0 / 3.0}}, at(7)).name("x");
    const auto b = tape.variable(support::column({0.5, -1e-9}), at(41)).name("b");
    const auto y = matmul(x, b, at(42));
    const auto z = tanh(y, at(43));
    const auto label = argmax(x, 1, at(100));
    BOOST_TEST(to_text({z, y}, {.source_lines = true}) == text(R"(
x  = variable      (2, 2)  # moons.cpp:7
b  = variable      (2, 1)  # moons.cpp:41
%1 = matmul(x, b)  (2, 1)  # moons.cpp:42
%2 = tanh(%1)      (2, 1)  # moons.cpp:43
return %2, %1
)"));
    BOOST_TEST(to_text(label, {.values = true}) == text(R"(
x  = variable          (2, 2)  [[1, 2], [3, 0.3333]]
%1 = argmax(x) axis 1  (2,)    [1, 0]
)"));
    BOOST_TEST(to_text(vjp(z, y, b), {.expand_pulls = true, .source_lines = true, .values = true}) == text(R"(
b  = variable          (2, 1)  [[0.5], [-1e-09]]         # moons.cpp:41
x  = variable          (2, 2)  [[1, 2], [3, 0.3333]]     # moons.cpp:7
%1 = matmul(x, b)      (2, 1)  [[0.5], [1.5]]            # moons.cpp:42
%2 = tanh(%1)          (2, 1)  [[0.4621], [0.9051]]      # moons.cpp:43
%3 = multiply(%2, %2)  (2, 1)                            # moons.cpp:43
%4 = subtract(1, %3)   (2, 1)                            # moons.cpp:43
%5 = multiply(b, %4)   (2, 1)  [[0.3932], [-1.807e-10]]  # moons.cpp:43
)"));
    const auto many = tape.variable(array(xt::arange<double>(24).reshape({2, 3, 4})));
    const auto row = broadcast(tape.variable(array{1.0, 2.0}), {3, 2});
    BOOST_TEST(to_text({many, reshape(many, {24}), row, tape.variable(ones({0, 2})), tape.variable(ones({1, 1}))},
                       {.values = true}) == text(R"(
%1 = variable       (2, 3, 4)  [[[0, 1, 2, 3], [4, 5, ...]]]
%2 = variable       (2,)       [1, 2]
%3 = variable       (0, 2)     []
%4 = variable       (1, 1)     [[1]]
%5 = reshape(%1)    (24,)      [0, 1, 2, 3, 4, 5, ...]
%6 = broadcast(%2)  (3, 2)     [[1, 2], [1, 2], [1, 2]]
return %1, %5, %6, %3, %4
)"));
}

BOOST_AUTO_TEST_CASE(shapes_and_indices_are_enough)
{
    tape tape(recording::shapes);
    const auto x = tape.variable(ones({4, 3})).name("x");
    const auto i = tape.index(support::integers{0, 2, 2});
    const auto y = 2.0 * gather(x, i, 0);
    const auto g = tape.constant(ones({3, 3})).name("g");
    BOOST_TEST(to_text({y, vjp(y, x, g)}, {.values = true}) == text(R"(
x  = variable                            (4, 3)
%1 = index                               (3,)
g  = constant                            (3, 3)
%2 = gather(x, %1) axis 0                (3, 3)
%3 = multiply(2, %2)                     (3, 3)
%4 = multiply(g, 2)                      (3, 3)
%5 = scatter(%4, %1) axis 0 of length 4  (4, 3)
return %3, %5
)"));
    BOOST_TEST(to_latex({y, vjp(y, x, g)}) == text(R"(
\begin{aligned}
y_{1} &= 2 \cdot \operatorname{gather}_{\mathrm{axis~0}}(x, i) \\
y_{2} &= \operatorname{scatter}_{\mathrm{axis~0~of~length~4}}(g \cdot 2, i)
\end{aligned})"));
    BOOST_TEST(to_text(i) == "%1 = index  (3,)\n");
    BOOST_TEST(to_dot(i).find(R"-(n0 [label="index\n(3,)", shape=box, peripheries=2])-") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_long_line_leaves_the_columns_in_place)
{
    tape tape;
    const auto x = tape.variable(ones({1})).name("x");
    std::vector<variable> many;
    for (int k = 0; k < 30; ++k)
    {
        many.push_back(x);
    }
    BOOST_TEST(to_text(tanh(autograd::concatenate(many, 0))) == text(R"(
x  = variable  (1,)
%1 = concatenate(x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x) axis 0  (30,)
%2 = tanh(%1)  (30,)
)"));
}

// ------------------------------------------------------------------------------------------------------------ latex

namespace
{

struct scalars
{
    support::tape on;
    variable a = on.variable(2.0).name("a");
    variable b = on.variable(3.0).name("b");
    variable c = on.variable(5.0).name("c");
};

} // namespace

BOOST_FIXTURE_TEST_CASE(parentheses_stand_where_they_are_needed, scalars)
{
    BOOST_TEST(to_latex(a + b - c) == R"(a + b - c)");
    BOOST_TEST(to_latex(a - (b - c)) == R"(a - (b - c))");
    BOOST_TEST(to_latex(a + (b - c)) == R"(a + b - c)");
    BOOST_TEST(to_latex(a * (b + c)) == R"(a \cdot (b + c))");
    BOOST_TEST(to_latex(a * b + c) == R"(a \cdot b + c)");
    BOOST_TEST(to_latex(a * (b * c)) == R"(a \cdot b \cdot c)");
    BOOST_TEST(to_latex(-(a + b)) == R"(-(a + b))");
    BOOST_TEST(to_latex(-a * b) == R"(-a \cdot b)");
    BOOST_TEST(to_latex(-(a * b)) == R"(-a \cdot b)");
    BOOST_TEST(to_latex(a - -b) == R"(a - (-b))");
    BOOST_TEST(to_latex(a + -2.0 * b) == R"(a + (-2 \cdot b))");
    BOOST_TEST(to_latex(-a + b) == R"(-a + b)");
    BOOST_TEST(to_latex(c - (-a + b)) == R"(c - (-a + b))");
    BOOST_TEST(to_latex(c + (-a + b)) == R"(c + (-a + b))");
    BOOST_TEST(to_latex((a + b) / (a - c)) == R"(\frac{a + b}{a - c})");
    BOOST_TEST(to_latex(a / b / c) == R"(\frac{\frac{a}{b}}{c})");
    BOOST_TEST(to_latex(tanh(a + b)) == R"(\tanh(a + b))");
    BOOST_TEST(to_latex(tanh(a / b)) == R"(\tanh\left(\frac{a}{b}\right))");
    BOOST_TEST(to_latex(a * tanh(b)) == R"(a \cdot \tanh(b))");
    BOOST_TEST(to_latex(square(a)) == R"(a^2)");
    BOOST_TEST(to_latex(square(a + b)) == R"((a + b)^2)");
    BOOST_TEST(to_latex(square(-a)) == R"((-a)^2)");
    BOOST_TEST(to_latex(square(a * b)) == R"((a \cdot b)^2)");
    BOOST_TEST(to_latex(square(square(a))) == R"((a^2)^2)");
    BOOST_TEST(to_latex(square(a / b)) == R"(\left(\frac{a}{b}\right)^2)");
    BOOST_TEST(to_latex(-a * b / c) == R"(\frac{-a \cdot b}{c})");
    BOOST_TEST(to_latex(c - -a * b) == R"(c - (-a \cdot b))");
    BOOST_TEST(to_latex(c * (-a * b)) == R"(c \cdot (-a \cdot b))");
    const auto v = on.variable(ones({2})).name("v");
    BOOST_TEST(to_latex(c - sum(v)) == R"(c - \sum_{\mathrm{axis~0}} v)");
    BOOST_TEST(to_latex(-sum(v) * b) == R"(\left(-\sum_{\mathrm{axis~0}} v\right) \cdot b)");
    BOOST_TEST(to_latex(square(exp(a))) == R"((e^{a})^2)");
    BOOST_TEST(to_latex(exp(-(a + b))) == R"(e^{-(a + b)})");
    BOOST_TEST(to_latex(pow(a + b, -c)) == R"((a + b)^{-c})");
    BOOST_TEST(to_latex(sqrt(a + b)) == R"(\sqrt{a + b})");
    BOOST_TEST(to_latex(log1p(-a)) == R"(\ln(1 + (-a)))");
    BOOST_TEST(to_latex(where(a > b + c, a - b, 1.0)) ==
               R"(\begin{cases} a - b & [a > b + c] \\ 1 & \text{else} \end{cases})");
    BOOST_TEST(to_latex(a * where(b > 0, b, c)) ==
               R"(a \cdot \left(\begin{cases} b & [b > 0] \\ c & \text{else} \end{cases}\right))");
    BOOST_TEST(to_latex(maximum(a, b - c)) == R"(\max(a, b - c))");
    BOOST_TEST(to_latex((a > 0) * (b <= c)) == R"([a > 0] \cdot [b \le c])");
    BOOST_TEST(to_latex(!(a > 0) && b > 0) == R"(\neg [a > 0] \wedge [b > 0])");
}

BOOST_FIXTURE_TEST_CASE(numbers_are_written_as_in_print, scalars)
{
    BOOST_TEST(to_latex(2.5 * a) == R"(2.5 \cdot a)");
    BOOST_TEST(to_latex(1e-5 * a) == R"(10^{-5} \cdot a)");
    BOOST_TEST(to_latex(2.5e20 + a) == R"(2.5 \cdot 10^{20} + a)");
    BOOST_TEST(to_latex(a - -1e-9) == R"(a - (-10^{-9}))");
    BOOST_TEST(to_latex(pow(on.full({}, 1e20), a)) == R"((10^{20})^{a})");
    BOOST_TEST(to_latex(minimum(a, std::numeric_limits<double>::infinity())) == R"(\min(a, \infty))");
    BOOST_TEST(to_latex(on.full({}, -std::numeric_limits<double>::infinity())) == R"(-\infty)");
    BOOST_TEST(to_latex(on.full({}, std::numeric_limits<double>::quiet_NaN())) == R"(\mathrm{NaN})");
}

BOOST_AUTO_TEST_CASE(names_become_symbols)
{
    tape tape;
    const auto shown = [&](std::string_view name) { return to_latex(tape.variable(1.0).name(name)); };
    BOOST_TEST(shown("x") == "x");
    BOOST_TEST(shown("W") == "W");
    BOOST_TEST(shown("w1") == "w_{1}");
    BOOST_TEST(shown("w_12") == "w_{12}");
    BOOST_TEST(shown("alpha") == R"(\alpha)");
    BOOST_TEST(shown("Sigma_0") == R"(\Sigma_{0})");
    BOOST_TEST(shown("loss") == R"(\mathrm{loss})");
    BOOST_TEST(shown("b_w") == "b_{w}");
    BOOST_TEST(shown("alpha_N") == R"(\alpha_{N})");
    BOOST_TEST(shown("b_w_bar") == R"(\bar{b}_{w})");
    BOOST_TEST(shown("b_wu") == R"(\mathrm{b\_wu})");
    BOOST_TEST(shown("bw") == R"(\mathrm{bw})");
    BOOST_TEST(shown("x_bar") == R"(\bar{x})");
    BOOST_TEST(shown("alpha_dot") == R"(\dot{\alpha})");
    BOOST_TEST(shown("w_1_hat") == R"(\hat{w}_{1})");
    BOOST_TEST(shown("mu2_tilde") == R"(\tilde{\mu}_{2})");
    BOOST_TEST(shown("y_bar_bar") == R"(\mathrm{y\_bar\_bar})");
    BOOST_TEST(shown("loss_bar") == R"(\mathrm{loss\_bar})");
    BOOST_TEST(shown("_bar") == R"(\mathrm{\_bar})");
    BOOST_TEST(shown("encoder.w_hat") == R"(\mathrm{encoder.w\_hat})");
    BOOST_TEST(shown("w#2") == R"(\mathrm{w\#2})");
    BOOST_TEST(shown("50% of {a}^b ~ $\\&'") == R"(\mathrm{50\%~of~\{a\}{\wedge}b~{\sim}~\$\backslash{}\&{\prime}})");
    // A command does not run into the letter behind it, nor one index into another.
    BOOST_TEST(to_latex(!tape.variable(1.0).name("x")) == R"(\neg x)");
    BOOST_TEST(to_latex(square(tape.variable(1.0).name("w1"))) == R"(w_{1}^2)");
}

BOOST_AUTO_TEST_CASE(the_nameless_get_symbols_that_nobody_has)
{
    tape tape;
    const auto x = tape.variable(1.0);
    BOOST_TEST(to_latex(x * tape.constant(2.0)) == R"(x \cdot c)");
    BOOST_TEST(to_latex(x * tape.variable(2.0)) == R"(x_{1} \cdot x_{2})");
    // Names that would look alike are written as they are from the second on.
    const auto first = tape.variable(1.0).name("w1"), second = tape.variable(2.0).name("w_1");
    BOOST_TEST(to_latex(first - second) == R"(w_{1} - \mathrm{w\_1})");
    BOOST_TEST(to_latex(x * tape.variable(2.0).name("x")) == R"(x_{1} \cdot x)");
    BOOST_TEST(to_latex(x * tape.variable(2.0) * tape.variable(3.0).name("x1")) == R"(x_{2} \cdot x_{3} \cdot x_{1})");
}

BOOST_FIXTURE_TEST_CASE(what_is_shared_or_named_or_long_gets_a_line, scalars)
{
    const auto h = tanh(a * b);
    BOOST_TEST(to_latex((h * h).name("loss")) == "\\begin{aligned}\n"
                                                 "\\mathrm{loss} &= t \\cdot t \\\\\n"
                                                 "\\text{where}\\quad t &= \\tanh(a \\cdot b)\n"
                                                 "\\end{aligned}");
    BOOST_TEST(to_latex((a + b).name("y")) == "y = a + b");
    BOOST_TEST(to_latex(a * tanh(c).name("hidden")) == "\\begin{aligned}\n"
                                                       "y &= a \\cdot \\mathrm{hidden} \\\\\n"
                                                       "\\text{where}\\quad \\mathrm{hidden} &= \\tanh(c)\n"
                                                       "\\end{aligned}");
    BOOST_TEST(to_latex(a * on.full({}, 1e-8).name("epsilon")) == "\\begin{aligned}\n"
                                                                  "y &= a \\cdot \\epsilon \\\\\n"
                                                                  "\\text{where}\\quad \\epsilon &= 10^{-8}\n"
                                                                  "\\end{aligned}");
    BOOST_TEST(to_latex(tanh(tanh(tanh(tanh(a + b)))), {.longest_line = 2}) ==
               "\\begin{aligned}\n"
               "y &= \\tanh(t_{2}) \\\\\n"
               "\\text{where}\\quad t_{1} &= \\tanh(a + b) \\\\\n"
               "t_{2} &= \\tanh(\\tanh(t_{1}))\n"
               "\\end{aligned}");
    const auto left = (b * b).name("left");
    BOOST_TEST(to_latex({a * b, left, a, a * b + c}) == "\\begin{aligned}\n"
                                                        "y_{1} &= a \\cdot b \\\\\n"
                                                        "\\mathrm{left} &= b \\cdot b \\\\\n"
                                                        "y_{2} &= a \\\\\n"
                                                        "y_{3} &= a \\cdot b + c\n"
                                                        "\\end{aligned}");
    // An operand that its operation mentions twice would be written twice.
    BOOST_TEST(to_latex(softsign(a * b)) == "\\begin{aligned}\n"
                                            "y &= \\frac{t}{1 + \\lvert t \\rvert} \\\\\n"
                                            "\\text{where}\\quad t &= a \\cdot b\n"
                                            "\\end{aligned}");
}

BOOST_FIXTURE_TEST_CASE(without_definitions_names_stand_for_themselves, scalars)
{
    const auto y = tanh(a * b).name("y");
    const auto g = on.constant(1.0).name("g");
    const auto a_bar = vjp(y, a, g).name("a_bar");
    BOOST_TEST(to_latex(a_bar, {.definitions = false}) == R"(\bar{a} = g \cdot (1 - y \cdot y) \cdot b)");
    BOOST_TEST(to_latex(y, {.definitions = false}) == R"(y = \tanh(a \cdot b))");
    const auto eps = on.full({}, 1e-8).name("epsilon");
    BOOST_TEST(to_latex(a + eps, {.definitions = false}) == R"(a + \epsilon)");
    // What only a definition used is not explained either; what the formula uses twice still is.
    const auto t = exp(b);
    BOOST_TEST(to_latex(t * t + (t * c).name("u"), {.definitions = false}) == "\\begin{aligned}\n"
                                                                              "y &= t \\cdot t + u \\\\\n"
                                                                              "\\text{where}\\quad t &= e^{b}\n"
                                                                              "\\end{aligned}");
}

BOOST_AUTO_TEST_CASE(an_operation_may_look_otherwise_for_certain_attributes)
{
    tape tape;
    const auto a = tape.variable(ones({3, 3})).name("A");
    const auto b = tape.variable(ones({3, 3})).name("B");
    const auto g = tape.constant(ones({3, 3})).name("g");
    const autograd::latex_options plain{.definitions = false};
    BOOST_TEST(to_latex(matmul(a, b + g), plain) == R"(A \, (B + g))");
    BOOST_TEST(to_latex(vjp(matmul(a, b), a, g), plain) == R"(g \, B^{\top})");
    BOOST_TEST(to_latex(vjp(matmul(a, b), b, g), plain) == R"(A^{\top} \, g)");
    BOOST_TEST(to_latex(vjp(matmul(a + g, b), b, g), plain) == R"((A + g)^{\top} \, g)");
    BOOST_TEST(to_latex(transpose(a), plain) == R"(A^{\top})");
    // Of a product of transposed factors both cotangents have both.
    const auto y = vjp(vjp(matmul(a, b), a, g), g, b);
    BOOST_TEST(count(to_latex(vjp(y, b, a), plain), "transposed") == 0u);
}

BOOST_AUTO_TEST_CASE(broadcasts_and_reshapes_are_not_seen)
{
    tape tape;
    const auto x = tape.variable(ones({2, 3})).name("x");
    const auto b = tape.variable(ones({3})).name("b");
    BOOST_TEST(to_latex(flatten(x + b)) == "x + b");
    BOOST_TEST(to_latex(broadcast(reshape(b, {1, 3}), {4, 3})) == "b");
    BOOST_TEST(to_latex(stop_gradient(x) + 1.0) == "x + 1");
    // One line for what two broadcasts share.
    const auto h = tanh(b);
    BOOST_TEST(count(to_latex(x * h + h), R"(\tanh)") == 1u);
}

BOOST_AUTO_TEST_CASE(gradients_are_formulas)
{
    tape tape;
    const auto x = tape.variable(ones({3})).name("x");
    const auto w = tape.variable(ones({3})).name("w");
    const auto g = tape.constant(ones({3})).name("g");
    const auto y = tanh(x / w).name("y");
    BOOST_TEST(to_latex({y, vjp(y, w, g).name("dw")}) == text(R"(
\begin{aligned}
y &= \tanh(t) \\
\mathrm{dw} &= \frac{-g \cdot (1 - y \cdot y) \cdot t}{w} \\
\text{where}\quad t &= \frac{x}{w}
\end{aligned})"));
}

BOOST_AUTO_TEST_CASE(attributes_are_indices)
{
    tape tape;
    const auto x = tape.variable(ones({2, 3})).name("x");
    BOOST_TEST(to_latex(sum(x, {0})) == R"(\sum_{\mathrm{axis~0}} x)");
    BOOST_TEST(to_latex(sum(x * x, {0, 1}) - 1.0) == R"(\sum_{\mathrm{axes~\{0,~1\}}} x \cdot x - 1)");
    BOOST_TEST(to_latex(2.0 * sum(x + 1.0, {0, 1})) == R"(2 \cdot \left(\sum_{\mathrm{axes~\{0,~1\}}} (x + 1)\right))");
    BOOST_TEST(to_latex(pow(x, 3)) == "x^{3}");
    BOOST_TEST(to_latex(pow(x + 1.0, -1.5)) == "(x + 1)^{-1.5}");
    BOOST_TEST(to_latex(square(polygamma(2, x))) == R"(\psi^{(2)}(x)^2)");
    BOOST_TEST(to_latex(leaky_relu(x, 0.1)) == R"(\operatorname{leaky\_relu}_{\mathrm{slope~0.1}}(x))");
    BOOST_TEST(to_latex(autograd::concatenate({x, x}, 0)) == R"(\operatorname{concatenate}_{\mathrm{axis~0}}(x, x))");
}

BOOST_AUTO_TEST_CASE(templates_say_where_parentheses_go)
{
    using autograd::display::binding;
    using autograd::display::latex_template;
    const auto level = [](std::string_view text) { return latex_template(text).level; };
    BOOST_CHECK(level("#1 + #2") == binding::sum);
    BOOST_CHECK(level("-#1") == binding::minus);
    BOOST_CHECK(level("1 - #1") == binding::sum);
    BOOST_CHECK(level(R"(#1 \cdot #2)") == binding::product);
    BOOST_CHECK(level(R"(#1 \, #2)") == binding::product);
    BOOST_CHECK(level(R"(\frac{#1}{#2})") == binding::product);
    BOOST_CHECK(level("{#1}^2") == binding::power);
    BOOST_CHECK(level("#1^{\\top}") == binding::power);
    BOOST_CHECK(level("e^{#1 + 1}") == binding::power);
    BOOST_CHECK(level(R"(\tanh(#1))") == binding::atom);
    BOOST_CHECK(level(R"(\log_{10}(#1))") == binding::atom);
    BOOST_CHECK(level(R"(\operatorname{erf}\left(#1\right))") == binding::atom);
    BOOST_CHECK(level(R"(\sum #1)") == binding::prefix);
    BOOST_CHECK(level(R"(\sum_{i} (#1))") == binding::prefix);
    BOOST_CHECK(level(R"(\lvert #1 \rvert)") == binding::atom);
    BOOST_CHECK(level(R"(|#1|)") == binding::atom);
    BOOST_CHECK(level(R"(\|#1\|_2)") == binding::power);
    BOOST_CHECK(level("[#1 < #2]") == binding::atom);
    BOOST_CHECK(level("#1 < #2") == binding::relation);
    BOOST_CHECK(level(R"(\begin{cases} #1 & #2 \end{cases})") == binding::relation);
    BOOST_CHECK(level(R"(\sqrt[3]{#1})") == binding::atom);

    const auto needs = [](std::string_view text)
    {
        const latex_template read(text);
        const auto operand =
            std::find_if(read.pieces.begin(), read.pieces.end(),
                         [](const auto& piece) { return piece.is == autograd::display::latex_piece::operand; });
        return operand->needs;
    };
    BOOST_CHECK(needs("#1 + 1") == binding::sum);
    BOOST_CHECK(needs("1 - #1") == binding::prefix);
    BOOST_CHECK(needs("2 / #1") == binding::power);
    BOOST_CHECK(needs(R"(\sum #1)") == binding::product);
    BOOST_CHECK(needs(R"(\ln #1)") == binding::power);
    BOOST_CHECK(needs("#1_i") == binding::atom);
    BOOST_CHECK(needs("{ #1 }^2") == binding::subscripted);
    BOOST_CHECK(needs("2^#1") == binding::relation);
    BOOST_CHECK(needs(R"(\frac{#1}{2})") == binding::relation);
    BOOST_CHECK(needs(R"(\frac{1 + #1}{2})") == binding::sum);
    // What is not well-formed is left as it is.
    BOOST_CHECK(level("[0, #1)") == binding::atom);
    BOOST_CHECK(needs("(#1") == binding::product);
    BOOST_CHECK(level("") == binding::atom);
    BOOST_CHECK(level("\\") == binding::atom);
}

// -------------------------------------------------------------------------------------------------------------- dot

BOOST_AUTO_TEST_CASE(a_graph_has_boxes_and_ellipses)
{
    tape tape;
    const auto x = tape.constant(ones({300, 2})).name("x");
    const auto [w, b, h] = [&]
    {
        const auto scope = tape.scope("encoder");
        const auto weight = tape.variable(ones({2, 3})).name("w");
        const auto inner = tape.scope("first \"layer\"");
        const auto bias = tape.variable(ones({3})).name("b");
        return std::tuple(weight, bias, tanh(matmul(x, weight) + bias).name("h"));
    }();
    const auto loss = square(2.0 * h).name("loss");
    const auto g = tape.constant(ones({300, 3})).name("g");
    BOOST_TEST(to_dot({loss, vjp(loss, h, g)}) == text(R"-(
digraph {
    graph [ordering=in, fontname="Helvetica", fontsize=11, color=gray60, fontcolor=gray40]
    node [fontname="Helvetica", fontsize=11, shape=ellipse]
    edge [fontname="Helvetica", fontsize=9, fontcolor=gray40, arrowsize=0.7]
    n1 [label="x\n(300, 2)", shape=box]
    n8 [label="multiply"]
    n9 [label="loss = square\n(300, 3)", peripheries=2]
    n10 [label="g\n(300, 3)", shape=box]
    n11 [label="square'", style=dashed]
    n12 [label="multiply\n(300, 3)", peripheries=2]
    subgraph cluster_0 {
        label="encoder"
        n2 [label="w\n(2, 3)", shape=box, style=filled, fillcolor=gray92]
        subgraph cluster_1 {
            label="first \"layer\""
            n3 [label="matmul"]
            n4 [label="b\n(3,)", shape=box, style=filled, fillcolor=gray92]
            n5 [label="broadcast"]
            n6 [label="add"]
            n7 [label="h = tanh"]
        }
    }
    n1 -> n3:nw
    n2 -> n3:ne
    n4 -> n5
    n3 -> n6:nw [label=" (300, 3)"]
    n5 -> n6:ne [label=" (300, 3)"]
    n6 -> n7
    n8_0 [label="2", shape=plaintext]
    n8_0 -> n8:nw
    n7 -> n8:ne
    n8 -> n9
    n8 -> n11:nw
    n10 -> n11:ne
    n11 -> n12:nw
    n12_1 [label="2", shape=plaintext]
    n12_1 -> n12:ne
}
)-"));
}

namespace
{

/// What Graphviz says to a graph, or "" if it draws it.
std::string complaint_about(const std::string& graph)
{
    const auto folder = std::filesystem::temp_directory_path();
    const std::string base = (folder / ("xgrad_graph_" + std::to_string(::getpid()))).string();
    std::ofstream(base + ".dot") << graph;
    const int status =
        std::system(("dot -Tsvg '" + base + ".dot' -o '" + base + ".svg' 2> '" + base + ".txt'").c_str());
    const auto read = [](const std::string& path)
    {
        std::stringstream all;
        all << std::ifstream(path).rdbuf();
        return all.str();
    };
    const std::string messages = read(base + ".txt");
    const std::string picture = read(base + ".svg");
    for (const char* end : {".dot", ".svg", ".txt"})
    {
        std::filesystem::remove(base + end);
    }
    return status != 0                                   ? "dot failed: " + messages
           : picture.find("</svg>") == std::string::npos ? "no picture"
                                                         : messages;
}

bool has_graphviz()
{
    return std::system("dot -V > /dev/null 2>&1") == 0;
}

} // namespace

BOOST_AUTO_TEST_CASE(graphviz_draws_graphs)
{
    if (!has_graphviz())
    {
        BOOST_TEST_MESSAGE("Graphviz is not installed: graphs are not drawn.");
        return;
    }
    tape tape;
    const auto y = small_program(tape);
    BOOST_TEST(complaint_about(to_dot(y)) == "");
    const auto odd = tape.variable(1.0).name("a \"b\"\\\n\\N <&> λ.{}|[]=;");
    const auto scope = tape.scope("x.\"y\".z");
    const auto x = tape.variable(ones({2, 3})).name("->");
    const auto loss = sum(tanh(x / odd) * x).name("digraph");
    BOOST_TEST(complaint_about(to_dot(loss)) == "");
    BOOST_TEST(complaint_about(to_dot({loss, gradient(loss, x)}, {.expand_pulls = true})) == "");
    BOOST_TEST(complaint_about(to_dot(std::vector<variable>())) == "");
}

// ---------------------------------------------------------------------------------------------------------- in general

BOOST_AUTO_TEST_CASE(the_tape_stays_as_it_is)
{
    tape tape;
    const auto x = tape.variable(2.0);
    const auto y = gradient(tanh(x) / x, x);
    const auto size = tape.size();
    const auto memory = tape.memory();
    to_text(y, {.expand_pulls = true, .source_lines = true, .values = true});
    to_latex(y);
    to_dot(y);
    BOOST_TEST(tape.size() == size);
    BOOST_TEST(tape.memory() == memory);
    BOOST_TEST((tanh(x) / y).size() == 1u);
}

BOOST_AUTO_TEST_CASE(what_names_nothing_is_refused)
{
    tape tape;
    const auto y = tape.variable(2.0) * 3.0;
    tape.clear();
    const std::string stale =
        "an operand was recorded before the tape was cleared or rewound. Record it again, or keep "
        "its value as an array.";
    const std::string empty = "an operand is empty: a default-constructed variable names nothing.";
    BOOST_TEST(text_of<error::tape_error>([&] { to_text(y); }) == "autograd: to_text: " + stale);
    BOOST_TEST(text_of<error::tape_error>([&] { to_latex(y); }) == "autograd: to_latex: " + stale);
    BOOST_TEST(text_of<error::tape_error>([&] { to_dot(y); }) == "autograd: to_dot: " + stale);
    BOOST_TEST(text_of<error::tape_error>([&] { to_text(variable()); }) == "autograd: to_text: " + empty);
    BOOST_TEST(text_of<error::tape_error>([&] { to_latex(variable()); }) == "autograd: to_latex: " + empty);
    BOOST_TEST(text_of<error::tape_error>([&] { to_dot({variable()}); }) == "autograd: to_dot: " + empty);

    support::tape other;
    const auto here = tape.variable(1.0);
    const auto there = other.variable(1.0);
    BOOST_TEST(text_of<error::tape_error>(
                   [&] {
                       to_text({here, there});
                   }) == "autograd: to_text: the outputs live on different tapes; show each tape by itself.");
}

BOOST_AUTO_TEST_CASE(a_million_operations_are_shown)
{
    tape tape;
    const auto x = tape.variable(1.0).name("x");
    variable y = x;
    for (int i = 0; i < 1'000'000; ++i)
    {
        y = y * 1.01;
    }
    const std::string listing = to_text(y);
    BOOST_TEST(count(listing, "\n") == 1'000'001u);
    BOOST_TEST(listing.ends_with("%1000000 = multiply(%999999, 1.01)  ()\n"));
    const std::string formula = to_latex(y);
    BOOST_TEST(count(formula, R"(\cdot)") == 1'000'000u);
    BOOST_TEST(is_balanced(formula));
    // Nested as deeply: a line without an end, but no recursion.
    BOOST_TEST(count(to_latex(y, {.longest_line = 2'000'000}), R"(\cdot)") == 1'000'000u);
    BOOST_TEST(count(to_dot(y), "label=\"multiply") == 1'000'000u);
}

BOOST_AUTO_TEST_CASE(listings_take_linear_time)
{
    // The processor time of the fastest of some listings, of a chain of n with many equal names.
    const auto seconds = [](int n)
    {
        tape tape;
        variable y = tape.variable(1.0).name("w");
        for (int i = 0; i < n / 2; ++i)
        {
            y = y * 1.01 + 0.5;
            if (i % 5 == 0)
            {
                y = y.name("w");
            }
        }
        double fastest = std::numeric_limits<double>::infinity();
        for (int trial = 0; trial < 3; ++trial)
        {
            const std::clock_t start = std::clock();
            const std::string listing = to_text(y);
            const std::clock_t time = std::clock() - start;
            BOOST_REQUIRE(count(listing, "\n") == static_cast<std::size_t>(n) + 1);
            fastest = std::min(fastest, static_cast<double>(time) / CLOCKS_PER_SEC);
        }
        return fastest;
    };
    const double few = seconds(12'500);
    const double many = seconds(100'000);
    BOOST_TEST_MESSAGE("to_text of 12,500 and of 100,000 instructions: " << few << " s, " << many << " s");
    BOOST_TEST(many < 32 * few); // 8 if linear, 64 if quadratic
}

BOOST_AUTO_TEST_CASE(sharing_costs_nothing)
{
    tape tape;
    variable y = tape.variable(1.0).name("x");
    for (int i = 0; i < 60; ++i)
    {
        y = softsign(y + y);
    }
    BOOST_TEST(count(to_text(y), "\n") == 121u);
    BOOST_TEST(count(to_latex(y), "\n") == 121u);
    BOOST_TEST(count(to_dot(y), "softsign") == 60u);
}

BOOST_AUTO_TEST_CASE(every_operation_and_its_gradient_can_be_shown)
{
    for (const auto& operation : autograd::check::every_operation())
    {
        for (const auto& sample : operation.samples)
        {
            if (sample.error || !sample.kinks.empty())
            {
                continue;
            }
            BOOST_TEST_CONTEXT(operation.name << ", " << sample.label)
            {
                tape tape(recording::shapes);
                std::vector<variable> reals;
                std::vector<autograd::indices<double>> integers;
                for (const auto& input : sample.reals)
                {
                    reals.push_back(tape.variable(ones(input.shape)));
                }
                for (const auto& input : sample.integers)
                {
                    integers.push_back(tape.index(xt::xarray<int>(xt::zeros<int>(input.shape))));
                }
                const variable y(sample.on_double(reals, integers));
                BOOST_TEST(to_text(y).ends_with(autograd::to_string(y.shape()) + "\n"));
                BOOST_TEST(is_balanced(to_latex(y)));
                BOOST_TEST(count(to_dot(y), "\"") % 2 == 0u);
                if (tape[y.index()].op->element == autograd::element_kind::real)
                {
                    const auto g = tape.constant(ones(support::shape(y)));
                    const auto gradients = vjp(y, reals, g, autograd::unconnected::zero);
                    BOOST_TEST(is_balanced(to_latex(gradients)));
                    BOOST_TEST(to_text(gradients, {.expand_pulls = true}).find("'(") == std::string::npos);
                }
            }
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
