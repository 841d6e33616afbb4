#pragma once

#include "autograd/kernels/divided_differences.hpp"
#include "autograd/linalg/symmetric_eigen.hpp"

/// Functions of symmetric matrices, f(A) = V diag(f(l)) V^T. They are right at equal eigenvalues, too, in value and in
/// derivatives of every order, since these are made of the divided differences of f at the eigenvalues, which know no
/// gaps. The lower triangle of each matrix is read, as in all of symmetric_eigen.hpp, and the gradient is 0 above it.
/// \ingroup algebra
namespace autograd
{

/// A function of a number, for spectral.
class spectral_function
{
public:
    static const spectral_function exp;
    static const spectral_function log;     ///< of positive definite matrices
    static const spectral_function sqrt;    ///< of positive semidefinite ones: power(0.5)
    static const spectral_function rsqrt;   ///< of positive definite ones: power(-0.5)
    static const spectral_function inverse; ///< of regular ones: power(-1)
    static const spectral_function square;  ///< power(2)

    /// x^exponent: of any matrix for 0, 1, 2, ...; of regular ones for -1, -2, ...; else of positive semidefinite ones,
    /// or positive definite ones where it is negative. Throws value_error for NaN and infinities.
    static spectral_function power(double exponent);

    /// As the recorded operation has it.
    const kernels::point_function& as_recorded() const { return m_f; }

private:
    constexpr explicit spectral_function(kernels::point_function::form is, double exponent = 0) : m_f{is, exponent} {}

    kernels::point_function m_f;
};

inline constexpr spectral_function spectral_function::exp{kernels::point_function::form::exponential};
inline constexpr spectral_function spectral_function::log{kernels::point_function::form::logarithm};
inline constexpr spectral_function spectral_function::sqrt{kernels::point_function::form::power, 0.5};
inline constexpr spectral_function spectral_function::rsqrt{kernels::point_function::form::power, -0.5};
inline constexpr spectral_function spectral_function::inverse{kernels::point_function::form::power, -1};
inline constexpr spectral_function spectral_function::square{kernels::point_function::form::power, 2};

/// The derivative of order k of f(A) along k directions, of which the symmetric parts count. Operands: a, its
/// factorization, and the directions. It is linear in each of these and does not change when they are exchanged; nor
/// does its inner product with a symmetric matrix g when one of them changes places with g. So what flows to a
/// direction is the operation itself with g in its place, and what flows to a that of the next order, with g as one
/// more.
struct spectral_rule : general
{
    static constexpr auto name = "spectral";
    static constexpr std::uint64_t differentiable = ~std::uint64_t{0b10};
    static constexpr auto not_differentiable = symmetric_eigen_rule::not_differentiable;
    static constexpr bool opaque = true; // as those of eigenvalues
    static constexpr bool throws = true;
    struct attributes
    {
        const char* caller; ///< the operation that errors name
        kernels::point_function f;

        bool same(const attributes& other) const;
    };
    static std::string print(const attributes& a);

    static shape_vector shape(std::span<const shape_view> operands, const attributes& a);
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a);
    template <class T>
    static std::size_t scratch(const evaluation<T>& call, const attributes& a);
    template <class T>
    static void vjp(pullback<T>& y);
    template <class T>
    static variable<T> batched(const batched_call<T>& y)
    {
        return detail::with_directions(y, y.template attributes<attributes>());
    }
    static void samples(auto& s);
};
AUTOGRAD_OPERATION(spectral_rule)

template <class T>
void spectral_rule::vjp(pullback<T>& y)
{
    for (std::size_t k = 2; k < y.operand_count(); ++k)
    {
        if (y.wanted(k))
        {
            y.give(k, y.with_operand(k, y.cotangent()));
        }
    }
    if (y.wanted(0))
    {
        std::vector<handle<T>> operands;
        for (std::size_t k = 0; k < y.operand_count(); ++k)
        {
            operands.push_back(y.operand_handle(k));
        }
        operands.push_back(y.cotangent());
        const attributes f = y.template attributes<attributes>();
        y.give(0, detail::for_matrices(y, detail::folded_to_lower(record<spectral_rule, T>({}, operands, f))));
    }
}

