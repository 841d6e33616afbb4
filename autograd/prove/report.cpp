#include "autograd/prove/certify.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace autograd
{

std::string to_string(verdict v)
{
    switch (v)
    {
    case verdict::equal:
        return "CERTIFIED EQUAL";
    case verdict::equal_up_to_factor:
        return "CERTIFIED EQUAL UP TO A FACTOR";
    case verdict::different:
        return "DIFFERENT";
    case verdict::not_decided:
        break;
    }
    return "NOT DECIDED";
}

namespace
{

std::string verdict_of(const certified_array& array)
{
    return array.factor.empty() ? to_string(array.outcome)
                                : fmt::format("CERTIFIED EQUAL UP TO THE FACTOR {}", array.factor);
}

/// As text in LaTeX: names of files have underscores.
std::string escaped(const std::string& text)
{
    std::string result;
    for (const char each : text)
    {
        result += each == '_' ? "\\_" : std::string(1, each);
    }
    return result;
}

std::string index_text(const std::vector<std::size_t>& entry)
{
    return fmt::format("({})", fmt::join(entry, ", "));
}

/// "x = (0.3, 1.2)", or only the shape where there are many.
std::string text_of(const counterexample::input& input)
{
    constexpr std::size_t few = 8;
    return input.values.size() <= few
               ? fmt::format("{} = ({})", input.name, fmt::join(input.values, ", "))
               : fmt::format("{} of shape {} (its numbers are in json())", input.name, index_text(input.shape));
}

std::string text_of(const std::vector<counterexample::input>& inputs)
{
    std::string text;
    for (const counterexample::input& input : inputs)
    {
        text += (text.empty() ? "" : ", ") + text_of(input);
    }
    return text;
}

} // namespace

std::string certificate::text() const
{
    std::string lines = to_string(outcome) + "\n";
    if (arrays.size() > 1 || outcome == verdict::equal_up_to_factor)
    {
        for (const certified_array& array : arrays)
        {
            const std::string meaning = array.factor.empty() || array.factor.find(' ') != std::string::npos
                                            ? ""
                                            : fmt::format(": left = {} right", array.factor);
            lines += fmt::format("  {}: {}{}\n", array.name, verdict_of(array), meaning);
        }
    }
    if (outcome == verdict::equal || outcome == verdict::equal_up_to_factor)
    {
        lines += fmt::format(
            "  at {} random points; wrong with a probability of at most 2^-{:.0f}{}\n", points, bits,
            by_conjecture ? ", if exponentials of different exponents behave like independent variables" : "");
    }
    if (differs_at)
    {
        lines += fmt::format("  {}{} is {} on the left and {} on the right\n", arrays[differs_at->array].name,
                             index_text(differs_at->entry), differs_at->left, differs_at->right);
        lines += fmt::format("  where {}\n", text_of(differs_at->inputs));
        lines += fmt::format("  the first step in question: {}\n", first_difference);
    }
    if (!did_you_mean.empty())
    {
        lines += fmt::format("  did you mean: {}\n", did_you_mean);
    }
    if (!reason.empty())
    {
        lines += points == 0 ? fmt::format("  {}\n", reason)
                             : fmt::format("  {}; the numbers agree to {:.0f} digits\n", reason, common_digits);
    }
    lines += fmt::format("  random: {}{}\n", fmt::join(random_inputs, ", "),
                         seed == 0 ? "" : fmt::format("; seed {}", seed));
    if (!sizes.empty())
    {
        lines += fmt::format("  at N = {}\n", fmt::join(sizes, ", "));
    }
    for (const std::string& branch : branches_not_met)
    {
        lines += fmt::format("  nothing is said beyond {}\n", branch);
    }
    return lines;
}

std::string certificate::latex() const
{
    std::string rows = "\\begin{array}{lll}\n";
    for (const certified_array& array : arrays)
    {
        rows += fmt::format("  {} & {} & \\text{{{}}} \\\\\n", array.left_latex, array.right_latex,
                            escaped(verdict_of(array)));
    }
    return rows + "\\end{array}\n";
}

std::string certificate::json() const
{
    nlohmann::ordered_json all;
    all["verdict"] = to_string(outcome);
    all["bits"] = bits;
    all["points"] = points;
    all["by_conjecture"] = by_conjecture;
    all["seed"] = seed;
    for (const certified_array& array : arrays)
    {
        all["arrays"].push_back({{"name", array.name},
                                 {"verdict", to_string(array.outcome)},
                                 {"factor", array.factor},
                                 {"left", array.left_latex},
                                 {"right", array.right_latex}});
    }
    if (differs_at)
    {
        nlohmann::ordered_json& at = all["counterexample"];
        for (const counterexample::input& input : differs_at->inputs)
        {
            at["inputs"].push_back({{"name", input.name}, {"shape", input.shape}, {"values", input.values}});
        }
        at["array"] = arrays[differs_at->array].name;
        at["entry"] = differs_at->entry;
        at["left"] = differs_at->left;
        at["right"] = differs_at->right;
        all["first_difference"] = first_difference;
        all["did_you_mean"] = did_you_mean;
    }
    if (!reason.empty())
    {
        all["reason"] = reason;
        if (points > 0)
        {
            all["common_digits"] = common_digits;
        }
    }
    all["random_inputs"] = random_inputs;
    if (!sizes.empty())
    {
        all["sizes"] = sizes;
    }
    all["branches_not_met"] = branches_not_met;
    // Names are whatever somebody gave; JSON has Unicode only.
    return all.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

void certificate::require() const
{
    if (outcome != verdict::equal)
    {
        throw error::certificate_error("certify", text());
    }
}

std::ostream& operator<<(std::ostream& out, const certificate& c)
{
    return out << c.text();
}

} // namespace autograd
