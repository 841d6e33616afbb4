#pragma once

#include "autograd/tape/xtensor.hpp"

#include <cstdint>

namespace nn
{

/// Points and the class that each belongs to.
struct labelled_points
{
    autograd::array<double> points;       ///< shape (N, D): of the plane, D is 2
    autograd::array<std::int64_t> labels; ///< shape (N,), each 0, 1, ...
};

} // namespace nn
