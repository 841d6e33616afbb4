#include "autograd/parallel/pool.hpp"

#include "autograd/parallel/threads.hpp"

#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <cfenv>
#include <chrono>
#include <cstdint>
#include <exception>
#include <mutex>
#include <new>
#include <thread>
#include <utility>
#include <vector>

namespace autograd::parallel
{

namespace
{

/// Lets the other thread of a core go on.
void pause()
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

/// Tries for a while: next to operations that follow each other at once, a thread that sleeps takes long to wake up.
template <class Done>
bool spin_until(const Done& done)
{
    constexpr auto patience = std::chrono::microseconds(100);
    const auto end = std::chrono::steady_clock::now() + patience;
    do
    {
        for (int tries = 0; tries < 32; ++tries)
        {
            if (done())
            {
                return true;
            }
            pause();
        }
    } while (std::chrono::steady_clock::now() < end);
    return false;
}

/// No signal is handled by the threads that are started while it lives: handlers run in threads of the program.
class without_signals
{
public:
    without_signals()
    {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &m_before);
    }
    ~without_signals() { pthread_sigmask(SIG_SETMASK, &m_before, nullptr); }
    without_signals(const without_signals&) = delete;

private:
    sigset_t m_before;
};

struct job
{
    void (*block)(const void* context, std::size_t k);
    const void* context;
    std::size_t count;
};

/// The exception of the lowest block that threw one.
class first_failure
{
public:
    void forget() { m_block = none; }
    void note(std::size_t block, std::exception_ptr what)
    {
        const std::lock_guard lock(m_mutex);
        if (block < m_block)
        {
            m_block = block;
            m_what = std::move(what);
        }
    }
    void rethrow()
    {
        if (m_block != none)
        {
            std::rethrow_exception(std::exchange(m_what, nullptr));
        }
    }

private:
    static constexpr std::size_t none = ~std::size_t{0};

    std::mutex m_mutex;
    std::size_t m_block = none;
    std::exception_ptr m_what;
};

/// What is known of the job by one number, which workers wait for: how many of them are at work, whether there are
/// blocks to be taken, and which job it is. Who comes in raises it from what he saw, so it is this job that he sees.
struct door
{
    static constexpr std::uint32_t one = 1;
    static constexpr std::uint32_t inside = (1u << 12) - 1;
    static constexpr std::uint32_t open = 1u << 12;
    static constexpr std::uint32_t next_job = 1u << 13;

    static std::uint32_t number(std::uint32_t value) { return value / next_job; }
};

/// Workers that do one job at a time, together with who has it. Blocks are taken in order, so the lowest one that
/// throws is taken by somebody before any other can keep it from that.
class pool
{
public:
    pool() = default;
    ~pool()
    {
        m_is_closing.store(true, std::memory_order_relaxed);
        m_door.fetch_add(door::next_job, std::memory_order_release);
        m_door.notify_all();
        for (std::thread& each : m_workers)
        {
            each.join();
        }
    }

    /// Starts workers, up to so many or to what the system gives.
    void have_workers(std::size_t count)
    {
        if (m_workers.size() >= count || m_is_refused)
        {
            return;
        }
        try
        {
            const without_signals meanwhile;
            m_workers.reserve(count);
            while (m_workers.size() < count)
            {
                m_workers.emplace_back([this] { serve(); });
            }
        }
        catch (const std::exception&)
        {
            m_is_refused = true; // and would be in each operation
        }
    }

    void run(const job& what, std::size_t helpers)
    {
        m_job = what;
        std::fegetenv(&m_environment);
        m_failure.forget();
        m_next.store(0, std::memory_order_relaxed);
        m_most_inside.store(static_cast<std::uint32_t>(helpers), std::memory_order_relaxed);
        const std::uint32_t before = m_door.load(std::memory_order_relaxed);
        m_door.store((before / door::next_job + 1) * door::next_job + door::open, std::memory_order_release);
        wake(helpers);
        take_blocks();
        m_door.fetch_and(~door::open, std::memory_order_relaxed);
        const auto is_empty = [&] { return (m_door.load(std::memory_order_acquire) & door::inside) == 0; };
        while (!spin_until(is_empty))
        {
            std::this_thread::yield();
        }
        m_failure.rethrow();
    }

private:
    void wake(std::size_t helpers)
    {
        if (helpers >= m_workers.size())
        {
            m_door.notify_all();
            return;
        }
        for (std::size_t k = 0; k < helpers; ++k)
        {
            m_door.notify_one();
        }
    }

