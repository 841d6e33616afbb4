// What a program is given, gives and refuses.

#include "support.hpp"

#include "autograd/compile/program.hpp"

#include <algorithm>
#include <random>
#include <thread>

namespace
{

namespace error = autograd::error;
using autograd::compile;
using autograd::program;
using namespace support;

/// A network of two layers with its gradient, compiled: x (3, 2), w (2, 4), v (4), loss and both gradients.
program<double> network()
{
    tape t;
    const variable x = t.variable(array{{1, 2}, {3, 4}, {5, 6}});
    const variable w = t.variable(array{{0.1, -0.2, 0.3, 0.4}, {0.5, 0.6, -0.7, 0.8}});
    const variable v = t.variable(array{1, -1, 0.5, 0.25});
    const variable loss = sum(square(matmul(tanh(matmul(x, w)), v) - 1.0));
    const auto slopes = gradient(loss, {w, v});
    return compile({x, w, v}, {loss, slopes[0], slopes[1]});
}

} // namespace

BOOST_AUTO_TEST_SUITE(compile_program)

BOOST_AUTO_TEST_CASE(the_tape_may_go)
{
    const program<double> f = network();
    const array x{{-1, 0}, {2, 1}, {0.5, 0.5}}, w{{1, 0, 0.5, 0.2}, {0, 1, 0.1, -0.3}}, v{0.5, 1, 2, -1};
    array loss = array::from_shape({}), w_bar = array::from_shape({2, 4}), v_bar = array::from_shape({4});
    auto memory = f.make_workspace();
    f.run({x, w, v}, {loss, w_bar, v_bar}, memory);

    tape t;
    const variable w2 = t.variable(w), v2 = t.variable(v);
    const variable again = sum(square(matmul(tanh(matmul(t.constant(x), w2)), v2) - 1.0));
    const auto slopes = gradient(again, {w2, v2});
    BOOST_TEST(loss() == again.item());
    BOOST_TEST(list(w_bar) == list(slopes[0]), per_element());
    BOOST_TEST(list(v_bar) == list(slopes[1]), per_element());
}

BOOST_AUTO_TEST_CASE(it_tells_its_shapes)
{
    const program<double> f = network();
    BOOST_TEST(f.input_count() == 3u);
    BOOST_TEST(f.output_count() == 3u);
    BOOST_TEST((f.input_shape(1) == extents{2, 4}));
    BOOST_TEST((f.output_shape(0) == extents{}));
    BOOST_TEST(text_of<error::index_error>([&] { f.output_shape(3); }) ==
               "autograd: program: output 3 was asked for; there are 3, counted from 0.");
}

BOOST_AUTO_TEST_CASE(copies_share_workspaces_and_others_do_not)
{
    const program<double> f = network();
    const program<double> copy = f;
    const program<double> other = network();
    const array x = xt::ones<double>({3, 2}), w = xt::ones<double>({2, 4}), v = xt::ones<double>({4});
    array loss = array::from_shape({}), w_bar = w, v_bar = v;
    auto memory = f.make_workspace();
    copy.run({x, w, v}, {loss, w_bar, v_bar}, memory);
    BOOST_TEST(text_of<error::value_error>(
                   [&] {
                       other.run({x, w, v}, {loss, w_bar, v_bar}, memory);
                   }) == "autograd: run: the workspace is of another program; ask this one for one: make_workspace().");
}

BOOST_AUTO_TEST_CASE(threads_run_it_at_the_same_time)
{
    const program<double> f = network();
    const array x = xt::ones<double>({3, 2}), w = xt::ones<double>({2, 4}), v = xt::ones<double>({4});
    std::vector<array> losses(8, array::from_shape({}));
    std::vector<std::thread> threads;
    for (array& loss : losses)
    {
        threads.emplace_back(
            [&]
            {
                array w_bar = w, v_bar = v;
                auto memory = f.make_workspace();
                for (int k = 0; k < 100; ++k)
                {
                    f.run({x, w, v}, {loss, w_bar, v_bar}, memory);
                }
            });
    }
    for (std::thread& each : threads)
    {
        each.join();
    }
    for (const array& loss : losses)
    {
        BOOST_TEST(loss() == losses[0]());
    }
}

// -------------------------------------------------------------------------------------------- outputs of all sorts

