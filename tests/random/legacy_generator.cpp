#include "autograd/random/legacy_generator.hpp"

#include "autograd/tape/error.hpp"
#include "tests/memory_can_run_out.hpp"
#include "tests/random/expectations.hpp"

#include <boost/test/unit_test.hpp>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <type_traits>
#include <vector>

namespace
{

using autograd::random::legacy_generator;
using autograd::random::legacy_state;
using integer_array = xt::xarray<std::int64_t>;
using real_array = xt::xarray<double>;
namespace error = autograd::error;

constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t greatest = std::numeric_limits<std::int64_t>::max();
constexpr std::size_t huge = std::numeric_limits<std::size_t>::max();

// FNV-1a over the 64-bit words of the values.
class digest
{
public:
    template <class T>
    digest& add(const T& value)
    {
        if constexpr (std::is_arithmetic_v<T>)
        {
            static_assert(sizeof(T) == 8);
            m_hash = (m_hash ^ std::bit_cast<std::uint64_t>(value)) * 1099511628211U;
        }
        else
        {
            for (std::size_t i = 0; i < value.size(); ++i)
            {
                add(value.data()[i]);
            }
        }
        return *this;
    }

    std::uint64_t value() const { return m_hash; }

private:
    std::uint64_t m_hash = 14695981039346656037U;
};

template <class T>
std::uint64_t digest_of(const T& values)
{
    return digest().add(values).value();
}

template <class Array, class T, std::size_t count>
void check_values(const Array& array, const T (&expected)[count])
{
    BOOST_CHECK_EQUAL_COLLECTIONS(array.data(), array.data() + array.size(), expected, expected + count);
}

template <class Array>
void check_shape(const Array& array, const std::vector<std::size_t>& expected)
{
    BOOST_CHECK_EQUAL_COLLECTIONS(array.shape().begin(), array.shape().end(), expected.begin(), expected.end());
}

// That the call throws exactly this type with exactly this text, and leaves the stream where it was.
template <class Error, class Call>
void check_refused(Call call, const std::string& text)
{
    legacy_generator generator(11);
    generator.randn();
    const legacy_state before = generator.state();
    BOOST_CHECK_EXCEPTION(call(generator), Error,
                          [&](const Error& thrown)
                          {
                              BOOST_CHECK_EQUAL(std::string(thrown.what()), text);
                              return true;
                          });
    BOOST_CHECK(generator.state() == before);
}

real_array counted(const std::vector<std::size_t>& shape)
{
    real_array result = real_array::from_shape(shape);
    for (std::size_t i = 0; i < result.size(); ++i)
    {
        result.data()[i] = static_cast<double>(i);
    }
    return result;
}

} // namespace

BOOST_AUTO_TEST_SUITE(random_legacy_generator)

// The standard library has the same MT19937: the words are those of std::mt19937, over several blocks.
BOOST_AUTO_TEST_CASE(words_are_those_of_std_mt19937)
{
    for (const std::uint32_t seed : {0U, 1U, 42U, 5489U, 4294967295U})
    {
        legacy_generator generator(seed);
        std::mt19937 reference(seed);
        std::size_t different = 0;
        for (int i = 0; i < 3 * 624 + 5; ++i)
        {
            different += generator.random_integers(0, 4294967295) != static_cast<std::int64_t>(reference()) ? 1 : 0;
        }
        BOOST_CHECK_EQUAL(different, 0U);
    }
}

// The number that the C++ standard gives for its mt19937 ([rand.predef]).
BOOST_AUTO_TEST_CASE(ten_thousandth_word_is_that_of_the_standard)
{
    legacy_generator generator(5489);
    BOOST_CHECK_EQUAL(generator.random_integers(0, 4294967295, {10000}).data()[9999], 4123659995);
}

