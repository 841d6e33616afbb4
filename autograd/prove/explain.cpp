#include "autograd/prove/explain.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>
#include <unordered_set>

#include <fmt/format.h>

namespace autograd::prove
{

namespace
{

/// The signs with which the operands enter, if the step is their sum: all its derivatives are 1 or -1.
std::vector<int> signs_of_sum(const computation::step& of)
{
    std::vector<int> signs;
    if (of.how == nullptr || of.expression == nullptr || of.expression != of.how->forward)
    {
        return signs;
    }
    for (std::size_t k = 0; k < of.how->pulls.size(); ++k)
    {
        if (!of.how->constant_slope[k])
        {
            return {};
        }
        const exact one(residues(fraction{1, 1}), {1, 0}, true);
        const exact slope = of.how->pulls[k]({&one, 1}, of.attributes);
        if (std::abs(slope.number.value) != 1)
        {
            return {};
        }
        signs.push_back(slope.number.value < 0 ? -1 : 1);
    }
    return signs;
}

void add_terms(const computation& of, std::size_t step, int sign, std::vector<term>& terms)
{
    const computation::step& it = of.steps()[step];
    const std::vector<int> signs = signs_of_sum(it);
    for (std::size_t k = 0; k < signs.size(); ++k)
    {
        add_terms(of, it.operands[k], sign * signs[k], terms);
    }
    if (signs.empty())
    {
        terms.push_back({step, sign});
    }
}

} // namespace

std::vector<term> terms_of(const computation& of, std::size_t step)
{
    std::vector<term> terms;
    add_terms(of, step, 1, terms);
    return terms;
}

std::string text_of(const fraction& c)
{
    return std::to_string(c.numerator) + (c.denominator == 1 ? "" : "/" + std::to_string(c.denominator));
}

std::string name_of(const computation& of, std::size_t step)
{
    const computation::step& it = of.steps()[step];
    const std::string where = it.where ? " at " + to_text(it.where) : "";
    if (it.kind == rule_kind::leaf && !it.label.empty())
    {
        return it.label;
    }
    if (it.is == computation::leaf::number)
    {
        return fmt::format("the number {}{}", it.numbers.front(), where);
    }
    const bool is_derivative = !it.derivative_of.empty() && !it.name.starts_with(it.derivative_of + "'");
    const std::string what = !is_derivative                ? it.name
                             : it.name == it.derivative_of ? "the derivative of " + it.name
                                                           : it.name + " in the derivative of " + it.derivative_of;
    return what + where + (it.label.empty() ? "" : " (\"" + it.label + "\")");
}

namespace
{

/// The steps that a step is computed from, and itself.
std::vector<bool> ancestors(const computation& of, std::size_t step)
{
    std::vector<bool> result(of.steps().size());
    result[step] = true;
    for (std::size_t i = step + 1; i-- > 0;)
    {
        if (result[i])
        {
            for (const std::size_t operand : of.steps()[i].operands)
            {
                result[operand] = true;
            }
        }
    }
    return result;
}

/// What a slip would have been: a value for a step, and what is said of it.
struct candidate
{
    std::string text;
    std::function<exact_array()> value;
    bool is_whole = false;  ///< the value of another step, whatever this one computes
    bool is_factor = false; ///< the step times a number
};

/// Which candidate: of a step, by its place in the list of them.
struct choice
{
    std::size_t step;
    std::size_t index;
};

/// Tries what makes the right side of a pair equal to the left one, at one point.
class search
{
public:
    search(point& at, const trial& of, std::size_t pair)
        : m_at(at),
          m_of(of.of()),
          m_left(of.left(pair)),
          m_right(of.right(pair)),
          m_in_left(ancestors(m_of, m_left)),
          m_in_right(ancestors(m_of, m_right))
    {
        for (std::size_t other = 0; other < of.pairs(); ++other)
        {
            if (other != pair)
            {
                m_others.push_back({of.left(other), of.right(other), ancestors(m_of, of.right(other))});
            }
        }
    }

