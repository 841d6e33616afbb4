#include "tests/support.hpp"

#include <limits>
#include <optional>

using namespace support;
namespace error = autograd::error;
using autograd::broadcast_shapes;
using autograd::element_count;
using autograd::shape_vector;

BOOST_AUTO_TEST_SUITE(tape_shape)

// What np.broadcast_shapes gives; nothing where it raises.
BOOST_AUTO_TEST_CASE(shapes_broadcast_as_in_numpy)
{
    struct row
    {
        shape_vector a, b;
        std::optional<extents> result;
    };
    const row table[] = {
        {{}, {}, extents{}},
        {{}, {3}, extents{3}},
        {{}, {0}, extents{0}},
        {{3}, {3}, extents{3}},
        {{1}, {3}, extents{3}},
        {{1}, {0}, extents{0}},
        {{0}, {0}, extents{0}},
        {{2, 3}, {3}, extents{2, 3}},
        {{2, 3}, {1}, extents{2, 3}},
        {{2, 1}, {3}, extents{2, 3}},
        {{2, 1}, {1, 3}, extents{2, 3}},
        {{0, 3}, {1, 3}, extents{0, 3}},
        {{2, 0}, {2, 1}, extents{2, 0}},
        {{4, 1, 2}, {3, 1}, extents{4, 3, 2}},
        {{1, 1, 1}, {2}, extents{1, 1, 2}},
        {{8, 1, 6, 1}, {7, 1, 5}, extents{8, 7, 6, 5}},
        {{2}, {3}, std::nullopt},
        {{0}, {2}, std::nullopt},
        {{2, 0}, {2, 3}, std::nullopt},
        {{2, 3}, {2}, std::nullopt},
        {{2, 3}, {3, 3}, std::nullopt},
        {{2, 1, 3}, {4, 2, 2}, std::nullopt},
    };
    for (const row& each : table)
    {
        BOOST_TEST_CONTEXT(to_text(each.a) << " and " << to_text(each.b))
        {
            for (const auto& [a, b] : {std::pair(each.a, each.b), std::pair(each.b, each.a)})
            {
                if (each.result)
                {
                    const shape_vector result = broadcast_shapes(a, b, "add");
                    BOOST_TEST(extents(result.begin(), result.end()) == *each.result, per_element());
                    BOOST_TEST(autograd::broadcasts_to(a, result));
                    BOOST_TEST(autograd::broadcasts_to(b, result));
                }
                else
                {
                    BOOST_TEST(text_of<error::shape_error>([&, &a = a, &b = b] { broadcast_shapes(a, b, "add"); }) ==
                               "autograd: add: shapes " + to_text(a) + " and " + to_text(b) +
                                   " do not broadcast; aligned at their last axes, extents must be equal or 1.");
                }
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(a_shape_broadcasts_in_one_direction)
{
    BOOST_TEST(autograd::broadcasts_to(shape_vector{3}, shape_vector{2, 3}));
    BOOST_TEST(autograd::broadcasts_to(shape_vector{1}, shape_vector{0}));
    BOOST_TEST(!autograd::broadcasts_to(shape_vector{2, 3}, shape_vector{3}));
    BOOST_TEST(!autograd::broadcasts_to(shape_vector{1, 3}, shape_vector{3}));
    BOOST_TEST(!autograd::broadcasts_to(shape_vector{0}, shape_vector{1}));
    BOOST_TEST(!autograd::broadcasts_to(shape_vector{3}, shape_vector{1}));
}

BOOST_AUTO_TEST_CASE(elements_are_counted_in_64_bits)
{
    constexpr std::size_t large = std::size_t{1} << 33;
    BOOST_TEST(element_count(shape_vector{}) == 1u);
    BOOST_TEST(element_count(shape_vector{2, 3, 4}) == 24u);
    BOOST_TEST(element_count(shape_vector{large, 4}) == 4 * large);
    BOOST_TEST(element_count(shape_vector{large, 0}) == 0u);
    // The strides of an empty array, too, are numbers.
    for (const shape_vector& empty : {shape_vector{large, large, 0}, shape_vector{0, large, large}})
    {
        BOOST_TEST(text_of<error::shape_error>([&] { element_count(empty); }) ==
                   "autograd: shape: an array of shape " + to_text(empty) +
                       " is empty, but its other extents give too large strides; no machine can hold 2^59 elements.");
    }
    BOOST_TEST(
        text_of<error::shape_error>(
            [] {
                element_count(shape_vector{large, large});
            }) ==
        "autograd: shape: an array of shape (8589934592, 8589934592) has too many elements; no machine can hold 2^59.");
    // It fits, but not in bytes.
    BOOST_CHECK_THROW(element_count(shape_vector{std::size_t{1} << 62}), error::shape_error);
}

// One below 0, counted without a sign, is a great number and not the last axis.
BOOST_AUTO_TEST_CASE(numbers_without_a_sign_do_not_become_negative)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0, 3.0});
    const std::size_t below = x.dimension() - 2;
    const std::string no_axis = "axis 9223372036854775807 is outside of shape (3,); it must be from -1 to 0.";
    BOOST_TEST(text_of<error::shape_error>([&] { sum(x, below); }) == "autograd: sum: " + no_axis);
    BOOST_TEST(text_of<error::shape_error>([&] { sum(x, {below}); }) == "autograd: sum: " + no_axis);
    BOOST_TEST(text_of<error::shape_error>([&] { softmax(x, below); }) == "autograd: softmax: " + no_axis);
    BOOST_TEST(text_of<error::shape_error>([&] { cumsum(x, below); }) == "autograd: cumsum: " + no_axis);
    BOOST_TEST(text_of<error::shape_error>(
                   [&] {
                       autograd::concatenate({x, x}, below);
                   }) == "autograd: concatenate: " + no_axis);
    BOOST_CHECK_THROW(reshape(x, std::vector<std::size_t>{below, 3}), error::shape_error);
    BOOST_CHECK_THROW(expand_dims(x, below), error::shape_error);
}

BOOST_AUTO_TEST_CASE(overflow_reaches_no_operation)
{
    constexpr std::size_t large = std::size_t{1} << 33;
    tape t;
    const variable column = broadcast(t.constant(1.0), {large, std::size_t{1}});
    const variable row = broadcast(t.constant(1.0), {large});
    const std::size_t before = t.size();
    const auto text = [](const std::string& operation)
    {
        return "autograd: " + operation +
               ": an array of shape (8589934592, 8589934592) has too many elements; no machine can hold 2^59.";
    };
    BOOST_TEST(text_of<error::shape_error>([&] { column + row; }) == text("add"));
    BOOST_TEST(text_of<error::shape_error>([&] { broadcast(row, {large, large}); }) == text("broadcast"));
    BOOST_TEST(text_of<error::shape_error>([&] { t.full(shape_vector{large, large}, 1.0); }) == text("full"));
    BOOST_TEST(text_of<error::shape_error>([&] { reshape(row, {large, large}); }) == text("reshape"));
    BOOST_TEST(text_of<error::shape_error>(
                   [&] {
                       t.constant(autograd::borrowed<double>{nullptr, {large, large}});
                   }) == text("constant"));
    BOOST_TEST(t.size() == before);
}

// Extents that would wrap around, and so pass for small ones.
BOOST_AUTO_TEST_CASE(no_extent_wraps_around)
{
    constexpr std::size_t largest = std::numeric_limits<std::size_t>::max();
    tape t;
    const variable x = t.constant(array{1, 2, 3, 4, 5, 6, 7, 8});
    BOOST_CHECK_THROW(tile(x, std::size_t{1} << 61), error::shape_error);
    BOOST_CHECK_THROW(repeat(x, std::size_t{1} << 61, 0), error::shape_error);
    BOOST_CHECK_THROW(pad(x, {{largest, 1}}), error::shape_error);
    BOOST_CHECK_THROW(pad(x, {{largest - 8, 9}}), error::shape_error);
    BOOST_CHECK_THROW(reshape(x, {std::size_t{1} << 61, std::size_t{64}}), error::shape_error);
}

BOOST_AUTO_TEST_CASE(shapes_print_as_in_numpy)
{
    BOOST_TEST(to_text(shape_vector{}) == "()");
    BOOST_TEST(to_text(shape_vector{3}) == "(3,)");
    BOOST_TEST(to_text(shape_vector{2, 0}) == "(2, 0)");
}

BOOST_AUTO_TEST_CASE(shapes_compare_with_containers)
{
    tape t;
    const variable x = t.variable(array::from_shape({2, 3}));
    BOOST_TEST((x.shape() == extents{2, 3}));
    BOOST_TEST((x.shape() == std::vector<int>{2, 3}));
    BOOST_TEST(!(x.shape() == extents{2, 3, 1}));
    BOOST_TEST(!(x.shape() == extents{3, 2}));
    BOOST_TEST(x.dimension() == 2u);
    BOOST_TEST(x.size() == 6u);
    BOOST_TEST(x.shape(1) == 3u);
}

BOOST_AUTO_TEST_CASE(axes_are_inserted_erased_and_limited)
{
    shape_vector s{2, 4};
    s.insert(1, 3);
    BOOST_TEST((s == shape_vector{2, 3, 4}));
    s.insert(3, 5);
    BOOST_TEST((s == shape_vector{2, 3, 4, 5}));
    s.erase(0);
    BOOST_TEST((s == shape_vector{3, 4, 5}));
    s.append(shape_vector{6, 7});
    BOOST_TEST((s == shape_vector{3, 4, 5, 6, 7}));

    shape_vector most(autograd::max_dimension, 1);
    BOOST_TEST(text_of<error::shape_error>([&] { most.push_back(1); }) ==
               "autograd: shape: 33 axes; an array has at most 32.");
    tape t;
    const variable x = t.full(most, 2.0);
    BOOST_TEST(sum(x).item() == 2.0);
    // Whoever meets the limit says so in its own name.
    const std::string limit = ": 33 axes; an array has at most 32.";
    BOOST_TEST(text_of<error::shape_error>([&] { expand_dims(x, 0); }) == "autograd: expand_dims" + limit);
    BOOST_TEST(text_of<error::shape_error>([&] { jacobian(2.0 * x, x); }) ==
               "autograd: jacobian: 64 axes; an array has at most 32.");
    BOOST_TEST(text_of<error::shape_error>([&] { tile(x, 2); }) == "autograd: tile" + limit);
    const array wide = array::from_shape(std::vector<std::size_t>(33, 1));
    BOOST_TEST(text_of<error::shape_error>([&] { t.variable(wide); }).starts_with("autograd: variable" + limit));
    BOOST_TEST(text_of<error::shape_error>([&] { t.constant(wide); }).starts_with("autograd: constant" + limit));
    BOOST_TEST(text_of<error::shape_error>([&] { t.constant(autograd::borrow(wide)); }) == "autograd: borrow" + limit);
    // Told by a rule, which works on shapes without a name.
    const auto table = t.index(xt::xarray<int>::from_shape({0, 2}));
    BOOST_TEST(text_of<error::shape_error>([&] { gather(x, table, 0); }) == "autograd: gather" + limit);
    BOOST_TEST(text_of<error::shape_error>([&] { reshape(x, std::vector<int>(33, 1)); }) ==
               "autograd: reshape: more than 32 axes given.");
    BOOST_TEST(text_of<error::shape_error>([&] { sum(x, std::vector<int>(33, 1)); }) ==
               "autograd: sum: more than 32 axes given.");
    // Repeating needs none.
    BOOST_TEST(repeat(x, 3, 5).shape(5) == 3u);
    BOOST_TEST(sum(repeat(x, 3, -1)).item() == 6.0);
}

BOOST_AUTO_TEST_CASE(what_is_empty_or_stale_is_told_by_what_was_called)
{
    tape t;
    const auto start = t.mark();
    const variable stale = t.variable(array{1, 2});
    t.rewind(start);
    for (const variable& x : {variable(), stale})
    {
        const auto told_by = [&](const std::string& name, auto f)
        { BOOST_TEST(text_of<error::tape_error>(f).starts_with("autograd: " + name + ": an operand "), name); };
        told_by("item", [&] { x.item(); });
        told_by("value", [&] { x.value(); });
        told_by("argmax", [&] { argmax(x); });
        told_by("argmin", [&] { argmin(x, 0); });
        told_by("pow", [&] { pow(x, 2); });
        told_by("find_non_finite", [&] { autograd::find_non_finite(x); });
    }
}

BOOST_AUTO_TEST_SUITE_END()
