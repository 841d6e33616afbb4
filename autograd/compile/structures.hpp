#pragma once

#include "autograd/compile/arguments.hpp"

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <iterator>
#include <span>
#include <type_traits>
#include <vector>

/// Structures that compiled functions are called with and that they give, taken apart and put together.
namespace autograd
{

namespace detail
{

/// In a class, for the compiler to say it once.
template <class S>
struct compared_by_value : std::true_type
{
    static_assert(!hides_parts<S>, "A structure holds its parts: no pointers, references or variants.");
    static_assert(!hides_members<S>, "The members of a const structure are listed, too: members() const.");
    static_assert(!std::is_pointer_v<S>, "What a pointer points to may change unseen: give what it points to.");
    static constexpr bool has_equality = std::equality_comparable<S>;
    static_assert(has_equality,
                  "What is no array is part of the program and is compared with == from call to call: define it.");
};

/// Whether numbers are the same in all that can be computed of them: 0 and -0 are not.
template <class N>
bool same_number(N a, N b)
{
    if constexpr (std::is_floating_point_v<N>)
    {
        return a != a ? b != b : a == b && std::signbit(a) == std::signbit(b);
    }
    else
    {
        return a == b;
    }
}

/// Whether an argument has the same hyperparameters as when it was recorded; its containers have the same lengths.
template <class Recorded, class A>
bool same_hyperparameters(const Recorded& recorded, const A& given)
{
    if constexpr (is_leaf<Recorded> || std::is_empty_v<A>)
    {
        return true;
    }
    else if constexpr (has_parts<const A>)
    {
        bool same = true;
        for_each_part([&](const part_name&, const auto& a, const auto& b)
                      { same = same && same_hyperparameters(a, b); },
                      recorded, given);
        return same;
    }
    else if constexpr (std::is_arithmetic_v<A>)
    {
        return same_number(recorded, given);
    }
    else if constexpr (plain_numbers<A>)
    {
        return std::equal(recorded.begin(), recorded.end(), given.begin(), given.end(),
                          [](auto a, auto b) { return same_number(a, b); });
    }
    else if constexpr (compared_by_value<A>::has_equality)
    {
        return recorded == given;
    }
    else
    {
        return false; // does not compile
    }
}

/// How many parts there are in a container or an optional.
template <class S>
std::size_t count_of_parts(const S& structure)
{
    if constexpr (is_optional<S>)
    {
        return structure.has_value();
    }
    else
    {
        return static_cast<std::size_t>(std::distance(structure.begin(), structure.end()));
    }
}
template <class S>
concept has_countable_parts = is_optional<S> || container<const S>;

/// Adds the arrays of a structure.
template <class T, class S>
void collect_parts(arguments<T>& into, const S& structure)
{
    if constexpr (recorded_leaves<T>::template is_leaf<S>)
    {
        into.add(structure);
    }
    else if constexpr (has_parts<const S>)
    {
        if constexpr (has_countable_parts<S>)
        {
            into.add_count(count_of_parts(structure));
        }
        for_each_part([&](const part_name&, const auto& part) { collect_parts(into, part); }, structure);
    }
}
/// Adds the arrays of an argument, which may be a number.
template <class T, class A>
void collect(arguments<T>& into, const A& given)
{
    if constexpr (number<A>)
    {
        into.add_number(given);
    }
    else
    {
        collect_parts(into, given);
    }
}

/// Records arguments on a tape, and lists what the function was given and what it returned.
template <class T>
class recorder
{
public:
    recorder(tape<T>& tape, const arguments<T>& arrays) : m_tape(tape), m_arrays(arrays) {}

    /// An argument as the function is given it, the arrays of which are the next ones.
    template <class Recorded, class A>
    void record(Recorded& to, const A& given)
    {
        auto record_leaf = [&]<class Leaf>(const part_path& path, role as, const Leaf&)
        { return typename recorded_leaves<T>::template type<Leaf>(next(path, as)); };
        if constexpr (number<A>)
        {
            to = Recorded(next({}, role::parameter));
        }
        else
        {
            map_into<recorded_leaves<T>>({}, role::parameter, record_leaf, to, given);
        }
        m_counts.inputs.push_back(m_inputs.size());
    }

    /// What the function returned, with arrays in place of variables: empty ones.
    template <class R, class Stored>
    void store_result(const R& result, Stored& to)
    {
        count_leaves(result);
        auto store_leaf = [&]<class Leaf>(const part_path&, role, const Leaf& leaf)
        {
            m_outputs.push_back(leaf);
            return array<typename Leaf::value_type>();
        };
        map_into<stored_leaves>({}, role::parameter, store_leaf, to, result);
    }

    std::span<const handle<T>> inputs() const { return m_inputs; }
    std::span<const handle<T>> outputs() const { return m_outputs; }
    const leaf_counts& counts() const { return m_counts; }

private:
    /// Of each part of a tuple, or of the whole.
    template <class R>
    void count_leaves(const R& result)
    {
        std::size_t count = 0;
        const auto count_part = [&](const part_name&, const auto& part)
        {
            for_each_leaf(part, [&](const auto&) { ++count; });
            m_counts.outputs.push_back(count);
        };
        if constexpr (tuple_like<R>)
        {
            for_each_part(count_part, result);
        }
        else
        {
            count_part({}, result);
        }
    }
    handle<T> next(const part_path& path, role as)
    {
        m_inputs.push_back(m_arrays.record(m_tape, m_inputs.size(), path, as));
        return m_inputs.back();
    }

    tape<T>& m_tape;
    const arguments<T>& m_arrays;
    std::vector<handle<T>> m_inputs;
    std::vector<handle<T>> m_outputs;
    leaf_counts m_counts;
};

template <class S, class F>
void for_each_array(S& structure, const F& f)
{
    if constexpr (array_expression<S>)
    {
        f(structure);
    }
    else if constexpr (has_parts<S>)
    {
        for_each_part([&](const part_name&, auto& part) { for_each_array(part, f); }, structure);
    }
}

/// Gives a place for results the form that they have, and adds its arrays. Throws value_error where that would give
/// back memory of an input.
template <class T, class To, class From>
void take_form(results<T>& into, To& to, const From& from)
{
    if constexpr (arrays_as_leaves::is_leaf<From>)
    {
        into.add(to);
    }
    else if constexpr (is_leafless<From, arrays_as_leaves>)
    {
        to = from;
    }
    else
    {
        if constexpr (has_countable_parts<From>)
        {
            if (count_of_parts(to) != count_of_parts(from))
            {
                for_each_array(to, [&](const auto& y) { into.require_unread(y); });
                fit(to, from);
            }
        }
        for_each_part([&](const part_name&, auto& to_part, const auto& part) { take_form(into, to_part, part); }, to,
                      from);
    }
}

} // namespace detail

} // namespace autograd
