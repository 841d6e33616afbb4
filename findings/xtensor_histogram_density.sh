#!/usr/bin/env bash
# xtensor 0.24.3: histogram(data, edges, density = true) divides by the number of all points, those outside of the edges
# too, so that the density over the bins does not integrate to 1. (NumPy's divides by the number of those inside.)
#
# Three points of four lie in bins of width 1. The densities add up to 0.75; the counts are right.

# shellcheck source=findings/packages.bash
source "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/packages.bash"
unpack libxtensor-dev=0.24.3-1 xtl-dev=0.7.2-2.1

compile histogram <<'END_OF_PROGRAM'
#include <xtensor/xarray.hpp>
#include <xtensor/xhistogram.hpp>
#include <xtensor/xmath.hpp>

#include <iostream>

int main()
{
    const xt::xarray<double> x{0.5, 1.5, 2.5, 10.0};
    const xt::xarray<double> edges{0.0, 1.0, 2.0, 3.0};
    const xt::xarray<double> counts = xt::histogram(x, edges);
    const xt::xarray<double> density = xt::histogram(x, edges, true);
    for (std::size_t bin = 0; bin < 3; ++bin)
    {
        std::cout << "count " << counts(bin) << ", density " << density(bin) << '\n';
    }
    std::cout << "integral " << xt::sum(density)() << '\n';
}
END_OF_PROGRAM
"$folder/histogram" | expect 'count 1, density 0.25
count 1, density 0.25
count 1, density 0.25
integral 0.75'
