#include "autograd/prove/judge.hpp"

#include "autograd/prove/explain.hpp"
#include "autograd/prove/trial.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <limits>
#include <set>

namespace autograd::prove
{

namespace
{

/// left = sum_k factors_k terms_k, as it held at all points so far. Equality has one term, the right side, and the
/// factor 1.
struct hypothesis
{
    std::vector<term> terms;
    std::vector<fraction> factors;

    bool is_equality() const { return terms.size() == 1 && factors[0].numerator == 1 && factors[0].denominator == 1; }
};

arrays arrays_of(const point& at, const std::vector<term>& terms)
{
    arrays result;
    for (const term& each : terms)
    {
        result.push_back(&at[each.step]);
    }
    return result;
}

/// Walks through points until equality is certain enough, or not to be had.
class walk
{
public:
    walk(computation& of, const certify_options& options, certificate& result)
        : m_trial(of, options.seed, options.free_constants),
          m_options(options),
          m_result(result),
          m_branches(of.steps().size()),
          m_pairs(m_trial.pairs())
    {
        for (std::size_t pair = 0; pair < m_pairs.size(); ++pair)
        {
            m_pairs[pair].terms = terms_of(of, m_trial.right(pair));
            for (const term& each : m_pairs[pair].terms)
            {
                of.keep(each.step);
            }
        }
    }

    void run()
    {
        try
        {
            do
            {
                start_again();
                look_nearby();
                look_anywhere();
                look_at_other_branches();
            } while (m_revised);
        }
        catch (const undecidable& why)
        {
            m_result.reason = std::string(why.reason) + ", in " + name_of(m_trial.of(), m_trial.stopped_at());
        }
        conclude();
    }

private:
    /// What is known of a pair of arrays.
    struct pair_of_arrays
    {
        std::vector<term> terms; ///< of the right side
        std::optional<hypothesis> of;
        bool was_revised = false;
        double bits = 0;
        bool doubted = false; ///< residues differed
        bool differs = false; ///< numbers differed
        bool parts = false;   ///< residues differed for other outcomes of comparisons
    };

    void start_again()
    {
        for (pair_of_arrays& pair : m_pairs)
        {
            pair = {pair.terms, pair.of, pair.was_revised};
        }
        m_result.points = 0;
        m_result.differs_at.reset();
        m_differing = 0;
        m_revised = false;
        m_digits = 17;
    }

    bool open() const { return !m_revised && m_result.reason.empty(); }

    /// Whether no more points are needed: those that differ are looked at some times, for numbers, and for a point at
    /// which as many arrays as possible show it.
    bool is_settled() const
    {
        constexpr std::size_t points_of_doubt = 4;
        return std::all_of(m_pairs.begin(), m_pairs.end(),
                           [this](const pair_of_arrays& pair)
                           { return pair.doubted ? m_result.points >= points_of_doubt : pair.bits >= m_options.bits; });
    }

    /// Points near the recorded values, until the bound is reached.
    void look_nearby()
    {
        constexpr std::size_t most_points = 64;
        while (open() && !is_settled() && m_result.points < most_points)
        {
            const std::uint64_t n = m_result.points;
            if (!m_trial.at_point(n, drawn::nearby, false, [&](point& at) { judge_at(at, n, drawn::nearby); }))
            {
                m_result.reason = std::string("no point can be evaluated: ") + m_trial.unlucky()->reason + ", in " +
                                  name_of(m_trial.of(), m_trial.stopped_at());
                return;
            }
            ++m_result.points;
        }
    }

    /// Points of all signs and magnitudes: some in any case, and more until each comparison had both outcomes; all of
    /// them where only numbers tell the sign of a root. Many cannot be evaluated (logarithms of negative numbers), and
    /// need not be.
    void look_anywhere()
    {
        constexpr std::uint64_t points_in_any_case = 8;
        constexpr std::uint64_t most_points = 16;
        for (std::uint64_t n = 0; n < most_points && open(); ++n)
        {
            if (n >= points_in_any_case && (m_result.differs_at || (!m_by_signs && m_branches.all_met())))
            {
                return;
            }
            try
            {
                const auto judge_there = [&](point& at) { judge_at(at, n, drawn::anywhere); };
                m_result.points += m_trial.at_point(n, drawn::anywhere, false, judge_there) ? 1 : 0;
            }
            catch (const undecidable&)
            {
                // Nothing is said of where it cannot be evaluated.
            }
        }
    }

