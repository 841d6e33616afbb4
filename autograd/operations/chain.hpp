#pragma once

#include "autograd/kernels/chain.hpp"
#include "autograd/operations/generic_chain.hpp"
#include "autograd/operations/record.hpp"

#include <string>
#include <vector>

/// The derivatives of `prod`, `cumprod` and `linear_recurrence`, of every order and in both modes. All three are
/// chains: z[k + 1] = b[k + 1] + x[k] z[k], where only the last z is put out, or each. `chain_tangent` of x along a
/// direction u is the derivative of what is put out when x goes along u, `chain_cotangent` the one by x when g flows
/// in: g times the product of all others for `prod`. Each further direction differentiates once more. No division:
/// exact at zeros. Factors are multiplied with exponents of their own where it takes that: a derivative is right
/// wherever it is representable, whatever the products on the way are. All take time linear in the number of elements.
namespace autograd
{

namespace detail
{
/// "of cumprod, axis 0, reverse, exclusive"
std::string print_chain(const kernels::chain& how);

/// The same chain from the other end: what was put in is put out there.
kernels::chain reversed_chain(const kernels::chain& how);

/// The operands of a chain's derivative in order: the factors, what is put in, what flows in, the directions.
template <class T>
struct chain_arguments
{
    variable<T> x;
    variable<T> input;     ///< none where a 1 is
    variable<T> cotangent; ///< none for a tangent
    std::vector<variable<T>> directions;

    /// The operands of a recorded derivative.
    static chain_arguments of(const recorded<T>& y, const kernels::chain& how, bool has_cotangent)
    {
        std::size_t k = 0;
        chain_arguments result{y.operand(k++), {}, {}, {}};
        if (how.input != kernels::chain_nodes::end)
        {
            result.input = y.operand(k++);
        }
        if (has_cotangent)
        {
            result.cotangent = y.operand(k++);
        }
        while (k < y.operand_count())
        {
            result.directions.push_back(y.operand(k++));
        }
        return result;
    }

    std::size_t first_direction() const { return 1 + !input.empty() + !cotangent.empty(); }

    chain_arguments with_cotangent(variable<T> g) const
    {
        chain_arguments result = *this;
        result.cotangent = g;
        return result;
    }
    chain_arguments with_input(variable<T> b) const
    {
        chain_arguments result = *this;
        result.input = b;
        return result;
    }
    chain_arguments along(variable<T> direction) const
    {
        chain_arguments result = *this;
        result.directions.push_back(direction);
        return result;
    }
    chain_arguments without_direction(std::size_t j) const
    {
        chain_arguments result = *this;
        result.directions.erase(result.directions.begin() + static_cast<std::ptrdiff_t>(j));
        return result;
    }

    template <class Rule>
    variable<T> record_as(const kernels::chain& how) const
    {
        std::vector<handle<T>> operands{x};
        for (const variable<T>& one : {input, cotangent})
        {
            if (!one.empty())
            {
                operands.push_back(one);
            }
        }
        operands.insert(operands.end(), directions.begin(), directions.end());
        return record<Rule, T>({}, std::span<const handle<T>>(operands), how);
    }
};

/// The operands of an evaluation, as kernels take them.
template <class T>
kernels::chain_operands<T> chain_operands(const evaluation<T>& call, const kernels::chain& how, bool has_cotangent)
{
    std::size_t k = 0;
    kernels::chain_operands<T> of{call.in(k++), nullptr, nullptr, {}, call.scratch};
    of.input = how.input != kernels::chain_nodes::end ? call.in(k++) : nullptr;
    of.g = has_cotangent ? call.in(k++) : nullptr;
    of.directions = call.operands.subspan(k);
    return of;
}

template <class T>
variable<T> record_chain_tangent(const kernels::chain& how, const chain_arguments<T>& of);
template <class T>
variable<T> record_chain_cotangent(const kernels::chain& how, const chain_arguments<T>& of);
} // namespace detail

// With L = sum(g * y), everything here is a derivative of L, which is linear in g, in b and in each direction: what
// flows into a derivative becomes one more direction, or takes the place of one.

struct chain_tangent_rule : general
{
    static constexpr auto name = "chain_tangent";
    using attributes = kernels::chain;
    static attributes with_leading_axis(attributes a)
    {
        ++a.axis;
        return a;
    }
    static std::string print(const attributes& a) { return detail::print_chain(a); }

