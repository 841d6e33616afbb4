#pragma once

#include "autograd/tape/xtensor.hpp"

#include <cstdint>

/// How good predictions are. Labels are integers 0, ..., classes - 1, in arrays of one shape, whichever it is.
namespace nn
{

/// The fraction of predictions that are right.
/// Throws autograd::error::shape_error unless both arrays are of one shape and have an element.
double accuracy(const autograd::array<std::int64_t>& truth, const autograd::array<std::int64_t>& predicted);

/// How often class i was taken for class j, shape (classes, classes): rows are the truth, columns the predictions, as
/// in scikit-learn. Throws autograd::error::shape_error unless both arrays are of one shape, index_error if a label is
/// not one of the classes, memory_error for more classes than the machine has memory for.
autograd::array<std::int64_t> confusion_matrix(const autograd::array<std::int64_t>& truth,
                                               const autograd::array<std::int64_t>& predicted, std::size_t classes);

/// Precision, recall and their harmonic mean for each class, each of shape (classes,).
struct class_scores
{
    autograd::array<double> precision;     ///< of what was taken for the class, the fraction that is of it
    autograd::array<double> recall;        ///< of what is of the class, the fraction that was taken for it
    autograd::array<double> f1;            ///< 2 precision recall / (precision + recall)
    autograd::array<std::int64_t> support; ///< how many are of the class
};

/// The scores of each class, from a confusion matrix; those of scikit-learn's precision_recall_fscore_support with
/// labels=range(classes).
///
/// Where nothing was taken for a class its precision is 0 / 0, and where nothing is of it its recall is: then the value
/// is zero_division, 0 or 1. f1 is computed from these values, and is 0 where both are 0. (With zero_division 1, a
/// class that neither occurs nor is predicted has f1 = 1.)
///
/// Throws autograd::error::shape_error unless the matrix is square, value_error if it has a negative count, if the
/// counts add up to more than 2^63 - 1, or if zero_division is neither 0 nor 1.
class_scores scores_by_class(const autograd::array<std::int64_t>& confusion, double zero_division = 0.0);

/// One number of each for all classes.
struct average_scores
{
    double precision;
    double recall;
    double f1;
};

/// The means over classes, however many are of each: scikit-learn's average="macro" with labels=range(classes), which
/// counts classes that do not occur, too. Throws as scores_by_class, and shape_error if there is no class.
average_scores macro_scores(const autograd::array<std::int64_t>& confusion, double zero_division = 0.0);

/// The scores of all classes' counts taken together: scikit-learn's average="micro". Where each example has one class
/// and one prediction, as here, all three are the accuracy. Throws as macro_scores.
average_scores micro_scores(const autograd::array<std::int64_t>& confusion, double zero_division = 0.0);

/// The fraction of the variance of the truth that the predictions explain, 1 - sum (y - p)^2 / sum (y - mean y)^2:
/// scikit-learn's r2_score. Shape (N,), or (N, K) for K targets, whose mean is given. Where a target is constant it is
/// 1 if the predictions are right, else 0.
///
/// Throws autograd::error::shape_error unless both arrays are of one such shape with two rows and a target at least,
/// value_error if an element is not finite.
double r2_score(const autograd::array<double>& truth, const autograd::array<double>& predicted);

} // namespace nn
