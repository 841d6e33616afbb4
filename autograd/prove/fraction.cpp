#include "autograd/prove/fraction.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <numeric>
#include <string_view>
#include <type_traits>
#include <utility>

namespace autograd::prove
{

namespace
{

constexpr long double largest_denominator = 1 << 20;

/// The fraction of least denominator from low to high, which are positive: an integer if there is one between them;
/// otherwise both have the same whole part n, and it is n + 1 / f, where f is the one between the reciprocals of what
/// is left (the tree of Stern and Brocot, a turn at a time).
std::optional<fraction> between(long double low, long double high)
{
    if (std::ceil(low) <= high)
    {
        return fraction{static_cast<std::int64_t>(std::ceil(low)), 1};
    }
    const long double whole = std::floor(low);
    if (1 / (high - whole) >= largest_denominator)
    {
        return std::nullopt;
    }
    const auto rest = between(1 / (high - whole), low == whole ? largest_denominator : 1 / (low - whole));
    if (!rest || static_cast<long double>(rest->numerator) >= largest_denominator)
    {
        return std::nullopt;
    }
    return fraction{static_cast<std::int64_t>(whole) * rest->numerator + rest->denominator, rest->numerator};
}

/// p / q as T, rounded once: numerators below 2^53 are doubles themselves. (By way of long double, some quotients next
/// to the middle between two doubles would be rounded twice; two floats have no quotient so near to their middle.)
template <class T>
T rounded(const fraction& of)
{
    using wide = std::conditional_t<std::is_same_v<T, float>, long double, T>;
    return static_cast<T>(static_cast<wide>(of.numerator) / static_cast<wide>(of.denominator));
}

/// A decimal of few digits, as which the positive number is printed.
template <class T>
std::optional<fraction> decimal(T magnitude)
{
    constexpr int most_digits = 6;
    constexpr int most_places = 15; // 10^15 is a double
    std::array<char, 64> text{};
    const auto end =
        std::to_chars(text.data(), text.data() + text.size(), magnitude, std::chars_format::scientific).ptr;
    const std::string_view written(text.data(), static_cast<std::size_t>(end - text.data()));
    const std::size_t e = written.find('e');
    int exponent = 0;
    std::from_chars(written.data() + e + 1 + (written[e + 1] == '+' ? 1 : 0), end, exponent);
    const int places = (e > 1 ? static_cast<int>(e) - 2 : 0) - exponent;
    if (e > most_digits + 1 || places < 0 || places > most_places)
    {
        return std::nullopt;
    }
    std::int64_t denominator = 1;
    for (int i = 0; i < places; ++i)
    {
        denominator *= 10;
    }
    std::int64_t numerator = 0;
    for (const char each : written.substr(0, e))
    {
        numerator = each == '.' ? numerator : 10 * numerator + (each - '0');
    }
    const std::int64_t common = std::gcd(numerator, denominator);
    return fraction{numerator / common, denominator / common};
}

template <class T>
std::optional<fraction> least(T number)
{
    constexpr T infinity = std::numeric_limits<T>::infinity();
    const T magnitude = std::abs(number);
    if (magnitude == std::trunc(magnitude) && magnitude < T(9007199254740992)) // 2^53
    {
        return fraction{static_cast<std::int64_t>(number), 1};
    }
    if (!(magnitude < T(9007199254740992)))
    {
        return std::nullopt;
    }
    // Half way to its neighbours. Long doubles hold both ends exactly, and their reciprocals well enough: what comes
    // out is tried.
    const auto half_way = [&](T to)
    { return (static_cast<long double>(magnitude) + static_cast<long double>(std::nextafter(magnitude, to))) / 2; };
    const auto least = between(half_way(0), half_way(infinity));
    const auto found = least ? least : decimal(magnitude);
    if (!found || rounded<T>(*found) != magnitude)
    {
        return std::nullopt;
    }
    return fraction{std::signbit(number) ? -found->numerator : found->numerator, found->denominator};
}

} // namespace

std::optional<fraction> least_fraction(double number)
{
    return least(number);
}

std::optional<fraction> least_fraction(float number)
{
    return least(number);
}

std::optional<fraction> reconstruct(std::uint64_t residue, std::uint64_t m, std::int64_t largest)
{
    auto before = static_cast<std::int64_t>(m);
    auto now = static_cast<std::int64_t>(residue);
    std::int64_t of_before = 0;
    std::int64_t of_now = 1;
    while (now > largest)
    {
        const std::int64_t quotient = before / now;
        before = std::exchange(now, before - quotient * now);
        of_before = std::exchange(of_now, of_before - quotient * of_now);
    }
    if (of_now == 0 || std::abs(of_now) > largest || std::gcd(now, of_now) != 1)
    {
        return std::nullopt;
    }
    return of_now < 0 ? fraction{-now, -of_now} : fraction{now, of_now};
}

} // namespace autograd::prove
