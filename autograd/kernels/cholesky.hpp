#pragma once

#include "autograd/kernels/chosen.hpp"
#include "autograd/kernels/scratch.hpp"

#include <cstddef>

/// Cholesky factorizations a = L L^T of matrices of which the lower triangle is read, and their pullback.
namespace autograd::kernels
{

/// What came of a factorization: the order of the first leading minor whose pivot is not positive and finite, or 0, and
/// that pivot.
template <class T>
struct cholesky_outcome
{
    std::size_t minor;
    T pivot;
};

/// L, with zeros above the diagonal; spoilt where there is none. Elements of a that are NaN or infinite spoil a pivot:
/// that of their row, or one before.
template <class T>
cholesky_outcome<T> cholesky(std::size_t n, const T* a, T* l, const char* operation);

/// What flows into the lower triangle of a when g flows into that of L, with zeros above the diagonal. By blocks, in
/// products of matrices (Murray 2016, arXiv:1602.07527).
template <class T>
void cholesky_pull(std::size_t n, const T* l, const T* g, T* a_bar, scratch_memory scratch, const char* operation);
/// What it takes of scratch.
template <class T>
void cholesky_pull_scratch(std::size_t n, scratch_memory& scratch);

/// How many rows the loops below take, a power of 2.
inline constexpr std::size_t small_cholesky = 32;

/// Both in loops of our own, for n up to small_cholesky.
template <class T>
struct cholesky_kernels
{
    cholesky_outcome<T> (*factor)(std::size_t n, const T* a, T* l);
    /// Of a block with rows that are so many elements apart; bar is g and becomes a_bar.
    void (*pull)(std::size_t n, const T* l, T* bar, std::size_t stride);
};
template <class T>
inline constexpr chosen<cholesky_kernels<T>> cholesky_loops;

} // namespace autograd::kernels
