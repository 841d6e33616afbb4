#pragma once

#include "autograd/kernels/scratch.hpp"

#include <cstddef>
#include <cstdint>

/// Determinants and cofactors of square matrices. Cofactor (i, j) is the derivative of the determinant by element (i, j):
/// (-1)^(i + j) times the determinant of what is left without row i and column j.
namespace autograd::kernels
{

/// mantissa * 2^exponent: products of any length neither overflow nor underflow on the way.
template <class T>
struct scaled_number
{
    T mantissa; ///< of 0.5 to 1 in magnitude, or 0
    std::int64_t exponent;

    scaled_number(T x = 1);
    scaled_number operator*(scaled_number other) const;
    /// times 2^shift
    scaled_number shifted(std::int64_t shift) const { return {mantissa, exponent + shift}; }
    T value() const;

private:
    scaled_number(T m, std::int64_t e) : mantissa(m), exponent(e) {}
};

/// Of a packed LU factorization (kernels/lu.hpp) with finite pivots.
template <class T>
scaled_number<T> determinant(std::size_t n, const T* packed);

/// Cofactors by the factorization where the matrix is well-conditioned, else by singular values, which give them for
/// any matrix within some roundings of the largest product of n - 1 of them.
template <class T>
void cofactors(std::size_t n, const T* a, const T* packed, T* result, scratch_memory scratch, const char* operation);
template <class T>
void cofactors_scratch(std::size_t n, scratch_memory& scratch, const char* operation);

/// The derivative of the cofactors of a matrix in the direction w, which is linear in w and self-adjoint: the second
/// derivative of the determinant.
template <class T>
class cofactors_slope
{
public:
    /// In memory for matrices of n rows.
    cofactors_slope(std::size_t n, scratch_memory& scratch, const char* operation);

    /// Decomposes the matrix, unless it is the one that was decomposed last.
    void of(const T* a);
    void along(const T* w, T* result);
};

} // namespace autograd::kernels
