#include "parallel/with_threads.hpp"
#include "tests/run_program.hpp"
#include "tests/support.hpp"

#include "autograd/linalg.hpp"

#include <cstring>
#include <thread>
#include <tuple>

// Operations on shapes that are divided in different ways: the bits of one thread.

using namespace support;

namespace
{

using both_precisions = std::tuple<float, double>;

/// Numbers of many sizes and both signs, so that the order of a sum shows in its last bits.
template <class T>
autograd::array<T> numbers(const std::vector<std::size_t>& shape)
{
    autograd::array<T> result = autograd::array<T>::from_shape(shape);
    std::uint64_t state = 1;
    for (T& each : result)
    {
        state = state * 6364136223846793005u + 1442695040888963407u;
        const auto unit = static_cast<double>(state >> 11) * 0x1p-53;
        each = static_cast<T>((unit - 0.5) * std::exp2(static_cast<double>(state >> 8 & 7)));
    }
    return result;
}

/// What f records of arrays, as bytes.
template <class T, class F>
std::vector<std::byte> bytes_of(const F& f, const std::vector<autograd::array<T>>& given)
{
    autograd::tape<T> t;
    std::vector<autograd::variable<T>> xs;
    for (const autograd::array<T>& each : given)
    {
        xs.push_back(t.variable(each));
    }
    const auto y = f(xs);
    const auto value = y.value();
    const auto* const bytes = reinterpret_cast<const std::byte*>(value.data());
    return std::vector<std::byte>(bytes, bytes + value.size() * sizeof(*value.data()));
}

template <class T, class F>
void check_bits(const std::string& what, const F& f, const std::vector<autograd::array<T>>& given)
{
    const std::vector<std::byte> alone = bytes_of(f, given);
    for (const int count : {2, 3, 4, 7})
    {
        const with_threads threads(count);
        BOOST_TEST((bytes_of(f, given) == alone), what << ", " << count << " threads");
    }
}

template <class T>
void check_reductions(const std::vector<std::size_t>& shape, const std::vector<std::ptrdiff_t>& axes)
{
    const std::string where = "axes of " + std::to_string(shape.size()) + " extents, the first " +
                              std::to_string(shape[0]) + ", from " + std::to_string(axes[0]) + " on";
    const std::vector<autograd::array<T>> x{numbers<T>(shape)};
    check_bits<T>(
        "sum, " + where, [&](const auto& xs) { return sum(xs[0], axes); }, x);
    check_bits<T>(
        "mean, " + where, [&](const auto& xs) { return mean(xs[0], axes); }, x);
    check_bits<T>(
        "norm_l2, " + where, [&](const auto& xs) { return norm_l2(xs[0], axes); }, x);
    check_bits<T>(
        "amax, " + where, [&](const auto& xs) { return amax(xs[0], axes); }, x);
    check_bits<T>(
        "logsumexp, " + where, [&](const auto& xs) { return logsumexp(xs[0], axes); }, x);
    check_bits<T>(
        "variance, " + where, [&](const auto& xs) { return variance(xs[0], axes); }, x);
}

template <class T>
void check_along_axis(const std::vector<std::size_t>& shape, std::ptrdiff_t axis)
{
    const std::string where = "axis " + std::to_string(axis) + " of " + std::to_string(shape[0]) + " ...";
    const std::vector<autograd::array<T>> x{numbers<T>(shape)};
    check_bits<T>(
        "softmax, " + where, [&](const auto& xs) { return softmax(xs[0], axis); }, x);
    check_bits<T>(
        "log_softmax, " + where, [&](const auto& xs) { return log_softmax(xs[0], axis); }, x);
    check_bits<T>(
        "gradient of softmax, " + where,
        [&](const auto& xs) { return gradient(sum(square(softmax(xs[0], axis))), xs[0]); }, x);
    check_bits<T>(
        "gradient of log_softmax, " + where,
        [&](const auto& xs) { return gradient(sum(square(log_softmax(xs[0], axis))), xs[0]); }, x);
    check_bits<T>(
        "cumsum, " + where, [&](const auto& xs) { return cumsum(xs[0], axis); }, x);
    check_bits<T>(
        "gradient of cumprod, " + where,
        [&](const auto& xs) { return gradient(sum(cumprod(tanh(xs[0]), axis)), xs[0]); }, x);
    check_bits<T>(
        "argmax, " + where, [&](const auto& xs) { return argmax(xs[0], axis); }, x);
}

} // namespace

BOOST_AUTO_TEST_SUITE(parallel_operations)