BOOST_AUTO_TEST_CASE(an_input_may_be_computed_from_others)
{
    tape t;
    const variable x = t.variable(2.0);
    const variable y = exp(x);
    const variable z = y * y;
    const auto f = compile({y}, {z});
    BOOST_TEST(f.step_count() == 1u);
    array result = array::from_shape({});
    auto memory = f.make_workspace();
    const array three = 3.0;
    f.run({three}, {result}, memory);
    BOOST_TEST(result() == 9.0);
}

BOOST_AUTO_TEST_CASE(outputs_may_be_inputs_constants_and_each_other)
{
    tape t;
    const variable x = t.variable(array{1, 2, 3});
    const variable c = t.constant(array{7, 8});
    const variable y = x * 2.0;
    const auto f = compile({x}, {x, c, y, y, reshape(y, {3, 1}), autograd::broadcast(y, {2, 3}), t.full({2}, 5.0)});
    array same = array::from_shape({3}), kept = array::from_shape({2}), twice = same, again = same;
    array in_column = array::from_shape({3, 1}), repeated = array::from_shape({2, 3}), fives = kept;
    auto memory = f.make_workspace();
    const array given{4, 5, 6};
    f.run({given}, {same, kept, twice, again, in_column, repeated, fives}, memory);
    BOOST_TEST(list(same) == (reals{4, 5, 6}), per_element());
    BOOST_TEST(list(kept) == (reals{7, 8}), per_element());
    BOOST_TEST(list(twice) == (reals{8, 10, 12}), per_element());
    BOOST_TEST(list(again) == (reals{8, 10, 12}), per_element());
    BOOST_TEST(list(in_column) == (reals{8, 10, 12}), per_element());
    BOOST_TEST(list(repeated) == (reals{8, 10, 12, 8, 10, 12}), per_element());
    BOOST_TEST(list(fives) == (reals{5, 5}), per_element());
}

BOOST_AUTO_TEST_CASE(indices_go_in_and_out)
{
    tape t;
    const variable x = t.variable(array{{1, 5, 3}, {9, 2, 4}});
    const auto i = t.index(integers{0, 1});
    const auto f = compile<double>({x, i}, {argmax(x, 1), gather(x, i, 1)});
    autograd::array<std::int64_t> greatest = autograd::array<std::int64_t>::from_shape({2});
    array taken = array::from_shape({2, 2});
    auto memory = f.make_workspace();
    const array given{{3, 2, 1}, {4, 5, 6}};
    const autograd::array<std::int64_t> positions{2, 0};
    f.run({given, positions}, {greatest, taken}, memory);
    BOOST_TEST(greatest(0) == 0);
    BOOST_TEST(greatest(1) == 2);
    BOOST_TEST(list(taken) == (reals{1, 3, 6, 4}), per_element());
}

BOOST_AUTO_TEST_CASE(nothing_is_computed_that_no_output_needs)
{
    tape t;
    const variable x = t.variable(2.0);
    const variable aside = exp(tanh(x));
    const variable y = x * 3.0;
    static_cast<void>(aside);
    BOOST_TEST(compile({x}, {y}).step_count() == 1u);
    BOOST_TEST(compile({x}, std::initializer_list<variable>{}).step_count() == 0u);
}

BOOST_AUTO_TEST_CASE(what_depends_on_no_input_is_kept)
{
    tape t;
    const variable x = t.variable(2.0);
    const variable c = exp(t.constant(array{0, 0}));
    BOOST_TEST(compile({x}, {x * c}).step_count() == 1u);
}

BOOST_AUTO_TEST_CASE(recordings_of_shapes_run_too)
{
    tape t(autograd::recording::shapes);
    const variable x = t.variable(array{0, 0});
    const variable c = t.constant(array{1, 2});
    const auto f = compile({x}, {2.0 * exp(x)});
    array result = array::from_shape({2});
    auto memory = f.make_workspace();
    const array given{0, 1};
    f.run({given}, {result}, memory);
    BOOST_TEST(result(0) == 2.0);
    BOOST_TEST(text_of<error::tape_error>([&] { compile({x}, {x * c}); }) ==
               "autograd: compile: the tape records shapes only, and outputs need the values of this constant. List it "
               "among the inputs, or record on a tape that keeps values.");
}

// ----------------------------------------------------------------------------------------------- memory

