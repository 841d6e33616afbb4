#pragma once

#include "autograd/compile/compiled.hpp"
#include "autograd/kernels/chosen.hpp"
#include "autograd/operations/operations.hpp"
#include "autograd/operations/pull.hpp"

#include <optional>

/// Pairs of elementwise operations, the second of which reads what the first one makes, as one kernel each: that number
/// stays in a register. pairs.def lists those that are met most often.
namespace autograd
{

namespace detail
{

/// The kernel of a rule (K < 0), or of its pull of operand K.
template <class Rule, int K>
struct member_of_pair
{
    static constexpr std::size_t operands = pull_of<Rule, static_cast<std::size_t>(K)>::operand_count;

    static auto apply(auto... x) { return pull_kernel<Rule, static_cast<std::size_t>(K)>::apply(nullptr, x...); }
};
template <class Rule>
struct member_of_pair<Rule, -1>
{
    static constexpr std::size_t operands = arity<Rule>;

    static auto apply(auto... x) { return Rule::forward(x...); }
};

inline constexpr std::size_t number_of_pairs = 0
#define AUTOGRAD_PAIR(...) +1
#include "autograd/compile/pairs.def"
#undef AUTOGRAD_PAIR
    ;

/// Their operands are those of the first, those of the second but what the first makes, and the memory in which that is
/// kept, which is null where nobody else reads it. They have no attributes.
template <class T>
struct pair_kernels
{
    run_function<T> runs[number_of_pairs];
    /// Values and slopes, whose operands are that of both, and the memory of the value.
    run_function<T> tanh_and_slope;
    run_function<T> sigmoid_and_slope;
};
template <class T>
inline constexpr kernels::chosen<pair_kernels<T>> pairs;

/// The operation that computes the slope of another one, of the same operand, which has a kernel for both; or null.
template <class T>
const operation<T>* slope_of(const operation<T>* value);

/// The kernel of both; null for all others.
template <class T>
run_function<T> run_with_slope(const operation<T>* value);

/// Which operand of a step is what the one before it makes, if they might be a pair: element-wise operations without
/// attributes, of arrays of one size, of which the second reads the first once.
template <class T>
std::optional<std::size_t> position_in_pair(const schedule<T>& values, const step<T>& first, const step<T>& second);

/// The kernel of a pair; null where there is none.
template <class T>
run_function<T> run_of_pair(const operation<T>* first, const operation<T>* second, std::size_t position);

} // namespace detail

} // namespace autograd
