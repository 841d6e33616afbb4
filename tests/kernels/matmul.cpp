#include "autograd/kernels/matmul.hpp"
#include "autograd/kernels/dispatch.hpp"
#include "autograd/kernels/flat_product.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <limits>
#include <tuple>
#include <vector>

// The product of matrices, against its definition: with all flags, and with extents on both sides of every border
// between its loops (compile-time extents, small, thin and flat products, turned-over factors, BLAS, and there
// vectors).

using namespace autograd::kernels;
using both_precisions = std::tuple<float, double>;

BOOST_AUTO_TEST_SUITE(kernels_matmul)

namespace
{

template <class T>
std::vector<T> numbers(std::size_t count, double phase)
{
    std::vector<T> result(count);
    for (std::size_t i = 0; i < count; ++i)
    {
        result[i] = static_cast<T>(std::sin(phase + 1.7 * static_cast<double>(i)));
    }
    return result;
}

/// A row is added to what the product is without it, bit for bit.
template <class T>
void compare_with_row_added(const product& of, const std::vector<T>& a, const std::vector<T>& b,
                            const std::vector<T>& c)
{
    const std::vector<T> row = numbers<T>(of.columns, 0.5);
    std::vector<T> found(c.size(), T(99));
    matmul(of, a.data(), b.data(), found.data(), row.data());
    std::size_t differences = 0;
    for (std::size_t i = 0; i < c.size(); ++i)
    {
        differences += found[i] != c[i] + row[i % of.columns];
    }
    BOOST_TEST(differences == 0u, of.rows << " x " << of.inner << " x " << of.columns << " and a row");
}

/// A multiple is added to what is there, but for the roundings of either way.
template <class T>
void compare_with_multiple_added(const product& of, const std::vector<T>& a, const std::vector<T>& b,
                                 const std::vector<T>& c)
{
    const std::vector<T> start = numbers<T>(c.size(), 0.7);
    std::vector<T> found = start;
    add_matmul(of, T(-0.75), a.data(), b.data(), found.data());
    T worst = 0;
    for (std::size_t i = 0; i < found.size(); ++i)
    {
        worst = std::max(worst, std::abs(found[i] - (start[i] - T(0.75) * c[i])));
    }
    // Factors and start are at most 1.
    const T bound = static_cast<T>(of.inner * (of.inner + 2)) * std::numeric_limits<T>::epsilon();
    BOOST_TEST(worst <= bound, of.rows << " x " << of.inner << " x " << of.columns << ", added: off by " << worst);
}

template <class T>
void compare_with_definition(const product& of)
{
    const std::vector<T> a = numbers<T>(of.rows * of.inner, 0.3);
    const std::vector<T> b = numbers<T>(of.inner * of.columns, 0.9);
    std::vector<T> c(of.rows * of.columns, T(99));
    matmul(of, a.data(), b.data(), c.data());
    compare_with_row_added(of, a, b, c);
    if (is_added_in_place(of))
    {
        compare_with_multiple_added(of, a, b, c);
    }
    double worst = 0;
    for (std::size_t i = 0; i < of.rows; ++i)
    {
        for (std::size_t j = 0; j < of.columns; ++j)
        {
            double sum = 0;
            double size = 0;
            for (std::size_t k = 0; k < of.inner; ++k)
            {
                const T left = of.transpose_a ? a[k * of.rows + i] : a[i * of.inner + k];
                const T right = of.transpose_b ? b[j * of.inner + k] : b[k * of.columns + j];
                sum += static_cast<double>(left) * static_cast<double>(right);
                size += std::abs(static_cast<double>(left) * static_cast<double>(right));
            }
            // Each of the two may be off by n u times the size, u = epsilon / 2, in whatever order it adds up (Higham,
            // Accuracy and Stability of Numerical Algorithms, 2nd ed., section 3.1).
            const double bound = static_cast<double>(of.inner) * std::numeric_limits<T>::epsilon() * size;
            worst = std::max(worst, std::abs(sum - static_cast<double>(c[i * of.columns + j])) / bound);
        }
    }
    BOOST_TEST(worst <= 1, of.rows << " x " << of.inner << " x " << of.columns << ", transposed " << of.transpose_a
                                   << of.transpose_b << ": off by " << worst << " of the bound");
}

/// The same bits, or NaN of any.
template <class T>
bool is_same(T x, T y)
{
    return std::isnan(x) ? std::isnan(y) : x == y && std::signbit(x) == std::signbit(y);
}

/// Each number is the sum of its terms in order, rounded after each product and each sum, whatever the instruction set;
/// and nothing is written beside them.
template <class T>
void compare_with_sums_in_order(const product& of, const std::vector<T>& a, const std::vector<T>& b,
                                const std::vector<T>& row)
{
    constexpr std::size_t around = 32;
    const std::size_t count = of.rows * of.columns;
    std::vector<T> found(around + count + around, T(99));
    matmul(of, a.data(), b.data(), found.data() + around, row.empty() ? nullptr : row.data());
    std::size_t differences = 0;
    for (std::size_t n = 0; n < count; ++n)
    {
        const std::size_t i = n / of.columns;
        const std::size_t j = n % of.columns;
        T sum = 0;
        for (std::size_t k = 0; k < of.inner; ++k)
        {
            // rounded before it is added
            const volatile T term = a[of.transpose_a ? k * of.rows + i : i * of.inner + k] *
                                    b[of.transpose_b ? j * of.inner + k : k * of.columns + j];
            sum += term;
        }
        differences += !is_same(found[around + n], row.empty() ? sum : sum + row[j]);
    }
    for (std::size_t n = 0; n < around; ++n)
    {
        differences += found[n] != 99 || found[around + count + n] != 99;
    }
    BOOST_TEST(differences == 0u, of.rows << " x " << of.inner << " x " << of.columns << ", transposed "
                                          << of.transpose_a << of.transpose_b << (row.empty() ? "" : ", and a row"));
}

/// Numbers, of which a few are special.
template <class T>
std::vector<T> special_numbers(std::size_t count, double phase)
{
    using limits = std::numeric_limits<T>;
    std::vector<T> result = numbers<T>(count, phase);
    const T special[] = {T(-0.0),       limits::infinity(), T(0), limits::denorm_min(), -limits::infinity(),
                         limits::max(), limits::quiet_NaN()};
    for (std::size_t i = 0; i < std::size(special); ++i)
    {
        result[(i + 1) * 7919 % count] = special[i];
    }
    return result;
}

template <class T>
void compare_small_product(const product& of)
{
    BOOST_TEST_REQUIRE(is_small(of));
    for (const auto& make : {numbers<T>, special_numbers<T>})
    {
        const std::vector<T> a = make(of.rows * of.inner, 0.3);
        const std::vector<T> b = make(of.inner * of.columns, 0.9);
        compare_with_sums_in_order(of, a, b, {});
        compare_with_sums_in_order(of, a, b, numbers<T>(of.columns, 0.5));
    }
}

/// A matrix as a part of a larger one.
template <class T>
struct embedded
{
    static constexpr std::size_t margin = 3;
    std::size_t rows;
    std::size_t columns;
    std::vector<T> numbers = std::vector<T>((rows + 2) * stride(), T(99));

