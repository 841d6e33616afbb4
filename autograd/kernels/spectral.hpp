#pragma once

#include "autograd/kernels/divided_differences.hpp"
#include "autograd/kernels/symmetric_eigen.hpp"

#include <span>

/// Functions of symmetric matrices, and their derivatives along directions.
namespace autograd::kernels
{

/// More directions than anybody waits for: their orders are as many as the factorial.
inline constexpr std::size_t most_directions = 20;

/// What spectral_derivative works in.
template <class T>
struct spectral_work
{
    spectral_work(std::size_t n, std::size_t directions, scratch_memory& scratch);

    double* points; ///< n
    double* table;  ///< of the divided differences
    T* matrices;    ///< one more than directions
};

/// The derivative of order k = directions.size() of f(A) along k directions, of each of which the symmetric part
/// counts: V T V^T with, for k = 2, T_ij = sum_m f[l_i, l_m, l_j] (E_im F_mj + F_im E_mj), E and F the directions in
/// the coordinates of V; for k = 1, T = f[l_i, l_j] E_ij; and for k = 0, f(A) (Daleckii and Krein 1965; Higham,
/// Functions of Matrices, 2008, chapter 3). The result is exactly symmetric. Takes n^(k + 1) divided differences.
/// Returns false if one of these is not finite in T.
template <class T>
bool spectral_derivative(const eigen_pairs<T>& a, const divided_differences& f, std::span<const T* const> directions,
                         T* result, const spectral_work<T>& work);

} // namespace autograd::kernels
