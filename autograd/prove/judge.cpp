#include "autograd/prove/judge.hpp"

#include "autograd/prove/explain.hpp"
#include "autograd/prove/seldom_met.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <limits>
#include <set>

namespace autograd::prove
{

namespace
{

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
        // Where numbers differ already, equality needs no long logarithms.
        constexpr std::uint64_t some_ten_seconds = std::uint64_t{1} << 30;
        constexpr std::uint64_t a_second = std::uint64_t{1} << 26;
        const budget_of_logarithms budget(numbers_differ(1) ? a_second : some_ten_seconds);
        try
        {
            do
            {
                start_again();
                look_nearby();
                look_where_recorded();
                look_anywhere();
                look_at_other_branches();
            } while (m_revised);
        }
        catch (const undecidable& why)
        {
            m_result.reason = std::string(why.reason) + ", in " + name_of(m_trial.of(), m_trial.stopped_at());
            m_by_numbers_alone = !m_result.differs_at && numbers_differ(4);
        }
        conclude();
    }

private:
    /// What is known of a pair of arrays.
    struct pair_of_arrays
    {
        std::vector<term> terms; ///< of the right side
        std::optional<claim> of;
        int revisions = 0;
        double bits = 0;
        bool doubted = false; ///< residues differed
        bool differs = false; ///< numbers differed
        bool parts = false;   ///< residues differed for other outcomes of comparisons
    };

