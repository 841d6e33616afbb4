#pragma once

#include "autograd/tape/variable.hpp"
#include "nn/mistakes.hpp"

#include <vector>

/// What training makes small. All of them take first what the model says, then what is true, and are recorded;
/// gradients flow to both unless said otherwise. Shapes are not broadcast: a loss of (3, 1) against (3) is a mistake,
/// and throws. What is true is checked, where it is a constant: classes, labels, and (up to 0.001) probabilities
/// and their sums. Each loss is an array of losses, one per element or (where a class axis is named) per row, which is
/// reduced.
///
/// Probabilities may be beyond 0 or 1 by 0.001, as rounding leaves them, constant or computed: such a one counts as 0
/// or 1, and its gradient is that at 0 or 1. A computed truth that is farther away is taken as it is.
namespace nn
{

/// What becomes of the losses of a batch: kept, summed, or their mean (over at least one).
enum class reduction
{
    none,
    sum,
    mean
};

/// Options of cross_entropy.
struct cross_entropy_options
{
    reduction reduce = reduction::mean;
    double label_smoothing = 0; ///< so much of the truth is spread evenly over all classes (Szegedy et al. 2016)
};

// ---------------------------------------------------------------------------------------------- distances, by element

/// (y - t)^2 / 2: summed, the L2 loss whose derivative is y - t. Throws shape_error for different shapes.
template <class T>
autograd::variable<T> l2_norm(autograd::variable<T> y, autograd::variable<T> t, reduction reduce = reduction::sum,
                              autograd::location where = autograd::location::current());

/// (y - t)^2. Throws shape_error for different shapes.
template <class T>
autograd::variable<T> mean_squared_error(autograd::variable<T> y, autograd::variable<T> t,
                                         reduction reduce = reduction::mean,
                                         autograd::location where = autograd::location::current());

/// |y - t|. Gradient at y = t: 0. Throws shape_error for different shapes.
template <class T>
autograd::variable<T> mean_absolute_error(autograd::variable<T> y, autograd::variable<T> t,
                                          reduction reduce = reduction::mean,
                                          autograd::location where = autograd::location::current());

/// d^2 / 2 up to |d| = delta, delta (|d| - delta / 2) beyond, with d = y - t. Throws shape_error for different shapes,
/// value_error unless delta > 0. (Huber 1964, Robust estimation of a location parameter.)
template <class T>
autograd::variable<T> huber(autograd::variable<T> y, autograd::variable<T> t, double delta = 1,
                            reduction reduce = reduction::mean,
                            autograd::location where = autograd::location::current());

// --------------------------------------------------------------------------------- classes, along the last axis of y

/// -sum_c t_c log softmax(scores)_c: finite for all finite scores. The truth is one integer per row, or a distribution.
/// Shapes: scores (..., classes), labels (...) or distribution (..., classes), losses (...). Gradient to the scores of
/// a labelled row: softmax(scores) - onehot; none to labels. Throws shape_error for other shapes, index_error for
/// labels that are no class, value_error unless 0 <= label_smoothing <= 1 and each distribution has parts from 0 to 1
/// that sum to 1 (within 0.001). Gradient to a distribution: -log softmax(scores), and 0 to a part of 0 whose score is
/// -inf: an impossible class costs nothing.
template <class T>
autograd::variable<T> cross_entropy(autograd::variable<T> scores, autograd::indices<T> labels,
                                    const cross_entropy_options& options = {},
                                    autograd::location where = autograd::location::current());
template <class T>
autograd::variable<T> cross_entropy(autograd::variable<T> scores, autograd::variable<T> distribution,
                                    const cross_entropy_options& options = {},
                                    autograd::location where = autograd::location::current());

/// -log p at the label, of logarithms of probabilities: what cross_entropy is, behind log_softmax.
/// Shapes: log_probabilities (..., classes), labels (...), losses (...). Throws as cross_entropy.
template <class T>
autograd::variable<T> negative_log_likelihood(autograd::variable<T> log_probabilities, autograd::indices<T> labels,
                                              reduction reduce = reduction::mean,
                                              autograd::location where = autograd::location::current());

/// sum_c p_c (log p_c - log q_c), the divergence of the model's q from the true p; where p is 0 the term is 0. log q
/// may come from log_softmax. Shapes: both (..., classes), losses (...). Gradient to p: log p + 1 - log q; where p is
/// 0: -log q, and 0 if that is infinite. Throws shape_error for different shapes, value_error unless each p has parts
/// from 0 to 1 that sum to 1 (within 0.001). (Kullback & Leibler 1951, On information and sufficiency.)
template <class T>
autograd::variable<T> kl_divergence(autograd::variable<T> log_q, autograd::variable<T> p,
                                    reduction reduce = reduction::mean,
                                    autograd::location where = autograd::location::current());

// ------------------------------------------------------------------------------------------- two classes, by element

/// -t log p - (1 - t) log(1 - p), for probabilities; a term whose factor is 0 is 0, one with a true impossibility is
/// infinite. Gradient to p: (p - t) / (p (1 - p)); where p and t are both 0, or both 1: 1, or -1; to t: the logarithm
/// that has the factor 0 there counts as 0. Where p comes from sigmoid, binary_cross_entropy_with_logits is finite.
/// Throws shape_error for different shapes, value_error for a probability, or a constant target, that is not from 0 to
/// 1 (within 0.001).
template <class T>
autograd::variable<T> binary_cross_entropy(autograd::variable<T> p, autograd::variable<T> t,
                                           reduction reduce = reduction::mean,
                                           autograd::location where = autograd::location::current());

/// The same for p = sigmoid(scores), without p: t softplus(-s) + (1 - t) softplus(s), where 0 times infinity is 0.
/// Gradient: sigmoid(s) - t. Throws shape_error for different shapes, value_error for a constant target that is not
/// from 0 to 1 (within 0.001).
template <class T>
autograd::variable<T> binary_cross_entropy_with_logits(autograd::variable<T> scores, autograd::variable<T> t,
                                                       reduction reduce = reduction::mean,
                                                       autograd::location where = autograd::location::current());

/// max(0, 1 - t y) for t of -1 and 1. Gradient at the kink: 0. Throws shape_error for different shapes, value_error
/// for other labels. (Cortes &
/// Vapnik 1995, Support-vector networks.)
template <class T>
autograd::variable<T> hinge(autograd::variable<T> y, autograd::variable<T> t, reduction reduce = reduction::mean,
                            autograd::location where = autograd::location::current());

// By mistake, what is true is no variable, or no indices.
mistake::truth l2_norm(autograd::detail::anything, autograd::detail::anything, ...);
mistake::truth mean_squared_error(autograd::detail::anything, autograd::detail::anything, ...);
mistake::truth mean_absolute_error(autograd::detail::anything, autograd::detail::anything, ...);
mistake::truth huber(autograd::detail::anything, autograd::detail::anything, ...);
mistake::truth cross_entropy(autograd::detail::anything, autograd::detail::anything, ...);
mistake::truth negative_log_likelihood(autograd::detail::anything, autograd::detail::anything, ...);
mistake::truth kl_divergence(autograd::detail::anything, autograd::detail::anything, ...);
mistake::truth binary_cross_entropy(autograd::detail::anything, autograd::detail::anything, ...);
mistake::truth binary_cross_entropy_with_logits(autograd::detail::anything, autograd::detail::anything, ...);
mistake::truth hinge(autograd::detail::anything, autograd::detail::anything, ...);

// --------------------------------------------------------------------------------------------------- regularisation

/// lambda / 2 times the sum of squares of all elements of some parameters: l2_penalty(0.01, {m.w1, m.w2}), or those
/// that nn::parameters chooses. Shape: (). Gradient: lambda w. Throws value_error for an empty list, or unless lambda
/// is finite and not negative.
template <class T>
autograd::variable<T> l2_penalty(double lambda, const std::vector<autograd::variable<T>>& parameters,
                                 autograd::location where = autograd::location::current());
/// lambda times the sum of their absolute values. Gradient: lambda sign(w), 0 at 0. Throws as l2_penalty.
template <class T>
autograd::variable<T> l1_penalty(double lambda, const std::vector<autograd::variable<T>>& parameters,
                                 autograd::location where = autograd::location::current());

template <class T, std::size_t N>
autograd::variable<T> l2_penalty(double lambda, const autograd::variable<T> (&parameters)[N],
                                 autograd::location where = autograd::location::current())
{
    return l2_penalty(lambda, std::vector<autograd::variable<T>>(parameters, parameters + N), where);
}
template <class T, std::size_t N>
autograd::variable<T> l1_penalty(double lambda, const autograd::variable<T> (&parameters)[N],
                                 autograd::location where = autograd::location::current())
{
    return l1_penalty(lambda, std::vector<autograd::variable<T>>(parameters, parameters + N), where);
}

} // namespace nn
