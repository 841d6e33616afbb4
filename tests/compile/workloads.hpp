#pragma once

#include "autograd/autograd.hpp"

#include <string>
#include <vector>

/// What programs are made of: recordings as users and the benchmarks make them, each with its gradient. Pairs of
/// operations (autograd/compile/pairs.def) are counted over them.
namespace workloads
{

struct recording
{
    std::vector<autograd::handle<double>> inputs;
    std::vector<autograd::handle<double>> outputs;
};

struct workload
{
    std::string name;
    recording (*record)(autograd::tape<double>& on);
};

const std::vector<workload>& all();

} // namespace workloads
