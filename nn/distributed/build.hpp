#pragma once

#include <string>

namespace nn::distributed
{

/// A checksum of the library's sources and of how they were compiled: two builds whose trainings may have other bits
/// have another one.
std::string build();

/// The kernels that BLAS chose for this machine, with its version, where it says so (OpenBLAS); else "unknown".
std::string blas_kernel();

} // namespace nn::distributed
