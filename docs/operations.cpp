#include "docs/conventions.hpp"
#include "tests/operations/every_operation.hpp"

#include "autograd/differentiate/gradient.hpp"
#include "autograd/display/latex.hpp"
#include "autograd/display/text.hpp"
#include "autograd/prove/prove_rule.hpp"
#include "autograd/tape/leaves.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

// Prints docs/operations.md: every operation of the table with its value, its derivatives, its kinks and its errors.
// Nothing of that stands here: operations and samples come from the rules, derivatives from recording them.
//
//     operations_page                 prints the page
//     operations_page --check FILE    compares FILE with it

namespace
{

namespace error = autograd::error;
using autograd::handle;
using autograd::recording;
using autograd::rule_kind;
using autograd::check::kink;
using autograd::check::sample;
using autograd::check::sampled_operation;
using tape = autograd::tape<double>;
using variable = autograd::variable<double>;
using indices = autograd::indices<double>;
using operation = autograd::operation<double>;

// ------------------------------------------------------------------------------------------------------------- words

/// text with every `from` replaced.
std::string replaced(std::string text, std::string_view from, std::string_view to)
{
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    {
        text.replace(at, from.size(), to);
    }
    return text;
}

/// A formula in Markdown. GitHub takes $...$ apart where it could be Markdown, too, so those get its other quotes; and
/// it refuses \operatorname.
std::string math(const std::string& latex)
{
    const std::string formula = replaced(replaced(latex, "\n", " "), R"(\operatorname{)", R"(\mathrm{)");
    const bool is_ambiguous = formula.find_first_of("*|<_") != std::string::npos ||
                              formula.find(R"(\\)") != std::string::npos || formula.find(R"(\{)") != std::string::npos;
    return is_ambiguous ? "$`" + formula + "`$" : "$" + formula + "$";
}

std::string code(const std::string& text)
{
    return "`" + replaced(text, "|", R"(\|)") + "`";
}

std::string number(double x)
{
    return std::isnan(x) ? "NaN" : std::isinf(x) ? (x < 0 ? "-∞" : "∞") : fmt::format("{:.6g}", x);
}

/// A result: without the sign of zero, in which instruction sets differ.
std::string computed(double x)
{
    return number(x + 0.0);
}

std::string joined(const std::vector<std::string>& parts, std::string_view between)
{
    return fmt::format("{}", fmt::join(parts, between));
}

/// "3" or "(3, 4)"
std::string point(const std::vector<double>& numbers, std::string (*text_of)(double))
{
    std::vector<std::string> parts;
    for (double x : numbers)
    {
        parts.push_back(text_of(x));
    }
    return parts.size() == 1 ? parts[0] : "(" + joined(parts, ", ") + ")";
}

/// "[[1, 2], [3, 4]]"
std::string array(const std::vector<std::size_t>& shape, std::span<const double> values, std::size_t axis = 0)
{
    if (axis == shape.size())
    {
        return computed(values[0]);
    }
    std::vector<std::string> parts;
    const std::size_t size = shape[axis] == 0 ? 0 : values.size() / shape[axis];
    for (std::size_t i = 0; i < shape[axis]; ++i)
    {
        parts.push_back(array(shape, values.subspan(i * size, size), axis + 1));
    }
    return "[" + joined(parts, ", ") + "]";
}

void print_row(std::string& page, const std::vector<std::string>& cells)
{
    page += "| " + joined(cells, " | ") + " |\n";
}

void print_head(std::string& page, const std::vector<std::string>& cells)
{
    print_row(page, cells);
    page += "|" + joined(std::vector<std::string>(cells.size(), "---"), "|") + "|\n";
}

// --------------------------------------------------------------------------------------------------------- recording

constexpr std::string_view letters = "xyzw";

xt::xarray<double> array_of(const autograd::check::sample_input& input)
{
    xt::xarray<double> result = xt::xarray<double>::from_shape(input.shape);
    std::copy(input.values.begin(), input.values.end(), result.begin());
    return result;
}

/// A sample on a tape of shapes: its operands are called x, y, z, its integers i, j, its result as the next letter
/// says.
class recorded_sample
{
public:
    explicit recorded_sample(const sample& of)
    {
        for (std::size_t k = 0; k < of.reals.size(); ++k)
        {
            const bool is_held = k < of.held.size() && of.held[k];
            const xt::xarray<double> values = array_of(of.reals[k]);
            add_operand(is_held ? m_tape.constant(values) : m_tape.variable(values));
        }
        std::vector<indices> integers;
        for (const auto& input : of.integers)
        {
            xt::xarray<std::int64_t> values = xt::xarray<std::int64_t>::from_shape(input.shape);
            std::copy(input.values.begin(), input.values.end(), values.begin());
            integers.push_back(m_tape.index(values).name(integers.empty() ? "i" : "j"));
        }
        name_result(of.on_double(m_operands, integers));
    }

