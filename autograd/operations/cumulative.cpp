#include "autograd/operations/cumulative.hpp"

namespace autograd
{

std::string detail::print_walk(std::size_t axis, bool reverse)
{
    return "axis " + std::to_string(axis) + (reverse ? ", reverse" : "");
}

std::string detail::print_cumulation(const kernels::cumulation& a)
{
    return print_walk(a.axis, a.reverse) + (a.exclusive ? ", exclusive" : "");
}

std::string detail::print_recurrence(const kernels::recurrence& a)
{
    return print_walk(a.axis, a.reverse) + (a.factor_before ? ", factor before" : "");
}

} // namespace autograd
