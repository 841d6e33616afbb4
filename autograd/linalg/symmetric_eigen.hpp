#pragma once

#include "autograd/kernels/symmetric_eigen.hpp"
#include "autograd/linalg/matrices.hpp"
#include "autograd/linalg/structural_zeros.hpp"
#include "autograd/operations/batched.hpp"
#include "autograd/operations/sum_to.hpp"

#include <array>
#include <tuple>
#include <vector>

/// Eigenvalues and eigenvectors of symmetric matrices. Of each matrix the lower triangle is read, and nothing above the
/// diagonal: so the gradient is 0 there, and what flows to both elements of a pair comes together below. Whoever wants
/// a symmetric gradient passes 0.5 * (a + transpose(a)).
///
/// Where eigenvalues are equal, their vectors are any orthonormal ones of a subspace, and nothing tells which: they
/// have no derivative, and neither has what depends on the choice. Much does not: functions of a matrix (spectral),
/// projectors onto the subspace, sums over it. Those are operations of their own, with derivatives that are right
/// there, too; the derivative of vectors is refused, whatever flows into them. A cotangent of vectors that happens to
/// be 0 within the subspace does not show that nothing is missing: that of V l V^T is, and the derivative is not.
/// \ingroup algebra
namespace autograd
{

// ------------------------------------------------------------------------------------------------- the factorization

struct symmetric_eigen_rule : general
{
    static constexpr auto name = "symmetric_eigen";
    static constexpr auto not_differentiable =
        "is differentiated through the operations that use it: eigenvalues, eigenvectors, spectral";
    static constexpr bool throws = true;
    /// The operation that errors name. It is the same factorization for all of them.
    struct attributes
    {
        const char* caller;

        bool same(const attributes&) const { return true; }
    };

    /// Of each matrix one row more: kernels::eigen_pairs.
    static shape_vector shape(std::span<const shape_view> operands, const attributes&);
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a);
    template <class T>
    static std::size_t scratch(const evaluation<T>& call, const attributes& a);
    static void samples(auto& s)
    {
        const auto packed = [](auto x)
        {
            using T = typename decltype(x)::value_type;
            return record<symmetric_eigen_rule, T>({}, x, attributes{name});
        };
        s.call("a diagonal matrix", "np.array([[-1, 2, 3], [0, 0, 1], [0, 1, 0], [1, 0, 0]])", packed,
               s.array({3, 3}, {3.0, 0.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0, -1.0}))
            .up_to_order(0);
        s.call("one element", "np.array([[x[0, 0]], [1]])", packed, s.numbers({1, 1})).up_to_order(0);
        s.call("nothing", "np.zeros((1, 0))", packed, s.numbers({0, 0})).up_to_order(0);
        s.call("an empty batch", "np.zeros((0, 3, 2))", packed, s.numbers({0, 2, 2})).up_to_order(0);
    }
};
AUTOGRAD_OPERATION(symmetric_eigen_rule)

namespace detail
{

/// The factorization of a, for an operation of that name: its eigenvalues and eigenvectors, packed.
template <class T>
variable<T> symmetric_eigen(variable<T> a, const char* caller, location where)
{
    return record_once<symmetric_eigen_rule, T>(where, a, payload(symmetric_eigen_rule::attributes{caller}));
}

/// What flows into a, of which the lower triangle is read, when g flows into the symmetric matrix that it stands for.
template <class T>
variable<T> lower_cotangent(variable<T> g)
{
    return tril(g) + tril(transposed_matrices(g), -1);
}

/// The cotangent of operand 0, the matrices, if that is g for those of the factorization, which may have more axes.
template <class T>
variable<T> for_matrices(const recorded<T>& y, variable<T> g)
{
    return sum_to(g, y.operand_shape(0));
}
/// The batched form of an operation on matrices, their factorization, and more, of which some depends on the direction.
/// The matrices stay as they are: they are there for their derivative, and for errors to name them.
template <class T, class Attributes>
variable<T> with_directions(const batched_call<T>& y, const Attributes& attributes)
{
    std::vector<handle<T>> operands{y.given(0)};
    for (std::size_t k = 1; k < y.operand_count(); ++k)
    {
        operands.push_back(y.behind_axis(k));
    }
    return y.record(operands, payload(attributes));
}

/// Attributes of what belongs to some of the eigenvalues, counted from the smallest.
using eigen_range = kernels::column_range;

/// The same with who asked for it: errors of derivatives name that operation, and what to use instead of it.
struct asked_range : eigen_range
{
    const char* caller;
    bool of_values; ///< whether for eigenvalues, of which the second derivative is refused, or for vectors