    /// The operation of an instruction of another tape, with its attributes, on operands of one shape.
    explicit recorded_sample(const autograd::instruction<double>& like)
    {
        const xt::xarray<double> values = xt::zeros<double>({3});
        for (std::size_t k = 0; k < like.operand_count; ++k)
        {
            add_operand(m_tape.variable(values));
        }
        const std::vector<handle<double>> operands(m_operands.begin(), m_operands.end());
        name_result(
            m_tape.record(*like.op, operands, autograd::payload::shared(like.attributes), autograd::location{}));
    }

    const autograd::instruction<double>* find(const operation* op)
    {
        for (std::size_t i = m_tape.size(); i-- > 0;)
        {
            if (const auto& each = m_tape[static_cast<std::uint32_t>(i)]; each.op == op)
            {
                return &each;
            }
        }
        return nullptr;
    }

    const autograd::instruction<double>& last() const { return m_tape[m_result.index()]; }
    bool is_real() const { return last().op->element == autograd::element_kind::real; }

    std::string value()
    {
        const std::string formula = is_real() ? to_latex(variable(m_result)) : to_latex(indices(m_result));
        return formula.find('=') != std::string::npos ? formula : m_letter + " = " + formula;
    }

    /// What flows to each operand, as formulas; or why nothing does.
    std::vector<std::string> derivatives()
    {
        std::vector<std::string> result;
        for (std::size_t k = 0; k < m_operands.size(); ++k)
        {
            if (m_tape[m_operands[k].index()].op != &autograd::leaves<double>::variable)
            {
                continue;
            }
            const std::string name(1, letters[k]);
            try
            {
                const variable bar = flowing_to(k);
                const bool is_named = !bar.name().empty() && bar.name() != name + "_bar";
                const bool is_leaf = m_tape[bar.index()].op->kind == rule_kind::leaf;
                result.push_back(math((is_named || is_leaf ? R"(\bar{)" + name + "} = " : "") +
                                      to_latex(bar, {.longest_line = 64, .definitions = false})));
            }
            catch (const error::not_differentiable&)
            {
            }
        }
        return result;
    }

    /// The value and what flows to the operands, as a program.
    std::string program()
    {
        std::vector<variable> outputs{variable(m_result)};
        for (std::size_t k = 0; k < m_operands.size(); ++k)
        {
            try
            {
                outputs.push_back(flowing_to(k));
            }
            catch (const error::not_differentiable&)
            {
            }
        }
        return to_text(outputs);
    }

private:
    void add_operand(variable x) { m_operands.push_back(x.name(letters.substr(m_operands.size(), 1))); }

    void name_result(handle<double> result)
    {
        m_result = result;
        m_letter = letters.substr(std::max<std::size_t>(m_operands.size(), 1), 1);
        if (result.name().empty())
        {
            m_tape.set_name(result, m_letter);
        }
    }

