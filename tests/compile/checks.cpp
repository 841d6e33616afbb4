// What recording refuses of values, a program refuses in the same words and at the same line.

#include "support.hpp"

#include "autograd/compile/function.hpp"
#include "autograd/compile/program.hpp"
#include "autograd/compile/show.hpp"
#include "nn/embedding.hpp"
#include "nn/loss.hpp"
#include "nn/normalization.hpp"

#include <limits>

namespace
{

namespace error = autograd::error;
using autograd::compile;
using autograd::decide;
using namespace support;
using indices = autograd::indices<double>;
using labels_of = autograd::array<std::int64_t>;

/// f on values that it takes, compiled, and run on those that it does not take: what each of them says.
template <class F>
void require_same_refusal(const F& f, const array& good, const array& bad)
{
    tape t;
    const variable x = t.constant(good);
    const auto compiled = compile({x}, {f(x)});
    array result = array::from_shape(extents(compiled.output_shape(0).begin(), compiled.output_shape(0).end()));
    auto memory = compiled.make_workspace();
    compiled.run({good}, {result}, memory);
    const std::string recorded = whole_text_of([&] { static_cast<void>(f(t.constant(bad))); });
    BOOST_TEST(recorded.find("checks.cpp:") != std::string::npos, recorded);
    BOOST_TEST(whole_text_of([&] { compiled.run({bad}, {result}, memory); }) == recorded);
    compiled.run({good}, {result}, memory);
}

template <class F>
void require_same_refusal_of_labels(const F& f, const labels_of& good, const labels_of& bad)
{
    tape t;
    const indices i = t.index(good);
    const auto compiled = compile<double>({i}, {f(i)});
    array result = array::from_shape(extents(compiled.output_shape(0).begin(), compiled.output_shape(0).end()));
    auto memory = compiled.make_workspace();
    compiled.run({good}, {result}, memory);
    const std::string recorded = whole_text_of([&] { static_cast<void>(f(t.index(bad))); });
    BOOST_TEST(recorded.find("checks.cpp:") != std::string::npos, recorded);
    BOOST_TEST(whole_text_of([&] { compiled.run({bad}, {result}, memory); }) == recorded);
}

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

} // namespace

BOOST_AUTO_TEST_SUITE(compile_checks)

BOOST_AUTO_TEST_CASE(conditions_of_users)
{
    const auto f = [](variable x)
    {
        require(x > 0, "all must be positive.");
        return log(x);
    };
    require_same_refusal(f, {1, 2}, {1, -2});
    require_same_refusal([](variable x) { return require(x, "it must be true."), 2.0 * x; }, {1, 2}, {1, not_a_number});
}

BOOST_AUTO_TEST_CASE(losses)
{
    const auto on = [](variable x, const array& of) { return x.tape().constant(of); };
    const array scores{{1, 2, 3}, {4, 5, 7}};
    require_same_refusal([&](variable p) { return nn::cross_entropy(on(p, scores), p); }, {{0.5, 0.5, 0}, {1, 0, 0}},
                         {{0.5, 0.5, 0}, {1, 0.5, 0}});
    require_same_refusal([&](variable p) { return nn::kl_divergence(on(p, scores), p); }, {{0.5, 0.5, 0}, {1, 0, 0}},
                         {{0.5, 0.75, -0.25}, {1, 0, 0}});
    require_same_refusal([&](variable p) { return nn::binary_cross_entropy(p, on(p, {0.5, 1})); }, {0.5, 1}, {0.5, 2});
    require_same_refusal(
        [&](variable t) {
            return nn::binary_cross_entropy_with_logits(on(t, {2, 3}), t);
        },
        {0.5, 1}, {-0.5, 1});
    require_same_refusal([&](variable t) { return nn::hinge(on(t, {2, 3}), t); }, {-1, 1}, {0, 1});
    require_same_refusal_of_labels([&](indices i) { return nn::cross_entropy(i.tape().constant(scores), i); }, {0, 2},
                                   {0, 3});
    require_same_refusal_of_labels([&](indices i) { return nn::negative_log_likelihood(i.tape().constant(scores), i); },
                                   {0, 2}, {-1, 2});
}

BOOST_AUTO_TEST_CASE(layers)
{
    require_same_refusal_of_labels(
        [](indices i)
        {
            const nn::embedding<variable> table{i.tape().constant(array{{1, 2}, {3, 4}})};
            return table(i);
        },
        {0, 1}, {0, -1});
    require_same_refusal(
        [](variable x)
        {
            const nn::layer_norm<variable> norm{x.tape().constant(array{1, 1}), x.tape().constant(array{0, 0})};
            return norm(x);
        },
        {{1, 2}, {3, 5}}, {{1e200, -1e200}, {3, 5}});
}

