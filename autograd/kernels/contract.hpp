#pragma once

#include "autograd/kernels/scratch.hpp"
#include "autograd/tape/operation.hpp"

#include <string_view>

/// Contractions of two arrays: products of matrices whose rows, columns and inner axes are several axes each, in any
/// order.
namespace autograd::kernels
{

/// The names of the axes of three arrays, a character each. An array has a name once, and each is in two arrays at
/// least. What is in all three counts the matrices of a batch, what a and b have alone is summed.
struct contraction
{
    std::string_view a;
    std::string_view b;
    std::string_view y;
};

/// Which of the names it is; as many as there are where it is none. (There are few: a search by std::string_view calls
/// a function for them.)
inline std::size_t place_of(std::string_view names, char name)
{
    std::size_t place = 0;
    while (place < names.size() && names[place] != name)
    {
        ++place;
    }
    return place;
}
inline bool has(std::string_view names, char name)
{
    return place_of(names, name) < names.size();
}

/// y = the sum of a b. Axes that lie behind one another in memory are one, and what BLAS reads by strides or flags, or
/// what a walk over a batch finds, is read where it is; an array for which that does not do is laid out in scratch. y,
/// of that shape, is dense; a and b are read by their strides. Throws shape_error for extents that BLAS cannot count.
template <class T>
void contract(const contraction& of, const array_view& a, const array_view& b, shape_view y_shape, T* y, void* scratch);

/// How many bytes of scratch that takes.
template <class T>
std::size_t scratch_of_contraction(const contraction& of, const array_view& a, const array_view& b, shape_view y_shape);

} // namespace autograd::kernels
