#pragma once

#include <cstddef>

namespace autograd::kernels
{

/// The extents of one product: op(a) is rows x inner, op(b) is inner x columns; op transposes where the flag says so.
struct product
{
    std::size_t rows;
    std::size_t columns;
    std::size_t inner;
    bool transpose_a;
    bool transpose_b;
};

/// c = op(a) op(b), all dense and row-major as stored. Small products run in loops of our own, others in BLAS. Throws
/// shape_error for extents that BLAS cannot count.
template <class T>
void matmul(const product& of, const T* a, const T* b, T* c);

} // namespace autograd::kernels
