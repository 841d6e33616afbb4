#include "nn/loss.hpp"

#include "autograd/check/check_samples.hpp"
#include "autograd/random/legacy_generator.hpp"
#include "nn/expectations.hpp"
#include "nn/module.hpp"
#include "nn/probability.hpp"

using namespace support;
using autograd::error::index_error;
using autograd::error::shape_error;
using autograd::error::value_error;
using expectations::named;
using nn::reduction;

namespace
{

constexpr double inf = std::numeric_limits<double>::infinity();

/// loss(y, t or labels, reduction) against a case.
template <class Loss>
void check_loss(const std::string& name, Loss loss, const autograd::check_options& options = {})
{
    const auto run = [&]<class T>(autograd::tape<T>& t, named<T>& in) -> named<T>
    {
        const auto call = [&](reduction how)
        {
            if (expectations::all().at(name).at("inputs").contains("labels"))
            {
                const auto labels = expectations::input(name, "labels");
                return loss(in["y"], t.index(xt::xarray<std::int64_t>(xt::cast<std::int64_t>(labels))), how);
            }
            else
            {
                return loss(in["y"], in["t"], how);
            }
        };
        return {{"none", call(reduction::none)}, {"sum", call(reduction::sum)}, {"mean", call(reduction::mean)}};
    };
    expectations::check_case(name, run, options);
}

/// Parts of which each is off by less than the slack, but for the first, and which sum to 1.
array crowded()
{
    array p = array::from_shape({1, 2000});
    p.fill(-0.0005);
    p(0, 0) = 1.9995;
    return p;
}

/// For losses of two variables only.
template <class Loss>
auto of_variables(Loss loss)
{
    return [loss]<class T, class Truth>(autograd::variable<T> y, Truth t, reduction how) -> autograd::variable<T>
    {
        if constexpr (std::is_same_v<Truth, autograd::variable<T>>)
        {
            return loss(y, t, how);
        }
        else
        {
            throw std::logic_error("labels where a variable was expected");
        }
    };
}
template <class Loss>
auto of_labels(Loss loss)
{
    return [loss]<class T, class Truth>(autograd::variable<T> y, Truth t, reduction how) -> autograd::variable<T>
    {
        if constexpr (std::is_same_v<Truth, autograd::indices<T>>)
        {
            return loss(y, t, how);
        }
        else
        {
            throw std::logic_error("a variable where labels were expected");
        }
    };
}

} // namespace

BOOST_AUTO_TEST_SUITE(nn_loss)

BOOST_AUTO_TEST_CASE(distances_agree_with_pytorch_and_numpy)
{
    check_loss("l2_norm", of_variables([](auto y, auto t, auto how) { return nn::l2_norm(y, t, how); }));
    check_loss("mean_squared_error",
               of_variables([](auto y, auto t, auto how) { return nn::mean_squared_error(y, t, how); }));
    check_loss("mean_absolute_error",
               of_variables([](auto y, auto t, auto how) { return nn::mean_absolute_error(y, t, how); }));
    check_loss("huber", of_variables([](auto y, auto t, auto how) { return nn::huber(y, t, 0.7, how); }));
    check_loss("hinge", of_variables([](auto y, auto t, auto how) { return nn::hinge(y, t, how); }));
}

BOOST_AUTO_TEST_CASE(losses_of_classes_agree_with_pytorch)
{
    for (const double smoothing : {0.0, 0.2})
    {
        const std::string suffix = smoothing == 0 ? "" : "_smoothed";
        const auto loss = [=](auto y, auto t, auto how) { return nn::cross_entropy(y, t, {how, smoothing}); };
        check_loss("cross_entropy" + suffix, of_labels(loss));
        check_loss("cross_entropy_of_distributions" + suffix, of_variables(loss));
    }
    check_loss("negative_log_likelihood",
               of_labels([](auto y, auto t, auto how) { return nn::negative_log_likelihood(y, t, how); }));
    check_loss("kl_divergence", of_variables([](auto y, auto t, auto how) { return nn::kl_divergence(y, t, how); }));
}