    static shape_vector shape(std::span<const shape_view> operands, const attributes& a)
    {
        shape_vector result = operands[0];
        result[a.axis] = a.output == kernels::chain_nodes::end ? 1 : result[a.axis];
        return result;
    }
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a)
    {
        kernels::chains<T>->tangent(detail::chain_operands(call, a, false), call.operands[0].shape, a, call.out());
    }
    template <class T>
    static std::size_t scratch(const evaluation<T>& call, const attributes& a)
    {
        return kernels::chains<T>->scratch(0, detail::chain_operands(call, a, false).directions.size());
    }
    template <class Call>
    static void generic(const Call& call, const attributes& a)
    {
        detail::generic_chain<Call>(call, a, false).tangent();
    }
    template <class T>
    static void vjp(pullback<T>& y)
    {
        const attributes how = y.template attributes<attributes>();
        const auto of = detail::chain_arguments<T>::of(y, how, false);
        const auto pulled = of.with_cotangent(y.cotangent());
        if (y.wanted(0))
        {
            y.give(0, detail::record_chain_cotangent(how, pulled));
        }
        if (!of.input.empty() && y.wanted(1))
        {
            y.give(1, detail::record_chain_tangent(detail::reversed_chain(how), of.with_input(y.cotangent())));
        }
        for (std::size_t j = 0; j < of.directions.size(); ++j)
        {
            if (y.wanted(of.first_direction() + j))
            {
                y.give(of.first_direction() + j, detail::record_chain_cotangent(how, pulled.without_direction(j)));
            }
        }
    }
    static void samples(auto& s)
    {
        using enum kernels::chain_nodes;
        const auto along = [](const attributes& how)
        {
            return [=]<class T>(variable<T> x, variable<T> u) {
                return detail::record_chain_tangent<T>(how, {x, {}, {}, {u}});
            };
        };
        const auto input_along = [](const attributes& how)
        {
            return [=]<class T>(variable<T> x, variable<T> b, variable<T> u) {
                return detail::record_chain_tangent<T>(how, {x, b, {}, {u}});
            };
        };
        const auto numbers = s.numbers({2, 3});
        const auto others = s.positive({2, 3});
        s.call("of prod",
               "(y[:, 0] * x[:, 1] * x[:, 2] + x[:, 0] * y[:, 1] * x[:, 2] + x[:, 0] * x[:, 1] * y[:, 2])[:, None]",
               along({1, false, end, end}), numbers, others);
        s.call("of prod, along columns", "x[:1] * y[1:] + y[:1] * x[1:]", along({0, false, end, end}),
               s.numbers({2, 19}), s.positive({2, 19}));
        s.call("of prod, with zeros", "np.array([x[0] * (y[1] * x[2] + x[1] * y[2]) + y[0] * x[1] * x[2]])",
               along({0, false, end, end}), s.array({3}, {0.0, 0.0, 2.0}), s.positive({3}));
        s.call("of cumprod",
               "np.stack([y[:, 0], y[:, 0] * x[:, 1] + x[:, 0] * y[:, 1], "
               "y[:, 0] * x[:, 1] * x[:, 2] + x[:, 0] * y[:, 1] * x[:, 2] + x[:, 0] * x[:, 1] * y[:, 2]], 1)",
               along({1, false, end, behind}), numbers, others);
        s.call("of cumprod, in reverse, exclusive",
               "np.stack([y[:, 1] * x[:, 2] + x[:, 1] * y[:, 2], y[:, 2], 0 * x[:, 2]], 1)",
               along({1, true, end, before}), numbers, others);
        s.call("of linear_recurrence",
               "np.stack([0 * x[:, 0], z[:, 1] * y[:, 0], "
               "z[:, 2] * (y[:, 1] + x[:, 1] * y[:, 0]) + x[:, 2] * z[:, 1] * y[:, 0]], 1)",
               input_along({1, false, behind, behind}), numbers, others, s.numbers({2, 3}));
        s.call(
            "along two directions", "np.array([y[0] * z[1] + y[1] * z[0]])",
            []<class T>(variable<T> x, variable<T> u, variable<T> v) {
                return detail::record_chain_tangent<T>(attributes{0, false, end, end}, {x, {}, {}, {u, v}});
            },
            s.numbers({2}), s.positive({2}), s.numbers({2}));
        s.call("of nothing", "np.zeros((2, 1))", along({1, false, end, end}), s.numbers({2, 0}), s.numbers({2, 0}));
    }
};
AUTOGRAD_OPERATION(chain_tangent_rule)

template <class T>
variable<T> detail::record_chain_tangent(const kernels::chain& how, const detail::chain_arguments<T>& of)
{
    return of.template record_as<chain_tangent_rule>(how);
}

struct chain_cotangent_rule : general
{
    static constexpr auto name = "chain_cotangent";
    using attributes = kernels::chain;
    static attributes with_leading_axis(attributes a)
    {
        ++a.axis;
        return a;
    }
    static std::string print(const attributes& a) { return detail::print_chain(a); }

