#include "tests/interface/xtensor_headers.hpp"
#include "tests/support.hpp"

#include <bit>
#include <cstdint>

using namespace support;

BOOST_AUTO_TEST_SUITE(interface_arrays_in)

namespace
{

using bits = std::vector<std::uint64_t>;
using column_major = xt::xarray<double, xt::layout_type::column_major>;

bits bits_of(const reals& numbers)
{
    bits result;
    for (double x : numbers)
    {
        result.push_back(std::bit_cast<std::uint64_t>(x));
    }
    return result;
}

/// What is computed from an array: its own bits, a value and a gradient of some operations of every kind.
template <class E>
std::vector<bits> computed_from(const E& expression)
{
    tape t;
    const variable x = t.variable(expression);
    const variable c = t.constant(expression);
    const variable y = tanh(x) * exp(0.1 * x) + log1p(square(x)) / 3.0;
    const variable z = sum(y) + sum(cumsum(y, 0) * sin(c)) + logsumexp(x) + norm_l2(x) + mean(transpose(x) * 7.0);
    const variable g = gradient(z, x);
    BOOST_TEST(shape(x) == extents(expression.shape().begin(), expression.shape().end()), per_element());
    return {bits_of(list(x)), bits_of(list(c)), bits_of(list(z)), bits_of(list(g))};
}

/// The same as from its row-major copy, bit for bit.
template <class E>
void check(const E& expression)
{
    const array copy(expression);
    BOOST_TEST((computed_from(expression) == computed_from(copy)));
    BOOST_TEST((computed_from(expression).front() == bits_of(list(copy))));
}

array numbers(const extents& of)
{
    array result = array::from_shape(of);
    double x = 0.37;
    for (double& each : result)
    {
        x = 3.9 * x * (1 - x); // the logistic map: in no order
        each = 4 * x - 2;
    }
    return result;
}

} // namespace

BOOST_AUTO_TEST_CASE(containers)
{
    check(numbers({3, 4}));
    check(numbers({5}));
    check(numbers({2, 3, 4}));
    check(xt::xtensor<double, 2>(numbers({3, 4})));
    check(xt::xtensor_fixed<double, xt::xshape<3, 4>>(numbers({3, 4})));
    check(column_major(numbers({3, 4})));
    check(column_major(numbers({2, 3, 4})));
    check(xt::xtensor<double, 2, xt::layout_type::column_major>(numbers({3, 4})));
    check(xt::xarray<double, xt::layout_type::dynamic>(numbers({3, 4})));
}

BOOST_AUTO_TEST_CASE(views)
{
    const array a = numbers({6, 8});
    using namespace xt::placeholders;
    check(xt::view(a, xt::range(1, 4), xt::all()));
    check(xt::view(a, xt::range(0, 6, 2), xt::range(1, 8, 3)));
    check(xt::view(a, xt::range(_, _, -1), xt::all()));
    check(xt::view(a, xt::all(), xt::range(_, _, -2)));
    check(xt::view(a, 2));
    check(xt::view(a, xt::all(), 3));
    check(xt::view(a, xt::all(), xt::newaxis(), xt::range(2, 5)));
    check(xt::view(a, xt::keep(0, 3, 5)));
    check(xt::strided_view(a, {xt::range(1, 5, 2), xt::ellipsis()}));
    check(xt::transpose(a));
    check(xt::flip(a, 1));
    const column_major b(a);
    check(xt::view(b, xt::range(1, 4), xt::range(2, 7, 2)));
    check(xt::transpose(b));
}

BOOST_AUTO_TEST_CASE(broadcasts)
{
    check(xt::broadcast(numbers({4}), {3, 4}));
    check(xt::broadcast(numbers({3, 1}), {2, 3, 4}));
    check(xt::ones<double>({2, 3}));
    check(xt::arange<double>(0, 7));
}

BOOST_AUTO_TEST_CASE(lazy_expressions)
{
    const array a = numbers({3, 4}), b = numbers({4});
    check(a + 2.0 * b);
    check(xt::exp(a) - xt::transpose(numbers({4, 3})));
    check(xt::where(a > 0.0, a, -1.0));
    check(xt::sum(a, {0}));
    check(xt::eval(a * a));
    const std::vector<std::vector<std::size_t>> diagonal{{0, 0}, {2, 3}, {1, 1}};
    check(xt::index_view(a, diagonal));
    check(xt::filter(a, a > 0.0));
}

BOOST_AUTO_TEST_CASE(adapted_memory)
{
    const std::vector<double> memory = {0.1, -0.2, 0.3, 0.4, -0.5, 0.6};
    check(xt::adapt(memory, {2, 3}));
    check(xt::adapt<xt::layout_type::column_major>(memory, std::vector<std::size_t>{2, 3}));
}

BOOST_AUTO_TEST_CASE(scalars_and_empty_arrays)
{
    tape t;
    BOOST_TEST(t.variable(array(1.5)).item() == 1.5);
    BOOST_TEST(t.variable(array(1.5)).dimension() == 0u);
    BOOST_TEST(t.variable(xt::sum(array{1.0, 2.0})).item() == 3.0);
    BOOST_TEST(t.variable(xt::xscalar<double>(2.5)).item() == 2.5);
    BOOST_TEST(shape(t.variable(array::from_shape({0, 3}))) == (extents{0, 3}), per_element());
    BOOST_TEST(shape(t.variable(xt::view(array{1.0, 2.0}, xt::range(1, 1)))) == extents{0}, per_element());
}

BOOST_AUTO_TEST_CASE(integers_and_masks_become_constants)
{
    tape t;
    BOOST_TEST(list(t.constant(xt::xarray<int>{{1, -2}, {3, 4}})) == (reals{1, -2, 3, 4}), per_element());
    BOOST_TEST(list(t.constant(xt::xarray<std::uint8_t>{0, 255})) == (reals{0, 255}), per_element());
    BOOST_TEST(list(t.constant(xt::xarray<bool>{true, false})) == (reals{1, 0}), per_element());
    BOOST_TEST(list(t.constant(array{1.0, -2.0} > 0.0)) == (reals{1, 0}), per_element());
    BOOST_TEST(list(t.constant(xt::arange(4))) == (reals{0, 1, 2, 3}), per_element());
    const xt::xarray<std::int64_t, xt::layout_type::column_major> labels{{1, 2, 3}, {4, 5, 6}};
    BOOST_TEST(list(t.index(labels)) == (std::vector<std::int64_t>{1, 2, 3, 4, 5, 6}), per_element());
    BOOST_TEST(list(t.index(xt::view(labels, xt::all(), 1))) == (std::vector<std::int64_t>{2, 5}), per_element());
}

BOOST_AUTO_TEST_CASE(floats_and_doubles_are_converted)
{
    tape t;
    const variable x = t.variable(xt::xarray<float>{0.1f, 2.5f});
    BOOST_TEST(list(x) == (reals{static_cast<double>(0.1f), 2.5}), per_element());
    BOOST_TEST(list(gradient(sum(x * x), x)) == (reals{2 * static_cast<double>(0.1f), 5}), per_element());
    autograd::tape<float> s;
    BOOST_TEST(list(s.variable(array{0.1, 2.5})) == (std::vector<float>{0.1f, 2.5f}), per_element());
}

BOOST_AUTO_TEST_SUITE_END()
