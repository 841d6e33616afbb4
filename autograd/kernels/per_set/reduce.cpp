#include "autograd/kernels/reduce.hpp"

#include "autograd/kernels/axis_groups.hpp"
#include "autograd/kernels/per_set/compiled.hpp"
#include "autograd/kernels/per_set/lines.hpp"

#include <cmath>
#include <concepts>

namespace autograd::kernels
{

inline namespace AUTOGRAD_KERNELS_INSTRUCTION_SET
{

namespace
{

struct as_it_is
{
    static auto apply(auto x) { return x; }
};

struct squared
{
    static auto apply(auto x) { return x * x; }
};

/// Factors for numbers whose squares are too small or too large for T. Scaled, sums of less than 2^48 squares (2^40 in
/// float) stay in range, and what is still lost next to 0 is far below their last place.
template <class T>
inline constexpr T very_large = sizeof(T) == sizeof(double) ? T(0x1p600) : T(0x1p86);

/// Numbers times a power of two.
template <bool Up>
struct scaled_by_power
{
    template <class T>
    static pack<T> apply(pack<T> x)
    {
        return x * factor<T>;
    }
    template <std::floating_point T>
    static T apply(T x)
    {
        return x * factor<T>;
    }
    template <class T>
    static constexpr T factor = Up ? very_large<T> : 1 / very_large<T>;
};

template <bool Up>
struct squared_when_scaled
{
    static auto apply(auto x) { return squared::apply(scaled_by_power<Up>::apply(x)); }
};

/// The fold of a function of the elements, as a program for reduce_lines.
template <class Fold, class Function, class T>
struct fold_program
{
    static constexpr std::size_t small_item = 16;

    static T row(const T* x, std::size_t length)
    {
        if (length < pack<T>::size)
        {
            T result = Fold::combine(Fold::template neutral<T>, T(Function::apply(x[0])));
            for (std::size_t i = 1; i < length; ++i)
            {
                result = Fold::combine(result, T(Function::apply(x[i])));
            }
            return result;
        }
        return fold_row<Fold, T>(length, [x](auto part, std::size_t i) { return Function::apply(part.load(x + i)); });
    }

    static void columns(const T* x, std::size_t rows, std::size_t stride, std::size_t width, T* y)
    {
        const std::size_t together = rows_taken_together<T>(rows, stride, width);
        if (together > 1)
        {
            fold_narrow<fold_program>(
                x, rows, width, together, y, [](T before, T next) { return Fold::combine(before, next); },
                [](T before, T next) { return Fold::combine(before, T(Function::apply(next))); });
            return;
        }
        fold_columns<Fold, T>(
            rows, width,
            [x, stride](auto part, std::size_t r, std::size_t c)
            { return Function::apply(part.load(x + r * stride + c)); },
            y);
    }
};

/// log(sum(exp(x))) = m + log(sum(exp(x - m))) with the maximum m for m; where that is infinite or NaN, with 0.
template <class T>
struct logsumexp_program
{
    static constexpr std::size_t small_item = 32;

    static pack<T> shift(pack<T> highest) { return select(isfinite(highest), highest, 0); }

    static T row(const T* x, std::size_t length)
    {
        const pack<T> m = shift(fold_program<maximum_fold, as_it_is, T>::row(x, length));
        const T total =
            fold_row<sum_fold, T>(length, [&](auto part, std::size_t i) { return exp(part.load(x + i) - m); });
        return (m + log(pack<T>(total))).get(0);
    }

    static void columns(const T* x, std::size_t rows, std::size_t stride, std::size_t width, T* y)
    {
        T m[column_tile];
        fold_program<maximum_fold, as_it_is, T>::columns(x, rows, stride, width, m);
        for (std::size_t c = 0; c < width; c += pack<T>::size)
        {
            shift(pack<T>::load(m + c)).store(m + c);
        }
        fold_columns<sum_fold, T>(
            rows, width,
            [&](auto part, std::size_t r, std::size_t c)
            { return exp(part.load(x + r * stride + c) - pack<T>::load(m + c)); },
            y);
        for (std::size_t c = 0; c < width; c += pack<T>::size)
        {
            (pack<T>::load(m + c) + log(pack<T>::load(y + c))).store(y + c);
        }
    }
};

/// The first pass by First, those over its results by Next.
template <class First, class Next, class T>
void reduce(const T* x, shape_view shape, std::uint32_t axes, T* y, scratch_memory scratch, T of_nothing)
{
    if (std::find(shape.begin(), shape.end(), std::size_t{0}) != shape.end())
    {
        std::fill_n(y, size_without(shape, axes), of_nothing);
        return;
    }
    for_each_pass(x, shape, axes, y, scratch,
                  [](bool first, const T* from, const lines& of, T* to)
                  {
                      if (first)
                      {
                          reduce_lines(from, of, to, First());
                      }
                      else
                      {
                          reduce_lines(from, of, to, Next());
                      }
                  });
}

template <class Fold, class T>
void reduce(const T* x, shape_view shape, std::uint32_t axes, T* y, scratch_memory scratch)
{
    using program = fold_program<Fold, as_it_is, T>;
    reduce<program, program>(x, shape, axes, y, scratch, Fold::template neutral<T>);
}

/// Sums of a function of the elements.
template <class Function, class T>
void sum_of(const T* x, shape_view shape, std::uint32_t axes, T* y, scratch_memory scratch)
{
    using first = fold_program<sum_fold, Function, T>;
    using next = fold_program<sum_fold, as_it_is, T>;
    reduce<first, next>(x, shape, axes, y, scratch, T(0));
}

template <class T>
void sum(const T* x, shape_view shape, std::uint32_t axes, T* y, scratch_memory scratch)
{
    reduce<sum_fold>(x, shape, axes, y, scratch);
}

template <class T>
void sum_over(const T* x, shape_view shape, std::uint32_t axes, T divisor, T* y, scratch_memory scratch)
{
    const std::size_t results = size_without(shape, axes);
    T* const scaled = scratch.take<T>(results);
    sum(x, shape, axes, y, scratch);
    // Of parts that are infinite, a sum may be NaN.
    const auto has_left = [](T sum) { return !std::isfinite(sum); };
    if (std::any_of(y, y + results, has_left))
    {
        sum_of<scaled_by_power<false>>(x, shape, axes, scaled, scratch);
    }
    for (std::size_t i = 0; i < results; ++i)
    {
        y[i] = has_left(y[i]) ? scaled[i] / divisor * very_large<T> : y[i] / divisor;
    }
}

template <class T>
void sum_of_squares(const T* x, shape_view shape, std::uint32_t axes, T* y, scratch_memory scratch)
{
    sum_of<squared>(x, shape, axes, y, scratch);
}

template <class T>
void root_of_squares(const T* x, shape_view shape, std::uint32_t axes, std::size_t divisor, T* y,
                     scratch_memory scratch)
{
    const std::size_t results = size_without(shape, axes);
    T* const scaled_up = scratch.take<T>(results);
    T* const scaled_down = scratch.take<T>(results);
    sum_of_squares(x, shape, axes, y, scratch);
    const std::size_t summed = results == 0 ? 0 : element_count(shape) / results;
    // From this sum on, what its squares have lost next to 0 is below half of its last place.
    const T least = static_cast<T>(summed) * std::numeric_limits<T>::min();
    const auto is_small = [least](T sum) { return sum < least; };
    const auto is_large = [](T sum) { return std::isinf(sum); };
    if (std::any_of(y, y + results, is_small))
    {
        sum_of<squared_when_scaled<true>>(x, shape, axes, scaled_up, scratch);
    }
    if (std::any_of(y, y + results, is_large))
    {
        sum_of<squared_when_scaled<false>>(x, shape, axes, scaled_down, scratch);
    }
    const auto root = [divisor](T sum) { return std::sqrt(sum / static_cast<T>(divisor)); };
    for (std::size_t i = 0; i < results; ++i)
    {
        y[i] = is_small(y[i])   ? root(scaled_up[i]) / very_large<T>
               : is_large(y[i]) ? root(scaled_down[i]) * very_large<T>
                                : root(y[i]);
    }
}

template <class T>
void maximum(const T* x, shape_view shape, std::uint32_t axes, T* y, scratch_memory scratch)
{
    reduce<maximum_fold>(x, shape, axes, y, scratch);
}

template <class T>
void minimum(const T* x, shape_view shape, std::uint32_t axes, T* y, scratch_memory scratch)
{
    reduce<minimum_fold>(x, shape, axes, y, scratch);
}

template <class T>
void logsumexp(const T* x, shape_view shape, std::uint32_t axes, T* y, scratch_memory scratch)
{
    using program = logsumexp_program<T>;
    reduce<program, program>(x, shape, axes, y, scratch, maximum_fold::neutral<T>);
}

} // namespace

#define AUTOGRAD_COMPILED(T)                                                                                           \
    template <>                                                                                                        \
    constinit const reduction_kernels<T> compiled<reduction_kernels<T>>::kernels{.sum = sum<T>,                        \
                                                                                 .sum_over = sum_over<T>,              \
                                                                                 .sum_of_squares = sum_of_squares<T>,  \
                                                                                 .root_of_squares =                    \
                                                                                     root_of_squares<T>,               \
                                                                                 .maximum = maximum<T>,                \
                                                                                 .minimum = minimum<T>,                \
                                                                                 .logsumexp = logsumexp<T>};
AUTOGRAD_COMPILED(float)
AUTOGRAD_COMPILED(double)
#undef AUTOGRAD_COMPILED

} // namespace AUTOGRAD_KERNELS_INSTRUCTION_SET

} // namespace autograd::kernels
