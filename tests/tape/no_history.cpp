#include "tests/support.hpp"

#include <stdexcept>
#include <tuple>

using namespace support;
namespace error = autograd::error;

BOOST_AUTO_TEST_SUITE(tape_no_history)

namespace
{

struct prediction
{
    variable mean;
    std::pair<variable, variable> interval;
    autograd::indices<double> label;
    int calls = 0;

    auto members() { return std::tie(mean, interval, label, calls); }
};

} // namespace

BOOST_AUTO_TEST_CASE(the_value_is_kept_and_the_intermediate_ones_are_not)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0, 3.0});
    const std::size_t before = t.size();
    const variable y = t.no_history([&] { return sum(exp(x) * x + 1.0); });
    BOOST_TEST(t.size() == before + 1);
    BOOST_TEST(t[y.index()].op->name == std::string("constant"));
    BOOST_TEST(y.item() == 3 + 1 * std::exp(1.0) + 2 * std::exp(2.0) + 3 * std::exp(3.0), tolerance(1e-14));
    BOOST_CHECK_THROW(gradient(y, x), error::not_differentiable);
    autograd::verify(t);
}

BOOST_AUTO_TEST_CASE(a_function_may_return_nothing)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0, 3.0});
    const std::size_t before = t.size();
    double total = 0;
    t.no_history([&] { total = sum(exp(x)).item(); });
    BOOST_TEST(total == std::exp(1.0) + std::exp(2.0) + std::exp(3.0), tolerance(1e-14));
    BOOST_TEST(t.size() == before);
}

BOOST_AUTO_TEST_CASE(pairs_tuples_arrays_and_vectors_are_kept)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0});
    const auto [sum_of, product_of] = t.no_history([&] { return std::pair(x + x, x * x); });
    BOOST_TEST(list(sum_of) == (reals{2, 4}), per_element());
    BOOST_TEST(list(product_of) == (reals{1, 4}), per_element());

    const auto powers = t.no_history(
        [&]
        {
            std::vector<variable> result{x};
            for (int i = 0; i < 3; ++i)
            {
                result.push_back(result.back() * x);
            }
            return result;
        });
    BOOST_TEST(powers.size() == 4u);
    BOOST_TEST(list(powers[3]) == (reals{1, 16}), per_element());

    const auto [number, three] = t.no_history([&] { return std::tuple(3, std::array{x, -x}); });
    BOOST_TEST(number == 3);
    BOOST_TEST(list(three[1]) == (reals{-1, -2}), per_element());
    BOOST_TEST(t.size() == 1u + 2u + 4u + 2u);
}

BOOST_AUTO_TEST_CASE(structures_with_members_are_kept)
{
    tape t;
    const variable x = t.variable(array{3.0, 5.0, 4.0});
    const prediction p = t.no_history(
        [&]
        {
            const variable m = mean(x);
            return prediction{m, {m - 1.0, m + 1.0}, argmax(x, 0), 7};
        });
    BOOST_TEST(p.mean.item() == 4.0);
    BOOST_TEST(p.interval.first.item() == 3.0);
    BOOST_TEST(p.interval.second.item() == 5.0);
    BOOST_TEST(p.label.item() == 1);
    BOOST_TEST(p.calls == 7);
    BOOST_TEST(t.size() == 1u + 4u);
}

BOOST_AUTO_TEST_CASE(the_results_are_used_like_any_constant)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0});
    const variable c = t.no_history([&] { return exp(x); });
    const variable g = gradient(sum(c * x), x);
    BOOST_TEST(list(g) == (reals{std::exp(1.0), std::exp(2.0)}), tolerance(1e-15) << per_element());
}

BOOST_AUTO_TEST_CASE(broadcasts_and_empty_arrays_are_kept)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0});
    const variable wide = t.no_history([&] { return broadcast(x, {2, 2}); });
    BOOST_TEST(list(wide) == (reals{1, 2, 1, 2}), per_element());
    const variable nothing = t.no_history([&] { return broadcast(x, {0, 2}); });
    BOOST_TEST(shape(nothing) == (extents{0, 2}), per_element());
}

BOOST_AUTO_TEST_CASE(what_was_there_before_can_be_returned)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0});
    const variable same_values = t.no_history([&] { return x; });
    BOOST_TEST(!same(same_values, x));
    BOOST_TEST(list(same_values) == list(x), per_element());
}

BOOST_AUTO_TEST_CASE(scopes_without_history_nest)
{
    tape t;
    const variable x = t.variable(2.0);
    const variable y = t.no_history(
        [&]
        {
            const variable inner = t.no_history([&] { return exp(x) * 0.0 + x; });
            return inner * inner;
        });
    BOOST_TEST(y.item() == 4.0);
    BOOST_TEST(t.size() == 2u);
}

BOOST_AUTO_TEST_CASE(an_exception_takes_the_recording_back)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0});
    variable leaked;
    const auto thrower = [&]() -> variable
    {
        leaked = exp(x);
        throw std::runtime_error("enough");
    };
    BOOST_CHECK_THROW(t.no_history(thrower), std::runtime_error);
    BOOST_TEST(t.size() == 1u);
    BOOST_CHECK_THROW(leaked + 1.0, error::tape_error);
    BOOST_TEST(list(x) == (reals{1, 2}), per_element());
}

// Nothing is left behind either when the result cannot be kept.
BOOST_AUTO_TEST_CASE(results_that_cannot_be_kept_are_refused)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0});
    const auto empty = [&]
    {
        exp(x);
        return variable();
    };
    BOOST_CHECK_THROW(t.no_history(empty), error::tape_error);
    BOOST_TEST(t.size() == 1u);

    tape other;
    other.variable(1.0);
    const variable foreign = other.variable(array{1.0, 2.0, 3.0});
    BOOST_CHECK_THROW(t.no_history([&] { return foreign; }), error::tape_error);
    BOOST_TEST(t.size() == 1u);

    tape shapes(autograd::recording::shapes);
    const variable unknown = shapes.variable(1.0);
    BOOST_CHECK_THROW(shapes.no_history([&] { return exp(unknown); }), error::tape_error);
    BOOST_TEST(shapes.size() == 1u);
}

BOOST_AUTO_TEST_CASE(memory_stays_flat)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0});
    const auto here = t.mark();
    std::size_t held = 0;
    for (int i = 0; i < 200; ++i)
    {
        t.rewind(here);
        const variable y = t.no_history(
            [&]
            {
                variable z = x;
                for (int k = 0; k < 20; ++k)
                {
                    z = tanh(broadcast(z, {100, 2}));
                    z = mean(z, 0);
                }
                return z;
            });
        BOOST_REQUIRE(t.size() == 2u);
        BOOST_REQUIRE(y.value()(0) < 1.0);
        held = i == 1 ? t.memory() : held;
    }
    BOOST_TEST(t.memory() == held);
}

BOOST_AUTO_TEST_SUITE_END()
