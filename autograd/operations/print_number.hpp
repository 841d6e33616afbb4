#pragma once

#include <string>

namespace autograd
{

/// A number as listings show it: the shortest text that reads back as the same number ("3", "0.01", "inf").
std::string print_number(double number);

} // namespace autograd
