#pragma once

#include "autograd/kernels/per_set/fold.hpp"
#include "autograd/kernels/planes.hpp"

#include <algorithm>

namespace autograd::kernels
{

inline namespace AUTOGRAD_KERNELS_INSTRUCTION_SET
{

/// A program for columns (per_set/lines.hpp) of planes, as many at a time as it takes.
template <class Program, class T, class... X>
void map_planes(std::size_t rows, std::size_t count, planes<T> y, X... x)
{
    for (std::size_t c = 0; c < count; c += column_tile)
    {
        Program::columns(rows, std::min(column_tile, count - c), planes<T>{y.data + c, y.stride},
                         X{x.data + c, x.stride}...);
    }
}

} // namespace AUTOGRAD_KERNELS_INSTRUCTION_SET

} // namespace autograd::kernels
