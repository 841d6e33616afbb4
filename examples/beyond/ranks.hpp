#pragma once

#include "nn/team.hpp"

#include <cstddef>
#include <functional>

namespace beyond
{

/// Does the work on as many processes as --ranks says, which mpirun has started: the exit code. Without --ranks (0)
/// this process is alone, and there is no team. Throws value_error where this build has no MPI.
int on_ranks(std::size_t ranks, const std::function<void(nn::team*)>& work);

} // namespace beyond
