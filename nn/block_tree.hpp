#pragma once

#include "autograd/tape/spare_memory.hpp"
#include "nn/batch_blocks.hpp"
#include "nn/team.hpp"

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace nn::detail
{

/// Some blocks of a batch that are a subtree of the tree over all: 2^k of them, the first a multiple of 2^k.
struct subtree
{
    std::size_t first; ///< block
    std::size_t count; ///< of blocks
    std::size_t last() const { return first + count; }

    bool is_left_of(const subtree& other) const
    {
        return count == other.count && last() == other.first && first % (2 * count) == 0;
    }
};

/// The fewest subtrees that some neighbouring blocks consist of.
std::vector<subtree> subtrees_of(stretch blocks);

/// The mean over the rows of a batch of what its blocks came to: a list of numbers, each the mean over a block's rows.
///
/// A node of the tree over the blocks is the mean over its rows, by one expression,
///
///     u * left + v * right,    u and v the parts of the node's rows that are on the left and on the right,
///
/// rounded to T. Of as many rows on both sides, u and v are 1/2, and nothing but the sum is rounded. A tree of one
/// block is that block.
///
/// Each rank has the blocks of even_part(blocks, rank, ranks), combines what of them are whole subtrees, at most
/// log2(blocks) of them, and sends these in parts: part r of the numbers to rank r, which finishes the tree there and
/// sends what came out to all.
template <class T>
class block_tree
{
public:
    /// The numbers of a block in pieces, one after the other.
    using leaf = std::span<const std::span<const T>>;

    /// A tree over so many blocks, a power of two, for ranks of a team or, without one, this process alone. Memory is
    /// kept from one tree to the next.
    void begin(std::size_t rows, std::size_t blocks, const team* ranks);

    stretch own_blocks() const { return m_own; }
    stretch own_rows() const
    {
        return m_own.size() == 0 ? stretch{0, 0} : stretch{rows_of(m_own.first).first, rows_of(m_own.last - 1).last};
    }
    stretch rows_of(std::size_t block) const { return {m_bounds[block], m_bounds[block + 1]}; }

    /// \name Add the next of the own blocks; of two that are a subtree, both in one pass. What is given is not kept. \{
    void add(leaf numbers);
    void add(leaf left, leaf right);
    /// \}
    /// Whether the next two are a subtree.
    bool is_pair_next() const { return m_next % 2 == 0 && m_next + 1 < m_own.last; }

    /// The mean over all blocks: valid until the next tree begins. `size` is the length of the lists, which a rank
    /// without a block has not seen.
    std::span<const T> mean(std::size_t size, team* ranks);

private:
    struct partial
    {
        subtree of;
        T* numbers;
    };

    /// Where a subtree goes in the tree: what it is combined with, one after the other, and where that comes to be.
    struct join
    {
        const T* left;
        std::pair<T, T> weights;
    };
    struct path
    {
        std::vector<join> joins;
        T* to;
    };
    /// One more at the end of a list, combined with its neighbours while they are a subtree, in the place of the left
    /// one: says how, and leaves the numbers to follow().
    path append(std::vector<partial>& list, partial next) const;
    /// Numbers `first` to before first + count of a path, a stretch at a time, so that what is between two joins stays
    /// in the first cache. source(at, count, room) says where those of the subtree are, perhaps in `room`.
    template <class Source>
    static void follow(const path& way, std::size_t first, std::size_t count, const Source& source);
    /// The next own blocks, source(piece, at, count, room).
    template <class Source>
    void add(std::size_t blocks, leaf numbers, const Source& source);
    /// The two sides of a node, by which they count.
    std::pair<T, T> weights(const subtree& left, const subtree& right) const;

    T* memory_for_next(std::size_t size);
    /// What all blocks came to, in their order, of one's own part of the numbers.
    std::vector<partial> exchanged(std::span<const stretch> parts, team& ranks);
    std::span<const T> mean_of_ranks(std::size_t size, team& ranks);

    std::size_t m_blocks = 1;
    std::vector<std::size_t> m_bounds; ///< of the rows of the blocks
    stretch m_own{0, 1};
    std::size_t m_next = 0;                               ///< of the own blocks
    std::vector<partial> m_partial;                       ///< what the own blocks came to so far, in order
    std::vector<autograd::detail::spare_memory> m_memory; ///< of these, in the same order
    autograd::detail::spare_memory m_received;
    autograd::detail::spare_memory m_mean;
};

extern template class block_tree<float>;
extern template class block_tree<double>;

} // namespace nn::detail
