#include "tests/interface/xtensor_headers.hpp"
#include "tests/support.hpp"

#include <limits>

using namespace support;
namespace error = autograd::error;
using xt::placeholders::_;

// What the samples of view cannot say: every range, and that nothing outside of the array is read.
BOOST_AUTO_TEST_SUITE(operations_view)

namespace
{

using end = std::optional<std::int64_t>;

/// The elements of 0, 1, ..., n - 1 that Python's [start:stop:step] takes, found by trying each.
reals taken(std::int64_t n, end start, end stop, std::int64_t step)
{
    const auto counted = [n](std::int64_t e) { return e < 0 ? e + n : e; };
    reals result;
    if (step > 0)
    {
        const std::int64_t first = std::max<std::int64_t>(start ? counted(*start) : 0, 0);
        for (std::int64_t i = 0; i < n; ++i)
        {
            if (i >= first && (i - first) % step == 0 && (!stop || i < counted(*stop)))
            {
                result.push_back(static_cast<double>(i));
            }
        }
    }
    else
    {
        const std::int64_t first = std::min<std::int64_t>(start ? counted(*start) : n - 1, n - 1);
        for (std::int64_t i = n - 1; i >= 0; --i)
        {
            if (i <= first && (first - i) % -step == 0 && (!stop || i > counted(*stop)))
            {
                result.push_back(static_cast<double>(i));
            }
        }
    }
    return result;
}

variable counting(tape& t, std::size_t n)
{
    array numbers = array::from_shape({n});
    std::iota(numbers.begin(), numbers.end(), 0.0);
    return t.variable(numbers);
}

/// The range with open ends where there is none.
variable in_range(variable x, end start, end stop, std::int64_t step)
{
    if (start && stop)
    {
        return view(x, xt::range(*start, *stop, step));
    }
    if (start)
    {
        return view(x, xt::range(*start, _, step));
    }
    return stop ? view(x, xt::range(_, *stop, step)) : view(x, xt::range(_, _, step));
}

} // namespace

BOOST_AUTO_TEST_CASE(every_range_takes_what_python_takes)
{
    constexpr std::int64_t n = 4;
    std::vector<end> ends{std::nullopt};
    for (std::int64_t e = -n - 2; e <= n + 2; ++e)
    {
        ends.push_back(e);
    }
    int ranges = 0;
    for (const std::int64_t step : {-6, -3, -2, -1, 1, 2, 3, 6})
    {
        for (const end start : ends)
        {
            for (const end stop : ends)
            {
                tape t;
                const variable x = counting(t, n);
                const variable y = in_range(x, start, stop, step);
                const reals expected = taken(n, start, stop, step);
                BOOST_TEST_CONTEXT(start.value_or(99) << ":" << stop.value_or(99) << ":" << step)
                {
                    BOOST_TEST(shape(y) == extents{expected.size()}, per_element());
                    BOOST_TEST(list(y) == expected, per_element());
                    reals weight(n, 0.0);
                    for (double i : expected)
                    {
                        weight[static_cast<std::size_t>(i)] = 1.0;
                    }
                    BOOST_TEST(list(gradient(sum(y), x)) == weight, per_element());
                }
                ++ranges;
            }
        }
    }
    BOOST_TEST(ranges == 8 * 14 * 14);
}

BOOST_AUTO_TEST_CASE(ends_and_steps_of_any_size_do_not_overflow)
{
    constexpr auto most = std::numeric_limits<std::ptrdiff_t>::max();
    constexpr auto least = std::numeric_limits<std::ptrdiff_t>::min();
    tape t;
    const variable x = counting(t, 5);
    BOOST_TEST(list(view(x, xt::range(least, most, 2))) == (reals{0, 2, 4}), per_element());
    BOOST_TEST(list(view(x, xt::range(1, most, most))) == (reals{1}), per_element());
    BOOST_TEST(list(view(x, xt::range(most, least, least))) == (reals{4}), per_element());
    BOOST_TEST(list(view(x, xt::range(3, 1))) == reals{}, per_element());
}

