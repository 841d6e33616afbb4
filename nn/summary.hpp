#pragma once

#include "nn/module.hpp"

namespace nn
{

namespace detail
{
/// A line of a summary.
struct summary_line
{
    std::string name;
    std::vector<std::size_t> shape;
    std::size_t size;
    bool trained;
};
std::string summary_text(const std::vector<summary_line>& lines);
} // namespace detail

/// The leaves of a model as text: a line with name, shape and number of elements for each (buffers are marked), and the
/// number of parameters.
///
///     hidden.weight  (2, 3)  6
///     hidden.bias    (3,)    3
///     9 parameters
template <class Model>
std::string summary(const Model& model)
{
    std::vector<detail::summary_line> lines;
    for_each_member(
        model,
        [&](const std::string& name, role as, const auto& member)
        {
            if constexpr (is_leaf<std::remove_cvref_t<decltype(member)>>)
            {
                lines.push_back(
                    {name, {member.shape().begin(), member.shape().end()}, member.size(), as == role::parameter});
            }
        });
    return detail::summary_text(lines);
}

} // namespace nn
