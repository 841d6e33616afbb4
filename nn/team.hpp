#pragma once

#include "autograd/tape/error.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nn
{

/// A rank of a team failed: thrown on all of them, with the number of the rank and what it was.
class rank_failed : public autograd::error::exception
{
public:
    rank_failed(std::size_t rank, std::size_t ranks, std::string_view cause);

    std::size_t rank() const { return m_rank; }

private:
    std::size_t m_rank;
};

/// Processes that do one work together, and what they say to each other: numbered by rank, and equal, but that rank 0
/// speaks for all. What fit asks for; nn::distributed::communicator is one over MPI.
///
/// All ranks call the same functions in the same order. All but rank() and size() throw rank_failed where another rank
/// failed, or does something else.
class team
{
public:
    team() = default;
    team(const team&) = delete;
    team& operator=(const team&) = delete;
    virtual ~team() = default;

    virtual std::size_t rank() const = 0;
    virtual std::size_t size() const = 0;
    bool leads() const { return rank() == 0; }

    /// Returns when all ranks have called it with the same text, which says where they are: "step 3". Fails, on all,
    /// on the first rank that is elsewhere than rank 0.
    virtual void meet(std::string_view where) = 0;
    /// Tells all ranks that this one cannot go on: what they throw when they hear of it, and this one is to throw.
    virtual rank_failed tell_failure(std::string_view cause) = 0;
    /// Tells and throws.
    [[noreturn]] void fail(std::string_view cause) { throw tell_failure(cause); }

    /// \name What goes between ranks, behind a meet \{
    struct sent
    {
        std::size_t to;
        std::span<const std::byte> bytes;
    };
    struct received
    {
        std::size_t from;
        std::span<std::byte> bytes;
    };
    /// Each rank is sent by each other what it expects of it, in the order of the lists.
    virtual void exchange(std::span<const sent> out, std::span<const received> in) = 0;
    /// Rank r has the bytes ends[r - 1] to before ends[r]; then all have all.
    virtual void gather(std::span<std::byte> bytes, std::span<const std::size_t> ends) = 0;
    /// The bytes of rank 0 become those of all.
    virtual void broadcast(std::span<std::byte> bytes) = 0;
    /// \}
};

/// What must be the same on all ranks, in words: {"the BLAS kernel", "Haswell"}.
struct fact
{
    std::string what;
    std::string value;
};

/// Fails on the first rank one of whose facts, in order, is not that of rank 0: with both values.
void require_same(team& ranks, std::string_view where, const std::vector<fact>& facts);

namespace detail
{

/// f(), whose errors become errors of all ranks; of a team of one, or of none, they stay what they are.
template <class F>
auto as_one(team* ranks, F&& f)
{
    if (ranks == nullptr || ranks->size() == 1)
    {
        return f();
    }
    std::string cause = "an exception that is no std::exception";
    try
    {
        return f();
    }
    catch (const rank_failed&)
    {
        throw;
    }
    catch (const std::exception& e)
    {
        cause = e.what();
    }
    catch (...)
    {
    }
    ranks->fail(cause);
}

/// A rank that is at fault, and what it is.
struct fault
{
    std::size_t rank;
    std::string cause;
};
/// Of ranks that are not all at one place: the first that is elsewhere than rank 0.
fault elsewhere(std::span<const std::string> places);

/// A checksum of bytes, by XXH3, that goes on from another.
std::uint64_t checksum(std::span<const std::byte> bytes, std::uint64_t before = 0);

} // namespace detail

} // namespace nn
