#pragma once

#include <cstddef>

/// LAPACK and the parts of BLAS that linear algebra is made of, in their own terms, for float and double: the only
/// place that calls them for anything but products of whole matrices (kernels/matmul.hpp).
///
/// LAPACK's routines read matrices by columns: what is row-major here is the transpose to them, and the lower triangle
/// of the one is the upper one of the other. BLAS is called for matrices by rows; `stride` counts elements from one row
/// to the next.
///
/// Every status is read. One that tells of a wrong argument cannot occur. The others are returned: but they are not to
/// be believed, since OpenBLAS's potrf reports success for NaN on the diagonal, and getrf's pivots are anybody's where
/// there is one; callers look at the values.
namespace autograd::kernels::lapack
{

/// An extent as LAPACK counts it. Throws shape_error, in the operation's name, for more than that.
int extent(std::size_t n, const char* operation);

enum class side
{
    left,
    right
};
enum class triangle
{
    lower,
    upper
};
enum class form
{
    as_stored,
    transposed
};
enum class diagonal
{
    as_stored,
    ones ///< not read
};

/// \name BLAS, of matrices by rows
/// \{

/// c = alpha op(a) op(b) + beta c, op(a) of m rows and k columns.
template <class T>
void gemm(form a_form, form b_form, int m, int n, int k, T alpha, const T* a, int a_stride, const T* b, int b_stride,
          T beta, T* c, int c_stride);

/// That triangle of c = alpha a a^T + beta c, or with a^T a where a is transposed: n rows and columns.
template <class T>
void syrk(triangle written, form a_form, int n, int k, T alpha, const T* a, int a_stride, T beta, T* c, int c_stride);

/// b = alpha op(a) b, or b = alpha b op(a), a a triangle; b has m rows and n columns.
template <class T>
void trmm(side of_a, triangle read, form a_form, diagonal on, int m, int n, T alpha, const T* a, int a_stride, T* b,
          int b_stride);

/// b = alpha op(a)^-1 b, or b = alpha b op(a)^-1. It multiplies by reciprocals of the diagonal: not for results that
/// somebody sees.
template <class T>
void trsm(side of_a, triangle read, form a_form, diagonal on, int m, int n, T alpha, const T* a, int a_stride, T* b,
          int b_stride);
/// \}

/// \name LAPACK, of matrices by columns, `stride` elements from one column to the next
/// \{

/// a = P L U with pivots counted from 1. Returns the number of the first column whose pivot is 0, or 0.
template <class T>
int getrf(int m, int n, T* a, int stride, int* pivots);

/// That triangle of a becomes its Cholesky factor. Returns the order of the first minor that is not positive, or 0.
template <class T>
int potrf(triangle read, int n, T* a, int stride);

/// How many elements of work, and how many integers, syevd wants.
struct work_extents
{
    int reals;
    int integers;
};
template <class T>
work_extents syevd_work(bool vectors, int n);
/// Eigenvalues in ascending order; a becomes the eigenvectors, or is spoilt. Returns 0 unless it did not converge.
template <class T>
int syevd(bool vectors, triangle read, int n, T* a, int stride, T* values, T* work, int* integers, work_extents given);

/// What of the singular vectors is computed: none, those of the smaller extent, all of both sides.
enum class singular_vectors : char
{
    none = 'N',
    reduced = 'S',
    all = 'A'
};
template <class T>
work_extents gesdd_work(singular_vectors wanted, int m, int n);
/// Singular values in descending order; a is spoilt. Returns 0 unless it did not converge.
template <class T>
int gesdd(singular_vectors wanted, int m, int n, T* a, int a_stride, T* values, T* u, int u_stride, T* vt,
          int vt_stride, T* work, int* integers, work_extents given);

/// a = Q R: R in the upper triangle, below it and in `factors` what orgqr makes Q of.
template <class T>
int geqrf_work(int m, int n);
template <class T>
void geqrf(int m, int n, T* a, int stride, T* factors, T* work, int given);
/// The first n columns of Q, out of the first k reflectors of geqrf.
template <class T>
int orgqr_work(int m, int n, int k);
template <class T>
void orgqr(int m, int n, int k, T* a, int stride, const T* factors, T* work, int given);
/// \}

} // namespace autograd::kernels::lapack
