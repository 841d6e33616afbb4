#!/usr/bin/env bash
# xtensor 0.24.3: argmax of a one-dimensional array along its only axis gives the place of the smallest element.
#
# xt::argmax(v) over all elements, and xt::argmax(m, 1) of a matrix of one row, give the place of the largest, as
# numpy.argmax does with and without an axis. For a vector and an axis the code takes a path of its own, which looks for
# the smallest whatever was asked.

# shellcheck source=findings/packages.bash
source "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/packages.bash"
unpack libxtensor-dev=0.24.3-1 xtl-dev=0.7.2-2.1

compile argmax <<'END'
#include <xtensor/xarray.hpp>
#include <xtensor/xsort.hpp>

#include <iostream>

int main()
{
    const xt::xarray<double> v{3.0, 9.0, 1.0, 7.0};
    const xt::xarray<double> m{{3.0, 9.0, 1.0, 7.0}};
    std::cout << "argmax(v) " << xt::argmax(v)() << '\n';
    std::cout << "argmax(v, 0) " << xt::argmax(v, 0)() << '\n';
    std::cout << "argmax(m, 1) " << xt::argmax(m, 1)(0) << '\n';
}
END
"$folder/argmax" | expect 'argmax(v) 1
argmax(v, 0) 2
argmax(m, 1) 1'
