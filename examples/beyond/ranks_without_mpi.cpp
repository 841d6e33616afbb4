#include "examples/beyond/ranks.hpp"

namespace beyond
{

int on_ranks(std::size_t ranks, const std::function<void(nn::team*)>& work)
{
    if (ranks != 0)
    {
        throw autograd::error::value_error("--ranks", ranks,
                                           " ranks are to train, and this build has no MPI (Debian: "
                                           "libopenmpi-dev).");
    }
    work(nullptr);
    return 0;
}

} // namespace beyond
