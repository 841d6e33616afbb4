#include "autograd/linalg/qr.hpp"
#include "autograd/check/check_gradient.hpp"
#include "autograd/compile/function.hpp"
#include "linalg/random_matrices.hpp"

#include <cmath>
#include <limits>
#include <tuple>

// What makes Q and R what they are: orthonormal columns, a triangle with a diagonal that is nowhere negative, a product
// that is a; and where their derivative is refused.

using namespace support;

namespace
{

template <class T>
void require_factors(const xt::xarray<T>& values, autograd::qr_mode mode)
{
    autograd::tape<T> t;
    const auto a = t.variable(values);
    const auto [q, r] = qr(a, mode);
    const std::size_t m = a.shape()[a.dimension() - 2];
    const std::size_t n = a.shape()[a.dimension() - 1];
    const std::size_t k = mode == autograd::qr_mode::complete ? m : std::min(m, n);
    BOOST_TEST(q.shape()[a.dimension() - 1] == k);
    BOOST_TEST(r.shape()[a.dimension() - 2] == k);
    const double rounding = static_cast<double>(std::numeric_limits<T>::epsilon()) * static_cast<double>(8 * (m + n));
    const auto one = diag(t.full({k}, T(1)));
    BOOST_TEST(largest(matmul(moveaxis(q, -1, -2), q) - one) <= rounding);
    BOOST_TEST(largest(matmul(q, r) - a) <= rounding * largest(a));
    BOOST_TEST(largest(tril(r, -1)) == 0);
    for (const T on_diagonal : list(diagonal(r, 0, -2, -1)))
    {
        BOOST_TEST(on_diagonal >= 0);
        BOOST_TEST(!std::signbit(on_diagonal));
    }
}

std::size_t count(const tape& of, const std::string& name)
{
    std::size_t result = 0;
    for (std::uint32_t i = 0; i < of.size(); ++i)
    {
        result += of[i].op->name == name ? 1u : 0u;
    }
    return result;
}

const auto sum_of_factors = [](auto a)
{
    const auto [q, r] = autograd::qr(a);
    return sum(square(q) * 0.5 + sin(q)) + sum(square(r) * cos(r));
};

const auto dependent_columns =
    "autograd: qr: column 1 of a depends on those before it: R has 0 on its diagonal there, and the column a norm of "
    "10; a derivative needs columns that do not, the first min(m, n) of a. Leave the column out, or use pinv or lstsq.";

} // namespace

BOOST_AUTO_TEST_SUITE(linalg_qr)

BOOST_AUTO_TEST_CASE_TEMPLATE(factors_are_what_they_are_called, T, element_types)
{
    for (const auto mode : {autograd::qr_mode::reduced, autograd::qr_mode::complete})
    {
        for (const extents& shape :
             {extents{1, 1}, extents{5, 5}, extents{7, 3}, extents{3, 7}, extents{1, 4}, extents{4, 1}, extents{70, 40},
              extents{40, 70}, extents{3, 2, 4, 2}, extents{2, 1, 2, 4}, extents{0, 3, 2}, extents{0, 2}, extents{2, 0},
              extents{0, 0}})
        {
            require_factors(random_matrices<T>(shape), mode);
        }
    }
}

BOOST_AUTO_TEST_CASE(factors_are_unique)
{
    tape t;
    for (const extents& shape : {extents{6, 4}, extents{4, 4}, extents{3, 5}})
    {
        const auto [q, r] = qr(t.variable(random_matrices<double>(shape)));
        const auto [q_again, r_again] = qr(matmul(q, r));
        BOOST_TEST(largest(q_again - q) < 1e-14);
        BOOST_TEST(largest(r_again - r) < 1e-14);
    }
    // the diagonal of R is not negative, also where LAPACK makes it so
    BOOST_TEST(list(autograd::qr(t.variable(column({3.0, 4.0}))).r) == (reals{5.0}), tolerance(1e-15) << per_element());
    BOOST_TEST(list(autograd::qr(t.variable(column({-3.0, 4.0}))).q) == (reals{-0.6, 0.8}), tolerance(1e-15)
                                                                                                << per_element());
    BOOST_TEST(list(autograd::qr(t.variable(column({-2.0}))).q) == (reals{-1.0}));
    BOOST_TEST(list(autograd::qr(t.variable(column({-2.0}))).r) == (reals{2.0}));
}

BOOST_AUTO_TEST_CASE(columns_may_be_as_large_and_as_small_as_numbers_are)
{
    tape t;
    array scaled = random_matrices<double>({5, 4});
    const auto [q, r] = qr(t.variable(scaled));
    const std::vector<int> exponents{1020, -1000, 0, -1060};
    for (std::size_t i = 0; i < 5; ++i)
    {
        for (std::size_t j = 0; j < 4; ++j)
        {
            scaled(i, j) = std::scalbn(scaled(i, j), exponents[j]);
        }
    }
    const auto [q_scaled, r_scaled] = qr(t.variable(scaled));
    BOOST_TEST(list(slice(q_scaled, 1, 0, 3)) == list(slice(q, 1, 0, 3)), per_element());
    for (std::size_t i = 0; i < 3; ++i)
    {
        for (std::size_t j = i; j < 3; ++j)
        {
            BOOST_TEST(list(r_scaled)[i * 4 + j] == std::scalbn(list(r)[i * 4 + j], exponents[j]));
        }
    }
    BOOST_TEST(largest(q_scaled - q) < 1e-2); // subnormal numbers have few digits
}

