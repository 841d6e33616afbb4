#pragma once

#include "autograd/kernels/singular_values.hpp"
#include "autograd/linalg/matrices.hpp"

#include <array>
#include <string>
#include <tuple>

/// Singular values and singular vectors.
///
/// A matrix a is factorized once, into a packed array without derivatives. What is taken of it, and what is computed by
/// it, are operations on a and that array; their derivatives use the same array again.
///
/// With the symmetric dilation H = [[0, a], [a^T, 0]] the derivatives are those of simple eigenvalues: H (u_j, v_j) =
/// s_j (u_j, v_j), and -s_j belongs to (u_j, -v_j). So s_j moves by u_j^T da v_j, and (u_j, v_j) by R_j dH (u_j, v_j),
/// R_j = (s_j - H)^+ the reduced resolvent, which is symmetric. Other vectors occur in R_j in sums alone: equal
/// singular values among them do no harm, in any order of derivative. (Of one order and in components: Townsend,
/// Differentiating the singular value decomposition, 2016; Wan and Zhang, Automatic differentiation for complex valued
/// SVD, 2019.)
///
/// \ingroup algebra
namespace autograd
{

namespace detail
{

/// The decomposition of the matrices of a shape.
inline kernels::svd_extents svd_of(shape_view matrices)
{
    return {rows_of(matrices), columns_of(matrices)};
}

} // namespace detail

// --------------------------------------------------------------------------------------------------- factorization

/// u, s and vt of each matrix, packed.
struct svd_factors_rule : general
{
    static constexpr auto name = "svd_factors";
    static constexpr bool throws = true;
    static constexpr bool opaque = true; // singular values are no numbers of a field
    static constexpr auto not_differentiable =
        "is a factorization: derivatives come through what is made of it, singular_values(a) or pinv(a)";
    struct attributes
    {
        const char* caller; ///< the operation that refuses what cannot be factorized

        /// Who asks first tells; the numbers are the same.
        bool same(const attributes&) const { return true; }
    };
    static constexpr bool acts_on_last_axes = true;

    static shape_vector shape(std::span<const shape_view> operands, const attributes&);
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a);
    template <class T>
    static std::size_t scratch(const evaluation<T>& call, const attributes&);
    static void samples(auto& s);
};
AUTOGRAD_OPERATION(svd_factors_rule)

namespace detail
{
/// The one place where matrices are factorized, for an operation of that name. Throws value_error for elements that are
/// no finite numbers, and where LAPACK does not converge.
template <class T>
variable<T> svd_factors(variable<T> a, const char* caller, location where)
{
    return record_once<svd_factors_rule, T>(where, a, payload(svd_factors_rule::attributes{caller}));
}

/// A rule on a (operand 0) and its factorization (operand 1), recorded as the operation of its name.
template <class Rule, class T, class... Attributes>
variable<T> record_by_svd(variable<T> a, location where, const Attributes&... attributes)
{
    return record_composite<T>(
        Rule::name, where, {a},
        [&] {
            return variable<T>(record<Rule, T>(where, {a, svd_factors(a, Rule::name, where)}, attributes...));
        });
}

/// A range of singular triplets, and who asked for it: errors of derivatives name that operation.
struct triplets
{
    std::size_t first;
    std::size_t count;
    const char* caller;
    bool of_values = true; ///< whether for singular values, of which the second derivative is refused, or for vectors
    std::size_t directions = 0; ///< leading axes of the batch that count directions (operations/batched.hpp)

