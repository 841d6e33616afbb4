#pragma once

#include "tests/prove/slips.hpp"

namespace support
{

/// A loss, what it depends on, and its gradient by each of them, derived by hand.
struct derivation
{
    variable loss;
    std::vector<variable> parameters;
    std::vector<variable> by_hand;
};

/// One of many losses, of random shapes, chosen by the seed that `of` was made with.
derivation derive_by_hand(random_formulas& of, hand& by);

} // namespace support
