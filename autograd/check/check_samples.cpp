#include "autograd/check/check_samples.hpp"

#include "autograd/operations/arithmetic.hpp"
#include "autograd/operations/batched.hpp"
#include "autograd/operations/reduction.hpp"
#include "autograd/random/legacy_generator.hpp"
#include "autograd/tape/verify.hpp"

#include <cmath>
#include <limits>

#include <fmt/format.h>

namespace autograd::check
{

namespace
{

template <class T>
using variables = std::vector<variable<T>>;

array<double> array_of(const sample_input& input)
{
    array<double> result = array<double>::from_shape(input.shape);
    std::copy(input.values.begin(), input.values.end(), result.data());
    return result;
}

/// A sample recorded on a tape.
template <class T>
struct trial
{
    variables<T> reals;
    std::vector<indices<T>> integers;
    handle<T> result;
};

template <class T>
std::vector<indices<T>> lift_integers(tape<T>& tape, const sample& of)
{
    std::vector<indices<T>> result;
    for (const index_input& input : of.integers)
    {
        array<std::int64_t> values = array<std::int64_t>::from_shape(input.shape);
        std::transform(input.values.begin(), input.values.end(), values.data(),
                       [](double x) { return static_cast<std::int64_t>(x); });
        result.push_back(tape.index(values));
    }
    return result;
}

template <class T>
trial<T> record(tape<T>& tape, const sample& of)
{
    trial<T> result;
    for (const real_input& input : of.reals)
    {
        result.reals.push_back(tape.variable(array_of(input)));
    }
    result.integers = lift_integers(tape, of);
    result.result = of.on(T())(result.reals, result.integers);
    return result;
}

template <class T>
bool is_real(const handle<T>& x)
{
    return x.checked("sample").op->element == element_kind::real;
}

void check_error(const sample& of, sample_report& report)
{
    tape<double> tape;
    try
    {
        record(tape, of);
        report.complaints.push_back("nothing was thrown; expected: " + *of.error);
    }
    catch (const error::exception& e)
    {
        const std::string text = e.what();
        if (text.substr(0, text.find("  [")) != *of.error)
        {
            report.complaints.push_back("the error reads\n        " + text + "\n    instead of\n        " + *of.error);
        }
    }
    const std::size_t usable = tape.size();
    static_cast<void>(tape.variable(1.0));
    if (tape.size() != usable + 1)
    {
        report.complaints.emplace_back("the tape is not usable after the error");
    }
}

void check_finite_differences(const sample& of, const std::function<void(tape<double>&)>& replace,
                              sample_report& report)
{
    std::vector<array<double>> inputs;
    for (std::size_t k = 0; k < of.reals.size(); ++k)
    {
        if (k >= of.held.size() || !of.held[k])
        {
            inputs.push_back(array_of(of.reals[k]));
        }
    }
    const checked_function f = [&](std::span<const variable<double>> x)
    {
        tape<double>& tape = x[0].tape();
        variables<double> reals;
        auto next = x.begin();
        for (std::size_t k = 0; k < of.reals.size(); ++k)
        {
            const bool held = k < of.held.size() && of.held[k];
            reals.push_back(held ? tape.constant(array_of(of.reals[k])) : *next++);
        }
        const variable<double> y(of.on_double(reals, lift_integers(tape, of)));
        if (replace)
        {
            replace(tape);
        }
        return y;
    };
    check_options options;
    options.order = of.order;
    options.coordinates = 12;
    options.tolerance = of.tolerance;
    options.second_tolerance = 10 * of.tolerance;
    const check_report result = compare_derivatives(f, inputs, options);
    report.derivative_checks += result.comparisons;
    report.worst_first = result.worst_of_order[0];
    report.worst_second = result.worst_of_order[1];
    if (result.outcome == check_outcome::failed)
    {
        report.complaints.push_back(to_text(result));
    }
    report.not_resolved = result.not_resolved;
    report.evaluations += result.evaluations;
}

bool agrees(double a, double b)
{
    return (std::isnan(a) && std::isnan(b)) || a == b || std::abs(a - b) <= 1e-14 * std::abs(b);
}

/// Compares what many directions at once give with what they give one after the other.
template <class T>
class batched_check
{
public:
    batched_check(variable<T> y, variables<T> xs, bool further, sample_report& report)
        : m_y(y), m_xs(std::move(xs)), m_further(further), m_report(report), m_generator(2)
    {
    }