    /// The first step in question, and the slip, if there is one that other points confirm.
    explanation run(bool suggest, const std::function<bool(const choice&, const fraction&)>& confirmed)
    {
        m_known = known_steps();
        if (suggest)
        {
            if (const auto found = of_terms())
            {
                return *found;
            }
            if (const auto found = of_slips(confirmed))
            {
                return *found;
            }
        }
        return {first_unknown(), ""};
    }

    /// Whether with the chosen slip left = factor right here, too.
    bool confirms(const choice& of, const fraction& factor)
    {
        const auto found = without(of.step, candidates(of.step)[of.index]);
        return found && compare(m_at[m_left], {&*found}, {&factor, 1}).residues_equal;
    }

private:
    struct other_pair
    {
        std::size_t left;
        std::size_t right;
        std::vector<bool> in_right;
    };
    struct meant
    {
        fraction factor;
        bool everywhere; ///< not in this pair only
    };

    /// A slip that puts all arrays right, else one that puts this one right, and breaks no other.
    std::optional<explanation> of_slips(const std::function<bool(const choice&, const fraction&)>& confirmed)
    {
        std::optional<explanation> of_this_pair;
        for (const std::size_t step : suspects())
        {
            const std::vector<candidate> all = candidates(step);
            for (std::size_t index = 0; index < all.size(); ++index)
            {
                if (!spend_on(step))
                {
                    return of_this_pair;
                }
                const candidate& each = all[index];
                const auto found = explains(step, each);
                if (!found || (of_this_pair && !found->everywhere) || !confirmed({step, index}, found->factor))
                {
                    continue;
                }
                const bool is_one = found->factor.numerator == 1 && found->factor.denominator == 1;
                const std::string text = is_one ? each.text : each.text + ", and a factor " + text_of(found->factor);
                if (found->everywhere)
                {
                    // A right value says where the slip is only if it was not wrong before.
                    return explanation{each.is_whole && !knows_operands_of(step) ? first_unknown() : step, text};
                }
                of_this_pair = explanation{step, text};
            }
        }
        return of_this_pair;
    }

    /// Steps of the right side that may be wrong, from the first: the function whose derivative is compared is given.
    std::vector<std::size_t> suspects() const
    {
        std::vector<std::size_t> result;
        for (std::size_t i = 0; i <= m_right; ++i)
        {
            const computation::step& step = m_of.steps()[i];
            if (m_in_right[i] && !m_in_left[i] && !step.given && !step.is_index && step.kind != rule_kind::leaf)
            {
                result.push_back(i);
            }
        }
        return result;
    }

    /// Whether evaluating what depends on a step may be afforded once more.
    bool spend_on(std::size_t step)
    {
        if (m_cost_of != step)
        {
            m_cost_of = step;
            m_cost = 0;
            std::vector<bool> depends(m_right + 1);
            depends[step] = true;
            for (std::size_t i = step; i <= m_right; ++i)
            {
                const auto& operands = m_of.steps()[i].operands;
                depends[i] = depends[i] || std::any_of(operands.begin(), operands.end(),
                                                       [&](std::size_t k) { return bool(depends[k]); });
                m_cost += depends[i] ? static_cast<double>(element_count(m_of.steps()[i].shape)) + 20 : 0;
            }
        }
        m_left_to_spend -= m_cost;
        return m_left_to_spend > 0;
    }

    static bool are_equal(const exact_array& x, const exact_array& y)
    {
        constexpr fraction one{1, 1};
        const comparison found = compare(x, {&y}, {&one, 1});
        return found.residues_equal && !found.numbers_differ;
    }

    /// The right side without a slip, if that has a value here.
    std::optional<exact_array> without(std::size_t step, const candidate& slip)
    {
        try
        {
            const exact_array value = slip.value();
            if (shape_view(value.shape()) == shape_view(m_of.steps()[step].shape))
            {
                return m_at.with_value(step, value, m_right);
            }
        }
        catch (const unlucky_point&)
        {
        }
        catch (const undecidable&)
        {
        }
        catch (const needs_a_level&)
        {
        }
        return std::nullopt;
    }

