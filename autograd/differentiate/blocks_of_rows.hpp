#pragma once

#include "autograd/tape/tape.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <memory>
#include <span>
#include <tuple>
#include <type_traits>
#include <vector>

/// Data cut into blocks of a few rows each: what sum_over_blocks goes through.
namespace autograd
{

namespace detail
{

/// The number of rows that arrays of these shapes have, in the name of the caller. Throws shape_error for an array
/// without axes, and unless all have the same number of rows.
std::size_t common_rows(const char* caller, std::span<const shape_vector> shapes, location where);

/// The same for blocks of so many rows. Throws, too, value_error for no rows, in a block or at all.
std::size_t rows_to_cut(std::int64_t rows_per_block, std::span<const shape_vector> shapes);

/// Elements that lie one behind the other, row by row, by their type: then a block is a part of the memory.
template <class E>
concept row_major_container = requires(const E& array)
{
    array.data();
    requires E::static_layout == xt::layout_type::row_major;
};

template <class E>
shape_vector extents_of(const E& array)
{
    require_dimension(array.dimension(), "blocks_of_rows");
    return {array.shape().begin(), array.shape().end()};
}
template <class T>
shape_vector extents_of(const borrowed<T>& array)
{
    return array.shape;
}

/// Some rows of an array that is kept by somebody else, as lent memory.
template <class T>
borrowed<T> rows_of(const borrowed<T>& array, std::size_t first, std::size_t last)
{
    borrowed<T> rows = array;
    rows.shape[0] = last - first;
    const std::size_t width = element_count(array.shape, "blocks_of_rows") / array.shape[0];
    rows.data += first * width;
    return rows;
}
/// The same as a copy, of elements that do not lie one behind the other: strided, column-major or lazy.
template <class E>
array<typename E::value_type> rows_of(const E* source, std::size_t first, std::size_t last)
{
    std::vector<std::size_t> shape(source->shape().begin(), source->shape().end());
    const auto width = static_cast<std::ptrdiff_t>(source->size() / shape[0]);
    shape[0] = last - first;
    auto rows = array<typename E::value_type>::from_shape(shape);
    const auto from = source->template begin<xt::layout_type::row_major>() + static_cast<std::ptrdiff_t>(first) * width;
    std::copy_n(from, rows.size(), rows.data());
    return rows;
}

/// What is kept of an array that is cut: where its elements are.
template <class T>
borrowed<T> kept_to_cut(const borrowed<T>& array)
{
    return array;
}
template <row_major_container E>
borrowed<typename E::value_type> kept_to_cut(const E& array)
{
    return borrow(array);
}
template <class E>
const E* kept_to_cut(const E& array)
{
    return std::addressof(array); // views have an operator& of their own
}

template <class A>
inline constexpr bool is_lent = false;
template <class T>
inline constexpr bool is_lent<borrowed<T>> = true;

/// An array that lives on after the call, or lent memory: a temporary would be gone when the first block is made.
template <class A>
concept array_to_cut = is_lent<std::remove_cvref_t<A>> ||
    (array_expression<A>&&
         std::is_lvalue_reference_v<A>)&&std::is_arithmetic_v<typename std::remove_cvref_t<A>::value_type>;

} // namespace detail

/// The rows of arrays in blocks: a range of tuples, one array for each. See blocks_of_rows.
template <class... Kept>
class row_blocks
{
public:
    using value_type = std::tuple<decltype(detail::rows_of(std::declval<const Kept&>(), 0, 0))...>;

    row_blocks(std::size_t rows_per_block, std::size_t rows, const Kept&... arrays)
        : m_rows_per_block(rows_per_block), m_rows(rows), m_arrays(arrays...)
    {
    }

    /// Goes from block to block, and makes each where it stands.
    class iterator
    {
    public:
        using value_type = row_blocks::value_type;
        using difference_type = std::ptrdiff_t;
        using iterator_category = std::input_iterator_tag;
        using reference = value_type;
        using pointer = void;

        iterator(const row_blocks& blocks, std::size_t place) : m_blocks(&blocks), m_place(place) {}

        reference operator*() const { return (*m_blocks)[m_place]; }
        iterator& operator++()
        {
            ++m_place;
            return *this;
        }
        void operator++(int) { ++m_place; }
        friend bool operator==(const iterator& a, const iterator& b) { return a.m_place == b.m_place; }

    private:
        const row_blocks* m_blocks;
        std::size_t m_place;
    };

    /// How many blocks there are; how many rows they have in all.
    std::size_t size() const { return (m_rows - 1) / m_rows_per_block + 1; }
    std::size_t rows() const { return m_rows; }

    iterator begin() const { return {*this, 0}; }
    iterator end() const { return {*this, size()}; }

    /// Block number `place` < size(): the rows from place * rows_per_block on.
    value_type operator[](std::size_t place) const
    {
        const std::size_t first = place * m_rows_per_block;
        const std::size_t last = first + std::min(m_rows_per_block, m_rows - first);
        return std::apply([&](const Kept&... arrays) { return value_type(detail::rows_of(arrays, first, last)...); },
                          m_arrays);
    }

private:
    std::size_t m_rows_per_block;
    std::size_t m_rows;
    std::tuple<Kept...> m_arrays;
};

/// Arrays cut along axis 0 into blocks of so many rows, the last one of what is left: a range, each of whose elements
/// is a tuple of the same rows of all arrays, for sum_over_blocks. Real numbers or integers, in any container, view or
/// lvalue of an expression, or lent memory (borrow). They must stay as they are while the range is in use: temporaries
/// do not compile. Nothing is copied but the block at hand, of arrays that are not dense and row-major. Throws
/// shape_error unless all have an axis and the same number of rows; value_error for no rows, in a block or at all.
template <class... A>
auto blocks_of_rows(integer rows_per_block, A&&... arrays)
{
    constexpr bool can_be_cut = sizeof...(A) > 0 && (detail::array_to_cut<A> && ...);
    static_assert(can_be_cut, "What is cut are arrays of numbers that have a name (a temporary would be gone), or lent "
                              "memory: blocks_of_rows(1024, x, y).");
    if constexpr (can_be_cut)
    {
        const shape_vector shapes[] = {detail::extents_of(arrays)...};
        const std::size_t rows = detail::rows_to_cut(rows_per_block.value, shapes);
        return row_blocks<decltype(detail::kept_to_cut(arrays))...>(static_cast<std::size_t>(rows_per_block.value),
                                                                    rows, detail::kept_to_cut(arrays)...);
    }
    else
    {
        return 0;
    }
}

} // namespace autograd
