#pragma once

#include "examples/article/network.hpp"
#include "nn/data/moons.hpp"

namespace article
{

/// Records the article's loss on a tape on which the data stay: each call rewinds to them and records anew, so memory
/// does not grow with the number of passes.
class training
{
public:
    training(const nn::labelled_points& data, double lambda);

    /// The loss that the article prints: that of summed_loss(), divided by the number of points.
    double printed_loss(const arrays& parameters);

    /// The gradient that the article descends: that of the undivided loss. It is N times that of the printed one.
    arrays gradient(const arrays& parameters);
    arrays gradient_of_printed_loss(const arrays& parameters);

    /// One pass: parameters -= epsilon * gradient(parameters). Throws autograd::error::value_error where the gradient
    /// is not finite; the parameters then stay what they are.
    void descend(arrays& parameters, double epsilon);

    /// The number of points whose label has the higher score.
    std::size_t correct(const arrays& parameters);

    std::size_t count() const { return m_labels.size(); }
    /// Bytes that the tape holds.
    std::size_t memory() const { return m_tape.memory(); }

private:
    variables record_gradient(const arrays& parameters, double divisor);

    autograd::tape<double> m_tape;
    autograd::variable<double> m_points;
    autograd::indices<double> m_labels;
    autograd::tape<double>::position m_after_data;
    double m_lambda;
};

} // namespace article
