#!/usr/bin/env bash
# xtensor-blas 0.20.0: linalg::matrix_power is wrong for even exponents from 4 on.
#
# Powers of {{1, 1}, {1, 0}} have Fibonacci numbers: the element (0, 0) of the nth is F(n + 1). Odd exponents are right,
# and 2 is; the fourth and eighth powers come out as the matrix itself, the sixth as its third power.

# shellcheck source=findings/packages.bash
source "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/packages.bash"
unpack libxtensor-blas-dev=0.20.0-2 libxtensor-dev=0.24.3-1 xtl-dev=0.7.2-2.1 libopenblas0-pthread=0.3.21+ds-4 \
    libgfortran5=12.2.0-14+deb12u1

compile power -Wl,--allow-shlib-undefined "$folder"/root/usr/lib/*/openblas-pthread/libopenblas.so.0 <<'END'
#include <xtensor-blas/xlinalg.hpp>
#include <xtensor/xarray.hpp>

#include <iostream>

int main()
{
    const xt::xarray<double> m{{1.0, 1.0}, {1.0, 0.0}};
    const int right[] = {1, 1, 2, 3, 5, 8, 13, 21, 34, 55};
    for (int n = 0; n < 10; ++n)
    {
        const xt::xarray<double> power = xt::linalg::matrix_power(m, n);
        std::cout << n << ": " << power(0, 0) << " for " << right[n] << '\n';
    }
}
END
run_with_library "$folder/power" | expect '0: 1 for 1
1: 1 for 1
2: 2 for 2
3: 3 for 3
4: 1 for 5
5: 8 for 8
6: 3 for 13
7: 21 for 21
8: 1 for 34
9: 55 for 55'
