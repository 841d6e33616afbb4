#include "examples/article/certified_table.hpp"

#include "autograd/display/latex.hpp"
#include "autograd/prove/sizes.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <sstream>

namespace article
{

namespace
{

using autograd::certificate;
using autograd::verdict;

std::vector<std::string> words_of(const std::string& text)
{
    std::istringstream stream(text);
    std::vector<std::string> words;
    for (std::string word; stream >> word;)
    {
        words.push_back(word);
    }
    return words;
}

void replace_all(std::string& in, const std::string& from, const std::string& to)
{
    for (std::size_t at = in.find(from); at != std::string::npos; at = in.find(from, at + to.size()))
    {
        in.replace(at, from.size(), to);
    }
}

/// The lines of an aligned formula as lines of text.
std::string without_alignment(std::string latex)
{
    for (const char* layout : {"\\begin{aligned}\n", "\n\\end{aligned}", " \\\\\n\\text{where}\\quad"})
    {
        const bool is_where = std::string(layout).ends_with("quad");
        replace_all(latex, layout, is_where ? "\n\\text{where}" : "");
    }
    replace_all(latex, " \\\\\n", "\n");
    replace_all(latex, " &= ", " = ");
    return latex;
}

/// Broken between words into lines of at most `width` characters, if the words allow it; what follows is indented more.
std::vector<std::string> wrapped(const std::string& text, std::size_t width)
{
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string whole; std::getline(stream, whole);)
    {
        const std::string indent(std::min(whole.find_first_not_of(' '), whole.size()), ' ');
        std::string line = indent;
        bool has_words = false;
        for (const std::string& word : words_of(whole))
        {
            if (has_words && line.size() + 1 + word.size() > width)
            {
                lines.push_back(line);
                line = indent + "  ";
                has_words = false;
            }
            line += (has_words ? " " : "") + word;
            has_words = true;
        }
        lines.push_back(line);
    }
    return lines;
}

/// Rows of three cells, of several lines each.
class text_columns
{
public:
    void add(const std::string& first, const std::string& second, const std::string& third)
    {
        m_rows.push_back({wrapped(first, widest), wrapped(second, widest), {third}});
    }

    std::string text() const
    {
        std::string lines;
        for (const auto& cells : m_rows)
        {
            const std::size_t height = std::max(cells[0].size(), cells[1].size());
            for (std::size_t i = 0; i < height; ++i)
            {
                std::string line = fmt::format("{:<{}}  {:<{}}  {}", at(cells[0], i), width_of(0), at(cells[1], i),
                                               width_of(1), at(cells[2], i));
                line.erase(line.find_last_not_of(' ') + 1);
                lines += line + "\n";
            }
        }
        return lines;
    }

private:
    static std::string at(const std::vector<std::string>& lines, std::size_t i)
    {
        return i < lines.size() ? lines[i] : "";
    }
    /// What cannot be broken stands out.
    std::size_t width_of(std::size_t column) const
    {
        std::size_t width = 0;
        for (const auto& cells : m_rows)
        {
            for (const std::string& line : cells[column])
            {
                width = line.size() > widest ? width : std::max(width, line.size());
            }
        }
        return width;
    }

    static constexpr std::size_t widest = 56;
    std::vector<std::array<std::vector<std::string>, 3>> m_rows;
};

bool is_equality(const certificate& c)
{
    return c.outcome == verdict::equal || c.outcome == verdict::equal_up_to_factor;
}

std::string factor_of(const certificate& c)
{
    return c.outcome == verdict::equal ? "1" : c.arrays[0].factor;
}

autograd::certify_options options(bool suggest)
{
    autograd::certify_options o;
    o.formulas = false;
    o.suggest = suggest;
    return o;
}

/// The article's formula as a multiple of the tape's; where it is none, what is wrong with the article's.
certificate certify(const formula& of, bool suggest)
{
    const certificate result = certify_equal(of.by_article, of.by_tape, options(false));
    return is_equality(result) ? result : certify_equal(of.by_tape, of.by_article, options(suggest));
}

/// The certificate of one of several arrays that are equal.
certificate part_of(const certificate& all, std::size_t i)
{
    certificate result = all;
    result.arrays = {all.arrays[i]};
    result.outcome = all.arrays[i].outcome;
    return result;
}

/// As it is, in LaTeX, in lines that fit a page.
std::string verbatim(const std::string& text)
{
    constexpr std::size_t width = 150;
    return text.empty()
               ? ""
               : fmt::format("\\begin{{verbatim}}{}\n\\end{{verbatim}}\n", fmt::join(wrapped(text, width), "\n"));
}

std::string indented(const std::string& text)
{
    std::string result;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
    {
        result += "  " + line + "\n";
    }
    return result;
}

} // namespace

void certified_table::add(const std::string& size, std::size_t samples, const std::vector<formula>& formulas)
{
    const bool is_first = m_rows.empty();
    m_sizes.push_back(size);
    m_samples.push_back(samples);
    for (std::size_t i = 0; i < formulas.size() && is_first; ++i)
    {
        const formula& of = formulas[i];
        m_rows.push_back({of.name, of.article, to_latex(of.by_tape, {.definitions = false}), {}});
    }
    certify(formulas, is_first);
}