BOOST_AUTO_TEST_CASE(rand_and_randn_are_numpys)
{
    for (const auto& expected : expectations::plain)
    {
        BOOST_TEST_CONTEXT("seed " << expected.seed)
        {
            const real_array even = legacy_generator(expected.seed).rand({4000});
            BOOST_CHECK_EQUAL(even.data()[0], expected.rand_first);
            BOOST_CHECK_EQUAL(even.data()[3999], expected.rand_last);
            BOOST_CHECK_EQUAL(digest_of(even), expected.rand_digest);

            const real_array bell = legacy_generator(expected.seed).randn({4001});
            BOOST_CHECK_EQUAL(bell.data()[0], expected.randn_first);
            BOOST_CHECK_EQUAL(bell.data()[4000], expected.randn_last);
            BOOST_CHECK_EQUAL(digest_of(bell), expected.randn_digest);
        }
    }
}

// All functions in turn; the second normal value of a pair has to outlast draws of other kinds.
BOOST_AUTO_TEST_CASE(mixed_draws_and_the_state_behind_them_are_numpys)
{
    for (const auto& expected : expectations::mixed)
    {
        BOOST_TEST_CONTEXT("seed " << expected.seed)
        {
            legacy_generator r(expected.seed);
            digest all;
            const real_array first = r.randn({1001});
            all.add(first).add(r.rand({7})).add(r.randn({2, 3, 5})).add(r.uniform(-3.0, 5.5, {11, 13}));
            all.add(r.randint(-7, 12, {1001})).add(r.normal(1.5, 0.1, {101}));
            all.add(r.randint(0, std::int64_t{1} << 40, {3, 111})).add(r.permutation(257)).add(r.randn({3}));
            all.add(r.rand({4, 0})).add(r.randn()).add(r.rand()).add(r.uniform(0.1, 0.7)).add(r.normal(-2.0, 3.3));
            all.add(r.randint(3, 9)).add(r.randn());
            const real_array last = r.randn({2001});
            all.add(last);

            BOOST_CHECK_EQUAL(first.data()[0], expected.first);
            BOOST_CHECK_EQUAL(last.data()[2000], expected.last);
            BOOST_CHECK_EQUAL(all.value(), expected.digest);

            digest key;
            for (const std::uint64_t word : r.state().key)
            {
                key.add(word);
            }
            BOOST_CHECK_EQUAL(key.value(), expected.key_digest);
            BOOST_CHECK_EQUAL(r.state().position, expected.position);
            BOOST_CHECK_EQUAL(r.state().has_gauss, expected.has_gauss);
            BOOST_CHECK_EQUAL(r.state().cached_gauss, expected.cached_gauss);
        }
    }
}

BOOST_AUTO_TEST_CASE(integers_are_numpys_over_all_kinds_of_ranges)
{
    std::int64_t seed = 0;
    for (const auto& expected : expectations::integers)
    {
        BOOST_TEST_CONTEXT("from " << expected.low << " to " << expected.high)
        {
            legacy_generator closed(seed);
            const integer_array values = closed.random_integers(expected.low, expected.high, {2000});
            BOOST_CHECK_EQUAL(values.data()[0], expected.first);
            BOOST_CHECK_EQUAL(values.data()[1999], expected.last);
            BOOST_CHECK_EQUAL(digest_of(values), expected.digest);
            BOOST_CHECK_EQUAL(closed.rand(), expected.next);

            legacy_generator one_by_one(seed);
            std::size_t different = 0;
            for (std::size_t i = 0; i < 2000; ++i)
            {
                different += one_by_one.random_integers(expected.low, expected.high) != values.data()[i] ? 1 : 0;
            }
            BOOST_CHECK_EQUAL(different, 0U);

            if (expected.high < greatest)
            {
                legacy_generator open(seed);
                BOOST_CHECK(open.randint(expected.low, expected.high + 1, {2000}) == values);
                BOOST_CHECK_EQUAL(open.rand(), expected.next);
                BOOST_CHECK_EQUAL(legacy_generator(seed).randint(expected.low, expected.high + 1), expected.first);
            }
        }
        ++seed;
    }
}

