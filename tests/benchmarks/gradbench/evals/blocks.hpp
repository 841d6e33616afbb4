#pragma once

#include <algorithm>
#include <cstddef>

namespace gradbench
{

/// Calls f(first, last) for the parts [first, last) of [0, count), each of `length`, the last one of what is left. What
/// does not mix is treated part by part, on a tape that is cleared before each: so all that is computed of a part stays
/// in the cache, and memory does not grow with the count.
template <class F>
void for_each_block(std::size_t count, std::size_t length, F f)
{
    for (std::size_t first = 0; first < count; first += length)
    {
        f(first, std::min(first + length, count));
    }
}

/// How long the last part is.
inline std::size_t last_length(std::size_t count, std::size_t length)
{
    return count == 0 ? 0 : (count - 1) % length + 1;
}

} // namespace gradbench
