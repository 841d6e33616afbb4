#include "autograd/random/legacy_generator.hpp"

#include "autograd/tape/error.hpp"
#include "autograd/tape/shape.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <new>
#include <numeric>
#include <utility>

namespace autograd::random
{

namespace
{

// MT19937, Matsumoto & Nishimura 1998, table II; the names are those of the paper.
constexpr std::size_t n = legacy_state::key_size;
constexpr std::size_t m = 397;
constexpr std::uint32_t a = 0x9908b0dfU;
constexpr std::uint32_t upper_mask = 0x80000000U;
constexpr std::uint32_t lower_mask = 0x7fffffffU;

// Made before the first draw, so that a failure leaves the stream where it was.
template <class T>
array<T> allocated(const char* where, const std::vector<std::size_t>& shape)
{
    const shape_view view(shape.data(), shape.size());
    const std::size_t count = element_count(view, where);
    try
    {
        return array<T>::from_shape(shape);
    }
    catch (const std::bad_alloc&)
    {
        throw error::memory_error(where, "the shape is ", view, ", which takes ", count * sizeof(T),
                                  " bytes; the machine does not have them.");
    }
}

template <class T, class Draw>
array<T> filled(const char* where, const std::vector<std::size_t>& shape, Draw draw)
{
    array<T> result = allocated<T>(where, shape);
    std::generate_n(result.data(), result.size(), draw);
    return result;
}

// A product rounded to double before anything is added to it. Without the detour over memory a compiler for a processor
// with fused multiply-add may contract x * y + z to one rounding (GCC does so unasked), and the last bit would depend
// on the flags of the build.
double rounded_product(double x, double y) noexcept
{
    const volatile double product = x * y;
    return product;
}

void require_uniform(double low, double high)
{
    if (!std::isfinite(high - low))
    {
        throw error::value_error("uniform", "low is ", low, " and high is ", high, "; high - low must be finite.");
    }
    if (low > high)
    {
        throw error::value_error("uniform", "low is ", low, " and high is ", high, "; low must not be above high.");
    }
}

void require_normal(double mean, double standard_deviation)
{
    if (!std::isfinite(mean))
    {
        throw error::value_error("normal", "mean is ", mean, "; it must be finite.");
    }
    if (!std::isfinite(standard_deviation) || standard_deviation < 0.0)
    {
        throw error::value_error("normal", "standard_deviation is ", standard_deviation,
                                 "; it must be finite and at least 0.");
    }
}

void require_below(std::int64_t low, std::int64_t high)
{
    if (low >= high)
    {
        throw error::value_error("randint", "low is ", low, " and high is ", high, "; low must be below high.");
    }
}

void require_not_above(std::int64_t low, std::int64_t high)
{
    if (low > high)
    {
        throw error::value_error("random_integers", "low is ", low, " and high is ", high,
                                 "; low must not be above high.");
    }
}

void require_choice(std::size_t count, std::size_t wanted)
{
    if (count == 0 && wanted > 0)
    {
        throw error::value_error("choice", "count is 0 and ", wanted,
                                 " numbers are wanted; there must be at least one to choose from.");
    }
    if (count > static_cast<std::size_t>(std::numeric_limits<std::int64_t>::max()))
    {
        throw error::value_error("choice", "count is ", count, "; it must be below 2^63. Was it negative?");
    }
}

// The distance and the sum are taken modulo 2^64, where they are right even if the distance is above the greatest
// std::int64_t.
std::uint64_t distance(std::int64_t low, std::int64_t high) noexcept
{
    return static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
}

std::int64_t shifted(std::int64_t low, std::uint64_t offset) noexcept
{
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + offset);
}

} // namespace

legacy_generator::legacy_generator(std::int64_t seed)
{
    if (seed < 0 || seed > std::numeric_limits<std::uint32_t>::max())
    {
        throw error::value_error("legacy_generator", "the seed is ", seed, "; it must be between 0 and 4294967295.");
    }
    // The initialisation of the authors' 2002 version (init_genrand), which NumPy uses for a plain integer: a linear
    // recurrence whose multiplier is Knuth's (TAOCP vol. 2, 3rd ed., p. 106).
    std::uint32_t word = static_cast<std::uint32_t>(seed);
    m_state.key[0] = word;
    for (std::uint32_t i = 1; i < n; ++i)
    {
        word = 1812433253U * (word ^ (word >> 30)) + i;
        m_state.key[i] = word;
    }
}

