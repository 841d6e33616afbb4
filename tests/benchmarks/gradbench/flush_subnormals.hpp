#pragma once

#include <cstdint>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace gradbench
{

/// While it lives, numbers of this thread that are too small to be normal ones, below 2e-308, are 0. Processors are
/// slow with them, and where probabilities become so small they reach whole matrices: gmm takes a multiple of its time.
/// They are far below what any output is compared to.
class flush_subnormals
{
public:
    flush_subnormals() { set(m_before | flushing); }
    ~flush_subnormals() { set(m_before); }
    flush_subnormals(const flush_subnormals&) = delete;

private:
#if defined(__SSE2__)
    static constexpr unsigned flushing = 0x8040; // results, and operands
    static unsigned get()
    {
        return _mm_getcsr();
    }
    static void set(unsigned mode)
    {
        _mm_setcsr(mode);
    }
#elif defined(__aarch64__)
    static constexpr std::uint64_t flushing = std::uint64_t{1} << 24;
    static std::uint64_t get()
    {
        std::uint64_t mode;
        asm volatile("mrs %0, fpcr" : "=r"(mode));
        return mode;
    }
    static void set(std::uint64_t mode)
    {
        asm volatile("msr fpcr, %0" ::"r"(mode));
    }
#else
    static constexpr unsigned flushing = 0;
    static unsigned get()
    {
        return 0;
    }
    static void set(unsigned) {}
#endif

    decltype(get()) m_before = get();
};

} // namespace gradbench
