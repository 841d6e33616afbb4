#pragma once

#include "autograd/linalg/subscripts.hpp"

/// In which order several arrays are contracted: two at a time, so that there is least to multiply.
namespace autograd::detail
{

/// Two arrays become one. They count as the operands do, and behind these the results of the steps before.
struct contraction_step
{
    std::size_t left;
    std::size_t right;
    std::string result;     ///< the names of its axes
    double multiplications; ///< the product of the extents of all its axes and those that it sums
};

/// The steps for operands with these names, each one once, and each in two of them or in the result. Of up to 6
/// operands no other order has fewer multiplications, nor, with as few, smaller results between; of more, those two are
/// taken next whose contraction leaves least beyond what it takes away (as NumPy's and opt_einsum's "greedy"). Between
/// equals it is the first one, so that the order follows from names and extents. Throws shape_error where each order
/// has a result of more axes than an array may have.
std::vector<contraction_step> order_of_contractions(const std::vector<std::string>& operands, std::string_view result,
                                                    const extents_of_names& extents, const char* operation,
                                                    location where);

} // namespace autograd::detail
