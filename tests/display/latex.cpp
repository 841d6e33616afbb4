// Formulas, as they are printed.

#include "autograd/display/latex_template.hpp"
#include "autograd/random/legacy_generator.hpp"
#include "tests/display/support.hpp"

#include <limits>
#include <map>

namespace
{

using autograd::to_latex;
using support::count;
using support::ones;
using support::tape;
using support::text;
using support::variable;

} // namespace

BOOST_AUTO_TEST_SUITE(display)

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
    BOOST_TEST(to_latex(a_bar, {.definitions = false}) == R"(\bar{a} = g \cdot \tanh'(a \cdot b) \cdot b)");
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

namespace
{

struct matrices
{
    support::tape on;
    variable a = on.variable(ones({3, 3})).name("A");
    variable b = on.variable(ones({3, 3})).name("B");
    variable c = on.variable(ones({3, 3})).name("C");
    variable u = on.variable(ones({3})).name("u");
    variable v = on.variable(ones({3})).name("v");
    variable s = on.variable(2.0).name("s");
};

} // namespace

BOOST_FIXTURE_TEST_CASE(products_of_each_kind_have_a_sign_of_their_own, matrices)
{
    BOOST_TEST(to_latex(matmul(a, b * c)) == R"(A \, (B \odot C))");
    BOOST_TEST(to_latex(matmul(a, b) * c) == R"((A \, B) \odot C)");
    BOOST_TEST(to_latex(a * matmul(b, c)) == R"(A \odot (B \, C))");
    BOOST_TEST(to_latex(matmul(a * b, c)) == R"((A \odot B) \, C)");
    BOOST_TEST(to_latex(a * b * c) == R"(A \odot B \odot C)");
    BOOST_TEST(to_latex(a * u) == R"(A \odot u)");
    BOOST_TEST(to_latex(u * v) == R"(u \odot v)");
    BOOST_TEST(to_latex(outer(u, v)) == R"(u \otimes v)");
    // A number, of whatever shape on the tape, is a factor of the whole.
    BOOST_TEST(to_latex(s * a) == R"(s \cdot A)");
    BOOST_TEST(to_latex(2.0 * a * b) == R"(2 \cdot A \odot B)");
    BOOST_TEST(to_latex(a * 2.0 * b) == R"(A \cdot 2 \odot B)");
    BOOST_TEST(to_latex(a * (2.0 * b)) == R"(A \odot (2 \cdot B))");
    BOOST_TEST(to_latex(a * (s * b * c)) == R"(A \odot (s \cdot B \odot C))");
    BOOST_TEST(to_latex(s * (2.0 * b)) == R"(s \cdot 2 \cdot B)");
    BOOST_TEST(to_latex(erf_slope(a) * b) == R"(\frac{2}{\sqrt{\pi}} \cdot e^{-A^2} \odot B)");
    BOOST_TEST(to_latex(b * erf_slope(a)) == R"(B \odot \left(\frac{2}{\sqrt{\pi}} \cdot e^{-A^2}\right))");
    BOOST_TEST(to_latex(2.0 * matmul(a, b)) == R"(2 \cdot A \, B)");
    BOOST_TEST(to_latex(matmul(2.0 * a, b)) == R"((2 \cdot A) \, B)");
    BOOST_TEST(to_latex(matmul(a, s * b)) == R"(A \, (s \cdot B))");
    BOOST_TEST(to_latex(reshape(s, {1, 1}) * a) == R"(s \cdot A)");
    BOOST_TEST(to_latex(matmul(a, b) / 2.0) == R"(\frac{A \, B}{2})");
    BOOST_TEST(to_latex(matmul(a / s, b)) == R"(\left(\frac{A}{s}\right) \, B)");
    // The inner product is a number that is itself a product of matrices.
    BOOST_TEST(to_latex(matmul(u, v) * a) == R"((u \, v) \cdot A)");
    BOOST_TEST(to_latex(matmul(u, v * u)) == R"(u \, (v \odot u))");
    // From left to right: a vector is a column in A u, and a row before B.
    BOOST_TEST(to_latex(matmul(matmul(a, u), b)) == R"(A \, u \, B)");
    BOOST_TEST(to_latex(matmul(a, matmul(u, b))) == R"(A \, (u \, B))");
    BOOST_TEST(to_latex(matmul(-a, b)) == R"((-A) \, B)");
    BOOST_TEST(to_latex(-matmul(a, b)) == R"(-A \, B)");
    BOOST_TEST(to_latex(transpose(a * b)) == R"((A \odot B)^{\top})");
    BOOST_TEST(to_latex(transpose(a) * b) == R"(A^{\top} \odot B)");
    BOOST_TEST(to_latex(transpose(matmul(a, b))) == R"((A \, B)^{\top})");
    BOOST_TEST(to_latex(matmul(transpose(a), b)) == R"(A^{\top} \, B)");
    BOOST_TEST(to_latex(matmul(a, transpose(b * c))) == R"(A \, (B \odot C)^{\top})");
    BOOST_TEST(to_latex(fma(matmul(a, b), c, a)) == R"((A \, B) \odot C + A)");
    // A matrix of one number is none.
    BOOST_TEST(to_latex(matmul(on.full({2, 3}, 1.0), a)) == R"(1_{2 \times 3} \, A)");
    BOOST_TEST(to_latex(matmul(a, on.full({3}, -2.0))) == R"(A \, (-2)_{3})");
    BOOST_TEST(to_latex(sum(on.full({4}, 3.0))) == R"(\sum_{\mathrm{axis~0}} 3_{4})");
    BOOST_TEST(to_latex(sum(broadcast(on.full({}, 1e-5), {4}))) == R"(\sum_{\mathrm{axis~0}} (10^{-5})_{4})");
}

