#!/usr/bin/env bash
# xtensor-blas 0.20.0: linalg::lstsq of a matrix with one column returns a solution without axes.
#
# The solution of a system in n unknowns has shape (n,). With n = 1 its axis is squeezed away, so code that is written for
# any number of columns reads an axis that is not there.

# shellcheck source=findings/packages.bash
source "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/packages.bash"
unpack libxtensor-blas-dev=0.20.0-2 libxtensor-dev=0.24.3-1 xtl-dev=0.7.2-2.1 libopenblas0-pthread=0.3.21+ds-4 \
    libgfortran5=12.2.0-14+deb12u1

compile lstsq -Wl,--allow-shlib-undefined "$folder"/root/usr/lib/*/openblas-pthread/libopenblas.so.0 <<'END_OF_PROGRAM'
#include <xtensor-blas/xlinalg.hpp>
#include <xtensor/xarray.hpp>

#include <cstddef>
#include <iostream>

int main()
{
    const xt::xarray<double> y{2.0, 4.0, 6.0};
    for (std::size_t columns = 1; columns <= 3; ++columns)
    {
        auto a = xt::xarray<double>::from_shape({3, columns});
        for (std::size_t i = 0; i < 3; ++i)
        {
            for (std::size_t k = 0; k < columns; ++k)
            {
                a(i, k) = i == k ? 1.0 : 0.0;
            }
        }
        const auto solution = std::get<0>(xt::linalg::lstsq(a, y));
        std::cout << columns << " unknowns: " << solution.dimension() << " axes\n";
    }
}
END_OF_PROGRAM
run_with_library "$folder/lstsq" | expect '1 unknowns: 0 axes
2 unknowns: 1 axes
3 unknowns: 1 axes'
