#include "tests/interface/xtensor_headers.hpp"
#include "tests/support.hpp"

using namespace support;

BOOST_AUTO_TEST_SUITE(interface_operators)

namespace
{

using number = autograd::variable<float>;
using labels = autograd::indices<double>;

template <class X, class Y>
concept addable = requires(X x, Y y) { x + y; };
template <class X, class Y>
concept comparable = requires(X x, Y y) { x == y; } || requires(X x, Y y) { x != y; };
template <class X, class Y>
concept mixable = addable<X, Y> || requires(X x, Y y) { x * y; } || requires(X x, Y y) { x < y; } ||
                  requires(X x, Y y) { maximum(x, y); } || requires(X x, Y y) { matmul(x, y); } ||
                  requires(X x, Y y) { pow(x, y); } || requires(X x, Y y) { where(x, x, y); } ||
                  requires(X x, Y y) { x += y; };

} // namespace

// A branch on a value is frozen when it is recorded, so it must be visible: x.item().
static_assert(!std::is_convertible_v<variable, bool>);
static_assert(!std::is_constructible_v<bool, variable>);
static_assert(!std::is_convertible_v<variable, double>);
static_assert(!std::is_constructible_v<double, variable>);
static_assert(!std::is_constructible_v<std::int64_t, labels>);
static_assert(!std::is_convertible_v<double, variable>, "whose tape would it be on?");

// "Equal elements" is equal(x, y), "the same variable" is same(x, y).
static_assert(!comparable<variable, variable>);
static_assert(!comparable<variable, double>);
static_assert(!comparable<double, variable>);

// float and double are different tapes.
static_assert(!mixable<variable, number>);
static_assert(!mixable<number, variable>);
static_assert(mixable<variable, variable>);
static_assert(mixable<variable, double>);
static_assert(addable<variable, float>);
static_assert(addable<variable, int>);
static_assert(addable<number, double>, "numbers are converted");
static_assert(!addable<variable, bool>);
static_assert(!addable<variable, std::string>);

// Integers are labels, not numbers.
static_assert(!mixable<labels, labels>);
static_assert(!mixable<variable, labels>);

static_assert(std::is_trivially_copyable_v<variable>);
static_assert(sizeof(variable) == 16);
static_assert(!std::is_copy_constructible_v<tape> && !std::is_move_constructible_v<tape>);

namespace
{

// The result is a variable in every combination, never an xtensor expression around a variable.
#define AUTOGRAD_TEST_ALL(X, Y)                                                                                        \
    static_assert(std::is_same_v<decltype(std::declval<X>() + std::declval<Y>()), variable>);                          \
    static_assert(std::is_same_v<decltype(std::declval<X>() - std::declval<Y>()), variable>);                          \
    static_assert(std::is_same_v<decltype(std::declval<X>() * std::declval<Y>()), variable>);                          \
    static_assert(std::is_same_v<decltype(std::declval<X>() / std::declval<Y>()), variable>);                          \
    static_assert(std::is_same_v<decltype(std::declval<X>() < std::declval<Y>()), variable>);                          \
    static_assert(std::is_same_v<decltype(std::declval<X>() <= std::declval<Y>()), variable>);                         \
    static_assert(std::is_same_v<decltype(std::declval<X>() > std::declval<Y>()), variable>);                          \
    static_assert(std::is_same_v<decltype(std::declval<X>() >= std::declval<Y>()), variable>);                         \
    static_assert(std::is_same_v<decltype(std::declval<X>() && std::declval<Y>()), variable>);                         \
    static_assert(std::is_same_v<decltype(std::declval<X>() || std::declval<Y>()), variable>);
#define AUTOGRAD_TEST_BOTH(X, Y) AUTOGRAD_TEST_ALL(X, Y) AUTOGRAD_TEST_ALL(Y, X)

using lazy = decltype(std::declval<array&>() + 1.0);
using view_of_array = decltype(xt::view(std::declval<array&>(), 0));
using column_major = xt::xarray<double, xt::layout_type::column_major>;
using fixed_size = xt::xtensor_fixed<double, xt::xshape<2>>;

AUTOGRAD_TEST_ALL(variable, variable)
AUTOGRAD_TEST_BOTH(variable, double)
AUTOGRAD_TEST_BOTH(variable, int)
AUTOGRAD_TEST_BOTH(variable, array)
AUTOGRAD_TEST_BOTH(variable, array&)
AUTOGRAD_TEST_BOTH(variable&, const array&)
AUTOGRAD_TEST_BOTH(const variable&, array)
AUTOGRAD_TEST_BOTH(variable, lazy)
AUTOGRAD_TEST_BOTH(variable&, view_of_array)
AUTOGRAD_TEST_BOTH(variable, column_major)
AUTOGRAD_TEST_BOTH(variable, fixed_size)
AUTOGRAD_TEST_BOTH(variable, xt::xarray<int>)
AUTOGRAD_TEST_BOTH(variable, xt::xarray<float>&)

} // namespace

