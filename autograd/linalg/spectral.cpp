#include "autograd/linalg/spectral.hpp"

#include "autograd/kernels/spectral.hpp"
#include "autograd/tape/print_number.hpp"

#include <algorithm>
#include <cmath>

namespace autograd
{

using kernels::point_function;

namespace
{
constexpr std::size_t first_direction = 2; // behind the matrix and its factorization
} // namespace

spectral_function spectral_function::power(double exponent)
{
    if (!std::isfinite(exponent))
    {
        throw error::value_error("spectral_function::power", "the exponent is ", exponent, "; it must be finite.");
    }
    return spectral_function(point_function::form::power, exponent);
}

bool spectral_rule::attributes::same(const attributes& other) const
{
    return f.is == other.f.is && same_bits(f.exponent, other.f.exponent) && f.first == other.f.first &&
           f.count == other.f.count && same_bits(f.cutoff, other.f.cutoff);
}

std::string spectral_rule::print(const attributes& a)
{
    switch (a.f.is)
    {
    case point_function::form::exponential:
        return "exp";
    case point_function::form::logarithm:
        return "log";
    case point_function::form::power:
        return "power " + detail::print_number(a.f.exponent);
    case point_function::form::truncated_inverse:
        return "inverse, rcond " + detail::print_number(a.f.cutoff);
    default:
        return "projector, " + detail::print_range({a.f.first, a.f.count});
    }
}

shape_vector spectral_rule::shape(std::span<const shape_view> operands, const attributes& a)
{
    const std::size_t order = operands.size() - first_direction;
    if (order > kernels::most_directions)
    {
        throw error::shape_error(name, "derivative ", order, " of ", print(a), "; there are ", kernels::most_directions,
                                 " at most.");
    }
    const std::size_t n = detail::columns_of(operands[1]);
    return detail::matrices_shape(detail::batch_of(operands[1]), n, n);
}

namespace
{

/// One matrix of a call, and how errors name it.
template <class T>
struct matrix
{
    kernels::eigen_pairs<T> pairs;
    shape_view shape;   ///< of all of them
    std::size_t number; ///< counted on where a direction has as many again

