#include "tests/support.hpp"

#include <cmath>

using namespace support;

BOOST_AUTO_TEST_SUITE(differentiate_cost)

namespace
{

/// How many instructions f appends.
template <class F>
std::size_t recorded_by(tape& t, F f)
{
    const std::size_t before = t.size();
    f();
    return t.size() - before;
}

/// How many elements the instructions that f appends store.
template <class F>
std::size_t elements_stored_by(tape& t, F f)
{
    const auto first = static_cast<std::uint32_t>(t.size());
    f();
    std::size_t elements = 0;
    for (std::uint32_t index = first; index < t.size(); ++index)
    {
        const bool stored = t[index].op->storage == autograd::storage_kind::own && t[index].strides() == nullptr;
        elements += stored ? t[index].size() : 0;
    }
    return elements;
}

} // namespace

// --------------------------------------------------------------------------------------------- only what is needed

BOOST_AUTO_TEST_CASE(only_the_path_is_pulled)
{
    tape t;
    const variable x = t.variable(2.0), w = t.variable(3.0);
    variable aside = exp(w);
    for (int i = 0; i < 100; ++i)
    {
        aside = tanh(aside * x);
    }
    const variable y = x * w;
    for (int i = 0; i < 100; ++i)
    {
        aside = tanh(aside * y);
    }
    // The seed and one product.
    BOOST_TEST(recorded_by(t, [&] { gradient(y, x); }) == 2u);
    BOOST_TEST(recorded_by(t, [&] { gradient(y, {x, w}); }) == 3u);
    BOOST_TEST(recorded_by(t, [&] { jvp(y, x, w); }) == 1u);
}

BOOST_AUTO_TEST_CASE(constants_are_not_pulled)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0}), c = t.constant(array{3.0, 4.0});
    const variable y = sum(x * exp(tanh(c)));
    const variable z = sum(x * c);
    BOOST_TEST(recorded_by(t, [&] { gradient(y, x); }) == recorded_by(t, [&] { gradient(z, x); }));
}

BOOST_AUTO_TEST_CASE(a_zero_cotangent_records_nothing)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0}), c = t.constant(array{3.0, 4.0});
    const variable through_sign = sum(x * sign(exp(tanh(x))));
    const variable through_mask = sum(x * (exp(tanh(x)) > 1.5));
    const variable stopped = sum(x * stop_gradient(exp(tanh(x))));
    const variable plain = sum(x * c);
    const std::size_t least = recorded_by(t, [&] { gradient(plain, x); });
    BOOST_TEST(recorded_by(t, [&] { gradient(through_mask, x); }) == least);
    BOOST_TEST(recorded_by(t, [&] { gradient(stopped, x); }) == least);
    // sign is reached: its product is pulled, but nothing below it.
    BOOST_TEST(recorded_by(t, [&] { gradient(through_sign, x); }) == least + 1);
    const std::size_t least_forward = recorded_by(t, [&] { jvp(plain, x, c); });
    BOOST_TEST(recorded_by(t, [&] { jvp(through_mask, x, c); }) == least_forward);
    BOOST_TEST(recorded_by(t, [&] { jvp(stopped, x, c); }) == least_forward);
}

// The derivative of maximum depends on its operands through comparisons only.
BOOST_AUTO_TEST_CASE(a_zero_cotangent_of_second_order_records_nothing)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0}), v = t.constant(array{3.0, 4.0});
    const variable g = gradient(sum(maximum(exp(x), 5.0)), x);
    const std::size_t before = t.size();
    const variable by_reverse = gradient(sum(g * v), x), by_forward = jvp(g, x, v);
    BOOST_TEST(list(by_reverse) == (reals{0, 4 * std::exp(2.0)}), tolerance(1e-15) << per_element());
    BOOST_TEST(list(by_forward) == list(by_reverse), tolerance(1e-15) << per_element());
    const auto is_zero = [&](std::uint32_t index)
    { return std::string(t[index].op->name) == "full" && *static_cast<const double*>(t[index].attributes()) == 0; };
    for (const auto& each : t.instructions().subspan(before))
    {
        for (std::uint32_t operand : t.operands(each))
        {
            // The zeros between which where() selects are the rule's own; a product with zeros would be a cotangent.
            BOOST_TEST((!is_zero(operand) || std::string(each.op->name) == "where"));
        }
    }
}

BOOST_AUTO_TEST_CASE(what_lies_before_the_inputs_costs_nothing)
{
    tape t;
    variable x = t.variable(0.5);
    for (int i = 0; i < 1000; ++i)
    {
        x = sin(x);
    }
    const variable y = x * x;
    BOOST_TEST(recorded_by(t, [&] { gradient(y, x); }) <= 4u);
}