    std::size_t stride() const { return columns + 2 * margin; }
    T* data() { return numbers.data() + stride() + margin; }
    T& at(std::size_t i, std::size_t j) { return data()[i * stride() + j]; }
    matrix_view<T> view(std::size_t row, std::size_t column) { return {&at(row, column), stride()}; }

    embedded(std::size_t r, std::size_t c) : rows(r), columns(c) {}
    embedded(std::size_t r, std::size_t c, const std::vector<T>& dense) : embedded(r, c)
    {
        for (std::size_t i = 0; i < rows; ++i)
        {
            std::copy_n(dense.data() + i * columns, columns, &at(i, 0));
        }
    }
};

/// A flat product and its parts, each between other numbers.
template <class T>
void compare_flat_product(const product& of)
{
    const std::vector<T> dense_a = numbers<T>(of.rows * of.inner, 0.3);
    const std::vector<T> dense_b = numbers<T>(of.inner * of.columns, 0.9);
    std::vector<T> whole(of.rows * of.columns);
    matmul(of, dense_a.data(), dense_b.data(), whole.data());
    embedded<T> a(of.transpose_a ? of.inner : of.rows, of.transpose_a ? of.rows : of.inner, dense_a);
    embedded<T> b(of.transpose_b ? of.columns : of.inner, of.transpose_b ? of.inner : of.columns, dense_b);
    embedded<T> c(of.rows, of.columns);
    const std::size_t row_ends[] = {0, 16, of.rows - 5, of.rows};
    const std::size_t column_ends[] = {0, 7, of.columns - 3, of.columns};
    for (std::size_t i = 0; i + 1 < std::size(row_ends); ++i)
    {
        for (std::size_t j = 0; j + 1 < std::size(column_ends); ++j)
        {
            product part = of;
            part.rows = row_ends[i + 1] - row_ends[i];
            part.columns = column_ends[j + 1] - column_ends[j];
            matmul(part, of.transpose_a ? a.view(0, row_ends[i]) : a.view(row_ends[i], 0),
                   of.transpose_b ? b.view(column_ends[j], 0) : b.view(0, column_ends[j]),
                   &c.at(row_ends[i], column_ends[j]), c.stride());
        }
    }
    const embedded<T> expected(of.rows, of.columns, whole);
    BOOST_TEST(c.numbers == expected.numbers, of.rows << " x " << of.inner << " x " << of.columns << ", transposed "
                                                      << of.transpose_a << of.transpose_b);
}

} // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(products_agree_with_their_definition, T, both_precisions)
{
    const std::size_t extents[][3] = {
        {1, 1, 1},      {3, 4, 2},      {2, 5, 3},     {4, 300, 4},    {3, 301, 2},    {7, 11, 13},   {500, 3, 4},
        {600, 2, 2},    {1, 90, 150},   {5, 64, 51},   {26, 26, 24},   {26, 26, 25},   {64, 64, 4},   {64, 65, 4},
        {3, 64, 70},    {33, 47, 29},   {17, 200, 31}, {1, 70, 400},   {700, 60, 1},   {1, 200, 300}, {60, 700, 1},
        {300, 2, 50},   {300, 50, 2},   {2, 300, 50},  {50, 300, 2},   {4, 1100, 33},  {33, 1100, 4}, {700, 4, 33},
        {3, 1025, 600}, {600, 1025, 3}, {2, 17, 16},   {16, 2, 17},    {17, 16, 2},    {300, 1, 70},  {5, 300, 60},
        {9000, 3, 9},   {32, 32, 32},   {32, 32, 33},  {7, 256, 9},    {7, 257, 9},    {1, 16, 512},  {1, 16, 513},
        {1, 17, 40},    {40, 17, 1},    {1, 128, 64},  {1, 128, 65},   {40, 16, 1},    {1, 17, 4},    {64, 300, 70},
        {65, 300, 70},  {70, 257, 64},  {100, 64, 90}, {32, 600, 100}, {100, 600, 37}, {700, 40, 300}};
    for (const auto& [rows, inner, columns] : extents)
    {
        for (bool transpose_a : {false, true})
        {
            for (bool transpose_b : {false, true})
            {
                compare_with_definition<T>({rows, columns, inner, transpose_a, transpose_b});
            }
        }
    }
}