BOOST_AUTO_TEST_CASE_TEMPLATE(sums_keep_their_order, T, both_precisions)
{
    check_reductions<T>({1'000'003}, {0});        // one line
    check_reductions<T>({3, 200'001}, {1});       // few lines
    check_reductions<T>({5000, 101}, {1});        // many
    check_reductions<T>({30'001, 5}, {1});        // short ones, in tiles
    check_reductions<T>({5000, 101}, {0});        // many rows
    check_reductions<T>({100'003, 3}, {0});       // narrow ones, taken together
    check_reductions<T>({1024, 512}, {0});        // two tiles of columns
    check_reductions<T>({64, 5001}, {0});         // few rows, many columns
    check_reductions<T>({7, 513, 120}, {1});      // several items
    check_reductions<T>({40, 33, 50, 7}, {0, 2}); // two passes
    check_reductions<T>({100, 70, 9, 3}, {1, 3});
}

BOOST_AUTO_TEST_CASE_TEMPLATE(lines_are_shared_out, T, both_precisions)
{
    check_along_axis<T>({200'003}, 0);
    check_along_axis<T>({2, 100'001}, 1);
    check_along_axis<T>({3001, 47}, 1);
    check_along_axis<T>({30'001, 10}, 1);
    check_along_axis<T>({3001, 47}, 0);
    check_along_axis<T>({3, 600, 70}, 1);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(elementwise_operations_repeat_their_operands, T, both_precisions)
{
    const auto f = [](const auto& xs) { return tanh(xs[0] * xs[1]) + xs[0] / (T(2) + square(xs[1])); };
    const auto check = [&](const std::vector<std::size_t>& a, const std::vector<std::size_t>& b) {
        check_bits<T>("broadcast", f, {numbers<T>(a), numbers<T>(b)});
    };
    check({100'003}, {100'003});
    check({100'003}, {});
    check({1001, 301}, {301});
    check({1001, 301}, {1001, 1});
    check({3, 70'001}, {70'001});
    check({3, 70'001}, {3, 1});
    check({30'001, 7}, {7});
    check({30'001, 7}, {30'001, 1});
    check({17, 500, 20}, {500, 1});
    check({17, 500, 20}, {17, 1, 20});
    check({1, 300}, {400, 1});
}

BOOST_AUTO_TEST_CASE_TEMPLATE(copies_and_choices, T, both_precisions)
{
    const std::vector<autograd::array<T>> x{numbers<T>({301, 40, 17})};
    check_bits<T>(
        "transpose",
        [](const auto& xs) {
            return transpose(xs[0], {2, 0, 1});
        },
        x);
    check_bits<T>(
        "transpose of 2",
        [](const auto& xs) {
            return transpose(reshape(xs[0], {301, 680}));
        },
        x);
    check_bits<T>(
        "flip", [](const auto& xs) { return flip(flatten(xs[0]), 0); }, x);
    check_bits<T>(
        "concatenate",
        [](const auto& xs) {
            return autograd::concatenate({xs[0], xs[0]}, 1);
        },
        x);
    check_bits<T>(
        "slices", [](const auto& xs) { return gradient(sum(exp(slice(xs[0], 1, 3, 39))), xs[0]); }, x);
    const auto take = [](const auto& xs, std::ptrdiff_t axis)
    {
        autograd::array<std::int64_t> places = autograd::array<std::int64_t>::from_shape({500});
        std::int64_t k = 0;
        for (std::int64_t& each : places)
        {
            each = (k++ * 7) % 17;
        }
        const auto y = gather(xs[0], xs[0].tape().index(places), axis);
        return autograd::concatenate({flatten(y), flatten(gradient(sum(square(y)), xs[0]))}, 0);
    };
    check_bits<T>(
        "gather of rows", [&](const auto& xs) { return take(xs, 0); }, x);
    check_bits<T>(
        "gather of columns", [&](const auto& xs) { return take(xs, 2); }, x);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(random_numbers, T, both_precisions)
{
    const auto generator = [](const auto& xs)
    { return autograd::counter_generator<T>(xs[0].tape().index(autograd::array<std::int64_t>{7})).stream(3); };
    const std::vector<autograd::array<T>> x{numbers<T>({1})};
    check_bits<T>(
        "uniform", [&](const auto& xs) { return generator(xs).uniform({100'003}); }, x);
    check_bits<T>(
        "normal",
        [&](const auto& xs) {
            return generator(xs).normal({3, 20'001});
        },
        x);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(batches_of_matrices, T, both_precisions)
{
    for (const std::size_t n : {3u, 30u})
    {
        const std::size_t count = n == 3 ? 3000 : 40;
        const std::vector<autograd::array<T>> x{numbers<T>({count, n, n}), numbers<T>({count, n, 5})};
        const auto positive = [n](auto a)
        {
            const auto one = a.tape().constant(autograd::array<T>(xt::eye<T>(n)));
            return matmul(a, transpose(a, {0, 2, 1})) + one;
        };
        check_bits<T>(
            "matmul", [](const auto& xs) { return matmul(xs[0], xs[1]); }, x);
        check_bits<T>(
            "einsum",
            [](const auto& xs) {
                return autograd::einsum("kij,kjl->lki", {xs[0], xs[1]});
            },
            x);
        check_bits<T>(
            "cholesky", [&](const auto& xs) { return cholesky(positive(xs[0])); }, x);
        check_bits<T>(
            "gradient of cholesky",
            [&](const auto& xs) { return gradient(sum(square(cholesky(positive(xs[0])))), xs[0]); }, x);
        check_bits<T>(
            "solve", [&](const auto& xs) { return solve(positive(xs[0]), xs[1]); }, x);
        check_bits<T>(
            "inverse", [&](const auto& xs) { return inverse(positive(xs[0])); }, x);
        check_bits<T>(
            "triangular_solve", [&](const auto& xs) { return triangular_solve(cholesky(positive(xs[0])), xs[1]); }, x);
    }
}

BOOST_AUTO_TEST_CASE(the_first_matrix_that_is_refused_is_named)
{
    constexpr std::size_t count = 5000;
    array a = xt::zeros<double>({count, std::size_t{4}, std::size_t{4}});
    for (std::size_t k = 0; k < count; ++k)
    {
        for (std::size_t i = 0; i < 4; ++i)
        {
            a(k, i, i) = k == 1234 || k == 1235 || k == 4000 ? -1 : 1;
        }
    }
    const auto refusal = [&](auto f) -> std::string
    {
        tape t;
        try
        {
            static_cast<void>(f(t.variable(a)));
        }
        catch (const autograd::error::value_error& e)
        {
            return e.what();
        }
        return "nothing";
    };
    const auto factorize = [](variable x) { return cholesky(x); };
    const std::string expected = refusal(factorize);
    BOOST_TEST(contains(expected, "matrix (1234) of a"), expected);
    for (const int count_of_threads : {2, 4, 7})
    {
        const with_threads threads(count_of_threads);
        for (int trial = 0; trial < 20; ++trial)
        {
            BOOST_TEST(refusal(factorize) == expected);
        }
    }
}

BOOST_AUTO_TEST_CASE(threads_of_a_program_with_a_tape_each)
{
    const auto work = [](std::size_t seed)
    {
        tape t;
        const variable x = t.variable(numbers<double>({301, 205}) * (1.0 + static_cast<double>(seed)));
        const variable y = softmax(tanh(matmul(x, transpose(x))), 1);
        const variable loss = sum(square(y)) + logsumexp(x);
        return array(gradient(loss, x).value());
    };
    std::vector<array> alone;
    for (std::size_t k = 0; k < 4; ++k)
    {
        alone.push_back(work(k));
    }
    const with_threads threads(4);
    std::vector<array> found(alone.size());
    std::vector<std::thread> users;
    for (std::size_t k = 0; k < alone.size(); ++k)
    {
        users.emplace_back([&, k] { found[k] = work(k); });
    }
    for (std::thread& user : users)
    {
        user.join();
    }
    for (std::size_t k = 0; k < alone.size(); ++k)
    {
        BOOST_TEST((found[k] == alone[k]));
    }
}

// ---------------------------------------------------------------------------------------------------- the environment

namespace
{

/// What a program says that records an addition.
outcome says(const std::string& variable)
{
    return run_program(scratch_folder(), "env", variable + " " SAY_INSTRUCTION_SET);
}

} // namespace

BOOST_AUTO_TEST_CASE(what_the_environment_says_of_threads_is_refused_by_the_first_operation)
{
    for (const char* const wrong : {"abc", "0", "-1", "2.5", "4 ", "1025", "99999999999999999999"})
    {
        const outcome result = says("'XGRAD_THREADS=" + std::string(wrong) + "'");
        const std::string text = "autograd: threads: XGRAD_THREADS is \"" + std::string(wrong) +
                                 "\"; it must be a number of threads, at least 1 and at most 1024.";
        BOOST_TEST(result.output.starts_with(text), result.output);
        BOOST_TEST(contains(result.output, "nothing was recorded"), result.output);
    }
    for (const char* const right : {"", "1", "4", "1024"})
    {
        const outcome result = says("XGRAD_THREADS=" + std::string(right));
        BOOST_TEST(result.exit_code == 0);
        BOOST_TEST(result.output.ends_with("\n3\n"), result.output);
    }
}

BOOST_AUTO_TEST_SUITE_END()
