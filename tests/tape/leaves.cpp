#include "tests/interface/xtensor_headers.hpp"
#include "tests/support.hpp"

#include "autograd/tape/verify.hpp"

using namespace support;
namespace error = autograd::error;
using autograd::borrow;
using autograd::recording;

BOOST_AUTO_TEST_SUITE(tape_leaves)

namespace
{

template <class Array>
concept lendable = requires(Array&& a)
{
    borrow(std::forward<Array>(a));
};

using column_major = xt::xarray<double, xt::layout_type::column_major>;

} // namespace

// ------------------------------------------------------------------------------------------------- borrowed memory

static_assert(lendable<const array&>);
static_assert(!lendable<array>, "a temporary would be gone before the tape is");
static_assert(!lendable<const array>, "a temporary would be gone before the tape is");

BOOST_AUTO_TEST_CASE(arrays_that_may_change_can_be_borrowed)
{
    BOOST_TEST(lendable<array&>);
    BOOST_TEST((lendable<xt::xtensor<double, 2>&>));
}

BOOST_AUTO_TEST_CASE(borrowed_memory_is_read_in_place)
{
    tape t;
    const array images{{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}};
    const variable x = t.constant(borrow(images));
    BOOST_TEST(x.data() == images.data());
    BOOST_TEST(x.value().data() == images.data());
    BOOST_TEST(shape(x) == (extents{2, 3}), per_element());
    const xt::xtensor<double, 1> weights{1.0, 2.0, 3.0};
    const variable w = t.variable(borrow(weights));
    BOOST_TEST(w.data() == weights.data());
    const variable y = sum(x * w);
    BOOST_TEST(y.item() == 14.0 + 32.0);
    BOOST_TEST(list(gradient(y, w)) == (reals{5, 7, 9}), per_element());
    BOOST_TEST(list(images) == (reals{1, 2, 3, 4, 5, 6}), per_element());
}

BOOST_AUTO_TEST_CASE(borrowing_takes_no_memory_from_the_tape)
{
    tape t;
    t.variable(1.0);
    const std::size_t held = t.memory();
    const array large = array::from_shape({1000, 1000});
    const variable x = t.constant(borrow(large));
    BOOST_TEST(x.size() == 1000000u);
    BOOST_TEST(t.memory() < held + 10000);
}

BOOST_AUTO_TEST_CASE(elements_of_any_origin_can_be_borrowed)
{
    const double numbers[] = {1.0, 2.0, 3.0, 4.0, 5.0, 6.0};
    tape t;
    const variable x = t.variable(borrow(numbers, {2, 3}));
    BOOST_TEST((x.data() == numbers && shape(x) == extents{2, 3}));
    BOOST_TEST(list(gradient(sum(square(x)), x)) == (reals{2, 4, 6, 8, 10, 12}), per_element());
    const std::vector<std::size_t> list_of_extents{6};
    BOOST_TEST((shape(t.constant(borrow(numbers, list_of_extents))) == extents{6}));
    BOOST_TEST((shape(t.constant(borrow(numbers, x.shape()))) == extents{2, 3}));
    BOOST_TEST((shape(t.constant(borrow(static_cast<const double*>(nullptr), {0, 3}))) == extents{0, 3}));
    BOOST_TEST(
        text_of<error::value_error>(
            [&] {
                borrow(static_cast<const double*>(nullptr), {2, 3});
            }) ==
        "autograd: borrow: the pointer is null and the shape is (2, 3); only an array without elements has none.");
    BOOST_TEST(text_of<error::shape_error>([&] { borrow(numbers, {2, -3}); }).starts_with("autograd: borrow: "));
}

BOOST_AUTO_TEST_CASE(borrowed_indices_are_read_in_place)
{
    tape t;
    const xt::xarray<std::int64_t> rows{2, 0, 2};
    const auto i = t.index(borrow(rows));
    BOOST_TEST(i.data() == rows.data());
    BOOST_TEST((i.value() == rows));
    const std::int64_t labels[] = {1, 0, 0, 1};
    BOOST_TEST(t.index(borrow(labels, {2, 2})).data() == labels);
    const variable x = t.variable(array{1.0, 2.0, 3.0});
    const variable y = gather(x, i);
    BOOST_TEST(list(y) == (reals{3, 1, 3}), per_element());
    BOOST_TEST(list(gradient(sum(y), x)) == (reals{1, 0, 2}), per_element());
    const std::int64_t outside[] = {0, 3};
    BOOST_TEST(text_of<error::index_error>([&] { static_cast<void>(gather(x, t.index(borrow(outside, {2})))); }) ==
               "autograd: gather: index 3 at position (1) is outside axis 0 of length 3.");

    const std::size_t held = t.memory();
    const xt::xarray<std::int64_t> large = xt::zeros<std::int64_t>({1000000});
    BOOST_TEST(t.index(borrow(large)).size() == 1000000u);
    BOOST_TEST(t.memory() < held + 10000);

    tape shapes(autograd::recording::shapes);
    BOOST_TEST((shape(shapes.index(borrow(rows))) == extents{3}));
    BOOST_CHECK_THROW(shapes.index(borrow(rows)).value(), error::tape_error);
}

