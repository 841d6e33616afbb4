// No run of a program asks for memory, whichever way kernels take: many operands, axes that are no neighbours, numbers
// that leave the range, long lines, products that BLAS computes. Samples are in replay.cpp.

#include "allocations.hpp"
#include "recorded_sample.hpp"
#include "support.hpp"

#include "autograd/compile/program.hpp"
#include "autograd/define_operation.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <cstring>
#include <limits>
#include <tuple>

namespace
{

using autograd::array;
using autograd::indices;
using autograd::shape_vector;
using autograd::variable;

using element_types = std::tuple<float, double>;

/// Numbers around 1, of both signs.
template <class T>
array<T> numbers(const shape_vector& shape, double scale = 1)
{
    array<T> result = array<T>::from_shape({shape.begin(), shape.end()});
    std::size_t k = 0;
    for (T& each : result)
    {
        const double number = 0.5 + std::fmod(0.618034 * static_cast<double>(++k), 1.0);
        each = static_cast<T>(scale * (k % 3 == 0 ? -number : number));
    }
    return result;
}

/// The same, of which some are so small or so large that their squares and products leave the range.
template <class T>
array<T> extremes(const shape_vector& shape)
{
    using limits = std::numeric_limits<T>;
    array<T> result = numbers<T>(shape);
    const T scales[] = {1, limits::min(), 1, limits::max() / 2, limits::denorm_min(), 1, 0};
    std::size_t k = 0;
    for (T& each : result)
    {
        each *= scales[k++ % 7];
    }
    return result;
}

/// Records f of variables with its derivatives up to an order, compiles that, and runs it twice: it gives what was
/// recorded, bit for bit, and asks for no memory.
template <class T, class F>
void check_run(const char* what, F f, const std::vector<array<T>>& given, int order = 2)
{
    autograd::tape<T> t;
    std::vector<variable<T>> xs;
    support::recorded_sample<T> recorded;
    for (const array<T>& each : given)
    {
        xs.push_back(t.variable(each));
        recorded.inputs.push_back(xs.back());
    }
    const auto y = f(std::span<const variable<T>>(xs));
    recorded.outputs.push_back(y);
    if constexpr (std::is_same_v<std::remove_const_t<decltype(y)>, variable<T>>)
    {
        support::add_derivatives<T>(recorded, y, xs, order);
    }
    const auto program =
        autograd::compile<T>(recorded.inputs, recorded.outputs, {.reassociate = false, .constant_keys = true});
    auto memory = program.make_workspace();
    const std::vector<autograd::input_array<T>> inputs(given.begin(), given.end());
    std::vector<std::vector<double>> results; // large enough for both kinds of elements
    std::vector<autograd::output_array<T>> outputs;
    for (const autograd::handle<T>& each : recorded.outputs)
    {
        void* const elements = results.emplace_back(each.size() + 1).data();
        const shape_vector shape(each.shape());
        if (t[each.index()].op->element == autograd::element_kind::real)
        {
            outputs.emplace_back(static_cast<T*>(elements), shape);
        }
        else
        {
            outputs.emplace_back(static_cast<std::int64_t*>(elements), shape);
        }
    }
    program.run(inputs, outputs, memory); // after which OpenBLAS has its buffers
    BOOST_TEST(support::allocations_of([&] { program.run(inputs, outputs, memory); }) == 0u, what);
    for (std::size_t k = 0; k < recorded.outputs.size(); ++k)
    {
        const autograd::instruction<T>& expected = t[recorded.outputs[k].index()];
        const bool is_real = expected.op->element == autograd::element_kind::real;
        const std::size_t bytes = expected.size() * (is_real ? sizeof(T) : sizeof(std::int64_t));
        const void* const dense = is_real ? static_cast<const void*>(variable<T>(recorded.outputs[k]).data())
                                          : static_cast<const void*>(indices<T>(recorded.outputs[k]).data());
        BOOST_TEST(std::memcmp(results[k].data(), dense, bytes) == 0, what << ": output " << k);
    }
}

/// Of eight operands, more than most have.
struct eight_rule : autograd::elementwise
{
    static constexpr auto name = "eight";
    static constexpr auto forward = [](auto a, auto b, auto c, auto d, auto e, auto f, auto g, auto h)
    { return a * b + c * d + e * f + g * h; };
    static constexpr auto pulls = autograd::per_operand{
        [](auto, auto b, auto, auto, auto, auto, auto, auto, auto y, auto g) { return g * b * y; },
        [](auto a, auto, auto, auto, auto, auto, auto, auto, auto, auto g) { return g * a; },
        autograd::no_pull{},
        autograd::no_pull{},
        autograd::no_pull{},
        autograd::no_pull{},
        autograd::no_pull{},
        [](auto a, auto b, auto c, auto d, auto e, auto f, auto h, auto i, auto y, auto g)
        { return g * (a + b + c + d + e + f + h + i + y); }};
};

} // namespace

