#include "tests/support.hpp"

#include <numeric>

// Elementwise kernels on operands that are broadcast, beyond the lengths at which rows and tiles of them are taken
// together: against the same operation on dense copies, bit for bit.

using namespace support;

BOOST_AUTO_TEST_SUITE(kernels_elementwise)

namespace
{

array waves(const extents& shape, double phase)
{
    array result = array::from_shape(shape);
    for (std::size_t i = 0; i < result.size(); ++i)
    {
        result.data()[i] = std::sin(phase + 1.3 * static_cast<double>(i));
    }
    return result;
}

void compare_with_dense(const extents& a, const extents& b)
{
    tape t;
    const variable x = t.variable(waves(a, 0.2));
    const variable y = t.variable(waves(b, 0.7));
    const variable z = x * y + x;
    const array dense_x = autograd::broadcast(x, shape(z)).value();
    const array dense_y = autograd::broadcast(y, shape(z)).value();
    BOOST_TEST_CONTEXT(autograd::to_text(x.shape()) << " and " << autograd::to_text(y.shape()))
    {
        const variable expected = t.constant(dense_x) * t.constant(dense_y) + t.constant(dense_x);
        BOOST_TEST(list(z) == list(expected), per_element());
    }
}

} // namespace

BOOST_AUTO_TEST_CASE(operands_that_are_broadcast_give_the_same_bits_as_dense_ones)
{
    const std::pair<extents, extents> shapes[] = {
        {{400, 3}, {400, 1}},      {{400, 3}, {3}},          {{400, 1}, {1, 3}},       {{5, 200, 3}, {200, 1}},
        {{5, 200, 3}, {5, 1, 1}},  {{5, 200, 3}, {5, 1, 3}}, {{1, 200, 3}, {5, 1, 1}}, {{7, 130}, {7, 1}},
        {{7, 130}, {130}},         {{7, 1}, {130}},          {{3, 4, 65}, {4, 1}},     {{513, 1}, {1}},
        {{2, 3, 4, 5}, {3, 1, 5}}, {{1100, 1}, {1, 2}},      {{600, 63}, {600, 1}},    {{3, 64}, {3, 1}}};
    for (const auto& [a, b] : shapes)
    {
        compare_with_dense(a, b);
        compare_with_dense(b, a);
    }
}

BOOST_AUTO_TEST_SUITE_END()
