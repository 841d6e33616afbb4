#pragma once

#include "nn/module.hpp"

#include <string>

namespace nn
{

namespace detail
{

/// A leaf of a model, as a summary shows it.
struct summary_leaf
{
    std::string name;
    autograd::shape_vector shape;
    role as;
};

std::string summary_of(const std::vector<summary_leaf>& leaves, std::size_t bytes_of_number);

} // namespace detail

/// A table of a model's layers: the shapes of their parameters and buffers, how many numbers are trained, and totals.
///
///     layer   leaves                      parameters
///     hidden  weight (2, 16), bias (16,)          48
///     output  weight (16, 2), bias (2,)           34
///     total                                       82  (656 bytes), 0 numbers in buffers
template <class Model>
std::string summary(const Model& model)
{
    std::vector<detail::summary_leaf> leaves;
    for_each_member(model,
                    [&](const std::string& name, role as, const auto& member)
                    {
                        if constexpr (is_leaf<std::remove_cvref_t<decltype(member)>>)
                        {
                            leaves.push_back({name, {member.shape().begin(), member.shape().end()}, as});
                        }
                    });
    return detail::summary_of(leaves, sizeof(typename leaf_of<Model>::value_type));
}

} // namespace nn
