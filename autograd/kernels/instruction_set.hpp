#pragma once

#if __has_include(<features.h>)
#include <features.h>
#endif

// Numbers are rounded to integers by adding a large number and taking it away again, and NaN is told by comparing.
#if defined(__FAST_MATH__) || defined(__ASSOCIATIVE_MATH__) || (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__)
#error "Operations that are compiled with -ffast-math give wrong numbers: compile this source with -fno-fast-math."
#endif

/// What the compiler may use in this translation unit, from its predefined macros:
///
///   AUTOGRAD_KERNELS_INSTRUCTION_SET  name of the inline namespace of everything that depends on it
///   AUTOGRAD_KERNELS_HAS_FMA          whether a * b + c rounded once is one instruction
///   AUTOGRAD_KERNELS_HAS_ROUNDING     whether floor, ceil, trunc and round are instructions
///   AUTOGRAD_KERNELS_HAS_POLYNOMIALS  whether exp, log, tanh and their like are our own (exponentials.hpp,
///                                     logarithms.hpp): they want shifts of integers in the registers of numbers
///   AUTOGRAD_KERNELS_HAS_TABLES       whether exp of doubles is by a table (exponential_table.hpp)
///   AUTOGRAD_KERNELS_SLEEF_DOUBLE,    how the vector functions of SLEEF for a register of doubles and of floats are
///   AUTOGRAD_KERNELS_SLEEF_FLOAT      spelled: function, accuracy ("_u10": 1.0 ulp) -> symbol; not defined where there
///                                     are none, and its scalar functions are applied lane by lane
///   AUTOGRAD_KERNELS_LIBMVEC_DOUBLE,  the same for the vector functions that glibc has from 2.35 on, in libmvec, which
///   AUTOGRAD_KERNELS_LIBMVEC_FLOAT    comes with -lm; not defined elsewhere
///
/// The library's own kernels are compiled once for each of several sets, in a namespace named AUTOGRAD_KERNELS_SET,
/// which its build defines: so they are no others' that are compiled for the same instructions, with other options
/// perhaps.
///
/// Defining AUTOGRAD_KERNELS_LANE_BY_LANE takes the lane-by-lane way on any machine, so that it can be tested.

#if defined(__FMA__) || defined(__AVX512F__) || defined(__aarch64__)
#define AUTOGRAD_KERNELS_HAS_FMA 1
#else
#define AUTOGRAD_KERNELS_HAS_FMA 0
#endif

#if defined(__SSE4_1__)
#define AUTOGRAD_KERNELS_HAS_ROUNDING 1
#else
#define AUTOGRAD_KERNELS_HAS_ROUNDING 0
#endif

#if defined(AUTOGRAD_KERNELS_LANE_BY_LANE)
#define AUTOGRAD_KERNELS_HAS_POLYNOMIALS 0
#elif (defined(__AVX512F__) && defined(__AVX512DQ__)) ||                                                               \
    (defined(__AVX2__) && defined(__FMA__) && !defined(__AVX512F__)) || (defined(__SSE2__) && !defined(__AVX__))
#define AUTOGRAD_KERNELS_HAS_POLYNOMIALS 1
#else
#define AUTOGRAD_KERNELS_HAS_POLYNOMIALS 0
#endif

#if AUTOGRAD_KERNELS_HAS_POLYNOMIALS && defined(__SSE2__) && !defined(__AVX__)
#define AUTOGRAD_KERNELS_HAS_TABLES 1
#else
#define AUTOGRAD_KERNELS_HAS_TABLES 0
#endif

