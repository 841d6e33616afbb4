#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace autograd
{

namespace detail
{

/// Memory that a value needs from the step that makes it to the last one that reads it, both included.
struct lifetime
{
    std::uint32_t value;
    std::uint32_t first; ///< steps are numbered in the order in which they run
    std::uint32_t last;
    std::size_t bytes;
};

/// Where values lie in one block of memory: two that live at the same time do not overlap.
struct arena_plan
{
    /// Of each lifetime, in the order given; multiples of `alignment`.
    std::vector<std::size_t> offsets;
    std::size_t bytes = 0;
    /// The largest sum of what lives at one time: no plan needs less.
    std::size_t lower_bound = 0;

    static constexpr std::size_t alignment = 64;
};

/// Lays out values whose first steps do not decrease. Several ways are tried until one meets the bound, and the
/// smallest arena is kept: in the order of the steps, each into the smallest gap that holds it (n log n); and, where
/// there are few, the largest values first, each into the lowest gap (n^2; Pisarchyk and Lee 2020, Efficient memory
/// management for deep neural net inference, section 5.2), those that live longest first, and those with the largest
/// product of both; and of very few, again and again, those first that ended highest before.
arena_plan plan_arena(std::span<const lifetime> values);

} // namespace detail

} // namespace autograd