BOOST_AUTO_TEST_CASE(arrays_beside_variables_become_constants)
{
    tape t;
    const array a{{10.0, 20.0}, {30.0, 40.0}};
    const variable x = t.variable(array{1.0, 2.0});
    BOOST_TEST(list(x + a) == (reals{11, 22, 31, 42}), per_element());
    BOOST_TEST(list(a - x) == (reals{9, 18, 29, 38}), per_element());
    BOOST_TEST(list(a * x) == (reals{10, 40, 30, 80}), per_element());
    BOOST_TEST(list(x / a) == (reals{0.1, 0.1, 1.0 / 30, 0.05}), per_element());
    BOOST_TEST(list((a + 1.0) / x) == (reals{11, 10.5, 31, 20.5}), per_element());
    BOOST_TEST(list(a > 10.0 * x) == (reals{0, 0, 1, 1}), per_element());
    BOOST_TEST(list(x <= xt::view(a, 0) / 10.0) == (reals{1, 1}), per_element());
    BOOST_TEST(list(gradient(sum(a * x), x)) == (reals{40, 60}), per_element());
    BOOST_TEST(list(gradient(sum(x / a), x)) == (reals{0.1 + 1.0 / 30, 0.05 + 0.025}), per_element());
    BOOST_TEST(list(xt::xarray<int>{3, 4} * x) == (reals{3, 8}), per_element());
}

BOOST_AUTO_TEST_CASE(numbers_on_either_side)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0});
    BOOST_TEST(list(2 - x) == (reals{1, 0}), per_element());
    BOOST_TEST(list(x / 2u) == (reals{0.5, 1}), per_element());
    BOOST_TEST(list(1.0f + x) == (reals{2, 3}), per_element());
    BOOST_TEST(list(-x) == (reals{-1, -2}), per_element());
    BOOST_TEST(list(x > 1) == (reals{0, 1}), per_element());
    BOOST_TEST(list(!(x > 1)) == (reals{1, 0}), per_element());
    BOOST_TEST(list((x > 0) && (x < 2)) == (reals{1, 0}), per_element());
    BOOST_TEST(list((x > 1) || (x < 1)) == (reals{0, 1}), per_element());
}

BOOST_AUTO_TEST_CASE(compound_assignment_names_another_variable)
{
    tape t;
    const variable first = t.variable(array{1.0, 2.0});
    variable x = first;
    variable& result = x += 1.0;
    BOOST_TEST(&result == &x);
    x *= first;
    x -= t.constant(3.0);
    x /= 2;
    // ((x + 1) x - 3) / 2
    BOOST_TEST(list(x) == (reals{-0.5, 1.5}), per_element());
    BOOST_TEST(list(first) == (reals{1, 2}), per_element());
    BOOST_TEST(!same(x, first));
    BOOST_TEST(list(gradient(sum(x), first)) == (reals{1.5, 2.5}), per_element());
    // As a loop accumulates.
    variable total = t.constant(0.0);
    for (int i = 1; i <= 3; ++i)
    {
        total += static_cast<double>(i) * sum(first);
    }
    BOOST_TEST(total.item() == 18.0);
    BOOST_TEST(list(gradient(total, first)) == (reals{6, 6}), per_element());
}

BOOST_AUTO_TEST_CASE(compound_assignment_takes_arrays)
{
    const auto can_add = [](auto x, const auto& a) { return requires { x += a; }; };
    const auto can_divide = [](auto x, const auto& a) { return requires { x /= a; }; };
    BOOST_TEST(can_add(variable(), array{1.0}));
    BOOST_TEST(can_divide(variable(), array{1.0} + 1.0));
}

BOOST_AUTO_TEST_CASE(same_tells_variables_apart)
{
    tape t;
    const variable x = t.variable(1.0), y = t.variable(1.0);
    const variable z = x;
    BOOST_TEST(same(x, z));
    BOOST_TEST(!same(x, y));
    BOOST_TEST(equal(x, y).item() == 1.0);
    BOOST_TEST(not_equal(x, y).item() == 0.0);
}

BOOST_AUTO_TEST_SUITE_END()
