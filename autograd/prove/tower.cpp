#include "autograd/prove/tower.hpp"

#include <memory>
#include <mutex>
#include <vector>

namespace autograd::prove::tower
{

namespace
{

using word = prime_field::word;

// The greatest q_0 below 2^32 on which a tower of nine below 2^62 stands whose quotients have no other prime factors
// than 2, 11 and 17: so roots of degree 3, 5, 7, 9 are unique in every level.
constexpr std::array<word, levels> the_primes{2676498317,       21411986537,       171295892297,
                                              1370367138377,    93184965409637,    745479723277097,
                                              5963837786216777, 47710702289734217, 2099270900748305549};

/// Finds the exponent of a power of g, of order q, by baby steps and giant steps (Shanks, 1971): all g^j for j < 2^20
/// stand in a table, and a power is multiplied with g^(-2^20) until it is one of them.
class discrete_logarithm
{
public:
    static constexpr std::uint32_t babies = 1U << 20;

    discrete_logarithm(const prime_field& f, word g, word order) : m_field(f), m_order(order), m_slots(2 * babies)
    {
        word power = f.one();
        for (std::uint32_t j = 0; j < babies; ++j)
        {
            std::size_t at = slot_of(power);
            while (m_slots[at].step_behind != 0)
            {
                at = (at + 1) % m_slots.size();
            }
            m_slots[at] = {check_of(power), j + 1};
            power = f.multiply(power, g);
        }
        m_giant = f.inverse(power);
        m_generator = g;
    }

    word of(word power) const
    {
        // Some giant steps are made before they are looked up: the table is larger than caches, and so it is fetched
        // while the next step is computed.
        constexpr std::size_t ahead = 16;
        std::array<word, ahead> rests;
        word rest = power;
        for (word giant = 0; giant * babies < m_order; giant += ahead)
        {
            for (word& next : rests)
            {
                next = rest;
                __builtin_prefetch(&m_slots[slot_of(rest)]);
                rest = m_field.multiply(rest, m_giant);
            }
            for (std::size_t step = 0; step < ahead; ++step)
            {
                if (const auto exponent = look_up(rests[step], (giant + step) * babies, power))
                {
                    return *exponent;
                }
            }
        }
        return 0; // not reached for a power of g
    }

private:
    struct slot
    {
        std::uint32_t check;
        std::uint32_t step_behind; ///< 0: empty
    };
    /// The exponent of the power, if the rest, which is `steps` less, is in the table.
    std::optional<word> look_up(word rest, word steps, word power) const
    {
        for (std::size_t at = slot_of(rest); m_slots[at].step_behind != 0; at = (at + 1) % m_slots.size())
        {
            const word exponent = steps + m_slots[at].step_behind - 1;
            if (m_slots[at].check == check_of(rest) && m_field.power(m_generator, exponent) == power)
            {
                return exponent % m_order;
            }
        }
        return std::nullopt;
    }
    static word mixed(word x) { return x * 0x9e3779b97f4a7c15U; }
    std::size_t slot_of(word x) const { return mixed(x) >> 43; } // of 2^21
    static std::uint32_t check_of(word x) { return static_cast<std::uint32_t>(mixed(x) >> 8); }

    const prime_field& m_field;
    word m_order;
    word m_generator = 0;
    word m_giant = 0;
    std::vector<slot> m_slots;
};

/// From the exponents of one level to the next.
class step
{
public:
    step(const field& below, const field& above, std::uint64_t seed)
        : m_below(below), m_above(above), m_order(static_cast<unsigned>((above.prime() - 1) / below.prime()))
    {
        const prime_field& f = above.base();
        word h = 2;
        while (f.power(f.of(h), m_order) == f.one())
        {
            ++h;
        }
        const word generator = f.power(f.of(h), m_order);
        word power = generator;
        for (auto& digit : m_powers)
        {
            digit[0] = f.one();
            for (std::size_t j = 1; j < digit.size(); ++j)
            {
                digit[j] = f.multiply(digit[j - 1], power);
            }
            power = f.multiply(digit.back(), power);
        }
        m_torsion = powers_of_torsion();
        m_of_rho = below.base().of(seed);
    }

