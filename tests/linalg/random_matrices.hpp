#pragma once

#include "support.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <tuple>

/// What the tests of factorizations are made of.
namespace support
{

using element_types = std::tuple<float, double>;

template <class T>
xt::xarray<T> random_matrices(const extents& shape, unsigned seed = 1)
{
    std::mt19937 generator(seed);
    std::normal_distribution<double> normal;
    xt::xarray<T> result = xt::xarray<T>::from_shape(shape);
    std::generate(result.begin(), result.end(), [&] { return static_cast<T>(normal(generator)); });
    return result;
}

/// The largest magnitude; NaN counts as infinite.
template <class T>
double largest(autograd::variable<T> x)
{
    double result = 0;
    for (const T each : list(x))
    {
        result = std::isnan(each) ? std::numeric_limits<double>::infinity()
                                  : std::max(result, static_cast<double>(std::abs(each)));
    }
    return result;
}

/// So many roundings of numbers of T.
template <class T>
double roundings(std::size_t count)
{
    return static_cast<double>(count) * static_cast<double>(std::numeric_limits<T>::epsilon());
}

template <class T>
autograd::variable<T> identity(autograd::tape<T>& on, std::size_t n)
{
    return diag(on.full({n}, T(1)));
}

/// How many instructions of that name are on a tape.
template <class T>
std::size_t count(const autograd::tape<T>& of, const std::string& name)
{
    std::size_t result = 0;
    for (std::uint32_t i = 0; i < of.size(); ++i)
    {
        result += of[i].op->name == name ? 1 : 0;
    }
    return result;
}

/// Whether both are the same numbers, bit for bit.
template <class T>
bool are_same(const std::vector<T>& a, const std::vector<T>& b)
{
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0;
}

} // namespace support
