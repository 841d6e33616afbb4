#pragma once

#include "autograd/kernels/pack.hpp"
#include "autograd/kernels/running_sum.hpp"
#include "autograd/parallel/ranges.hpp"

#include <algorithm>
#include <bit>
#include <numeric>
#include <type_traits>

/// Folds of rows and of columns of numbers into one by an associative operation, in packs and pairwise. The order of
/// the combinations follows from the lengths alone: the same bits in every run, whatever the addresses.
///
/// What is folded comes from a function get(part, ...), so that sums of squares or of exponentials need no array of
/// their own: `part` loads (and stores) a pack, or the first few numbers of one at the end of a run. Every element is
/// asked for exactly once.
namespace autograd::kernels
{

inline namespace AUTOGRAD_KERNELS_INSTRUCTION_SET
{

template <class T>
struct whole_pack
{
    pack<T> load(const T* x) const { return pack<T>::load(x); }
    void store(pack<T> values, T* y) const { values.store(y); }
};

template <class T>
struct part_of_pack
{
    std::size_t count; ///< of 1 to pack<T>::size - 1

    pack<T> load(const T* x) const { return pack<T>::load_partial(x, count); }
    void store(pack<T> values, T* y) const { values.store_partial(y, count); }
};

/// f(part, i) for all packs of [0, count).
template <class T, class F>
void for_each_pack(std::size_t count, F f)
{
    std::size_t i = 0;
    for (; i + pack<T>::size <= count; i += pack<T>::size)
    {
        f(whole_pack<T>(), i);
    }
    if (i < count)
    {
        f(part_of_pack<T>{count - i}, i);
    }
}

/// The count rounded up to whole packs.
template <class T>
constexpr std::size_t in_packs(std::size_t count)
{
    return (count + pack<T>::size - 1) / pack<T>::size * pack<T>::size;
}

// ----------------------------------------------------------------------------------------------------------- folds

struct sum_fold
{
    template <class T>
    static constexpr T neutral = 0;
    static auto combine(auto a, auto b) { return a + b; }
};

/// NaN is larger than everything,
struct maximum_fold
{
    template <class T>
    static constexpr T neutral = -std::numeric_limits<T>::infinity();
    template <class T>
    static pack<T> combine(pack<T> a, pack<T> b)
    {
        return maximum(a, b);
    }
    template <std::floating_point T>
    static T combine(T a, T b)
    {
        return a > b || a != a ? a : b;
    }
};

/// and smaller.
struct minimum_fold
{
    template <class T>
    static constexpr T neutral = std::numeric_limits<T>::infinity();
    template <class T>
    static pack<T> combine(pack<T> a, pack<T> b)
    {
        return minimum(a, b);
    }
    template <std::floating_point T>
    static T combine(T a, T b)
    {
        return a < b || a != a ? a : b;
    }
};

// ------------------------------------------------------------------------------------------------------------ rows

/// A power of two: how many blocks are folded by themselves, at one time with others, as a digit of the binary counters
/// below, so that everything is combined in the order in which one thread does it. There are at most so many of these.
inline std::size_t blocks_of_digit(std::size_t blocks, std::size_t elements_of_block, std::size_t most_digits)
{
    const std::size_t worth_it = (parallel::least_block + elements_of_block - 1) / elements_of_block;
    return std::bit_ceil(std::max(worth_it, (blocks + most_digits - 1) / most_digits));
}

/// Pairwise summation as a binary counter: digit k is the fold of 2^k consecutive blocks.
template <class Fold, class Value, std::size_t Digits = 8 * sizeof(std::size_t)>
class pairwise_fold
{
public:
    void add(Value block) { add_digit(block, 0); }
    /// The fold of 2^k blocks, behind a multiple of so many.
    void add_digit(Value digit, int k)
    {
        std::size_t bits = m_blocks >> k;
        m_blocks += std::size_t{1} << k;
        for (; (bits & 1) != 0; bits >>= 1)
        {
            digit = Fold::combine(m_digits[--m_used], digit);
        }
        m_digits[m_used++] = digit;
    }
    /// The fold of a power of two of blocks.
    Value only_digit() const { return m_digits[0]; }
    /// All blocks, and what comes after them.
    Value finish(Value rest) const
    {
        for (std::size_t digit = m_used; digit > 0;)
        {
            rest = Fold::combine(m_digits[--digit], rest);
        }
        return rest;
    }

private:
    std::size_t m_blocks = 0;
    std::size_t m_used = 0;
    Value m_digits[Digits];
};

/// The whole packs of [first, last), in four independent chains.
template <class Fold, class T, class Get>
pack<T> fold_packs(std::size_t first, std::size_t last, Get get)
{
    constexpr std::size_t lanes = pack<T>::size;
    const whole_pack<T> whole;
    const pack<T> neutral = Fold::template neutral<T>;
    pack<T> chains[4] = {neutral, neutral, neutral, neutral};
    for (; first + 4 * lanes <= last; first += 4 * lanes)
    {
        chains[0] = Fold::combine(chains[0], get(whole, first));
        chains[1] = Fold::combine(chains[1], get(whole, first + lanes));
        chains[2] = Fold::combine(chains[2], get(whole, first + 2 * lanes));
        chains[3] = Fold::combine(chains[3], get(whole, first + 3 * lanes));
    }
    for (; first + lanes <= last; first += lanes)
    {
        chains[0] = Fold::combine(chains[0], get(whole, first));
    }
    return Fold::combine(Fold::combine(chains[0], chains[1]), Fold::combine(chains[2], chains[3]));
}

/// The first `count` lanes, the neutral element in the others.
template <class Fold, class T>
pack<T> keep_lanes(pack<T> values, std::size_t count)
{
    static constexpr auto numbers = []
    {
        std::array<T, pack<T>::size> result{};
        for (std::size_t lane = 0; lane < result.size(); ++lane)
        {
            result[lane] = static_cast<T>(lane);
        }
        return result;
    }();
    return select(pack<T>::load(numbers.data()) < pack<T>(count), values, Fold::template neutral<T>);
}

/// A row is folded in blocks of so many elements.
template <class T>
inline constexpr std::size_t block_of_row = 64 * pack<T>::size;

/// Folds as many of the first blocks as make up whole digits, at one time; returns how many that are.
template <class Fold, class T, class Get>
[[gnu::noinline]] std::size_t fold_digits_of_row(std::size_t blocks, Get get, pairwise_fold<Fold, pack<T>>& to)
{
    constexpr std::size_t most_digits = 64;
    constexpr std::size_t block = block_of_row<T>;
    const std::size_t size = blocks_of_digit(blocks, block, most_digits);
    const std::size_t count = blocks / size;
    pack<T> digits[most_digits];
    parallel::for_each_block(count,
                             [&](std::size_t k)
                             {
                                 pairwise_fold<Fold, pack<T>> digit;
                                 for (std::size_t i = k * size; i < (k + 1) * size; ++i)
                                 {
                                     digit.add(fold_packs<Fold, T>(i * block, (i + 1) * block, get));
                                 }
                                 digits[k] = digit.only_digit();
                             });
    for (std::size_t k = 0; k < count; ++k)
    {
        to.add_digit(digits[k], std::countr_zero(size));
    }
    return count * size;
}

/// The fold of get(part, i) over [0, count), count > 0. Of a long row, several threads call `get`.
template <class Fold, class T, class Get>
T fold_row(std::size_t count, Get get)
{
    constexpr std::size_t lanes = pack<T>::size;
    constexpr std::size_t block = block_of_row<T>;
    const std::size_t whole = count - count % lanes;
    const auto finish = [&](pack<T> rest)
    {
        if (whole < count)
        {
            const std::size_t left = count - whole;
            rest = Fold::combine(rest, keep_lanes<Fold>(get(part_of_pack<T>{left}, whole), left));
        }
        return rest;
    };
    const auto lanes_of = [](pack<T> values)
    { return detail::reduce_lanes([](T a, T b) { return Fold::combine(a, b); }, values); };
    if (whole < block)
    {
        return lanes_of(finish(fold_packs<Fold, T>(0, whole, get)));
    }
    pairwise_fold<Fold, pack<T>> blocks;
    std::size_t i = parallel::is_divided(whole) ? block * fold_digits_of_row<Fold, T>(whole / block, get, blocks) : 0;
    for (; i + block <= whole; i += block)
    {
        blocks.add(fold_packs<Fold, T>(i, i + block, get));
    }
    return lanes_of(blocks.finish(finish(fold_packs<Fold, T>(i, whole, get))));
}

// --------------------------------------------------------------------------------------------------------- columns

/// Columns are folded in tiles of at most this many.
inline constexpr std::size_t column_tile = 256;

/// How many rows that lie one behind the other fill some packs, where one of them is too narrow: a power of two times
/// what ends at the end of a pack, or 1.
template <class T>
std::size_t rows_taken_together(std::size_t rows, std::size_t stride, std::size_t width)
{
    constexpr std::size_t few_packs = 4 * pack<T>::size;
    if (width != stride || width >= few_packs)
    {
        return 1;
    }
    std::size_t together = pack<T>::size / std::gcd(pack<T>::size, width);
    while (together * width < few_packs)
    {
        together *= 2;
    }
    return together * width <= column_tile && 2 * together <= rows ? together : 1;
}

/// The columns of so many rows taken together, a power of two: the program folds the wide rows, combine(y, y) two
/// results and add(y, x) what is left over.
template <class Program, class T, class Combine, class Add>
void fold_narrow(const T* x, std::size_t rows, std::size_t width, std::size_t together, T* y, Combine combine, Add add)
{
    T partial[column_tile];
    const std::size_t wide_rows = rows / together;
    Program::columns(x, wide_rows, together * width, together * width, partial);
    for (std::size_t half = together / 2; half > 0; half /= 2)
    {
        for (std::size_t c = 0; c < half * width; ++c)
        {
            partial[c] = combine(partial[c], partial[c + half * width]);
        }
    }
    for (std::size_t r = wide_rows * together; r < rows; ++r)
    {
        for (std::size_t c = 0; c < width; ++c)
        {
            partial[c] = add(partial[c], x[r * width + c]);
        }
    }
    std::copy_n(partial, width, y);
}

/// Rows of at most column_tile numbers, pairwise.
template <class Fold, class T>
class pairwise_rows
{
public:
    explicit pairwise_rows(std::size_t width) : m_width(in_packs<T>(width)) {}

    void add(T* block) { add_digit(block, 0); }
    /// The fold of 2^k blocks, behind a multiple of so many.
    void add_digit(T* digit, int k)
    {
        std::size_t bits = m_blocks >> k;
        m_blocks += std::size_t{1} << k;
        for (; (bits & 1) != 0; bits >>= 1)
        {
            combine(m_digits[--m_used], digit);
        }
        std::copy_n(digit, m_width, m_digits[m_used++]);
    }
    /// The fold of a power of two of blocks.
    void only_digit(T* result) const { std::copy_n(m_digits[0], m_width, result); }
    void finish(T* rest)
    {
        while (m_used > 0)
        {
            combine(m_digits[--m_used], rest);
        }
    }
    void finish_without_rest(T* result)
    {
        std::copy_n(m_digits[--m_used], m_width, result);
        finish(result);
    }

private:
    void combine(const T* before, T* values) const
    {
        for (std::size_t c = 0; c < m_width; c += pack<T>::size)
        {
            Fold::combine(pack<T>::load(before + c), pack<T>::load(values + c)).store(values + c);
        }
    }

    std::size_t m_width;
    std::size_t m_blocks = 0;
    std::size_t m_used = 0;
    T m_digits[40][column_tile]; // more blocks of two columns do not fit into 2^48 bytes
};

/// Rows [first, last) of one block, last > first. `result` has room for whole packs.
template <class Fold, class T, class Get>
void fold_block_of_rows(std::size_t first, std::size_t last, std::size_t width, Get get, T* result)
{
    const auto four = [&](auto part, std::size_t r, std::size_t c)
    {
        return Fold::combine(Fold::combine(get(part, r, c), get(part, r + 1, c)),
                             Fold::combine(get(part, r + 2, c), get(part, r + 3, c)));
    };
    // From the neutral element on: a sum of -0 is 0, as NumPy's.
    const pack<T> neutral = Fold::template neutral<T>;
    std::size_t r = first;
    if (last - first >= 4)
    {
        for_each_pack<T>(width,
                         [&](auto part, std::size_t c) { Fold::combine(neutral, four(part, r, c)).store(result + c); });
        r += 4;
    }
    else
    {
        for_each_pack<T>(width,
                         [&](auto part, std::size_t c) { Fold::combine(neutral, get(part, r, c)).store(result + c); });
        r += 1;
    }
    for (; r + 4 <= last; r += 4)
    {
        for_each_pack<T>(width, [&](auto part, std::size_t c)
                         { Fold::combine(pack<T>::load(result + c), four(part, r, c)).store(result + c); });
    }
    for (; r < last; ++r)
    {
        for_each_pack<T>(width, [&](auto part, std::size_t c)
                         { Fold::combine(pack<T>::load(result + c), get(part, r, c)).store(result + c); });
    }
}

/// The same of a pack of columns in registers: of get(r).
template <class Fold, class T, class Rows, class Get>
pack<T> fold_rows_of_pack(Rows rows, Get get)
{
    pack<T> result = Fold::template neutral<T>;
    std::size_t r = 0;
    for (; r + 4 <= rows; r += 4)
    {
        result = Fold::combine(result,
                               Fold::combine(Fold::combine(get(r), get(r + 1)), Fold::combine(get(r + 2), get(r + 3))));
    }
    for (; r < rows; ++r)
    {
        result = Fold::combine(result, get(r));
    }
    return result;
}

/// So few rows of a pack of columns are in registers, or nearly.
inline constexpr std::size_t few_rows = 16;

/// f(rows), as a constant where there are fewest: those loops are written out.
template <class F>
void with_few_rows(std::size_t rows, F f)
{
    switch (rows)
    {
    case 2:
        return f(std::integral_constant<std::size_t, 2>());
    case 3:
        return f(std::integral_constant<std::size_t, 3>());
    case 4:
        return f(std::integral_constant<std::size_t, 4>());
    default:
        return f(rows);
    }
}

/// Folds whole blocks of rows, [first, last), one after the other; `result` is room for one.
template <class Fold, class T, class Get>
void fold_blocks_of_rows(std::size_t first, std::size_t last, std::size_t width, Get get, T* result,
                         pairwise_rows<Fold, T>& to)
{
    for (std::size_t block = first; block < last; ++block)
    {
        fold_block_of_rows<Fold, T>(block * rows_of_block, (block + 1) * rows_of_block, width, get, result);
        to.add(result);
    }
}

/// Folds as many of the first blocks as make up whole digits, at one time; returns how many that are.
template <class Fold, class T, class Get>
[[gnu::noinline]] std::size_t fold_digits_of_rows(std::size_t blocks, std::size_t width, Get get,
                                                  pairwise_rows<Fold, T>& to)
{
    constexpr std::size_t most_digits = 16;
    const std::size_t size = blocks_of_digit(blocks, rows_of_block * width, most_digits);
    const std::size_t count = blocks / size;
    T digits[most_digits][column_tile];
    parallel::for_each_block(count,
                             [&](std::size_t k)
                             {
                                 pairwise_rows<Fold, T> digit(width);
                                 fold_blocks_of_rows(k * size, (k + 1) * size, width, get, digits[k], digit);
                                 digit.only_digit(digits[k]);
                             });
    for (std::size_t k = 0; k < count; ++k)
    {
        to.add_digit(digits[k], std::countr_zero(size));
    }
    return count * size;
}

/// Not inlined: its partial results take 80 KiB of the stack.
template <class Fold, class T, class Get>
[[gnu::noinline]] void fold_many_rows(std::size_t rows, std::size_t width, Get get, T* result)
{
    pairwise_rows<Fold, T> blocks(width);
    const std::size_t whole = rows / rows_of_block;
    const std::size_t folded =
        parallel::is_divided(rows * width) ? fold_digits_of_rows<Fold, T>(whole, width, get, blocks) : 0;
    fold_blocks_of_rows(folded, whole, width, get, result, blocks);
    const std::size_t r = whole * rows_of_block;
    if (r == rows)
    {
        blocks.finish_without_rest(result);
    }
    else
    {
        fold_block_of_rows<Fold, T>(r, rows, width, get, result);
        blocks.finish(result);
    }
}

/// For each column c of at most column_tile: the fold of get(part, r, c) over the rows, rows > 0. `result` has room for
/// whole packs. Of many rows, several threads call `get`.
template <class Fold, class T, class Get>
void fold_columns(std::size_t rows, std::size_t width, Get get, T* result)
{
    if (rows <= rows_of_block)
    {
        fold_block_of_rows<Fold, T>(0, rows, width, get, result);
    }
    else
    {
        fold_many_rows<Fold, T>(rows, width, get, result);
    }
}

} // namespace AUTOGRAD_KERNELS_INSTRUCTION_SET

} // namespace autograd::kernels
