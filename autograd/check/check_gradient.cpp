#include "autograd/check/check_gradient.hpp"

#include "autograd/operations/arithmetic.hpp"
#include "autograd/operations/joining.hpp"
#include "autograd/random/legacy_generator.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace autograd
{

namespace check
{

namespace
{

using array = xt::xarray<double>;
using variables = std::vector<variable<double>>;

/// A number and how far rounding alone may have moved it.
struct estimate
{
    double value = 0;
    double error = 0; ///< of truncation, estimated
    double noise = 0; ///< of rounding
    bool kink = false;
};

std::vector<std::size_t> position_of(std::size_t element, const array& in)
{
    std::vector<std::size_t> position(in.dimension());
    for (std::size_t axis = in.dimension(); axis-- > 0;)
    {
        position[axis] = element % in.shape(axis);
        element /= in.shape(axis);
    }
    return position;
}

/// An array of random numbers of both signs, away from 0: cotangents under which errors do not cancel.
array random_like(const array& x, random::legacy_generator& generator)
{
    array result = array::from_shape(x.shape());
    for (std::size_t i = 0; i < result.size(); ++i)
    {
        const double magnitude = generator.uniform(0.5, 1.5);
        result.data()[i] = generator.rand() < 0.5 ? -magnitude : magnitude;
    }
    return result;
}

double inner(const array& a, const array& b)
{
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
    {
        sum += a.data()[i] * b.data()[i];
    }
    return sum;
}

double norm(const array& a)
{
    return std::sqrt(inner(a, a));
}

/// One order of the check: f and its derivative under one random cotangent u, as phi(x) = <u, f(x)>.
class order_check
{
public:
    order_check(const checked_function& f, const std::vector<array>& inputs, const check_options& options, int order,
                check_report& report, double& worst_ratio)
        : m_f(f),
          m_inputs(inputs),
          m_options(options),
          m_order(order),
          m_report(report),
          m_generator(options.seed + static_cast<std::uint32_t>(order)),
          m_worst_ratio(worst_ratio)
    {
        m_tape.clear();
        m_cotangent = random_like(array(m_f(lift()).value()), m_generator);
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
        if (m_options.forward)
        {
            check_forward();
        }
    }

private:
    variables lift()
    {
        variables x;
        for (const array& input : m_inputs)
        {
            x.push_back(m_tape.variable(input));
        }
        return x;
    }

    void differentiate()
    {
        m_tape.clear();
        const variables x = lift();
        const variable<double> y = m_f(x);
        for (const variable<double>& g : vjp(y, x, m_tape.constant(m_cotangent), unconnected::zero))
        {
            m_gradient.emplace_back(g.value());
        }
    }

    array evaluate()
    {
        m_tape.clear();
        return m_f(lift()).value();
    }

    /// phi(after) - phi(before), and the sum of the magnitudes that it is made of. An element that neither changes nor,
    /// by the tangent, depends on what was moved is not part of it: its rounding hides nothing.
    std::pair<double, double> change(const array& after, const array& before, const array& tangent) const
    {
        double sum = 0;
        double magnitude = 0;
        for (std::size_t i = 0; i < after.size(); ++i)
        {
            const double a = after.data()[i], b = before.data()[i], u = m_cotangent.data()[i];
            if (a != b || tangent.data()[i] != 0)
            {
                sum += u * (a - b);
                magnitude += std::abs(u) * std::max(std::abs(a), std::abs(b));
            }
        }
        return {sum, magnitude};
    }

    /// Steps in the size of x, but not of a small one only: f may change on its scale (a root) or not (an exponential).
    static std::vector<double> steps_around(double x)
    {
        const double size = std::max(std::abs(x), 0.1);
        std::vector<double> steps{3e-2 * size, 3e-3 * size, 3e-4 * size, 3e-5 * size};
        if (is_small(x))
        {
            steps.push_back(3e-2 * std::abs(x));
            steps.push_back(3e-3 * std::abs(x));
        }
        return steps;
    }
    static bool is_small(double x) { return x != 0 && std::abs(x) < 0.01; }

    /// The derivative of phi along a line: `move(t)` sets the inputs to x + t d; `tangent` is that of f along d.
    template <class Move>
    estimate difference(const Move& move, const std::vector<double>& steps, const array& tangent)
    {
        constexpr double epsilon = std::numeric_limits<double>::epsilon();
        const array center = evaluate();
        estimate best;
        best.error = std::numeric_limits<double>::infinity();
        double steepest = 0; // slope of phi near x
        // phi' = (4 D(h/2) - D(h)) / 3 + O(h^4), D the central difference (Richardson 1911); the h of least estimated
        // error.
        for (double h : steps)
        {
            double central[2], gap[2], slope = 0, magnitude = 0;
            for (int level = 0; level < 2; ++level)
            {
                const double t = level == 0 ? h : h / 2;
                move(t);
                const array after = evaluate();
                move(-t);
                const array before = evaluate();
                const auto [difference, terms] = change(after, before, tangent);
                const double forward = change(after, center, tangent).first / t;
                const double backward = change(center, before, tangent).first / t;
                central[level] = difference / (2 * t);
                gap[level] = std::abs(forward - backward);
                slope = std::max(std::abs(forward), std::abs(backward));
                magnitude = std::max(magnitude, terms);
            }
            move(0);
            steepest = std::isfinite(slope) ? std::max(steepest, slope) : steepest;
            estimate next;
            next.value = (4 * central[1] - central[0]) / 3;
            next.noise = 4 * epsilon * magnitude / h;
            next.error = std::abs(central[1] - central[0]) / 3 + next.noise;
            // Where f is smooth, the one-sided differences come together as h goes to 0; at a kink they do not. Where f
            // jumps (the derivative of what has a kink does), the difference over h grows as 1 / h.
            const bool bends = gap[1] > 0.75 * gap[0] && gap[1] > 1e-3 * slope + 4 * next.noise;
            const bool jumps = std::abs(central[1]) > 1.75 * std::abs(central[0]) + 4 * next.noise;
            next.kink = bends || jumps;
            if (next.error < best.error || !std::isfinite(best.error))
            {
                best = next;
            }
        }
        // Where the derivative is 0, or nearly, all that is left of the differences is their own error: it is allowed
        // for, up to a millionth of the slopes nearby.
        best.error = std::min(best.error, 1e-6 * steepest);
        return best;
    }

    /// The tangent of f when the inputs have these; ones, which excuse every rounding, when forward mode is not wanted.
    array tangent_along(const std::vector<array>& directions)
    {
        m_tape.clear();
        const variables x = lift();
        const variable<double> y = m_f(x);
        if (!m_options.forward)
        {
            return xt::ones_like(m_cotangent);
        }
        variables tangents;
        for (const array& direction : directions)
        {
            tangents.push_back(m_tape.constant(direction));
        }
        return jvp(y, x, tangents, unconnected::zero).value();
    }

    void check_coordinates(std::size_t k)
    {
        const std::size_t size = m_inputs[k].size();
        const std::size_t count = std::min(size, m_options.coordinates);
        for (std::size_t j = 0; j < count; ++j)
        {
            // From the first to the last element.
            const std::size_t i = count == 1 ? 0 : j * (size - 1) / (count - 1);
            std::vector<array> unit;
            for (const array& input : m_inputs)
            {
                unit.push_back(xt::zeros_like(input));
            }
            unit[k].data()[i] = 1;
            const array tangent = tangent_along(unit);
            double& x = m_inputs[k].data()[i];
            const double original = x;
            const estimate expected = difference([&](double t) { x = original + t; }, steps_around(original), tangent);
            compare("gradient", k, position_of(i, m_inputs[k]), m_gradient[k].data()[i], expected,
                    std::max(std::abs(expected.value), std::abs(m_gradient[k].data()[i])));
        }
    }

    void check_direction()
    {
        const std::vector<array> original = m_inputs;
        std::vector<array> direction;
        double derived = 0;
        double magnitude = 0;
        for (std::size_t k = 0; k < original.size(); ++k)
        {
            array d = random_like(original[k], m_generator);
            for (std::size_t i = 0; i < d.size(); ++i)
            {
                const double x = std::abs(original[k].data()[i]);
                d.data()[i] *= is_small(x) ? x : std::max(x, 0.1);
                magnitude += std::abs(d.data()[i] * m_gradient[k].data()[i]);
            }
            derived += inner(d, m_gradient[k]);
            direction.push_back(std::move(d));
        }
        const array tangent = tangent_along(direction);
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
        compare("direction", 0, {}, derived, difference(move, steps_around(1.0), tangent), magnitude);
    }

    /// <u, J v> = <J^T u, v>
    void check_forward()
    {
        m_tape.clear();
        const variables x = lift();
        const variable<double> y = m_f(x);
        variables tangents;
        double reverse = 0;
        double magnitude = 0;
        for (std::size_t k = 0; k < x.size(); ++k)
        {
            const array v = random_like(m_inputs[k], m_generator);
            tangents.push_back(m_tape.constant(v));
            reverse += inner(m_gradient[k], v);
            for (std::size_t i = 0; i < v.size(); ++i)
            {
                magnitude += std::abs(v.data()[i] * m_gradient[k].data()[i]);
            }
        }
        const array y_dot = jvp(y, x, tangents, unconnected::zero).value();
        estimate expected;
        expected.value = reverse;
        expected.noise = 1e-14 * norm(y_dot) * norm(m_cotangent);
        compare("jvp", 0, {}, inner(m_cotangent, y_dot), expected,
                std::max(magnitude, norm(y_dot) * norm(m_cotangent)));
    }

    void compare(const char* mode, std::size_t input, std::vector<std::size_t> coordinate, double derived,
                 const estimate& expected, double scale)
    {
        ++m_report.comparisons;
        const double tolerance = m_order == 1 ? m_options.tolerance : m_options.second_tolerance;
        const double error = relative_error(derived, expected, scale, tolerance);
        const bool agrees = error <= tolerance;
        double& worst_of_order = m_report.worst_of_order[m_order - 1];
        worst_of_order = std::max(worst_of_order, error);
        m_report.worst = std::max(m_report.worst, error);
        if (m_report.mode.empty() || is_worse(mode, error / tolerance, agrees))
        {
            m_worst_ratio = error / tolerance;
            m_report.order = m_order;
            m_report.mode = mode;
            m_report.input = input;
            m_report.coordinate = std::move(coordinate);
            m_report.derived = derived;
            m_report.expected = expected.value;
        }
        m_report.kink_suspected = m_report.kink_suspected || expected.kink;
        m_report.passed = m_report.passed && agrees;
    }

    /// What rounding may have done is taken off, and where that does not suffice the differences' own error; infinity
    /// where one of the two is not a number.
    static double relative_error(double derived, const estimate& expected, double scale, double tolerance)
    {
        if (derived == expected.value)
        {
            return 0;
        }
        const auto beyond = [&](double allowed)
        {
            const double off = std::abs(derived - expected.value) - allowed;
            const double error = off <= 0 ? 0 : off / scale;
            return std::isnan(error) ? std::numeric_limits<double>::infinity() : error;
        };
        const double error = beyond(8 * expected.noise);
        return error <= tolerance ? error : beyond(8 * expected.noise + expected.error);
    }

    /// Whether a comparison tells more than the one in the report: a coordinate that disagrees tells most.
    bool is_worse(const std::string& mode, double ratio, bool agrees) const
    {
        const bool points = mode == "gradient" && !agrees;
        const bool pointed = m_report.mode == "gradient" && !m_report.passed && m_worst_ratio > 1;
        return points != pointed ? points : ratio > m_worst_ratio;
    }

    const checked_function& m_f;
    std::vector<array> m_inputs;
    const check_options& m_options;
    int m_order;
    check_report& m_report;
    random::legacy_generator m_generator;
    tape<double> m_tape;
    array m_cotangent;
    std::vector<array> m_gradient;
    double& m_worst_ratio; ///< how far the worst comparison so far was from passing
};

/// x -> d<u, f>/dx, the gradients by all inputs in one vector: the function whose derivative is the Hessian of <u, f>.
checked_function gradient_function(const checked_function& f, const check_options& options)
{
    return [f, seed = options.seed](std::span<const variable<double>> x)
    {
        random::legacy_generator generator(1000 + seed);
        const variable<double> y = f(x);
        const variable<double> u = y.tape().constant(random_like(array(y.value()), generator));
        variables parts;
        for (const variable<double>& g : vjp(y, variables(x.begin(), x.end()), u, unconnected::zero))
        {
            parts.push_back(flatten(g));
        }
        return concatenate(parts, 0);
    };
}

void require_meaningful(const std::vector<array>& inputs, const check_options& options)
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

check_report compare_derivatives(const checked_function& f, const std::vector<xt::xarray<double>>& inputs,
                                 const check_options& options)
{
    require_meaningful(inputs, options);
    check_report report;
    double worst_ratio = 0;
    checked_function derivative = f;
    for (int order = 1; order <= options.order && report.passed; ++order)
    {
        order_check(derivative, inputs, options, order, report, worst_ratio).run();
        derivative = gradient_function(derivative, options);
    }
    return report;
}

} // namespace check

std::string check_report::message() const
{
    std::string text = fmt::format("check_gradient: {}, {} comparisons, largest relative error {:.2e}",
                                   passed ? "passed" : "failed", comparisons, worst);
    if (!passed)
    {
        text += fmt::format("; order {}, {}", order, mode);
        if (mode == "gradient")
        {
            text += fmt::format(" of input {} at ({})", input, fmt::join(coordinate, ", "));
        }
        text += fmt::format(": derived {:.15g}, expected {:.15g}", derived, expected);
    }
    text += kink_suspected ? "; a kink is suspected: the one-sided differences disagree" : "";
    return text;
}

void check_report::require() const
{
    if (!passed)
    {
        throw error::gradient_check_error("check_gradient", message().substr(std::string("check_gradient: ").size()),
                                          ".");
    }
}

} // namespace autograd
