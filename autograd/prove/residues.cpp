#include "autograd/prove/residues.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numbers>
#include <numeric>
#include <type_traits>
#include <utility>
#include <vector>

namespace autograd::prove
{

namespace
{

using tower::torsion;

thread_local std::size_t used_levels = 2;
thread_local assumptions* assuming = nullptr;
thread_local ambiguity* choosing = nullptr;
thread_local budget_of_logarithms* spending = nullptr;
thread_local bool only_numbers = false;

/// A mixer of 64 bits (that of splitmix64).
std::uint64_t mixed(std::uint64_t x)
{
    x += 0x9e3779b97f4a7c15U;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31);
}

std::uint64_t hash_of(std::string_view name)
{
    std::uint64_t hash = 0;
    for (const char c : name)
    {
        hash = mixed(hash ^ static_cast<unsigned char>(c));
    }
    return hash;
}

torsion added(torsion x, torsion y, std::size_t level)
{
    if (x == tower::unknown_torsion || y == tower::unknown_torsion)
    {
        return tower::unknown_torsion;
    }
    return static_cast<torsion>(static_cast<unsigned>(x + y) % tower::torsion_order(level));
}

/// c x modulo k, where the denominator of c has an inverse.
torsion multiplied(const fraction& c, torsion x, std::size_t level)
{
    if (x <= 0) // 0 or unknown; the last level has none
    {
        return x;
    }
    const auto k = static_cast<std::int64_t>(tower::torsion_order(level));
    if (std::gcd(c.denominator, k) != 1)
    {
        return tower::unknown_torsion;
    }
    std::int64_t inverse = 1;
    while (c.denominator % k * inverse % k != 1)
    {
        ++inverse;
    }
    return static_cast<torsion>(((c.numerator % k * inverse % k * x) % k + k) % k);
}

degree of_sum(const degree& x, const degree& y)
{
    return {std::max(x.numerator + y.denominator, y.numerator + x.denominator), x.denominator + y.denominator,
            std::max(x.inside, y.inside)};
}

degree of_product(const degree& x, const degree& y)
{
    return {x.numerator + y.numerator, x.denominator + y.denominator, std::max(x.inside, y.inside)};
}

/// What counts as a variable of its own.
degree of_function(const degree& x)
{
    return {1, 0, std::max(x.inside, x.numerator + x.denominator)};
}

} // namespace

assumptions::assumptions() : m_outer(assuming)
{
    assuming = this;
}

assumptions::~assumptions()
{
    assuming = m_outer;
}

void assumptions::note(const char* derivative)
{
    if (assuming != nullptr && assuming->m_text.find(derivative) == std::string::npos)
    {
        assuming->m_text += (assuming->m_text.empty() ? "" : "; ") + std::string(derivative);
    }
}

ambiguity::ambiguity() : m_outer(choosing)
{
    choosing = this;
}

ambiguity::~ambiguity()
{
    choosing = m_outer;
}

void ambiguity::note()
{
    if (choosing != nullptr)
    {
        choosing->m_met = true;
    }
}

budget_of_logarithms::budget_of_logarithms(std::uint64_t steps) : m_outer(spending), m_left(steps)
{
    spending = this;
}

budget_of_logarithms::~budget_of_logarithms()
{
    spending = m_outer;
}

void budget_of_logarithms::spend(std::uint64_t steps)
{
    if (spending == nullptr)
    {
        return;
    }
    if (steps > spending->m_left)
    {
        throw undecidable{"too many logarithms of nested exponentials"};
    }
    spending->m_left -= steps;
}

numbers_alone::numbers_alone() : m_outer(std::exchange(only_numbers, true)) {}

numbers_alone::~numbers_alone()
{
    only_numbers = m_outer;
}

levels_in_use::levels_in_use(std::size_t count) : m_outer(used_levels)
{
    used_levels = count;
}

levels_in_use::~levels_in_use()
{
    used_levels = m_outer;
}

std::size_t levels_in_use::count()
{
    return used_levels;
}

residues::residues() : m_high(static_cast<std::uint8_t>(used_levels)) {}

residues::residues(const fraction& number) : residues()
{
    for (std::size_t level = 0; level < m_high; ++level)
    {
        const prime_field& f = tower::at(level).base();
        m_at[level].a = f.of_signed(number.numerator);
        if (number.denominator != 1)
        {
            m_at[level].a = f.multiply(m_at[level].a, f.inverse(f.of_signed(number.denominator)));
        }
    }
}

void residues::set_levels(std::size_t low, std::size_t high)
{
    m_low = static_cast<std::uint8_t>(low);
    m_high = static_cast<std::uint8_t>(high);
}

