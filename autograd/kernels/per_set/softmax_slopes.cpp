#include "autograd/kernels/softmax_slopes.hpp"

#include "autograd/kernels/per_set/columns_of_planes.hpp"
#include "autograd/kernels/per_set/compiled.hpp"
#include "autograd/kernels/per_set/lines.hpp"

namespace autograd::kernels
{

inline namespace AUTOGRAD_KERNELS_INSTRUCTION_SET
{

namespace
{

template <class T>
inline constexpr T lowest = maximum_fold::neutral<T>;

/// d = v - v_m, where p_m is the largest p, then d - sum(d p): d_m is 0 exactly. Weighted, that times p.
template <class T, bool Weighted>
struct deviation_program
{
    static constexpr std::size_t small_item = 12;

    /// The row of v at the largest of p; of several that are equal, the largest v.
    static pack<T> candidate(pack<T> v, pack<T> p, pack<T> largest) { return select(equal(p, largest), v, lowest<T>); }

    static pack<T> result(pack<T> d, pack<T> p, pack<T> mean) { return Weighted ? p * (d - mean) : d - mean; }

    static void row(std::size_t length, T* y, const T* v, const T* p)
    {
        const pack<T> largest =
            fold_row<maximum_fold, T>(length, [=](auto part, std::size_t i) { return part.load(p + i); });
        const pack<T> middle = fold_row<maximum_fold, T>(
            length, [=](auto part, std::size_t i) { return candidate(part.load(v + i), part.load(p + i), largest); });
        const pack<T> mean = fold_row<sum_fold, T>(length, [=](auto part, std::size_t i)
                                                   { return (part.load(v + i) - middle) * part.load(p + i); });
        for_each_pack<T>(length, [=](auto part, std::size_t i)
                         { part.store(result(part.load(v + i) - middle, part.load(p + i), mean), y + i); });
    }

    static void few_columns(auto rows, std::size_t width, planes<T> y, planes<const T> v, planes<const T> p)
    {
        for_each_pack<T>(width,
                         [&](auto part, std::size_t c)
                         {
                             const auto of_v = [&](std::size_t r) { return part.load(v[r] + c); };
                             const auto of_p = [&](std::size_t r) { return part.load(p[r] + c); };
                             const pack<T> largest = fold_rows_of_pack<maximum_fold, T>(rows, of_p);
                             const pack<T> middle = fold_rows_of_pack<maximum_fold, T>(
                                 rows, [&](std::size_t r) { return candidate(of_v(r), of_p(r), largest); });
                             const pack<T> mean = fold_rows_of_pack<sum_fold, T>(
                                 rows, [&](std::size_t r) { return (of_v(r) - middle) * of_p(r); });
                             for (std::size_t r = 0; r < rows; ++r)
                             {
                                 part.store(result(of_v(r) - middle, of_p(r), mean), y[r] + c);
                             }
                         });
    }

    static void columns(std::size_t rows, std::size_t width, planes<T> y, planes<const T> v, planes<const T> p)
    {
        if (rows <= few_rows)
        {
            with_few_rows(rows, [&](auto few) { few_columns(few, width, y, v, p); });
            return;
        }
        T largest[column_tile];
        T middle[column_tile];
        T mean[column_tile];
        const auto fold = [&]<class Fold>(Fold, T* to, auto of)
        {
            fold_columns<Fold, T>(
                rows, width,
                [&](auto part, std::size_t r, std::size_t c)
                { return of(part.load(v[r] + c), part.load(p[r] + c), c); },
                to);
        };
        fold(maximum_fold(), largest, [](pack<T>, pack<T> each, std::size_t) { return each; });
        fold(maximum_fold(), middle,
             [&](pack<T> x, pack<T> each, std::size_t c) { return candidate(x, each, pack<T>::load(largest + c)); });
        fold(sum_fold(), mean,
             [&](pack<T> x, pack<T> each, std::size_t c) { return (x - pack<T>::load(middle + c)) * each; });
        for (std::size_t r = 0; r < rows; ++r)
        {
            for_each_pack<T>(width,
                             [&](auto part, std::size_t c)
                             {
                                 const pack<T> d = part.load(v[r] + c) - pack<T>::load(middle + c);
                                 part.store(result(d, part.load(p[r] + c), pack<T>::load(mean + c)), y[r] + c);
                             });
        }
    }
    static void columns(std::size_t rows, std::size_t stride, std::size_t width, T* y, const T* v, const T* p)
    {
        columns(rows, width, {y, stride}, {v, stride}, {p, stride});
    }
};

/// v - p sum(v); but of a p_m above `large` v_m (1 - p_m) - p_m (sum(v) - v_m) with both sums over the others.
template <class T>
struct transposed_program
{
    static constexpr std::size_t small_item = 8;
    /// So large that it is the only one, and that 1 less it has lost a bit.
    static constexpr T large = T(0.75);

    static pack<T> of_others(pack<T> x, pack<T> p) { return select(p > large, 0, x); }

    static void row(std::size_t length, T* y, const T* v, const T* p)
    {
        const auto sum = [=](auto of)
        {
            return pack<T>(fold_row<sum_fold, T>(length, [=](auto part, std::size_t i)
                                                 { return of(part.load(v + i), part.load(p + i)); }));
        };
        const T largest = fold_row<maximum_fold, T>(length, [=](auto part, std::size_t i) { return part.load(p + i); });
        const pack<T> total = sum([](pack<T> x, pack<T>) { return x; });
        if (!(largest > large))
        {
            for_each_pack<T>(length, [=](auto part, std::size_t i)
                             { part.store(part.load(v + i) - part.load(p + i) * total, y + i); });
            return;
        }
        const pack<T> rest = sum([](pack<T> x, pack<T> each) { return of_others(x, each); });
        const pack<T> tail = sum([](pack<T>, pack<T> each) { return of_others(each, each); });
        for_each_pack<T>(length, [=](auto part, std::size_t i)
                         { part.store(result(part.load(v + i), part.load(p + i), total, rest, tail), y + i); });
    }

    static void few_columns(auto rows, std::size_t width, planes<T> y, planes<const T> v, planes<const T> p)
    {
        for_each_pack<T>(width,
                         [&](auto part, std::size_t c)
                         {
                             const auto of_v = [&](std::size_t r) { return part.load(v[r] + c); };
                             const auto of_p = [&](std::size_t r) { return part.load(p[r] + c); };
                             const pack<T> total = fold_rows_of_pack<sum_fold, T>(rows, of_v);
                             const pack<T> rest = fold_rows_of_pack<sum_fold, T>(
                                 rows, [&](std::size_t r) { return of_others(of_v(r), of_p(r)); });
                             const pack<T> tail = fold_rows_of_pack<sum_fold, T>(
                                 rows, [&](std::size_t r) { return of_others(of_p(r), of_p(r)); });
                             for (std::size_t r = 0; r < rows; ++r)
                             {
                                 part.store(result(of_v(r), of_p(r), total, rest, tail), y[r] + c);
                             }
                         });
    }

    static void columns(std::size_t rows, std::size_t width, planes<T> y, planes<const T> v, planes<const T> p)
    {
        if (rows <= few_rows)
        {
            with_few_rows(rows, [&](auto few) { few_columns(few, width, y, v, p); });
            return;
        }
        T total[column_tile];
        T rest[column_tile];
        T tail[column_tile];
        const auto sum = [&](T* to, auto of)
        {
            fold_columns<sum_fold, T>(
                rows, width,
                [&](auto part, std::size_t r, std::size_t c) { return of(part.load(v[r] + c), part.load(p[r] + c)); },
                to);
        };
        sum(total, [](pack<T> x, pack<T>) { return x; });
        sum(rest, [](pack<T> x, pack<T> each) { return of_others(x, each); });
        sum(tail, [](pack<T>, pack<T> each) { return of_others(each, each); });
        for (std::size_t r = 0; r < rows; ++r)
        {
            for_each_pack<T>(width,
                             [&](auto part, std::size_t c)
                             {
                                 part.store(result(part.load(v[r] + c), part.load(p[r] + c), pack<T>::load(total + c),
                                                   pack<T>::load(rest + c), pack<T>::load(tail + c)),
                                            y[r] + c);
                             });
        }
    }
    static void columns(std::size_t rows, std::size_t stride, std::size_t width, T* y, const T* v, const T* p)
    {
        columns(rows, width, {y, stride}, {v, stride}, {p, stride});
    }

private:
    static pack<T> result(pack<T> v, pack<T> p, pack<T> total, pack<T> rest, pack<T> tail)
    {
        return select(p > large, v * tail - p * rest, v - p * total);
    }
};

template <class T>
void softmax_deviation(const T* v, const T* p, shape_view shape, std::size_t axis, T* y)
{
    map_lines(lines::along(shape, axis), y, deviation_program<T, false>(), v, p);
}

template <class T>
void softmax_slope(const T* v, const T* p, shape_view shape, std::size_t axis, T* y)
{
    map_lines(lines::along(shape, axis), y, deviation_program<T, true>(), v, p);
}

template <class T>
void log_softmax_slope(const T* v, const T* p, shape_view shape, std::size_t axis, T* y)
{
    map_lines(lines::along(shape, axis), y, transposed_program<T>(), v, p);
}

} // namespace

#define AUTOGRAD_COMPILED(T)                                                                                           \
    template <>                                                                                                        \
    constinit const softmax_slope_kernels<T> compiled<softmax_slope_kernels<T>>::kernels{                              \
        .softmax_deviation = softmax_deviation<T>,                                                                     \
        .softmax_slope = softmax_slope<T>,                                                                             \
        .log_softmax_slope = log_softmax_slope<T>};                                                                    \
    template <>                                                                                                        \
    constinit const softmax_slope_plane_kernels<T> compiled<softmax_slope_plane_kernels<T>>::kernels{                  \
        .softmax_deviation = map_planes<deviation_program<T, false>, T>,                                               \
        .softmax_slope = map_planes<deviation_program<T, true>, T>,                                                    \
        .log_softmax_slope = map_planes<transposed_program<T>, T>};
AUTOGRAD_COMPILED(float)
AUTOGRAD_COMPILED(double)
#undef AUTOGRAD_COMPILED

} // namespace AUTOGRAD_KERNELS_INSTRUCTION_SET

} // namespace autograd::kernels