    triplets for_vectors() const { return {first, count, caller, false, directions}; }
    /// Who asks first tells; the numbers are the same.
    bool same(const triplets& other) const
    {
        return first == other.first && count == other.count && directions == other.directions;
    }
};

/// What errors call matrix k of a, whose first axes count directions.
std::string name_behind_directions(std::size_t directions, shape_view a, std::size_t k);

/// What rules have in common that compute with a (operand 0) and its factorization (operand 1).
struct by_svd_factors
{
    static constexpr bool opaque = svd_factors_rule::opaque;
    static constexpr auto not_differentiable = svd_factors_rule::not_differentiable;
};

/// f(k, the block of matrix k) for all matrices of such a rule.
template <class T, class F>
void for_each_svd(const evaluation<T>& call, const F& f)
{
    const shape_view a = call.operands[0].shape;
    const std::size_t count = element_count(batch_of(a));
    for (std::size_t k = 0; k < count; ++k)
    {
        f(k, call.in(1) + k * svd_of(a).size());
    }
}

/// The same for those of a range of triplets.
struct by_triplets : by_svd_factors
{
    using attributes = triplets;
    static attributes with_leading_axis(const attributes& a)
    {
        return {a.first, a.count, a.caller, a.of_values, a.directions + 1};
    }
    static std::string print(const attributes& a)
    {
        return std::to_string(a.count) + " from " + std::to_string(a.first) + " on";
    }
};

} // namespace detail

// ------------------------------------------------------------------------------------- vectors and their derivative

/// Row j: the left and behind it the right singular vector of a triplet; zeros where operand 2 is 0 there, which says
/// which of them are used.
struct singular_vectors_rule : general, detail::by_triplets
{
    static constexpr auto name = "singular_vectors";
    static constexpr std::uint64_t differentiable = 1;

    static shape_vector shape(std::span<const shape_view> operands, const attributes& a);
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a);
    template <class T>
    static void vjp(pullback<T>& y);
    static void samples(auto& s);
};
AUTOGRAD_OPERATION(singular_vectors_rule)

/// Row j of operand 2 times the reduced resolvent of the dilation at the singular value of triplet j; zeros where
/// operand 3 is 0 there. Linear in operand 2, and its own transpose. It refuses singular values that are equal, or 0,
/// up to rounding.
struct singular_resolvent_rule : general, detail::by_triplets
{
    static constexpr auto name = "singular_resolvent";
    static constexpr bool throws = true;
    static constexpr std::uint64_t differentiable = 0b101;

    static shape_vector shape(std::span<const shape_view> operands, const attributes& a);
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a);
    template <class T>
    static std::size_t scratch(const evaluation<T>& call, const attributes& a);
    template <class T>
    static void vjp(pullback<T>& y);
    static void samples(auto& s);
};
AUTOGRAD_OPERATION(singular_resolvent_rule)

// -------------------------------------------------------------------------------------------------- singular values

/// 1 for singular values that are more than rounding, else 0.
struct singular_values_nonzero_rule : general, detail::by_triplets
{
    static constexpr auto name = "singular_values_nonzero";
    static constexpr auto not_differentiable = piecewise_constant;

    static shape_vector shape(std::span<const shape_view> operands, const attributes& a);
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a);
    static void samples(auto& s);
};
AUTOGRAD_OPERATION(singular_values_nonzero_rule)

struct singular_values_rule : general, detail::by_triplets
{
    static constexpr auto name = "singular_values";
    static constexpr std::uint64_t differentiable = 1;

    static shape_vector shape(std::span<const shape_view> operands, const attributes& a);
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a);
    template <class T>
    static void vjp(pullback<T>& y);
    static void samples(auto& s);
};
AUTOGRAD_OPERATION(singular_values_rule)

namespace detail
{

/// The singular values of a range, by the factorization.
template <class T>
variable<T> singular_values(variable<T> a, variable<T> factors, const triplets& range, location where)
{
    return record<singular_values_rule, T>(where, {a, factors}, range);
}

/// All triplets of the matrices, for an operation.
inline triplets all_triplets(const char* operation, shape_view matrices)
{
    return {0, svd_of(matrices).count(), operation};
}
/// So many from number `first` on, which counts from the end if it is negative. Throws shape_error unless the matrices
/// have them.
triplets checked_triplets(const char* operation, shape_view matrices, std::ptrdiff_t first, std::ptrdiff_t count,
                          location where);

} // namespace detail

