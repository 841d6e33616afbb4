#pragma once

#include "nn/team.hpp"

#include <functional>
#include <memory>

/// Training by several processes, on one machine or many, over MPI: mpirun starts them, and each runs the same program.
///
///     int main()
///     {
///         return nn::distributed::run(
///             [](nn::distributed::communicator& world)
///             {
///                 ...
///                 run.blocks = nn::batch_blocks{};
///                 nn::fit(run, 20, batches, loss, {.checkpoint = "run.npz", .across = &world});
///             });
///     }
namespace nn::distributed
{

/// The ranks that mpirun started, this one among them; without mpirun, a process alone. Begins and ends MPI, unless the
/// program has begun it already. There is one at a time, and where it began MPI itself, one in a process.
///
/// All ranks must run the same sources of this library, with the same kernels of BLAS and the same instruction set:
/// else the bits of a training would depend on who computed what.
class communicator final : public team
{
public:
    /// Throws value_error for a second one; rank_failed unless all ranks compute alike.
    communicator();
    /// Waits for the others. Where an exception is passing that they have not heard of, tells them, and they throw
    /// rank_failed.
    ~communicator() override;

    std::size_t rank() const override;
    std::size_t size() const override;

    void meet(std::string_view where) override;
    /// Writes what it is to standard error, once for all ranks. If the others do not listen within some seconds,
    /// because one of them computes for long, say, ends all of them.
    rank_failed tell_failure(std::string_view cause) override;

    void exchange(std::span<const sent> out, std::span<const received> in) override;
    void gather(std::span<std::byte> bytes, std::span<const std::size_t> ends) override;
    void broadcast(std::span<std::byte> bytes) override;

    /// Whether a rank has failed: the team cannot go on.
    bool has_failed() const;
    /// The bytes that this rank gave to MPI for others by exchange() and gather() so far.
    std::uint64_t bytes_sent() const;

private:
    class session;
    void require_alike();

    std::unique_ptr<session> m_session;
    int m_exceptions_before;
};

/// f(communicator), as the whole of a program: the exit code. What it throws, on any rank, ends it on all, with one
/// message on standard error, which has the number of the rank; so does what a rank failed of and f caught.
int run(const std::function<void(communicator&)>& f);

} // namespace nn::distributed
