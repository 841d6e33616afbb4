#include "autograd/tape/print_number.hpp"

#include <fmt/format.h>

#include <cmath>

namespace autograd::detail
{

namespace
{
/// The sign of a NaN says nothing: x86 sets it, other processors do not.
template <class T>
std::string shortest(T number)
{
    return std::isnan(number) ? "nan" : fmt::format("{}", number);
}
} // namespace

std::string print_number(float number)
{
    return shortest(number);
}

std::string print_number(double number)
{
    return shortest(number);
}

} // namespace autograd::detail
