#include "autograd/operations/print_number.hpp"

#include <fmt/format.h>

namespace autograd
{

std::string print_number(double number)
{
    return fmt::format("{}", number);
}

} // namespace autograd