BOOST_AUTO_TEST_CASE(constants_like_another_array)
{
    tape t;
    const variable x = t.variable(array{{1.0, 2.0, 3.0}});
    BOOST_TEST(list(zeros_like(x)) == (reals{0, 0, 0}), per_element());
    BOOST_TEST(list(ones_like(x)) == (reals{1, 1, 1}), per_element());
    BOOST_TEST(list(full_like(x, 2.5)) == (reals{2.5, 2.5, 2.5}), per_element());
    BOOST_TEST((shape(full_like(x, 1)) == extents{1, 3}));
    BOOST_CHECK_THROW(gradient(sum(full_like(x, 2.0)), x), error::not_differentiable);
    BOOST_CHECK_THROW(zeros_like(variable()), error::tape_error);
}

BOOST_AUTO_TEST_CASE(only_row_major_arrays_can_be_borrowed)
{
    const column_major matrix{{1.0, 2.0}, {3.0, 4.0}};
    BOOST_TEST(text_of<error::shape_error>([&] { borrow(matrix); }) ==
               "autograd: borrow: the array is not dense and row-major; give it to the tape by copy.");
    const array numbers{{0.0, 1.0, 2.0}, {3.0, 4.0, 5.0}};
    const auto column_of = xt::view(numbers, xt::all(), 1);
    BOOST_CHECK_THROW(borrow(column_of), error::shape_error);
    const array line{0.0, 1.0, 2.0, 3.0};
    const auto every_second = xt::view(line, xt::range(0, 4, 2));
    BOOST_CHECK_THROW(borrow(every_second), error::shape_error);
    const auto reversed = xt::strided_view(line, {xt::range(3, 0, -1)});
    BOOST_CHECK_THROW(borrow(reversed), error::shape_error);

    tape t;
    const auto row_of = xt::view(numbers, 1, xt::all());
    BOOST_TEST(list(t.constant(borrow(row_of))) == (reals{3, 4, 5}), per_element());
}

// -------------------------------------------------------------------------------------------------- what a leaf is

BOOST_AUTO_TEST_CASE(variables_are_differentiable_and_constants_are_not_asked_for)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0});
    const variable c = t.constant(array{3.0, 4.0});
    BOOST_TEST(list(gradient(sum(x * c), x)) == (reals{3, 4}), per_element());
    BOOST_TEST(t[x.index()].op->name == std::string("variable"));
    BOOST_TEST(t[c.index()].op->name == std::string("constant"));
}

BOOST_AUTO_TEST_CASE(leaves_are_copies)
{
    tape t;
    array data{1.0, 2.0};
    xt::xarray<int> labels{0, 1};
    const variable x = t.variable(data);
    const auto i = t.index(labels);
    data(0) = 7;
    labels(0) = 7;
    BOOST_TEST(list(x) == (reals{1, 2}), per_element());
    BOOST_TEST(list(i) == (std::vector<std::int64_t>{0, 1}), per_element());
}

BOOST_AUTO_TEST_CASE(numbers_and_nested_braces_are_leaves)
{
    tape t;
    BOOST_TEST(t.variable(2.5).dimension() == 0u);
    BOOST_TEST(t.variable(2).item() == 2.0);
    BOOST_TEST(t.constant(2.5f).item() == 2.5);
    BOOST_TEST(t.index(std::uint8_t{200}).item() == 200);
    const variable x = t.variable({{1.0, 2.0}, {3.0, 4.0}, {5.0, 6.0}});
    BOOST_TEST(shape(x) == (extents{3, 2}), per_element());
    BOOST_TEST(list(x) == (reals{1, 2, 3, 4, 5, 6}), per_element());
    BOOST_TEST(list(t.constant({1.0, 2.0})) == (reals{1, 2}), per_element());
}

