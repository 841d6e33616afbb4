// Rows: taking them, splitting and batching them, and labels as rows.

#include "nn/data/batches.hpp"
#include "nn/data/one_hot.hpp"
#include "nn/data/split.hpp"
#include "tests/nn/support.hpp"

#include <set>

namespace
{

using namespace support;
using autograd::random::legacy_generator;
namespace error = autograd::error;

/// 0, 1, 2, ... in a shape.
xt::xarray<float> counted(const extents& shape)
{
    auto result = xt::xarray<float>::from_shape(shape);
    std::iota(result.begin(), result.end(), 0.0F);
    return result;
}

std::vector<float> list_of(const xt::xarray<float>& x)
{
    return {x.begin(), x.end()};
}

template <class A>
inline constexpr bool makes_batches =
    std::is_constructible_v<nn::batches<float>, nn::batch_options, labels, A>&& requires(A array, labels order)
{
    nn::batches(nn::batch_options{2}, order, std::forward<A>(array));
};
static_assert(makes_batches<xt::xarray<float>&> && makes_batches<const xt::xarray<float>&>);
static_assert(!makes_batches<xt::xarray<float>> &&
              !std::is_constructible_v<nn::batches<float>, nn::batch_options, labels, xt::xarray<float>>);

} // namespace

BOOST_AUTO_TEST_SUITE(nn_data_rows)

BOOST_AUTO_TEST_CASE(rows_are_taken_in_the_given_order)
{
    const xt::xarray<float> taken = nn::take_rows(counted({3, 2, 2}), labels{2, 0, 2});
    BOOST_TEST(extents_of(taken) == (extents{3, 2, 2}), per_element());
    BOOST_TEST(list_of(taken) == (std::vector<float>{8, 9, 10, 11, 0, 1, 2, 3, 8, 9, 10, 11}), per_element());
    BOOST_TEST(extents_of(nn::take_rows(counted({3, 0}), labels{1})) == (extents{1, 0}), per_element());
    BOOST_TEST(extents_of(nn::take_rows(counted({0, 4}), labels::from_shape({0}))) == (extents{0, 4}), per_element());
}

BOOST_AUTO_TEST_CASE(rows_that_are_not_there)
{
    const auto take = [](const extents& shape, const labels& rows)
    { return [=] { nn::take_rows(counted(shape), rows); }; };
    BOOST_TEST(text_of<error::index_error>(take({3, 2}, {0, 3})) ==
               "autograd: take_rows: row 3 at position (1) is outside axis 0 of length 3.");
    BOOST_TEST(text_of<error::index_error>(take({3, 2}, {-1})) ==
               "autograd: take_rows: row -1 at position (0) is outside axis 0 of length 3.");
    BOOST_TEST(text_of<error::index_error>(take({0, 2}, {0})) ==
               "autograd: take_rows: row 0 at position (0) is outside axis 0 of length 0.");
    BOOST_TEST(text_of<error::shape_error>(take({}, {0})) ==
               "autograd: take_rows: the array has 0 axes; its rows lie along the first one.");
    BOOST_TEST(text_of<error::shape_error>(take({3}, {{0, 1}})) ==
               "autograd: take_rows: the row numbers are of shape (1, 2); they must have one axis.");
}

BOOST_AUTO_TEST_CASE(columns_of_a_table)
{
    const xt::xarray<float> table = counted({2, 4});
    BOOST_TEST(list_of(nn::columns(table, 1, 3)) == (std::vector<float>{1, 2, 5, 6}), per_element());
    BOOST_TEST(list_of(nn::column(table, 3)) == (std::vector<float>{3, 7}), per_element());
    BOOST_TEST(extents_of(nn::column(table, 3)) == extents{2}, per_element());
    BOOST_TEST(text_of<error::shape_error>([&] { nn::columns(table, 1, 5); }) ==
               "autograd: columns: the columns from 1 to before 5 of an array of shape (2, 4); it must have two axes, "
               "and the columns.");
    BOOST_CHECK_THROW(nn::columns(table, 3, 2), error::shape_error);
    BOOST_CHECK_THROW(nn::column(table, static_cast<std::size_t>(-1)), error::shape_error);
    BOOST_CHECK_THROW(nn::column(counted({4}), 0), error::shape_error);
}

BOOST_AUTO_TEST_CASE(splits_are_those_of_scikit_learn)
{
    for (const json& entry : expectations("splits"))
    {
        legacy_generator stream(entry["seed"].get<std::int64_t>());
        const nn::split_rows rows = nn::train_test_split(entry["count"], entry["fraction"], stream);
        check_near(rows.train, entry["train"]);
        check_near(rows.test, entry["test"]);
    }
}

BOOST_AUTO_TEST_CASE(splits_that_cannot_be)
{
    legacy_generator stream(0);
    const auto split = [&](std::size_t count, double fraction)
    { return [&stream, count, fraction] { nn::train_test_split(count, fraction, stream); }; };
    BOOST_TEST(text_of<error::value_error>(split(10, 1.0)) ==
               "autograd: train_test_split: the fraction to test with is "
               "1; it must be between 0 and 1.");
    BOOST_TEST(text_of<error::value_error>(split(1, 0.1)) ==
               "autograd: train_test_split: of 1 rows, 1 would be to test "
               "with; one at least must be left to train with.");
    BOOST_CHECK_THROW(split(0, 0.1)(), error::value_error);
    BOOST_CHECK_THROW(split(10, std::nan(""))(), error::value_error);
    BOOST_TEST((stream == legacy_generator(0)));
}

