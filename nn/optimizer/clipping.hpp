#pragma once

#include "nn/optimizer/optimizer.hpp"

#include <limits>

namespace nn
{

namespace detail
{

/// A norm that no square in it can overflow: scale * relative, with relative the norm of the parameters over scale.
template <class Leaf>
struct scaled_norm
{
    Leaf scale;    ///< a power of two, so that dividing by it rounds nothing; no function of the parameters
    Leaf relative; ///< between 1 and 2 times the root of the number of elements; 0 if all are 0; or not finite
};

template <class Model>
scaled_norm<leaf_of<Model>> scaled_global_norm(const Model& model)
{
    using leaf = leaf_of<Model>;
    std::vector<leaf> largest;
    for_each_parameter(model, [&](const std::string&, const leaf& each)
                       { largest.push_back(each.size() == 0 ? sum(each) : amax(abs(each))); });
    require_parameters("global_norm", largest.size());
    const leaf greatest = stop_gradient(amax(stack(largest, 0)));
    // The logarithm of the greatest numbers is rounded up to where a power of two is infinite.
    constexpr int highest = std::numeric_limits<typename leaf::value_type>::max_exponent - 1;
    const leaf known = where(greatest > 0 && isfinite(greatest), greatest, 1.0);
    const leaf scale = exp2(minimum(floor(log2(known)), highest));
    std::vector<leaf> norms;
    for_each_parameter(model, [&](const std::string&, const leaf& each) { norms.push_back(norm_l2(each / scale)); });
    return {scale, norm_l2(stack(norms, 0))};
}

} // namespace detail

/// The Euclidean norm of all parameters of a model (of a gradient) together. Shape: (). Recorded. Squares of large
/// elements do not overflow; it is infinite if an element is.
template <class Model>
leaf_of<Model> global_norm(const Model& model)
{
    const auto norm = detail::scaled_global_norm(model);
    return norm.scale * norm.relative;
}

/// The gradients, shortened where their global norm is greater than `greatest`, so that it becomes that. Recorded.
/// Where the norm is infinite, finite elements become 0 and infinite ones NaN, as PyTorch's do; where it is NaN,
/// nothing changes. Throws value_error unless `greatest` is finite and greater than 0. (Pascanu, Mikolov, Bengio 2013,
/// algorithm 1. PyTorch divides by the norm + 1e-6.)
template <class Model>
Model clip_by_norm(const Model& gradients, double greatest)
{
    detail::require_positive("clip_by_norm", "the greatest norm", greatest);
    const auto norm = detail::scaled_global_norm(gradients);
    const auto is_long = norm.scale * norm.relative > greatest;
    const auto factor = greatest / norm.relative;
    return map_parameters([&](const std::string&, auto g) { return where(is_long, g / norm.scale * factor, g); },
                          gradients);
}

/// The gradients with each element kept between -greatest and greatest. Recorded.
/// Throws value_error unless `greatest` is finite and greater than 0.
template <class Model>
Model clip_by_value(const Model& gradients, double greatest)
{
    detail::require_positive("clip_by_value", "the greatest value", greatest);
    return map_parameters([&](const std::string&, auto g) { return clip(g, -greatest, greatest); }, gradients);
}

} // namespace nn