    variable flowing_to(std::size_t k)
    {
        if (m_cotangent.empty())
        {
            m_cotangent =
                m_tape.constant(xt::xarray<double>(xt::zeros<double>(variable::extents_of(m_result.shape()))));
            m_cotangent.name("g");
        }
        const variable bar = vjp(variable(m_result), m_operands[k], m_cotangent);
        if (bar.name().empty() && m_tape[bar.index()].op->kind != rule_kind::leaf)
        {
            bar.name(std::string(1, letters[k]) + "_bar");
        }
        return bar;
    }

    tape m_tape{recording::shapes};
    std::vector<variable> m_operands;
    handle<double> m_result;
    std::string m_letter;
    variable m_cotangent;
};

// ------------------------------------------------------------------------------------------------------- operations

bool is_ordinary(const sample& s)
{
    return !s.error && s.kinks.empty();
}

bool has_elements(const sample& s)
{
    return std::none_of(s.reals.begin(), s.reals.end(), [](const auto& x) { return x.values.empty(); });
}

/// The sample that shows an operation: the first on arrays with elements that records it.
const sample& typical_sample(const sampled_operation& of)
{
    for (const sample& each : of.samples)
    {
        if (is_ordinary(each) && has_elements(each) &&
            (of.on_double == nullptr || recorded_sample(each).find(of.on_double) != nullptr))
        {
            return each;
        }
    }
    throw error::value_error("operations_page", of.name, " has no sample that records it.");
}

bool is_elementwise(const sampled_operation& of)
{
    return of.on_double != nullptr && of.on_double->kind == rule_kind::elementwise;
}

/// Calls show(recorded) with the operation recorded as the page shows it.
template <class F>
void with_recorded(const sampled_operation& of, F show)
{
    recorded_sample typical(typical_sample(of));
    if (is_elementwise(of))
    {
        recorded_sample alone(*typical.find(of.on_double));
        show(alone);
    }
    else
    {
        show(typical);
    }
}

/// Where links to the operation go: families have operations of equal names, and headings the names of operations.
std::string anchor(const sampled_operation& of)
{
    return of.family + "-" + of.name;
}

std::string attributes_of(const autograd::instruction<double>& y)
{
    return y.op->print != nullptr && y.attributes != nullptr ? y.op->print(y.attributes) : "";
}

/// What is known of the derivative: of rules that declare one. Those of other functions are made of these.
std::string proof_of(const sampled_operation& of)
{
    if (of.on_double == nullptr || of.on_double->vjp == nullptr)
    {
        return "";
    }
    const autograd::rule_proof proof = autograd::prove_rule(of, *of.on_double);
    return autograd::to_text(proof.outcome) + (proof.why.empty() ? "" : ": " + proof.why);
}

/// | `tanh` | y = tanh(x) | `np.tanh(x)` | x_bar = g tanh'(x) | proved |
void print_operation(std::string& page, const sampled_operation& of)
{
    std::string name = fmt::format("<a name=\"{}\"></a>`{}`", anchor(of), of.name);
    with_recorded(of,
                  [&](recorded_sample& y)
                  {
                      const auto* own = of.on_double == nullptr ? nullptr : y.find(of.on_double);
                      const std::string attributes = own == nullptr ? "" : attributes_of(*own);
                      name += attributes.empty() ? "" : "<br>" + attributes;
                      std::vector<std::string> derivatives = y.is_real() ? y.derivatives() : std::vector<std::string>();
                      const char* reason = of.on_double == nullptr ? nullptr : of.on_double->reason;
                      const std::string& numpy = typical_sample(of).numpy;
                      print_row(page, {name, math(y.value()), numpy.empty() ? "" : code(numpy),
                                       !derivatives.empty() ? joined(derivatives, "<br>")
                                       : reason == nullptr  ? "none"
                                                            : "none; it " + std::string(reason),
                                       proof_of(of)});
                  });
}

void print_programs(std::string& page, const std::vector<const sampled_operation*>& family)
{
    std::string programs;
    for (const sampled_operation* of : family)
    {
        if (!is_elementwise(*of) && (of->on_double == nullptr || of->on_double->differentiable != 0))
        {
            with_recorded(*of, [&](recorded_sample& y)
                          { programs += fmt::format("\n`{}`\n\n```\n{}```\n", of->name, y.program()); });
        }
    }
    if (!programs.empty())
    {
        page += "\n<details><summary>As programs</summary>\n" + programs + "\n</details>\n";
    }
}

// ------------------------------------------------------------------------------------------- kinks and special values

/// A function, at some points: what it is there, and its derivative by convention.
struct behaviour
{
    std::string function;
    std::vector<std::string> points;
    std::vector<std::string> values;
    std::vector<std::string> derivatives; ///< "" where none is promised
};

/// The function of a sample of scalars as a formula.
std::string formula_of_scalars(sample s)
{
    for (auto& x : s.reals)
    {
        x = {{{}, {0.0}}};
    }
    return math(recorded_sample(s).value());
}

double value_at(const sample& s, const kink& at)
{
    tape values;
    std::vector<variable> x;
    for (double each : at.at)
    {
        x.push_back(values.variable(each));
    }
    return variable(s.on_double(x, {})).item();
}

behaviour at_kinks(const sample& s)
{
    behaviour shown{formula_of_scalars(s), {}, {}, {}};
    for (const kink& each : s.kinks)
    {
        shown.points.push_back(point(each.at, number));
        shown.values.push_back(computed(value_at(s, each)));
        shown.derivatives.push_back(point(each.derivatives, computed));
    }
    return shown;
}

bool is_special(const sample& s)
{
    const auto is_finite = [](double x) { return std::isfinite(x); };
    return is_ordinary(s) &&
           std::any_of(s.reals.begin(), s.reals.end(),
                       [&](const auto& x) { return !std::all_of(x.values.begin(), x.values.end(), is_finite); });
}

/// The values at infinities and NaN: of elementwise operations one by one, of others whole.
behaviour at_special_values(const sampled_operation& of, const sample& s)
{
    const auto value = autograd::check::value_of(s);
    const std::vector<std::size_t>& shape = value.first;
    const std::vector<double>& values = value.second; // bindings cannot be captured by clang 14
    const bool one_by_one =
        is_elementwise(of) &&
        std::all_of(s.reals.begin(), s.reals.end(), [&](const auto& x) { return x.values.size() == values.size(); });
    if (!one_by_one)
    {
        behaviour shown{code(s.numpy), {}, {array(shape, values)}, {""}};
        for (const auto& x : s.reals)
        {
            shown.points.push_back(array(x.shape, x.values));
        }
        return shown;
    }
    behaviour shown{formula_of_scalars(s), {}, {}, {}};
    for (std::size_t i = 0; i < values.size(); ++i)
    {
        std::vector<double> at;
        for (const auto& x : s.reals)
        {
            at.push_back(x.values[i]);
        }
        shown.points.push_back(point(at, number));
        shown.values.push_back(computed(values[i]));
        shown.derivatives.emplace_back();
    }
    return shown;
}

/// Adds what is not said of the function yet: the value at a point that is a kink as well stands there.
void add(std::vector<behaviour>& all, const behaviour& more)
{
    const auto known =
        std::find_if(all.begin(), all.end(), [&](const behaviour& each) { return each.function == more.function; });
    if (known == all.end() || more.function.starts_with('`'))
    {
        all.push_back(more);
        return;
    }
    for (std::size_t i = 0; i < more.points.size(); ++i)
    {
        if (std::find(known->points.begin(), known->points.end(), more.points[i]) == known->points.end())
        {
            known->points.push_back(more.points[i]);
            known->values.push_back(more.values[i]);
            known->derivatives.push_back(more.derivatives[i]);
        }
    }
}

void print_behaviour(std::string& page, const sampled_operation& of)
{
    std::vector<behaviour> all;
    for (const sample& s : of.samples)
    {
        if (!s.kinks.empty())
        {
            add(all, at_kinks(s));
        }
    }
    for (const sample& s : of.samples)
    {
        if (is_special(s))
        {
            add(all, at_special_values(of, s));
        }
    }
    for (const behaviour& each : all)
    {
        const bool has_derivatives = std::any_of(each.derivatives.begin(), each.derivatives.end(),
                                                 [](const std::string& text) { return !text.empty(); });
        print_row(page, {each.function, joined(each.points, "<br>"), joined(each.values, "<br>"),
                         has_derivatives ? joined(each.derivatives, "<br>") : ""});
    }
}

void print_errors(std::string& page, const sampled_operation& of)
{
    for (const sample& s : of.samples)
    {
        if (s.error)
        {
            print_row(page, {code(of.name) + ", " + s.label, code(*s.error)});
        }
    }
}

/// A table of what print_rows writes for each operation, or nothing if it writes nothing.
void print_table(std::string& page, std::string_view title, const std::vector<std::string>& head,
                 const std::vector<const sampled_operation*>& family,
                 void (*print_rows)(std::string&, const sampled_operation&))
{
    std::string rows;
    for (const sampled_operation* of : family)
    {
        print_rows(rows, *of);
    }
    if (!rows.empty())
    {
        page += fmt::format("\n**{}**\n\n", title);
        print_head(page, head);
        page += rows;
    }
}

// ---------------------------------------------------------------------------------------------------------- the page

/// The family's header, in the sources: "autograd/operations/power.hpp".
std::string header_of(const std::string& family)
{
    for (const char* folder : {"autograd/operations/", "autograd/differentiate/"})
    {
        if (std::filesystem::exists(std::string(SOURCES "/") + folder + family + ".hpp"))
        {
            return folder + family + ".hpp";
        }
    }
    throw error::file_error("operations_page", "the header of the family ", family, " is not in " SOURCES ".");
}

std::string read(const std::filesystem::path& path)
{
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    if (!file)
    {
        throw error::file_error("operations_page", path.string(), " cannot be read.");
    }
    return text.str();
}

/// The comment in front of `namespace autograd`, which says what the family is.
std::string introduction_of(const std::string& header)
{
    std::stringstream lines(read(std::string(SOURCES "/") + header));
    std::string text;
    for (std::string line; std::getline(lines, line) && line != "namespace autograd";)
    {
        text = line.starts_with("///") ? text + line.substr(std::min<std::size_t>(4, line.size())) + "\n" : "";
    }
    if (text.empty())
    {
        throw error::value_error("operations_page", header, " has no comment in front of its namespace autograd.");
    }
    return text;
}

std::string title_of(std::string family)
{
    family = replaced(family, "_", " ");
    family[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(family[0])));
    return family;
}

