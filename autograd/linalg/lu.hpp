#pragma once

#include "autograd/linalg/generic_elimination.hpp"
#include "autograd/linalg/matrices.hpp"

#include <algorithm>
#include <vector>

/// LU factorizations, which solve, inverse, determinant and slogdet are made of.
/// \ingroup algebra
namespace autograd
{

/// The packed factorization of each matrix (kernels/lu.hpp).
struct lu_factor_rule : general
{
    static constexpr auto name = "lu_factor";
    static constexpr auto not_differentiable =
        "is a factorization: derivatives come through what is made of it, solve(lu, b) or determinant(lu)";
    static constexpr bool throws = true;
    struct attributes
    {
        const char* caller; ///< the operation that refuses what has no factorization

        /// Who asks first tells; the numbers are the same.
        bool same(const attributes&) const { return true; }
    };

    static shape_vector shape(std::span<const shape_view> operands, const attributes& a);
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a);
    template <class T>
    static std::size_t scratch(const evaluation<T>& call, const attributes& a);
    /// By elimination down the rows, each with its largest element as pivot.
    template <class Call>
    static void generic(const Call& call, const attributes&)
    {
        using X = typename Call::element;
        const std::size_t n = detail::columns_of(call.shape);
        detail::for_each_generic_matrix(call.shapes[0],
                                        [&](std::size_t k, std::size_t first)
                                        {
                                            std::vector<X> exchanges;
                                            detail::generic_matrix<X> lu(n, n, call.operands[0].data() + first);
                                            for (std::size_t i = 0; i < n; ++i)
                                            {
                                                exchanges.push_back(X(static_cast<double>(lu.bring_largest_of_row(i))));
                                                lu.eliminate(i);
                                            }
                                            X* const packed = std::copy(lu.elements().begin(), lu.elements().end(),
                                                                        call.result.data() + k * (n + 1) * n);
                                            std::copy(exchanges.begin(), exchanges.end(), packed);
                                        });
    }
    static void samples(auto& s)
    {
        const auto pivots = [](auto a) { return abs(prod(diagonal(lu_factor(a).packed(), 0, -2, -1), -1)); };
        s.call("the product of the pivots", "np.abs(np.linalg.det(x))", pivots, s.numbers({3, 3})).up_to_order(0);
        s.call("of a batch", "np.abs(np.linalg.det(x))", pivots, s.numbers({2, 3, 2, 2})).up_to_order(0);
        s.call(
             "of many rows", "np.abs(np.linalg.det(x + 9 * np.eye(40)))",
             [pivots](auto a) { return pivots(a + diag(a.tape().full({40}, 9))); }, s.numbers({40, 40}))
            .up_to_order(0)
            .value_within_ulp(200);
        const auto f = [](auto a) { return lu_factor(a).packed(); };
        s.call("a matrix", "(lambda lu, exchanges: np.vstack([lu.T, exchanges]))(*la.lu_factor(x.T))", f,
               s.numbers({3, 3}))
            .up_to_order(0)
            .value_within_ulp(16)
            .shown("", "la.lu_factor(x.T)");
        s.call("one element", "np.array([[x[0, 0]], [0]])", f, s.numbers({1, 1})).up_to_order(0);
        s.call("no elements", "np.zeros((1, 0))", f, s.numbers({0, 0})).up_to_order(0);
        s.call("no matrices", "np.zeros((0, 3, 2))", f, s.numbers({0, 2, 2})).up_to_order(0);
        s.error("vector", f,
                "autograd: lu_factor: a has shape (3,); it must be a matrix, or a batch of them: at least two axes.",
                s.numbers({3}));
        s.error("NaN", f, "autograd: lu_factor: element (0, 1) of a is nan; a factorization needs finite numbers.",
                s.array({2, 2}, {1.0, s.nan, 2.0, 3.0}));
    }
};
AUTOGRAD_OPERATION(lu_factor_rule)

namespace detail
{

/// The one place where LU factorizations are recorded, for an operation of that name.
template <class T>
variable<T> lu_factorized(variable<T> a, const char* caller, location where)
{
    require_square(caller, "a", a.checked(caller, where).shape(), where);
    return record_once<lu_factor_rule, T>(where, a, payload(lu_factor_rule::attributes{caller}));
}

/// Throws value_error, in the operation's name, unless what matrix k of an argument `a` of that shape has is a packed
/// factorization with finite pivots.
template <class T>
void require_factors(const char* operation, const T* packed, shape_view a, std::size_t k);

/// What to take where solve and inverse refuse a matrix.
inline constexpr auto remedy_of_singular = "Use lstsq or pinv.";

/// And unless all pivots can be divided by.
template <class T>
void require_regular(const char* operation, const T* packed, shape_view a, std::size_t k,
                     const char* remedy = remedy_of_singular);

} // namespace detail

/// Square matrices and their LU factorizations, as lu_factor(a) gives them: for solve, inverse, determinant and slogdet
/// in the place of the matrices, which then are factorized once. Derivatives go to the matrices.
template <class T>
class lu_factors
{
public:
    /// What was factorized.
    variable<T> matrix() const { return m_matrix; }
    /// The factorizations, n + 1 rows for each matrix: LAPACK's factors of its transpose by columns, and the exchanges.
    variable<T> packed() const { return m_packed; }

    /// Of an operation of that name.
    static lu_factors of(variable<T> a, const char* caller, location where)
    {
        return {a, detail::lu_factorized(a, caller, where)};
    }

private:
    lu_factors(variable<T> matrix, variable<T> packed) : m_matrix(matrix), m_packed(packed) {}

    variable<T> m_matrix;
    variable<T> m_packed;
};

/// The LU factorizations of square matrices, with partial pivoting, for several uses: auto lu = lu_factor(a); solve(lu,
/// b); slogdet(lu). Shape: (..., n, n), the axes before the last two a batch. Gradient: through what is made of it.
/// Throws shape_error; value_error for elements that are NaN or infinite. By LAPACK's getrf, in loops of our own for
/// few rows; singular matrices have factorizations, too.
template <class T>
lu_factors<T> lu_factor(variable<T> a, location where = location::current())
{
    return lu_factors<T>::of(a, lu_factor_rule::name, where);
}

} // namespace autograd