    /// Who asks first tells; the numbers are the same.
    bool same(const asked_range& other) const { return first == other.first && count == other.count; }
};
std::string print_range(const eigen_range& a);

/// The range from `first`, which counts from the end if it is negative, of so many. Throws shape_error unless a has
/// square matrices, whose eigenvalues have it.
eigen_range range_of(std::ptrdiff_t first, std::ptrdiff_t count, shape_view a, const char* name, location where);

/// Columns that may be reached by a cotangent g, out of those that `reached` tells: g has an element or a column for
/// each.
template <class T>
variable<T> reached_by_elements(variable<T> g, variable<T> reached)
{
    const variable<T> structure = structure_of(g);
    return structure.empty() ? reached : structure * reached;
}
template <class T>
variable<T> reached_by_columns(variable<T> g, variable<T> reached)
{
    const variable<T> structure = structure_of(g);
    return structure.empty() ? reached : sum(structure, -2) * reached;
}

} // namespace detail

// ------------------------------------------------------------------------------------------------------ eigenvectors

/// Operands: a, its factorization, and of each column whether it is reached: if that is 0, the column is 0, and nothing
/// flows from it.
struct eigenvectors_rule : general
{
    static constexpr auto name = "eigenvectors";
    static constexpr std::uint64_t differentiable = 1;
    static constexpr auto not_differentiable = piecewise_constant;
    static constexpr bool opaque = true; // eigenvalues are no numbers of the field of a
    using attributes = detail::asked_range;
    static std::string print(const attributes& a) { return detail::print_range(a); }

    static shape_vector shape(std::span<const shape_view> operands, const attributes& a);
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a);
    /// Column j moves by (l_j - A)^+ dA v_j.
    template <class T>
    static void vjp(pullback<T>& y);
    template <class T>
    static variable<T> batched(const batched_call<T>& y)
    {
        return detail::with_directions(y, y.template attributes<attributes>());
    }
    static void samples(auto& s);
};
AUTOGRAD_OPERATION(eigenvectors_rule)

/// x_j = (l_j - A)^+ b_j, the reduced resolvent of column j, for those columns that are reached. Operands: a, its
/// factorization, b, and which are reached. It refuses eigenvalues that are equal to that of such a column.
struct reduced_resolvent_rule : general
{
    static constexpr auto name = "reduced_resolvent";
    static constexpr std::uint64_t differentiable = 0b101;
    static constexpr auto not_differentiable = piecewise_constant;
    static constexpr bool opaque = true; // eigenvalues are no numbers of the field of a
    static constexpr bool throws = true;
    using attributes = detail::asked_range;
    static std::string print(const attributes& a) { return detail::print_range(a); }

    static shape_vector shape(std::span<const shape_view> operands, const attributes& a);
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a);
    template <class T>
    static std::size_t scratch(const evaluation<T>& call, const attributes& a);
    /// With R = (l - A)^+ and P the projector onto v, dR = R (dA - dl) R - R^2 dA P - P dA R^2: so its derivatives are
    /// made of itself and of v, and ask for no gaps but those of v (Kato, Perturbation Theory for Linear Operators,
    /// chapter II).
    template <class T>
    static void vjp(pullback<T>& y);
    template <class T>
    static variable<T> batched(const batched_call<T>& y)
    {
        return detail::with_directions(y, y.template attributes<attributes>());
    }
    static void samples(auto& s);
};
AUTOGRAD_OPERATION(reduced_resolvent_rule)

namespace detail
{
/// Columns of a that are not reached are 0.
template <class T>
variable<T> eigenvector_columns(variable<T> a, variable<T> factorization, variable<T> reached, const asked_range& range,
                                location where = {})
{
    return record<eigenvectors_rule, T>(where, {a, factorization, reached}, range);
}
/// What says that all of a range are reached.
template <class T>
variable<T> all_reached(variable<T> a, const eigen_range& range)
{
    shape_vector shape(batch_of(a.shape()));
    shape.push_back(range.count);
    return a.tape().full(shape, T(1));
}
} // namespace detail

