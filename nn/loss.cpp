#include "nn/loss.hpp"

#include "autograd/operations/operations.hpp"
#include "autograd/tape/leaves.hpp"
#include "nn/probability.hpp"
#include "nn/recorded_checks.hpp"

#include <cmath>

namespace nn
{

using namespace autograd;
using detail::elements_rule;
using detail::positions_rule;
using detail::probability;
using detail::row_sums_rule;
using detail::slack;
using detail::weighted;
using detail::xlogy;

namespace
{

/// Throws tape_error in the name of the loss: what is recorded later would name a line of the library.
template <class T>
void require_one_tape(const char* who, const handle<T>& y, const handle<T>& t, location where)
{
    if (&y.tape() != &t.tape())
    {
        throw error::tape_error(where, who,
                                "the predictions and the truth are on different tapes; they must be on one.");
    }
}

template <class T>
void require_equal_shapes(const char* who, variable<T> y, variable<T> t, location where,
                          const char* of_y = "the predictions are ", const char* of_t = "the targets ")
{
    const shape_view y_shape = y.checked(who, where).shape();
    const shape_view t_shape = t.checked(who, where).shape();
    if (!(y_shape == t_shape))
    {
        throw error::shape_error(where, who, of_y, y_shape, " and ", of_t, t_shape,
                                 "; their shapes must be equal. Use reshape.");
    }
    require_one_tape(who, y, t, where);
}

/// The extents but the last: one loss per row. Throws unless there is a class axis, with a class.
template <class T>
shape_view rows_of(const char* who, const char* what, variable<T> scores, location where)
{
    const shape_view shape = scores.checked(who, where).shape();
    if (shape.empty() || shape.back() == 0)
    {
        throw error::shape_error(where, who, "the ", what, " are ", shape,
                                 "; their last axis counts the classes, one at least.");
    }
    return shape.slice(0, shape.size() - 1);
}

template <class T>
void require_labels(const char* who, const char* what, variable<T> scores, indices<T> labels, location where)
{
    const shape_view rows = rows_of(who, what, scores, where);
    const shape_view found = labels.checked(who, where).shape();
    if (!(found == rows))
    {
        throw error::shape_error(where, who, "the ", what, " are ", scores.shape(), " and the labels ", found,
                                 "; there must be one label per row: ", rows, ".");
    }
    require_one_tape(who, scores, labels, where);
    record_check<positions_rule, T>(where, labels, {who, "class", scores.shape().back()});
}

bool is_negative(double probability)
{
    return probability < -slack;
}
bool is_above_one(double probability)
{
    return probability > 1 + slack;
}
bool is_no_probability(double each)
{
    return is_negative(each) || is_above_one(each);
}
bool is_no_sign(double label)
{
    return std::abs(std::abs(label) - 1) > slack;
}

template <class T>
void require_elements(const char* who, const char* what, variable<T> x, bool (*is_wrong)(double), const char* rule,
                      location where)
{
    record_check<elements_rule, T>(where, x, {who, what, is_wrong, rule});
}

/// What is true is checked where it enters the tape as a constant, as data do: what is computed, or differentiated by,
/// may be anything.
template <class T>
bool is_checked(variable<T> truth)
{
    return truth.tape()[truth.index()].op == &leaves<T>::constant;
}

template <class T>
void require_targets(const char* who, variable<T> t, location where)
{
    if (is_checked(t))
    {
        require_elements(who, "target", t, is_no_probability, "it must be from 0 to 1.", where);
    }
}

/// Throws value_error unless each row sums to 1, with no part less than 0 or greater than 1.
template <class T>
void require_distributions(const char* who, variable<T> p, location where)
{
    if (is_checked(p))
    {
        require_elements(who, "probability", p, is_negative, "it must not be negative.", where);
        require_elements(who, "probability", p, is_above_one, "it must not be greater than 1.", where);
        record_check<row_sums_rule, T>(where, p, {who});
    }
}

template <class T>
variable<T> reduced(const char* who, variable<T> losses, reduction how, location where)
{
    if (how == reduction::none)
    {
        return losses;
    }
    if (how == reduction::mean && losses.size() == 0)
    {
        throw error::shape_error(where, who, "there are no losses (", losses.shape(),
                                 "); a mean needs one at least. Use reduction::sum.");
    }
    return how == reduction::sum ? sum(losses) : mean(losses);
}

/// The element of each row at its label. Selected, so that what is not infinite elsewhere stays out.
template <class T>
variable<T> at_labels(variable<T> x, indices<T> labels)
{
    return sum(autograd::where(one_hot(labels, x.shape().back()), x, 0), -1);
}

template <class T>
using guard = typename tape<T>::as_if_at;

void require_smoothing(double smoothing, location where)
{
    if (!(smoothing >= 0 && smoothing <= 1))
    {
        throw error::value_error(where, "cross_entropy", "the label smoothing is ", smoothing,
                                 "; it must be from 0 to 1.");
    }
}

template <class T>
void require_penalty(const char* who, double lambda, const std::vector<variable<T>>& parameters, location where)
{
    if (parameters.empty())
    {
        throw error::value_error(where, who, "no parameters are given; a penalty needs one at least.");
    }
    if (!(lambda >= 0 && std::isfinite(lambda)))
    {
        throw error::value_error(where, who, "lambda is ", lambda, "; it must be finite and not negative.");
    }
    for (variable<T> each : parameters)
    {
        each.checked(who, where);
    }
}

} // namespace

template <class T>
variable<T> l2_norm(variable<T> y, variable<T> t, reduction reduce, location where)
{
    require_equal_shapes("l2_norm", y, t, where);
    const guard<T> at(y.tape(), where);
    const variable<T> squares = square(y - t);
    return reduce == reduction::none ? 0.5 * squares : 0.5 * reduced("l2_norm", squares, reduce, where);
}

template <class T>
variable<T> mean_squared_error(variable<T> y, variable<T> t, reduction reduce, location where)
{
    require_equal_shapes("mean_squared_error", y, t, where);
    const guard<T> at(y.tape(), where);
    return reduced("mean_squared_error", square(y - t), reduce, where);
}

template <class T>
variable<T> mean_absolute_error(variable<T> y, variable<T> t, reduction reduce, location where)
{
    require_equal_shapes("mean_absolute_error", y, t, where);
    const guard<T> at(y.tape(), where);
    return reduced("mean_absolute_error", abs(y - t), reduce, where);
}

template <class T>
variable<T> huber(variable<T> y, variable<T> t, double delta, reduction reduce, location where)
{
    require_equal_shapes("huber", y, t, where);
    if (!(delta > 0 && std::isfinite(delta)))
    {
        throw error::value_error(where, "huber", "delta is ", delta, "; it must be positive and finite.");
    }
    const guard<T> at(y.tape(), where);
    // With c = clip(d): inside c = d gives d^2 / 2, beyond c = +-delta gives delta (|d| - delta / 2).
    const variable<T> d = y - t;
    const variable<T> c = clip(d, -delta, delta);
    return reduced("huber", c * (d - 0.5 * c), reduce, where);
}

template <class T>
variable<T> cross_entropy(variable<T> scores, indices<T> labels, const cross_entropy_options& options, location where)
{
    require_labels("cross_entropy", "scores", scores, labels, where);
    const double spread = options.label_smoothing;
    require_smoothing(spread, where);
    const guard<T> at(scores.tape(), where);
    const variable<T> log_p = log_softmax(scores);
    const variable<T> of_labels = at_labels(log_p, labels);
    const variable<T> losses = spread == 0 ? -of_labels : (spread - 1) * of_labels - spread * mean(log_p, -1);
    return reduced("cross_entropy", losses, options.reduce, where);
}

template <class T>
variable<T> cross_entropy(variable<T> scores, variable<T> distribution, const cross_entropy_options& options,
                          location where)
{
    require_equal_shapes("cross_entropy", scores, distribution, where, "the scores are ", "the distribution ");
    rows_of("cross_entropy", "scores", scores, where);
    const double spread = options.label_smoothing;
    require_smoothing(spread, where);
    require_distributions("cross_entropy", distribution, where);
    const guard<T> at(scores.tape(), where);
    const auto classes = static_cast<double>(scores.shape().back());
    const variable<T> p = probability(distribution);
    const variable<T> truth = spread == 0 ? p : (1 - spread) * p + spread / classes;
    return reduced("cross_entropy", -sum(weighted(truth, log_softmax(scores)), -1), options.reduce, where);
}

template <class T>
variable<T> negative_log_likelihood(variable<T> log_probabilities, indices<T> labels, reduction reduce, location where)
{
    require_labels("negative_log_likelihood", "log probabilities", log_probabilities, labels, where);
    const guard<T> at(log_probabilities.tape(), where);
    return reduced("negative_log_likelihood", -at_labels(log_probabilities, labels), reduce, where);
}

template <class T>
variable<T> kl_divergence(variable<T> log_q, variable<T> p, reduction reduce, location where)
{
    require_equal_shapes("kl_divergence", log_q, p, where, "log q is ", "p ");
    rows_of("kl_divergence", "probabilities", p, where);
    require_distributions("kl_divergence", p, where);
    const guard<T> at(log_q.tape(), where);
    const variable<T> truth = probability(p);
    const variable<T> own = xlogy(truth, autograd::where(truth > 0, truth, 1));
    return reduced("kl_divergence", sum(own - weighted(truth, log_q), -1), reduce, where);
}

template <class T>
variable<T> binary_cross_entropy(variable<T> p, variable<T> t, reduction reduce, location where)
{
    require_equal_shapes("binary_cross_entropy", p, t, where, "the probabilities are ");
    require_elements("binary_cross_entropy", "probability", p, is_no_probability,
                     "it must be from 0 to 1. For scores, take binary_cross_entropy_with_logits.", where);
    require_targets("binary_cross_entropy", t, where);
    const guard<T> at(p.tape(), where);
    const variable<T> said = probability(p);
    const variable<T> truth = probability(t);
    // log(1 - p) where it is not to be multiplied by 0: there the probability is replaced before the logarithm.
    const variable<T> always = equal(truth, 1) && equal(said, 1);
    const variable<T> if_true = xlogy(truth, said);
    const variable<T> if_false = (1 - truth) * log1p(-autograd::where(always, 0, said));
    return reduced("binary_cross_entropy", -(if_true + if_false), reduce, where);
}

template <class T>
variable<T> binary_cross_entropy_with_logits(variable<T> scores, variable<T> t, reduction reduce, location where)
{
    constexpr auto who = "binary_cross_entropy_with_logits";
    require_equal_shapes(who, scores, t, where, "the scores are ");
    require_targets(who, t, where);
    const guard<T> at(scores.tape(), where);
    const variable<T> truth = probability(t);
    // An infinite score that is right costs nothing: 0 times infinity is 0 here.
    return reduced(who, weighted(truth, softplus(-scores)) + weighted(1 - truth, softplus(scores)), reduce, where);
}

template <class T>
variable<T> hinge(variable<T> y, variable<T> t, reduction reduce, location where)
{
    require_equal_shapes("hinge", y, t, where);
    if (is_checked(t))
    {
        require_elements("hinge", "label", t, is_no_sign, "it must be -1 or 1. Labels of 0 and 1 become 2 t - 1.",
                         where);
    }
    const guard<T> at(y.tape(), where);
    return reduced("hinge", relu(1 - t * y), reduce, where);
}

template <class T>
variable<T> l2_penalty(double lambda, const std::vector<variable<T>>& parameters, location where)
{
    require_penalty("l2_penalty", lambda, parameters, where);
    const guard<T> at(parameters.front().tape(), where);
    variable<T> squares = sum(square(parameters.front()));
    for (std::size_t k = 1; k < parameters.size(); ++k)
    {
        squares += sum(square(parameters[k]));
    }
    return lambda / 2 * squares;
}

template <class T>
variable<T> l1_penalty(double lambda, const std::vector<variable<T>>& parameters, location where)
{
    require_penalty("l1_penalty", lambda, parameters, where);
    const guard<T> at(parameters.front().tape(), where);
    variable<T> sizes = sum(abs(parameters.front()));
    for (std::size_t k = 1; k < parameters.size(); ++k)
    {
        sizes += sum(abs(parameters[k]));
    }
    return lambda * sizes;
}

#define NN_INSTANTIATE(T)                                                                                              \
    template variable<T> l2_norm(variable<T>, variable<T>, reduction, location);                                       \
    template variable<T> mean_squared_error(variable<T>, variable<T>, reduction, location);                            \
    template variable<T> mean_absolute_error(variable<T>, variable<T>, reduction, location);                           \
    template variable<T> huber(variable<T>, variable<T>, double, reduction, location);                                 \
    template variable<T> cross_entropy(variable<T>, indices<T>, const cross_entropy_options&, location);               \
    template variable<T> cross_entropy(variable<T>, variable<T>, const cross_entropy_options&, location);              \
    template variable<T> negative_log_likelihood(variable<T>, indices<T>, reduction, location);                        \
    template variable<T> kl_divergence(variable<T>, variable<T>, reduction, location);                                 \
    template variable<T> binary_cross_entropy(variable<T>, variable<T>, reduction, location);                          \
    template variable<T> binary_cross_entropy_with_logits(variable<T>, variable<T>, reduction, location);              \
    template variable<T> hinge(variable<T>, variable<T>, reduction, location);                                         \
    template variable<T> l2_penalty(double, const std::vector<variable<T>>&, location);                                \
    template variable<T> l1_penalty(double, const std::vector<variable<T>>&, location);
NN_INSTANTIATE(float)
NN_INSTANTIATE(double)
#undef NN_INSTANTIATE

} // namespace nn