    /// Whether without the slip both sides are equal, or equal up to a factor.
    std::optional<meant> explains(std::size_t step, const candidate& slip)
    {
        const auto right = without(step, slip);
        try
        {
            if (!right || are_equal(m_at[m_right], *right)) // it changes nothing
            {
                return std::nullopt;
            }
            const auto factor = ratio(m_at[m_left], *right);
            const bool is_one = factor && factor->numerator == 1 && factor->denominator == 1;
            if (!factor || (slip.is_factor && !is_one) ||
                compare(m_at[m_left], {&*right}, {&*factor, 1}).numbers_differ)
            {
                return std::nullopt;
            }
            const exact_array value = slip.value();
            bool everywhere = true;
            for (const other_pair& other : m_others)
            {
                if (!other.in_right[step])
                {
                    continue;
                }
                const exact_array there = m_at.with_value(step, value, other.right);
                if (are_equal(m_at[other.left], m_at[other.right]) && !are_equal(m_at[other.left], there))
                {
                    return std::nullopt;
                }
                everywhere = everywhere && ratio(m_at[other.left], there);
            }
            return meant{*factor, everywhere};
        }
        catch (const unlucky_point&)
        {
        }
        catch (const undecidable&)
        {
        }
        catch (const needs_a_level&)
        {
        }
        return std::nullopt;
    }

    /// The right side as a combination of the left side's terms: one is missing, or has another factor.
    std::optional<explanation> of_terms()
    {
        const std::vector<term> terms = terms_of(m_of, m_left);
        if (terms.size() < 2)
        {
            return std::nullopt;
        }
        arrays values;
        for (const term& each : terms)
        {
            values.push_back(&m_at[each.step]);
        }
        const auto factors = combination(m_at[m_right], values);
        if (!factors)
        {
            return std::nullopt;
        }
        for (std::size_t k = 0; k < terms.size(); ++k)
        {
            if ((*factors)[k].numerator == 0)
            {
                return explanation{m_right, "a term is missing: that of " + name_of(m_of, terms[k].step)};
            }
            if ((*factors)[k].numerator == -terms[k].sign * (*factors)[k].denominator)
            {
                return explanation{m_right, "a term has the wrong sign: that of " + name_of(m_of, terms[k].step)};
            }
        }
        return std::nullopt;
    }

    std::vector<candidate> candidates(std::size_t step)
    {
        std::vector<candidate> result;
        const computation::step& it = m_of.steps()[step];
        const std::string here = name_of(m_of, step);
        for (const auto& [c, text] : factors())
        {
            result.push_back({here + " times " + text,
                              [this, step, c = c] { return m_at.mapped(step, [c](const exact& v) { return v * c; }); },
                              false, true});
        }
        result.push_back({"the reciprocal of " + here,
                          [this, step] { return m_at.mapped(step, [](const exact& v) { return 1 / v; }); }});
        for (std::size_t k = 0; k < it.operands.size(); ++k)
        {
            add_of_operand(step, k, result);
        }
        // What the left side has in its place; not the result in the place of the result.
        for (std::size_t other = 0; other < m_of.steps().size(); ++other)
        {
            if (step != m_right && other != m_left && has_same_shape(other, step))
            {
                result.push_back(
                    {name_of(m_of, other) + " in the place of " + here, [this, other] { return m_at[other]; }, true});
            }
        }
        return result;
    }

    /// Of variables, and differentiable.
    static bool is_function(const computation::step& it)
    {
        return it.kind == rule_kind::leaf ? it.is == computation::leaf::variable
                                          : it.on_double == nullptr || it.on_double->vjp != nullptr;
    }

    /// Of the left side, and not a row of indices.
    bool has_same_shape(std::size_t other, std::size_t step) const
    {
        const computation::step& it = m_of.steps()[other];
        return m_in_left[other] && !it.is_index && shape_view(it.shape) == shape_view(m_of.steps()[step].shape);
    }

