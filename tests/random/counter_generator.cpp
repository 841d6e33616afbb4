#include "autograd/random/counter_generator.hpp"

#include "autograd/kernels/normal_quantile.hpp"
#include "autograd/kernels/philox.hpp"
#include "support.hpp"

#include <map>
#include <numeric>
#include <set>

using namespace support;

BOOST_AUTO_TEST_SUITE(counter_generator)

// The known answers that come with the authors' Random123 (kat_vectors, philox4x64 10).
BOOST_AUTO_TEST_CASE(known_answers)
{
    using words = std::array<std::uint64_t, 4>;
    using autograd::kernels::philox4x64;
    constexpr std::uint64_t ones = ~std::uint64_t{0};
    BOOST_TEST((philox4x64({0, 0, 0, 0}, {0, 0}) ==
                words{0x16554d9eca36314c, 0xdb20fe9d672d0fdc, 0xd7e772cee186176b, 0x7e68b68aec7ba23b}));
    BOOST_TEST((philox4x64({ones, ones, ones, ones}, {ones, ones}) ==
                words{0x87b092c3013fe90b, 0x438c3c67be8d0224, 0x9cc7d7c69cd777b6, 0xa09caebf594f0ba0}));
    BOOST_TEST((philox4x64({0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, 0x082efa98ec4e6c89},
                           {0x452821e638d01377, 0xbe5466cf34e90c6c}) ==
                words{0xa528f45403e61d95, 0x38c72dbd566e9788, 0xa5a1610e72fd18b5, 0x57bd43b5e52b7fe6}));
}

BOOST_AUTO_TEST_CASE(numbers_are_a_function_of_key_and_stream)
{
    tape t;
    const autograd::counter_generator random(t.index(7));
    const reals numbers = list(random.uniform({3, 4}));
    BOOST_TEST(list(random.uniform({12})) == numbers, per_element());
    BOOST_TEST(list(autograd::counter_generator(t.index(integers{7, 0})).uniform({12})) == numbers, per_element());
    std::set<reals> all{numbers};
    for (std::uint64_t n = 0; n < 20; ++n)
    {
        all.insert(list(random.stream(n).uniform({12})));
        all.insert(list(random.stream(n).stream(0).uniform({12})));
        all.insert(list(autograd::counter_generator(t.index(100 + n)).uniform({12})));
        all.insert(list(autograd::counter_generator(t.index(integers{7, 1 + static_cast<int>(n)})).uniform({12})));
    }
    BOOST_TEST(all.size() == 81u);
}

BOOST_AUTO_TEST_CASE(quantiles_of_the_normal_distribution)
{
    using autograd::kernels::normal_quantile;
    BOOST_TEST(normal_quantile(0.5) == 0.0);
    // scipy.special.ndtri
    const std::pair<double, double> known[] = {{0.975, 1.959963984540054},       {0.1, -1.2815515655446004},
                                               {0.0750001, -1.4395307645017301}, {1e-5, -4.264890793922825},
                                               {1e-11, -6.706023155495137},      {0x1p-53, -8.209536151601387}};
    for (const auto& [p, x] : known)
    {
        BOOST_TEST(normal_quantile(p) == x, tolerance(1e-15));
    }
    BOOST_TEST(normal_quantile(1 - 0x1p-40) == -normal_quantile(0x1p-40));
}

BOOST_AUTO_TEST_CASE(numbers_are_normal)
{
    tape t;
    constexpr std::size_t n = 100000;
    reals numbers = list(autograd::counter_generator(t.index(1)).stream(3).normal({n}));
    std::sort(numbers.begin(), numbers.end());
    double largest = 0; // as for uniform numbers, whose distribution function is another
    double fourth_moment = 0;
    for (std::size_t i = 0; i < n; ++i)
    {
        const double below = std::erfc(-numbers[i] / std::sqrt(2.0)) / 2;
        largest = std::max(largest, std::abs(below - (static_cast<double>(i) + 0.5) / n));
        fourth_moment += std::pow(numbers[i], 4) / n;
    }
    BOOST_TEST(largest < 1.95 / std::sqrt(static_cast<double>(n)));
    BOOST_TEST(std::abs(fourth_moment - 3) < 4 * std::sqrt(96.0 / n));
    // Bits that no machine changes.
    BOOST_TEST(list(autograd::counter_generator(t.index(0)).normal({3})) ==
                   (reals{-2.2718841483245953, -0.70132792062869787, -1.2189801910797582}),
               per_element());
}

