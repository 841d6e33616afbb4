#include "autograd/prove/answers.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

namespace autograd::prove
{

void branches::merge(const branches& others)
{
    sign_of_root = sign_of_root || others.sign_of_root;
    for (std::size_t step = 0; step < met.size(); ++step)
    {
        met[step].resize(std::max(met[step].size(), others.met[step].size()));
        for (std::size_t k = 0; k < others.met[step].size(); ++k)
        {
            met[step][k] |= others.met[step][k];
        }
    }
}

answers::answers(std::size_t steps, const options& o) : m_options(o), m_branches(steps), m_random_constants(~o.seed) {}

void answers::look_at(std::size_t step)
{
    m_step = step;
    m_of_integers = false;
    look_at_element(0);
}

void answers::look_at_element(std::size_t element)
{
    m_element = element;
    m_comparison = 0;
    m_asked_here = 0;
    m_asked_before = 0;
}

void answers::count_comparisons_as_one()
{
    std::vector<std::uint8_t>& met = m_branches.met[m_step];
    if (!met.empty())
    {
        met.assign(1, std::reduce(met.begin(), met.end(), std::uint8_t{0}, std::bit_or<std::uint8_t>()));
    }
}

void answers::decided(bool outcome)
{
    std::vector<std::uint8_t>& of_step = m_branches.met[m_step];
    if (m_comparison >= of_step.size())
    {
        of_step.resize(m_comparison + 1);
    }
    std::uint8_t& bits = of_step[m_comparison++];
    bits |= outcome ? branches::yes : branches::no;
    bits |= m_of_integers && m_asked_here == m_asked_before ? branches::of_integers : 0;
    m_asked_before = m_asked_here;
}

bool answers::supposes() const
{
    return m_options.how == drawn::outcomes || m_options.how == drawn::other_constants;
}

void answers::ask()
{
    m_asked = true;
    m_last = {m_step, m_element, m_asked_here++};
}

void answers::note_answer(double answer)
{
    if (!supposes())
    {
        m_by_numbers.emplace_hint(m_by_numbers.end(), m_last, answer);
    }
}

bool answers::is_drawn(std::uint64_t key)
{
    if (!without_numbers())
    {
        return false;
    }
    const auto [found, is_new] = m_drawn.try_emplace(key);
    if (is_new)
    {
        found->second = !m_options.supposed.drawn || m_options.supposed.drawn(m_questions.size());
        m_questions.push_back(m_last);
    }
    return found->second;
}

int answers::sign(const residues& of, int by_number, int preferred)
{
    ask();
    if (!supposes())
    {
        if (by_number == 0)
        {
            throw unlucky_point{"numbers too close to tell their order"};
        }
        note_answer(by_number);
        return by_number;
    }
    if (const auto known = m_supposed.of(of, m_element))
    {
        return *known;
    }
    int result = by_number;
    if (is_drawn(key_of(of)) || by_number == 0)
    {
        const int any = rank_of(of) < 0.5 ? 1 : -1;
        result = m_options.signs == 0 ? any : m_options.signs * preferred;
        m_drawn_values[m_last] = result;
    }
    m_supposed.suppose(of, m_element, result);
    return result;
}

int answers::sign_of_integers(const residues& difference, int by_number)
{
    if (!m_of_integers)
    {
        return by_number;
    }
    ask();
    note_answer(by_number);
    constexpr std::uint64_t of_integers = 0x94d049bb133111ebU;
    if (!is_drawn(key_of(difference) ^ of_integers))
    {
        return by_number;
    }
    const int result = rank_of(difference) < 0.5 ? 1 : -1;
    m_drawn_values[m_last] = result;
    return result;
}

/// Drawn are small integers, and those that are written in the formulas or beside them, by other digits of the rank for
/// each function.
std::optional<double> answers::step(unsigned k, const residues& x)
{
    ask();
    m_last_step = {k, x};
    if (!supposes())
    {
        return std::nullopt;
    }
    if (const auto known = known_value(k, x))
    {
        return known;
    }
    if (!is_drawn(key_of(x) + k))
    {
        return std::nullopt;
    }
    constexpr std::size_t small = 8;
    const double choices = static_cast<double>(small + m_options.integers.size());
    const double digits = std::ldexp(rank_of(x), 12 + 4 * static_cast<int>(k));
    const auto choice = static_cast<std::size_t>((digits - std::floor(digits)) * choices);
    const double any = choice < small ? static_cast<double>(choice) - static_cast<double>(small) / 2
                                      : m_options.integers[choice - small];
    m_drawn_values[m_last] = any;
    stepped(any);
    return any;
}

void answers::stepped(double value)
{
    constexpr std::size_t most_steps = 64; // beyond, integers beside arguments are not looked for
    if (supposes() && m_steps.size() < most_steps)
    {
        m_steps.push_back({m_last_step.first, m_last_step.second, value});
    }
    note_answer(value);
}

/// floor(x + n) = floor(x) + n; trunc is not so.
std::optional<double> answers::known_value(unsigned k, const residues& x) const
{
    constexpr unsigned truncation = 2;
    constexpr std::int64_t largest = 1 << 12;
    for (const known_step& other : m_steps)
    {
        const residues apart = x - other.x;
        const auto n = fraction_of(apart.at(apart.low()), tower::at(apart.low()).base(), largest);
        const bool is_integer = n && n->denominator == 1 && (n->numerator == 0 || k != truncation);
        if (other.k == k && is_integer && residues(*n) == apart)
        {
            return other.value + static_cast<double>(n->numerator);
        }
    }
    return std::nullopt;
}

bool answers::asks_for_positions(std::uint64_t key)
{
    ask();
    return is_drawn(key);
}

void answers::note_positions(const std::vector<std::int64_t>& positions)
{
    std::uint64_t name = positions.size();
    for (const std::int64_t each : positions)
    {
        name = (name + static_cast<std::uint64_t>(each)) * 0x9e3779b97f4a7c15U;
    }
    note_answer(static_cast<double>(name >> 11));
}

double answers::beside_variables(double constant)
{
    return supposes() ? m_other_constants.of(constant, m_random_constants) : constant;
}

namespace
{

/// The number is what was meant but for its last digit, if it is not just that.
exact constant_of(double number)
{
    const residues value = of_constant(number);
    return {value, {number, value == exactly(number) ? 0 : ball::unit * std::abs(number)}, true};
}

/// In double, too, it is what was meant: 0.1f is 1/10, and ln 2 is known to as many digits as float has.
exact constant_of(float number)
{
    const residues value = of_constant(number);
    const auto simple = least_fraction(number);
    if (simple && residues(*simple) == value)
    {
        return constant_of(static_cast<double>(simple->numerator) / static_cast<double>(simple->denominator));
    }
    const auto in_double = static_cast<double>(number);
    const double digits = value == exactly(in_double) ? 0 : 2 * std::numeric_limits<float>::epsilon();
    return {value, {in_double, digits * std::abs(in_double)}, true};
}

} // namespace

exact answers::constant(double number)
{
    const auto found = m_constants.find(number);
    if (found != m_constants.end())
    {
        return found->second;
    }
    return m_constants[number] = m_options.in_float ? constant_of(static_cast<float>(number)) : constant_of(number);
}

void answers::squared(const residues& square, const residues& x, bool negative)
{
    for (std::size_t level = square.low(); level < square.high(); ++level)
    {
        m_roots[key_of(level, square.at(level))] = {x.at(level), negative};
    }
}

namespace
{

/// Whether a root that nobody knows has no part of rho, as that of the square of something has.
bool may_be_a_square(const residues& root)
{
    for (std::size_t level = root.low(); level < root.high(); ++level)
    {
        if (root.at(level).b != 0)
        {
            return false;
        }
    }
    return root.its_degree().numerator + root.its_degree().inside > 0;
}

residues with_other_sign(residues x)
{
    for (std::size_t level = x.low(); level < x.high(); ++level)
    {
        x.set(level, tower::at(level).negate(x.at(level)));
    }
    return x;
}

} // namespace

/// The root of what is not known to be a square. It may be one all the same, and its sign in each level is any. Where
/// signs are supposed, it has those: if that of x is known, the root of x^2 is |x|.
residues answers::unknown_root(const residues& square)
{
    residues result = sqrt(square);
    const bool may_be = may_be_a_square(result);
    m_branches.sign_of_root = m_branches.sign_of_root || may_be;
    for (std::size_t level = result.low(); may_be && supposes() && level < result.high(); ++level)
    {
        const bool is_other =
            m_options.supposed.roots == root_signs::other ||
            (m_options.supposed.roots == root_signs::other_in_the_lowest_level && level == result.low());
        const scalar value = result.at(level);
        const auto known = m_supposed.at(level, value);
        if (!known)
        {
            m_supposed.suppose_at(level, value, is_other ? -1 : 1);
        }
        if (known ? *known < 0 : is_other)
        {
            result.set(level, tower::at(level).negate(value));
        }
    }
    return result;
}

residues answers::root(const residues& square)
{
    residues result = square;
    bool is_negative = false;
    for (std::size_t level = square.low(); level < square.high(); ++level)
    {
        const auto found = m_roots.find(key_of(level, square.at(level)));
        if (found == m_roots.end())
        {
            return unknown_root(square);
        }
        const auto& [x, negative] = found->second;
        result.set(level, negative ? tower::at(level).negate(x) : x);
        is_negative = negative;
    }
    // What is a square itself has the same sign everywhere.
    const bool may_change = !m_roots.contains(key_of(result));
    if (!is_negative && !may_change)
    {
        return result;
    }
    const bool is_other = sign(result, 1, 1) < 0;
    decided(is_negative != is_other);
    return is_other ? with_other_sign(result) : result;
}

} // namespace autograd::prove