BOOST_AUTO_TEST_CASE(indices_keep_64_bits)
{
    tape t;
    const std::int64_t large = std::int64_t{1} << 62;
    BOOST_TEST(t.index(large).item() == large);
    BOOST_TEST(t.index(xt::xarray<std::int64_t>{large, -large}).data()[1] == -large);
    const xt::xarray<std::uint8_t> bytes{{1, 255}};
    const auto i = t.index(bytes);
    BOOST_TEST(list(i) == (std::vector<std::int64_t>{1, 255}), per_element());
    BOOST_TEST(shape(i) == (extents{1, 2}), per_element());
}

BOOST_AUTO_TEST_CASE(item_wants_one_element)
{
    tape t;
    BOOST_TEST(t.variable(column({3.0})).item() == 3.0);
    BOOST_CHECK_THROW(t.variable(array{1.0, 2.0}).item(), error::shape_error);
    BOOST_CHECK_THROW(t.variable(array::from_shape({0})).item(), error::shape_error);
    BOOST_CHECK_THROW(t.index(integers{1, 2}).item(), error::shape_error);
}

BOOST_AUTO_TEST_CASE(full_stores_one_number)
{
    tape t;
    t.variable(1.0);
    const std::size_t held = t.memory();
    const variable x = t.full(autograd::shape_vector{1000, 1000, 100}, 2.0);
    BOOST_TEST(x.size() == 100000000u);
    BOOST_TEST(t.memory() < held + 10000);
    BOOST_TEST(list(t.full(autograd::shape_vector{2}, 3.0)) == (reals{3, 3}), per_element());
    BOOST_TEST(t.full(autograd::shape_vector{}, 3.0).item() == 3.0);
}

// ------------------------------------------------------------------------------------------- recording without values

BOOST_AUTO_TEST_CASE(a_tape_of_shapes_has_no_values)
{
    constexpr auto text = "the tape records shapes only; there are no values. Record on a tape<T> made with "
                          "recording::values.";
    tape t(recording::shapes);
    const variable x = t.variable(array{{1.0, 2.0}, {3.0, 4.0}});
    const variable y = sum(exp(matmul(x, x) + 1.0), 0);
    BOOST_TEST(shape(y) == (extents{2}), per_element());
    BOOST_TEST(text_of<error::tape_error>([&] { y.value(); }) == std::string("autograd: value: ") + text);
    BOOST_CHECK_THROW(x.value(), error::tape_error);
    BOOST_CHECK_THROW(x.data(), error::tape_error);
    BOOST_CHECK_THROW(sum(y).item(), error::tape_error);
    BOOST_CHECK_THROW(t.index(integers{1, 2}).value(), error::tape_error);
    BOOST_CHECK_THROW(t.full(autograd::shape_vector{2}, 3.0).value(), error::tape_error);
    BOOST_CHECK_THROW(broadcast(y, {3, 2}).value(), error::tape_error);
    BOOST_CHECK_THROW(t.constant(borrow(static_cast<const array&>(array{1.0}))).value(), error::tape_error);
    autograd::verify(t);
}

BOOST_AUTO_TEST_CASE(a_tape_of_shapes_records_the_same_program)
{
    tape values, shapes(recording::shapes);
    const auto record = [](tape& t)
    {
        const variable x = t.variable(array{{1.0, 2.0}, {3.0, 4.0}});
        const variable w = t.variable(array{0.5, -0.5});
        const variable y = sum(softmax(tanh(matmul(x, w)) * w, 0) * 2.0);
        const auto [gx, gw] = gradient(y, {x, w});
        jvp(y, x, gx);
        hessian(y, w);
    };
    record(values);
    record(shapes);
    BOOST_REQUIRE(values.size() == shapes.size());
    for (std::uint32_t i = 0; i < values.size(); ++i)
    {
        BOOST_TEST(values[i].op == shapes[i].op);
        BOOST_TEST((values[i].shape() == shapes[i].shape()));
        const auto a = values.operands(values[i]), b = shapes.operands(shapes[i]);
        BOOST_TEST(std::vector(a.begin(), a.end()) == std::vector(b.begin(), b.end()), per_element());
    }
    autograd::verify(shapes);
}

BOOST_AUTO_TEST_CASE(a_tape_of_shapes_takes_no_memory_for_values)
{
    tape t(recording::shapes);
    const variable x = t.full(autograd::shape_vector{100000, 100000}, 1.0);
    const variable y = sum(exp(x + x));
    gradient(y, x);
    BOOST_TEST(t.memory() < 100000u);
}

