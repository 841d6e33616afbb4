#include "tests/interface/xtensor_headers.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <limits>
#include <numeric>
#include <random>

// What the samples of gather, scatter, take_along_axis, argsort, topk, diag and tril cannot say: numbers that are
// exact, integers of every type and layout, and what is left of a tape after an index was refused.

namespace
{

namespace error = autograd::error;
using autograd::gradient;
using autograd::indices;
using autograd::tape;
using autograd::variable;

template <class T>
std::vector<T> elements(variable<T> x)
{
    return {x.data(), x.data() + x.size()};
}
template <class T>
std::vector<std::int64_t> elements(indices<T> i)
{
    return {i.data(), i.data() + i.size()};
}

using numbers = std::vector<double>;
using integers = std::vector<std::int64_t>;

/// The message without the line of source, which has brackets of its own.
template <class Error, class F>
std::string message_of(F f)
{
    try
    {
        f();
    }
    catch (const Error& e)
    {
        const std::string text = e.what();
        return text.substr(0, text.find("  ["));
    }
    return "nothing was thrown";
}

/// Rows 1, 0 and 1 of a matrix, by an index array of any type.
template <class I>
numbers rows_by(const xt::xarray<I>& positions)
{
    tape<double> tape;
    const auto x = tape.variable(xt::xarray<double>{{1, 2}, {3, 4}});
    return elements(gather(x, tape.index(positions)));
}

/// Numbers among which there are many ties.
template <class T>
xt::xarray<T> with_ties(const std::vector<std::size_t>& shape)
{
    xt::xarray<T> result = xt::xarray<T>::from_shape(shape);
    std::mt19937 generator(7);
    std::generate(result.data(), result.data() + result.size(), [&] { return static_cast<T>(generator() % 50); });
    return result;
}

/// The order of one line by std::stable_sort.
template <class T, class Before>
integers stable_order(const std::vector<T>& line, Before before)
{
    integers order(line.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(),
                     [&](auto i, auto j)
                     { return before(line[static_cast<std::size_t>(i)], line[static_cast<std::size_t>(j)]); });
    return order;
}

} // namespace

BOOST_AUTO_TEST_SUITE(operations_indexing)

// ------------------------------------------------------------------------------------------------------ derivatives