    /// Random numbers do not come everywhere: between 0 and 1e-9, to where twenty units are on at once. So where
    /// anything depends on order, its outcomes are drawn, the same ones for both sides. What is equal all the same is
    /// equal whatever is compared. What is not may be so because outcomes contradict each other (a > b > c > a). Then
    /// numbers decide again, with other constants, which are far from each other; but only if one or two outcomes make
    /// the difference: more together are too seldom met.
    void look_at_other_branches()
    {
        constexpr std::uint64_t points_of_outcomes = 64; // a mixture of three is missed once in some thousands of times
        constexpr std::uint64_t points_of_constants = 12;
        constexpr std::size_t met_together = 2;
        if (!m_asked || !open())
        {
            return;
        }
        std::vector<bool> in_question(m_pairs.size());
        std::transform(m_pairs.begin(), m_pairs.end(), in_question.begin(),
                       [](const pair_of_arrays& pair) { return !pair.doubted; });
        const std::vector<bool> by_order = parting(in_question, drawn::outcomes, points_of_outcomes);
        m_by_order = std::find(by_order.begin(), by_order.end(), true) != by_order.end();
        const std::vector<bool> parted = parting(by_order, drawn::other_constants, points_of_constants);
        for (std::size_t i = 0; i < m_pairs.size(); ++i)
        {
            m_pairs[i].parts = by_order[i] && (parted[i] || outcomes_together(i, points_of_outcomes) > met_together);
        }
    }

    /// Which of these pairs are unequal at such points, or cannot be evaluated there.
    std::vector<bool> parting(std::vector<bool> these, drawn how, std::uint64_t points)
    {
        std::vector<bool> result(m_pairs.size());
        std::uint64_t evaluated = 0;
        for (std::uint64_t n = 0; n < points && std::find(these.begin(), these.end(), true) != these.end(); ++n)
        {
            const auto unequal = unequal_at(these, n, how);
            evaluated += unequal ? 1 : 0;
            for (std::size_t i = 0; unequal && i < m_pairs.size(); ++i)
            {
                result[i] = result[i] || (*unequal)[i];
                these[i] = these[i] && !(*unequal)[i];
            }
        }
        for (std::size_t i = 0; i < result.size() && evaluated < points / 2; ++i)
        {
            result[i] = result[i] || these[i];
        }
        return result;
    }

    /// Which of these pairs are unequal at a point, whatever the signs of unknown roots; nothing if it cannot be
    /// evaluated.
    std::optional<std::vector<bool>> unequal_at(const std::vector<bool>& these, std::uint64_t n, drawn how,
                                                suppositions supposed = {})
    {
        std::vector<std::vector<std::size_t>> unequal;
        bool signs_matter = false;
        const auto is_empty = [](const std::vector<std::size_t>& entries) { return entries.empty(); };
        const auto look = [&](const point& at)
        {
            if (how == drawn::other_constants)
            {
                m_trial.require_numbers(at);
                m_branches.merge(at.its_answers().its_branches());
            }
            signs_matter = at.its_answers().its_branches().sign_of_root;
            m_questions = at.its_answers().questions();
            unequal = unequal_of(at, these);
        };
        const auto look_again = [&](const point& at)
        {
            const auto there = unequal_of(at, these);
            for (std::size_t i = 0; i < m_pairs.size(); ++i)
            {
                const auto last = std::remove_if(
                    unequal[i].begin(), unequal[i].end(),
                    [&](std::size_t entry) { return !std::binary_search(there[i].begin(), there[i].end(), entry); });
                unequal[i].erase(last, unequal[i].end());
            }
        };
        try
        {
            bool evaluated = m_trial.at_point(n, how, false, look, supposed);
            for (const root_signs signs : {root_signs::other, root_signs::other_in_the_lowest_level})
            {
                supposed.roots = signs;
                const bool is_in_question = signs_matter && !std::all_of(unequal.begin(), unequal.end(), is_empty);
                evaluated = evaluated && (!is_in_question || m_trial.at_point(n, how, false, look_again, supposed));
            }
            if (!evaluated)
            {
                return std::nullopt;
            }
        }
        catch (const undecidable&)
        {
            return std::nullopt;
        }
        std::vector<bool> result(m_pairs.size());
        std::transform(unequal.begin(), unequal.end(), result.begin(), std::not_fn(is_empty));
        return result;
    }

