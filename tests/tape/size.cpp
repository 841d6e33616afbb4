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

namespace
{

/// A chain of products of four numbers, and what a tape asked the system for while it was recorded and differentiated.
class chain_of_products
{
public:
    void record(std::size_t length)
    {
        m_w = m_tape.variable(array{0.999999, 1.0, 1.000001, 1.0});
        variable y = m_w;
        for (std::size_t i = 0; i < length; ++i)
        {
            y = y * m_w;
            look();
        }
        m_loss = sum(y);
    }
    array differentiate() { return gradient(m_loss, m_w).value(); }
    void clear() { m_tape.clear(); }

    std::size_t memory() const { return m_tape.memory(); }
    const tape& recorded() const { return m_tape; }
    std::size_t requests() const { return m_requests; }
    /// How often instructions were moved to another place, and how many of them at most.
    std::size_t moves() const { return m_moves; }
    std::size_t moved_at_most() const { return m_moved_at_most; }

private:
    void look()
    {
        m_requests += m_tape.memory() != m_held ? 1 : 0;
        m_held = m_tape.memory();
        const auto* const instructions = m_tape.instructions().data();
        if (m_instructions != instructions && m_instructions != nullptr)
        {
            ++m_moves;
            m_moved_at_most = m_tape.size() - 1;
        }
        m_instructions = instructions;
    }

    tape m_tape;
    variable m_w;
    variable m_loss;
    std::size_t m_held = 0;
    std::size_t m_requests = 0;
    const autograd::instruction<double>* m_instructions = nullptr;
    std::size_t m_moves = 0;
    std::size_t m_moved_at_most = 0;
};

} // namespace

BOOST_AUTO_TEST_CASE(a_long_chain_takes_few_bytes_and_few_requests)
{
    constexpr std::size_t length = 1'000'000;
    static_assert(sizeof(autograd::instruction<double>) == 32);
    chain_of_products chain;
    chain.record(length);
    BOOST_TEST(chain.recorded().memory_in_use() < 33 * length); // 32 of them are values
    BOOST_TEST(chain.memory() < 80 * length);
    BOOST_TEST(chain.requests() < 100u);
    BOOST_TEST(chain.moves() < 12u);
    BOOST_TEST(chain.moved_at_most() <= autograd::detail::large_page / sizeof(autograd::instruction<double>));

    const array first = chain.differentiate();
    const std::size_t held = chain.memory();
    BOOST_TEST(chain.recorded().size() < 4 * length + 10);
    BOOST_TEST(held < 300 * length);

    const std::size_t requests = chain.requests();
    chain.clear();
    chain.record(length);
    BOOST_TEST(list(chain.differentiate()) == list(first), per_element());
    BOOST_TEST(chain.requests() == requests + 1); // that it holds more than it did when the first one was recorded
    BOOST_TEST(chain.memory() == held);
}

// One round of a loop looks like the other: its lines, shapes and numbers are on the tape once.
BOOST_AUTO_TEST_CASE(rounds_of_a_loop_share_what_is_alike)
{
    const auto bytes_of = [](std::size_t rounds)
    {
        tape t;
        const variable a = t.variable(array{{0.5, 0.1}, {-0.2, 0.4}});
        const variable bias = t.variable(array{0.1, -0.2});
        variable x = t.constant(array{{1.0, 2.0}});
        const std::size_t before = t.memory_in_use();
        for (std::size_t i = 0; i < rounds; ++i)
        {
            const variable z = matmul(x, a) + bias;
            const variable h = 0.5 * tanh(z) + 1.0;
            x = h * sigmoid(z);
        }
        return t.memory_in_use() - before;
    };
    const std::size_t few = bytes_of(1000);               // short recordings do not look for what they can share
    const std::size_t of_values = 7 * 2 * sizeof(double); // two elements each; numbers and the bias have none
    BOOST_TEST(bytes_of(2000) - few <= 1000 * (of_values + 160));
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
    BOOST_TEST(per_operation < 100.0);
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
