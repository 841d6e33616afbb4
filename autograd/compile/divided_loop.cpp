#include "autograd/compile/run_memory.hpp"

#include "autograd/kernels/dispatch.hpp"
#include "autograd/kernels/planes.hpp"
#include "autograd/kernels/running_sum.hpp"
#include "autograd/parallel/ranges.hpp"

#include <algorithm>
#include <bit>
#include <optional>
#include <utility>

/// Loops over tiles by several threads, each of which walks through parts of the loop with tiles of its own. Sums have
/// the bits that they have by one thread: along rows each is within one part, and along columns too, since parts are
/// then columns of the loop; of whole planes, parts are digits of the binary counter by which they are added up.
namespace autograd
{

namespace
{

using detail::compiled;
using detail::group;
using detail::pieces_of_arena;
using detail::spare_memory;
using detail::step;
using detail::tile_sum;
using detail::tile_walk;

/// Of what a walk has of its own: what stays in the second level cache.
constexpr std::size_t most_own_bytes = std::size_t{1} << 19;
/// Of what it has on the stack of its thread.
constexpr std::size_t most_operands_of_walk = 512;
constexpr std::size_t most_results_of_walk = 64;
static_assert(most_results_of_walk <= pieces_of_arena::most);

/// Memory of a thread for its walks, kept from one to the next. A walk within a walk, which a user's kernel may begin,
/// has other memory.
class memory_of_walk
{
public:
    explicit memory_of_walk(std::size_t bytes)
        : m_memory(std::exchange(kept, {})), m_begin(m_memory.provide<std::byte>(bytes))
    {
    }
    ~memory_of_walk() { kept = std::move(m_memory); }
    memory_of_walk(const memory_of_walk&) = delete;

    std::byte* begin() const { return m_begin; }

private:
    static thread_local spare_memory kept;

