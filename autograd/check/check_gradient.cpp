#include "autograd/check/check_gradient.hpp"

#include "autograd/check/difference_ladder.hpp"
#include "autograd/check/moving_parts.hpp"
#include "autograd/check/rounding_floor.hpp"
#include "autograd/differentiate/connections.hpp"
#include "autograd/differentiate/custom_vjp.hpp"
#include "autograd/operations/arithmetic.hpp"
#include "autograd/operations/joining.hpp"
#include "autograd/random/legacy_generator.hpp"
#include "autograd/tape/print_number.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <ostream>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace autograd
{

namespace check
{

namespace
{

using variables = std::vector<variable<double>>;

std::vector<std::size_t> position_of(std::size_t element, const array<double>& in)
{
    std::vector<std::size_t> position(in.dimension());
    for (std::size_t axis = in.dimension(); axis-- > 0;)
    {
        position[axis] = element % in.shape(axis);
        element /= in.shape(axis);
    }
    return position;
}

/// The power of 2 at or below |x|: steps of such sizes have exact sums with x. 0 for 0, and for what is not finite.
double size_of(double x)
{
    return x == 0 || !std::isfinite(x) ? 0 : std::ldexp(1.0, std::ilogb(x));
}

/// An array of random numbers of both signs, away from 0: cotangents under which errors do not cancel.
array<double> random_like(const array<double>& x, random::legacy_generator& generator)
{
    array<double> result = array<double>::from_shape(x.shape());
    for (std::size_t i = 0; i < result.size(); ++i)
    {
        const double magnitude = generator.uniform(0.5, 1.5);
        result.data()[i] = generator.rand() < 0.5 ? -magnitude : magnitude;
    }
    return result;
}

double inner(const array<double>& a, const array<double>& b)
{
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
    {
        sum += a.data()[i] * b.data()[i];
    }
    return sum;
}

/// "order 1, gradient of input 0 at (2)"
std::string name_of(int order, const std::string& mode, std::size_t input, const std::vector<std::size_t>& coordinate)
{
    const std::string name = fmt::format("order {}, {}", order, mode);
    return mode == "gradient" ? fmt::format("{} of input {} at ({})", name, input, fmt::join(coordinate, ", ")) : name;
}

double norm(const array<double>& a)
{
    return std::sqrt(inner(a, a));
}

/// The lines that call custom_vjp, of what y is computed from inputs by: such a function, or the rule of one.
std::vector<location> lines_of_custom_rules(const variable<double>& y, std::span<const variable<double>> inputs)
{
    const tape<double>& tape = y.tape();
    const std::vector<char> needed = detail::needed_for(tape, 0, y.index());
    std::vector<char> reached(tape.size(), 0);
    std::for_each(inputs.begin(), inputs.end(), [&](const variable<double>& x) { reached[x.index()] = 1; });
    std::vector<location> lines;
    for (std::uint32_t i = 0; i <= y.index(); ++i)
    {
        const auto operands = tape.operands(tape[i]);
        reached[i] |= std::any_of(operands.begin(), operands.end(), [&](std::uint32_t k) { return reached[k] != 0; });
        const location line = tape[i].where();
        const auto is_it = [&](const location& l) { return l.file == line.file && l.line == line.line; };
        if (needed[i] && reached[i] && std::string_view(tape.differentiated(i).name) == custom_vjp_rule::name &&
            std::none_of(lines.begin(), lines.end(), is_it))
        {
            lines.push_back(line);
        }
    }
    return lines;
}

/// One order of the check: f and its derivative under one random cotangent u, as phi(x) = <u, f(x)>.
class order_check
{
public:
    order_check(const checked_function& f, const std::vector<array<double>>& inputs, const check_options& options,
                int order, check_report& report, double& worst_ratio)
        : m_f(f),
          m_inputs(inputs),
          m_options(options),
          m_order(order),
          m_report(report),
          m_generator(options.seed + static_cast<std::uint32_t>(order)),
          m_worst_ratio(worst_ratio)
    {
        m_tape.clear();
        m_cotangent = random_like(array<double>(record(lift()).value()), m_generator);
        for (const array<double>& input : m_inputs)
        {
            m_sides.push_back(xt::zeros_like(input));
        }
    }

    void run()
    {
        differentiate();
        if (m_options.reverse)
        {
            for (std::size_t k = 0; k < m_inputs.size(); ++k)
            {
                check_coordinates(k);
            }
            check_direction();
        }
        if (has_forward_mode())
        {
            check_forward();
        }
    }

private:
    variables lift()
    {
        variables x;
        for (const array<double>& input : m_inputs)
        {
            x.push_back(m_tape.variable(input));
        }
        return x;
    }

    void differentiate()
    {
        m_tape.clear();
        const variables x = lift();
        const variable<double> y = record(x);
        for (const variable<double>& g : vjp(y, x, m_tape.constant(m_cotangent), unconnected::zero))
        {
            m_gradient.emplace_back(g.value());
        }
        m_parts = rounded_parts_of({{y, m_cotangent}});
        for (const rounded_parts& each : m_parts)
        {
            const double* values = static_cast<const double*>(m_tape.dense(each.instruction));
            m_values_of_parts.emplace_back(values, values + each.sizes.size());
        }
    }

    variable<double> record(const variables& x)
    {
        ++m_report.evaluations;
        return m_f(x);
    }

    std::vector<double> evaluate()
    {
        m_tape.clear();
        const array<double> y = record(lift()).value();
        return {y.data(), y.data() + y.size()};
    }

    /// Nothing where f refuses its inputs: that is the end of its domain, as if it were not a number there.
    std::vector<double> evaluate_beside()
    {
        try
        {
            return evaluate();
        }
        catch (const error::value_error&)
        {
            return {};
        }
        catch (const std::logic_error&)
        {
            return {};
        }
    }

    /// f along a line: `move(t)` sets the inputs to x + t d, where d has the size `size`; `directions` is d.
    template <class Move>
    line along(const Move& move, double size, const std::vector<array<double>>& directions, double derived)
    {
        line result;
        const auto parts =
            std::make_shared<moving_parts>(m_parts, m_values_of_parts, tangents_of_computation(directions));
        result.f = [this, move, parts](double t)
        {
            move(t);
            std::vector<double> y = t == 0 ? evaluate() : evaluate_beside();
            if (t != 0 && !y.empty())
            {
                parts->look(m_tape, std::abs(t));
            }
            move(0);
            return y;
        };
        result.parts = [parts] { return parts->size(); };
        result.slope = parts->slope();
        result.derivative = parts->derivative();
        result.largest = parts->largest();
        result.size = size;
        result.weights.assign(m_cotangent.data(), m_cotangent.data() + m_cotangent.size());
        if (const std::optional<array<double>> tangent = tangent_along(directions))
        {
            std::transform(tangent->data(), tangent->data() + tangent->size(), std::back_inserter(result.moves),
                           [](double x) { return static_cast<char>(x != 0); });
        }
        else
        {
            // Any element may be what the derivative comes from.
            result.moves.assign(m_cotangent.size(), static_cast<char>(derived != 0));
        }
        return result;
    }

    /// The tangent of f when the inputs have these, or nothing where forward mode is not wanted or there is none.
    std::optional<array<double>> tangent_along(const std::vector<array<double>>& directions)
    {
        if (!has_forward_mode())
        {
            return std::nullopt;
        }
        m_tape.clear();
        const variables x = lift();
        const variable<double> y = record(x);
        variables tangents;
        for (const array<double>& direction : directions)
        {
            tangents.push_back(m_tape.constant(direction));
        }
        try
        {
            return jvp(y, x, tangents, unconnected::zero).value();
        }
        catch (const error::not_differentiable& e)
        {
            refuse_forward(e);
            return std::nullopt;
        }
    }

    /// Of all that f is computed from, whatever its rules say, when the inputs have these.
    std::vector<std::vector<double>> tangents_of_computation(const std::vector<array<double>>& directions)
    {
        m_tape.clear();
        const variables x = lift();
        static_cast<void>(record(x)); // what it is made of is on the tape
        return tangents_of_parts(m_parts, x, directions);
    }

    bool has_forward_mode() const { return m_options.forward && m_report.forward_refused.empty(); }

    void refuse_forward(const error::not_differentiable& e)
    {
        const std::string text = e.what();
        m_report.forward_refused = text.substr(std::string("autograd: ").size());
        m_report.outcome = check_outcome::failed;
    }

    void check_coordinates(std::size_t k)
    {
        const std::size_t size = m_inputs[k].size();
        const std::size_t count = std::min(size, m_options.coordinates);
        for (std::size_t j = 0; j < count; ++j)
        {
            // From the first to the last element.
            check_coordinate(k, count == 1 ? 0 : j * (size - 1) / (count - 1));
        }
    }

    void check_coordinate(std::size_t k, std::size_t i)
    {
        std::vector<array<double>> unit;
        for (const array<double>& input : m_inputs)
        {
            unit.push_back(xt::zeros_like(input));
        }
        unit[k].data()[i] = 1;
        double& x = m_inputs[k].data()[i];
        const double original = x;
        const double derived = m_gradient[k].data()[i];
        const auto move = [&x, original](double t) { x = original + t; };
        const auto rounding = [&] { return rounding_of_gradient(unit); };
        const estimate expected =
            difference(along(move, size_of(original), unit, derived), derived, std::abs(derived), rounding);
        m_sides[k].data()[i] = expected.side;
        compare("gradient", k, position_of(i, m_inputs[k]), derived, expected, std::abs(derived), rounding);
    }

    /// By the differences; where these do not suffice, by longer steps, too.
    template <class Rounding>
    estimate difference(const line& along, double derived, double scale, const Rounding& rounding_of_derived) const
    {
        difference_ladder ladder(along);
        const estimate near = ladder.result();
        const bool suffices = !ladder.is_flat() && outcome_of(derived, near, scale) != check_outcome::not_resolved;
        estimate result = suffices || !ladder.widen() ? near : ladder.result();
        // At a minimum both are nothing but rounding.
        if (outcome_of(derived, result, scale) == check_outcome::passed && overlooks(along, derived, 0) &&
            overlooks(along, derived, safety * rounding_of_derived()))
        {
            result.doubt = fmt::format("steps see nothing of a detail for which the operations of f have {}, and not "
                                       "what its rule says",
                                       along.derivative);
        }
        return result;
    }

    /// Whether differences say what the rule does, and the operations that f is made of say quite another thing: then a
    /// custom rule leaves out what no step sees, either. That they have 0 says nothing.
    static bool overlooks(const line& along, double derived, double rounding)
    {
        constexpr double quite = 0.1;
        constexpr double lost_digits = 1e-10; // where the operations' derivative is what is left of larger terms
        const double by_operations = along.derivative;
        const double off = std::abs(by_operations - derived) - lost_digits * along.slope - rounding;
        return by_operations != 0 && off > quite * std::max(std::abs(by_operations), std::abs(derived));
    }

    /// A direction in the size of the inputs, in few bits, that leads into the domain of f from its edges.
    std::vector<array<double>> random_direction()
    {
        std::vector<array<double>> direction;
        for (std::size_t k = 0; k < m_inputs.size(); ++k)
        {
            array<double> d = random_like(m_inputs[k], m_generator);
            for (std::size_t i = 0; i < d.size(); ++i)
            {
                constexpr double bits = 16;
                constexpr double small = 0.01; // f may change on its scale (a root) or not (an exponential)
                const double size = size_of(m_inputs[k].data()[i]);
                double& each = d.data()[i];
                each = std::round(each * bits) / bits * (size != 0 && size < small ? size : std::max(size, 0.0625));
                each = m_sides[k].data()[i] == 0 ? each : m_sides[k].data()[i] * std::abs(each);
            }
            direction.push_back(std::move(d));
        }
        return direction;
    }

    void check_direction()
    {
        const std::vector<array<double>> original = m_inputs;
        const std::vector<array<double>> direction = random_direction();
        double derived = 0;
        double magnitude = 0;
        for (std::size_t k = 0; k < original.size(); ++k)
        {
            derived += inner(direction[k], m_gradient[k]);
            magnitude += inner(xt::abs(direction[k]), xt::abs(m_gradient[k]));
        }
        const auto move = [&](double t)
        {
            for (std::size_t k = 0; k < original.size(); ++k)
            {
                for (std::size_t i = 0; i < original[k].size(); ++i)
                {
                    m_inputs[k].data()[i] = original[k].data()[i] + t * direction[k].data()[i];
                }
            }
        };
        const auto rounding = [&] { return rounding_of_gradient(direction); };
        const estimate expected = difference(along(move, 1, direction, magnitude), derived, magnitude, rounding);
        compare("direction", 0, {}, derived, expected, magnitude, rounding);
    }

    /// What rounding may do to the derivative along a direction, as it was derived.
    double rounding_of_gradient(const std::vector<array<double>>& direction)
    {
        m_tape.clear();
        const variables x = lift();
        const variable<double> y = record(x);
        const variables gradient = vjp(y, x, m_tape.constant(m_cotangent), unconnected::zero);
        std::vector<weighted> sum;
        for (std::size_t k = 0; k < x.size(); ++k)
        {
            sum.push_back({gradient[k], direction[k]});
        }
        return epsilon * size_of_parts(sum);
    }

    /// <u, J v> = <J^T u, v>, up to the rounding of what both are made of.
    void check_forward()
    {
        m_tape.clear();
        const variables x = lift();
        const variable<double> y = record(x);
        variables tangents;
        std::vector<array<double>> direction;
        double reverse = 0;
        double magnitude = 0;
        for (std::size_t k = 0; k < x.size(); ++k)
        {
            const array<double> v = random_like(m_inputs[k], m_generator);
            tangents.push_back(m_tape.constant(v));
            direction.push_back(v);
            reverse += inner(m_gradient[k], v);
            for (std::size_t i = 0; i < v.size(); ++i)
            {
                magnitude += std::abs(v.data()[i] * m_gradient[k].data()[i]);
            }
        }
        variable<double> tangent;
        try
        {
            tangent = jvp(y, x, tangents, unconnected::zero);
        }
        catch (const error::not_differentiable& e)
        {
            refuse_forward(e);
            return;
        }
        const array<double> y_dot = tangent.value();
        estimate expected;
        expected.value = reverse;
        const array<double> value = y.value();
        if (std::isnan(reverse) && !std::all_of(value.begin(), value.end(), [](double v) { return std::isfinite(v); }))
        {
            expected.doubt = not_finite_there;
        }
        expected.error = 1e-14 * norm(y_dot) * norm(m_cotangent);
        compare("jvp", 0, {}, inner(m_cotangent, y_dot), expected, std::max(magnitude, norm(y_dot) * norm(m_cotangent)),
                [&]
                {
                    const double forward = epsilon * size_of_parts({{tangent, m_cotangent}});
                    return forward + rounding_of_gradient(direction);
                });
    }

    double tolerance() const { return m_order == 1 ? m_options.tolerance : m_options.second_tolerance; }

    /// Relative to the larger of the scale and what is expected; infinity where one of the two is not a number. The
    /// errors of both are taken off where the tolerance does not suffice.
    double relative_error(double derived, const estimate& expected, double scale, double rounding = 0) const
    {
        if (derived == expected.value)
        {
            return 0;
        }
        const auto beyond = [&](double allowed)
        {
            const double off = std::abs(derived - expected.value) - allowed;
            const double error = off <= 0 ? 0 : off / std::max(scale, std::abs(expected.value));
            return std::isnan(error) ? infinity : error;
        };
        const double error = beyond(0);
        return error <= tolerance() ? error : beyond(safety * expected.error + rounding);
    }

    /// The differences must be as exact as the tolerance, but for one digit: their error is an estimate from above.
    /// Where the derivative is 0, or nearly, it is all that is left of them: there it must be within a millionth of the
    /// slopes nearby; or of the terms that it is the sum of, if these cancel each other, as in sum(x - mean(x)).
    bool is_resolved(double derived, const estimate& expected, double scale, double rounding) const
    {
        constexpr double digit = 10;
        const double allowed = digit * tolerance() * std::max(scale, std::abs(expected.value));
        const bool is_0 = std::abs(derived) <= rounding && std::abs(expected.value) <= safety * expected.error;
        const double slopes = std::max(expected.steepest, is_0 ? rounding / epsilon : 0);
        return expected.doubt.empty() && (expected.error <= allowed || expected.error <= 1e-6 * slopes);
    }

    /// Whether two shorter steps in a row say what was derived, nearly, and by more than their rounding not what is
    /// expected: then longer ones have passed over a detail that rounding hides from most.
    static bool is_supported(double derived, const estimate& expected)
    {
        constexpr double nearly = 0.5;
        const auto supports = [&](const difference_quotient& at)
        {
            const double off = std::abs(at.value - expected.value);
            return off > safety * (at.noise + expected.error) && std::abs(at.value - derived) <= nearly * off;
        };
        const auto& steps = expected.shorter;
        return std::adjacent_find(steps.begin(), steps.end(),
                                  [&](const auto& longer, const auto& shorter)
                                  { return supports(longer) && supports(shorter); }) != steps.end();
    }

    /// What a comparison comes to; `rounding` is that of the derived value itself.
    check_outcome outcome_of(double derived, const estimate& expected, double scale, double rounding = 0) const
    {
        if (expected.doubt == not_finite_there)
        {
            return check_outcome::not_resolved;
        }
        const bool has_value = expected.doubt.empty() && std::isfinite(expected.value);
        // The slope of a root at 0: differences are as large as their step is short.
        const bool grows = std::isinf(derived) && expected.grows;
        const bool is_seen = expected.hidden == 0 || std::abs(derived) > safety * expected.hidden;
        const bool is_equal = relative_error(derived, expected, scale, rounding) <= tolerance();
        const bool disagrees = has_value && !grows && is_seen && !is_equal && !is_supported(derived, expected);
        if (std::isnan(derived) || disagrees)
        {
            return check_outcome::failed;
        }
        const bool agrees = has_value && !grows && is_equal;
        return agrees && is_resolved(derived, expected, scale, rounding) ? check_outcome::passed
                                                                         : check_outcome::not_resolved;
    }

    /// Notes what a comparison came to. Where it does not pass, the rounding of what was derived counts, too.
    template <class Rounding>
    void compare(const char* mode, std::size_t input, const std::vector<std::size_t>& coordinate, double derived,
                 const estimate& expected, double scale, const Rounding& rounding_of_derived)
    {
        ++m_report.comparisons;
        m_report.kink_suspected = m_report.kink_suspected || expected.kink;
        check_outcome outcome = outcome_of(derived, expected, scale);
        double rounding = 0;
        if (outcome != check_outcome::passed && std::isfinite(derived))
        {
            rounding = rounding_of_derived();
            outcome = outcome_of(derived, expected, scale, rounding);
        }
        if (outcome == check_outcome::not_resolved)
        {
            note_not_resolved(name_of(m_order, mode, input, coordinate), derived, expected);
            return;
        }
        const bool agrees = outcome == check_outcome::passed;
        const double error = std::isnan(derived) ? infinity : relative_error(derived, expected, scale, rounding);
        double& worst_of_order = m_report.worst_of_order[m_order - 1];
        worst_of_order = std::max(worst_of_order, error);
        m_report.worst = std::max(m_report.worst, error);
        if (m_report.mode.empty() || is_worse(mode, error / tolerance(), agrees))
        {
            m_worst_ratio = error / tolerance();
            m_report.order = m_order;
            m_report.mode = mode;
            m_report.input = input;
            m_report.coordinate = coordinate;
            m_report.derived = derived;
            m_report.expected = expected.value;
            m_report.custom_rules = agrees ? std::vector<location>() : custom_rules_behind(mode, input);
        }
        if (!agrees)
        {
            ++m_report.disagreements;
            m_report.outcome = check_outcome::failed;
        }
    }

    std::vector<location> custom_rules_behind(std::string_view mode, std::size_t input)
    {
        m_tape.clear();
        const variables x = lift();
        const variable<double> y = record(x);
        return lines_of_custom_rules(y, mode == "gradient" ? std::span(x).subspan(input, 1) : std::span(x));
    }

    void note_not_resolved(const std::string& name, double derived, const estimate& expected)
    {
        std::string reason = expected.doubt;
        if (reason.empty() && std::isinf(derived))
        {
            reason = "the differences grow as the step shrinks";
        }
        else if (reason.empty())
        {
            reason = fmt::format("rounding leaves no more of the differences than {} +- {:.1e}", expected.value,
                                 expected.error);
        }
        m_report.not_resolved.push_back(
            fmt::format("{}: derived {}, but no step resolves f here, because {}", name, derived, reason));
        if (m_report.outcome == check_outcome::passed)
        {
            m_report.outcome = check_outcome::not_resolved;
        }
    }

    /// Whether a comparison tells more than the one in the report: a coordinate that disagrees tells most.
    bool is_worse(const std::string& mode, double ratio, bool agrees) const
    {
        const bool points = mode == "gradient" && !agrees;
        const bool pointed = m_report.mode == "gradient" && m_worst_ratio > 1;
        return points != pointed ? points : ratio > m_worst_ratio;
    }

    static constexpr double infinity = std::numeric_limits<double>::infinity();
    static constexpr double epsilon = std::numeric_limits<double>::epsilon();
    const checked_function& m_f;
    std::vector<array<double>> m_inputs;
    const check_options& m_options;
    int m_order;
    check_report& m_report;
    random::legacy_generator m_generator;
    tape<double> m_tape;
    array<double> m_cotangent;
    std::vector<array<double>> m_gradient;
    std::vector<rounded_parts> m_parts; ///< of <u, f>, and their values at the point
    std::vector<std::vector<double>> m_values_of_parts;
    std::vector<array<double>> m_sides; ///< 1 or -1 where f is finite on that side of a coordinate only
    double& m_worst_ratio;              ///< how far the worst comparison so far was from passing
};

/// x -> d<u, f>/dx, the gradients by all inputs in one vector: the function whose derivative is the Hessian of <u, f>.
checked_function gradient_function(const checked_function& f, const check_options& options)
{
    return [f, seed = options.seed](std::span<const variable<double>> x)
    {
        random::legacy_generator generator(1000 + seed);
        const variable<double> y = f(x);
        const variable<double> u = y.tape().constant(random_like(array<double>(y.value()), generator));
        variables parts;
        for (const variable<double>& g : vjp(y, variables(x.begin(), x.end()), u, unconnected::zero))
        {
            parts.push_back(flatten(g));
        }
        return concatenate(parts, 0);
    };
}

void require_meaningful(const std::vector<array<double>>& inputs, const check_options& options)
{
    if (inputs.empty())
    {
        throw error::value_error("check_gradient", "there are no inputs; it needs one at least.");
    }
    if (options.order != 1 && options.order != 2)
    {
        throw error::value_error("check_gradient", "the order is ", options.order, "; it must be 1 or 2.");
    }
    if (!(options.tolerance > 0) || !(options.second_tolerance > 0))
    {
        throw error::value_error("check_gradient", "the tolerances are ", options.tolerance, " and ",
                                 options.second_tolerance, "; they must be positive.");
    }
    if ((!options.reverse || options.coordinates == 0) && !options.forward)
    {
        throw error::value_error("check_gradient", "nothing is compared; ask for a mode and for some coordinates.");
    }
}

} // namespace

check_report compare_derivatives(const checked_function& f, const std::vector<array<double>>& inputs,
                                 const check_options& options)
{
    require_meaningful(inputs, options);
    check_report report;
    double worst_ratio = 0;
    checked_function derivative = f;
    for (int order = 1; order <= options.order && report.outcome != check_outcome::failed; ++order)
    {
        order_check(derivative, inputs, options, order, report, worst_ratio).run();
        derivative = gradient_function(derivative, options);
    }
    report.passed = report.outcome == check_outcome::passed;
    return report;
}

} // namespace check

namespace
{

const char* text_of(check_outcome outcome)
{
    return outcome == check_outcome::passed ? "passed" : outcome == check_outcome::failed ? "failed" : "not resolved";
}

/// All of it but the lines.
std::string findings_of(const check_report& r)
{
    std::string text = fmt::format("check_gradient: {}, {} comparisons, largest relative error {:.2e}",
                                   text_of(r.outcome), r.comparisons, r.worst);
    if (r.disagreements > 0)
    {
        text += fmt::format("; {}: derived {}, expected {}", check::name_of(r.order, r.mode, r.input, r.coordinate),
                            detail::print_number(r.derived), detail::print_number(r.expected));
        if (r.order == 2 && std::isnan(r.derived))
        {
            text += "; a norm has no second derivative at 0: norm_sq, variance, square(x) + square(y) have, and "
                    "find_non_finite of the gradient's gradient names what made the NaN";
        }
    }
    if (!r.forward_refused.empty())
    {
        text += "; " + r.forward_refused + "; with forward = false among the options that mode is left out";
    }
    if (!r.not_resolved.empty())
    {
        text += fmt::format(
            "; {} not resolved: {}; that is not to say that the rule is wrong: check at another point, or a "
            "part of f for itself",
            r.not_resolved.size(), r.not_resolved.front());
    }
    text += r.kink_suspected ? "; a kink is suspected: the one-sided differences disagree" : "";
    text += r.custom_rules.empty()       ? ""
            : r.custom_rules.size() == 1 ? "; the rule in question is that of custom_vjp"
                                         : "; the rules in question are those of custom_vjp";
    return text;
}

} // namespace

std::string to_text(const check_report& r)
{
    std::string text = findings_of(r);
    for (const location& line : r.custom_rules)
    {
        text += fmt::format("  [{}:{}]", line.file, line.line);
    }
    return text;
}

std::ostream& operator<<(std::ostream& out, const check_report& report)
{
    return out << to_text(report);
}

void check_report::require() const
{
    if (passed)
    {
        return;
    }
    const std::string text = findings_of(*this).substr(std::string_view("check_gradient: ").size()) + ".";
    const std::string lines = to_text(*this).substr(findings_of(*this).size());
    throw custom_rules.size() == 1 ? error::gradient_check_error(custom_rules.front(), "check_gradient", text)
                                   : error::gradient_check_error("check_gradient", text, lines);
}

} // namespace autograd