BOOST_AUTO_TEST_CASE(losses_of_two_classes_agree_with_pytorch)
{
    check_loss("binary_cross_entropy",
               of_variables([](auto y, auto t, auto how) { return nn::binary_cross_entropy(y, t, how); }));
    check_loss("binary_cross_entropy_with_logits",
               of_variables([](auto y, auto t, auto how) { return nn::binary_cross_entropy_with_logits(y, t, how); }));
}

BOOST_AUTO_TEST_CASE(large_scores_give_finite_losses_and_gradients)
{
    tape t;
    const variable scores = t.variable(array{{1000, 0}, {-1000, 0}, {1e4, 1e4}, {0, 1000}});
    const variable loss = nn::cross_entropy(scores, t.index(integers{0, 0, 1, 0}), {reduction::none});
    BOOST_TEST(list(loss) == (reals{0, 1000, std::log(2.0), 1000}), tolerance(1e-15) << per_element());
    BOOST_TEST(list(gradient(sum(loss), scores)) == (reals{0, 0, -1, 1, 0.5, -0.5, -1, 1}), tolerance(1e-15)
                                                                                                << per_element());

    const variable logits = t.variable(array{1000, -1000, 1000, -1000, 40});
    const variable truth = t.constant(array{1, 0, 0, 1, 1});
    const variable binary = nn::binary_cross_entropy_with_logits(logits, truth, reduction::none);
    BOOST_TEST(list(binary) == (reals{0, 0, 1000, 1000, std::exp(-40.0)}), tolerance(1e-14) << per_element());
    BOOST_TEST(list(gradient(sum(binary), logits)) == (reals{0, 0, 1, -1, -std::exp(-40.0)}), tolerance(1e-14)
                                                                                                  << per_element());
}

BOOST_AUTO_TEST_CASE(a_masked_class_does_not_spoil_the_others)
{
    tape t;
    const variable scores = t.variable(array{{1, -inf, 1}, {0, 0, -inf}});
    const reals expected{std::log(2.0), std::log(2.0)};
    const variable by_label = nn::cross_entropy(scores, t.index(integers{0, 1}), {reduction::none});
    BOOST_TEST(list(by_label) == expected, tolerance(1e-15) << per_element());
    BOOST_TEST(list(gradient(sum(by_label), scores)) == (reals{-0.5, 0, 0.5, 0.5, -0.5, 0}), tolerance(1e-15)
                                                                                                 << per_element());
    const variable by_distribution =
        nn::cross_entropy(scores, t.constant(array{{1, 0, 0}, {0, 1, 0}}), {reduction::none});
    BOOST_TEST(list(by_distribution) == expected, tolerance(1e-15) << per_element());
    BOOST_TEST(list(gradient(sum(by_distribution), scores)) == (reals{-0.5, 0, 0.5, 0.5, -0.5, 0}),
               tolerance(1e-15) << per_element());
}

BOOST_AUTO_TEST_CASE(impossible_events)
{
    tape t;
    const variable p = t.variable(array{0, 1, 0, 1});
    const variable loss = nn::binary_cross_entropy(p, t.constant(array{0, 1, 1, 0}), reduction::none);
    BOOST_TEST(list(loss) == (reals{0, 0, inf, inf}), per_element());
    const variable certain = t.variable(array{0, 1, 0.25});
    const variable right = nn::binary_cross_entropy(certain, t.constant(array{0, 1, 0}), reduction::sum);
    BOOST_TEST(list(gradient(right, certain)) == (reals{1, -1, 1 / 0.75}), tolerance(1e-15) << per_element());

    const variable truth = t.variable(array{{0, 1}, {0.5, 0.5}});
    const variable log_q = t.variable(array{{-inf, 0}, {std::log(0.5), std::log(0.5)}});
    const variable divergence = nn::kl_divergence(log_q, truth, reduction::none);
    BOOST_TEST(list(divergence) == (reals{0, 0}), per_element());
    BOOST_TEST(list(gradient(sum(divergence), log_q)) == (reals{0, -1, -0.5, -0.5}), per_element());

    // What rounding leaves of 1 - 1, and the check lets pass.
    const variable rounded = t.variable(array{{-1e-17, 1}});
    const variable nearly = nn::kl_divergence(log_softmax(t.variable(array{{1, 2}}), 1), rounded, reduction::sum);
    BOOST_TEST(nearly.item() == std::log1p(std::exp(-1)), tolerance(1e-15));
    BOOST_TEST(list(isfinite(gradient(nearly, rounded))) == (reals{1, 1}), per_element());
}