legacy_generator::legacy_generator(const legacy_state& state)
{
    set_state(state);
}

void legacy_generator::set_state(const legacy_state& state)
{
    if (state.position > n)
    {
        throw error::value_error("legacy_generator", "the position in the state is ", state.position,
                                 "; it must be between 0 and 624.");
    }
    // The recurrence sees only the highest bit of the first word.
    std::uint32_t bits = state.key[0] & upper_mask;
    for (std::size_t i = 1; i < n; ++i)
    {
        bits |= state.key[i];
    }
    if (bits == 0)
    {
        throw error::value_error("legacy_generator", "all words of the state are 0; some bit must be set, or every "
                                                     "draw gives 0. Take the state from a generator made from a seed.");
    }
    if (!std::isfinite(state.cached_gauss))
    {
        throw error::value_error("legacy_generator", "the cached normal value in the state is ", state.cached_gauss,
                                 "; it must be finite.");
    }
    if (!state.has_gauss && state.cached_gauss != 0.0)
    {
        throw error::value_error("legacy_generator", "the cached normal value in the state is ", state.cached_gauss,
                                 " though has_gauss is false; it must then be 0.");
    }
    m_state = state;
}

// Matsumoto & Nishimura 1998, equation (2.1), for a whole block of n words. The three loops are one, split where an
// index would wrap around.
void legacy_generator::make_block() noexcept
{
    auto& key = m_state.key;
    const auto next = [](std::uint32_t upper, std::uint32_t lower, std::uint32_t distant)
    {
        const std::uint32_t joined = (upper & upper_mask) | (lower & lower_mask);
        return distant ^ (joined >> 1) ^ ((joined & 1U) != 0 ? a : 0U);
    };
    for (std::size_t i = 0; i < n - m; ++i)
    {
        key[i] = next(key[i], key[i + 1], key[i + m]);
    }
    for (std::size_t i = n - m; i < n - 1; ++i)
    {
        key[i] = next(key[i], key[i + 1], key[i + m - n]);
    }
    key[n - 1] = next(key[n - 1], key[0], key[m - 1]);
    m_state.position = 0;
}

std::uint32_t legacy_generator::next_word() noexcept
{
    if (m_state.position == n)
    {
        make_block();
    }
    // Tempering: Matsumoto & Nishimura 1998, equations (2.2) to (2.5).
    std::uint32_t word = m_state.key[m_state.position++];
    word ^= word >> 11;
    word ^= (word << 7) & 0x9d2c5680U;
    word ^= (word << 15) & 0xefc60000U;
    word ^= word >> 18;
    return word;
}

// One of 0, ..., greatest, all equally likely: as many low bits as `greatest` has are drawn until they are not above
// it. The legacy stream takes one word where 32 bits do, else two with the high one first, and none at all if there is
// nothing to choose from.
std::uint64_t legacy_generator::interval(std::uint64_t greatest) noexcept
{
    if (greatest == 0)
    {
        return 0;
    }
    const std::uint64_t mask = std::numeric_limits<std::uint64_t>::max() >> std::countl_zero(greatest);
    const bool is_short = greatest <= std::numeric_limits<std::uint32_t>::max();
    for (;;)
    {
        std::uint64_t value = next_word();
        if (!is_short)
        {
            value = (value << 32) | next_word();
        }
        value &= mask;
        if (value <= greatest)
        {
            return value;
        }
    }
}

// 27 bits of one word and 26 of the next make a multiple of 2^-53 (the authors' genrand_res53). Every step but the
// conversion of the words is exact, so no rounding is involved.
double legacy_generator::rand()
{
    const std::uint32_t high = next_word() >> 5;
    const std::uint32_t low = next_word() >> 6;
    return (static_cast<double>(high) * 0x1p26 + static_cast<double>(low)) * 0x1p-53;
}

array<double> legacy_generator::rand(const shape_type& shape)
{
    return filled<double>("rand", shape, [this] { return rand(); });
}