    /// Along directions of random numbers, and the last of them of zeros.
    void run()
    {
        const variable<T> y_bars = draw(m_y.shape());
        variables<T> x_dots;
        for (const variable<T>& x : m_xs)
        {
            x_dots.push_back(draw(x.shape()));
        }
        compare_mode("the cotangent", vjp(m_y, m_xs, y_bars, batched, unconnected::zero),
                     [&](std::size_t direction)
                     { return vjp(m_y, m_xs, detail::at_direction(y_bars, direction), unconnected::zero); });
        compare_mode("the tangent", {jvp(m_y, m_xs, x_dots, batched, unconnected::zero)},
                     [&](std::size_t direction)
                     {
                         variables<T> one;
                         for (const variable<T>& x_dot : x_dots)
                         {
                             one.push_back(detail::at_direction(x_dot, direction));
                         }
                         return variables<T>{jvp(m_y, m_xs, one, unconnected::zero)};
                     });
    }

private:
    static constexpr std::size_t directions = 3;

    variable<T> draw(shape_view like)
    {
        const shape_vector shape = detail::behind_axis(directions, like);
        array<T> values = array<T>::from_shape(std::vector<std::size_t>(shape.begin(), shape.end()));
        std::generate(values.data(), values.data() + values.size(),
                      [&] { return static_cast<T>(m_generator.uniform(0.5, 1.5)); });
        std::fill(values.data() + values.size() / directions * (directions - 1), values.data() + values.size(), T(0));
        return m_y.tape().constant(values);
    }

    /// The results of one mode, and the gradients of them all together with weights.
    template <class Separate>
    void compare_mode(const std::string& what, const variables<T>& at_once, const Separate& separate)
    {
        tape<T>& tape = m_y.tape();
        variable<T> sum_at_once = tape.full(shape_vector{}, T(0));
        variable<T> sum_of_separate = sum_at_once;
        variables<T> weights;
        for (const variable<T>& each : at_once)
        {
            weights.push_back(draw(each.shape().slice(1, each.dimension())));
            sum_at_once = sum_at_once + sum(weights.back() * each);
        }
        for (std::size_t direction = 0; direction < directions; ++direction)
        {
            const variables<T> expected = separate(direction);
            for (std::size_t k = 0; k < expected.size(); ++k)
            {
                compare(what, k, detail::at_direction(at_once[k], direction), expected[k]);
                sum_of_separate = sum_of_separate + sum(detail::at_direction(weights[k], direction) * expected[k]);
            }
        }
        if (m_further)
        {
            const variables<T> derived = vjp(sum_at_once, m_xs, tape.full(shape_vector{}, T(1)), unconnected::zero);
            const variables<T> expected =
                vjp(sum_of_separate, m_xs, tape.full(shape_vector{}, T(1)), unconnected::zero);
            for (std::size_t k = 0; k < derived.size(); ++k)
            {
                compare("the gradient of " + what, k, derived[k], expected[k]);
            }
        }
    }

