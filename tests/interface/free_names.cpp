#include "autograd/autograd.hpp"
#include "autograd/define_operation.hpp"
#include "nn/nn.hpp"

#include <boost/test/unit_test.hpp>

// What a user who says `using namespace autograd` may call his own: names of helpers of the library, and of operations
// that are still to come. A name that were taken would be ambiguous here, and this would not compile.

using namespace autograd; // NOLINT

#define FREE(name)                                                                                                     \
    struct name                                                                                                        \
    {                                                                                                                  \
        int value = 0;                                                                                                 \
    };                                                                                                                 \
    static_assert(sizeof(name) > 0);

// Of autograd/linalg.hpp, which is not included here; of transforms and statistics, to come.
FREE(inverse)
FREE(inv)
FREE(pinv)
FREE(determinant)
FREE(slogdet)
FREE(qr)
FREE(svd)
FREE(eigh)
FREE(lstsq)
FREE(kron)
FREE(tensordot)
FREE(fft)
FREE(convolve)
FREE(median)
FREE(quantile)
FREE(interp)
FREE(scan)
FREE(vmap)

// Of helpers.
FREE(arena)
FREE(small_buffer)
FREE(names)
FREE(bounds)
FREE(edges)
FREE(obstacle)
FREE(needed_for)
FREE(differentiation)
FREE(pull)
FREE(push)
FREE(spread)
FREE(divided)
FREE(compare)
FREE(permutation)
FREE(reversed_axes)
FREE(reversal)
FREE(padding)
FREE(merged_axes)
FREE(axes_of)
FREE(elements_along)
FREE(only_axis)
FREE(sum_along)
FREE(first_shape)
FREE(count_of)
FREE(extents_of)
FREE(extent_sum)
FREE(signed_integer)
FREE(print_number)
FREE(print_axis)
FREE(print_axes)
FREE(along_axis)
FREE(axis_range)
FREE(slice_steps)
FREE(matmul_plan)
FREE(compose)
FREE(window)

BOOST_AUTO_TEST_SUITE(interface_free_names)

BOOST_AUTO_TEST_CASE(a_user_may_take_the_names_of_helpers)
{
    const inverse own{3};
    BOOST_TEST(own.value == 3);
    tape<double> t;
    BOOST_TEST(transpose(t.variable(xt::xarray<double>{{1.0, 2.0}})).shape(0) == 2u);
}

BOOST_AUTO_TEST_SUITE_END()
