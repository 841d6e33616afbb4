#pragma once

#include "autograd/kernels/chosen.hpp"

#include <bit>
#include <cstddef>

namespace autograd::kernels
{

/// Sums of what comes piece by piece, with the bits of those over the whole (reductions): elements are combined by
/// where they stand in it, not by piece. What is known in between lies in memory of the caller, aligned to 64 bytes.
template <class T>
struct running_sum_kernels
{
    /// \name A row, in bytes_of_row_sum bytes
    /// \{
    void (*begin)(void* sum);
    void (*add)(void* sum, const T* x, std::size_t count);
    T (*finish)(const void* sum);
    /// \}

    /// \name What several threads add up
    /// A digit is a sum of so many elements, a power of two of elements_of_digit, in bytes_of_digit bytes; it is added
    /// behind a multiple of so many.
    /// \{
    void (*get_digit)(const void* sum, void* digit);
    void (*add_digit)(void* sum, const void* digit, std::size_t elements);
    /// \}

    /// Columns of an array of `rows` rows of `width` elements: `count` elements of row number `row`, from column
    /// `first` on. Rows come in order; the last one writes y. The memory is that of column_sums.
    void (*add_to_columns)(void* sums, std::size_t rows, std::size_t width, std::size_t row, std::size_t first,
                           std::size_t count, const T* x, T* y);

    /// y = the sum of so many arrays, rows_of_block at most, of `count` elements that stand `stride` apart.
    void (*across)(const T* x, std::size_t arrays, std::size_t stride, std::size_t count, T* y);
};
template <class T>
inline constexpr chosen<running_sum_kernels<T>> running_sums;

/// For every instruction set.
inline constexpr std::size_t bytes_of_row_sum = 4096;
inline constexpr std::size_t bytes_of_digit = 64;
inline constexpr std::size_t elements_of_digit = 1024;

/// Rows up to which columns are added up one after another, in reductions as well.
inline constexpr std::size_t rows_of_block = 64;

/// The arrays that sums of columns take while rows come: three rows that wait for a fourth, what the block of rows has
/// given so far, and one for each digit of the number of blocks. They begin at whole cache lines.
template <class T>
class column_sums
{
public:
    column_sums(void* memory, std::size_t width, std::size_t first)
        : m_from(static_cast<T*>(memory) + first), m_width(in_lines(width))
    {
    }

    T* waiting(std::size_t k) const { return m_from + k * m_width; }
    T* block() const { return m_from + 3 * m_width; }
    T* digit(std::size_t k) const { return m_from + (4 + k) * m_width; }

    /// How many they take.
    static std::size_t bytes(std::size_t rows, std::size_t width)
    {
        return (4 + static_cast<std::size_t>(std::bit_width(rows / rows_of_block))) * in_lines(width) * sizeof(T);
    }

private:
    static constexpr std::size_t in_lines(std::size_t width)
    {
        constexpr std::size_t line = 64 / sizeof(T);
        return (width + line - 1) / line * line;
    }

    T* m_from;
    std::size_t m_width;
};

} // namespace autograd::kernels
