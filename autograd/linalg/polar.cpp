#include "autograd/linalg/polar.hpp"

#include "autograd/kernels/polar.hpp"
#include "autograd/linalg/scale.hpp"

#include <numeric>

namespace autograd
{

using detail::product;
using kernels::svd_extents;

namespace
{

bool is_wide(shape_view matrices)
{
    return detail::rows_of(matrices) < detail::columns_of(matrices);
}

} // namespace

// ------------------------------------------------------------------------------------------------------------- polar

template <class T>
void polar_rule::forward(const evaluation<T>& call)
{
    const svd_extents of = detail::svd_of(call.shape);
    detail::for_each_svd(call, [&](std::size_t k, const T* block)
                         { kernels::polar_factor(of, block, call.out() + k * of.rows * of.columns); });
}

/// q moves by q z + (I - q q^T) da h^-1, h z + z h = q^T da - da^T q; of a wide matrix its transpose does.
template <class T>
void polar_rule::vjp(pullback<T>& y)
{
    const variable<T> a = y.operand(0);
    const variable<T> factors = y.operand(1);
    const variable<T> q = y.output();
    const variable<T> g = y.cotangent();
    const auto lyapunov = [&](variable<T> k) { return record<polar_lyapunov_rule, T>({}, {a, factors, k}, {0}); };
    const auto solve = [&](variable<T> b, bool transposed) {
        return record<pseudo_solve_rule, T>({}, {a, factors, b}, {0.0, transposed});
    };
    if (is_wide(y.shape()))
    {
        const variable<T> within = product(g, q, false, true) - product(q, g, false, true);
        const variable<T> beside = g - product(product(g, q, false, true), q);
        const variable<T> inverse = solve(detail::transposed_matrices(q), true);
        y.give(0, product(lyapunov(within), q) + product(inverse, beside));
        return;
    }
    const variable<T> within = product(q, g, true) - product(g, q, true);
    const variable<T> from_within = product(q, lyapunov(within));
    if (detail::rows_of(y.shape()) == detail::columns_of(y.shape()))
    {
        y.give(0, from_within);
        return;
    }
    const variable<T> beside = g - product(q, product(q, g, true));
    y.give(0, from_within + product(beside, solve(q, false)));
}

// ---------------------------------------------------------------------------------------------------- its derivative

namespace
{

template <class T>
void require_full_rank(const svd_extents& of, const T* block, std::size_t directions, shape_view a, std::size_t k)
{
    if (of.count() == 0)
    {
        return;
    }
    const std::size_t last = of.count() - 1;
    const T least = of.s(block)[last];
    const T level = kernels::rounding_level(of, block);
    if (!(least > level))
    {
        throw error::value_error(polar_rule::name, "singular value ", last, " of ",
                                 detail::name_behind_directions(directions, a, k), " is ", least,
                                 ", which is 0 up to rounding (", level,
                                 "); the polar factor has a derivative at full rank alone, and so has the gradient of "
                                 "the nuclear norm.");
    }
}

} // namespace

template <class T>
void polar_lyapunov_rule::forward(const evaluation<T>& call, const attributes& how)
{
    const shape_view a = call.operands[0].shape;
    const svd_extents of = detail::svd_of(a);
    const std::size_t size = of.count() * of.count();
    detail::for_each_svd(call,
                         [&](std::size_t k, const T* block)
                         {
                             require_full_rank(of, block, how.directions, a, k);
                             kernels::lyapunov(of, block, call.in(2) + k * size, call.out() + k * size, call.scratch);
                         });
}

template <class T>
std::size_t polar_lyapunov_rule::scratch(const evaluation<T>& call, const attributes&)
{
    return kernels::scratch_of_lyapunov<T>(detail::svd_of(call.operands[0].shape));
}

/// h = |a| moves z by the solution for -(dh z + z dh), and h itself by that for da^T a + a^T da.
template <class T>
void polar_lyapunov_rule::vjp(pullback<T>& y)
{
    const variable<T> a = y.operand(0);
    const auto solve = [&](variable<T> k) {
        return record<polar_lyapunov_rule, T>({}, {a, y.operand(1), k}, y.template attributes<attributes>());
    };
    const variable<T> z = y.output();
    const variable<T> w = solve(y.cotangent());
    y.give(2, w);
    if (y.wanted(0) && a.size() > 0)
    {
        // w, z and c are as a^-1, a^-1 and a^-3: with some of the scale of a taken to w nothing leaves the range.
        const variable<T> scale = detail::binade_of_matrices(a);
        const variable<T> scaled = w * scale;
        const variable<T> c = solve(product(scaled, z, false, true) + product(z, scaled, true));
        const variable<T> minus_both = -(c + detail::transposed_matrices(c));
        const variable<T> of_a = a / scale;
        y.give(0, is_wide(a.shape()) ? product(minus_both, of_a) : product(of_a, minus_both));
    }
}

// ------------------------------------------------------------------------------------------------------ nuclear norm

template <class T>
void nuclear_norm_rule::forward(const evaluation<T>& call)
{
    const svd_extents of = detail::svd_of(call.operands[0].shape);
    detail::for_each_svd(call, [&](std::size_t k, const T* block)
                         { call.out()[k] = std::accumulate(of.s(block), of.s(block) + of.count(), T(0)); });
}

template <class T>
void nuclear_norm_rule::vjp(pullback<T>& y)
{
    const variable<T> q = record<polar_rule, T>({}, {y.operand(0), y.operand(1)});
    y.give(0, expand_dims(expand_dims(y.cotangent(), -1), -1) * q);
}

#define AUTOGRAD_INSTANTIATE(T)                                                                                        \
    template void polar_rule::forward(const evaluation<T>&);                                                           \
    template void polar_rule::vjp(pullback<T>&);                                                                       \
    template void polar_lyapunov_rule::forward(const evaluation<T>&, const attributes&);                               \
    template std::size_t polar_lyapunov_rule::scratch(const evaluation<T>&, const attributes&);                        \
    template void polar_lyapunov_rule::vjp(pullback<T>&);                                                              \
    template void nuclear_norm_rule::forward(const evaluation<T>&);                                                    \
    template void nuclear_norm_rule::vjp(pullback<T>&);
AUTOGRAD_INSTANTIATE(float)
AUTOGRAD_INSTANTIATE(double)
#undef AUTOGRAD_INSTANTIATE

} // namespace autograd