BOOST_AUTO_TEST_CASE(derivatives_of_both_factors_agree_with_differences)
{
    for (const extents& shape : {extents{4, 4}, extents{5, 3}, extents{3, 5}, extents{2, 3, 2}, extents{2, 2, 3},
                                 extents{1, 1}, extents{0, 2}})
    {
        const autograd::check_report report =
            autograd::check_gradient(sum_of_factors, random_matrices<double>(shape), {.order = 2});
        BOOST_TEST(report.passed, autograd::to_text(report));
    }
}

BOOST_AUTO_TEST_CASE(factorizes_once_for_all_derivatives)
{
    tape t;
    const auto a = t.variable(random_matrices<double>({4, 3}));
    const auto g = gradient(sum_of_factors(a), a);
    static_cast<void>(gradient(sum(square(g)), a));
    BOOST_TEST(count(t, "qr_factor") == 1u);
}

BOOST_AUTO_TEST_CASE(dependent_columns_have_factors_and_no_derivative)
{
    const array dependent{{1.0, 2.0}, {2.0, 4.0}, {4.0, 8.0}};
    tape t;
    const auto a = t.variable(dependent);
    const auto [q, r] = qr(a);
    BOOST_TEST(largest(matmul(q, r) - a) < 1e-14);
    for (const auto& y : {sum(q), sum(r)})
    {
        const std::string text = text_of<autograd::error::value_error>([&] { static_cast<void>(gradient(y, a)); });
        BOOST_TEST(text.find("autograd: qr: column 1 of a depends on those before it: R has ") == 0u, text);
        const std::string forward = text_of<autograd::error::value_error>(
            [&] {
                static_cast<void>(autograd::jvp(y, a, t.full({3, 2}, 1.0)));
            });
        BOOST_TEST(forward == text);
    }
    // exactly 0, and by its name in a batch
    const array zero{{6.0, 10.0}, {0.0, 0.0}};
    const auto b = t.variable(zero);
    BOOST_TEST(text_of<autograd::error::value_error>([&] { static_cast<void>(gradient(sum(autograd::qr(b).r), b)); }) ==
               dependent_columns);
}

BOOST_AUTO_TEST_CASE(programs_refuse_dependent_columns_of_their_arguments)
{
    const array good{{6.0, 1.0}, {0.0, 3.0}};
    const array bad{{6.0, 10.0}, {0.0, 0.0}};
    auto f =
        autograd::compile([](auto a) { return gradient(sum(square(autograd::qr(a).q) + autograd::qr(a).r), a); }, good);
    static_cast<void>(f(good));
    BOOST_TEST(text_of<autograd::error::value_error>([&] { static_cast<void>(f(bad)); }) == dependent_columns);
    const array infinite{{6.0, 10.0}, {0.0, std::numeric_limits<double>::infinity()}};
    BOOST_TEST(text_of<autograd::error::value_error>([&] { static_cast<void>(f(infinite)); }) ==
               "autograd: qr: element (1, 1) of a is inf; a factorization needs finite numbers.");
}

BOOST_AUTO_TEST_CASE(further_columns_of_wide_matrices_may_depend_on_others)
{
    const array wide{{1.0, 3.0, 2.0, 0.0}, {2.0, 1.0, 4.0, 0.0}};
    const autograd::check_report report = autograd::check_gradient(sum_of_factors, wide, {.order = 2});
    BOOST_TEST(report.passed, autograd::to_text(report));
}

BOOST_AUTO_TEST_CASE(columns_of_a_complete_q_that_are_not_unique_have_no_derivative)
{
    tape t;
    const auto a = t.variable(random_matrices<double>({4, 2}));
    const auto q = qr(a, autograd::qr_mode::complete).q;
    const auto text =
        "autograd: qr: the columns of q behind the first 2 are any orthonormal basis of what is orthogonal "
        "to those of a; a derivative needs columns that are unique. Use qr_mode::reduced; I - q q^T "
        "projects onto their span.";
    BOOST_TEST(text_of<autograd::error::not_differentiable>([&] { static_cast<void>(gradient(sum(q), a)); }) == text);
    BOOST_TEST(text_of<autograd::error::not_differentiable>(
                   [&] {
                       static_cast<void>(autograd::jvp(q, a, t.full({4, 2}, 1.0)));
                   }) == text);
    // R has one, of any order
    const auto of_r = [](auto x) { return sum(sin(autograd::qr(x, autograd::qr_mode::complete).r)); };
    const autograd::check_report report = autograd::check_gradient(of_r, random_matrices<double>({4, 2}), {.order = 2});
    BOOST_TEST(report.passed, autograd::to_text(report));
}

BOOST_AUTO_TEST_CASE(factors_are_a_structure)
{
    auto f = autograd::compile([](auto a) { return autograd::qr(a); }, column({3.0, 4.0}));
    const auto [q, r] = f(column({-3.0, 4.0}));
    BOOST_TEST(list(array(q)) == (reals{-0.6, 0.8}), tolerance(1e-15) << per_element());
    BOOST_TEST(list(array(r)) == (reals{5.0}), tolerance(1e-15) << per_element());
}

BOOST_AUTO_TEST_SUITE_END()