BOOST_AUTO_TEST_CASE(orders_are_numpys)
{
    for (const auto& expected : expectations::permutations)
    {
        BOOST_TEST_CONTEXT("count " << expected.count)
        {
            std::vector<double> halves(expected.count);
            real_array half_array = real_array::from_shape(std::vector<std::size_t>{expected.count});
            for (std::size_t i = 0; i < expected.count; ++i)
            {
                half_array.data()[i] = halves[i] = 0.5 * static_cast<double>(i);
            }

            legacy_generator generator(static_cast<std::int64_t>(expected.count));
            const integer_array order = generator.permutation(expected.count);
            check_shape(order, {expected.count});
            BOOST_CHECK_EQUAL(digest_of(order), expected.permutation_digest);

            legacy_generator twin = generator;
            generator.shuffle(halves);
            BOOST_CHECK_EQUAL(digest_of(halves), expected.shuffle_digest);
            BOOST_CHECK_EQUAL(generator.rand(), expected.next);

            twin.shuffle(half_array);
            BOOST_CHECK_EQUAL(digest_of(half_array), expected.shuffle_digest);
            BOOST_CHECK_EQUAL(twin.rand(), expected.next);
        }
    }
}

// Whole slices move; and NumPy draws nothing for the shuffle of an array without values, but does for its permutation.
BOOST_AUTO_TEST_CASE(orders_along_axis_0_are_numpys)
{
    legacy_generator generator(3);
    integer_array cube = integer_array::from_shape({5, 2, 3});
    for (std::size_t i = 0; i < cube.size(); ++i)
    {
        cube.data()[i] = static_cast<std::int64_t>(i);
    }
    const integer_array original = cube;

    const auto check_slices = [](const integer_array& array, const std::int64_t(&firsts)[5])
    {
        check_shape(array, {5, 2, 3});
        for (std::size_t i = 0; i < array.size(); ++i)
        {
            BOOST_CHECK_EQUAL(array.data()[i], firsts[i / 6] + static_cast<std::int64_t>(i % 6));
        }
    };
    check_slices(generator.permutation(cube), expectations::permuted_cube);
    BOOST_CHECK(cube == original);
    generator.shuffle(cube);
    check_slices(cube, expectations::shuffled_cube);

    real_array hollow = real_array::from_shape({5, 0});
    std::vector<double> rest{generator.rand()};
    check_shape(generator.permutation(hollow), {5, 0});
    rest.push_back(generator.rand());
    generator.shuffle(hollow);
    check_shape(hollow, {5, 0});
    rest.push_back(generator.rand());
    check_values(rest, expectations::after_cube_permutation_and_shuffle_of_nothing);
}

BOOST_AUTO_TEST_CASE(shuffle_takes_items_of_any_type)
{
    const integer_array order = legacy_generator(5).permutation(20);
    std::vector<std::string> words;
    std::vector<bool> is_early;
    xt::xarray<bool> early_array = xt::xarray<bool>::from_shape({20});
    for (std::size_t i = 0; i < 20; ++i)
    {
        words.push_back(std::to_string(i));
        is_early.push_back(i < 7);
        early_array.data()[i] = i < 7;
    }
    legacy_generator(5).shuffle(words);
    legacy_generator(5).shuffle(is_early);
    legacy_generator(5).shuffle(early_array);
    for (std::size_t i = 0; i < 20; ++i)
    {
        BOOST_CHECK_EQUAL(words[i], std::to_string(order.data()[i]));
        BOOST_CHECK_EQUAL(is_early[i], order.data()[i] < 7);
        BOOST_CHECK_EQUAL(early_array.data()[i], order.data()[i] < 7);
    }
}