BOOST_AUTO_TEST_CASE(kinks)
{
    tape t;
    const variable y = t.variable(array{1, 2});
    const variable truth = t.constant(array{1, 1});
    BOOST_TEST(list(gradient(nn::mean_absolute_error(y, truth, reduction::sum), y)) == (reals{0, 1}), per_element());
    BOOST_TEST(list(gradient(nn::hinge(y, truth, reduction::sum), y)) == (reals{0, 0}), per_element());
    const variable far = t.variable(array{inf, -inf, 1e300});
    const variable loss = nn::huber(far, t.constant(array{0, 0, 0}), 2, reduction::sum);
    BOOST_TEST(list(gradient(loss, far)) == (reals{2, -2, 2}), per_element());
}

BOOST_AUTO_TEST_CASE(an_infinite_score_that_is_right_costs_nothing)
{
    tape t;
    const variable scores = t.variable(array{inf, -inf, inf, -inf, 1});
    const variable truth = t.variable(array{1, 0, 0, 1, 0.25});
    const variable loss = nn::binary_cross_entropy_with_logits(scores, truth, reduction::none);
    BOOST_TEST(list(loss) == (reals{0, 0, inf, inf, 0.25 * std::log1p(std::exp(-1)) + 0.75 * std::log1p(std::exp(1))}),
               tolerance(1e-15) << per_element());
    BOOST_TEST(list(gradient(sum(loss), scores)) == (reals{0, 0, 1, -1, 1 / (1 + std::exp(-1)) - 0.25}),
               tolerance(1e-15) << per_element());
}

// What the check lets pass is 0 or 1 for the formula, on either side of it, and has the derivative that 0 or 1 has.
template <class T>
void check_rounded_probabilities()
{
    using numbers = xt::xarray<T>;
    using values = std::vector<T>;
    const T infinity = std::numeric_limits<T>::infinity();
    const T above = 1 + T(0x1p-23);
    const T below = T(-1e-9);
    autograd::tape<T> t;
    const auto bce = [&](numbers p, numbers truth) { return std::pair(t.variable(p), t.variable(truth)); };
    for (const auto& [p, truth] : {bce({1, above, above, 0, below, below}, {above, 1, above, below, 0, below}),
                                   bce({1, 1, 1, 0, 0, 0}, {1, 1, 1, 0, 0, 0})})
    {
        const auto loss = nn::binary_cross_entropy(p, truth, reduction::none);
        BOOST_TEST(list(loss) == (values{0, 0, 0, 0, 0, 0}), per_element());
        BOOST_TEST(list(gradient(sum(loss), p)) == (values{-1, -1, -1, 1, 1, 1}), per_element());
        BOOST_TEST(list(gradient(sum(loss), truth)) == (values{0, 0, 0, 0, 0, 0}), per_element());
    }
    const auto wrong =
        nn::binary_cross_entropy(t.constant(numbers{above, below}), t.constant(numbers{below, above}), reduction::none);
    BOOST_TEST(list(wrong) == (values{infinity, infinity}), per_element());

    const auto scores = t.variable(numbers{infinity, -infinity, 1});
    const auto logits =
        nn::binary_cross_entropy_with_logits(scores, t.constant(numbers{above, below, above}), reduction::none);
    BOOST_TEST(list(logits)[0] == 0);
    BOOST_TEST(list(logits)[1] == 0);
    BOOST_TEST(list(logits)[2] == std::log1p(std::exp(T(-1))), tolerance(T(1e-6)));
    BOOST_TEST(list(gradient(sum(slice(logits, 0, 0, 2)), scores)) == (values{0, 0, 0}), per_element());

    for (const numbers& row : {numbers{{below, above}}, numbers{{0, 1}}})
    {
        const auto y = t.variable(numbers{{-infinity, 2}});
        const auto truth = t.variable(row);
        const auto entropy = nn::cross_entropy(y, truth, {reduction::sum});
        BOOST_TEST(entropy.item() == 0);
        BOOST_TEST(list(gradient(entropy, y)) == (values{0, 0}), per_element());
        BOOST_TEST(list(gradient(entropy, truth)) == (values{0, 0}), per_element());

        const auto log_q = t.variable(numbers{{-infinity, 0}});
        const auto divergence = nn::kl_divergence(log_q, truth, reduction::sum);
        BOOST_TEST(divergence.item() == 0);
        BOOST_TEST(list(gradient(divergence, log_q)) == (values{0, -1}), per_element());
        BOOST_TEST(list(gradient(divergence, truth)) == (values{0, 1}), per_element());
    }
}

