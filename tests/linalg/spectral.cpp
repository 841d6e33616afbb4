// Functions of symmetric matrices and projectors: right at equal eigenvalues and near them, in every order.

#include "linalg/symmetric_matrices.hpp"

#include "autograd/check/check_gradient.hpp"
#include "autograd/compile/program.hpp"
#include "autograd/prove/certify.hpp"
#include "autograd/prove/prove_derivative.hpp"

#include <cmath>
#include <limits>
#include <tuple>

using namespace support;
namespace error = autograd::error;
using autograd::check_gradient;
using autograd::eigenvectors;
using autograd::projector;
using autograd::spectral;
using autograd::spectral_function;

namespace
{

using element_types = std::tuple<float, double>;

const array weights{{0.5, -1.0, 2.0}, {0.25, 1.5, -0.75}, {-2.0, 1.0, 0.125}};
const array direction{{0.5, 0.0, 0.0}, {-0.25, 1.0, 0.0}, {0.75, -0.5, 0.25}};

const std::pair<const char*, spectral_function> functions[] = {
    {"exp", spectral_function::exp},
    {"log", spectral_function::log},
    {"sqrt", spectral_function::sqrt},
    {"rsqrt", spectral_function::rsqrt},
    {"inverse", spectral_function::inverse},
    {"square", spectral_function::square},
    {"power 3.7", spectral_function::power(3.7)},
    {"power -3", spectral_function::power(-3)},
};

auto weighted(spectral_function f)
{
    return [f](variable x) { return sum(x.tape().constant(weights) * spectral(x, f)); };
}

/// The derivatives of f at x, in both modes, are errors that begin so.
template <class F>
void require_refusal(F f, const array& at, const std::string& start)
{
    tape t;
    const variable x = t.variable(at);
    const variable y = f(x);
    const std::string reverse = text_of<error::value_error>([&] { static_cast<void>(gradient(sum(y), x)); });
    BOOST_TEST(reverse.substr(0, start.size()) == start, reverse);
    const std::string forward = text_of<error::value_error>([&] { static_cast<void>(jvp(y, x, x)); });
    BOOST_TEST(forward.substr(0, start.size()) == start, forward);
}

} // namespace

BOOST_AUTO_TEST_SUITE(linalg_spectral)

BOOST_AUTO_TEST_CASE_TEMPLATE(functions_of_matrices_are_what_they_are_of_numbers, T, element_types)
{
    for (const std::size_t n : {1u, 2u, 5u, 30u})
    {
        reals values(n);
        for (std::size_t k = 0; k < n; ++k)
        {
            values[k] = 0.5 + static_cast<double>(k / 2) / static_cast<double>(n); // in pairs
        }
        const array a = with_eigenvalues(values, 7);
        autograd::tape<T> t;
        const auto x = t.variable(xt::xarray<T>(xt::cast<T>(a)));
        const double bound = 30 * static_cast<double>(n) * std::numeric_limits<T>::epsilon();
        const auto off = [](auto y, const array& expected) { return largest_of(array(y.value()) - expected); };
        const auto root = sqrtm(x);
        BOOST_TEST(off(matmul(root, root), a) < bound);
        BOOST_TEST(off(spectral(logm(x), spectral_function::exp), a) < bound);
        BOOST_TEST(off(logm(spectral(x, spectral_function::exp)), a) < bound);
        BOOST_TEST(off(matmul(spectral(x, spectral_function::inverse), x), xt::eye(n)) < bound);
        BOOST_TEST(off(matmul(matmul(spectral(x, spectral_function::rsqrt), x), spectral(x, spectral_function::rsqrt)),
                       xt::eye(n)) < bound);
        BOOST_TEST(off(spectral(x, spectral_function::square), product(a, a)) < bound);
        BOOST_TEST(off(matmul(spectral(x, spectral_function::power(0.25)), spectral(x, spectral_function::power(0.75))),
                       a) < bound);
        BOOST_TEST(off(root, xt::transpose(array(root.value()))) == 0);
    }
}

BOOST_AUTO_TEST_CASE(derivatives_at_equal_eigenvalues_and_near_them)
{
    for (const auto& [name, f] : functions)
    {
        for (const double gap : {0.0, 1e-15, 1e-8, 1e-3, 1.0})
        {
            const array a = with_eigenvalues({1, 1 + gap, 2.5}, 3);
            BOOST_TEST(check_gradient(weighted(f), a), name << " at a gap of " << gap);
        }
        BOOST_TEST(check_gradient(weighted(f), array(1.5 * xt::eye(3))), name << " at the identity");
    }
}