using families = std::map<std::string, std::vector<const sampled_operation*>>;

void print_family(std::string& page, const std::string& family, const std::vector<const sampled_operation*>& of)
{
    const std::string header = header_of(family);
    page += fmt::format("\n## {}\n\n{}\n", title_of(family), introduction_of(header));
    page += fmt::format("Rules: [{0}](../{0})\n\n", header);
    print_head(page, {"operation", "value", "in NumPy", "derivatives"});
    for (const sampled_operation* each : of)
    {
        print_operation(page, *each);
    }
    print_programs(page, of);
    print_table(page, "Kinks and special values", {"function", "at", "value", "derivative"}, of, print_behaviour);
    print_table(page, "Refused", {"case", "error"}, of, print_errors);
}

void print_index(std::string& page, const families& all)
{
    page += "\n";
    for (const auto& [family, operations] : all)
    {
        std::vector<std::string> links;
        for (const sampled_operation* each : operations)
        {
            links.push_back(fmt::format("[{}](#{})", each->name, anchor(*each)));
        }
        page += fmt::format("- **{}**: {}\n", title_of(family), joined(links, ", "));
    }
}

/// Whether a test case of this name, or a template of some, stands anywhere in tests/.
bool is_test(const std::string& name)
{
    const auto stands_in = [&](const std::string& text)
    { return text.find("(" + name + ")") != std::string::npos || text.find("(" + name + ", ") != std::string::npos; };
    for (const auto& entry : std::filesystem::recursive_directory_iterator(SOURCES "/tests"))
    {
        if (entry.path().extension() == ".cpp" && stands_in(read(entry.path())))
        {
            return true;
        }
    }
    return false;
}