BOOST_AUTO_TEST_CASE(probabilities_that_rounding_put_beside_0_or_1)
{
    check_rounded_probabilities<float>();
    check_rounded_probabilities<double>();
}

// 1 / p is infinite for the smallest p: where its factor is 0, or small enough, the derivative is not.
template <class T>
void check_smallest_probabilities()
{
    using numbers = xt::xarray<T>;
    constexpr T tiny = std::numeric_limits<T>::denorm_min();
    constexpr T least = std::numeric_limits<T>::min();
    constexpr T last = 1 - std::numeric_limits<T>::epsilon() / 2;
    autograd::tape<T> t;
    const auto expect = [&](const char* name, auto loss, numbers at, numbers expected)
    {
        const auto x = t.variable(at);
        const auto y = loss(x);
        const auto within = tolerance(8 * std::numeric_limits<T>::epsilon());
        const auto by_reverse = list(gradient(y, x));
        for (std::size_t k = 0; k < x.size(); ++k)
        {
            numbers direction = xt::zeros_like(at);
            direction.flat(k) = 1;
            BOOST_TEST_CONTEXT(name << ", " << k)
            {
                BOOST_TEST(by_reverse[k] == expected.flat(k), within);
                BOOST_TEST(jvp(y, x, t.constant(direction)).item() == expected.flat(k), within);
            }
        }
    };
    const auto bce = [&](numbers truth, reduction how)
    { return [&t, truth, how](auto p) { return nn::binary_cross_entropy(p, t.constant(truth), how); }; };
    expect("never", bce({0, 0, 0, 0}, reduction::sum), {tiny, least / 4, 0, last}, {1, 1, 1, 1 / (1 - last)});
    expect("always", bce({1, 1, 1}, reduction::sum), {1, last, T(0.5)}, {-1, -1 / last, -2});
    // The mean of 64: 1 / p is infinite, its 64th part is not.
    numbers one_of_many = xt::ones<T>({64});
    one_of_many(0) = least / 16;
    const auto many = t.variable(one_of_many);
    const auto mean = nn::binary_cross_entropy(many, t.constant(numbers(xt::ones<T>({64}))));
    BOOST_TEST(list(gradient(mean, many))[0] == -1 / (4 * least), tolerance(8 * std::numeric_limits<T>::epsilon()));

    const auto log_of = [](T v) { return static_cast<T>(std::log(static_cast<long double>(v))); };
    const auto log_q = t.constant(numbers{{T(-1), T(-0.5), T(-2)}});
    expect("of the truth", [&](auto p) { return nn::kl_divergence(log_q, p, reduction::sum); }, {{tiny, least / 4, 1}},
           {{log_of(tiny) + 2, log_of(least / 4) + T(1.5), 3}});
    const auto certain = t.constant(numbers{{0, 1}});
    expect("of q", [&](auto q) { return nn::kl_divergence(log(q), certain, reduction::sum); }, {{tiny, T(0.5)}},
           {{0, -2}});
    const auto labels = t.index(xt::xarray<int>{1});
    expect("by labels", [&](auto q) { return nn::negative_log_likelihood(log(q), labels, reduction::sum); },
           {{tiny, T(0.5)}}, {{0, -2}});
    expect("of scores", [&](auto s) { return nn::cross_entropy(s, certain, {reduction::sum}); }, {{log_of(tiny), T(0)}},
           {{std::exp(log_of(tiny)), -std::exp(log_of(tiny))}});
    expect("of logits",
           [&](auto s) {
               return nn::binary_cross_entropy_with_logits(s, t.constant(numbers{0, 1}), reduction::sum);
           },
           {-log_of(least), log_of(least)}, {1, -1});
}

