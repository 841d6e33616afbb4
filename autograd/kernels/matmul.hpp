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

/// c = op(a) op(b), all dense and row-major as stored, and then `row`, if it is given, added to each row. Small, thin
/// and flat products run in loops of our own, others in BLAS, by one thread for each of the parts into which large ones
/// are divided. Which these are follows from the extents alone: the same bits at any number of threads. Throws
/// shape_error for extents that BLAS cannot count.
template <class T>
void matmul(const product& of, const T* a, const T* b, T* c, const T* row = nullptr);

/// How many elements (parallel/ranges.hpp) a product is worth, up to a number that is enough for any division.
std::size_t elements_worth(const product& of);

/// Whether add_matmul is for it: of matrices that are neither small nor thin, nor vectors.
bool is_added_in_place(const product& of);

/// c = c + factor op(a) op(b), of a factor that is finite and not 0: parts of the sums are multiplied by it, and gemm
/// does not look at what is multiplied by 0.
template <class T>
void add_matmul(const product& of, T factor, const T* a, const T* b, T* c);

/// Whether loops of our own are faster, which read and write dense matrices: of extents > 0.
bool is_small(const product& of);

/// A matrix by rows as stored, so many elements from one to the next.
template <class T>
struct matrix_view
{
    const T* data;
    std::size_t stride;
};

/// The same of matrices whose rows may lie apart, but for vectors, and of extents > 0.
template <class T>
void matmul(const product& of, matrix_view<T> a, matrix_view<T> b, T* c, std::size_t c_stride);

} // namespace autograd::kernels