BOOST_AUTO_TEST_CASE(a_list_of_positions_is_gathered)
{
    tape t;
    const variable x = t.variable(array{{0, 1, 2}, {3, 4, 5}, {6, 7, 8}, {9, 10, 11}});
    BOOST_TEST(list(view(x, xt::keep(2), xt::all())) == (reals{6, 7, 8}), per_element());
    BOOST_TEST(shape(view(x, xt::keep(2))) == (extents{1, 3}), per_element());
    BOOST_TEST(list(view(x, xt::keep(-1, 0), -1)) == (reals{11, 2}), per_element());
    BOOST_TEST(list(view(x, xt::range(_, _, -2), xt::keep(1, 1))) == (reals{10, 10, 4, 4}), per_element());
    BOOST_TEST(list(view(x, xt::keep(std::vector<int>{-4, 3}), 0)) == (reals{0, 9}), per_element());
    BOOST_TEST(list(view(x, xt::keep(std::vector<std::size_t>{3}), 0)) == (reals{9}), per_element());
    BOOST_TEST(shape(view(x, xt::keep(std::vector<int>{}))) == (extents{0, 3}), per_element());
    // A repeated position gets the sum.
    BOOST_TEST(list(gradient(sum(view(x, xt::keep(1, 1), 0)), x)) == (reals{0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0}),
               per_element());
}

BOOST_AUTO_TEST_CASE(a_list_of_positions_is_that_of_xtensor)
{
    const array a{{0, 1, 2}, {3, 4, 5}, {6, 7, 8}, {9, 10, 11}};
    tape t;
    const variable x = t.variable(a);
    BOOST_TEST(list(view(x, xt::keep(0, -2, 0), xt::range(1, 3))) ==
                   list(array(xt::view(a, xt::keep(0, -2, 0), xt::range(1, 3)))),
               per_element());
}

BOOST_AUTO_TEST_CASE(an_ellipsis_and_new_axes_stand_for_what_is_not_named)
{
    tape t;
    const variable x = reshape(counting(t, 24), {2, 3, 4});
    BOOST_TEST(shape(view(x, xt::ellipsis(), 0)) == (extents{2, 3}), per_element());
    BOOST_TEST(shape(view(x, 0, xt::ellipsis(), 0)) == (extents{3}), per_element());
    BOOST_TEST(shape(view(x, 0, 1, xt::ellipsis(), 2)) == extents{}, per_element());
    BOOST_TEST(view(x, 0, 1, xt::ellipsis(), 2).item() == 6.0);
    BOOST_TEST(shape(view(x, xt::newaxis(), xt::ellipsis(), xt::newaxis())) == (extents{1, 2, 3, 4, 1}), per_element());
    BOOST_TEST(shape(view(x)) == (extents{2, 3, 4}), per_element());
    BOOST_TEST(shape(view(t.variable(1.0), xt::ellipsis())) == extents{}, per_element());
}

BOOST_AUTO_TEST_CASE(what_lies_outside_is_refused_and_leaves_nothing_behind)
{
    tape t;
    const variable x = counting(t, 3);
    const std::size_t before = t.size();
    const auto refused = [&](auto... slices) { return text_of<error::index_error>([&] { view(x, slices...); }); };
    BOOST_TEST(refused(3) == "autograd: view: index 3 at position (0) is outside axis 0 of length 3.");
    BOOST_TEST(refused(-4) == "autograd: view: index -4 at position (0) is outside axis 0 of length 3.");
    BOOST_TEST(refused(std::numeric_limits<std::size_t>::max()) ==
               "autograd: view: index 18446744073709551615 is outside of every axis.");
    BOOST_TEST(refused(xt::keep(0, 3)) == "autograd: view: index 3 at position (0) is outside axis 0 of length 3.");
    BOOST_TEST(refused(xt::keep(0, -4)) == "autograd: view: index -4 at position (0) is outside axis 0 of length 3.");
    BOOST_TEST(refused(xt::xrange<std::ptrdiff_t>(1, 4)) ==
               "autograd: view: index 3 at position (0) is outside axis 0 of length 3.");
    BOOST_CHECK_THROW(view(x, xt::range(0, 2, 0)), error::value_error);
    BOOST_CHECK_THROW(view(x, xt::ellipsis(), xt::ellipsis()), error::shape_error);
    BOOST_CHECK_THROW(view(x, xt::ellipsis(), 0, 0), error::shape_error);
    BOOST_TEST(text_of<error::tape_error>([] { view(variable(), 0); }) ==
               "autograd: view: an operand is empty: a default-constructed variable names nothing.");
    BOOST_TEST(t.size() == before);
    autograd::verify(t);
}

// xt::drop does not show which positions it drops: it does not compile, rather than dropping others than were named.
template <class Slice>
concept takes_part = requires(Slice slice)
{
    autograd::detail::selected_by(slice);
};
static_assert(takes_part<decltype(xt::keep(0))>);
static_assert(!takes_part<decltype(xt::drop(0))>);

BOOST_AUTO_TEST_SUITE_END()
