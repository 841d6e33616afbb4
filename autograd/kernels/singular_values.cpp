#include "autograd/kernels/singular_values.hpp"

#include "autograd/kernels/lapack.hpp"
#include "autograd/kernels/scratch.hpp"
#include "autograd/kernels/unique_factors.hpp"

#include <algorithm>
#include <cmath>

namespace autograd::kernels
{

namespace
{

constexpr auto name = "svd";

/// The transpose as LAPACK sees it: what is a by rows is a^T by columns, so its left vectors are the rows of vt.
struct transposed_extents
{
    int m;
    int n;
    int count;

    explicit transposed_extents(const svd_extents& of)
        : m(lapack::extent(of.columns, name)), n(lapack::extent(of.rows, name)), count(std::min(m, n))
    {
    }
};

template <class T>
struct svd_scratch
{
    lapack::work_extents extents;
    T* a;
    T* work;
    int* integers;
    T* largest;
    T* signs;

    svd_scratch(const svd_extents& of, scratch_memory& memory)
        : extents(lapack::gesdd_work<T>(lapack::singular_vectors::reduced, transposed_extents(of).m,
                                        transposed_extents(of).n)),
          a(memory.take<T>(of.rows * of.columns)),
          work(memory.take<T>(static_cast<std::size_t>(extents.reals))),
          integers(memory.take<int>(static_cast<std::size_t>(extents.integers))),
          largest(memory.take<T>(of.count())),
          signs(memory.take<T>(of.count()))
    {
    }
};

/// The sign of the deciding component of each column of u.
template <class T>
void find_signs(const svd_extents& of, const T* u, T* largest, T* signs)
{
    const std::size_t count = of.count();
    std::fill_n(largest, count, T(0));
    for (std::size_t i = 0; i < of.rows; ++i)
    {
        for (std::size_t j = 0; j < count; ++j)
        {
            largest[j] = std::max(largest[j], std::abs(u[i * count + j]));
        }
    }
    for (std::size_t i = of.rows; i-- > 0;) // so the first of them has the last word
    {
        for (std::size_t j = 0; j < count; ++j)
        {
            const T x = u[i * count + j];
            signs[j] = std::abs(x) >= deciding_part<T> * largest[j] ? std::copysign(T(1), x) : signs[j];
        }
    }
}

template <class T>
void make_signs_unique(const svd_extents& of, T* block, const svd_scratch<T>& scratch)
{
    const std::size_t count = of.count();
    T* const u = of.u(block);
    T* const vt = of.vt(block);
    find_signs(of, u, scratch.largest, scratch.signs);
    for (std::size_t i = 0; i < of.rows; ++i)
    {
        for (std::size_t j = 0; j < count; ++j)
        {
            u[i * count + j] *= scratch.signs[j];
        }
    }
    for (std::size_t j = 0; j < count; ++j)
    {
        for (std::size_t i = 0; i < of.columns; ++i)
        {
            vt[j * of.columns + i] *= scratch.signs[j];
        }
    }
}

} // namespace

template <class T>
T rounding_level(const svd_extents& of, const T* block)
{
    return of.count() == 0 ? T(0) : rounding_of_factors<T>(of.larger()) * of.s(block)[0];
}

template <class T>
std::size_t rank_of(const svd_extents& of, const T* block, T relative)
{
    const T* const s = of.s(block);
    std::size_t rank = 0;
    while (rank < of.count() && s[rank] > relative * s[0])
    {
        ++rank;
    }
    return rank;
}

template <class T>
std::size_t scratch_of_svd(const svd_extents& of)
{
    scratch_memory counted;
    svd_scratch<T>(of, counted);
    return counted.bytes();
}

template <class T>
int svd(const svd_extents& of, const T* a, T* block, void* scratch)
{
    if (of.count() == 0)
    {
        return 0;
    }
    const transposed_extents seen(of);
    scratch_memory memory(scratch);
    const svd_scratch<T> used(of, memory);
    std::copy_n(a, of.rows * of.columns, used.a);
    const int status =
        lapack::gesdd(lapack::singular_vectors::reduced, seen.m, seen.n, used.a, seen.m, of.s(block), of.vt(block),
                      seen.m, of.u(block), seen.count, used.work, used.integers, used.extents);
    if (status == 0)
    {
        make_signs_unique(of, block, used);
    }
    return status;
}

template <class T>
void singular_vectors(const svd_extents& of, const T* block, std::size_t first, std::size_t triplets, const T* wanted,
                      T* rows)
{
    const std::size_t width = of.rows + of.columns;
    const std::size_t count = of.count();
    constexpr std::size_t tile = 16; // of columns of u, which are written to as many rows
    for (std::size_t from = 0; from < triplets; from += tile)
    {
        const std::size_t end = std::min(triplets, from + tile);
        for (std::size_t i = 0; i < of.rows; ++i)
        {
            for (std::size_t j = from; j < end; ++j)
            {
                rows[j * width + i] = of.u(block)[i * count + first + j];
            }
        }
    }
    for (std::size_t j = 0; j < triplets; ++j)
    {
        std::copy_n(of.vt(block) + (first + j) * of.columns, of.columns, rows + j * width + of.rows);
        if (wanted[j] == 0)
        {
            std::fill_n(rows + j * width, width, T(0));
        }
    }
}

template <class T>
bool find_close_pair(const svd_extents& of, const T* block, std::size_t first, std::size_t triplets, const T* wanted,
                     singular_pair& pair)
{
    const T* const s = of.s(block);
    const T rounding = rounding_level(of, block);
    for (std::size_t j = first; j < first + triplets; ++j)
    {
        if (wanted[j - first] == 0)
        {
            continue;
        }
        // They descend, so the nearest ones are beside it. Comparisons that NaN does not pass.
        if (j > 0 && !(s[j - 1] - s[j] > rounding))
        {
            pair = {j - 1, j};
            return true;
        }
        if (j + 1 < of.count() && !(s[j] - s[j + 1] > rounding))
        {
            pair = {j, j + 1};
            return true;
        }
        if (!(s[j] > rounding))
        {
            pair = {j, of.count()};
            return true;
        }
    }
    return false;
}

namespace
{

template <class T>
struct resolvent_scratch
{
    T* left;  ///< coefficients of left vectors, (triplets, count)
    T* right; ///< of right ones

