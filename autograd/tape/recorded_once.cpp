#include "autograd/tape/recorded_once.hpp"

#include <map>
#include <utility>

namespace autograd::detail
{

struct recorded_once::places
{
    std::map<std::pair<const void*, std::uint32_t>, std::uint32_t> of;
};

recorded_once::~recorded_once()
{
    delete m_places;
}

std::uint32_t& recorded_once::place_of(const void* operation, std::uint32_t operand)
{
    if (m_places == nullptr)
    {
        m_places = new places;
    }
    return m_places->of[{operation, operand}];
}

void recorded_once::clear()
{
    delete m_places;
    m_places = nullptr;
}

} // namespace autograd::detail
