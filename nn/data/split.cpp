#include "nn/data/split.hpp"

#include "autograd/tape/error.hpp"

#include <algorithm>
#include <cmath>

namespace nn
{

split_rows train_test_split(std::size_t count, double test_fraction, autograd::random::legacy_generator& stream)
{
    if (!(test_fraction > 0 && test_fraction < 1))
    {
        throw autograd::error::value_error("train_test_split", "the fraction to test with is ", test_fraction,
                                           "; it must be between 0 and 1.");
    }
    const auto tested = static_cast<std::size_t>(std::ceil(test_fraction * static_cast<double>(count)));
    if (tested >= count)
    {
        throw autograd::error::value_error("train_test_split", "of ", count, " rows, ", tested,
                                           " would be to test with; one at least must be left to train with.");
    }
    const autograd::array<std::int64_t> order = stream.permutation(count);
    split_rows rows{autograd::array<std::int64_t>::from_shape({count - tested}),
                    autograd::array<std::int64_t>::from_shape({tested})};
    std::copy_n(order.data(), tested, rows.test.data());
    std::copy_n(order.data() + tested, count - tested, rows.train.data());
    return rows;
}

} // namespace nn
