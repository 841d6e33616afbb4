#include "autograd/check/rounding_floor.hpp"

#include "autograd/differentiate/custom_vjp.hpp"
#include "autograd/operations/arithmetic.hpp"
#include "autograd/operations/recorded.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string_view>

namespace autograd::check
{

namespace
{

using array = array<double>;

/// Where a derivative is infinite, or not a number, nothing is said of rounding.
variable<double> finite_part(tape<double>& tape, variable<double> x)
{
    array values = x.value();
    bool is_finite = true;
    for (double& each : values)
    {
        is_finite = is_finite && std::isfinite(each);
        each = std::isfinite(each) ? each : 0;
    }
    return is_finite ? x : tape.constant(values);
}

double largest(const handle<double>& of)
{
    double result = 0;
    for (const double each : variable<double>(of).value())
    {
        result = std::isfinite(each) ? std::max(result, std::abs(each)) : result;
    }
    return result;
}

/// Cotangents of all that a sum is computed from.
class walk
{
public:
    explicit walk(const std::vector<weighted>& sum) : m_tape(sum.front().of.tape())
    {
        std::uint32_t last = 0;
        for (const weighted& part : sum)
        {
            last = std::max(last, part.of.index());
        }
        m_cotangents.resize(last + 1);
        for (const weighted& part : sum)
        {
            add(part.of.index(), m_tape.constant(part.weights));
        }
    }

    std::vector<rounded_parts> run()
    {
        for (auto i = static_cast<std::uint32_t>(m_cotangents.size()); i-- > 0;)
        {
            if (!m_cotangents[i].empty() && m_tape[i].op->kind != rule_kind::leaf)
            {
                m_cotangents[i] = finite_part(m_tape, m_cotangents[i]);
                measure(i);
                pull(i);
            }
        }
        return std::move(m_parts);
    }

private:
    void add(std::uint32_t to, variable<double> part)
    {
        variable<double>& cotangent = m_cotangents[to];
        cotangent = cotangent.empty() ? part : cotangent + part;
    }

    void measure(std::uint32_t i)
    {
        const bool is_copy = m_tape[i].op->storage != storage_kind::own; // that is exact
        const array values = variable<double>(m_tape.handle_of(i)).value();
        const array cotangent = m_cotangents[i].value();
        rounded_parts parts{i, std::vector<double>(values.size()), std::vector<double>(values.size())};
        for (std::size_t k = 0; k < values.size(); ++k)
        {
            const double size = std::abs(values.data()[k] * cotangent.data()[k]);
            parts.sizes[k] = std::isfinite(size) && !is_copy ? size : 0;
            parts.cotangents[k] = cotangent.data()[k];
        }
        parts.largest = std::max(1.0, largest(m_tape.handle_of(i))); // in formulas, there are ones
        for (const std::uint32_t k : std::vector(m_tape.operands(m_tape[i]).begin(), m_tape.operands(m_tape[i]).end()))
        {
            const bool is_real = m_tape[k].op->element == element_kind::real;
            parts.largest = std::max(parts.largest, is_real ? largest(m_tape.handle_of(k)) : 0);
        }
        m_parts.push_back(std::move(parts));
    }

    void pull(std::uint32_t i)
    {
        const operation<double>& op = *m_tape[i].op;
        const std::vector<std::uint32_t> operands(m_tape.operands(m_tape[i]).begin(), m_tape.operands(m_tape[i]).end());
        const std::string_view name = op.name;
        if (name == custom_vjp_rule::name || name == stop_gradient_rule::name)
        {
            add(operands.back(), m_cotangents[i]);
            return;
        }
        const std::size_t count = operands.size();
        const auto wanted = std::make_unique<bool[]>(count);
        std::vector<variable<double>> given(count);
        bool any = false;
        for (std::size_t k = 0; k < count; ++k)
        {
            wanted[k] = op.is_differentiable(k) && m_tape[operands[k]].op->kind != rule_kind::leaf;
            any = any || wanted[k];
        }
        if (!any)
        {
            return;
        }
        try
        {
            pullback<double> rule(m_tape, i, m_cotangents[i], {wanted.get(), count}, given);
            op.vjp(rule);
        }
        catch (const error::exception&)
        {
            return; // a rule that refuses says nothing
        }
        for (std::size_t k = 0; k < count; ++k)
        {
            if (wanted[k] && !given[k].empty() && given[k].shape() == m_tape[operands[k]].shape())
            {
                add(operands[k], given[k]);
            }
        }
    }

    tape<double>& m_tape;
    std::vector<variable<double>> m_cotangents;
    std::vector<rounded_parts> m_parts;
};

} // namespace

namespace
{

/// The tangent of instruction i, given those of what is before it; empty when it is zero or not known.
variable<double> tangent_of(tape<double>& tape, std::uint32_t i, const std::vector<variable<double>>& tangents)
{
    const operation<double>& op = *tape[i].op;
    const auto operands = tape.operands(tape[i]);
    const std::string_view name = op.name;
    if (name == custom_vjp_rule::name || name == stop_gradient_rule::name)
    {
        return tangents[operands.back()];
    }
    std::vector<variable<double>> of_operands(operands.size());
    bool any = false;
    for (std::size_t k = 0; k < operands.size(); ++k)
    {
        of_operands[k] = op.is_differentiable(k) ? tangents[operands[k]] : variable<double>();
        any = any || !of_operands[k].empty();
    }
    try
    {
        const variable<double> result = any ? op.jvp(pushforward<double>(tape, i, of_operands)) : variable<double>();
        return result.empty() || !(result.shape() == tape[i].shape()) ? variable<double>() : finite_part(tape, result);
    }
    catch (const error::exception&)
    {
        return {};
    }
}

} // namespace

std::vector<std::vector<double>> tangents_of_parts(const std::vector<rounded_parts>& parts,
                                                   const std::vector<variable<double>>& xs,
                                                   const std::vector<array>& directions)
{
    std::vector<std::vector<double>> result;
    if (parts.empty())
    {
        return result;
    }
    tape<double>& tape = xs.front().tape();
    const std::uint32_t last = parts.front().instruction; // from the last to the first
    std::vector<variable<double>> tangents(last + 1);
    for (std::size_t k = 0; k < xs.size(); ++k)
    {
        tangents[xs[k].index()] = tape.constant(directions[k]);
    }
    for (std::uint32_t i = 0; i <= last; ++i)
    {
        if (tape[i].op->kind != rule_kind::leaf && tape[i].op->element == element_kind::real)
        {
            tangents[i] = tangent_of(tape, i, tangents);
        }
    }
    for (const rounded_parts& each : parts)
    {
        const variable<double> tangent = tangents[each.instruction];
        const array values = tangent.empty() ? array() : array(tangent.value());
        result.emplace_back(each.sizes.size(), 0.0);
        std::copy(values.begin(), tangent.empty() ? values.begin() : values.end(), result.back().begin());
    }
    return result;
}

std::vector<rounded_parts> rounded_parts_of(const std::vector<weighted>& sum)
{
    return walk(sum).run();
}

double size_of_parts(const std::vector<weighted>& sum)
{
    double result = 0;
    for (const rounded_parts& each : rounded_parts_of(sum))
    {
        for (const double size : each.sizes)
        {
            result += size;
        }
    }
    return result;
}

} // namespace autograd::check
