#pragma once

#include "interface/xtensor_headers.hpp"
#include "support.hpp"

#include "autograd/linalg.hpp"
#include "autograd/random/legacy_generator.hpp"

#include <algorithm>
#include <string>
#include <vector>

/// Symmetric matrices with given eigenvalues, and what is compared of them.
namespace support
{

/// An array of numbers between -1 and 1.
inline array uniform(const extents& shape, std::uint32_t seed)
{
    autograd::random::legacy_generator generator(seed);
    array result = array::from_shape(shape);
    std::generate(result.begin(), result.end(), [&] { return generator.uniform(-1, 1); });
    return result;
}

/// a b and a b^T of square matrices.
inline array product(const array& a, const array& b, bool transpose_b = false)
{
    const std::size_t n = a.shape(0);
    array result = xt::zeros<double>({n, n});
    for (std::size_t i = 0; i < n; ++i)
    {
        for (std::size_t j = 0; j < n; ++j)
        {
            for (std::size_t k = 0; k < n; ++k)
            {
                result(i, j) += a(i, k) * (transpose_b ? b(j, k) : b(k, j));
            }
        }
    }
    return result;
}

/// An orthogonal matrix in no special position: a product of reflections.
inline array orthogonal(std::size_t n, std::uint32_t seed)
{
    array q = xt::eye(n);
    for (std::size_t k = 0; k < n; ++k)
    {
        const array u = uniform({n}, seed + static_cast<std::uint32_t>(k));
        const double norm_sq = xt::sum(u * u)();
        array reflection = xt::eye(n);
        for (std::size_t i = 0; i < n; ++i)
        {
            for (std::size_t j = 0; j < n; ++j)
            {
                reflection(i, j) -= 2 * u(i) * u(j) / norm_sq;
            }
        }
        q = product(q, reflection);
    }
    return q;
}

/// Q diag(values) Q^T, symmetric to the last bit; its eigenvalues are those but for rounding.
inline array with_eigenvalues(const reals& values, std::uint32_t seed = 1)
{
    const array q = orthogonal(values.size(), seed);
    const array scaled = q * xt::adapt(values, {values.size()});
    const array result = product(scaled, q, true);
    return 0.5 * (result + xt::transpose(result));
}

/// The derivative of f along v at x by differences of the fourth order.
template <class F>
double slope_along(F f, const array& x, const array& v, double h = 1e-3)
{
    const auto at = [&](double t) -> double { return f(array(x + t * v)); };
    return (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
}

inline double largest_of(const array& a)
{
    return a.size() == 0 ? 0 : xt::amax(xt::abs(a))();
}

/// How often an operation of that name stands on the tape.
template <class T>
long count_of(const autograd::tape<T>& recording, const std::string& name)
{
    const auto all = recording.instructions();
    return std::count_if(all.begin(), all.end(), [&](const auto& y) { return y.op->name == name; });
}

} // namespace support
