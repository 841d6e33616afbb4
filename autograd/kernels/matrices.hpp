#pragma once

#include "autograd/kernels/copy.hpp"
#include "autograd/kernels/dispatch.hpp"
#include "autograd/kernels/scratch.hpp"
#include "autograd/kernels/walk.hpp"
#include "autograd/parallel/ranges.hpp"

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

/// f(k) for each matrix k of a batch. Several threads call it, of which each call is worth so many elements, but for
/// few large ones.
template <class F>
void for_each_in_batch(std::size_t count, std::size_t elements_of_each, const F& f)
{
    parallel::for_each_range_of_items(count, elements_of_each, 1,
                                      [&](std::size_t first, std::size_t last)
                                      {
                                          for (std::size_t k = first; k < last; ++k)
                                          {
                                              f(k);
                                          }
                                      });
}

/// Calls f(k, x, y...) for each k of [first, last) of a batch, in order, with the matrices of operands of that batch.
template <class F, class... Matrices>
void for_each_matrix_of_range(shape_view batch, std::size_t first, std::size_t last, const F& f,
                              const Matrices&... operands)
{
    if (first == last)
    {
        return;
    }
    std::ptrdiff_t strides[sizeof...(operands)][max_dimension];
    [&]<std::size_t... I>(std::index_sequence<I...>)
    {
        const array_view batches[] = {operands.batch(strides[I])...};
        std::size_t k = first;
        walk(batch, batches)
            .for_each_block(0, first, last,
                            [&](const std::ptrdiff_t* offsets) { f(k++, (operands.data() + offsets[I])...); });
    }
    (std::index_sequence_for<Matrices...>());
}

/// The same for all k of a batch. Several threads call f, of which each call is worth so many elements, but for few
/// large ones.
template <class F, class... Matrices>
void for_each_matrix(shape_view batch, std::size_t elements_of_each, const F& f, const Matrices&... operands)
{
    if (batch.empty())
    {
        f(std::size_t{0}, operands.data()...);
        return;
    }
    parallel::for_each_range_of_items(element_count(batch), elements_of_each, 1,
                                      [&](std::size_t first, std::size_t last)
                                      { for_each_matrix_of_range(batch, first, last, f, operands...); });
}

} // namespace autograd::kernels
