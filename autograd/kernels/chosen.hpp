#pragma once

#include <string_view>

namespace autograd
{

/// The name of the instruction set whose kernels this process runs: that of the best one which the library has kernels
/// for and the machine can run,
///
///     "baseline"   what every machine of the architecture has: SSE2 on x86-64, NEON on AArch64
///     "v3"         AVX2 and FMA, as in x86-64-v3
///     "v4"         AVX-512, as in x86-64-v4
///
/// or the one that the environment variable XGRAD_INSTRUCTION_SET names; "native" in a library that was built with
/// XGRAD_NATIVE, which has no other. It is chosen once, when it is first needed, and stays.
///
/// Throws value_error if XGRAD_INSTRUCTION_SET names none of them, or one that the machine cannot run; so does, then,
/// the first operation on a tape. Set to nothing, it is as if it were not set.
std::string_view instruction_set();

namespace kernels
{

/// Kernels, a table of pointers to functions, as they are compiled for the instruction set that was chosen. Each group
/// of kernels has one of these, by which it is called: kernels::reductions<T>->sum(...).
template <class Kernels>
struct chosen
{
    const Kernels* operator->() const; // defined in dispatch.hpp
};

} // namespace kernels

} // namespace autograd
