#include "nn/optimizer/sgd.hpp"

#include "autograd/tape/error.hpp"

namespace nn
{

void sgd::check() const
{
    detail::require_nonnegative(name(), "learning_rate", learning_rate);
    detail::require_fraction(name(), "momentum", momentum);
    detail::require_nonnegative(name(), "weight_decay", weight_decay);
    if (nesterov && momentum == 0)
    {
        throw autograd::error::value_error(name(), "nesterov is set and momentum is 0; there is nothing to look ahead "
                                                   "with. Set a momentum, 0.9 for example.");
    }
}

} // namespace nn
