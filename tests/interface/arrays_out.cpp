#include "tests/interface/xtensor_headers.hpp"
#include "tests/support.hpp"

using namespace support;

BOOST_AUTO_TEST_SUITE(interface_arrays_out)

namespace
{

using value_of = decltype(std::declval<variable>().value());

template <class V>
concept writable = requires(V v)
{
    v(0) = 1.0;
}
|| requires(V v)
{
    v.data()[0] = 1.0;
};

} // namespace

static_assert(xt::is_xexpression<value_of>::value);
static_assert(!writable<value_of>, "values on a tape never change");
static_assert(std::is_convertible_v<value_of, array>);
static_assert(!std::is_convertible_v<variable, array>, "a copy must be visible: x.value()");

BOOST_AUTO_TEST_CASE(values_are_read_without_a_copy)
{
    tape t;
    const variable x = t.variable(array{{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}});
    const variable y = x * 2.0;
    const auto v = y.value();
    BOOST_TEST(v.data() == y.data());
    BOOST_TEST(v.dimension() == 2u);
    BOOST_TEST(v.shape(1) == 3u);
    BOOST_TEST(v(1, 2) == 12.0);
    BOOST_TEST(v(0, 0) == 2.0);
    const auto again = y.value();
    BOOST_TEST(again.data() == v.data());
}

BOOST_AUTO_TEST_CASE(arrays_are_made_of_values)
{
    tape t;
    const variable x = t.variable(array{{1.0, 2.0}, {3.0, 4.0}});
    const array copy = exp(x).value();
    const xt::xtensor<double, 2> fixed_rank = x.value();
    array assigned;
    assigned = transpose(x).value();
    t.clear();
    BOOST_TEST(list(copy) == (reals{std::exp(1.0), std::exp(2.0), std::exp(3.0), std::exp(4.0)}), tolerance(1e-15)
                                                                                                      << per_element());
    BOOST_TEST(fixed_rank(1, 0) == 3.0);
    BOOST_TEST(list(assigned) == (reals{1, 3, 2, 4}), per_element());
}

BOOST_AUTO_TEST_CASE(values_take_part_in_expressions)
{
    tape t;
    array w{1.0, 2.0};
    const variable x = t.variable(w);
    const variable g = gradient(sum(x * x), x);
    w -= 0.5 * g.value();
    BOOST_TEST(list(w) == (reals{0, 0}), per_element());
    BOOST_TEST(xt::sum(x.value())() == 3.0);
    BOOST_TEST(xt::view(x.value(), 1)() == 2.0);
    const array from_expression = x.value() + xt::exp(0.0 * x.value());
    BOOST_TEST(list(from_expression) == (reals{2, 3}), per_element());
    // Back onto a tape.
    BOOST_TEST(list(t.constant(x.value())) == (reals{1, 2}), per_element());
    BOOST_TEST(list(t.variable(2.0 * x.value())) == (reals{2, 4}), per_element());
}

BOOST_AUTO_TEST_CASE(scalars_broadcasts_and_empty_arrays_have_values)
{
    tape t;
    const variable x = t.variable(3.0);
    BOOST_TEST(x.value()() == 3.0);
    BOOST_TEST(x.value().dimension() == 0u);
    const variable wide = broadcast(t.variable(array{1.0, 2.0}), {2, 2});
    BOOST_TEST(list(array(wide.value())) == (reals{1, 2, 1, 2}), per_element());
    const variable nothing = t.variable(array::from_shape({0, 3}));
    BOOST_TEST(nothing.value().size() == 0u);
    BOOST_TEST(array(nothing.value()).shape(1) == 3u);
    const auto i = t.index(integers{{1, 2}, {3, 4}});
    BOOST_TEST(i.value()(1, 0) == 3);
    BOOST_TEST(i.value().data() == i.data());
    static_assert(std::is_same_v<decltype(i.value())::value_type, std::int64_t>);
}

// ------------------------------------------------------------------------------------- xtensor's fault, and its cure

// xtensor issue 1970: compiled as C++20 by g++, a temporary of two xarrays was an xtensor of 4 dimensions.
static_assert(std::is_same_v<xt::temporary_type_t<decltype(std::declval<array>() + std::declval<array>())>, array>);

BOOST_AUTO_TEST_CASE(temporaries_of_expressions_have_the_right_rank)
{
    const array a{{1.0, 2.0}, {3.0, 4.0}}, b{{5.0, 6.0}, {7.0, 8.0}};
    const auto c = xt::eval(a + b);
    BOOST_TEST(c.dimension() == 2u);
    BOOST_TEST(c(1, 1) == 12.0);
    array d = a;
    d += a * b; // through a temporary
    BOOST_TEST(d.dimension() == 2u);
    BOOST_TEST(d(1, 1) == 36.0);
    tape t;
    const variable x = t.variable(a);
    const auto e = xt::eval(x.value() + a);
    BOOST_TEST(e.dimension() == 2u);
    BOOST_TEST(t.constant(xt::eval(a + b)).dimension() == 2u);
}

BOOST_AUTO_TEST_SUITE_END()