namespace detail
{
/// f(a), or its derivative along directions.
template <class T, class... Directions>
variable<T> function_of_matrix(const char* name, variable<T> a, const kernels::point_function& f, location where,
                               Directions... directions)
{
    return with_symmetric_eigen(name, a, where,
                                [&](variable<T> x, variable<T> factorization) {
                                    return record<spectral_rule, T>(where, {x, factorization, directions...},
                                                                    spectral_rule::attributes{name, f});
                                });
}

/// The function that is 1 at the eigenvalues of a range. Throws shape_error unless a has these.
template <class T>
kernels::point_function indicator(variable<T> a, std::ptrdiff_t first, std::ptrdiff_t count, const char* name,
                                  location where)
{
    const eigen_range range = range_of(first, count, a.checked(name, where).shape(), name, where);
    return {kernels::point_function::form::indicator, 0, range.first, range.count};
}
} // namespace detail

/// f(a) = V diag(f(l)) V^T of symmetric matrices a = V diag(l) V^T, symmetric to the last bit. The lower triangle of a
/// is read. Shape: that of a. Gradient: V (D o V^T g V) V^T, D the divided differences of f at the eigenvalues, folded
/// onto the lower triangle (Daleckii and Krein 1965); exact at equal eigenvalues and near them, in every order; order k
/// takes about n^(k + 1) divided differences. Eigenvalues below 0 by no more than rounding, (n + 32) eps max |l|, count
/// as 0 for powers that need them not to be negative.
/// Throws shape_error unless the matrices are square; value_error for NaN or infinities in them, if LAPACK's syevd does
/// not converge, for eigenvalues where f is not defined or leaves the range of T, and for derivatives that are infinite
/// at eigenvalues that are 0 but for rounding, as that of sqrt is.
template <class T>
variable<T> spectral(variable<T> a, const spectral_function& f, location where = location::current())
{
    return detail::function_of_matrix(spectral_rule::name, a, f.as_recorded(), where);
}

/// The orthogonal projector onto the eigenvectors of `count` eigenvalues of symmetric matrices, from number `first` on
/// in ascending order, or back from the largest if it is negative: the sum of their v v^T. The lower triangle of a is
/// read. Shape: that of a. Gradient: V (D o V^T g V) V^T with D_ij = 1 / (l_i - l_j) where i is in the range and j is
/// not, or the other way round with its sign, else 0; folded onto the lower triangle; of any order. It needs gaps
/// between the range and the rest alone: eigenvalues in it may be equal.
/// Throws shape_error unless the matrices are square, and for a range that they do not have; value_error where an
/// eigenvalue of the range is within rounding, (n + 32) eps max |l|, of one outside, for NaN or infinities, and if
/// LAPACK's syevd does not converge.
template <class T>
variable<T> projector(variable<T> a, std::ptrdiff_t first, std::ptrdiff_t count, location where = location::current())
{
    const auto f = detail::indicator(a, first, count, "projector", where);
    return detail::function_of_matrix("projector", a, f, where);
}

/// The positive semidefinite square root of symmetric positive semidefinite matrices. The lower triangle of a is read.
/// Shape: that of a. Gradient: as spectral(a, spectral_function::sqrt), refused where an eigenvalue is 0. Throws
/// what spectral throws. As scipy.linalg.sqrtm, of symmetric matrices.
template <class T>
variable<T> sqrtm(variable<T> a, location where = location::current())
{
    return detail::function_of_matrix("sqrtm", a, spectral_function::sqrt.as_recorded(), where);
}

/// The symmetric logarithm of symmetric positive definite matrices. The lower triangle of a is read. Shape: that of a.
/// Gradient: as spectral(a, spectral_function::log). Throws what spectral throws. As scipy.linalg.logm, of symmetric
/// matrices.
template <class T>
variable<T> logm(variable<T> a, location where = location::current())
{
    return detail::function_of_matrix("logm", a, spectral_function::log.as_recorded(), where);
}

// ----------------------------------------------------------------------------------------------------------- samples

namespace detail
{
/// What NumPy makes of the lower triangles of an input.
inline std::string symmetric_in_numpy(const std::string& x)
{
    return "(np.tril(" + x + ") + np.swapaxes(np.tril(" + x + ", -1), -1, -2))";
}
} // namespace detail