    resolvent_scratch(const svd_extents& of, std::size_t triplets, scratch_memory& memory)
        : left(memory.take<T>(triplets * of.count())), right(memory.take<T>(triplets * of.count()))
    {
    }
};

/// The coefficients of one row of y out of those of the row of x, for triplet j. The vectors (u_i, v_i) and (u_i, -v_i)
/// belong to s_i and -s_i; all that is orthogonal to them to 0, which is what `rest` is for.
template <class T>
void resolve_coefficients(const svd_extents& of, const T* s, std::size_t j, T* left, T* right)
{
    const T left_rest = of.rows > of.count() ? 1 / s[j] : T(0);
    const T right_rest = of.columns > of.count() ? 1 / s[j] : T(0);
    for (std::size_t i = 0; i < of.count(); ++i)
    {
        const T alike = i == j ? T(0) : (left[i] + right[i]) / 2 / (s[j] - s[i]);
        const T opposite = (left[i] - right[i]) / 2 / (s[j] + s[i]);
        left[i] = alike + opposite - left[i] * left_rest;
        right[i] = alike - opposite - right[i] * right_rest;
    }
}

/// y = x / s_j where there are vectors beyond the count, else 0: one side of a row, to which the products are added.
template <class T>
void divide_rest(bool has_rest, const T* x, std::size_t extent, T s, T* y)
{
    for (std::size_t i = 0; i < extent; ++i)
    {
        y[i] = has_rest ? x[i] / s : T(0);
    }
}

} // namespace

template <class T>
std::size_t scratch_of_resolvents(const svd_extents& of, std::size_t triplets)
{
    scratch_memory counted;
    resolvent_scratch<T>(of, triplets, counted);
    return counted.bytes();
}

template <class T>
void resolvents(const svd_extents& of, const T* block, std::size_t first, std::size_t triplets, const T* wanted,
                const T* x, T* y, void* scratch)
{
    using lapack::form;
    if (of.count() == 0 || triplets == 0)
    {
        return;
    }
    scratch_memory memory(scratch);
    const resolvent_scratch<T> c(of, triplets, memory);
    const int m = lapack::extent(of.rows, name);
    const int n = lapack::extent(of.columns, name);
    const int count = lapack::extent(of.count(), name);
    const int many = lapack::extent(triplets, name);
    const int width = lapack::extent(of.rows + of.columns, name);
    const T* const u = of.u(block);
    const T* const s = of.s(block);
    const T* const vt = of.vt(block);
    lapack::gemm(form::as_stored, form::as_stored, many, count, m, T(1), x, width, u, count, T(0), c.left, count);
    lapack::gemm(form::as_stored, form::transposed, many, count, n, T(1), x + of.rows, width, vt, n, T(0), c.right,
                 count);
    for (std::size_t j = 0; j < triplets; ++j)
    {
        T* const left = c.left + j * of.count();
        T* const right = c.right + j * of.count();
        const std::size_t row = j * (of.rows + of.columns);
        if (wanted[j] == 0)
        {
            std::fill_n(left, of.count(), T(0));
            std::fill_n(right, of.count(), T(0));
            std::fill_n(y + row, of.rows + of.columns, T(0));
            continue;
        }
        resolve_coefficients(of, s, first + j, left, right);
        divide_rest(of.rows > of.count(), x + row, of.rows, s[first + j], y + row);
        divide_rest(of.columns > of.count(), x + row + of.rows, of.columns, s[first + j], y + row + of.rows);
    }
    lapack::gemm(form::as_stored, form::transposed, many, m, count, T(1), c.left, count, u, count, T(1), y, width);
    lapack::gemm(form::as_stored, form::as_stored, many, n, count, T(1), c.right, count, vt, n, T(1), y + of.rows,
                 width);
}

#define AUTOGRAD_INSTANTIATE(T)                                                                                        \
    template T rounding_level(const svd_extents&, const T*);                                                           \
    template std::size_t rank_of(const svd_extents&, const T*, T);                                                     \
    template std::size_t scratch_of_svd<T>(const svd_extents&);                                                        \
    template int svd(const svd_extents&, const T*, T*, void*);                                                         \
    template void singular_vectors(const svd_extents&, const T*, std::size_t, std::size_t, const T*, T*);              \
    template bool find_close_pair(const svd_extents&, const T*, std::size_t, std::size_t, const T*, singular_pair&);   \
    template std::size_t scratch_of_resolvents<T>(const svd_extents&, std::size_t);                                    \
    template void resolvents(const svd_extents&, const T*, std::size_t, std::size_t, const T*, const T*, T*, void*);
AUTOGRAD_INSTANTIATE(float)
AUTOGRAD_INSTANTIATE(double)
#undef AUTOGRAD_INSTANTIATE

} // namespace autograd::kernels
