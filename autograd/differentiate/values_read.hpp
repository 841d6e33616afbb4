#pragma once

#include "autograd/operations/arithmetic.hpp"
#include "autograd/operations/identity.hpp"
#include "autograd/operations/record.hpp"

#include <string>
#include <vector>

/// What a rule computed from values. A rule is recorded, so that it can be differentiated again; what it takes out of
/// the tape with value() or item() comes back as constants, and the next derivative would be wrong in silence.
namespace autograd
{

/// The last operand, whose storage it shares, given by a rule that read the values of the others. It has no derivative
/// by those.
struct values_read_rule : general
{
    static constexpr auto name = "values_read";
    static constexpr auto storage = storage_kind::shared;
    static constexpr bool beside_tape = true;
    static constexpr bool opaque = true; // what a proof cannot see, it does not prove
    struct attributes
    {
        const char* operation;       ///< whose rule it was
        std::vector<location> where; ///< of each reading
        const char* remedy = "Compute with recorded operations; a rule of custom_vjp for the first order alone says "
                             "so: custom_vjp(f, rule, first_order).";
    };
    static std::string print(const attributes& a) { return std::string("by ") + a.operation; }

    static shape_vector shape(std::span<const shape_view> operands, const attributes&) { return operands.back(); }
    template <class T>
    static void forward(const evaluation<T>&, const attributes&)
    {
    }
    template <class T>
    static void vjp(pullback<T>& y)
    {
        const std::size_t last = y.operand_count() - 1;
        for (std::size_t k = 0; k < last; ++k)
        {
            if (y.wanted(k))
            {
                const attributes& a = y.template attributes<attributes>();
                throw error::not_differentiable(y.get().where(), a.operation, "the rule read values at ",
                                                to_text(a.where[k]), ", so what it gave cannot be differentiated. ",
                                                a.remedy);
            }
        }
        y.give(last, y.cotangent());
    }
    /// What was read is the same for all directions: a rule cannot read what depends on them.
    template <class T>
    static variable<T> batched(const batched_call<T>& y)
    {
        std::vector<handle<T>> operands;
        for (std::size_t k = 0; k < y.operand_count(); ++k)
        {
            operands.push_back(y.given(k));
        }
        return y.record(operands, payload::shared(y.get().attributes()));
    }
    static void samples(auto& s)
    {
        s.call(
            "of another", "2 * x",
            [](auto x)
            {
                using T = typename decltype(x)::value_type;
                return record<values_read_rule, T>({}, {stop_gradient(x), 2.0 * x},
                                                   attributes{"custom_vjp", {location::current()}});
            },
            s.numbers({2, 3}));
    }
};
AUTOGRAD_OPERATION(values_read_rule)

} // namespace autograd
