#include "parallel/with_threads.hpp"
#include "tests/allocations.hpp"
#include "tests/support.hpp"

#include "autograd/parallel/ranges.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cfenv>
#include <csignal>
#include <cstdlib>
#include <limits>
#include <set>
#include <stdexcept>
#include <thread>

// How work is divided among threads, by itself.

using namespace support;

namespace
{

namespace parallel = autograd::parallel;

/// How many times each of so many blocks is called.
std::vector<int> calls(std::size_t count)
{
    std::vector<std::atomic<int>> counts(count);
    parallel::for_each_block(count, [&](std::size_t k) { ++counts[k]; });
    return {counts.begin(), counts.end()};
}

/// Waits until so many threads are here, so that each of them has a block.
class meeting
{
public:
    explicit meeting(std::size_t count) : m_missing(count) {}
    void wait()
    {
        --m_missing;
        while (m_missing.load() > 0)
        {
            std::this_thread::yield();
        }
    }

private:
    std::atomic<std::size_t> m_missing;
};

/// The threads in which so many blocks run that wait for each other.
std::set<std::thread::id> threads_of(std::size_t count)
{
    std::vector<std::thread::id> found(count);
    meeting all(count);
    parallel::for_each_block(count,
                             [&](std::size_t k)
                             {
                                 found[k] = std::this_thread::get_id();
                                 all.wait();
                             });
    return {found.begin(), found.end()};
}

/// What a child returns that calls f, or 128 and the signal that ended it.
template <class F>
int exit_code_of_child(F f)
{
    const pid_t child = ::fork();
    BOOST_REQUIRE(child >= 0);
    if (child == 0)
    {
        ::_exit(f());
    }
    int status = 0;
    BOOST_REQUIRE(::waitpid(child, &status, 0) == child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

} // namespace

BOOST_AUTO_TEST_SUITE(parallel_pool)

BOOST_AUTO_TEST_CASE(each_block_is_called_once)
{
    for (const int count : {1, 2, 3, 7})
    {
        const with_threads of(count);
        for (const std::size_t blocks : {0, 1, 2, 3, 64, 1000})
        {
            BOOST_TEST(calls(blocks) == std::vector<int>(blocks, 1), per_element());
        }
    }
}

BOOST_AUTO_TEST_CASE(as_many_threads_as_were_asked_for)
{
    for (const std::size_t count : {2u, 4u, 3u}) // fewer than there are, too
    {
        const with_threads of(static_cast<std::int64_t>(count));
        const std::set<std::thread::id> found = threads_of(count);
        BOOST_TEST(found.size() == count);
        BOOST_TEST(found.count(std::this_thread::get_id()) == 1u);
    }
    const with_threads alone(1);
    std::set<std::thread::id> found;
    parallel::for_each_block(5, [&](std::size_t) { found.insert(std::this_thread::get_id()); });
    BOOST_TEST(found.size() == 1u);
}

BOOST_AUTO_TEST_CASE(ranges_are_the_same_for_all_numbers_of_threads)
{
    struct work
    {
        std::size_t count, elements, unit;
    };
    for (const work& of : {work{1 << 20, 1 << 20, 64}, work{1'000'003, 1'000'003, 64}, work{17, 1 << 22, 1},
                           work{1000, 1 << 16, 16}, work{5, std::size_t{1} << 40, 4}, work{0, 0, 1}})
    {
        std::set<std::pair<std::size_t, std::size_t>> first;
        for (const int count : {2, 3, 7})
        {
            const with_threads threads(count);
            std::vector<std::pair<std::size_t, std::size_t>> found(parallel::most_blocks);
            std::atomic<std::size_t> used = 0;
            parallel::for_each_range(of.count, of.elements, of.unit,
                                     [&](std::size_t begin, std::size_t end) {
                                         found[used++] = {begin, end};
                                     });
            const std::set<std::pair<std::size_t, std::size_t>> ranges(
                found.begin(), found.begin() + static_cast<std::ptrdiff_t>(used));
            std::size_t next = 0;
            for (const auto& [begin, end] : ranges)
            {
                BOOST_TEST(begin == next);
                BOOST_TEST(begin % of.unit == 0u);
                next = end;
            }
            BOOST_TEST(next == of.count);
            BOOST_TEST((first.empty() || first == ranges));
            first = ranges;
        }
    }
}

BOOST_AUTO_TEST_CASE(small_work_is_not_divided)
{
    const with_threads of(4);
    std::size_t ranges = 0;
    const auto count_range = [&](std::size_t, std::size_t) { ++ranges; };
    parallel::for_each_range(parallel::least_work - 1, parallel::least_work - 1, 1, count_range);
    BOOST_TEST(ranges == 1u);
}

BOOST_AUTO_TEST_CASE(the_exception_of_the_lowest_block_is_thrown)
{
    for (const int count : {1, 2, 4, 7})
    {
        const with_threads of(count);
        for (int trial = 0; trial < 200; ++trial)
        {
            std::vector<std::atomic<int>> counts(100);
            const auto call = [&](std::size_t k)
            {
                ++counts[k];
                if (k == 17 || k == 18 || k == 40)
                {
                    throw std::runtime_error(std::to_string(k));
                }
            };
            BOOST_CHECK_EXCEPTION(parallel::for_each_block(100, call), std::runtime_error,
                                  [](const std::runtime_error& e) { return e.what() == std::string("17"); });
            for (std::size_t k = 0; k < counts.size(); ++k)
            {
                BOOST_TEST(counts[k] <= 1);
                BOOST_TEST((k > 17 || counts[k] == 1));
            }
            BOOST_TEST(calls(10) == std::vector<int>(10, 1), per_element()); // all is as before
        }
    }
}

BOOST_AUTO_TEST_CASE(blocks_within_blocks_are_called_in_order)
{
    const with_threads of(4);
    std::vector<std::vector<std::size_t>> orders(50);
    std::vector<std::set<std::thread::id>> callers(50);
    parallel::for_each_block(50,
                             [&](std::size_t k)
                             {
                                 parallel::for_each_block(20,
                                                          [&](std::size_t inner)
                                                          {
                                                              orders[k].push_back(inner);
                                                              callers[k].insert(std::this_thread::get_id());
                                                          });
                             });
    std::vector<std::size_t> in_order(20);
    std::iota(in_order.begin(), in_order.end(), std::size_t{0});
    for (std::size_t k = 0; k < orders.size(); ++k)
    {
        BOOST_TEST(orders[k] == in_order, per_element());
        BOOST_TEST(callers[k].size() == 1u);
    }
}

BOOST_AUTO_TEST_CASE(threads_of_a_program_share_the_workers)
{
    const with_threads of(3);
    std::atomic<int> wrong = 0;
    std::vector<std::thread> users;
    for (int user = 0; user < 6; ++user)
    {
        users.emplace_back(
            [&]
            {
                for (int trial = 0; trial < 200; ++trial)
                {
                    const std::vector<int> found = calls(37);
                    wrong += found != std::vector<int>(37, 1);
                }
            });
    }
    for (std::thread& user : users)
    {
        user.join();
    }
    BOOST_TEST(wrong == 0);
}

BOOST_AUTO_TEST_CASE(the_number_may_change_within_work)
{
    const with_threads of(4);
    std::atomic<int> sum = 0;
    parallel::for_each_block(100,
                             [&](std::size_t k)
                             {
                                 autograd::set_threads(1 + static_cast<std::int64_t>(k % 5));
                                 sum += static_cast<int>(k);
                             });
    BOOST_TEST(sum == 99 * 50);
}

BOOST_AUTO_TEST_CASE(numbers_that_are_none_are_refused)
{
    const with_threads of(3);
    const auto throws = [](std::int64_t count, const char* text)
    {
        BOOST_CHECK_EXCEPTION(autograd::set_threads(count), autograd::error::value_error,
                              [&](const autograd::error::value_error& e) { return e.what() == std::string(text); });
    };
    throws(0, "autograd: set_threads: 0 threads; there must be at least 1 and at most 1024.");
    throws(-1, "autograd: set_threads: -1 threads; there must be at least 1 and at most 1024.");
    throws(1'000'000, "autograd: set_threads: 1000000 threads; there must be at least 1 and at most 1024.");
    throws(std::numeric_limits<std::int64_t>::min(),
           "autograd: set_threads: -9223372036854775808 threads; there must be at least 1 and at most 1024.");
    BOOST_TEST(autograd::threads() == 3u);
    autograd::set_threads(1024);
    BOOST_TEST(autograd::threads() == 1024u);
}

BOOST_AUTO_TEST_CASE(blocks_are_rounded_as_their_caller_rounds)
{
    const with_threads of(4);
    static_cast<void>(threads_of(4)); // they are there already
    const auto quotients = []
    {
        std::vector<double> result(4);
        meeting all(4);
        parallel::for_each_block(4,
                                 [&](std::size_t k)
                                 {
                                     volatile double one = 1;
                                     volatile double three = 3;
                                     result[k] = one / three;
                                     all.wait();
                                 });
        return result;
    };
    const double nearest = 1.0 / 3.0;
    BOOST_TEST(quotients() == std::vector<double>(4, nearest), per_element());
    std::fesetround(FE_UPWARD);
    const std::vector<double> upward = quotients();
    std::fesetround(FE_TONEAREST);
    BOOST_TEST(upward == std::vector<double>(4, std::nextafter(nearest, 1.0)), per_element());
}

BOOST_AUTO_TEST_CASE(flags_that_blocks_raise_are_the_caller_s)
{
    const support::with_threads count(4);
    for (int k = 0; k < 50; ++k)
    {
        std::feclearexcept(FE_ALL_EXCEPT);
        parallel::for_each_block(64,
                                 [](std::size_t block)
                                 {
                                     volatile double x = block % 16 == 15 ? 1e308 : 1;
                                     x = x * 10;
                                     std::this_thread::sleep_for(std::chrono::microseconds(20));
                                 });
        BOOST_TEST_REQUIRE(std::fetestexcept(FE_OVERFLOW) != 0);
    }
    std::feclearexcept(FE_ALL_EXCEPT);
}

BOOST_AUTO_TEST_CASE(no_call_asks_for_memory_once_there_are_threads)
{
    const with_threads of(4);
    static_cast<void>(threads_of(4));
    std::atomic<int> sum = 0;
    BOOST_TEST(allocations_of([&] { parallel::for_each_block(100, [&](std::size_t) { ++sum; }); }) == 0u);
    BOOST_TEST(sum == 100);
}

#if !defined(__SANITIZE_THREAD__) // which knows no threads of a child

BOOST_AUTO_TEST_CASE(a_child_has_threads_of_its_own)
{
    const with_threads of(4);
    static_cast<void>(threads_of(4));
    BOOST_TEST(exit_code_of_child([] { return static_cast<int>(threads_of(4).size()); }) == 4);
    BOOST_TEST(threads_of(4).size() == 4u); // nor has the parent lost its own
}

BOOST_AUTO_TEST_CASE(a_child_of_a_process_at_work_works_too)
{
    const with_threads of(3);
    std::atomic<bool> is_over = false;
    std::thread busy(
        [&]
        {
            while (!is_over)
            {
                static_cast<void>(calls(20));
            }
        });
    for (int trial = 0; trial < 20; ++trial)
    {
        BOOST_TEST(exit_code_of_child([] { return calls(50) == std::vector<int>(50, 1) ? 7 : 1; }) == 7);
    }
    is_over = true;
    busy.join();
}

BOOST_AUTO_TEST_CASE(the_end_of_a_process_waits_for_nobody)
{
    const with_threads of(4);
    BOOST_TEST(exit_code_of_child(
                   []
                   {
                       static_cast<void>(threads_of(4));
                       std::exit(5); // with everything that is to be destroyed
                       return 1;
                   }) == 5);
}

#endif

BOOST_AUTO_TEST_CASE(signals_are_for_threads_of_the_program)
{
    const with_threads of(3);
    std::vector<int> blocked(3);
    meeting all(3);
    const std::thread::id caller = std::this_thread::get_id();
    parallel::for_each_block(3,
                             [&](std::size_t k)
                             {
                                 sigset_t signals;
                                 pthread_sigmask(SIG_SETMASK, nullptr, &signals);
                                 blocked[k] = sigismember(&signals, SIGINT) == (std::this_thread::get_id() != caller);
                                 all.wait();
                             });
    BOOST_TEST(blocked == std::vector<int>(3, 1), per_element());
}

BOOST_AUTO_TEST_SUITE_END()
