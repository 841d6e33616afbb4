#include "autograd/kernels/arg_extremum.hpp"

#include "autograd/kernels/per_set/compiled.hpp"
#include "autograd/kernels/per_set/lines.hpp"

namespace autograd::kernels
{

inline namespace AUTOGRAD_KERNELS_INSTRUCTION_SET
{

namespace
{

/// First the extremum, then where it stands. A NaN is the extremum of its line and the only element that can be unequal
/// to itself, so that "equal to the extremum or NaN" finds both.
template <class Fold, class T>
struct arg_program
{
    static constexpr std::size_t small_item = 16;

    static std::int64_t row(const T* x, std::size_t length)
    {
        const T extremum = fold_row<Fold, T>(length, [x](auto part, std::size_t i) { return part.load(x + i); });
        std::size_t i = 0;
        for (; i + pack<T>::size <= length; i += pack<T>::size)
        {
            const pack<T> values = pack<T>::load(x + i);
            if (any(equal(values, extremum) || isnan(values)))
            {
                break;
            }
        }
        while (!(x[i] == extremum || x[i] != x[i]))
        {
            ++i;
        }
        return static_cast<std::int64_t>(i);
    }

    /// Backwards, so that the first wins.
    static void columns(const T* x, std::size_t rows, std::size_t stride, std::size_t width, std::int64_t* y)
    {
        T extremum[column_tile];
        fold_columns<Fold, T>(
            rows, width, [=](auto part, std::size_t r, std::size_t c) { return part.load(x + r * stride + c); },
            extremum);
        std::fill_n(y, width, std::int64_t{0});
        for (std::size_t r = rows; r-- > 1;)
        {
            const T* numbers = x + r * stride;
            for (std::size_t c = 0; c < width; ++c)
            {
                const bool found = numbers[c] == extremum[c] || numbers[c] != numbers[c];
                y[c] = found ? static_cast<std::int64_t>(r) : y[c];
            }
        }
        for (std::size_t c = 0; c < width; ++c)
        {
            y[c] = x[c] == extremum[c] || x[c] != x[c] ? 0 : y[c];
        }
    }
};

template <class Fold, class T>
void find(const T* x, shape_view shape, std::size_t axis, std::int64_t* y)
{
    const lines of = lines::along(shape, axis);
    if (of.size() != 0)
    {
        reduce_lines(x, of, y, arg_program<Fold, T>());
    }
}

template <class T>
void argmax(const T* x, shape_view shape, std::size_t axis, std::int64_t* y)
{
    find<maximum_fold>(x, shape, axis, y);
}

template <class T>
void argmin(const T* x, shape_view shape, std::size_t axis, std::int64_t* y)
{
    find<minimum_fold>(x, shape, axis, y);
}

} // namespace

#define AUTOGRAD_COMPILED(T)                                                                                           \
    template <>                                                                                                        \
    constinit const arg_extremum_kernels<T> compiled<arg_extremum_kernels<T>>::kernels{.argmax = argmax<T>,            \
                                                                                       .argmin = argmin<T>};
AUTOGRAD_COMPILED(float)
AUTOGRAD_COMPILED(double)
#undef AUTOGRAD_COMPILED

} // namespace AUTOGRAD_KERNELS_INSTRUCTION_SET

} // namespace autograd::kernels
