#include "docs/conventions.hpp"
#include "docs/directory.hpp"
#include "docs/markdown.hpp"
#include "tests/operations/every_operation.hpp"

#include "autograd/prove/prove_rule.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

// Prints docs/operations.md: every operation of the table with its calls, its value, its derivatives, its kinks and its
// errors, and an index by task. Nothing of that stands here: calls and what they are for come from the headers,
// operations and samples from the rules, derivatives from recording them.
//
//     operations_page                 prints the page
//     operations_page --check FILE    compares FILE with it

namespace docs
{

namespace
{

namespace error = autograd::error;
using autograd::check::kink;

// ------------------------------------------------------------------------------------------------------- operations

std::string attributes_of(const instruction& y)
{
    return y.op->print != nullptr && y.attributes() != nullptr ? y.op->print(y.attributes()) : "";
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

/// | `tanh(x)` | y = tanh(x) | `np.tanh(x)` | x_bar = g tanh'(x) | proved |
void print_operation(std::string& page, const sampled_operation& of, const directory& calls)
{
    std::string call = fmt::format("<a name=\"{}\"></a>{}", anchor(of), calls.call_of(of));
    std::vector<std::string> values;
    std::vector<std::string> in_numpy;
    std::vector<std::string> derivatives;
    with_recorded(of,
                  [&](recorded_sample& y, const sample& shown)
                  {
                      const auto* own = of.on_double == nullptr ? nullptr : y.find(of.on_double);
                      const std::string attributes = own == nullptr ? "" : attributes_of(*own);
                      call += attributes.empty() ? "" : "<br>" + attributes;
                      values.push_back(math(y.value()));
                      const std::string& numpy = shown.shown_numpy.empty() ? shown.numpy : shown.shown_numpy;
                      in_numpy.push_back(numpy.empty() ? "" : code(numpy));
                      for (const std::string& each : y.is_real() ? y.derivatives() : std::vector<std::string>())
                      {
                          derivatives.push_back((shown.part.empty() ? "" : "of " + code(shown.part) + ": ") + each);
                      }
                  });
    const char* reason = of.on_double == nullptr ? nullptr : of.on_double->reason;
    print_row(page, {call, joined(values, "<br>"), joined(in_numpy, "<br>"),
                     !derivatives.empty() ? joined(derivatives, "<br>")
                     : reason == nullptr  ? "none"
                                          : "none; it " + std::string(reason),
                     proof_of(of)});
}

void print_programs(std::string& page, const std::vector<const sampled_operation*>& family)
{
    std::string programs;
    for (const sampled_operation* of : family)
    {
        if (!is_elementwise(*of) && (of->on_double == nullptr || of->on_double->differentiable != 0))
        {
            with_recorded(*of,
                          [&](recorded_sample& y, const sample& shown)
                          {
                              const std::string part = shown.part.empty() ? "" : fmt::format(", {}", shown.part);
                              programs += fmt::format("\n`{}`{}\n\n```\n{}```\n", of->name, part, y.program());
                          });
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
    autograd::tape<double> values;
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

std::string title_of(std::string family)
{
    family = replaced(family, "_", " ");
    family[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(family[0])));
    return family;
}

using families = std::map<std::string, std::vector<const sampled_operation*>>;

void print_family(std::string& page, const std::string& family, const std::vector<const sampled_operation*>& of,
                  const directory& calls)
{
    const std::string& header = calls.header_of(family);
    page += fmt::format("\n## {}\n\n{}\n", title_of(family), calls.introduction_of(header));
    page += fmt::format("Rules: [{0}](../{0})\n\n", header);
    print_head(page, {"operation", "value", "in NumPy", "derivatives", "proof"});
    for (const sampled_operation* each : of)
    {
        print_operation(page, *each, calls);
    }
    print_programs(page, of);
    print_table(page, "Kinks and special values", {"function", "at", "value", "derivative"}, of, print_behaviour);
    print_table(page, "Refused", {"case", "error"}, of, print_errors);
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
std::string evidence_text(const evidence& shown, const std::vector<sampled_operation>& table)
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
    page += about_conventions;
    print_head(page, {"case", "convention", "shown by"});
    for (const convention& each : conventions())
    {
        std::vector<std::string> shown;
        for (const evidence& one : each.shown_by)
        {
            shown.push_back(evidence_text(one, table));
        }
        print_row(page, {each.text_of_case, replaced(each.says, "|", R"(\|)"), joined(shown, "<br>")});
    }
}

/// What the library's headers declare.
declarations read_declared()
{
    std::ifstream file(PREPROCESSED);
    declarations all = read_declarations(file, SOURCES);
    if (all.functions.empty())
    {
        throw error::file_error("operations_page", PREPROCESSED " declares nothing, or cannot be read.");
    }
    return all;
}

std::string print_page()
{
    const std::vector<sampled_operation> table = autograd::check::every_operation();
    const directory calls(table, read_declared());
    families all;
    for (const sampled_operation& each : table)
    {
        all[each.family].push_back(&each);
    }
    std::string page = about_page;
    page += about_index;
    calls.print_index(page);
    page += about_tables;
    print_conventions(page, table);
    for (const auto& [family, operations] : all)
    {
        print_family(page, family, operations, calls);
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

} // namespace docs

int main(int count, char** arguments)
{
    try
    {
        const std::vector<std::string> words(arguments + 1, arguments + count);
        if (words.size() == 2 && words[0] == "--check")
        {
            return docs::check(words[1], docs::print_page());
        }
        if (!words.empty())
        {
            std::cerr << "usage: operations_page [--check FILE]\n";
            return 2;
        }
        std::cout << docs::print_page();
        return std::cout.flush() ? 0 : 1;
    }
    catch (const std::exception& e)
    {
        std::cerr << e.what() << "\n";
        return 1;
    }
}
