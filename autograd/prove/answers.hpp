#pragma once

#include "autograd/prove/exact.hpp"
#include "autograd/prove/supposition.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <unordered_map>
#include <vector>

namespace autograd::prove
{

/// What decides at a point, where formulas branch.
enum class drawn
{
    nearby,         ///< numbers within a factor of those that were recorded, with the same signs
    anywhere,       ///< numbers of all signs and magnitudes: they come to branches that are not taken nearby
    given,          ///< numbers that somebody gives
    outcomes,       ///< nothing: the outcomes of comparisons are drawn, and the same comparison has the same one
    other_constants ///< numbers as anywhere, with others in the place of constants, so that thresholds are far apart
};

/// The signs of roots of what is not known to be a square.
enum class root_signs
{
    as_they_come,
    other,
    other_in_the_lowest_level
};

/// Of points whose outcomes are drawn.
struct suppositions
{
    root_signs roots = root_signs::as_they_come;
    /// Which questions have drawn outcomes, by their number; the others have those of numbers. All, if this is empty.
    std::function<bool(std::size_t)> drawn;
};

/// Where something was asked that depends on order: the nth time, of an element of a step.
struct question
{
    std::size_t step;
    std::size_t element;
    std::size_t n;

    friend auto operator<=>(const question&, const question&) = default;
};

/// What numbers answered: a sign, an integer, the name of an arrangement.
using answered = std::map<question, double>;

/// Which outcomes the comparisons of a recording have had, at all points.
struct branches
{
    static constexpr std::uint8_t no = 1, yes = 2, both = 3;
    static constexpr std::uint8_t of_integers = 4; ///< of what is constant at a point, and depends on it

    /// By step, by comparison in its expression.
    std::vector<std::vector<std::uint8_t>> met;
    /// A root was taken of what may be the square of something whose sign is not known.
    bool sign_of_root = false;

    explicit branches(std::size_t steps) : met(steps) {}
    void merge(const branches& others);
};

/// What a point answers to the expressions that are evaluated at it, and what it notes of their questions.
class answers : public observer
{
public:
    struct options
    {
        drawn how;
        int signs; ///< of outcomes that are drawn: 1 or -1 for all, 0 for both
        suppositions supposed;
        std::uint64_t seed;
        bool in_float;                  ///< constants are rounded to float
        std::vector<double> integers{}; ///< that functions with jumps may have, besides small ones
    };

    answers(std::size_t steps, const options& o);

    /// What is evaluated next counts as a part of this step, and of this element of it.
    void look_at(std::size_t step);
    void look_at_element(std::size_t element);
    /// Whether an operand is constant at this point, and depends on it: floor, argmax, counts.
    void look_at_integers(bool any) { m_of_integers = any; }
    /// Elements of the step were compared with each other in all their places: their comparisons count as one.
    void count_comparisons_as_one();

    const branches& its_branches() const { return m_branches; }
    /// Whether something depended on order: on a comparison, a step, the positions of a sort.
    bool asked() const { return m_asked; }
    /// Where outcomes are drawn: the questions, in the order in which they were asked first.
    const std::vector<question>& questions() const { return m_questions; }
    /// The outcomes that were drawn: signs, values of functions with jumps.
    const answered& drawn_values() const { return m_drawn_values; }
    /// Where numbers answer: what they did.
    const answered& by_numbers() const { return m_by_numbers; }
    /// Something depends on order that is no comparison of this step's elements, positions; whether they are drawn.
    bool asks_for_positions(std::uint64_t key);
    /// The positions that numbers gave.
    void note_positions(const std::vector<std::int64_t>& positions);
    /// A step is an unknown function, of which nothing is asked. \{
    void note_unknown(std::size_t step) { m_unknown.insert(step); }
    const std::set<std::size_t>& unknown() const { return m_unknown; }
    /// \}

    void decided(bool outcome) override;
    void stepped(double value) override;
    bool supposes() const override;
    bool without_numbers() const override { return m_options.how == drawn::outcomes; }
    int sign(const residues& of, int by_number, int preferred) override;
    int sign_of_integers(const residues& difference, int by_number) override;
    std::optional<double> step(unsigned k, const residues& x) override;
    double beside_variables(double constant) override;
    exact constant(double number) override;
    void squared(const residues& square, const residues& x, bool negative) override;
    residues root(const residues& square) override;

private:
    struct known_root
    {
        scalar root;
        bool negative;
    };

    struct known_step
    {
        unsigned k;
        residues x;
        double value;
    };

    residues unknown_root(const residues& square);
    /// The value of a step whose argument is another one's and an integer.
    std::optional<double> known_value(unsigned k, const residues& x) const;
    /// Counts a question.
    void ask();
    /// Whether the outcome of this question is drawn.
    bool is_drawn(std::uint64_t key);
    /// What numbers answered the question that was asked last.
    void note_answer(double answer);

    options m_options;
    std::size_t m_step = 0;
    std::size_t m_element = 0;
    std::size_t m_comparison = 0;
    std::size_t m_asked_here = 0;
    std::size_t m_asked_before = 0; ///< when a comparison was decided last
    bool m_of_integers = false;
    question m_last{};
    branches m_branches;
    bool m_asked = false;
    supposed_signs m_supposed;
    std::unordered_map<std::uint64_t, bool> m_drawn; ///< by what is asked
    std::vector<question> m_questions;
    answered m_by_numbers;
    answered m_drawn_values;
    std::set<std::size_t> m_unknown;
    std::vector<known_step> m_steps;
    std::pair<unsigned, residues> m_last_step;
    other_constants m_other_constants;
    std::mt19937_64 m_random_constants;
    std::unordered_map<double, exact> m_constants;
    std::unordered_map<std::uint64_t, known_root> m_roots;
};

} // namespace autograd::prove
