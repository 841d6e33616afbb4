#include "autograd/check/check_gradient.hpp"

#include "autograd/operations/arithmetic.hpp"
#include "autograd/operations/reduction.hpp"
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
                check_report& report)
        : m_f(f), m_inputs(inputs), m_options(options), m_order(order), m_report(report),
          m_generator(options.seed + static_cast<std::uint32_t>(order))
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

    /// phi and the sum of the magnitudes that it is made of.
    std::pair<double, double> evaluate()
    {
        m_tape.clear();
        const array y = m_f(lift()).value();
        double magnitude = 0;
        for (std::size_t i = 0; i < y.size(); ++i)
        {
            magnitude += std::abs(y.data()[i] * m_cotangent.data()[i]);
        }
        return {inner(y, m_cotangent), magnitude};
    }

    /// The derivative of phi along a line: `move(t)` sets the inputs to x + t d.
    template <class Move>
    estimate difference(const Move& move, double scale)
    {
        constexpr double epsilon = std::numeric_limits<double>::epsilon();
        const auto [center, center_magnitude] = evaluate();
        estimate best;
        best.error = std::numeric_limits<double>::infinity();
        // phi' = (4 D(h/2) - D(h)) / 3 + O(h^4), D the central difference (Richardson 1911); the h of least estimated error.
        for (double step : {3e-2, 3e-3, 3e-4, 3e-5})
        {
            const double h = step * scale;
            double central[2], forward = 0, backward = 0, magnitude = center_magnitude;
            for (int level = 0; level < 2; ++level)
            {
                const double t = level == 0 ? h : h / 2;
                move(t);
                const auto [after, after_magnitude] = evaluate();
                move(-t);
                const auto [before, before_magnitude] = evaluate();
                central[level] = (after - before) / (2 * t);
                forward = (after - center) / t;
                backward = (center - before) / t;
                magnitude = std::max({magnitude, after_magnitude, before_magnitude});
            }
            move(0);
            estimate next;
            next.value = (4 * central[1] - central[0]) / 3;
            next.noise = 4 * epsilon * magnitude / h;
            next.error = std::abs(central[1] - central[0]) / 3 + next.noise;
            next.kink = std::abs(forward - backward) > 1e-3 * std::max(std::abs(forward), std::abs(backward));
            if (next.error < best.error || !std::isfinite(best.error))
            {
                best = next;
            }
        }
        return best;
    }

    void check_coordinates(std::size_t k)
    {
        const std::size_t size = m_inputs[k].size();
        const std::size_t stride = std::max<std::size_t>(1, size / std::max<std::size_t>(1, m_options.coordinates));
        for (std::size_t i = 0; i < size; i += stride)
        {
            double& x = m_inputs[k].data()[i];
            const double original = x;
            const estimate expected =
                difference([&](double t) { x = original + t; }, std::max(std::abs(original), 0.1));
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
                d.data()[i] *= std::max(std::abs(original[k].data()[i]), 0.1);
                magnitude += std::abs(d.data()[i] * m_gradient[k].data()[i]);
            }
            derived += inner(d, m_gradient[k]);
            direction.push_back(std::move(d));
        }
        const auto move = [&](double t) {
            for (std::size_t k = 0; k < original.size(); ++k)
            {
                for (std::size_t i = 0; i < original[k].size(); ++i)
                {
                    m_inputs[k].data()[i] = original[k].data()[i] + t * direction[k].data()[i];
                }
            }
        };
        compare("direction", 0, {}, derived, difference(move, 1.0), magnitude);
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
        const double off = std::max(0.0, std::abs(derived - expected.value) - 8 * expected.noise);
        const bool agree = derived == expected.value || off == 0;
        double error = agree ? 0 : off / scale;
        error = std::isnan(error) ? std::numeric_limits<double>::infinity() : error;
        if (error > tolerance)
        {
            m_report.passed = false;
        }
        double& worst_of_order = m_report.worst_of_order[std::min(m_order, 2) - 1];
        worst_of_order = std::max(worst_of_order, error);
        if (m_report.mode.empty() || error / tolerance > worst_ratio())
        {
            m_report.worst = std::max(m_report.worst, error);
            m_report.order = m_order;
            m_report.mode = mode;
            m_report.input = input;
            m_report.coordinate = std::move(coordinate);
            m_report.derived = derived;
            m_report.expected = expected.value;
            m_report.kink_suspected = expected.kink && error > tolerance;
        }
    }

    /// How far the worst comparison so far was from passing.
    double worst_ratio() const
    {
        return m_report.worst / (m_report.order == 2 ? m_options.second_tolerance : m_options.tolerance);
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
};

/// x -> <v, d<u, f>/dx>: the function whose gradient is the Hessian of <u, f> times v.
checked_function gradient_function(const checked_function& f, const check_options& options)
{
    return [f, seed = options.seed](std::span<const variable<double>> x) {
        random::legacy_generator generator(1000 + seed);
        const variable<double> y = f(x);
        tape<double>& tape = y.tape();
        const variable<double> u = tape.constant(random_like(array(y.value()), generator));
        variable<double> result = tape.full({}, 0.0);
        for (const variable<double>& g : vjp(y, variables(x.begin(), x.end()), u, unconnected::zero))
        {
            result = result + sum(g * tape.constant(random_like(array(g.value()), generator)));
        }
        return result;
    };
}

} // namespace

check_report compare_derivatives(const checked_function& f, const std::vector<xt::xarray<double>>& inputs,
                            const check_options& options)
{
    check_report report;
    checked_function derivative = f;
    for (int order = 1; order <= options.order; ++order)
    {
        order_check(derivative, inputs, options, order, report).run();
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
        text += kink_suspected ? "; a kink is suspected: the one-sided differences disagree" : "";
    }
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