// Rows and columns on both sides of whole blocks and packs, on all instruction sets; and by vectors on both sides.
BOOST_AUTO_TEST_CASE_TEMPLATE(small_products_are_sums_in_order, T, both_precisions)
{
    std::vector<std::array<std::size_t, 3>> extents = {{1, 16, 37}, {1, 11, 5}, {37, 16, 1}, {5, 11, 1}, {9, 200, 6}};
    for (std::size_t rows = 5; rows <= 13; ++rows)
    {
        for (std::size_t columns = 5; columns <= 35; ++columns)
        {
            extents.push_back({rows, 5 + (rows + columns) % 9, columns});
        }
    }
    for (const auto& [rows, inner, columns] : extents)
    {
        for (bool transpose_a : {false, true})
        {
            for (bool transpose_b : {false, true})
            {
                compare_small_product<T>({rows, columns, inner, transpose_a, transpose_b});
            }
        }
    }
}

// However it is cut, and wherever its matrices lie; nothing is written around them.
BOOST_AUTO_TEST_CASE_TEMPLATE(flat_products_have_the_bits_of_their_parts, T, both_precisions)
{
    const std::size_t extents[][3] = {{48, 300, 101}, {64, 513, 80}, {150, 33, 130}, {300, 257, 33}, {23, 1030, 19}};
    for (const auto& [rows, inner, columns] : extents)
    {
        for (bool transpose_a : {false, true})
        {
            for (bool transpose_b : {false, true})
            {
                if (flat_products<T>->is_faster({rows, columns, inner, transpose_a, transpose_b}))
                {
                    compare_flat_product<T>({rows, columns, inner, transpose_a, transpose_b});
                }
            }
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
