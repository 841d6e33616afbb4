#include "autograd/kernels/spectral.hpp"

#include <algorithm>
#include <cmath>

namespace autograd::kernels
{

template <class T>
spectral_work<T>::spectral_work(std::size_t n, std::size_t directions, scratch_memory& scratch)
    : points(scratch.take<double>(n)),
      table(scratch.take<double>(divided_differences::table_size(n))),
      matrices(scratch.take<T>((directions + 1) * n * n))
{
}

namespace
{

using lapack::form;

/// c = op(a) op(b) of square matrices.
template <class T>
void multiply(form a_form, const T* a, form b_form, const T* b, std::size_t n, T* c)
{
    const int extent = static_cast<int>(n);
    lapack::gemm(a_form, b_form, extent, extent, extent, T(1), a, extent, b, extent, T(0), c, extent);
}

/// Makes the upper triangle the same as the lower one.
template <class T>
void mirror(T* a, std::size_t n)
{
    for (std::size_t i = 0; i < n; ++i)
    {
        for (std::size_t j = 0; j < i; ++j)
        {
            a[j * n + i] = a[i * n + j];
        }
    }
}

/// The symmetric part of a direction in the coordinates of the eigenvectors, V^T E V.
template <class T>
void rotate(const eigen_pairs<T>& a, const T* direction, T* rotated, T* work)
{
    const std::size_t n = a.n;
    for (std::size_t i = 0; i < n; ++i)
    {
        for (std::size_t j = 0; j < n; ++j)
        {
            rotated[i * n + j] = T(0.5) * (direction[i * n + j] + direction[j * n + i]);
        }
    }
    multiply(form::as_stored, rotated, form::transposed, a.vectors, n, work);
    multiply(form::as_stored, a.vectors, form::as_stored, work, n, rotated);
}

/// The sum over the orders of k directions of E_(i_0 i_1) F_(i_1 i_2) ..., along one path of k + 1 indices.
template <class T>
class product_along_path
{
public:
    product_along_path(const T* directions, std::size_t k, std::size_t n) : m_directions(directions), m_k(k), m_n(n) {}

    T operator()(const std::size_t* path, std::size_t step = 0, std::size_t used = 0) const
    {
        if (step == m_k)
        {
            return 1;
        }
        T sum = 0;
        for (std::size_t d = 0; d < m_k; ++d)
        {
            if (((used >> d) & 1) == 0)
            {
                const T element = m_directions[(d * m_n + path[step]) * m_n + path[step + 1]];
                sum += element * (*this)(path, step + 1, used | std::size_t{1} << d);
            }
        }
        return sum;
    }

private:
    const T* m_directions;
    std::size_t m_k;
    std::size_t m_n;
};

/// The next tuple of numbers below n in ascending order; false behind the last.
bool next_ascending(std::size_t* tuple, std::size_t size, std::size_t n)
{
    std::size_t place = size;
    while (place > 0 && tuple[place - 1] + 1 == n)
    {
        --place;
    }
    if (place > 0)
    {
        std::fill(tuple + place - 1, tuple + size, tuple[place - 1] + 1);
    }
    return place > 0;
}

/// T of the directions, in the coordinates of the eigenvectors. A divided difference belongs to all paths through its
/// points, in any order.
template <class T>
bool combine(const divided_differences& f, const T* rotated, std::size_t k, std::size_t n, T* result)
{
    const product_along_path<T> product(rotated, k, n);
    std::fill_n(result, n * n, T(0));
    bool is_finite = true;
    std::size_t ascending[most_directions + 1] = {};
    do
    {
        const T factor = static_cast<T>(f.of({ascending, k + 1}));
        is_finite = is_finite && std::isfinite(factor);
        std::size_t path[most_directions + 1];
        std::copy_n(ascending, k + 1, path);
        do
        {
            if (path[0] >= path[k])
            {
                result[path[0] * n + path[k]] += factor * product(path);
            }
        } while (std::next_permutation(path, path + k + 1));
    } while (next_ascending(ascending, k + 1, n));
    mirror(result, n);
    return is_finite;
}

/// V^T by rows, row i times f(l_i).
template <class T>
bool scale_rows(const eigen_pairs<T>& a, const divided_differences& f, T* result)
{
    bool is_finite = true;
    for (std::size_t i = 0; i < a.n; ++i)
    {
        const T factor = static_cast<T>(f.value(i));
        is_finite = is_finite && std::isfinite(factor);
        std::transform(a.vectors + i * a.n, a.vectors + (i + 1) * a.n, result + i * a.n,
                       [factor](T x) { return factor * x; });
    }
    return is_finite;
}

} // namespace

template <class T>
bool spectral_derivative(const eigen_pairs<T>& a, const divided_differences& f, std::span<const T* const> directions,
                         T* result, const spectral_work<T>& work)
{
    const std::size_t n = a.n;
    const std::size_t k = directions.size();
    T* const rotated = work.matrices;
    T* const last = work.matrices + k * n * n;
    bool is_finite = true;
    if (k == 0)
    {
        is_finite = scale_rows(a, f, rotated);
    }
    else
    {
        for (std::size_t d = 0; d < k; ++d)
        {
            rotate(a, directions[d], rotated + d * n * n, last);
        }
        is_finite = combine(f, rotated, k, n, last);
        multiply(form::as_stored, last, form::as_stored, a.vectors, n, rotated);
    }
    multiply(form::transposed, a.vectors, form::as_stored, rotated, n, result);
    mirror(result, n);
    return is_finite;
}

#define AUTOGRAD_INSTANTIATE(T)                                                                                        \
    template struct spectral_work<T>;                                                                                  \
    template bool spectral_derivative(const eigen_pairs<T>&, const divided_differences&, std::span<const T* const>,    \
                                      T*, const spectral_work<T>&);
AUTOGRAD_INSTANTIATE(float)
AUTOGRAD_INSTANTIATE(double)
#undef AUTOGRAD_INSTANTIATE

} // namespace autograd::kernels
