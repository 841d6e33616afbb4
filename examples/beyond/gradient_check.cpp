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

#include <fmt/format.h>

namespace
{

/// First attempt. With t = tanh(softplus(x)) the derivative is t + x (1 - t^2) ... and softplus's own is forgotten.
struct hasty_mish : autograd::elementwise
{
    static constexpr auto name = "hasty_mish";
    static constexpr auto forward = [](auto x) { return x * tanh(softplus(x)); };
    static constexpr auto pulls = std::tuple{[](auto x, auto, auto g)
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
    static constexpr auto pulls = std::tuple{[](auto x, auto, auto g)
                                             {
                                                 const auto t = tanh(softplus(x));
                                                 return g * (t + x * (1 - t * t) * sigmoid(x));
                                             }};
    /// What check_operation tries it on, beside the usual: where the exponentials are small and large, and where x is
    /// 0.
    static void samples(auto& s)
    {
        const auto call = [](auto x) { return autograd::record<mish>(autograd::location{}, x); };
        s.unary("x * np.tanh(np.logaddexp(x, 0))", call, {-50.0, -1.2, 0.0, 0.4, 3.0, 50.0, 700.0});
    }
};

template <class Rule>
autograd::variable<double> apply(autograd::variable<double> x, autograd::location where = autograd::location::current())
{
    return autograd::record<Rule, double>(where, x);
}

void check(std::size_t points, std::int64_t seed)
{
    autograd::random::legacy_generator stream(seed);
    const xt::xarray<double> x = 2.0 * stream.randn({points});
    fmt::print("x = {:.4f}\n\n", fmt::join(x, ", "));

    // A line each: the report names the worst coordinate, what the rule gave there, and what it should have been.
    const autograd::check_report wrong = autograd::check_gradient([](auto each) { return apply<hasty_mish>(each); }, x);
    const autograd::check_report right = autograd::check_gradient([](auto each) { return apply<mish>(each); }, x);
    fmt::print("hasty_mish  {}\n", wrong.message());
    fmt::print("mish        {}\n\n", right.message());

    // All of it, as the library's own operations are checked: both modes, two orders, float against double, shapes.
    const autograd::check::sample_report all = autograd::check::check_operation<mish>();
    fmt::print("check_operation<mish>: {} comparisons; largest relative errors {:.0e} (first order), {:.0e} (second)\n",
               all.derivative_checks, all.worst_first, all.worst_second);
    if (wrong || !right)
    {
        throw std::runtime_error(
            "gradient_check: the check did not tell the wrong derivative from the right one at these points");
    }
}

} // namespace

int main(int argc, char** argv)
{
    std::size_t points = 5;
    std::int64_t seed = 0;
    article::command_line line(
        "gradient_check",
        R"(Defines the operation mish(x) = x tanh(softplus(x)) twice, once with a wrong derivative, and has both checked
against finite differences at random points. In parentheses: what an option is unless given.)");
    line.integer("--points", points, "points", std::size_t{1}, std::size_t{1000});
    article::add_seed(line, "--seed", seed, "seed of the points");
    return line.run(argc, argv, [&] { check(points, seed); });
}
