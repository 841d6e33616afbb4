#pragma once

#include "autograd/prove/claim.hpp"
#include "autograd/prove/trial.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <vector>

namespace autograd::prove
{

/// A point that was evaluated: its numbers, and what they answered.
struct met_point
{
    std::shared_ptr<const drawn_numbers> numbers;
    answered answers;
};

/// A question with the outcome that was drawn for it; an arrangement has none.
struct drawn_outcome
{
    question of;
    std::optional<double> value;

    /// Whether two answers are on different sides of it.
    bool parts(double one, double other) const
    {
        return value ? (one < *value) != (other < *value) || (one <= *value) != (other <= *value) : one != other;
    }
    friend auto operator<=>(const drawn_outcome&, const drawn_outcome&) = default;
};

/// Random numbers do not come everywhere: between 0 and 1e-9, to where twenty units are on at once. So where anything
/// depends on order, its outcomes are drawn, the same ones for both sides. What is equal all the same is equal whatever
/// is compared. What is not may be so because outcomes contradict each other (a > b > c > a), or because a case is
/// seldom met. The line between two points of different outcomes leads to it: where it crosses the threshold in
/// question, numbers decide, on both sides, as near as they can. Then they decide once more with other constants, which
/// are far from each other; and only if one or two outcomes make the difference: more together are too seldom met.
class seldom_met
{
public:
    /// Judges a point of given numbers, and tells what they answered; nothing where it cannot be evaluated, or where
    /// nothing more needs to be known.
    using look = std::function<std::optional<answered>(const std::shared_ptr<const drawn_numbers>&)>;

    seldom_met(trial& of, std::vector<claim> claims, const std::vector<met_point>& met, look at);

    /// Looks for where these pairs could differ.
    void search(const std::vector<bool>& pairs);

    /// Whether a pair could differ where no number came.
    bool may_differ(std::size_t pair) const { return m_may_differ[pair]; }
    /// Whether equality of any pair depends on order.
    bool depends_on_order() const { return m_depends_on_order; }
    /// What matters to equality, and had one answer only.
    const std::set<question>& answered_always_alike() const { return m_always_alike; }
    /// What matters to the equality of those that could differ, as far as it was found.
    const std::set<question>& in_question() const { return m_in_question; }
    const branches& its_branches() const { return m_branches; }

private:
    using entries = std::vector<std::size_t>;
    struct unequal_entries_of
    {
        std::vector<entries> by_pair;
        std::vector<question> questions;
    };

    std::vector<bool> parting(std::vector<bool> these, drawn how, std::uint64_t points);
    std::optional<std::vector<bool>> unequal_at(const std::vector<bool>& these, std::uint64_t n, drawn how,
                                                suppositions supposed = {});
    std::vector<entries> unequal_of(const point& at, const std::vector<bool>& these) const;
    std::optional<std::set<drawn_outcome>> outcomes_together(std::size_t pair, std::uint64_t n);
    bool cross_thresholds(std::size_t pair);
    void cross_threshold(const drawn_outcome& of, const std::set<drawn_outcome>& together);
    bool cross_from_where_it_matters(const drawn_outcome& of, const std::set<drawn_outcome>& together);
    bool narrow(const drawn_outcome& of, met_point one, met_point other);
    bool spend();

    trial& m_trial;
    std::vector<claim> m_claims;
    const std::vector<met_point>& m_met;
    look m_look;
    branches m_branches;
    std::vector<bool> m_may_differ;
    std::set<std::pair<drawn_outcome, std::set<drawn_outcome>>> m_crossed;
    std::set<question> m_always_alike;
    std::set<question> m_in_question;
    std::vector<question> m_questions; ///< of the last point whose outcomes were drawn
    answered m_drawn_values;           ///< there
    double m_cost = 0;                 ///< elements that one evaluation takes
    double m_left = 3e7;               ///< elements that may be evaluated: some seconds
    bool m_depends_on_order = false;
};

} // namespace autograd::prove