    /// By pair, the entries that are unequal at a point.
    std::vector<std::vector<std::size_t>> unequal_of(const point& at, const std::vector<bool>& these) const
    {
        std::vector<std::vector<std::size_t>> result(m_pairs.size());
        for (std::size_t i = 0; i < m_pairs.size(); ++i)
        {
            if (these[i])
            {
                const hypothesis& of = *m_pairs[i].of;
                result[i] = unequal_entries(at[m_trial.left(i)], arrays_of(at, of.terms), of.factors);
            }
        }
        return result;
    }

    /// How many outcomes together, other than numbers have them, make a pair unequal; 3 stands for more, and for what
    /// could not be found. By bisection: the last of the fewest first questions is one of them, and so on.
    std::size_t outcomes_together(std::size_t pair, std::uint64_t points)
    {
        constexpr std::size_t many = 3;
        std::vector<bool> it(m_pairs.size());
        it[pair] = true;
        for (std::uint64_t n = 0; n < points; ++n)
        {
            std::set<std::size_t> together;
            const auto differs_with = [&](std::size_t first)
            {
                const auto drawn_questions = [&](std::size_t question)
                { return question < first || together.contains(question); };
                const auto unequal = unequal_at(it, n, drawn::outcomes, {root_signs::as_they_come, drawn_questions});
                return !unequal || (*unequal)[pair];
            };
            const bool equal_by_numbers = !differs_with(0);
            if (!equal_by_numbers || !differs_with(std::numeric_limits<std::size_t>::max()))
            {
                continue;
            }
            const std::size_t questions = m_questions;
            while (together.size() < many && !differs_with(0))
            {
                std::size_t equal = 0;
                std::size_t different = questions;
                while (different - equal > 1)
                {
                    const std::size_t middle = equal + (different - equal) / 2;
                    (differs_with(middle) ? different : equal) = middle;
                }
                together.insert(different - 1);
            }
            return together.size();
        }
        return many;
    }

    void judge_at(const point& at, std::uint64_t n, drawn how)
    {
        m_trial.require_numbers(at);
        std::vector<comparison> now; // all of them before anything is noted: comparing may ask for another level
        for (std::size_t i = 0; i < m_pairs.size(); ++i)
        {
            m_pairs[i].of = m_pairs[i].of ? m_pairs[i].of : hypothesis_at(at, i);
            now.push_back(compare_at(at, i, *m_pairs[i].of));
            if (!now.back().residues_equal && revise(at, i))
            {
                return;
            }
        }
        for (std::size_t i = 0; i < m_pairs.size(); ++i)
        {
            note(at, i, now[i]);
        }
        m_branches.merge(at.its_answers().its_branches());
        m_asked = m_asked || at.its_answers().asked();
        const auto differs = [](const comparison& each) { return each.numbers_differ.has_value(); };
        const auto differing = static_cast<std::size_t>(std::count_if(now.begin(), now.end(), differs));
        const bool shows_most = !m_result.differs_at || (how == drawn::nearby && differing > m_differing);
        if (differing > 0 && shows_most)
        {
            const auto first = std::find_if(now.begin(), now.end(), differs);
            m_differing = differing;
            note_difference(static_cast<std::size_t>(first - now.begin()), *first->numbers_differ, n, how);
        }
    }

