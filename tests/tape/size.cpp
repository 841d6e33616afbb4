#include "tests/support.hpp"

#include <pthread.h>

#include <cmath>
#include <functional>

using namespace support;

BOOST_AUTO_TEST_SUITE(tape_size)

namespace
{

/// Runs f in a thread with a stack of so many bytes.
void with_stack(std::size_t bytes, const std::function<void()>& f)
{
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    BOOST_REQUIRE(pthread_attr_setstacksize(&attributes, bytes) == 0);
    pthread_t thread;
    const auto run = [](void* function) -> void*
    {
        (*static_cast<const std::function<void()>*>(function))();
        return nullptr;
    };
    BOOST_REQUIRE(pthread_create(&thread, &attributes, run, const_cast<std::function<void()>*>(&f)) == 0);
    pthread_join(thread, nullptr);
    pthread_attr_destroy(&attributes);
}

/// What a chain of sines of such a length takes.
struct cost
{
    std::size_t recorded, of_gradient, bytes;
    double value, derivative;
};

cost cost_of_chain(std::size_t length)
{
    cost result{};
    tape t;
    const variable x = t.variable(0.5);
    variable y = x;
    for (std::size_t i = 0; i < length; ++i)
    {
        y = sin(y);
    }
    result.recorded = t.size() - 1;
    result.value = y.item();
    const variable g = gradient(y, x);
    result.of_gradient = t.size() - 1 - result.recorded;
    result.derivative = g.item();
    result.bytes = t.memory();
    return result;
}

} // namespace

// 2^60 paths lead from y to x; each instruction is pulled once.
BOOST_AUTO_TEST_CASE(doublings_are_pulled_once_each)
{
    tape t;
    const variable x = t.variable(1.0);
    variable y = x;
    for (int i = 0; i < 60; ++i)
    {
        y = y + y;
    }
    BOOST_TEST(t.size() == 61u);
    const variable g = gradient(y, x);
    BOOST_TEST(g.item() == std::ldexp(1.0, 60));
    BOOST_TEST(t.size() <= 61u + 62u);
    const std::size_t before = t.size();
    BOOST_TEST(jvp(y, x, t.constant(1.0)).item() == std::ldexp(1.0, 60));
    BOOST_TEST(t.size() <= before + 62u);
}

BOOST_AUTO_TEST_CASE(squarings_are_pulled_once_each)
{
    tape t;
    const variable x = t.variable(1.0 + 1e-12);
    variable y = x;
    for (int i = 0; i < 30; ++i)
    {
        y = y * y;
    }
    const std::size_t recorded = t.size();
    const variable g = gradient(y, x);
    BOOST_TEST(g.item() == std::ldexp(1.0, 30) * y.item() / x.item(), tolerance(1e-6));
    BOOST_TEST(t.size() - recorded <= 3u * 30u + 2u);
}

// Nothing recurses: neither recording, differentiating nor destroying.
BOOST_AUTO_TEST_CASE(a_chain_of_a_million_operations_needs_little_stack)
{
    cost large{};
    bool done = false;
    with_stack(512 * 1024,
               [&]
               {
                   large = cost_of_chain(1000000);
                   done = true;
               });
    BOOST_TEST(done);
    BOOST_TEST(large.value > 0.0);
    // sin^n(0.5) approaches sqrt(3 / n).
    BOOST_TEST(large.value == std::sqrt(3e-6), tolerance(1e-2));
    BOOST_TEST(large.derivative > 0.0);
    BOOST_TEST(large.recorded == 1000000u);

    // Linear, in counts: ten times the length takes ten times the instructions.
    const cost small = cost_of_chain(100000);
    BOOST_TEST(small.recorded == 100000u);
    BOOST_TEST(large.of_gradient - 1 == 10 * (small.of_gradient - 1));
    BOOST_TEST(large.bytes < 25 * small.bytes); // containers double
    const auto per_operation =
        static_cast<double>(large.bytes) / static_cast<double>(large.recorded + large.of_gradient);
    BOOST_TEST_MESSAGE("memory per scalar operation: " << per_operation << " bytes");
    BOOST_TEST(per_operation < 500.0);
}

BOOST_AUTO_TEST_CASE(a_million_operations_forwards_and_backwards_without_the_stack)
{
    bool done = false;
    double tangent = 0, second = 0;
    with_stack(512 * 1024,
               [&]
               {
                   tape t;
                   const variable x = t.variable(1.0);
                   variable y = x;
                   for (int i = 0; i < 200000; ++i)
                   {
                       y = y + 0.5 * x * x;
                   }
                   tangent = jvp(y, x, t.constant(1.0)).item();
                   second = hessian_vector_product(y, x, t.constant(1.0)).item();
                   autograd::verify(t);
                   t.clear();
                   done = true;
               });
    BOOST_TEST(done);
    BOOST_TEST(tangent == 200001.0);
    BOOST_TEST(second == 200000.0);
}

BOOST_AUTO_TEST_CASE(wide_sums_of_many_operands)
{
    tape t;
    std::vector<variable> xs;
    for (int i = 0; i < 5000; ++i)
    {
        xs.push_back(t.variable(static_cast<double>(i)));
    }
    const variable y = sum(square(stack(xs)));
    const std::vector<variable> gs = gradient(y, xs);
    bool right = true;
    for (int i = 0; i < 5000; ++i)
    {
        right = right && gs[static_cast<std::size_t>(i)].item() == 2.0 * i;
    }
    BOOST_TEST(right);
}

BOOST_AUTO_TEST_SUITE_END()
