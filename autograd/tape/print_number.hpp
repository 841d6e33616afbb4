#pragma once

#include <string>

namespace autograd::detail
{

/// A number as every text of the library prints it: the shortest that reads back as the same number of its type ("3",
/// "0.1", "1.000000001", "inf", "nan"). So texts about numbers that differ differ, too.
std::string print_number(float number);
std::string print_number(double number);

} // namespace autograd::detail