BOOST_AUTO_TEST_CASE(batches_in_order_have_all_rows)
{
    const xt::xarray<float> x = counted({5, 2});
    const labels y{10, 11, 12, 13, 14};
    std::vector<std::vector<float>> xs;
    std::vector<std::vector<std::int64_t>> ys;
    for (const auto& [some_x, some_y] : nn::batches_in_order({2}, x, y))
    {
        xs.push_back(list_of(some_x));
        ys.emplace_back(some_y.begin(), some_y.end());
        BOOST_TEST(extents_of(some_x) == (extents{some_y.size(), 2}), per_element());
    }
    BOOST_TEST((xs == std::vector<std::vector<float>>{{0, 1, 2, 3}, {4, 5, 6, 7}, {8, 9}}));
    BOOST_TEST((ys == std::vector<std::vector<std::int64_t>>{{10, 11}, {12, 13}, {14}}));
}

BOOST_AUTO_TEST_CASE(the_number_of_batches)
{
    const xt::xarray<float> x = counted({6});
    BOOST_TEST(nn::batches_in_order({2}, x).size() == 3u);
    BOOST_TEST(nn::batches_in_order({4}, x).size() == 2u);
    BOOST_TEST(nn::batches_in_order({4, true}, x).size() == 1u);
    BOOST_TEST(nn::batches_in_order({7, true}, x).size() == 0u);
    BOOST_TEST(nn::batches_in_order({static_cast<std::size_t>(-1)}, x).size() == 1u);
    BOOST_TEST(nn::batches_in_order({.size = 3, .drop_last = true}, x).size() == 2u);
    const xt::xarray<float> none = counted({0, 3});
    BOOST_TEST(nn::batches_in_order({3}, none).size() == 0u);
    std::size_t made = 0;
    for (const auto& [rows] : nn::batches_in_order({4, true}, x))
    {
        BOOST_TEST(list_of(rows) == (std::vector<float>{0, 1, 2, 3}), per_element());
        ++made;
    }
    BOOST_TEST(made == 1u);
}

BOOST_AUTO_TEST_CASE(shuffled_batches_follow_one_permutation)
{
    const xt::xarray<float> x = counted({10});
    legacy_generator stream(7);
    legacy_generator same(7);
    const labels first = same.permutation(10);
    const labels second = same.permutation(10);
    for (const labels& order : {first, second})
    {
        std::vector<float> seen;
        for (const auto& [rows] : nn::shuffled_batches({3}, stream, x))
        {
            seen.insert(seen.end(), rows.begin(), rows.end());
        }
        BOOST_TEST(seen == std::vector<float>(order.begin(), order.end()), per_element());
        BOOST_TEST(std::set<float>(seen.begin(), seen.end()).size() == 10u);
    }
}

BOOST_AUTO_TEST_CASE(a_range_of_batches_can_be_gone_through_again)
{
    const xt::xarray<float> x = counted({4});
    legacy_generator stream(1);
    const auto range = nn::shuffled_batches({2}, stream, x);
    const auto gone_through = [&]
    {
        std::vector<float> seen;
        for (const auto& [rows] : range)
        {
            seen.insert(seen.end(), rows.begin(), rows.end());
        }
        return seen;
    };
    BOOST_TEST(gone_through() == gone_through(), per_element());
    BOOST_TEST(list_of(std::get<0>(*range.begin())).size() == 2u);
}

BOOST_AUTO_TEST_CASE(batches_refuse)
{
    const xt::xarray<float> x = counted({4, 2});
    const labels y{1, 2, 3};
    legacy_generator stream(1);
    BOOST_TEST(text_of<error::value_error>([&] { nn::shuffled_batches({0}, stream, x); }) ==
               "autograd: batches: a batch is to have 0 rows; it must have one at least.");
    BOOST_TEST(text_of<error::shape_error>([&] { nn::shuffled_batches({2}, stream, x, y); }) ==
               "autograd: batches: one array has 4 rows and another has 3; all must have the same number.");
    BOOST_CHECK_THROW(nn::batches_in_order({2}, x, y), error::shape_error);
    const xt::xarray<float> scalar = counted({});
    BOOST_CHECK_THROW(nn::shuffled_batches({2}, stream, scalar), error::shape_error);
    BOOST_TEST((stream == legacy_generator(1)));
    const nn::batches<float> beyond({2}, labels{0, 4}, x);
    BOOST_CHECK_THROW(beyond.begin(), error::index_error);
}

template <class A>
concept can_be_batched = requires(A&& rows)
{
    nn::batches_in_order({1}, std::forward<A>(rows));
};
static_assert(can_be_batched<const array&>);
static_assert(can_be_batched<array&>);
static_assert(!can_be_batched<array>, "a temporary would be gone when the first batch is made");

BOOST_AUTO_TEST_CASE(one_hot_rows)
{
    const xt::xarray<float> rows = nn::one_hot<float>(labels{{2, 0}}, 3);
    BOOST_TEST(extents_of(rows) == (extents{1, 2, 3}), per_element());
    BOOST_TEST(list_of(rows) == (std::vector<float>{0, 0, 1, 1, 0, 0}), per_element());
    BOOST_TEST(extents_of(nn::one_hot<double>(labels::from_shape({0}), 0)) == (extents{0, 0}), per_element());
    BOOST_TEST(text_of<error::index_error>(
                   [] {
                       nn::one_hot<double>(labels{0, 3}, 3);
                   }) == "autograd: one_hot: label 3 at element 1 is not one of 3 classes; they are numbered from 0.");
    BOOST_CHECK_THROW(nn::one_hot<double>(labels{-1}, 3), error::index_error);
}

BOOST_AUTO_TEST_SUITE_END()
