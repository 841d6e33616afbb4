#include "nn/optimizer/lbfgs.hpp"
#include "nn/fit.hpp"
#include "nn/loss.hpp"
#include "tests/nn/optimizer/models.hpp"

#include <nlohmann/json.hpp>

#include <fstream>

using namespace models;

namespace
{

/// sum_i 100 (x_{i+1} - x_i^2)^2 + (1 - x_i)^2, with its minimum of 0 at (1, ..., 1).
variable rosenbrock(variable x)
{
    const variable here = slice(x, 0, 0, x.size() - 1);
    const variable next = slice(x, 0, 1, x.size());
    return sum(100.0 * square(next - square(here)) + square(1.0 - here));
}

/// The problems of tests/data/make_optimizer_expectations.cpp beside it.
variable logistic_loss(variable x)
{
    array points = array::from_shape({20, 3});
    array labels = array::from_shape({20});
    for (std::size_t i = 0; i < 60; ++i)
    {
        points.data()[i] = std::sin(static_cast<double>(i * i));
    }
    for (std::size_t i = 0; i < 20; ++i)
    {
        const double* row = points.data() + 3 * i;
        labels(i) = row[0] - 2 * row[1] + 0.3 * std::cos(static_cast<double>(i)) > 0 ? 1 : 0;
    }
    const variable weight = slice(x, 0, 0, 3);
    const variable scores = matmul(x.tape().constant(points), weight) + slice(x, 0, 3, 4);
    return nn::binary_cross_entropy_with_logits(scores, x.tape().constant(labels)) + 0.01 * sum(square(weight));
}
variable steep(variable x)
{
    const variable scale = x.tape().constant(array{1, 10, 100, 1000, 10000});
    return sum(scale * (cosh(x) - 1.0)) + 1e-2 * sum(pow(x - 1.0, 4.0));
}

array rosenbrock_start(std::size_t size)
{
    array x = array::from_shape({size});
    for (std::size_t i = 0; i < size; ++i)
    {
        x(i) = i % 2 == 0 ? -1.2 : 1.0;
    }
    return x;
}

/// Ten steps are PyTorch's; those of one call, and those of calls for each.
template <class Loss>
void check_steps(const char* name, array x, const Loss& loss, std::size_t history = 100)
{
    const auto all = nlohmann::json::parse(std::ifstream(TEST_DATA "/optimizers.json"));
    const auto expected = all.at(name).get<std::vector<reals>>();
    BOOST_REQUIRE_EQUAL(expected.size(), 10u);
    tape t;
    const nn::lbfgs method{.history = history, .iterations = 1};
    array whole = x;
    array stepped = x;
    nn::minimize(t, nn::lbfgs{.history = history, .iterations = 10}, whole, loss);
    nn::lbfgs_state state = method.start(x);
    nn::lbfgs_state state_of_steps = method.start(x);
    for (const reals& each : expected)
    {
        nn::minimize(t, method, x, state, loss);
        BOOST_TEST(distance(list(x), each) <= 1e-12, name << ": " << distance(list(x), each));
        nn::take_step(t, method, stepped, state_of_steps, loss);
        BOOST_TEST(list(stepped) == list(x), per_element());
    }
    BOOST_TEST(list(whole) == list(x), per_element());
    BOOST_TEST(state.pairs.size() <= history);
    BOOST_TEST(t.size() == 0u);
}

/// Algorithm 7.5 may only take steps on which the strong Wolfe conditions hold.
struct witness
{
    nn::wolfe_conditions conditions;
    std::size_t steps = 0;
    void operator()(const nn::lbfgs_iteration& each)
    {
        BOOST_TEST(each.number == ++steps);
        BOOST_TEST(each.before.slope < 0);
        BOOST_TEST(each.after.step > 0);
        BOOST_TEST(each.after.value <=
                   each.before.value + conditions.sufficient_decrease * each.after.step * each.before.slope);
        BOOST_TEST(std::abs(each.after.slope) <= conditions.curvature * std::abs(each.before.slope));
    }
};

nn::line_search_result search(const std::function<double(double)>& f, const std::function<double(double)>& slope,
                              double first)
{
    const auto phi = [&](double a) { return nn::line_point{a, f(a), slope(a)}; };
    const nn::wolfe_conditions conditions{1e-4, 0.1};
    const nn::line_search_result found = nn::strong_wolfe_search(phi, phi(0), first, conditions);
    BOOST_TEST(conditions.hold(phi(0), phi(found.at.step)));
    return found;
}

} // namespace

BOOST_AUTO_TEST_SUITE(nn_optimizer_lbfgs)

BOOST_AUTO_TEST_CASE(its_steps_are_those_of_pytorch)
{
    check_steps("lbfgs on rosenbrock in 2 dimensions", rosenbrock_start(2), rosenbrock);
    check_steps("lbfgs on rosenbrock in 10 dimensions", rosenbrock_start(10), rosenbrock);
    check_steps("lbfgs with 3 pairs on rosenbrock in 10 dimensions", rosenbrock_start(10), rosenbrock, 3);
    check_steps("lbfgs on logistic regression", array({0, 0, 0, 0}), logistic_loss);
    check_steps("lbfgs on a steep function", array({2, 2, 2, 2, 2}), steep);
}

