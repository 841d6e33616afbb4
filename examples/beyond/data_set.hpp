#pragma once

#include "autograd/tape/xtensor.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace beyond
{

/// Pictures as rows of numbers, and the class of each.
struct labelled_rows
{
    xt::xarray<float> inputs;        ///< shape (N, features), standardised
    xt::xarray<std::int64_t> labels; ///< shape (N,), from 0 to the number of classes - 1
};

/// Pictures to learn from; others, to see during training how well it goes; and others again, which nothing is chosen
/// by and which are looked at once, in the end.
struct data_set
{
    std::string title;
    std::vector<std::string> classes; ///< their names
    labelled_rows train;
    labelled_rows validation;
    labelled_rows test;
};

/// scikit-learn's 1797 handwritten digits of 8 x 8 pixels (E. Alpaydin, C. Kaynak, 1998): a fifth of them, chosen at
/// random, to test with. `file` is its digits.csv.gz; where it is empty, that of Debian's package.
/// Throws autograd::error::file_error if it is not there (with the package's name) or holds something else.
data_set load_digits(std::filesystem::path file = {});

/// Fashion-MNIST: 70000 pictures of clothes of 28 x 28 pixels (H. Xiao, K. Rasul, R. Vollgraf, 2017), 10000 of them to
/// test with. `folder` holds its four files; where it is empty, that of Debian's package. Throws as load_digits.
data_set load_fashion(std::filesystem::path folder = {});

} // namespace beyond