template <class T>
void eigenvectors_rule::vjp(pullback<T>& y)
{
    const attributes range = y.template attributes<attributes>();
    const variable<T> a = y.operand(0);
    const variable<T> factorization = y.operand(1);
    const variable<T> reached = detail::reached_by_columns(y.cotangent(), y.operand(2));
    const variable<T> v =
        same(reached, y.operand_handle(2)) ? y.output() : detail::eigenvector_columns(a, factorization, reached, range);
    const variable<T> x = record<reduced_resolvent_rule, T>({}, {a, factorization, y.cotangent(), reached}, range);
    y.give(0, detail::for_matrices(y, detail::lower_cotangent(detail::product(x, v, false, true))));
}

template <class T>
void reduced_resolvent_rule::vjp(pullback<T>& y)
{
    const variable<T> g = y.cotangent();
    const variable<T> r_g = y.with_operand(2, g);
    y.give(2, r_g); // R is symmetric
    if (!y.wanted(0))
    {
        return;
    }
    const variable<T> b = y.operand(2);
    const variable<T> r_b = y.output();
    const variable<T> v =
        detail::eigenvector_columns(y.operand(0), y.operand(1), y.operand(3), y.template attributes<attributes>());
    const auto inner = [](variable<T> p, variable<T> q) { return sum(p * q, -2, xt::keep_dims); };
    const variable<T> beside_v =
        v * inner(r_g, r_b) + y.with_operand(2, r_g) * inner(v, b) + y.with_operand(2, r_b) * inner(v, g);
    const variable<T> moved = detail::product(r_g, r_b, false, true) - detail::product(beside_v, v, false, true);
    y.give(0, detail::for_matrices(y, detail::lower_cotangent(moved)));
}

// ------------------------------------------------------------------------------------------------------- eigenvalues

/// Operands: a and its factorization.
struct eigenvalues_rule : general
{
    static constexpr auto name = "eigenvalues";
    static constexpr std::uint64_t differentiable = 1;
    static constexpr auto not_differentiable = symmetric_eigen_rule::not_differentiable;
    static constexpr bool opaque = true; // eigenvalues are no numbers of the field of a
    using attributes = detail::asked_range;
    static std::string print(const attributes& a) { return detail::print_range(a); }

    static shape_vector shape(std::span<const shape_view> operands, const attributes& a);
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a);
    /// V diag(g) V^T.
    template <class T>
    static void vjp(pullback<T>& y)
    {
        const attributes range = y.template attributes<attributes>();
        const variable<T> g = y.cotangent();
        const variable<T> a = y.operand(0);
        const variable<T> reached = detail::reached_by_elements(g, y.tape().full(g.shape(), T(1)));
        const variable<T> v = detail::eigenvector_columns(a, y.operand(1), reached, range);
        const variable<T> moved = detail::product(v * expand_dims(g, -2), v, false, true);
        y.give(0, detail::for_matrices(y, detail::folded_to_lower(moved)));
    }
    template <class T>
    static variable<T> batched(const batched_call<T>& y)
    {
        return detail::with_directions(y, y.template attributes<attributes>());
    }
    static void samples(auto& s);
};
AUTOGRAD_OPERATION(eigenvalues_rule)

// -------------------------------------------------------------------------------------------------- public functions

namespace detail
{
/// f(a, its factorization), recorded as one operation of that name on square matrices.
template <class T, class F>
auto with_symmetric_eigen(const char* name, variable<T> a, location where, F f)
{
    require_square(name, "a", a.checked(name, where).shape(), where);
    return record_composite(name, where, a, [&] { return f(a, symmetric_eigen(a, name, where)); });
}
} // namespace detail

