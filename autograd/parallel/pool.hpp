#pragma once

#include <cstddef>

namespace autograd::parallel
{

/// Calls block(context, k) for all k < count, of threads() threads whichever is free, in the floating-point environment
/// of the caller, who then has the flags that were raised, and returns when they are done. Where another thread has the
/// workers, a call from within a block among them, the caller does all of it, in order.
///
/// Of what blocks throw, that of the lowest one is thrown, as in order; those behind it may have been done or not.
/// Beyond the first time, it asks for no memory.
void run_blocks(std::size_t count, void (*block)(const void* context, std::size_t k), const void* context);

} // namespace autograd::parallel
