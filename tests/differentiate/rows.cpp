#include "autograd/differentiate/rows.hpp"

#include "support.hpp"

using namespace support;

// What flows into rows of a table, asked for as it is: what is added up of it is the gradient, bit for bit.

namespace
{

/// The gradient of f by a table of 5 rows, by rows if it comes so.
template <class F>
auto by_rows(variable table, F f)
{
    return autograd::detail::gradient_by_rows<double>(
        f(table), {&table, 1}, [](std::size_t) { return true; }, autograd::unconnected::error,
        autograd::location::current())[0];
}

array table()
{
    return {{0.1, -1.2}, {2.3, 0.4}, {-0.5, 1.6}, {0.7, 1.8}, {-2.9, 0.3}};
}

/// How many instructions there are of an operation.
std::size_t count_of(const tape& t, const std::string& name)
{
    return static_cast<std::size_t>(std::count_if(t.instructions().begin(), t.instructions().end(),
                                                  [&](const auto& each) { return each.op->name == name; }));
}

} // namespace

BOOST_AUTO_TEST_SUITE(differentiate_rows)

BOOST_AUTO_TEST_CASE(rows_are_what_is_added_up_in_the_gradient)
{
    tape t;
    const variable x = t.variable(table());
    const auto i = t.index(xt::xarray<int>{{3, -1, 3}, {0, 3, -5}});
    const auto j = t.index(xt::xarray<int>{3, 2});
    const auto k = t.index(4);
    const auto f = [&](variable w) // one after the other: the walk comes to the last one first
    {
        const variable third = sum(square(gather(w, k)));
        const variable second = sum(exp(gather(w, j)) * 0.1);
        return sum(sin(gather(w, i))) + second + third;
    };
    const auto found = by_rows(x, f);
    BOOST_TEST(found.whole.empty());
    BOOST_REQUIRE_EQUAL(found.rows.size(), 3u);
    BOOST_TEST(list(found.rows[0].i) == list(i), per_element());
    BOOST_TEST(list(found.rows[1].i) == list(j), per_element());
    BOOST_TEST(list(found.rows[2].i) == list(k), per_element());
    BOOST_TEST(shape(found.rows[0].g) == (extents{2, 3, 2}), per_element());
    BOOST_TEST(shape(found.rows[2].g) == (extents{2}), per_element());
    BOOST_TEST(count_of(t, "scatter") == 0u);
    BOOST_TEST(count_of(t, "assemble") == 0u);

    variable sum_of_rows = t.constant(xt::zeros<double>({5, 2}));
    for (const auto& each : found.rows)
    {
        sum_of_rows = scatter_add(sum_of_rows, each.i, each.g);
    }
    BOOST_TEST(list(sum_of_rows) == list(gradient(f(x), x)), per_element());
}

BOOST_AUTO_TEST_CASE(no_index_is_rows_as_well)
{
    tape t;
    const auto none = t.index(xt::xarray<int>::from_shape({0}));
    const auto found = by_rows(t.variable(table()), [&](variable w) { return sum(gather(w, none)); });
    BOOST_REQUIRE_EQUAL(found.rows.size(), 1u);
    BOOST_TEST(shape(found.rows[0].g) == (extents{0, 2}), per_element());
}

BOOST_AUTO_TEST_CASE(what_is_not_rows_alone_is_whole)
{
    tape t;
    const variable x = t.variable(table());
    const auto i = t.index(xt::xarray<int>{3, 0, 3});
    const auto columns = t.index(xt::xarray<int>{1, 0});
    const auto places = t.index(xt::xarray<int>{{1, 0}, {0, 1}});
    const auto rows_of = [&](variable w) { return sum(sin(gather(w, i))); };
    const std::vector<std::function<variable(variable)>> functions{
        [&](variable w) { return rows_of(w) + sum(square(w)); },
        [&](variable w) { return rows_of(w) + sum(exp(gather(w, columns, 1))); },
        [&](variable w) { return rows_of(w) + sum(slice(w, 0, 1, 3)); },
        [&](variable w) { return rows_of(w) + sum(square(take_along_axis(w, places, 0))); },
        [&](variable w) { return rows_of(tanh(w)); },
        [&](variable w) { return sum(gather(w, columns, 1)); },
        [&](variable w) { return 0.0 * sum(w); },
    };
    for (const auto& f : functions)
    {
        const auto found = by_rows(x, f);
        BOOST_TEST(found.rows.empty());
        BOOST_TEST(list(found.whole) == list(gradient(f(x), x)), per_element());
    }
}

BOOST_AUTO_TEST_CASE(each_input_is_as_it_is_wanted)
{
    tape t;
    const variable x = t.variable(table());
    const variable y = t.variable(table());
    const variable z = t.variable(table());
    const auto i = t.index(xt::xarray<int>{3, 0, 3});
    const variable f = sum(gather(x, i) * gather(y, i)) + sum(gather(y, i));
    const std::vector xs{x, y, z, x, x};
    const auto wanted = [](std::size_t k) { return k % 2 == 0; };
    const auto found = autograd::detail::gradient_by_rows<double>(f, xs, wanted, autograd::unconnected::zero,
                                                                  autograd::location::current());
    BOOST_TEST(found[0].rows.size() == 1u);
    BOOST_TEST(found[1].rows.empty());
    BOOST_TEST(list(found[1].whole) == list(gradient(f, y)), per_element());
    BOOST_TEST(found[2].rows.empty());
    BOOST_TEST(list(found[2].whole) == reals(10, 0.0), per_element());
    BOOST_TEST(list(found[3].whole) == list(gradient(f, x)), per_element());
    BOOST_TEST(list(found[4].whole) == list(found[3].whole), per_element());
    BOOST_TEST(text_of<autograd::error::not_differentiable>(
                   [&]
                   {
                       autograd::detail::gradient_by_rows<double>(f, xs, wanted, autograd::unconnected::error,
                                                                  autograd::location::current());
                   }) == text_of<autograd::error::not_differentiable>([&] { gradient(f, xs); }));
}

// Rows are recorded values, with derivatives of their own.
BOOST_AUTO_TEST_CASE(rows_have_derivatives)
{
    tape t;
    const variable x = t.variable(table());
    const auto i = t.index(xt::xarray<int>{1, 4, 1});
    const auto found = by_rows(x, [&](variable w) { return sum(sin(gather(w, i))); });
    const variable by_row = gradient(sum(square(found.rows[0].g)), x);
    BOOST_TEST(shape(by_row) == (extents{5, 2}), per_element());
    BOOST_TEST(by_row.value()(4, 0) == -2 * std::cos(-2.9) * std::sin(-2.9), tolerance(1e-14));
    BOOST_TEST(by_row.value()(1, 1) == -4 * std::cos(0.4) * std::sin(0.4), tolerance(1e-14));
    BOOST_TEST(by_row.value()(0, 0) == 0.0);
}

BOOST_AUTO_TEST_SUITE_END()
