#include "nn/optimizer/rmsprop.hpp"

namespace nn
{

void rmsprop::check() const
{
    detail::require_nonnegative(name(), "learning_rate", learning_rate);
    detail::require_fraction(name(), "decay", decay);
    detail::require_positive(name(), "epsilon", epsilon);
    detail::require_fraction(name(), "momentum", momentum);
    detail::require_nonnegative(name(), "weight_decay", weight_decay);
}

} // namespace nn
