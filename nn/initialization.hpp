#pragma once

#include "autograd/random/legacy_generator.hpp"

#include <functional>

/// Where training starts: the first values of weights. They are drawn from NumPy's legacy stream, so a seed gives the
/// weights that `np.random.seed` gives in a published notebook.
namespace nn
{

using random_stream = autograd::random::legacy_generator;
using extents = std::vector<std::size_t>;

/// How many inputs an output of a layer adds up, and how many outputs an input goes to.
struct fan
{
    std::size_t in;
    std::size_t out;
};

/// Makes the starting values of a parameter: of its shape, for a layer of this fan, drawn from the stream.
using initializer = std::function<autograd::array<double>(const extents& shape, fan layer, random_stream& stream)>;

/// All of them throw shape_error for a shape that cannot be addressed, memory_error for one that the machine does not
/// have the memory for; those that divide by a fan throw value_error
/// where it is 0.
namespace init
{

/// 0 everywhere; draws nothing.
initializer zeros();
/// A number everywhere; draws nothing. Throws value_error unless it is finite.
initializer constant(double number);
/// Uniform over [low, high). Throws value_error unless low <= high, both finite.
initializer uniform(double low, double high);
/// Normal. Throws value_error unless both are finite and the standard deviation is not negative.
initializer normal(double mean, double standard_deviation);

/// Uniform over +-gain sqrt(6 / (fan in + fan out)): keeps the variances of values and gradients of linear layers and
/// tanh. Also called xavier. (Glorot & Bengio 2010, Understanding the difficulty of training deep feedforward
/// networks.)
initializer glorot_uniform(double gain = 1);
/// Normal with standard deviation gain sqrt(2 / (fan in + fan out)). Also called xavier.
initializer glorot_normal(double gain = 1);

/// Uniform over +-sqrt(6 / ((1 + slope^2) fan in)): keeps the variance before a relu, or a leaky_relu of that slope.
/// Also called kaiming. (He, Zhang, Ren, Sun 2015, Delving deep into rectifiers.)
initializer he_uniform(double slope = 0);
/// Normal with standard deviation sqrt(2 / ((1 + slope^2) fan in)). Also called kaiming.
initializer he_normal(double slope = 0);

/// randn(shape) / sqrt(fan in), bit for bit as NumPy computes it: standard normal sums of unit inputs. (LeCun, Bottou,
/// Orr, Mueller 1998, Efficient backprop.)
initializer lecun_normal();
/// Uniform over +-1 / sqrt(fan in): what PyTorch starts linear and recurrent layers with.
initializer fan_in_uniform();

} // namespace init

/// The starting values of a parameter in T. Throws shape_error where the initializer gives another shape, value_error
/// where it is an empty function.
template <class T>
autograd::array<T> initialized(const initializer& with, const extents& shape, fan layer, random_stream& stream);

} // namespace nn
