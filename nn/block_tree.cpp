#include "nn/block_tree.hpp"

#include "autograd/kernels/dispatch.hpp"
#include "autograd/kernels/weighted_sum.hpp"

#include <algorithm>
#include <bit>

namespace nn::detail
{

namespace
{

/// The part of each rank in a list of so many numbers: of whole cache lines.
std::vector<stretch> parts_of(std::size_t size, std::size_t ranks)
{
    constexpr std::size_t line = 16;
    std::vector<stretch> parts(ranks);
    for (std::size_t k = 0; k < ranks; ++k)
    {
        const stretch lines = even_part((size + line - 1) / line, k, ranks);
        parts[k] = {std::min(size, lines.first * line), std::min(size, lines.last * line)};
    }
    return parts;
}

template <class T>
std::size_t size_of(std::span<const std::span<const T>> pieces)
{
    std::size_t size = 0;
    for (const std::span<const T>& piece : pieces)
    {
        size += piece.size();
    }
    return size;
}

} // namespace

std::vector<subtree> subtrees_of(stretch blocks)
{
    std::vector<subtree> result;
    while (blocks.first < blocks.last)
    {
        const std::size_t largest = std::bit_floor(blocks.size());
        const std::size_t aligned = blocks.first == 0 ? largest : blocks.first & (~blocks.first + 1);
        result.push_back({blocks.first, std::min(largest, aligned)});
        blocks.first += result.back().count;
    }
    return result;
}

template <class T>
void block_tree<T>::begin(std::size_t rows, std::size_t blocks, const team* ranks)
{
    m_blocks = blocks;
    m_bounds.assign(1, 0);
    for (std::size_t block = 0; block < blocks; ++block)
    {
        m_bounds.push_back(even_part(rows, block, blocks).last);
    }
    m_own = ranks == nullptr ? stretch{0, blocks} : even_part(blocks, ranks->rank(), ranks->size());
    m_next = m_own.first;
    m_partial.clear();
}

template <class T>
T* block_tree<T>::memory_for_next(std::size_t size)
{
    if (m_memory.size() == m_partial.size())
    {
        m_memory.emplace_back();
    }
    return m_memory[m_partial.size()].template provide<T>(size);
}

template <class T>
std::pair<T, T> block_tree<T>::weights(const subtree& left, const subtree& right) const
{
    const auto rows = [&](const subtree& of) { return static_cast<double>(m_bounds[of.last()] - m_bounds[of.first]); };
    const double all = rows(left) + rows(right);
    return {static_cast<T>(rows(left) / all), static_cast<T>(rows(right) / all)};
}

template <class T>
typename block_tree<T>::path block_tree<T>::append(std::vector<partial>& list, partial next) const
{
    path way;
    for (; !list.empty() && list.back().of.is_left_of(next.of); list.pop_back())
    {
        const partial left = list.back();
        way.joins.push_back({left.numbers, weights(left.of, next.of)});
        next = {{left.of.first, 2 * left.of.count}, left.numbers};
    }
    way.to = next.numbers;
    list.push_back(next);
    return way;
}

template <class T>
template <class Source>
void block_tree<T>::follow(const path& way, std::size_t first, std::size_t count, const Source& source)
{
    constexpr std::size_t longest = 4096 / sizeof(T);
    T between[longest];
    for (std::size_t at = 0; at < count; at += longest)
    {
        const std::size_t here = std::min(longest, count - at);
        T* const end = way.to + first + at;
        const T* numbers = source(at, here, way.joins.empty() ? end : between);
        for (const join& each : way.joins)
        {
            const auto [u, v] = each.weights;
            T* const to = &each == &way.joins.back() ? end : between;
            autograd::kernels::weighted_sums<T>->of_two(each.left + first + at, u, numbers, v, to, here);
            numbers = to;
        }
        if (numbers != end)
        {
            std::copy_n(numbers, here, end);
        }
    }
}

template <class T>
template <class Source>
void block_tree<T>::add(std::size_t blocks, leaf numbers, const Source& source)
{
    const path way = append(m_partial, {{m_next, blocks}, memory_for_next(size_of(numbers))});
    m_next += blocks;
    std::size_t first = 0;
    for (std::size_t piece = 0; piece < numbers.size(); first += numbers[piece++].size())
    {
        follow(way, first, numbers[piece].size(),
               [&](std::size_t at, std::size_t count, T* room) { return source(piece, at, count, room); });
    }
}

template <class T>
void block_tree<T>::add(leaf numbers)
{
    add(1, numbers, [&](std::size_t piece, std::size_t at, std::size_t, T*) { return numbers[piece].data() + at; });
}

template <class T>
void block_tree<T>::add(leaf left, leaf right)
{
    const auto [u, v] = weights({m_next, 1}, {m_next + 1, 1});
    add(2, left,
        [&, u = u, v = v](std::size_t piece, std::size_t at, std::size_t count, T* room)
        {
            autograd::kernels::weighted_sums<T>->of_two(left[piece].data() + at, u, right[piece].data() + at, v, room,
                                                        count);
            return room;
        });
}

template <class T>
std::span<const T> block_tree<T>::mean(std::size_t size, team* ranks)
{
    if (ranks != nullptr && ranks->size() > 1)
    {
        return mean_of_ranks(size, *ranks);
    }
    return {m_partial.front().numbers, size};
}

template <class T>
std::vector<typename block_tree<T>::partial> block_tree<T>::exchanged(std::span<const stretch> parts, team& ranks)
{
    const std::size_t self = ranks.rank();
    const std::size_t length = parts[self].size();
    std::vector<std::vector<subtree>> trees; // of each rank
    std::size_t from_others = 0;
    for (std::size_t rank = 0; rank < parts.size(); ++rank)
    {
        trees.push_back(subtrees_of(even_part(m_blocks, rank, parts.size())));
        from_others += rank == self ? 0 : trees.back().size();
    }

    std::vector<team::sent> out;
    std::vector<team::received> in;
    std::vector<partial> all;
    T* next = m_received.provide<T>(from_others * length);
    for (std::size_t rank = 0; rank < parts.size(); ++rank)
    {
        for (const partial& each : m_partial)
        {
            if (rank == self)
            {
                all.push_back({each.of, each.numbers + parts[self].first});
            }
            else
            {
                out.push_back({rank, std::as_bytes(std::span(each.numbers + parts[rank].first, parts[rank].size()))});
            }
        }
        for (std::size_t k = 0; rank != self && k < trees[rank].size(); ++k, next += length)
        {
            all.push_back({trees[rank][k], next});
            in.push_back({rank, std::as_writable_bytes(std::span(next, length))});
        }
    }
    ranks.exchange(out, in);
    return all;
}

template <class T>
std::span<const T> block_tree<T>::mean_of_ranks(std::size_t size, team& ranks)
{
    const std::vector<stretch> parts = parts_of(size, ranks.size());
    const stretch own = parts[ranks.rank()];
    const std::span<T> mean(m_mean.provide<T>(size), size);
    std::vector<partial> tree;
    for (const partial& each : exchanged(parts, ranks))
    {
        follow(append(tree, each), 0, own.size(), [&](std::size_t at, std::size_t, T*) { return each.numbers + at; });
    }
    std::copy_n(tree.front().numbers, own.size(), mean.data() + own.first);

    std::vector<std::size_t> ends;
    for (const stretch& each : parts)
    {
        ends.push_back(each.last * sizeof(T));
    }
    ranks.gather(std::as_writable_bytes(mean), ends);
    return mean;
}

template class block_tree<float>;
template class block_tree<double>;

} // namespace nn::detail
