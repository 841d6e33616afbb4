// What the short examples have in common: numbers as gnuplot reads them.

#include "examples/beyond/short_program.hpp"
#include "autograd/tape/error.hpp"

#include <boost/test/unit_test.hpp>

namespace
{

using array = xt::xarray<double>;

std::string text_of(const std::vector<array>& columns)
{
    try
    {
        return beyond::data_block("$d", columns);
    }
    catch (const autograd::error::shape_error& e)
    {
        return e.what();
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(examples_short_program)

BOOST_AUTO_TEST_CASE(columns_stand_side_by_side)
{
    BOOST_TEST(text_of({{1, 2}, {0.5, 1e-7}}) == "$d << END\n1 0.5\n2 1e-07\nEND\n");
    BOOST_TEST(text_of({array{{1, 2}, {3, 4}, {5, 6}}, array{7, 8, 9}}) == "$d << END\n1 2 7\n3 4 8\n5 6 9\nEND\n");
    BOOST_TEST(text_of({array::from_shape({0})}) == "$d << END\nEND\n");
    BOOST_TEST(text_of({}) == "$d << END\nEND\n");
}

BOOST_AUTO_TEST_CASE(columns_of_other_lengths_are_refused)
{
    const std::string rule = "all must be vectors or matrices of one length.";
    BOOST_TEST(text_of({{1, 2}, {1, 2, 3}})
                   .starts_with("autograd: data_block: $d has columns of shapes (2) and (3); " + rule));
    BOOST_TEST(text_of({array(1.0)}).starts_with("autograd: data_block: $d has columns of shapes () and (); " + rule));
}

BOOST_AUTO_TEST_SUITE_END()
