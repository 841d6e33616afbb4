#pragma once

#include "autograd/kernels/softmax.hpp"
#include "autograd/operations/exponential.hpp"
#include "autograd/operations/extremum.hpp"
#include "autograd/operations/softmax_slopes.hpp"

/// Scores and probabilities, without overflow for scores of any size. A score of -inf has probability 0 and leaves the
/// others finite, in values and in derivatives. Of a row of nothing but -inf, or with +inf, softmax and log_softmax are
/// NaN, as in SciPy; logsumexp is that infinity, and its gradient is shared evenly by those that are equal to it.
/// \ingroup probability
namespace autograd
{

struct softmax_rule : general, detail::along_one_axis
{
    static constexpr auto name = "softmax";
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a)
    {
        kernels::softmaxes<T>->softmax(call.in(0), call.shape, detail::only_axis(a), call.out());
    }
    /// exp(x_i) / sum_j exp(x_j), and NaN where that is infinite
    template <class Call>
    static void generic(const Call& call, const attributes& a)
    {
        detail::map_generic(call, a.axes,
                            [](auto line)
                            {
                                const auto sum = detail::generic_sum_of_exponentials(line);
                                for (auto& x : line)
                                {
                                    x = select(isinf(sum), sum - sum, exp(x) / sum);
                                }
                                return line;
                            });
    }
    /// y (g - sum(g y))
    template <class T>
    static void vjp(pullback<T>& y)
    {
        y.give(0, detail::record_slope<softmax_slope_rule>(y, y.cotangent(), y.operand(0), y.output()));
    }
    static void samples(auto& s)
    {
        const auto last = [](auto x) { return softmax(x); };
        s.call("rows", "sp.softmax(x, axis=-1)", last, s.numbers({2, 3}));
        s.call("a vector", "sp.softmax(x)", last, s.numbers({4}));
        s.call("many short rows", "sp.softmax(x, axis=-1)", last, s.numbers({37, 2}));
        s.call("long rows", "sp.softmax(x, axis=-1)", last, s.numbers({2, 45}));
        s.call(
            "columns", "sp.softmax(x, axis=0)", [](auto x) { return softmax(x, 0); }, s.numbers({3, 4}));
        s.call(
            "middle axis", "sp.softmax(x, axis=1)", [](auto x) { return softmax(x, -2); }, s.numbers({2, 3, 5}));
        s.call("large scores", "sp.softmax(x, axis=-1)", last,
               s.array({4, 2}, {1000.0, 0.0, -1000.0, 0.0, 1e4, 1e4, 10.0, 8.0}))
            .up_to_order(0);
        s.call("a score of -inf", "sp.softmax(x, axis=-1)", last,
               s.array({3, 3}, {-s.inf, 1.0, 2.0, -s.inf, -s.inf, 3.0, 0.5, -s.inf, -4.0}))
            .up_to_order(0);
        s.call("no finite score", "sp.softmax(x, axis=-1)", last,
               s.array({3, 2}, {-s.inf, -s.inf, s.inf, 1.0, s.nan, 1.0}))
            .up_to_order(0);
        s.call("empty rows", "x", last, s.numbers({2, 0}));
        s.call("no rows", "x", last, s.numbers({0, 3}));
        s.binary_kinks(
            [](auto x, auto y) {
                return squeeze(slice(softmax(stack(std::vector{x, y}, 0), 0), 0, 0, 1), 0);
            },
            {{1e4, 1e4, 0.25, -0.25},
             {1000.0, 0.0, 0.0, 0.0},
             {-s.inf, 1.0, 0.0, 0.0},
             {1.0, -s.inf, 0.0, 0.0},
             {-s.inf, -s.inf, s.nan, s.nan}});
        s.error(
            "axis", [](auto x) { return softmax(x, 2); },
            "autograd: softmax: axis 2 is outside of shape (3, 4); it must be from -2 to 1.", s.numbers({3, 4}));
        s.error("scalar", last, "autograd: softmax: axis -1 is outside of shape (), which has no axes.", s.numbers({}));
    }
};
AUTOGRAD_OPERATION(softmax_rule)

