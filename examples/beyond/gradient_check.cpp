// An operation of one's own, and how to find out that its derivative is wrong before a training does not converge.
//
//     mish(x) = x tanh(softplus(x))        (D. Misra, "Mish: a self regularized non-monotonic activation function",
//     2019)

#include "autograd/autograd.hpp"
#include "autograd/check/check_samples.hpp"
#include "autograd/define_operation.hpp"
#include "autograd/random/legacy_generator.hpp"
#include "examples/article/command_line.hpp"
#include "examples/article/experiment.hpp"
#include "examples/article/gnuplot.hpp"
#include "examples/article/output_folder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

namespace
{

struct options
{
    std::size_t points = 5;
    std::int64_t seed = 0;
    std::filesystem::path figure{"output/gradient_check.png"}; ///< empty: none
};

/// First attempt. With t = tanh(softplus(x)) the derivative is t + x (1 - t^2) ... and softplus's own is forgotten.
struct hasty_mish : autograd::elementwise
{
    static constexpr auto name = "hasty_mish";
    static constexpr auto forward = [](auto x) { return x * tanh(softplus(x)); };
    static constexpr auto pulls = autograd::per_operand{[](auto x, auto, auto g)
                                                        {
                                                            const auto t = tanh(softplus(x));
                                                            return g * (t + x * (1 - t * t));
                                                        }};
};

/// Second attempt: softplus'(x) = sigmoid(x).
struct mish : autograd::elementwise
{
    static constexpr auto name = "mish";
    static constexpr auto forward = [](auto x) { return x * tanh(softplus(x)); };
    static constexpr auto pulls = autograd::per_operand{[](auto x, auto, auto g)
                                                        {
                                                            const auto t = tanh(softplus(x));
                                                            return g * (t + x * (1 - t * t) * sigmoid(x));
                                                        }};
    /// What check_operation tries it on, beside the usual: where the exponentials are small and large, and where x is
    /// 0.
    static void samples(auto& s)
    {
        const auto call = [](auto x) { return autograd::record<mish>(autograd::location{}, x); };
        s.unary("x * np.tanh(np.logaddexp(x, 0))", call, {-50.0, -1.2, 0.0, 0.4, 3.0, 6.0, 700.0});
    }
};

template <class Rule>
autograd::variable<double> apply(autograd::variable<double> x, autograd::location where = autograd::location::current())
{
    return autograd::record<Rule, double>(where, x);
}

/// The rule's derivative at each of the points.
template <class Rule>
xt::xarray<double> derivative(const xt::xarray<double>& x)
{
    autograd::tape<double> tape;
    const auto at = tape.variable(x);
    return autograd::gradient(sum(apply<Rule>(at)), at).value();
}

/// (mish(x + h) - mish(x - h)) / 2h, which needs no derivative.
xt::xarray<double> central_difference(const xt::xarray<double>& x, double h)
{
    autograd::tape<double> tape;
    const xt::xarray<double> right = apply<mish>(tape.constant(x + h)).value();
    const xt::xarray<double> left = apply<mish>(tape.constant(x - h)).value();
    return (right - left) / (2 * h);
}

/// How far finite differences are from a derivative at the worst of the points.
double distance(const xt::xarray<double>& differences, const xt::xarray<double>& derivative)
{
    double worst = 0;
    for (std::size_t i = 0; i < derivative.size(); ++i)
    {
        worst = std::max(worst, std::abs(differences(i) - derivative(i)));
    }
    return worst;
}

constexpr auto figure_style = R"(
set logscale xy
set format x '10^{%T}'
set format y '10^{%T}'
set xtics 100
set ytics 100
unset mxtics
unset mytics
set rmargin 4
set xlabel 'step {/:Italic h} of the differences'
set ylabel '|(f({/:Italic x} + {/:Italic h}) − f({/:Italic x} − {/:Italic h})) / 2{/:Italic h}  −  derivative|'
set key inside bottom left reverse Left samplen 2.5 spacing 1.3
set label 'rounding' at 2e-13, 2e-8 textcolor rgb 0x404040
set label 'coarse steps' at 5e-3, 2e-7 textcolor rgb 0x404040
set title 'Finite differences beside a wrong derivative and the right one, at the worst point'
plot $distances using 1:2 with lines linewidth 2.5 linecolor rgb 0xD55E00 title 'hasty\_mish', \
     $distances using 1:3 with lines linewidth 2.5 linecolor rgb 0x0072B2 title 'mish')";

/// Differences with steps of many sizes: they come near to the true derivative, as near as rounding lets them, and stay
/// away from a wrong one.
void draw(const xt::xarray<double>& x, const options& o)
{
    if (o.figure.empty() || !article::prepare_to_write({o.figure}, options().figure))
    {
        return;
    }
    const xt::xarray<double> wrong = derivative<hasty_mish>(x);
    const xt::xarray<double> right = derivative<mish>(x);
    std::string lines = "$distances << END\n";
    for (double exponent = -13; exponent <= 0; exponent += 0.05)
    {
        const double h = std::pow(10, exponent);
        const xt::xarray<double> differences = central_difference(x, h);
        fmt::format_to(std::back_inserter(lines), "{:.6g} {:.6g} {:.6g}\n", h, distance(differences, wrong),
                       distance(differences, right));
    }
    article::draw_and_report({1000, 640, 15, lines + "END\n", std::string(article::graph_style) + figure_style},
                             o.figure);
}

void check(const options& o)
{
    autograd::random::legacy_generator stream(o.seed);
    const xt::xarray<double> x = 2.0 * stream.randn({o.points});
    fmt::print("x = {:.4f}\n\n", fmt::join(x, ", "));

    // A line each: the report names the worst coordinate, what the rule gave there, and what it should have been.
    const autograd::check_report wrong = autograd::check_gradient([](auto each) { return apply<hasty_mish>(each); }, x);
    const autograd::check_report right = autograd::check_gradient([](auto each) { return apply<mish>(each); }, x);
    fmt::print("hasty_mish  {}\n", to_text(wrong));
    fmt::print("mish        {}\n\n", to_text(right));

    // All of it, as the library's own operations are checked: both modes, two orders, float against double, shapes.
    const autograd::check::sample_report all = autograd::check::check_operation<mish>();
    fmt::print("check_operation<mish>: {} comparisons; largest relative errors {:.0e} (first order), {:.0e} (second)\n",
               all.derivative_checks, all.worst_first, all.worst_second);
    draw(x, o);
    if (wrong || !right)
    {
        throw std::runtime_error(
            "gradient_check: the check did not tell the wrong derivative from the right one at these points");
    }
}

} // namespace

int main(int argc, char** argv)
{
    options o;
    article::command_line line(
        "gradient_check",
        R"(Defines the operation mish(x) = x tanh(softplus(x)) twice, once with a wrong derivative, and has both checked
against finite differences at random points. In parentheses: what an option is unless given.)");
    line.integer("--points", o.points, "points", std::size_t{1}, std::size_t{1000});
    article::add_seed(line, "--seed", o.seed, "seed of the points");
    line.picture(
        "--figure", o.figure,
        "draw how far finite differences of many steps are from both derivatives to this .png or .svg file, its "
        "script beside it; or none");
    return line.run(argc, argv, [&] { check(o); });
}