void residues::set_torsion(std::size_t level, tower::torsion t)
{
    m_torsion[level] = t;
    m_has_torsion = m_has_torsion || t != 0;
}

void residues::require_a_level() const
{
    if (m_low >= m_high)
    {
        throw needs_a_level();
    }
}

bool operator==(const residues& x, const residues& y)
{
    const std::size_t low = std::max(x.m_low, y.m_low);
    const std::size_t high = std::min(x.m_high, y.m_high);
    if (low >= high)
    {
        throw needs_a_level();
    }
    return std::equal(x.m_at.begin() + low, x.m_at.begin() + high, y.m_at.begin() + low);
}

bool residues::vanishes() const
{
    return std::any_of(m_at.begin() + m_low, m_at.begin() + m_high, [](const scalar& each) { return each.is_zero(); });
}

bool residues::is_zero() const
{
    return std::all_of(m_at.begin() + m_low, m_at.begin() + m_high, [](const scalar& x) { return x.is_zero(); });
}

/// Level by level, where both have one.
template <class F>
residues combine(const residues& x, const residues& y, F f)
{
    residues result;
    result.m_low = std::max(x.m_low, y.m_low);
    result.m_high = std::min(x.m_high, y.m_high);
    result.require_a_level();
    for (std::size_t level = result.m_low; level < result.m_high; ++level)
    {
        result.m_at[level] = f(tower::at(level), x.m_at[level], y.m_at[level]);
    }
    return result;
}

residues operator+(const residues& x, const residues& y)
{
    residues sum = combine(x, y, [](const field& f, scalar a, scalar b) { return f.add(a, b); });
    sum.m_degree = of_sum(x.m_degree, y.m_degree);
    if (x.m_has_torsion || y.m_has_torsion)
    {
        for (std::size_t level = sum.m_low; level < sum.m_high; ++level)
        {
            sum.set_torsion(level, added(x.m_torsion[level], y.m_torsion[level], level));
        }
    }
    return sum;
}

residues operator-(const residues& x)
{
    residues result = x;
    for (std::size_t level = x.m_low; level < x.m_high; ++level)
    {
        result.m_at[level] = tower::at(level).negate(x.m_at[level]);
        result.m_torsion[level] = multiplied({-1, 1}, x.m_torsion[level], level);
    }
    return result;
}

residues operator-(const residues& x, const residues& y)
{
    return x + -y;
}

residues operator*(const residues& x, const residues& y)
{
    residues product = combine(x, y, [](const field& f, scalar a, scalar b) { return f.multiply(a, b); });
    product.m_degree = of_product(x.m_degree, y.m_degree);
    if (x.m_has_torsion || y.m_has_torsion)
    {
        for (std::size_t level = product.m_low; level < product.m_high; ++level)
        {
            const bool none = x.m_torsion[level] == 0 && y.m_torsion[level] == 0;
            product.set_torsion(level, none ? torsion{0} : tower::unknown_torsion);
        }
    }
    return product;
}

residues operator*(const fraction& c, const residues& x)
{
    residues product = residues(c) * x;
    for (std::size_t level = product.m_low; x.m_has_torsion && level < product.m_high; ++level)
    {
        product.set_torsion(level, multiplied(c, x.m_torsion[level], level));
    }
    return product;
}

residues operator/(const residues& x, const residues& y)
{
    residues quotient = combine(x, y,
                                [](const field& f, scalar a, scalar b)
                                {
                                    if (b.is_zero())
                                    {
                                        throw unlucky_point{"a division by 0"};
                                    }
                                    return f.multiply(a, f.inverse(b));
                                });
    quotient.m_degree = of_product(x.m_degree, {y.m_degree.denominator, y.m_degree.numerator, y.m_degree.inside});
    for (std::size_t level = quotient.m_low; x.m_has_torsion && level < quotient.m_high; ++level)
    {
        quotient.set_torsion(level, x.m_torsion[level] == 0 ? torsion{0} : tower::unknown_torsion);
    }
    return quotient;
}

residues exp(const residues& x)
{
    if (only_numbers)
    {
        return atom("exp", x);
    }
    residues result;
    result.m_low = static_cast<std::uint8_t>(x.m_low + 1);
    result.m_high = static_cast<std::uint8_t>(std::min<std::size_t>(x.m_high + 1U, used_levels));
    result.require_a_level();
    for (std::size_t level = result.m_low; level < result.m_high; ++level)
    {
        torsion t = x.m_torsion[level - 1];
        if (t == tower::unknown_torsion)
        {
            ambiguity::note();
            t = 0;
        }
        result.m_at[level] = tower::exp(level - 1, x.m_at[level - 1], t);
    }
    result.m_degree = of_function(x.m_degree);
    return result;
}

