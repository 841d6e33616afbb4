// Outputs that are written where inputs are read, and inputs that stay what they are.

#include "support.hpp"

#include "autograd/compile/decode.hpp"
#include "autograd/compile/program.hpp"
#include "autograd/compile/show.hpp"

#include <algorithm>
#include <limits>

namespace
{

namespace error = autograd::error;
using autograd::compile;
using autograd::program;
using namespace support;

/// Numbers of their own in each array.
std::vector<array> numbered(std::size_t count)
{
    std::vector<array> arrays;
    for (std::size_t k = 0; k < count; ++k)
    {
        arrays.push_back(array{1.0 + 10.0 * static_cast<double>(k), 2.0, 3.0 * static_cast<double>(k)});
    }
    return arrays;
}

/// Runs a program of which output k replaces input k.
void run_in_place(const program<double>& f, std::vector<array>& arrays)
{
    const std::vector<autograd::input_array<double>> inputs(arrays.begin(), arrays.end());
    const std::vector<autograd::output_array<double>> outputs(arrays.begin(), arrays.end());
    auto memory = f.make_workspace();
    f.run(inputs, outputs, memory);
}

std::vector<autograd::replacement> each_in_place(std::size_t count)
{
    std::vector<autograd::replacement> result;
    for (std::size_t k = 0; k < count; ++k)
    {
        result.push_back({k, k});
    }
    return result;
}

} // namespace

BOOST_AUTO_TEST_SUITE(compile_replacements)

BOOST_AUTO_TEST_CASE(inputs_change_places_in_all_ways)
{
    std::vector<std::size_t> order{0, 1, 2, 3};
    do
    {
        tape t;
        std::vector<autograd::handle<double>> x, y;
        for (const array& each : numbered(4))
        {
            x.push_back(t.variable(each));
        }
        for (std::size_t k : order)
        {
            y.push_back(x[k]);
        }
        const auto f = compile<double>(x, y, {.replaces = each_in_place(4)});
        std::vector<array> arrays = numbered(4);
        run_in_place(f, arrays);
        for (std::size_t k = 0; k < 4; ++k)
        {
            BOOST_TEST(list(arrays[k]) == list(numbered(4)[order[k]]), per_element());
        }
    } while (std::next_permutation(order.begin(), order.end()));
}

BOOST_AUTO_TEST_CASE(all_is_read_before_it_is_replaced)
{
    for (const std::size_t tile : {0u, 2u})
    {
        tape t;
        const variable a = t.variable(array{1, 2, 3}), b = t.variable(array{4, 5, 6}), c = t.variable(array{7, 8, 9});
        const variable a2 = b * 2.0, b2 = a + c, c2 = a * b * c;
        const auto f = compile({a, b, c}, {a2, b2, c2}, {.replaces = each_in_place(3), .tile = tile});
        std::vector<array> arrays{array{1, 2, 3}, array{4, 5, 6}, array{7, 8, 9}};
        run_in_place(f, arrays);
        BOOST_TEST(list(arrays[0]) == (reals{8, 10, 12}), per_element());
        BOOST_TEST(list(arrays[1]) == (reals{8, 10, 12}), per_element());
        BOOST_TEST(list(arrays[2]) == (reals{28, 80, 162}), per_element());
    }
}

// A step that writes where the tile before it was read has written that tile only.
BOOST_AUTO_TEST_CASE(tiles_are_replaced_one_by_one)
{
    tape t;
    const variable x = t.variable(array(xt::linspace(0.0, 1.0, 3000)));
    const variable y = exp(x) * 2.0;
    for (const std::size_t tile : {0u, 7u})
    {
        const auto f = compile({x}, {y}, {.replaces = {{0, 0}}, .tile = tile});
        autograd::detail::verify(f.what());
        BOOST_TEST(to_text(f).find("multiply") != std::string::npos);
        array in_place = x.value();
        auto memory = f.make_workspace();
        f.run({in_place}, {in_place}, memory);
        BOOST_TEST(list(in_place) == list(y), per_element());
    }
}

