#include "tests/interface/xtensor_headers.hpp"
#include "tests/support.hpp"

// What a user counts is not what there is: parts, repetitions, extents and ranges of 2^40 of nothing end at once, in an
// empty result or in an error; those of something are refused before they are gone through.

using namespace support;
namespace error = autograd::error;

namespace
{

constexpr std::ptrdiff_t huge = std::ptrdiff_t{1} << 40;
constexpr auto huge_extent = static_cast<std::size_t>(huge);

/// An empty array of two axes, one of which is long.
variable empty(tape& on, std::ptrdiff_t rows, std::ptrdiff_t columns)
{
    return reshape(on.variable(array(xt::zeros<double>({0}))), {rows, columns});
}

} // namespace

BOOST_AUTO_TEST_SUITE(operations_counts)

BOOST_AUTO_TEST_CASE(parts_of_nothing_are_counted)
{
    tape tape;
    const auto refused = [](const variable& x, auto n, int axis)
    { return text_of<error::shape_error>([&] { split(x, n, axis); }); };
    const std::string rule = " parts; more than 65536 empty parts are not made.";
    BOOST_TEST(refused(tape.variable(array(xt::zeros<double>({0}))), huge, 0) ==
               "autograd: split: the array of shape (0,) is empty, but is cut into 1099511627776" + rule);
    BOOST_TEST(refused(empty(tape, huge, 0), huge, 0) ==
               "autograd: split: the array of shape (1099511627776, 0) is empty, but is cut into 1099511627776" + rule);
    BOOST_TEST(refused(empty(tape, 0, 3), 65537U, 0) ==
               "autograd: split: the array of shape (0, 3) is empty, but is cut into 65537" + rule);
    BOOST_TEST(refused(tape.variable(array{1, 2, 3}), huge, 0) ==
               "autograd: split: axis 0 of shape (3,) does not divide into 1099511627776 equal parts.");
    const auto parts = split(empty(tape, 0, 3), 65536, 0);
    BOOST_TEST(parts.size() == 65536U);
    BOOST_TEST(shape(parts.back()) == (extents{0, 3}), per_element());
    BOOST_TEST(split(empty(tape, huge, 0), 2)[1].shape(0) == huge_extent / 2);
}

BOOST_AUTO_TEST_CASE(derivatives_of_products_of_nothing_cost_nothing)
{
    tape tape;
    const auto row = tape.variable(array(xt::zeros<double>({1, 0})));
    const auto x = broadcast(row, {huge_extent, std::size_t{0}});
    const auto y = cumprod(x, 1);
    const auto z = linear_recurrence(x, x, 1);
    for (const auto& of_nothing : {jvp(y, x, x), jvp(z, x, x), gradient(sum(gradient(sum(y), x) * x), x),
                                   gradient(sum(gradient(sum(z), x) * x), x)})
    {
        BOOST_TEST(shape(of_nothing) == (extents{huge_extent, 0}), per_element());
    }
    const auto ones = prod(broadcast(row, {3, 0}), 1);
    BOOST_TEST(list(ones) == (reals{1, 1, 1}), per_element());
    BOOST_TEST(list(jvp(ones, row, row)) == (reals{0, 0, 0}), per_element());
}

BOOST_AUTO_TEST_CASE(long_axes_of_empty_arrays_cost_nothing)
{
    tape tape;
    for (const bool first : {true, false})
    {
        const auto x = first ? empty(tape, huge, 0) : empty(tape, 0, huge);
        const int long_axis = first ? 0 : 1;
        for (const int axis : {0, 1})
        {
            for (const auto& y : {softmax(x, axis), log_softmax(x, axis), cumsum(x, axis), cumprod(x, axis),
                                  sort(x, axis), flip(x, axis), roll(x, 5, axis), topk(x, 0, axis).first,
                                  autograd::concatenate({x, x}, axis), repeat(x, 3, axis), exp(x), tril(x)})
            {
                BOOST_TEST(y.size() == 0U);
                if (axis == long_axis) // else sums along the other one have as many elements as it is long
                {
                    BOOST_TEST(gradient(sum(y), x, autograd::unconnected::zero).size() == 0U);
                }
            }
            BOOST_TEST(argsort(x, axis).size() == 0U);
        }
        BOOST_TEST(sum(x, long_axis).size() == 0U);
        BOOST_TEST(logsumexp(x, long_axis).size() == 0U);
        BOOST_TEST(tile(x, {2, 2}).shape(long_axis) == 2 * huge_extent);
        BOOST_TEST(transpose(x).shape(1 - long_axis) == huge_extent);
        BOOST_TEST(to_text(exp(x), {.values = true}).find("[]") != std::string::npos);
    }
    BOOST_TEST(repeat(tape.variable(array(xt::zeros<double>({0}))), huge, 0).size() == 0U);
    BOOST_TEST(tile(tape.variable(array(xt::zeros<double>({0}))), huge).size() == 0U);
    BOOST_TEST(topk(tape.variable(array{1, 2}), 0).first.size() == 0U);
}

