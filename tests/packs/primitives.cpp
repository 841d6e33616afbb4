// What the functions on packs are built from, at NaN, zeros of both signs, infinities and the ends of the range, in
// either operand and in every lane, bit by bit. Here nothing is said about xsimd that a release of it may change.

#include "autograd/kernels/pack.hpp"

#include <bit>
#include <cmath>
#include <limits>
#include <tuple>
#include <vector>

#include <boost/test/unit_test.hpp>

namespace
{

namespace kernels = autograd::kernels;
namespace primitive = kernels::detail::primitive;
using kernels::mask;
using kernels::pack;

using element_types = std::tuple<float, double>;

template <class T>
std::vector<T> edges()
{
    using limits = std::numeric_limits<T>;
    const T nan = limits::quiet_NaN();
    return {nan,
            -nan,
            limits::infinity(),
            -limits::infinity(),
            T(0),
            T(-0.0),
            T(1),
            T(-1),
            T(0.5),
            T(-0.5),
            T(2.5),
            T(-2.5),
            T(3.5),
            T(-0.7),
            limits::max(),
            limits::lowest(),
            limits::min(),
            -limits::min(),
            T(0x1.8p22),
            T(-0x1.8p22),
            T(0x1p23),
            T(0x1.8p51),
            T(-0x1.8p51),
            T(0x1p52),
            T(1.5e9),
            T(-3e10),
            T(0.49999997),
            T(1) / T(3),
            limits::denorm_min(),
            -limits::denorm_min()};
}

/// The same number, the sign of a zero included; any NaN for a NaN.
template <class T>
bool same(T a, T b)
{
    using bits = kernels::detail::bits_of<T>;
    return std::isnan(a) ? std::isnan(b) : std::bit_cast<bits>(a) == std::bit_cast<bits>(b);
}

/// The number in one lane, others beside it.
template <class T>
pack<T> in_lane(std::size_t lane, T number)
{
    T lanes[pack<T>::size];
    for (std::size_t i = 0; i < pack<T>::size; ++i)
    {
        lanes[i] = i == lane ? number : T(i) - T(1.5);
    }
    return pack<T>::load(lanes);
}

template <class T>
T result_in(std::size_t lane, pack<T> result)
{
    return result.get(lane);
}
template <class T>
T result_in(std::size_t lane, mask<T> result)
{
    return result.get(lane) ? T(1) : T(0);
}

/// f on packs is `expected` on numbers, at every edge and in every lane.
template <class T, class F, class G>
void compare_unary(const char* name, F f, G expected)
{
    std::size_t wrong = 0;
    for (const T x : edges<T>())
    {
        for (std::size_t lane = 0; lane < pack<T>::size; ++lane)
        {
            const T result = result_in<T>(lane, f(in_lane(lane, x)));
            const T want = static_cast<T>(expected(x));
            wrong += same(result, want) ? 0 : 1;
            BOOST_TEST((wrong != 1 || same(result, want)), name << "(" << x << ") is " << result << ", not " << want);
        }
    }
    BOOST_TEST(wrong == 0, name << ": " << wrong << " results are wrong");
}

/// The same for two operands: all pairs, so that each stands on either side.
template <class T, class F, class G>
void compare_binary(const char* name, F f, G expected)
{
    std::size_t wrong = 0;
    for (const T x : edges<T>())
    {
        for (const T y : edges<T>())
        {
            for (std::size_t lane = 0; lane < pack<T>::size; ++lane)
            {
                const T result = result_in<T>(lane, f(in_lane(lane, x), in_lane(lane, y)));
                const T want = static_cast<T>(expected(x, y));
                wrong += same(result, want) ? 0 : 1;
                BOOST_TEST((wrong != 1 || same(result, want)),
                           name << "(" << x << ", " << y << ") is " << result << ", not " << want);
            }
        }
    }
    BOOST_TEST(wrong == 0, name << ": " << wrong << " results are wrong");
}

} // namespace

BOOST_AUTO_TEST_SUITE(packs_primitives)

BOOST_AUTO_TEST_CASE_TEMPLATE(the_larger_and_the_smaller, T, element_types)
{
    // As documented: the second where either is NaN, and of equal zeros.
    compare_binary<T>(
        "max", [](auto x, auto y) { return pack<T>(primitive::max(x.m_batch, y.m_batch)); },
        [](T x, T y) { return x > y ? x : y; });
    compare_binary<T>(
        "min", [](auto x, auto y) { return pack<T>(primitive::min(x.m_batch, y.m_batch)); },
        [](T x, T y) { return x < y ? x : y; });
    compare_binary<T>(
        "maximum", [](auto x, auto y) { return maximum(x, y); },
        [](T x, T y) { return std::isnan(x) || x > y ? x : y; });
    compare_binary<T>(
        "minimum", [](auto x, auto y) { return minimum(x, y); },
        [](T x, T y) { return std::isnan(x) || x < y ? x : y; });
}

