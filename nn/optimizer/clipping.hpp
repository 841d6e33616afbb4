#pragma once

#include "nn/optimizer/optimizer.hpp"

#include <limits>

namespace nn
{

namespace detail
{

/// The sum of the squares of all parameters, of which none can overflow: scale^2 * squares.
template <class Leaf>
struct scaled_squares
{
    Leaf scale;   ///< a power of two, so that dividing by it rounds nothing; no function of the parameters
    Leaf squares; ///< between 1 and 4 times the number of elements; 0 if all are 0; or not finite
};

template <class Model>
scaled_squares<leaf_of<Model>> scaled_sum_of_squares(const Model& model)
{
    using leaf = leaf_of<Model>;
    std::vector<leaf> largest;
    for_each_parameter(model, [&](const std::string&, const leaf& each)
                       { largest.push_back(each.size() == 0 ? sum(each) : amax(abs(each))); });
    require_parameters("clip_by_norm", largest.size());
    const leaf greatest = stop_gradient(amax(stack(largest, 0)));
    // The logarithm of the greatest numbers is rounded up to where a power of two is infinite; one over that of the
    // smallest would be.
    constexpr int highest = std::numeric_limits<typename leaf::value_type>::max_exponent - 1;
    const leaf known = where(greatest > 0 && isfinite(greatest), greatest, 1.0);
    const leaf scale = exp2(maximum(minimum(floor(log2(known)), highest), -highest));
    // Squares are added, not norms of norms: a parameter that is 0 among others is no kink of the norm of all.
    std::vector<leaf> squares;
    for_each_parameter(model, [&](const std::string&, const leaf& each) { squares.push_back(norm_sq(each / scale)); });
    return {scale, sum(stack(squares, 0))};
}

} // namespace detail

/// The Euclidean norm of all parameters of a model (of a gradient) together. Shape: (). Recorded. As norm_l2 of them in
/// one array: squares of large elements do not overflow, it is infinite if an element is. Gradient: g x / norm, and 0
/// where all parameters are 0: a kink, without a second derivative (NaN).
template <class Model>
leaf_of<Model> global_norm(const Model& model)
{
    // Not the norm of norms: a parameter that is 0 among others is no kink of the norm of all.
    std::vector<leaf_of<Model>> parameters;
    for_each_parameter(model,
                       [&](const std::string&, const auto& each) { parameters.push_back(autograd::flatten(each)); });
    detail::require_parameters("global_norm", parameters.size());
    return autograd::norm_l2(autograd::concatenate(parameters, 0));
}

/// The gradients, shortened where their global norm is greater than `greatest`, so that it becomes that. Recorded.
/// Where the norm is infinite, finite elements become 0 and infinite ones NaN, as PyTorch's do; where it is NaN,
/// nothing changes. Derivative: up to `greatest`, and at 0, that of the identity. Throws value_error unless `greatest`
/// is finite and greater than 0. (Pascanu, Mikolov, Bengio 2013, algorithm 1. PyTorch divides by the norm + 1e-6.)
template <class Model>
Model clip_by_norm(const Model& gradients, double greatest)
{
    detail::require_positive("clip_by_norm", "the greatest norm", greatest);
    const auto [scale, squares] = detail::scaled_sum_of_squares(gradients);
    const auto is_long = scale * sqrt(squares) > greatest;
    // Else both numbers are 1, and no function of the gradients: the norm is evaluated where it is smooth.
    const auto divisor = where(is_long, scale, 1.0);
    const auto factor = where(is_long, greatest / sqrt(where(is_long, squares, 1.0)), 1.0);
    return detail::combine([&](auto g) { return g / divisor * factor; }, gradients);
}

/// The gradients with each element kept between -greatest and greatest. Recorded. Derivative: 1 where an element is
/// between them or at one, else 0. Throws value_error unless `greatest` is finite and greater than 0.
template <class Model>
Model clip_by_value(const Model& gradients, double greatest)
{
    detail::require_positive("clip_by_value", "the greatest value", greatest);
    return detail::combine([&](auto g) { return clip(g, -greatest, greatest); }, gradients);
}

} // namespace nn
