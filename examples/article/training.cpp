#include "examples/article/training.hpp"

#include "autograd/differentiate/gradient.hpp"
#include "autograd/operations/arithmetic.hpp"

#include <algorithm>
#include <cmath>

namespace article
{

namespace
{

using variable = autograd::variable<double>;

xt::xarray<std::int64_t> as_column(xt::xarray<std::int64_t> labels)
{
    labels.reshape({labels.size(), std::size_t{1}});
    return labels;
}

bool is_finite(const variables& slope)
{
    const auto all_finite = [](const variable& x)
    { return std::all_of(x.data(), x.data() + x.size(), [](double entry) { return std::isfinite(entry); }); };
    return std::apply([&](const auto&... each) { return (all_finite(each) && ...); }, slope.members());
}

/// A plain loop: on arrays of a few numbers an xtensor expression takes longer to set up than to compute.
void step(xt::xarray<double>& parameter, const variable& slope, double epsilon)
{
    double* value = parameter.data();
    const double* gradient = slope.data();
    for (std::size_t i = 0, size = parameter.size(); i < size; ++i)
    {
        value[i] -= epsilon * gradient[i];
    }
}

arrays values_of(const variables& recorded)
{
    return {recorded.W1.value(), recorded.b1.value(), recorded.W2.value(), recorded.b2.value()};
}

} // namespace

training::training(const nn::labelled_points& data, double lambda)
    : m_points(m_tape.constant(data.points)),
      m_labels(m_tape.index(as_column(data.labels))),
      m_after_data(m_tape.mark()),
      m_lambda(lambda)
{
}

double training::printed_loss(const arrays& parameters)
{
    double sum = 0;
    for (const logarithm form : {logarithm::of_softmax, logarithm::fused})
    {
        m_tape.rewind(m_after_data);
        sum = summed_loss(on_tape(m_tape, parameters), m_points, m_labels, m_lambda, form).item();
        if (std::isfinite(sum))
        {
            break;
        }
    }
    return sum / static_cast<double>(count());
}

variables training::record_gradient(const arrays& parameters, double divisor)
{
    // With long steps the scores can be so far apart that a probability underflows to 0. Its logarithm, -inf, has no
    // finite derivative: such a pass is recorded again in the form that cannot underflow.
    for (const logarithm form : {logarithm::of_softmax, logarithm::fused})
    {
        m_tape.rewind(m_after_data);
        const variables recorded = on_tape(m_tape, parameters);
        const variable loss = summed_loss(recorded, m_points, m_labels, m_lambda, form);
        const variables slope = autograd::gradient(divisor == 1 ? loss : loss / divisor, recorded);
        if (is_finite(slope))
        {
            return slope;
        }
    }
    throw autograd::error::value_error("moons", "the gradient is not finite.");
}

arrays training::gradient(const arrays& parameters)
{
    return values_of(record_gradient(parameters, 1));
}

arrays training::gradient_of_printed_loss(const arrays& parameters)
{
    return values_of(record_gradient(parameters, static_cast<double>(count())));
}

void training::descend(arrays& parameters, double epsilon)
{
    const variables slope = record_gradient(parameters, 1);
    step(parameters.W1, slope.W1, epsilon);
    step(parameters.b1, slope.b1, epsilon);
    step(parameters.W2, slope.W2, epsilon);
    step(parameters.b2, slope.b2, epsilon);
}

std::size_t training::correct(const arrays& parameters)
{
    m_tape.rewind(m_after_data);
    const double* score = scores(on_tape(m_tape, parameters), m_points).data();
    const std::int64_t* label = m_labels.data();
    std::size_t hits = 0;
    for (std::size_t i = 0; i < count(); ++i)
    {
        hits += (score[2 * i + 1] > score[2 * i] ? 1 : 0) == label[i];
    }
    return hits;
}

} // namespace article
