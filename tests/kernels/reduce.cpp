// The kernels of reductions, softmax and running sums against plain loops in long double: every set of axes, lengths
// and widths around those of packs, blocks and tiles, NaN at every place, and the same bits at every address.

#include "autograd/kernels/reduce.hpp"
#include "autograd/kernels/arg_extremum.hpp"
#include "autograd/kernels/cumulative.hpp"
#include "autograd/kernels/dispatch.hpp"
#include "autograd/kernels/softmax.hpp"

#include "guarded_scratch.hpp"

#include <cmath>
#include <limits>
#include <random>
#include <tuple>
#include <vector>

#include <boost/test/unit_test.hpp>

namespace
{

using autograd::shape_vector;
using autograd::shape_view;
namespace kernels = autograd::kernels;

using element_types = std::tuple<float, double>;

template <class T>
constexpr T infinity = std::numeric_limits<T>::infinity();

template <class T>
std::vector<T> random_numbers(std::size_t count, double low = -2, double high = 2)
{
    std::mt19937 generator(static_cast<unsigned>(count));
    std::uniform_real_distribution<double> number(low, high);
    std::vector<T> x(count);
    std::generate(x.begin(), x.end(), [&] { return static_cast<T>(number(generator)); });
    return x;
}

/// For each element of an array the index of its result when `axes` are reduced.
std::vector<std::size_t> result_indices(shape_view shape, std::uint32_t axes)
{
    std::vector<std::size_t> indices{0};
    for (std::size_t axis = 0; axis < shape.size(); ++axis)
    {
        const bool reduced = ((axes >> axis) & 1) != 0;
        std::vector<std::size_t> next;
        for (std::size_t index : indices)
        {
            for (std::size_t i = 0; i < shape[axis]; ++i)
            {
                next.push_back(reduced ? index : index * shape[axis] + i);
            }
        }
        indices = next;
    }
    return indices;
}

std::size_t result_count(shape_view shape, std::uint32_t axes)
{
    std::size_t count = 1;
    for (std::size_t axis = 0; axis < shape.size(); ++axis)
    {
        count *= ((axes >> axis) & 1) != 0 ? 1 : shape[axis];
    }
    return count;
}

template <class T>
using reduction = void (*)(const T*, shape_view, std::uint32_t, T*, kernels::scratch_memory);

/// As much scratch as a reduction asks for.
template <class T>
class scratch : public support::guarded_scratch
{
public:
    scratch(shape_view shape, std::uint32_t axes, std::size_t again = 0)
        : guarded_scratch(kernels::scratch_of_reduction<T>(shape, axes, again))
    {
    }
};

template <class T>
std::vector<T> reduced(reduction<T> kernel, const std::vector<T>& x, shape_view shape, std::uint32_t axes)
{
    std::vector<T> y(result_count(shape, axes), T(-77));
    kernel(x.data(), shape, axes, y.data(), scratch<T>(shape, axes));
    return y;
}

/// The same by plain loops, and for each result the sum of magnitudes, by which errors of sums are measured.
template <class T, class Combine>
std::pair<std::vector<long double>, std::vector<long double>>
naive(const std::vector<T>& x, shape_view shape, std::uint32_t axes, long double start, Combine combine)
{
    const std::vector<std::size_t> of = result_indices(shape, axes);
    std::vector<long double> y(result_count(shape, axes), start);
    std::vector<long double> magnitudes(y.size(), 0);
    for (std::size_t i = 0; i < x.size(); ++i)
    {
        y[of[i]] = combine(y[of[i]], static_cast<long double>(x[i]));
        magnitudes[of[i]] += std::abs(static_cast<long double>(x[i]));
    }
    return {y, magnitudes};
}

/// Checks that results are within `epsilons` units of the precision, relative to a scale.
template <class T>
void check_close(const std::vector<T>& results, const std::vector<long double>& expected,
                 const std::vector<long double>& scales, double epsilons)
{
    BOOST_REQUIRE_EQUAL(results.size(), expected.size());
    for (std::size_t i = 0; i < results.size(); ++i)
    {
        const long double error = std::abs(static_cast<long double>(results[i]) - expected[i]);
        BOOST_REQUIRE_LE(error, epsilons * std::numeric_limits<T>::epsilon() * scales[i]);
    }
}

template <class T>
void check_reductions(const shape_vector& shape, std::uint32_t axes)
{
    const std::vector<T> x = random_numbers<T>(autograd::element_count(shape), 0.6, 1.6);
    const auto [sums, magnitudes] = naive(x, shape, axes, 0, [](auto a, auto b) { return a + b; });
    check_close(reduced<T>(kernels::reductions<T>->sum, x, shape, axes), sums, magnitudes, 8);
    const auto squares = naive(x, shape, axes, 0, [](auto a, auto b) { return a + b * b; }).first;
    check_close(reduced<T>(kernels::reductions<T>->sum_of_squares, x, shape, axes), squares, squares, 8);
    const std::vector<T> factors = random_numbers<T>(x.size(), 0.95, 1.05);
    const auto products = naive(factors, shape, axes, 1, [](auto a, auto b) { return a * b; }).first;
    const double count = static_cast<double>(x.size()) / static_cast<double>(products.size());
    check_close(reduced<T>(kernels::products<T>->product, factors, shape, axes), products, products, count);
    const auto largest = naive(x, shape, axes, -1, [](auto a, auto b) { return std::max(a, b); }).first;
    check_close(reduced<T>(kernels::reductions<T>->maximum, x, shape, axes), largest, largest, 0);
    const auto smallest = naive(x, shape, axes, 9, [](auto a, auto b) { return std::min(a, b); }).first;
    check_close(reduced<T>(kernels::reductions<T>->minimum, x, shape, axes), smallest, smallest, 0);
    auto logarithms = naive(x, shape, axes, 0, [](auto a, auto b) { return a + std::exp(b); }).first;
    std::transform(logarithms.begin(), logarithms.end(), logarithms.begin(), [](auto s) { return std::log(s); });
    check_close(reduced<T>(kernels::reductions<T>->logsumexp, x, shape, axes), logarithms, logarithms, 8);
}

} // namespace