// The polar method of Marsaglia & Bray 1964: a point drawn evenly from the unit disc gives two independent normal
// values. The legacy stream hands out the value of the second coordinate first.
double legacy_generator::randn()
{
    if (m_state.has_gauss)
    {
        m_state.has_gauss = false;
        return std::exchange(m_state.cached_gauss, 0.0);
    }
    double x = 0.0;
    double y = 0.0;
    double square = 0.0;
    do
    {
        x = 2.0 * rand() - 1.0;
        y = 2.0 * rand() - 1.0;
        square = rounded_product(x, x) + rounded_product(y, y);
    } while (square >= 1.0 || square == 0.0);
    const double factor = std::sqrt(-2.0 * std::log(square) / square);
    m_state.cached_gauss = factor * x;
    m_state.has_gauss = true;
    return factor * y;
}

array<double> legacy_generator::randn(const shape_type& shape)
{
    return filled<double>("randn", shape, [this] { return randn(); });
}

double legacy_generator::uniform(double low, double high)
{
    require_uniform(low, high);
    return low + rounded_product(high - low, rand());
}

array<double> legacy_generator::uniform(double low, double high, const shape_type& shape)
{
    require_uniform(low, high);
    return filled<double>("uniform", shape, [=, this] { return low + rounded_product(high - low, rand()); });
}

double legacy_generator::normal(double mean, double standard_deviation)
{
    require_normal(mean, standard_deviation);
    return mean + rounded_product(standard_deviation, randn());
}

array<double> legacy_generator::normal(double mean, double standard_deviation, const shape_type& shape)
{
    require_normal(mean, standard_deviation);
    return filled<double>("normal", shape, [=, this] { return mean + rounded_product(standard_deviation, randn()); });
}

std::int64_t legacy_generator::randint(std::int64_t low, std::int64_t high)
{
    require_below(low, high);
    return shifted(low, interval(distance(low, high) - 1));
}

array<std::int64_t> legacy_generator::randint(std::int64_t low, std::int64_t high, const shape_type& shape)
{
    require_below(low, high);
    const std::uint64_t greatest = distance(low, high) - 1;
    return filled<std::int64_t>("randint", shape, [=, this] { return shifted(low, interval(greatest)); });
}

std::int64_t legacy_generator::random_integers(std::int64_t low, std::int64_t high)
{
    require_not_above(low, high);
    return shifted(low, interval(distance(low, high)));
}

array<std::int64_t> legacy_generator::random_integers(std::int64_t low, std::int64_t high, const shape_type& shape)
{
    require_not_above(low, high);
    const std::uint64_t greatest = distance(low, high);
    return filled<std::int64_t>("random_integers", shape, [=, this] { return shifted(low, interval(greatest)); });
}

array<std::int64_t> legacy_generator::permutation(std::size_t count)
{
    array<std::int64_t> result = allocated<std::int64_t>("permutation", {count});
    std::iota(result.data(), result.data() + count, std::int64_t{0});
    shuffle(result);
    return result;
}

std::int64_t legacy_generator::choice(std::size_t count)
{
    require_choice(count, 1);
    return shifted(0, interval(count - 1));
}

array<std::int64_t> legacy_generator::choice(std::size_t count, const shape_type& shape, bool replace)
{
    const shape_view view(shape.data(), shape.size());
    const std::size_t wanted = element_count(view, "choice");
    require_choice(count, wanted);
    if (replace)
    {
        return filled<std::int64_t>("choice", shape, [=, this] { return shifted(0, interval(count - 1)); });
    }
    if (wanted > count)
    {
        throw error::value_error("choice", "count is ", count, " and the shape is ", view, ", which holds ", wanted,
                                 " numbers; without replacement there must not be more than count of them.");
    }
    array<std::int64_t> result = allocated<std::int64_t>("choice", shape);
    const array<std::int64_t> order = permutation(count);
    std::copy_n(order.data(), wanted, result.data());
    return result;
}

void legacy_generator::require_axis(const char* where, std::size_t dimension)
{
    if (dimension == 0)
    {
        throw error::shape_error(where, "the array has 0 axes; it must have one along which to order its slices.");
    }
}

} // namespace autograd::random
