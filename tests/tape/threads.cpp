#include "tests/support.hpp"

#include <thread>

using namespace support;

BOOST_AUTO_TEST_SUITE(tape_threads)

namespace
{

/// Some training, first and second derivatives: all that a thread may do by itself.
reals work(int seed)
{
    array w = array{{0.3, -0.2}, {0.5, 0.1}} + 0.01 * seed;
    reals losses;
    tape t;
    for (int step = 0; step < 50; ++step)
    {
        t.clear();
        const auto scope = t.scope("layer");
        const variable x = t.constant(array{{0.1, -0.4}, {0.7, 0.2}, {-0.3, 0.9}});
        const variable v = t.variable(w).name("w");
        const variable loss = mean(square(tanh(matmul(x, v)) - 0.5)) + 0.01 * norm_l2(v);
        const variable g = gradient(loss, v);
        const variable hv = hessian_vector_product(loss, v, g);
        w -= 0.1 * g.value() + 0.001 * hv.value();
        losses.push_back(loss.item());
    }
    return losses;
}

} // namespace

BOOST_AUTO_TEST_CASE(threads_with_tapes_of_their_own_need_no_locks)
{
    constexpr int count = 8;
    std::vector<reals> serial(count), parallel(count);
    std::vector<std::thread> threads;
    for (int i = 0; i < count; ++i)
    {
        threads.emplace_back([&parallel, i] { parallel[static_cast<std::size_t>(i)] = work(i); });
    }
    for (std::thread& each : threads)
    {
        each.join();
    }
    for (int i = 0; i < count; ++i)
    {
        const auto k = static_cast<std::size_t>(i);
        serial[k] = work(i);
        BOOST_TEST(parallel[k] == serial[k], per_element());
        BOOST_TEST(serial[k].back() < serial[k].front());
    }
}

// A tape may move from thread to thread, one at a time.
BOOST_AUTO_TEST_CASE(a_tape_is_bound_to_no_thread)
{
    tape t;
    const variable x = t.variable(3.0);
    variable y;
    std::thread([&] { y = x * x; }).join();
    variable g;
    std::thread([&] { g = gradient(y, x); }).join();
    BOOST_TEST(g.item() == 6.0);
}

BOOST_AUTO_TEST_SUITE_END()
