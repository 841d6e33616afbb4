#pragma once

#include "autograd/kernels/scratch.hpp"
#include "autograd/tape/operation.hpp"

#include <string>

/// Arrays of integers: checks of them, masks made of them, and the order of elements.
namespace autograd::kernels
{

/// An array around one of its axes: `outer` blocks of `length` rows of `inner` consecutive elements.
struct axis_blocks
{
    axis_blocks(shape_view shape, std::size_t axis);

    std::size_t outer;
    std::size_t length;
    std::size_t inner;
};

/// The place of an element, counted in row-major order, as text: "(2)", "(0, 3)".
std::string position_of(std::size_t element, shape_view shape);

/// Throws index_error, in the name of the operation, unless all are in [-length, length).
void check_indices(const array_view& indices, std::size_t length, std::size_t axis, const char* operation);
/// Throws index_error, in the name of the operation, unless all are in [0, classes).
void check_classes(const array_view& labels, std::size_t classes, const char* operation);

/// Where the elements of each line along the axis stand in ascending order: NaN last, equal ones in their order.
/// `scratch` has scratch_of_order() bytes.
template <class T>
void argsort(const T* x, const axis_blocks& of_x, std::int64_t* order, scratch_memory scratch);

/// Where the `count` largest of each line stand, the largest first: NaN before all numbers, equal ones in their order.
template <class T>
void arglargest(const T* x, const axis_blocks& of_x, std::size_t count, std::int64_t* order, scratch_memory scratch);

/// How many bytes of scratch it takes to order lines of a length; 0 where there are no lines, or nothing of them is
/// wanted.
template <class T>
std::size_t scratch_of_order(std::size_t length);

/// y[p, :] is 1 at labels[p], 0 elsewhere.
template <class T>
void one_hot(const array_view& labels, std::size_t classes, T* y);

/// 1 where a and b, broadcast to the shape of the mask, are equal, else 0.
template <class T>
void equal_indices(const array_view& a, const array_view& b, shape_view shape, T* mask);

} // namespace autograd::kernels