BOOST_AUTO_TEST_CASE(the_arena_is_near_its_bound)
{
    const program<double> f = network();
    BOOST_TEST(f.arena_bytes() >= f.arena_lower_bound());
    BOOST_TEST(static_cast<double>(f.arena_bytes()) <= 1.05 * static_cast<double>(f.arena_lower_bound()));
    tape t;
    const variable x = t.variable(array(xt::ones<double>({100})));
    variable y = x;
    for (int k = 0; k < 50; ++k)
    {
        y = tanh(y) * x;
    }
    const auto chain = compile({x}, {y, gradient(sum(y), x)});
    BOOST_TEST(static_cast<double>(chain.arena_bytes()) <= 1.05 * static_cast<double>(chain.arena_lower_bound()));
}

// ----------------------------------------------------------------------------------------------- refusals

BOOST_AUTO_TEST_CASE(what_does_not_fit_is_refused)
{
    const program<double> f = network();
    auto memory = f.make_workspace();
    const array x = xt::ones<double>({3, 2}), w = xt::ones<double>({2, 4}), v = xt::ones<double>({4});
    array loss = array::from_shape({}), w_bar = w, v_bar = v, wide = xt::ones<double>({3, 3});
    const autograd::array<std::int64_t> labels{1, 2, 3, 4};
    const auto refusal = [&](std::initializer_list<autograd::input_array<double>> in,
                             std::initializer_list<autograd::output_array<double>> out)
    { return text_of<error::exception>([&] { f.run(in, out, memory); }); };
    BOOST_TEST(refusal({x, w}, {loss, w_bar, v_bar}) == "autograd: run: 2 inputs were given; the program has 3.");
    BOOST_TEST(refusal({x, w, v}, {loss}) == "autograd: run: 1 outputs were given; the program has 3.");
    BOOST_TEST(refusal({wide, w, v}, {loss, w_bar, v_bar}) ==
               "autograd: run: input 0 has shape (3, 3) and was recorded with (3, 2); a program keeps its shapes. "
               "Compile one for these.");
    BOOST_TEST(refusal({x, w, v}, {loss, wide, v_bar}) ==
               "autograd: run: output 1 has shape (3, 3) and was recorded with (2, 4); a program keeps its shapes. "
               "Compile one for these.");
    BOOST_TEST(refusal({x, w, labels}, {loss, w_bar, v_bar}) ==
               "autograd: run: input 2 holds integers; the program has real numbers there.");
}

BOOST_AUTO_TEST_CASE(what_was_moved_from_is_what_it_was)
{
    program<double> f = network();
    const program<double> g = std::move(f);
    BOOST_TEST(f.input_count() == 3u);
    auto memory = f.make_workspace();
    auto other = std::move(memory);
    memory.forget_constants();
    const array x = xt::ones<double>({3, 2}), w = xt::ones<double>({2, 4}), v = xt::ones<double>({4});
    array loss = array::from_shape({}), w_bar = w, v_bar = v;
    g.run({x, w, v}, {loss, w_bar, v_bar}, other);
    BOOST_CHECK_THROW(g.run({x, w, v}, {loss, w_bar, v_bar}, memory), error::value_error);
    const autograd::borrowed<double> nothing(nullptr, autograd::shape_vector{3, 2});
    BOOST_TEST(text_of<error::value_error>(
                   [&] {
                       g.run({nothing, w, v}, {loss, w_bar, v_bar}, other);
                   }) == "autograd: run: input 0 is a null pointer; the program has (3, 2) there.");
}

