#include "conventions/derivatives.hpp"
#include "operations/every_operation.hpp"
#include "tests/interface/xtensor_headers.hpp"

#include <numeric>

#include <fmt/format.h>

// The conventions on shapes, numbers and errors.

using namespace conventions;
using autograd::unconnected;
using support::list;
using support::per_element;
using support::text_of;
namespace error = autograd::error;

BOOST_AUTO_TEST_SUITE(conventions_shapes_and_errors)

namespace
{

using autograd::check::sample;

/// The inputs of a sample with every extent that equals `extent` made 0, or all of them scalars (extent 0).
sample resized(sample of, std::size_t extent)
{
    for (auto& input : of.reals)
    {
        if (extent == 0)
        {
            input.shape.clear();
            input.values.resize(1, 0.5);
        }
        else if (std::find(input.shape.begin(), input.shape.end(), extent) != input.shape.end())
        {
            std::replace(input.shape.begin(), input.shape.end(), extent, std::size_t{0});
            input.values.clear();
        }
    }
    return of;
}

/// Records a sample and all its gradients. Whether it worked; false when it refused with an error of ours.
template <class T>
bool gradients_have_the_shapes_of_inputs(const sample& of, const std::string& name)
{
    autograd::tape<T> tape;
    std::vector<autograd::variable<T>> x;
    for (const auto& input : of.reals)
    {
        xt::xarray<T> values = xt::xarray<T>::from_shape(input.shape);
        std::transform(input.values.begin(), input.values.end(), values.data(), [](double v) { return T(v); });
        x.push_back(tape.variable(values));
    }
    try
    {
        const autograd::handle<T> y = of.on(T())(x, {});
        if (y.checked("test").op->element == autograd::element_kind::real)
        {
            const autograd::variable<T> result(y);
            const auto g = vjp(result, x, tape.full(result.shape(), T(1)), unconnected::zero);
            const auto y_dot = jvp(result, x, x, unconnected::zero);
            BOOST_TEST(support::shape(y_dot) == support::shape(result), per_element());
            for (std::size_t k = 0; k < x.size(); ++k)
            {
                BOOST_TEST(support::shape(g[k]) == support::shape(x[k]), per_element());
            }
        }
        verify(tape);
        return true;
    }
    catch (const error::exception& e)
    {
        BOOST_TEST(std::string(e.what()).rfind("autograd: ", 0) == 0, name << ": " << e.what());
        return false;
    }
}

} // namespace

