#pragma once

#include "autograd/kernels/softmax_slopes.hpp"
#include "autograd/operations/reduction.hpp"

#include <bit>
#include <string>

/// Derivatives of softmax, log_softmax and logsumexp of scores x, as functions of their own. With p = softmax(x) and
/// <v> = sum(v p), the mean of v under p along the axis:
///
///     softmax_deviation   D v = v - <v>       how log_softmax moves with its scores
///     log_softmax_slope   D' v = v - p sum(v) its transpose
///     softmax_slope       S v = p D v         how softmax moves; symmetric
///
/// p counts as the function of x that it is. As p moves by S, the derivatives of the three are made of the three:
///
///     d<c, D v> = -sum(c) <S v, dx>      d<c, D' v> = -sum(v) <S c, dx>      d<c, S v> = <S (D c D v), dx>
///
/// None of them subtracts a p from 1 (kernels/softmax_slopes.hpp), so every order keeps its digits where one score has
/// nearly all of the probability.
namespace autograd
{

namespace detail
{

/// What rules along one axis have in common: the axis, and the shape, which is that of their operands.
struct along_one_axis
{
    using attributes = reduced_axes; // of one axis
    static attributes with_leading_axis(const attributes& a) { return {a.axes << 1, a.keep_dims}; }
    static std::string print(const attributes& a) { return print_axes({a.axes, false}); }
    static shape_vector shape(std::span<const shape_view> operands, const attributes&) { return operands[0]; }
};

/// The single axis of a, in [0, dimension).
inline std::size_t only_axis(const reduced_axes& a)
{
    return static_cast<std::size_t>(std::countr_zero(a.axes));
}

/// x summed over the axis of y, kept with extent 1.
template <class T>
variable<T> sum_along(const recorded<T>& y, variable<T> x)
{
    return record<sum_rule, T>({}, x, reduced_axes{y.template attributes<reduced_axes>().axes, true});
}

/// Records a rule along one axis.
template <class Rule, class T>
variable<T> record_along(variable<T> x, std::int64_t axis, location where)
{
    return record<Rule, T>(where, x, reduced_axes{axes_of(x, false, axes_list(axis), Rule::name, where), true});
}

/// Records one of the rules below along the axis of y.
template <class Rule, class T>
variable<T> record_slope(const recorded<T>& y, variable<T> v, variable<T> x, variable<T> p)
{
    return record<Rule, T>({}, {v, x, p}, y.template attributes<reduced_axes>());
}

/// The generic form of one of the rules below: f(v, p) of each line. p counts as the function of x that it is; the
/// square of the difference to what is given as p has no derivative where that is so, and shows elsewhere.
template <class Call, class F>
void generic_softmax_slope(const Call& call, std::uint32_t axes, F f)
{
    for (const auto& places : lines_along(call.shape, axes))
    {
        const auto v = elements_at(call.operands[0], places);
        auto p = elements_at(call.operands[1], places);
        const auto sum = generic_sum_of_exponentials(p);
        for (std::size_t i = 0; i < places.size(); ++i)
        {
            p[i] = exp(p[i]) / sum;
            const auto off = call.operands[2][places[i]] - p[i];
            p[i] = p[i] + off * off;
        }
        const auto y = f(v, p);
        for (std::size_t i = 0; i < places.size(); ++i)
        {
            call.result[places[i]] = y[i];
        }
    }
}

/// v - sum(v p)
template <class X>
std::vector<X> generic_deviations(const std::vector<X>& v, const std::vector<X>& p)
{
    X mean(0);
    for (std::size_t i = 0; i < v.size(); ++i)
    {
        mean = mean + v[i] * p[i];
    }
    std::vector<X> result;
    for (const X& each : v)
    {
        result.push_back(each - mean);
    }
    return result;
}

/// The samples of one of the rules below, with v and the scores as operands. `numpy` is what it sums over j, of vi, vj,
/// pi and pj: differences of pairs, which don't cancel either.
template <class Rule>
void samples_of_softmax_slope(auto& s, const std::string& numpy)
{
    const auto along = [](int axis)
    {
        return [axis](auto v, auto x) {
            return record<Rule>(location(), {v, x, softmax(x, axis)}, reduced_axes{1U << axis, true});
        };
    };
    const auto expected = [&](const std::string& axis)
    {
        const std::string i = ", " + axis + " + 1)", j = ", " + axis + ")", p = "sp.softmax(y, axis=" + axis + ")";
        return "np.sum((lambda vi, vj, pi, pj: " + numpy + ")(np.expand_dims(x" + i + ", np.expand_dims(x" + j +
               ", np.expand_dims(" + p + i + ", np.expand_dims(" + p + j + ")" + i;
    };
    s.call("rows", expected("1"), along(1), s.numbers({2, 3}), s.between(-2.0, 2.0, {2, 3}));
    s.call("many short rows", expected("1"), along(1), s.numbers({37, 2}), s.between(-2.0, 2.0, {37, 2}));
    s.call("long rows", expected("1"), along(1), s.numbers({2, 45}), s.between(-2.0, 2.0, {2, 45})).up_to_order(1);
    s.call("columns", expected("0"), along(0), s.numbers({3, 40}), s.between(-2.0, 2.0, {3, 40})).up_to_order(1);
    s.call("ties", expected("1"), along(1), s.numbers({2, 3}), s.array({2, 3}, {1.0, 1.0, -2.0, 0.5, 0.5, 0.5}))
        .value_within_ulp(16);
    s.call("a large one", expected("1"), along(1), s.numbers({2, 3}),
           s.array({2, 3}, {0.0, 6.0, -2.0, 3.0, -4.0, 0.5}));
    s.call("a large one in columns", expected("0"), along(0), s.numbers({3, 2}),
           s.array({3, 2}, {0.0, 5.0, 6.0, -1.0, 0.5, 2.0}));
    s.call("nothing", "x", along(1), s.numbers({2, 0}), s.numbers({2, 0}));
}

} // namespace detail

struct log_softmax_slope_rule;
struct softmax_slope_rule;

struct softmax_deviation_rule : general, detail::along_one_axis
{
    static constexpr auto name = "softmax_deviation";
    static constexpr auto latex = R"(#1 - \langle #1, #3 \rangle)";
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a)
    {
        kernels::softmax_slopes<T>->softmax_deviation(call.in(0), call.in(2), call.shape, detail::only_axis(a),
                                                      call.out());
    }
    template <class Call>
    static void generic(const Call& call, const attributes& a)
    {
        detail::generic_softmax_slope(call, a.axes,
                                      [](const auto& v, const auto& p) { return detail::generic_deviations(v, p); });
    }
    template <class T>
    static void vjp(pullback<T>& y)
    {
        const variable<T> v = y.operand(0), x = y.operand(1), p = y.operand(2), c = y.cotangent();
        if (y.wanted(0))
        {
            y.give(0, detail::record_slope<log_softmax_slope_rule>(y, c, x, p));
        }
        if (y.wanted(1))
        {
            y.give(1, -detail::sum_along(y, c) * detail::record_slope<softmax_slope_rule>(y, v, x, p));
        }
    }
    static void samples(auto& s) { detail::samples_of_softmax_slope<softmax_deviation_rule>(s, "pj * (vi - vj)"); }
};
AUTOGRAD_OPERATION(softmax_deviation_rule)

