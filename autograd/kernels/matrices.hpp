#pragma once

#include "autograd/kernels/copy.hpp"
#include "autograd/kernels/dispatch.hpp"
#include "autograd/kernels/scratch.hpp"
#include "autograd/kernels/walk.hpp"

#include <cstddef>
#include <utility>

/// Operands that are matrices in their last two axes, the axes before them a batch, as rules with `reads_broadcasts`
/// get them. For sources of the library.
namespace autograd::kernels
{

/// Whether the matrices of an operand are dense, whatever its batch is.
inline bool has_dense_matrices(const array_view& x)
{
    const std::size_t last = x.shape.size() - 1;
    return x.dense() || ((x.strides[last] == 1 || x.shape[last] == 1) &&
                         (x.strides[last - 1] == static_cast<std::ptrdiff_t>(x.shape[last]) || x.shape[last - 1] == 1));
}

/// Where an operand is copied to, if its matrices are not dense.
template <class T>
T* room_for_copy(const array_view& x, scratch_memory& scratch)
{
    return scratch.take<T>(has_dense_matrices(x) ? 0 : x.size);
}

/// An operand whose matrices are dense, copied where they were not.
template <class T>
class matrices
{
public:
    matrices(const array_view& x, scratch_memory& scratch) : m_view(x)
    {
        if (!has_dense_matrices(x))
        {
            T* const copy = room_for_copy<T>(x, scratch);
            copies<T>->strided(x, copy);
            m_view = {copy, x.shape, x.size, nullptr};
        }
    }

    const T* data() const { return m_view.as<T>(); }

    /// The same array without its two last axes: one element stands for each matrix.
    array_view batch(std::ptrdiff_t* strides) const
    {
        const std::size_t axes = m_view.shape.size() - 2;
        std::ptrdiff_t dense = static_cast<std::ptrdiff_t>(m_view.shape[axes] * m_view.shape[axes + 1]);
        for (std::size_t axis = axes; axis-- > 0;)
        {
            strides[axis] = m_view.dense() ? dense : m_view.strides[axis];
            dense *= static_cast<std::ptrdiff_t>(m_view.shape[axis]);
        }
        return {m_view.data, m_view.shape.slice(0, axes), 0, strides};
    }

private:
    array_view m_view;
};

/// Calls f(k, x, y...) for each k of a batch, in order, with the matrices of operands of that batch.
template <class F, class... Matrices>
void for_each_matrix(shape_view batch, const F& f, const Matrices&... operands)
{
    if (batch.empty())
    {
        f(std::size_t{0}, operands.data()...);
        return;
    }
    if (element_count(batch) == 0)
    {
        return;
    }
    std::ptrdiff_t strides[sizeof...(operands)][max_dimension];
    [&]<std::size_t... I>(std::index_sequence<I...>)
    {
        const array_view batches[] = {operands.batch(strides[I])...};
        std::size_t k = 0;
        walk(batch, batches)
            .for_each_block(0, [&](const std::ptrdiff_t* offsets) { f(k++, (operands.data() + offsets[I])...); });
    }
    (std::index_sequence_for<Matrices...>());
}

} // namespace autograd::kernels
