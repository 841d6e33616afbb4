#pragma once

#include "autograd/compile/plane_steps.hpp"
#include "autograd/compile/schedule.hpp"

#include <vector>

namespace autograd
{

namespace detail
{

/// From one element to the next along each extent of a loop, in elements of an array.
struct tile_strides
{
    std::size_t plane = 0;
    std::size_t row = 0;
    std::size_t element = 0;

    friend bool operator==(const tile_strides&, const tile_strides&) = default;
};

/// What sums add up, if they do, in a loop.
enum class tile_sum : std::uint8_t
{
    nothing, ///< an elementwise operation, or a copy; or one of planes
    planes,  ///< to one plane, at once
    row,     ///< along each row
    plane,   ///< of all rows
    columns, ///< over the rows
    dots     ///< products of planes with planes
};

/// What a loop over tiles goes through: rows of some length, of each a tile at a time. Arrays may have several planes
/// of that size, which each tile has a part of.
struct tile_loop
{
    std::size_t elements = 0; ///< of a plane
    std::size_t length = 0;   ///< of a row

    std::size_t rows() const { return elements / length; }

    /// Arrays of more planes are gone through otherwise: a tile has its elements of all of them in hand.
    static constexpr std::size_t most_planes = 16;
    /// Where rows are shorter, what is done for each is more than what is done in it.
    static constexpr std::size_t least_length = 256;

    friend bool operator==(const tile_loop&, const tile_loop&) = default;
};

/// Whether what is gone through so is dense along rows and elements.
inline bool is_element_in_hand(const tile_strides& strides, const tile_loop& loop)
{
    return strides.element == 1 && (loop.rows() == 1 || strides.row == loop.length);
}

/// How a step is done in a loop.
template <class T>
struct tile_step
{
    tile_sum sum = tile_sum::nothing;
    std::size_t planes = 1;        ///< of the result; of sums and of steps of planes, of what they are made of
    std::size_t result_planes = 1; ///< that are in hand when it is done
    tile_strides result;
    const plane_form<T>* form = nullptr; ///< of a step of planes
    std::size_t first_operand = 0;       ///< of its operands among those of all steps of the loop

    /// Whether what it makes goes on in the loop, element by element.
    bool stays_in_loop() const { return sum <= tile_sum::planes; }
};

/// The loop of steps that follow each other, for as long as there is one for all of them.
template <class T>
class open_loop
{
public:
    explicit open_loop(const schedule<T>& values) : m_values(values) {}

    /// Takes the step that makes this value, if there is a loop for it and those that were taken: where what it repeats
    /// goes along with planes and rows, and what it reads of the others is the element in hand. Sums have the bits that
    /// they have by themselves.
    bool take(std::uint32_t value);
    /// Begins anew, and takes those of the steps that make these values, from the first one on, that have one loop. How
    /// many these are: none where the first one is in no loop.
    std::size_t take_first(std::span<const std::uint32_t> values);

    const tile_loop& loop() const { return m_loop; }
    /// How the steps are done that were taken, and how operand k of one is gone through.
    const tile_step<T>& operator[](std::size_t step) const { return m_way.steps[step]; }
    const tile_strides& operand(std::size_t step, std::size_t k) const
    {
        return m_way.operands[m_way.steps[step].first_operand + k];
    }

private:
    /// How steps are done, one after the other.
    struct way
    {
        std::vector<tile_step<T>> steps;
        std::vector<tile_strides> operands;

        void clear();
        void take_back(); ///< the last one
    };

    void clear();
    bool add(std::uint32_t value, const tile_loop& loop, way& to) const;
    bool reads_in_hand(std::uint32_t value, const tile_loop& loop, const way& by) const;
    bool all_fit(const tile_loop& loop, way& to) const;
    bool takes_in_other_loop(std::uint32_t value, bool fits_here);

    const schedule<T>& m_values;
    tile_loop m_loop;
    std::vector<std::uint32_t> m_taken; ///< what they make
    way m_way;
};

} // namespace detail

} // namespace autograd
