#pragma once

#include "autograd/compile/simplify.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <vector>

namespace autograd
{

namespace detail
{

/// A value of a schedule on its way, before it has a place.
template <class T>
struct candidate
{
    scheduled_value<T> value;
    std::vector<std::uint32_t> operands;
    bool may_be_repeated = false; ///< whether all that reads it is elementwise, and so understands strides
};

/// What a rewrite returns where it gives no other value in the place of the candidate: that it changed the candidate;
/// or `none`, where it does not apply.
inline constexpr std::uint32_t changed = none - 1;

/// An entry of the table, with what applies it.
template <class T>
struct entry
{
    rewrite what;
    /// That computes the candidate; null: of candidates that are another value's elements.
    const operation<T>* of;
    /// Null for the last two, which the walk itself does: common subexpressions, and what nobody needs.
    std::uint32_t (*apply)(simplifier<T>& in, candidate<T>& c);
    bool of_pull = false; ///< of candidates that its pull of operand 0 computes
};
template <class T>
std::span<const entry<T>> entries();

/// Whether a value f(x, y) has the bits of f(y, x).
template <class T>
bool commutes(const scheduled_value<T>& y);

/// Goes through a schedule once, and puts each value, rewritten, behind those that were put before: so operands are
/// simple already when what is made of them is looked at.
template <class T>
class simplifier
{
public:
    simplifier(schedule<T>& steps, bool reassociate);

    std::vector<applied_rewrite> applied() const;

    /// \name For rewrites
    /// Values that were put, by their numbers. \{
    const scheduled_value<T>& operator[](std::uint32_t v) const { return m_values[v]; }
    std::span<const std::uint32_t> operands_of(const scheduled_value<T>& y) const
    {
        return {m_operands.data() + y.first_operand, y.operand_count};
    }
    std::uint32_t operand_of(std::uint32_t v, std::size_t k) const { return operands_of(m_values[v])[k]; }
    bool is_dense(std::uint32_t v) const { return m_values[v].strides == nullptr; }
    /// Whether nothing but the candidate reads it.
    bool is_read_here_only(std::uint32_t v) const { return m_readers[v] == 0; }
    /// Whether one value reads it, and the candidate does not.
    bool is_read_once(std::uint32_t v) const { return m_readers[v] == 1; }
    /// The number in all elements of a value that is known.
    std::optional<T> number_in(std::uint32_t v) const;
    /// Whether it is this one, bit for bit.
    bool is_number(std::uint32_t v, T number) const
    {
        const std::optional<T> known = number_in(v);
        return known && std::memcmp(&*known, &number, sizeof(T)) == 0;
    }
    /// A value in the place of a computed one: dense, unless that may be repeated.
    std::uint32_t is(const candidate<T>& c, std::uint32_t v) const
    {
        return is_dense(v) || c.may_be_repeated ? v : none;
    }
    /// The place of a value: of the one that it is by a rewrite, or of one that is the same, or a new one. References
    /// to values end.
    std::uint32_t placed(candidate<T>& c);
    /// That of one that is the same, or none.
    std::uint32_t known(const candidate<T>& c) const { return m_slots[slot_of(c, hash_of(c))]; }
    /// Something for as long as the schedule lives.
    template <class A>
    const A* stored(const A& something)
    {
        static_assert(std::is_trivially_destructible_v<A>);
        return ::new (m_steps.m_memory.allocate(sizeof(A))) A(something);
    }
    /// \}

private:
    void count_readers();
    std::uint32_t rewritten(std::uint32_t v);
    std::uint32_t once_rewritten(candidate<T>& c);
    std::uint32_t append(candidate<T>& c, std::size_t hash);
    /// In the memory where its elements are; the candidate has that in its operand.
    std::size_t offset_of(const candidate<T>& c) const;
    void grow_slots();
    /// Of what is the same, or else an empty one.
    std::size_t slot_of(const candidate<T>& c, std::size_t hash) const;

    std::size_t hash_of(const candidate<T>& c) const;
    bool are_same(const candidate<T>& c, std::uint32_t with) const;
    bool have_same_operands(const candidate<T>& c, const scheduled_value<T>& y) const;

    void drop_unneeded();
    std::vector<char> needed();
    void keep(std::uint32_t v, const std::vector<std::uint32_t>& place);

    schedule<T>& m_steps;
    bool m_reassociate;
    std::vector<scheduled_value<T>> m_values; ///< as they become
    std::vector<std::uint32_t> m_operands;
    std::vector<std::uint32_t> m_new;          ///< of each value that was: the one that it is now
    std::vector<std::uint32_t> m_readers_left; ///< of each value that was
    std::vector<char> m_is_read_by_strides;    ///< of each value that was: all its readers are elementwise
    std::vector<std::uint32_t> m_readers;      ///< of each that becomes: by those that are, and by those still to come
    std::vector<std::size_t> m_hashes;
    std::vector<std::uint32_t> m_slots; ///< a hash table of values
    std::vector<std::size_t> m_times;   ///< of each entry
};

} // namespace detail

} // namespace autograd
