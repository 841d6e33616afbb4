#include "tests/support.hpp"

#include <cmath>
#include <cstring>
#include <limits>

using namespace support;
using autograd::location;

BOOST_AUTO_TEST_SUITE(tape_shared_parts)

namespace
{

const autograd::instruction_form* form_of(const variable& x)
{
    return x.checked("test").form;
}

/// Makes a recording so long that instructions look for what they can share.
void lengthen(tape& t)
{
    for (int i = 0; i < 5000; ++i)
    {
        static_cast<void>(t.constant(0.5));
    }
}

} // namespace

BOOST_AUTO_TEST_CASE(rounds_of_a_loop_have_the_forms_of_the_first)
{
    tape t;
    lengthen(t);
    const variable x = t.variable(array{{0.1, 0.2}, {0.3, 0.4}});
    variable y = x;
    std::vector<const autograd::instruction_form*> product, repeated;
    for (int round = 0; round < 3; ++round)
    {
        const variable row = broadcast(t.constant(array{1.0, 2.0}), {2, 2});
        repeated.push_back(form_of(row));
        y = sin(y);
        y = y * row;
        product.push_back(form_of(y));
    }
    BOOST_TEST(product[0] == product[1]);
    BOOST_TEST(product[0] == product[2]);
    BOOST_TEST(repeated[0] == repeated[1]);
    BOOST_TEST(repeated[0]->strides[0] == 0);
    BOOST_TEST(repeated[0]->strides[1] == 1);
    autograd::verify(t);
}

BOOST_AUTO_TEST_CASE(what_differs_in_anything_has_a_form_of_its_own)
{
    tape t;
    lengthen(t);
    const variable x = t.variable(array{1.0, 2.0});
    const variable at_41 = sin(x, location{"a.cpp", 41});
    const variable at_42 = sin(x, location{"a.cpp", 42});
    const variable in_b = sin(x, location{"b.cpp", 41});
    const variable of_others = sin(t.variable(array{1.0, 2.0, 3.0}), location{"a.cpp", 41});
    const variable again = sin(x, location{"a.cpp", 41});
    const auto scope = t.scope("inside");
    const variable inside = sin(x, location{"a.cpp", 41});
    BOOST_TEST(form_of(at_41) == form_of(again));
    for (const variable& other : {at_42, in_b, of_others, inside})
    {
        BOOST_TEST(form_of(at_41) != form_of(other));
    }
    BOOST_TEST(to_text(form_of(at_42)->line == 42 ? at_42.checked("test").where() : location{}) == "a.cpp:42");
    const variable g = gradient(sum(at_41), x);
    BOOST_TEST(g.checked("test").derivative() == 1);
    BOOST_TEST(form_of(g) != form_of(at_41));
    // A row and a column of one array, repeated to one shape by one line.
    const auto repeat = [&](const variable& of) { return broadcast(of, {2, 2}); };
    BOOST_TEST(form_of(repeat(x)) != form_of(repeat(reshape(x, {2, 1}))));
    BOOST_TEST(list(repeat(x)) == (reals{1, 2, 1, 2}), per_element());
    BOOST_TEST(list(repeat(reshape(x, {2, 1}))) == (reals{1, 1, 2, 2}), per_element());
}

BOOST_AUTO_TEST_CASE(numbers_of_the_same_bits_are_on_a_tape_once)
{
    const auto same_bits = [](double a, double b) { return std::memcmp(&a, &b, sizeof a) == 0; };
    tape t;
    lengthen(t);
    const double nan = std::numeric_limits<double>::quiet_NaN();
    for (const double number : {0.0, -0.0, 1.0, 0.1, nan, -nan, std::numeric_limits<double>::denorm_min()})
    {
        const variable a = t.full({}, number);
        const variable b = t.full({}, number);
        BOOST_TEST(a.data() == b.data());
        BOOST_TEST(same_bits(a.item(), number));
    }
}

BOOST_AUTO_TEST_CASE(what_is_shared_goes_with_a_rewind)
{
    tape t;
    lengthen(t);
    const variable x = t.variable(array{{1.0, 2.0}, {3.0, 4.0}});
    const auto start = t.mark();
    for (std::size_t round = 1; round < 50; ++round)
    {
        t.rewind(start);
        // The memory of the round before, with another shape and another number in it.
        const extents shape{2, round};
        const variable number = t.full(shape, static_cast<double>(round));
        variable y = matmul(x, number);
        for (int i = 0; i < 3; ++i)
        {
            y = y + t.full(shape, static_cast<double>(round));
        }
        BOOST_REQUIRE(y.shape() == shape);
        const double n = static_cast<double>(round);
        BOOST_REQUIRE(y.value()(0, round - 1) == 6 * n);
        BOOST_REQUIRE(y.value()(1, 0) == 10 * n);
        autograd::verify(t);
    }
}

// Shapes and numbers that never come again.
BOOST_AUTO_TEST_CASE(what_is_no_longer_used_does_not_pile_up)
{
    tape t;
    const variable kept = t.variable(array{1.0, 2.0});
    const auto start = t.mark();
    std::size_t extent = 10;
    const auto rounds = [&](int count)
    {
        for (int i = 0; i < 1000 * count; ++i)
        {
            if (i % 1000 == 0)
            {
                t.rewind(start);
            }
            ++extent;
            const variable x = t.full({extent, 0}, static_cast<double>(extent));
            BOOST_REQUIRE(x.shape() == (extents{extent, 0}));
            BOOST_REQUIRE(sum(x).item() == 0.0);
        }
        return t.memory();
    };
    const std::size_t held = rounds(20);
    BOOST_TEST(rounds(60) == held);
    BOOST_TEST(list(kept + kept) == (reals{2.0, 4.0}), per_element());
    autograd::verify(t);
}

BOOST_AUTO_TEST_CASE(a_cleared_tape_records_the_same_without_asking_for_memory)
{
    tape t;
    const auto record = [&]
    {
        t.clear();
        variable y = t.variable(array{0.5, 0.25});
        for (int line = 0; line < 30'000; ++line)
        {
            y = sin(y, location{"lines.cpp", line});
        }
        autograd::verify(t);
        return list(y);
    };
    const reals first = record();
    const std::size_t held = t.memory();
    for (int i = 0; i < 3; ++i)
    {
        BOOST_TEST(record() == first, per_element());
        BOOST_TEST(t.memory() == held);
    }
}

BOOST_AUTO_TEST_SUITE_END()