    unsigned torsion_order() const { return m_order; }

    /// g^(a + s b) w^t, where s is a number that stands for rho in exponents.
    scalar exp(scalar x, torsion t) const
    {
        const prime_field& exponents = m_below.base();
        word exponent = exponents.integer(x.b == 0 ? x.a : exponents.add(x.a, exponents.multiply(m_of_rho, x.b)));
        const prime_field& f = m_above.base();
        word result = t > 0 ? m_torsion[static_cast<std::size_t>(t)] : f.one();
        for (std::size_t digit = 0; exponent > 0; ++digit, exponent >>= 8)
        {
            result = f.multiply(result, m_powers[digit][exponent & 255]);
        }
        return {result, 0};
    }

    logarithm log(scalar x) const
    {
        const prime_field& f = m_above.base();
        if (x.b != 0)
        {
            const logarithm of_norm = log({m_above.norm(x), 0});
            return {m_below.multiply(of_norm.exponent, m_below.half()), unknown_torsion};
        }
        // x = g^e w^t, and its power q is w^(t q): t is found among k, and what is left is a power of g.
        const word power = f.power(x.a, m_below.prime());
        std::size_t t = 0;
        while (m_powers_of_torsion[t] != power)
        {
            ++t;
        }
        const word rest = t == 0 ? x.a : f.multiply(x.a, m_torsion[m_order - t]);
        return {{m_below.base().of(table().of(rest)), 0}, static_cast<torsion>(t)};
    }

private:
    /// 1, w, w^2, ...: the elements whose order divides k.
    std::vector<word> powers_of_torsion()
    {
        const prime_field& f = m_above.base();
        for (word h = 2;; ++h)
        {
            const word w = f.power(f.of(h), m_below.prime());
            std::vector<word> powers{f.one()};
            for (word power = w; power != f.one(); power = f.multiply(power, w))
            {
                powers.push_back(power);
            }
            if (powers.size() == m_order)
            {
                for (const word each : powers)
                {
                    m_powers_of_torsion.push_back(f.power(each, m_below.prime()));
                }
                return powers;
            }
        }
    }
    const discrete_logarithm& table() const
    {
        std::call_once(
            m_tabulated, [this]
            { m_table = std::make_unique<discrete_logarithm>(m_above.base(), m_powers[0][1], m_below.prime()); });
        return *m_table;
    }

    const field& m_below;
    const field& m_above;
    unsigned m_order;
    std::array<std::array<word, 256>, 8> m_powers; ///< of g: the exponent in digits of 8 bits
    std::vector<word> m_torsion;
    std::vector<word> m_powers_of_torsion; ///< their powers q
    word m_of_rho = 0;
    mutable std::once_flag m_tabulated;
    mutable std::unique_ptr<discrete_logarithm> m_table;
};

template <std::size_t... I>
std::array<field, sizeof...(I)> make_fields(std::index_sequence<I...>)
{
    return {field(the_primes[I])...};
}

/// Made when it is first asked for.
struct all_levels
{
    std::array<field, levels> fields = make_fields(std::make_index_sequence<levels>());
    std::array<std::unique_ptr<step>, levels - 1> steps;

    all_levels()
    {
        for (std::size_t i = 0; i < steps.size(); ++i)
        {
            steps[i] = std::make_unique<step>(fields[i], fields[i + 1], 0x9e3779b97f4a7c15U * (i + 1));
        }
    }
};

const all_levels& all()
{
    static const all_levels made;
    return made;
}

} // namespace

std::span<const std::uint64_t, levels> primes()
{
    return the_primes;
}

const field& at(std::size_t level)
{
    return all().fields[level];
}

unsigned torsion_order(std::size_t level)
{
    return all().steps[level]->torsion_order();
}

scalar exp(std::size_t level, scalar x, torsion t)
{
    return all().steps[level]->exp(x, t);
}

logarithm log(std::size_t level, scalar x)
{
    return all().steps[level]->log(x);
}

std::uint64_t steps_of_log(std::size_t level)
{
    return the_primes[level] / discrete_logarithm::babies + 1;
}

} // namespace autograd::prove::tower