// Every operation of the table, on scalars and with each of its extents made 0: it works, or says why not.
BOOST_AUTO_TEST_CASE_TEMPLATE(every_operation_takes_scalars_and_empty_arrays, T, both_precisions)
{
    std::size_t worked = 0;
    std::size_t refused = 0;
    for (const auto& operation : autograd::check::every_operation())
    {
        const bool elementwise =
            operation.on_double != nullptr && operation.on_double->kind == autograd::rule_kind::elementwise;
        bool scalar = false;
        bool empty = false;
        for (const sample& each : operation.samples)
        {
            if (each.error || !each.kinks.empty() || !each.integers.empty())
            {
                continue;
            }
            BOOST_TEST_CONTEXT(operation.name << ", " << each.label)
            {
                for (std::size_t extent : {0u, 1u, 2u, 3u, 4u, 5u, 7u})
                {
                    // Axes of rules that a sample records without their public function are not checked.
                    if (extent == 0 && !elementwise && operation.on_double != nullptr)
                    {
                        continue;
                    }
                    const bool works = gradients_have_the_shapes_of_inputs<T>(resized(each, extent), operation.name);
                    worked += works ? 1 : 0;
                    refused += works ? 0 : 1;
                    scalar = scalar || (works && extent == 0);
                    empty = empty || (works && extent != 0);
                }
            }
        }
        BOOST_TEST((!elementwise || (scalar && empty)), operation.name << " is elementwise, but refuses");
    }
    fmt::print("{} samples of other shapes work, {} are refused with a reason\n", worked, refused);
    BOOST_TEST(worked > 2 * refused);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(broadcasting_is_that_of_numpy, T, both_precisions)
{
    autograd::tape<T> tape;
    const auto of = [&](std::initializer_list<std::size_t> shape)
    { return tape.variable(xt::xarray<T>(xt::ones<T>(std::vector<std::size_t>(shape)))); };
    BOOST_TEST(support::shape(of({8, 1, 6, 1}) * of({7, 1, 5})) == support::extents({8, 7, 6, 5}), per_element());
    BOOST_TEST(support::shape(of({}) + of({0, 3})) == support::extents({0, 3}), per_element());
    BOOST_TEST(support::shape(of({1, 3}) + of({0, 1})) == support::extents({0, 3}), per_element());
    BOOST_CHECK_THROW(of({2, 1}) + of({8, 4, 3}), error::shape_error);
    BOOST_CHECK_THROW(of({0}) + of({2}), error::shape_error);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(negative_axes_count_from_the_end, T, both_precisions)
{
    autograd::tape<T> tape;
    const auto x = tape.variable(xt::xarray<T>(xt::reshape_view(xt::arange<T>(24), {2, 3, 4})));
    for (int axis : {0, 1, 2})
    {
        expect<T>(list(sum(x, axis)), list(sum(x, axis - 3)));
        expect<T>(list(softmax(x, axis)), list(softmax(x, axis - 3)));
        expect<T>(list(cumsum(x, axis)), list(cumsum(x, axis - 3)));
    }
    BOOST_CHECK_THROW(sum(x, 3), error::shape_error);
    BOOST_CHECK_THROW(sum(x, -4), error::shape_error);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(counts_of_elements_that_overflow_throw, T, both_precisions)
{
    autograd::tape<T> tape;
    const std::size_t half = std::size_t{1} << 33;
    const std::size_t extents[] = {half, half};
    BOOST_CHECK_THROW(tape.full(autograd::shape_view(extents, 2), T(1)), error::exception);
    const auto x = tape.variable(T(1));
    const auto column = broadcast(x, std::vector<std::size_t>{half, 1});
    const auto row = broadcast(x, std::vector<std::size_t>{1, half});
    BOOST_CHECK_THROW(column + row, error::exception);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(views_give_the_same_bits_as_their_copies, T, both_precisions)
{
    const xt::xarray<T> base = xt::reshape_view(xt::sin(xt::arange<T>(48)), {6, 8});
    const auto bits = [](const auto& input)
    {
        autograd::tape<T> tape;
        const auto x = tape.variable(input);
        const auto y = sum(softmax(tanh(x) * x, 0) * exp(x), 1);
        std::vector<T> result = list(y);
        const std::vector<T> g = list(gradient(sum(y * y), x));
        result.insert(result.end(), g.begin(), g.end());
        return result;
    };
    const auto compare = [&](const auto& view) { BOOST_TEST(bits(view) == bits(xt::xarray<T>(view)), per_element()); };
    compare(xt::xarray<T, xt::layout_type::column_major>(base));
    compare(xt::view(base, xt::range(1, 6, 2), xt::range(0, 7, 3)));
    compare(xt::view(base, xt::range(5, 0, -1), xt::all()));
    compare(xt::transpose(base));
    compare(xt::broadcast(xt::view(base, xt::range(0, 1), xt::all()), {std::size_t{4}, std::size_t{8}}));
    compare(base + T(1));
}

namespace
{
template <class A, class B>
concept adds = requires(A a, B b)
{
    a + b;
};
template <class A, class B>
concept multiplies_matrices = requires(A a, B b)
{
    matmul(a, b);
};
} // namespace

// float and double are different tapes: mixing them does not compile.
static_assert(adds<autograd::variable<float>, autograd::variable<float>>);
static_assert(!adds<autograd::variable<float>, autograd::variable<double>>);
static_assert(!multiplies_matrices<autograd::variable<float>, autograd::variable<double>>);

BOOST_AUTO_TEST_CASE_TEMPLATE(reductions_give_the_same_bits_every_time, T, both_precisions)
{
    const xt::xarray<T> values = xt::sin(xt::arange<T>(100003));
    autograd::tape<T> tape;
    const auto x = tape.variable(values);
    const T first = sum(x).item();
    for (int run = 0; run < 5; ++run)
    {
        BOOST_TEST(sum(tape.variable(values)).item() == first);
    }
    const long double exact = std::accumulate(values.begin(), values.end(), 0.0L);
    const long double magnitude =
        std::accumulate(values.begin(), values.end(), 0.0L, [](long double total, T v) { return total + std::abs(v); });
    BOOST_TEST(std::abs(first - exact) <= magnitude * std::numeric_limits<T>::epsilon());
}

// The four texts that the conventions quote.
BOOST_AUTO_TEST_CASE_TEMPLATE(errors_read_as_quoted, T, both_precisions)
{
    autograd::tape<T> tape;
    autograd::tape<T> other;
    const auto zeros = [&](std::initializer_list<std::size_t> shape)
    { return tape.variable(xt::xarray<T>(xt::zeros<T>(std::vector<std::size_t>(shape)))); };
    BOOST_TEST(text_of<error::shape_error>(
                   [&] {
                       matmul(zeros({3, 4}), zeros({5, 6}));
                   }) ==
               "autograd: matmul: a is (3, 4) and b is (5, 6); the columns of a (4) must equal the rows of b (5).");
    const auto x = zeros({3, 1});
    BOOST_TEST(text_of<error::shape_error>([&] { gradient(x * x, x); }) ==
               "autograd: gradient: y has shape (3, 1), but a gradient needs a scalar. Use sum(y), or vjp(y, xs, "
               "y_bar).");
    BOOST_TEST(text_of<error::tape_error>([&] { x + other.variable(T(1)); }) ==
               "autograd: add: operands live on different tapes. Record both through one tape, or pass the value: "
               "tape.constant(x.value()).");
    BOOST_TEST(text_of<error::index_error>(
                   [&] {
                       gather(zeros({5}), tape.index(xt::xarray<int>{0, 1, 7}));
                   }) == "autograd: gather: index 7 at position (2) is outside axis 0 of length 5.");
}

BOOST_AUTO_TEST_SUITE_END()
