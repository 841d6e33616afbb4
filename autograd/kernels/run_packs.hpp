#pragma once

#include "autograd/kernels/pack.hpp"
#include "autograd/tape/operation.hpp"

#include <utility>

namespace autograd::kernels
{

inline namespace AUTOGRAD_KERNELS_INSTRUCTION_SET
{

/// Calls f(store, i, x...) for the packs of a run: x are the elements from i on of each operand, and store(values, to)
/// writes as many as there are of them. The last, incomplete pack goes through the same vector code, so that a result
/// does not depend on where in an array its element stands.
template <class T, std::size_t... K, class F>
void for_each_pack_of_run(const run_operand<T>* operands, std::size_t count, std::index_sequence<K...>, F f)
{
    constexpr std::size_t lanes = pack<T>::size;
    // A splat is spread over one pack beforehand and read again and again: data + step * i with a step of 0.
    alignas(64) T spread[sizeof...(K)][lanes];
    const T* data[sizeof...(K)];
    std::size_t step[sizeof...(K)];
    const auto prepare = [&](std::size_t k)
    {
        if (operands[k].splat)
        {
            pack<T>(*operands[k].data).store(spread[k]);
        }
        data[k] = operands[k].splat ? spread[k] : operands[k].data;
        step[k] = operands[k].splat ? 0 : 1;
    };
    (prepare(K), ...);

    std::size_t i = 0;
    for (; i + lanes <= count; i += lanes)
    {
        f([](pack<T> values, T* to) { values.store(to); }, i, pack<T>::load(data[K] + step[K] * i)...);
    }
    if (i < count)
    {
        const std::size_t rest = count - i;
        f([rest](pack<T> values, T* to) { values.store_partial(to, rest); }, i,
          (step[K] == 0 ? pack<T>::load(data[K]) : pack<T>::load_partial(data[K] + i, rest))...);
    }
}

} // namespace AUTOGRAD_KERNELS_INSTRUCTION_SET

} // namespace autograd::kernels
