#pragma once

#include <cstddef>
#include <string>

namespace nn
{

/// How the gradient of a batch is made: as the mean over blocks of its rows, each of them a run of its own, which are
/// combined in pairs, the pairs in pairs, and so on. How many blocks there are follows from the rows of the batch
/// alone, so the numbers are the same whichever process computes which block. It decides about rounding, dropout and
/// what batch_norm normalises by: it is one of the settings of a training.
///
///     run.blocks = nn::batch_blocks{};  // of 32 rows and more, from 1 to 64 of them
///     run.blocks = nn::batch_blocks{8}; // 8
struct batch_blocks
{
    /// A power of two: so many blocks. 0: the largest power of two that leaves each at least 32 rows, from 1 to 64. A
    /// batch with fewer rows than that has as many blocks as the largest power of two that leaves each a row.
    std::size_t fixed = 0;

    /// The number of blocks for a batch of so many rows: a power of two, 1 at least. Throws value_error unless `fixed`
    /// is 0 or a power of two.
    std::size_t count(std::size_t rows) const;
};

namespace detail
{

/// The rule in words, as settings: "blocks of 32 rows, at most 64"; nothing for what is as good as no blocks.
std::string described_blocks(const batch_blocks& blocks);

/// Neighbours among the blocks, or the rows, of a batch: from `first` to before `last`.
struct stretch
{
    std::size_t first;
    std::size_t last;
    std::size_t size() const { return last - first; }
};

/// The k-th of `parts` even stretches of so many: what a rank has of the blocks, and a block of the rows.
stretch even_part(std::size_t count, std::size_t k, std::size_t parts);

} // namespace detail

} // namespace nn