BOOST_AUTO_TEST_CASE(full_takes_a_shape_in_every_spelling)
{
    tape t;
    const std::size_t rows = 2;
    const std::vector<int> from_vector{2, 3};
    const xt::xarray<double> like = xt::zeros<double>({2, 3});
    BOOST_TEST(shape(t.full({2, 3}, 1.5)) == (extents{2, 3}), per_element());
    BOOST_TEST(shape(t.full({0, 3}, 1.5)) == (extents{0, 3}), per_element()); // not a null pointer and a length
    BOOST_TEST(shape(t.full({0}, 1.5)) == (extents{0}), per_element());
    BOOST_TEST(shape(t.full({rows, 3}, 1.5)) == (extents{2, 3}), per_element());
    BOOST_TEST(shape(t.full({0, rows}, 1.5)) == (extents{0, 2}), per_element());
    BOOST_TEST(shape(t.full({}, 1.5)) == extents{}, per_element());
    BOOST_TEST(shape(t.full(from_vector, 1.5)) == (extents{2, 3}), per_element());
    BOOST_TEST(shape(t.full(like.shape(), 1.5)) == (extents{2, 3}), per_element());
    BOOST_TEST(shape(t.full(t.constant(like).shape(), 1.5)) == (extents{2, 3}), per_element());
    BOOST_TEST(list(t.full({2, 1}, 1.5)) == (reals{1.5, 1.5}), per_element());
    BOOST_TEST(text_of<error::shape_error>(
                   [&] {
                       t.full({2, -3}, 1.5);
                   }) == "autograd: full: the shape (2, -3) has a negative extent; extents must be 0 or more.");
    BOOST_TEST(text_of<error::shape_error>([&] { t.full(std::vector<int>{-1}, 1.5); }) ==
               "autograd: full: the shape (-1,) has a negative extent; extents must be 0 or more.");
}

BOOST_AUTO_TEST_CASE(zero_in_braces_is_an_array_of_one_element)
{
    tape t;
    BOOST_TEST(list(t.constant({0})) == (reals{0}), per_element());
    BOOST_TEST(list(t.variable({0})) == (reals{0}), per_element());
}

BOOST_AUTO_TEST_CASE(an_integer_that_does_not_fit_is_refused)
{
    constexpr auto largest = std::numeric_limits<std::uint64_t>::max();
    tape t;
    const std::string text =
        "autograd: index: the integer 18446744073709551615 is greater than 2^63 - 1, the largest that a "
        "tape holds.";
    BOOST_TEST(text_of<error::index_error>([&] { t.index(largest); }) == text);
    BOOST_TEST(text_of<error::index_error>([&] { t.index(xt::xarray<std::uint64_t>{1, largest}); }) == text);
    BOOST_TEST(t.size() == 0u);
    BOOST_TEST(t.index(std::uint64_t{7}).item() == 7);
}

BOOST_AUTO_TEST_CASE(a_borrowed_array_without_elements_has_a_value)
{
    tape t;
    const array nothing = array::from_shape({0, 3});
    const variable x = t.variable(autograd::borrow(nothing));
    BOOST_TEST(x.value().size() == 0u);
    BOOST_TEST(sum(x).item() == 0.0);
    BOOST_TEST(shape(gradient(sum(x), x)) == (extents{0, 3}), per_element());
}

BOOST_AUTO_TEST_CASE(a_placeholder_has_a_shape_and_no_values)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0, 3.0});
    const variable p = t.placeholder(autograd::shape_vector{2, 3});
    const variable y = sum(transpose(broadcast(reshape(p * x, {2, 1, 3}), {2, 4, 3})), 0);
    BOOST_TEST(shape(y) == (extents{4, 2}), per_element());
    BOOST_TEST(text_of<autograd::error::tape_error>([&] { y.value(); }) ==
               "autograd: value: the array of shape (4, 2) is made of a placeholder, which has no values.");
    BOOST_TEST(list(exp(x) * 0.0) == reals(3, 0.0), per_element());
    verify(t);
}

BOOST_AUTO_TEST_CASE(a_placeholder_of_integers_has_a_shape_and_no_values)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0, 3.0});
    const autograd::indices<double> i = t.index_placeholder(autograd::shape_vector{2});
    const variable y = gather(x, i, 0);
    BOOST_TEST(shape(y) == (extents{2}), per_element());
    BOOST_TEST(shape(gradient(sum(y), x)) == (extents{3}), per_element());
    BOOST_TEST(text_of<autograd::error::tape_error>([&] { i.value(); }) ==
               "autograd: value: the array of shape (2,) is made of a placeholder, which has no values.");
    BOOST_TEST(text_of<autograd::error::tape_error>([&] { y.value(); }) ==
               "autograd: value: the array of shape (2,) is made of a placeholder, which has no values.");
    verify(t);
}

BOOST_AUTO_TEST_SUITE_END()
