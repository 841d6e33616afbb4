#include "autograd/parallel/pool.hpp"

#include "autograd/parallel/threads.hpp"

#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <cfenv>
#include <chrono>
#include <cstdint>
#include <deque>
#include <exception>
#include <mutex>
#include <new>
#include <thread>
#include <utility>

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

/// No signal is handled by the threads that are started while it lives but those of their own faults: the handlers of
/// others run in threads of the program.
class without_signals
{
public:
    without_signals()
    {
        sigset_t all;
        sigfillset(&all);
        for (const int fault : {SIGFPE, SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGSYS})
        {
            sigdelset(&all, fault);
        }
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
    std::size_t shares; ///< of so many threads

    /// Each begins with blocks of its own, the same ones of equal jobs: what it wrote in the last one is in its cache.
    std::size_t begin_of_share(std::size_t share) const
    {
        return count / shares * share + std::min(share, count % shares);
    }
};

/// The exception of the lowest block that threw one; those behind it are not begun any more.
class first_failure
{
public:
    void begin(std::size_t count) { m_block.store(count, std::memory_order_relaxed); }
    bool is_before(std::size_t block) const { return m_block.load(std::memory_order_relaxed) <= block; }
    void note(std::size_t block, std::exception_ptr what)
    {
        const std::lock_guard lock(m_mutex);
        if (!is_before(block))
        {
            m_block.store(block, std::memory_order_relaxed);
            m_what = std::move(what);
        }
    }
    void rethrow()
    {
        if (m_what != nullptr)
        {
            std::rethrow_exception(std::exchange(m_what, nullptr));
        }
    }

private:
    std::mutex m_mutex;
    std::atomic<std::size_t> m_block = 0; ///< or how many there are
    std::exception_ptr m_what;
};

/// Who is at work: how many workers, whether others may come in, and at which job. Who comes in raises it from what he
/// saw, so it is this job that he sees.
struct door
{
    static constexpr std::uint32_t one = 1;
    static constexpr std::uint32_t inside = (1u << 12) - 1;
    static constexpr std::uint32_t open = 1u << 12;
    static constexpr std::uint32_t next_job = 1u << 13;

    static std::uint32_t number(std::uint32_t value) { return value / next_job; }
};

/// What one of the threads has that share a job.
struct alignas(64) place_of_thread
{
    std::atomic<std::uint32_t> called = 0;   ///< which job it is wanted for
    std::atomic<std::size_t> next_block = 0; ///< of its share
    std::thread thread;
};

/// Workers that do one job at a time, together with who has them.
class pool
{
public:
    pool() : m_places(1) {}
    ~pool()
    {
        m_is_closing.store(true, std::memory_order_relaxed);
        for (std::size_t k = 1; k < m_places.size(); ++k)
        {
            call(m_places[k], ~m_places[k].called.load(std::memory_order_relaxed));
            m_places[k].thread.join();
        }
    }

    /// Starts workers, up to so many or to what the system gives.
    void have_workers(std::size_t count)
    {
        if (m_places.size() > count || m_is_refused)
        {
            return;
        }
        try
        {
            const without_signals meanwhile;
            while (m_places.size() <= count)
            {
                const std::size_t share = m_places.size();
                place_of_thread& place = m_places.emplace_back();
                try
                {
                    place.thread = std::thread([this, &place, share] { serve(place, share); });
                }
                catch (...)
                {
                    m_places.pop_back();
                    throw;
                }
            }
        }
        catch (const std::exception&)
        {
            m_is_refused = true; // and would be in each operation
        }
    }

    /// Shared by so many workers, if there are so many, and the caller.
    void run(job what, std::size_t helpers)
    {
        what.shares = std::min(helpers + 1, m_places.size());
        m_job = what;
        std::fegetenv(&m_environment);
        m_failure.begin(what.count);
        for (std::size_t share = 0; share < what.shares; ++share)
        {
            m_places[share].next_block.store(what.begin_of_share(share), std::memory_order_relaxed);
        }
        const std::uint32_t number = door::number(m_door.load(std::memory_order_relaxed)) + 1;
        const std::uint32_t opened = number * door::next_job + door::open;
        m_door.store(opened, std::memory_order_release);
        for (std::size_t share = 1; share < what.shares; ++share)
        {
            call(m_places[share], opened);
        }
        take_blocks(0);
        m_door.fetch_and(~door::open, std::memory_order_relaxed);
        const auto is_empty = [&] { return (m_door.load(std::memory_order_acquire) & door::inside) == 0; };
        while (!spin_until(is_empty))
        {
            std::this_thread::yield();
        }
        if (const int raised = m_raised.exchange(0, std::memory_order_relaxed); raised != 0)
        {
            std::feraiseexcept(raised); // as if the caller had done it
        }
        m_failure.rethrow();
    }

private:
    static void call(place_of_thread& place, std::uint32_t job)
    {
        place.called.store(job, std::memory_order_release);
        place.called.notify_one();
    }

    /// Those of one's own share, and then what is left of the others'.
    void take_blocks(std::size_t share)
    {
        for (std::size_t k = 0; k < m_job.shares; ++k)
        {
            take_blocks_of((share + k) % m_job.shares);
        }
    }

    void take_blocks_of(std::size_t share)
    {
        const std::size_t end = m_job.begin_of_share(share + 1);
        for (;;)
        {
            const std::size_t k = m_places[share].next_block.fetch_add(1, std::memory_order_relaxed);
            if (k >= end || m_failure.is_before(k))
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
            }
        }
    }

    /// What a worker does: of each job that it is called for what is there to be taken.
    void serve(const place_of_thread& place, std::size_t share)
    {
        std::uint32_t done = 0;
        for (;;)
        {
            done = next_call(place.called, done);
            if (m_is_closing.load(std::memory_order_relaxed))
            {
                return;
            }
            if (enter(done))
            {
                std::fesetenv(&m_environment);
                take_blocks(share);
                m_raised.fetch_or(std::fetestexcept(FE_ALL_EXCEPT), std::memory_order_relaxed);
                m_door.fetch_sub(door::one, std::memory_order_release);
            }
        }
    }

    /// Waits for another job than the one that was done, or for the end.
    static std::uint32_t next_call(const std::atomic<std::uint32_t>& called, std::uint32_t done)
    {
        const auto is_there = [&] { return called.load(std::memory_order_acquire) != done; };
        if (!spin_until(is_there))
        {
            called.wait(done, std::memory_order_acquire);
        }
        return called.load(std::memory_order_acquire);
    }

    /// Comes in if something may be left of the job that was opened so.
    bool enter(std::uint32_t opened)
    {
        std::uint32_t value = m_door.load(std::memory_order_acquire);
        while ((value & ~door::inside) == opened)
        {
            if (m_door.compare_exchange_weak(value, value + door::one, std::memory_order_acquire))
            {
                return true;
            }
        }
        return false;
    }

    alignas(64) std::atomic<std::uint32_t> m_door = 0;
    std::atomic<bool> m_is_closing = false;
    alignas(64) job m_job{};
    std::fenv_t m_environment{};
    std::atomic<int> m_raised = 0; ///< floating-point exceptions, by workers
    first_failure m_failure;
    std::deque<place_of_thread> m_places; ///< the first one is that of who has the workers
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
            helping->run({block, context, count, 1}, helpers);
            return;
        }
    }
    for (std::size_t k = 0; k < count; ++k)
    {
        block(context, k);
    }
}

} // namespace autograd::parallel
