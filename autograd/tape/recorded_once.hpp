#pragma once

#include "autograd/tape/tape.hpp"

#include <map>
#include <utility>

namespace autograd
{

/// Where the instructions that tape::record_once gave stood when they were recorded, by operation and operand. A rewind
/// may have taken one of them and put something else there, so who finds a place looks at what stands in it; nothing
/// need be forgotten.
template <class T>
struct tape<T>::recorded_once
{
    std::map<std::pair<const operation<T>*, std::uint32_t>, std::uint32_t> places;
};

} // namespace autograd
