#pragma once

#include "autograd/parallel/threads.hpp"

#include <cstdint>

namespace support
{

/// While it lives, large operations are divided among so many threads.
class with_threads
{
public:
    explicit with_threads(std::int64_t count) : m_before(static_cast<std::int64_t>(autograd::threads()))
    {
        autograd::set_threads(count);
    }
    ~with_threads() { autograd::set_threads(m_before); }
    with_threads(const with_threads&) = delete;

private:
    std::int64_t m_before;
};

} // namespace support
