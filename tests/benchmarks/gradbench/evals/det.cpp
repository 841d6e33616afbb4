#include "tests/benchmarks/gradbench/evals/det.hpp"

#include "autograd/autograd.hpp"

namespace gradbench
{

using namespace autograd;

namespace
{

/// Where the elements of the minors of an (n, n) matrix stand in it, row by row: those of (n - 1, n - 1) matrices,
/// minor j being the one without row 0 and without column j. (n - 1, n - 1, n), the last axis for j.
xt::xarray<std::size_t> places_of_minors(std::size_t n)
{
    xt::xarray<std::size_t> places = xt::zeros<std::size_t>({n - 1, n - 1, n});
    for (std::size_t row = 0; row + 1 < n; ++row)
    {
        for (std::size_t column = 0; column + 1 < n; ++column)
        {
            for (std::size_t j = 0; j < n; ++j)
            {
                places(row, column, j) = (row + 1) * n + column + (column >= j ? 1 : 0);
            }
        }
    }
    return places;
}

/// The determinants of many matrices, which stand along the last axis: (n, n, count) to (count,).
variable<double> determinants(variable<double> A)
{
    const std::size_t n = A.shape(0), count = A.shape(2);
    if (n == 1)
    {
        return flatten(A);
    }
    const auto elements = reshape(A, {n * n, count});
    const auto minors = gather(elements, A.tape().index(places_of_minors(n))); // (n - 1, n - 1, n, count)
    const auto of_minors = reshape(determinants(reshape(minors, {n - 1, n - 1, n * count})), {n, count});
    const auto signs = 1 - 2 * (xt::arange<int>(static_cast<int>(n)) % 2);
    return sum(expand_dims(A.tape().constant(signs), 1) * view(A, 0) * of_minors, 0);
}

variable<double> determinant(variable<double> A)
{
    return determinants(expand_dims(A, 2));
}

} // namespace

double det::primal(tape<double>& tape, const input& in)
{
    tape.clear();
    return determinant(tape.constant(borrow(in.A))).item();
}

array det::gradient(tape<double>& tape, const input& in)
{
    tape.clear();
    const auto A = tape.variable(borrow(in.A));
    return autograd::gradient(determinant(A), A).value();
}

} // namespace gradbench
