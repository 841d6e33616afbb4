#include "tests/memory_can_run_out.hpp"
#include "tests/support.hpp"

using namespace support;
namespace error = autograd::error;

BOOST_AUTO_TEST_SUITE(tape_errors)

namespace
{

constexpr auto different = "operands live on different tapes. Record both through one tape, or pass the value: "
                           "tape.constant(x.value()).";
constexpr auto empty = "an operand is empty: a default-constructed variable names nothing.";

} // namespace

BOOST_AUTO_TEST_CASE(several_tapes_live_side_by_side)
{
    tape a, b;
    autograd::tape<float> c;
    const variable x = a.variable(3.0), y = b.variable(4.0);
    const autograd::variable<float> z = c.variable(5.0f);
    const variable fx = x * x, fy = y * y * y;
    const autograd::variable<float> fz = z * z;
    BOOST_TEST(gradient(fx, x).item() == 6.0);
    BOOST_TEST(gradient(fy, y).item() == 48.0);
    BOOST_TEST(gradient(fz, z).item() == 10.0f);
    a.clear();
    BOOST_TEST(gradient(fy, y).item() == 48.0);
    BOOST_TEST(a.size() == 0u);
}

BOOST_AUTO_TEST_CASE(operands_of_different_tapes_are_refused)
{
    tape a, b;
    const variable x = a.variable(array{1.0, 2.0}), y = b.variable(array{3.0, 4.0});
    const variable mask = x > 0.0;
    const auto i = b.index(integers{0});
    const std::size_t size_a = a.size(), size_b = b.size();
    const auto refused = [](auto f) { return text_of<error::tape_error>(f); };
    const std::string text = different;
    BOOST_TEST(refused([&] { x + y; }) == "autograd: add: " + text);
    BOOST_TEST(refused([&] { y* x; }) == "autograd: multiply: " + text);
    BOOST_TEST(refused([&] { static_cast<void>(x < y); }) == "autograd: less: " + text);
    BOOST_TEST(refused([&] { maximum(x, y); }) == "autograd: maximum: " + text);
    BOOST_TEST(refused([&] { pow(x, y); }) == "autograd: pow: " + text);
    BOOST_TEST(refused([&] { where(mask, x, y); }) == "autograd: where: " + text);
    BOOST_TEST(refused([&] { autograd::concatenate({x, y}, 0); }) == "autograd: concatenate: " + text);
    BOOST_TEST(refused([&] { gather(x, i); }) == "autograd: gather: " + text);
    BOOST_TEST(a.size() == size_a);
    BOOST_TEST(b.size() == size_b);
    BOOST_TEST(refused([&] { matmul(x, y); }) == "autograd: matmul: " + text);
    BOOST_CHECK_THROW(autograd::stack({x, y}), error::tape_error);
}

BOOST_AUTO_TEST_CASE(derivatives_across_tapes_are_refused)
{
    tape a, b;
    const variable x = a.variable(3.0), y = b.variable(4.0);
    const variable fx = x * x;
    BOOST_TEST(text_of<error::tape_error>([&] { gradient(fx, y); }) ==
               "autograd: gradient: y and input 0 live on different tapes. Record both through one tape.");
    BOOST_TEST(
        text_of<error::tape_error>([&] { vjp(fx, x, y); }) ==
        "autograd: vjp: y and its cotangent y_bar live on different tapes. Record both through one tape, or pass the "
        "value: tape.constant(x.value()).");
    BOOST_TEST(
        text_of<error::tape_error>([&] { jvp(fx, x, y); }) ==
        "autograd: jvp: input 0 and its tangent live on different tapes. Record both through one tape, or pass the "
        "value: tape.constant(x.value()).");
    BOOST_CHECK_THROW(jvp(fx, y, x), error::tape_error);
    BOOST_TEST(text_of<error::tape_error>([&] { jacobian(fx, y); }) ==
               "autograd: jacobian: y and input 0 live on different tapes. Record both through one tape.");
    BOOST_CHECK_THROW(hessian(fx, y), error::tape_error);
    BOOST_CHECK_THROW(hessian_vector_product(fx, x, y), error::tape_error);
}

