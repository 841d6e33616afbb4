#pragma once

#include "autograd/tape/operation.hpp"

namespace autograd
{

/// The operations without operands: what enters a tape from outside. One static description each, for each T.
template <class T>
struct leaves
{
    static const operation<T> variable;
    static const operation<T> constant;
    static const operation<T> index;
    static const operation<T> full;        ///< one number in every element, stored once
    static const operation<T> placeholder; ///< a shape without values
    static const operation<T> index_placeholder;

    static bool is_placeholder(const operation<T>& op) { return &op == &placeholder || &op == &index_placeholder; }
};

extern template struct leaves<float>;
extern template struct leaves<double>;

} // namespace autograd