void certified_table::certify(const std::vector<formula>& formulas, bool suggest)
{
    std::vector<autograd::variable<double>> by_article;
    std::vector<autograd::variable<double>> by_tape;
    for (const formula& of : formulas)
    {
        by_article.push_back(of.by_article);
        by_tape.push_back(of.by_tape);
    }
    // What they have in common is evaluated once.
    const certificate together = certify_equal(by_article, by_tape, options(false));
    for (std::size_t i = 0; i < formulas.size(); ++i)
    {
        m_rows.at(i).certificates.push_back(is_equality(together) ? part_of(together, i)
                                                                  : article::certify(formulas[i], suggest));
    }
}

std::string certified_table::verdict(std::size_t i) const
{
    const std::vector<certificate>& found = m_rows.at(i).certificates;
    const auto is_other = [&](const certificate& c)
    { return is_equality(c) != is_equality(found[0]) || (!is_equality(c) && c.outcome != found[0].outcome); };
    const auto other = std::find_if(found.begin(), found.end(), is_other);
    if (other != found.end())
    {
        return fmt::format("{} at {}, {} at {}", to_text(found[0].outcome), m_sizes[0], to_text(other->outcome),
                           m_sizes[static_cast<std::size_t>(other - found.begin())]);
    }
    if (!is_equality(found[0]))
    {
        return to_text(found[0].outcome);
    }
    const std::optional<std::string> factor = factor_at_all_sizes(found);
    return !factor          ? "CERTIFIED EQUAL UP TO A FACTOR, another at each size"
           : *factor == "1" ? to_text(verdict::equal)
                            : "CERTIFIED EQUAL UP TO THE FACTOR " + *factor;
}

std::optional<std::string> certified_table::factor_at_all_sizes(const std::vector<certificate>& found) const
{
    std::vector<std::string> factors;
    std::transform(found.begin(), found.end(), std::back_inserter(factors), factor_of);
    return autograd::prove::factor_in_terms_of_size(factors, m_samples);
}

std::string certified_table::what_it_is_worth(const char* power) const
{
    double bits = 0;
    bool by_conjecture = false;
    std::vector<std::string> inputs;
    for (const row& each : m_rows)
    {
        for (const certificate& c : each.certificates)
        {
            bits = is_equality(c) && (bits == 0 || c.bits < bits) ? c.bits : bits;
            by_conjecture = by_conjecture || c.by_conjecture;
            for (const std::string& input : c.random_inputs)
            {
                if (std::find(inputs.begin(), inputs.end(), input) == inputs.end())
                {
                    inputs.push_back(input);
                }
            }
        }
    }
    return fmt::format(
        "for all values of {}, with all else as recorded; at {};\n"
        "each equality is wrong with a probability of at most {}{}",
        fmt::join(inputs, ", "), fmt::join(m_sizes, "; "), fmt::format(fmt::runtime(power), std::floor(bits)),
        by_conjecture ? ", if exponentials of different exponents behave like independent variables" : "");
}

std::string certified_table::why_not() const
{
    std::string text;
    for (const row& each : m_rows)
    {
        for (std::size_t k = 0; k < m_sizes.size(); ++k)
        {
            if (!is_equality(each.certificates[k]))
            {
                text += fmt::format("\n{}, {}:\n{}", each.name, m_sizes[k], indented(to_text(each.certificates[k])));
                break;
            }
        }
    }
    return text;
}

std::string certified_table::text() const
{
    text_columns columns;
    columns.add("the article's", "the tape's", "");
    for (std::size_t i = 0; i < m_rows.size(); ++i)
    {
        columns.add(m_rows[i].article, without_alignment(m_rows[i].tape), verdict(i));
    }
    return fmt::format("{}\n\n{}\n({})\n{}", m_title, columns.text(), what_it_is_worth("2^-{}"), why_not());
}

std::string certified_table::verdicts() const
{
    std::string lines;
    for (std::size_t i = 0; i < m_rows.size(); ++i)
    {
        lines += fmt::format("{:<10} {}\n", m_rows[i].name, verdict(i));
    }
    return fmt::format("{}\n\n{}", m_title, lines);
}

std::string certified_table::latex() const
{
    const auto escaped = [](std::string text)
    {
        replace_all(text, "_", "\\_");
        return text;
    };
    std::string rows;
    for (std::size_t i = 0; i < m_rows.size(); ++i)
    {
        rows += fmt::format("$\\displaystyle {}$ &\n$\\displaystyle {}$ &\n{} \\\\[2ex]\n", m_rows[i].article,
                            m_rows[i].tape, escaped(verdict(i)));
    }
    return fmt::format("\\section*{{{}}}\n\\begin{{longtable}}{{llp{{4cm}}}}\nthe article's & the tape's & \\\\\n"
                       "\\hline\n\\noalign{{\\vskip 1.5ex}}\n\\endhead\n{}\\end{{longtable}}\n\\noindent({})\n{}",
                       m_title, rows, escaped(what_it_is_worth("$2^{{-{}}}$")), verbatim(why_not()));
}

std::string latex_document(const std::vector<certified_table>& tables, const std::string& introduction)
{
    std::string sections;
    for (const certified_table& table : tables)
    {
        sections += table.latex();
    }
    return fmt::format("\\documentclass{{article}}\n\\usepackage{{amsmath}}\n\\usepackage{{longtable}}\n"
                       "\\usepackage[landscape, margin=1.5cm]{{geometry}}\n\\begin{{document}}\n\\footnotesize\n{}{}"
                       "\\end{{document}}\n",
                       introduction, sections);
}

} // namespace article
