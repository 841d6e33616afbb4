#pragma once

#include "examples/article/network.hpp"
#include "nn/data/moons.hpp"

namespace article
{

/// The largest eigenvalue, by absolute value, of the Hessian of summed_loss(): how sharply the loss bends where it
/// bends most. A descent with steps epsilon comes to rest in a minimum, and forgets small differences on the way, only
/// if epsilon * sharpness < 2 there: beyond, each step overshoots by more than the last.
///
/// By power iteration; the products of the Hessian with vectors are gradients of gradients, and the Hessian itself is
/// never made.
double sharpness(const arrays& parameters, const nn::labelled_points& data, double lambda);

} // namespace article
