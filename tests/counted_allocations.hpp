#pragma once

#include <cstddef>

namespace support
{

/// How often this thread asked the operators new for memory, until now.
std::size_t allocations();

} // namespace support
