#include "autograd/tape/growing_array.hpp"
#include "tests/memory_can_run_out.hpp"
#include "tests/support.hpp"

#include <cstdint>
#include <functional>
#include <numeric>
#include <set>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace support;
using autograd::detail::growing_array;
using autograd::detail::growing_memory;
using autograd::detail::large_page;

BOOST_AUTO_TEST_SUITE(tape_growing_memory)

namespace
{

/// What an array of such a length went through.
struct life
{
    bool intact = true;                   ///< its elements are what was put there
    std::set<const std::uint64_t*> small; ///< where it was while it was small
    std::set<const std::uint64_t*> large; ///< and later
    std::size_t most_unused = 0;          ///< bytes that it held and did not use, when it was large
};

life grow_to(growing_array<std::uint64_t>& array, std::size_t length)
{
    life result;
    for (std::size_t i = array.size(); i < length; ++i)
    {
        array.append() = i * i;
        const bool is_large = array.memory() > growing_memory::large;
        (is_large ? result.large : result.small).insert(array.data());
        const std::size_t unused = array.memory() - array.size() * sizeof(std::uint64_t);
        result.most_unused = is_large ? std::max(result.most_unused, unused) : 0;
    }
    for (std::size_t i = 0; i < array.size(); ++i)
    {
        result.intact = result.intact && array[i] == i * i;
    }
    return result;
}

/// Whether f, in a process of its own that may have so many bytes of addresses, returns true.
bool holds_with_addresses(rlim_t bytes, const std::function<bool()>& f)
{
    const pid_t child = ::fork();
    BOOST_REQUIRE(child >= 0);
    if (child == 0)
    {
        const rlimit limit{bytes, bytes};
        const bool limited = ::setrlimit(RLIMIT_AS, &limit) == 0;
        ::_exit(limited && f() ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/// What this process has of addresses now.
rlim_t addresses_in_use()
{
    std::FILE* const file = std::fopen("/proc/self/statm", "r");
    unsigned long pages = 0;
    BOOST_REQUIRE(file != nullptr);
    BOOST_REQUIRE(std::fscanf(file, "%lu", &pages) == 1);
    std::fclose(file);
    return static_cast<rlim_t>(pages) * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE));
}

/// The gradient of a long chain of products by a number that is near 1, and the number of operations.
double derivative_of_chain(tape& t, std::size_t length)
{
    const variable x = t.variable(1.0);
    variable y = x;
    for (std::size_t i = 1; i < length; ++i)
    {
        y = y * x;
    }
    return gradient(y, x).item();
}

} // namespace

BOOST_AUTO_TEST_CASE(what_is_large_does_not_move)
{
    growing_array<std::uint64_t> array;
    BOOST_TEST(array.memory() == 0u);
    const life found = grow_to(array, 10'000'000);
    BOOST_TEST(found.intact);
    BOOST_TEST(found.small.size() < 15u);
    BOOST_TEST(found.large.size() == 1u);
    BOOST_TEST(found.most_unused < 2 * large_page);
    BOOST_TEST(std::bit_cast<std::uintptr_t>(array.data()) % large_page == 0u);
}

BOOST_AUTO_TEST_CASE(what_is_forgotten_is_kept_for_what_comes)
{
    growing_array<std::uint64_t> array;
    grow_to(array, 1'000'000);
    const std::size_t held = array.memory();
    const std::uint64_t* const where = array.data();
    array.shrink(10);
    BOOST_TEST(array.size() == 10u);
    const life found = grow_to(array, 1'000'000);
    BOOST_TEST(found.intact);
    BOOST_TEST(array.memory() == held);
    BOOST_TEST(array.data() == where);
}

BOOST_AUTO_TEST_CASE(many_large_ones_at_a_time)
{
    std::vector<growing_array<std::uint64_t>> arrays(200);
    bool intact = true;
    for (auto& array : arrays)
    {
        intact = intact && grow_to(array, 150'000).intact;
    }
    BOOST_TEST(intact);
}

BOOST_AUTO_TEST_CASE(where_addresses_are_limited_it_moves)
{
    constexpr rlim_t limit = RLIM_INFINITY / 2; // there is one: nothing is reserved
    BOOST_TEST(holds_with_addresses(limit,
                                    []
                                    {
                                        growing_array<std::uint64_t> array;
                                        const life found = grow_to(array, 10'000'000);
                                        return found.intact && found.large.size() > 1 && found.large.size() < 10;
                                    }));
    BOOST_TEST(holds_with_addresses(limit,
                                    []
                                    {
                                        tape t;
                                        return derivative_of_chain(t, 100'000) == 100'000.0;
                                    }));
}

BOOST_AUTO_TEST_CASE(a_tape_outlives_the_end_of_addresses)
{
    if (!memory_can_run_out)
    {
        return;
    }
    BOOST_TEST(holds_with_addresses(addresses_in_use() + (rlim_t{1} << 26),
                                    []
                                    {
                                        tape t;
                                        const variable x = t.variable(1.0);
                                        variable y = x;
                                        std::size_t length = 1;
                                        std::string complaint;
                                        try
                                        {
                                            for (; length < 10'000'000; ++length)
                                            {
                                                y = y * x;
                                            }
                                        }
                                        catch (const autograd::error::memory_error& e)
                                        {
                                            complaint = e.what();
                                        }
                                        const bool stands = t.size() == length && y.item() == 1.0;
                                        t.clear();
                                        return complaint.find("autograd: multiply: ") == 0 && stands &&
                                               derivative_of_chain(t, 1000) == 1000.0;
                                    }));
}

BOOST_AUTO_TEST_SUITE_END()
