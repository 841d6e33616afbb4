#pragma once

#include <cstddef>
#include <cstdint>

namespace autograd
{

/// Sets how many threads large operations are divided among, those of recordings and of programs alike: the caller's
/// and so many less one that wait for work. Results have the same bits at any number. Before the first call it is what
/// the environment variable XGRAD_THREADS says, or 1. std::thread::hardware_concurrency() tells how many the machine
/// has.
///
/// It is one number for the process, and holds for all that begins later. Threads are started when they are first
/// needed; where the system gives fewer, these do the work. What several threads of a program ask for at one time is
/// divided for one of them, and done by the others each for itself. A child after fork() starts its own.
///
/// Throws value_error unless `count` is from 1 to 1024.
void set_threads(std::int64_t count);

/// How many that are. Throws value_error if set_threads was not called and XGRAD_THREADS is something else than a
/// number from 1 to 1024; so does, then, the first operation on a tape. Set to nothing, it is as if it were not set.
std::size_t threads();

} // namespace autograd
