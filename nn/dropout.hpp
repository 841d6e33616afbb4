#pragma once

#include "autograd/random/counter_generator.hpp"
#include "nn/module.hpp"

namespace nn
{

namespace detail
{
template <class T>
autograd::variable<T> dropped(autograd::variable<T> x, double rate, const autograd::counter_generator<T>& random,
                              autograd::location where);
/// Throws value_error unless 0 <= rate < 1.
void require_rate(double rate, autograd::location where);
} // namespace detail

/// Each element is 0 with the probability `rate`, else divided by 1 - rate, so that the mean stays.
///
/// Which ones are dropped is a function of the generator, that is of a key that the caller gives: with one in training,
/// `layer(x, random)`; without, `layer(x)` is x, as for predictions. Other layers and other steps take another stream
/// or key, or the same elements are dropped again (nn::sequential gives each layer a stream of its own). Shape: that of
/// x. Gradient: g / (1 - rate) where kept, exactly 0 where dropped. Throws value_error unless 0 <= rate < 1.
/// (Srivastava et al. 2014, Dropout.)
struct dropout
{
    double rate = 0.5;
    NN_MEMBERS(rate)

    template <class T>
    autograd::variable<T> operator()(autograd::variable<T> x, const autograd::counter_generator<T>& random,
                                     autograd::location where = autograd::location::current()) const
    {
        return detail::dropped(x, rate, random, where);
    }
    template <class T>
    autograd::variable<T> operator()(autograd::variable<T> x,
                                     autograd::location where = autograd::location::current()) const
    {
        detail::require_rate(rate, where);
        return x;
    }
};

} // namespace nn