BOOST_AUTO_TEST_CASE(the_smallest_probabilities_have_derivatives)
{
    check_smallest_probabilities<float>();
    check_smallest_probabilities<double>();
}

BOOST_AUTO_TEST_CASE(sums_of_softmax_are_probabilities)
{
    autograd::tape<float> t;
    autograd::random::legacy_generator stream(0);
    const auto p = sum(softmax(t.variable(xt::xarray<float>(xt::cast<float>(stream.randn({2000, 50}))))), -1);
    BOOST_TEST(std::any_of(p.data(), p.data() + p.size(), [](float each) { return each > 1; }));
    const auto truth = t.full(p.shape(), 1.0F);
    BOOST_TEST(std::abs(nn::binary_cross_entropy(p, truth).item()) < 1e-6F);
    BOOST_TEST(nn::binary_cross_entropy(truth, maximum(p, 1)).item() == 0);
}

BOOST_AUTO_TEST_CASE(what_losses_of_probabilities_are_made_of_has_its_derivatives)
{
    BOOST_TEST(autograd::check::check_operation<nn::detail::weighted_rule>().derivative_checks > 10u);
    BOOST_TEST(autograd::check::check_operation<nn::detail::probability_rule>().derivative_checks > 10u);
    BOOST_TEST(autograd::check::check_operation<nn::detail::xlogy_rule>().derivative_checks > 10u);
}

BOOST_AUTO_TEST_CASE(what_is_said_to_be_true_is_checked)
{
    tape t;
    const auto of = [&](std::initializer_list<double> numbers)
    {
        array values = array::from_shape({numbers.size()});
        std::copy(numbers.begin(), numbers.end(), values.begin());
        return t.constant(values);
    };
    BOOST_TEST(text_of<value_error>(
                   [&] {
                       nn::binary_cross_entropy(of({0.5, 1.5}), of({0, 1}));
                   }) ==
               "autograd: binary_cross_entropy: probability 1 is 1.5; it must be from 0 to 1. For scores, take "
               "binary_cross_entropy_with_logits.");
    BOOST_TEST(text_of<value_error>([&] { nn::binary_cross_entropy(of({0.5}), of({-1})); }) ==
               "autograd: binary_cross_entropy: target 0 is -1; it must be from 0 to 1.");
    BOOST_TEST(text_of<value_error>([&] { nn::binary_cross_entropy_with_logits(of({5}), of({-1})); }) ==
               "autograd: binary_cross_entropy_with_logits: target 0 is -1; it must be from 0 to 1.");
    autograd::tape<float> narrow;
    const auto too_large = narrow.constant(xt::xarray<float>{1.1F});
    BOOST_TEST(text_of<value_error>([&] { nn::binary_cross_entropy_with_logits(too_large, too_large); }) ==
               "autograd: binary_cross_entropy_with_logits: target 0 is 1.1; it must be from 0 to 1.");
    BOOST_TEST(text_of<value_error>([&] { nn::binary_cross_entropy(of({1.001000001}), of({1})); }) ==
               "autograd: binary_cross_entropy: probability 0 is 1.001000001; it must be from 0 to 1. For scores, take "
               "binary_cross_entropy_with_logits.");
    BOOST_TEST(text_of<value_error>(
                   [&] {
                       nn::hinge(of({1, 2}), of({1, 0}));
                   }) == "autograd: hinge: label 1 is 0; it must be -1 or 1. Labels of 0 and 1 become 2 t - 1.");
    const variable scores = t.variable(array{{1, 2}, {3, 4}});
    BOOST_TEST(text_of<value_error>(
                   [&] {
                       nn::cross_entropy(scores, t.constant(array{{0, 1}, {1, 1}}));
                   }) ==
               "autograd: cross_entropy: the probabilities of row 1 sum to 2; those of a distribution sum to 1.");
    BOOST_TEST(text_of<value_error>(
                   [&] {
                       nn::kl_divergence(scores, t.constant(array{{0.5, 0.5}, {1.5, -0.5}}));
                   }) == "autograd: kl_divergence: probability 3 is -0.5; it must not be negative.");
    BOOST_TEST(text_of<value_error>(
                   [&] {
                       nn::kl_divergence(t.variable(array(array::from_shape({1, 2000}))), t.constant(crowded()));
                   }) == "autograd: kl_divergence: probability 0 is 1.9995; it must not be greater than 1.");
    // What is computed may be anything, and what is not a number is nobody's mistake here.
    BOOST_TEST(list(nn::hinge(of({1, 2}), t.variable(array{1, 0}), reduction::none)) == (reals{0, 1}), per_element());
    const double nan = std::nan("");
    BOOST_TEST(std::isnan(nn::cross_entropy(scores, t.constant(array{{0, 1}, {nan, 1}})).item()));
    BOOST_TEST(std::isnan(nn::hinge(of({1}), of({nan})).item()));

    tape planned(autograd::recording::shapes);
    const variable unknown = planned.variable(array{7, 7});
    BOOST_TEST(nn::binary_cross_entropy(unknown, unknown).dimension() == 0u);
    BOOST_TEST(nn::hinge(unknown, unknown).dimension() == 0u);
    BOOST_TEST(nn::kl_divergence(unknown, unknown).dimension() == 0u);
}