    void note(const point& at, std::size_t i, const comparison& now)
    {
        pair_of_arrays& pair = m_pairs[i];
        m_result.by_conjecture = m_result.by_conjecture || at[m_trial.left(i)].its_degree().inside > 0 ||
                                 at[m_trial.right(i)].its_degree().inside > 0;
        m_digits = std::min(m_digits, now.digits);
        m_by_signs = m_by_signs || now.by_signs || at.its_answers().its_branches().sign_of_root;
        pair.differs = pair.differs || now.numbers_differ;
        pair.doubted = pair.doubted || !now.residues_equal || pair.differs;
        pair.bits += pair.doubted ? 0 : std::min(now.bits, m_options.bits);
    }

    comparison compare_at(const point& at, std::size_t pair, const hypothesis& of) const
    {
        return compare(at[m_trial.left(pair)], arrays_of(at, of.terms), of.factors);
    }

    /// The first point may have been a special one (all units of a layer off, both sides 0): where its hypothesis fails
    /// and another one holds, everything starts again with that, once.
    bool revise(const point& at, std::size_t pair)
    {
        pair_of_arrays& it = m_pairs[pair];
        if (it.was_revised || m_result.points == 0)
        {
            return false;
        }
        const hypothesis other = hypothesis_at(at, pair);
        if (!compare_at(at, pair, other).residues_equal)
        {
            return false;
        }
        it.was_revised = true;
        it.of = other;
        m_revised = true;
        return true;
    }

    /// What the residues of the first point say: equality, if nothing else holds, which is then refuted.
    hypothesis hypothesis_at(const point& at, std::size_t pair) const
    {
        const exact_array& left = at[m_trial.left(pair)];
        const exact_array& right = at[m_trial.right(pair)];
        const hypothesis equality{{{m_trial.right(pair), 1}}, {{1, 1}}};
        if (compare(left, {&right}, equality.factors).residues_equal)
        {
            return equality;
        }
        std::vector<hypothesis> others;
        if (const auto factor = ratio(left, right))
        {
            others.push_back({equality.terms, {*factor}});
            others.push_back({equality.terms, {{-factor->numerator, factor->denominator}}});
        }
        const std::vector<term>& terms = m_pairs[pair].terms;
        if (terms.size() > 1)
        {
            if (const auto factors = combination(left, arrays_of(at, terms)))
            {
                others.push_back({terms, *factors});
            }
        }
        // Not what the numbers refute: that would be no difference of the sides. A term without any factor is missing.
        for (const hypothesis& each : others)
        {
            const comparison found = compare(left, arrays_of(at, each.terms), each.factors);
            const bool misses_one = std::any_of(each.factors.begin(), each.factors.end(),
                                                [](const fraction& c) { return c.numerator == 0; });
            if (found.residues_equal && !found.numbers_differ && !misses_one)
            {
                return each;
            }
        }
        return equality;
    }

    void note_difference(std::size_t pair, const difference& of, std::uint64_t n, drawn how)
    {
        counterexample found;
        found.array = pair;
        found.left = of.left;
        found.right = of.right;
        const shape_vector& shape = m_trial.of().steps()[m_trial.left(pair)].shape;
        std::size_t rest = of.entry;
        found.entry.resize(shape.size());
        for (std::size_t axis = shape.size(); axis-- > 0; rest /= shape[axis])
        {
            found.entry[axis] = rest % shape[axis];
        }
        m_result.differs_at = found;
        m_difference_at = {n, how};
    }

    void conclude()
    {
        m_result.common_digits = m_digits;
        bool all_equal = true;
        bool all_decided = true;
        for (std::size_t i = 0; i < m_pairs.size(); ++i)
        {
            certified_array& array = m_result.arrays[i];
            array.outcome = outcome_of(m_pairs[i]);
            array.factor = array.outcome == verdict::equal_up_to_factor ? factor_text(*m_pairs[i].of) : "";
            all_equal = all_equal && array.outcome == verdict::equal;
            all_decided = all_decided && array.outcome != verdict::not_decided;
        }
        if (m_result.differs_at)
        {
            m_result.outcome = verdict::different;
            describe_difference();
            return;
        }
        set_bits();
        if (!all_decided)
        {
            give_reason();
            return;
        }
        m_result.outcome = all_equal ? verdict::equal : verdict::equal_up_to_factor;
        list_branches();
    }

