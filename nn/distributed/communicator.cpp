#include "nn/distributed/communicator.hpp"

#include "autograd/kernels/chosen.hpp"
#include "nn/distributed/build.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <limits>
#include <thread>

#include <fmt/format.h>
#include <mpi.h>

namespace nn::distributed
{

namespace
{

using autograd::error::value_error;

/// MPI counts in int.
constexpr std::size_t most_at_once = std::size_t{1} << 30;

/// f(first byte, number of bytes) for pieces that MPI can count.
template <class F>
void in_pieces(std::size_t size, F f)
{
    for (std::size_t first = 0; first < size; first += most_at_once)
    {
        f(first, static_cast<int>(std::min(most_at_once, size - first)));
    }
}

void say(const char* message)
{
    std::fprintf(stderr, "%s\n", message);
    std::fflush(stderr);
}

std::atomic<bool> there_is_one = false;

} // namespace

/// MPI, begun unless it was, and messages that are nobody else's.
class communicator::session
{
public:
    session()
    {
        int is_begun = 0;
        int is_over = 0;
        MPI_Initialized(&is_begun);
        MPI_Finalized(&is_over);
        if (is_over != 0)
        {
            throw value_error("communicator",
                              "MPI has ended in this process, and cannot begin again; a process has one "
                              "communicator, which lives as long as ranks have something to say.");
        }
        if (there_is_one.exchange(true))
        {
            throw value_error("communicator", "there is one in this process; a second cannot be.");
        }
        m_begun_here = is_begun == 0;
        if (m_begun_here)
        {
            int threads = 0;
            MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &threads);
        }
        MPI_Comm_dup(MPI_COMM_WORLD, &ranks);
        MPI_Comm_rank(ranks, &rank);
        MPI_Comm_size(ranks, &size);
    }
    session(const session&) = delete;
    ~session()
    {
        MPI_Comm_free(&ranks);
        if (m_begun_here)
        {
            MPI_Finalize();
        }
        there_is_one = false;
    }

    /// What ranks say when they meet: who failed, if one did, and where they are, as the lowest and, by its bits
    /// turned round, the highest number.
    struct words
    {
        std::int64_t failed;
        std::int64_t lowest;
        std::int64_t highest;
    };
    /// The lowest of all ranks, number by number. Integers: whatever order MPI takes them in, they come out the same.
    class meeting
    {
    public:
        meeting(const words& here, MPI_Comm ranks) : m_here(here)
        {
            MPI_Iallreduce(&m_here, &m_all, 3, MPI_INT64_T, MPI_MIN, ranks, &m_request);
        }
        meeting(const meeting&) = delete;
        words wait()
        {
            MPI_Wait(&m_request, MPI_STATUS_IGNORE);
            return m_all;
        }
        bool is_over_within(std::chrono::duration<double> time)
        {
            const auto end = std::chrono::steady_clock::now() + time;
            int is_over = 0;
            for (MPI_Test(&m_request, &is_over, MPI_STATUS_IGNORE);
                 is_over == 0 && std::chrono::steady_clock::now() < end;
                 MPI_Test(&m_request, &is_over, MPI_STATUS_IGNORE))
            {
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
            }
            return is_over != 0;
        }

    private:
        words m_here;
        words m_all{};
        MPI_Request m_request = MPI_REQUEST_NULL;
    };

    void broadcast(std::span<std::byte> bytes, int from) const
    {
        in_pieces(bytes.size(),
                  [&](std::size_t first, int count) { MPI_Bcast(bytes.data() + first, count, MPI_BYTE, from, ranks); });
    }

    /// What the rank that failed has to say, on all ranks. It is written before others hear of it: where one of them
    /// ends, mpirun ends the rest.
    rank_failed hear(std::int64_t from, std::string_view cause)
    {
        failed = true;
        if (from == rank)
        {
            say(failure_of(from, cause).what());
        }
        return failure_of(from, text_of(static_cast<int>(from), cause));
    }

    /// What each has to say, in their order.
    std::vector<std::string> texts_of_all(std::string_view here) const
    {
        std::vector<std::string> result;
        for (int from = 0; from < size; ++from)
        {
            result.push_back(text_of(from, here));
        }
        return result;
    }

    /// What one of the ranks has to say.
    std::string text_of(int from, std::string_view here) const
    {
        std::string text(from == rank ? here : "");
        std::uint64_t length = text.size();
        broadcast(std::as_writable_bytes(std::span(&length, 1)), from);
        text.resize(length);
        broadcast(std::as_writable_bytes(std::span(text.data(), text.size())), from);
        return text;
    }

    rank_failed failure_of(std::int64_t number, std::string_view cause) const
    {
        return {static_cast<std::size_t>(number), static_cast<std::size_t>(size), cause};
    }

    MPI_Comm ranks = MPI_COMM_NULL;
    int rank = 0;
    int size = 1;
    bool failed = false; ///< whether one of the ranks did
    std::uint64_t bytes_sent = 0;

private:
    bool m_begun_here = false;
};

