#!/usr/bin/env bash
# xsimd 8.1.0 on AArch64: quotients and square roots of floats are not those of IEEE 754, and roundings lose -0.0.
#
# AArch64 has instructions that divide and take roots with the right rounding. For double xsimd takes them; for float it
# takes the way of 32-bit ARM, which has none: an estimate and steps of Newton's method. 1 / 49 * 49 is then not the least
# that differs: the root of infinity is NaN, and the quotient by a subnormal number is infinite with a sign of its own.
# floor, ceil and trunc of -0.0 are 0.0, in float and double.
#
# Needs a compiler for AArch64 and, elsewhere than on such a machine, QEMU (g++-aarch64-linux-gnu and qemu-user).

# shellcheck source=findings/packages.bash
source "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/packages.bash"
unpack libxsimd-dev=8.1.0-7

run=(env)
if [[ $(uname -m) != aarch64 ]]; then
    CXX=aarch64-linux-gnu-g++
    run=(qemu-aarch64)
fi
for tool in "${CXX:-g++}" "${run[0]}"; do
    command -v "$tool" >/dev/null || { printf 'There is no %s\n' "$tool" >&2; exit 2; }
done

compile arithmetic -static <<'END'
#include <xsimd/xsimd.hpp>

#include <cmath>
#include <iostream>
#include <limits>

template <class T>
void print(const char* what, const xsimd::batch<T>& found, T expected)
{
    T lanes[xsimd::batch<T>::size];
    found.store_unaligned(lanes);
    const bool right = lanes[0] == expected && std::signbit(lanes[0]) == std::signbit(expected);
    std::cout << what << ' ' << (right ? "right" : "wrong") << '\n';
}

int main()
{
    volatile float three = 3, seven = 7, least = std::numeric_limits<float>::denorm_min(), large = 1e38F;
    volatile float infinity = std::numeric_limits<float>::infinity();
    int wrong = 0;
    for (int n = 1; n <= 1000; ++n)
    {
        volatile float x = static_cast<float>(n);
        float lanes[4];
        (xsimd::batch<float>(three) / xsimd::batch<float>(x)).store_unaligned(lanes);
        wrong += lanes[0] != three / x;
    }
    std::cout << "some of 3 / 1, ..., 3 / 1000 " << (wrong > 0 ? "wrong" : "right") << '\n';
    print<float>("1e38 / least", xsimd::batch<float>(large) / xsimd::batch<float>(least), large / least);
    print<float>("sqrt(inf)", xsimd::sqrt(xsimd::batch<float>(infinity)), infinity);
    print<float>("floor(-0.0)", xsimd::floor(xsimd::batch<float>(-0.0F)), -0.0F);
    print<double>("trunc(-0.5) of doubles", xsimd::trunc(xsimd::batch<double>(-0.5)), -0.0);
    print<double>("3 / 7 of doubles", xsimd::batch<double>(three) / xsimd::batch<double>(seven), 3.0 / 7.0);
}
END
"${run[@]}" "$folder/arithmetic" | expect 'some of 3 / 1, ..., 3 / 1000 wrong
1e38 / least wrong
sqrt(inf) wrong
floor(-0.0) wrong
trunc(-0.5) of doubles wrong
3 / 7 of doubles right'