/// The singular values of matrices, in descending order. Shape: (..., m, n) gives (..., min(m, n)). Gradient: U diag(g)
/// V^T; where singular values are equal it is right for symmetric functions of them, and one of several subgradients
/// for others; to those that are 0 (up to rounding: (max(m, n) + 32) epsilon times the largest) nothing flows, as to a
/// magnitude.
/// Further derivatives need singular vectors, and refuse as those of svd do. Throws shape_error, and value_error for
/// elements that are no finite numbers. As NumPy's svd without vectors.
template <class T>
variable<T> singular_values(variable<T> a, location where = location::current())
{
    constexpr auto name = singular_values_rule::name;
    detail::require_matrices(name, "a", a.checked(name, where).shape(), where);
    return detail::record_by_svd<singular_values_rule>(a, where, detail::all_triplets(name, a.shape()));
}

/// `count` of them from number `first` on, which counts from the least back if it is negative: singular_values(a, 0, 1)
/// is the largest. Each that is apart from the others has derivatives of every order, whatever these are. Shape: (...,
/// m, n) gives (..., count). Throws shape_error for a range that the matrices do not have, and as the above.
template <class T>
variable<T> singular_values(variable<T> a, std::ptrdiff_t first, std::ptrdiff_t count,
                            location where = location::current())
{
    constexpr auto name = singular_values_rule::name;
    detail::require_matrices(name, "a", a.checked(name, where).shape(), where);
    return detail::record_by_svd<singular_values_rule>(a, where,
                                                       detail::checked_triplets(name, a.shape(), first, count, where));
}

// -------------------------------------------------------------------------------------------------------------- svd

/// a = u diag(s) vt, or the part of it that belongs to some triplets: of variables, or of arrays where a function that
/// returns it is compiled.
template <class Leaf>
struct svd_result
{
    Leaf u;  ///< (..., m, k), the left vectors as columns
    Leaf s;  ///< (..., k), descending
    Leaf vt; ///< (..., k, n), the right vectors as rows

    auto members() { return std::tie(u, s, vt); }
    auto members() const { return std::tie(u, s, vt); }
    static constexpr auto member_names() { return std::array{"u", "s", "vt"}; }
};

namespace detail
{
template <class T>
svd_result<variable<T>> record_svd(variable<T> a, const triplets& range, location where);
} // namespace detail

/// The reduced singular value decomposition a = u diag(s) vt: auto [u, s, vt] = svd(a). s descends; vt is the transpose
/// of V, as NumPy's. Signs are made unique: in each column of u the first component of at least 0.3 of the largest
/// magnitude is positive. Shape: (..., m, n) gives (..., m, k), (..., k) and (..., k, n) with k = min(m, n). Gradient:
/// of s as singular_values; of vectors p_j v_j^T + u_j q_j^T, where (p_j, q_j) is what flows into (u_j, v_j) times the
/// reduced resolvent (s_j - H)^+ of H = [[0, a], [a^T, 0]]; of any order. Throws shape_error, and value_error for
/// elements that are no finite numbers. Derivatives of vectors throw value_error where a singular value whose vectors
/// are used, whatever the numbers that flow into them, has another one, or 0, within (max(m, n) + 32) epsilon times the
/// largest. Reverse mode knows which are used, where they are taken by view, gather and the like; in forward mode all
/// are.
template <class T>
svd_result<variable<T>> svd(variable<T> a, location where = location::current())
{
    detail::require_matrices("svd", "a", a.checked("svd", where).shape(), where);
    return detail::record_svd(a, detail::all_triplets("svd", a.shape()), where);
}

/// `count` triplets from number `first` on, which counts from the end if it is negative: svd(a, 0, 2) are the leading
/// two. Their derivatives, in both modes, do not care for the others, but for what comes within rounding of these.
/// Shape: (..., m, n) gives (..., m, count), (..., count) and (..., count, n). Throws shape_error for a range that the
/// matrices do not have, and as the above.
template <class T>
svd_result<variable<T>> svd(variable<T> a, std::ptrdiff_t first, std::ptrdiff_t count,
                            location where = location::current())
{
    detail::require_matrices("svd", "a", a.checked("svd", where).shape(), where);
    return detail::record_svd(a, detail::checked_triplets("svd", a.shape(), first, count, where), where);
}