/// "[relu](#relu): kinks", after a look whether there is that sample; or the name of a test case.
std::string evidence_text(const docs::evidence& shown, const std::vector<sampled_operation>& table)
{
    if (shown.operation.empty())
    {
        if (!is_test(shown.label))
        {
            throw error::value_error("operations_page", "the conventions name the test case ", shown.label,
                                     ", which is not in tests/; say in docs/conventions.hpp which shows it now.");
        }
        return "test case " + code(shown.label);
    }
    for (const sampled_operation& each : table)
    {
        if (each.name == shown.operation && std::any_of(each.samples.begin(), each.samples.end(),
                                                        [&](const sample& s) { return s.label == shown.label; }))
        {
            return fmt::format("[{}](#{}): {}", each.name, anchor(each), shown.label);
        }
    }
    throw error::value_error("operations_page", "the conventions name the sample \"", shown.label, "\" of ",
                             shown.operation, ", which is not there; say in docs/conventions.hpp which shows it now.");
}

void print_conventions(std::string& page, const std::vector<sampled_operation>& table)
{
    page += docs::about_conventions;
    print_head(page, {"case", "convention", "shown by"});
    for (const docs::convention& each : docs::conventions())
    {
        std::vector<std::string> shown;
        for (const docs::evidence& one : each.shown_by)
        {
            shown.push_back(evidence_text(one, table));
        }
        print_row(page, {each.text_of_case, each.says, joined(shown, "<br>")});
    }
}

