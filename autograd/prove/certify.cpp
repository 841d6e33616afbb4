#include "autograd/prove/certify.hpp"

#include "autograd/display/latex.hpp"
#include "autograd/prove/explain.hpp"
#include "autograd/prove/trial.hpp"

#include <algorithm>
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
class judge
{
public:
    judge(computation& of, const certify_options& options, certificate& result)
        : m_trial(of, options.seed, options.free_constants),
          m_options(options),
          m_result(result),
          m_branches(of.steps().size()),
          m_pairs(m_trial.pairs())
    {
        for (std::size_t pair = 0; pair < m_pairs.size(); ++pair)
        {
            m_pairs[pair].in_left = m_pairs[pair].in_right = std::vector<bool>(of.steps().size());
            add_ancestors(of, m_trial.left(pair), m_pairs[pair].in_left);
            add_ancestors(of, m_trial.right(pair), m_pairs[pair].in_right);
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
        std::vector<term> terms;   ///< of the right side
        std::vector<bool> in_left; ///< the steps of the left side
        std::vector<bool> in_right;
        std::optional<hypothesis> of;
        bool was_revised = false;
        double bits = 0;
        bool doubted = false; ///< residues differed
        bool differs = false; ///< numbers differed
        bool decides_otherwise = false;
    };

    void start_again()
    {
        for (pair_of_arrays& pair : m_pairs)
        {
            pair = {pair.terms, pair.in_left, pair.in_right, pair.of, pair.was_revised};
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
        constexpr std::uint64_t first = 1000;
        constexpr std::uint64_t points_in_any_case = 4;
        constexpr std::uint64_t most_points = 12;
        for (std::uint64_t n = 0; n < most_points && open(); ++n)
        {
            if (n >= points_in_any_case && (m_result.differs_at || (!m_by_signs && m_branches.all_met())))
            {
                return;
            }
            try
            {
                const auto judge_there = [&](point& at) { judge_at(at, first + n, drawn::anywhere); };
                m_result.points += m_trial.at_point(first + n, drawn::anywhere, false, judge_there) ? 1 : 0;
            }
            catch (const undecidable&)
            {
                // Nothing is said of where it cannot be evaluated.
            }
        }
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
        m_branches.merge(at.its_branches());
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
        m_by_signs = m_by_signs || now.by_signs || at.its_branches().sign_of_root;
        pair.differs = pair.differs || now.numbers_differ;
        pair.doubted = pair.doubted || !now.residues_equal || pair.differs;
        pair.decides_otherwise = pair.decides_otherwise || !decides_alike(at, pair);
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

    /// Whether the comparisons of the two sides change at the same places, or those of one side make no difference to
    /// it: with both outcomes of each it is the same as the other side, which does not ask. What selects by values (a
    /// maximum) changes where it must, if its values are right. Else the sides could part where no random point comes:
    /// x > 0 and x > 1e-9.
    static bool decides_alike(const point& at, const pair_of_arrays& pair)
    {
        const std::vector<boundary> left = boundaries(at, pair.in_left);
        const std::vector<boundary> right = boundaries(at, pair.in_right);
        const std::vector<boundary> only_left = without(left, right);
        const std::vector<boundary> only_right = without(right, left);
        const auto by_choice = [](const boundary& each) { return each.by_choice; };
        const bool all_by_values = std::none_of(only_left.begin(), only_left.end(), by_choice) &&
                                   std::none_of(only_right.begin(), only_right.end(), by_choice);
        return only_left.empty() || only_right.empty() || all_by_values || are_multiples(only_left, only_right);
    }

    /// In the order of steps and elements, each once.
    static std::vector<boundary> boundaries(const point& at, const std::vector<bool>& of_side)
    {
        std::vector<boundary> result;
        std::set<boundary> met;
        for (std::size_t step = 0; step < of_side.size(); ++step)
        {
            if (of_side[step])
            {
                const std::vector<boundary>& of_step = at.boundaries_of(step);
                std::copy_if(of_step.begin(), of_step.end(), std::back_inserter(result),
                             [&](const boundary& each) { return met.insert(each).second; });
            }
        }
        return result;
    }

    static std::vector<boundary> without(const std::vector<boundary>& these, const std::vector<boundary>& those)
    {
        const std::set<boundary> known(those.begin(), those.end());
        std::vector<boundary> result;
        std::copy_if(these.begin(), these.end(), std::back_inserter(result),
                     [&](const boundary& each) { return !known.contains(each); });
        return result;
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
        if (pair.doubted || pair.decides_otherwise || pair.bits < m_options.bits || !m_result.reason.empty())
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
                          : any(&pair_of_arrays::decides_otherwise)
                              ? "the sides decide by comparisons that change at different places, and so could differ "
                                "between them"
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

    void list_branches()
    {
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

    trial m_trial;
    const certify_options& m_options;
    certificate& m_result;
    branches m_branches;
    std::vector<pair_of_arrays> m_pairs;
    std::pair<std::uint64_t, drawn> m_difference_at;
    double m_digits = 17;
    std::size_t m_differing = 0; ///< how many arrays show it at the point of the counterexample
    bool m_revised = false;
    bool m_by_signs = false; ///< residues differed in signs, or could have
};

template <class T>
void require_pairs(std::span<const handle<T>> left, std::span<const handle<T>> right, const char* caller)
{
    if (left.size() != right.size())
    {
        throw error::shape_error(caller, "the left side has ", left.size(), " arrays and the right side ", right.size(),
                                 "; they are compared one by one.");
    }
    for (std::size_t i = 0; i < left.size(); ++i)
    {
        left[i].checked(caller);
        right[i].checked(caller);
        const shape_view a = variable<T>(left[i]).shape();
        const shape_view b = variable<T>(right[i]).shape();
        if (!(a == b))
        {
            throw error::shape_error(caller, "array ", i + 1, " has shape ", a, " on the left and ", b,
                                     " on the right; equal functions have equal shapes.");
        }
    }
}

template <class T>
std::string name_of(const handle<T>& of)
{
    return of.tape().name_of(of.index());
}

} // namespace

template <class T>
certificate certify(std::span<const handle<T>> left, std::span<const handle<T>> right, const char* caller,
                    const certify_options& options, const handle<T>& given)
{
    require_pairs(left, right, caller);
    std::vector<handle<T>> outputs(left.begin(), left.end());
    outputs.insert(outputs.end(), right.begin(), right.end());
    computation both(std::span<const handle<T>>(outputs), caller);

    if (!given.empty())
    {
        both.take_as_given(given);
    }

    certificate result;
    for (const computation::step& step : both.steps())
    {
        if (step.is == computation::leaf::variable)
        {
            const std::string name = left.front().tape().name_of(step.index);
            result.random_inputs.push_back(name.empty() ? "variable " + std::to_string(result.random_inputs.size() + 1)
                                                        : name);
        }
    }
    if (result.random_inputs.empty() && !options.free_constants)
    {
        throw error::value_error(caller, "neither side depends on a variable, so that there is nothing to draw; make "
                                         "the inputs variables, or let constants be free.");
    }
    for (std::size_t i = 0; i < left.size(); ++i)
    {
        certified_array array;
        array.name = !name_of(right[i]).empty()  ? name_of(right[i])
                     : !name_of(left[i]).empty() ? name_of(left[i])
                                                 : "#" + std::to_string(i + 1);
        if (options.formulas)
        {
            array.left_latex = to_latex(variable<T>(left[i]));
            array.right_latex = to_latex(variable<T>(right[i]));
        }
        result.arrays.push_back(array);
    }
    judge(both, options, result).run();
    return result;
}

template certificate certify(std::span<const handle<float>>, std::span<const handle<float>>, const char*,
                             const certify_options&, const handle<float>&);
template certificate certify(std::span<const handle<double>>, std::span<const handle<double>>, const char*,
                             const certify_options&, const handle<double>&);

} // namespace autograd::prove