/// The eigenvalues of symmetric matrices in ascending order, all of them or `count` from number `first` on, which
/// counts from the largest back if it is negative: eigenvalues(a, -1, 1) is the largest. The lower triangle of a is
/// read. Shape: (..., n, n) gives (..., n), or (..., count). Gradient: V diag(g) V^T, folded onto the lower triangle.
/// Where eigenvalues are equal that is right for whatever depends on them alike, as their sum does, or a norm. If
/// different cotangents flow into equal ones, as where one of two is taken, it is one of the subgradients: that of the
/// vectors which LAPACK happened to find. The second derivative is refused, as the first one of vectors is, where one
/// of the eigenvalues that something flows into is equal to another; those of a sum of f(l) are had by
/// trace(spectral(a, f)).
/// Throws shape_error unless the matrices are square, and for a range that they do not have; value_error for NaN or
/// infinities, if LAPACK's syevd does not converge, and if an eigenvalue leaves the range of T. As NumPy's
/// linalg.eigvalsh.
template <class T>
variable<T> eigenvalues(variable<T> a, std::ptrdiff_t first, std::ptrdiff_t count, location where = location::current())
{
    constexpr auto name = eigenvalues_rule::name;
    const shape_view shape = a.checked(name, where).shape();
    const detail::asked_range range{detail::range_of(first, count, shape, name, where), name, true};
    return detail::with_symmetric_eigen(name, a, where,
                                        [&](variable<T> x, variable<T> factorization) {
                                            return record<eigenvalues_rule, T>(where, {x, factorization}, range);
                                        });
}
template <class T>
variable<T> eigenvalues(variable<T> a, location where = location::current())
{
    detail::require_square(eigenvalues_rule::name, "a", a.checked(eigenvalues_rule::name, where).shape(), where);
    return eigenvalues(a, 0, static_cast<std::ptrdiff_t>(detail::rows_of(a.shape())), where);
}

/// Eigenvectors of symmetric matrices as columns, `count` from number `first` on, in the order of their eigenvalues;
/// `first` counts from the largest back if it is negative. The lower triangle of a is read. Each has unit length, and
/// the first of its components of at least 0.3 of the largest magnitude is positive. Shape: (..., n, n) gives (..., n,
/// count). Gradient: the sum of (l_j - A)^+ g_j v_j^T, folded onto the lower triangle, and of any order (Magnus, On
/// differentiating eigenvalues and eigenvectors, 1985).
/// It is refused by value_error where the eigenvalue of a column that something flows into, whatever the numbers, is
/// within (n + 32) eps max |l| of another one: use spectral, projector or eigenvalues, or a range without that column.
/// In reverse mode what flows through a view of columns flows into these alone; forward mode, and so hessian, knows
/// only the range.
/// Throws what eigenvalues throws.
template <class T>
variable<T> eigenvectors(variable<T> a, std::ptrdiff_t first, std::ptrdiff_t count,
                         location where = location::current())
{
    constexpr auto name = eigenvectors_rule::name;
    const shape_view shape = a.checked(name, where).shape();
    const detail::asked_range range{detail::range_of(first, count, shape, name, where), name, false};
    return detail::with_symmetric_eigen(
        name, a, where,
        [&](variable<T> x, variable<T> factorization)
        { return detail::eigenvector_columns(x, factorization, detail::all_reached(x, range), range, where); });
}

/// a = v diag(l) v^T: of variables, or of arrays where a function that returns it is compiled.
template <class Leaf>
struct eigh_result
{
    Leaf values;  ///< (..., n), ascending
    Leaf vectors; ///< (..., n, n), column k belongs to value k

    auto members() { return std::tie(values, vectors); }
    auto members() const { return std::tie(values, vectors); }
    static constexpr auto member_names() { return std::array{"values", "vectors"}; }
};

/// The eigenvalues of symmetric matrices, in ascending order, and the eigenvectors as columns: a = V diag(l) V^T. The
/// lower triangle of a is read. Shapes: (..., n, n) gives (..., n) and (..., n, n). Gradient, signs, and what is
/// refused where eigenvalues are equal: as eigenvalues and eigenvectors, which see. Throws what those throw. As NumPy's
/// linalg.eigh, but for the signs.
template <class T>
eigh_result<variable<T>> eigh(variable<T> a, location where = location::current())
{
    return detail::with_symmetric_eigen(
        "eigh", a, where,
        [&](variable<T> x, variable<T> factorization) -> eigh_result<variable<T>>
        {
            const detail::eigen_range all{0, detail::rows_of(x.shape())};
            const variable<T> reached = detail::all_reached(x, all);
            return {record<eigenvalues_rule, T>(where, {x, factorization}, {all, "eigh", true}),
                    detail::eigenvector_columns(x, factorization, reached, {all, "eigh", false}, where)};
        });
}

