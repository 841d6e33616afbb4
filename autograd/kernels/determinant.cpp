#include "autograd/kernels/determinant.hpp"

#include "autograd/kernels/lu.hpp"
#include "autograd/tape/error.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace autograd::kernels
{

// -------------------------------------------------------------------------------------------------- scaled numbers

template <class T>
scaled_number<T>::scaled_number(T x)
{
    int exponent = 0;
    m_mantissa = std::frexp(x, &exponent);
    m_exponent = exponent;
}

template <class T>
scaled_number<T> scaled_number<T>::operator*(scaled_number other) const
{
    return scaled_number(m_mantissa * other.m_mantissa).shifted(m_exponent + other.m_exponent);
}

template <class T>
scaled_number<T> scaled_number<T>::shifted(std::int64_t shift) const
{
    scaled_number result = *this;
    result.m_exponent += shift;
    return result;
}

template <class T>
T scaled_number<T>::value() const
{
    return times_power_of_2(m_mantissa, m_exponent);
}

template <class T>
T times_power_of_2(T x, std::int64_t exponent)
{
    constexpr std::int64_t beyond = 1 << 14; // of every number's exponent
    return std::ldexp(x, static_cast<int>(std::clamp(exponent, -beyond, beyond)));
}

template <class T>
scaled_number<T> determinant(std::size_t n, const T* packed)
{
    scaled_number<T> result(static_cast<T>(sign_of_exchanges(n, packed)));
    for (std::size_t i = 0; i < n; ++i)
    {
        result = result * scaled_number<T>(packed[i * n + i]);
    }
    return result;
}

// ------------------------------------------------------------------------------------------------------- cofactors

namespace
{

/// The cofactors of 1 or 2 rows are elements.
template <class T>
void cofactors_of_few(std::size_t n, const T* a, T* result)
{
    if (n == 1)
    {
        result[0] = 1;
    }
    if (n == 2)
    {
        result[0] = a[3];
        result[1] = -a[2];
        result[2] = -a[1];
        result[3] = a[0];
    }
}

template <class T>
T frobenius_norm(const T* x, std::size_t count)
{
    return std::sqrt(std::inner_product(x, x + count, x, T(0)));
}

/// The exponent of the largest of so many numbers, which are so far apart; 0 where all are 0.
template <class T, class F>
std::int64_t largest_exponent(std::size_t count, const F& number)
{
    T largest = 0;
    for (std::size_t i = 0; i < count; ++i)
    {
        largest = std::max(largest, std::abs(number(i)));
    }
    return largest == 0 ? 0 : std::ilogb(largest);
}

} // namespace

template <class T>
cofactors<T>::cofactors(std::size_t n, scratch_memory& scratch, const char* operation) : m_n(n), m_operation(operation)
{
    const int extent = lapack::extent(n, operation);
    m_extents = n <= 2 ? lapack::work_extents{} : lapack::gesdd_work<T>(lapack::singular_vectors::all, extent, extent);
    const auto take = [&]<class E>(E*& array, std::size_t count) { array = scratch.take<E>(n <= 2 ? 0 : count); };
    for (T** const square : {&m_matrix, &m_product, &m_left, &m_right})
    {
        take(*square, n * n);
    }
    take(m_values, n);
    take(m_packed, packed_lu(n));
    take(m_work, static_cast<std::size_t>(m_extents.reals));
    take(m_integers, static_cast<std::size_t>(m_extents.integers));
    take(m_row_exponent, n);
    take(m_column_exponent, n);
    take(m_value_of, n);
    take(m_before, n + 1);
    take(m_behind, n + 1);
    m_lu_scratch = scratch;
    lu_factor_scratch(n, scratch);
}

template <class T>
void cofactors<T>::of(const T* a, const T* packed, T* result)
{
    if (m_n <= 2)
    {
        cofactors_of_few(m_n, a, result);
        return;
    }
    if (by_factorization(a, packed, result))
    {
        return;
    }
    decompose(a);
    const std::int64_t largest = m_before[m_n - 1].exponent(); // values are in descending order
    for (std::size_t i = 0; i < m_n; ++i)
    {
        const T others = (m_before[i] * m_behind[i + 1]).shifted(-largest).value();
        std::transform(m_right + i * m_n, m_right + (i + 1) * m_n, m_matrix + i * m_n,
                       [others](T each) { return others * each; });
    }
    const int n = static_cast<int>(m_n);
    lapack::gemm(lapack::form::as_stored, lapack::form::as_stored, n, n, n, static_cast<T>(m_sign), m_left, n, m_matrix,
                 n, T(0), result, n);
    unscale(largest, result);
}

/// det(a) a^-T, unless too many digits are lost in the inverse.
template <class T>
bool cofactors<T>::by_factorization(const T* a, const T* packed, T* result)
{
    const std::size_t size = m_n * m_n;
    for (std::size_t i = 0; i < m_n; ++i)
    {
        const T pivot = packed[i * m_n + i];
        if (pivot == 0 || !std::isfinite(pivot))
        {
            return false;
        }
    }
    std::fill_n(m_matrix, size, T(0));
    for (std::size_t i = 0; i < m_n; ++i)
    {
        m_matrix[i * m_n + i] = 1;
    }
    lu_solve(m_n, m_n, packed, false, m_matrix, m_operation);
    const T most = std::pow(std::numeric_limits<T>::epsilon(), T(-0.2)); // three digits of sixteen
    if (!(frobenius_norm(a, size) * frobenius_norm(m_matrix, size) <= most))
    {
        return false;
    }
    const scaled_number<T> factor = determinant(m_n, packed);
    for (std::size_t i = 0; i < m_n; ++i)
    {
        for (std::size_t j = 0; j < m_n; ++j)
        {
            result[i * m_n + j] = times_power_of_2(factor.mantissa() * m_matrix[j * m_n + i], factor.exponent());
        }
    }
    return true;
}

template <class T>
void cofactors<T>::slope(const T* a, const T* w, T* result)
{
    if (m_n <= 2)
    {
        cofactors_of_few(m_n, w, result);
        if (m_n == 1)
        {
            result[0] = 0;
        }
        return;
    }
    if (m_decomposed != a)
    {
        decompose(a);
        m_decomposed = a;
    }
    const std::int64_t scale_of_w = copy_scaled(w, result);
    const auto multiply =
        [n = static_cast<int>(m_n)](lapack::form x_form, const T* x, lapack::form y_form, const T* y, T* product)
    { lapack::gemm(x_form, y_form, n, n, n, T(1), x, n, y, n, T(0), product, n); };
    using enum lapack::form;
    multiply(transposed, m_left, as_stored, result, m_product);
    multiply(as_stored, m_product, transposed, m_right, m_matrix);
    const std::int64_t largest = m_before[m_n - 2].exponent();
    turn_by_pairs(largest);
    multiply(as_stored, m_left, as_stored, m_matrix, m_product);
    multiply(as_stored, m_product, as_stored, m_right, result);
    unscale(largest + scale_of_w, result);
}

/// From N to the sums over pairs, in units of 2^largest, with the sign of the vectors.
template <class T>
void cofactors<T>::turn_by_pairs(std::int64_t largest)
{
    T* const sums = m_values; // their products are known
    std::fill_n(sums, m_n, T(0));
    for (std::size_t i = 0; i < m_n; ++i)
    {
        scaled_number<T> others = m_before[i].shifted(-largest);
        for (std::size_t j = i + 1; j < m_n; ++j)
        {
            const T all_but_two = static_cast<T>(m_sign) * (others * m_behind[j + 1]).value();
            T& above = m_matrix[i * m_n + j];
            T& below = m_matrix[j * m_n + i];
            const T turned = -all_but_two * above;
            above = -all_but_two * below;
            below = turned;
            sums[i] += all_but_two * m_matrix[j * m_n + j];
            sums[j] += all_but_two * m_matrix[i * m_n + i];
            others = others * m_value_of[j];
        }
    }
    for (std::size_t i = 0; i < m_n; ++i)
    {
        m_matrix[i * m_n + i] = sums[i];
    }
}

template <class T>
void cofactors<T>::decompose(const T* a)
{
    scale(a);
    const int n = static_cast<int>(m_n);
    // By columns it is the transpose: what LAPACK calls u are the right vectors, by rows.
    const int status = lapack::gesdd(lapack::singular_vectors::all, n, n, m_matrix, n, m_values, m_right, n, m_left, n,
                                     m_work, m_integers, m_extents);
    if (status != 0)
    {
        throw error::value_error(m_operation, "the singular value decomposition of a matrix did not converge.");
    }
    m_sign = 1;
    for (const T* const vectors : {m_left, m_right})
    {
        lu_factor(m_n, vectors, m_packed, m_lu_scratch, m_operation);
        m_sign *= determinant(m_n, m_packed).mantissa() > 0 ? 1 : -1;
    }
    m_before[0] = m_behind[m_n] = T(1);
    for (std::size_t i = 0; i < m_n; ++i)
    {
        m_value_of[i] = scaled_number<T>(m_values[i]);
        m_before[i + 1] = m_before[i] * m_value_of[i];
    }
    for (std::size_t i = m_n; i-- > 0;)
    {
        m_behind[i] = m_behind[i + 1] * m_value_of[i];
    }
}

/// The matrix in m_matrix, each row divided by a power of 2 so that its largest element is 1 to 2, then each column.
template <class T>
void cofactors<T>::scale(const T* a)
{
    for (std::size_t i = 0; i < m_n; ++i)
    {
        m_row_exponent[i] = largest_exponent<T>(m_n, [&](std::size_t j) { return a[i * m_n + j]; });
        for (std::size_t j = 0; j < m_n; ++j)
        {
            m_matrix[i * m_n + j] = times_power_of_2(a[i * m_n + j], -m_row_exponent[i]);
        }
    }
    for (std::size_t j = 0; j < m_n; ++j)
    {
        m_column_exponent[j] = largest_exponent<T>(m_n, [&](std::size_t i) { return m_matrix[i * m_n + j]; });
        for (std::size_t i = 0; i < m_n; ++i)
        {
            m_matrix[i * m_n + j] = times_power_of_2(m_matrix[i * m_n + j], -m_column_exponent[j]);
        }
    }
}

/// w, scaled as the matrix, and by one power of 2 more, so that nothing of it overflows: returns its exponent.
template <class T>
std::int64_t cofactors<T>::copy_scaled(const T* w, T* scaled) const
{
    std::int64_t largest = std::numeric_limits<std::int64_t>::min();
    const auto exponent = [&](std::size_t i, std::size_t j) { return m_row_exponent[i] + m_column_exponent[j]; };
    for (std::size_t i = 0; i < m_n; ++i)
    {
        for (std::size_t j = 0; j < m_n; ++j)
        {
            const T each = w[i * m_n + j];
            if (each != 0 && std::isfinite(each))
            {
                largest = std::max<std::int64_t>(largest, std::ilogb(each) - exponent(i, j));
            }
        }
    }
    largest = largest == std::numeric_limits<std::int64_t>::min() ? 0 : largest;
    for (std::size_t i = 0; i < m_n; ++i)
    {
        for (std::size_t j = 0; j < m_n; ++j)
        {
            scaled[i * m_n + j] = times_power_of_2(w[i * m_n + j], -exponent(i, j) - largest);
        }
    }
    return largest;
}

/// From what belongs to the scaled matrix, in units of 2^exponent: element (i, j) is without row i and column j, and so
/// without their scales.
template <class T>
void cofactors<T>::unscale(std::int64_t exponent, T* result) const
{
    const std::int64_t all = std::accumulate(m_row_exponent, m_row_exponent + m_n, exponent) +
                             std::accumulate(m_column_exponent, m_column_exponent + m_n, std::int64_t{0});
    for (std::size_t i = 0; i < m_n; ++i)
    {
        for (std::size_t j = 0; j < m_n; ++j)
        {
            T& each = result[i * m_n + j];
            each = times_power_of_2(each, all - m_row_exponent[i] - m_column_exponent[j]);
        }
    }
}

#define AUTOGRAD_DETERMINANT(T)                                                                                        \
    template class scaled_number<T>;                                                                                   \
    template T times_power_of_2(T, std::int64_t);                                                                      \
    template scaled_number<T> determinant(std::size_t, const T*);                                                      \
    template class cofactors<T>;
AUTOGRAD_DETERMINANT(float)
AUTOGRAD_DETERMINANT(double)
#undef AUTOGRAD_DETERMINANT

} // namespace autograd::kernels
