#include "tests/support.hpp"

#include <bit>
#include <cstdint>

using namespace support;
using autograd::detail::arena;
using autograd::detail::large_page;

BOOST_AUTO_TEST_SUITE(tape_arena)

BOOST_AUTO_TEST_CASE(blocks_are_aligned)
{
    arena a;
    for (std::size_t bytes : {1u, 8u, 24u, 64u, 65u, 4096u, 3u, 100000u, 64u})
    {
        const auto address = std::bit_cast<std::uintptr_t>(a.allocate(bytes));
        BOOST_TEST(address % (bytes >= arena::alignment ? arena::alignment : arena::alignment / 4) == 0u);
    }
}

BOOST_AUTO_TEST_CASE(memory_taken_back_is_handed_out_again)
{
    arena a;
    a.allocate(100);
    const arena::position here = a.mark();
    std::vector<void*> first;
    for (std::size_t bytes = 64; bytes < 1000000; bytes *= 2)
    {
        first.push_back(a.allocate(bytes));
    }
    const std::size_t held = a.capacity();
    for (int round = 0; round < 3; ++round)
    {
        a.rewind(here);
        std::vector<void*> again;
        for (std::size_t bytes = 64; bytes < 1000000; bytes *= 2)
        {
            again.push_back(a.allocate(bytes));
        }
        BOOST_TEST(again == first, per_element());
        BOOST_TEST(a.capacity() == held);
    }
}

BOOST_AUTO_TEST_CASE(what_is_used_is_told)
{
    arena a;
    BOOST_TEST(a.used() == 0u);
    a.allocate(64);
    BOOST_TEST(a.used() == 64u);
    const arena::position here = a.mark();
    const std::size_t first_chunk = a.capacity();
    a.allocate(first_chunk); // what is left of the first one is passed over
    BOOST_TEST(a.used() == 2 * first_chunk);
    a.rewind(here);
    BOOST_TEST(a.used() == 64u);

    tape t;
    const variable x = t.variable(array(xt::zeros<double>({1000})));
    const std::size_t of_x = t.memory_in_use();
    BOOST_TEST(of_x >= 8000u);
    BOOST_TEST(of_x < 8200u);
    const tape::position start = t.mark();
    static_cast<void>(exp(x));
    BOOST_TEST(t.memory_in_use() >= of_x + 8000);
    BOOST_TEST(t.memory_in_use() <= t.memory());
    t.rewind(start);
    BOOST_TEST(t.memory_in_use() == of_x);
    t.clear();
    BOOST_TEST(t.memory_in_use() == 0u);
}

BOOST_AUTO_TEST_CASE(blocks_do_not_overlap)
{
    arena a;
    std::vector<std::pair<unsigned char*, std::size_t>> blocks;
    for (int round = 0; round < 2; ++round)
    {
        a.rewind({});
        blocks.clear();
        for (std::size_t i = 0; i < 300; ++i)
        {
            const std::size_t bytes = 1 + i * 37 % 5000;
            auto* block = static_cast<unsigned char*>(a.allocate(bytes));
            std::fill_n(block, bytes, static_cast<unsigned char>(i));
            blocks.emplace_back(block, bytes);
        }
        bool intact = true;
        for (std::size_t i = 0; i < blocks.size(); ++i)
        {
            const auto [block, bytes] = blocks[i];
            intact = intact && std::all_of(block, block + bytes,
                                           [&](unsigned char byte) { return byte == static_cast<unsigned char>(i); });
        }
        BOOST_TEST(intact);
    }
}

// So that the system can make them of large pages.
BOOST_AUTO_TEST_CASE(large_chunks_begin_where_large_pages_do)
{
    arena a;
    a.allocate(64);
    for (std::size_t bytes : {large_page, 2 * large_page, 5 * large_page + 1})
    {
        BOOST_TEST(std::bit_cast<std::uintptr_t>(a.allocate(bytes)) % large_page == 0u);
    }
}

// Of many small blocks little is left over, of large ones nothing that one of them would have fitted into.
BOOST_AUTO_TEST_CASE(chunks_grow_with_what_they_are_asked_for)
{
    arena a;
    for (int i = 0; i < 4'000'000; ++i)
    {
        a.allocate(32);
    }
    BOOST_TEST(a.capacity() < a.used() + a.used() / 12);
    arena of_large_blocks;
    for (int i = 0; i < 50; ++i)
    {
        of_large_blocks.allocate(large_page + large_page / 4);
        BOOST_TEST(of_large_blocks.capacity() < of_large_blocks.used() + 8 * (large_page + large_page / 4));
    }
}

BOOST_AUTO_TEST_CASE(nothing_is_held_before_it_is_asked_for)
{
    BOOST_TEST(arena().capacity() == 0u);
}

namespace
{

/// A step of gradient descent on a small network, on a cleared tape.
double step(tape& t, array& w1, array& w2)
{
    static const array data{{0.1, -0.4}, {0.7, 0.2}, {-0.3, 0.9}};
    static const array target = column({0.5, -0.2, 0.1});
    t.clear();
    const variable v1 = t.variable(w1).name("w1");
    const variable v2 = t.variable(w2).name("w2");
    const variable error = matmul(tanh(matmul(t.constant(data), v1)), v2) - t.constant(target);
    const variable loss = mean(error * error);
    const auto [g1, g2] = gradient(loss, {v1, v2});
    w1 -= 0.1 * g1.value();
    w2 -= 0.1 * g2.value();
    return loss.item();
}

} // namespace

BOOST_AUTO_TEST_CASE(training_needs_no_more_memory_after_the_first_step)
{
    array w1{{0.3, -0.2, 0.8}, {0.5, 0.1, -0.6}};
    array w2 = column({0.2, -0.7, 0.4});
    tape t;
    const double first_loss = step(t, w1, w2);
    step(t, w1, w2);
    const std::size_t held = t.memory();
    double last_loss = 0;
    bool flat = true;
    for (int i = 0; i < 100000; ++i)
    {
        last_loss = step(t, w1, w2);
        flat = flat && t.memory() == held;
    }
    BOOST_TEST(flat);
    BOOST_TEST(last_loss < 0.01 * first_loss);
}

BOOST_AUTO_TEST_CASE(rewinding_needs_no_more_memory_either)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0, 3.0});
    const auto here = t.mark();
    std::size_t held = 0;
    for (int i = 0; i < 1000; ++i)
    {
        t.rewind(here);
        const auto in_scope = t.scope("step");
        const variable y = sum(exp(broadcast(x, {50, 3})) * x).name("loss");
        BOOST_REQUIRE(gradient(y, x).value()(0) > 0);
        held = i == 1 ? t.memory() : held;
    }
    BOOST_TEST(t.memory() == held);
}

BOOST_AUTO_TEST_CASE(the_same_recording_gives_the_same_bits)
{
    array first[2], second[2];
    for (array* w : {first, second})
    {
        w[0] = array{{0.3, -0.2, 0.8}, {0.5, 0.1, -0.6}};
        w[1] = column({0.2, -0.7, 0.4});
        tape t;
        for (int i = 0; i < 500; ++i)
        {
            step(t, w[0], w[1]);
        }
    }
    BOOST_TEST(list(first[0]) == list(second[0]), per_element());
    BOOST_TEST(list(first[1]) == list(second[1]), per_element());
}

BOOST_AUTO_TEST_SUITE_END()
