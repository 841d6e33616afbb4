#pragma once

#include "autograd/operations/indexing.hpp"
#include "autograd/operations/recorded.hpp"
#include "autograd/operations/rule.hpp"
#include "autograd/operations/slicing.hpp"

#include <memory>
#include <string>
#include <vector>

/// An array out of cotangents that lie in parts of it.
/// \ingroup inside
namespace autograd
{

namespace detail
{
/// Where an operand of assemble lies: as in the part that an operation takes out of an array (slice, gather,
/// take_along_axis).
struct place_of_part
{
    part_kind taken_by; ///< none: the integers that belong to the operand before
    /// Those of the instruction that took the part. It stands before the one that assembles, so they last. (Of one that
    /// assembles for many directions they are kept on the tape, too.)
    const void* attributes;
};
} // namespace detail

/// The sum of L_k^T g_k, each L_k the operation that takes a part of an array. Where many parts were taken of one
/// array, which is what a loop over its rows does, its cotangent is one array, to which each is added in its place:
/// work and memory for all of them are those for the array and the parts, not for an array a part.
struct assemble_rule : linear
{
    static constexpr auto name = "assemble";
    static constexpr bool throws = true; // as those that took the parts
    struct attributes
    {
        std::vector<detail::place_of_part> places; ///< one for each operand
        /// Attributes that no tape holds: copies of those that places refer to.
        std::vector<std::shared_ptr<const void>> copies = {};

        /// The same without the instructions that took the parts.
        attributes detached() const;
        bool same(const attributes& other) const;
    };
    static std::string print(const attributes& a);

    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a);
    template <class T>
    static variable<T> transpose(const recorded<T>& y, variable<T> g, std::size_t operand);
    template <class T>
    static variable<T> batched(const batched_call<T>& y);
    static void samples(auto& s);
};
AUTOGRAD_OPERATION(assemble_rule)

namespace detail
{
/// The cotangent of an array, of a shape, out of those of parts that were taken of it: each the instruction that took
/// it, by its result, and what flows into that.
template <class T>
struct cotangent_of_part
{
    handle<T> part;
    variable<T> cotangent;
};
template <class T>
variable<T> assemble(shape_view shape, std::span<const cotangent_of_part<T>> parts);
} // namespace detail

void assemble_rule::samples(auto& s)
{
    const auto assembled = [](auto x, const auto&... parts)
    {
        using T = typename decltype(x)::value_type;
        const detail::cotangent_of_part<T> list[] = {{parts, parts}...};
        return detail::assemble<T>(x.shape(), list);
    };
    s.call(
        "rows apart", "x * np.array([[1], [0], [1], [0]])",
        [=](auto x) { return assembled(x, slice(x, 0, 0, 1), slice(x, 0, 2, 3)); }, s.numbers({4, 3}));
    s.call(
        "parts that overlap", "x * np.array([[1, 2, 2], [0, 1, 1], [0, 1, 1]])",
        [=](auto x) { return assembled(x, slice(x, 0, 0, 1), slice(x, 1, 1, 3)); }, s.numbers({3, 3}));
    s.call(
        "backwards", "x * np.array([1, 2, 2, 1])", [=](auto x) { return assembled(x, flip(x, 0), slice(x, 0, 1, 3)); },
        s.numbers({4}));
    s.call(
        "gathered, too", "x * np.array([[3], [0], [2], [0]])",
        [=](auto x, auto i) { return assembled(x, gather(x, i), slice(x, 0, 0, 1)); }, s.numbers({4, 2}),
        s.integers({4}, {2, 0, 2, -4}));
    s.call(
        "two of each row, twice", "x * np.array([[1, 1, 2], [2, 1, 1]])",
        [=](auto x, auto i)
        {
            const auto others = x.tape().index(xt::xarray<int>{{1, 2}, {0, 2}});
            return assembled(x, take_along_axis(x, i, 1), take_along_axis(x, others, 1));
        },
        s.numbers({2, 3}), s.integers({2, 2}, {2, 0, 0, 1}));
    s.call(
        "nothing and something", "x * np.array([1, 1, 0])",
        [=](auto x) { return assembled(x, slice(x, 0, 1, 1), slice(x, 0, 0, 2)); }, s.numbers({3}));
    s.call(
        "of nothing", "x", [=](auto x) { return assembled(x, slice(x, 0, 0, 0), slice(x, 1, 0, 2)); },
        s.numbers({0, 3}));
}

} // namespace autograd
