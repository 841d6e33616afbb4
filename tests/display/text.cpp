// Listings, as they are printed.

#include "tests/display/support.hpp"

#include <array>
#include <limits>

namespace
{

using autograd::recording;
using autograd::to_dot;
using autograd::to_latex;
using autograd::to_text;
using support::array;
using support::ones;
using support::small_program;
using support::tape;
using support::text;
using support::variable;

} // namespace

BOOST_AUTO_TEST_SUITE(display)

BOOST_AUTO_TEST_CASE(a_program_reads_like_one)
{
    tape tape;
    BOOST_TEST(to_text(small_program(tape)) == text(R"(
x  = constant             (300, 2)
w  = variable             (2, 3)
%1 = matmul(x, w)         (300, 3)
%2 = tanh(%1)             (300, 3)
%3 = sum(%2) axes {0, 1}  ()
)"));
}

BOOST_AUTO_TEST_CASE(the_listing_does_not_depend_on_the_order_of_recording)
{
    tape tape;
    const auto x = tape.variable(2.0).name("x");
    const auto y = tape.variable(3.0).name("y");
    const auto left_first = exp(x);
    const auto one_way = left_first - tanh(y);
    const auto right_first = tanh(y);
    const auto other_way = exp(x) - right_first;
    const auto expected = text(R"(
x  = variable          ()
y  = variable          ()
%1 = exp(x)            ()
%2 = tanh(y)           ()
%3 = subtract(%1, %2)  ()
)");
    BOOST_TEST(to_text(one_way) == expected);
    BOOST_TEST(to_text(other_way) == expected);
    BOOST_TEST(to_latex(one_way) == to_latex(other_way));
    BOOST_TEST(to_dot(one_way) == to_dot(other_way));
}

BOOST_AUTO_TEST_CASE(names_stay_apart_and_cannot_be_mistaken)
{
    tape tape;
    const auto nameless = tape.variable(1.0);
    const auto first = tape.variable(1.0).name("w");
    const auto second = tape.variable(1.0).name("w");
    const auto dotted = [&]
    {
        const auto scope = tape.scope("encoder");
        return tape.variable(1.0).name("w");
    }();
    const auto number = tape.variable(1.0).name("%1");
    const auto odd = tape.variable(1.0).name("a \"b\"\\\n");
    const auto greek = tape.variable(1.0).name("λ");
    const auto y = (nameless * first * second * dotted * number * odd * greek).name("product");
    BOOST_TEST(to_text(y) == text(R"(
%1            = variable                     ()
w             = variable                     ()
w#2           = variable                     ()
encoder.w     = variable                     ()
"%1"          = variable                     ()
"a \"b\"\\\n" = variable                     ()
λ             = variable                     ()
%2            = multiply(%1, w)              ()
%3            = multiply(%2, w#2)            ()
%4            = multiply(%3, encoder.w)      ()
%5            = multiply(%4, "%1")           ()
%6            = multiply(%5, "a \"b\"\\\n")  ()
product       = multiply(%6, λ)              ()
)"));
}

BOOST_AUTO_TEST_CASE(numbers_stand_where_they_are_used)
{
    tape tape;
    const auto x = tape.variable(ones({2, 3})).name("x");
    BOOST_TEST(to_text(2.5 * x - 1e-5) == text(R"(
x  = variable             (2, 3)
%1 = multiply(2.5, x)     (2, 3)
%2 = subtract(%1, 1e-05)  (2, 3)
)"));
    BOOST_TEST(to_text(matmul(x, tape.full(autograd::shape_vector{3, 4}, 0.5))) == text(R"(
x  = variable                      (2, 3)
%1 = matmul(x, full(0.5, (3, 4)))  (2, 4)
)"));
    const auto eps = tape.full({}, 1e-8).name("eps");
    BOOST_TEST(to_text(x + eps) == text(R"(
x   = variable        (2, 3)
eps = full(1e-08)     ()
%1  = broadcast(eps)  (2, 3)
%2  = add(x, %1)      (2, 3)
)"));
    BOOST_TEST(to_text(tape.full(autograd::shape_vector{2}, std::numeric_limits<double>::infinity())) == text(R"(
%1 = full(inf)  (2,)
)"));

    autograd::tape<float> single;
    BOOST_TEST(to_text(single.variable(1.0f).name("x") * 0.1f) == text(R"(
x  = variable          ()
%1 = multiply(x, 0.1)  ()
)"));
}

BOOST_AUTO_TEST_CASE(derivatives_of_elementwise_operations_are_primed)
{
    tape tape;
    const auto x = tape.variable(ones({3})).name("x");
    const auto w = tape.variable(ones({3})).name("w");
    const auto g = tape.constant(ones({3})).name("g");
    const auto dw = vjp(tanh(x / w), w, g);
    BOOST_TEST(to_text(dw) == text(R"(
w  = variable             (3,)
x  = variable             (3,)
g  = constant             (3,)
%1 = divide(x, w)         (3,)
%2 = tanh'(%1, g)         (3,)
%3 = divide'2(w, %1, %2)  (3,)
)"));
    BOOST_TEST(to_text(dw, {.expand_pulls = true}) == text(R"(
g  = constant          (3,)
x  = variable          (3,)
w  = variable          (3,)
%1 = divide(x, w)      (3,)
%2 = tanh_slope(%1)    (3,)
%3 = multiply(g, %2)   (3,)
%4 = divide(%3, w)     (3,)
%5 = negative(%4)      (3,)
%6 = multiply(%5, %1)  (3,)
)"));
    BOOST_TEST(to_text(vjp(clip(x, -1.0, 1.0), x, g)) == text(R"(
x  = variable                  (3,)
g  = constant                  (3,)
%1 = clip'(x, g) from -1 to 1  (3,)
)"));
}

BOOST_AUTO_TEST_CASE(several_outputs_are_returned)
{
    tape tape;
    const auto x = tape.variable(2.0).name("x");
    const auto w = tape.variable(3.0).name("w");
    const auto y = x * w;
    const auto expected = text(R"(
x  = variable        ()
w  = variable        ()
%1 = multiply(x, w)  ()
return %1, w
)");
    const std::vector<variable> as_vector = {y, w};
    BOOST_TEST(to_text({y, w}) == expected);
    BOOST_TEST(to_text(as_vector) == expected);
    BOOST_TEST(to_text(std::array{y, w}) == expected);
    BOOST_TEST(to_text(std::span(as_vector)) == expected);
    BOOST_TEST(to_text({y}) == to_text(y));
    BOOST_TEST(to_text(std::vector<variable>()) == "");
    BOOST_TEST(to_latex(std::vector<variable>()) == "");
}

BOOST_AUTO_TEST_CASE(source_lines_and_values_stand_behind)
{
    tape tape;
    const auto at = [](int line) { return autograd::location{"/somewhere/moons.cpp", line}; };
    const auto x = tape.variable(array{{1.0 / 3.0, 2.0 / 3.0}, {-1e-9, -2e-9}}, at(7)).name("x");
    const auto b = tape.variable(support::column({2.0, -1.0}), at(41)).name("b");
    const auto y = matmul(x, b, at(42));
    const auto z = tanh(y, at(43));
    const auto label = argmax(x, 1, at(100));
    BOOST_TEST(to_text({z, y}, {.source_lines = true}) == text(R"(
x  = variable      (2, 2)  # moons.cpp:7
b  = variable      (2, 1)  # moons.cpp:41
%1 = matmul(x, b)  (2, 1)  # moons.cpp:42
%2 = tanh(%1)      (2, 1)  # moons.cpp:43
return %2, %1
)"));
    BOOST_TEST(to_text(label, {.values = true}) == text(R"(
x  = variable          (2, 2)  [[0.3333333333333333, 0.6666666666666666], [-1e-09, ...]]
%1 = argmax(x) axis 1  (2,)    [1, 0]
)"));
    BOOST_TEST(to_text(vjp(z, y, b), {.expand_pulls = true, .source_lines = true, .values = true}) == text(R"(
b  = variable         (2, 1)  [[2], [-1]]                                                # moons.cpp:41
x  = variable         (2, 2)  [[0.3333333333333333, 0.6666666666666666], [-1e-09, ...]]  # moons.cpp:7
%1 = matmul(x, b)     (2, 1)  [[0], [0]]                                                 # moons.cpp:42
%2 = tanh_slope(%1)   (2, 1)                                                             # moons.cpp:43
%3 = multiply(b, %2)  (2, 1)  [[2], [-1]]                                                # moons.cpp:43
)"));
    const auto many = tape.variable(array(xt::arange<double>(24).reshape({2, 3, 4})));
    const auto row = broadcast(tape.variable(array{1.0, 2.0}), {3, 2});
    BOOST_TEST(to_text({many, reshape(many, {24}), row, tape.variable(ones({0, 2})), tape.variable(ones({1, 1}))},
                       {.values = true}) == text(R"(
%1 = variable       (2, 3, 4)  [[[0, 1, 2, 3], [4, 5, ...]]]
%2 = variable       (2,)       [1, 2]
%3 = variable       (0, 2)     []
%4 = variable       (1, 1)     [[1]]
%5 = reshape(%1)    (24,)      [0, 1, 2, 3, 4, 5, ...]
%6 = broadcast(%2)  (3, 2)     [[1, 2], [1, 2], [1, 2]]
return %1, %5, %6, %3, %4
)"));
}

BOOST_AUTO_TEST_CASE(shapes_and_indices_are_enough)
{
    tape tape(recording::shapes);
    const auto x = tape.variable(ones({4, 3})).name("x");
    const auto i = tape.index(support::integers{0, 2, 2});
    const auto y = 2.0 * gather(x, i, 0);
    const auto g = tape.constant(ones({3, 3})).name("g");
    BOOST_TEST(to_text({y, vjp(y, x, g)}, {.values = true}) == text(R"(
x  = variable                            (4, 3)
%1 = index                               (3,)
g  = constant                            (3, 3)
%2 = gather(x, %1) axis 0                (3, 3)
%3 = multiply(2, %2)                     (3, 3)
%4 = multiply(g, 2)                      (3, 3)
%5 = scatter(%4, %1) axis 0 of length 4  (4, 3)
return %3, %5
)"));
    BOOST_TEST(to_latex({y, vjp(y, x, g)}) == text(R"(
\begin{aligned}
y_{1} &= 2 \cdot \operatorname{gather}_{\mathrm{axis~0}}(x, i) \\
y_{2} &= \operatorname{scatter}_{\mathrm{axis~0~of~length~4}}(g \cdot 2, i)
\end{aligned})"));
    BOOST_TEST(to_text(i) == "%1 = index  (3,)\n");
    BOOST_TEST(to_dot(i).find(R"-(n0 [label="index\n(3,)", shape=box, peripheries=2])-") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_long_line_leaves_the_columns_in_place)
{
    tape tape;
    const auto x = tape.variable(ones({1})).name("x");
    std::vector<variable> many;
    for (int k = 0; k < 30; ++k)
    {
        many.push_back(x);
    }
    BOOST_TEST(to_text(tanh(autograd::concatenate(many, 0))) == text(R"(
x  = variable  (1,)
%1 = concatenate(x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x) axis 0  (30,)
%2 = tanh(%1)  (30,)
)"));
}

BOOST_AUTO_TEST_SUITE_END()