residues log(const residues& x)
{
    if (only_numbers)
    {
        return atom("log", x);
    }
    residues result;
    result.m_low = static_cast<std::uint8_t>(x.m_low == 0 ? 0 : x.m_low - 1);
    result.m_high = static_cast<std::uint8_t>(std::min<std::size_t>(x.m_high - 1U, tower::levels_of_logarithms));
    if (result.m_low >= tower::levels_of_logarithms)
    {
        throw undecidable{"a logarithm of exponentials nested more than four deep"};
    }
    result.require_a_level();
    for (std::size_t level = result.m_low; level < result.m_high; ++level)
    {
        if (x.m_at[level + 1].is_zero())
        {
            throw unlucky_point{"a logarithm of 0"};
        }
        budget_of_logarithms::spend(tower::steps_of_log(level));
        const auto [exponent, rest] = tower::log(level, x.m_at[level + 1]);
        result.m_at[level] = exponent;
        result.set_torsion(level, rest);
    }
    result.m_degree = of_function(x.m_degree);
    return result;
}

residues sqrt(const residues& x)
{
    residues result = x;
    result.m_torsion = {};
    result.m_has_torsion = false;
    for (std::size_t level = x.m_low; level < x.m_high; ++level)
    {
        const std::optional<scalar> root = tower::at(level).sqrt(x.m_at[level]);
        if (!root)
        {
            ambiguity::note();
            return atom("sqrt", x);
        }
        result.m_at[level] = *root;
    }
    return result;
}

residues odd_root(const residues& x, std::uint64_t of_degree)
{
    residues result = x;
    result.m_torsion = {};
    result.m_has_torsion = false;
    for (std::size_t level = x.m_low; level < x.m_high; ++level)
    {
        const std::optional<scalar> root = tower::at(level).odd_root(x.m_at[level], of_degree);
        if (!root)
        {
            ambiguity::note();
            return atom("root", x);
        }
        result.m_at[level] = *root;
    }
    return result;
}

residues atom(std::string_view function, const residues& x)
{
    residues result = x;
    result.m_torsion = {};
    result.m_has_torsion = false;
    const std::uint64_t name = hash_of(function);
    for (std::size_t level = x.m_low; level < x.m_high; ++level)
    {
        const std::uint64_t hash = mixed(mixed(name ^ level) ^ mixed(x.m_at[level].a ^ mixed(x.m_at[level].b)));
        result.m_at[level] = {tower::at(level).base().of(hash), 0};
    }
    result.m_degree = of_function(x.m_degree);
    return result;
}

/// Of x and -x the one with the smaller residue is asked, in each level.
residues odd_atom(std::string_view function, const residues& x)
{
    residues magnitude = x;
    for (std::size_t level = x.m_low; level < x.m_high; ++level)
    {
        const scalar opposite = tower::at(level).negate(x.m_at[level]);
        if (std::pair(opposite.a, opposite.b) < std::pair(x.m_at[level].a, x.m_at[level].b))
        {
            magnitude.m_at[level] = opposite;
        }
    }
    residues result = atom(function, magnitude);
    for (std::size_t level = x.m_low; level < x.m_high; ++level)
    {
        if (x.m_at[level].is_zero())
        {
            result.m_at[level] = {};
        }
        else if (!(magnitude.m_at[level] == x.m_at[level]))
        {
            result.m_at[level] = tower::at(level).negate(result.m_at[level]);
        }
    }
    return result;
}

residues without_torsion(const residues& x)
{
    residues result;
    result.set_levels(x.low(), x.high());
    for (std::size_t level = x.low(); level < x.high(); ++level)
    {
        result.set(level, x.at(level));
    }
    result.set_degree(x.its_degree());
    return result;
}

std::optional<fraction> fraction_of(const scalar& residue, const prime_field& f, std::int64_t largest)
{
    return residue.b == 0 ? reconstruct(f.integer(residue.a), f.prime(), largest) : std::nullopt;
}

residues imaginary_unit()
{
    residues result;
    for (std::size_t level = 0; level < result.high(); ++level)
    {
        result.set(level, tower::at(level).i());
    }
    return result;
}

residues exactly(double number)
{
    int exponent = 0;
    const auto mantissa = static_cast<std::int64_t>(std::ldexp(std::frexp(number, &exponent), 53));
    exponent -= 53;
    residues result(fraction{mantissa, 1});
    for (std::size_t level = 0; level < result.high(); ++level)
    {
        const field& f = tower::at(level);
        const scalar two = {f.base().of(2), 0};
        const scalar power =
            f.power(exponent < 0 ? f.inverse(two) : two, static_cast<std::uint64_t>(std::abs(exponent)));
        result.set(level, f.multiply(result.at(level), power));
    }
    return result;
}