BOOST_AUTO_TEST_CASE(closed_forms_at_multiples_of_the_identity)
{
    // f(c I + E) = f(c) I + f'(c) E + f''(c) E^2 / 2 + ...
    tape t;
    const variable x = t.variable(array(2.0 * xt::eye(3)));
    const array e = direction + xt::transpose(xt::tril(direction, -1));
    const variable y = spectral(x, spectral_function::exp);
    const variable first = jvp(y, x, t.constant(direction));
    const variable second = jvp(first, x, t.constant(direction));
    const variable third = jvp(second, x, t.constant(direction));
    const double at = std::exp(2.0);
    BOOST_TEST(largest_of(first.value() - at * e) < 1e-14);
    BOOST_TEST(largest_of(second.value() - at * product(e, e)) < 1e-13);
    BOOST_TEST(largest_of(third.value() - at * product(e, product(e, e))) < 1e-13);
    const variable log = logm(x);
    const variable of_log = jvp(jvp(log, x, t.constant(direction)), x, t.constant(direction));
    BOOST_TEST(largest_of(of_log.value() + 0.25 * product(e, e)) < 1e-14);
}

BOOST_AUTO_TEST_CASE(the_third_derivative)
{
    for (const auto& [name, f] : functions)
    {
        const array a = with_eigenvalues({1, 1, 2.5}, 3);
        const auto second = [&, f = f](const array& at)
        {
            tape t;
            const variable x = t.variable(at);
            const variable u = t.constant(direction);
            return jvp(jvp(weighted(f)(x), x, u), x, u).item();
        };
        tape t;
        const variable x = t.variable(a);
        const variable u = t.constant(direction);
        const auto along = [&](variable y) { return sum(gradient(y, x) * u); };
        BOOST_TEST(along(along(along(weighted(f)(x)))).item() == slope_along(second, a, direction),
                   name << tolerance(1e-7));
    }
}

BOOST_AUTO_TEST_CASE(the_gradient_is_in_the_lower_triangle)
{
    tape t;
    const array a = with_eigenvalues({1, 1, 2.5}, 3);
    const variable x = t.variable(a);
    const array lower = gradient(weighted(spectral_function::log)(x), x).value();
    BOOST_TEST(largest_of(xt::triu(lower, 1)) == 0);
    const variable symmetric = 0.5 * (x + transpose(x));
    const array shared = gradient(weighted(spectral_function::log)(symmetric), x).value();
    BOOST_TEST(largest_of(shared - xt::transpose(shared)) < 1e-15);
    BOOST_TEST(largest_of(xt::tril(shared, -1) - 0.5 * xt::tril(lower, -1)) < 1e-15);
}

BOOST_AUTO_TEST_CASE(batches)
{
    array a = array::from_shape({2, 3, 3});
    xt::view(a, 0) = with_eigenvalues({1, 1, 2});
    xt::view(a, 1) = with_eigenvalues({0.5, 3, 3}, 2);
    const auto f = [](variable x) { return sin(sqrtm(x)); };
    BOOST_TEST(check_gradient(f, a));
    tape t;
    const variable x = t.variable(a);
    const variable one = t.variable(array(xt::view(a, 1)));
    BOOST_TEST(list(gradient(sum(f(one)), one)) == list(array(xt::view(gradient(sum(f(x)), x).value(), 1))),
               per_element());
    BOOST_TEST(shape(jacobian(f(one), one)) == (extents{3, 3, 3, 3}));
}

BOOST_AUTO_TEST_CASE(there_is_one_factorization_for_value_and_derivatives)
{
    tape t;
    const variable x = t.variable(with_eigenvalues({1, 1, 2.5}));
    const variable g = gradient(weighted(spectral_function::exp)(x), x);
    static_cast<void>(gradient(sum(square(g)), x));
    BOOST_TEST(count_of(t, "symmetric_eigen") == 1);
}

// -------------------------------------------------------------------------------------------------- what is not there

BOOST_AUTO_TEST_CASE(the_square_root_of_a_singular_matrix)
{
    tape t;
    const array a{{1.0, -1.0}, {-1.0, 1.0}};
    const array root = sqrtm(t.variable(a)).value();
    BOOST_TEST(largest_of(root - a / std::sqrt(2.0)) < 1e-15);
    const std::string start = "autograd: sqrtm: eigenvalue 0 of a is ";
    require_refusal([](auto x) { return sqrtm(x); }, array{{0.0, 0.0}, {0.0, 4.0}},
                    start +
                        "0, which is 0 but for rounding (3.019806626980426e-14); there derivative 1 of power 0.5 is "
                        "infinite. Shift the matrix, a + c I, if that is meant.");
    // Of rank 2, whose third eigenvalue is whatever rounding makes of 0, and may be negative.
    for (std::uint32_t seed = 0; seed < 20; ++seed)
    {
        const array low_rank = with_eigenvalues({0, 1, 3}, 10 * seed);
        const array r = sqrtm(t.variable(low_rank)).value();
        BOOST_TEST(largest_of(product(r, r) - low_rank) < 1e-14);
        require_refusal([](auto x) { return sqrtm(x); }, low_rank, start);
    }
    // Powers that are smooth enough have theirs, as far as they are.
    BOOST_TEST(check_gradient([](auto x) { return spectral(x, spectral_function::power(2.5)); },
                              array{{1.0, 0.0}, {0.0, 3.0}}));
    const variable x = t.variable(array{{0.0, 0.0}, {0.0, 4.0}});
    const variable g = gradient(sum(spectral(x, spectral_function::power(1.5))), x);
    BOOST_TEST(list(g) == (reals{0, 0, 4, 3}), tolerance(1e-14) << per_element());
    BOOST_CHECK_THROW(static_cast<void>(gradient(sum(g), x)), error::value_error);
}

