#pragma once

#include "examples/beyond/data_set.hpp"

#include <functional>

namespace beyond
{

/// What a training of pictures does unless its command line says otherwise.
struct classifier_options
{
    std::size_t epochs = 60;
    std::size_t hidden = 256; ///< in each of the two hidden layers
    std::size_t batch = 32;
    double rate = 1e-3;
    double dropout = 0.4;
    std::size_t patience = 10;
    std::int64_t seed = 0;
    std::size_t ranks = 0;                 ///< processes that train together; 0: this one alone
    std::filesystem::path data = {};       ///< empty: that of Debian's package
    std::filesystem::path checkpoint = {}; ///< empty: none
    std::filesystem::path figure = {};     ///< empty: none
};

/// What main() of a program does that learns to tell pictures apart: reads the command line, loads the data, trains,
/// and reports how well the pictures to test with are told. Returns the exit code.
int run_classifier(int argc, const char* const* argv, const std::string& program, const std::string& description,
                   const std::function<data_set(const std::filesystem::path&)>& load,
                   const classifier_options& unless_told);

} // namespace beyond
