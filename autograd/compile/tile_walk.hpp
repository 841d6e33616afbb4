#pragma once

#include "autograd/tape/operation.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace autograd
{

namespace detail
{

/// Pieces of an arena, one behind the other in less memory: those of which each walk through a loop has its own, since
/// nobody else reads them. They may overlap.
class pieces_of_arena
{
public:
    static constexpr std::size_t most = 64;

    void add(std::size_t offset, std::size_t bytes) { m_pieces[m_count++] = {offset, offset + bytes, 0}; }
    /// Finds their places, once all are there.
    void lay_out()
    {
        std::sort(m_pieces.begin(), m_pieces.begin() + m_count,
                  [](const piece& a, const piece& b) { return a.begin < b.begin; });
        std::size_t count = 0;
        for (std::size_t k = 0; k < m_count; ++k)
        {
            if (count > 0 && m_pieces[k].begin <= m_pieces[count - 1].end)
            {
                m_pieces[count - 1].end = std::max(m_pieces[count - 1].end, m_pieces[k].end);
            }
            else
            {
                m_pieces[count++] = m_pieces[k];
            }
        }
        m_count = count;
        m_bytes = 0;
        for (std::size_t k = 0; k < m_count; ++k)
        {
            m_pieces[k].place = m_bytes;
            m_bytes += (m_pieces[k].end - m_pieces[k].begin + alignment - 1) / alignment * alignment;
        }
    }

    std::size_t bytes() const { return m_bytes; }
    /// Where that stands which stands there in the arena, in one of them.
    std::size_t place(std::size_t offset) const
    {
        std::size_t k = 0;
        while (k + 1 < m_count && m_pieces[k + 1].begin <= offset)
        {
            ++k;
        }
        return m_pieces[k].place + (offset - m_pieces[k].begin);
    }

private:
    static constexpr std::size_t alignment = 64; // as places in an arena are aligned

    struct piece
    {
        std::size_t begin;
        std::size_t end;
        std::size_t place;
    };

    std::array<piece, most> m_pieces;
    std::size_t m_count = 0;
    std::size_t m_bytes = 0;
};

/// A walk through a loop, or through a part of it: where it is, and what is its own.
template <class T>
struct tile_walk
{
    run_operand<T>* operands; ///< of the tile in hand
    T** results;
    std::byte* memory;                       ///< the arena; or what it has
    const pieces_of_arena* pieces = nullptr; ///< in the place of these pieces of the arena

    /// Tiles, and what sums know in between, by their places in the arena.
    std::byte* own(std::size_t offset) const { return memory + (pieces == nullptr ? offset : pieces->place(offset)); }
};

} // namespace detail

} // namespace autograd
