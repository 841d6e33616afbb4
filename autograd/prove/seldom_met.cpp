#include "autograd/prove/seldom_met.hpp"

#include <algorithm>
#include <functional>
#include <limits>

namespace autograd::prove
{

namespace
{

constexpr std::uint64_t points_of_outcomes = 64; // a mixture of three is missed once in some thousands of times
constexpr std::uint64_t points_of_constants = 64;
constexpr std::size_t met_together = 2; // outcomes that are seldom met one by one, but are

bool any(const std::vector<bool>& of)
{
    return std::find(of.begin(), of.end(), true) != of.end();
}

} // namespace

seldom_met::seldom_met(trial& of, std::vector<claim> claims, const std::vector<met_point>& met, look at)
    : m_trial(of),
      m_claims(std::move(claims)),
      m_met(met),
      m_look(std::move(at)),
      m_branches(of.of().steps().size()),
      m_may_differ(m_claims.size())
{
    for (const computation::step& step : of.of().steps())
    {
        m_cost += static_cast<double>(element_count(step.shape)) + 1;
    }
}

void seldom_met::search(const std::vector<bool>& pairs)
{
    const std::vector<bool> by_order = parting(pairs, drawn::outcomes, points_of_outcomes);
    m_depends_on_order = any(by_order);
    std::vector<bool> by_many(m_claims.size());
    for (std::size_t i = 0; i < m_claims.size(); ++i)
    {
        by_many[i] = by_order[i] && !cross_thresholds(i);
    }
    const std::vector<bool> parted = parting(by_order, drawn::other_constants, points_of_constants);
    for (std::size_t i = 0; i < m_claims.size(); ++i)
    {
        m_may_differ[i] = parted[i] || by_many[i];
    }
}

/// Which of these pairs are unequal at such points, or cannot be evaluated there.
std::vector<bool> seldom_met::parting(std::vector<bool> these, drawn how, std::uint64_t points)
{
    std::vector<bool> result(m_claims.size());
    std::uint64_t evaluated = 0;
    for (std::uint64_t n = 0; n < points && any(these); ++n)
    {
        const auto unequal = unequal_at(these, n, how);
        evaluated += unequal ? 1 : 0;
        for (std::size_t i = 0; unequal && i < m_claims.size(); ++i)
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

/// Which of these pairs are unequal at a point, whatever the signs of unknown roots; nothing if it cannot be evaluated.
std::optional<std::vector<bool>> seldom_met::unequal_at(const std::vector<bool>& these, std::uint64_t n, drawn how,
                                                        suppositions supposed)
{
    std::vector<entries> unequal;
    bool signs_matter = false;
    const auto is_empty = [](const entries& of) { return of.empty(); };
    const auto look_there = [&](const point& at)
    {
        if (how == drawn::other_constants)
        {
            m_trial.require_numbers(at);
            m_branches.merge(at.its_answers().its_branches());
        }
        signs_matter = at.its_answers().its_branches().sign_of_root;
        m_questions = at.its_answers().questions();
        m_drawn_values = at.its_answers().drawn_values();
        unequal = unequal_of(at, these);
    };
    const auto look_again = [&](const point& at)
    {
        const std::vector<entries> there = unequal_of(at, these);
        for (std::size_t i = 0; i < m_claims.size(); ++i)
        {
            const auto last = std::remove_if(unequal[i].begin(), unequal[i].end(),
                                             [&](std::size_t entry)
                                             { return !std::binary_search(there[i].begin(), there[i].end(), entry); });
            unequal[i].erase(last, unequal[i].end());
        }
    };
    try
    {
        bool evaluated = m_trial.at_point({n, how}, false, look_there, supposed);
        for (const root_signs signs : {root_signs::other, root_signs::other_in_the_lowest_level})
        {
            supposed.roots = signs;
            const bool is_in_question = signs_matter && !std::all_of(unequal.begin(), unequal.end(), is_empty);
            evaluated = evaluated && (!is_in_question || m_trial.at_point({n, how}, false, look_again, supposed));
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
    std::vector<bool> result(m_claims.size());
    std::transform(unequal.begin(), unequal.end(), result.begin(), std::not_fn(is_empty));
    return result;
}

/// By pair, the entries that are unequal at a point.
std::vector<seldom_met::entries> seldom_met::unequal_of(const point& at, const std::vector<bool>& these) const
{
    std::vector<entries> result(m_claims.size());
    for (std::size_t i = 0; i < m_claims.size(); ++i)
    {
        if (these[i])
        {
            result[i] = unequal_entries(at[m_trial.left(i)], arrays_of(at, m_claims[i].terms), m_claims[i].factors);
        }
    }
    return result;
}

/// The outcomes that together, other than numbers have them, make a pair unequal at a point; one more than matters
/// stands for more. Nothing where it is equal with all of them, or unequal without. By bisection: the last of the
/// fewest first questions is one of them, and so on.
std::optional<std::set<drawn_outcome>> seldom_met::outcomes_together(std::size_t pair, std::uint64_t n)
{
    std::vector<bool> it(m_claims.size());
    it[pair] = true;
    std::set<std::size_t> together;
    const auto differs_with = [&](std::size_t first)
    {
        const auto drawn_questions = [&](std::size_t k) { return k < first || together.contains(k); };
        const auto unequal = unequal_at(it, n, drawn::outcomes, {root_signs::as_they_come, drawn_questions});
        return !unequal || (*unequal)[pair];
    };
    if (differs_with(0) || !differs_with(std::numeric_limits<std::size_t>::max()))
    {
        return std::nullopt;
    }
    const std::vector<question> questions = m_questions;
    const answered values = m_drawn_values;
    std::set<drawn_outcome> result;
    while (together.size() <= met_together && !differs_with(0))
    {
        std::size_t equal = 0;
        std::size_t different = questions.size();
        while (different - equal > 1)
        {
            const std::size_t middle = equal + (different - equal) / 2;
            (differs_with(middle) ? different : equal) = middle;
        }
        if (!together.insert(different - 1).second)
        {
            return std::nullopt;
        }
        const question& found = questions[different - 1];
        const auto value = values.find(found);
        result.insert({found, value == values.end() ? std::nullopt : std::optional(value->second)});
    }
    return result;
}

// --------------------------------------------------------------------------------------------------------- thresholds

/// Whether an evaluation more may be afforded.
bool seldom_met::spend()
{
    m_left -= m_cost;
    return m_left > 0;
}

/// Crosses the thresholds that make a pair unequal where outcomes are drawn. False if it is too many together, mostly,
/// that do.
bool seldom_met::cross_thresholds(std::size_t pair)
{
    int points_of_few = 0;
    int points_of_many = 0;
    for (std::uint64_t n = 0; n < points_of_outcomes && spend(); ++n)
    {
        const auto together = outcomes_together(pair, n);
        if (!together)
        {
            continue;
        }
        const bool are_few = together->size() <= met_together;
        (are_few ? points_of_few : points_of_many) += 1;
        for (const drawn_outcome& each : *together)
        {
            m_in_question.insert(each.of);
            if (are_few && m_crossed.insert({each, *together}).second)
            {
                cross_threshold(each, *together);
            }
        }
    }
    return points_of_few > 0 && points_of_few >= points_of_many;
}

namespace
{

/// Whether a point has these outcomes, but for that of one question.
bool has(const met_point& at, const std::set<drawn_outcome>& outcomes, const question& but)
{
    return std::all_of(outcomes.begin(), outcomes.end(),
                       [&](const drawn_outcome& each)
                       {
                           const auto found = at.answers.find(each.of);
                           return each.of == but ||
                                  (found != at.answers.end() && (!each.value || found->second == *each.value));
                       });
}

} // namespace

/// Looks on both sides of where a question gets another answer, between points that were met: first between such that
/// have the other outcomes with which it matters.
void seldom_met::cross_threshold(const drawn_outcome& of, const std::set<drawn_outcome>& together)
{
    constexpr std::size_t most_lines = 4;
    std::size_t lines = 0;
    bool alike = true;
    for (const bool with_others : {true, false})
    {
        if (!with_others && lines == 0 && together.size() > 1)
        {
            lines += cross_from_where_it_matters(of, together) ? 1 : 0;
        }
        for (std::size_t i = 1; i < m_met.size() && lines < most_lines; ++i)
        {
            const auto here = m_met[i].answers.find(of.of);
            if (here == m_met[i].answers.end() || has(m_met[i], together, of.of) != with_others)
            {
                continue;
            }
            for (std::size_t j = 0; j < i; ++j)
            {
                const auto there = m_met[j].answers.find(of.of);
                const bool is_line = there != m_met[j].answers.end() && of.parts(here->second, there->second);
                alike = alike && !is_line;
                if (is_line && has(m_met[j], together, of.of) == with_others)
                {
                    lines += narrow(of, m_met[i], m_met[j]) ? 1 : 0;
                    break;
                }
            }
        }
    }
    if (alike)
    {
        m_always_alike.insert(of.of);
    }
}

/// Where no two points have the other outcomes: from one that does, with one input at a time as it is at another point.
bool seldom_met::cross_from_where_it_matters(const drawn_outcome& of, const std::set<drawn_outcome>& together)
{
    int tries = 64;
    for (const met_point& from : m_met)
    {
        const auto here = from.answers.find(of.of);
        for (auto to = m_met.begin(); here != from.answers.end() && has(from, together, of.of) && to != m_met.end();
             ++to)
        {
            const auto there = to->answers.find(of.of);
            const bool is_line = there != to->answers.end() && of.parts(here->second, there->second);
            for (std::size_t input = 0; is_line && input < from.numbers->size(); ++input)
            {
                if ((*from.numbers)[input].empty() || --tries < 0 || !spend())
                {
                    continue;
                }
                auto mixed = std::make_shared<drawn_numbers>(*from.numbers);
                (*mixed)[input] = (*to->numbers)[input];
                const auto found = m_look(mixed);
                const auto answer = found ? found->find(of.of) : answered::const_iterator();
                if (found && answer != found->end() && of.parts(here->second, answer->second) &&
                    has({mixed, *found}, together, of.of) && narrow(of, from, {mixed, *found}))
                {
                    return true;
                }
            }
        }
    }
    return false;
}

namespace
{

/// Between two points; null if there is no number between them.
std::shared_ptr<const drawn_numbers> between(const drawn_numbers& one, const drawn_numbers& other)
{
    auto result = std::make_shared<drawn_numbers>(one);
    bool is_new = false;
    for (std::size_t step = 0; step < one.size(); ++step)
    {
        for (std::size_t i = 0; i < one[step].size(); ++i)
        {
            double& middle = (*result)[step][i];
            middle = std::midpoint(one[step][i], other[step][i]);
            is_new = is_new || (middle != one[step][i] && middle != other[step][i]);
        }
    }
    return is_new ? result : nullptr;
}

} // namespace

/// Halves the line between two points of different answers, as far as numbers go. Whether it came near.
bool seldom_met::narrow(const drawn_outcome& of, met_point one, met_point other)
{
    constexpr int most_halves = 160; // towards a threshold at 0 there are more numbers
    constexpr int near = 8;
    int halves = 0;
    for (; halves < most_halves && spend(); ++halves)
    {
        const auto middle = between(*one.numbers, *other.numbers);
        const auto found = middle ? m_look(middle) : std::nullopt;
        const auto answer = found ? found->find(of.of) : answered::const_iterator();
        if (!found || answer == found->end())
        {
            break;
        }
        met_point& end = of.parts(answer->second, one.answers.at(of.of)) ? other : one;
        end = {middle, *found};
    }
    return halves >= near;
}

} // namespace autograd::prove
