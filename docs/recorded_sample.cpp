#include "docs/recorded_sample.hpp"
#include "docs/markdown.hpp"

#include "autograd/differentiate/gradient.hpp"
#include "autograd/display/latex.hpp"
#include "autograd/display/text.hpp"
#include "autograd/tape/leaves.hpp"

#include <algorithm>

namespace docs
{

namespace
{

using autograd::rule_kind;

constexpr std::string_view letters = "xyzw";

xt::xarray<double> array_of(const autograd::check::sample_input& input)
{
    xt::xarray<double> result = xt::xarray<double>::from_shape(input.shape);
    std::copy(input.values.begin(), input.values.end(), result.begin());
    return result;
}

} // namespace

recorded_sample::recorded_sample(const sample& of)
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
    name_result(of.on_double(m_operands, integers), of.part);
}

recorded_sample::recorded_sample(const instruction& like)
{
    const xt::xarray<double> values = xt::zeros<double>({3});
    for (std::size_t k = 0; k < like.operand_count; ++k)
    {
        add_operand(m_tape.variable(values));
    }
    const std::vector<autograd::handle<double>> operands(m_operands.begin(), m_operands.end());
    name_result(m_tape.record(*like.op, operands, autograd::payload::shared(like.attributes()), autograd::location{}));
}

const instruction* recorded_sample::find(const operation* op) const
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

std::vector<const operation*> recorded_sample::operations() const
{
    std::vector<const operation*> result;
    for (std::size_t i = 0; i < m_tape.size(); ++i)
    {
        result.push_back(m_tape[static_cast<std::uint32_t>(i)].op);
    }
    return result;
}

std::string recorded_sample::value()
{
    const std::string formula = is_real() ? to_latex(variable(m_result)) : to_latex(indices(m_result));
    return formula.find('=') != std::string::npos ? formula : m_name + " = " + formula;
}

std::vector<std::string> recorded_sample::derivatives()
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
        catch (const autograd::error::not_differentiable&)
        {
        }
    }
    return result;
}

std::string recorded_sample::program()
{
    std::vector<variable> outputs{variable(m_result)};
    for (std::size_t k = 0; k < m_operands.size(); ++k)
    {
        try
        {
            outputs.push_back(flowing_to(k));
        }
        catch (const autograd::error::not_differentiable&)
        {
        }
    }
    return to_text(outputs);
}

void recorded_sample::differentiate()
{
    if (!is_real())
    {
        return;
    }
    for (std::size_t k = 0; k < m_operands.size(); ++k)
    {
        try
        {
            static_cast<void>(flowing_to(k));
            static_cast<void>(jvp(variable(m_result), m_operands[k], m_tape.full(m_operands[k].shape(), 1.0)));
        }
        catch (const autograd::error::not_differentiable&)
        {
        }
    }
}

void recorded_sample::add_operand(variable x)
{
    m_operands.push_back(x.name(letters.substr(m_operands.size(), 1)));
}

void recorded_sample::name_result(autograd::handle<double> result, const std::string& part)
{
    m_result = result;
    m_name = !part.empty() ? part : letters.substr(std::max<std::size_t>(m_operands.size(), 1), 1);
    if (result.name().empty())
    {
        m_tape.set_name(result, m_name);
    }
}

variable recorded_sample::flowing_to(std::size_t k)
{
    if (m_cotangent.empty())
    {
        m_cotangent = m_tape.constant(xt::xarray<double>(xt::zeros<double>(variable::extents_of(m_result.shape()))));
        m_cotangent.name("g");
    }
    const variable bar = vjp(variable(m_result), m_operands[k], m_cotangent);
    if (bar.name().empty() && m_tape[bar.index()].op->kind != rule_kind::leaf)
    {
        bar.name(std::string(1, letters[k]) + "_bar");
    }
    return bar;
}

bool is_ordinary(const sample& s)
{
    return !s.error && s.kinks.empty();
}

std::vector<const sample*> shown_samples(const sampled_operation& of)
{
    std::vector<const sample*> shown;
    for (const sample& each : of.samples)
    {
        if (each.is_shown)
        {
            shown.push_back(&each);
        }
    }
    return !shown.empty() ? shown : std::vector{&typical_sample(of)};
}

const sample& typical_sample(const sampled_operation& of)
{
    const auto has_elements = [](const sample& s)
    { return std::none_of(s.reals.begin(), s.reals.end(), [](const auto& x) { return x.values.empty(); }); };
    for (const sample& each : of.samples)
    {
        if (is_ordinary(each) && has_elements(each) &&
            (of.on_double == nullptr || recorded_sample(each).find(of.on_double) != nullptr))
        {
            return each;
        }
    }
    throw autograd::error::value_error("operations_page", of.name, " has no sample that records it.");
}

bool is_elementwise(const sampled_operation& of)
{
    return of.on_double != nullptr && of.on_double->kind == autograd::rule_kind::elementwise;
}

std::string anchor(const sampled_operation& of)
{
    return of.family + "-" + of.name;
}

} // namespace docs