BOOST_AUTO_TEST_CASE(errors_show_the_users_line)
{
    tape t;
    tape other;
    const variable scores = t.variable(array{{1, 2}, {3, 4}});
    for (const auto& call :
         std::vector<std::function<void()>>{[&] {
                                                nn::cross_entropy(scores, other.index(integers{0, 1}));
                                            },
                                            [&] {
                                                nn::negative_log_likelihood(scores, other.index(integers{0, 1}));
                                            },
                                            [&] {
                                                nn::mean_squared_error(scores, other.variable(array{{1, 2}, {3, 4}}));
                                            },
                                            [&] {
                                                nn::mean_squared_error(t.variable(array(array::from_shape({0}))),
                                                                       t.variable(array(array::from_shape({0}))));
                                            }})
    {
        const std::string text = whole_text_of(call);
        BOOST_TEST(text.find("tests/nn/loss.cpp:") != std::string::npos, text);
    }
}

BOOST_AUTO_TEST_CASE(penalties)
{
    tape t;
    const variable w = t.variable(array{{1, -2}, {0, 3}});
    const variable b = t.variable(array{-4});
    const variable l2 = nn::l2_penalty(0.1, {w, b});
    BOOST_TEST(l2.item() == 0.05 * 30, tolerance(1e-15));
    BOOST_TEST(list(gradient(l2, w)) == (reals{0.1, -0.2, 0, 0.3}), tolerance(1e-15) << per_element());
    const variable l1 = nn::l1_penalty(0.1, std::vector{w, b});
    BOOST_TEST(l1.item() == 1, tolerance(1e-15));
    BOOST_TEST(list(gradient(l1, w)) == (reals{0.1, -0.1, 0, 0.1}), tolerance(1e-15) << per_element());
    const auto report = autograd::check_gradient(
        [](variable x, variable y) {
            return nn::l2_penalty(0.3, {x, y}) + nn::l1_penalty(0.2, {x, y});
        },
        {array{{1, -2}, {0.5, 3}}, array{-4}});
    BOOST_TEST(report.passed, to_text(report));
}

BOOST_AUTO_TEST_CASE(no_losses)
{
    tape t;
    const variable nothing = t.variable(array(array::from_shape({0, 3})));
    BOOST_TEST(nn::mean_squared_error(nothing, nothing, reduction::sum).item() == 0);
    BOOST_TEST(text_of<shape_error>([&] { nn::mean_squared_error(nothing, nothing); }) ==
               "autograd: mean_squared_error: there are no losses ((0, 3)); a mean needs one at least. Use "
               "reduction::sum.");
}

