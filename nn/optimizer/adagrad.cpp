#include "nn/optimizer/adagrad.hpp"

namespace nn
{

void adagrad::check() const
{
    detail::require_nonnegative(name(), "learning_rate", learning_rate);
    detail::require_positive(name(), "epsilon", epsilon);
    detail::require_nonnegative(name(), "weight_decay", weight_decay);
}

} // namespace nn
