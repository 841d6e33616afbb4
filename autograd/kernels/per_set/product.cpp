#include "autograd/kernels/axis_groups.hpp"
#include "autograd/kernels/per_set/compiled.hpp"
#include "autograd/kernels/per_set/failed_columns.hpp"
#include "autograd/kernels/reduce.hpp"

// Products of more than 64 factors are taken in lanes, in which they leave the range of T elsewhere than in order. A
// lane that comes to subnormal numbers is NaN from there on, one that becomes infinite stays so or becomes NaN; results
// that are not finite are taken again in numbers that carry their exponents. Exact zeros are none of that.

namespace autograd::kernels
{

inline namespace AUTOGRAD_KERNELS_INSTRUCTION_SET
{

namespace
{

/// Up to so many factors are multiplied in order.
constexpr std::size_t in_order_length = 64;

/// The products of columns in order, by multiply(product, factor).
template <class Seen, class T, class Multiply>
Seen multiply_columns(const T* x, std::size_t rows, std::size_t stride, std::size_t width, T* y, Multiply multiply)
{
    return walk_columns<Seen, T>(
        rows, 0, static_cast<std::ptrdiff_t>(stride), width, [](auto, std::size_t) { return pack<T>(1); },
        [=](auto part, std::ptrdiff_t row, std::size_t c, pack<T> before)
        { return multiply(before, part.load(x + row + c)); },
        [y](auto, std::size_t c, pack<T> product) { product.store(y + c); });
}

template <class T>
struct ordered_program
{
    static constexpr std::size_t small_item = 16;

    static T row(const T* x, std::size_t length) { return std::accumulate(x, x + length, T(1), std::multiplies<>()); }

    static void columns(const T* x, std::size_t rows, std::size_t stride, std::size_t width, T* y)
    {
        multiply_columns<unseen_states>(x, rows, stride, width, y, std::multiplies<pack<T>>());
    }
};

/// Whether numbers are kept far from both ends of the range, from 2^-256 to 2^256 in double and from 2^-32 to 2^32 in
/// float: the two highest bits of their exponents, counted from there, are 0.
template <class T>
class exponent_window
{
    using layout = float_layout<T>;
    using integer = typename layout::integer;
    static constexpr integer lowest = integer{layout::bias - (layout::bias + 1) / 4} << layout::mantissa_bits;
    static constexpr integer two_highest_bits = integer{3} << (8 * sizeof(T) - 3);

public:
    void pass(pack<T> x)
    {
        m_seen = m_seen | (xsimd::bitwise_cast<xsimd::batch<integer>>(x.m_batch) - xsimd::batch<integer>(lowest));
    }
    bool was_kept() const
    {
        return xsimd::all((m_seen & xsimd::batch<integer>(two_highest_bits)) == xsimd::batch<integer>(integer{0}));
    }

private:
    xsimd::batch<integer> m_seen = xsimd::batch<integer>(integer{0});
};

struct products_fold
{
    template <class T>
    static constexpr T neutral = 1;
};

/// a * b, but NaN where digits were lost.
template <class T>
T watched_product(T a, T b)
{
    const T product = a * b;
    return lost_digits(product, a, b) ? std::numeric_limits<T>::quiet_NaN() : product;
}
template <class T>
pack<T> watched_product(pack<T> a, pack<T> b)
{
    const pack<T> product = a * b;
    return select(lost_digits(product, a, b), std::numeric_limits<T>::quiet_NaN(), product);
}

template <class T>
struct watched_program
{
    static constexpr std::size_t small_item = 16;

    static T row(const T* x, std::size_t length)
    {
        T product;
        return normal_product(x, length, product) ? product : watched_product_of_row(x, length);
    }

    /// Slower, and sure: NaN where digits were lost, but zero where there are exact zeros only.
    [[gnu::noinline]] static T watched_product_of_row(const T* x, std::size_t length)
    {
        constexpr std::size_t lanes = pack<T>::size;
        pack<T> chains[4] = {1, 1, 1, 1};
        std::size_t i = 0;
        for (std::size_t k = 0; i + lanes <= length; i += lanes, k = (k + 1) % 4)
        {
            chains[k] = watched_product(chains[k], pack<T>::load(x + i));
        }
        const pack<T> all =
            watched_product(watched_product(chains[0], chains[1]), watched_product(chains[2], chains[3]));
        const T result = detail::reduce_lanes([](T a, T b) { return watched_product(a, b); }, all);
        return std::accumulate(x + i, x + length, result, [](T a, T b) { return watched_product(a, b); });
    }

    /// In four chains of packs; returns whether it is certain that no digits were lost.
    static bool normal_product(const T* x, std::size_t length, T& product)
    {
        constexpr std::size_t lanes = pack<T>::size;
        pack<T> chains[4] = {1, 1, 1, 1};
        exponent_window<T> window;
        const auto multiply = [&](pack<T>& chain, pack<T> factors)
        {
            chain *= factors;
            window.pass(chain);
        };
        // From one number in the window to the next: the two factors between them have a normal product, too.
        const auto two_factors = [x](std::size_t i) { return pack<T>::load(x + i) * pack<T>::load(x + i + lanes); };
        std::size_t i = 0;
        for (; i + 8 * lanes <= length; i += 8 * lanes)
        {
            multiply(chains[0], two_factors(i));
            multiply(chains[1], two_factors(i + 2 * lanes));
            multiply(chains[2], two_factors(i + 4 * lanes));
            multiply(chains[3], two_factors(i + 6 * lanes));
        }
        for (; i + lanes <= length; i += lanes)
        {
            multiply(chains[0], pack<T>::load(x + i));
        }
        if (i < length)
        {
            const std::size_t left = length - i;
            multiply(chains[1], keep_lanes<products_fold>(part_of_pack<T>{left}.load(x + i), left));
        }
        const pack<T> ends[] = {chains[0] * chains[1], chains[2] * chains[3]}; // normal as well
        const pack<T> all = ends[0] * ends[1];
        product = reduce_product(all);
        return window.was_kept() && (!any(abs(all) < lanes_root_of_smallest) || has_normal_products(ends[0], ends[1]));
    }

    /// So many lanes have a normal product if none of them is below this.
    static constexpr T lanes_root_of_smallest =
        std::bit_cast<T>(static_cast<typename float_layout<T>::integer>(
                             float_layout<T>::bias + (std::numeric_limits<T>::min_exponent - 1) / int{pack<T>::size})
                         << float_layout<T>::mantissa_bits);

    /// No product of some lanes is below that of all that are below 1.
    static bool has_normal_products(pack<T> a, pack<T> b)
    {
        const pack<T> below_one = lower_magnitude(pack<T>(1), a) * lower_magnitude(pack<T>(1), b);
        return reduce_product(below_one) >= smallest_normal<T>;
    }

    static void columns(const T* x, std::size_t rows, std::size_t stride, std::size_t width, T* y)
    {
        const std::size_t together = rows_taken_together<T>(rows, stride, width);
        if (together > 1)
        {
            const auto multiply = [](T a, T b) { return watched_product(a, b); };
            fold_narrow<watched_program>(x, rows, width, together, y, multiply, multiply);
            return;
        }
        const auto seen = multiply_columns<seen_states<T>>(x, rows, stride, width, y, std::multiplies<pack<T>>());
        if (!seen.were_normal()) [[unlikely]]
        {
            multiply_columns<unseen_states>(x, rows, stride, width, y,
                                            [](pack<T> before, pack<T> factor)
                                            { return watched_product(before, factor); });
        }
    }
};

// ------------------------------------------------------------------------------------------------------- by elements

/// The axes of an array, neighbours that are treated alike merged, with their strides in it and in the result.
class reduced_array
{
public:
    reduced_array(shape_view shape, std::uint32_t axes)
    {
        for (std::size_t axis = 0; axis < shape.size(); ++axis)
        {
            const bool is_reduced = ((axes >> axis) & 1) != 0;
            (is_reduced ? m_length : m_results) *= shape[axis];
            if (shape[axis] == 1)
            {
                continue;
            }
            if (m_count == 0 || m_groups[m_count - 1].is_reduced != is_reduced)
            {
                m_groups[m_count++] = {1, 0, 0, is_reduced};
                m_passes += is_reduced;
            }
            m_groups[m_count - 1].extent *= shape[axis];
        }
        std::size_t stride = 1;
        std::size_t stride_of_result = 1;
        for (std::size_t k = m_count; k-- > 0;)
        {
            group& each = m_groups[k];
            each.stride = stride;
            stride *= each.extent;
            if (!each.is_reduced)
            {
                each.stride_of_result = stride_of_result;
                stride_of_result *= each.extent;
            }
        }
    }

    std::size_t length() const { return m_length; }   ///< elements of each result
    std::size_t results() const { return m_results; } ///< how many
    std::size_t passes() const { return m_passes; }   ///< groups of axes that are reduced

    /// Multiplies each element to its result, in the order of memory.
    template <class T>
    void multiply_in_order(const T* x, T* y, std::size_t k = 0) const
    {
        const group& here = m_groups[k];
        for (std::size_t i = 0; i < here.extent; ++i, x += here.stride, y += here.stride_of_result)
        {
            if (k + 1 < m_count)
            {
                multiply_in_order(x, y, k + 1);
            }
            else
            {
                *y *= *x;
            }
        }
    }

    /// One result, in numbers with exponents.
    template <class T>
    T careful_product(const T* x, std::size_t result) const
    {
        std::size_t start = 0;
        for (std::size_t k = 0; k < m_count; ++k)
        {
            const group& each = m_groups[k];
            start += each.is_reduced ? 0 : result / each.stride_of_result % each.extent * each.stride;
        }
        scaled<T> product(T(1));
        multiply_along(x + start, product, 0);
        return product.value();
    }

private:
    struct group
    {
        std::size_t extent;
        std::size_t stride;
        std::size_t stride_of_result; ///< 0 where it is reduced
        bool is_reduced;
    };

    template <class T>
    void multiply_along(const T* x, scaled<T>& product, std::size_t k) const
    {
        while (k < m_count && !m_groups[k].is_reduced)
        {
            ++k;
        }
        if (k == m_count)
        {
            product = product * scaled<T>(*x);
            return;
        }
        for (std::size_t i = 0; i < m_groups[k].extent; ++i)
        {
            multiply_along(x + i * m_groups[k].stride, product, k + 1);
        }
    }

    group m_groups[max_dimension];
    std::size_t m_count = 0;
    std::size_t m_length = 1;
    std::size_t m_results = 1;
    std::size_t m_passes = 0;
};

template <class Program, class T>
void reduce(const T* x, shape_view shape, std::uint32_t axes, T* y, scratch_memory scratch)
{
    for_each_pass(x, shape, axes, y, scratch,
                  [](bool, const T* from, const lines& of, T* to) { reduce_lines(from, of, to, Program()); });
}

template <class T>
void product(const T* x, shape_view shape, std::uint32_t axes, T* y, scratch_memory scratch)
{
    const reduced_array array(shape, axes);
    if (array.length() == 0 || array.results() == 0)
    {
        std::fill_n(y, array.results(), T(1));
    }
    else if (array.length() > in_order_length)
    {
        reduce<watched_program<T>>(x, shape, axes, y, scratch);
        for (std::size_t result = 0; result < array.results(); ++result)
        {
            if (!std::isfinite(y[result]))
            {
                y[result] = array.careful_product(x, result);
            }
        }
    }
    else if (array.passes() > 1)
    {
        std::fill_n(y, array.results(), T(1));
        array.multiply_in_order(x, y);
    }
    else
    {
        reduce<ordered_program<T>>(x, shape, axes, y, scratch);
    }
}

} // namespace

#define AUTOGRAD_COMPILED(T)                                                                                           \
    template <>                                                                                                        \
    constinit const product_kernels<T> compiled<product_kernels<T>>::kernels{.product = product<T>};
AUTOGRAD_COMPILED(float)
AUTOGRAD_COMPILED(double)
#undef AUTOGRAD_COMPILED

} // namespace AUTOGRAD_KERNELS_INSTRUCTION_SET

} // namespace autograd::kernels