    void take_blocks()
    {
        for (;;)
        {
            const std::size_t k = m_next.fetch_add(1, std::memory_order_relaxed);
            if (k >= m_job.count)
            {
                return;
            }
            try
            {
                m_job.block(m_job.context, k);
            }
            catch (...)
            {
                m_failure.note(k, std::current_exception());
                m_next.store(m_job.count, std::memory_order_relaxed);
            }
        }
    }

    /// What a worker does: of each job what is there to be taken.
    void serve()
    {
        std::uint32_t seen = 0;
        for (;;)
        {
            std::uint32_t value = next_after(seen);
            if (m_is_closing.load(std::memory_order_relaxed))
            {
                return;
            }
            seen = door::number(value);
            if (enter(value))
            {
                std::fesetenv(&m_environment);
                take_blocks();
                m_door.fetch_sub(door::one, std::memory_order_release);
            }
        }
    }

    /// Waits for another job than the one that was seen, or for the end.
    std::uint32_t next_after(std::uint32_t seen)
    {
        std::uint32_t value = 0;
        const auto is_there = [&]
        {
            value = m_door.load(std::memory_order_acquire);
            return door::number(value) != seen;
        };
        if (!spin_until(is_there))
        {
            while (!is_there())
            {
                m_door.wait(value);
            }
        }
        return value;
    }

    /// Comes in if there is something left of the job of that value, and not enough are there.
    bool enter(std::uint32_t value)
    {
        const std::uint32_t number = door::number(value);
        while ((value & door::open) != 0 && door::number(value) == number &&
               (value & door::inside) < m_most_inside.load(std::memory_order_relaxed))
        {
            if (m_door.compare_exchange_weak(value, value + door::one, std::memory_order_acquire))
            {
                return true;
            }
        }
        return false;
    }

    alignas(64) std::atomic<std::uint32_t> m_door = 0;
    std::atomic<std::uint32_t> m_most_inside = 0;
    std::atomic<bool> m_is_closing = false;
    alignas(64) std::atomic<std::size_t> m_next = 0;
    alignas(64) job m_job{};
    std::fenv_t m_environment{};
    first_failure m_failure;
    std::vector<std::thread> m_workers;
    bool m_is_refused = false;
};

/// Whether somebody has the workers. At the end of the process it stays so: what is done later is not divided.
constinit std::atomic<bool> are_taken = false;

/// The workers, of him who took them.
constinit pool* workers = nullptr;

/// A child has the caller of fork() alone: what there was for others is left where it is.
void begin_as_child()
{
    workers = nullptr;
    are_taken.store(false, std::memory_order_relaxed);
}

/// They are stopped before the code that they run is unloaded, unless they are at work just then.
class end_of_process
{
public:
    constexpr end_of_process() = default;
    ~end_of_process()
    {
        if (!are_taken.exchange(true, std::memory_order_acquire))
        {
            delete std::exchange(workers, nullptr);
        }
    }
};
constinit end_of_process at_end;

/// While it lives the workers are the caller's, if nobody else had them.
class taken_workers
{
public:
    taken_workers() : m_has_them(!are_taken.exchange(true, std::memory_order_acquire)) {}
    ~taken_workers()
    {
        if (m_has_them)
        {
            are_taken.store(false, std::memory_order_release);
        }
    }
    taken_workers(const taken_workers&) = delete;

    explicit operator bool() const { return m_has_them; }

    /// At least so many, or as many as there can be; null where there is no memory for any.
    static pool* at_least(std::size_t count)
    {
        if (workers == nullptr)
        {
            static const int child_begins_anew = pthread_atfork(nullptr, nullptr, begin_as_child);
            workers = child_begins_anew == 0 ? new (std::nothrow) pool : nullptr;
        }
        if (workers != nullptr)
        {
            workers->have_workers(count);
        }
        return workers;
    }

private:
    bool m_has_them;
};

} // namespace

void run_blocks(std::size_t count, void (*block)(const void* context, std::size_t k), const void* context)
{
    const std::size_t helpers = std::min(threads(), count) - (count > 0);
    if (helpers > 0)
    {
        const taken_workers taken;
        pool* const helping = taken ? taken_workers::at_least(helpers) : nullptr;
        if (helping != nullptr)
        {
            helping->run({block, context, count}, helpers);
            return;
        }
    }
    for (std::size_t k = 0; k < count; ++k)
    {
        block(context, k);
    }
}

} // namespace autograd::parallel
