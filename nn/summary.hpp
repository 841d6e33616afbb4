#pragma once

#include "nn/description.hpp"
#include "nn/sequential.hpp"

#include <string>
#include <vector>

namespace nn
{

namespace detail
{

/// A layer of a model, as a summary shows it: its own leaves, or what it is where it has none.
struct summary_row
{
    std::string layer;
    std::string leaves;
    std::size_t parameters;
    std::size_t in_buffers;
    std::string output; ///< the shape of what it gives, where that is known
};

void add_leaf(std::vector<summary_row>& rows, const std::string& name, role as, autograd::shape_view shape);
void add_leafless(std::vector<summary_row>& rows, const std::string& name, std::string_view kind,
                  const std::string& hyperparameters);
/// Of the layer "2" of a sequence: to the last row that is it or a part of it.
void add_output(std::vector<summary_row>& rows, const std::string& layer, autograd::shape_view shape);
std::string summary_of(std::vector<summary_row> rows, const std::string& output, std::size_t bytes_of_number);

template <class S>
void add_rows(const part_path& path, role as, std::vector<summary_row>& rows, const S& structure)
{
    if constexpr (is_leaf<S>)
    {
        add_leaf(rows, path.text(), as, autograd::shape_vector(structure.shape().begin(), structure.shape().end()));
    }
    else if constexpr (autograd::detail::has_parts<const S>)
    {
        const std::size_t before = rows.size();
        const role inside = autograd::detail::is_buffer<S> ? role::buffer : as;
        autograd::for_each_part(
            [&](const autograd::part_name& name, const auto& part) {
                add_rows({&path, name}, inside, rows, part);
            },
            structure);
        if constexpr (autograd::detail::has_members<const S> && is_leafless<S>)
        {
            if (rows.size() == before)
            {
                add_leafless(rows, path.text(), kind_of<S>(), hyperparameters(structure));
            }
        }
    }
    else
    {
        static_assert(is_leafless<S>,
                      "A model and its layers list their members: NN_MEMBERS(weight, bias); no pointers to them.");
    }
}

template <class Model>
std::vector<summary_row> rows_of_model(const Model& model)
{
    std::vector<summary_row> rows;
    add_rows({}, role::parameter, rows, model);
    return rows;
}

template <class Model>
inline constexpr bool is_sequential = false;
template <class... Layers>
inline constexpr bool is_sequential<sequential<Layers...>> = true;

/// Gives x to a model, layer by layer if it is a sequence, and notes the shapes of what they give. `prefix` is what the
/// names of the layers begin with.
template <std::size_t K = 0, class Model, class X>
auto trace(const Model& model, X x, const std::string& prefix, std::vector<summary_row>& rows)
{
    if constexpr (!is_sequential<Model>)
    {
        return call_layer(model, x, autograd::location::current());
    }
    else if constexpr (K == std::tuple_size_v<std::remove_cvref_t<decltype(model.layers)>>)
    {
        return x;
    }
    else
    {
        const std::string name = prefix + std::to_string(K);
        const auto y = trace(std::get<K>(model.layers), x, name + ".", rows);
        add_output(rows, name, y.shape());
        return trace<K + 1>(model, y, prefix, rows);
    }
}

} // namespace detail

/// A table of a model's layers: the shapes of their parameters and buffers, how many numbers are trained, and totals.
/// Layers without leaves are there by what they are.
///
///     layer   leaves                      parameters
///     hidden  weight (2, 16), bias (16,)          48
///     output  weight (16, 2), bias (2,)           34
///     total                                       82  (656 bytes), 0 numbers in buffers
template <class Model>
std::string summary(const Model& model)
{
    return detail::summary_of(detail::rows_of_model(model), "", sizeof(typename leaf_of<Model>::value_type));
}

/// The same of a model of arrays with the shapes of what its layers give for an input, an array of real numbers or of
/// integers. They are found without computing anything, layer by layer in an nn::sequential; of another model only that
/// of the whole is known. Throws what recording the model throws.
///
///     layer  leaves                      output   parameters
///     0      weight (2, 16), bias (16,)  (8, 16)          48
///     1      tanh                        (8, 16)           0
///     2      weight (16, 2), bias (2,)   (8, 2)           34
///     total                              (8, 2)           82  (656 bytes), 0 numbers in buffers
template <class Model, class E>
std::string summary(const Model& model, const autograd::array<E>& input)
{
    using T = typename leaf_of<Model>::value_type;
    autograd::tape<T> planned(autograd::recording::shapes);
    std::vector<detail::summary_row> rows = detail::rows_of_model(model);
    const auto m = on_tape(planned, model);
    const auto shape_for = [&](auto x) { return autograd::to_text(detail::trace(m, x, "", rows).shape()); };
    std::string output;
    if constexpr (std::is_floating_point_v<E>)
    {
        output = shape_for(planned.constant(input));
    }
    else
    {
        output = shape_for(planned.index(input));
    }
    return detail::summary_of(std::move(rows), output, sizeof(T));
}

} // namespace nn