BOOST_AUTO_TEST_CASE(indices_out_of_range)
{
    require_same_refusal_of_labels(
        [](indices i) {
            return gather(i.tape().constant(array{1, 2, 3}), i);
        },
        {0, 2}, {0, 3});
    require_same_refusal_of_labels(
        [](indices i) {
            return take_along_axis(i.tape().constant(array{1, 2, 3}), i, 0);
        },
        {0, 2}, {5, 0});
    require_same_refusal_of_labels([](indices i) { return autograd::one_hot<double>(i, 3); }, {0, 2}, {0, 3});
}

BOOST_AUTO_TEST_CASE(what_no_output_needs_is_checked_too)
{
    tape t;
    const indices i = t.index(labels_of{0, 1});
    const variable aside = gather(t.constant(array{1, 2}), i);
    const variable y = 2.0 * autograd::one_hot<double>(i, 9);
    static_cast<void>(aside);
    const auto f = compile<double>({i}, {y});
    array result = array::from_shape({2, 9});
    auto memory = f.make_workspace();
    BOOST_CHECK_THROW(f.run({labels_of{0, 5}}, {result}, memory), error::index_error);
}

BOOST_AUTO_TEST_CASE(keys_are_inputs)
{
    tape t;
    const variable x = t.variable(array{1, 2});
    const indices key = t.index(7), baked = t.index(8);
    const variable y = x * autograd::random_uniform(key, {2}), z = x + tanh(autograd::random_normal(baked, {2}));
    array first{0, 0}, second{0, 0};
    const auto f = compile<double>({x, key}, {y});
    auto memory = f.make_workspace();
    f.run({array{1, 1}, labels_of(7)}, {first}, memory);
    f.run({array{1, 1}, labels_of(8)}, {second}, memory);
    BOOST_TEST(first(0) == y.value()(0));
    BOOST_TEST(first(0) != second(0));
    BOOST_TEST(text_of<error::value_error>([&] { compile({x}, {z}); }) ==
               "autograd: compile: random_normal draws by a key that depends on no input, so that all runs would have "
               "the same numbers. List the key among the inputs; where the same numbers are meant, set the option "
               "constant_keys.");
    BOOST_TEST(compile({x}, {z}, {.constant_keys = true}).step_count() == 1u);
    BOOST_TEST(compile<double>({x, z}, {2.0 * z}).step_count() == 1u); // what an input was made of does not matter
}

BOOST_AUTO_TEST_CASE(checks_behind_the_last_output)
{
    const auto late = [](variable x)
    {
        const variable y = 2.0 * x;
        require(y > 2.0, "it comes late.");
        return y;
    };
    tape t;
    const variable x = t.variable(array{2, 3});
    array result{0, 0};
    const auto of_recording = compile({x}, {late(x)}); // it is asked for y, which stands in front
    auto memory = of_recording.make_workspace();
    of_recording.run({array{0.5, 3}}, {result}, memory);
    const variable again = t.variable(array{2, 3});
    const auto with_all = compile({again}, {late(again)}, {.all_checks = true});
    auto other = with_all.make_workspace();
    BOOST_CHECK_THROW(with_all.run({array{0.5, 3}}, {result}, other), error::value_error);
    auto f = compile(late, array{2, 3});
    BOOST_CHECK_THROW(f(array{0.5, 3}), error::value_error);
    auto chosen = compile([](variable z) { return decide(sum(z) > 4) ? z : -z; }, array{2, 3});
    BOOST_TEST(list(chosen(array{5, 5})) == (reals{5, 5}), per_element());
    BOOST_CHECK_THROW(chosen(array{1, 1}), error::value_error);
}

// -------------------------------------------------------------------------------------------------- decisions