/// Probabilities exp(x) / sum(exp(x)) along an axis, by default the last. Shape: that of x. Gradient: y (g - sum(g y)).
/// Throws shape_error for an axis out of range. As scipy.special.softmax.
template <class T, std::integral I = int>
variable<T> softmax(variable<T> x, I axis = -1, location where = location::current())
{
    return detail::record_along<softmax_rule>(x, detail::signed_integer(axis), where);
}

struct log_softmax_rule : general, detail::along_one_axis
{
    static constexpr auto name = "log_softmax";
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a)
    {
        kernels::softmaxes<T>->log_softmax(call.in(0), call.shape, detail::only_axis(a), call.out());
    }
    /// x_i - log(sum_j exp(x_j))
    template <class Call>
    static void generic(const Call& call, const attributes& a)
    {
        detail::map_generic(call, a.axes,
                            [](auto line)
                            {
                                const auto log_of_sum = log(detail::generic_sum_of_exponentials(line));
                                for (auto& x : line)
                                {
                                    x = x - log_of_sum;
                                }
                                return line;
                            });
    }
    /// g - exp(y) sum(g), and 0 to a score of -inf, which nothing near it changes.
    template <class T>
    static void vjp(pullback<T>& y)
    {
        const variable<T> impossible = equal(y.output(), -std::numeric_limits<T>::infinity());
        const variable<T> p = exp(y.output());
        y.give(0,
               where(impossible, 0, detail::record_slope<log_softmax_slope_rule>(y, y.cotangent(), y.operand(0), p)));
    }
    static void samples(auto& s)
    {
        const auto last = [](auto x) { return log_softmax(x); };
        const auto loss_of_first = [](auto x, auto y) {
            return -squeeze(slice(log_softmax(stack(std::vector{x, y}, 0), 0), 0, 0, 1), 0);
        };
        s.call("rows", "sp.log_softmax(x, axis=-1)", last, s.numbers({2, 3}));
        s.call("a vector", "sp.log_softmax(x)", last, s.numbers({4}));
        s.call("many short rows", "sp.log_softmax(x, axis=-1)", last, s.numbers({37, 2}));
        s.call("long rows", "sp.log_softmax(x, axis=-1)", last, s.numbers({2, 45}));
        s.call(
            "columns", "sp.log_softmax(x, axis=0)", [](auto x) { return log_softmax(x, 0); }, s.numbers({3, 4}));
        s.call(
            "middle axis", "sp.log_softmax(x, axis=1)", [](auto x) { return log_softmax(x, -2); },
            s.numbers({2, 3, 5}));
        s.call("large scores", "sp.log_softmax(x, axis=-1)", last,
               s.array({4, 2}, {1000.0, 0.0, -1000.0, 0.0, 1e4, 1e4, 10.0, 8.0}))
            .up_to_order(1);
        s.call("a score of -inf", "sp.log_softmax(x, axis=-1)", last,
               s.array({3, 3}, {-s.inf, 1.0, 2.0, -s.inf, -s.inf, 3.0, 0.5, -s.inf, -4.0}))
            .up_to_order(0);
        s.call("no finite score", "sp.log_softmax(x, axis=-1)", last,
               s.array({3, 2}, {-s.inf, -s.inf, s.inf, 1.0, s.nan, 1.0}))
            .up_to_order(0);
        s.call("empty rows", "x", last, s.numbers({2, 0}));
        s.binary_kinks(loss_of_first, {{1000.0, 0.0, 0.0, 0.0},
                                       {0.0, 1000.0, -1.0, 1.0},
                                       {-1000.0, 0.0, -1.0, 1.0},
                                       {1e4, 1e4, -0.5, 0.5},
                                       {1.0, -s.inf, 0.0, 0.0},
                                       {-s.inf, 1.0, 0.0, 1.0},
                                       {-s.inf, -s.inf, s.nan, s.nan}});
        s.error(
            "axis", [](auto x) { return log_softmax(x, 2); },
            "autograd: log_softmax: axis 2 is outside of shape (3, 4); it must be from -2 to 1.", s.numbers({3, 4}));
    }
};
AUTOGRAD_OPERATION(log_softmax_rule)

