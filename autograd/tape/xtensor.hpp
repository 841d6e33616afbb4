#pragma once

// The one place that includes xtensor: it hides the two layouts of its headers, cures a fault of its early versions,
// and says which of its arrays are ours.

#if __has_include(<xtensor/containers/xadapt.hpp>)
#include <xtensor/containers/xadapt.hpp>
#include <xtensor/containers/xarray.hpp>
#else
#include <xtensor/xadapt.hpp>
#include <xtensor/xarray.hpp>
#include <xtensor/xexpression_traits.hpp>
#endif

#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>

// Before 0.26, xtensor guards a template-template work-around with __cplusplus == 201703L. In C++20, g++ then takes the
// shape type of an xarray for that of an xtensor of rank 4, and temporaries of expressions have the wrong rank
// (xtensor issue 1970). This is the specialisation that the guard removes.
#if XTENSOR_VERSION_MAJOR == 0 && XTENSOR_VERSION_MINOR < 26 && __cplusplus > 201703L && defined(__GNUC__) &&          \
    !defined(__clang__)
namespace xt::detail
{
template <template <class, std::size_t, class, bool> class S, class X, std::size_t N, class A, bool Init>
struct xtype_for_shape<S<X, N, A, Init>>
{
    template <class T, layout_type L>
    using type = xarray<T, L>;
};
} // namespace xt::detail
#endif

// Whether that is cured is asked of xtensor's trait, which costs a compiler nothing; tests ask it of an expression.
#if XTENSOR_VERSION_MAJOR == 0 && XTENSOR_VERSION_MINOR < 26
namespace xt::detail
{
static_assert(
    std::is_same_v<xtype_for_shape<dynamic_shape<std::size_t>>::type<double, XTENSOR_DEFAULT_LAYOUT>, xarray<double>>,
    "xtensor computes the wrong temporary type of an expression");
} // namespace xt::detail
#endif

namespace autograd
{

/// The arrays that the library takes, stores and gives back: xt::xarray<T> as it is unless macros of xtensor's change
/// its defaults (XTENSOR_DEFAULT_LAYOUT, XTENSOR_USE_XSIMD). Row-major, on the heap. What is given as another container
/// or expression is copied.
template <class T>
using array = xt::xarray<T, xt::layout_type::row_major, std::allocator<T>>;

namespace detail
{
/// An adaptor over dense row-major elements of somebody else.
template <class T, class Extents>
auto adapted(T* elements, std::size_t count, Extents&& extents)
{
    return xt::adapt<xt::layout_type::row_major>(elements, count, xt::no_ownership(), std::forward<Extents>(extents));
}
} // namespace detail

} // namespace autograd
