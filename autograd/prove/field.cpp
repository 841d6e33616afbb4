#include "autograd/prove/field.hpp"

#include <numeric>
#include <utility>

namespace autograd::prove
{

namespace
{

/// 1 / x modulo m, for x without a common divisor with m (the extended algorithm of Euclid).
std::uint64_t inverse_modulo(std::uint64_t x, std::uint64_t m)
{
    __extension__ using wide = __int128;
    wide a = m;
    wide b = x % m;
    wide of_a = 0;
    wide of_b = 1;
    while (b != 0)
    {
        const wide quotient = a / b;
        a = std::exchange(b, a - quotient * b);
        of_a = std::exchange(of_b, of_a - quotient * of_b);
    }
    return static_cast<std::uint64_t>(of_a < 0 ? of_a + m : of_a);
}

} // namespace

/// x^((m + 1) / 2) is a root of x but for a root of 1, m being the odd part of q - 1 (Tonelli, Shanks). Of zeta^n the
/// root is zeta^(n / 2), and of an odd n rho times that.
scalar field::root_in_base(word x) const
{
    word root = m_base.power(x, (m_odd + 1) / 2);
    const word torsion = m_base.multiply(m_base.multiply(root, root), m_base.inverse(x)); // x^m = zeta^n
    unsigned n = 0;
    for (word power = m_base.one(); power != torsion; power = m_base.multiply(power, m_zeta))
    {
        ++n;
    }
    // root^2 = x zeta^n, so root / zeta^(n/2) is a root of x; for an odd n, root zeta^(-(n+1)/2) rho is.
    const unsigned order = 1U << m_twos;
    root = m_base.multiply(root, m_base.power(m_zeta, order - (n + 1) / 2));
    return n % 2 == 0 ? scalar{root, 0} : scalar{0, root};
}

std::optional<scalar> field::sqrt(scalar x) const
{
    if (x.is_zero())
    {
        return x;
    }
    if (x.b == 0)
    {
        return root_in_base(x.a);
    }
    // (c + d rho)^2 = x with c^2 = (a + s) / 2, d = b / (2 c), where s is a root of the norm.
    const scalar s = root_in_base(norm(x));
    if (s.b != 0)
    {
        return std::nullopt;
    }
    for (const word root_of_norm : {s.a, m_base.negate(s.a)})
    {
        const word square = m_base.multiply(m_half, m_base.add(x.a, root_of_norm));
        if (square == 0)
        {
            continue;
        }
        const scalar c = root_in_base(square);
        if (c.b == 0)
        {
            return scalar{c.a, m_base.multiply(m_base.multiply(x.b, m_half), m_base.inverse(c.a))};
        }
    }
    return std::nullopt;
}

std::optional<scalar> field::odd_root(scalar x, word degree) const
{
    if (x.is_zero() || degree == 1)
    {
        return x;
    }
    const word order = prime() - 1;
    if (x.b != 0 || std::gcd(degree, order) != 1)
    {
        return std::nullopt;
    }
    return scalar{m_base.power(x.a, inverse_modulo(degree, order)), 0};
}

} // namespace autograd::prove
