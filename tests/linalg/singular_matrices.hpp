#pragma once

#include "interface/xtensor_headers.hpp"
#include "support.hpp"

#include "autograd/linalg.hpp"

#include <cmath>
#include <initializer_list>
#include <limits>
#include <random>
#include <string>
#include <tuple>

/// Matrices whose singular values are known.
namespace support
{

using element_types = std::tuple<float, double>;

template <class T>
xt::xarray<T> normal_numbers(const extents& shape, unsigned seed = 1)
{
    std::mt19937 generator(seed);
    std::normal_distribution<double> normal;
    xt::xarray<T> result = xt::xarray<T>::from_shape(shape);
    std::generate(result.begin(), result.end(), [&] { return static_cast<T>(normal(generator)); });
    return result;
}

/// Orthonormal columns, as many as there are rows or fewer.
inline array orthonormal(std::size_t rows, std::size_t columns, unsigned seed)
{
    tape t;
    return array(svd(t.variable(normal_numbers<double>({rows, columns}, seed))).u.value());
}

/// Q diag(s) P^T with Q and P of orthonormal columns: a matrix of that size with these singular values and zeros.
inline array with_singular_values(std::size_t rows, std::size_t columns, const reals& s, unsigned seed = 3)
{
    tape t;
    const variable left = t.variable(orthonormal(rows, s.size(), seed));
    const variable right = t.variable(orthonormal(columns, s.size(), seed + 1));
    const variable values = t.variable(array(xt::adapt(s)));
    return array(matmul(left * values, transpose(right)).value());
}

inline array diagonal_matrix(std::initializer_list<double> s)
{
    tape t;
    return array(diag(t.variable(array(xt::adapt(std::vector<double>(s))))).value());
}

/// The largest magnitude of a difference.
template <class T>
double distance(autograd::variable<T> x, autograd::variable<T> y)
{
    BOOST_REQUIRE(x.shape() == y.shape());
    double result = 0;
    for (std::size_t k = 0; k < x.size(); ++k)
    {
        const double off = std::abs(static_cast<double>(x.data()[k]) - static_cast<double>(y.data()[k]));
        result = off <= result ? result : off; // NaN stays
    }
    return result;
}
inline double distance(variable x, const array& y)
{
    return distance(x, x.tape().constant(y));
}

/// How many instructions of that name there are.
inline std::size_t count_of(const tape& of, const std::string& name)
{
    std::size_t result = 0;
    for (std::uint32_t k = 0; k < of.size(); ++k)
    {
        result += of[k].op->name == name ? 1u : 0u;
    }
    return result;
}

} // namespace support
