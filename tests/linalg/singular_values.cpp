#include "singular_matrices.hpp"

#include "autograd/check/check_gradient.hpp"
#include "autograd/compile/function.hpp"
#include "autograd/compile/program.hpp"

// Singular values and vectors: what makes them what they are, and what becomes of their derivatives where singular
// values are equal or 0. There they are right, or refused.

using namespace support;
namespace error = autograd::error;
using autograd::check_gradient;

namespace
{

const array weights{{0.3, -1.1, 0.7}, {1.9, 0.4, -0.6}, {-0.2, 0.9, 1.3}};

template <class T>
void require_decomposition(const xt::xarray<T>& values)
{
    autograd::tape<T> t;
    const auto a = t.variable(values);
    const auto [u, s, vt] = svd(a);
    const std::size_t m = a.shape()[a.dimension() - 2];
    const std::size_t n = a.shape()[a.dimension() - 1];
    const std::size_t k = std::min(m, n);
    BOOST_TEST_REQUIRE(u.shape()[a.dimension() - 1] == k);
    BOOST_TEST_REQUIRE(s.shape().back() == k);
    BOOST_TEST_REQUIRE(vt.shape()[a.dimension() - 2] == k);
    const double rounding = static_cast<double>(std::numeric_limits<T>::epsilon()) * static_cast<double>(8 * (m + n));
    const auto one = diag(t.full({k}, T(1)));
    const auto zero = t.full(matmul(vt, moveaxis(vt, -1, -2)).shape(), T(0));
    BOOST_TEST(distance(matmul(vt, moveaxis(vt, -1, -2)), zero + one) <= rounding);
    BOOST_TEST(distance(matmul(moveaxis(u, -1, -2), u), zero + one) <= rounding);
    double largest = 0;
    for (const T each : list(s))
    {
        BOOST_TEST(each >= 0);
        largest = std::max(largest, static_cast<double>(each));
    }
    BOOST_TEST(distance(matmul(u * expand_dims(s, -2), vt), a) <= rounding * largest);
    BOOST_TEST(list(singular_values(a)) == list(s), per_element());
    for (std::size_t j = 1; j < k; ++j)
    {
        BOOST_TEST(distance(minimum(view(s, xt::ellipsis(), j), view(s, xt::ellipsis(), j - 1)),
                            view(s, xt::ellipsis(), j)) == 0);
    }
}

/// The first component of each column of u that is large is positive.
template <class T>
void require_signs(autograd::variable<T> u)
{
    const std::size_t rows = u.shape()[0];
    const std::size_t columns = u.shape()[1];
    for (std::size_t j = 0; j < columns; ++j)
    {
        const auto at = [&](std::size_t i) { return u.data()[i * columns + j]; };
        T largest = 0;
        for (std::size_t i = 0; i < rows; ++i)
        {
            largest = std::max(largest, std::abs(at(i)));
        }
        std::size_t first = 0;
        while (std::abs(at(first)) < T(0.3) * largest)
        {
            ++first;
        }
        BOOST_TEST(at(first) > 0);
    }
}

const std::string remedy = "are not unique and have no derivative. Use what does not depend on the choice of vectors "
                           "(polar, nuclear_norm, pinv, lstsq, the gradient of singular_values), or take fewer "
                           "triplets: svd(a, first, count).";

const auto weighted_vectors = [](auto a)
{
    const auto [u, s, vt] = autograd::svd(a);
    return sum(u * weights) + sum(vt * weights);
};
/// The matrix itself, put together again.
const auto weighted_product = [](auto a)
{
    const auto [u, s, vt] = autograd::svd(a);
    return sum(matmul(u * s, vt) * weights);
};

template <class F>
std::string refusal_of_gradient(const F& f, const array& a)
{
    tape t;
    const variable x = t.variable(a);
    return text_of<error::value_error>([&] { static_cast<void>(gradient(f(x), x)); });
}
template <class F>
std::string refusal_of_tangent(const F& f, const array& a)
{
    tape t;
    const variable x = t.variable(a);
    return text_of<error::value_error>([&] { static_cast<void>(jvp(f(x), x, t.constant(weights))); });
}

} // namespace

BOOST_AUTO_TEST_SUITE(linalg_singular_values)

