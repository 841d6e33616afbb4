#pragma once

#include "autograd/compile/schedule.hpp"

namespace autograd
{

namespace detail
{

/// An entry of the table of rewrites: what is put in the place of what, and why that keeps values.
struct rewrite
{
    const char* name;
    const char* pattern;
    const char* replacement;
    const char* condition; ///< beside the pattern; "" where there is none
    const char* why;
    /// Whether sums or roundings are others than those that were recorded. The rest keeps all bits, of zeros and
    /// infinities, too; of a NaN that it is one.
    bool reassociates;
};

/// All of them, in the order in which they are tried.
std::span<const rewrite> table_of_rewrites();

struct applied_rewrite
{
    const rewrite* what;
    std::size_t times;
};

/// Makes less of a schedule: rewrites its values by the table, keeps one of equal ones, and drops those that nobody
/// needs. Inputs stay where they are, read or not, and so does whatever may refuse values. Returns what was applied, in
/// the order of the table. Linear in the number of values.
template <class T>
std::vector<applied_rewrite> simplify(schedule<T>& steps, bool reassociate);

} // namespace detail

} // namespace autograd