    spare_memory m_memory;
    std::byte* m_begin;
};
thread_local spare_memory memory_of_walk::kept;

/// What the parts of a loop are.
enum class division
{
    elements,
    rows,
    columns,
    digits
};

/// By the sums that are in it. Nothing where these want different ones.
template <class T>
std::optional<division> division_of(const compiled<T>& of, const group& g)
{
    std::optional<division> result;
    for (std::uint32_t s = g.first; s < g.end; ++s)
    {
        std::optional<division> wanted;
        switch (of.steps[s].sum)
        {
        case tile_sum::nothing:
        case tile_sum::planes:
            continue;
        case tile_sum::row:
            wanted = division::rows;
            break;
        case tile_sum::columns:
            wanted = division::columns;
            break;
        case tile_sum::plane:
        case tile_sum::dots:
            wanted = division::digits;
            break;
        }
        if (result && result != wanted)
        {
            return std::nullopt;
        }
        result = wanted;
    }
    return result ? result : division::elements;
}

/// The pieces of the arena of which each walk has its own.
template <class T>
pieces_of_arena own_pieces(const compiled<T>& of, const group& g)
{
    pieces_of_arena result;
    for (std::uint32_t s = g.first; s < g.end; ++s)
    {
        const step<T>& each = of.steps[s];
        if (const std::size_t elements = of.elements_in_tile[each.value]; elements != 0)
        {
            result.add(of.offsets[each.value], elements * sizeof(T));
        }
        if (each.sum == tile_sum::row || each.sum == tile_sum::plane || each.sum == tile_sum::dots)
        {
            result.add(each.scratch_offset, each.scratch_bytes);
        }
    }
    result.lay_out();
    return result;
}

/// What the digits of a step's sums take.
template <class T>
std::size_t bytes_of_digits(const step<T>& s)
{
    return s.sum == tile_sum::plane  ? s.planes * kernels::bytes_of_digit
           : s.sum == tile_sum::dots ? kernels::dots_of_planes<T>::bytes_of_digit(s.planes, s.size / s.planes)
                                     : 0;
}

template <class T>
std::size_t bytes_of_digits(const compiled<T>& of, const group& g)
{
    std::size_t bytes = 0;
    for (std::uint32_t s = g.first; s < g.end; ++s)
    {
        bytes += bytes_of_digits(of.steps[s]);
    }
    return bytes;
}

/// How many elements a digit of all sums has: those of dots follow from the number of all elements.
template <class T>
std::size_t elements_of_digits(const compiled<T>& of, const group& g)
{
    const std::size_t of_dots = kernels::dots_of_planes<T>::digit(g.loop.elements);
    for (std::uint32_t s = g.first; s < g.end; ++s)
    {
        if (of.steps[s].sum == tile_sum::dots)
        {
            return of_dots;
        }
    }
    return std::max(of_dots, std::bit_ceil(parallel::least_block / (g.end - g.first)));
}

/// of_plane(memory) for each sum of a whole plane, and of_dots(step) for those of dots, in order.
template <class T, class OfPlane, class OfDots>
void for_each_digit(const compiled<T>& of, const group& g, const tile_walk<T>& at, const OfPlane& of_plane,
                    const OfDots& of_dots)
{
    for (std::uint32_t number = g.first; number < g.end; ++number)
    {
        const step<T>& s = of.steps[number];
        if (s.sum == tile_sum::dots)
        {
            of_dots(s);
        }
        for (std::size_t plane = 0; s.sum == tile_sum::plane && plane < s.planes; ++plane)
        {
            of_plane(at.own(s.scratch_offset) + plane * (s.scratch_bytes / s.planes));
        }
    }
}

} // namespace

/// f(walk, k) for each part, the walk at the start of the loop.
template <class T>
template <class F>
void detail::run_memory<T>::execute_parts(const group& g, const pieces_of_arena& own, std::size_t count,
                                          const F& f) const
{
    const std::uint32_t first_operand = m_of->steps[g.first].first_operand;
    const auto is_own = [&](std::uint32_t root) { return m_of->elements_in_tile[root] != 0; };
    parallel::for_each_block(count,
                             [&](std::size_t k)
                             {
                                 run_operand<T> operands[most_operands_of_walk];
                                 T* results[most_results_of_walk];
                                 const memory_of_walk memory(own.bytes());
                                 tile_walk<T> at = walk_from_start(g, operands, results);
                                 at.memory = memory.begin();
                                 at.pieces = &own;
                                 const step<T>& last = m_of->steps[g.end - 1];
                                 for (std::uint32_t i = first_operand; i < last.first_operand + last.operand_count; ++i)
                                 {
                                     const std::uint32_t value = m_of->operands[i].value;
                                     if (value != none && is_own(m_of->values[value].memory))
                                     {
                                         const std::size_t offset = m_of->offsets[m_of->values[value].memory];
                                         const auto* const shared = reinterpret_cast<const T*>(m_arena.get() + offset);
                                         T* const mine = reinterpret_cast<T*>(at.own(offset));
                                         operands[i - first_operand].data =
                                             mine + (operands[i - first_operand].data - shared);
                                     }
                                 }
                                 for (std::uint32_t s = g.first; s < g.end; ++s)
                                 {
                                     const std::uint32_t value = m_of->steps[s].value;
                                     if (is_own(value))
                                     {
                                         results[s - g.first] = reinterpret_cast<T*>(at.own(m_of->offsets[value]));
                                     }
                                 }
                                 f(at, k);
                             });
}

/// Returns false where it is not divided, and nothing is done.
template <class T>
bool detail::run_memory<T>::execute_divided(const group& g)
{
    const step<T>& first = m_of->steps[g.first];
    const step<T>& last = m_of->steps[g.end - 1];
    const bool is_short = g.end - g.first <= most_results_of_walk &&
                          last.first_operand + last.operand_count - first.first_operand <= most_operands_of_walk;
    const std::optional<division> by = is_short ? division_of(*m_of, g) : std::nullopt;
    if (!by)
    {
        return false;
    }
    const pieces_of_arena own = own_pieces(*m_of, g);
    if (own.bytes() > most_own_bytes)
    {
        return false;
    }
    if (by == division::digits)
    {
        return execute_digits(g, own);
    }
    const std::size_t count = by == division::rows      ? g.loop.rows()
                              : by == division::columns ? g.loop.length
                                                        : g.loop.elements;
    const std::size_t unit = by == division::rows ? 1 : by == division::columns ? 128 : 64;
    const std::size_t units = (count + unit - 1) / unit;
    const std::size_t work = g.loop.elements * (g.end - g.first);
    const std::size_t parts = std::min({units, work / parallel::least_block, parallel::most_blocks});
    if (parts < 2)
    {
        return false;
    }
    const auto begin = [&](std::size_t k) { return std::min(count, unit * (units * k / parts)); };
    execute_parts(g, own, parts,
                  [&](tile_walk<T>& at, std::size_t k)
                  {
                      if (by == division::columns)
                      {
                          execute_columns(at, g, begin(k), begin(k + 1));
                      }
                      else
                      {
                          const std::size_t elements = by == division::rows ? g.loop.length : 1;
                          execute_elements(at, g, begin(k) * elements, begin(k + 1) * elements);
                      }
                  });
    return true;
}

template <class T>
void detail::run_memory<T>::begin_digits(const tile_walk<T>& at, const group& g) const
{
    for_each_digit(
        *m_of, g, at, [](std::byte* sum) { kernels::running_sums<T>->begin(sum); },
        [&](const step<T>& s) { kernels::plane_loops<T>->begin_dots(dots_in_hand(at, s, g)); });
}

template <class T>
void detail::run_memory<T>::get_digits(const tile_walk<T>& at, const group& g, std::byte* to) const
{
    for_each_digit(
        *m_of, g, at,
        [&](std::byte* sum)
        {
            kernels::running_sums<T>->get_digit(sum, to);
            to += kernels::bytes_of_digit;
        },
        [&](const step<T>& s)
        {
            kernels::plane_loops<T>->get_digit_of_dots(dots_in_hand(at, s, g), to);
            to += bytes_of_digits(s);
        });
}

template <class T>
void detail::run_memory<T>::add_digits(const tile_walk<T>& at, const group& g, const std::byte* from,
                                       std::size_t elements) const
{
    for_each_digit(
        *m_of, g, at,
        [&](std::byte* sum)
        {
            kernels::running_sums<T>->add_digit(sum, from, elements);
            from += kernels::bytes_of_digit;
        },
        [&](const step<T>& s)
        {
            kernels::plane_loops<T>->add_digit_of_dots(dots_in_hand(at, s, g), from);
            from += bytes_of_digits(s);
        });
}

/// Parts whose sums are digits, and then, with these, what is left. The last element is in no digit: with it sums are
/// written.
template <class T>
bool detail::run_memory<T>::execute_digits(const group& g, const pieces_of_arena& own)
{
    const std::size_t size = elements_of_digits(*m_of, g);
    const std::size_t count = (g.loop.elements - 1) / size;
    if (count < 2 || size * (g.end - g.first) < parallel::least_block)
    {
        return false;
    }
    const std::size_t bytes = bytes_of_digits(*m_of, g);
    std::byte* const digits = m_digits.template provide<std::byte>(count * bytes);
    execute_parts(g, own, count,
                  [&](tile_walk<T>& at, std::size_t k)
                  {
                      begin_digits(at, g);
                      execute_elements(at, g, k * size, (k + 1) * size);
                      get_digits(at, g, digits + k * bytes);
                  });
    tile_walk<T> at = walk_from_start(g, m_moving.data(), m_moving_results.data());
    begin_digits(at, g);
    for (std::size_t k = 0; k < count; ++k)
    {
        add_digits(at, g, digits + k * bytes, size);
    }
    execute_elements(at, g, count * size, g.loop.elements);
    return true;
}

template bool detail::run_memory<float>::execute_divided(const group&);
template bool detail::run_memory<double>::execute_divided(const group&);

} // namespace autograd
