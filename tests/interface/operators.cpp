#include "tests/interface/xtensor_headers.hpp"
#include "tests/support.hpp"

#include <map>
#include <optional>
#include <tuple>
#include <utility>

using namespace support;

BOOST_AUTO_TEST_SUITE(interface_operators)

namespace
{

using number = autograd::variable<float>;
using labels = autograd::indices<double>;

template <class X, class Y>
concept addable = requires(X x, Y y)
{
    x + y;
};
template <class X, class Y>
concept comparable = requires(X x, Y y)
{
    x == y;
}
|| requires(X x, Y y)
{
    x != y;
};
template <class X, class Y>
concept mixable = addable<X, Y> || requires(X x, Y y)
{
    x* y;
} || requires(X x, Y y)
{
    x < y;
} || requires(X x, Y y)
{
    maximum(x, y);
} || requires(X x, Y y)
{
    matmul(x, y);
} || requires(X x, Y y)
{
    pow(x, y);
} || requires(X x, Y y)
{
    where(x, x, y);
} || requires(X x, Y y)
{
    x += y;
};

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

static_assert(std::is_trivially_copyable_v<variable> && std::is_trivially_copyable_v<labels>);
static_assert(sizeof(variable) == 16 && sizeof(labels) == 16);

// A name can be given to another variable. What has no name is lost behind the statement, and so would be what is
// assigned to it.
static_assert(std::is_assignable_v<variable&, variable> && std::is_assignable_v<variable&, const variable&>);
static_assert(!std::is_assignable_v<variable, variable> && !std::is_assignable_v<const variable&, variable>);
static_assert(std::is_assignable_v<labels&, labels> && !std::is_assignable_v<labels, labels>);
static_assert(std::is_nothrow_move_constructible_v<variable> && std::is_nothrow_move_assignable_v<variable>);
static_assert(std::is_nothrow_swappable_v<variable> && std::is_nothrow_swappable_v<labels>);
static_assert(std::is_default_constructible_v<variable>);
static_assert(!std::is_assignable_v<decltype(std::declval<variable>().name()), const char*>);

// Whatever else is assigned has no tape.
static_assert(!std::is_assignable_v<variable&, double> && !std::is_assignable_v<variable&, array>);
static_assert(!std::is_constructible_v<variable, double> && !std::is_constructible_v<variable, array>);
static_assert(!std::is_constructible_v<variable, number> && !std::is_constructible_v<variable, labels>);
static_assert(!std::is_assignable_v<labels&, variable> && !std::is_convertible_v<variable, labels>);
static_assert(!std::is_constructible_v<array, variable> && !std::is_assignable_v<array&, variable>);

// A concept sees no function where there is one for mistakes only.
template <class X>
concept has_sine_elsewhere = requires(X x)
{
    std::sin(x);
}
|| requires(X x)
{
    xt::sin(x);
};
template <class X>
concept has_sum_elsewhere = requires(X x)
{
    xt::sum(x, {0});
};
template <class Y, class X>
concept has_gradient = requires(Y y, X x)
{
    gradient(y, x);
};
static_assert(has_sine_elsewhere<double> && has_sine_elsewhere<array> && !has_sine_elsewhere<variable>);
static_assert(has_sum_elsewhere<array> && !has_sum_elsewhere<variable>);
static_assert(has_gradient<variable, variable> && !has_gradient<variable, array> && !has_gradient<double, variable>);
static_assert(!std::is_invocable_v<variable, int> && !std::is_invocable_v<labels, int, int>);
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

BOOST_AUTO_TEST_CASE(variables_are_values)
{
    tape t;
    const variable one = t.constant(1.0), two = t.constant(2.0);
    variable x = one, y = two;
    std::swap(x, y);
    BOOST_TEST((same(x, two) && same(y, one)));
    std::tie(x, y) = std::pair(y, x);
    BOOST_TEST((same(x, one) && same(y, two)));
    BOOST_TEST(same(std::exchange(x, y), one));
    x = {};
    BOOST_TEST(x.empty());
    std::vector<variable> list(2);
    list[0] = two;
    list.insert(list.begin(), one);
    list.erase(list.begin() + 2);
    BOOST_TEST((same(list.front(), one) && same(list.back(), two)));
    std::sort(list.begin(), list.end(), [](const variable& a, const variable& b) { return a.item() > b.item(); });
    BOOST_TEST((same(list.front(), two) && same(list.back(), one)));
    std::optional<variable> perhaps;
    perhaps = one;
    perhaps = two;
    BOOST_TEST(same(*perhaps, two));
    std::map<int, variable> by_number;
    by_number[3] = one;
    const auto [first, second] = std::array{by_number.at(3), two};
    BOOST_TEST((same(first, one) && same(second, two)));
}

// C++ has !, && and || of its own for what turns into a bool, be it to refuse that.
BOOST_AUTO_TEST_CASE(logical_operators_of_names_and_of_expressions)
{
    tape t;
    const variable x = t.variable(array{-1.0, 0.5, 2.0});
    const variable positive = x > 0;
    const auto below_one = [&]() -> const variable { return x < 1; }; // NOLINT: some functions return const values
    BOOST_TEST(list(positive && below_one()) == (reals{0, 1, 0}), per_element());
    BOOST_TEST(list(below_one() && positive) == (reals{0, 1, 0}), per_element());
    BOOST_TEST(list((x > 0) && (x < 1)) == (reals{0, 1, 0}), per_element());
    BOOST_TEST(list((x > 1) || (x < 0)) == (reals{1, 0, 1}), per_element());
    BOOST_TEST(list(positive && positive) == (reals{0, 1, 1}), per_element());
    BOOST_TEST(list((x > 0) && 1) == (reals{0, 1, 1}), per_element());
    BOOST_TEST(list(0.0 || (x > 0)) == (reals{0, 1, 1}), per_element());
    BOOST_TEST(list(positive && 1) == (reals{0, 1, 1}), per_element());
    BOOST_TEST(list(0 || positive) == (reals{0, 1, 1}), per_element());
    BOOST_TEST(list((x > 0) && array{1.0, 0.0, 1.0}) == (reals{0, 0, 1}), per_element());
    BOOST_TEST(list(!positive) == (reals{1, 0, 0}), per_element());
    BOOST_TEST(list(!(x > 0)) == (reals{1, 0, 0}), per_element());
    BOOST_TEST(list(!below_one()) == (reals{0, 0, 1}), per_element());
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
    tape t;
    const variable first = t.variable(array{1.0, 2.0});
    variable x = first;
    variable& result = x += array{10.0, 20.0};
    BOOST_TEST(&result == &x);
    x *= array{2.0, 3.0} + 1.0;
    x -= xt::xarray<int>{1, 2};
    x /= array{{2.0, 4.0}, {1.0, 2.0}};
    // ((x + a) b - c) / d
    BOOST_TEST(list(x) == (reals{16, 21.5, 32, 43}), per_element());
    BOOST_TEST(list(gradient(sum(x), first)) == (reals{4.5, 3}), per_element());
}

// ----------------------------------------------------------------------------------------- functions beside arrays

namespace
{

#define AUTOGRAD_TEST_FUNCTION(name, X, Y)                                                                             \
    static_assert(std::is_same_v<decltype(name(std::declval<X>(), std::declval<Y>())), variable>);                     \
    static_assert(std::is_same_v<decltype(name(std::declval<Y>(), std::declval<X>())), variable>);
#define AUTOGRAD_TEST_FUNCTIONS(X, Y)                                                                                  \
    AUTOGRAD_TEST_FUNCTION(maximum, X, Y)                                                                              \
    AUTOGRAD_TEST_FUNCTION(minimum, X, Y)                                                                              \
    AUTOGRAD_TEST_FUNCTION(atan2, X, Y)                                                                                \
    AUTOGRAD_TEST_FUNCTION(hypot, X, Y)                                                                                \
    AUTOGRAD_TEST_FUNCTION(logaddexp, X, Y)                                                                            \
    AUTOGRAD_TEST_FUNCTION(copysign, X, Y)                                                                             \
    AUTOGRAD_TEST_FUNCTION(pow, X, Y)                                                                                  \
    AUTOGRAD_TEST_FUNCTION(equal, X, Y)                                                                                \
    AUTOGRAD_TEST_FUNCTION(not_equal, X, Y)

AUTOGRAD_TEST_FUNCTIONS(variable, variable)
AUTOGRAD_TEST_FUNCTIONS(variable, double)
AUTOGRAD_TEST_FUNCTIONS(variable&, const int&)
AUTOGRAD_TEST_FUNCTIONS(variable, array)
AUTOGRAD_TEST_FUNCTIONS(const variable&, array&)
AUTOGRAD_TEST_FUNCTIONS(variable&, const array&)
AUTOGRAD_TEST_FUNCTIONS(variable, lazy)
AUTOGRAD_TEST_FUNCTIONS(variable, view_of_array&)
AUTOGRAD_TEST_FUNCTIONS(variable&, fixed_size)
AUTOGRAD_TEST_FUNCTIONS(variable, xt::xarray<int>)
AUTOGRAD_TEST_FUNCTION(matmul, variable, array)
AUTOGRAD_TEST_FUNCTION(matmul, const variable&, lazy&)
AUTOGRAD_TEST_FUNCTION(dot, variable, const array&)
AUTOGRAD_TEST_FUNCTION(outer, variable&, array&)

template <class C, class X, class Y>
concept gives_variable =
    std::same_as<decltype(where(std::declval<C>(), std::declval<X>(), std::declval<Y>())), variable> &&
    std::same_as<decltype(fma(std::declval<C>(), std::declval<X>(), std::declval<Y>())), variable>;
using mask = decltype(std::declval<array&>() > 1.0);
static_assert(gives_variable<variable, variable, variable>);
static_assert(gives_variable<variable, double, int>);
static_assert(gives_variable<variable&, const variable&, double>);
static_assert(gives_variable<variable, array, variable>);
static_assert(gives_variable<variable, variable&, const array&>);
static_assert(gives_variable<const variable&, array, lazy>);
static_assert(gives_variable<variable, double, array&>);
static_assert(gives_variable<variable, lazy, int>);
static_assert(gives_variable<mask, variable, variable&>);
static_assert(gives_variable<mask&, const variable&, double>);
static_assert(gives_variable<mask, variable, array>);
static_assert(gives_variable<array, double, variable>);
static_assert(gives_variable<mask, array&, variable>);
static_assert(gives_variable<double, variable, double>);
static_assert(gives_variable<int, double, variable&>);

} // namespace

BOOST_AUTO_TEST_CASE(functions_take_arrays_as_constants)
{
    tape t;
    const variable x = t.variable(array{1.0, 4.0});
    const array a{{2.0, 3.0}, {0.5, 5.0}};
    BOOST_TEST(list(maximum(x, a)) == (reals{2, 4, 1, 5}), per_element());
    BOOST_TEST(list(gradient(sum(maximum(a, x)), x)) == (reals{1, 1}), per_element());
    BOOST_TEST(list(pow(x, a)) == (reals{1, 64, 1, 1024}), per_element());
    BOOST_TEST(list(pow(array{2.0, 0.5}, x)) == (reals{2, 0.0625}), per_element());
    BOOST_TEST(list(where(a > 2.5, x, 0.0)) == (reals{0, 4, 0, 4}), per_element());
    BOOST_TEST(list(where(x > 2.0, a, x)) == (reals{1, 3, 1, 5}), per_element());
    BOOST_TEST(list(gradient(sum(where(a > 2.5, x, 0.0)), x)) == (reals{0, 2}), per_element());
    BOOST_TEST(list(equal(x, array{1.0, 3.0})) == (reals{1, 0}), per_element());
    BOOST_TEST(list(matmul(a, x)) == (reals{14, 20.5}), per_element());
    BOOST_TEST(list(gradient(sum(matmul(a, x)), x)) == (reals{2.5, 8}), per_element());
    BOOST_TEST(list(outer(x, array{1.0, 2.0})) == (reals{1, 2, 4, 8}), per_element());
    BOOST_TEST(logaddexp(x, xt::view(a, 0)).size() == 2u);
}

BOOST_AUTO_TEST_CASE(errors_beside_arrays_name_the_operation_and_the_line)
{
    tape t;
    const variable x = t.variable(array{1.0, 4.0});
    const array a{1.0, 2.0, 3.0};
    const int line = __LINE__ + 1;
    const std::string text = whole_text_of([&] { maximum(x, a); });
    BOOST_TEST(text == "autograd: maximum: shapes (2,) and (3,) do not broadcast; aligned at their last axes, extents "
                       "must be equal or 1.  [" __FILE__ ":" +
                           std::to_string(line) + "]");
    BOOST_TEST(text_of<autograd::error::tape_error>([&] { hypot(a, variable()); }) ==
               "autograd: hypot: an operand is empty: a default-constructed variable names nothing.");
}

// xtensor's option of an initial value is not taken: better no program than a wrong number.
template <class O>
concept takes_option = requires(variable x, O option)
{
    autograd::sum(x, {0}, option);
};
static_assert(takes_option<decltype(xt::keep_dims)>);
static_assert(takes_option<decltype(xt::keep_dims | xt::evaluation_strategy::immediate)>);
static_assert(takes_option<decltype(xt::evaluation_strategy::lazy)>);
static_assert(!takes_option<decltype(xt::initial(5.0))>);

BOOST_AUTO_TEST_CASE(evaluation_strategies_mean_nothing)
{
    tape t;
    const variable x = t.variable(array{{1.0, 2.0}, {3.0, 4.0}});
    const auto kept = xt::keep_dims | xt::evaluation_strategy::immediate;
    BOOST_TEST(shape(sum(x, {1}, kept)) == (extents{2, 1}), per_element());
    BOOST_TEST(shape(mean(x, 1, kept)) == (extents{2, 1}), per_element());
    BOOST_TEST(shape(amax(x, std::vector{0}, kept)) == (extents{1, 2}), per_element());
    BOOST_TEST(shape(prod(x, kept)) == (extents{1, 1}), per_element());
    BOOST_TEST(list(sum(x, {0}, xt::evaluation_strategy::immediate)) == (reals{4, 6}), per_element());
    BOOST_TEST(sum(x, xt::evaluation_strategy::lazy).item() == 10.0);
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