/// The logarithms of softmax along an axis, by default the last. Shape: that of x. Gradient: g - exp(y) sum(g), so that
/// of -y at a target is p - onehot, and 0 to a score of -inf. Throws shape_error for an axis out of range. As
/// scipy.special.log_softmax.
template <class T, std::integral I = int>
variable<T> log_softmax(variable<T> x, I axis = -1, location where = location::current())
{
    return detail::record_along<log_softmax_rule>(x, detail::signed_integer(axis), where);
}

struct logsumexp_slope_rule : general, detail::along_one_axis
{
    static constexpr auto name = "logsumexp_slope";
    static constexpr auto latex = R"(\mathrm{softmax}(#1))";
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a)
    {
        kernels::softmaxes<T>->logsumexp_slope(call.in(0), call.shape, detail::only_axis(a), call.out());
    }
    /// exp(x_i) / sum_j exp(x_j); where the largest are infinite, they count as 1 and the others as 0.
    template <class Call>
    static void generic(const Call& call, const attributes& a)
    {
        using X = typename Call::element;
        detail::map_generic(call, a.axes,
                            [](std::vector<X> line)
                            {
                                const auto sum = detail::generic_sum_of_exponentials(line);
                                auto all_infinite = isinf(line.front());
                                for (const X& x : line)
                                {
                                    all_infinite = all_infinite && isinf(x);
                                }
                                for (X& x : line)
                                {
                                    const X share = exp(x);
                                    x = select(isinf(sum), select(isinf(share), X(1), X(0)),
                                               select(all_infinite, X(1), share));
                                }
                                const X shares = detail::generic_sum(line, [](const X& x) { return x; });
                                for (X& x : line)
                                {
                                    x = x / shares;
                                }
                                return line;
                            });
    }
    /// y (g - sum(g y)), as of softmax; 0 where the largest are infinite, since nothing moves their shares.
    template <class T>
    static void vjp(pullback<T>& y)
    {
        const variable<T> p = y.output();
        if (p.size() == 0)
        {
            return; // nothing is the largest of nothing
        }
        const variable<T> x = y.operand(0);
        const variable<T> largest = record<amax_rule, T>({}, x, y.template attributes<attributes>());
        y.give(0, where(isinf(largest), 0, detail::record_slope<softmax_slope_rule>(y, y.cotangent(), x, p)));
    }
    static void samples(auto& s)
    {
        const auto last = [](auto x) { return detail::record_along<logsumexp_slope_rule>(x, -1, {}); };
        const auto first = [](auto x) { return detail::record_along<logsumexp_slope_rule>(x, 0, {}); };
        s.call("rows", "sp.softmax(x, axis=-1)", last, s.numbers({2, 3}));
        s.call("many short rows", "sp.softmax(x, axis=-1)", last, s.numbers({37, 2}));
        s.call("long rows", "sp.softmax(x, axis=-1)", last, s.numbers({2, 45}));
        s.call("columns", "sp.softmax(x, axis=0)", first, s.numbers({3, 4}));
        s.call("infinite scores", "np.array([[0, 1], [1, 0], [0.5, 0.5], [1, 0], [0.5, 0.5], [np.nan, np.nan]])", last,
               s.array({6, 2}, {1.0, s.inf, 2.0, -s.inf, s.inf, s.inf, s.inf, -s.inf, -s.inf, -s.inf, s.nan, s.inf}))
            .up_to_order(0);
        s.call("infinite scores in columns", "np.array([[0, 0.5, 0.5], [1, 0.5, 0.5]])", first,
               s.array({2, 3}, {1.0, s.inf, -s.inf, s.inf, s.inf, -s.inf}))
            .up_to_order(0);
        s.binary_kinks(
            [](auto x, auto y) {
                return squeeze(
                    slice(detail::record_along<logsumexp_slope_rule>(stack(std::vector{x, y}, 0), 0, {}), 0, 0, 1), 0);
            },
            {{1e4, 1e4, 0.25, -0.25},
             {1000.0, 0.0, 0.0, 0.0},
             {-s.inf, 1.0, 0.0, 0.0},
             {1.0, s.inf, 0.0, 0.0},
             {s.inf, s.inf, 0.0, 0.0},
             {-s.inf, -s.inf, 0.0, 0.0},
             {s.nan, s.inf, s.nan, s.nan}});
    }
};
AUTOGRAD_OPERATION(logsumexp_slope_rule)