// ---------------------------------------------------------------------------------------------------------- samples

namespace detail
{
/// In NumPy: f of u, s and vt of x with the signs of svd.
inline std::string numpy_svd(const std::string& f)
{
    return "(lambda u, s, vt: (lambda sign: (lambda u, s, vt: " + f +
           ")(u * sign, s, vt * np.swapaxes(sign, -2, -1)))(np.sign(np.take_along_axis(u, np.argmax(np.abs(u) >= 0.3 * "
           "np.abs(u).max(-2, keepdims=True, initial=0), -2)[..., None, :], -2))))(*np.linalg.svd(x, "
           "full_matrices=False))";
}
} // namespace detail

void svd_factors_rule::samples(auto& s)
{
    const auto factorize = [](auto x) { return detail::svd_factors(x, "svd", {}); };
    const auto packed = detail::numpy_svd("np.concatenate((u.flatten(), s, vt.flatten()))");
    s.call("tall", packed, factorize, s.numbers({3, 2})).up_to_order(0).value_within_ulp(32);
    s.call("wide", packed, factorize, s.numbers({2, 3})).up_to_order(0).value_within_ulp(32);
    s.call("square", packed, factorize, s.numbers({3, 3})).up_to_order(0).value_within_ulp(32);
    s.call("no columns", "np.zeros(0)", factorize, s.numbers({3, 0})).up_to_order(0);
    s.call("an empty batch", "np.zeros((0, 12))", factorize, s.numbers({0, 2, 3})).up_to_order(0);
    s.error("NaN", factorize, "autograd: svd: element (1, 0) of a is nan; a factorization needs finite numbers.",
            s.array({2, 2}, {1.0, 2.0, s.nan, s.inf}));
    s.error("infinite, in a batch", factorize,
            "autograd: svd: element (0, 1) of matrix (1) of a is -inf; a factorization needs finite numbers.",
            s.array({2, 1, 2}, {1.0, 2.0, 3.0, -s.inf}));
}

void singular_vectors_rule::samples(auto& s)
{
    const auto of_range = [](std::size_t first, std::size_t count)
    {
        return [=](auto x, auto used)
        {
            return record<singular_vectors_rule>({}, {x, detail::svd_factors(x, "svd", {}), used},
                                                 attributes{first, count, "svd"});
        };
    };
    const auto vectors = [&](std::size_t count) { return of_range(0, count); };
    const auto tall = s.array({3, 2}, {2.0, 0.5, -1.0, 0.75, 0.25, -0.5});
    const auto square = s.array({3, 3}, {2.0, 2.0, 1.0, 0.25, 0.0, -2.0, 0.0, 1.5, 1.75});
    const auto rows = detail::numpy_svd("y[..., None] * np.concatenate((np.swapaxes(u, -2, -1), vt), -1)");
    s.call("tall", rows, vectors(2), tall, s.array({2}, {1.0, 1.0})).hold(1).value_within_ulp(32);
    s.call("wide", rows, vectors(2), s.numbers({2, 4}), s.array({2}, {1.0, 1.0})).hold(1).value_within_ulp(32);
    s.call("square", rows, vectors(3), square, s.array({3}, {1.0, 1.0, 1.0})).hold(1).value_within_ulp(32);
    s.call("some", rows, vectors(3), square, s.array({3}, {1.0, 0.0, 1.0})).hold(1).value_within_ulp(32);
    s.call("a range", detail::numpy_svd("np.concatenate((u.T, vt), 1)[1:]"), of_range(1, 2), square,
           s.array({2}, {1.0, 1.0}))
        .hold(1)
        .value_within_ulp(32);
    s.call("a batch", rows, vectors(2), s.numbers({2, 2, 3}), s.array({2, 2}, {1.0, 1.0, 1.0, 1.0}))
        .hold(1)
        .value_within_ulp(32);
    s.call("one number", "np.array([[1.0, -1.0]])", vectors(1), s.array({1, 1}, {-2.0}), s.array({1}, {1.0})).hold(1);
    s.call("no rows", "np.zeros((0, 3))", vectors(0), s.numbers({0, 3}), s.numbers({0})).hold(1);
}

