#include "autograd/kernels/matmul.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>
#include <vector>

// The product of matrices, against its definition: with all flags, and with extents on both sides of every border
// between its loops (compile-time extents, small and thin products, turned-over factors, BLAS, and there vectors).

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
    if (is_for_gemm(of))
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

} // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(products_agree_with_their_definition, T, both_precisions)
{
    const std::size_t extents[][3] = {
        {1, 1, 1},    {3, 4, 2},     {2, 5, 3},     {4, 300, 4},  {3, 301, 2},    {7, 11, 13},
        {500, 3, 4},  {600, 2, 2},   {1, 90, 150},  {5, 64, 51},  {26, 26, 24},   {26, 26, 25},
        {64, 64, 4},  {64, 65, 4},   {3, 64, 70},   {33, 47, 29}, {17, 200, 31},  {1, 70, 400},
        {700, 60, 1}, {1, 200, 300}, {60, 700, 1},  {300, 2, 50}, {300, 50, 2},   {2, 300, 50},
        {50, 300, 2}, {4, 1100, 33}, {33, 1100, 4}, {700, 4, 33}, {3, 1025, 600}, {600, 1025, 3},
        {2, 17, 16},  {16, 2, 17},   {17, 16, 2},   {300, 1, 70}, {5, 300, 60},   {9000, 3, 9}};
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

BOOST_AUTO_TEST_SUITE_END()
