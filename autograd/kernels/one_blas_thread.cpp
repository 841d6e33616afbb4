#include "autograd/kernels/one_blas_thread.hpp"

#include <dlfcn.h>
#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <thread>

// Where the linker finds them; null with another BLAS.
extern "C"
{
    [[gnu::weak]] void openblas_set_num_threads(int);
    [[gnu::weak]] int openblas_get_num_threads();
    [[gnu::weak]] int openblas_get_parallel();
}

namespace autograd::kernels
{

namespace
{

/// A function by its name: BLAS may have been exchanged for another one since this was linked.
template <class Function>
Function* find(const char* name, Function* linked = nullptr)
{
    return linked != nullptr ? linked : reinterpret_cast<Function*>(dlsym(RTLD_DEFAULT, name));
}

/// How BLAS is told its number of threads.
struct thread_number
{
    void (*set)(int) = nullptr;
    int (*get)() = nullptr;
    bool is_of_each_thread = false; ///< rather than of the process

    static thread_number of_blas()
    {
        constexpr int by_openmp = 2;
        auto* const parallel = find("openblas_get_parallel", openblas_get_parallel);
        thread_number result;
        if (parallel != nullptr && parallel() == by_openmp)
        {
            result = {find<void(int)>("omp_set_num_threads"), find<int()>("omp_get_max_threads"), true};
        }
        else
        {
            result = {find("openblas_set_num_threads", openblas_set_num_threads),
                      find("openblas_get_num_threads", openblas_get_num_threads), false};
        }
        return result.set != nullptr && result.get != nullptr ? result : thread_number();
    }
};

const thread_number& blas_threads()
{
    static const thread_number found = thread_number::of_blas();
    return found;
}

/// Who is in calls of a BLAS that has one number for the process: how many in the low half; in the high half a number
/// that changes whenever the first of them came, so that nobody takes what he told BLAS for what it was told before.
constinit std::atomic<std::uint64_t> callers = 0;
constexpr std::uint64_t first_caller = std::uint64_t{1} << 32;

std::uint32_t count_of(std::uint64_t value)
{
    return static_cast<std::uint32_t>(value);
}

/// Held for some instructions, by who comes or goes.
constinit std::atomic<bool> is_changing = false;

/// What BLAS was told before the first of them came.
constinit int told_before = 0;

/// Whether a child was made while BLAS had one thread for a call of its parent's: nobody puts that back there.
constinit std::atomic<bool> is_left_at_one = false;

/// A child is alone.
void begin_as_child()
{
    if (count_of(callers.load(std::memory_order_relaxed)) > 0)
    {
        is_left_at_one.store(true, std::memory_order_relaxed);
    }
    callers.store(0, std::memory_order_relaxed);
    is_changing.store(false, std::memory_order_relaxed);
}

class change
{
public:
    change()
    {
        while (is_changing.exchange(true, std::memory_order_acquire))
        {
            std::this_thread::yield();
        }
    }
    ~change() { is_changing.store(false, std::memory_order_release); }
    change(const change&) = delete;
};

void come(const thread_number& blas)
{
    static const int child_begins_anew = pthread_atfork(nullptr, nullptr, begin_as_child);
    static_cast<void>(child_begins_anew);
    const change now;
    const std::uint64_t before = callers.load(std::memory_order_relaxed);
    if (count_of(before) == 0)
    {
        told_before = is_left_at_one.exchange(false, std::memory_order_relaxed) ? told_before : blas.get();
        callers.store(before + first_caller + 1, std::memory_order_seq_cst);
        blas.set(1);
    }
    else
    {
        callers.store(before + 1, std::memory_order_seq_cst);
    }
}

void go(const thread_number& blas)
{
    const change now;
    const std::uint64_t before = callers.load(std::memory_order_relaxed);
    if (count_of(before) == 1)
    {
        blas.set(told_before);
    }
    callers.store(before - 1, std::memory_order_seq_cst);
}

} // namespace

int one_blas_thread::begin()
{
    const thread_number& blas = blas_threads();
    if (blas.get == nullptr)
    {
        return nothing;
    }
    const std::uint64_t before = callers.load(std::memory_order_seq_cst);
    const int told = std::max(blas.get(), 1);
    // Without anybody in a call before and after, the one thread that it has is not ours.
    if (told == 1 && !is_left_at_one.load(std::memory_order_relaxed) &&
        (blas.is_of_each_thread || (count_of(before) == 0 && callers.load(std::memory_order_seq_cst) == before)))
    {
        return nothing;
    }
    if (blas.is_of_each_thread)
    {
        blas.set(1);
    }
    else
    {
        come(blas);
    }
    return told;
}

void one_blas_thread::end(int before)
{
    const thread_number& blas = blas_threads();
    if (blas.is_of_each_thread)
    {
        blas.set(before);
    }
    else
    {
        go(blas);
    }
}

} // namespace autograd::kernels