BOOST_AUTO_TEST_SUITE(compile_allocations)

BOOST_AUTO_TEST_CASE(the_counter_counts)
{
    const std::size_t news = support::allocations_of([] { delete new int; });
    const std::size_t aligned = support::allocations_of(
        [] { ::operator delete(::operator new(128, std::align_val_t(64)), std::align_val_t(64)); });
    const std::size_t mallocs = support::allocations_of(
        []
        {
            void* volatile memory = std::malloc(10);
            std::free(memory);
        });
    BOOST_TEST(news <= 1u); // a compiler may do without
    BOOST_TEST(aligned <= 1u);
    BOOST_TEST(mallocs == (support::allocations_are_counted() ? 1u : 0u));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(reductions, T, element_types)
{
    for (const auto& x : {numbers<T>({9, 40, 9}), extremes<T>({9, 40, 9}), extremes<T>({5, 3, 2, 2, 30})})
    {
        const auto over = [&](const char* what, auto f) { check_run<T>(what, [&](auto xs) { return f(xs[0]); }, {x}); };
        over("sum", [](auto z) { return sum(z, {0, 2}); });
        over("mean", [](auto z) { return mean(z, {0, 2}); });
        over("mean of all", [](auto z) { return mean(z); });
        over("variance", [](auto z) { return variance(z, {0, 2}); });
        over("stddev", [](auto z) { return stddev(z, {0, 2}); });
        over("norm_l2", [](auto z) { return norm_l2(z, {0, 2}); });
        over("norm_l2 of columns", [](auto z) { return norm_l2(z, 0); });
        over("norm_sq", [](auto z) { return norm_sq(z, {0, 2}); });
        over("prod", [](auto z) { return prod(z, {0, 2}); });
        over("prod of columns", [](auto z) { return prod(z, 1); });
        over("amax", [](auto z) { return amax(z, {0, 2}); });
        over("logsumexp", [](auto z) { return logsumexp(z, {0, 2}); });
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(chains, T, element_types)
{
    for (const auto& x : {numbers<T>({3, 35, 5}), extremes<T>({3, 35, 5}), extremes<T>({20, 3, 1})})
    {
        for (const int axis : {0, 1, 2})
        {
            check_run<T>("cumprod", [=](auto xs) { return cumprod(xs[0], axis); }, {x});
            check_run<T>("cumsum", [=](auto xs) { return cumsum(xs[0], axis); }, {x});
            check_run<T>("linear_recurrence", [=](auto xs) { return linear_recurrence(xs[0], xs[1], axis); }, {x, x});
        }
    }
    // Of an order that is no constant in kernels.
    const auto third_slope = [](auto xs)
    {
        auto y = sum(cumprod(xs[0]) * xs[0]);
        for (int k = 0; k < 3; ++k)
        {
            y = sum(gradient(y, xs[0]) * (0.5 + xs[0]));
        }
        return y;
    };
    check_run<T>("the third derivative of cumprod", third_slope, {numbers<T>({6})}, 1);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(order_and_indices, T, element_types)
{
    const array<T> x = extremes<T>({3, 700});
    check_run<T>("argsort", [](auto xs) { return argsort(xs[0], 1); }, {x});
    check_run<T>("argsort of columns", [](auto xs) { return argsort(xs[0], 0); }, {x});
    check_run<T>("sort", [](auto xs) { return sort(xs[0]); }, {x});
    check_run<T>("topk", [](auto xs) { return topk(xs[0], 300).first; }, {x});
    check_run<T>("argmax", [](auto xs) { return argmax(xs[0], 1); }, {x});
    check_run<T>(
        "gather of what is sorted", [](auto xs) { return gather(xs[1], argsort(xs[0], 0)); }, {x, x}, 1);
    // A permutation of a key that is an input.
    autograd::tape<T> t;
    const auto key = t.index(xt::xarray<int>{7});
    const auto order = random_permutation(key, 2000);
    const auto program = autograd::compile<T>({key}, {order});
    auto memory = program.make_workspace();
    const array<std::int64_t> given{7};
    array<std::int64_t> result = array<std::int64_t>::from_shape({2000});
    const std::vector<autograd::input_array<T>> inputs{given};
    const std::vector<autograd::output_array<T>> outputs{result};
    BOOST_TEST(support::allocations_of([&] { program.run(inputs, outputs, memory); }) == 0u);
    BOOST_TEST(std::equal(result.begin(), result.end(), order.data()));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(products, T, element_types)
{
    const auto multiply = [](auto xs) { return matmul(xs[0], xs[1]); };
    check_run<T>("by loops", multiply, {numbers<T>({3, 5}), numbers<T>({5, 4})});
    check_run<T>("by gemm", multiply, {numbers<T>({40, 50}), numbers<T>({50, 60})}, 1);
    check_run<T>("by gemv", multiply, {numbers<T>({300, 200}), numbers<T>({200})}, 1);
    check_run<T>("of batches", multiply, {numbers<T>({3, 1, 40, 30}), numbers<T>({2, 30, 50})}, 1);
    const auto repeated = [](auto xs) {
        return matmul(broadcast(xs[0], shape_vector{30, 40}), broadcast(xs[1], shape_vector{40, 30}));
    };
    check_run<T>("of repeated elements", repeated, {numbers<T>({40}), numbers<T>({40, 1})});
    check_run<T>(
        "of transposes", [](auto xs) { return matmul(transpose(xs[0]), transpose(xs[1])); },
        {numbers<T>({50, 40}), numbers<T>({60, 50})}, 1);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(many_operands, T, element_types)
{
    const auto eight = [](auto xs)
    {
        return autograd::record<eight_rule, T>(autograd::location{},
                                               {xs[0], xs[1], xs[2], xs[3], xs[0], xs[2], xs[3], xs[1]});
    };
    check_run<T>("alike", eight, {numbers<T>({9}), numbers<T>({9}), numbers<T>({9}), numbers<T>({9})});
    const std::vector<shape_vector> tiled{{60, 1, 7}, {5, 1}, {60, 5, 7}, {1, 1, 7}};
    const std::vector<shape_vector> in_rows{{6, 1, 70}, {5, 1}, {6, 5, 70}, {1, 1, 70}};
    for (const auto& shapes : {tiled, in_rows})
    {
        std::vector<array<T>> given;
        for (const shape_vector& shape : shapes)
        {
            given.push_back(numbers<T>(shape));
        }
        check_run<T>("that broadcast", eight, given);
        // The same bits as of operands that are laid out.
        autograd::tape<T> t;
        std::vector<variable<T>> xs;
        std::vector<variable<T>> dense;
        for (const array<T>& each : given)
        {
            xs.push_back(t.variable(each));
            dense.push_back(t.variable(array<T>(broadcast(xs.back(), given[2].shape()).value())));
        }
        BOOST_TEST(support::list(eight(xs)) == support::list(eight(dense)), boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(parts_of_arrays, T, element_types)
{
    const auto joined = [](auto xs) {
        return concatenate(std::vector<variable<T>>(20, xs[0]), 1) *
               concatenate(std::vector<variable<T>>(20, xs[1]), 1);
    };
    check_run<T>("concatenate", joined, {numbers<T>({3, 4}), numbers<T>({3, 4})});
    const auto rows = [](auto xs)
    {
        variable<T> y = slice(xs[0], 0, 0, 1);
        for (int k = 1; k < 20; ++k)
        {
            y = y + square(slice(xs[0], 0, k, k + 1));
        }
        return y;
    };
    check_run<T>("rows one by one", rows, {numbers<T>({20, 3})});
    check_run<T>(
        "softmax", [](auto xs) { return softmax(xs[0], 1); }, {numbers<T>({3, 70, 40})}, 1);
    check_run<T>("transpose", [](auto xs) { return transpose(xs[0], {2, 0, 1}); }, {numbers<T>({30, 20, 40})});
}

BOOST_AUTO_TEST_SUITE_END()
