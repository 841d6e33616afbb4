#include "nn/batch_blocks.hpp"

#include "autograd/tape/error.hpp"

#include <algorithm>
#include <bit>

#include <fmt/format.h>

namespace nn
{

namespace
{
constexpr std::size_t least_rows = 32;
constexpr std::size_t most_blocks = 64;
} // namespace

std::size_t batch_blocks::count(std::size_t rows) const
{
    if (fixed != 0 && !std::has_single_bit(fixed))
    {
        throw autograd::error::value_error("batch_blocks", "there are to be ", fixed,
                                           " blocks; it must be a power of two, or 0 for what follows from the rows.");
    }
    const std::size_t most = fixed == 0 ? std::min(most_blocks, rows / least_rows) : std::min(fixed, rows);
    return std::bit_floor(std::max<std::size_t>(most, 1));
}

namespace detail
{

std::string described_blocks(const batch_blocks& blocks)
{
    return blocks.fixed == 0   ? fmt::format("blocks of {} rows, at most {}", least_rows, most_blocks)
           : blocks.fixed == 1 ? ""
                               : fmt::format("{} blocks", blocks.fixed);
}

stretch even_part(std::size_t count, std::size_t k, std::size_t parts)
{
    // count * k / parts, of whatever size.
    const auto before = [&](std::size_t part) { return count / parts * part + count % parts * part / parts; };
    return {before(k), before(k + 1)};
}

} // namespace detail

} // namespace nn
