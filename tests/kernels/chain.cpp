// Products, running products, linear recurrences and their derivatives against numbers of 160 bits without bounds on
// their exponents: on lines that leave the range of the type on the way, come to subnormal numbers or to zeros.

#include "autograd/kernels/chain.hpp"
#include "autograd/kernels/cumulative.hpp"
#include "autograd/kernels/dispatch.hpp"
#include "autograd/kernels/per_set/scaled.hpp"
#include "autograd/kernels/reduce.hpp"

#include "guarded_scratch.hpp"

#include <cmath>
#include <functional>
#include <limits>
#include <random>
#include <tuple>
#include <vector>

#include <boost/multiprecision/cpp_bin_float.hpp>
#include <boost/test/unit_test.hpp>

namespace
{

using autograd::shape_vector;
namespace kernels = autograd::kernels;
using kernels::chain_nodes;

using element_types = std::tuple<float, double>;

using exact =
    boost::multiprecision::number<boost::multiprecision::cpp_bin_float<160, boost::multiprecision::digit_base_2, void,
                                                                       std::int32_t, -(1 << 28), (1 << 28)>,
                                  boost::multiprecision::et_off>;

template <class T>
constexpr T infinity = std::numeric_limits<T>::infinity();

/// A number and the sum of the magnitudes that it is made of, by which rounding is measured.
struct measured
{
    exact value;
    exact magnitude;

