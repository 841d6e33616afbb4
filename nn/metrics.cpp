#include "nn/metrics.hpp"

#include "autograd/tape/error.hpp"
#include "nn/allocation.hpp"
#include "nn/data/finite.hpp"
#include "nn/data/rows.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace nn
{

namespace
{

using autograd::error::index_error;
using autograd::error::shape_error;
using autograd::error::value_error;
using labels = autograd::array<std::int64_t>;

template <class T>
autograd::shape_vector common_shape(const char* where, const autograd::array<T>& truth,
                                    const autograd::array<T>& predicted)
{
    const autograd::shape_vector shape = detail::shape_of(truth);
    const autograd::shape_vector other = detail::shape_of(predicted);
    if (!(autograd::shape_view(shape) == autograd::shape_view(other)))
    {
        throw shape_error(where, "the truth has shape ", shape, " and the predictions ", other,
                          "; they must be the same.");
    }
    return shape;
}

std::size_t checked_class(const labels& array, std::size_t i, std::size_t classes, const char* which)
{
    const std::int64_t label = array.data()[i];
    if (label < 0 || static_cast<std::size_t>(label) >= classes)
    {
        throw index_error("confusion_matrix", "label ", label, " at element ", i, " of the ", which, " is not one of ",
                          classes, " classes; they are numbered from 0.");
    }
    return static_cast<std::size_t>(label);
}

/// What is right, what was taken for, and what is of a class, or of all classes together.
struct counts
{
    std::int64_t right = 0;
    std::int64_t predicted = 0;
    std::int64_t true_ones = 0;
};

std::size_t class_count(const labels& confusion, double zero_division)
{
    const autograd::shape_vector shape = detail::shape_of(confusion);
    if (shape.size() != 2 || shape[0] != shape[1])
    {
        throw shape_error("scores", "the confusion matrix has shape ", shape, "; it must be square.");
    }
    if (std::any_of(confusion.data(), confusion.data() + confusion.size(), [](std::int64_t n) { return n < 0; }))
    {
        throw value_error("scores", "the confusion matrix has a negative count; make it by confusion_matrix.");
    }
    if (zero_division != 0.0 && zero_division != 1.0)
    {
        throw value_error("scores", "zero_division is ", zero_division, "; it must be 0 or 1.");
    }
    return shape[0];
}

/// sum += count. Throws value_error where that is no number of std::int64_t.
void add(std::int64_t& sum, std::int64_t count)
{
    if (__builtin_add_overflow(sum, count, &sum))
    {
        throw value_error("scores", "the counts of the confusion matrix add up to more than 2^63 - 1; they must not.");
    }
}

counts counts_of(const labels& confusion, std::size_t k, std::size_t classes)
{
    counts result;
    result.right = confusion.data()[k * classes + k];
    for (std::size_t j = 0; j < classes; ++j)
    {
        add(result.predicted, confusion.data()[j * classes + k]);
        add(result.true_ones, confusion.data()[k * classes + j]);
    }
    return result;
}

average_scores scores_of(const counts& n, double zero_division)
{
    const auto ratio = [&](std::int64_t of)
    { return of == 0 ? zero_division : static_cast<double>(n.right) / static_cast<double>(of); };
    const double precision = ratio(n.predicted);
    const double recall = ratio(n.true_ones);
    const double sum = precision + recall;
    return {precision, recall, sum == 0 ? 0.0 : 2 * precision * recall / sum};
}

void require_class(std::size_t classes)
{
    if (classes == 0)
    {
        throw shape_error("scores", "the confusion matrix has shape (0, 0); a mean needs one class at least.");
    }
}

/// 1 - numerator / denominator of one target, whose values lie `stride` apart.
double r2_of(const double* truth, const double* predicted, std::size_t rows, std::size_t stride)
{
    // The mean, from the first value on: that of equal numbers is that number, whatever a sum of them is rounded to.
    double beyond_first = 0.0;
    for (std::size_t i = 0; i < rows; ++i)
    {
        beyond_first += truth[i * stride] - truth[0];
    }
    const double mean = truth[0] + beyond_first / static_cast<double>(rows);
    double residual = 0.0;
    double total = 0.0;
    for (std::size_t i = 0; i < rows; ++i)
    {
        const double error = truth[i * stride] - predicted[i * stride];
        const double distance = truth[i * stride] - mean;
        residual += error * error;
        total += distance * distance;
    }
    return residual == 0 ? 1.0 : total == 0 ? 0.0 : 1.0 - residual / total;
}

} // namespace

double accuracy(const labels& truth, const labels& predicted)
{
    const autograd::shape_vector shape = common_shape("accuracy", truth, predicted);
    if (truth.size() == 0)
    {
        throw shape_error("accuracy", "the arrays have shape ", shape, "; a fraction of no elements does not exist.");
    }
    const auto right = std::inner_product(truth.data(), truth.data() + truth.size(), predicted.data(), std::int64_t{0},
                                          std::plus(), std::equal_to());
    return static_cast<double>(right) / static_cast<double>(truth.size());
}

labels confusion_matrix(const labels& truth, const labels& predicted, std::size_t classes)
{
    common_shape("confusion_matrix", truth, predicted);
    const autograd::shape_vector square{classes, classes};
    labels result = detail::filled(autograd::shape_view(square), std::int64_t{0}, "confusion_matrix");
    for (std::size_t i = 0; i < truth.size(); ++i)
    {
        const std::size_t row = checked_class(truth, i, classes, "truth");
        ++result.data()[row * classes + checked_class(predicted, i, classes, "predictions")];
    }
    return result;
}

class_scores scores_by_class(const labels& confusion, double zero_division)
{
    const std::size_t classes = class_count(confusion, zero_division);
    const auto reals = [&] { return autograd::array<double>::from_shape({classes}); };
    class_scores result{reals(), reals(), reals(), labels::from_shape({classes})};
    for (std::size_t k = 0; k < classes; ++k)
    {
        const counts n = counts_of(confusion, k, classes);
        const average_scores scores = scores_of(n, zero_division);
        result.precision.data()[k] = scores.precision;
        result.recall.data()[k] = scores.recall;
        result.f1.data()[k] = scores.f1;
        result.support.data()[k] = n.true_ones;
    }
    return result;
}

average_scores macro_scores(const labels& confusion, double zero_division)
{
    const class_scores scores = scores_by_class(confusion, zero_division);
    require_class(scores.support.size());
    const auto mean = [](const autograd::array<double>& x)
    { return std::accumulate(x.data(), x.data() + x.size(), 0.0) / static_cast<double>(x.size()); };
    return {mean(scores.precision), mean(scores.recall), mean(scores.f1)};
}

average_scores micro_scores(const labels& confusion, double zero_division)
{
    const std::size_t classes = class_count(confusion, zero_division);
    require_class(classes);
    counts all;
    for (std::size_t k = 0; k < classes; ++k)
    {
        const counts n = counts_of(confusion, k, classes);
        add(all.right, n.right);
        add(all.predicted, n.predicted);
        add(all.true_ones, n.true_ones);
    }
    return scores_of(all, zero_division);
}

double r2_score(const autograd::array<double>& truth, const autograd::array<double>& predicted)
{
    const autograd::shape_vector shape = common_shape("r2_score", truth, predicted);
    if (shape.empty() || shape.size() > 2 || shape[0] < 2 || truth.size() == 0)
    {
        throw shape_error("r2_score", "the arrays have shape ", shape,
                          "; it must be (N,) or (N, K), with two rows and a target at least.");
    }
    detail::require_finite("r2_score", "truth", truth);
    detail::require_finite("r2_score", "predictions", predicted);
    const std::size_t targets = shape.size() == 2 ? shape[1] : 1;
    double sum = 0.0;
    for (std::size_t k = 0; k < targets; ++k)
    {
        sum += r2_of(truth.data() + k, predicted.data() + k, shape[0], targets);
    }
    return sum / static_cast<double>(targets);
}

} // namespace nn