// Whatever is made of three matrices by few products and transposes: what has the same formula has the same value.
BOOST_AUTO_TEST_CASE(what_differs_is_not_written_alike)
{
    tape tape;
    autograd::random::legacy_generator stream(0);
    const auto random = [&](const char* name, const std::vector<std::size_t>& shape)
    {
        support::array values = support::array::from_shape(shape);
        std::generate(values.begin(), values.end(), [&] { return stream.uniform(0.5, 1.5); });
        return tape.variable(values).name(name);
    };
    const std::vector<variable> made{random("A", {3, 3}), random("B", {3, 3}), random("u", {3}), random("s", {})};
    const auto combined = [](const std::vector<variable>& from)
    {
        std::vector<variable> to = from;
        for (const variable& x : from)
        {
            if (x.dimension() == 2)
            {
                to.push_back(transpose(x));
            }
            for (const variable& y : from)
            {
                to.push_back(x * y);
                if (x.dimension() > 0 && y.dimension() > 0)
                {
                    to.push_back(matmul(x, y));
                }
            }
        }
        return to;
    };
    std::map<std::string, support::array> values;
    for (const variable& y : combined(combined(made)))
    {
        const auto [known, is_new] = values.emplace(to_latex(y, {.longest_line = 64}), y.value());
        BOOST_TEST((known->second.shape() == y.value().shape() && xt::allclose(known->second, y.value())),
                   known->first);
    }
    BOOST_TEST(values.size() > 500u);
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
\mathrm{dw} &= -\frac{g \odot \tanh'(t)}{w} \odot t \\
\text{where}\quad t &= \frac{x}{w}
\end{aligned})"));
}

BOOST_AUTO_TEST_CASE(attributes_are_indices)
{
    tape tape;
    const auto x = tape.variable(ones({2, 3})).name("x");
    BOOST_TEST(to_latex(sum(x, {0})) == R"(\sum_{\mathrm{axis~0}} x)");
    BOOST_TEST(to_latex(sum(x * x, {0, 1}) - 1.0) == R"(\sum_{\mathrm{axes~\{0,~1\}}} x \odot x - 1)");
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
    BOOST_CHECK(level(R"(#1 \, #2)") == binding::juxtaposition);
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
    BOOST_CHECK(needs(R"(#1 \, #2)") == binding::juxtaposition);
    BOOST_CHECK(needs(R"(2 \, #1)") == binding::power);
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
    BOOST_CHECK(needs("(#1") == binding::power);
    BOOST_CHECK(level("") == binding::atom);
    BOOST_CHECK(level("\\") == binding::atom);
}

BOOST_AUTO_TEST_SUITE_END()
