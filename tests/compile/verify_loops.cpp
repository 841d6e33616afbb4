// A loop that goes through an array in another way than its shape tells is found: each stride, each kind of sum.

#include "support.hpp"

#include "autograd/compile/compiled.hpp"
#include "autograd/compile/verify_loops.hpp"

#include <fmt/format.h>

#include <map>

namespace
{

using namespace support;
using autograd::detail::compiled;
using autograd::detail::tile_strides;
using autograd::detail::tile_sum;

/// All pairs of points with the gradients: planes, rows that are repeated, and every kind of sum.
compiled<double> all_pairs(std::size_t tile)
{
    tape t;
    const variable x = t.variable(array(xt::ones<double>({3, 5, 1})));
    const variable y = t.variable(array(xt::ones<double>({3, 1, 300})));
    const variable z = t.variable(array(xt::ones<double>({5, 300})));
    const variable loss = sum(tanh(exp(-sum(square(x - y), 0)) * z));
    const auto slopes = gradient(loss, {x, y, z});
    const std::vector<autograd::handle<double>> inputs{x, y, z}, outputs{loss, slopes[0], slopes[1], slopes[2]};
    return {inputs, outputs, {.tile = tile}};
}

std::string fault(const compiled<double>& what)
{
    try
    {
        autograd::detail::verify_loops(what);
    }
    catch (const autograd::error::tape_error& e)
    {
        return e.what();
    }
    return "";
}

/// Each of them one more, where there is more than one element to go to.
void change_strides(const compiled<double>& what, tile_strides& strides, std::size_t planes, const std::string& of)
{
    std::size_t tile_strides::*const members[] = {&tile_strides::plane, &tile_strides::row, &tile_strides::element};
    for (const auto member : members)
    {
        if (member != &tile_strides::plane || planes > 1)
        {
            ++(strides.*member);
            BOOST_TEST(fault(what) != "", of);
            --(strides.*member);
        }
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(compile_verify_loops)

BOOST_AUTO_TEST_CASE(each_stride_and_each_kind_of_sum_is_that_of_the_shapes)
{
    std::map<tile_sum, std::size_t> sums;
    for (const std::size_t tile : {0U, 64U, 100U})
    {
        compiled<double> what = all_pairs(tile);
        BOOST_TEST(fault(what) == "");
        for (const autograd::detail::group& g : what.groups)
        {
            for (std::uint32_t s = g.first; s < g.end && g.is_tiled(); ++s)
            {
                auto& step = what.steps[s];
                const std::string of = fmt::format("tile {}, step {}", tile, s);
                for (std::uint32_t k = step.first_operand; k < step.first_operand + step.operand_count; ++k)
                {
                    if (what.operands[k].value != what.none)
                    {
                        change_strides(what, what.operands[k].strides, step.planes, of);
                    }
                }
                if (!what.is_in_registers[step.value])
                {
                    const std::size_t planes = step.sum == tile_sum::planes ? 1 : step.planes;
                    change_strides(what, what.results[step.number].strides, planes, of);
                }
                const tile_sum kind = step.sum;
                ++sums[kind];
                for (const tile_sum other : {tile_sum::planes, tile_sum::row, tile_sum::plane, tile_sum::columns})
                {
                    step.sum = other;
                    BOOST_TEST((fault(what) == "") == (other == kind || kind == tile_sum::nothing), of);
                    step.sum = kind;
                }
            }
        }
        BOOST_TEST(fault(what) == "");
    }
    BOOST_TEST(sums.size() == 5U); // every kind
}

BOOST_AUTO_TEST_SUITE_END()
