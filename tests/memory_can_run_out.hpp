#pragma once

namespace support
{

/// Whether an allocation that is too large throws. Sanitizers end the program instead. (That g++ has one is asked
/// first: libraries define clang's __has_feature for other compilers, as 0.)
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool memory_can_run_out = false;
#elif defined(__has_feature)
inline constexpr bool memory_can_run_out =
    !(__has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer));
#else
inline constexpr bool memory_can_run_out = true;
#endif

} // namespace support
