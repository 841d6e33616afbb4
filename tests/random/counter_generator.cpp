#include "autograd/random/counter_generator.hpp"

#include "autograd/kernels/philox.hpp"
#include "support.hpp"

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