// ----------------------------------------------------------------------------------------------------------- samples

namespace detail
{
/// NumPy's eigenvectors v with our signs.
inline std::string oriented_in_numpy(const std::string& v)
{
    return "(lambda v: v * np.sign(np.take_along_axis(v, np.argmax(np.abs(v) >= 0.3 * np.abs(v).max(-2, "
           "keepdims=True), -2)[..., None, :], -2)))(" +
           v + ")";
}
} // namespace detail

void eigenvectors_rule::samples(auto& s)
{
    const auto range = [](std::ptrdiff_t first, std::ptrdiff_t count)
    { return [=](auto x) { return eigenvectors(x, first, count); }; };
    const auto numpy = [](const std::string& columns)
    { return detail::oriented_in_numpy("np.linalg.eigh(x)[1][..., " + columns + "]"); };
    s.call("all", numpy(":"), range(0, 3), s.numbers({3, 3})).value_within_ulp(64);
    s.call("the largest", numpy("-1:"), range(-1, 1), s.numbers({3, 3})).value_within_ulp(64);
    s.call("in the middle", numpy("1:3"), range(1, 2), s.numbers({4, 4})).value_within_ulp(64);
    s.call("a batch", numpy(":2"), range(0, 2), s.numbers({2, 3, 3})).value_within_ulp(64);
    s.call("equal ones elsewhere", "np.array([[0], [0], [1]])", range(2, 1),
           s.array({3, 3}, {1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 2.0}));
    s.call("one element", "np.ones((1, 1))", range(0, 1), s.numbers({1, 1}));
    s.call("none of them", "np.zeros((2, 0))", range(1, 0), s.numbers({2, 2}));
    s.call("nothing", "x", range(0, 0), s.numbers({0, 0}));
    s.error("NaN", range(0, 1),
            "autograd: eigenvectors: element (1, 0) of matrix (1) of a is nan; the lower triangle must be finite.",
            s.array({2, 2, 2}, {1.0, s.nan, 0.0, 1.0, 1.0, 0.0, s.nan, 1.0}));
    s.error("a range", range(-4, 2),
            "autograd: eigenvectors: 2 eigenvalues from number -4 on, but a, of shape (3, 3), has 3; the range must "
            "lie among these.",
            s.numbers({3, 3}));
}

void reduced_resolvent_rule::samples(auto& s)
{
    const auto of = [](std::size_t first)
    {
        return [=](auto a, auto b)
        {
            using T = typename decltype(a)::value_type;
            const attributes range{{first, detail::columns_of(b.shape())}, "eigenvectors", false};
            return record<reduced_resolvent_rule, T>(
                {}, {a, detail::symmetric_eigen(a, name, {}), b, detail::all_reached(a, range)}, range);
        };
    };
    // the pseudoinverse without the eigenvalue that is 0 but for rounding
    const auto numpy = [](const std::string& columns)
    {
        return "(lambda a: np.stack([np.linalg.pinv(l * np.eye(len(a)) - a, rcond=1e-9) @ c for l, c in "
               "zip(np.linalg.eigvalsh(a)[" +
               columns + "], y.T)], -1))(np.tril(x) + np.tril(x, -1).T)";
    };
    s.call("all", numpy(":"), of(0), s.numbers({3, 3}), s.positive({3, 3})).value_within_ulp(256);
    s.call("the largest", numpy("-1:"), of(2), s.numbers({3, 3}), s.numbers({3, 1})).value_within_ulp(256);
    s.call("equal ones elsewhere", numpy(":1"), of(0), s.array({3, 3}, {1.0, 0.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0, 2.0}),
           s.numbers({3, 1}))
        .value_within_ulp(256);
    s.error("equal ones", of(0),
            "autograd: eigenvectors: eigenvalues 0 and 1 of a, 1 and 1, are 0 apart; vectors have a derivative where "
            "that is more than rounding, 1.554312234475219e-14. Use spectral, projector or eigenvalues, or "
            "eigenvectors of a range without them.",
            s.array({3, 3}, {1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 2.0}), s.numbers({3, 1}));
}