    measured(exact x = 0) : value(x), magnitude(abs(x)) {}
    measured(exact x, exact m) : value(x), magnitude(m) {}
    friend measured operator*(const measured& a, const measured& b)
    {
        return {a.value * b.value, a.magnitude * b.magnitude};
    }
    friend measured operator+(const measured& a, const measured& b)
    {
        return {a.value + b.value, a.magnitude + b.magnitude};
    }
};

/// Within `roundings` half units in the last place, and half the spacing of subnormal numbers.
template <class T>
void check_near(T result, const measured& expected, double roundings)
{
    const exact largest = std::numeric_limits<T>::max();
    const exact unit = exact(std::numeric_limits<T>::epsilon()) / 2;
    const exact bound = expected.magnitude * unit * (roundings + 1) + exact(std::numeric_limits<T>::denorm_min()) / 2;
    if (abs(expected.value) + bound > largest)
    {
        BOOST_REQUIRE(std::abs(result) > std::numeric_limits<T>::max() * (1 - static_cast<T>(bound / largest)) ||
                      expected.magnitude * unit > largest);
        BOOST_REQUIRE(std::isinf(result) ? (result > 0) == (expected.value > 0) || bound > abs(expected.value) : true);
        return;
    }
    BOOST_REQUIRE_MESSAGE(std::isfinite(result) && abs(exact(result) - expected.value) <= bound,
                          result << " for " << static_cast<long double>(expected.value) << ", bound "
                                 << static_cast<long double>(bound));
}

// ------------------------------------------------------------------------------------------------------------- lines

/// Exact numbers are slow: arrays larger than this are tried once.
constexpr std::size_t few_numbers = 70;

/// What lines are made of: a name and the k-th of n numbers.
template <class T>
struct kind_of_line
{
    const char* name;
    std::function<T(std::size_t k, std::size_t n, std::mt19937&)> number;
};

template <class T>
T any_size(std::mt19937& random, int low, int high)
{
    std::uniform_real_distribution<double> mantissa(1, 2);
    std::uniform_int_distribution<int> exponent(low, high);
    const double sign = random() % 2 ? 1 : -1;
    return static_cast<T>(std::ldexp(sign * mantissa(random), exponent(random)));
}

template <class T>
std::vector<kind_of_line<T>> kinds_of_lines()
{
    using limits = std::numeric_limits<T>;
    constexpr int most = limits::max_exponent - 1;
    constexpr int least = limits::min_exponent;
    return {
        {"ordinary", [](auto, auto, auto& r) { return any_size<T>(r, -1, 0); }},
        {"of any size", [](auto, auto, auto& r) { return any_size<T>(r, least, most); }},
        {"subnormal, too", [](auto, auto, auto& r) { return any_size<T>(r, least - limits::digits, most); }},
        {"large, then small", [](auto k, auto n, auto&) { return k < n / 2 ? T(2) : T(0.5); }},
        {"small, then large", [](auto k, auto n, auto&) { return k < n / 2 ? T(0.1) : T(10); }},
        {"increasing", [](auto k, auto n, auto&) { return T(0.3 + 1.8 * double(k) / double(n)); }},
        {"a zero", [](auto k, auto n, auto& r) { return k == n / 3 ? T(0) : any_size<T>(r, -9, 9); }},
        {"two zeros", [](auto k, auto n, auto& r) { return k == 0 || k == n - 1 ? T(0) : any_size<T>(r, 0, most); }},
        {"three zeros", [](auto k, auto n, auto& r) { return k % (n / 3 + 1) ? any_size<T>(r, least, 1) : T(0); }},
        {"counting", [](auto k, auto, auto&) { return T(k); }},
        {"few large ones",
         [](auto k, auto, auto& r) { return k % 7 ? any_size<T>(r, -1, 0) : any_size<T>(r, 60, 99); }},
    };
}

const std::vector<shape_vector>& shapes_of_lines()
{
    // Rows, columns, and items small enough to be transposed; axis 1.
    static const std::vector<shape_vector> shapes{{1, 1, 1},   {2, 2, 1},    {1, 5, 1},  {1, 64, 1},   {1, 65, 1},
                                                  {3, 200, 1}, {1, 1111, 1}, {37, 3, 1}, {19, 4, 3},   {40, 5, 2},
                                                  {9, 40, 1},  {1, 7, 21},   {2, 70, 5}, {1, 130, 33}, {1, 300, 2},
                                                  {1, 6, 150}, {1, 67, 141}};
    return shapes;
}

template <class T>
std::vector<T> numbers_for(const shape_vector& shape, const kind_of_line<T>& kind, unsigned seed)
{
    std::mt19937 random(seed);
    std::vector<T> x(shape[0] * shape[1] * shape[2]);
    for (std::size_t outer = 0; outer < shape[0]; ++outer)
    {
        for (std::size_t k = 0; k < shape[1]; ++k)
        {
            for (std::size_t inner = 0; inner < shape[2]; ++inner)
            {
                x[(outer * shape[1] + k) * shape[2] + inner] = kind.number(k, shape[1], random);
            }
        }
    }
    return x;
}

/// The places of the numbers of each line, in the direction of a walk.
std::vector<std::vector<std::size_t>> places_of_lines(const shape_vector& shape, bool reverse)
{
    std::vector<std::vector<std::size_t>> lines;
    for (std::size_t outer = 0; outer < shape[0]; ++outer)
    {
        for (std::size_t inner = 0; inner < shape[2]; ++inner)
        {
            std::vector<std::size_t>& line = lines.emplace_back();
            for (std::size_t k = 0; k < shape[1]; ++k)
            {
                line.push_back((outer * shape[1] + (reverse ? shape[1] - 1 - k : k)) * shape[2] + inner);
            }
        }
    }
    return lines;
}

/// f(shape, x, i) for all of them, the i-th.
template <class T, class F>
void for_all_lines(F f)
{
    std::size_t count = 0;
    for (const shape_vector& shape : shapes_of_lines())
    {
        for (const kind_of_line<T>& kind : kinds_of_lines<T>())
        {
            BOOST_TEST_CONTEXT("shape " << shape[0] << ", " << shape[1] << ", " << shape[2] << ", " << kind.name)
            {
                f(shape, numbers_for<T>(shape, kind, 1), count++);
            }
        }
    }
}

// ---------------------------------------------------------------------------------------- derivatives, by definition

/// The number at the last node that a chain takes in and puts out, as a polynomial in one variable t for each
/// direction, modulo t^2: the coefficient of each set of directions.
struct polynomial
{
    std::vector<measured> of; ///< a bit for each direction

    explicit polynomial(std::size_t order, measured constant = {}) : of(std::size_t{1} << order) { of[0] = constant; }