BOOST_AUTO_TEST_CASE(cotangents_of_a_repeated_index_add_up)
{
    tape<double> tape;
    const auto x = tape.variable(xt::xarray<double>{10, 20, 30});
    const auto i = tape.index(xt::xarray<int>{2, 0, 2, -1});
    const auto weights = tape.constant(xt::xarray<double>{1, 2, 4, 8});
    BOOST_TEST(elements(gradient(sum(gather(x, i) * weights), x)) == (numbers{2, 0, 13}),
               boost::test_tools::per_element());
    // The gradient is recorded: y = sum of 2 x_2^2 + x_0^2 + x_2^2 has the Hessian diag(2, 0, 6).
    const auto y = sum(gather(x * x, i));
    BOOST_TEST(elements(hessian(y, x)) == (numbers{2, 0, 0, 0, 0, 0, 0, 0, 6}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(updates_add_up_in_their_order_and_leave_x_as_it_was)
{
    tape<float> tape;
    const auto x = tape.variable(xt::xarray<float>{0, 5});
    const auto i = tape.index(xt::xarray<int>{0, 0, 0});
    // In the order of the indices 1 is lost beside 1e8; in any other order it, or its negative, would not be.
    const auto lost = scatter_add(x, i, tape.constant(xt::xarray<float>{1e8F, 1, -1e8F}));
    const auto kept = scatter_add(x, i, tape.constant(xt::xarray<float>{1e8F, -1e8F, 1}));
    BOOST_TEST(lost.data()[0] == 0);
    BOOST_TEST(kept.data()[0] == 1);
    BOOST_TEST(elements(x) == (std::vector<float>{0, 5}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(equal_elements_keep_their_order_and_their_cotangents)
{
    tape<double> tape;
    const auto x = tape.variable(xt::xarray<double>{3, 1, 3, 1});
    const auto weights = tape.constant(xt::xarray<double>{1, 2, 4, 8});
    BOOST_TEST(elements(gradient(sum(sort(x) * weights), x)) == (numbers{4, 1, 8, 2}),
               boost::test_tools::per_element());
    const auto [values, positions] = topk(x, 3);
    BOOST_TEST(elements(values) == (numbers{3, 3, 1}), boost::test_tools::per_element());
    BOOST_TEST(elements(positions) == (integers{0, 2, 1}), boost::test_tools::per_element());
    const auto three = tape.constant(xt::xarray<double>{1, 2, 4});
    BOOST_TEST(elements(gradient(sum(values * three), x)) == (numbers{1, 4, 2, 0}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_a_triangle_drops_receives_exactly_zero)
{
    const double inf = std::numeric_limits<double>::infinity();
    tape<double> tape;
    const auto x = tape.variable(xt::xarray<double>{{1, inf}, {2, 3}});
    BOOST_TEST(elements(gradient(sum(tril(x) * 2), x)) == (numbers{2, 0, 2, 2}), boost::test_tools::per_element());
    BOOST_TEST(elements(gradient(sum(triu(x, 1) * 2), x)) == (numbers{0, 2, 0, 0}), boost::test_tools::per_element());
    BOOST_TEST(elements(gradient(sum(diag(x)), x)) == (numbers{1, 0, 0, 1}), boost::test_tools::per_element());
    BOOST_TEST(elements(gradient(trace(x), x)) == (numbers{1, 0, 0, 1}), boost::test_tools::per_element());
}

// ----------------------------------------------------------------------------------------- types, layouts, extremes

BOOST_AUTO_TEST_CASE(indices_are_integers_of_any_type)
{
    const numbers expected{3, 4, 1, 2, 3, 4};
    BOOST_TEST(rows_by<std::int32_t>({1, 0, 1}) == expected, boost::test_tools::per_element());
    BOOST_TEST(rows_by<std::uint8_t>({1, 0, 1}) == expected, boost::test_tools::per_element());
    BOOST_TEST(rows_by<std::size_t>({1, 0, 1}) == expected, boost::test_tools::per_element());
    BOOST_TEST(rows_by<std::int8_t>({-1, -2, 1}) == expected, boost::test_tools::per_element());
    BOOST_TEST(rows_by<std::int64_t>({-1, 0, 1}) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(indices_may_lie_in_any_layout)
{
    tape<double> tape;
    const auto x = tape.variable(xt::xarray<double>{0, 10, 20, 30, 40, 50});
    const xt::xarray<int> row_major{{0, 1, 2}, {3, 4, 5}};
    const xt::xarray<int, xt::layout_type::column_major> column_major(row_major);
    const numbers expected{0, 10, 20, 30, 40, 50};
    BOOST_TEST(elements(gather(x, tape.index(row_major))) == expected, boost::test_tools::per_element());
    BOOST_TEST(elements(gather(x, tape.index(column_major))) == expected, boost::test_tools::per_element());
    BOOST_TEST(elements(gather(x, tape.index(xt::transpose(row_major)))) == (numbers{0, 30, 10, 40, 20, 50}),
               boost::test_tools::per_element());
    const auto backwards = xt::strided_view(row_major, {1, xt::range(2, xt::placeholders::_, -2)});
    BOOST_TEST(elements(gather(x, tape.index(backwards))) == (numbers{50, 30}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(axes_are_integers_of_any_type)
{
    tape<double> tape;
    const auto x = tape.variable(xt::xarray<double>{{1, 2}, {3, 4}});
    const auto i = tape.index(xt::xarray<int>{1, 0});
    const numbers expected{2, 1, 4, 3};
    BOOST_TEST(elements(gather(x, i, std::size_t{1})) == expected, boost::test_tools::per_element());
    BOOST_TEST(elements(gather(x, i, std::int64_t{-1})) == expected, boost::test_tools::per_element());
    BOOST_TEST(elements(gather(x, i, short{1})) == expected, boost::test_tools::per_element());
    BOOST_TEST(elements(sort(x, std::size_t{0})) == (numbers{1, 2, 3, 4}), boost::test_tools::per_element());
    BOOST_TEST(elements(topk(x, 1, std::int8_t{-2}).first) == (numbers{3, 4}), boost::test_tools::per_element());
    BOOST_TEST(elements(diagonal(x, 0, std::size_t{1}, short{0})) == (numbers{1, 4}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(extreme_axes_and_indices_are_refused)
{
    constexpr auto least = std::numeric_limits<std::int64_t>::min();
    constexpr auto greatest = std::numeric_limits<std::int64_t>::max();
    tape<double> tape;
    const auto x = tape.variable(xt::xarray<double>{1, 2, 3});
    const auto i = tape.index(0);
    BOOST_TEST(message_of<error::shape_error>([&] { gather(x, i, greatest); }) ==
               "autograd: gather: axis 9223372036854775807 is outside of shape (3,); it must be from -1 to 0.");
    BOOST_TEST(message_of<error::shape_error>([&] { argsort(x, least); }) ==
               "autograd: argsort: axis -9223372036854775808 is outside of shape (3,); it must be from -1 to 0.");
    BOOST_TEST(message_of<error::index_error>([&] { gather(x, tape.index(greatest)); }) ==
               "autograd: gather: index 9223372036854775807 at position () is outside axis 0 of length 3.");
    BOOST_TEST(message_of<error::index_error>([&] { gather(x, tape.index(least)); }) ==
               "autograd: gather: index -9223372036854775808 at position () is outside axis 0 of length 3.");
    BOOST_TEST(message_of<error::index_error>([&] { one_hot(tape.index(least), 3); }) ==
               "autograd: one_hot: class -9223372036854775808 at position () is not one of 3; classes are numbered "
               "from 0.");
    // Diagonals so far off that nothing is on them.
    constexpr int far = std::numeric_limits<int>::max();
    const auto matrix = reshape(x, {1, 3});
    BOOST_TEST(diagonal(matrix, far).size() == 0U);
    BOOST_TEST(diagonal(matrix, std::numeric_limits<int>::min()).size() == 0U);
    // What no int holds is not cut to one.
    for (const std::int64_t beyond : {std::int64_t{1} << 32, -(std::int64_t{1} << 32)})
    {
        BOOST_TEST(diagonal(matrix, beyond).size() == 0U);
        BOOST_TEST(diagonal(matrix, beyond, 1, 0).size() == 0U);
        BOOST_TEST(diag(matrix, beyond).size() == 0U);
        BOOST_TEST(trace(matrix, beyond).item() == 0.0);
        BOOST_TEST(sum(tril(matrix, beyond)).item() == (beyond > 0 ? sum(matrix).item() : 0.0));
        BOOST_TEST(sum(triu(matrix, beyond)).item() == (beyond < 0 ? sum(matrix).item() : 0.0));
        BOOST_CHECK_THROW(roll(matrix, 1, std::ptrdiff_t{beyond}), autograd::error::shape_error);
    }
    BOOST_TEST(elements(diagonal(matrix, 1U)) == elements(diagonal(matrix, 1)), boost::test_tools::per_element());
    BOOST_TEST(elements(tril(matrix, far)) == (numbers{1, 2, 3}), boost::test_tools::per_element());
    BOOST_TEST(elements(triu(matrix, far)) == (numbers{0, 0, 0}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_long_axis)
{
    constexpr std::size_t length = std::size_t{1} << 21;
    tape<double> tape;
    const auto x = tape.variable(xt::xarray<double>(xt::arange<double>(static_cast<double>(length))));
    const auto i = tape.index(xt::xarray<std::int64_t>{-1, 0, length - 1, -static_cast<std::int64_t>(length)});
    const auto y = gather(x, i);
    BOOST_TEST(elements(y) == (numbers{length - 1, 0, length - 1, 0}), boost::test_tools::per_element());
    const auto g = gradient(sum(y), x);
    BOOST_TEST(g.data()[0] == 2);
    BOOST_TEST(g.data()[length - 1] == 2);
    BOOST_TEST(std::count(g.data(), g.data() + length, 0.0) == static_cast<std::ptrdiff_t>(length) - 2);
}

// ------------------------------------------------------------------------------------------------------------ order

using both_types = std::tuple<float, double>;

BOOST_AUTO_TEST_CASE_TEMPLATE(lines_are_sorted_stably_along_every_axis, T, both_types)
{
    const xt::xarray<T> array = with_ties<T>({3, 400, 2});
    tape<T> tape;
    const auto x = tape.variable(array);
    const auto order = argsort(x, 1);
    const auto [values, positions] = topk(x, 37, 1);
    for (std::size_t outer = 0; outer < 3; ++outer)
    {
        for (std::size_t inner = 0; inner < 2; ++inner)
        {
            std::vector<T> line(400);
            integers found(400);
            integers largest(37);
            for (std::size_t k = 0; k < 400; ++k)
            {
                line[k] = array(outer, k, inner);
                found[k] = order.value()(outer, k, inner);
            }
            for (std::size_t k = 0; k < 37; ++k)
            {
                largest[k] = positions.value()(outer, k, inner);
                BOOST_REQUIRE_EQUAL(values.value()(outer, k, inner), line[static_cast<std::size_t>(largest[k])]);
            }
            BOOST_REQUIRE(found == stable_order(line, std::less<T>()));
            integers first = stable_order(line, std::greater<T>());
            first.resize(37);
            BOOST_REQUIRE(largest == first);
        }
    }
}

// ------------------------------------------------------------------------------------------------- the tape around it

BOOST_AUTO_TEST_CASE(a_tape_is_usable_after_an_index_error)
{
    tape<double> tape;
    const auto x = tape.variable(xt::xarray<double>{1, 2, 3});
    const auto good = tape.index(xt::xarray<int>{2, 0});
    const auto bad = tape.index(xt::xarray<int>{2, 3});
    const std::size_t size = tape.size();
    BOOST_CHECK_THROW(gather(x, bad), error::index_error);
    BOOST_CHECK_THROW(take_along_axis(x, bad, 0), error::index_error);
    BOOST_CHECK_THROW(scatter(gather(x, good), bad, 3), error::index_error);
    BOOST_CHECK_THROW(one_hot(bad, 3), error::index_error);
    BOOST_TEST(tape.size() == size + 1); // the gather that went well
    const auto y = sum(gather(x, good) * gather(x, good));
    BOOST_TEST(y.item() == 10);
    BOOST_TEST(elements(gradient(y, x)) == (numbers{2, 0, 6}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_index_error_tells_the_line)
{
    tape<double> tape;
    const auto x = tape.variable(xt::xarray<double>{1, 2, 3});
    const auto i = tape.index(3);
    int line = 0;
    try
    {
        line = __LINE__ + 1;
        gather(x, i);
        BOOST_ERROR("nothing was thrown");
    }
    catch (const error::index_error& e)
    {
        BOOST_TEST(e.where().line == line);
        BOOST_TEST(std::string(e.where().file).ends_with("indexing.cpp"));
    }
}

BOOST_AUTO_TEST_CASE(indices_belong_to_their_tape)
{
    tape<double> tape;
    autograd::tape<double> other;
    const auto x = tape.variable(xt::xarray<double>{1, 2, 3});
    const auto foreign = other.index(0);
    BOOST_TEST(message_of<error::tape_error>([&] { gather(x, foreign); }) ==
               "autograd: gather: operands live on different tapes. Record both through one tape, or pass the value: "
               "tape.constant(x.value()).");
    BOOST_CHECK_THROW(gather(x, indices<double>()), error::tape_error);
    BOOST_CHECK_THROW(gather(variable<double>(), foreign), error::tape_error);
    const auto start = tape.mark();
    const auto stale = tape.index(0);
    tape.rewind(start);
    BOOST_CHECK_THROW(gather(x, stale), error::tape_error);
}

BOOST_AUTO_TEST_CASE(the_value_of_indices_is_an_xtensor_expression)
{
    tape<double> tape;
    const auto x = tape.variable(xt::xarray<double>{{3, 1, 2}, {4, 6, 5}});
    const auto order = argsort(x);
    const xt::xarray<std::int64_t> copy = order.value();
    BOOST_TEST((copy == xt::xarray<std::int64_t>{{1, 2, 0}, {0, 2, 1}}));
    BOOST_TEST(order.value()(1, 2) == 1);
    BOOST_TEST(xt::sum(order.value() * 10)() == 60);
    BOOST_TEST(argsort(gather(x, tape.index(0))).value().shape(0) == 3U);
    BOOST_TEST(topk(gather(x, tape.index(0)), 1).second.item() == 0);
    // Back onto the tape.
    BOOST_TEST(elements(take_along_axis(x, tape.index(order.value()), 1)) == (numbers{1, 2, 3, 4, 5, 6}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(pairs_of_values_and_positions_outlive_no_history)
{
    tape<double> tape;
    const auto x = tape.variable(xt::xarray<double>{3, 1, 2});
    const auto [values, positions] = tape.no_history([&] { return topk(x * 2, 2); });
    BOOST_TEST(elements(values) == (numbers{6, 4}), boost::test_tools::per_element());
    BOOST_TEST(elements(positions) == (integers{0, 2}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_tape_without_values_takes_any_index)
{
    tape<double> tape(autograd::recording::shapes);
    const auto x = tape.variable(xt::xarray<double>{{1, 2}, {3, 4}});
    const auto i = tape.index(xt::xarray<int>{9, 9, 9});
    BOOST_TEST((gather(x, i).shape() == std::vector<std::size_t>{3, 2}));
    BOOST_TEST((gradient(sum(gather(x, i)), x).shape() == std::vector<std::size_t>{2, 2}));
    BOOST_TEST((one_hot(i, 5).shape() == std::vector<std::size_t>{3, 5}));
}

BOOST_AUTO_TEST_CASE(the_accuracy_of_a_classifier)
{
    tape<double> tape;
    const auto scores = tape.variable(xt::xarray<double>{{0.1, 0.9}, {0.8, 0.2}, {0.3, 0.7}, {0.6, 0.4}});
    const auto labels = tape.index(xt::xarray<int>{1, 0, 0, 0});
    BOOST_TEST(mean(equal(argmax(scores, 1), labels)).item() == 0.75);
    // The score of each label, in two ways.
    xt::xarray<int> column{1, 0, 0, 0};
    column.reshape({4, 1});
    const auto by_index = take_along_axis(scores, tape.index(column), 1);
    const auto by_mask = sum(scores * one_hot(labels, 2), 1);
    BOOST_TEST(elements(by_index) == elements(by_mask), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(names_are_found_beside_those_of_xtensor)
{
    using namespace xt;
    autograd::tape<double> tape;
    const auto x = tape.variable(xarray<double>{{4, 1, 2}, {3, 6, 5}, {9, 7, 8}});
    const auto i = tape.index(xarray<int>{2, 0});
    BOOST_TEST(gather(x, i, 1).size() == 6U);
    BOOST_TEST(elements(sort(x, 0))[0] == 3);
    BOOST_TEST(elements(argsort(x))[0] == 1);
    BOOST_TEST(take_along_axis(x, argsort(x, 1), 1).size() == 9U);
    BOOST_TEST(elements(equal(i, i)) == (numbers{1, 1}), boost::test_tools::per_element());
    BOOST_TEST(elements(equal(i, 2)) == (numbers{1, 0}), boost::test_tools::per_element());
    BOOST_TEST(elements(equal(std::size_t{2}, i)) == (numbers{1, 0}), boost::test_tools::per_element());
    BOOST_TEST(diag(x).size() == 3U);
    BOOST_TEST(diag(x, 1).size() == 2U);
    BOOST_TEST(diagonal(x).size() == 3U);
    BOOST_TEST(diagonal(x, -1).size() == 2U);
    BOOST_TEST(diagonal(x, 0, 0, 1).size() == 3U);
    BOOST_TEST(diagonal(x, 0, std::size_t{0}, std::size_t{1}).size() == 3U);
    BOOST_TEST(trace(x).item() == 18);
    BOOST_TEST(elements(tril(x))[1] == 0);
    BOOST_TEST(elements(triu(x, 1))[0] == 0);
}

BOOST_AUTO_TEST_SUITE_END()