communicator::communicator() : m_session(std::make_unique<session>()), m_exceptions_before(std::uncaught_exceptions())
{
    nn::detail::as_one(this, [&] { require_alike(); });
}

communicator::~communicator()
{
    if (m_session->failed)
    {
        return;
    }
    try
    {
        if (std::uncaught_exceptions() > m_exceptions_before && size() > 1)
        {
            fail("an exception left the scope of its communicator");
        }
        meet("the end");
    }
    catch (const rank_failed&)
    {
        // It was said.
    }
}

void communicator::require_alike()
{
    require_same(*this, "communicator",
                 {{"the build of the library", build()},
                  {"the instruction set", std::string(autograd::instruction_set())},
                  {"the BLAS kernel", blas_kernel()}});
}

std::size_t communicator::rank() const
{
    return static_cast<std::size_t>(m_session->rank);
}

std::size_t communicator::size() const
{
    return static_cast<std::size_t>(m_session->size);
}

bool communicator::has_failed() const
{
    return m_session->failed;
}

std::uint64_t communicator::bytes_sent() const
{
    return m_session->bytes_sent;
}

void communicator::meet(std::string_view where)
{
    if (m_session->failed)
    {
        throw m_session->failure_of(m_session->rank, "a rank has failed before; its team cannot go on");
    }
    if (size() == 1)
    {
        return;
    }
    const auto number = static_cast<std::int64_t>(nn::detail::checksum(std::as_bytes(std::span(where))));
    const session::words all = session::meeting({m_session->size, number, ~number}, m_session->ranks).wait();
    if (all.failed < m_session->size)
    {
        throw m_session->hear(all.failed, "");
    }
    if (all.lowest != ~all.highest)
    {
        const nn::detail::fault found = nn::detail::elsewhere(m_session->texts_of_all(where));
        throw m_session->hear(static_cast<std::int64_t>(found.rank), found.cause);
    }
}

rank_failed communicator::tell_failure(std::string_view cause)
{
    session& s = *m_session;
    if (s.failed)
    {
        return s.failure_of(s.rank, cause);
    }
    if (s.size == 1)
    {
        return s.hear(s.rank, cause);
    }
    // Not all at once, where several failed: the first to end ends all.
    const std::chrono::duration<double> patience(4.0 + 4.0 * s.rank / s.size);
    session::meeting last({s.rank, 0, 0}, s.ranks);
    if (!last.is_over_within(patience))
    {
        say(s.failure_of(s.rank, cause).what());
        MPI_Abort(s.ranks, EXIT_FAILURE);
    }
    return s.hear(last.wait().failed, cause);
}

void communicator::exchange(std::span<const sent> out, std::span<const received> in)
{
    std::vector<MPI_Request> requests;
    for (const received& each : in)
    {
        in_pieces(each.bytes.size(),
                  [&](std::size_t first, int count)
                  {
                      MPI_Irecv(each.bytes.data() + first, count, MPI_BYTE, static_cast<int>(each.from), 0,
                                m_session->ranks, &requests.emplace_back());
                  });
    }
    for (const sent& each : out)
    {
        m_session->bytes_sent += each.bytes.size();
        in_pieces(each.bytes.size(),
                  [&](std::size_t first, int count)
                  {
                      MPI_Isend(each.bytes.data() + first, count, MPI_BYTE, static_cast<int>(each.to), 0,
                                m_session->ranks, &requests.emplace_back());
                  });
    }
    MPI_Waitall(static_cast<int>(requests.size()), requests.data(), MPI_STATUSES_IGNORE);
}

void communicator::gather(std::span<std::byte> bytes, std::span<const std::size_t> ends)
{
    const auto begin_of = [&](std::size_t rank) { return rank == 0 ? 0 : ends[rank - 1]; };
    m_session->bytes_sent += (ends[rank()] - begin_of(rank())) * (size() - 1);
    if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
    {
        for (std::size_t from = 0; from < size(); ++from)
        {
            m_session->broadcast(bytes.subspan(begin_of(from), ends[from] - begin_of(from)), static_cast<int>(from));
        }
        return;
    }
    std::vector<int> begins;
    std::vector<int> counts;
    for (std::size_t from = 0; from < size(); ++from)
    {
        begins.push_back(static_cast<int>(begin_of(from)));
        counts.push_back(static_cast<int>(ends[from] - begin_of(from)));
    }
    MPI_Allgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, bytes.data(), counts.data(), begins.data(), MPI_BYTE,
                   m_session->ranks);
}

void communicator::broadcast(std::span<std::byte> bytes)
{
    m_session->broadcast(bytes, 0);
}

int run(const std::function<void(communicator&)>& f)
{
    try
    {
        communicator world;
        nn::detail::as_one(&world, [&] { f(world); });
        return world.has_failed() ? EXIT_FAILURE : EXIT_SUCCESS;
    }
    catch (const rank_failed&)
    {
        // It was said.
    }
    catch (const std::exception& e)
    {
        say(e.what());
    }
    return EXIT_FAILURE;
}

} // namespace nn::distributed
