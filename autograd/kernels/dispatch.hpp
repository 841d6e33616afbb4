#pragma once

#include "autograd/kernels/chosen.hpp"

#include <atomic>
#include <cstddef>

/// From the instruction sets for which this library is compiled (instruction_sets.hpp, which the build writes) to the
/// one that runs. For sources of the library: users see chosen.hpp.
namespace autograd::kernels
{

// In each set's namespace stands what its objects define (per_set/compiled.hpp), and nothing else of them is seen
// outside.
#define AUTOGRAD_KERNELS_SET(set, ...)                                                                                 \
    namespace set                                                                                                      \
    {                                                                                                                  \
    template <class Kernels>                                                                                           \
    struct compiled                                                                                                    \
    {                                                                                                                  \
        static const Kernels kernels;                                                                                  \
    };                                                                                                                 \
    }
#include "autograd/kernels/instruction_sets.hpp"
#undef AUTOGRAD_KERNELS_SET

#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wundefined-var-template"
#endif

/// The same kernels for each set, in the order of the sets.
template <class Kernels>
inline constexpr const Kernels* in_each_set[] = {
#define AUTOGRAD_KERNELS_SET(set, ...) &set::compiled<Kernels>::kernels,
#include "autograd/kernels/instruction_sets.hpp"
#undef AUTOGRAD_KERNELS_SET
};

#if defined(__clang__)
#pragma clang diagnostic pop
#endif

/// Which of the sets was chosen, or -1. Inline, so that it is one in a process where several plug-ins hold this
/// library, as descriptions are.
inline constinit std::atomic<int> chosen_set = -1;

/// Chooses unless that is done, and throws as instruction_set() does.
int choose();

inline std::size_t chosen_index()
{
    const int set = chosen_set.load(std::memory_order_relaxed);
    return static_cast<std::size_t>(set >= 0 ? set : choose());
}

template <class Kernels>
const Kernels* chosen<Kernels>::operator->() const
{
    return in_each_set<Kernels>[chosen_index()];
}

} // namespace autograd::kernels
