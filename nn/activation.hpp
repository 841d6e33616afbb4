#pragma once

#include "autograd/operations/activation.hpp"
#include "autograd/operations/hyperbolic.hpp"
#include "autograd/operations/softmax.hpp"
#include "nn/module.hpp"

/// Activations as layers, for nn::sequential; formulas and gradients stand beside the functions of the same names in
/// autograd. (They have a namespace of their own, so that `using namespace nn` leaves tanh(x) a function.)
namespace nn::activation
{

/// The layer that applies a function of autograd without options.
#define NN_ACTIVATION(name)                                                                                            \
    struct name                                                                                                        \
    {                                                                                                                  \
        NN_MEMBERS()                                                                                                   \
        template <class T>                                                                                             \
        autograd::variable<T> operator()(autograd::variable<T> x,                                                      \
                                         autograd::location where = autograd::location::current()) const               \
        {                                                                                                              \
            return autograd::name(x, where);                                                                           \
        }                                                                                                              \
    };

NN_ACTIVATION(relu)
NN_ACTIVATION(selu)
NN_ACTIVATION(gelu)
NN_ACTIVATION(silu)
NN_ACTIVATION(sigmoid)
NN_ACTIVATION(log_sigmoid)
NN_ACTIVATION(tanh)
NN_ACTIVATION(softplus)
NN_ACTIVATION(softsign)
#undef NN_ACTIVATION

/// x where it is positive, else slope x.
struct leaky_relu
{
    double slope = 0.01;
    NN_MEMBERS(slope)

    template <class T>
    autograd::variable<T> operator()(autograd::variable<T> x,
                                     autograd::location where = autograd::location::current()) const
    {
        return autograd::leaky_relu(x, slope, where);
    }
};

/// x where it is positive, else alpha (exp(x) - 1).
struct elu
{
    double alpha = 1;
    NN_MEMBERS(alpha)

    template <class T>
    autograd::variable<T> operator()(autograd::variable<T> x,
                                     autograd::location where = autograd::location::current()) const
    {
        return autograd::elu(x, alpha, where);
    }
};

/// x between its bounds. Throws value_error when low > high.
struct hardtanh
{
    double low = -1;
    double high = 1;
    NN_MEMBERS(low, high)

    template <class T>
    autograd::variable<T> operator()(autograd::variable<T> x,
                                     autograd::location where = autograd::location::current()) const
    {
        return autograd::hardtanh(x, low, high, where);
    }
};

/// Probabilities along an axis. Throws shape_error for an axis that x does not have.
struct softmax
{
    int axis = -1;
    NN_MEMBERS(axis)

    template <class T>
    autograd::variable<T> operator()(autograd::variable<T> x,
                                     autograd::location where = autograd::location::current()) const
    {
        return autograd::softmax(x, axis, where);
    }
};

/// Their logarithms. Throws shape_error for an axis that x does not have.
struct log_softmax
{
    int axis = -1;
    NN_MEMBERS(axis)

    template <class T>
    autograd::variable<T> operator()(autograd::variable<T> x,
                                     autograd::location where = autograd::location::current()) const
    {
        return autograd::log_softmax(x, axis, where);
    }
};

} // namespace nn::activation
