#include "nn/optimizer/lbfgs.hpp"

#include "autograd/tape/error.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>
#include <numeric>

namespace nn
{

namespace
{

using vector = std::vector<double>;

double dot(const vector& a, const vector& b)
{
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

/// y += a x
void add_multiple(vector& y, double a, const vector& x)
{
    for (std::size_t i = 0; i < y.size(); ++i)
    {
        y[i] += a * x[i];
    }
}

vector difference(const vector& a, const vector& b)
{
    vector result = a;
    add_multiple(result, -1, b);
    return result;
}

/// The largest |element|; NaN if there is one.
double largest(const vector& a)
{
    return std::accumulate(a.begin(), a.end(), 0.0,
                           [](double m, double x) { return std::isnan(m) || std::abs(x) <= m ? m : std::abs(x); });
}

/// The last few steps and what they did to the gradient.
class inverse_hessian
{
public:
    explicit inverse_hessian(std::size_t history) : m_history(history) {}

    /// Forgets the oldest pair where there are too many. A pair without curvature would make the next direction one of
    /// ascent: it is left out.
    void learn(vector s, vector y)
    {
        const double curvature = dot(s, y);
        if (!(curvature > std::numeric_limits<double>::epsilon() * dot(y, y)))
        {
            return;
        }
        m_scale = curvature / dot(y, y);
        m_pairs.push_back({std::move(s), std::move(y), 1 / curvature, 0});
        if (m_pairs.size() > m_history)
        {
            m_pairs.pop_front();
        }
    }

    void forget() { m_pairs.clear(); }
    bool is_empty() const { return m_pairs.empty(); }

    /// Algorithm 7.4: the two loops.
    vector times(vector q)
    {
        for (auto each = m_pairs.rbegin(); each != m_pairs.rend(); ++each)
        {
            each->alpha = each->rho * dot(each->s, q);
            add_multiple(q, -each->alpha, each->y);
        }
        if (!is_empty())
        {
            std::for_each(q.begin(), q.end(), [this](double& x) { x *= m_scale; });
        }
        for (const pair& each : m_pairs)
        {
            add_multiple(q, each.alpha - each.rho * dot(each.y, q), each.s);
        }
        return q;
    }

private:
    struct pair
    {
        vector s, y;
        double rho;
        double alpha;
    };
    std::size_t m_history;
    std::deque<pair> m_pairs;
    double m_scale = 1;
};

/// Algorithm 7.5.
class minimizer
{
public:
    minimizer(const lbfgs& method, const vector& x, const objective& f)
        : m_method(method), m_f(f), m_x(x), m_gradient(x.size()), m_inverse(method.history)
    {
        m_value = evaluate(m_x, m_gradient);
        if (!std::isfinite(m_value) || !std::isfinite(largest(m_gradient)))
        {
            throw autograd::error::value_error("minimize", "at the start the value is ", m_value,
                                               " and the largest |gradient| ", largest(m_gradient),
                                               "; both must be finite.");
        }
    }

    minimization run()
    {
        std::size_t iteration = 0;
        minimization_end end = minimization_end::gradient_is_small;
        while (largest(m_gradient) > m_method.gradient_tolerance)
        {
            if (iteration == m_method.iterations)
            {
                end = minimization_end::iterations_used_up;
                break;
            }
            const double before = m_value;
            if (!step(++iteration))
            {
                end = minimization_end::no_step_found;
                --iteration;
                break;
            }
            if (before - m_value <= m_method.value_tolerance * std::max(std::abs(before), std::abs(m_value)))
            {
                end = largest(m_gradient) > m_method.gradient_tolerance ? minimization_end::value_stands_still
                                                                        : minimization_end::gradient_is_small;
                break;
            }
        }
        return {m_value, largest(m_gradient), iteration, m_evaluations, end};
    }

    const vector& x() const { return m_x; }

private:
    double evaluate(const vector& x, vector& gradient)
    {
        ++m_evaluations;
        const double value = m_f(x, gradient);
        if (gradient.size() != x.size())
        {
            throw autograd::error::shape_error("minimize", "the gradient has ", gradient.size(), " elements, x has ",
                                               x.size(), "; they must have the same number.");
        }
        return value;
    }

    /// Whether there was one.
    bool step(std::size_t iteration)
    {
        const bool had_history = !m_inverse.is_empty();
        if (step_along(m_inverse.times(m_gradient), had_history ? 1 : 1 / std::sqrt(dot(m_gradient, m_gradient)),
                       iteration))
        {
            return true;
        }
        if (!had_history)
        {
            return false;
        }
        m_inverse.forget(); // what was learnt misleads: once more, downhill
        return step_along(m_gradient, 1 / std::sqrt(dot(m_gradient, m_gradient)), iteration);
    }

    /// A step along the negative of `uphill`.
    bool step_along(const vector& uphill, double first, std::size_t iteration)
    {
        const line_point start{0, m_value, -dot(m_gradient, uphill)};
        if (!(start.slope < 0) || !std::isfinite(start.slope) || !std::isfinite(first))
        {
            return false;
        }
        vector x, gradient(m_x.size());
        const auto phi = [&](double length)
        {
            x = m_x;
            add_multiple(x, -length, uphill);
            const double value = evaluate(x, gradient);
            return line_point{length, value, -dot(gradient, uphill)};
        };
        const line_search_result found =
            strong_wolfe_search(phi, start, first, m_method.conditions, m_method.search_evaluations);
        if (!found.found)
        {
            return false;
        }
        // A search ends at the point that it found good: x and gradient are those of found.at.
        m_inverse.learn(difference(x, m_x), difference(gradient, m_gradient));
        m_x = x;
        m_gradient = gradient;
        m_value = found.at.value;
        if (m_method.on_iteration)
        {
            m_method.on_iteration({iteration, start, found.at, largest(m_gradient)});
        }
        return true;
    }

    const lbfgs& m_method;
    const objective& m_f;
    vector m_x;
    vector m_gradient;
    double m_value = 0;
    std::size_t m_evaluations = 0;
    inverse_hessian m_inverse;
};

} // namespace

void lbfgs::check() const
{
    if (history == 0)
    {
        throw autograd::error::value_error("lbfgs", "history is 0; it must be 1 at least.");
    }
    detail::require_nonnegative("lbfgs", "gradient_tolerance", gradient_tolerance);
    detail::require_nonnegative("lbfgs", "value_tolerance", value_tolerance);
    conditions.check();
}

std::string_view text_of(minimization_end end)
{
    switch (end)
    {
    case minimization_end::gradient_is_small:
        return "the gradient is small";
    case minimization_end::value_stands_still:
        return "the value stands still";
    case minimization_end::iterations_used_up:
        return "the iterations are used up";
    case minimization_end::no_step_found:
        break;
    }
    return "no step was found";
}

minimization minimize(const lbfgs& method, std::vector<double>& x, const objective& f)
{
    method.check();
    minimizer solver(method, x, f);
    const minimization result = solver.run();
    x = solver.x();
    return result;
}

} // namespace nn
