#pragma once

#include "autograd/kernels/instruction_set.hpp"

#include <cstddef>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace autograd::kernels
{

inline namespace AUTOGRAD_KERNELS_INSTRUCTION_SET
{

/// The side of a square of elements that is transposed in registers.
inline constexpr std::size_t turned_side = 4;

/// y = x^T, one square of each, in rows so far apart.
template <class T>
void turn_square(const T* x, std::size_t x_stride, T* y, std::size_t y_stride)
{
    for (std::size_t i = 0; i < turned_side; ++i)
    {
        for (std::size_t j = 0; j < turned_side; ++j)
        {
            y[j * y_stride + i] = x[i * x_stride + j];
        }
    }
}

#if defined(__SSE2__)
inline void turn_square(const float* x, std::size_t x_stride, float* y, std::size_t y_stride)
{
    __m128 rows[] = {_mm_loadu_ps(x), _mm_loadu_ps(x + x_stride), _mm_loadu_ps(x + 2 * x_stride),
                     _mm_loadu_ps(x + 3 * x_stride)};
    _MM_TRANSPOSE4_PS(rows[0], rows[1], rows[2], rows[3]);
    for (std::size_t j = 0; j < turned_side; ++j)
    {
        _mm_storeu_ps(y + j * y_stride, rows[j]);
    }
}
#endif

#if defined(__AVX__)
inline void turn_square(const double* x, std::size_t x_stride, double* y, std::size_t y_stride)
{
    const __m256d rows[] = {_mm256_loadu_pd(x), _mm256_loadu_pd(x + x_stride), _mm256_loadu_pd(x + 2 * x_stride),
                            _mm256_loadu_pd(x + 3 * x_stride)};
    const __m256d even[] = {_mm256_unpacklo_pd(rows[0], rows[1]), _mm256_unpacklo_pd(rows[2], rows[3])};
    const __m256d odd[] = {_mm256_unpackhi_pd(rows[0], rows[1]), _mm256_unpackhi_pd(rows[2], rows[3])};
    _mm256_storeu_pd(y, _mm256_permute2f128_pd(even[0], even[1], 0x20));
    _mm256_storeu_pd(y + y_stride, _mm256_permute2f128_pd(odd[0], odd[1], 0x20));
    _mm256_storeu_pd(y + 2 * y_stride, _mm256_permute2f128_pd(even[0], even[1], 0x31));
    _mm256_storeu_pd(y + 3 * y_stride, _mm256_permute2f128_pd(odd[0], odd[1], 0x31));
}
#endif

/// y = x^T of rows x columns, in rows so far apart.
template <class T>
void turn(std::size_t rows, std::size_t columns, const T* x, std::size_t x_stride, T* y, std::size_t y_stride)
{
    const std::size_t whole_rows = rows / turned_side * turned_side;
    const std::size_t whole_columns = columns / turned_side * turned_side;
    for (std::size_t i = 0; i < whole_rows; i += turned_side)
    {
        for (std::size_t j = 0; j < whole_columns; j += turned_side)
        {
            turn_square(x + i * x_stride + j, x_stride, y + j * y_stride + i, y_stride);
        }
    }
    for (std::size_t i = 0; i < rows; ++i)
    {
        for (std::size_t j = i < whole_rows ? whole_columns : 0; j < columns; ++j)
        {
            y[j * y_stride + i] = x[i * x_stride + j];
        }
    }
}

} // namespace AUTOGRAD_KERNELS_INSTRUCTION_SET

} // namespace autograd::kernels