BOOST_AUTO_TEST_CASE(a_decision_is_part_of_the_program)
{
    const auto f = [](variable x) { return decide(sum(x) > 3) ? 2.0 * x : -x; };
    tape t;
    const variable x = t.variable(array{1, 3});
    const auto big = compile({x}, {f(x)});
    array result{0, 0};
    auto memory = big.make_workspace();
    big.run({array{4, 5}}, {result}, memory);
    BOOST_TEST(list(result) == (reals{8, 10}), per_element());
    BOOST_TEST(text_of<error::value_error>(
                   [&] {
                       big.run({array{1, 1}}, {result}, memory);
                   }) ==
               "autograd: decide: the condition is false and was true when it was recorded; the program holds for that "
               "alone. Record and compile it for these values, or select by where(condition, x, y).");
    const variable y = t.variable(array{1, 1});
    const auto small = compile({y}, {f(y)});
    auto other = small.make_workspace();
    small.run({array{-1, 0}}, {result}, other);
    BOOST_TEST(list(result) == (reals{1, 0}), per_element());
    BOOST_CHECK_THROW(small.run({array{4, 5}}, {result}, other), error::value_error);
}

BOOST_AUTO_TEST_CASE(a_decision_needs_one_number)
{
    tape t;
    BOOST_TEST(text_of<error::shape_error>(
                   [&] {
                       decide(t.variable(array{1, 2}) > 0);
                   }) ==
               "autograd: decide: the condition has shape (2,); a decision needs exactly one element. Use sum, max or "
               "min.");
    BOOST_TEST(text_of<error::value_error>([&] { decide(t.variable(not_a_number)); }) ==
               "autograd: decide: the condition is NaN; a decision needs a number: 0 is false.");
    const auto size = t.size();
    BOOST_CHECK_THROW(require(t.variable(0.0), "never."), error::value_error);
    BOOST_TEST(t.size() == size + 1); // the variable
    tape shapes(autograd::recording::shapes);
    BOOST_CHECK_THROW(decide(shapes.variable(1.0)), error::tape_error);
    require(shapes.variable(0.0), "nobody knows.");
}

BOOST_AUTO_TEST_CASE(derivatives_pass_by)
{
    tape t;
    const variable x = t.variable(array{1, 3});
    const variable y = x * x;
    require(y > 0, "squares are positive.");
    const variable z = decide(sum(y) > 1) ? sum(y) : sum(x);
    BOOST_TEST(list(gradient(z, x)) == (reals{2, 6}), per_element());
    BOOST_TEST(list(jvp(z, x, t.constant(array{1, 1}))) == (reals{8}), per_element());
    BOOST_TEST(list(jacobian(y, x)) == (reals{2, 0, 0, 6}), per_element());
}

// Where a rule checks its cotangent, many directions are walked one by one.
BOOST_AUTO_TEST_CASE(checks_of_cotangents)
{
    const auto checked = autograd::custom_vjp([](auto x) { return 2.0 * x; },
                                              [](auto, auto, auto g)
                                              {
                                                  require(g > 5.0, "the cotangent must be large.");
                                                  return 2.0 * g;
                                              });
    tape t;
    const variable x = t.variable(array{1, 3});
    BOOST_CHECK_THROW(static_cast<void>(gradient(sum(checked(x)), x)), error::value_error);
    BOOST_CHECK_THROW(static_cast<void>(jacobian(checked(x), x)), error::value_error);
}

BOOST_AUTO_TEST_CASE(values_that_were_read_are_told)
{
    tape t;
    const variable x = t.variable(array{1, 3}), c = t.constant(2.0);
    const double known = c.item();
    const variable y = x * known;
    const double seen = sum(y).item();
    const variable z = seen > 3 ? 2.0 * y : y;
    const double loss = sum(z).item();
    BOOST_TEST(loss == 16);
    const std::string text = explain(compile({x}, {z}));
    const auto told = text.find("\nfrozen      a value was read at ");
    BOOST_TEST(told != std::string::npos, text);
    BOOST_TEST(text.find("a value was read", told + 20) == std::string::npos, text); // of y alone: z was the last
}

// A constant input's refusals are not run before others that were recorded first.
BOOST_AUTO_TEST_CASE(what_was_recorded_first_is_refused_first)
{
    tape t;
    const variable x = t.variable(array{1, 2, 3}), z = t.variable(array{1, 2, 3});
    require(x > 0.0, "x first.");
    require(z > 0.0, "z second.");
    const variable q = sum(x * z);
    const auto f = compile({x, z}, {q}, {.constant = {1}});
    auto memory = f.make_workspace();
    const array wrong{-1, 2, 3};
    array result = 0.0;
    const auto is_first = [](const autograd::error::exception& e)
    { return std::string(e.what()).find("x first.") != std::string::npos; };
    BOOST_CHECK_EXCEPTION(f.run({wrong, wrong}, {result}, memory), autograd::error::exception, is_first);
}

BOOST_AUTO_TEST_SUITE_END()
