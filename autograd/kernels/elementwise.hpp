#pragma once

#include "autograd/kernels/pack.hpp"
#include "autograd/kernels/run_packs.hpp"
#include "autograd/tape/operation.hpp"

#include <utility>

/// Elementwise operations over arrays of any strides. The walk over memory is written once (elementwise.cpp) and hands
/// out runs of at most a tile; only the loop over the packs of a run is compiled for each operation.
namespace autograd::kernels
{

/// Calls `run` for all of the evaluation's result. Operands are dense, or have strides of 0 along broadcast axes; no
/// broadcast is materialised beyond a tile, and no index is computed per element.
template <class T>
void for_each_run(const evaluation<T>& call, run_function<T> run);

inline namespace AUTOGRAD_KERNELS_INSTRUCTION_SET
{

/// The loop over the packs of a run. Each is read before it is written, so the result may be an operand.
template <class Rule, class T, std::size_t... K>
void run_packs(const run_operand<T>* operands, T* result, std::size_t count, [[maybe_unused]] const void* attributes,
               std::index_sequence<K...>)
{
    const auto forward = [&](auto... x) -> pack<T>
    {
        if constexpr (requires { typename Rule::pull; })
        {
            return Rule::apply(attributes, x...);
        }
        else if constexpr (requires { typename Rule::attributes; })
        {
            return Rule::forward(x..., *static_cast<const typename Rule::attributes*>(attributes));
        }
        else
        {
            return Rule::forward(x...);
        }
    };

    for_each_pack_of_run(operands, count, std::index_sequence<K...>(),
                         [&](auto store, std::size_t i, auto... x) { store(forward(x...), result + i); });
}

/// The same as a run_function: for a rule, or for a pull (operations/pull.hpp).
template <class Rule, class T, std::size_t Operands>
void run(const run_operand<T>* operands, T* result, std::size_t count, const void* attributes)
{
    run_packs<Rule, T>(operands, result, count, attributes, std::make_index_sequence<Operands>());
}

} // namespace AUTOGRAD_KERNELS_INSTRUCTION_SET

} // namespace autograd::kernels