    friend polynomial operator+(polynomial a, const polynomial& b)
    {
        for (std::size_t s = 0; s < a.of.size(); ++s)
        {
            a.of[s] = a.of[s] + b.of[s];
        }
        return a;
    }
    friend polynomial operator*(const polynomial& a, const polynomial& b)
    {
        polynomial c = a;
        for (std::size_t s = 0; s < a.of.size(); ++s)
        {
            c.of[s] = {};
            for (std::size_t part = s;; part = (part - 1) & s)
            {
                c.of[s] = c.of[s] + a.of[part] * b.of[s ^ part];
                if (part == 0)
                {
                    break;
                }
            }
        }
        return c;
    }
};

/// Nodes of a chain from one end: next = input + factor * before.
std::vector<polynomial> nodes_of(const std::vector<polynomial>& factors, const std::vector<measured>& inputs)
{
    const auto order = static_cast<std::size_t>(std::countr_zero(factors.empty() ? 1 : factors[0].of.size()));
    std::vector<polynomial> nodes{polynomial(order, inputs[0])};
    for (std::size_t k = 0; k < factors.size(); ++k)
    {
        nodes.push_back(polynomial(order, inputs[k + 1]) + factors[k] * nodes.back());
    }
    return nodes;
}

/// What goes in at, or comes out of, each of the nodes.
template <class T>
std::vector<measured> at_nodes(chain_nodes where, const std::vector<T>& numbers, const std::vector<std::size_t>& line,
                               bool at_last, std::size_t line_number)
{
    std::vector<measured> result(line.size() + 1);
    if (where == chain_nodes::end)
    {
        result[at_last ? line.size() : 0] = at_last ? measured(numbers[line_number]) : measured(1);
        return result;
    }
    for (std::size_t k = 0; k < line.size(); ++k)
    {
        result[k + (where == chain_nodes::behind)] = measured(numbers[line[k]]);
    }
    return result;
}

template <class T>
struct case_of_chain
{
    kernels::chain how;
    shape_vector shape;
    std::vector<T> x;
    std::vector<T> input;
    std::vector<T> g;
    std::vector<std::vector<T>> directions;

    void check() const
    {
        std::vector<autograd::array_view> views;
        for (const auto& direction : directions)
        {
            views.push_back({direction.data(), shape, direction.size(), nullptr});
        }
        kernels::chain_operands<T> of{x.data(), how.input == chain_nodes::end ? nullptr : input.data(), g.data(),
                                      views};
        support::guarded_scratch without_nodes(kernels::chains<T>->scratch(0, directions.size()));
        support::guarded_scratch with_nodes(kernels::chains<T>->scratch(shape[1], directions.size()));
        std::vector<T> y(how.output == chain_nodes::end ? shape[0] * shape[2] : x.size(), T(-77));
        std::vector<T> x_bar(x.size(), T(-77));
        of.scratch = without_nodes;
        kernels::chains<T>->tangent(of, shape, how, y.data());
        of.scratch = with_nodes;
        kernels::chains<T>->cotangent(of, shape, how, x_bar.data());
        const auto lines = places_of_lines(shape, how.reverse);
        for (std::size_t number = 0; number < lines.size(); ++number)
        {
            check_line(lines[number], number, y, x_bar);
        }
    }

    void check_line(const std::vector<std::size_t>& line, std::size_t number, const std::vector<T>& y,
                    const std::vector<T>& x_bar) const
    {
        const std::size_t n = line.size();
        std::vector<polynomial> factors;
        for (const std::size_t place : line)
        {
            factors.emplace_back(directions.size(), exact(x[place]));
            for (std::size_t j = 0; j < directions.size(); ++j)
            {
                factors.back().of[std::size_t{1} << j] = exact(directions[j][place]);
            }
        }
        const auto nodes = nodes_of(factors, at_nodes(how.input, input, line, false, number));
        auto outputs = at_nodes(how.output, g, line, true, number);
        std::reverse(factors.begin(), factors.end());
        std::reverse(outputs.begin(), outputs.end());
        const auto nodes_back = nodes_of(factors, outputs);
        const double roundings = static_cast<double>((2 + directions.size()) * (n + 1));
        for (std::size_t k = 0; k < n; ++k)
        {
            check_near(x_bar[line[k]], (nodes_back[n - k - 1] * nodes[k]).of.back(), roundings);
            if (how.output != chain_nodes::end)
            {
                check_near(y[line[k]], nodes[k + (how.output == chain_nodes::behind)].of.back(), roundings);
            }
        }
        if (how.output == chain_nodes::end)
        {
            check_near(y[number], nodes[n].of.back(), roundings);
        }
    }
};

const std::vector<kernels::chain>& all_chains()
{
    using enum chain_nodes;
    static const std::vector<kernels::chain> chains{
        {1, false, end, end},       {1, false, end, behind},   {1, false, end, before},
        {1, true, end, behind},     {1, true, end, before},    {1, false, behind, behind},
        {1, false, before, before}, {1, true, behind, behind}, {1, true, before, before},
    };
    return chains;
}

template <class T>
void check_chains(std::size_t order, std::size_t at_most)
{
    const auto kinds = kinds_of_lines<T>();
    for_all_lines<T>(
        [&](const shape_vector& shape, const std::vector<T>& x, [[maybe_unused]] std::size_t count)
        {
            if (x.size() > at_most)
            {
                return;
            }
            // Large arrays for a chain each, in turn.
            const std::vector<kernels::chain>& chains = all_chains();
            for (std::size_t i = 0; i < chains.size(); ++i)
            {
                if (x.size() > few_numbers && i != count % chains.size())
                {
                    continue;
                }
                const kernels::chain& how = chains[i];
                // What goes in and what flows in: of ordinary size, and of any.
                for (const std::size_t kind : {0u, 1u})
                {
                    std::vector<std::vector<T>> directions;
                    for (std::size_t j = 0; j < order; ++j)
                    {
                        directions.push_back(numbers_for(shape, kinds[j == 0 ? kind : 6], 5 + unsigned(j)));
                    }
                    const case_of_chain<T> one{
                        how,       shape, x, numbers_for(shape, kinds[kind], 2), numbers_for(shape, kinds[kind], 3),
                        directions};
                    one.check();
                }
            }
        });
}

} // namespace

