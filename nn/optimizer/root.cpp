#include "nn/optimizer/root.hpp"

#include "autograd/define_operation.hpp"
#include "autograd/operations/operations.hpp"

namespace autograd
{

template struct description<nn::detail::root_of_squares_rule, float>;
template struct description<nn::detail::root_of_squares_rule, double>;

} // namespace autograd
