#pragma once

#include "autograd/linalg/contraction_order.hpp"

#include <cstdint>
#include <memory>

/// What einsum does with operands of certain shapes: it follows from these and from the subscripts.
namespace autograd::detail
{

/// What becomes of an operand before it meets others: it has each name once then, of axes of full extent that are in
/// another operand or in the result. What is in one operand alone is summed before, and what is repeated along an axis
/// need not have it.
struct einsum_operand
{
    /// Two axes with one name, of which a diagonal is taken: it is the last axis then.
    struct repetition
    {
        std::size_t first;
        std::size_t second;
    };
    std::vector<repetition> repetitions; ///< one after the other
    std::uint32_t dropped = 0;           ///< bit k: axis k, of what is left by these
    std::string names;                   ///< of the axes that are left at last
};

struct einsum_plan
{
    named_operands named;
    std::vector<einsum_operand> operands;
    std::vector<contraction_step> steps; ///< none where it sums over nothing
    bool sums_over_nothing = false;      ///< an axis that is summed has no elements
};

/// The names of what the operands become.
std::vector<std::string> names_of(const std::vector<einsum_operand>& operands);

/// Throws what einsum throws.
einsum_plan plan_einsum(const einsum_subscripts& subscripts, std::span<const shape_view> shapes);

/// The same. Each thread remembers what it was given last, since the calls of a loop have few forms, and what is
/// computed of small arrays takes less time than reading how.
std::shared_ptr<const einsum_plan> recall_einsum(const einsum_subscripts& subscripts,
                                                 std::span<const shape_view> shapes);

} // namespace autograd::detail
