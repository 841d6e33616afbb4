#pragma once

/// The vocabulary in which the rules of element-wise operations are written: pack<T>, as many numbers as one register
/// holds, and mask<T>, as many truth values. A rule is a generic lambda such as
///
///     [](auto x, auto y, auto g) { return g * (1 - y * y); }
///
/// that is called with packs by the kernels and with recorded variables when derivatives of derivatives are taken, so
/// every function has the same name for both and is found by argument-dependent lookup. The structs are our own, around
/// xsimd::batch, so that this lookup finds the functions declared here and never those of xsimd, several of which are
/// wrong at the edges (exp flushes subnormal results to zero, log is wrong for subnormal arguments, x != x is false for
/// NaN on AVX).
///
/// The arithmetic is here; the transcendental functions are in vector_math.hpp, which this header includes at its end.

#include <concepts>
#include <cstddef>
#include <limits>
#include <type_traits>

#include <xsimd/xsimd.hpp>

#include "autograd/kernels/instruction_set.hpp"
#include "autograd/kernels/primitives.hpp"

namespace autograd::kernels
{

/// Everything that depends on the instruction set of the translation unit lives in an inline namespace named after it:
/// kernels are compiled for the machine at hand while a user may instantiate operations of his own with other flags,
/// and two different definitions of one inline function in one program would violate the one-definition rule.
inline namespace AUTOGRAD_KERNELS_INSTRUCTION_SET
{

template <class T>
struct pack;

template <class T>
struct mask;

namespace detail
{

template <class U>
concept number = std::is_arithmetic_v<U>;

/// Bodies of the functions of two arguments; the functions themselves are friends of pack, so that a plain number is
/// accepted for either argument.
template <class T>
pack<T> maximum(pack<T> x, pack<T> y) noexcept;
template <class T>
pack<T> minimum(pack<T> x, pack<T> y) noexcept;
template <class T>
pack<T> copysign(pack<T> magnitude, pack<T> sign) noexcept;
template <class T>
pack<T> fma(pack<T> a, pack<T> b, pack<T> c) noexcept;
template <class T>
pack<T> pow(pack<T> x, pack<T> y) noexcept;
template <class T>
pack<T> atan2(pack<T> y, pack<T> x) noexcept;
template <class T>
pack<T> hypot(pack<T> x, pack<T> y) noexcept;

} // namespace detail

/// Truth values, one for each number of a pack<T>.
template <class T>
struct mask
{
    using value_type = bool;
    using batch_type = xsimd::batch_bool<T>;
    static constexpr std::size_t size = batch_type::size;

    batch_type m_batch;

    mask() = default;
    mask(batch_type batch) noexcept : m_batch(batch) {}
    /// A single truth value for all lanes. No other type converts to bool on its way here.
    template <std::same_as<bool> B>
    mask(B value) noexcept : m_batch(value)
    {
    }

    [[nodiscard]] bool get(std::size_t lane) const noexcept
    {
        bool values[size];
        m_batch.store_unaligned(values);
        return values[lane];
    }

    friend mask operator&&(mask a, mask b) noexcept { return a.m_batch & b.m_batch; }
    friend mask operator||(mask a, mask b) noexcept { return a.m_batch | b.m_batch; }
    friend mask operator!(mask a) noexcept { return ~a.m_batch; }

    /// For each lane, a where the condition holds and b elsewhere; either may be a plain number.
    friend pack<T> select(mask condition, pack<T> a, pack<T> b) noexcept
    {
        return xsimd::select(condition.m_batch, a.m_batch, b.m_batch);
    }
};

template <class T>
struct pack
{
    static_assert(std::same_as<T, float> || std::same_as<T, double>, "packs hold float or double");

    using value_type = T;
    using batch_type = xsimd::batch<T>;
    using register_type = typename batch_type::register_type;
    static constexpr std::size_t size = batch_type::size;

    batch_type m_batch;

    pack() = default;
    pack(batch_type batch) noexcept : m_batch(batch) {}
    /// The same number in all lanes. Any arithmetic type converts, so that the constants of a rule (1 - y * y, 0.5 * x)
    /// need no mention of T.
    template <detail::number U>
    pack(U value) noexcept : m_batch(static_cast<T>(value))
    {
    }

    /// Loads and stores need no alignment beyond that of T.
    [[nodiscard]] static pack load(const T* data) noexcept { return batch_type::load_unaligned(data); }
    void store(T* data) const noexcept { m_batch.store_unaligned(data); }

#if defined(__AVX2__) && !defined(__AVX512F__)
    /// Ones in the first lanes, as AVX2 is told which lanes to load and store.
    [[nodiscard]] static __m256i first_lanes(std::size_t count) noexcept
    {
        if constexpr (std::same_as<T, double>)
        {
            return _mm256_cmpgt_epi64(_mm256_set1_epi64x(static_cast<long long>(count)),
                                      _mm256_setr_epi64x(0, 1, 2, 3));
        }
        else
        {
            return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(count)),
                                      _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
        }
    }
#endif

    /// The tail of an array, 1 <= count <= size: missing lanes repeat the first element, so that they cause no slow
    /// path and no floating-point exception of their own.
    [[nodiscard]] static pack load_partial(const T* data, std::size_t count) noexcept
    {
#if defined(__AVX512F__)
        if constexpr (std::same_as<T, double>)
        {
            return batch_type(
                _mm512_mask_loadu_pd(_mm512_set1_pd(*data), static_cast<__mmask8>((1U << count) - 1U), data));
        }
        else
        {
            return batch_type(
                _mm512_mask_loadu_ps(_mm512_set1_ps(*data), static_cast<__mmask16>((1U << count) - 1U), data));
        }
#elif defined(__AVX2__)
        const auto kept = first_lanes(count);
        if constexpr (std::same_as<T, double>)
        {
            return batch_type(
                _mm256_blendv_pd(_mm256_set1_pd(*data), _mm256_maskload_pd(data, kept), _mm256_castsi256_pd(kept)));
        }
        else
        {
            return batch_type(
                _mm256_blendv_ps(_mm256_set1_ps(*data), _mm256_maskload_ps(data, kept), _mm256_castsi256_ps(kept)));
        }
#elif defined(__SSE2__) && !defined(__AVX__)
        // A register that is loaded from memory waits for numbers that were just stored there one by one.
        if constexpr (std::same_as<T, double>)
        {
            return batch_type(_mm_setr_pd(data[0], data[count > 1 ? 1 : 0]));
        }
        else
        {
            return batch_type(
                _mm_setr_ps(data[0], data[count > 1 ? 1 : 0], data[count > 2 ? 2 : 0], data[count > 3 ? 3 : 0]));
        }
#else
        T lanes[size];
        for (std::size_t i = 0; i < size; ++i)
        {
            lanes[i] = data[i < count ? i : 0];
        }
        return load(lanes);
#endif
    }
    void store_partial(T* data, std::size_t count) const noexcept
    {
#if defined(__AVX512F__)
        if constexpr (std::same_as<T, double>)
        {
            _mm512_mask_storeu_pd(data, static_cast<__mmask8>((1U << count) - 1U), m_batch);
        }
        else
        {
            _mm512_mask_storeu_ps(data, static_cast<__mmask16>((1U << count) - 1U), m_batch);
        }
#elif defined(__AVX2__)
        if constexpr (std::same_as<T, double>)
        {
            _mm256_maskstore_pd(data, first_lanes(count), m_batch);
        }
        else
        {
            _mm256_maskstore_ps(data, first_lanes(count), m_batch);
        }
#else
        T lanes[size];
        store(lanes);
        for (std::size_t i = 0; i < count; ++i)
        {
            data[i] = lanes[i];
        }
#endif
    }

    [[nodiscard]] T get(std::size_t lane) const noexcept
    {
        T lanes[size];
        store(lanes);
        return lanes[lane];
    }

    friend pack operator+(pack x, pack y) noexcept
    {
        return x.m_batch + y.m_batch;
    }
    friend pack operator-(pack x, pack y) noexcept
    {
        return x.m_batch - y.m_batch;
    }
    friend pack operator*(pack x, pack y) noexcept
    {
        return x.m_batch * y.m_batch;
    }
    friend pack operator/(pack x, pack y) noexcept
    {
        return detail::primitive::divide(x.m_batch, y.m_batch);
    }
    friend pack operator+(pack x) noexcept
    {
        return x;
    }
    friend pack operator-(pack x) noexcept
    {
        return detail::primitive::negate(x.m_batch);
    }

    pack& operator+=(pack y) noexcept
    {
        return *this = *this + y;
    }
    pack& operator-=(pack y) noexcept
    {
        return *this = *this - y;
    }
    pack& operator*=(pack y) noexcept
    {
        return *this = *this * y;
    }
    pack& operator/=(pack y) noexcept
    {
        return *this = *this / y;
    }

    friend mask<T> operator<(pack x, pack y) noexcept
    {
        return x.m_batch < y.m_batch;
    }
    friend mask<T> operator<=(pack x, pack y) noexcept
    {
        return x.m_batch <= y.m_batch;
    }
    friend mask<T> operator>(pack x, pack y) noexcept
    {
        return x.m_batch > y.m_batch;
    }
    friend mask<T> operator>=(pack x, pack y) noexcept
    {
        return x.m_batch >= y.m_batch;
    }
    /// Equality by name, because == on variables compares identities elsewhere. NaN is not equal to anything; xsimd's
    /// own != says on AVX that it is not unequal either.
    friend mask<T> equal(pack x, pack y) noexcept
    {
        return x.m_batch == y.m_batch;
    }
    friend mask<T> not_equal(pack x, pack y) noexcept
    {
        return ~(x.m_batch == y.m_batch);
    }

    friend pack maximum(pack x, pack y) noexcept
    {
        return detail::maximum(x, y);
    }
    friend pack minimum(pack x, pack y) noexcept
    {
        return detail::minimum(x, y);
    }
    friend pack copysign(pack magnitude, pack sign) noexcept
    {
        return detail::copysign(magnitude, sign);
    }
    /// a * b + c rounded once, on every instruction set.
    friend pack fma(pack a, pack b, pack c) noexcept
    {
        return detail::fma(a, b, c);
    }
    friend pack pow(pack x, pack y) noexcept
    {
        return detail::pow(x, y);
    }
    friend pack atan2(pack y, pack x) noexcept
    {
        return detail::atan2(y, x);
    }
    friend pack hypot(pack x, pack y) noexcept
    {
        return detail::hypot(x, y);
    }
};

namespace detail
{

/// The function of single numbers applied to every lane, for what has no vector form.
template <class T, class F>
[[nodiscard]] pack<T> map_lanes(F f, pack<T> x) noexcept
{
    T lanes[pack<T>::size];
    x.store(lanes);
    for (T& lane : lanes)
    {
        lane = f(lane);
    }
    return pack<T>::load(lanes);
}

template <class T, class F>
[[nodiscard]] pack<T> map_lanes(F f, pack<T> x, pack<T> y) noexcept
{
    T x_lanes[pack<T>::size];
    T y_lanes[pack<T>::size];
    x.store(x_lanes);
    y.store(y_lanes);
    for (std::size_t i = 0; i < pack<T>::size; ++i)
    {
        x_lanes[i] = f(x_lanes[i], y_lanes[i]);
    }
    return pack<T>::load(x_lanes);
}

/// The lanes combined by a tree: lane i with lane i + size / 2 first, then halves of what is left. The order depends on
/// the width of the pack only, so a result is the same from run to run.
template <std::size_t Half, class T, class F>
[[nodiscard]] T reduce_halves(F f, T* lanes) noexcept
{
    if constexpr (Half == 0)
    {
        return lanes[0];
    }
    else
    {
        for (std::size_t i = 0; i < Half; ++i)
        {
            lanes[i] = f(lanes[i], lanes[i + Half]);
        }
        return reduce_halves<Half / 2>(f, lanes);
    }
}

template <class T, class F>
[[nodiscard]] T reduce_lanes(F f, pack<T> x) noexcept
{
    T lanes[pack<T>::size];
    x.store(lanes);
    return reduce_halves<pack<T>::size / 2>(f, lanes);
}

} // namespace detail

template <class T>
[[nodiscard]] mask<T> isnan(pack<T> x) noexcept
{
    return xsimd::isnan(x.m_batch);
}

template <class T>
[[nodiscard]] pack<T> abs(pack<T> x) noexcept
{
    return detail::primitive::abs(x.m_batch);
}

template <class T>
[[nodiscard]] mask<T> isinf(pack<T> x) noexcept
{
    return equal(abs(x), detail::infinity<T>);
}

template <class T>
[[nodiscard]] mask<T> isfinite(pack<T> x) noexcept
{
    return abs(x) < detail::infinity<T>;
}

/// The sign bit, whatever the number: true for -0.0 and for a NaN that carries it.
template <class T>
[[nodiscard]] mask<T> signbit(pack<T> x) noexcept
{
    return copysign(pack<T>(1), x) < 0;
}

/// As NumPy: -1, 0 or 1, and NaN for NaN. x + 0 turns -0.0 into 0.0 and keeps NaN.
template <class T>
[[nodiscard]] pack<T> sign(pack<T> x) noexcept
{
    return select(x > 0, 1, select(x < 0, -1, x + 0));
}

namespace detail
{

/// NaN if either argument is: the primitives give y where either is, so that only a NaN in x can be lost.
template <class T>
pack<T> maximum(pack<T> x, pack<T> y) noexcept
{
    return select(isnan(x), x, pack<T>(primitive::max(x.m_batch, y.m_batch)));
}

template <class T>
pack<T> minimum(pack<T> x, pack<T> y) noexcept
{
    return select(isnan(x), x, pack<T>(primitive::min(x.m_batch, y.m_batch)));
}

template <class T>
pack<T> copysign(pack<T> magnitude, pack<T> sign) noexcept
{
    return primitive::copysign(magnitude.m_batch, sign.m_batch);
}

template <class T>
pack<T> fma(pack<T> a, pack<T> b, pack<T> c) noexcept
{
    return primitive::fma(a.m_batch, b.m_batch, c.m_batch);
}

} // namespace detail

template <class T>
[[nodiscard]] pack<T> sqrt(pack<T> x) noexcept
{
    return detail::primitive::sqrt(x.m_batch);
}

/// 1 / sqrt(x) from the two exact instructions, not from the approximate one.
template <class T>
[[nodiscard]] pack<T> rsqrt(pack<T> x) noexcept
{
    return 1 / sqrt(x);
}

template <class T>
[[nodiscard]] pack<T> reciprocal(pack<T> x) noexcept
{
    return 1 / x;
}

template <class T>
[[nodiscard]] pack<T> square(pack<T> x) noexcept
{
    return x * x;
}

/// To the nearest integer, halves to even as NumPy does.
template <class T>
[[nodiscard]] pack<T> round(pack<T> x) noexcept
{
    return detail::primitive::round(x.m_batch);
}

template <class T>
[[nodiscard]] pack<T> floor(pack<T> x) noexcept
{
    return detail::primitive::floor(x.m_batch);
}

template <class T>
[[nodiscard]] pack<T> ceil(pack<T> x) noexcept
{
    return detail::primitive::ceil(x.m_batch);
}

template <class T>
[[nodiscard]] pack<T> trunc(pack<T> x) noexcept
{
    return detail::primitive::trunc(x.m_batch);
}

/// Numbers in place of NaN and the infinities, by default 0 and the largest finite numbers as in NumPy.
template <class T>
[[nodiscard]] pack<T>
nan_to_num(pack<T> x, std::type_identity_t<pack<T>> nan = 0,
           std::type_identity_t<pack<T>> positive_infinity = std::numeric_limits<T>::max(),
           std::type_identity_t<pack<T>> negative_infinity = std::numeric_limits<T>::lowest()) noexcept
{
    return select(isnan(x), nan,
                  select(equal(x, detail::infinity<T>), positive_infinity,
                         select(equal(x, -detail::infinity<T>), negative_infinity, x)));
}

/// Reductions of the lanes of one pack to a number.
template <class T>
[[nodiscard]] T reduce_sum(pack<T> x) noexcept
{
    return detail::reduce_lanes([](T a, T b) { return a + b; }, x);
}

template <class T>
[[nodiscard]] T reduce_product(pack<T> x) noexcept
{
    return detail::reduce_lanes([](T a, T b) { return a * b; }, x);
}

/// NaN if any lane is.
template <class T>
[[nodiscard]] T reduce_maximum(pack<T> x) noexcept
{
    return detail::reduce_lanes([](T a, T b) { return a > b || a != a ? a : b; }, x);
}

template <class T>
[[nodiscard]] T reduce_minimum(pack<T> x) noexcept
{
    return detail::reduce_lanes([](T a, T b) { return a < b || a != a ? a : b; }, x);
}

template <class T>
[[nodiscard]] bool any(mask<T> m) noexcept
{
    return xsimd::any(m.m_batch);
}

template <class T>
[[nodiscard]] bool all(mask<T> m) noexcept
{
    return xsimd::all(m.m_batch);
}

template <class T>
[[nodiscard]] bool none(mask<T> m) noexcept
{
    return !xsimd::any(m.m_batch);
}

} // namespace AUTOGRAD_KERNELS_INSTRUCTION_SET

} // namespace autograd::kernels

#include "autograd/kernels/vector_math.hpp"