// The last step that reads an input writes in its place, where it reads each element before it writes it.
BOOST_AUTO_TEST_CASE(what_is_read_last_is_replaced_where_it_is)
{
    tape t;
    const variable w = t.variable(array(xt::linspace(-1.0, 1.0, 3001))), rate = t.variable(0.25);
    const variable single = t.variable(array{0.5}), m = t.variable(array(xt::linspace(0.0, 2.0, 3001)));
    for (const variable& next :
         {w - rate * tanh(w), w * w, exp(w), -w, rate - w, w + single, leaky_relu(w, 0.1) * rate, where(w > 0, w, m)})
    {
        for (const std::size_t tile : {0u, 7u})
        {
            const auto f = compile({w, rate, single, m}, {next, exp(single), sum(m)},
                                   {.replaces = {{0, 0}, {1, 2}}, .tile = tile});
            autograd::detail::verify(f.what());
            BOOST_TEST(f.what().copies.empty());
            array in_place = w.value(), one = single.value(), total = 0.0;
            const array by = rate.value(), other = m.value();
            auto memory = f.make_workspace();
            f.run({in_place, by, one, other}, {in_place, one, total}, memory);
            BOOST_TEST(list(in_place) == list(next), per_element());
            BOOST_TEST(one(0) == std::exp(0.5));
        }
    }
}

BOOST_AUTO_TEST_CASE(what_is_read_in_another_order_or_later_is_copied)
{
    tape t;
    const variable w = t.variable(array{{1, 2}, {3, 4}}), x = t.variable(array{{5, 6}, {7, 8}});
    const variable next = w - tanh(x), other = exp(x);
    struct outputs
    {
        variable y, beside;
        std::size_t copies;
    };
    for (const auto& [y, beside, copies] : std::vector<outputs>{{transpose(w), other, 1},
                                                                {cumsum(w, 0), other, 1},
                                                                {matmul(w, w), other, 1},
                                                                {w - slice(w, 0, 0, 1), other, 1},
                                                                {next, exp(w * next), 1},
                                                                {next, w, 2}})
    {
        const auto f = compile({w, x}, {y, beside}, {.replaces = {{0, 0}}});
        autograd::detail::verify(f.what());
        BOOST_TEST(f.what().copies.size() == copies);
        array in_place = w.value(), apart = x.value();
        const array given = x.value();
        auto memory = f.make_workspace();
        f.run({in_place, given}, {in_place, apart}, memory);
        BOOST_TEST(list(in_place) == list(y), per_element());
        BOOST_TEST(list(apart) == list(beside), per_element());
    }
}

BOOST_AUTO_TEST_CASE(a_part_is_read_before_the_whole_is_replaced)
{
    tape t;
    const array numbers(xt::reshape_view(xt::linspace(0.5, 1.5, 3 * 700), {3, 700}));
    const variable w = t.variable(numbers);
    const auto row = [&](int k) { return slice(w, 0, k, k + 1); };
    const variable number = reshape(slice(row(1), 1, 4, 5), autograd::shape_vector{});
    for (const variable& next : {w - row(0), w * number, w / row(2) - number, tanh(row(1)) * w + row(1),
                                 exp(w - row(2)) * (w + sum(row(0) * w, 0))})
    {
        for (const std::size_t tile : {0u, 7u, 64u})
        {
            const auto f = compile({w}, {next}, {.replaces = {{0, 0}}, .tile = tile});
            autograd::detail::verify(f.what());
            array in_place = numbers;
            auto memory = f.make_workspace();
            f.run({in_place}, {in_place}, memory);
            BOOST_TEST(list(in_place) == list(next), per_element());
        }
    }
}

BOOST_AUTO_TEST_CASE(an_element_of_what_is_replaced_is_read_in_a_pair)
{
    for (const int place : {0, 3})
    {
        tape t;
        const variable w = t.variable(array{1, 2, 3, 4}), z = t.variable(array{5, 6, 7, 8});
        const variable u = z * slice(w, 0, place, place + 1) + z;
        const auto f = compile({w, z}, {u}, {.reassociate = false, .replaces = {{0, 0}}});
        autograd::detail::verify(f.what());
        array in_place = w.value();
        const array beside = z.value();
        auto memory = f.make_workspace();
        f.run({in_place, beside}, {in_place}, memory);
        BOOST_TEST(list(in_place) == list(u), per_element());
    }
}