    verdict outcome_of(const pair_of_arrays& pair) const
    {
        if (pair.differs)
        {
            return verdict::different;
        }
        if (pair.doubted || pair.parts || pair.bits < m_options.bits || !m_result.reason.empty())
        {
            return verdict::not_decided;
        }
        return pair.of->is_equality() ? verdict::equal : verdict::equal_up_to_factor;
    }

    void set_bits()
    {
        m_result.bits = std::numeric_limits<double>::infinity();
        for (const pair_of_arrays& pair : m_pairs)
        {
            m_result.bits = std::min(m_result.bits, pair.doubted ? 0 : pair.bits);
        }
    }

    void give_reason()
    {
        const auto any = [this](bool pair_of_arrays::*flag)
        { return std::any_of(m_pairs.begin(), m_pairs.end(), [flag](const auto& pair) { return pair.*flag; }); };
        if (!m_result.reason.empty())
        {
            return;
        }
        m_result.reason = any(&pair_of_arrays::doubted) ? "residues differ, but no numbers do"
                          : any(&pair_of_arrays::parts)
                              ? "the sides are equal at the points that were drawn, but not for all outcomes of their "
                                "comparisons, and so could differ where no random point comes"
                              : "the degrees are too high for the bound";
    }

    std::string factor_text(const hypothesis& of) const
    {
        if (of.terms.size() == 1)
        {
            return text_of(of.factors[0]);
        }
        std::string text;
        for (std::size_t k = 0; k < of.terms.size(); ++k)
        {
            const fraction c{of.terms[k].sign * of.factors[k].numerator, of.factors[k].denominator};
            text += (k == 0 ? "" : ", ") + text_of(c) + " for the term of " + name_of(m_trial.of(), of.terms[k].step);
        }
        return text;
    }

    /// What is equal whatever is compared has none that were not met.
    void list_branches()
    {
        if (!m_by_order)
        {
            return;
        }
        for (std::size_t step = 0; step < m_branches.met.size(); ++step)
        {
            for (const std::uint8_t bits : m_branches.met[step])
            {
                if (bits != 3)
                {
                    m_result.branches_not_met.push_back(name_of(m_trial.of(), step) + ", a comparison that " +
                                                        (bits == 2 ? "always" : "never") + " holds");
                }
            }
        }
    }

    void describe_difference()
    {
        const std::size_t pair = m_result.differs_at->array;
        const auto [n, how] = m_difference_at;
        m_trial.at_point(n, how, true,
                         [&](point& at)
                         {
                             m_trial.require_numbers(at);
                             const auto steps = m_trial.of().steps();
                             for (std::size_t i = 0; i < steps.size(); ++i)
                             {
                                 if (steps[i].is == computation::leaf::variable)
                                 {
                                     m_result.differs_at->inputs.push_back(
                                         {m_result.random_inputs[m_result.differs_at->inputs.size()],
                                          {steps[i].shape.begin(), steps[i].shape.end()},
                                          at[i].numbers});
                                 }
                             }
                         });
        const explanation why = explain(m_trial, pair, n, how, m_options.suggest);
        m_result.first_difference = name_of(m_trial.of(), why.step);
        m_result.line = m_trial.of().steps()[why.step].where;
        m_result.did_you_mean = why.did_you_mean;
    }

    static constexpr std::uint64_t some_ten_seconds = std::uint64_t{1} << 31;

    budget_of_logarithms m_budget{some_ten_seconds};
    trial m_trial;
    const certify_options& m_options;
    certificate& m_result;
    branches m_branches;
    std::vector<pair_of_arrays> m_pairs;
    std::pair<std::uint64_t, drawn> m_difference_at;
    double m_digits = 17;
    std::size_t m_differing = 0; ///< how many arrays show it at the point of the counterexample
    bool m_revised = false;
    bool m_by_signs = false;     ///< residues differed in signs, or could have
    bool m_asked = false;        ///< something depends on order
    bool m_by_order = false;     ///< and so does equality
    std::size_t m_questions = 0; ///< of the last point whose outcomes were drawn
};

} // namespace

void judge(computation& of, const certify_options& options, certificate& result)
{
    walk(of, options, result).run();
}

} // namespace autograd::prove