BOOST_AUTO_TEST_CASE(where_functions_are_not_defined)
{
    tape t;
    const auto refusal = [&](const array& a, spectral_function f)
    { return text_of<error::value_error>([&] { static_cast<void>(spectral(t.variable(a), f)); }); };
    const array indefinite{{-2.0, 0.0}, {0.0, 3.0}};
    BOOST_TEST(
        refusal(indefinite, spectral_function::log) ==
        "autograd: spectral: eigenvalue 0 of a is -2, where log is not defined; the eigenvalues must be positive.");
    BOOST_TEST(refusal(indefinite, spectral_function::power(-0.5)) ==
               "autograd: spectral: eigenvalue 0 of a is -2, where power -0.5 is not defined; the eigenvalues must be "
               "positive.");
    BOOST_TEST(refusal(indefinite, spectral_function::inverse) == "no error");
    BOOST_TEST(refusal(indefinite, spectral_function::power(3)) == "no error");
    BOOST_TEST(
        refusal(array{{0.0, 0.0}, {0.0, 1.0}}, spectral_function::power(-2)) ==
        "autograd: spectral: eigenvalue 0 of a is 0, where power -2 is not defined; the eigenvalues must not be 0.");
    BOOST_TEST(check_gradient([](auto x) { return spectral(x, spectral_function::inverse); }, indefinite));
    BOOST_TEST(check_gradient([](auto x) { return spectral(x, spectral_function::power(-2)); },
                              array{{-2.0, 0.0}, {0.0, 2.0}}));
    BOOST_TEST(check_gradient([](auto x) { return spectral(x, spectral_function::power(3)); },
                              array{{-2.0, 1.0}, {1.0, 2.0}}));
    BOOST_TEST(text_of<error::value_error>(
                   [] { static_cast<void>(spectral_function::power(std::numeric_limits<double>::infinity())); }) ==
               "autograd: spectral_function::power: the exponent is inf; it must be finite.");
    // Exponents that are not there at 0 in the derivative are refused where 0 is within rounding.
    require_refusal([](auto x) { return logm(x); }, array{{1e-20, 0.0}, {0.0, 1.0}},
                    "autograd: logm: eigenvalue 0 of a is 1e-20, which is 0 but for rounding");
}

BOOST_AUTO_TEST_CASE(out_of_range)
{
    tape t;
    BOOST_TEST(text_of<error::value_error>(
                   [&] {
                       static_cast<void>(spectral(t.variable(array{{800.0, 0.0}, {0.0, 1.0}}), spectral_function::exp));
                   }) ==
               "autograd: spectral: the eigenvalues of a are from 1 to 800; there derivative 0 of exp leaves the range "
               "of its type.");
    const variable low = t.variable(array{{-3000.0, 0.0}, {0.0, -1000.0}});
    BOOST_TEST(list(gradient(sum(spectral(low, spectral_function::exp)), low)) == (reals{0, 0, 0, 0}), per_element());
    // NaN that comes from elsewhere goes on.
    const variable x = t.variable(array{{1.0, 0.0}, {0.0, 2.0}});
    const variable y = sum(spectral(x, spectral_function::exp)) * std::numeric_limits<double>::quiet_NaN();
    BOOST_TEST(std::isnan(gradient(y, x).value()(0, 0)));
}

BOOST_AUTO_TEST_CASE(programs_refuse_in_the_same_words)
{
    tape t;
    const variable x = t.variable(array{{1.0, 0.5}, {0.5, 2.0}});
    const auto program = autograd::compile({x}, {gradient(sum(sqrtm(x)), x)});
    auto memory = program.make_workspace();
    array result = array::from_shape({2, 2});
    program.run({array{{1.0, 0.5}, {0.5, 2.0}}}, {result}, memory);
    const auto refusal = [&](const array& a)
    { return text_of<error::value_error>([&] { program.run({a}, {result}, memory); }); };
    BOOST_TEST(refusal(array{{-1.0, 0.0}, {0.0, 2.0}}) ==
               "autograd: sqrtm: eigenvalue 0 of a is -1, where power 0.5 is not defined; the eigenvalues must not be "
               "negative.");
    BOOST_TEST(
        refusal(array{{0.0, 0.0}, {0.0, 4.0}}).starts_with("autograd: sqrtm: eigenvalue 0 of a is 0, which is 0"));
}