    /// Sums of as many terms round relative to the largest element.
    void compare(const std::string& what, std::size_t k, variable<T> at_once, variable<T> separate)
    {
        double largest = 0;
        for (std::size_t i = 0; i < separate.size(); ++i)
        {
            const double magnitude = std::abs(static_cast<double>(separate.data()[i]));
            largest = std::isfinite(magnitude) ? std::max(largest, magnitude) : largest;
        }
        for (std::size_t i = 0; i < separate.size(); ++i)
        {
            ++m_report.batched_checks;
            const T a = at_once.data()[i];
            const T b = separate.data()[i];
            const bool same = a == b || (std::isnan(a) && std::isnan(b));
            const double unit = largest * static_cast<double>(std::numeric_limits<T>::epsilon());
            const double off = same ? 0 : std::abs(static_cast<double>(a) - static_cast<double>(b)) / unit;
            m_report.worst_batched = std::isfinite(off) ? std::max(m_report.worst_batched, off) : off;
            if (!(off <= 64))
            {
                m_report.complaints.push_back(
                    fmt::format("{} {} at {} is {} along many directions at once and {} along one", what, k, i, a, b));
                return;
            }
        }
    }

    variable<T> m_y;
    variables<T> m_xs;
    bool m_further;
    sample_report& m_report;
    random::legacy_generator m_generator;
};

template <class T>
void check_batched(const sample& of, sample_report& report)
{
    tape<T> tape;
    const trial<T> y = record(tape, of);
    batched_check<T>(variable<T>(y.result), y.reals, of.order > 1, report).run();
    verify(tape);
}

/// The derivative by every operand at one point, in both modes and as a scalar and inside an array.
void check_kink(const sample& of, const kink& point, const std::function<void(tape<double>&)>& replace,
                sample_report& report)
{
    for (const std::vector<std::size_t>& shape : {std::vector<std::size_t>{}, std::vector<std::size_t>{11}})
    {
        tape<double> tape;
        variables<double> x;
        for (double at : point.at)
        {
            array<double> values = array<double>::from_shape(shape);
            std::fill(values.data(), values.data() + values.size(), at);
            x.push_back(tape.variable(values));
        }
        const variable<double> y(of.on_double(x, {}));
        if (replace)
        {
            replace(tape);
        }
        const variable<double> ones = tape.full(y.shape(), 1.0);
        const variables<double> cotangents = vjp(y, x, ones, unconnected::zero);
        for (std::size_t k = 0; k < x.size(); ++k)
        {
            report.derivative_checks += 2;
            const double reverse = cotangents[k].data()[0];
            const double forward = jvp(y, x[k], ones, unconnected::zero).data()[0];
            if (!agrees(reverse, point.derivatives[k]) || !agrees(forward, point.derivatives[k]))
            {
                report.complaints.push_back(
                    fmt::format("at {} the derivative by operand {} is {} (reverse) and {} (forward) instead of {}",
                                point.at[0], k, reverse, forward, point.derivatives[k]));
            }
        }
        if (!replace)
        {
            batched_check<double>(y, x, false, report).run();
        }
    }
}

/// The gradients of <u, f> with a cotangent that does not depend on T.
template <class T>
std::vector<std::vector<double>> gradients(const sample& of)
{
    tape<T> tape;
    const trial<T> y = record(tape, of);
    random::legacy_generator generator(1);
    const variable<T> result(y.result);
    std::vector<std::size_t> extents(result.shape().begin(), result.shape().end());
    array<T> u = array<T>::from_shape(extents);
    std::generate(u.data(), u.data() + u.size(), [&] { return static_cast<T>(generator.uniform(0.5, 1.5)); });
    std::vector<std::vector<double>> list;
    for (const variable<T>& g : vjp(result, y.reals, tape.constant(u), unconnected::zero))
    {
        list.emplace_back(g.data(), g.data() + g.size());
    }
    verify(tape);
    return list;
}

/// Inputs that float represents, so that both precisions work on the same numbers.
sample rounded_to_float(sample of)
{
    for (real_input& input : of.reals)
    {
        for (double& x : input.values)
        {
            x = static_cast<double>(static_cast<float>(x));
        }
    }
    return of;
}

bool fits_float(const sample& of)
{
    return std::all_of(of.reals.begin(), of.reals.end(),
                       [](const real_input& input)
                       {
                           return std::all_of(input.values.begin(), input.values.end(),
                                              [](double x)
                                              { return x == 0 || (std::abs(x) < 1e4 && std::abs(x) > 1e-4); });
                       });
}

void check_float(const sample& of, sample_report& report)
{
    const sample same = rounded_to_float(of);
    const auto coarse = gradients<float>(same);
    const auto fine = gradients<double>(same);
    for (std::size_t k = 0; k < fine.size(); ++k)
    {
        double scale = 0;
        for (double g : fine[k])
        {
            scale = std::max(scale, std::isfinite(g) ? std::abs(g) : 0);
        }
        for (std::size_t i = 0; i < fine[k].size(); ++i)
        {
            ++report.derivative_checks;
            const double off = std::abs(coarse[k][i] - fine[k][i]) / (scale == 0 ? 1 : scale);
            const bool both_nan = std::isnan(coarse[k][i]) && std::isnan(fine[k][i]);
            const bool same_value = coarse[k][i] == fine[k][i] || both_nan || std::abs(fine[k][i]) > 1e37;
            const double error = same_value ? 0 : off;
            report.worst_float = std::max(report.worst_float, error);
            if (!(error < 1e-4))
            {
                report.complaints.push_back(
                    fmt::format("gradient {} at {} is {} in float and {} in double", k, i, coarse[k][i], fine[k][i]));
                return;
            }
        }
    }
}

/// Shape and derivative rules never read values.
void check_without_values(const sample& of, sample_report& report)
{
    tape<double> values;
    tape<double> shapes(recording::shapes);
    const trial<double> with = record(values, of);
    const trial<double> without = record(shapes, of);
    if (!(with.result.shape() == without.result.shape()))
    {
        report.complaints.emplace_back("recorded without values, the result has another shape");
    }
    if (is_real(without.result) && !of.reals.empty())
    {
        const variable<double> y(without.result);
        const variables<double> g = vjp(y, without.reals, shapes.full(y.shape(), 1.0), unconnected::zero);
        for (std::size_t k = 0; k < g.size(); ++k)
        {
            if (!(g[k].shape() == without.reals[k].shape()))
            {
                report.complaints.emplace_back("recorded without values, a gradient has another shape than its input");
            }
        }
    }
    verify(values);
    verify(shapes);
}

} // namespace

std::pair<std::vector<std::size_t>, std::vector<double>> value_of(const sample& of)
{
    tape<double> tape;
    const trial<double> y = record(tape, of);
    const std::vector<std::size_t> extents(y.result.shape().begin(), y.result.shape().end());
    std::vector<double> values(y.result.size());
    if (is_real(y.result))
    {
        const double* data = variable<double>(y.result).data();
        std::copy(data, data + values.size(), values.begin());
    }
    else
    {
        const std::int64_t* data = indices<double>(y.result).data();
        std::transform(data, data + values.size(), values.begin(), [](auto i) { return static_cast<double>(i); });
    }
    return {extents, values};
}

sample_report check_sample(const sample& of, const std::function<void(tape<double>&)>& replace)
{
    sample_report report;
    if (of.error)
    {
        check_error(of, report);
        return report;
    }
    if (!of.kinks.empty())
    {
        for (const kink& point : of.kinks)
        {
            check_kink(of, point, replace, report);
        }
        return report;
    }
    if (!replace)
    {
        check_without_values(of, report);
    }
    tape<double> probe;
    const bool real = is_real(record(probe, of).result);
    if (real && of.order > 0 && !of.reals.empty())
    {
        check_finite_differences(of, replace, report);
        if (!replace)
        {
            check_batched<double>(of, report);
        }
        if (!replace && fits_float(of))
        {
            check_float(of, report);
            check_batched<float>(rounded_to_float(of), report);
        }
    }
    return report;
}

} // namespace autograd::check