BOOST_AUTO_TEST_CASE(a_loss_that_throws_changes_nothing)
{
    tape t;
    const nn::lbfgs method{.history = 2};
    array x = rosenbrock_start(4);
    nn::lbfgs_state state = method.start(x);
    for (int k = 0; k < 5; ++k)
    {
        nn::take_step(t, method, x, state, rosenbrock);
    }
    const array before = x;
    const nn::lbfgs_state state_before = state;
    int evaluations = 0;
    const auto throws = [&](variable v)
    { return ++evaluations > 1 ? throw std::runtime_error("no more") : rosenbrock(v); };
    BOOST_CHECK_THROW(nn::take_step(t, method, x, state, throws), std::runtime_error);
    BOOST_TEST(evaluations == 2);
    BOOST_TEST(list(x) == list(before), per_element());
    BOOST_REQUIRE_EQUAL(state.pairs.size(), 2u);
    BOOST_TEST((state.pairs[0].step == state_before.pairs[0].step));
    BOOST_TEST((state.pairs[1].change == state_before.pairs[1].change));
    BOOST_TEST((state.last_step == state_before.last_step));
    nn::take_step(t, method, x, state, rosenbrock);
    BOOST_TEST(state.steps() == state_before.steps() + 1);
    array other{1.0};
    BOOST_TEST(text_of<autograd::error::value_error>(
                   [&] { nn::take_step(t, method, other, state, [](variable v) { return sum(square(v)); }); }) ==
               "autograd: lbfgs: the state is one for 4 parameters, and there are 1; make it by start(model) for this "
               "model.");
}

BOOST_AUTO_TEST_CASE(a_rate_of_0_is_no_step)
{
    tape t;
    const nn::lbfgs method;
    array x = rosenbrock_start(4);
    const array before = x;
    nn::lbfgs_state state = method.start(x);
    const double loss = nn::take_step(t, method, x, state, rosenbrock);
    x = before;
    state = method.start(x);
    BOOST_TEST(nn::take_step(t, method, x, state, rosenbrock, 0.0) == loss);
    BOOST_TEST(list(x) == list(before), per_element());
    BOOST_TEST(state.steps() == 0.0);
    BOOST_TEST(text_of<autograd::error::value_error>([&] { nn::take_step(t, method, x, state, rosenbrock, -1.0); }) ==
               "autograd: lbfgs: the rate is -1; it must be finite and not negative.");

    // As the schedules begin or end with it.
    nn::training run(before, method, nn::warm_up(3));
    const auto all = [](auto&) { return std::vector<std::tuple<array>>{{array{0.0}}}; };
    nn::fit(run, 3, all, [](const auto& m, auto) { return rosenbrock(m); },
            {.progress = nn::progress_bar::style::silent});
    BOOST_TEST(run.state.steps() == 2.0);
}

BOOST_AUTO_TEST_CASE(it_finds_the_minimum_of_rosenbrocks_function)
{
    for (const std::size_t size : {2u, 10u, 50u})
    {
        tape t;
        array x = rosenbrock_start(size);
        witness wolfe;
        nn::lbfgs method{.gradient_tolerance = 1e-9, .change_tolerance = 0};
        method.on_iteration = std::ref(wolfe);
        const nn::minimization result = nn::minimize(t, method, x, rosenbrock);
        BOOST_TEST(nn::to_text(result.end) == "the gradient is small (gradient_tolerance)");
        BOOST_TEST(distance(list(x), reals(size, 1.0)) < 1e-8);
        BOOST_TEST(result.value < 1e-16);
        BOOST_TEST(result.iterations == wolfe.steps);
        BOOST_TEST(result.iterations > 10u);
        BOOST_TEST(result.evaluations < 500u);
        BOOST_TEST(t.size() == 0u);
    }
}

BOOST_AUTO_TEST_CASE(it_finds_what_scipy_finds)
{
    const auto data = nlohmann::json::parse(std::ifstream(TEST_DATA "/lbfgs.json"));
    const auto rows = data.at("x").get<std::vector<reals>>();
    const auto labels = data.at("y").get<reals>();
    array points = array::from_shape({rows.size(), 3});
    array classes = array::from_shape({rows.size()});
    for (std::size_t i = 0; i < rows.size(); ++i)
    {
        std::copy(rows[i].begin(), rows[i].end(), points.data() + 3 * i);
        classes(i) = labels[i];
    }

    tape t;
    const variable x = t.constant(points);
    const variable y = t.constant(classes);
    arrays model{evenly({3}, 0, 0), array::from_shape({})};
    model.bias.fill(0);
    const auto cross_entropy = [&](const variables& m)
    {
        const variable z = matmul(x, m.weight) + m.bias;
        return mean(softplus(z) - y * z) + data.at("penalty").get<double>() * sum(square(m.weight));
    };
    witness wolfe;
    const nn::minimization result = nn::minimize(
        t, {.gradient_tolerance = 1e-9, .change_tolerance = 0, .on_iteration = std::ref(wolfe)}, model, cross_entropy);
    BOOST_TEST(result.largest_gradient <= 1e-9);
    BOOST_TEST(distance(list(model.weight), data.at("weight").get<reals>()) < 1e-6);
    BOOST_TEST(model.bias() == data.at("bias").get<double>(), tolerance(1e-6));
    BOOST_TEST(result.value == data.at("loss").get<double>(), tolerance(1e-12));
    BOOST_TEST(result.value <= data.at("loss").get<double>() + 1e-15);
}