void singular_resolvent_rule::samples(auto& s)
{
    const auto of_range = [](std::size_t first, std::size_t count)
    {
        return [=](auto x, auto y, auto used)
        {
            return record<singular_resolvent_rule>({}, {x, detail::svd_factors(x, "svd", {}), y, used},
                                                   attributes{first, count, "svd", false});
        };
    };
    const auto all = [&](std::size_t count) { return of_range(0, count); };
    const auto tall = s.array({3, 2}, {2.0, 0.5, -1.0, 0.75, 0.25, -0.5});
    const auto square = s.array({3, 3}, {2.0, 2.0, 1.0, 0.25, 0.0, -2.0, 0.0, 1.5, 1.75});
    const auto numpy = [](const std::string& range)
    {
        return "(lambda h: np.array([u * np.linalg.pinv(s * np.eye(len(h)) - h, 1e-10) @ r for s, r, u in "
               "zip(np.linalg.svd(x)[1]" +
               range + ", y, z)]))(np.block([[np.zeros((x.shape[0],) * 2), x], [x.T, np.zeros((x.shape[1],) * 2)]]))";
    };
    s.call("tall", numpy(""), all(2), tall, s.positive({2, 5}), s.array({2}, {1.0, 1.0})).hold(2).value_within_ulp(64);
    s.call("wide", numpy(""), all(2), s.numbers({2, 3}), s.positive({2, 5}), s.array({2}, {1.0, 1.0}))
        .hold(2)
        .value_within_ulp(64);
    s.call("square", numpy(""), all(3), square, s.positive({3, 6}), s.array({3}, {1.0, 0.0, 1.0}))
        .hold(2)
        .value_within_ulp(64);
    s.call("a range", numpy("[1:]"), of_range(1, 1), tall, s.positive({1, 5}), s.array({1}, {1.0}))
        .hold(2)
        .value_within_ulp(64);
    s.call("one number", "np.array([[0.25, 0.25]]) * (y[0, 0] + y[0, 1] * 0.5) / 1.5", all(1), s.array({1, 1}, {-2.0}),
           s.array({1, 2}, {2.0, 2.0}), s.array({1}, {1.0}))
        .hold(2)
        .up_to_order(0);
    s.call("no triplets", "np.zeros((0, 3))", all(0), s.numbers({0, 3}), s.numbers({0, 3}), s.numbers({0})).hold(2);
}

void singular_values_nonzero_rule::samples(auto& s)
{
    s.call(
         "rank 1", "np.array([1.0, 0.0])",
         [](auto x) {
             return record<singular_values_nonzero_rule>({}, {x, detail::svd_factors(x, "svd", {})},
                                                         attributes{0, 2, "svd"});
         },
         s.array({2, 2}, {1.0, 2.0, 2.0, 4.0}))
        .up_to_order(0);
}

