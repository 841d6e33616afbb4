// A thousand gradients that were derived by hand with one slip: fifty for each of twenty kinds of slip. Without the
// slip they are certified equal to the derived gradient; with it none is, and the line of the slip is told.

#include "autograd/prove/certify.hpp"
#include "tests/prove/hand_derived.hpp"

#include <iostream>

using namespace support;
using autograd::certificate;
using autograd::verdict;

BOOST_AUTO_TEST_SUITE(prove_wrong_formulas)

namespace
{

const std::uint64_t seed = seed_or(31415);
constexpr std::size_t formulas_of_a_kind = 50;

struct counts
{
    std::size_t different = 0;
    std::size_t up_to_factor = 0;
    std::size_t not_decided = 0;
    std::size_t right_lines = 0;   ///< of those that are different
    std::size_t right_factors = 0; ///< of those that are equal up to one
    std::size_t suggestions = 0;   ///< of those that are different

    void add(const counts& more)
    {
        different += more.different;
        up_to_factor += more.up_to_factor;
        not_decided += more.not_decided;
        right_lines += more.right_lines;
        right_factors += more.right_factors;
        suggestions += more.suggestions;
    }
};

std::ostream& operator<<(std::ostream& out, const counts& of)
{
    return out << of.different << " different, " << of.right_lines << " of them with the line, " << of.suggestions
               << " with a suggestion; " << of.up_to_factor << " equal up to a factor, " << of.right_factors
               << " of them the right one; " << of.not_decided << " not decided";
}

/// "-1", "3", "1/3": of a number that is one of these.
std::string text_of_factor(double factor)
{
    const bool whole = std::abs(factor) >= 1;
    const auto number = std::to_string(std::lround(whole ? factor : 1 / factor));
    return whole || std::lround(1 / factor) == -1 ? number : "1/" + number;
}

bool names_factor(const certificate& found, double factor)
{
    return factor != 0 && std::any_of(found.arrays.begin(), found.arrays.end(),
                                      [text = text_of_factor(factor)](const autograd::certified_array& array) {
                                          return (" " + array.factor + " ").find(" " + text + " ") != std::string::npos;
                                      });
}

certificate certify(const derivation& of, std::uint64_t n)
{
    return certify_gradient(of.loss, of.parameters, of.by_hand, {.seed = n, .formulas = false});
}

/// At how many places of the nth derivation the slip can be made.
std::size_t places_of(slip kind, std::uint64_t n)
{
    random_formulas of(seed + n);
    hand by(of.tape(), kind, std::size_t(-1));
    derive_by_hand(of, by);
    return by.places();
}

void require_right_one(std::uint64_t n)
{
    random_formulas of(seed + n);
    hand by(of.tape(), slip::none, 0);
    const certificate found = certify(derive_by_hand(of, by), n);
    BOOST_TEST((found.outcome == verdict::equal), "number " << n << " of seed " << seed << ", right:\n"
                                                            << to_text(found));
}

void judge_wrong_one(slip kind, std::uint64_t n, std::size_t place, counts& all)
{
    random_formulas of(seed + n);
    hand by(of.tape(), kind, place);
    const certificate found = certify(derive_by_hand(of, by), n);
    BOOST_TEST_CONTEXT("number " << n << " of seed " << seed << ", slip "
                                 << names_of_slips[static_cast<std::size_t>(kind)] << " at line " << by.line() << ":\n"
                                 << to_text(found))
    {
        BOOST_TEST((found.outcome != verdict::equal));
        const bool right_line = by.slipped_at(found.line);
        const bool right_factor = names_factor(found, by.factor()) || names_factor(found, 1 / by.factor());
        switch (found.outcome)
        {
        case verdict::different:
            ++all.different;
            all.right_lines += right_line;
            all.suggestions += !found.did_you_mean.empty();
            BOOST_TEST(right_line);
            break;
        case verdict::equal_up_to_factor:
            ++all.up_to_factor;
            all.right_factors += right_factor;
            BOOST_TEST(right_factor);
            break;
        default:
            ++all.not_decided;
        }
    }
}

} // namespace

BOOST_AUTO_TEST_CASE(no_wrong_formula_is_certified)
{
    counts all;
    for (std::size_t kind = 1; kind < names_of_slips.size(); ++kind)
    {
        counts of_kind;
        std::uint64_t n = 1000 * kind;
        for (std::size_t found = 0; found < formulas_of_a_kind; ++n)
        {
            if (const std::size_t places = places_of(static_cast<slip>(kind), n))
            {
                require_right_one(n);
                judge_wrong_one(static_cast<slip>(kind), n, n % places, of_kind);
                ++found;
            }
        }
        std::cout << names_of_slips[kind] << ": " << of_kind << "\n";
        all.add(of_kind);
    }
    std::cout << "all kinds of slips, seed " << seed << ": " << all << "\n";
    BOOST_TEST(all.different + all.up_to_factor + all.not_decided == 1000U);
    BOOST_TEST(all.not_decided <= 50U);
}

BOOST_AUTO_TEST_SUITE_END()