struct log_softmax_slope_rule : general, detail::along_one_axis
{
    static constexpr auto name = "log_softmax_slope";
    static constexpr auto latex = R"(#1 - #3 \sum #1)";
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a)
    {
        kernels::softmax_slopes<T>->log_softmax_slope(call.in(0), call.in(2), call.shape, detail::only_axis(a),
                                                      call.out());
    }
    template <class Call>
    static void generic(const Call& call, const attributes& a)
    {
        detail::generic_softmax_slope(call, a.axes,
                                      [](auto v, const auto& p)
                                      {
                                          const auto sum =
                                              detail::generic_sum(v, [](const auto& each) { return each; });
                                          for (std::size_t i = 0; i < v.size(); ++i)
                                          {
                                              v[i] = v[i] - p[i] * sum;
                                          }
                                          return v;
                                      });
    }
    template <class T>
    static void vjp(pullback<T>& y)
    {
        const variable<T> v = y.operand(0), x = y.operand(1), p = y.operand(2), c = y.cotangent();
        if (y.wanted(0))
        {
            y.give(0, detail::record_slope<softmax_deviation_rule>(y, c, x, p));
        }
        if (y.wanted(1))
        {
            y.give(1, -detail::sum_along(y, v) * detail::record_slope<softmax_slope_rule>(y, c, x, p));
        }
    }
    static void samples(auto& s) { detail::samples_of_softmax_slope<log_softmax_slope_rule>(s, "vi * pj - pi * vj"); }
};
AUTOGRAD_OPERATION(log_softmax_slope_rule)

struct softmax_slope_rule : general, detail::along_one_axis
{
    static constexpr auto name = "softmax_slope";
    static constexpr auto latex = R"(#3 \left(#1 - \langle #1, #3 \rangle\right))";
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a)
    {
        kernels::softmax_slopes<T>->softmax_slope(call.in(0), call.in(2), call.shape, detail::only_axis(a), call.out());
    }
    template <class Call>
    static void generic(const Call& call, const attributes& a)
    {
        detail::generic_softmax_slope(call, a.axes,
                                      [](const auto& v, const auto& p)
                                      {
                                          auto y = detail::generic_deviations(v, p);
                                          for (std::size_t i = 0; i < y.size(); ++i)
                                          {
                                              y[i] = p[i] * y[i];
                                          }
                                          return y;
                                      });
    }
    template <class T>
    static void vjp(pullback<T>& y)
    {
        const variable<T> v = y.operand(0), x = y.operand(1), p = y.operand(2), c = y.cotangent();
        const auto deviation = [&](variable<T> of)
        { return detail::record_slope<softmax_deviation_rule>(y, of, x, p); };
        if (y.wanted(0))
        {
            y.give(0, detail::record_slope<softmax_slope_rule>(y, c, x, p));
        }
        if (y.wanted(1))
        {
            y.give(1, detail::record_slope<softmax_slope_rule>(y, deviation(c) * deviation(v), x, p));
        }
    }
    static void samples(auto& s) { detail::samples_of_softmax_slope<softmax_slope_rule>(s, "pi * pj * (vi - vj)"); }
};
AUTOGRAD_OPERATION(softmax_slope_rule)

} // namespace autograd
