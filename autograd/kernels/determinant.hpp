#pragma once

#include "autograd/kernels/lapack.hpp"
#include "autograd/kernels/scratch.hpp"

#include <cstddef>
#include <cstdint>

/// Determinants and cofactors of square matrices. Cofactor (i, j) is the derivative of the determinant by element (i,
/// j): (-1)^(i + j) times the determinant of what is left without row i and column j.
namespace autograd::kernels
{

/// mantissa * 2^exponent: products of any length neither overflow nor underflow on the way.
template <class T>
class scaled_number
{
public:
    scaled_number(T x = 1);

    T mantissa() const { return m_mantissa; } ///< of 0.5 to 1 in magnitude, or 0
    std::int64_t exponent() const { return m_exponent; }
    scaled_number operator*(scaled_number other) const;
    /// times 2^shift
    scaled_number shifted(std::int64_t shift) const;
    T value() const;

private:
    T m_mantissa;
    std::int64_t m_exponent = 0;
};

/// x * 2^exponent
template <class T>
T times_power_of_2(T x, std::int64_t exponent);

/// The determinant, by a packed LU factorization (kernels/lu.hpp) with finite pivots.
template <class T>
scaled_number<T> determinant(std::size_t n, const T* packed);

/// Cofactors of matrices of n rows, and their derivatives. By singular values: with a = U S V^T they are det(U) det(V)
/// U diag(g) V^T, where g_i is the product of all singular values but the ith. So they are right within some roundings
/// of the largest of these products, whatever the rank of a is. Rows and columns are scaled by powers of 2 first, so
/// that small ones keep their digits.
template <class T>
class cofactors
{
public:
    /// In memory of scratch, or counting it.
    cofactors(std::size_t n, scratch_memory& scratch, const char* operation);

    /// The cofactors; where the matrix is well-conditioned, by its packed LU factorization, which takes a fraction of
    /// the time.
    void of(const T* a, const T* packed, T* result);

    /// Their derivative when a goes along w, which is linear in w and self-adjoint: in the basis of the singular
    /// vectors, where w is N, it is the sum of g_ij N_jj over j on the diagonal and -g_ij N_ji beside it, g_ij the
    /// product of all singular values but two. A matrix that comes again is not decomposed again.
    void slope(const T* a, const T* w, T* result);

private:
    bool by_factorization(const T* a, const T* packed, T* result);
    void decompose(const T* a);
    void scale(const T* a);
    std::int64_t copy_scaled(const T* w, T* scaled) const;
    void turn_by_pairs(std::int64_t largest);
    void unscale(std::int64_t exponent, T* result) const;

    std::size_t m_n;
    const char* m_operation;
    const T* m_decomposed = nullptr;
    lapack::work_extents m_extents{};
    T* m_matrix;  ///< what is decomposed, then what is multiplied by the vectors
    T* m_product; ///< of three, the first one
    T* m_left;    ///< columns are left singular vectors
    T* m_right;   ///< rows are right ones
    T* m_values;  ///< in descending order
    T* m_packed;
    T* m_work;
    int* m_integers;
    std::int64_t* m_row_exponent; ///< a_ij is what was decomposed, times 2 to the sum of both
    std::int64_t* m_column_exponent;
    scaled_number<T>* m_value_of; ///< the values
    scaled_number<T>* m_before;   ///< products of the first values, from none to all
    scaled_number<T>* m_behind;   ///< and of those from one on
    scratch_memory m_lu_scratch;
    int m_sign = 1; ///< det(U) det(V)
};

} // namespace autograd::kernels
