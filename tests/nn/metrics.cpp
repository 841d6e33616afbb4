// How good predictions are, against scikit-learn.

#include "nn/metrics.hpp"
#include "tests/memory_can_run_out.hpp"
#include "tests/nn/support.hpp"

namespace
{

using namespace support;
namespace error = autograd::error;

void check_average(const nn::average_scores& scores, const json& expected)
{
    BOOST_TEST(ulps(scores.precision, expected[0]) <= 2u);
    BOOST_TEST(ulps(scores.recall, expected[1]) <= 2u);
    BOOST_TEST(ulps(scores.f1, expected[2]) <= 2u);
}

} // namespace

BOOST_AUTO_TEST_SUITE(nn_metrics)

BOOST_AUTO_TEST_CASE(classifications_score_as_in_scikit_learn)
{
    for (const json& entry : expectations("classifications"))
    {
        const auto truth = array_of<std::int64_t>(entry["truth"]);
        const auto predicted = array_of<std::int64_t>(entry["predicted"]);
        BOOST_TEST(nn::accuracy(truth, predicted) == entry["accuracy"].get<double>());
        const labels confusion = nn::confusion_matrix(truth, predicted, entry["classes"]);
        check_near(confusion, entry["confusion"]);
        for (const json& expected : entry["scores"])
        {
            const double zero_division = expected["zero_division"];
            const nn::class_scores scores = nn::scores_by_class(confusion, zero_division);
            check_near(scores.precision, expected["precision"]);
            check_near(scores.recall, expected["recall"]);
            check_near(scores.f1, expected["f1"]);
            check_near(scores.support, expected["support"]);
            check_average(nn::macro_scores(confusion, zero_division), expected["macro"]);
            check_average(nn::micro_scores(confusion, zero_division), expected["micro"]);
        }
    }
}

BOOST_AUTO_TEST_CASE(regressions_score_as_in_scikit_learn)
{
    for (const json& entry : expectations("regression_scores"))
    {
        const double score = nn::r2_score(array_of<double>(entry["truth"]), array_of<double>(entry["predicted"]));
        BOOST_TEST(std::abs(score - entry["r2"].get<double>()) <= 8 * 0x1p-52);
    }
}

BOOST_AUTO_TEST_CASE(a_constant_target_is_right_or_wrong)
{
    for (const double value : {0.1, 0.3, 1.0 / 3, 0.7, 1e10 + 0.1, -1e-100})
    {
        for (const std::size_t rows : {2u, 3u, 10u, 11u, 1000u}) // a sum of which is rounded
        {
            array truth = array::from_shape({rows});
            truth.fill(value);
            array predicted = truth;
            BOOST_TEST(nn::r2_score(truth, predicted) == 1.0);
            predicted(rows - 1) = 2 * value;
            BOOST_TEST(nn::r2_score(truth, predicted) == 0.0, value << ", " << rows << " rows");
        }
    }
}

BOOST_AUTO_TEST_CASE(labels_of_any_shape)
{
    BOOST_TEST(nn::accuracy(labels{{1, 2}, {3, 4}}, labels{{1, 2}, {0, 4}}) == 0.75);
    const labels none = nn::confusion_matrix(labels::from_shape({0}), labels::from_shape({0}), 2);
    BOOST_TEST(std::vector<std::int64_t>(none.begin(), none.end()) == std::vector<std::int64_t>(4, 0), per_element());
}

BOOST_AUTO_TEST_CASE(what_cannot_be_scored)
{
    BOOST_TEST(text_of<error::shape_error>(
                   [] {
                       nn::accuracy(labels{1, 2}, labels{1});
                   }) ==
               "autograd: accuracy: the truth has shape (2,) and the predictions (1,); they must be the same.");
    BOOST_TEST(text_of<error::shape_error>([] { nn::accuracy(labels::from_shape({0}), labels::from_shape({0})); }) ==
               "autograd: accuracy: the arrays have shape (0,); a fraction of no elements does not exist.");
    BOOST_TEST(text_of<error::index_error>(
                   [] {
                       nn::confusion_matrix(labels{0, 3}, labels{0, 0}, 3);
                   }) ==
               "autograd: confusion_matrix: label 3 at element 1 of the truth is not one of 3 classes; they are "
               "numbered from 0.");
    BOOST_CHECK_THROW(nn::confusion_matrix(labels{0}, labels{-1}, 3), error::index_error);
    BOOST_CHECK_THROW(nn::confusion_matrix(labels{0}, labels{0}, static_cast<std::size_t>(-1)), error::shape_error);
    if (support::memory_can_run_out)
    {
        BOOST_CHECK_THROW(nn::confusion_matrix(labels{0}, labels{0}, std::size_t{1} << 28), error::memory_error);
    }
    const std::int64_t most = std::numeric_limits<std::int64_t>::max();
    BOOST_TEST(text_of<error::value_error>(
                   [&] {
                       nn::scores_by_class(labels{{most, 1}, {0, 0}});
                   }) ==
               "autograd: scores: the counts of the confusion matrix add up to more than 2^63 - 1; they must not.");
    BOOST_CHECK_THROW(nn::micro_scores(labels{{most, 0}, {0, 1}}), error::value_error);
    BOOST_TEST(text_of<error::shape_error>(
                   [] {
                       nn::scores_by_class(labels{1, 2});
                   }) == "autograd: scores: the confusion matrix has shape (2,); it must be square.");
    BOOST_TEST(text_of<error::value_error>(
                   [] {
                       nn::micro_scores(labels{{1, 0}, {-1, 0}});
                   }) == "autograd: scores: the confusion matrix has a negative count; make it by confusion_matrix.");
    BOOST_TEST(text_of<error::value_error>(
                   [] {
                       nn::macro_scores(labels{{1, 0}, {0, 1}}, 0.5);
                   }) == "autograd: scores: zero_division is 0.5; it must be 0 or 1.");
    BOOST_TEST(text_of<error::shape_error>(
                   [] {
                       nn::macro_scores(labels::from_shape({0, 0}));
                   }) == "autograd: scores: the confusion matrix has shape (0, 0); a mean needs one class at least.");
    BOOST_TEST(
        text_of<error::shape_error>([] { nn::r2_score(array{1.0}, array{1.0}); }) ==
        "autograd: r2_score: the arrays have shape (1,); it must be (N,) or (N, K), with two rows and a target at "
        "least.");
    BOOST_CHECK_THROW(nn::r2_score(array{1.0, 2.0}, array{1.0}), error::shape_error);
    BOOST_TEST(text_of<error::value_error>(
                   [] {
                       nn::r2_score(array{1.0, 1.0}, array{1.0, std::nan("")});
                   }) == "autograd: r2_score: element 1 of the predictions is nan; all must be finite.");
    BOOST_CHECK_THROW(nn::r2_score(array::from_shape({2, 0}), array::from_shape({2, 0})), error::shape_error);
}

BOOST_AUTO_TEST_SUITE_END()
