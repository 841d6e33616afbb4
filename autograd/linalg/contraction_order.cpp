#include "autograd/linalg/contraction_order.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <numeric>

namespace autograd::detail
{

namespace
{

constexpr std::size_t most_tried_exhaustively = 6;

/// Names of axes, each by its number among those that occur: bit k of one word or the other.
class name_set
{
public:
    void insert(std::size_t name) { m_words[name / bits] |= std::uint64_t{1} << name % bits; }
    bool contains(std::size_t name) const { return (m_words[name / bits] >> name % bits & 1) != 0; }
    std::size_t size() const { return static_cast<std::size_t>(std::popcount(m_words[0]) + std::popcount(m_words[1])); }
    template <class F>
    void for_each(F f) const
    {
        for (std::size_t k = 0; k < 2; ++k)
        {
            for (std::uint64_t rest = m_words[k]; rest != 0; rest &= rest - 1)
            {
                f(k * bits + static_cast<std::size_t>(std::countr_zero(rest)));
            }
        }
    }
    friend name_set operator|(name_set a, const name_set& b) { return a |= b; }
    friend name_set operator&(name_set a, const name_set& b)
    {
        a.m_words[0] &= b.m_words[0];
        a.m_words[1] &= b.m_words[1];
        return a;
    }
    name_set& operator|=(const name_set& other)
    {
        m_words[0] |= other.m_words[0];
        m_words[1] |= other.m_words[1];
        return *this;
    }

private:
    static constexpr std::size_t bits = 64;
    std::uint64_t m_words[2] = {};
};

/// What an order costs. Smaller is better: fewer multiplications, then less memory.
struct cost
{
    double multiplications = std::numeric_limits<double>::infinity(); // of what cannot be
    double elements = 0;                                              ///< of all results together

    bool operator<(const cost& other) const
    {
        return multiplications < other.multiplications ||
               (multiplications == other.multiplications && elements < other.elements);
    }
    bool is_possible() const { return multiplications < std::numeric_limits<double>::infinity(); }
};

/// The arrays that there are, and what is made of them.
class arrays
{
public:
    arrays(const std::vector<std::string>& operands, std::string_view result, const extents_of_names& extents)
        : m_operands(operands), m_result(result)
    {
        const std::size_t all = 2 * operands.size();
        m_arrays.reserve(all);
        m_steps.reserve(all);
        m_extents.reserve(2 * max_dimension);
        for (const std::string& names : operands)
        {
            for (const char name : names)
            {
                if (m_names.find(name) == std::string::npos)
                {
                    m_names += name;
                    m_extents.push_back(static_cast<double>(at(extents, name)));
                }
            }
            m_arrays.push_back(set_of(names));
        }
        m_in_result = set_of(m_result);
    }

    std::size_t size() const { return m_arrays.size(); }
    const name_set& operator[](std::size_t k) const { return m_arrays[k]; }

    double elements(const name_set& names) const
    {
        constexpr double more_than_any = 1e300; // but finite, since empty arrays may have extents without bound
        double count = 1;
        names.for_each([&](std::size_t name) { count = std::min(count * m_extents[name], more_than_any); });
        return count;
    }

    /// The axes of what becomes of two in the presence of others: all but what only they have.
    name_set left_over(const name_set& a, const name_set& b, const name_set& others) const
    {
        return (a | b) & (others | m_in_result);
    }

    /// Contracts two, and returns what number their result has.
    std::size_t contract(std::size_t left, std::size_t right, const name_set& kept)
    {
        m_steps.push_back({left, right, {}, elements(m_arrays[left] | m_arrays[right])});
        m_arrays.push_back(kept);
        return m_arrays.size() - 1;
    }

    /// The steps, when there is one array left, with the axes of each result in the order in which it is wanted next.
    std::vector<contraction_step> take_steps()
    {
        m_steps.back().result = m_result;
        for (std::size_t step = m_steps.size(); step-- > 0;)
        {
            const contraction_step& next = m_steps[step];
            for (const std::size_t k : {next.left, next.right})
            {
                if (k >= m_operands.size())
                {
                    m_steps[k - m_operands.size()].result = wanted_order(k, next);
                }
            }
        }
        return std::move(m_steps);
    }

private:
    /// The axes of an array as those of a batch of matrices, of which the step computes products: those that it does
    /// not sum in the order of its result, and the others in the order of what they meet.
    std::string wanted_order(std::size_t k, const contraction_step& step) const
    {
        const std::size_t other = k == step.left ? step.right : step.left;
        std::string batch;
        std::string alone;
        std::string summed;
        for (const char name : step.result)
        {
            if (contains(k, name))
            {
                (contains(other, name) ? batch : alone) += name;
            }
        }
        for (const char name : other < m_operands.size() ? m_operands[other] : m_names)
        {
            if (contains(k, name) && step.result.find(name) == std::string::npos)
            {
                summed += name;
            }
        }
        return batch + (k == step.left ? alone + summed : summed + alone);
    }
    bool contains(std::size_t k, char name) const { return m_arrays[k].contains(m_names.find(name)); }

    name_set set_of(std::string_view names) const
    {
        name_set result;
        for (const char name : names)
        {
            result.insert(m_names.find(name));
        }
        return result;
    }

