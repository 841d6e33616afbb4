#include "autograd/parallel/threads.hpp"

#include "autograd/tape/error.hpp"

#include <atomic>
#include <charconv>
#include <cstdlib>
#include <string_view>
#include <system_error>

namespace autograd
{

namespace
{

constexpr std::int64_t most_threads = 1024;

/// 0 until it is known.
constinit std::atomic<std::uint32_t> chosen = 0;

bool is_count(std::int64_t count)
{
    return count >= 1 && count <= most_threads;
}

std::uint32_t asked_by_environment()
{
    const char* const asked = std::getenv("XGRAD_THREADS");
    const std::string_view text = asked == nullptr ? "" : asked;
    if (text.empty())
    {
        return 1;
    }
    std::int64_t count = 0;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (status != std::errc() || end != text.data() + text.size() || !is_count(count))
    {
        throw error::value_error("threads", "XGRAD_THREADS is \"", text,
                                 "\"; it must be a number of threads, at least 1 and at most ", most_threads, ".");
    }
    return static_cast<std::uint32_t>(count);
}

} // namespace

void set_threads(std::int64_t count)
{
    if (!is_count(count))
    {
        throw error::value_error("set_threads", count, " threads; there must be at least 1 and at most ", most_threads,
                                 ".");
    }
    chosen.store(static_cast<std::uint32_t>(count), std::memory_order_relaxed);
}

std::size_t threads()
{
    std::uint32_t count = chosen.load(std::memory_order_relaxed);
    if (count == 0)
    {
        const std::uint32_t asked = asked_by_environment();
        // Another thread may have been first.
        count = chosen.compare_exchange_strong(count, asked, std::memory_order_relaxed) ? asked : count;
    }
    return count;
}

} // namespace autograd