void spectral_rule::samples(auto& s)
{
    const auto f = [](const spectral_function& of) { return [=](auto x) { return spectral(x, of); }; };
    const std::string x = detail::symmetric_in_numpy("x");
    const std::string y = "(y + y.T) / 2";
    const std::string z = "(z + z.T) / 2";
    const auto definite = s.array({3, 3}, {2.0, 7.0, 7.0, 0.5, 1.5, 7.0, -0.25, 0.75, 1.0});
    const auto identity = s.array({3, 3}, {1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0});
    const auto two_equal = s.array({3, 3}, {2.0, 1.0, 1.0, 1.0, 2.0, 1.0, 1.0, 1.0, 2.0});
    const auto of_function = [&](const std::string& name, const spectral_function& of, const std::string& numpy)
    {
        s.call(name, numpy + "(" + x + ")", f(of), definite).value_within_ulp(256);
        s.call(name + " of the identity", numpy + "(" + x + ")", f(of), identity).value_within_ulp(64);
        s.call(name + " where two eigenvalues are equal", numpy + "(" + x + ")", f(of), two_equal).value_within_ulp(64);
    };
    of_function("exp", spectral_function::exp, "la.expm");
    of_function("log", spectral_function::log, "la.logm"); // which is good to 1e-14
    of_function("sqrt", spectral_function::sqrt, "la.sqrtm");
    of_function("rsqrt", spectral_function::rsqrt, "(lambda a: la.inv(la.sqrtm(a)))");
    of_function("inverse", spectral_function::inverse, "la.inv");
    of_function("square", spectral_function::square, "(lambda a: a @ a)");
    of_function("power", spectral_function::power(-1.3), "(lambda a: la.fractional_matrix_power(a, -1.3))");
    s.call("a cube", "(lambda a: a @ a @ a)(" + x + ")", f(spectral_function::power(3)), s.numbers({3, 3}))
        .value_within_ulp(64);
    s.call("zero", "np.eye(2)", f(spectral_function::exp), s.array({2, 2}, {0.0, 0.0, 0.0, 0.0}));
    s.call("a batch", "np.stack([la.expm(a) for a in " + x + "])", f(spectral_function::exp), s.numbers({2, 2, 2}))
        .value_within_ulp(64);
    s.call("one element", "np.exp(x)", f(spectral_function::exp), s.numbers({1, 1}));
    s.call("nothing", "x", f(spectral_function::log), s.numbers({0, 0}));
    s.call("an empty batch", "x", f(spectral_function::log), s.numbers({0, 2, 2}));

    const auto derivative = [](const spectral_function& of)
    {
        return [=](auto a, auto... directions)
        { return detail::function_of_matrix(spectral_rule::name, a, of.as_recorded(), {}, directions...); };
    };
    s.call("along a direction", "la.expm_frechet(" + x + ", " + y + ", compute_expm=False)",
           derivative(spectral_function::exp), s.numbers({3, 3}), s.positive({3, 3}))
        .value_within_ulp(64);
    s.call("along a direction, at equal ones", "la.expm_frechet(" + x + ", " + y + ", compute_expm=False)",
           derivative(spectral_function::exp), two_equal, s.numbers({3, 3}))
        .value_within_ulp(64);
    s.call("along two directions",
           "(lambda d: d(" + y + ", " + z + ") + d(" + z + ", " + y + "))(lambda e, f: la.expm(np.block([[" + x +
               ", e, 0 * e], [0 * e, " + x + ", f], [0 * e, 0 * e, " + x + "]]))[:2, 4:])",
           derivative(spectral_function::exp), s.numbers({2, 2}), s.positive({2, 2}), s.numbers({2, 2}))
        .value_within_ulp(64);
    s.error("not positive", f(spectral_function::log),
            "autograd: spectral: eigenvalue 0 of a is -1, where log is not defined; the eigenvalues must be positive.",
            s.array({2, 2}, {2.0, 0.0, 0.0, -1.0}));
    s.error("negative", f(spectral_function::sqrt),
            "autograd: spectral: eigenvalue 0 of matrix (1) of a is -0.25, where power 0.5 is not defined; the "
            "eigenvalues must not be negative.",
            s.array({2, 1, 1}, {2.0, -0.25}));
    s.error("singular", f(spectral_function::inverse),
            "autograd: spectral: eigenvalue 1 of a is 0, where power -1 is not defined; the eigenvalues must not be 0.",
            s.array({2, 2}, {0.0, 0.0, 0.0, -1.0}));
    s.error("too large", f(spectral_function::exp),
            "autograd: spectral: the eigenvalues of a are from 0 to 1000; there derivative 0 of exp leaves the range "
            "of its type.",
            s.array({2, 2}, {0.0, 0.0, 0.0, 1000.0}));
    s.error(
        "a derivative that is infinite",
        [](auto a)
        {
            using T = typename decltype(a)::value_type;
            const attributes sqrt{name, spectral_function::sqrt.as_recorded()};
            return record<spectral_rule, T>({}, {a, detail::symmetric_eigen(a, name, {}), a}, sqrt);
        },
        "autograd: spectral: eigenvalue 0 of a is 0, which is 0 but for rounding (3.019806626980426e-14); there "
        "derivative 1 of power 0.5 is infinite. Shift the matrix, a + c I, if that is meant.",
        s.array({2, 2}, {0.0, 0.0, 0.0, 4.0}));
    s.error("not square", f(spectral_function::exp),
            "autograd: spectral: a has shape (2, 3); its matrices must be square, the last two axes of one length.",
            s.numbers({2, 3}));
}

