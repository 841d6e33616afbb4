#pragma once

// Tensors and reverse mode; all of torch/torch.h takes half a minute to compile.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/grad_mode.h>
#include <torch/csrc/autograd/variable.h>
#include <torch/types.h>

#include <vector>

/// What the benchmarks of libtorch have in common.
namespace libtorch
{

using at::Tensor;

inline at::TensorOptions options()
{
    return at::TensorOptions().dtype(at::kDouble);
}

/// Operations of libtorch on the calling thread, as ours.
inline void use_one_thread()
{
    at::set_num_threads(1);
}

/// The gradients of a loss by some inputs; the graph stays, so that it can be asked for again.
inline std::vector<Tensor> gradient(const Tensor& loss, const std::vector<Tensor>& inputs, bool keep_graph)
{
    return torch::autograd::grad({loss}, inputs, {}, keep_graph);
}

} // namespace libtorch