BOOST_AUTO_TEST_CASE(choices_are_numpys)
{
    legacy_generator generator(8);
    std::vector<std::int64_t> values{generator.choice(10)};
    const auto append = [&](const integer_array& more, const std::vector<std::size_t>& shape)
    {
        check_shape(more, shape);
        values.insert(values.end(), more.data(), more.data() + more.size());
    };
    append(generator.choice(10, {2, 3}), {2, 3});
    append(generator.choice(10, {2, 3}, false), {2, 3});
    append(generator.choice(4, {4}, false), {4});
    values.push_back(generator.choice(1));
    check_values(values, expectations::choices);
    check_values(std::vector<double>{generator.rand()}, expectations::after_choices);

    check_shape(generator.choice(0, {2, 0}), {2, 0});
    check_shape(generator.choice(0, {0}, false), {0});
}

// The initial weights of the networks of an article: randn(2, hidden) / sqrt(2), then randn(hidden, 2) / sqrt(hidden).
BOOST_AUTO_TEST_CASE(initial_weights_are_numpys)
{
    for (const auto& expected : expectations::initial_weights)
    {
        BOOST_TEST_CONTEXT(expected.hidden << " hidden units")
        {
            legacy_generator generator(0);
            real_array first = generator.randn({2, expected.hidden});
            real_array second = generator.randn({expected.hidden, 2});
            for (std::size_t i = 0; i < first.size(); ++i)
            {
                first.data()[i] /= std::sqrt(2.0);
                second.data()[i] /= std::sqrt(static_cast<double>(expected.hidden));
            }
            BOOST_CHECK_EQUAL(digest().add(first).add(second).value(), expected.digest);
            if (expected.hidden == 3)
            {
                check_values(first, expectations::initial_first_of_three);
                check_values(second, expectations::initial_second_of_three);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(arrays_are_filled_in_row_major_order_with_the_scalar_draws)
{
    legacy_generator arrays(77);
    legacy_generator scalars(77);
    const auto check_same = [](const auto& array, auto draw)
    {
        check_shape(array, {2, 3, 4});
        for (std::size_t i = 0; i < 2; ++i)
        {
            for (std::size_t j = 0; j < 3; ++j)
            {
                for (std::size_t k = 0; k < 4; ++k)
                {
                    BOOST_CHECK_EQUAL(array(i, j, k), draw());
                }
            }
        }
    };
    check_same(arrays.rand({2, 3, 4}), [&] { return scalars.rand(); });
    check_same(arrays.randn({2, 3, 4}), [&] { return scalars.randn(); });
    check_same(arrays.uniform(2.0, 2.7, {2, 3, 4}), [&] { return scalars.uniform(2.0, 2.7); });
    check_same(arrays.normal(-1.0, 0.3, {2, 3, 4}), [&] { return scalars.normal(-1.0, 0.3); });
    check_same(arrays.randint(-3, 9, {2, 3, 4}), [&] { return scalars.randint(-3, 9); });
    check_same(arrays.random_integers(-3, 9, {2, 3, 4}), [&] { return scalars.random_integers(-3, 9); });
    check_same(arrays.choice(13, {2, 3, 4}), [&] { return scalars.choice(13); });
    BOOST_CHECK(arrays == scalars);
}

BOOST_AUTO_TEST_CASE(shapes_without_axes_or_values)
{
    legacy_generator generator(6);
    const real_array point = generator.rand(std::vector<std::size_t>{});
    check_shape(point, {});
    BOOST_CHECK_EQUAL(point.size(), 1U);
    BOOST_CHECK_EQUAL(point.data()[0], legacy_generator(6).rand());

    const legacy_state before = generator.state();
    check_shape(generator.rand({0}), {0});
    check_shape(generator.randn({3, 0, 2}), {3, 0, 2});
    check_shape(generator.randint(0, 9, {0, 4}), {0, 4});
    BOOST_CHECK_EQUAL(generator.permutation(0).size(), 0U);
    BOOST_CHECK(generator.state() == before);
}

BOOST_AUTO_TEST_CASE(ranges_of_one_value_are_allowed)
{
    legacy_generator generator(6);
    BOOST_CHECK_EQUAL(generator.uniform(0.3, 0.3), 0.3);
    BOOST_CHECK_EQUAL(generator.normal(0.3, 0.0), 0.3);
    BOOST_CHECK_EQUAL(generator.randint(greatest - 1, greatest), greatest - 1);
    BOOST_CHECK_EQUAL(generator.random_integers(greatest, greatest), greatest);
    BOOST_CHECK_EQUAL(generator.random_integers(least, least), least);
}

// At every point of the first blocks: inside a normal pair and between two, inside a block and at its end.
BOOST_AUTO_TEST_CASE(a_saved_state_goes_on_with_the_same_stream)
{
    legacy_generator original(123);
    legacy_generator resumed(0);
    bool was_inside_pair = false;
    bool was_at_end = false;
    for (int i = 0; i < 700; ++i)
    {
        const legacy_state saved = original.state();
        was_inside_pair = was_inside_pair || saved.has_gauss;
        was_at_end = was_at_end || saved.position == legacy_state::key_size;

        // Through bytes, as a file would hold it.
        std::vector<unsigned char> bytes(sizeof saved.key);
        std::memcpy(bytes.data(), saved.key.data(), bytes.size());
        legacy_state loaded;
        std::memcpy(loaded.key.data(), bytes.data(), bytes.size());
        loaded.position = saved.position;
        loaded.has_gauss = saved.has_gauss;
        loaded.cached_gauss = saved.cached_gauss;
        BOOST_REQUIRE(loaded == saved);

        legacy_generator constructed(loaded);
        resumed.set_state(loaded);
        BOOST_REQUIRE(constructed == original);
        BOOST_REQUIRE(resumed == original);
        const double next = i % 3 == 0 ? original.randn() : original.rand();
        BOOST_REQUIRE_EQUAL(next, i % 3 == 0 ? constructed.randn() : constructed.rand());
        BOOST_REQUIRE_EQUAL(next, i % 3 == 0 ? resumed.randn() : resumed.rand());
        BOOST_REQUIRE(constructed == original);
        BOOST_REQUIRE(!(original.state() == saved));
    }
    BOOST_CHECK(was_inside_pair);
    BOOST_CHECK(was_at_end);
}

BOOST_AUTO_TEST_CASE(equality_sees_every_part_of_the_state)
{
    const legacy_generator generator(9);
    BOOST_CHECK(generator == legacy_generator(9));
    BOOST_CHECK(generator != legacy_generator(10));

    legacy_state state = generator.state();
    state.key[623] ^= 1U;
    BOOST_CHECK(generator.state() != state);
    state = generator.state();
    state.position = 3;
    BOOST_CHECK(generator.state() != state);
    state = generator.state();
    state.has_gauss = true;
    BOOST_CHECK(generator.state() != state);
    state.has_gauss = false;
    BOOST_CHECK(generator.state() == state);
    state.cached_gauss = 0.5;
    BOOST_CHECK(generator.state() != state);

    legacy_generator copy = generator;
    copy.rand();
    BOOST_CHECK(copy != generator);
}

BOOST_AUTO_TEST_CASE(bad_seeds_are_refused)
{
    check_refused<error::value_error>(
        [](legacy_generator&) { legacy_generator(-1); },
        "autograd: legacy_generator: the seed is -1; it must be between 0 and 4294967295.");
    check_refused<error::value_error>(
        [](legacy_generator&) { legacy_generator(4294967296); },
        "autograd: legacy_generator: the seed is 4294967296; it must be between 0 and 4294967295.");
}

BOOST_AUTO_TEST_CASE(bad_states_are_refused)
{
    const auto check_bad = [](auto change, const std::string& text)
    {
        legacy_state state = legacy_generator(2).state();
        change(state);
        check_refused<error::value_error>([&](legacy_generator& r) { r.set_state(state); }, text);
        check_refused<error::value_error>([&](legacy_generator&) { legacy_generator copy(state); }, text);
    };
    const std::string cached = "autograd: legacy_generator: the cached normal value in the state is ";
    check_bad([](legacy_state& state) { state.position = 625; },
              "autograd: legacy_generator: the position in the state is 625; it must be between 0 and 624.");
    check_bad([](legacy_state& state) { state.cached_gauss = 0.5; },
              cached + "0.5 though has_gauss is false; it must then be 0.");
    const auto set_gauss = [](double value)
    {
        return [=](legacy_state& state)
        {
            state.has_gauss = true;
            state.cached_gauss = value;
        };
    };
    check_bad(set_gauss(std::numeric_limits<double>::quiet_NaN()), cached + "nan; it must be finite.");
    check_bad(set_gauss(-std::numeric_limits<double>::infinity()), cached + "-inf; it must be finite.");

    const std::string zeros =
        "autograd: legacy_generator: all words of the state are 0; some bit must be set, or every "
        "draw gives 0. Take the state from a generator made from a seed.";
    check_bad([](legacy_state& state) { state = legacy_state(); }, zeros);
    // The low bits of the first word do not count, and its highest is enough.
    const auto only = [](std::size_t index, std::uint32_t word)
    {
        return [=](legacy_state& state)
        {
            state = legacy_state();
            state.key[index] = word;
        };
    };
    check_bad(only(0, 0x7fffffffU), zeros);
    legacy_state enough;
    only(0, 0x80000000U)(enough);
    BOOST_CHECK_NO_THROW(legacy_generator{enough});
    only(623, 1U)(enough);
    BOOST_CHECK_NO_THROW(legacy_generator{enough});
}

BOOST_AUTO_TEST_CASE(bad_ranges_are_refused)
{
    const std::string order = "low is 5 and high is 5; low must be below high.";
    check_refused<error::value_error>([](legacy_generator& r) { r.randint(5, 5); }, "autograd: randint: " + order);
    check_refused<error::value_error>([](legacy_generator& r) { r.randint(5, 5, {2}); }, "autograd: randint: " + order);
    const std::string closed = "autograd: random_integers: low is 6 and high is -5; low must not be above high.";
    check_refused<error::value_error>([](legacy_generator& r) { r.random_integers(6, -5); }, closed);
    check_refused<error::value_error>([](legacy_generator& r) { r.random_integers(6, -5, {2}); }, closed);

    const std::string uniform = "autograd: uniform: low is 1.0000001 and high is 1; low must not be above high.";
    check_refused<error::value_error>([](legacy_generator& r) { r.uniform(1.0000001, 1.0); }, uniform);
    check_refused<error::value_error>([](legacy_generator& r) { r.uniform(1.0000001, 1.0, {2}); }, uniform);
    check_refused<error::value_error>(
        [](legacy_generator& r) { r.uniform(-1e308, 1e308); },
        "autograd: uniform: low is -1e+308 and high is 1e+308; high - low must be finite.");
    check_refused<error::value_error>([](legacy_generator& r) { r.uniform(std::nan(""), 1.0); },
                                      "autograd: uniform: low is nan and high is 1; high - low must be finite.");

    const std::string deviation = "autograd: normal: standard_deviation is -0.5; it must be finite and at least 0.";
    check_refused<error::value_error>([](legacy_generator& r) { r.normal(0.0, -0.5); }, deviation);
    check_refused<error::value_error>([](legacy_generator& r) { r.normal(0.0, -0.5, {2}); }, deviation);
    check_refused<error::value_error>([](legacy_generator& r) { r.normal(0.0, std::nan("")); },
                                      "autograd: normal: standard_deviation is nan; it must be finite and at least 0.");
    check_refused<error::value_error>([](legacy_generator& r) { r.normal(HUGE_VAL, 1.0); },
                                      "autograd: normal: mean is inf; it must be finite.");
}

BOOST_AUTO_TEST_CASE(bad_choices_are_refused)
{
    const std::string nothing = "autograd: choice: count is 0 and ";
    check_refused<error::value_error>([](legacy_generator& r) { r.choice(0); },
                                      nothing + "1 numbers are wanted; there must be at least one to choose from.");
    check_refused<error::value_error>(
        [](legacy_generator& r) {
            r.choice(0, {2, 2});
        },
        nothing + "4 numbers are wanted; there must be at least one to choose from.");
    check_refused<error::value_error>(
        [](legacy_generator& r) { r.choice(huge); },
        "autograd: choice: count is 18446744073709551615; it must be below 2^63. Was it negative?");
    check_refused<error::value_error>(
        [](legacy_generator& r) {
            r.choice(5, {2, 3}, false);
        },
        "autograd: choice: count is 5 and the shape is (2, 3), which holds 6 numbers; "
        "without replacement there must not be more than count of them.");
}

BOOST_AUTO_TEST_CASE(arrays_without_axes_have_no_order)
{
    const std::string text = " the array has 0 axes; it must have one along which to order its slices.";
    check_refused<error::shape_error>([](legacy_generator& r) { r.permutation(counted({})); },
                                      "autograd: permutation:" + text);
    check_refused<error::shape_error>(
        [](legacy_generator& r)
        {
            real_array point = counted({});
            r.shuffle(point);
        },
        "autograd: shuffle:" + text);
}

BOOST_AUTO_TEST_CASE(impossible_sizes_are_refused)
{
    const auto is_unchanged = [](auto call)
    {
        legacy_generator generator(11);
        BOOST_CHECK_THROW(call(generator), error::shape_error);
        BOOST_CHECK(generator == legacy_generator(11));
    };
    is_unchanged([](legacy_generator& r) { r.rand({huge}); });
    is_unchanged([](legacy_generator& r) { r.randn({huge / 2, 3}); });
    is_unchanged([](legacy_generator& r) { r.uniform(0.0, 1.0, {huge, huge}); });
    is_unchanged([](legacy_generator& r) { r.normal(0.0, 1.0, {huge, 2}); });
    is_unchanged([](legacy_generator& r) { r.randint(0, 2, {huge}); });
    is_unchanged([](legacy_generator& r) { r.random_integers(0, 2, {huge}); });
    is_unchanged([](legacy_generator& r) { r.permutation(huge); });
    is_unchanged([](legacy_generator& r) { r.choice(2, {huge}); });
    // An extent of 0 leaves strides that no number is large enough for, as NumPy says, too.
    is_unchanged([](legacy_generator& r) { r.rand({huge, 0}); });
    BOOST_CHECK_EQUAL(legacy_generator(0).rand({std::size_t{1} << 58, 0}).size(), 0U);
}

BOOST_AUTO_TEST_CASE(lack_of_memory_is_reported)
{
    if (!support::memory_can_run_out)
    {
        return;
    }
    const std::string text = "the shape is (1024, 35184372088832), which takes 288230376151711744 bytes; the machine "
                             "does not have them.";
    constexpr std::size_t much = std::size_t{1} << 45;
    check_refused<error::memory_error>([](legacy_generator& r) { r.rand({1024, much}); }, "autograd: rand: " + text);
    check_refused<error::memory_error>(
        [](legacy_generator& r) {
            r.randint(0, 9, {1024, much});
        },
        "autograd: randint: " + text);
    check_refused<error::memory_error>([](legacy_generator& r) { r.permutation(std::size_t{1} << 55); },
                                       "autograd: permutation: the shape is (36028797018963968,), which takes "
                                       "288230376151711744 bytes; the machine does not have them.");
}

BOOST_AUTO_TEST_SUITE_END()
