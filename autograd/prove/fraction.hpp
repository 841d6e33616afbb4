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
/// below 2^53: 0.1 is 1 / 10. Integers are themselves. Else the decimal as which it was written, if that has at most
/// six digits, and fifteen places: 1e-8.
std::optional<fraction> least_fraction(double number);
std::optional<fraction> least_fraction(float number);

/// The fraction p / q with |p| and q of at most `largest` that is this residue modulo m, if m > 2 largest^2, so that
/// there is one at most (Wang's rational reconstruction, SYMSAC 1981: Euclid's algorithm, stopped half way).
std::optional<fraction> reconstruct(std::uint64_t residue, std::uint64_t m, std::int64_t largest);

} // namespace autograd::prove