void singular_values_rule::samples(auto& s)
{
    const auto values = [](auto x) { return singular_values(x); };
    const auto numpy = "np.linalg.svd(x, compute_uv=False)";
    s.call("tall", numpy, values, s.numbers({4, 3})).value_within_ulp(16);
    s.call("wide", numpy, values, s.numbers({2, 3})).value_within_ulp(16);
    s.call("square", numpy, values, s.numbers({3, 3})).value_within_ulp(16);
    s.call("a batch", numpy, values, s.numbers({2, 2, 2})).value_within_ulp(16);
    s.call("a column", numpy, values, s.numbers({3, 1})).value_within_ulp(16);
    s.call("one number", "np.abs(x[0])", values, s.array({1, 1}, {-2.0}));
    s.call("no rows", "np.zeros(0)", values, s.numbers({0, 3}));
    s.call("an empty batch", "np.zeros((0, 2))", values, s.numbers({0, 2, 3}));
    s.call(
         "a range", "np.linalg.svd(x, compute_uv=False)[1:2]", [](auto x) { return singular_values(x, 1, 1); },
         s.numbers({3, 3}))
        .value_within_ulp(16);
    s.call(
         "the least two", "np.linalg.svd(x, compute_uv=False)[:, 1:]", [](auto x) { return singular_values(x, -2, 2); },
         s.numbers({2, 3, 4}))
        .value_within_ulp(32);
    s.error("vector", values,
            "autograd: singular_values: a has shape (3,); it must be a matrix, or a batch of them: at least two axes.",
            s.numbers({3}));
    s.error(
        "range", [](auto x) { return singular_values(x, -3, 1); },
        "autograd: singular_values: 1 triplets from number -3 on, but a, of shape (2, 3), has 2; the range must lie "
        "among "
        "these.",
        s.numbers({2, 3}));
    s.error("NaN", values,
            "autograd: singular_values: element (0, 1) of a is nan; a factorization needs finite numbers.",
            s.array({1, 2}, {1.0, s.nan}));
}

struct svd_samples
{
    static constexpr auto name = "svd";
    static void samples(auto& s)
    {
        const auto u = [](auto x) { return svd(x).u; };
        const auto vt = [](auto x) { return svd(x).vt; };
        const auto values = [](auto x) { return svd(x).s; };
        const auto product = [](auto x)
        {
            const auto parts = svd(x);
            return matmul(parts.u * expand_dims(square(parts.s), -2), parts.vt);
        };
        const auto second = [](auto x)
        {
            const auto part = svd(x, 1, 1);
            return matmul(part.u, part.vt);
        };
        const auto tall = s.array({3, 2}, {2.0, 0.5, -1.0, 0.75, 0.25, -0.5});
        const auto square = s.array({3, 3}, {2.0, 2.0, 1.0, 0.25, 0.0, -2.0, 0.0, 1.5, 1.75});
        s.call("left vectors, tall", detail::numpy_svd("u"), u, tall)
            .value_within_ulp(32)
            .shown("u", "np.linalg.svd(x, full_matrices=False)[0]");
        s.call("values", "np.linalg.svd(x, compute_uv=False)", values, tall).value_within_ulp(16).shown("s");
        s.call("left vectors, wide", detail::numpy_svd("u"), u, s.numbers({2, 3})).value_within_ulp(32);
        s.call("right vectors, tall", detail::numpy_svd("vt"), vt, tall)
            .value_within_ulp(32)
            .shown("vt", "np.linalg.svd(x, full_matrices=False)[2]");
        s.call("right vectors, wide", detail::numpy_svd("vt"), vt, s.numbers({2, 3})).value_within_ulp(32);
        s.call("a batch", detail::numpy_svd("u"), u, s.array({2, 2, 2}, {1.5, -0.5, 0.25, 2.0, 0.5, 1.0, -2.0, 0.75}))
            .value_within_ulp(32);
        s.call("put together", detail::numpy_svd("u * s * s @ vt"), product, square).value_within_ulp(32);
        s.call("the second triplet", detail::numpy_svd("u[:, 1:2] @ vt[1:2]"), second, square).value_within_ulp(32);
        s.call(
             "a column", detail::numpy_svd("u[:, 0]"), [](auto x) { return view(svd(x).u, xt::all(), 0); }, square)
            .value_within_ulp(32);
        s.call("nothing", "np.zeros((3, 0))", u, s.numbers({3, 0}));
        s.error("vector", u,
                "autograd: svd: a has shape (3,); it must be a matrix, or a batch of them: at least two axes.",
                s.numbers({3}));
        s.error(
            "triplets", [](auto x) { return svd(x, 1, 2).s; },
            "autograd: svd: 2 triplets from number 1 on, but a, of shape (2, 3), has 2; the range must lie among "
            "these.",
            s.numbers({2, 3}));
    }
};
AUTOGRAD_COMPOSITE(svd_samples)

} // namespace autograd
