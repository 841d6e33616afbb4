#pragma once

#include "nn/optimizer/optimizer.hpp"

namespace nn
{

/// The Euclidean norm of all parameters of a model (of a gradient) together. Shape: (). Recorded.
template <class Model>
leaf_of<Model> global_norm(const Model& model)
{
    std::vector<leaf_of<Model>> norms;
    for_each_parameter(model, [&](const std::string&, const auto& leaf) { norms.push_back(norm_l2(leaf)); });
    detail::require_parameters("global_norm", norms.size());
    return norm_l2(stack(norms, 0));
}

/// The gradients, shortened where their global norm is greater than `greatest`, so that it becomes that. Recorded.
/// Throws value_error unless `greatest` is finite and greater than 0.
/// (Pascanu, Mikolov, Bengio 2013, algorithm 1. PyTorch divides by the norm + 1e-6.)
template <class Model>
Model clip_by_norm(const Model& gradients, double greatest)
{
    detail::require_positive("clip_by_norm", "the greatest norm", greatest);
    const auto norm = global_norm(gradients);
    const auto factor = where(norm > greatest, greatest / norm, 1.0);
    return map_parameters([&](const std::string&, auto g) { return g * factor; }, gradients);
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
