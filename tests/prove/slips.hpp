#pragma once

#include "tests/prove/random_formulas.hpp"

#include <array>
#include <functional>

namespace support
{

/// What goes wrong when a gradient is derived by hand.
enum class slip
{
    none,
    wrong_sign,
    factor_two,
    factor_of_samples,
    missing_transpose,
    one_minus_value,           ///< 1 - a for 1 - a^2
    value_times_one_minus,     ///< a (1 - a) for 1 - a^2
    slope_at_value,            ///< f'(f(z)) for f'(z)
    missing_term,              ///< of a sum
    dropped_regularisation,    ///< W^T W forgotten
    unscaled_regularisation,   ///< W for lambda W
    probabilities_only,        ///< p for p - onehot
    wrong_operand,             ///< x for y
    swapped_quotient,          ///< b / a for a / b
    exponent_not_lowered,      ///< n x^n for n x^(n-1)
    wrong_axis,                ///< rows for columns
    mean_for_sum,              ///<
    wrong_label,               ///< of the neighbouring class
    cosine_for_minus_sine,     ///<
    logarithm_without_the_one, ///< log for log1p
    forgotten_square           ///< x for x^2
};

inline constexpr std::array<const char*, 21> names_of_slips{"none",
                                                            "a wrong sign",
                                                            "a factor 2",
                                                            "a factor N",
                                                            "a missing transpose",
                                                            "1 - a for 1 - a^2",
                                                            "a (1 - a) for 1 - a^2",
                                                            "the slope at the value",
                                                            "a missing term",
                                                            "a dropped regularisation",
                                                            "an unscaled regularisation",
                                                            "p for p - onehot",
                                                            "a wrong operand",
                                                            "a quotient swapped",
                                                            "an exponent not lowered",
                                                            "a sum over the wrong axis",
                                                            "a mean for a sum",
                                                            "a wrong label",
                                                            "cos for -sin",
                                                            "log for log1p",
                                                            "a square forgotten"};

/// A step of a formula, with one slip.
struct wrong_step
{
    slip kind;
    std::function<variable()> formula;
    bool possible = true; ///< where shapes decide
    double factor = 0;    ///< by which the right step has to be multiplied to be the wrong one; 0 if there is none
};

/// Somebody who derives formulas by hand, step by step, and makes at most one slip: in the nth of the steps that it can
/// be made in.
class hand
{
public:
    hand(autograd::tape<double>& on, slip makes, std::size_t at_place)
        : m_tape(on), m_makes(makes), m_at_place(at_place)
    {
    }

    /// Of how many samples the loss is a mean.
    void has_samples(std::size_t n) { m_samples = static_cast<double>(n); }

    /// The right formula of a step, or a wrong one. Any step can have a wrong sign or factor.
    variable step(variable right, const std::vector<wrong_step>& wrong = {})
    {
        std::vector<wrong_step> all = wrong;
        const auto times = [&](slip kind, double factor)
        {
            const auto formula = [this, right, factor]
            {
                const typename autograd::tape<double>::as_if_at here(m_tape, m_tape[right.index()].where());
                return factor == -1 ? -right : factor * right;
            };
            all.push_back({kind, formula, true, factor});
        };
        times(slip::wrong_sign, -1);
        times(slip::factor_two, 2);
        times(slip::factor_of_samples, m_samples);
        variable result = right;
        for (const wrong_step& each : all)
        {
            if (each.kind == m_makes && each.possible && m_places++ == m_at_place)
            {
                result = record(each);
            }
        }
        return result;
    }

    /// At how many places the slip could have been made.
    std::size_t places() const { return m_places; }
    /// Whether it was made at this line.
    bool slipped_at(const autograd::location& where) const
    {
        return where && m_file == where.file && m_first_line <= where.line && where.line <= m_last_line;
    }
    std::int64_t line() const { return m_last_line; }
    double factor() const { return m_factor; }

private:
    variable record(const wrong_step& wrong)
    {
        const auto before = static_cast<std::uint32_t>(m_tape.size());
        const variable result = wrong.formula();
        m_file = m_tape[result.index()].where().file;
        m_first_line = m_last_line = m_tape[result.index()].where().line;
        for (std::uint32_t i = before; i < m_tape.size(); ++i)
        {
            m_first_line = std::min(m_first_line, m_tape[i].where().line);
            m_last_line = std::max(m_last_line, m_tape[i].where().line);
        }
        m_factor = wrong.factor;
        return result;
    }

    autograd::tape<double>& m_tape;
    slip m_makes;
    std::size_t m_at_place;
    std::size_t m_places = 0;
    double m_samples = 5;
    std::string m_file;
    std::int64_t m_first_line = 0;
    std::int64_t m_last_line = 0;
    double m_factor = 0;
};

} // namespace support