// What is computed of an input for an output alone does not keep it from being replaced where it is.
BOOST_AUTO_TEST_CASE(what_waits_reads_before_it_is_replaced)
{
    tape t;
    const variable x = t.variable(array(xt::linspace(0.0, 1.0, 3000))),
                   y = t.variable(array(xt::linspace(1.0, 2.0, 3000)));
    const variable statistic = slice(x, 0, 3, 4) * 2.0, next = x - 0.1 * tanh(y) * sum(exp(y));
    const auto f = compile({x, y}, {statistic, next}, {.replaces = {{1, 0}}});
    autograd::detail::verify(f.what());
    BOOST_TEST(f.what().copies.empty());
}

// A loop over a part would come to what it has written in the place of the whole.
BOOST_AUTO_TEST_CASE(a_shifted_part_is_read_before_the_whole_is_replaced)
{
    for (const std::size_t first : {0u, 5u, 100u})
    {
        for (const std::size_t tile : {0u, 16u})
        {
            tape t;
            const variable w = t.variable(array(xt::arange<double>(0, 200) * 0.01));
            const variable y = tanh(slice(w, 0, first, first + 100)), u = w * 2.0;
            const auto f = compile({w}, {y, u}, {.reassociate = false, .replaces = {{1, 0}}, .tile = tile});
            autograd::detail::verify(f.what());
            array in_place = w.value(), beside = y.value();
            auto memory = f.make_workspace();
            f.run({in_place}, {beside, in_place}, memory);
            BOOST_TEST(list(in_place) == list(u), per_element());
            BOOST_TEST(list(beside) == list(y), per_element());
        }
    }
}

BOOST_AUTO_TEST_CASE(products_are_added_where_a_matrix_is)
{
    const array a(xt::reshape_view(xt::linspace(-1.0, 1.0, 1296), {36, 36})), b = xt::transpose(a);
    tape t;
    const variable w = t.variable(a), x = t.variable(b), rate = t.variable(0.125);
    const auto check = [&](const variable& next, std::size_t copies)
    {
        const auto f = compile({w, x, rate}, {next}, {.replaces = {{0, 0}}});
        autograd::detail::verify(f.what());
        BOOST_TEST(to_text(f).find("matmul_update") != std::string::npos);
        BOOST_TEST(f.what().copies.size() == copies);
        array in_place = a;
        const array by = 0.125;
        auto memory = f.make_workspace();
        f.run({in_place, b, by}, {in_place}, memory);
        for (std::size_t k = 0; k < a.size(); ++k)
        {
            BOOST_REQUIRE_SMALL(in_place.data()[k] - next.data()[k], 1e-12);
        }
    };
    check(w - rate * matmul(x, x), 0);
    check(w - 0.125 * matmul(transpose(x), x), 0);
    check(w - rate * matmul(w, x), 1); // which is read as a factor, too
    check(w + matmul(x, w), 1);
    check(tanh(w) - rate * matmul(x, x), 0);
    check(tanh(w) - rate * matmul(x, w), 1);

    const variable next = w - rate * matmul(x, x), later = sum(w * matmul(next, x));
    const auto f = compile({w, x, rate}, {next, later}, {.replaces = {{0, 0}}});
    autograd::detail::verify(f.what());
    BOOST_TEST(f.step_count() == 4u); // each once
    BOOST_TEST(f.what().copies.size() == 1u);
}

