#!/usr/bin/env bash
# OpenBLAS 0.3.21: dtrsm solves 49 x = 49 to the number below 1; dtrsv, given the same, to 1.
#
# The solver of a matrix packs the reciprocals of the diagonal and multiplies by them: two roundings, where the solver of
# a vector (and the reference BLAS in both) divides: one. So a solution changes in its last place when a right-hand side
# is passed as a matrix of one column, and a diagonal that is subnormal has an infinite reciprocal.

# shellcheck source=findings/packages.bash
source "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/packages.bash"
unpack libopenblas0-pthread=0.3.21+ds-4 libgfortran5=12.2.0-14+deb12u1

compile solve -Wl,--allow-shlib-undefined "$folder"/root/usr/lib/*/openblas-pthread/libopenblas.so.0 <<'END'
#include <iostream>

extern "C" void dtrsm_(const char* side, const char* uplo, const char* trans, const char* diag, const int* m,
                       const int* n, const double* alpha, const double* a, const int* lda, double* b, const int* ldb);
extern "C" void dtrsv_(const char* uplo, const char* trans, const char* diag, const int* n, const double* a,
                       const int* lda, double* x, const int* incx);

int main()
{
    const int one = 1;
    const double alpha = 1;
    const double a = 49;
    double matrix = 49;
    double vector = 49;
    dtrsm_("L", "L", "N", "N", &one, &one, &alpha, &a, &one, &matrix, &one);
    dtrsv_("L", "N", "N", &one, &a, &one, &vector, &one);
    std::cout << "dtrsm: 1 - x is " << 1 - matrix << '\n' << "dtrsv: 1 - x is " << 1 - vector << '\n';
}
END
run_with_library "$folder/solve" | expect 'dtrsm: 1 - x is 1.11022e-16
dtrsv: 1 - x is 0'