// Sums of two that are equal in sum meet in no hash.
BOOST_AUTO_TEST_CASE(compiling_is_linear)
{
    tape t;
    const variable x = t.variable(0.5);
    variable y = x;
    for (int k = 0; k < 80'000; ++k)
    {
        y = exp(y * -1.0);
    }
    const auto f = compile({x}, {y, gradient(y, x)}); // took half a minute
    BOOST_TEST(f.step_count() > 160'000u);
}

BOOST_AUTO_TEST_CASE(bytes_that_cannot_be_counted_are_refused)
{
    tape t(autograd::recording::shapes);
    const variable x = t.placeholder(autograd::shape_vector{0, std::size_t{1} << 58});
    variable s = sum(x, {0}), total = s;
    for (int k = 0; k < 7; ++k)
    {
        s = cumsum(s, 0);
        total = total * s;
    }
    BOOST_CHECK_THROW(compile({x}, {gradient(sum(total), x)}), error::exception);
}

BOOST_AUTO_TEST_CASE(memory_that_is_given_twice_is_refused)
{
    const program<double> f = network();
    auto memory = f.make_workspace();
    std::vector<double> block(100, 1.0);
    const auto in = [&](std::size_t first, std::initializer_list<autograd::integer> shape)
    { return autograd::input_array<double>(autograd::borrow(block.data() + first, shape)); };
    const auto out = [&](std::size_t first, const autograd::shape_vector& shape)
    { return autograd::output_array<double>(block.data() + first, shape); };
    const auto run = [&](std::size_t w_bar, std::size_t v_bar) {
        f.run({in(0, {3, 2}), in(10, {2, 4}), in(20, {4})}, {out(30, {}), out(w_bar, {2, 4}), out(v_bar, {4})}, memory);
    };
    run(31, 39); // side by side
    BOOST_TEST(text_of<error::value_error>([&] { run(12, 39); }) ==
               "autograd: run: output 1 and input 1 overlap in memory; each output needs memory of its own, but for "
               "one that replaces an input (the option "
               "replaces).");
    BOOST_TEST(text_of<error::value_error>([&] { run(31, 38); }) ==
               "autograd: run: output 2 and output 1 overlap in memory; each output needs memory of its own, but for "
               "one that replaces an input (the option "
               "replaces).");
}

BOOST_AUTO_TEST_CASE(memory_is_refused_where_any_two_overlap_of_which_one_is_an_output)
{
    tape t;
    const variable x = t.variable(array{1, 2}), y = t.variable(array{3, 4, 5}), z = t.variable(array{6});
    const auto f = compile({x, y, z}, {x + 1.0, sum(y), 2.0 * x}, {.replaces = {{2, 0}}});
    const std::size_t sizes[] = {2, 3, 1, 2, 1}; // of inputs, and of the outputs that replace none
    std::mt19937 numbers(7);
    std::size_t refused = 0;
    for (int k = 0; k < 2000; ++k)
    {
        auto memory = f.make_workspace();
        std::vector<double> block(40, 1.0);
        std::size_t first[5];
        std::generate(std::begin(first), std::end(first), [&] { return numbers() % 30; });
        bool overlap = false;
        for (std::size_t a = 0; a < 5; ++a)
        {
            for (std::size_t b = 0; b < a; ++b)
            {
                const bool is_written = a >= 3 || b == 0; // input 0 is output 2, too
                overlap = overlap || (is_written && first[a] < first[b] + sizes[b] && first[b] < first[a] + sizes[a]);
            }
        }
        const auto in = [&](std::size_t a) {
            return autograd::input_array<double>(
                autograd::borrow(block.data() + first[a], {autograd::integer(sizes[a])}));
        };
        bool is_refused = false;
        try
        {
            f.run({in(0), in(1), in(2)},
                  {{block.data() + first[3], {2}}, {block.data() + first[4], {}}, {block.data() + first[0], {2}}},
                  memory);
        }
        catch (const error::value_error&)
        {
            is_refused = true;
        }
        BOOST_TEST_REQUIRE(is_refused == overlap);
        refused += is_refused;
    }
    BOOST_TEST(refused > 500u);
    BOOST_TEST(refused < 1900u);
}

BOOST_AUTO_TEST_CASE(compile_refuses_as_recording_does)
{
    tape t, other;
    const variable x = t.variable(2.0), y = other.variable(3.0);
    BOOST_TEST(text_of<error::value_error>(
                   [&] {
                       compile({x, x}, {x * x});
                   }) == "autograd: compile: input 1 is input 0 again; list each variable once.");
    BOOST_TEST(text_of<error::tape_error>([&] { compile({x}, {y}); }) ==
               "autograd: compile: operands live on different tapes. Record both through one tape, or pass the value: "
               "tape.constant(x.value()).");
    BOOST_TEST(text_of<error::tape_error>([&] { compile({variable()}, {x}); }).substr(0, 18) == "autograd: compile:");
}

// Else a program would give what was right for other values.
BOOST_AUTO_TEST_CASE(what_was_computed_beside_the_tape_is_refused)
{
    tape t;
    const variable x = t.variable(2.0), w = t.variable(3.0);
    const array rows{1, 2, 3};
    const variable total =
        sum_over_blocks(autograd::blocks_of_rows(2, rows), w, [](auto p, auto r) { return sum(p * r); });
    BOOST_TEST(text_of<error::value_error>(
                   [&] {
                       compile({x, w}, {total * x});
                   }) ==
               "autograd: compile: what sum_over_blocks gave was computed beside the tape, of values that depend on an "
               "input; a program cannot compute it again. Record it as operations on one tape.");
    BOOST_TEST(compile({x}, {total * x}).step_count() == 1u); // it depends on no input
    BOOST_TEST(text_of<error::value_error>([&] { compile({w}, {jvp(total, w, w)}); }).find("was computed beside") !=
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_a_function_or_a_rule_read_is_refused)
{
    const auto refusal = [](auto f)
    {
        tape t;
        const variable x = t.variable(array{2, 3});
        const variable y = f(x);
        const std::string of_value = text_of<error::exception>([&] { compile({x}, {y}); });
        const std::string of_slope = text_of<error::exception>([&] { compile({x}, {gradient(sum(y), x)}); });
        return std::pair(of_value, of_slope);
    };
    const std::string refused =
        "autograd: compile: the function or the rule of a custom_vjp read values that depend on an input; a program "
        "cannot do so for others. Compute with recorded operations.";
    const std::string compiled = text_of<error::exception>([] {});
    const auto squared = [](auto x) { return square(x); };
    const auto by_values = [](auto x, auto, auto g) { return g * (2.0 * x.value()); };
    BOOST_TEST((refusal(autograd::custom_vjp(squared, [](auto x, auto, auto g) { return g * 2.0 * x; })) ==
                std::pair(compiled, compiled)));
    const std::string of_reading = refusal(autograd::custom_vjp(squared, by_values)).second;
    BOOST_TEST(of_reading.find("what values_read gave was computed beside the tape") != std::string::npos);
    BOOST_TEST(
        (refusal(autograd::custom_vjp(squared, by_values, autograd::first_order)) == std::pair(compiled, refused)));
    const auto beside = [](auto x) { return x.tape().constant(xt::eval(x.value() * x.value())); };
    BOOST_TEST((refusal(autograd::custom_vjp(beside, [](auto x, auto, auto g) { return g * 2.0 * x; })) ==
                std::pair(refused, compiled))); // the rule does without
    const auto of_positions = [](auto x, auto, auto g)
    {
        const auto i = argmax(x);
        return g * x.tape().constant(static_cast<double>(i.item()));
    };
    BOOST_TEST((refusal(autograd::custom_vjp(squared, of_positions)) == std::pair(compiled, refused)));
}

// Indices of parts whose values no output needs are checked where what flows into them is put in its place.
BOOST_AUTO_TEST_CASE(indices_of_assembled_parts_are_checked)
{
    tape t;
    const variable x = t.variable(array{1, 2, 3, 4, 5}), w = t.constant(array{10, 20});
    const auto i = t.index(integers{0, 1}), j = t.index(integers{3, 1});
    const variable y = sum(gather(x, i) * w) + sum(take_along_axis(x, j, 0) * w);
    const auto f = compile<double>({i, j}, {gradient(y, x)});
    auto memory = f.make_workspace();
    array slope = array::from_shape({5});
    const autograd::array<std::int64_t> inside{1, -1}, outside{1000, 0};
    f.run({inside, inside}, {slope}, memory);
    BOOST_TEST(list(slope) == (reals{0, 20, 0, 0, 40}), per_element());
    BOOST_CHECK_THROW(f.run({outside, inside}, {slope}, memory), error::index_error);
    BOOST_CHECK_THROW(f.run({inside, outside}, {slope}, memory), error::index_error);
}

BOOST_AUTO_TEST_CASE(values_that_an_operation_refuses_are_refused_with_its_line)
{
    tape t;
    const variable x = t.variable(array{1, 5, 3});
    const auto i = t.index(integers{0, 2});
    const auto f = compile<double>({x, i}, {gather(x, i)});
    const int line = __LINE__ - 1;
    auto memory = f.make_workspace();
    array result = array::from_shape({2});
    const array given{1, 2, 3};
    const autograd::array<std::int64_t> outside{0, 7};
    try
    {
        f.run({given, outside}, {result}, memory);
        BOOST_ERROR("nothing was thrown");
    }
    catch (const error::index_error& e)
    {
        BOOST_TEST(e.where().line == static_cast<std::uint32_t>(line));
        BOOST_TEST(std::string(e.what()).find("autograd: gather: index 7 at position (1)") == 0u);
    }
}

BOOST_AUTO_TEST_SUITE_END()