    void start_again()
    {
        for (pair_of_arrays& pair : m_pairs)
        {
            pair = {pair.terms, pair.of, pair.revisions};
        }
        m_result.points = 0;
        m_result.differs_at.reset();
        m_differing = 0;
        m_revised = false;
        m_digits = 17;
        m_met.clear();
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
            const site where{n, drawn::nearby};
            if (!m_trial.at_point(where, false, [&](point& at) { judge_at(at, where); }))
            {
                m_result.reason = std::string("no point can be evaluated: ") + m_trial.unlucky()->reason + ", in " +
                                  name_of(m_trial.of(), m_trial.stopped_at());
                return;
            }
            ++m_result.points;
        }
    }

    /// The recorded numbers themselves: no branch that they take is seldom met.
    void look_where_recorded()
    {
        drawn_numbers numbers(m_trial.of().steps().size());
        for (std::size_t i = 0; i < numbers.size(); ++i)
        {
            const computation::step& step = m_trial.of().steps()[i];
            if (computation::is_drawn(step, m_options.free_constants))
            {
                numbers[i] = step.numbers;
                if (numbers[i].size() != element_count(step.shape) ||
                    !std::all_of(numbers[i].begin(), numbers[i].end(), [](double x) { return std::isfinite(x); }))
                {
                    return;
                }
            }
        }
        look_at_given(std::make_shared<const drawn_numbers>(std::move(numbers)));
    }

    /// Points of all signs and magnitudes: some in any case, and more where anything depends on order, or only numbers
    /// tell the sign of a root. Many cannot be evaluated (logarithms of negative numbers), and need not be.
    void look_anywhere()
    {
        constexpr std::uint64_t points_in_any_case = 8;
        constexpr std::uint64_t most_points = 40;
        for (std::uint64_t n = 0; n < most_points && open(); ++n)
        {
            if (n >= points_in_any_case && (m_result.differs_at || !(m_by_signs || m_asked)))
            {
                return;
            }
            try
            {
                const site where{n, drawn::anywhere};
                const auto judge_there = [&](point& at) { judge_at(at, where); };
                m_result.points += m_trial.at_point(where, false, judge_there) ? 1 : 0;
            }
            catch (const undecidable&)
            {
                // Nothing is said of where it cannot be evaluated.
            }
        }
    }

    /// Where anything depends on order: what random numbers seldom meet.
    void look_at_other_branches()
    {
        if (!m_asked || !open())
        {
            return;
        }
        std::vector<claim> claims;
        std::vector<bool> in_question;
        for (const pair_of_arrays& pair : m_pairs)
        {
            claims.push_back(*pair.of);
            in_question.push_back(!pair.doubted);
        }
        seldom_met others(m_trial, claims, m_met, [this](const auto& numbers) { return look_at_given(numbers); });
        others.search(in_question);
        m_by_order = others.depends_on_order();
        m_always_alike = others.answered_always_alike();
        m_in_question = others.in_question();
        m_branches.merge(others.its_branches());
        for (std::size_t i = 0; i < m_pairs.size(); ++i)
        {
            m_pairs[i].parts = others.may_differ(i);
        }
    }

    /// Whether the sides differ as numbers, at a few points; notes it. No residues are asked, which may cost much, or
    /// have no answer.
    bool numbers_differ(std::uint64_t points)
    {
        const numbers_alone count;
        for (std::uint64_t n = 0; n < points && !m_result.differs_at; ++n)
        {
            const site where{n, drawn::nearby};
            try
            {
                m_trial.at_point(where, false, [&](const point& at) { note_numbers(at, where); });
            }
            catch (const undecidable&)
            {
                return false;
            }
        }
        return m_result.differs_at.has_value();
    }

    void note_numbers(const point& at, const site& where)
    {
        constexpr fraction one{1, 1};
        m_trial.require_numbers(at);
        for (std::size_t i = 0; i < m_pairs.size(); ++i)
        {
            const auto found = compare(at[m_trial.left(i)], {&at[m_trial.right(i)]}, {&one, 1});
            m_pairs[i].differs = m_pairs[i].differs || found.numbers_differ;
            if (found.numbers_differ && !m_result.differs_at)
            {
                note_difference(i, *found.numbers_differ, where);
            }
        }
    }

    /// Judges a point of given numbers; nothing where it cannot be evaluated, or where no more are needed.
    std::optional<answered> look_at_given(const std::shared_ptr<const drawn_numbers>& numbers)
    {
        std::optional<answered> result;
        if (!open() || m_result.differs_at)
        {
            return result;
        }
        const site where{m_given++, drawn::given, numbers};
        try
        {
            m_trial.at_point(where, false,
                             [&](point& at)
                             {
                                 judge_at(at, where);
                                 result = at.its_answers().by_numbers();
                             });
        }
        catch (const undecidable&)
        {
            return std::nullopt;
        }
        return result;
    }

    void judge_at(const point& at, const site& where)
    {
        m_trial.require_numbers(at);
        std::vector<comparison> now; // all of them before anything is noted: comparing may ask for another level
        for (std::size_t i = 0; i < m_pairs.size(); ++i)
        {
            m_pairs[i].of = m_pairs[i].of ? m_pairs[i].of : claim_at(at, i);
            now.push_back(compare_at(at, i, *m_pairs[i].of));
            const bool holds = now.back().residues_equal && !now.back().numbers_differ;
            if (!holds && revise(at, i))
            {
                return;
            }
        }
        for (std::size_t i = 0; i < m_pairs.size(); ++i)
        {
            note(at, i, now[i], where.how != drawn::given);
        }
        m_branches.merge(at.its_answers().its_branches());
        m_asked = m_asked || at.its_answers().asked();
        m_unknown.insert(at.its_answers().unknown().begin(), at.its_answers().unknown().end());
        if (at.its_answers().asked() && where.how != drawn::given)
        {
            m_met.push_back({std::make_shared<const drawn_numbers>(at.numbers()), at.its_answers().by_numbers()});
        }
        const auto differs = [](const comparison& each) { return each.numbers_differ.has_value(); };
        const auto differing = static_cast<std::size_t>(std::count_if(now.begin(), now.end(), differs));
        const bool shows_most = !m_result.differs_at || (where.how == drawn::nearby && differing > m_differing);
        if (differing > 0 && shows_most)
        {
            const auto first = std::find_if(now.begin(), now.end(), differs);
            m_differing = differing;
            note_difference(static_cast<std::size_t>(first - now.begin()), *first->numbers_differ, where);
        }
    }

    void note(const point& at, std::size_t i, const comparison& now, bool counts)
    {
        pair_of_arrays& pair = m_pairs[i];
        m_result.by_conjecture = m_result.by_conjecture || at[m_trial.left(i)].its_degree().inside > 0 ||
                                 at[m_trial.right(i)].its_degree().inside > 0;
        m_digits = std::min(m_digits, now.digits);
        m_by_signs = m_by_signs || now.by_signs || at.its_answers().its_branches().sign_of_root;
        pair.differs = pair.differs || now.numbers_differ;
        pair.doubted = pair.doubted || !now.residues_equal || pair.differs;
        pair.bits += pair.doubted || !counts ? 0 : std::min(now.bits, m_options.bits);
    }

    comparison compare_at(const point& at, std::size_t pair, const claim& of) const
    {
        return compare(at[m_trial.left(pair)], arrays_of(at, of.terms), of.factors);
    }

    /// The first point may have been a special one (all units of a layer off, both sides 0): where its claim fails
    /// and another one holds, everything starts again with that, once. What no factor saves is no equality, which is
    /// claimed then, and refuted by a point at which the sides themselves differ.
    bool revise(const point& at, std::size_t pair)
    {
        pair_of_arrays& it = m_pairs[pair];
        if (m_result.points == 0)
        {
            return false;
        }
        const claim other = claim_at(at, pair); // equality if no other holds
        const bool another_holds = it.revisions == 0 && compare_at(at, pair, other).residues_equal;
        if (!another_holds && it.of->is_equality())
        {
            return false;
        }
        ++it.revisions;
        it.of = another_holds ? other : claim{{{m_trial.right(pair), 1}}, {{1, 1}}};
        m_revised = true;
        return true;
    }

    /// What the residues of the first point say: equality, if nothing else holds, which is then refuted.
    claim claim_at(const point& at, std::size_t pair) const
    {
        const exact_array& left = at[m_trial.left(pair)];
        const exact_array& right = at[m_trial.right(pair)];
        const claim equality{{{m_trial.right(pair), 1}}, {{1, 1}}};
        if (compare(left, {&right}, equality.factors).residues_equal)
        {
            return equality;
        }
        std::vector<claim> others;
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
        for (const claim& each : others)
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

    void note_difference(std::size_t pair, const difference& of, const site& where)
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
        m_difference_at = where;
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
        if (any(&pair_of_arrays::doubted))
        {
            m_result.reason = "residues differ, but no numbers do" + unknown_functions();
        }
        else if (any(&pair_of_arrays::parts))
        {
            m_result.reason = "the sides are equal at the points that were drawn, but not for all outcomes of their "
                              "comparisons, and so could differ where no random point comes";
            m_result.reason +=
                m_in_question.empty() ? "" : "; what matters is " + name_of(m_trial.of(), m_in_question.begin()->step);
        }
        else
        {
            m_result.reason = "the degrees are too high for the bound";
        }
    }

    /// Those of which the prover knows nothing, and what can be done about it.
    std::string unknown_functions() const
    {
        if (m_unknown.empty())
        {
            return "";
        }
        const std::size_t first = *m_unknown.begin();
        const bool has_no_reader = m_trial.of().steps()[first].how == nullptr;
        return "; " + name_of(m_trial.of(), first) + " is an unknown function to the prover" +
               (has_no_reader ? ", unless AUTOGRAD_PROVES lets it read the rule" : "");
    }

    std::string factor_text(const claim& of) const
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

    /// What is equal whatever is compared has none that were not met; but integers (floor, argmax, counts) are not
    /// drawn as any.
    void list_branches()
    {
        std::set<std::size_t> listed;
        for (std::size_t step = 0; step < m_branches.met.size(); ++step)
        {
            for (const std::uint8_t bits : m_branches.met[step])
            {
                const bool is_met = (bits & branches::both) == branches::both;
                if (!is_met && (m_by_order || (bits & branches::of_integers) != 0))
                {
                    listed.insert(step);
                    m_result.branches_not_met.push_back(name_of(m_trial.of(), step) + ", a comparison that held at " +
                                                        ((bits & branches::yes) != 0 ? "all points" : "no point"));
                }
            }
        }
        for (const question& each : m_always_alike)
        {
            if (listed.insert(each.step).second)
            {
                m_result.branches_not_met.push_back(name_of(m_trial.of(), each.step) +
                                                    ", a comparison of which an element has one outcome only");
            }
        }
    }

    void describe_difference()
    {
        std::optional<numbers_alone> count;
        if (m_by_numbers_alone)
        {
            count.emplace();
            m_result.reason.clear();
        }
        const std::size_t pair = m_result.differs_at->array;
        m_trial.at_point(m_difference_at, true,
                         [&](point& at)
                         {
                             m_trial.require_numbers(at);
                             const auto steps = m_trial.of().steps();
                             for (std::size_t i = 0; i < steps.size(); ++i)
                             {
                                 if (computation::is_drawn(steps[i], m_options.free_constants))
                                 {
                                     m_result.differs_at->inputs.push_back(
                                         {m_result.random_inputs[m_result.differs_at->inputs.size()],
                                          {steps[i].shape.begin(), steps[i].shape.end()},
                                          at.numbers()[i]});
                                 }
                             }
                         });
        const explanation why = explain(m_trial, pair, m_difference_at, m_options.suggest && !m_by_numbers_alone);
        m_result.first_difference = name_of(m_trial.of(), why.step);
        m_result.line = m_trial.of().steps()[why.step].where;
        m_result.did_you_mean = why.did_you_mean;
    }

    trial m_trial;
    const certify_options& m_options;
    certificate& m_result;
    branches m_branches;
    std::vector<pair_of_arrays> m_pairs;
    site m_difference_at;
    std::vector<met_point> m_met; ///< where anything depends on order
    std::set<question> m_always_alike;
    std::set<question> m_in_question; ///< where numbers could have been too few
    std::set<std::size_t> m_unknown;  ///< steps that are unknown functions
    std::uint64_t m_given = 0;        ///< points of given numbers
    double m_digits = 17;
    std::size_t m_differing = 0; ///< how many arrays show it at the point of the counterexample
    bool m_revised = false;
    bool m_by_numbers_alone = false; ///< residues could not be evaluated
    bool m_by_signs = false;         ///< residues differed in signs, or could have
    bool m_asked = false;            ///< something depends on order
    bool m_by_order = false;         ///< and so does equality
};

} // namespace

void judge(computation& of, const certify_options& options, certificate& result)
{
    walk(of, options, result).run();
}

} // namespace autograd::prove
