// A default-constructed variable is refused by every operation, in its name and at the user's line.

#include "nn/nn.hpp"
#include "tests/support.hpp"

#include <functional>

using namespace support;
namespace error = autograd::error;

BOOST_AUTO_TEST_SUITE(operations_empty_operands)

namespace
{

using positions = autograd::indices<double>;

/// A call of an operation: e and j are empty, x is a matrix and i are positions.
struct call
{
    const char* operation;
    int line;
    std::function<void(variable e, positions j, variable x, positions i)> f;
};

#define CALL(operation, ...)                                                                                           \
    {                                                                                                                  \
        operation, __LINE__,                                                                                           \
            []([[maybe_unused]] variable e, [[maybe_unused]] positions j, [[maybe_unused]] variable x,                 \
               [[maybe_unused]] positions i) { static_cast<void>(__VA_ARGS__); }                                       \
    }

const call elementwise[] = {
    CALL("add", e + x),
    CALL("add", x + e),
    CALL("add", e + 1.0),
    CALL("add", 1.0 + e),
    CALL("subtract", x - e),
    CALL("multiply", x* e),
    CALL("divide", e / 2.0),
    CALL("negative", -e),
    CALL("less", e < x),
    CALL("equal", equal(x, e)),
    CALL("logical_not", !e),
    CALL("exp", exp(e)),
    CALL("tanh", tanh(e)),
    CALL("relu", relu(e)),
    CALL("leaky_relu", leaky_relu(e, 0.1)),
    CALL("elu", elu(e)),
    CALL("hardtanh", hardtanh(e)),
    CALL("square", square(e)),
    CALL("pow", pow(e, 2.5)),
    CALL("pow", pow(x, e)),
    CALL("pow", pow(e, x)),
    CALL("pow", pow(2.0, e)),
    CALL("hypot", hypot(x, e)),
    CALL("atan2", atan2(e, x)),
    CALL("fma", fma(x, x, e)),
    CALL("where", where(e, x, x)),
    CALL("where", where(x > 0.0, x, e)),
    CALL("maximum", maximum(x, e)),
    CALL("clip", clip(e, 0.0, 1.0)),
    CALL("nan_to_num", nan_to_num(e)),
    CALL("polygamma", polygamma(1, e)),
    CALL("safe_where", safe_where(
                           e, [](auto z) { return log(z); }, x, 0.0)),
    CALL("safe_where", safe_where(
                           x > 0.0, [](auto z) { return log(z); }, e, 0.0)),
    CALL("identity", identity(e)),
    CALL("stop_gradient", stop_gradient(e)),
};

const call reductions[] = {
    CALL("sum", sum(e)),
    CALL("sum", sum(e, 0)),
    CALL("sum", sum(e, {0, 1})),
    CALL("mean", mean(e)),
    CALL("prod", prod(e)),
    CALL("prod", prod(e, 0)),
    CALL("amax", amax(e)),
    CALL("amin", amin(e, 1)),
    CALL("argmax", argmax(e)),
    CALL("argmin", argmin(e, 0)),
    CALL("norm_l1", norm_l1(e)),
    CALL("norm_l2", norm_l2(e)),
    CALL("norm_sq", norm_sq(e)),
    CALL("variance", variance(e)),
    CALL("stddev", stddev(e, 0)),
    CALL("logsumexp", logsumexp(e)),
    CALL("softmax", softmax(e)),
    CALL("log_softmax", log_softmax(e, 0)),
    CALL("cumsum", cumsum(e)),
    CALL("cumsum", cumsum(e, 0)),
    CALL("cumprod", cumprod(e)),
    CALL("cumprod", cumprod(e, 0)),
    CALL("linear_recurrence", linear_recurrence(e, x, 0)),
    CALL("linear_recurrence", linear_recurrence(x, e, 0)),
    CALL("trace", trace(e)),
};

const call products[] = {
    CALL("matmul", matmul(e, x)),
    CALL("matmul", matmul(x, e)),
    CALL("matmul", matmul(e, array{1.0})),
    CALL("matmul", matmul(array{1.0}, e)),
    CALL("dot", dot(e, x)),
    CALL("dot", dot(x, e)),
    CALL("outer", outer(e, x)),
    CALL("outer", outer(x, e)),
};

const call shapes[] = {
    CALL("reshape", reshape(e, {1})),
    CALL("flatten", flatten(e)),
    CALL("broadcast", broadcast(e, {2, 2})),
    CALL("expand_dims", expand_dims(e, 0)),
    CALL("squeeze", squeeze(e)),
    CALL("squeeze", squeeze(e, 0)),
    CALL("transpose", transpose(e)),
    CALL("transpose", transpose(e, {1, 0})),
    CALL("swapaxes", swapaxes(e, 0, 1)),
    CALL("moveaxis", moveaxis(e, 0, 1)),
    CALL("sum_to", sum_to(e, autograd::shape_vector{1})),
    CALL("slice", slice(e, 0, 0, 1)),
    CALL("flip", flip(e)),
    CALL("flip", flip(e, 0)),
    CALL("roll", roll(e, 1)),
    CALL("roll", roll(e, 1, 0)),
    CALL("pad", pad(e, {{1, 1}})),
    CALL("pad", pad(e, {{1, 1}}, 2.0)),
    CALL("concatenate", autograd::concatenate({e, x}, 0)),
    CALL("concatenate", autograd::concatenate({x, e}, 0)),
    CALL("stack", autograd::stack({e, x})),
    CALL("stack", autograd::stack({x, e})),
    CALL("split", split(e, 2)),
    CALL("tile", tile(e, 2)),
    CALL("repeat", repeat(e, 2, 0)),
    CALL("diagonal", diagonal(e)),
    CALL("diag", diag(e)),
    CALL("tril", tril(e)),
    CALL("triu", triu(e, 1)),
};

const call indexed[] = {
    CALL("gather", gather(e, i)),
    CALL("gather", gather(x, j)),
    CALL("scatter", scatter(e, i, 4)),
    CALL("scatter", scatter(x, j, 4)),
    CALL("scatter_add", scatter_add(e, i, x)),
    CALL("scatter_add", scatter_add(x, j, x)),
    CALL("scatter_add", scatter_add(x, i, e)),
    CALL("take_along_axis", take_along_axis(e, i, 0)),
    CALL("take_along_axis", take_along_axis(x, j, 0)),
    CALL("scatter_along_axis", scatter_along_axis(e, i, 4, 0)),
    CALL("scatter_along_axis", scatter_along_axis(x, j, 4, 0)),
    CALL("one_hot", autograd::one_hot(j, 3)),
    CALL("equal", equal(j, i)),
    CALL("equal", equal(i, j)),
    CALL("equal", equal(j, 1)),
    CALL("sort", sort(e)),
    CALL("argsort", argsort(e)),
    CALL("topk", topk(e, 1)),
    CALL("random_uniform", random_uniform(j, {2})),
};

const call derivatives[] = {
    CALL("gradient", gradient(e, x)),
    CALL("gradient", gradient(sum(x), e)),
    CALL("vjp", vjp(e, x, x)),
    CALL("vjp", vjp(x* x, e, x)),
    CALL("vjp", vjp(x* x, x, e)),
    CALL("jvp", jvp(e, x, x)),
    CALL("jvp", jvp(x* x, x, e)),
    CALL("jacobian", jacobian(e, x)),
    CALL("jacobian", jacobian(x* x, e)),
    CALL("hessian", hessian(e, x)),
    CALL("hessian_vector_product", hessian_vector_product(sum(x), x, e)),
    CALL("grad", autograd::grad([](auto z) { return sum(z); })(e)),
    CALL("custom_vjp", autograd::custom_vjp([](auto z) { return z; }, [](auto, auto, auto g) { return g; })(e)),
    CALL("custom_vjp", autograd::custom_vjp([](auto z, auto w) { return z + w; },
                                            [](auto, auto, auto, auto g) { return std::tuple(g, g); })(x, e)),
};

const call losses[] = {
    CALL("mean_squared_error", nn::mean_squared_error(e, x)),
    CALL("mean_squared_error", nn::mean_squared_error(x, e)),
    CALL("cross_entropy", nn::cross_entropy(e, i)),
    CALL("cross_entropy", nn::cross_entropy(x, j)),
    CALL("binary_cross_entropy", nn::binary_cross_entropy(e, x)),
    CALL("binary_cross_entropy", nn::binary_cross_entropy(x, e)),
    CALL("huber", nn::huber(x, e, 1.0)),
    CALL("l2_penalty", nn::l2_penalty(0.1, {e})),
};

void check(std::span<const call> calls)
{
    for (const call& each : calls)
    {
        tape t;
        const variable x = t.variable(array{{0.25, 0.5}, {0.75, 0.5}});
        const positions i = t.index(integers{0, 1});
        const std::size_t size = t.size();
        const auto f = [&] { each.f(variable(), positions(), x, i); };
        BOOST_TEST(whole_text_of(f) == std::string("autograd: ") + each.operation +
                                           ": an operand is empty: a default-constructed variable names nothing.  [" +
                                           __FILE__ + ":" + std::to_string(each.line) + "]");
        BOOST_CHECK_THROW(f(), error::tape_error);
        BOOST_TEST(t.size() >= size);
    }
}

} // namespace

BOOST_AUTO_TEST_CASE(the_line_of_the_call_is_told)
{
    check(elementwise);
    check(reductions);
    check(products);
    check(shapes);
    check(indexed);
    check(derivatives);
    check(losses);
}

BOOST_AUTO_TEST_SUITE_END()