BOOST_AUTO_TEST_CASE(ranges_end_where_the_axis_does)
{
    tape tape;
    const auto x = tape.variable(array{1, 2, 3});
    const auto refused = [&](auto range) { return text_of<error::index_error>([&] { view(x, range); }); };
    const std::string outside = "autograd: view: index 3 at position (0) is outside axis 0 of length 3.";
    BOOST_TEST(refused(xt::xrange<std::ptrdiff_t>(0, huge)) == outside);
    BOOST_TEST(refused(xt::xrange<std::ptrdiff_t>(-2, huge)) == outside);
    BOOST_TEST(refused(xt::xall<std::size_t>(huge_extent)) == outside);
    BOOST_TEST(list(view(x, xt::range(0, huge))) == (reals{1, 2, 3}), per_element());
    BOOST_TEST(list(view(x, xt::xrange<std::ptrdiff_t>(-2, 1))) == (reals{2, 3, 1}), per_element());
}

BOOST_AUTO_TEST_CASE(slice_counts_from_the_end_as_view_does)
{
    tape tape;
    const auto x = tape.variable(array{{1, 2, 3, 4}, {5, 6, 7, 8}});
    for (int first = -4; first <= 4; ++first)
    {
        for (int last = -4; last <= 4; ++last)
        {
            const int from = first < 0 ? first + 4 : first;
            const int to = last < 0 ? last + 4 : last;
            if (from <= to)
            {
                BOOST_TEST(list(slice(x, 1, first, last)) == list(view(x, xt::all(), xt::range(from, to))),
                           per_element());
            }
            else
            {
                BOOST_TEST(text_of<error::index_error>([&] { slice(x, -1, first, last); }) ==
                           "autograd: slice: the range from " + std::to_string(first) + " to " + std::to_string(last) +
                               " along axis 1 of length 4 ends before it begins.");
            }
        }
    }
    BOOST_TEST(list(slice(x, 1, -3, -1)) == (reals{2, 3, 6, 7}), per_element());
    BOOST_TEST(list(gradient(sum(slice(x, 1, -3, -1)), x)) == (reals{0, 1, 1, 0, 0, 1, 1, 0}), per_element());
    BOOST_TEST(list(slice(x, 0, -1, 2)) == (reals{5, 6, 7, 8}), per_element());
    const auto outside = [&](auto first, auto last)
    { return text_of<error::index_error>([&] { slice(x, 0, first, last); }); };
    BOOST_TEST(outside(-3, 1) == "autograd: slice: the range from -3 to 1 is outside of axis 0 of length 2.");
    BOOST_TEST(outside(0, 3) == "autograd: slice: the range from 0 to 3 is outside of axis 0 of length 2.");
    // An unsigned number below 0 is none.
    BOOST_TEST(outside(0U, std::size_t{0} - 1) ==
               "autograd: slice: the range from 0 to 9223372036854775807 is outside of axis 0 of length 2.");
}

BOOST_AUTO_TEST_CASE(extents_are_asked_for_from_either_end)
{
    tape tape;
    const auto x = tape.variable(array(xt::zeros<double>({2, 3, 4})));
    BOOST_TEST(x.shape(0) == 2U);
    BOOST_TEST(x.shape(std::size_t{2}) == 4U);
    BOOST_TEST(x.shape(-1) == 4U);
    BOOST_TEST(x.shape(-3) == 2U);
    BOOST_TEST(tape.index(integers{1, 2}).shape(-1) == 2U);
    const auto refused = [&](auto axis) { return text_of<error::shape_error>([&] { x.shape(axis); }); };
    BOOST_TEST(refused(3) == "autograd: shape: axis 3 is outside of shape (2, 3, 4); it must be from -3 to 2.");
    BOOST_TEST(refused(-4) == "autograd: shape: axis -4 is outside of shape (2, 3, 4); it must be from -3 to 2.");
    BOOST_TEST(refused(std::size_t{0} - 1) ==
               "autograd: shape: axis 9223372036854775807 is outside of shape (2, 3, 4); "
               "it must be from -3 to 2.");
    BOOST_TEST(text_of<error::shape_error>([&] { tape.variable(1.0).shape(-1); }) ==
               "autograd: shape: axis -1 is outside of shape (), which has no axes.");
    BOOST_TEST(text_of<error::tape_error>([&] { variable().shape(-1); }) ==
               "autograd: shape: an operand is empty: a default-constructed variable names nothing.");
}

BOOST_AUTO_TEST_CASE(extents_of_2_to_the_63_are_too_many)
{
    tape tape;
    const auto x = tape.variable(array{1, 2, 3});
    const std::uint64_t most = std::uint64_t{1} << 63;
    for (const auto& text : {text_of<error::shape_error>([&] { reshape(x, {most}); }),
                             text_of<error::shape_error>([&] { reshape(x, std::vector<std::uint64_t>{most}); }),
                             text_of<error::shape_error>(
                                 [&] {
                                     reshape(x, {most, most});
                                 })})
    {
        BOOST_TEST(text.find("has too many elements; no machine can hold 2^59.") != std::string::npos, text);
        BOOST_TEST(text.find("-9223372036854775808") == std::string::npos, text);
    }
}

BOOST_AUTO_TEST_SUITE_END()
