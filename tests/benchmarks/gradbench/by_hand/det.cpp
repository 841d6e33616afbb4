// det = sum_j (-1)^j a_0j det_j, where det_j is that of the minor without row 0 and column j. Where the determinant has
// the adjoint g, so has a_0j (-1)^j g det_j and the minor (-1)^j g a_0j.

#include "tests/benchmarks/gradbench/by_hand/by_hand.hpp"

#include <algorithm>
#include <vector>

namespace gradbench::by_hand
{

namespace
{

/// The rows from some row on, and as many columns.
struct minor
{
    const double* row;
    const std::size_t* columns;
    std::size_t size;
};

/// Writes the columns of a minor but for column j of them.
void drop(const minor& from, std::size_t j, std::size_t* columns)
{
    std::copy(from.columns, from.columns + j, columns);
    std::copy(from.columns + j + 1, from.columns + from.size, columns + j);
}

double determinant(const minor& of, std::size_t l)
{
    if (of.size == 1)
    {
        return of.row[of.columns[0]];
    }
    std::size_t columns[32];
    double sum = 0, sign = 1;
    for (std::size_t j = 0; j < of.size; ++j, sign = -sign)
    {
        drop(of, j, columns);
        sum += sign * of.row[of.columns[j]] * determinant({of.row + l, columns, of.size - 1}, l);
    }
    return sum;
}

/// The same, with the adjoint g; adjoints of the row's elements are added to `slope`, those of rows below behind it.
double determinant_and_slope(const minor& of, std::size_t l, double g, double* slope)
{
    if (of.size == 1)
    {
        slope[of.columns[0]] += g;
        return of.row[of.columns[0]];
    }
    std::size_t columns[32];
    double sum = 0, sign = 1;
    for (std::size_t j = 0; j < of.size; ++j, sign = -sign)
    {
        drop(of, j, columns);
        const double a = sign * of.row[of.columns[j]];
        const double of_minor = determinant_and_slope({of.row + l, columns, of.size - 1}, l, g * a, slope + l);
        slope[of.columns[j]] += g * sign * of_minor;
        sum += a * of_minor;
    }
    return sum;
}

std::vector<std::size_t> all_columns(std::size_t l)
{
    std::vector<std::size_t> columns(l);
    for (std::size_t j = 0; j < l; ++j)
    {
        columns[j] = j;
    }
    return columns;
}

} // namespace

double primal(const det::input& in)
{
    const std::size_t l = in.A.shape()[0];
    const auto columns = all_columns(l);
    return determinant({in.A.data(), columns.data(), l}, l);
}

array derivative(const det::input& in)
{
    const std::size_t l = in.A.shape()[0];
    const auto columns = all_columns(l);
    array slope = xt::zeros<double>({l * l});
    determinant_and_slope({in.A.data(), columns.data(), l}, l, 1, slope.data());
    return slope;
}

} // namespace gradbench::by_hand
