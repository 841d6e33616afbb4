#!/usr/bin/env bash
# OpenBLAS 0.3.21: dpotrf of a matrix with NaN on its diagonal reports success (info = 0).
#
# The reference LAPACK tests each pivot with "less than or equal to 0, or NaN", so that info names the leading minor that
# is not positive definite (here 3). OpenBLAS replaces the routine by its own, which tests "less than or equal to 0"
# only: NaN passes, and whoever believes the status goes on with a factor of NaN.

# shellcheck source=findings/packages.bash
source "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/packages.bash"
unpack libopenblas0-pthread=0.3.21+ds-4 libgfortran5=12.2.0-14+deb12u1 liblapack3=3.11.0-2 libblas3=3.11.0-2

program() {
    cat <<'END'
#include <cmath>
#include <iostream>

extern "C" void dpotrf_(const char* uplo, const int* n, double* a, const int* lda, int* info);

int main()
{
    const int n = 3;
    double a[] = {4, 0, 0, 0, 4, 0, 0, 0, std::nan("")};
    int info = -1;
    dpotrf_("L", &n, a, &n, &info);
    std::cout << "info " << info << ", last element of the factor " << std::abs(a[8]) << '\n';
}
END
}
program | compile openblas -Wl,--allow-shlib-undefined "$folder"/root/usr/lib/*/openblas-pthread/libopenblas.so.0
program | compile reference -Wl,--allow-shlib-undefined "$folder"/root/usr/lib/*/lapack/liblapack.so.3 \
    "$folder"/root/usr/lib/*/blas/libblas.so.3
{
    printf 'OpenBLAS: '
    run_with_library "$folder/openblas"
    printf 'reference: '
    run_with_library "$folder/reference"
} | expect 'OpenBLAS: info 0, last element of the factor nan
reference: info 3, last element of the factor nan'
