#include "tests/benchmarks/gradbench/evals/det.hpp"

#include "autograd/autograd.hpp"
#include "autograd/compile/function.hpp"
#include "tests/benchmarks/gradbench/evals/blocks.hpp"

#include <algorithm>
#include <numeric>
#include <span>
#include <vector>

namespace gradbench
{

using namespace autograd;

namespace
{

using rows_of_matrices = std::span<const variable<double>>; ///< of (n, n) matrices: n rows, (n, count) each

/// For each column j from `first` to `last` - 1, a column: the columns of an (n, n) matrix beside j.
xt::xarray<std::size_t> other_columns(std::size_t n, std::size_t first, std::size_t last)
{
    xt::xarray<std::size_t> result = xt::zeros<std::size_t>({n - 1, last - first});
    for (std::size_t i = 0; i + 1 < n; ++i)
    {
        for (std::size_t j = first; j < last; ++j)
        {
            result(i, j - first) = i < j ? i : i + 1;
        }
    }
    return result;
}

variable<double> determinants(rows_of_matrices rows);

/// The sum over these columns of (-1)^j a_0j times the minor without row 0 and column j, (count,).
variable<double> expansion(rows_of_matrices rows, std::size_t first, std::size_t last)
{
    tape<double>& tape = rows[0].tape();
    const std::size_t n = rows.size();
    const auto others = tape.index(other_columns(n, first, last));
    std::vector<variable<double>> rows_of_minors;
    for (const auto& row : rows.subspan(1))
    {
        rows_of_minors.push_back(reshape(gather(row, others), {n - 1, -1})); // the minors of all matrices side by side
    }
    const auto minors = reshape(determinants(rows_of_minors), {last - first, -1});
    const auto signs = tape.constant(1 - 2 * xt::cast<int>(xt::arange(first, last) % 2));
    const auto a = last - first == n ? rows[0] : slice(rows[0], 0, first, last);
    return sum(expand_dims(signs, 1) * a * minors, 0);
}

variable<double> determinants(rows_of_matrices rows)
{
    return rows.size() == 1 ? flatten(rows[0]) : expansion(rows, 0, rows.size());
}

/// The terms of one matrix's expansion that belong to some columns.
variable<double> terms(variable<double> A, std::size_t first, std::size_t last)
{
    const std::size_t l = A.shape(0);
    const auto rows = split(reshape(A, {l * l, 1}), l);
    return l == 1 ? flatten(A) : expansion(rows, first, last);
}

/// As many of the first columns as have minors that fit into the cache together.
std::size_t block(std::size_t l)
{
    return l <= 8 ? l : 1;
}

/// Adds to what there is what f gives for some of the first columns, for all of them. So that one program does for all,
/// it is given their numbers, and those of the other columns behind them: what it treats are always the first.
template <class F>
compiled<det::input, array> compile_sum(const det::input& like, const std::vector<std::size_t>& of_sum, F f)
{
    const std::size_t l = like.A.shape(0), length = block(l);
    const auto add_terms = [=](auto sum, auto A, auto columns, auto sign)
    { return sum + sign * f([=](auto B) { return reshape(terms(gather(B, columns, 1), 0, length), {}); }, A); };
    xt::xarray<std::int64_t> columns = xt::arange<std::int64_t>(static_cast<std::int64_t>(l));
    return [=, add = compile({.replaces = {{0, 0}}}, add_terms, placeholder<double>(of_sum), like.A, columns, 1.0)](
               const det::input& in, array& out) mutable
    {
        out = xt::zeros<double>(of_sum);
        for_each_block(l, length,
                       [&](std::size_t first, std::size_t)
                       {
                           std::iota(columns.begin(), columns.end(), 0);
                           std::rotate(columns.begin(), columns.begin() + static_cast<std::ptrdiff_t>(first),
                                       columns.begin() + static_cast<std::ptrdiff_t>(first) + 1);
                           add.run_into(out, out, in.A, columns, first % 2 == 0 ? 1.0 : -1.0);
                       });
    };
}

} // namespace

double det::primal(tape<double>& tape, const input& in)
{
    const std::size_t l = in.A.shape(0);
    double sum = 0;
    for_each_block(l, block(l),
                   [&](std::size_t first, std::size_t last)
                   {
                       tape.clear();
                       sum += terms(tape.constant(borrow(in.A)), first, last).item();
                   });
    return sum;
}

array det::gradient(tape<double>& tape, const input& in)
{
    const std::size_t l = in.A.shape(0);
    array sum = xt::zeros_like(in.A);
    for_each_block(l, block(l),
                   [&](std::size_t first, std::size_t last)
                   {
                       tape.clear();
                       const auto A = tape.variable(borrow(in.A));
                       sum += autograd::gradient(terms(A, first, last), A).value();
                   });
    return xt::flatten(sum);
}

compiled<det::input, double> det::compile_primal(const input& like)
{
    return [f = compile_sum(like, {}, [](auto determinant, auto A) { return determinant(A); }),
            sum = array()](const input& in, double& out) mutable
    {
        f(in, sum);
        out = sum();
    };
}

compiled<det::input, array> det::compile_gradient(const input& like)
{
    return [f = compile_sum(like, {like.A.shape(0), like.A.shape(0)},
                            [](auto determinant, auto A)
                            { return autograd::gradient(determinant(A), A); })](const input& in, array& out) mutable
    {
        f(in, out);
        out.reshape({in.A.size()});
    };
}

} // namespace gradbench