// One walk for any number of inputs.
BOOST_AUTO_TEST_CASE(several_inputs_share_a_walk)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0}), w = t.variable(array{3.0, 4.0});
    variable shared = x * w;
    for (int i = 0; i < 50; ++i)
    {
        shared = tanh(shared);
    }
    const variable y = sum(shared);
    const std::size_t one = recorded_by(t, [&] { gradient(y, x); });
    BOOST_TEST(recorded_by(t, [&] { gradient(y, {x, w}); }) == one + 1);
}

// What was reduced over the first axes broadcasts as it is.
BOOST_AUTO_TEST_CASE(reductions_and_broadcasts_are_pulled_without_reshapes)
{
    tape t;
    const variable x = t.variable(array{{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}});
    const variable row = t.variable(array{1.0, 2.0, 3.0}), column = t.variable(array::from_shape({2, 1}));
    const auto reshapes = [&](auto f)
    {
        const std::size_t before = t.size();
        f();
        const auto added = t.instructions().subspan(before);
        return std::count_if(added.begin(), added.end(),
                             [](const auto& each) { return each.op->name == std::string("reshape"); });
    };
    BOOST_TEST(reshapes([&] { gradient(norm_sq(x), x); }) == 0);
    BOOST_TEST(reshapes([&] { gradient(sum(sum(x, 0) * row), x); }) == 0);
    BOOST_TEST(reshapes([&] { gradient(sum(sum(x, 1, xt::keep_dims) * column), x); }) == 0);
    BOOST_TEST(reshapes([&] { gradient(sum(x * row), row); }) == 0);
    BOOST_TEST(reshapes([&] { hessian_vector_product(norm_sq(x * row), x, x); }) == 0);
    // Controls: the sums of rows must be made a column again.
    BOOST_TEST(reshapes([&] { gradient(sum(square(sum(x, 1))), x); }) == 1);
    BOOST_TEST(reshapes([&] { gradient(sum(x * column), column); }) == 1);
}

// ------------------------------------------------------------------------------------------------------- no storage

BOOST_AUTO_TEST_CASE(seeds_have_no_storage)
{
    tape t;
    const variable x = t.variable(array{array::from_shape({100, 100})});
    const variable total = sum(x), average = mean(x), rows = sum(x, 0), tripled = 3.0 * x;
    const variable one = t.constant(1.0), late = t.variable(array::from_shape({100, 100}));
    BOOST_TEST(elements_stored_by(t, [&] { gradient(total, x); }) <= 1u);
    BOOST_TEST(elements_stored_by(t, [&] { gradient(average, x); }) <= 2u);
    BOOST_TEST(elements_stored_by(t, [&] { vjp(rows, x, t.full(rows.shape(), 2.0)); }) <= 100u);
    BOOST_TEST(elements_stored_by(t, [&] { gradient(total, late, autograd::unconnected::zero); }) <= 1u);
    BOOST_TEST(elements_stored_by(t, [&] { jvp(rows, late, late, autograd::unconnected::zero); }) <= 1u);
    BOOST_TEST(elements_stored_by(t, [&] { jvp(broadcast(one, {100, 100}), one, one); }) == 0u);
    // A control: what has values of its own is seen.
    BOOST_TEST(elements_stored_by(t, [&] { vjp(tripled, x, x); }) == 10000u);
}

BOOST_AUTO_TEST_CASE(shapes_that_change_share_storage)
{
    tape t;
    const variable x = t.variable(array{{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}});
    BOOST_TEST(reshape(x, {3, 2}).data() == x.data());
    BOOST_TEST(flatten(x).data() == x.data());
    BOOST_TEST(expand_dims(x, 0).data() == x.data());
    BOOST_TEST(stop_gradient(x).data() == x.data());
    BOOST_TEST(autograd::identity(x).data() == x.data());
}

// ------------------------------------------------------------------------------------------------------------ depth

BOOST_AUTO_TEST_CASE(deep_chains_are_pushed)
{
    tape t;
    const variable x = t.variable(0.5);
    variable y = x;
    for (int i = 0; i < 100000; ++i)
    {
        y = y + 1e-6 * sin(y);
    }
    const std::size_t before = t.size();
    const double tangent = jvp(y, x, t.constant(1.0)).item();
    BOOST_TEST(t.size() - before < 1000000u);
    BOOST_TEST(tangent == gradient(y, x).item(), tolerance(1e-10));
    BOOST_TEST(tangent > 1.0);
}

// A network of diamonds: the number of paths doubles at each, the work does not.
BOOST_AUTO_TEST_CASE(diamonds_are_walked_once)
{
    const auto work = [](int depth)
    {
        tape t;
        const variable x = t.variable(1.0);
        variable y = x;
        for (int i = 0; i < depth; ++i)
        {
            y = 0.5 * sin(y) + 0.5 * cos(y);
        }
        return recorded_by(t,
                           [&]
                           {
                               gradient(y, x);
                               jvp(y, x, x);
                           });
    };
    // One more level always costs the same.
    BOOST_TEST(work(40) - work(39) == work(2) - work(1));
}

BOOST_AUTO_TEST_SUITE_END()
