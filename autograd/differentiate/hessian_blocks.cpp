#include "autograd/differentiate/hessian_blocks.hpp"

#include "autograd/operations/joining.hpp"
#include "autograd/operations/shaping.hpp"

#include <algorithm>
#include <utility>

namespace autograd
{

namespace
{

constexpr auto caller = "hessian";

std::string listed(const std::vector<std::string>& names)
{
    std::string text;
    for (const std::string& name : names)
    {
        text += (text.empty() ? "" : ", ") + name;
    }
    return text;
}

std::size_t place_of(std::string_view name, const std::vector<std::string>& names)
{
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end())
    {
        throw error::value_error(caller, "no variable is called ", name, "; there are ", listed(names), ".");
    }
    return static_cast<std::size_t>(found - names.begin());
}

template <class T>
std::size_t place_of(variable<T> x, const std::vector<variable<T>>& variables)
{
    x.checked(caller);
    const auto found = std::find_if(variables.begin(), variables.end(), [&](variable<T> y) { return same(x, y); });
    if (found == variables.end())
    {
        throw error::value_error(caller, "the variable ", x.name(), x.name().empty() ? "" : " ",
                                 "is none of those that y was differentiated by.");
    }
    return static_cast<std::size_t>(found - variables.begin());
}

} // namespace

template <class T>
hessian_blocks<T>::hessian_blocks(std::vector<std::string> names, std::vector<variable<T>> variables,
                                  std::vector<variable<T>> blocks)
    : m_names(std::move(names)), m_variables(std::move(variables)), m_blocks(std::move(blocks))
{
}

template <class T>
variable<T> hessian_blocks<T>::operator()(std::size_t i, std::size_t j) const
{
    if (const std::size_t larger = std::max(i, j); larger >= size())
    {
        throw error::index_error(caller, "there is no variable ", larger, "; y was differentiated by ", size(),
                                 ", and they are numbered from 0.");
    }
    return m_blocks[i * size() + j];
}

template <class T>
variable<T> hessian_blocks<T>::operator()(std::string_view i, std::string_view j) const
{
    return (*this)(place_of(i, m_names), place_of(j, m_names));
}

template <class T>
variable<T> hessian_blocks<T>::operator()(variable<T> i, variable<T> j) const
{
    return (*this)(place_of(i, m_variables), place_of(j, m_variables));
}

template <class T>
variable<T> hessian_blocks<T>::matrix(location where) const
{
    std::vector<variable<T>> rows;
    for (std::size_t i = 0; i < size(); ++i)
    {
        std::vector<variable<T>> row;
        for (std::size_t j = 0; j < size(); ++j)
        {
            const std::size_t extents[] = {m_variables[i].size(), m_variables[j].size()};
            row.push_back(reshape((*this)(i, j), shape_vector(shape_view(extents, 2)), where));
        }
        rows.push_back(concatenate(row, 1, where));
    }
    return concatenate(rows, 0, where);
}

template class hessian_blocks<float>;
template class hessian_blocks<double>;

} // namespace autograd
