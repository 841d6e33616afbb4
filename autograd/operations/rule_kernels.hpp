#pragma once

#include "autograd/kernels/per_set/compiled.hpp"
#include "autograd/operations/pull.hpp"

/// The kernels of elementwise rules, for the instruction set that this translation unit is compiled for. The library's
/// build includes this once per family of operations and instruction set.
namespace autograd::kernels
{

inline namespace AUTOGRAD_KERNELS_INSTRUCTION_SET
{

/// That of a pull; none where it is recorded as one simpler operation (detail::record_pull).
template <class Rule, class T, std::size_t K>
constexpr run_function<T> run_of_pull()
{
    using namespace autograd::detail;
    if constexpr (pulls_operand<Rule, K>)
    {
        if constexpr (pull_of<Rule, K>::operations > 1)
        {
            return run<pull_kernel<Rule, K>, T, pull_of<Rule, K>::operand_count>;
        }
    }
    return nullptr;
}

template <class Rule, class T>
constexpr rule_kernels<Rule, T> kernels_of_rule()
{
    if constexpr (Rule::kind == rule_kind::elementwise)
    {
        constexpr std::size_t operands = autograd::detail::arity<Rule>;
        return [&]<std::size_t... K>(std::index_sequence<K...>)
        {
            return rule_kernels<Rule, T>{run<Rule, T, operands>, {run_of_pull<Rule, T, K>()...}};
        }
        (std::make_index_sequence<operands>());
    }
    else
    {
        return {};
    }
}

template <class Rule, class T>
struct compiled<rule_kernels<Rule, T>>
{
    static const rule_kernels<Rule, T> kernels;
};

template <class Rule, class T>
constinit const rule_kernels<Rule, T> compiled<rule_kernels<Rule, T>>::kernels = kernels_of_rule<Rule, T>();

} // namespace AUTOGRAD_KERNELS_INSTRUCTION_SET

} // namespace autograd::kernels
