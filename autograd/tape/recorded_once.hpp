#pragma once

#include <cstdint>

namespace autograd::detail
{

/// Where the instructions that tape::record_once gave stood when they were recorded, by operation and operand. A rewind
/// may have taken one of them and put something else there, so who finds a place looks at what stands in it; nothing
/// need be forgotten.
class recorded_once
{
public:
    recorded_once() = default;
    ~recorded_once();
    recorded_once(const recorded_once&) = delete;

    /// Of this operation, known by its address, on this operand; of one that is new, 0. Throws std::bad_alloc.
    std::uint32_t& place_of(const void* operation, std::uint32_t operand);
    void clear();

private:
    struct places;
    places* m_places = nullptr; ///< of our own; null until there is one
};

} // namespace autograd::detail
