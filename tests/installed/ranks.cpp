// A user's program of several processes, here alone: 0 when it is.

#include <nn/distributed/communicator.hpp>

#include <cstdio>

int main()
{
    return nn::distributed::run(
        [](nn::distributed::communicator& world)
        {
            world.meet("the beginning");
            std::printf("rank %zu of %zu\n", world.rank(), world.size());
        });
}