std::string print_page()
{
    const std::vector<sampled_operation> table = autograd::check::every_operation();
    families all;
    for (const sampled_operation& each : table)
    {
        all[each.family].push_back(&each);
    }
    std::string page = docs::about_page;
    print_index(page, all);
    print_conventions(page, table);
    for (const auto& [family, operations] : all)
    {
        print_family(page, family, operations);
    }
    return page;
}

/// 0 if the file holds the page; else says where it does not, and what to do.
int check(const std::string& path, const std::string& page)
{
    std::stringstream expected(page);
    std::stringstream found(std::filesystem::exists(path) ? read(path) : "");
    std::string want;
    std::string have;
    for (std::size_t line = 1;; ++line)
    {
        const bool wants = static_cast<bool>(std::getline(expected, want));
        const bool has = static_cast<bool>(std::getline(found, have));
        if (!wants && !has)
        {
            return 0;
        }
        if (wants != has || want != have)
        {
            std::cerr << path << ", line " << line << ", is\n    " << (has ? have : "(the end)")
                      << "\nand the operations say\n    " << (wants ? want : "(the end)")
                      << "\nIf the operations are right, write the page again: ninja write_operations_page\n";
            return 1;
        }
    }
}

} // namespace

int main(int count, char** arguments)
{
    try
    {
        const std::vector<std::string> words(arguments + 1, arguments + count);
        if (words.size() == 2 && words[0] == "--check")
        {
            return check(words[1], print_page());
        }
        if (!words.empty())
        {
            std::cerr << "usage: operations_page [--check FILE]\n";
            return 2;
        }
        std::cout << print_page();
        return std::cout.flush() ? 0 : 1;
    }
    catch (const std::exception& e)
    {
        std::cerr << e.what() << "\n";
        return 1;
    }
}
