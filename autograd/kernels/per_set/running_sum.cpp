#include "autograd/kernels/running_sum.hpp"

#include "autograd/kernels/per_set/compiled.hpp"
#include "autograd/kernels/per_set/fold.hpp"

#include <algorithm>
#include <bit>
#include <new>

namespace autograd::kernels
{

inline namespace AUTOGRAD_KERNELS_INSTRUCTION_SET
{

namespace
{

// -------------------------------------------------------------------------------------------------------------- rows

/// What fold_row does, element after element: four chains through a block of packs, and blocks pairwise. Elements wait
/// until there are enough of them for a step of all chains.
template <class T>
class row_sum
{
public:
    void add(const T* x, std::size_t count)
    {
        if (m_waiting > 0)
        {
            const std::size_t more = std::min(count, step - m_waiting);
            std::copy_n(x, more, m_waits + m_waiting);
            m_waiting += more;
            x += more;
            count -= more;
            if (m_waiting < step)
            {
                return;
            }
            add_steps(m_waits, 1);
            m_waiting = 0;
        }
        add_steps(x, count / step);
        m_waiting = count % step;
        std::copy_n(x + (count - m_waiting), m_waiting, m_waits);
    }

    T finish() const
    {
        pack<T> first = m_chains[0];
        std::size_t i = 0;
        for (; i + lanes <= m_waiting; i += lanes)
        {
            first = first + pack<T>::load(m_waits + i);
        }
        pack<T> rest = (first + m_chains[1]) + (m_chains[2] + m_chains[3]);
        if (i < m_waiting)
        {
            const std::size_t left = m_waiting - i;
            rest = rest + keep_lanes<sum_fold>(pack<T>::load_partial(m_waits + i, left), left);
        }
        return reduce_sum(m_blocks.finish(rest));
    }

    /// Of whole blocks, a power of two of them.
    pack<T> digit() const { return m_blocks.only_digit(); }
    void add_digit(pack<T> digit, std::size_t elements)
    {
        m_blocks.add_digit(digit, std::countr_zero(elements / (step * steps_of_block)));
    }

private:
    static constexpr std::size_t lanes = pack<T>::size;
    static constexpr std::size_t step = 4 * lanes;
    static constexpr std::size_t steps_of_block = 16;
    static_assert(elements_of_digit % (step * steps_of_block) == 0 && sizeof(T) * lanes <= bytes_of_digit);

    void add_steps(const T* x, std::size_t count)
    {
        while (count > 0)
        {
            const std::size_t now = std::min(count, steps_of_block - m_steps);
            pack<T> chains[4] = {m_chains[0], m_chains[1], m_chains[2], m_chains[3]};
            for (std::size_t i = 0; i < now; ++i, x += step)
            {
                for (std::size_t k = 0; k < 4; ++k)
                {
                    chains[k] = chains[k] + pack<T>::load(x + k * lanes);
                }
            }
            std::copy_n(chains, 4, m_chains);
            m_steps += now;
            count -= now;
            if (m_steps == steps_of_block)
            {
                m_blocks.add((chains[0] + chains[1]) + (chains[2] + chains[3]));
                std::fill_n(m_chains, 4, pack<T>(T(0)));
                m_steps = 0;
            }
        }
    }

    pack<T> m_chains[4] = {pack<T>(T(0)), pack<T>(T(0)), pack<T>(T(0)), pack<T>(T(0))};
    std::size_t m_steps = 0; ///< of this block
    std::size_t m_waiting = 0;
    T m_waits[step];
    pairwise_fold<sum_fold, pack<T>, 48> m_blocks;
};
static_assert(sizeof(row_sum<float>) <= bytes_of_row_sum && sizeof(row_sum<double>) <= bytes_of_row_sum);

template <class T>
void begin(void* sum)
{
    ::new (sum) row_sum<T>;
}

template <class T>
void add(void* sum, const T* x, std::size_t count)
{
    static_cast<row_sum<T>*>(sum)->add(x, count);
}

template <class T>
T finish(const void* sum)
{
    return static_cast<const row_sum<T>*>(sum)->finish();
}

template <class T>
void get_digit(const void* sum, void* digit)
{
    static_cast<const row_sum<T>*>(sum)->digit().store(static_cast<T*>(digit));
}

template <class T>
void add_digit(void* sum, const void* digit, std::size_t elements)
{
    static_cast<row_sum<T>*>(sum)->add_digit(pack<T>::load(static_cast<const T*>(digit)), elements);
}

// ----------------------------------------------------------------------------------------------------------- columns

/// What fold_columns does, row after row: four rows at a time through a block of rows, and blocks pairwise. It all
/// follows from the number of the row.
template <class T>
void add_to_columns(void* sums, std::size_t rows, std::size_t width, std::size_t row, std::size_t first,
                    std::size_t count, const T* x, T* y)
{
    const column_sums<T> at(sums, width, first);
    const std::size_t in_block = row % rows_of_block;
    const std::size_t rows_here = std::min(rows_of_block, rows - (row - in_block));
    const bool in_four = in_block < rows_here / 4 * 4;
    if (in_four && in_block % 4 < 3)
    {
        std::copy_n(x, count, at.waiting(in_block % 4));
        return;
    }
    const bool is_first = in_block == (in_four ? 3 : 0);
    for_each_pack<T>(count,
                     [&](auto part, std::size_t c)
                     {
                         pack<T> value = part.load(x + c);
                         if (in_four)
                         {
                             value = (part.load(at.waiting(0) + c) + part.load(at.waiting(1) + c)) +
                                     (part.load(at.waiting(2) + c) + value);
                         }
                         part.store((is_first ? pack<T>(T(0)) : part.load(at.block() + c)) + value, at.block() + c);
                     });
    if (in_block + 1 < rows_here)
    {
        return;
    }
    const std::size_t blocks = row / rows_of_block; // before this one
    const auto known = static_cast<std::size_t>(std::popcount(blocks));
    const std::size_t taken = row + 1 == rows ? known : static_cast<std::size_t>(std::countr_one(blocks));
    T* const to = row + 1 == rows ? y : at.digit(known - taken);
    for_each_pack<T>(count,
                     [&](auto part, std::size_t c)
                     {
                         pack<T> value = part.load(at.block() + c);
                         for (std::size_t k = 0; k < taken; ++k)
                         {
                             value = part.load(at.digit(known - 1 - k) + c) + value;
                         }
                         part.store(value, to + c);
                     });
}

/// In the order of fold_block_of_rows, for that many arrays at most.
template <class T>
void across(const T* x, std::size_t arrays, std::size_t stride, std::size_t count, T* y)
{
    for_each_pack<T>(count,
                     [&](auto part, std::size_t c)
                     {
                         const auto next = [&](std::size_t r) { return part.load(x + r * stride + c); };
                         part.store(fold_rows_of_pack<sum_fold, T>(arrays, next), y + c);
                     });
}

} // namespace

#define AUTOGRAD_COMPILED(T)                                                                                           \
    template <>                                                                                                        \
    constinit const running_sum_kernels<T> compiled<running_sum_kernels<T>>::kernels{.begin = begin<T>,                \
                                                                                     .add = add<T>,                    \
                                                                                     .finish = finish<T>,              \
                                                                                     .get_digit = get_digit<T>,        \
                                                                                     .add_digit = add_digit<T>,        \
                                                                                     .add_to_columns =                 \
                                                                                         add_to_columns<T>,            \
                                                                                     .across = across<T>};
AUTOGRAD_COMPILED(float)
AUTOGRAD_COMPILED(double)
#undef AUTOGRAD_COMPILED

} // namespace AUTOGRAD_KERNELS_INSTRUCTION_SET

} // namespace autograd::kernels
