#pragma once

#include "autograd/prove/certify.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

/// Tables of three columns: a formula of the article, the tape's, and whether they are the same function.
namespace article
{

struct formula
{
    std::string name;                      ///< "dL/dw"
    std::string article;                   ///< as the article has it, in LaTeX
    autograd::variable<double> by_article; ///< the same, recorded
    autograd::variable<double> by_tape;
};

class certified_table
{
public:
    explicit certified_table(std::string title) : m_title(std::move(title)) {}

    /// Certifies the formulas at one more size, with a number of samples, "N". The tape's formulas are shown as they
    /// are at the first size; all others must have the same rows.
    void add(const std::string& size, std::size_t samples, const std::vector<formula>& formulas);

    /// What holds for a row at all sizes: "CERTIFIED EQUAL UP TO THE FACTOR N" where the factor follows the number of
    /// samples. The article's formula is the factor times the tape's.
    std::string verdict(std::size_t row) const;

    /// The table; what the verdicts are worth; and of each row that is not equal, why not.
    std::string text() const;
    /// The names and the verdicts alone.
    std::string verdicts() const;
    /// A section of latex_document().
    std::string latex() const;

private:
    /// Of all formulas together, else one by one.
    void certify(const std::vector<formula>& formulas, bool suggest);

    struct row
    {
        std::string name;
        std::string article;
        std::string tape;
        std::vector<autograd::certificate> certificates; ///< one for each size
    };

    /// "1" of what is equal; nothing where it changes otherwise than with the number of samples.
    std::optional<std::string> factor_at_all_sizes(const std::vector<autograd::certificate>& found) const;
    /// "for all values of w, x, and all else as recorded; at the sizes ...; wrong with a probability of at most ...",
    /// where `power` is how 2^-k is written.
    std::string what_it_is_worth(const char* power) const;
    std::string why_not() const;

    std::string m_title;
    std::vector<std::string> m_sizes;
    std::vector<std::size_t> m_samples;
    std::vector<row> m_rows;
};

/// A whole document: an introduction in LaTeX, and the tables.
std::string latex_document(const std::vector<certified_table>& tables, const std::string& introduction = "");

} // namespace article
