#pragma once

#include "autograd/prove/compare.hpp"
#include "autograd/prove/explain.hpp"

#include <vector>

namespace autograd::prove
{

/// What is said of a pair of arrays: left = sum_k factors_k terms_k. Equality has one term, the right side, and the
/// factor 1.
struct claim
{
    std::vector<term> terms;
    std::vector<fraction> factors;

    bool is_equality() const { return terms.size() == 1 && factors[0].numerator == 1 && factors[0].denominator == 1; }
};

/// The values of terms at a point.
inline arrays arrays_of(const point& at, const std::vector<term>& terms)
{
    arrays result;
    for (const term& each : terms)
    {
        result.push_back(&at[each.step]);
    }
    return result;
}

} // namespace autograd::prove
