#include "nn/linear.hpp"

#include "autograd/operations/arithmetic.hpp"
#include "autograd/operations/linear_algebra.hpp"
#include "nn/checks.hpp"

namespace nn
{

namespace detail
{

using namespace autograd;

template <class T>
variable<T> affine(variable<T> x, variable<T> weight, const std::optional<variable<T>>& bias, location where)
{
    const shape_view inputs = x.checked("linear", where).shape();
    const shape_view of_weight = weight.checked("linear", where).shape();
    require_dimension(where, "linear", "weight", of_weight, 2, "(inputs, outputs)");
    if (inputs.empty() || inputs.back() != of_weight[0])
    {
        throw error::shape_error(where, "linear", "x is ", inputs, " and the weight is ", of_weight,
                                 "; the last extent of x must equal the inputs of the weight (", of_weight[0], ").");
    }
    if (bias)
    {
        require_shape(where, "linear", "bias", bias->checked("linear").shape(), of_weight.slice(1, 2));
    }
    const typename tape<T>::as_if_at at(x.tape(), where);
    const variable<T> product = matmul(x, weight);
    return bias ? product + *bias : product;
}

template variable<float> affine(variable<float>, variable<float>, const std::optional<variable<float>>&, location);
template variable<double> affine(variable<double>, variable<double>, const std::optional<variable<double>>&, location);

} // namespace detail

template <class T>
linear<autograd::array<T>> make_linear(std::size_t inputs, std::size_t outputs, random_stream& stream,
                                       const initializer& weight, const std::optional<initializer>& bias)
{
    const fan layer{inputs, outputs};
    linear<autograd::array<T>> result;
    result.weight = initialized<T>(weight, {inputs, outputs}, layer, stream);
    if (bias)
    {
        result.bias = initialized<T>(*bias, {outputs}, layer, stream);
    }
    return result;
}

template linear<autograd::array<float>> make_linear(std::size_t, std::size_t, random_stream&, const initializer&,
                                                    const std::optional<initializer>&);
template linear<autograd::array<double>> make_linear(std::size_t, std::size_t, random_stream&, const initializer&,
                                                     const std::optional<initializer>&);

} // namespace nn