BOOST_AUTO_TEST_CASE(empty_variables_are_refused)
{
    tape t;
    const variable x = t.variable(array{1.0, 2.0});
    const variable nothing;
    const autograd::indices<double> no_indices;
    BOOST_TEST(nothing.empty());
    BOOST_TEST(!x.empty());
    const auto refused = [](auto f) { return text_of<error::tape_error>(f); };
    const std::string text = empty;
    BOOST_TEST(refused([&] { x + nothing; }) == "autograd: add: " + text);
    BOOST_TEST(refused([&] { nothing + x; }) == "autograd: add: " + text);
    BOOST_TEST(refused([&] { where(x, nothing, x); }) == "autograd: where: " + text);
    BOOST_TEST(refused([&] { gradient(nothing, x); }) == "autograd: gradient: " + text);
    BOOST_TEST(refused([&] { gradient(sum(x), nothing); }) == "autograd: gradient: " + text);
    BOOST_TEST(refused([&] { (void)(nothing * nothing); }) == "autograd: multiply: " + text);
    BOOST_TEST(refused([&] { nothing + 1.0; }) == "autograd: add: " + text);
    BOOST_TEST(refused([&] { 2.0 / nothing; }) == "autograd: divide: " + text);
    BOOST_TEST(refused([&] { -nothing; }) == "autograd: negative: " + text);
    BOOST_TEST(refused([&] { (void)(nothing < nothing); }) == "autograd: less: " + text);
    BOOST_TEST(refused([&] { maximum(nothing, nothing); }) == "autograd: maximum: " + text);
    BOOST_TEST(refused([&] { maximum(nothing, array{1.0}); }) == "autograd: maximum: " + text);
    BOOST_TEST(refused([&] { where(nothing, nothing, 1.0); }) == "autograd: where: " + text);
    BOOST_TEST(whole_text_of([&] { (void)(nothing * nothing); }).find("errors.cpp:") != std::string::npos);
    BOOST_TEST(refused([&] { exp(nothing); }) == "autograd: exp: " + text);
    BOOST_TEST(refused([&] { clip(nothing, 0.0, 1.0); }) == "autograd: clip: " + text);
    BOOST_TEST(refused([&] { pow(x, nothing); }) == "autograd: pow: " + text);
    BOOST_TEST(refused([&] { tril(nothing); }) == "autograd: tril: " + text);
    BOOST_TEST(refused([&] { autograd::stop_gradient(nothing); }) == "autograd: stop_gradient: " + text);
    BOOST_TEST(refused([&] { cumsum(nothing); }) == "autograd: cumsum: " + text);
    BOOST_TEST(refused([&] { cumprod(nothing); }) == "autograd: cumprod: " + text);
    BOOST_TEST(refused([&] { equal(no_indices, 1); }) == "autograd: equal: " + text);
    BOOST_TEST(refused([&] { autograd::sum_to(nothing, autograd::shape_vector{}); }) == "autograd: sum_to: " + text);
    // In the name of the operation, not of the shape() that it begins with.
    BOOST_TEST(refused([&] { sum(nothing); }) == "autograd: sum: " + text);
    BOOST_TEST(refused([&] { matmul(x, nothing); }) == "autograd: matmul: " + text);
    BOOST_TEST(refused([&] { matmul(nothing, x); }) == "autograd: matmul: " + text);
    BOOST_TEST(refused([&] { dot(nothing, x); }) == "autograd: dot: " + text);
    BOOST_TEST(refused([&] { outer(x, nothing); }) == "autograd: outer: " + text);
    BOOST_TEST(refused([&] { reshape(nothing, {1}); }) == "autograd: reshape: " + text);
    BOOST_TEST(refused([&] { broadcast(nothing, {1}); }) == "autograd: broadcast: " + text);
    BOOST_TEST(refused([&] { flatten(nothing); }) == "autograd: flatten: " + text);
    BOOST_TEST(refused([&] { expand_dims(nothing, 0); }) == "autograd: expand_dims: " + text);
    BOOST_TEST(refused([&] { squeeze(nothing); }) == "autograd: squeeze: " + text);
    BOOST_TEST(refused([&] { squeeze(nothing, 0); }) == "autograd: squeeze: " + text);
    BOOST_TEST(refused([&] { transpose(nothing); }) == "autograd: transpose: " + text);
    BOOST_TEST(refused([&] { transpose(nothing, {0}); }) == "autograd: transpose: " + text);
    BOOST_TEST(refused([&] { swapaxes(nothing, 0, 1); }) == "autograd: swapaxes: " + text);
    BOOST_TEST(refused([&] { moveaxis(nothing, 0, 1); }) == "autograd: moveaxis: " + text);
    BOOST_TEST(refused([&] { slice(nothing, 0, 0, 1); }) == "autograd: slice: " + text);
    BOOST_TEST(refused([&] { flip(nothing); }) == "autograd: flip: " + text);
    BOOST_TEST(refused([&] { roll(nothing, 1); }) == "autograd: roll: " + text);
    BOOST_TEST(refused([&] { roll(nothing, 1, 0); }) == "autograd: roll: " + text);
    BOOST_TEST(refused([&] { pad(nothing, {{1, 1}}); }) == "autograd: pad: " + text);
    BOOST_TEST(refused([&] { autograd::concatenate({nothing, x}, 0); }) == "autograd: concatenate: " + text);
    BOOST_TEST(refused([&] { autograd::stack({nothing, x}, 0); }) == "autograd: stack: " + text);
    BOOST_TEST(refused([&] { autograd::stack({x, nothing}, 0); }) == "autograd: stack: " + text);
    BOOST_TEST(refused([&] { split(nothing, 2); }) == "autograd: split: " + text);
    BOOST_TEST(refused([&] { tile(nothing, 2); }) == "autograd: tile: " + text);
    BOOST_TEST(refused([&] { repeat(nothing, 2, 0); }) == "autograd: repeat: " + text);
    BOOST_TEST(refused([&] { gather(x, no_indices); }) == "autograd: gather: " + text);
    BOOST_TEST(refused([&] { one_hot(no_indices, 3); }) == "autograd: one_hot: " + text);
    BOOST_CHECK_THROW(nothing.value(), error::tape_error);
    BOOST_CHECK_THROW(nothing.item(), error::tape_error);
    BOOST_CHECK_THROW(nothing.shape(), error::tape_error);
    BOOST_CHECK_THROW(nothing.tape(), error::tape_error);
    BOOST_CHECK_THROW(nothing.name("x"), error::tape_error);
    BOOST_CHECK_THROW(no_indices.value(), error::tape_error);
    BOOST_CHECK_THROW(vjp(x, x, nothing), error::tape_error);
    BOOST_CHECK_THROW(jvp(x, x, nothing), error::tape_error);
}

