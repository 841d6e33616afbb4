#pragma once

#include "autograd/tape/xtensor.hpp"

#include <cstdint>

namespace nn
{

/// Points and the class that each belongs to.
struct labelled_points
{
    xt::xarray<double> points;       ///< shape (N, D): of the plane, D is 2
    xt::xarray<std::int64_t> labels; ///< shape (N,), each 0, 1, ...
};

} // namespace nn