// Points are drawn at random, where most matrices have no logarithm.
BOOST_AUTO_TEST_CASE(proofs_do_not_stumble_over_what_refuses_numbers)
{
    tape t;
    const variable x = t.variable(array{{1.0, 0.5}, {0.5, 2.0}});
    BOOST_TEST(autograd::to_text(autograd::prove_derivative(variable(logm(x))).outcome) == "not decided");
    BOOST_TEST(!autograd::certify_equal(logm(x), 2.0 * logm(x)));
    BOOST_TEST(!autograd::certify_equal(logm(x), x));
}

// ---------------------------------------------------------------------------------------------------------- projector

BOOST_AUTO_TEST_CASE(projectors)
{
    const array a = with_eigenvalues({1, 1, 2, 5, 5}, 4);
    tape t;
    const variable x = t.variable(a);
    const array low = projector(x, 0, 2).value();
    BOOST_TEST(largest_of(product(low, low) - low) < 1e-14);
    BOOST_TEST(largest_of(product(low, a) - low) < 1e-13);
    BOOST_TEST(largest_of(low + projector(x, 2, 3).value() - xt::eye(5)) < 1e-14);
    BOOST_TEST(largest_of(projector(x, 0, 5).value() - xt::eye(5)) < 1e-14);
    BOOST_TEST(largest_of(projector(x, 3, 0).value()) == 0);
    BOOST_TEST(list(gradient(sum(projector(x, 0, 5)), x)) == reals(25, 0.0), per_element());
    const array v = eigenvectors(x, 2, 1).value();
    BOOST_TEST(largest_of(projector(x, 2, 1).value() - v * xt::transpose(v)) < 1e-14);
    for (const auto& [first, count] : {std::pair{0, 2}, {2, 1}, {3, 2}, {0, 3}, {2, 3}})
    {
        const auto f = [first = first, count = count](auto z) { return projector(z, first, count); };
        BOOST_TEST(check_gradient(f, a), first << " and " << count);
    }
}

BOOST_AUTO_TEST_CASE(projectors_that_part_equal_eigenvalues)
{
    tape t;
    const std::string text = text_of<error::value_error>(
        [&] {
            static_cast<void>(projector(t.variable(with_eigenvalues({1, 1, 2, 5, 5}, 4)), 1, 2));
        });
    BOOST_TEST(text.starts_with("autograd: projector: eigenvalues 0 and 1 of a, "), text);
    BOOST_TEST(text.find(" apart, and a projector takes one of them; that must be more than rounding, 4.10782519111") !=
                   std::string::npos,
               text);
    BOOST_CHECK_THROW(static_cast<void>(projector(t.variable(with_eigenvalues({1, 1, 2, 5, 5}, 4)), -1, 1)),
                      error::value_error);
    // The nearest gap that is none of rounding.
    const array near{{1.0, 0.0}, {0.0, 1.0 + 1e-9}};
    const variable x = t.variable(near);
    BOOST_TEST(gradient(sum(projector(x, 0, 1)), x).value()(1, 0) == -2 / (near(1, 1) - 1), tolerance(1e-6));
}

// f(c a) = c^p f(a), or f(a) + log c: the derivative of order k is c^(p - k) times that at a.
BOOST_AUTO_TEST_CASE(derivatives_at_any_scale)
{
    const array a{{1.0, 0.0, 0.0}, {0.2, 1.3, 0.0}, {-0.1, 0.25, 1.6}};
    for (const auto& [name, f] : functions)
    {
        if (f.as_recorded().is == autograd::kernels::point_function::form::exponential)
        {
            continue;
        }
        tape t;
        const auto derivatives = [&, f = f](double c)
        {
            const variable x = t.variable(array(c * a));
            const variable first = gradient(sum(t.constant(weights) * spectral(x, f)), x);
            const variable second = gradient(sum(t.constant(direction) * first), x);
            return std::pair{array(first.value()), array(second.value())};
        };
        const auto [first, second] = derivatives(1);
        const double p = f.as_recorded().exponent; // of the logarithm 0
        for (const int exponent : {-100, -40, 60, 100})
        {
            const double c = std::scalbn(1.0, exponent);
            const auto [of_first, of_second] = derivatives(c);
            BOOST_TEST(largest_of(of_first / std::pow(c, p - 1) - first) < 1e-13, name << " at 2^" << exponent);
            BOOST_TEST(largest_of(of_second / std::pow(c, p - 2) - second) < 1e-12, name << " at 2^" << exponent);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