BOOST_AUTO_TEST_CASE_TEMPLATE(signs, T, element_types)
{
    compare_unary<T>(
        "abs", [](auto x) { return abs(x); }, [](T x) { return std::abs(x); });
    compare_unary<T>(
        "negate", [](auto x) { return -x; }, [](T x) { return -x; });
    compare_unary<T>(
        "signbit", [](auto x) { return signbit(x); }, [](T x) { return std::signbit(x); });
    compare_unary<T>(
        "sign", [](auto x) { return sign(x); }, [](T x) { return x > 0   ? T(1)
                                                                 : x < 0 ? T(-1)
                                                                         : x + 0; });
    compare_binary<T>(
        "copysign", [](auto x, auto y) { return copysign(x, y); }, [](T x, T y) { return std::copysign(x, y); });
    compare_binary<T>(
        "add_sign", [](auto x, auto y) { return pack<T>(primitive::add_sign(primitive::abs(x.m_batch), y.m_batch)); },
        [](T x, T y) { return std::copysign(x, y); });
    // The sign of a NaN is one of its bits, too.
    const pack<T> negative_nan = in_lane(0, -std::numeric_limits<T>::quiet_NaN());
    BOOST_TEST(!std::signbit(abs(negative_nan).get(0)));
    BOOST_TEST(std::signbit(copysign(pack<T>(1), negative_nan).get(0)));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(arithmetic, T, element_types)
{
    compare_binary<T>(
        "+", [](auto x, auto y) { return x + y; }, [](T x, T y) { return x + y; });
    compare_binary<T>(
        "-", [](auto x, auto y) { return x - y; }, [](T x, T y) { return x - y; });
    compare_binary<T>(
        "*", [](auto x, auto y) { return x * y; }, [](T x, T y) { return x * y; });
    compare_binary<T>(
        "/", [](auto x, auto y) { return x / y; }, [](T x, T y) { return x / y; });
    compare_unary<T>(
        "sqrt", [](auto x) { return sqrt(x); }, [](T x) { return std::sqrt(x); });
    for (const T z : edges<T>())
    {
        compare_binary<T>(
            "fma", [z](auto x, auto y) { return fma(x, y, pack<T>(z)); }, [z](T x, T y) { return std::fma(x, y, z); });
    }
#if AUTOGRAD_KERNELS_HAS_POLYNOMIALS && AUTOGRAD_KERNELS_HAS_FMA
    for (const T z : edges<T>())
    {
        compare_binary<T>(
            "fnma", [z](auto x, auto y) { return kernels::detail::fnma(x, y, pack<T>(z)); },
            [z](T x, T y) { return std::fma(-x, y, z); });
    }
#endif
}

BOOST_AUTO_TEST_CASE_TEMPLATE(roundings, T, element_types)
{
    compare_unary<T>(
        "round", [](auto x) { return round(x); }, [](T x) { return std::nearbyint(x); });
    compare_unary<T>(
        "floor", [](auto x) { return floor(x); }, [](T x) { return std::floor(x); });
    compare_unary<T>(
        "ceil", [](auto x) { return ceil(x); }, [](T x) { return std::ceil(x); });
    compare_unary<T>(
        "trunc", [](auto x) { return trunc(x); }, [](T x) { return std::trunc(x); });
}

BOOST_AUTO_TEST_CASE_TEMPLATE(comparisons_and_masks, T, element_types)
{
    compare_binary<T>(
        "<", [](auto x, auto y) { return x < y; }, [](T x, T y) { return x < y; });
    compare_binary<T>(
        "<=", [](auto x, auto y) { return x <= y; }, [](T x, T y) { return x <= y; });
    compare_binary<T>(
        ">", [](auto x, auto y) { return x > y; }, [](T x, T y) { return x > y; });
    compare_binary<T>(
        ">=", [](auto x, auto y) { return x >= y; }, [](T x, T y) { return x >= y; });
    compare_binary<T>(
        "equal", [](auto x, auto y) { return equal(x, y); }, [](T x, T y) { return x == y; });
    compare_binary<T>(
        "not_equal", [](auto x, auto y) { return not_equal(x, y); }, [](T x, T y) { return x != y; });
    compare_binary<T>(
        "!<", [](auto x, auto y) { return !(x < y); }, [](T x, T y) { return !(x < y); });
    compare_binary<T>(
        "&&", [](auto x, auto y) { return x < 0 && isnan(y); }, [](T x, T y) { return x < 0 && std::isnan(y); });
    compare_binary<T>(
        "||", [](auto x, auto y) { return isnan(x) || y >= 0; }, [](T x, T y) { return std::isnan(x) || y >= 0; });
    compare_binary<T>(
        "select", [](auto x, auto y) { return select(x < y, x, y); }, [](T x, T y) { return x < y ? x : y; });
    compare_unary<T>(
        "isnan", [](auto x) { return isnan(x); }, [](T x) { return std::isnan(x); });
    compare_unary<T>(
        "isinf", [](auto x) { return isinf(x); }, [](T x) { return std::isinf(x); });
    compare_unary<T>(
        "isfinite", [](auto x) { return isfinite(x); }, [](T x) { return std::isfinite(x); });
    for (std::size_t lane = 0; lane < pack<T>::size; ++lane)
    {
        const mask<T> one = isnan(in_lane(lane, std::numeric_limits<T>::quiet_NaN()));
        BOOST_TEST((any(one) && !all(one) && !none(one)));
        BOOST_TEST((all(one || !one) && none(one && !one)));
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_nan_in_any_lane_is_the_extremum, T, element_types)
{
    for (std::size_t lane = 0; lane < pack<T>::size; ++lane)
    {
        const pack<T> one = in_lane(lane, std::numeric_limits<T>::quiet_NaN());
        BOOST_TEST(std::isnan(reduce_maximum(one)));
        BOOST_TEST(std::isnan(reduce_minimum(one)));
        BOOST_TEST(reduce_maximum(in_lane(lane, std::numeric_limits<T>::infinity())) ==
                   std::numeric_limits<T>::infinity());
        BOOST_TEST(reduce_minimum(in_lane(lane, -std::numeric_limits<T>::infinity())) ==
                   -std::numeric_limits<T>::infinity());
    }
}

#if AUTOGRAD_KERNELS_HAS_POLYNOMIALS

BOOST_AUTO_TEST_CASE_TEMPLATE(parts_of_exponentials_and_logarithms, T, element_types)
{
    using limits = std::numeric_limits<T>;
    // x 2^n, for n that |x| can meet on its way out of the range
    for (const T n : {T(0), T(1), T(-1), T(limits::min_exponent), T(limits::max_exponent), T(-2 * limits::digits),
                      T(limits::min_exponent - limits::digits)})
    {
        compare_unary<T>(
            "scale", [n](auto x) { return kernels::detail::scale(x, pack<T>(n)); },
            [n](T x)
            {
                // Rounded once but where it is subnormal, in which x need not be either.
                return std::ldexp(x, static_cast<int>(n));
            });
    }
    for (const T x : edges<T>())
    {
        if (std::isfinite(x) && x > 0)
        {
            const auto [k, m] = kernels::detail::split(pack<T>(x));
            BOOST_TEST((m.get(0) >= T(0.75) && m.get(0) < T(1.5)), x << " is split into " << m.get(0));
            BOOST_TEST(std::ldexp(m.get(0), static_cast<int>(k.get(0))) == x);
        }
    }
    compare_unary<T>(
        "edges of the logarithm",
        [](auto x) { return pack<T>(primitive::with_edges_of_logarithm(pack<T>(7).m_batch, x.m_batch)); },
        [](T x) { return x > 0 && x < limits::infinity() && x != 1 ? T(7)
                         : x == 1                                  ? T(7)
                                                                   : std::log(x); });
    for (const T n : {T(-3), T(0), T(5)})
    {
        const pack<T> shifted = pack<T>(n) + primitive::to_integer<T>;
        BOOST_TEST(pack<T>(primitive::power_of_two(shifted.m_batch)).get(0) == std::ldexp(T(1), static_cast<int>(n)));
    }
    const T rough = pack<T>(primitive::rough_reciprocal(pack<T>(3).m_batch)).get(0);
    BOOST_TEST(std::abs(3 * rough - 1) < std::sqrt(limits::epsilon()));
#if defined(__AVX512F__)
    compare_unary<T>(
        "clamp", [](auto x) { return pack<T>(primitive::clamp(x.m_batch, pack<T>(T(0.4)).m_batch)); },
        [](T x) { return !(std::abs(x) <= T(0.4)) ? std::copysign(T(0.4), x) : x; });
#endif
}

#endif

/// NaN goes through all that is built of them.
BOOST_AUTO_TEST_CASE_TEMPLATE(functions_keep_a_nan, T, element_types)
{
    const auto keeps = [](const char* name, auto f)
    {
        for (std::size_t lane = 0; lane < pack<T>::size; ++lane)
        {
            const T result = f(in_lane(lane, std::numeric_limits<T>::quiet_NaN())).get(lane);
            BOOST_TEST(std::isnan(result), name << " of NaN is " << result);
        }
    };
#define KEEPS(name) keeps(#name, [](pack<T> x) { return name(x); });
    KEEPS(exp)
    KEEPS(exp2)
    KEEPS(expm1)
    KEEPS(log)
    KEEPS(log1p)
    KEEPS(sin)
    KEEPS(sinh)
    KEEPS(cosh)
    KEEPS(tanh)
    KEEPS(asinh)
    KEEPS(atanh)
    KEEPS(sigmoid)
    KEEPS(softplus)
    KEEPS(log_sigmoid)
    KEEPS(log1mexp)
    KEEPS(erf)
    KEEPS(erfc)
    KEEPS(normal_pdf)
    KEEPS(normal_cdf)
#undef KEEPS
}

BOOST_AUTO_TEST_SUITE_END()
