#pragma once

#include "autograd/operations/record.hpp"

#include <cmath>
#include <string>

/// What values must be for what is recorded behind. Conditions are recorded, so a program (autograd/compile) holds them
/// for the values that it gets. No derivative knows of them.
/// \ingroup conditions
namespace autograd
{

/// A rule that only looks: `forward` throws where values are not what they must be.
struct condition : general
{
    static constexpr auto not_differentiable = "is a check: it has no result";
    static constexpr bool checks = true;
    static constexpr bool throws = true;

    static shape_vector shape(std::span<const shape_view>) { return {0}; }
    template <class Attributes>
    static shape_vector shape(std::span<const shape_view>, const Attributes&)
    {
        return {0};
    }
};

/// Records a check. What its rule throws is told at this line.
template <class Rule, class T>
void record_check(location where, const handle<T>& x, const typename Rule::attributes& attributes)
{
    static_cast<void>(
        x.tape(Rule::name, where).record(description<Rule, T>::instance, {&x, 1}, payload(attributes), where));
}

struct require_rule : condition
{
    static constexpr auto name = "require";
    struct attributes
    {
        std::string text;

        bool same(const attributes& other) const { return text == other.text; }
    };
    static std::string print(const attributes& a) { return '"' + a.text + '"'; }

    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a)
    {
        const T* const condition = call.in(0);
        for (std::size_t i = 0; i < call.operands[0].size; ++i)
        {
            if (condition[i] == 0 || std::isnan(condition[i]))
            {
                throw error::value_error(name, "element ", i, " of the condition is ", condition[i], "; ", a.text);
            }
        }
    }
    static void samples(auto& s)
    {
        s.call(
             "of a matrix", "np.zeros(0)",
             [](auto x)
             {
                 using T = typename decltype(x)::value_type;
                 return record<require_rule, T>({}, x, attributes{"all must be true."});
             },
             s.numbers({2, 3}))
            .up_to_order(0);
    }
};
AUTOGRAD_OPERATION(require_rule)

/// Throws value_error, with the text, unless every element of the condition is true: nonzero, and not NaN. A text tells
/// the rule: require(rate > 0, "the rate must be positive."). A program that is compiled from the recording throws the
/// same where its values break it.
template <class T>
void require(variable<T> condition, std::string text, location where = location::current())
{
    record_check<require_rule, T>(where, condition, {std::move(text)});
}

struct decide_rule : condition
{
    static constexpr auto name = "decide";
    struct attributes
    {
        bool outcome;
    };
    static std::string print(const attributes& a) { return a.outcome ? "true" : "false"; }

    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a)
    {
        const T condition = *call.in(0);
        if (std::isnan(condition))
        {
            throw error::value_error(name, "the condition is NaN; a decision needs a number: 0 is false.");
        }
        if ((condition != 0) != a.outcome)
        {
            throw error::value_error(name, "the condition is ", a.outcome ? "false" : "true", " and was ",
                                     a.outcome ? "true" : "false",
                                     " when it was recorded; the program holds for that alone. Record and compile it "
                                     "for these values, or select by where(condition, x, y).");
        }
    }
    static void samples(auto& s)
    {
        s.call(
             "true", "np.zeros(0)",
             [](auto x)
             {
                 using T = typename decltype(x)::value_type;
                 return record<decide_rule, T>({}, x, attributes{true});
             },
             s.array({}, {2.0}))
            .up_to_order(0);
    }
};
AUTOGRAD_OPERATION(decide_rule)

/// Whether the one element of the condition is true, for a branch of C++: if (decide(loss < 1e-3)). What is recorded
/// afterwards holds for this outcome, which is recorded with it: a program that is compiled from the recording throws
/// value_error, with this line, where its values decide otherwise. (item() lets a branch be frozen in silence.)
/// Throws shape_error unless there is one element, value_error for NaN, tape_error on a tape without values.
template <class T>
bool decide(variable<T> condition, location where = location::current())
{
    if (condition.checked(decide_rule::name, where).size() != 1)
    {
        throw error::shape_error(where, decide_rule::name, "the condition has shape ", condition.shape(),
                                 "; a decision needs exactly one element. Use sum, max or min.");
    }
    tape<T>& on = condition.tape();
    on.require_values(condition.checked(decide_rule::name), decide_rule::name);
    const bool outcome = *static_cast<const T*>(on.dense(condition.index())) != 0;
    record_check<decide_rule, T>(where, condition, {outcome});
    return outcome;
}

} // namespace autograd