BOOST_AUTO_TEST_CASE(arguments_are_checked)
{
    tape t;
    const variable y = t.variable(column({1, 2, 3}));
    const variable flat = t.variable(array{1, 2, 3});
    BOOST_TEST(text_of<shape_error>([&] { nn::mean_squared_error(y, flat); }) ==
               "autograd: mean_squared_error: the predictions are (3, 1) and the targets (3,); their shapes must be "
               "equal. Use reshape.");
    for (const auto& [name, call] :
         std::map<std::string, std::function<void()>>{
             {"l2_norm", [&] { nn::l2_norm(y, flat); }},
             {"mean_absolute_error", [&] { nn::mean_absolute_error(y, flat); }},
             {"huber", [&] { nn::huber(y, flat); }},
             {"hinge", [&] { nn::hinge(y, flat); }},
             {"cross_entropy", [&] { nn::cross_entropy(y, flat); }},
             {"kl_divergence", [&] { nn::kl_divergence(y, flat); }},
             {"binary_cross_entropy", [&] { nn::binary_cross_entropy(y, flat); }},
             {"binary_cross_entropy_with_logits", [&] { nn::binary_cross_entropy_with_logits(y, flat); }}})
    {
        const std::string text = text_of<shape_error>(call);
        BOOST_TEST(text.starts_with("autograd: " + name + ": "), text);
        BOOST_TEST(text.ends_with("their shapes must be equal. Use reshape."), text);
    }

    const variable scores = t.variable(array{{1, 2, 3}, {4, 5, 6}});
    BOOST_TEST(text_of<shape_error>(
                   [&] {
                       nn::cross_entropy(scores, t.index(integers{{0, 1}}));
                   }) ==
               "autograd: cross_entropy: the scores are (2, 3) and the labels (1, 2); there must be one label per row: "
               "(2,).");
    BOOST_TEST(text_of<index_error>(
                   [&] {
                       nn::cross_entropy(scores, t.index(integers{0, 3}));
                   }) == "autograd: cross_entropy: class 3 at position (1) is not one of 3; they are numbered from 0.");
    BOOST_TEST(text_of<index_error>(
                   [&] {
                       nn::negative_log_likelihood(scores, t.index(integers{-1, 0}));
                   }) ==
               "autograd: negative_log_likelihood: class -1 at position (0) is not one of 3; they are numbered from "
               "0.");
    BOOST_TEST(text_of<value_error>(
                   [&] {
                       nn::cross_entropy(scores, scores, {reduction::mean, 1.5});
                   }) == "autograd: cross_entropy: the label smoothing is 1.5; it must be from 0 to 1.");
    BOOST_TEST(text_of<shape_error>(
                   [&]
                   {
                       const variable none = t.variable(array(array::from_shape({2, 0})));
                       nn::cross_entropy(none, t.index(integers{0, 0}));
                   }) ==
               "autograd: cross_entropy: the scores are (2, 0); their last axis counts the classes, one at least.");
    BOOST_TEST(text_of<value_error>([&] { nn::huber(y, y, 0); }) ==
               "autograd: huber: delta is 0; it must be positive and finite.");
    BOOST_TEST(text_of<value_error>([&] { nn::l2_penalty(-1, {y}); }) ==
               "autograd: l2_penalty: lambda is -1; it must be finite and not negative.");
    BOOST_TEST(text_of<value_error>([&] { nn::l1_penalty(1, std::vector<variable>()); }) ==
               "autograd: l1_penalty: no parameters are given; a penalty needs one at least.");
    const std::string whole = whole_text_of([&] { nn::huber(y, flat); });
    BOOST_TEST(whole.find("loss.cpp:") != std::string::npos, whole);
}

BOOST_AUTO_TEST_CASE(losses_are_recorded_without_values)
{
    tape planned(autograd::recording::shapes);
    const variable scores = planned.variable(array{{1, 2, 3}, {4, 5, 6}});
    const variable loss = nn::cross_entropy(scores, planned.index(integers{0, 7}));
    BOOST_TEST(shape(gradient(loss, scores)) == (extents{2, 3}), per_element());
}

BOOST_AUTO_TEST_SUITE_END()
