#include "nn/optimizer/adam.hpp"

namespace nn
{

void detail::adam_rule::check(std::string_view who) const
{
    require_fraction(who, "beta1", beta1);
    require_fraction(who, "beta2", beta2);
    require_positive(who, "epsilon", epsilon);
}

void adam::check() const
{
    detail::require_nonnegative(name(), "learning_rate", learning_rate);
    detail::adam_rule{beta1, beta2, epsilon}.check(name());
    detail::require_nonnegative(name(), "weight_decay", weight_decay);
}

void adamw::check() const
{
    detail::require_nonnegative(name(), "learning_rate", learning_rate);
    detail::adam_rule{beta1, beta2, epsilon}.check(name());
    detail::require_nonnegative(name(), "weight_decay", weight_decay);
}

} // namespace nn