BOOST_AUTO_TEST_SUITE(kernels_chain)

BOOST_AUTO_TEST_CASE_TEMPLATE(numbers_with_exponents, T, element_types)
{
    using scaled = kernels::scaled<T>;
    std::mt19937 random(1);
    using limits = std::numeric_limits<T>;
    const auto any = [&]
    { return any_size<T>(random, limits::min_exponent - limits::digits, limits::max_exponent - 1); };
    for (int i = 0; i < 20000; ++i)
    {
        const T a = any();
        const T b = any();
        BOOST_REQUIRE_EQUAL(scaled(a).value(), a);
        const T close = a * (1 + T(i % 9) * limits::epsilon());
        // Exact cancellation, rounding to subnormal numbers, to 0 and to infinity: as the processor has it.
        BOOST_REQUIRE_EQUAL((scaled(a) + scaled(-close)).value(), a - close);
        BOOST_REQUIRE_EQUAL((scaled(a) + scaled(b)).value(), a + b);
        if (std::abs(a * b) >= limits::min())
        {
            BOOST_REQUIRE_EQUAL((scaled(a) * scaled(b)).value(), a * b);
        }
        const T there_and_back = (scaled(a) * scaled(b) * scaled(T(1) / 1024) * scaled(T(1024))).value();
        BOOST_REQUIRE(there_and_back == (scaled(a) * scaled(b)).value());
    }
    const T special[] = {0, -T(0), infinity<T>, -infinity<T>, limits::quiet_NaN(), 1, -limits::denorm_min()};
    for (const T a : special)
    {
        for (const T b : special)
        {
            const auto same = [](T x, T y)
            { return std::isnan(x) ? std::isnan(y) : x == y && std::signbit(x) == std::signbit(y); };
            BOOST_TEST(same((scaled(a) * scaled(b)).value(), a * b), a << " * " << b);
            BOOST_TEST(same((scaled(a) + scaled(b)).value(), a + b), a << " + " << b);
        }
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(values_and_first_derivatives, T, element_types)
{
    check_chains<T>(0, 10000);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(second_derivatives, T, element_types)
{
    check_chains<T>(1, 400);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(third_and_fourth_derivatives, T, element_types)
{
    check_chains<T>(2, 100);
    check_chains<T>(3, 30);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(running_products_and_recurrences, T, element_types)
{
    for_all_lines<T>(
        [&](const shape_vector& shape, const std::vector<T>& x, [[maybe_unused]] std::size_t count)
        {
            const std::vector<T> b = numbers_for(shape, kinds_of_lines<T>()[1], 4);
            std::vector<T> products(x.size());
            std::vector<T> solution(x.size());
            for (const bool reverse : {false, true})
            {
                for (const bool flag : {false, true})
                {
                    if (x.size() > few_numbers && 2 * reverse + flag != static_cast<int>(count % 4))
                    {
                        continue;
                    }
                    kernels::cumulations<T>->cumprod(x.data(), shape, {1, reverse, flag}, products.data());
                    kernels::cumulations<T>->linear_recurrence(x.data(), b.data(), shape, {1, reverse, flag},
                                                               solution.data());
                    for (const auto& line : places_of_lines(shape, reverse))
                    {
                        measured product = exact(1);
                        measured y = exact(0);
                        for (std::size_t k = 0; k < line.size(); ++k)
                        {
                            const measured before = product;
                            product = product * measured(exact(x[line[k]]));
                            check_near(products[line[k]], flag ? before : product, double(k));
                            y = measured(exact(b[line[k]])) +
                                (k == 0 ? measured() : measured(exact(x[line[flag ? k - 1 : k]])) * y);
                            check_near(solution[line[k]], y, 2 * double(k));
                        }
                    }
                }
            }
        });
}

BOOST_AUTO_TEST_CASE_TEMPLATE(long_products, T, element_types)
{
    for_all_lines<T>(
        [&](const shape_vector& shape, const std::vector<T>& x, [[maybe_unused]] std::size_t count)
        {
            // Along axis 1, and along the other two, in two passes.
            for (const std::uint32_t axes : {2u, 5u})
            {
                const std::size_t results = axes == 2 ? shape[0] * shape[2] : shape[1];
                if (x.size() / results <= 64)
                {
                    continue;
                }
                std::vector<measured> expected(results, exact(1));
                for (std::size_t i = 0; i < x.size(); ++i)
                {
                    measured& product = expected[axes == 2 ? i / shape[2] / shape[1] * shape[2] + i % shape[2]
                                                           : i / shape[2] % shape[1]];
                    product = product * measured(exact(x[i]));
                }
                std::vector<T> y(results, T(-77));
                kernels::products<T>->product(x.data(), shape, axes, y.data(),
                                              support::guarded_scratch(kernels::scratch_of_reduction<T>(shape, axes)));
                for (std::size_t k = 0; k < results; ++k)
                {
                    check_near(y[k], expected[k], double(x.size() / results) - 1);
                }
            }
        });
}

BOOST_AUTO_TEST_CASE_TEMPLATE(short_products_are_those_in_order, T, element_types)
{
    for (const shape_vector& shape :
         {shape_vector{1, 64, 1}, {3, 64, 1}, {40, 7, 1}, {1, 64, 33}, {5, 3, 9}, {2, 5, 32}, {64, 3, 1}, {1, 0, 3}})
    {
        for (const kind_of_line<T>& kind : kinds_of_lines<T>())
        {
            const std::vector<T> x = numbers_for<T>(shape, kind, 1);
            for (const std::uint32_t axes : {1u, 2u, 4u, 5u})
            {
                const std::size_t extents[3] = {axes & 1 ? 1 : shape[0], axes & 2 ? 1 : shape[1],
                                                axes & 4 ? 1 : shape[2]};
                std::vector<T> expected(extents[0] * extents[1] * extents[2], T(1));
                if (expected.empty() || x.size() / expected.size() > 64)
                {
                    continue;
                }
                for (std::size_t i = 0; i < x.size(); ++i)
                {
                    const std::size_t at[3] = {i / shape[2] / shape[1] % extents[0],
                                               i / shape[2] % shape[1] % extents[1], i % shape[2] % extents[2]};
                    expected[(at[0] * extents[1] + at[1]) * extents[2] + at[2]] *= x[i];
                }
                std::vector<T> y(expected.size(), T(-77));
                kernels::products<T>->product(x.data(), shape, axes, y.data(),
                                              support::guarded_scratch(kernels::scratch_of_reduction<T>(shape, axes)));
                for (std::size_t k = 0; k < y.size(); ++k)
                {
                    BOOST_REQUIRE(std::isnan(expected[k]) ? std::isnan(y[k]) : y[k] == expected[k]);
                }
            }
        }
    }
}

/// Small on the way, between factors of 1: only what is seen of this one column tells that it needs exponents.
BOOST_AUTO_TEST_CASE_TEMPLATE(one_column_among_ordinary_ones, T, element_types)
{
    using limits = std::numeric_limits<T>;
    const T small = std::ldexp(T(1) + limits::epsilon(), limits::min_exponent);
    const T factors[] = {small, std::ldexp(T(1), -9), std::ldexp(T(1), 99)};
    constexpr std::size_t rows = 67;
    for (const std::size_t width : {std::size_t{1}, std::size_t{7}, std::size_t{150}})
    {
        for (std::size_t column = 0; column < width; ++column)
        {
            std::vector<T> x(rows * width, T(1));
            for (std::size_t k = 0; k < 3; ++k)
            {
                x[(30 + k) * width + column] = factors[k];
            }
            std::vector<T> y(x.size());
            std::vector<T> products(width);
            kernels::cumulations<T>->cumprod(x.data(), shape_vector{rows, width}, {0, false, false}, y.data());
            kernels::products<T>->product(x.data(), shape_vector{rows, width}, 1, products.data(), nullptr);
            const T expected = std::ldexp(small, 90);
            BOOST_TEST(y[(rows - 1) * width + column] == expected);
            BOOST_TEST(products[column] == expected);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