// An operation that fails leaves the tape as it was.
BOOST_AUTO_TEST_CASE(a_refused_operation_leaves_nothing_behind)
{
    tape t;
    const variable x = t.variable(array{{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}});
    const variable y = t.variable(array{1.0, 2.0});
    const auto i = t.index(integers{7});
    const variable mask = x > 1.0;
    const variable row = t.full({1, 3}, 1.0);
    const auto far = t.index(integers{{0, 7}, {1, 2}});
    const variable steps = round(x);
    const variable energy = sum(x * x);
    const std::size_t before = t.size();
    BOOST_CHECK_THROW(x + y, error::shape_error);
    BOOST_CHECK_THROW(matmul(x, x), error::shape_error);
    BOOST_CHECK_THROW(reshape(x, {4, 2}), error::shape_error);
    BOOST_CHECK_THROW(sum(x, 2), error::shape_error);
    BOOST_CHECK_THROW(gather(x, i), error::index_error);
    BOOST_CHECK_THROW(where(mask, 2.0, y), error::shape_error);
    BOOST_CHECK_THROW(where(row, x, y), error::shape_error);
    BOOST_CHECK_THROW(clip(x, 2.0, 1.0), error::value_error);
    // Operations made of several, of which a later one refuses.
    tape other;
    const variable stranger = other.variable(array{{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}});
    BOOST_TEST(text_of<error::tape_error>([&] { outer(x, stranger); }) == std::string("autograd: outer: ") + different);
    BOOST_TEST(text_of<error::tape_error>(
                   [&] {
                       autograd::stack({x, x, stranger});
                   }) == std::string("autograd: stack: ") + different);
    const std::size_t before_elsewhere = other.size();
    const variable vector = other.variable(array{1.0, 2.0});
    BOOST_CHECK_THROW(matmul(vector, y), error::tape_error);
    BOOST_CHECK_THROW(dot(y, vector), error::tape_error);
    BOOST_CHECK_THROW(outer(y, vector), error::tape_error);
    BOOST_CHECK_THROW(autograd::stack({y, vector}), error::tape_error);
    BOOST_TEST(other.size() == before_elsewhere + 1);
    BOOST_CHECK_THROW(equal(far, autograd::indices<double>()), error::tape_error);
    BOOST_CHECK_THROW(autograd::grad([](auto v) { return exp(v); })(x), error::shape_error);
    BOOST_TEST(text_of<error::shape_error>([&] { dot(x, x); }) ==
               "autograd: dot: a is (2, 3) and b is (2, 3); the columns of a (3) must equal the rows of b (2).");
    BOOST_CHECK_THROW(safe_where(
                          mask, [&](auto v) { return log(v) + y; }, x, 0.0),
                      error::shape_error);
    BOOST_CHECK_THROW(take_along_axis(row, far, 1), error::index_error);
    // Arrays, which become constants first.
    BOOST_CHECK_THROW(x + array({1.0, 2.0}), error::shape_error);
    BOOST_CHECK_THROW(maximum(array({1.0, 2.0}), x), error::shape_error);
    BOOST_CHECK_THROW(matmul(x, array({1.0, 2.0})), error::shape_error);
    BOOST_CHECK_THROW(where(mask, array({1.0, 2.0}), 0.0), error::shape_error);
    BOOST_CHECK_THROW(jacobian(steps, x), error::not_differentiable);
    BOOST_TEST(text_of<error::shape_error>([&] { hessian_vector_product(energy, x, y); }) ==
               "autograd: hessian_vector_product: input 0 has shape (2, 3) and its tangent (2,); they must be equal.");
    BOOST_TEST(
        text_of<error::shape_error>([&] { hessian(x, x); }) ==
        "autograd: hessian: y has shape (2, 3), but a gradient needs a scalar. Use sum(y), or vjp(y, xs, y_bar).");
    BOOST_TEST(t.size() == before);
    autograd::verify(t);
    BOOST_TEST(sum(x).item() == 21.0);
}