BOOST_AUTO_TEST_CASE(a_quadratic_in_n_dimensions_takes_few_steps)
{
    std::vector<double> x{5, -3, 2, 1};
    const nn::minimization result = nn::minimize({.gradient_tolerance = 1e-10, .change_tolerance = 0}, x,
                                                 [](const reals& at, reals& g)
                                                 {
                                                     double value = 0;
                                                     for (std::size_t i = 0; i < at.size(); ++i)
                                                     {
                                                         const auto scale = static_cast<double>(1 + i * i);
                                                         value += 0.5 * scale * at[i] * at[i];
                                                         g[i] = scale * at[i];
                                                     }
                                                     return value;
                                                 });
    BOOST_TEST(result.iterations < 25u);
    BOOST_TEST(distance(x, reals(4, 0.0)) < 1e-9);
}

BOOST_AUTO_TEST_CASE(it_ends_for_a_reason)
{
    tape t;
    array x{-1.2, 1.0};
    nn::minimization result = nn::minimize(t, {.iterations = 3}, x, rosenbrock);
    BOOST_TEST(nn::to_text(result.end) == "the iterations are used up (iterations)");
    BOOST_TEST(result.iterations == 3u);
    result = nn::minimize(t, {.change_tolerance = 0.5}, x, rosenbrock);
    BOOST_TEST(nn::to_text(result.end) == "the change is small (change_tolerance)");

    array down{0.0};
    result = nn::minimize(t, {}, down, [](variable v) { return sum(v); });
    BOOST_TEST(nn::to_text(result.end) == "no step was found");

    array best{1.0, 1.0};
    result = nn::minimize(t, {}, best, rosenbrock);
    BOOST_TEST(result.iterations == 0u);
    BOOST_TEST(nn::to_text(result.end) == "the gradient is small (gradient_tolerance)");
}

BOOST_AUTO_TEST_CASE(it_steps_back_from_where_the_function_is_not_finite)
{
    tape t;
    array x{0.5};
    const nn::minimization result = nn::minimize(t, {.gradient_tolerance = 1e-9, .change_tolerance = 0}, x,
                                                 [](variable v) { return sum(v - 1e-3 * log(v)); });
    BOOST_TEST(x(0) == 1e-3, tolerance(1e-6));
    BOOST_TEST(nn::to_text(result.end) == "the gradient is small (gradient_tolerance)");
}

BOOST_AUTO_TEST_CASE(line_searches_satisfy_the_strong_conditions)
{
    // More and Thuente 1994, problem 1 (beta 2), and functions that bracket, expand, and shrink.
    for (const double first : {1e-3, 1e-1, 1e1, 1e3})
    {
        search([](double a) { return -a / (a * a + 2); },
               [](double a) { return (a * a - 2) / ((a * a + 2) * (a * a + 2)); }, first);
        search([](double a) { return std::cosh(a - 3); }, [](double a) { return std::sinh(a - 3); }, first);
        search([](double a) { return a * a * a * a - 4 * a; }, [](double a) { return 4 * a * a * a - 4; }, first);
    }
}

BOOST_AUTO_TEST_CASE(what_cannot_be_minimized_is_refused)
{
    tape t;
    array x{-1.0};
    BOOST_TEST(
        text_of<autograd::error::value_error>(
            [&] { nn::minimize(t, {}, x, [](variable v) { return sum(1.0 / (v + 1.0)); }); }) ==
        "autograd: minimize: at the start the value is inf and the largest |gradient| inf; both must be finite.");
    BOOST_TEST(text_of<autograd::error::value_error>([&] { nn::minimize(t, {.history = 0}, x, rosenbrock); }) ==
               "autograd: lbfgs: history is 0; it must be 1 at least.");
    BOOST_TEST(text_of<autograd::error::value_error>(
                   [&] {
                       nn::minimize(t, {.conditions = {0.5, 0.1}}, x, rosenbrock);
                   }) ==
               "autograd: wolfe_conditions: sufficient_decrease is 0.5 and curvature is 0.1; 0 < sufficient_decrease < "
               "curvature < 1 must hold.");
    BOOST_TEST(
        text_of<autograd::error::value_error>(
            [&] {
                nn::strong_wolfe_search([](double a) { return nn::line_point{a, a, 1}; }, {0, 0, 1}, 1, {});
            }) ==
        "autograd: strong_wolfe_search: at the start the value is 0 and the slope 1; the value must be finite and "
        "the slope less than 0.");
}

BOOST_AUTO_TEST_SUITE_END()