    /// Slips in one operand of a step.
    void add_of_operand(std::size_t step, std::size_t k, std::vector<candidate>& result)
    {
        const std::size_t operand = m_of.steps()[step].operands[k];
        const computation::step& it = m_of.steps()[operand];
        if (it.is_index)
        {
            return;
        }
        const std::string here = name_of(m_of, step);
        const auto with = [&](const std::string& text, std::function<exact_array()> value)
        {
            result.push_back({text + " in the place of an operand of " + here,
                              [this, step, k, value] { return m_at.with_operand(step, k, value()); }});
        };
        const std::string a = name_of(m_of, operand);
        const auto mapped = [&](const std::string& text, exact (*f)(const exact&))
        {
            const auto value = [this, operand, f] { return m_at.mapped(operand, f); };
            with(text + ", where a is " + a + ",", value);
            result.push_back({text + ", where a is " + a + ", in the place of " + here, value});
        };
        // A function of the value where that of its argument belongs: of s (1 - s) and 1 - s^2 the commonest slip.
        if (it.kind == rule_kind::elementwise && it.operands.size() == 1)
        {
            const std::string argument = name_of(m_of, it.operands[0]);
            const bool is_slope = m_of.steps()[step].name.starts_with(it.name);
            result.push_back({is_slope ? "the derivative of " + it.name + " taken at its argument, " + argument +
                                             ", not at its value, " + a + ", in " + here
                                       : here + " of " + argument + ", the argument, not of its value, " + a,
                              [this, step, k, of = it.operands[0]] { return m_at.with_operand(step, k, m_at[of]); }});
        }
        // And the other way round.
        for (std::size_t other = 0; other < m_of.steps().size(); ++other)
        {
            const computation::step& consumer = m_of.steps()[other];
            if (other < step && consumer.kind == rule_kind::elementwise && consumer.operands.size() == 1 &&
                consumer.operands[0] == operand)
            {
                with(name_of(m_of, other) + ", the value at " + a + ",", [this, other] { return m_at[other]; });
            }
        }
        if (is_function(it)) // no mask
        {
            mapped("1 - a^2", [](const exact& v) { return 1 - v * v; });
            mapped("a (1 - a)", [](const exact& v) { return v * (1 - v); });
            mapped("1 - a", [](const exact& v) { return 1 - v; });
        }
        for (std::size_t other = 0; other < m_of.steps().size(); ++other)
        {
            if (other != operand && has_same_shape(other, operand))
            {
                with(name_of(m_of, other), [this, other] { return m_at[other]; });
            }
        }
        if (it.shape.size() == 2 && it.shape[0] == it.shape[1])
        {
            with(a + " transposed", [this, operand] { return transposed(m_at[operand]); });
        }
    }

    static exact_array transposed(const exact_array& x)
    {
        exact_array result(x.shape());
        const std::size_t n = x.shape()[0];
        for (std::size_t i = 0; i < x.size(); ++i)
        {
            result.set(i, x.get(i % n * n + i / n));
        }
        return result;
    }

    /// -1, 2, 1/2 and the extents of the inputs: numbers of samples, of features.
    std::vector<std::pair<exact, std::string>> factors()
    {
        std::set<std::size_t> numbers{2};
        for (const computation::step& each : m_of.steps())
        {
            if (each.kind == rule_kind::leaf)
            {
                numbers.insert(each.shape.begin(), each.shape.end());
            }
        }
        numbers.erase(1);
        numbers.erase(0);
        std::vector<std::pair<exact, std::string>> result;
        const auto add = [&](std::int64_t numerator, std::size_t denominator, const std::string& text)
        {
            const fraction c{numerator, static_cast<std::int64_t>(denominator)};
            result.emplace_back(
                exact(residues(c), {static_cast<double>(numerator) / static_cast<double>(denominator), 0}, true), text);
        };
        add(-1, 1, "-1");
        for (const std::size_t n : numbers)
        {
            add(static_cast<std::int64_t>(n), 1, std::to_string(n));
            add(1, n, "1/" + std::to_string(n));
        }
        return result;
    }