struct projector_samples
{
    static constexpr auto name = "projector";
    static void samples(auto& s)
    {
        const auto onto = [](std::ptrdiff_t first, std::ptrdiff_t count)
        { return [=](auto x) { return projector(x, first, count); }; };
        const auto numpy = [](const std::string& columns)
        { return "(lambda v: v @ np.swapaxes(v, -1, -2))(np.linalg.eigh(x)[1][..., " + columns + "])"; };
        s.call("the smallest", numpy(":1"), onto(0, 1), s.numbers({3, 3})).value_within_ulp(64);
        s.call("in the middle", numpy("1:3"), onto(1, 2), s.numbers({4, 4})).value_within_ulp(64);
        s.call("two equal ones", "np.eye(3) - np.ones((3, 3)) / 3", onto(0, 2),
               s.array({3, 3}, {2.0, 1.0, 1.0, 1.0, 2.0, 1.0, 1.0, 1.0, 2.0}))
            .value_within_ulp(64);
        s.call("a batch", numpy("-1:"), onto(-1, 1), s.numbers({2, 2, 2})).value_within_ulp(64);
        s.call("none", "np.zeros((2, 2))", onto(1, 0), s.numbers({2, 2}));
        s.error("equal ones parted", onto(1, 2),
                "autograd: projector: eigenvalues 0 and 1 of a, 1 and 1, are 0 apart, and a projector takes one of "
                "them; that must be more than rounding, 1.554312234475219e-14. Take both or none.",
                s.array({3, 3}, {1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 2.0}));
        s.error("a range", onto(1, 3),
                "autograd: projector: 3 eigenvalues from number 1 on, but a, of shape (3, 3), has 3; the range must "
                "lie among these.",
                s.numbers({3, 3}));
    }
};
AUTOGRAD_COMPOSITE(projector_samples)

struct sqrtm_samples
{
    static constexpr auto name = "sqrtm";
    static void samples(auto& s)
    {
        const auto f = [](auto x) { return sqrtm(x); };
        s.call("definite", "la.sqrtm(" + detail::symmetric_in_numpy("x") + ")", f,
               s.array({2, 2}, {2.0, 7.0, 0.5, 1.5}))
            .value_within_ulp(64);
        s.error("negative", f,
                "autograd: sqrtm: eigenvalue 0 of a is -1, where power 0.5 is not defined; the eigenvalues must not be "
                "negative.",
                s.array({1, 1}, {-1.0}));
    }
};
AUTOGRAD_COMPOSITE(sqrtm_samples)

struct logm_samples
{
    static constexpr auto name = "logm";
    static void samples(auto& s)
    {
        const auto f = [](auto x) { return logm(x); };
        s.call("definite", "la.logm(" + detail::symmetric_in_numpy("x") + ")", f, s.array({2, 2}, {2.0, 7.0, 0.5, 1.5}))
            .value_within_ulp(64);
        s.error("semidefinite", f,
                "autograd: logm: eigenvalue 0 of a is 0, where log is not defined; the eigenvalues must be positive.",
                s.array({1, 1}, {0.0}));
    }
};
AUTOGRAD_COMPOSITE(logm_samples)

} // namespace autograd