// ------------------------------------------------------------------------------------------------ memory exhausted

BOOST_AUTO_TEST_CASE(memory_that_the_machine_does_not_have_is_an_error)
{
    if (!support::memory_can_run_out)
    {
        return;
    }
    constexpr std::size_t count = std::size_t{1} << 44; // 2^47 bytes: all addresses that a process can have
    tape t;
    const variable x = t.variable(2.0);
    const variable huge = broadcast(x, {count});
    const std::size_t before = t.size();
    const std::size_t held = t.memory();
    const auto text = [](const std::string& name)
    {
        return "autograd: " + name + ": 140737488355328 bytes could not be allocated; the tape holds " +
               std::to_string(std::size_t{1} << 16) + ". Clear it, or record less at a time.";
    };
    BOOST_TEST(text_of<error::memory_error>([&] { exp(huge); }) == text("exp"));
    BOOST_TEST(text_of<error::memory_error>([&] { huge + 1.0; }) == text("add"));
    BOOST_TEST(text_of<error::memory_error>([&] { reshape(huge, {-1, 2}); }) == text("reshape"));
    BOOST_TEST(text_of<error::memory_error>([&] { huge.value(); }) == text("tape"));
    // A composite is told in the name of the whole, a part of a function of the user's in its own.
    BOOST_TEST(text_of<error::memory_error>([&] { norm_l1(huge); }) == text("norm_l1"));
    BOOST_TEST(text_of<error::memory_error>([&] { autograd::grad([](variable z) { return sum(exp(z)); })(huge); }) ==
               text("exp"));
    BOOST_CHECK_THROW(where(huge > 0.0, huge, 1.0), error::memory_error);
    BOOST_CHECK_THROW(cumsum(huge, 0), error::memory_error);
    BOOST_CHECK_THROW(variance(huge), error::memory_error);
    BOOST_TEST(t.size() == before);
    BOOST_TEST(t.memory() < held + 10000);
    autograd::verify(t);

    const variable y = x * x;
    BOOST_TEST(gradient(y, x).item() == 4.0);
    t.clear();
    BOOST_TEST(t.variable(array{1.0, 2.0}).size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_huge_broadcast_that_stays_one_takes_no_memory)
{
    constexpr std::size_t count = std::size_t{1} << 44;
    tape t;
    const variable x = t.variable(2.0);
    const variable huge = broadcast(x, {count});
    const variable larger = broadcast(huge, {std::size_t{4}, count});
    BOOST_TEST(larger.size() == 4 * count);
    BOOST_TEST(t.memory() < 100000u);
}

BOOST_AUTO_TEST_SUITE_END()
