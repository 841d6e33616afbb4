#include "nn/probability.hpp"

#include "autograd/define_operation.hpp"
#include "autograd/operations/operations.hpp"

namespace autograd
{

template struct description<nn::detail::probability_rule, float>;
template struct description<nn::detail::probability_rule, double>;
template struct description<nn::detail::weighted_rule, float>;
template struct description<nn::detail::weighted_rule, double>;
template struct description<nn::detail::xlogy_rule, float>;
template struct description<nn::detail::xlogy_rule, double>;

} // namespace autograd