    /// The residues of an array as a set: the same of a transposed one, and of a multiple.
    std::uint64_t fingerprint(std::size_t step) const
    {
        const exact_array& x = m_at[step];
        const std::size_t level = x.low();
        const field& f = tower::at(level);
        scalar sum;
        for (std::size_t i = 0; i < x.size(); ++i)
        {
            sum = f.add(sum, {x.residues_of(level)[i], 0});
        }
        const scalar by = sum.is_zero() ? f.one() : f.inverse(sum);
        std::uint64_t result = x.size() * 0x9e3779b97f4a7c15U + level;
        for (std::size_t i = 0; i < x.size(); ++i)
        {
            std::uint64_t hash = f.multiply({x.residues_of(level)[i], 0}, by).a;
            hash = (hash ^ (hash >> 31)) * 0xbf58476d1ce4e5b9U;
            result += hash ^ (hash >> 29);
        }
        return result;
    }

    /// Whether each step has a value that the left side has somewhere, too, or is in no question otherwise: what other
    /// right sides are made of, which are right, the function whose derivative is compared, and leaves.
    std::vector<bool> known_steps() const
    {
        std::vector<bool> known = m_in_left;
        for (const other_pair& other : m_others)
        {
            if (!other.in_right[m_right] && are_equal(m_at[other.left], m_at[other.right]))
            {
                std::transform(known.begin(), known.end(), other.in_right.begin(), known.begin(),
                               std::logical_or<bool>());
            }
        }
        std::unordered_set<std::uint64_t> values;
        for (std::size_t i = 0; i < known.size(); ++i)
        {
            const computation::step& step = m_of.steps()[i];
            known[i] = known[i] || step.given || step.is_index || step.kind == rule_kind::leaf;
            if (known[i] && !step.is_index)
            {
                values.insert(fingerprint(i));
            }
        }
        for (const std::size_t step : suspects())
        {
            known[step] = known[step] || values.contains(fingerprint(step));
        }
        return known;
    }

    bool knows_operands_of(std::size_t step) const
    {
        const auto& operands = m_of.steps()[step].operands;
        return std::all_of(operands.begin(), operands.end(), [this](std::size_t k) { return m_known[k]; });
    }

    /// Back from the result through what is not known, the first step whose operands are known.
    std::size_t first_unknown() const
    {
        std::size_t first = m_right;
        std::vector<bool> leads_to_result(m_right + 1);
        leads_to_result[m_right] = true;
        for (std::size_t i = m_right + 1; i-- > 0;)
        {
            if (!leads_to_result[i] || (m_known[i] && i != m_right))
            {
                continue;
            }
            first = knows_operands_of(i) ? i : first;
            for (const std::size_t operand : m_of.steps()[i].operands)
            {
                leads_to_result[operand] = true;
            }
        }
        return first;
    }

    point& m_at;
    const computation& m_of;
    std::size_t m_left;
    std::size_t m_right;
    std::vector<bool> m_in_left;
    std::vector<bool> m_in_right;
    std::vector<other_pair> m_others;
    std::vector<bool> m_known;
    double m_left_to_spend = 1e7; ///< elements that may be evaluated: some seconds
    std::size_t m_cost_of = static_cast<std::size_t>(-1);
    double m_cost = 0; ///< of what depends on that step
};

/// Whether left = factor right without the chosen slip, at some other points that can be evaluated.
bool is_confirmed(trial& of, std::size_t pair, const choice& slip, const fraction& factor)
{
    constexpr std::uint64_t points = 3;
    bool holds = true;
    for (const drawn how : {drawn::nearby, drawn::anywhere})
    {
        for (std::uint64_t n = 0; n < points && holds; ++n)
        {
            try
            {
                of.at_point({n, how}, true,
                            [&](point& at)
                            {
                                of.require_numbers(at);
                                holds = search(at, of, pair).confirms(slip, factor);
                            });
            }
            catch (const undecidable&)
            {
                // There, nothing can be said.
            }
        }
    }
    return holds;
}

} // namespace

explanation explain(trial& of, std::size_t pair, const site& where, bool suggest)
{
    explanation result{of.right(pair), ""};
    of.at_point(where, true,
                [&](point& at)
                {
                    of.require_numbers(at); // the same point as the one that was judged
                    result = search(at, of, pair)
                                 .run(suggest, [&](const choice& slip, const fraction& factor)
                                      { return is_confirmed(of, pair, slip, factor); });
                });
    return result;
}

} // namespace autograd::prove
