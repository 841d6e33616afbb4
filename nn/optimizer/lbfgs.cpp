#include "nn/optimizer/lbfgs.hpp"

#include "autograd/tape/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace nn
{

namespace
{

using vector = std::vector<double>;
using list = autograd::array<double>;

constexpr double least_curvature = 1e-10; ///< s y of a pair that is kept: PyTorch's

double dot(const double* a, const vector& b)
{
    return std::inner_product(b.begin(), b.end(), a, 0.0);
}

/// y += a x
void add_multiple(vector& y, double a, const double* x)
{
    for (std::size_t i = 0; i < y.size(); ++i)
    {
        y[i] += a * x[i];
    }
}

/// The largest |element|; NaN if there is one.
double largest(const vector& a)
{
    return std::accumulate(a.begin(), a.end(), 0.0,
                           [](double m, double x) { return std::isnan(m) || std::abs(x) <= m ? m : std::abs(x); });
}

double sum_of_sizes(const vector& a)
{
    return std::accumulate(a.begin(), a.end(), 0.0, [](double sum, double x) { return sum + std::abs(x); });
}

list list_of(const vector& numbers)
{
    list result = list::from_shape({numbers.size()});
    std::copy(numbers.begin(), numbers.end(), result.data());
    return result;
}

list zeros(std::size_t n)
{
    return list_of(vector(n, 0.0));
}

double curvature_of(const lbfgs_pair& pair)
{
    return std::inner_product(pair.change.begin(), pair.change.end(), pair.step.begin(), 0.0);
}

/// Keeps a new pair for as long as the step is tried; drops it if that throws, and the oldest one if it is to stay and
/// they are too many.
class learning
{
public:
    learning(lbfgs_state& state, const vector& gradient, std::size_t history) : m_state(state), m_history(history)
    {
        if (state.steps() == 0)
        {
            return;
        }
        lbfgs_pair pair{state.last_step, list_of(gradient)};
        pair.change -= state.last_gradient;
        if (curvature_of(pair) > least_curvature)
        {
            state.pairs.push_back(std::move(pair));
            m_has_learnt = true;
        }
    }
    learning(const learning&) = delete;
    ~learning()
    {
        if (m_has_learnt)
        {
            m_state.pairs.pop_back();
        }
    }

    void keep()
    {
        m_has_learnt = false;
        while (m_state.pairs.size() > m_history)
        {
            m_state.pairs.pop_front();
        }
    }

private:
    lbfgs_state& m_state;
    std::size_t m_history;
    bool m_has_learnt = false;
};

/// Algorithm 7.4: minus the inverse Hessian that the last `history` pairs say, times the gradient.
vector direction(const lbfgs_state& state, const vector& gradient, std::size_t history)
{
    vector d = gradient;
    std::transform(d.begin(), d.end(), d.begin(), std::negate());
    const std::size_t first = state.pairs.size() > history ? state.pairs.size() - history : 0;
    if (first == state.pairs.size())
    {
        return d;
    }
    struct coefficients
    {
        double rho;
        double alpha;
    };
    std::vector<coefficients> of(state.pairs.size());
    for (std::size_t k = state.pairs.size(); k-- > first;)
    {
        const lbfgs_pair& pair = state.pairs[k];
        of[k].rho = 1 / curvature_of(pair);
        of[k].alpha = dot(pair.step.data(), d) * of[k].rho;
        add_multiple(d, -of[k].alpha, pair.change.data());
    }
    const lbfgs_pair& last = state.pairs.back();
    const double scale =
        curvature_of(last) / std::inner_product(last.change.begin(), last.change.end(), last.change.begin(), 0.0);
    std::for_each(d.begin(), d.end(), [scale](double& x) { x *= scale; });
    for (std::size_t k = first; k < state.pairs.size(); ++k)
    {
        const lbfgs_pair& pair = state.pairs[k];
        add_multiple(d, of[k].alpha - dot(pair.change.data(), d) * of[k].rho, pair.step.data());
    }
    return d;
}

/// Values and slopes from a point along a direction.
class line
{
public:
    line(const detail::lbfgs_point& from, const vector& d, const objective& f, std::size_t& evaluations)
        : m_from(from), m_d(d), m_f(f), m_evaluations(evaluations), m_there(from)
    {
    }

    line_point at(double step)
    {
        m_step = step;
        m_there.x = m_from.x;
        add_multiple(m_there.x, step, m_d.data());
        m_there.value = m_f(m_there.x, m_there.gradient);
        ++m_evaluations;
        return {step, m_there.value, dot(m_d.data(), m_there.gradient)};
    }

    /// The point at a step, evaluated again where another one was evaluated last.
    detail::lbfgs_point take(double step)
    {
        if (step != m_step)
        {
            at(step);
        }
        return std::move(m_there);
    }

private:
    const detail::lbfgs_point& m_from;
    const vector& m_d;
    const objective& m_f;
    std::size_t& m_evaluations;
    detail::lbfgs_point m_there;
    double m_step = 0;
};

void require_equal_sizes(const vector& x, const vector& gradient)
{
    if (gradient.size() != x.size())
    {
        throw autograd::error::shape_error("minimize", "the gradient has ", gradient.size(), " elements, x has ",
                                           x.size(), "; they must have the same number.");
    }
}

} // namespace

void lbfgs::check() const
{
    if (history == 0)
    {
        throw autograd::error::value_error("lbfgs", "history is 0; it must be 1 at least.");
    }
    detail::require_positive("lbfgs", "learning_rate", learning_rate);
    detail::require_nonnegative("lbfgs", "gradient_tolerance", gradient_tolerance);
    detail::require_nonnegative("lbfgs", "change_tolerance", change_tolerance);
    conditions.check();
}

lbfgs_state lbfgs::start_of(std::size_t n) const
{
    check();
    return {detail::scalar(0.0), zeros(n), zeros(n), {}};
}

void lbfgs_state::resize(std::size_t pairs_in_file)
{
    const list zero = zeros(last_step.size());
    pairs.assign(pairs_in_file, {zero, zero});
}

std::string to_text(minimization_end end)
{
    switch (end)
    {
    case minimization_end::gradient_is_small:
        return "the gradient is small (gradient_tolerance)";
    case minimization_end::change_is_small:
        return "the change is small (change_tolerance)";
    case minimization_end::iterations_used_up:
        return "the iterations are used up (iterations)";
    case minimization_end::no_step_found:
        break;
    }
    return "no step was found";
}

std::string to_text(const minimization& found)
{
    return fmt::format("minimum {} after {} iterations and {} evaluations, largest |gradient| {:.2g}: {}", found.value,
                       found.iterations, found.evaluations, found.largest_gradient, to_text(found.end));
}

void detail::require_lbfgs_state(const lbfgs_state& state, std::size_t parameters)
{
    if (state.last_step.size() != parameters || state.last_gradient.size() != parameters)
    {
        throw autograd::error::value_error("lbfgs", "the state is one for ", state.last_step.size(),
                                           " parameters, and there are ", parameters,
                                           "; make it by start(model) for this model.");
    }
}

std::optional<minimization_end> detail::lbfgs_step(const lbfgs& method, lbfgs_point& at, lbfgs_state& state,
                                                   double rate, const objective& f, std::size_t& evaluations)
{
    using enum minimization_end;
    if (largest(at.gradient) <= method.gradient_tolerance)
    {
        return gradient_is_small;
    }
    learning pair(state, at.gradient, method.history);
    vector d = direction(state, at.gradient, method.history);
    const double first = state.steps() == 0 ? std::min(1.0, 1 / sum_of_sizes(at.gradient)) * rate : rate;
    const line_point start{0, at.value, dot(d.data(), at.gradient)};
    if (!(start.slope <= -method.change_tolerance) || !(start.slope < 0) || !std::isfinite(start.slope))
    {
        return std::isfinite(start.slope) && start.slope <= 0 ? change_is_small : no_step_found;
    }
    line along(at, d, f, evaluations);
    const line_search_result found =
        strong_wolfe_search([&](double step) { return along.at(step); }, start, first, method.conditions,
                            {method.search_trials, method.change_tolerance / largest(d)});
    if (found.at.step == 0)
    {
        return no_step_found;
    }
    lbfgs_point next = along.take(found.at.step);
    require_equal_sizes(next.x, next.gradient);
    std::for_each(d.begin(), d.end(), [&](double& x) { x *= found.at.step; });
    list last_gradient = list_of(at.gradient);
    list last_step = list_of(d);

    // From here on nothing throws.
    pair.keep();
    state.steps() += 1;
    std::swap(state.last_gradient, last_gradient);
    std::swap(state.last_step, last_step);
    at = std::move(next);
    if (method.on_iteration)
    {
        method.on_iteration({static_cast<std::size_t>(state.steps()), start, found.at, largest(at.gradient)});
    }
    if (largest(at.gradient) <= method.gradient_tolerance)
    {
        return gradient_is_small;
    }
    const bool stands_still =
        largest(d) <= method.change_tolerance || std::abs(at.value - start.value) < method.change_tolerance;
    return !stands_still ? std::nullopt : std::optional(found.found ? change_is_small : no_step_found);
}

minimization minimize(const lbfgs& method, std::vector<double>& x, lbfgs_state& state, const objective& f)
{
    method.check();
    detail::require_lbfgs_state(state, x.size());
    detail::lbfgs_point at{x, 0, vector(x.size())};
    at.value = f(at.x, at.gradient);
    require_equal_sizes(at.x, at.gradient);
    if (!std::isfinite(at.value) || !std::isfinite(largest(at.gradient)))
    {
        throw autograd::error::value_error("minimize", "at the start the value is ", at.value,
                                           " and the largest |gradient| ", largest(at.gradient),
                                           "; both must be finite.");
    }
    std::size_t evaluations = 1;
    const auto first = state.steps();
    const auto taken = [&] { return static_cast<std::size_t>(state.steps() - first); };
    std::optional<minimization_end> end;
    if (largest(at.gradient) <= method.gradient_tolerance)
    {
        end = minimization_end::gradient_is_small;
    }
    while (!end)
    {
        if (taken() == method.iterations)
        {
            end = minimization_end::iterations_used_up;
            break;
        }
        end = detail::lbfgs_step(method, at, state, method.learning_rate, f, evaluations);
        x = at.x;
    }
    return {at.value, largest(at.gradient), taken(), evaluations, *end};
}

minimization minimize(const lbfgs& method, std::vector<double>& x, const objective& f)
{
    lbfgs_state state = method.start_of(x.size());
    return minimize(method, x, state, f);
}

} // namespace nn
