#pragma once

#include "autograd/random/legacy_generator.hpp"

namespace nn
{

/// The numbers of the rows to train with and of those to test with.
struct split_rows
{
    autograd::array<std::int64_t> train;
    autograd::array<std::int64_t> test;
};

/// Parts 0, ..., count - 1 at random into two lists; the second has test_fraction of them, rounded up. Take the rows of
/// any number of arrays by them (take_rows). The same rows in the same order as scikit-learn's
/// train_test_split(..., test_size=test_fraction) drawing from `stream`.
///
/// Throws autograd::error::value_error unless 0 < test_fraction < 1 and a row is left to train with. The stream is then
/// where it was.
split_rows train_test_split(std::size_t count, double test_fraction, autograd::random::legacy_generator& stream);

} // namespace nn
