#pragma once

#include "autograd/prove/computation.hpp"
#include "autograd/prove/supposition.hpp"

#include <cstdint>
#include <functional>
#include <random>
#include <unordered_map>
#include <vector>

namespace autograd::prove
{

/// What decides at a point, where formulas branch.
enum class drawn
{
    nearby,         ///< numbers within a factor of those that were recorded, with the same signs
    anywhere,       ///< numbers of all signs and magnitudes: they come to branches that are not taken nearby
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

/// Which outcomes the comparisons of a recording have had, at all points: bit 0 for false, bit 1 for true.
struct branches
{
    /// By step, by comparison in its expression.
    std::vector<std::vector<std::uint8_t>> met;
    /// A root was taken of what may be the square of something whose sign is not known.
    bool sign_of_root = false;

    explicit branches(std::size_t steps) : met(steps) {}
    bool all_met() const;
    void merge(const branches& others);
};

/// A recording evaluated at a random point of the tower.
class point : public observer
{
public:
    struct options
    {
        std::uint64_t seed;
        drawn how = drawn::nearby;
        bool free_constants = false;
        bool keep_all = false; ///< the values of all steps, not of the outputs alone
        double scale = 1;      ///< of the numbers: nearby, beside what was recorded; 0 anywhere: as was recorded
        int signs = 0;         ///< of numbers drawn anywhere, of outcomes: 1 or -1 for all, 0 for both
        suppositions supposed{};
    };

    point(const computation& of, const options& o);

    /// Evaluates all steps. Throws unlucky_point, needs_a_level, and undecidable, with `at` at the step that threw.
    void run();

    const exact_array& operator[](std::size_t step) const { return m_values[step]; }

    /// \name What would be, of a point that keeps all values
    /// \{
    /// The value of a step if its operand k were another one.
    exact_array with_operand(std::size_t step, std::size_t k, const exact_array& other);
    /// The value of a step if it were applied to others.
    exact_array of_operands(std::size_t step, const std::vector<exact_array>& others);
    /// The value of an output if a step had another one.
    exact_array with_value(std::size_t step, const exact_array& other, std::size_t output);
    /// What is evaluated next counts as a part of this step.
    void look_at(std::size_t step) { m_at = step; }
    /// f of each element of a step.
    exact_array mapped(std::size_t step, const std::function<exact(const exact&)>& f);
    /// \}
    /// The step that is being evaluated; afterwards, the first one with a number that is none, or the last one.
    std::size_t at() const { return m_at; }
    const branches& its_branches() const { return m_branches; }
    /// Whether something depended on order: on a comparison, a step, the positions of a sort.
    bool asked() const { return m_asked; }
    /// Where outcomes are drawn: of how many questions.
    std::size_t questions() const { return m_drawn.size(); }

    void decided(bool outcome) override;
    bool supposes() const override;
    bool without_numbers() const override { return m_options.how == drawn::outcomes; }
    int sign(const residues& of, int by_number, int preferred) override;
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

    exact_array value_of(const computation::step& of);
    exact_array leaf(const computation::step& of);
    exact_array drawn_variable(const computation::step& of);
    exact_array elementwise(const computation::step& of);
    exact_array general(const computation::step& of);
    exact_array opaque(const computation::step& of);
    exact_array positions(const computation::step& of, std::vector<const exact_array*> operands);
    double drawn_number(double recorded, double recorded_scale);
    exact input(double number);
    bool is_drawn(std::uint64_t question);
    residues unknown_root(const residues& square);

    const computation& m_recording;
    options m_options;
    std::mt19937_64 m_random;
    std::vector<exact_array> m_values;
    std::vector<std::size_t> m_last_use;
    branches m_branches;
    bool m_asked = false;
    supposed_signs m_supposed;
    std::unordered_map<std::uint64_t, bool> m_drawn; ///< by question
    other_constants m_other_constants;
    std::mt19937_64 m_random_constants;
    std::size_t m_at = 0;
    std::size_t m_element = 0; ///< of the step
    std::size_t m_comparison = 0;
    std::unordered_map<double, exact> m_constants;
    std::unordered_map<std::uint64_t, known_root> m_roots;
};

} // namespace autograd::prove
