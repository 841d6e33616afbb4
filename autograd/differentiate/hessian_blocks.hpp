#pragma once

#include "autograd/tape/tape.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace autograd
{

/// All second derivatives of a scalar y by several variables x_0, x_1, ..., in blocks d2y / dx_i dx_j. What hessian
/// gives for several inputs, or for a structure.
///
///     const auto h = hessian(loss, model);
///     h("hidden.weight", "hidden.bias")   by the names of the members,
///     h(0, 1)                             by numbers, in the order of the variables,
///     h(model.hidden.weight, model.hidden.bias)   or by the variables themselves
template <class T>
class hessian_blocks
{
public:
    /// `blocks`, by rows, of as many variables as there are names.
    hessian_blocks(std::vector<std::string> names, std::vector<variable<T>> variables, std::vector<variable<T>> blocks);

    /// d2y / dx_i dx_j. Shape: that of x_i, then that of x_j. Zero where y is linear in both. Throws index_error for a
    /// number beyond the last variable.
    variable<T> operator()(std::size_t i, std::size_t j) const;
    /// Throws value_error, with the names that there are, for another one.
    variable<T> operator()(std::string_view i, std::string_view j) const;
    /// Throws value_error for a variable by which y was not differentiated.
    variable<T> operator()(variable<T> i, variable<T> j) const;

    /// The number of variables.
    std::size_t size() const { return m_variables.size(); }
    /// Of a structure the full names of its members, of a list the numbers of its variables.
    const std::vector<std::string>& names() const { return m_names; }

    /// All blocks as one matrix: of n elements in all variables together, in their order, shape (n, n).
    variable<T> matrix(location where = location::current()) const;

private:
    std::vector<std::string> m_names;
    std::vector<variable<T>> m_variables;
    std::vector<variable<T>> m_blocks;
};

} // namespace autograd
