#include "autograd/kernels/lapack.hpp"

#include "autograd/kernels/one_blas_thread.hpp"
#include "autograd/tape/error.hpp"

#include <xtensor-blas/xblas.hpp>
#include <xtensor-blas/xlapack.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

namespace autograd::kernels::lapack
{

int extent(std::size_t n, const char* operation)
{
    constexpr std::size_t largest = std::numeric_limits<int>::max();
    if (n > largest)
    {
        throw error::shape_error(operation, "an extent of ", n, " is more than LAPACK counts; at most ", largest, ".");
    }
    return static_cast<int>(n);
}

namespace
{

int read_status(int status, const char* routine)
{
    if (status < 0)
    {
        throw std::logic_error("autograd: LAPACK's " + std::string(routine) + " refuses its argument " +
                               std::to_string(-status) + ".");
    }
    return status;
}

// LAPACK wants strides of at least 1, also of matrices without elements.
int positive(int stride)
{
    return std::max(stride, 1);
}

cxxblas::Transpose of(form f)
{
    return f == form::transposed ? cxxblas::Trans : cxxblas::NoTrans;
}
cxxblas::Side of(side s)
{
    return s == side::left ? cxxblas::Left : cxxblas::Right;
}
cxxblas::StorageUpLo of(triangle t)
{
    return t == triangle::lower ? cxxblas::Lower : cxxblas::Upper;
}
cxxblas::Diag of(diagonal d)
{
    return d == diagonal::ones ? cxxblas::Unit : cxxblas::NonUnit;
}
char letter(triangle t)
{
    return t == triangle::lower ? 'L' : 'U';
}
char letter(bool vectors)
{
    return vectors ? 'V' : 'N';
}

/// The extent of work that a routine wrote into its first element: rounded up, since a float does not count so far.
template <class T>
int counted(T work)
{
    return static_cast<int>(std::nextafter(work, std::numeric_limits<T>::max()));
}

} // namespace

template <class T>
void gemm(form a_form, form b_form, int m, int n, int k, T alpha, const T* a, int a_stride, const T* b, int b_stride,
          T beta, T* c, int c_stride)
{
    const one_blas_thread alone;
    cxxblas::gemm(cxxblas::RowMajor, of(a_form), of(b_form), m, n, k, alpha, a, positive(a_stride), b,
                  positive(b_stride), beta, c, positive(c_stride));
}

template <class T>
void syrk(triangle written, form a_form, int n, int k, T alpha, const T* a, int a_stride, T beta, T* c, int c_stride)
{
    const one_blas_thread alone;
    cxxblas::syrk(cxxblas::RowMajor, of(written), of(a_form), n, k, alpha, a, positive(a_stride), beta, c,
                  positive(c_stride));
}

template <class T>
void trmm(side of_a, triangle read, form a_form, diagonal on, int m, int n, T alpha, const T* a, int a_stride, T* b,
          int b_stride)
{
    const one_blas_thread alone;
    cxxblas::trmm(cxxblas::RowMajor, of(of_a), of(read), of(a_form), of(on), m, n, alpha, a, positive(a_stride), b,
                  positive(b_stride));
}

template <class T>
void trsm(side of_a, triangle read, form a_form, diagonal on, int m, int n, T alpha, const T* a, int a_stride, T* b,
          int b_stride)
{
    const one_blas_thread alone;
    cxxblas::trsm(cxxblas::RowMajor, of(of_a), of(read), of(a_form), of(on), m, n, alpha, a, positive(a_stride), b,
                  positive(b_stride));
}

template <class T>
int getrf(int m, int n, T* a, int stride, int* pivots)
{
    const one_blas_thread alone;
    return read_status(cxxlapack::getrf<int>(m, n, a, positive(stride), pivots), "getrf");
}

template <class T>
int potrf(triangle read, int n, T* a, int stride)
{
    const one_blas_thread alone;
    return read_status(cxxlapack::potrf<int>(letter(read), n, a, positive(stride)), "potrf");
}

template <class T>
work_extents syevd_work(bool vectors, int n)
{
    T reals = 0;
    int integers = 0;
    read_status(
        cxxlapack::syevd<int>(letter(vectors), 'L', n, nullptr, positive(n), nullptr, &reals, -1, &integers, -1),
        "syevd");
    return {counted(reals), integers};
}

template <class T>
int syevd(bool vectors, triangle read, int n, T* a, int stride, T* values, T* work, int* integers, work_extents given)
{
    const one_blas_thread alone;
    return read_status(cxxlapack::syevd<int>(letter(vectors), letter(read), n, a, positive(stride), values, work,
                                             given.reals, integers, given.integers),
                       "syevd");
}

template <class T>
work_extents gesdd_work(singular_vectors wanted, int m, int n)
{
    T reals = 0;
    int integers = 0;
    const int smaller = std::min(m, n);
    read_status(cxxlapack::gesdd<int>(static_cast<char>(wanted), m, n, nullptr, positive(m), nullptr, nullptr,
                                      positive(m), nullptr, positive(wanted == singular_vectors::all ? n : smaller),
                                      &reals, -1, &integers),
                "gesdd");
    return {counted(reals), 8 * smaller};
}

template <class T>
int gesdd(singular_vectors wanted, int m, int n, T* a, int a_stride, T* values, T* u, int u_stride, T* vt,
          int vt_stride, T* work, int* integers, work_extents given)
{
    const one_blas_thread alone;
    return read_status(cxxlapack::gesdd<int>(static_cast<char>(wanted), m, n, a, positive(a_stride), values, u,
                                             positive(u_stride), vt, positive(vt_stride), work, given.reals, integers),
                       "gesdd");
}

template <class T>
int geqrf_work(int m, int n)
{
    T reals = 0;
    read_status(cxxlapack::geqrf<int>(m, n, nullptr, positive(m), nullptr, &reals, -1), "geqrf");
    return counted(reals);
}

template <class T>
void geqrf(int m, int n, T* a, int stride, T* factors, T* work, int given)
{
    const one_blas_thread alone;
    read_status(cxxlapack::geqrf<int>(m, n, a, positive(stride), factors, work, given), "geqrf");
}

template <class T>
int orgqr_work(int m, int n, int k)
{
    T reals = 0;
    read_status(cxxlapack::orgqr<int>(m, n, k, nullptr, positive(m), nullptr, &reals, -1), "orgqr");
    return counted(reals);
}

template <class T>
void orgqr(int m, int n, int k, T* a, int stride, const T* factors, T* work, int given)
{
    const one_blas_thread alone;
    read_status(cxxlapack::orgqr<int>(m, n, k, a, positive(stride), factors, work, given), "orgqr");
}

#define AUTOGRAD_LAPACK(T)                                                                                             \
    template void gemm(form, form, int, int, int, T, const T*, int, const T*, int, T, T*, int);                        \
    template void syrk(triangle, form, int, int, T, const T*, int, T, T*, int);                                        \
    template void trmm(side, triangle, form, diagonal, int, int, T, const T*, int, T*, int);                           \
    template void trsm(side, triangle, form, diagonal, int, int, T, const T*, int, T*, int);                           \
    template int getrf(int, int, T*, int, int*);                                                                       \
    template int potrf(triangle, int, T*, int);                                                                        \
    template work_extents syevd_work<T>(bool, int);                                                                    \
    template int syevd(bool, triangle, int, T*, int, T*, T*, int*, work_extents);                                      \
    template work_extents gesdd_work<T>(singular_vectors, int, int);                                                   \
    template int gesdd(singular_vectors, int, int, T*, int, T*, T*, int, T*, int, T*, int*, work_extents);             \
    template int geqrf_work<T>(int, int);                                                                              \
    template void geqrf(int, int, T*, int, T*, T*, int);                                                               \
    template int orgqr_work<T>(int, int, int);                                                                         \
    template void orgqr(int, int, int, T*, int, const T*, T*, int);
AUTOGRAD_LAPACK(float)
AUTOGRAD_LAPACK(double)
#undef AUTOGRAD_LAPACK

} // namespace autograd::kernels::lapack
