#pragma once

#include <cstdint>
#include <optional>

namespace autograd::prove
{

/// p / q in lowest terms, q > 0.
struct fraction
{
    std::int64_t numerator;
    std::int64_t denominator;
};

/// The fraction of least denominator that rounds to the number, if that denominator is below 2^20 and the numerator
/// below 2^53: 0.1 is 1 / 10. Integers are themselves.
std::optional<fraction> least_fraction(double number);
std::optional<fraction> least_fraction(float number);

} // namespace autograd::prove