void eigenvalues_rule::samples(auto& s)
{
    const auto all = [](auto x) { return eigenvalues(x); };
    s.call("all", "np.linalg.eigvalsh(x)", all, s.numbers({3, 3})).value_within_ulp(64);
    s.call(
         "two of them", "np.linalg.eigvalsh(x)[1:3]", [](auto x) { return eigenvalues(x, 1, 2); }, s.numbers({4, 4}))
        .value_within_ulp(64);
    s.call(
         "the largest", "np.linalg.eigvalsh(x)[:, -1:]", [](auto x) { return eigenvalues(x, -1, 1); },
         s.numbers({2, 3, 3}))
        .value_within_ulp(64);
    s.call("a batch", "np.linalg.eigvalsh(x)", all, s.numbers({2, 2, 2, 2})).value_within_ulp(64);
    s.call("one element", "x[0]", all, s.numbers({1, 1}));
    s.call("nothing", "np.zeros(0)", all, s.numbers({0, 0}));
    s.call("an empty batch", "np.zeros((0, 2))", all, s.numbers({0, 2, 2}));
    s.call("something above the diagonal", "np.array([-2.5, 1.5])", all, s.array({2, 2}, {1.5, s.nan, 0.0, -2.5}))
        .up_to_order(0);
    s.error(
        "the second derivative at equal ones",
        [](auto x) { return gradient(sum(square(gradient(sum(square(eigenvalues(x))), x))), x); },
        "autograd: eigenvalues: eigenvalues 0 and 1 of a, 1 and 1, are 0 apart; they have a second derivative where "
        "that is more than rounding, 7.549516567451064e-15. Use trace(spectral(a, f)) for the sum of f(eigenvalue): it "
        "has derivatives of every order.",
        s.array({2, 2}, {1.0, 0.0, 0.0, 1.0}));
    s.error("an infinity", all, "autograd: eigenvalues: element (1, 1) of a is inf; the lower triangle must be finite.",
            s.array({2, 2}, {1.0, 0.0, 0.0, s.inf}));
    s.error("too large", all,
            "autograd: eigenvalues: eigenvalue 1 of a is inf; it leaves the range of its type. Scale the matrix.",
            s.array({2, 2}, {1.5e308, 0.0, 1.5e308, 1.5e308}));
    s.error("not square", all,
            "autograd: eigenvalues: a has shape (2, 3); its matrices must be square, the last two axes of one length.",
            s.numbers({2, 3}));
    s.error("a vector", all,
            "autograd: eigenvalues: a has shape (3,); it must be a matrix, or a batch of them: at least two axes.",
            s.numbers({3}));
}

struct eigh_samples
{
    static constexpr auto name = "eigh";
    static void samples(auto& s)
    {
        const auto values = [](auto x) { return eigh(x).values; };
        const auto vectors = [](auto x) { return eigh(x).vectors; };
        const auto both = [](auto x)
        {
            const auto [l, v] = eigh(x);
            return expand_dims(l, -2) * v;
        };
        const auto numpy = detail::oriented_in_numpy("np.linalg.eigh(x)[1]");
        s.call("values", "np.linalg.eigh(x)[0]", values, s.numbers({3, 3})).value_within_ulp(64).shown("values");
        s.call("vectors of a matrix", numpy, vectors, s.numbers({3, 3}))
            .value_within_ulp(64)
            .shown("vectors", "np.linalg.eigh(x)[1]");
        s.call("vectors", numpy, vectors, s.numbers({2, 2, 2})).value_within_ulp(64);
        s.call("both", "np.linalg.eigh(x)[0] * " + numpy, both, s.numbers({3, 3})).value_within_ulp(64);
        s.error(
            "the derivative of vectors of equal ones",
            [](auto x) {
                return vjp(eigh(x).vectors, x, x.tape().full({2, 2}, 1));
            },
            "autograd: eigh: eigenvalues 0 and 1 of a, 1 and 1, are 0 apart; vectors have a derivative where that is "
            "more than rounding, 7.549516567451064e-15. Use spectral, projector or eigenvalues, or eigenvectors of a "
            "range without them.",
            s.array({2, 2}, {1.0, 0.0, 0.0, 1.0}));
        s.error("not square", values,
                "autograd: eigh: a has shape (2, 3); its matrices must be square, the last two axes of one length.",
                s.numbers({2, 3}));
    }
};
AUTOGRAD_COMPOSITE(eigh_samples)

} // namespace autograd