#if defined(AUTOGRAD_KERNELS_SET)
#define AUTOGRAD_KERNELS_INSTRUCTION_SET AUTOGRAD_KERNELS_SET
#elif defined(AUTOGRAD_KERNELS_LANE_BY_LANE) && AUTOGRAD_KERNELS_HAS_FMA
#define AUTOGRAD_KERNELS_INSTRUCTION_SET lane_by_lane_fma
#elif defined(AUTOGRAD_KERNELS_LANE_BY_LANE)
#define AUTOGRAD_KERNELS_INSTRUCTION_SET lane_by_lane
#elif defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512DQ__) && defined(__AVX512VL__)
#define AUTOGRAD_KERNELS_INSTRUCTION_SET avx512
#elif defined(__AVX512F__)
#define AUTOGRAD_KERNELS_INSTRUCTION_SET avx512f
#elif defined(__AVX2__) && defined(__FMA__)
#define AUTOGRAD_KERNELS_INSTRUCTION_SET avx2_fma
#elif defined(__AVX2__)
#define AUTOGRAD_KERNELS_INSTRUCTION_SET avx2
#elif defined(__AVX__) && defined(__FMA__)
#define AUTOGRAD_KERNELS_INSTRUCTION_SET avx_fma
#elif defined(__AVX__)
#define AUTOGRAD_KERNELS_INSTRUCTION_SET avx
#elif defined(__SSE4_2__)
#define AUTOGRAD_KERNELS_INSTRUCTION_SET sse4_2
#elif defined(__SSE4_1__)
#define AUTOGRAD_KERNELS_INSTRUCTION_SET sse4_1
#elif defined(__SSE2__)
#define AUTOGRAD_KERNELS_INSTRUCTION_SET sse2
#elif defined(__aarch64__)
#define AUTOGRAD_KERNELS_INSTRUCTION_SET aarch64
#else
#define AUTOGRAD_KERNELS_INSTRUCTION_SET other
#endif

#if defined(AUTOGRAD_KERNELS_LANE_BY_LANE)
// no vector symbols
#elif defined(__AVX512F__)
#define AUTOGRAD_KERNELS_SLEEF_DOUBLE(function, accuracy) Sleef_##function##d8##accuracy##avx512f
#define AUTOGRAD_KERNELS_SLEEF_FLOAT(function, accuracy) Sleef_##function##f16##accuracy##avx512f
#elif defined(__AVX2__) && defined(__FMA__)
#define AUTOGRAD_KERNELS_SLEEF_DOUBLE(function, accuracy) Sleef_##function##d4##accuracy##avx2
#define AUTOGRAD_KERNELS_SLEEF_FLOAT(function, accuracy) Sleef_##function##f8##accuracy##avx2
#elif defined(__AVX__)
#define AUTOGRAD_KERNELS_SLEEF_DOUBLE(function, accuracy) Sleef_##function##d4##accuracy##avx
#define AUTOGRAD_KERNELS_SLEEF_FLOAT(function, accuracy) Sleef_##function##f8##accuracy##avx
#elif defined(__SSE4_1__)
#define AUTOGRAD_KERNELS_SLEEF_DOUBLE(function, accuracy) Sleef_##function##d2##accuracy##sse4
#define AUTOGRAD_KERNELS_SLEEF_FLOAT(function, accuracy) Sleef_##function##f4##accuracy##sse4
#elif defined(__SSE2__)
#define AUTOGRAD_KERNELS_SLEEF_DOUBLE(function, accuracy) Sleef_##function##d2##accuracy##sse2
#define AUTOGRAD_KERNELS_SLEEF_FLOAT(function, accuracy) Sleef_##function##f4##accuracy##sse2
#endif

#if AUTOGRAD_KERNELS_HAS_POLYNOMIALS && defined(__AVX2__) && defined(__x86_64__) && defined(__GLIBC_PREREQ)
#if __GLIBC_PREREQ(2, 35)
#if defined(__AVX512F__)
#define AUTOGRAD_KERNELS_LIBMVEC_DOUBLE(function) _ZGVeN8v_##function
#define AUTOGRAD_KERNELS_LIBMVEC_FLOAT(function) _ZGVeN16v_##function##f
#else
#define AUTOGRAD_KERNELS_LIBMVEC_DOUBLE(function) _ZGVdN4v_##function
#define AUTOGRAD_KERNELS_LIBMVEC_FLOAT(function) _ZGVdN8v_##function##f
#endif
#endif
#endif