struct logsumexp_rule : general, detail::over_axes, detail::in_passes<>
{
    static constexpr auto name = "logsumexp";
    static constexpr auto latex = R"(\log \sum e^{#1})";
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a)
    {
        kernels::reductions<T>->logsumexp(call.in(0), call.operands[0].shape, a.axes, call.out(), call.scratch);
    }
    /// log(sum_j exp(x_j))
    template <class Call>
    static void generic(const Call& call, const attributes& a)
    {
        detail::reduce_generic(call, a.axes,
                               [](const auto& line) { return log(detail::generic_sum_of_exponentials(line)); });
    }
    /// g softmax(x), with shares of 1 where the largest are infinite
    template <class T>
    static void vjp(pullback<T>& y)
    {
        const detail::merged_axes lines(y.operand_shape(0), y.template attributes<attributes>().axes);
        const variable<T> p = detail::record_along<logsumexp_slope_rule>(
            lines.merge(y.operand(0)), std::int64_t{detail::merged_axes::along}, location());
        y.give(0, detail::spread(y, y.cotangent()) * lines.split(p));
    }
    static void samples(auto& s)
    {
        const auto all = [](auto x) { return logsumexp(x); };
        const auto rows = [](auto x) { return logsumexp(x, -1); };
        s.call("all", "sp.logsumexp(x)", all, s.numbers({2, 3}));
        s.call("scalar", "sp.logsumexp(x)", all, s.numbers({}));
        s.call("many short rows", "sp.logsumexp(x, axis=1)", rows, s.numbers({37, 2}));
        s.call("long rows", "sp.logsumexp(x, axis=1)", rows, s.numbers({2, 45}));
        s.call(
            "columns", "sp.logsumexp(x, axis=0)", [](auto x) { return logsumexp(x, 0); }, s.numbers({3, 4}));
        s.call(
            "two axes kept", "sp.logsumexp(x, axis=(0, 2), keepdims=True)",
            [](auto x) {
                return logsumexp(x, {0, 2}, xt::keep_dims);
            },
            s.numbers({2, 3, 4}));
        s.call("large scores", "sp.logsumexp(x, axis=-1)", rows,
               s.array({4, 2}, {1000.0, 0.0, -1000.0, 0.0, 1e4, 1e4, 10.0, 8.0}))
            .up_to_order(1);
        s.call("infinite scores", "sp.logsumexp(x, axis=-1)", rows,
               s.array({6, 2}, {-s.inf, 1.0, 2.0, -s.inf, -s.inf, -s.inf, s.inf, 1.0, s.inf, -s.inf, s.nan, 1.0}))
            .up_to_order(0);
        s.call("nothing", "np.full((2,), -np.inf)", rows, s.numbers({2, 0}));
        s.binary_kinks(
            [](auto x, auto y) {
                return logsumexp(stack(std::vector{x, y}, 0), 0);
            },
            {{1.0, -s.inf, 1.0, 0.0},
             {-s.inf, 2.0, 0.0, 1.0},
             {1e4, 1e4, 0.5, 0.5},
             {1000.0, 0.0, 1.0, 0.0},
             {1.0, s.inf, 0.0, 1.0},
             {s.inf, -s.inf, 1.0, 0.0},
             {s.inf, s.inf, 0.5, 0.5},
             {-s.inf, -s.inf, 0.5, 0.5},
             {s.nan, s.inf, s.nan, s.nan}});
        s.error(
            "axis", [](auto x) { return logsumexp(x, 2); },
            "autograd: logsumexp: axis 2 is outside of shape (3, 4); it must be from -2 to 1.", s.numbers({3, 4}));
    }
};
AUTOGRAD_OPERATION(logsumexp_rule)

/// log(sum(exp(x))); -inf over nothing. Shape: that of x without the axes. Gradient: g softmax(x); where the largest
/// are infinite they share g evenly, as of logaddexp. Throws shape_error for axes out of range or given twice. As
/// scipy.special.logsumexp.
/// \ingroup probability reduce
AUTOGRAD_REDUCTION_RULE(logsumexp)

} // namespace autograd
