#pragma once

#include "autograd/kernels/per_set/fold.hpp"

namespace autograd::kernels
{

inline namespace AUTOGRAD_KERNELS_INSTRUCTION_SET
{

/// Adds a row to each row of c, which was written just now: rows of less than a pack one number after the other, since
/// packs that reach over several stores wait for them.
template <class T>
void add_row(std::size_t rows, std::size_t columns, const T* row, T* c)
{
    for (std::size_t i = 0; i < rows; ++i, c += columns)
    {
        if (columns >= pack<T>::size)
        {
            for_each_pack<T>(columns, [=](auto part, std::size_t j)
                             { part.store(part.load(c + j) + part.load(row + j), c + j); });
            continue;
        }
        for (std::size_t j = 0; j < columns; ++j)
        {
            c[j] += row[j];
        }
    }
}

} // namespace AUTOGRAD_KERNELS_INSTRUCTION_SET

} // namespace autograd::kernels
