#pragma once

#include <cstdint>
#include <string>

namespace autograd
{

/// A line of the user's source. Every recorded instruction carries the one that recorded it, so that
/// errors and find_non_finite can point at it. (clang 14 has no std::source_location; the builtins that
/// it is made of exist in g++ and clang.)
struct location
{
    const char* file = nullptr;
    std::int64_t line = 0; ///< of 64 bits: half a register, written, would be waited for when a whole one is read

    /// The place of the call in which this is a default argument.
    static constexpr location current(const char* file = __builtin_FILE(), int line = __builtin_LINE())
    {
        return {file, line};
    }

    explicit constexpr operator bool() const { return file != nullptr; }
    /// This, or the other one where this is unknown. Member by member: as a whole it would be read from memory, in one
    /// piece, right after it was written in two, for which processors have to wait.
    constexpr location or_else(location other) const
    {
        return {file != nullptr ? file : other.file, file != nullptr ? line : other.line};
    }
};

/// "model.cpp:41", without the folders.
std::string to_text(location where);

} // namespace autograd