BOOST_AUTO_TEST_CASE(integers_are_equally_likely)
{
    tape t;
    constexpr std::size_t n = 70000;
    const autograd::indices<double> drawn = autograd::counter_generator(t.index(5)).integers(-3, 4, {n});
    std::array<double, 7> counts{};
    for (std::int64_t number : drawn.value())
    {
        BOOST_REQUIRE(number >= -3);
        BOOST_REQUIRE(number < 4);
        counts[static_cast<std::size_t>(number + 3)] += 1;
    }
    double chi_squared = 0;
    for (double count : counts)
    {
        chi_squared += (count - n / 7.0) * (count - n / 7.0) / (n / 7.0);
    }
    BOOST_TEST(chi_squared < 22.46); // 6 degrees of freedom: exceeded once in a thousand times
    constexpr auto least = std::numeric_limits<std::int64_t>::min(), most = std::numeric_limits<std::int64_t>::max();
    const autograd::indices<double> any = autograd::counter_generator(t.index(5)).integers(least, most, {1000});
    BOOST_TEST(*std::max_element(any.data(), any.data() + 1000) > most / 2);
    BOOST_TEST(*std::min_element(any.data(), any.data() + 1000) < least / 2);
}

BOOST_AUTO_TEST_CASE(masks_have_the_given_mean)
{
    tape t;
    const autograd::counter_generator random(t.index(5));
    const reals mask = list(random.bernoulli(0.3, {100000}));
    const double mean = std::accumulate(mask.begin(), mask.end(), 0.0) / 100000;
    BOOST_TEST(std::abs(mean - 0.3) < 4 * std::sqrt(0.21 / 100000));
    BOOST_TEST(sum(random.bernoulli(0, {1000})).item() == 0.0);
    BOOST_TEST(sum(random.bernoulli(1, {1000})).item() == 1000.0);
    BOOST_TEST(text_of<autograd::error::value_error>([&] { random.bernoulli(1.5, {2}); }) ==
               "autograd: bernoulli: the probability is 1.5; it must be from 0 to 1.");
}

BOOST_AUTO_TEST_CASE(permutations_hold_each_number_once)
{
    tape t;
    const autograd::counter_generator random(t.index(5));
    const auto order = random.permutation(1000);
    std::set<std::int64_t> numbers(order.data(), order.data() + 1000);
    BOOST_TEST(numbers.size() == 1000u);
    BOOST_TEST(*numbers.rbegin() == 999);
    // Each of the 6 orders of three about as often.
    std::map<std::vector<std::int64_t>, int> counts;
    for (std::uint64_t n = 0; n < 6000; ++n)
    {
        const auto of_three = random.stream(n).permutation(3);
        ++counts[{of_three.data(), of_three.data() + 3}];
    }
    BOOST_TEST(counts.size() == 6u);
    for (const auto& [of_three, count] : counts)
    {
        BOOST_TEST(std::abs(count - 1000) < 150); // 5 standard deviations
    }
}

BOOST_AUTO_TEST_CASE(numbers_are_uniform)
{
    tape t;
    constexpr std::size_t n = 100000;
    reals numbers = list(autograd::counter_generator(t.index(1)).stream(3).uniform({n}));
    std::sort(numbers.begin(), numbers.end());
    BOOST_TEST(numbers.front() >= 0);
    BOOST_TEST(numbers.back() < 1);
    double largest = 0; // Kolmogorov-Smirnov: 1.95 / sqrt(n) is exceeded once in a thousand times
    for (std::size_t i = 0; i < n; ++i)
    {
        largest = std::max(largest, std::abs(numbers[i] - (static_cast<double>(i) + 0.5) / n));
    }
    BOOST_TEST(largest < 1.95 / std::sqrt(static_cast<double>(n)));
}

BOOST_AUTO_TEST_CASE(float_is_double_cut)
{
    tape t;
    autograd::tape<float> in_float;
    const reals doubles = list(autograd::counter_generator(t.index(9)).uniform({1000}));
    const std::vector<float> floats = list(autograd::counter_generator(in_float.index(9)).uniform({1000}));
    for (std::size_t i = 0; i < 1000; ++i)
    {
        BOOST_TEST(static_cast<double>(floats[i]) == std::floor(doubles[i] * 0x1p24) * 0x1p-24);
    }
}

BOOST_AUTO_TEST_CASE(no_derivative)
{
    tape t;
    const variable x = t.variable(array{1, 2, 3});
    const variable y = x * autograd::counter_generator(t.index(9)).uniform(x.shape());
    BOOST_TEST(list(gradient(sum(y), x)) == list(y / x), tolerance(1e-15) << per_element());
}

BOOST_AUTO_TEST_SUITE_END()
