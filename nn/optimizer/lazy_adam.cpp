#include "nn/optimizer/lazy_adam.hpp"

namespace nn
{

void lazy_adam::check() const
{
    detail::require_nonnegative(name(), "learning_rate", learning_rate);
    detail::adam_rule{beta1, beta2, epsilon}.check(name());
}

} // namespace nn