    const std::vector<std::string>& m_operands;
    std::string m_result;
    std::string m_names; ///< all that occur
    std::vector<double> m_extents;
    name_set m_in_result;
    std::vector<name_set> m_arrays;
    std::vector<contraction_step> m_steps;
};

/// The best order among all, by the best ones of all subsets of the operands. A subset is a number: bit k for operand
/// k.
class every_order
{
public:
    explicit every_order(arrays& of)
        : m_of(of),
          m_count(of.size()),
          m_names(std::size_t{1} << m_count),
          m_costs(m_names.size()),
          m_left(m_names.size())
    {
        for (unsigned subset = 1; subset < m_names.size(); ++subset)
        {
            find_best(subset);
        }
    }

    bool is_possible() const { return m_costs.back().is_possible(); }
    void take() { take(static_cast<unsigned>(m_names.size() - 1)); }

private:
    name_set names_outside(unsigned subset) const
    {
        name_set names;
        for (std::size_t k = 0; k < m_count; ++k)
        {
            names |= (subset >> k & 1) == 0 ? m_of[k] : name_set();
        }
        return names;
    }

    /// The larger subsets come later: their parts are known.
    void find_best(unsigned subset)
    {
        if (std::has_single_bit(subset))
        {
            m_names[subset] = m_of[static_cast<std::size_t>(std::countr_zero(subset))];
            m_costs[subset] = {0, 0};
            return;
        }
        const name_set outside = names_outside(subset);
        const unsigned first = subset & (~subset + 1);
        // Every part that has the first operand, and the others.
        for (unsigned part = (subset - 1) & subset; part > 0; part = (part - 1) & subset)
        {
            const unsigned rest = subset & ~part;
            if ((part & first) == 0)
            {
                continue;
            }
            const name_set kept = m_of.left_over(m_names[part], m_names[rest], outside);
            if (kept.size() > max_dimension)
            {
                continue;
            }
            const cost total{m_costs[part].multiplications + m_costs[rest].multiplications +
                                 m_of.elements(m_names[part] | m_names[rest]),
                             m_costs[part].elements + m_costs[rest].elements + m_of.elements(kept)};
            if (total < m_costs[subset])
            {
                m_costs[subset] = total;
                m_names[subset] = kept;
                m_left[subset] = part;
            }
        }
    }

    std::size_t take(unsigned subset)
    {
        if (std::has_single_bit(subset))
        {
            return static_cast<std::size_t>(std::countr_zero(subset));
        }
        const std::size_t left = take(m_left[subset]);
        const std::size_t right = take(subset & ~m_left[subset]);
        return m_of.contract(left, right, m_names[subset]);
    }

    arrays& m_of;
    std::size_t m_count;
    std::vector<name_set> m_names; ///< of the axes of what is made of each subset
    std::vector<cost> m_costs;
    std::vector<unsigned> m_left; ///< the part with the first operand
};

/// One step after the other; returns whether it got to the end.
bool take_greedily(arrays& of)
{
    struct candidate
    {
        std::size_t left = 0;
        std::size_t right = 0;
        name_set kept;
        double growth = std::numeric_limits<double>::infinity();
        double multiplications = 0;
    };
    std::vector<std::size_t> present(of.size());
    std::iota(present.begin(), present.end(), std::size_t{0});
    while (present.size() > 1)
    {
        candidate best;
        for (const std::size_t left : present)
        {
            for (const std::size_t right : present)
            {
                if (right <= left)
                {
                    continue;
                }
                name_set others;
                for (const std::size_t k : present)
                {
                    others |= k == left || k == right ? name_set() : of[k];
                }
                candidate next{left, right, of.left_over(of[left], of[right], others)};
                next.growth = of.elements(next.kept) - of.elements(of[left]) - of.elements(of[right]);
                next.multiplications = of.elements(of[left] | of[right]);
                if (next.kept.size() <= max_dimension &&
                    (next.growth < best.growth ||
                     (next.growth == best.growth && next.multiplications < best.multiplications)))
                {
                    best = next;
                }
            }
        }
        if (best.right == 0)
        {
            return false;
        }
        std::erase(present, best.left);
        std::erase(present, best.right);
        present.push_back(of.contract(best.left, best.right, best.kept));
    }
    return true;
}

} // namespace

std::vector<contraction_step> order_of_contractions(const std::vector<std::string>& operands, std::string_view result,
                                                    const extents_of_names& extents, const char* operation,
                                                    location where)
{
    if (operands.size() == 1)
    {
        return {};
    }
    arrays of(operands, result, extents);
    bool is_found = true;
    if (operands.size() <= most_tried_exhaustively)
    {
        every_order orders(of);
        is_found = orders.is_possible();
        if (is_found)
        {
            orders.take();
        }
    }
    else
    {
        is_found = take_greedily(of);
    }
    if (!is_found)
    {
        throw error::shape_error(where, operation, "in each order of its ", operands.size(),
                                 " operands that was tried two of them become an array of more than ", max_dimension,
                                 " axes.");
    }
    return of.take_steps();
}

} // namespace autograd::detail
