#include "examples/beyond/ranks.hpp"

#include "nn/distributed/communicator.hpp"

namespace beyond
{

int on_ranks(std::size_t ranks, const std::function<void(nn::team*)>& work)
{
    if (ranks == 0)
    {
        work(nullptr);
        return 0;
    }
    return nn::distributed::run(
        [&](nn::distributed::communicator& world)
        {
            if (world.size() != ranks)
            {
                throw autograd::error::value_error("--ranks", ranks, " ranks are to train, and ", world.size(),
                                                   " were started; examples/run starts as many, or mpirun -np.");
            }
            work(&world);
        });
}

} // namespace beyond
