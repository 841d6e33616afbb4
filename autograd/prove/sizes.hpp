#pragma once

#include "autograd/prove/certify.hpp"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace autograd
{

/// Whether two formulas are equal at several sizes: numbers of samples, say. `certify_at(n)` records both at the size
/// n, on a tape of its own, and certifies them:
///
///     certify_at_sizes({3, 5, 300}, [&](std::size_t n) { return certify_gradient(...); })
///
/// The result is the certificate of the first size at which they are not equal, if there is one; otherwise that of the
/// first size, with the fewest bits of all and the branches that were met at none. A factor that follows the size is
/// told in terms of it: "N", "1/N", "2/N", "N/2"; one that changes otherwise, size by size: "2 at 3, 7 at 5". `sizes`
/// says at which it holds. Throws value_error without sizes and for certificates of other numbers of arrays, and what
/// certify_at throws.
certificate certify_at_sizes(const std::vector<std::size_t>& sizes,
                             const std::function<certificate(std::size_t)>& certify_at);

namespace prove
{
/// What some factors are that were found at some sizes, in terms of N; nothing if they follow it in no simple way. A
/// factor is a fraction, or has one for each term: "1 for the term of a, 1/300 for the term of b".
std::optional<std::string> factor_in_terms_of_size(std::span<const std::string> factors,
                                                   std::span<const std::size_t> sizes);
} // namespace prove

} // namespace autograd