BOOST_AUTO_TEST_CASE_TEMPLATE(decompositions_are_what_they_are_called, T, element_types)
{
    for (const extents& shape :
         {extents{1, 1}, extents{5, 5}, extents{7, 3}, extents{3, 7}, extents{1, 4}, extents{4, 1}, extents{70, 40},
          extents{40, 70}, extents{3, 2, 4, 2}, extents{2, 1, 2, 4}, extents{0, 3, 2}, extents{2, 0, 3}, extents{0, 2},
          extents{2, 0}, extents{0, 0}})
    {
        require_decomposition(normal_numbers<T>(shape));
    }
    require_decomposition(xt::xarray<T>(xt::eye<T>(4)));
    require_decomposition(xt::xarray<T>(xt::zeros<T>({3, 2})));
    require_decomposition(xt::xarray<T>(xt::ones<T>({3, 5})));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(signs_are_unique, T, element_types)
{
    for (const extents& shape : {extents{6, 4}, extents{4, 6}, extents{5, 5}, extents{30, 20}})
    {
        autograd::tape<T> t;
        const auto a = t.variable(normal_numbers<T>(shape));
        const auto parts = svd(a);
        const auto opposite = svd(-a);
        require_signs(parts.u);
        const double rounding = 100 * static_cast<double>(std::numeric_limits<T>::epsilon());
        BOOST_TEST(distance(opposite.u, parts.u) <= rounding);
        BOOST_TEST(distance(opposite.vt, -parts.vt) <= rounding);
    }
    // Components of one magnitude: rounding does not decide.
    autograd::tape<T> t;
    for (const T tilt : {T(0), std::numeric_limits<T>::epsilon(), -std::numeric_limits<T>::epsilon()})
    {
        const auto u = svd(t.variable(xt::xarray<T>{{1, 2}, {1 + tilt, -2}})).u;
        BOOST_TEST(u.data()[0] > 0);
        BOOST_TEST(u.data()[1] > 0);
    }
}

BOOST_AUTO_TEST_CASE(batches_have_the_bits_of_single_matrices)
{
    tape t;
    const variable batch = t.variable(normal_numbers<double>({3, 4, 2}));
    const auto all = svd(batch);
    const variable by_batch = gradient(sum(square(square(all.u))) + sum(all.s * all.s), batch);
    for (std::size_t k = 0; k < 3; ++k)
    {
        const variable one = t.variable(array(view(batch, k).value()));
        const auto parts = svd(one);
        BOOST_TEST(list(parts.u) == list(view(all.u, k)), per_element());
        BOOST_TEST(list(parts.vt) == list(view(all.vt, k)), per_element());
        const variable by_one = gradient(sum(square(square(parts.u))) + sum(parts.s * parts.s), one);
        BOOST_TEST(distance(by_one, view(by_batch, k)) <= 1e-14);
    }
}

BOOST_AUTO_TEST_CASE(a_matrix_is_factorized_once)
{
    tape t;
    const variable a = t.variable(weights);
    const auto [u, s, vt] = svd(a);
    const variable loss = sum(square(u * weights) + vt * weights) + sum(s);
    const auto first = t.size();
    static_cast<void>(hessian(loss, a));
    BOOST_TEST(t.size() > first);
    BOOST_TEST(count_of(t, "svd_factors") == 1u);
}

BOOST_AUTO_TEST_CASE(equal_singular_values_refuse_vectors)
{
    const array equal = diagonal_matrix({2, 2, 1});
    const std::string expected =
        "autograd: svd: singular values 0 and 1 of a are 2 and 2, 0 apart, which is equal up to "
        "rounding (1.554312234475219e-14), so their vectors " +
        remedy;
    BOOST_TEST(refusal_of_gradient(weighted_vectors, equal) == expected);
    BOOST_TEST(refusal_of_tangent(weighted_vectors, equal) == expected);
    // also where they are equal up to rounding
    for (unsigned seed = 1; seed < 20; ++seed)
    {
        const array rounded = with_singular_values(3, 3, {2, 2, 1}, seed);
        BOOST_TEST(refusal_of_gradient(weighted_vectors, rounded).find("equal up to rounding") != std::string::npos);
    }
    // in a batch the matrix is named
    array batch = xt::zeros<double>({2, 3, 3});
    xt::view(batch, 0) = diagonal_matrix({3, 2, 1});
    xt::view(batch, 1) = equal;
    BOOST_TEST(refusal_of_gradient(weighted_vectors, batch).find("singular values 0 and 1 of matrix (1) of a are 2") !=
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_singular_value_of_0_refuses_its_vectors)
{
    const std::string expected = "autograd: svd: singular value 2 of a is 0, which is 0 up to rounding "
                                 "(1.554312234475219e-14), so its vectors " +
                                 remedy;
    BOOST_TEST(refusal_of_gradient(weighted_vectors, diagonal_matrix({2, 1, 0})) == expected);
    BOOST_TEST(refusal_of_tangent(weighted_vectors, diagonal_matrix({2, 1, 0})) == expected);
    BOOST_TEST(
        refusal_of_gradient(weighted_vectors, array(xt::zeros<double>({3, 3}))).find("singular values 0 and 1") !=
        std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_second_derivative_of_values_is_refused_in_the_name_of_what_was_asked)
{
    const auto refusal_of = [](auto f, const array& at)
    {
        tape t;
        const variable a = t.variable(at);
        const variable g = gradient(f(a), a);
        const std::string reverse = text_of<error::value_error>([&] { static_cast<void>(gradient(sum(g), a)); });
        const std::string forward = text_of<error::value_error>([&] { static_cast<void>(jvp(g, a, a)); });
        BOOST_TEST(reverse == forward);
        return reverse;
    };
    const auto squares = [](auto a) { return sum(square(singular_values(a))); };
    const array equal = diagonal_matrix({2, 2, 1});
    BOOST_TEST(refusal_of(squares, equal) ==
               "autograd: singular_values: singular values 0 and 1 of a are 2 and 2, 0 apart, which is equal up to "
               "rounding (1.554312234475219e-14), so that they have no second derivative. Use nuclear_norm for their "
               "sum, norm_sq for that of their squares, trace(spectral(matmul(transpose(a), a), f)) for that of "
               "f(s^2).");
    BOOST_TEST(refusal_of(squares, diagonal_matrix({2, 1, 0}))
                   .starts_with("autograd: singular_values: singular value 2 of a is 0, which is 0 up to rounding "
                                "(1.554312234475219e-14), so that it has no second derivative. Use nuclear_norm"));
    BOOST_TEST(refusal_of([](auto a) { return sum(square(svd(a).s)); }, equal).starts_with("autograd: svd: "));
    BOOST_TEST(refusal_of([](auto a) { return norm(a, 2); }, equal).starts_with("autograd: norm: singular values 0"));
    BOOST_TEST(refusal_of([](auto a) { return cond(a); }, equal).starts_with("autograd: cond: singular values 0"));
}

// At a matrix of rank 1 the numbers of what flows into u and vt are 0 where the vectors are not unique, since they come
// multiplied by the singular values. The gradient is not 0 there: it is the weights.
BOOST_AUTO_TEST_CASE(zeros_of_a_cotangent_hide_nothing)
{
    const std::string text = "singular values 1 and 2 of a are 0 and 0";
    BOOST_TEST(refusal_of_gradient(weighted_product, diagonal_matrix({5, 0, 0})).find(text) != std::string::npos);
    BOOST_TEST(refusal_of_tangent(weighted_product, diagonal_matrix({5, 0, 0})).find(text) != std::string::npos);
    // Where it is not refused it is right.
    tape t;
    const variable a = t.variable(normal_numbers<double>({3, 3}));
    BOOST_TEST(distance(gradient(weighted_product(a), a), weights) <= 1e-13);
    BOOST_TEST(distance(hessian(weighted_product(a), a), array(xt::zeros<double>({3, 3, 3, 3}))) <= 1e-12);
}

BOOST_AUTO_TEST_CASE(programs_refuse_the_same)
{
    tape t;
    const variable a = t.variable(diagonal_matrix({3, 2, 1}));
    const auto program = autograd::compile({a}, {gradient(weighted_vectors(a), a)});
    array result = array::from_shape({3, 3});
    auto memory = program.make_workspace();
    const auto run = [&](const array& values)
    { return text_of<error::value_error>([&] { program.run({values}, {result}, memory); }); };
    BOOST_TEST(run(diagonal_matrix({3, 2, 1})) == "no error");
    BOOST_TEST(run(diagonal_matrix({3, 3, 1})) == refusal_of_gradient(weighted_vectors, diagonal_matrix({3, 3, 1})));
    BOOST_TEST(run(diagonal_matrix({3, 2, 0})) == refusal_of_gradient(weighted_vectors, diagonal_matrix({3, 2, 0})));
    array bad = diagonal_matrix({3, 2, 1});
    bad(1, 2) = std::numeric_limits<double>::infinity();
    BOOST_TEST(run(bad).find("element (1, 2) of a is inf; a factorization needs finite numbers.") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(decompositions_are_structures)
{
    const array a = normal_numbers<double>({4, 3});
    auto decompose = autograd::compile([](auto x) { return autograd::svd(x); }, a);
    const auto arrays = decompose(a);
    tape t;
    const auto parts = svd(t.variable(a));
    BOOST_TEST(list(array(arrays.u)) == list(parts.u), per_element());
    BOOST_TEST(list(array(arrays.s)) == list(parts.s), per_element());
    BOOST_TEST(list(array(arrays.vt)) == list(parts.vt), per_element());
}

// Only what is used must be unique: the leading triplets of matrices of low rank are, in any order of derivative.
BOOST_AUTO_TEST_CASE(leading_triplets_of_low_rank)
{
    const auto by_range = [](auto a)
    {
        const auto [u, s, vt] = autograd::svd(a, 0, 2);
        return sum(square(square(u) + 0.5) * u) + sum(s * s) + sum(sin(vt) + vt);
    };
    const auto by_views = [](auto a)
    {
        const auto [u, s, vt] = autograd::svd(a);
        const auto left = view(u, xt::all(), xt::range(0, 2));
        const auto right = view(vt, xt::range(0, 2));
        return sum(square(square(left) + 0.5) * left) + sum(square(view(s, xt::range(0, 2)))) + sum(sin(right) + right);
    };
    const auto by_gather = [](auto a)
    {
        const auto right = view(autograd::svd(a).vt, xt::keep(1, 0));
        return sum(sin(right) + right);
    };
    for (const array& a : {with_singular_values(5, 4, {3, 1.5}), with_singular_values(4, 4, {3, 1.5, 0.25, 0.25}),
                           with_singular_values(4, 6, {3, 1.5}), diagonal_matrix({3, 2, 0, 0})})
    {
        BOOST_TEST(check_gradient(by_range, a));
        tape t;
        const variable x = t.variable(a);
        const variable expected = gradient(by_range(x), x);
        BOOST_TEST(distance(gradient(by_views(x), x), expected) <= 1e-13);
        BOOST_TEST(distance(hessian(by_views(x), x), hessian(by_range(x), x)) <= 1e-11);
        BOOST_TEST(text_of<error::value_error>([&] { static_cast<void>(gradient(by_gather(x), x)); }) == "no error");
        const variable third = gradient(sum(square(square(gradient(by_range(x), x)))), x);
        BOOST_TEST(std::isfinite(sum(third).item()));
    }
    // The other triplets are refused, by slices and by range.
    const auto last = [](auto a) { return sum(view(autograd::svd(a).u, xt::all(), 3)); };
    const auto last_by_range = [](auto a) { return sum(autograd::svd(a, 3, 1).u); };
    const array a = with_singular_values(4, 4, {3, 1.5, 0.25, 0.25});
    BOOST_TEST(refusal_of_gradient(last, a).find("singular values 2 and 3") != std::string::npos);
    BOOST_TEST(refusal_of_gradient(last_by_range, a).find("singular values 2 and 3") != std::string::npos);
}

// From the other side: what is near and apart has a derivative, with the condition that it has.
BOOST_AUTO_TEST_CASE(near_singular_values_have_vectors)
{
    for (const double gap : {1e-3, 1e-6, 1e-9, 1e-12})
    {
        tape t;
        const double larger = 1 + gap;
        const variable a = t.variable(diagonal_matrix({larger, 1}));
        // du_01 = (s_1 da_01 + s_0 da_10) / (s_1^2 - s_0^2)
        const variable g = gradient(view(svd(a).u, 0, 1), a);
        const double denominator = -(larger - 1) * (larger + 1);
        BOOST_TEST(list(g) == (reals{0, 1 / denominator, larger / denominator, 0}), tolerance(1e-10) << per_element());
    }
    // a singular value that is small, and not 0
    const auto left = [](auto x) { return sum(autograd::svd(x).u * array{{1.0, -0.5}, {0.25, 2.0}}); };
    BOOST_TEST(check_gradient(left, diagonal_matrix({1, 1e-4}), {.order = 1, .tolerance = 1e-5}));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(extreme_sizes_keep_their_digits, T, element_types)
{
    const T scale = std::is_same_v<T, float> ? T(1e-18) : T(1e-160);
    for (const T factor : {scale, 1 / scale})
    {
        autograd::tape<T> t;
        const auto a = t.variable(normal_numbers<T>({4, 3}));
        const auto scaled = t.variable(xt::xarray<T>(a.value() * factor));
        const auto of = [](auto x)
        {
            const auto parts = autograd::svd(x);
            return sum(parts.u * square(parts.u)) + sum(sin(parts.vt));
        };
        const auto expected = gradient(of(a), a);
        BOOST_TEST(distance(gradient(of(scaled), scaled) * factor, expected) <=
                   1e3 * static_cast<double>(std::numeric_limits<T>::epsilon()));
    }
}

// ------------------------------------------------------------------------------------------------- values alone

BOOST_AUTO_TEST_CASE(symmetric_functions_are_right_at_equal_singular_values)
{
    const auto fourth_powers = [](auto a) { return sum(square(square(autograd::singular_values(a)))); };
    for (const array& a :
         {array(2 * xt::eye<double>(3)), with_singular_values(4, 3, {2, 2, 2}), with_singular_values(3, 5, {2, 1, 1}),
          with_singular_values(4, 4, {2, 2}), array(xt::zeros<double>({2, 3}))})
    {
        tape t;
        const variable x = t.variable(a);
        // sum of fourth powers = tr (a a^T)^2
        const variable expected = 4 * matmul(matmul(x, transpose(x)), x);
        BOOST_TEST(distance(gradient(fourth_powers(x), x), expected) <= 1e-12);
    }
}

// The subgradient at 0 is 0. The next derivative would be wrong for functions that are smooth there, and is refused.
BOOST_AUTO_TEST_CASE(singular_values_of_0)
{
    tape t;
    const variable a = t.variable(diagonal_matrix({2, 0}));
    BOOST_TEST(list(gradient(sum(singular_values(a)), a)) == (reals{1, 0, 0, 0}), per_element());
    BOOST_TEST(list(jvp(sum(singular_values(a)), a, t.full({2, 2}, 1.0))) == (reals{1}), per_element());
    const variable squares = sum(square(singular_values(a)));
    BOOST_TEST(list(gradient(squares, a)) == (reals{4, 0, 0, 0}), per_element());
    BOOST_TEST(text_of<error::value_error>([&] { static_cast<void>(hessian(squares, a)); })
                   .find("singular value 1 of a is 0") != std::string::npos);
    const variable zero = t.variable(array(xt::zeros<double>({3, 2})));
    BOOST_TEST(list(gradient(sum(singular_values(zero)), zero)) == reals(6, 0.0), per_element());
    // The numbers of LAPACK are not 0 for a matrix of rank 1.
    for (unsigned seed = 1; seed < 20; ++seed)
    {
        const variable x = t.variable(with_singular_values(3, 3, {2}, seed));
        const auto [u, s, vt] = svd(x, 0, 1);
        BOOST_TEST(distance(gradient(sum(singular_values(x)), x), matmul(u, vt)) <= 1e-14);
    }
}

// One singular value by itself has all derivatives where it is apart from the others, whatever these are.
BOOST_AUTO_TEST_CASE(single_singular_values_in_all_orders)
{
    const auto largest = [](auto a) { return view(autograd::singular_values(a), 0); };
    const auto of_gradient = [](auto a)
    {
        const auto g = gradient(view(autograd::singular_values(a), 0), a);
        return sum(square(g) * g);
    };
    for (const array& a : {diagonal_matrix({3, 1, 1}), diagonal_matrix({3, 0, 0}),
                           with_singular_values(4, 3, {2, 1, 1}), with_singular_values(3, 4, {2})})
    {
        BOOST_TEST(check_gradient(largest, a));
    }
    for (const array& a : {with_singular_values(4, 3, {2, 1, 1}), with_singular_values(3, 4, {2})})
    {
        BOOST_TEST(check_gradient(of_gradient, a)); // orders 2 and 3
    }
}

BOOST_AUTO_TEST_CASE(sizes_beyond_lapack)
{
    autograd::tape<double> t(autograd::recording::shapes);
    BOOST_TEST(text_of<error::shape_error>(
                   [&] {
                       static_cast<void>(pinv(t.full({2, 23170, 30000}, 1.0)));
                   }) ==
               "autograd: pinv: a has shape (2, 23170, 30000); LAPACK's gesdd takes 23169 rows or columns at most, "
               "whichever are fewer.");
    BOOST_TEST(text_of<error::shape_error>(
                   [&] {
                       static_cast<void>(svd(t.full({3000000000, 2}, 1.0)));
                   })
                   .find("autograd: svd: an extent of 3000000000 is more than LAPACK counts") == 0);
    BOOST_TEST(shape(svd(t.full({1000000, 3}, 1.0)).u) == (extents{1000000, 3}), per_element());
}

BOOST_AUTO_TEST_CASE(jacobians_along_many_directions_are_those_along_one)
{
    tape t;
    const variable a = t.variable(normal_numbers<double>({4, 3}));
    const variable u = svd(a).u;
    const variable rows = jacobian(u, a);
    for (std::size_t k = 0; k < u.size(); ++k)
    {
        array unit = xt::zeros<double>({4, 3});
        unit.flat(k) = 1;
        BOOST_TEST(distance(view(reshape(rows, {12, 4, 3}), k), vjp(u, a, t.constant(unit))) <= 1e-13);
    }
}

BOOST_AUTO_TEST_SUITE_END()