// An update does not wait for those that were recorded before it: what it reads would be kept.
BOOST_AUTO_TEST_CASE(products_are_added_as_soon_as_they_can)
{
    constexpr std::size_t layers = 6;
    const std::size_t bytes = 36 * 36 * sizeof(double);
    tape t;
    std::vector<autograd::handle<double>> inputs, outputs;
    std::vector<variable> weights;
    std::vector<array> arrays(layers, array(xt::reshape_view(xt::linspace(-0.25, 0.25, 1296), {36, 36})));
    for (const array& each : arrays)
    {
        weights.push_back(t.variable(each));
        inputs.push_back(weights.back());
    }
    variable y = t.constant(arrays[0]);
    for (const variable& w : weights)
    {
        y = relu(matmul(y, w));
    }
    const std::vector<variable> slopes = gradient(sum(y), weights);
    for (std::size_t k = 0; k < layers; ++k)
    {
        outputs.push_back(weights[k] - 0.5 * slopes[k]);
    }
    const auto f = compile<double>(inputs, outputs, {.replaces = each_in_place(layers)});
    autograd::detail::verify(f.what());
    BOOST_TEST(f.what().copies.empty());
    BOOST_TEST(f.arena_bytes() <= (layers + 3) * bytes); // what each layer gives, and of one its slopes
    run_in_place(f, arrays);
    for (std::size_t k = 0; k < layers; ++k)
    {
        const variable wanted(outputs[k]);
        for (std::size_t i = 0; i < arrays[k].size(); ++i)
        {
            BOOST_REQUIRE_SMALL(arrays[k].data()[i] - wanted.data()[i], 1e-12);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_program_that_writes_over_what_it_reads_is_wrong)
{
    tape t;
    const variable w = t.variable(array{{1, 2}, {3, 4}});
    const std::vector<autograd::handle<double>> inputs{w}, outputs{matmul(w, w)};
    autograd::detail::compiled<double> what(inputs, outputs, {.replaces = {{0, 0}}});
    autograd::detail::verify(what);
    what.computed_in[what.steps[0].value] = 0;
    what.copies.clear();
    const std::string text = text_of<error::tape_error>([&] { autograd::detail::verify(what); });
    BOOST_TEST(text.find("the result of matmul is written over operand 0, which it reads; the program is wrong.") !=
                   std::string::npos,
               text);
}

BOOST_AUTO_TEST_CASE(outputs_that_share_memory_replace_several)
{
    tape t;
    const variable a = t.variable(array{1, 2}), b = t.variable(array{3, 4});
    const variable sum = a + b;
    const auto f = compile({a, b}, {sum, sum, a}, {.replaces = {{0, 0}, {1, 1}}});
    array x{1, 2}, y{3, 4}, old{0, 0};
    auto memory = f.make_workspace();
    f.run({x, y}, {x, y, old}, memory);
    BOOST_TEST(list(x) == (reals{4, 6}), per_element());
    BOOST_TEST(list(y) == (reals{4, 6}), per_element());
    BOOST_TEST(list(old) == (reals{1, 2}), per_element());
}

BOOST_AUTO_TEST_CASE(a_refusal_replaces_nothing)
{
    tape t;
    const variable w = t.variable(array{1, 2}), rate = t.variable(0.5);
    const auto i = t.index(integers{0, 1});
    const variable w2 = w - rate * w;
    const variable taken = gather(w, i); // refuses values when w2 was computed
    require(rate > 0, "the rate must be positive.");
    const variable loss = sum(taken);
    const auto f = compile<double>({w, rate, i}, {w2, loss}, {.replaces = {{0, 0}}});
    array x{1, 2}, r = 0.5, l = 0.0;
    autograd::array<std::int64_t> positions{0, 7};
    auto memory = f.make_workspace();
    const auto run = [&] { f.run({x, r, positions}, {x, l}, memory); };
    BOOST_CHECK_THROW(run(), error::index_error);
    BOOST_TEST(list(x) == (reals{1, 2}), per_element());
    positions(1) = 1;
    r() = -1;
    BOOST_TEST(text_of<error::value_error>(run) ==
               "autograd: require: element 0 of the condition is 0; the rate must be positive.");
    BOOST_TEST(list(x) == (reals{1, 2}), per_element());
    r() = 0.5;
    run();
    BOOST_TEST(list(x) == (reals{0.5, 1}), per_element());
}

// Though nothing reads the input any more.
BOOST_AUTO_TEST_CASE(a_refusal_behind_the_last_reading_replaces_nothing)
{
    tape t;
    const variable w = t.variable(array{1, 2}), rate = t.variable(0.5);
    const variable next = -(w * rate);
    require(rate > 0, "the rate must be positive.");
    const auto f = compile({w, rate}, {next, sum(rate)}, {.replaces = {{0, 0}}});
    array x{1, 2}, r = -2.0, total = 0.0;
    auto memory = f.make_workspace();
    BOOST_CHECK_THROW(f.run({x, r}, {x, total}, memory), error::value_error);
    BOOST_TEST(list(x) == (reals{1, 2}), per_element());
    r() = 0.5;
    f.run({x, r}, {x, total}, memory);
    BOOST_TEST(list(x) == (reals{-0.5, -1}), per_element());
}

BOOST_AUTO_TEST_CASE(what_is_not_finite_is_told)
{
    tape t;
    const variable w = t.variable(array{1, 2}), rate = t.variable(0.5);
    const variable w2 = w * rate;
    for (const bool keep : {false, true})
    {
        const auto f = compile({w, rate}, {w2}, {.replaces = {{0, 0}}, .require_finite = true, .keep_on_error = keep});
        array x{1, 2}, r = std::numeric_limits<double>::infinity();
        auto memory = f.make_workspace();
        const std::string text = text_of<error::value_error>([&] { f.run({x, r}, {x}, memory); });
        BOOST_TEST(text == "autograd: run: element 0 of output 0 is inf; what replaces an input, here input 0, must be "
                           "finite. " +
                               std::string(keep ? "Nothing was replaced." : "It was written."));
        BOOST_TEST(x(1) == (keep ? 2 : std::numeric_limits<double>::infinity()));
    }
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_is_refused)
{
    tape t;
    const variable a = t.variable(array{1, 2}), b = t.variable(array{1, 2, 3});
    const variable y = a * 2.0, z = b * 2.0;
    const auto refusal = [&](autograd::program_options how) {
        return text_of<error::exception>([&] { compile({a, b}, {y, z}, how); });
    };
    BOOST_TEST(refusal({.replaces = {{0, 1}}}) ==
               "autograd: compile: output 0 has shape (2,) and input 1, which it is to replace, (3,); they must be "
               "equal, and both of real numbers or both of integers.");
    BOOST_TEST(refusal({.replaces = {{2, 1}}}) ==
               "autograd: compile: the option replaces names output 2; there are 2, counted from 0.");
    BOOST_TEST(refusal({.replaces = {{0, 0}, {0, 0}}}) ==
               "autograd: compile: the option replaces names output 0 or input 0 twice; each output replaces one "
               "input.");
    BOOST_TEST(refusal({.constant = {5}}) ==
               "autograd: compile: the option constant names input 5; there are 2, counted from 0.");
    BOOST_TEST(refusal({.replaces = {{0, 0}}, .constant = {0}}) ==
               "autograd: compile: input 0 is constant and is to be replaced by output 0; what is replaced changes.");
    const auto f = compile({a, b}, {y, z}, {.replaces = {{0, 0}}});
    array x{1, 2}, other{1, 2}, big{1, 2, 3}, result{1, 2, 3};
    auto memory = f.make_workspace();
    BOOST_TEST(text_of<error::value_error>(
                   [&] {
                       f.run({x, big}, {other, result}, memory);
                   }) ==
               "autograd: run: output 0 replaces input 0 and was given other memory; give it that of the input.");
}

// ------------------------------------------------------------------------------------------------ constant inputs

BOOST_AUTO_TEST_CASE(what_depends_on_constant_inputs_alone_is_computed_once)
{
    tape t;
    const variable a = t.variable(array{1, 2}), x = t.variable(array{1, 1});
    const variable y = square(a) * x, z = abs(a);
    const auto f = compile({a, x}, {y, z}, {.constant = {0}});
    auto memory = f.make_workspace();
    array first{0, 3}, one{1, 1}, result{0, 0}, slope{0, 0};
    f.run({first, one}, {result, slope}, memory);
    BOOST_TEST(result(1) == 9);
    array two{2, 2};
    first(1) = 5;
    slope = {0, 0};
    f.run({first, two}, {result, slope}, memory);
    BOOST_TEST(result(1) == 18);
    BOOST_TEST(slope(1) == 3);
    memory.forget_constants();
    f.run({first, two}, {result, slope}, memory);
    BOOST_TEST(result(1) == 50);
}

BOOST_AUTO_TEST_CASE(a_constant_input_at_another_address_is_another_one)
{
    tape t;
    const variable a = t.variable(array{1, 2}), x = t.variable(array{1, 1});
    const auto f = compile({a, x}, {square(a) * x}, {.constant = {0}});
    auto memory = f.make_workspace();
    array first{0, 3}, second{0, 4}, one{1, 1}, result{0, 0};
    f.run({first, one}, {result}, memory);
    f.run({second, one}, {result}, memory);
    BOOST_TEST(result(1) == 16);
    f.run({first, one}, {result}, memory);
    BOOST_TEST(result(1) == 9);
}

BOOST_AUTO_TEST_SUITE_END()