BOOST_AUTO_TEST_SUITE(kernels_reduce)

BOOST_AUTO_TEST_CASE_TEMPLATE(every_set_of_axes, T, element_types)
{
    for (const shape_vector& shape : {shape_vector{3, 4, 5, 2},
                                      {2, 70, 3, 9},
                                      {1, 17, 33, 2},
                                      {19, 2, 2, 3},
                                      {5, 1, 300, 1},
                                      {2, 3, 2, 40},
                                      {70, 2, 70, 1},
                                      {1, 1, 1, 1}})
    {
        for (std::uint32_t axes = 0; axes < 16; ++axes)
        {
            check_reductions<T>(shape, axes);
        }
    }
    check_reductions<T>({}, 0);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(lengths_around_those_of_packs_and_blocks, T, element_types)
{
    for (std::size_t length = 1; length < 140; ++length)
    {
        check_reductions<T>({length}, 1);
        check_reductions<T>({2, length}, 2);
        check_reductions<T>({37, length}, 2);
        check_reductions<T>({length, 3}, 1);
    }
    for (std::size_t length : {511u, 512u, 513u, 1023u, 1024u, 1025u, 4097u})
    {
        check_reductions<T>({length}, 1);
        check_reductions<T>({length, 2}, 1);
        check_reductions<T>({length, 7}, 1);
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(widths_around_those_of_packs_and_tiles, T, element_types)
{
    for (std::size_t rows : {1u, 2u, 3u, 5u, 63u, 64u, 65u, 128u, 131u})
    {
        for (std::size_t width : {1u, 2u, 3u, 5u, 7u, 8u, 9u, 15u, 16u, 17u, 31u, 33u, 65u, 255u, 256u, 257u, 300u})
        {
            check_reductions<T>({rows, width}, 1);
            check_reductions<T>({3, rows, width}, 2);
        }
    }
}

BOOST_AUTO_TEST_CASE(sums_are_right_to_the_precision_of_float)
{
    constexpr std::size_t count = 10'000'000;
    const std::vector<float> x(count, 0.1f);
    const double exact = static_cast<double>(0.1f) * count;
    const auto error_of = [&](float sum, double expected) { return std::abs(sum - expected) / expected; };
    constexpr double epsilon = std::numeric_limits<float>::epsilon();
    for (const shape_vector& shape : {shape_vector{count},
                                      {count / 2, 2},
                                      {count / 10, 10},
                                      {count / 100, 100},
                                      {count / 1000, 1000},
                                      {10, count / 10},
                                      {1000, count / 1000}})
    {
        float all = 0;
        kernels::reductions<float>->sum(x.data(), shape, (1u << shape.size()) - 1, &all, nullptr);
        BOOST_TEST(error_of(all, exact) < epsilon);
        std::vector<float> columns(count / shape[0]);
        kernels::reductions<float>->sum(x.data(), shape, 1, columns.data(), nullptr);
        for (float column : columns)
        {
            BOOST_REQUIRE_LT(error_of(column, exact / static_cast<double>(columns.size())), 4 * epsilon);
        }
    }
    // Over the first and the last axis: two passes.
    std::vector<float> middle(10);
    const shape_vector three_axes{count / 100, 10, 10};
    kernels::reductions<float>->sum(x.data(), three_axes, 0b101, middle.data(), scratch<float>(three_axes, 0b101));
    for (float sum : middle)
    {
        BOOST_TEST(error_of(sum, exact / 10) < 4 * epsilon);
    }
}

// Over axes that are no neighbours there are passes, and what they take again goes through these, too.
BOOST_AUTO_TEST_CASE_TEMPLATE(sums_that_leave_the_range_are_taken_again, T, element_types)
{
    const shape_vector shape{5, 3, 7, 2, 3};
    const double far = sizeof(T) == sizeof(double) ? 900 : 110; // powers of two: the squares are out of range
    for (const double power : {0.0, far, -far})
    {
        std::vector<T> x = random_numbers<T>(autograd::element_count(shape), 1, 2);
        for (T& each : x)
        {
            each = std::ldexp(each, static_cast<int>(power));
        }
        const T largest = std::numeric_limits<T>::max();
        std::vector<T> huge = random_numbers<T>(x.size(), 0.5, 1);
        std::transform(huge.begin(), huge.end(), huge.begin(), [=](T each) { return each * largest; });
        for (std::uint32_t axes = 0; axes < 32; ++axes)
        {
            const std::size_t results = result_count(shape, axes);
            const std::size_t count = x.size() / results;
            std::vector<T> y(results, T(-77));
            kernels::reductions<T>->root_of_squares(x.data(), shape, axes, count, y.data(), scratch<T>(shape, axes, 2));
            auto roots = naive(x, shape, axes, 0, [](auto a, auto b) { return a + b * b; }).first;
            std::transform(roots.begin(), roots.end(), roots.begin(),
                           [=](auto s) { return std::sqrt(s / static_cast<long double>(count)); });
            check_close(y, roots, roots, 8);

            const T divisor = -static_cast<T>(count);
            kernels::reductions<T>->sum_over(huge.data(), shape, axes, divisor, y.data(), scratch<T>(shape, axes, 1));
            auto means = naive(huge, shape, axes, 0, [](auto a, auto b) { return a + b; }).first;
            std::vector<long double> magnitudes = means;
            std::transform(means.begin(), means.end(), means.begin(),
                           [=](auto s) { return s / static_cast<long double>(divisor); });
            std::transform(means.begin(), means.end(), magnitudes.begin(), [](auto m) { return -m; });
            check_close(y, means, magnitudes, 8);
        }
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(the_same_bits_at_every_address, T, element_types)
{
    const shape_vector shape{3, 67, 35};
    const std::size_t count = autograd::element_count(shape);
    const std::vector<T> x = random_numbers<T>(count);
    std::vector<T> shifted(count + 20);
    const auto check = [&](const auto& kernel)
    {
        std::vector<T> first(count);
        kernel(x.data(), first.data());
        for (std::size_t offset = 0; offset < 20; ++offset)
        {
            std::copy(x.begin(), x.end(), shifted.begin() + static_cast<std::ptrdiff_t>(offset));
            std::vector<T> again(count + 20);
            T* result = again.data() + (offset * 7) % 20;
            kernel(shifted.data() + offset, result);
            BOOST_REQUIRE(std::equal(first.begin(), first.end(), result));
        }
    };
    for (std::uint32_t axes = 1; axes < 8; ++axes)
    {
        check([&](const T* from, T* to)
              { kernels::reductions<T>->sum(from, shape, axes, to, scratch<T>(shape, axes)); });
        check([&](const T* from, T* to)
              { kernels::products<T>->product(from, shape, axes, to, scratch<T>(shape, axes)); });
        check([&](const T* from, T* to)
              { kernels::reductions<T>->logsumexp(from, shape, axes, to, scratch<T>(shape, axes)); });
    }
    for (std::uint16_t axis = 0; axis < 3; ++axis)
    {
        check([&](const T* from, T* to) { kernels::softmaxes<T>->softmax(from, shape, axis, to); });
        check([&](const T* from, T* to) { kernels::softmaxes<T>->log_softmax(from, shape, axis, to); });
        check([&](const T* from, T* to) { kernels::cumulations<T>->cumsum(from, shape, {axis, false, false}, to); });
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(over_nothing, T, element_types)
{
    const std::vector<T> none;
    BOOST_TEST(reduced<T>(kernels::reductions<T>->sum, none, shape_vector{2, 0}, 2) == (std::vector<T>{0, 0}),
               boost::test_tools::per_element());
    BOOST_TEST(reduced<T>(kernels::products<T>->product, none, shape_vector{0, 2}, 1) == (std::vector<T>{1, 1}),
               boost::test_tools::per_element());
    BOOST_TEST(reduced<T>(kernels::reductions<T>->logsumexp, none, shape_vector{0}, 1)[0] == -infinity<T>);
    BOOST_TEST(reduced<T>(kernels::reductions<T>->sum, none, shape_vector{2, 0}, 1).empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(nan_is_never_swallowed, T, element_types)
{
    for (const shape_vector& shape : {shape_vector{1, 70}, {20, 3}, {3, 20}, {70, 40}, {9, 65}})
    {
        std::vector<T> x = random_numbers<T>(autograd::element_count(shape));
        for (std::size_t at = 0; at < x.size(); ++at)
        {
            const T before = x[at];
            x[at] = std::numeric_limits<T>::quiet_NaN();
            for (std::uint32_t axes = 1; axes < 4; ++axes)
            {
                const std::size_t place = result_indices(shape, axes)[at];
                for (const reduction<T> kernel :
                     {kernels::reductions<T>->maximum, kernels::reductions<T>->minimum, kernels::reductions<T>->sum})
                {
                    const std::vector<T> y = reduced(kernel, x, shape, axes);
                    for (std::size_t i = 0; i < y.size(); ++i)
                    {
                        BOOST_REQUIRE_EQUAL(std::isnan(y[i]), i == place);
                    }
                }
            }
            x[at] = before;
        }
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(where_extrema_stand, T, element_types)
{
    for (const shape_vector& shape :
         {shape_vector{1, 70, 1}, {40, 3, 1}, {3, 5, 4}, {2, 70, 40}, {1, 300, 7}, {1, 1, 1}})
    {
        // Few different numbers, hence many ties, and some NaN.
        std::vector<T> x = random_numbers<T>(autograd::element_count(shape), 0, 20);
        for (T& number : x)
        {
            number = std::floor(number);
            number = number == 19 ? std::numeric_limits<T>::quiet_NaN() : number;
        }
        std::vector<std::int64_t> largest(shape[0] * shape[2]);
        std::vector<std::int64_t> smallest(largest.size());
        kernels::arg_extrema<T>->argmax(x.data(), shape, 1, largest.data());
        kernels::arg_extrema<T>->argmin(x.data(), shape, 1, smallest.data());
        for (std::size_t line = 0; line < largest.size(); ++line)
        {
            const T* start = x.data() + (line / shape[2]) * shape[1] * shape[2] + line % shape[2];
            std::size_t best = 0;
            std::size_t least = 0;
            for (std::size_t i = 1; i < shape[1]; ++i)
            {
                const T number = start[i * shape[2]];
                best = number > start[best * shape[2]] || (std::isnan(number) && !std::isnan(start[best * shape[2]]))
                           ? i
                           : best;
                least = number < start[least * shape[2]] || (std::isnan(number) && !std::isnan(start[least * shape[2]]))
                            ? i
                            : least;
            }
            BOOST_REQUIRE_EQUAL(largest[line], best);
            BOOST_REQUIRE_EQUAL(smallest[line], least);
        }
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(softmax_along_every_axis, T, element_types)
{
    for (const shape_vector& shape :
         {shape_vector{37, 2, 1}, {3, 4, 5}, {2, 70, 33}, {1, 300, 2}, {40, 1, 3}, {5, 33, 1}})
    {
        const std::vector<T> x = random_numbers<T>(autograd::element_count(shape), -9, 9);
        for (std::size_t axis = 0; axis < 3; ++axis)
        {
            std::vector<T> p(x.size());
            std::vector<T> l(x.size());
            kernels::softmaxes<T>->softmax(x.data(), shape, axis, p.data());
            kernels::softmaxes<T>->log_softmax(x.data(), shape, axis, l.data());
            const std::uint32_t axes = 1u << axis;
            const auto totals = naive(x, shape, axes, 0, [](auto a, auto b) { return a + std::exp(b); }).first;
            const std::vector<std::size_t> of = result_indices(shape, axes);
            for (std::size_t i = 0; i < x.size(); ++i)
            {
                const long double exact = static_cast<long double>(x[i]) - std::log(totals[of[i]]);
                constexpr long double epsilon = std::numeric_limits<T>::epsilon();
                BOOST_REQUIRE_LE(std::abs(static_cast<long double>(p[i]) - std::exp(exact)),
                                 20 * epsilon * std::exp(exact));
                BOOST_REQUIRE_LE(std::abs(static_cast<long double>(l[i]) - exact), 20 * epsilon);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(running_sums_and_products_in_order, T, element_types)
{
    for (const shape_vector& shape :
         {shape_vector{37, 2, 1}, {3, 4, 5}, {2, 70, 33}, {1, 300, 2}, {1, 1, 3}, {5, 33, 1}})
    {
        const std::vector<T> x = random_numbers<T>(autograd::element_count(shape));
        const std::vector<T> b = random_numbers<T>(x.size(), 1, 2);
        // Products that stay in the range: those that don't are in tests/kernels/chain.cpp.
        const std::vector<T> factors = random_numbers<T>(x.size(), 0.9, 1.1);
        std::vector<T> sums(x.size());
        std::vector<T> products(x.size());
        std::vector<T> solution(x.size());
        for (const bool reverse : {false, true})
        {
            for (const bool flag : {false, true})
            {
                kernels::cumulations<T>->cumsum(x.data(), shape, {1, reverse, flag}, sums.data());
                kernels::cumulations<T>->cumprod(factors.data(), shape, {1, reverse, flag}, products.data());
                kernels::cumulations<T>->linear_recurrence(x.data(), b.data(), shape, {1, reverse, flag},
                                                           solution.data());
                for (std::size_t line = 0; line < shape[0] * shape[2]; ++line)
                {
                    const std::size_t start = (line / shape[2]) * shape[1] * shape[2] + line % shape[2];
                    T sum = 0;
                    T product = 1;
                    T y = 0;
                    T factor_before = 0;
                    for (std::size_t k = 0; k < shape[1]; ++k)
                    {
                        const std::size_t i = start + (reverse ? shape[1] - 1 - k : k) * shape[2];
                        const T sum_before = sum;
                        const T product_before = product;
                        sum += x[i];
                        product *= factors[i];
                        y = k == 0 ? b[i] : b[i] + (flag ? factor_before : x[i]) * y;
                        factor_before = x[i];
                        BOOST_REQUIRE_EQUAL(sums[i], flag ? sum_before : sum);
                        BOOST_REQUIRE_EQUAL(products[i], flag ? product_before : product);
                        BOOST_REQUIRE_EQUAL(solution[i], y);
                    }
                }
            }
        }
    }
}

// As NumPy's: from 0 on.
BOOST_AUTO_TEST_CASE_TEMPLATE(sums_of_negative_zeros_are_zero, T, element_types)
{
    for (const std::size_t n : {1u, 2u, 3u, 4u, 5u, 8u, 9u, 16u, 17u, 33u, 64u, 65u, 1000u, 3000u})
    {
        const std::vector<T> x(3 * n, T(-0.0));
        const auto all_positive = [&](const shape_vector& shape, std::uint32_t axes, std::size_t results)
        {
            std::vector<T> y(results, T(7));
            kernels::reductions<T>->sum(x.data(), shape, axes, y.data(), nullptr);
            BOOST_TEST(std::all_of(y.begin(), y.end(), [](T value) { return value == 0 && !std::signbit(value); }),
                       n << " elements, axes " << axes);
        };
        all_positive({n}, 1, 1);
        all_positive({n, 3}, 1, 3);
        all_positive({3, n}, 2, 3);
        all_positive({3, n}, 1, n);
        all_positive({3, n}, 3, 1);
    }
}

BOOST_AUTO_TEST_SUITE_END()