    static shape_vector shape(std::span<const shape_view> operands, const attributes&) { return operands[0]; }
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a)
    {
        kernels::chains<T>->cotangent(detail::chain_operands(call, a, true), call.shape, a, call.out());
    }
    template <class T>
    static std::size_t scratch(const evaluation<T>& call, const attributes& a)
    {
        const std::size_t nodes = call.size == 0 ? 0 : call.shape[a.axis];
        return kernels::chains<T>->scratch(nodes, detail::chain_operands(call, a, true).directions.size());
    }
    template <class Call>
    static void generic(const Call& call, const attributes& a)
    {
        detail::generic_chain<Call>(call, a, true).cotangent();
    }
    template <class T>
    static void vjp(pullback<T>& y)
    {
        const attributes how = y.template attributes<attributes>();
        const auto of = detail::chain_arguments<T>::of(y, how, true);
        const auto pulled = of.along(y.cotangent());
        const auto tangent = pulled.with_cotangent({});
        std::size_t k = 0;
        if (y.wanted(k++))
        {
            y.give(0, detail::record_chain_cotangent(how, pulled));
        }
        if (!of.input.empty() && y.wanted(k++))
        {
            y.give(1, detail::record_chain_tangent(detail::reversed_chain(how), tangent.with_input(of.cotangent)));
        }
        if (y.wanted(k))
        {
            y.give(k, detail::record_chain_tangent(how, tangent));
        }
        for (std::size_t j = 0; j < of.directions.size(); ++j)
        {
            if (y.wanted(of.first_direction() + j))
            {
                y.give(of.first_direction() + j, detail::record_chain_cotangent(how, pulled.without_direction(j)));
            }
        }
    }
    static void samples(auto& s)
    {
        using enum kernels::chain_nodes;
        const auto by_factors = [](const attributes& how)
        {
            return [=]<class T>(variable<T> x, variable<T> g) {
                return detail::record_chain_cotangent<T>(how, {x, {}, g, {}});
            };
        };
        const auto numbers = s.numbers({2, 3});
        const auto others = s.positive({2, 3});
        s.call("of prod", "y * np.stack([x[:, 1] * x[:, 2], x[:, 0] * x[:, 2], x[:, 0] * x[:, 1]], 1)",
               by_factors({1, false, end, end}), numbers, s.positive({2, 1}));
        s.call("of prod, with zeros", "y * np.stack([x[1] * x[2], x[0] * x[2], x[0] * x[1]])",
               by_factors({0, false, end, end}), s.array({3, 2}, {0.0, 0.0, 3.0, 0.0, -1.5, 2.0}), s.positive({1, 2}));
        s.call("of cumprod",
               "np.stack([y[:, 0] + x[:, 1] * (y[:, 1] + x[:, 2] * y[:, 2]), x[:, 0] * (y[:, 1] + x[:, 2] * y[:, 2]), "
               "x[:, 0] * x[:, 1] * y[:, 2]], 1)",
               by_factors({1, false, end, behind}), numbers, others);
        s.call("of cumprod, in reverse, exclusive",
               "np.stack([0 * x[:, 0], x[:, 2] * y[:, 0], y[:, 1] + x[:, 1] * y[:, 0]], 1)",
               by_factors({1, true, end, before}), numbers, others);
        s.call(
            "of linear_recurrence",
            "np.stack([0 * x[:, 0], (z[:, 1] + x[:, 2] * z[:, 2]) * y[:, 0], "
            "z[:, 2] * (y[:, 1] + x[:, 1] * y[:, 0])], 1)",
            []<class T>(variable<T> x, variable<T> b, variable<T> g) {
                return detail::record_chain_cotangent<T>(attributes{1, false, behind, behind}, {x, b, g, {}});
            },
            numbers, others, s.numbers({2, 3}));
        s.call(
            "along a direction",
            "np.array([y[0] * (z[1] * x[2] + x[1] * z[2]), y[0] * (z[0] * x[2] + x[0] * z[2]), "
            "y[0] * (z[0] * x[1] + x[0] * z[1])])",
            []<class T>(variable<T> x, variable<T> g, variable<T> u) {
                return detail::record_chain_cotangent<T>(attributes{0, false, end, end}, {x, {}, g, {u}});
            },
            s.numbers({3}), s.positive({1}), s.numbers({3}));
        s.call("of nothing", "x", by_factors({1, false, end, end}), s.numbers({2, 0}), s.numbers({2, 1}));
    }
};
AUTOGRAD_OPERATION(chain_cotangent_rule)

template <class T>
variable<T> detail::record_chain_cotangent(const kernels::chain& how, const detail::chain_arguments<T>& of)
{
    return of.template record_as<chain_cotangent_rule>(how);
}

} // namespace autograd
