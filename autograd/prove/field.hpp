#pragma once

#include <cstdint>
#include <optional>

namespace autograd::prove
{

/// The integers modulo a prime q < 2^63, in Montgomery's form: x stands as x 2^64 mod q, so that a product is three
/// multiplications of words and no division (Montgomery, Math. Comp. 44, 1985).
class prime_field
{
public:
    using word = std::uint64_t;

    constexpr explicit prime_field(word prime) : m_q(prime), m_negated_inverse(0), m_one(0), m_square_of_radix(0)
    {
        word inverse = prime; // Newton's iteration for 1 / q modulo 2^64: q itself is right modulo 2^3
        for (int i = 0; i < 5; ++i)
        {
            inverse *= 2 - prime * inverse;
        }
        m_negated_inverse = ~inverse + 1;
        m_one = (~word{0} % prime + 1) % prime;
        m_square_of_radix = static_cast<word>(wide{m_one} * m_one % prime);
    }

    constexpr word prime() const { return m_q; }
    constexpr word one() const { return m_one; }

    constexpr word of(word integer) const { return multiply(integer % m_q, m_square_of_radix); }
    constexpr word of_signed(std::int64_t integer) const
    {
        return integer < 0 ? negate(of(~static_cast<word>(integer) + 1)) : of(static_cast<word>(integer));
    }
    /// The integer from 0 to q - 1 that x stands for.
    constexpr word integer(word x) const { return reduce(x); }

    constexpr word add(word x, word y) const
    {
        const word sum = x + y;
        return sum >= m_q ? sum - m_q : sum;
    }
    constexpr word subtract(word x, word y) const { return x >= y ? x - y : x + m_q - y; }
    constexpr word negate(word x) const { return x == 0 ? 0 : m_q - x; }
    constexpr word multiply(word x, word y) const { return reduce(wide{x} * y); }
    constexpr word power(word x, word exponent) const
    {
        word result = m_one;
        for (; exponent > 0; exponent >>= 1)
        {
            if (exponent & 1)
            {
                result = multiply(result, x);
            }
            x = multiply(x, x);
        }
        return result;
    }
    /// 1 / x by Fermat's theorem; x must not be 0.
    constexpr word inverse(word x) const { return power(x, m_q - 2); }

private:
    __extension__ using wide = unsigned __int128;

    /// x / 2^64 modulo q
    constexpr word reduce(wide x) const
    {
        const word multiple = static_cast<word>(x) * m_negated_inverse;
        const word sum = static_cast<word>((x + wide{multiple} * m_q) >> 64); // below 2 q, since x < q 2^64
        return sum >= m_q ? sum - m_q : sum;
    }

    word m_q;
    word m_negated_inverse;
    word m_one;
    word m_square_of_radix;
};

/// a + b rho, where rho is a root of zeta, which has none in the prime field. b is 0 unless a root was taken of what is
/// no square.
struct scalar
{
    std::uint64_t a = 0;
    std::uint64_t b = 0;

    friend constexpr bool operator==(const scalar&, const scalar&) = default;
    constexpr bool is_zero() const { return a == 0 && b == 0; }
};

/// A prime field with the roots of all its elements: F_q(rho), for a prime q = 1 modulo 4 and 2 modulo 3. There is a
/// root of -1, and each element has one cube root.
class field
{
public:
    using word = prime_field::word;

    constexpr explicit field(word prime)
        : m_base(prime), m_twos(static_cast<unsigned>(__builtin_ctzll(prime - 1))), m_odd((prime - 1) >> m_twos)
    {
        // The least integer that is no square makes a root of 1 of the full order 2^twos.
        const word minus_one = m_base.negate(m_base.one());
        word candidate = 2;
        while (m_base.power(m_base.of(candidate), (prime - 1) / 2) != minus_one)
        {
            ++candidate;
        }
        m_zeta = m_base.power(m_base.of(candidate), m_odd);
        m_i = m_base.power(m_zeta, word{1} << (m_twos - 2));
        m_half = m_base.inverse(m_base.of(2));
    }

    constexpr const prime_field& base() const { return m_base; }
    constexpr word prime() const { return m_base.prime(); }
    /// 2^twos divides q - 1, and no higher power.
    constexpr unsigned twos() const { return m_twos; }
    /// A primitive root of 1 of order 2^twos.
    constexpr word zeta() const { return m_zeta; }
    /// The root of -1.
    constexpr scalar i() const { return {m_i, 0}; }
    constexpr scalar one() const { return {m_base.one(), 0}; }
    constexpr scalar half() const { return {m_half, 0}; }

    constexpr scalar add(scalar x, scalar y) const { return {m_base.add(x.a, y.a), m_base.add(x.b, y.b)}; }
    constexpr scalar subtract(scalar x, scalar y) const
    {
        return {m_base.subtract(x.a, y.a), m_base.subtract(x.b, y.b)};
    }
    constexpr scalar negate(scalar x) const { return {m_base.negate(x.a), m_base.negate(x.b)}; }
    constexpr scalar multiply(scalar x, scalar y) const
    {
        if ((x.b | y.b) == 0)
        {
            return {m_base.multiply(x.a, y.a), 0};
        }
        const word square = m_base.multiply(m_zeta, m_base.multiply(x.b, y.b));
        return {m_base.add(m_base.multiply(x.a, y.a), square),
                m_base.add(m_base.multiply(x.a, y.b), m_base.multiply(x.b, y.a))};
    }
    /// (a + b rho) (a - b rho) = a^2 - zeta b^2
    constexpr word norm(scalar x) const
    {
        return m_base.subtract(m_base.multiply(x.a, x.a), m_base.multiply(m_zeta, m_base.multiply(x.b, x.b)));
    }
    /// 1 / x; x must not be 0.
    constexpr scalar inverse(scalar x) const
    {
        if (x.b == 0)
        {
            return {m_base.inverse(x.a), 0};
        }
        const word by = m_base.inverse(norm(x));
        return {m_base.multiply(x.a, by), m_base.multiply(m_base.negate(x.b), by)};
    }
    constexpr scalar power(scalar x, word exponent) const
    {
        scalar result = one();
        for (; exponent > 0; exponent >>= 1)
        {
            if (exponent & 1)
            {
                result = multiply(result, x);
            }
            x = multiply(x, x);
        }
        return result;
    }

    /// The root of x, always the same of the two; that of a power of odd order is of odd order itself, so there the
    /// root of a product is the product of the roots. Nothing where the root needs another extension.
    std::optional<scalar> sqrt(scalar x) const;
    /// The root of an odd degree, where every element has just one. Nothing elsewhere.
    std::optional<scalar> odd_root(scalar x, word degree) const;

private:
    scalar root_in_base(word x) const;

    prime_field m_base;
    unsigned m_twos;
    word m_odd;
    word m_zeta = 0;
    word m_i = 0;
    word m_half = 0;
};

} // namespace autograd::prove
