#include "autograd/prove/certify.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace autograd
{

std::string to_text(verdict v)
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
    return array.factor.empty() ? to_text(array.outcome)
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
               : fmt::format("{} of shape {} (its numbers are in to_json)", input.name, index_text(input.shape));
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

std::string to_text(const certificate& c)
{
    std::string lines = to_text(c.outcome) + "\n";
    if (c.arrays.size() > 1 || c.outcome == verdict::equal_up_to_factor)
    {
        for (const certified_array& array : c.arrays)
        {
            const std::string meaning = array.factor.empty() || array.factor.find(' ') != std::string::npos
                                            ? ""
                                            : fmt::format(": left = {} right", array.factor);
            lines += fmt::format("  {}: {}{}\n", array.name, verdict_of(array), meaning);
        }
    }
    if (c.outcome == verdict::equal || c.outcome == verdict::equal_up_to_factor)
    {
        lines += fmt::format(
            "  at {} random points; wrong with a probability of at most 2^-{:.0f}{}\n", c.points, c.bits,
            c.by_conjecture ? ", if exponentials of different exponents behave like independent variables" : "");
    }
    if (c.differs_at)
    {
        lines += fmt::format("  {}{} is {} on the left and {} on the right\n", c.arrays[c.differs_at->array].name,
                             index_text(c.differs_at->entry), c.differs_at->left, c.differs_at->right);
        lines += fmt::format("  where {}\n", text_of(c.differs_at->inputs));
        lines += fmt::format("  the first step in question: {}\n", c.first_difference);
    }
    if (!c.did_you_mean.empty())
    {
        lines += fmt::format("  did you mean: {}\n", c.did_you_mean);
    }
    if (!c.reason.empty())
    {
        lines += c.points == 0 ? fmt::format("  {}\n", c.reason)
                               : fmt::format("  {}; the numbers agree to {:.0f} digits\n", c.reason, c.common_digits);
    }
    lines += fmt::format("  random: {}{}\n", fmt::join(c.random_inputs, ", "),
                         c.seed == 0 ? "" : fmt::format("; seed {}", c.seed));
    if (!c.sizes.empty())
    {
        lines += fmt::format("  at N = {}\n", fmt::join(c.sizes, ", "));
    }
    for (const std::string& branch : c.branches_not_met)
    {
        lines += fmt::format("  nothing is said beyond {}\n", branch);
    }
    return lines;
}

std::string to_latex(const certificate& c)
{
    std::string rows = "\\begin{array}{lll}\n";
    for (const certified_array& array : c.arrays)
    {
        rows += fmt::format("  {} & {} & \\text{{{}}} \\\\\n", array.left_latex, array.right_latex,
                            escaped(verdict_of(array)));
    }
    return rows + "\\end{array}\n";
}

std::string to_json(const certificate& c)
{
    nlohmann::ordered_json all;
    all["verdict"] = to_text(c.outcome);
    all["bits"] = c.bits;
    all["points"] = c.points;
    all["by_conjecture"] = c.by_conjecture;
    all["seed"] = c.seed;
    for (const certified_array& array : c.arrays)
    {
        all["arrays"].push_back({{"name", array.name},
                                 {"verdict", to_text(array.outcome)},
                                 {"factor", array.factor},
                                 {"left", array.left_latex},
                                 {"right", array.right_latex}});
    }
    if (c.differs_at)
    {
        nlohmann::ordered_json& at = all["counterexample"];
        for (const counterexample::input& input : c.differs_at->inputs)
        {
            at["inputs"].push_back({{"name", input.name}, {"shape", input.shape}, {"values", input.values}});
        }
        at["array"] = c.arrays[c.differs_at->array].name;
        at["entry"] = c.differs_at->entry;
        at["left"] = c.differs_at->left;
        at["right"] = c.differs_at->right;
        all["first_difference"] = c.first_difference;
        all["did_you_mean"] = c.did_you_mean;
    }
    if (!c.reason.empty())
    {
        all["reason"] = c.reason;
        if (c.points > 0)
        {
            all["common_digits"] = c.common_digits;
        }
    }
    all["random_inputs"] = c.random_inputs;
    if (!c.sizes.empty())
    {
        all["sizes"] = c.sizes;
    }
    all["branches_not_met"] = c.branches_not_met;
    // Names are whatever somebody gave; JSON has Unicode only.
    return all.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

void certificate::require() const
{
    if (outcome != verdict::equal)
    {
        throw error::certificate_error("certify", to_text(*this));
    }
}

std::ostream& operator<<(std::ostream& out, const certificate& c)
{
    return out << to_text(c);
}

} // namespace autograd