namespace
{

/// The exact value of a constant of mathematics, and its digits.
struct known_constant
{
    long double digits;
    std::function<residues()> value;
};

/// Logarithms and roots of small integers, pi and its root, with their reciprocals.
std::vector<known_constant> make_known_constants()
{
    using real = long double;
    constexpr real pi = std::numbers::pi_v<real>;
    const auto root_of_pi = [] { return named_constant("sqrt(pi)"); };
    const auto root_of = [](std::int64_t n) { return sqrt(residues(fraction{n, 1})); };
    std::vector<known_constant> all;
    const auto add = [&](real digits, const std::function<residues()>& value)
    {
        all.push_back({digits, value});
        all.push_back({1 / digits, [value] { return residues(fraction{1, 1}) / value(); }});
    };
    for (const std::int64_t n : {2, 3, 5, 6, 7, 10})
    {
        add(std::log(static_cast<real>(n)), [n] { return log(residues(fraction{n, 1})); });
        add(std::sqrt(static_cast<real>(n)), [n, root_of] { return root_of(n); });
    }
    add(pi, [=] { return root_of_pi() * root_of_pi(); });
    add(std::sqrt(pi), root_of_pi);
    add(std::sqrt(2 * pi), [=] { return root_of_pi() * root_of(2); });
    add(std::log(pi), [=] { return fraction{2, 1} * log(root_of_pi()); });
    add(std::log(2 * pi), [=] { return fraction{2, 1} * log(root_of_pi()) + log(residues(fraction{2, 1})); });
    return all;
}

/// The fraction of a small numerator and denominator that this is but for the last digits of T. A float has so few
/// digits that many are near by chance: there, only halves and doubles count.
template <class T>
std::optional<fraction> simple_factor(long double ratio)
{
    constexpr std::int64_t largest = std::is_same_v<T, float> ? 2 : 1000;
    constexpr long double digits = std::numeric_limits<T>::epsilon();
    constexpr long double near = std::is_same_v<T, float> ? digits / 2 : digits;
    fraction before{1, 0};
    fraction now{static_cast<std::int64_t>(ratio), 1};
    for (long double rest = ratio; now.numerator <= largest && now.denominator <= largest;)
    {
        if (std::abs(static_cast<long double>(now.numerator) - ratio * static_cast<long double>(now.denominator)) <=
            near * ratio * static_cast<long double>(now.denominator))
        {
            return now;
        }
        rest = 1 / (rest - std::floor(rest)); // the next term of the continued fraction
        if (!(rest < static_cast<long double>(2 * largest)))
        {
            break;
        }
        const auto whole = static_cast<std::int64_t>(rest);
        before = std::exchange(
            now, {whole * now.numerator + before.numerator, whole * now.denominator + before.denominator});
    }
    return std::nullopt;
}

/// ln 2, sqrt(pi) and their kin, and simple multiples of them, by their digits; nothing for other numbers.
template <class T>
std::optional<residues> of_mathematics(T number)
{
    static const std::vector<known_constant> all = make_known_constants();
    const auto magnitude = static_cast<long double>(std::abs(number));
    for (const known_constant& each : all)
    {
        const long double ratio = magnitude / each.digits;
        constexpr long double largest = 1001;
        const auto factor = ratio < largest ? simple_factor<T>(ratio) : std::nullopt;
        if (factor && factor->numerator != 0)
        {
            const residues value = *factor * each.value();
            return number < 0 ? -value : value;
        }
    }
    return std::nullopt;
}

/// Most floats are simple fractions of some denominator, and few doubles; many doubles are near a simple multiple of a
/// constant of mathematics, and few floats.
template <class T>
residues of_number(T number)
{
    const std::optional<fraction> simple = least_fraction(number);
    const auto as_fraction = [&] { return simple ? residues(*simple) : exactly(static_cast<double>(number)); };
    if (simple && std::is_same_v<T, double>)
    {
        return as_fraction();
    }
    const auto known = of_mathematics(number);
    return known ? *known : as_fraction();
}

} // namespace

bool is_of_mathematics(double number)
{
    return of_mathematics(number).has_value();
}

residues of_constant(double number)
{
    return of_number(number);
}

residues of_constant(float number)
{
    return of_number(number);
}

residues named_constant(std::string_view name)
{
    return atom(name, residues());
}

} // namespace autograd::prove