    std::string name() const { return detail::matrix_name("a", shape, number); }
};

/// The eigenvalues as points of f: those that may be 0 but for rounding are not negative where f needs that.
template <class T>
std::span<const double> points_of(const matrix<T>& a, const point_function& f, double* points)
{
    const auto level = static_cast<double>(a.pairs.rounding_level());
    const bool rounds = f.is == point_function::form::power && f.exponent > 0 && !f.has_integer_exponent();
    std::transform(a.pairs.values, a.pairs.values + a.pairs.n, points,
                   [=](T x) { return rounds && x < 0 && x >= -level ? 0 : static_cast<double>(x); });
    return {points, a.pairs.n};
}

template <class T>
void require_defined(const matrix<T>& a, std::span<const double> points, const spectral_rule::attributes& how)
{
    const auto found = std::find_if_not(points.begin(), points.end(), [&](double x) { return how.f.is_defined_at(x); });
    if (found != points.end())
    {
        const auto i = found - points.begin();
        const char* rule = how.f.has_integer_exponent() && how.f.is == point_function::form::power
                               ? "; the eigenvalues must not be 0."
                           : how.f.is_singular_at_0(0) ? "; the eigenvalues must be positive."
                                                       : "; the eigenvalues must not be negative.";
        throw error::value_error(how.caller, "eigenvalue ", i, " of ", a.name(), " is ", a.pairs.values[i], ", where ",
                                 spectral_rule::print(how), " is not defined", rule);
    }
}

/// Refuses derivatives that are infinite at 0, where it cannot be told from an eigenvalue.
template <class T>
void require_regular(const matrix<T>& a, std::size_t k, const spectral_rule::attributes& how)
{
    if (k == 0 || !how.f.is_singular_at_0(k))
    {
        return;
    }
    const T level = a.pairs.rounding_level();
    const T* const end = a.pairs.values + a.pairs.n;
    const T* const found = std::find_if(a.pairs.values, end, [level](T x) { return std::abs(x) <= level; });
    if (found != end)
    {
        throw error::value_error(how.caller, "eigenvalue ", found - a.pairs.values, " of ", a.name(), " is ", *found,
                                 ", which is 0 but for rounding (", level, "); there derivative ", k, " of ",
                                 spectral_rule::print(how),
                                 " is infinite. Shift the matrix, a + c I, if that is meant.");
    }
}

/// Refuses ranges that part eigenvalues which are equal but for rounding.
template <class T>
void require_apart(const matrix<T>& a, const spectral_rule::attributes& how)
{
    const point_function& f = how.f;
    if (f.count == 0)
    {
        return;
    }
    const T level = a.pairs.rounding_level();
    for (const std::size_t upper : {f.first, f.first + f.count})
    {
        if (upper == 0 || upper == a.pairs.n)
        {
            continue;
        }
        const T one = a.pairs.values[upper - 1];
        const T other = a.pairs.values[upper];
        if (!(other - one > level))
        {
            throw error::value_error(how.caller, "eigenvalues ", upper - 1, " and ", upper, " of ", a.name(), ", ", one,
                                     " and ", other, ", are ", other - one,
                                     " apart, and a projector takes one of them; that must be more than rounding, ",
                                     level, ". Take both or none.");
        }
    }
}

/// Refuses truncated inverses, whose eigenvalues are singular values and their negatives, where it is rounding that
/// tells whether one of them counts: the value there comes of another factorization, which may round to the other side.
template <class T>
void require_off_cut(const matrix<T>& a, const spectral_rule::attributes& how)
{
    const std::size_t n = a.pairs.n;
    const T largest = n == 0 ? T(0) : std::max(std::abs(a.pairs.values[0]), std::abs(a.pairs.values[n - 1]));
    const T cut = static_cast<T>(how.f.cutoff) * largest;
    const T level = a.pairs.rounding_level();
    const T* const end = a.pairs.values + n;
    const T* const found = std::find_if(a.pairs.values, end, [=](T s) { return std::abs(s - cut) <= level; });
    if (largest > 0 && found != end)
    {
        throw error::value_error(how.caller, "singular value ", end - found - 1, " of ", a.name(), " is ",
                                 *found / largest, " times the largest, which is rcond, ", static_cast<T>(how.f.cutoff),
                                 ", but for rounding (", level / largest,
                                 "): whether it counts is chance, and there is no derivative. Take another rcond.");
    }
}

template <class T>
void evaluate(const matrix<T>& a, const spectral_rule::attributes& how, std::span<const T* const> directions, T* result,
              const kernels::spectral_work<T>& work)
{
    const std::size_t k = directions.size();
    const std::span<const double> points = points_of(a, how.f, work.points);
    if (how.f.is == point_function::form::indicator)
    {
        require_apart(a, how);
    }
    if (how.f.is == point_function::form::truncated_inverse)
    {
        require_off_cut(a, how);
    }
    require_defined(a, points, how);
    require_regular(a, k, how);
    const kernels::divided_differences f(how.f, points, k, work.table);
    if (!kernels::spectral_derivative(a.pairs, f, directions, result, work))
    {
        throw error::value_error(how.caller, "the eigenvalues of ", a.name(), " are from ", points.front(), " to ",
                                 points.back(), "; there derivative ", k, " of ", spectral_rule::print(how),
                                 " leaves the range of its type.");
    }
}

} // namespace

template <class T>
void spectral_rule::forward(const evaluation<T>& call, const attributes& how)
{
    const shape_view shape = call.operands[0].shape;
    const std::size_t n = detail::rows_of(shape);
    const std::size_t matrices = call.size == 0 ? 0 : element_count(detail::batch_of(call.shape));
    const std::size_t k = call.operands.size() - first_direction;
    kernels::scratch_memory scratch(call.scratch);
    const kernels::spectral_work<T> work(n, k, scratch);
    const T** const directions = scratch.take<const T*>(k);
    for (std::size_t m = 0; m < matrices; ++m)
    {
        for (std::size_t d = 0; d < k; ++d)
        {
            directions[d] = call.in(first_direction + d) + m * n * n;
        }
        const kernels::eigen_pairs<T> pairs(n, call.in(1) + m * kernels::eigen_pairs<T>::packed_size(n));
        evaluate<T>({pairs, shape, m}, how, {directions, k}, call.out() + m * n * n, work);
    }
}

template <class T>
std::size_t spectral_rule::scratch(const evaluation<T>& call, const attributes&)
{
    const std::size_t k = call.operands.size() - first_direction;
    kernels::scratch_memory scratch;
    static_cast<void>(kernels::spectral_work<T>(detail::rows_of(call.operands[0].shape), k, scratch));
    scratch.take<const T*>(k);
    return scratch.bytes();
}

#define AUTOGRAD_INSTANTIATE(T)                                                                                        \
    template void spectral_rule::forward(const evaluation<T>&, const attributes&);                                     \
    template std::size_t spectral_rule::scratch(const evaluation<T>&, const attributes&);
AUTOGRAD_INSTANTIATE(float)
AUTOGRAD_INSTANTIATE(double)
#undef AUTOGRAD_INSTANTIATE

} // namespace autograd
