// Functions of variables as functions of arrays: what they take and give, when they are recorded, what they keep.

#include "allocations.hpp"
#include "support.hpp"

#include "autograd/compile/function.hpp"
#include "autograd/compile/show.hpp"
#include "interface/xtensor_headers.hpp"
#include "nn/nn.hpp"

#include <cmath>
#include <cstring>
#include <functional>
#include <thread>

namespace
{

namespace error = autograd::error;
using autograd::compile;
using autograd::placeholder;
using namespace support;
using array64 = autograd::array<std::int64_t>;
using indices = autograd::indices<double>;

/// Bit for bit, in shape and elements.
template <class T>
bool same_bits(const autograd::array<T>& a, const autograd::array<T>& b)
{
    return a.shape() == b.shape() && (a.size() == 0 || std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0);
}
template <class Model>
bool same_model(const Model& a, const Model& b)
{
    bool same = true;
    nn::zip_members(
        [&](const std::string&, nn::role as, const auto& x, const auto& y)
        {
            if constexpr (nn::is_leaf<std::remove_cvref_t<decltype(x)>>)
            {
                same = same && same_bits(x, y);
            }
            static_cast<void>(as);
        },
        a, b);
    return same;
}

/// The numbers first, first + step, ... in some shape.
array counting(extents shape, double first, double step)
{
    array result = array::from_shape(shape);
    for (double& each : result)
    {
        each = first;
        first += step;
    }
    return result;
}
array waves(extents shape)
{
    return xt::sin(counting(shape, 1.0, 1.7));
}

const auto squares = [](auto x, auto w) { return sum(square(matmul(x, w) - 1.0)); };
const auto squares_and_slope = [](auto x, auto w)
{
    const auto loss = squares(x, w);
    return std::tuple(loss, gradient(loss, w));
};
/// What the second gives for arrays, recorded.
std::tuple<array, array> recorded(const array& x, const array& w)
{
    tape t;
    const auto [loss, slope] = squares_and_slope(t.variable(x), t.variable(w));
    return {array(loss.value()), array(slope.value())};
}

template <class Leaf>
struct classifier
{
    nn::linear<Leaf> hidden;
    std::optional<nn::batch_norm<Leaf>> norm;
    std::vector<nn::linear<Leaf>> more;
    double scale = 1;
    std::string activation = "tanh";
    NN_MEMBERS(hidden, norm, more, scale, activation)

    std::pair<Leaf, classifier> operator()(Leaf x) const
    {
        classifier next = *this;
        Leaf h = hidden(x);
        if (norm)
        {
            std::tie(h, *next.norm) = norm->on_batch(h);
        }
        for (const auto& each : more)
        {
            h = each(activation == "tanh" ? tanh(h) : relu(h));
        }
        return {h * scale, next};
    }
};

classifier<array> small_classifier()
{
    nn::random_stream generator(3);
    const auto layer = [&](std::size_t in, std::size_t out) { return nn::make_linear(in, out, generator); };
    return {layer(3, 4), nn::make_batch_norm(4), {layer(4, 5), layer(5, 2)}};
}

} // namespace

BOOST_AUTO_TEST_SUITE(compile_function)

// ------------------------------------------------------------------------------------------- what is taken and given

BOOST_AUTO_TEST_CASE(it_gives_what_recording_gives)
{
    auto f = compile(squares_and_slope, waves({3, 2}), waves({2, 4}));
    const array x = waves({3, 2}) * 3.0, w = waves({2, 4}) + 1.0;
    const auto [loss, slope] = f(x, w);
    const auto [wanted, wanted_slope] = recorded(x, w);
    BOOST_TEST(same_bits(loss, wanted));
    BOOST_TEST(same_bits(slope, wanted_slope));
    BOOST_TEST(f.recording_count() == 1u);
}

BOOST_AUTO_TEST_CASE(arrays_may_be_any_expression)
{
    auto f = compile(squares, waves({3, 2}), waves({2, 4}));
    const array x = waves({3, 2}), w = waves({2, 4});
    const double wanted = std::get<0>(recorded(x, w))();
    const xt::xarray<double, xt::layout_type::column_major> by_columns = x;
    const xt::xtensor<double, 2> matrix = w;
    const array wide = xt::concatenate(xt::xtuple(w, w), 1);
    BOOST_TEST(f(by_columns, matrix)() == wanted);
    BOOST_TEST(f(x, xt::view(wide, xt::all(), xt::range(4, 8)))() == wanted);
    BOOST_TEST(f(x, xt::view(xt::flip(xt::flip(w, 0), 0), xt::all(), xt::all()))() == wanted);
    BOOST_TEST(f(x * 1.0, w + 0.0)() == wanted);
    BOOST_TEST(f(autograd::borrow(x), autograd::borrow(w.data(), {2, 4}))() == wanted);
    BOOST_TEST(f.recording_count() == 1u);
}

BOOST_AUTO_TEST_CASE(numbers_are_arrays_of_shape_nothing)
{
    auto f =
        compile([](auto x, auto rate, auto position) { return gather(x * rate, position); }, array{1, 2, 3}, 2.0, 0);
    BOOST_TEST(f(array{1, 2, 3}, 3.0, 2)() == 9.0);
    BOOST_TEST(f(array{1, 2, 3}, 0.5f, 1u)() == 1.0);
    BOOST_TEST(f.recording_count() == 1u);
    BOOST_TEST(list(f(array{1, 2, 3}, array{1, 10, 100}, integers{2, 1})) == (reals{300, 20}), per_element());
    BOOST_TEST(text_of<error::index_error>(
                   [&] {
                       f(array{1, 2, 3}, 1.0, 3);
                   }) == "autograd: gather: index 3 at position () is outside axis 0 of length 3.");
}

BOOST_AUTO_TEST_CASE(integers_go_in_and_out)
{
    auto f = compile<double>([](variable x, indices i) { return std::pair(take_along_axis(x, i, 0), argmax(x)); },
                             array{1, 2, 3}, xt::xarray<short>{0, 2});
    const auto [taken, greatest] = f(array{7, 9, 8}, xt::xarray<unsigned char>{1, 1});
    static_assert(std::is_same_v<decltype(greatest), const array64>);
    BOOST_TEST(list(taken) == (reals{9, 9}), per_element());
    BOOST_TEST(greatest() == 1);
    BOOST_TEST(text_of<error::index_error>(
                   [&] {
                       f(array{7, 9, 8}, xt::xarray<std::uint64_t>{0, ~0ull});
                   }) ==
               "autograd: index: the integer 18446744073709551615 is greater than 2^63 - 1, the largest that a tape "
               "holds.");
    auto of_integers_alone = compile<float>([](auto i) { return i; }, array64{1, 2});
    BOOST_TEST(of_integers_alone(integers{4, 5})(1) == 5);
}

BOOST_AUTO_TEST_CASE(keys_are_arguments)
{
    const auto f = [](auto x, auto key) { return x + autograd::counter_generator(key).normal(x.shape()); };
    auto g = compile(f, array{0, 0}, 1);
    for (const int key : {1, 2})
    {
        tape t;
        const array x{1, 2};
        BOOST_TEST(same_bits(g(x, key), array(f(t.constant(x), t.index(key)).value())));
    }
    BOOST_TEST(g.recording_count() == 1u);
}

variable cubed(variable x)
{
    return x * x * x;
}
struct scaled
{
    double factor;
    variable operator()(const variable& x) const { return x * factor; }
    variable shifted(variable x) const { return x + factor; }
};

BOOST_AUTO_TEST_CASE(functions_may_be_any_callable)
{
    BOOST_TEST(compile(cubed, array{2})(array{3})(0) == 27.0);
    BOOST_TEST(compile(&cubed, array{2})(array{3})(0) == 27.0);
    BOOST_TEST(compile(scaled{4}, array{2})(array{3})(0) == 12.0);
    const scaled kept{5};
    BOOST_TEST(compile(kept, array{2})(array{3})(0) == 15.0);
    BOOST_TEST(compile(std::function<variable(variable)>(cubed), array{2})(array{3})(0) == 27.0);
    const nn::sgd optimizer{.momentum = 0.5};
    const classifier<array> model = small_classifier();
    auto step = compile(optimizer, model, model, optimizer.start(model), 0.25);
    const auto [next, state] = step(model, model, optimizer.start(model), 0.5);
    BOOST_TEST(same_bits(next.hidden.weight, array(model.hidden.weight - 0.5 * model.hidden.weight)));
    BOOST_TEST(same_bits(state.velocity->hidden.weight, model.hidden.weight));
}

BOOST_AUTO_TEST_CASE(a_branch_at_the_end_is_told_as_frozen)
{
    const auto f = compile(
        [](auto x)
        {
            const auto y = exp(x), z = sin(x);
            return y.item() > 1 ? y : z;
        },
        2.0);
    const std::string text = explain(f.program());
    BOOST_TEST(text.find("frozen      a value was read at function.cpp:") != std::string::npos, text);
    const auto unbranched = compile([](auto x) { return exp(x); }, 2.0);
    BOOST_TEST(explain(unbranched.program()).find("frozen") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(recordings_are_compiled_beside)
{
    tape t;
    const variable x = t.variable(array{1, 5, 3});
    const indices i = t.index(integers{0, 2});
    BOOST_TEST(compile<double>({x, i}, {gather(x, i)}).input_count() == 2u);
    BOOST_TEST(compile({x}, {x * 2.0, x}).output_count() == 2u);
    const std::vector<autograd::handle<double>> list{x};
    BOOST_TEST(compile<double>(std::span(list), std::span(list)).output_count() == 1u);
}

BOOST_AUTO_TEST_CASE(floats_have_their_own_tape)
{
    auto f = compile([](auto x, auto rate) { return x * rate; }, xt::xarray<float>{1, 2}, 0.1);
    const xt::xarray<float> y = f(xt::xarray<float>{3, 4}, 0.1);
    BOOST_TEST(y(0) == 3.0f * 0.1f);
    static_assert(std::is_same_v<decltype(f)::value_type, float>);
}

BOOST_AUTO_TEST_CASE(structures_go_in_and_out)
{
    const auto f = [](auto pair, auto list, auto maybe, auto few)
    {
        std::vector<variable> scaled;
        for (const variable& each : list)
        {
            scaled.push_back(each * pair.first);
        }
        return std::tuple(scaled, maybe ? std::optional(*maybe + pair.second) : std::nullopt, few);
    };
    using lists = std::vector<array>;
    auto g = compile(f, std::pair(array{1, 2}, 1.0 * array{3}), lists{{1, 1}}, std::optional<array>(),
                     std::array<array, 2>{array{1}, array{2}});
    const auto [scaled, sum, few] = g(std::pair(array{2, 3}, array{4}), lists{{1, 2}, {3}, {5, 6}},
                                      std::optional(array{1}), std::array<array, 2>{array{8}, array{9}});
    BOOST_TEST(scaled.size() == 3u);
    BOOST_TEST(list(scaled[2]) == (reals{10, 18}), per_element());
    BOOST_TEST((*sum)(0) == 5.0);
    BOOST_TEST(few[1](0) == 9.0);
    BOOST_TEST(g.recording_count() == 2u);
    BOOST_TEST(g.structure_count() == 2u);
    const array x = waves({3, 2}), w = waves({2, 4});
    auto of_references = compile([](const auto& both) { return std::apply(squares, both); }, std::tie(x, w));
    BOOST_TEST(same_bits(of_references(std::tie(x, w)), std::get<0>(recorded(x, w))));
}

// The same arrays in other places.
BOOST_AUTO_TEST_CASE(forms_differ_by_where_their_parts_are)
{
    using lists = std::vector<array>;
    const auto length = [](const auto& list) { return static_cast<double>(list.size()); };
    auto f = compile([&](auto a, auto b) { return a[0] * length(a) + b[0] * 10.0 * length(b); }, lists{{1}, {2}},
                     lists{{3}});
    BOOST_TEST(f(lists{{1}, {2}}, lists{{3}})(0) == 32.0);
    BOOST_TEST(f(lists{{1}}, lists{{2}, {3}})(0) == 41.0);
    BOOST_TEST(f(lists{{1}, {2}}, lists{{3}})(0) == 32.0);
    using maybe = std::optional<array>;
    auto g = compile([](auto a, auto b) { return a ? *a : 2.0 * *b; }, maybe(array{1}), maybe());
    BOOST_TEST(g(maybe(), maybe(array{1}))(0) == 2.0);
    BOOST_TEST(g(maybe(array{1}), maybe())(0) == 1.0);
    BOOST_TEST(g.recording_count() == 2u);
}

BOOST_AUTO_TEST_CASE(models_go_in_and_out)
{
    const auto f = [](auto model, auto x)
    {
        const auto [y, next] = model(x);
        return std::tuple(sum(square(y)), gradient(sum(square(y)), model), next);
    };
    classifier<array> model = small_classifier();
    auto g = compile(f, model, waves({6, 3}));
    for (const std::size_t samples : {6u, 4u})
    {
        const array x = waves({samples, 3});
        const auto [loss, slopes, next] = g(model, x);
        tape t;
        const auto [wanted, wanted_slopes, wanted_next] = f(nn::on_tape(t, model), t.variable(x));
        BOOST_TEST(loss() == wanted.item());
        BOOST_TEST(same_model(slopes, nn::values(wanted_slopes)));
        BOOST_TEST(same_model(next, nn::values(wanted_next)));
        BOOST_TEST(next.norm->momentum == 0.1);
        BOOST_TEST(next.activation == "tanh");
        model = next;
    }
    BOOST_TEST(g.recording_count() == 2u);
    BOOST_TEST(g.structure_count() == 1u);
}

BOOST_AUTO_TEST_CASE(leaves_have_the_names_of_members)
{
    std::vector<std::string> names;
    auto f = compile(
        [&](const auto& model, const auto& both)
        {
            names = {model.hidden.weight.name(), model.norm->running_mean.value.name(), model.more[1].bias->name(),
                     both.first.name()};
            return both.first;
        },
        small_classifier(), std::pair(array{1}, array{2}));
    BOOST_TEST(names == (std::vector<std::string>{"hidden.weight", "norm.running_mean", "more.1.bias", ""}),
               per_element());
}

BOOST_AUTO_TEST_CASE(results_may_be_arguments_and_each_other)
{
    auto f = compile([](auto x, auto) { return std::tuple(x, x * 2.0, x); }, array{1, 2}, array{3});
    const auto [same, twice, again] = f(array{4, 5}, array{6});
    BOOST_TEST(list(same) == (reals{4, 5}), per_element());
    BOOST_TEST(list(twice) == (reals{8, 10}), per_element());
    BOOST_TEST(list(again) == (reals{4, 5}), per_element());
}

BOOST_AUTO_TEST_CASE(arrays_without_elements)
{
    auto f = compile([](auto x) { return std::pair(sum(x), gradient(sum(square(x)), x)); }, placeholder<double>{0, 3});
    const array nothing = array::from_shape({0, 3});
    const auto [total, slope] = f(nothing);
    BOOST_TEST(total() == 0.0);
    BOOST_TEST((slope.shape() == array::shape_type{0, 3}));
    BOOST_TEST(f(array::from_shape({3, 0})).first() == 0.0);
}

// ------------------------------------------------------------------------------------------------------- shapes

// Their extents are in the recording as numbers: these must be those of the new shapes.
BOOST_AUTO_TEST_CASE(new_shapes_have_their_own_means)
{
    const auto f = [](auto x)
    {
        const auto loss = sum(square(x)) / static_cast<double>(x.shape(0));
        return std::tuple(mean(x), mean(x, 0), variance(x), stddev(x, 0), loss, gradient(loss, x));
    };
    auto g = compile(f, waves({4, 3}));
    for (const std::size_t samples : {4u, 7u, 4u, 9u})
    {
        const array x = waves({samples, 3}) * 0.7;
        const auto found = g(x);
        tape t;
        const auto wanted = f(t.variable(x));
        const auto check = [&]<std::size_t... K>(std::index_sequence<K...>)
        {
            return (same_bits(std::get<K>(found), array(std::get<K>(wanted).value())) && ...);
        };
        BOOST_TEST(check(std::make_index_sequence<6>()));
    }
    BOOST_TEST(g.recording_count() == 3u);
    BOOST_TEST(g.structure_count() == 1u);
    BOOST_TEST(g.plan_count() == 3u);
}

BOOST_AUTO_TEST_CASE(batch_norm_is_that_of_the_batch)
{
    nn::batch_norm<array> layer = nn::make_batch_norm(3);
    const auto f = [](auto norm, auto x) { return norm.on_batch(x); };
    auto g = compile(f, layer, waves({8, 3}));
    for (const std::size_t samples : {8u, 5u, 8u})
    {
        const array x = waves({samples, 3});
        const auto [y, next] = g(layer, x);
        tape t;
        const auto [wanted, wanted_next] = f(nn::on_tape(t, layer), t.variable(x));
        BOOST_TEST(same_bits(y, array(wanted.value())));
        BOOST_TEST(same_model(next, nn::values(wanted_next)));
        layer = next;
    }
}

BOOST_AUTO_TEST_CASE(placeholders_let_constants_have_values)
{
    const auto f = [](auto x, auto labels)
    {
        const auto& t = x.tape();
        const auto table = const_cast<tape&>(t).constant(array{10, 20, 30});
        const double greatest = amax(table).item();
        return sum(gather(table, labels) * x) / greatest;
    };
    auto g = compile(f, placeholder<double>(std::vector<std::size_t>{2}), placeholder<std::int64_t>{2});
    BOOST_TEST(g.recording_count() == 1u);
    BOOST_TEST(g(array{3, 6}, integers{0, 2})() == 7.0);
    BOOST_TEST(g.recording_count() == 1u);
    BOOST_TEST(
        text_of<error::tape_error>([&] { compile([](auto x) { return x * x.item(); }, placeholder<double>{}); }) ==
        "autograd: value: the array of shape () is made of a placeholder, which has no values.");
    BOOST_TEST(text_of<error::value_error>(
                   [&] {
                       g(placeholder<double>{2}, integers{0, 2});
                   }) ==
               "autograd: compiled function: input 0 of shape (2,) is a placeholder; to run it takes an array.");
    BOOST_TEST(text_of<error::shape_error>(
                   [] {
                       placeholder<double>{2, -1};
                   }) == "autograd: placeholder: the shape (2, -1) has a negative extent; extents must be 0 or more.");
}

BOOST_AUTO_TEST_CASE(other_structures_are_told)
{
    auto f = compile([](auto x) { return x.shape(0) > 2 ? exp(x) : tanh(x) * 2.0; }, array{1, 2, 3});
    f(array{1, 2, 3, 4});
    BOOST_TEST(f.structure_count() == 1u);
    const array y = f(array{1, 2});
    BOOST_TEST(y(1) == std::tanh(2.0) * 2.0, tolerance(1e-15));
    BOOST_TEST(f.structure_count() == 2u);
    BOOST_TEST(f.explain() == "3 plans of at most 8, of 3 recordings with 2 structures; 0 evicted\n"
                              "    (2,) -> (2,) in 2 steps, 64 bytes\n"
                              "    (4,) -> (4,) in 1 step, 0 bytes\n"
                              "    (3,) -> (3,) in 1 step, 0 bytes\n");
}

// --------------------------------------------------------------------------------------------- hyperparameters

// Else another model would be run with those of the first.
BOOST_AUTO_TEST_CASE(hyperparameters_are_those_of_the_call)
{
    const auto f = [](const auto& model, auto x) { return model(x).first; };
    classifier<array> model = small_classifier();
    const array x = waves({6, 3});
    auto g = compile(f, model, x);
    const auto recorded_anew = [&]
    {
        tape t;
        return array(f(nn::on_tape(t, model), t.variable(x)).value());
    };
    BOOST_TEST(same_bits(g(model, x), recorded_anew()));
    model.scale = 2;
    BOOST_TEST(same_bits(g(model, x), recorded_anew()));
    model.activation = "relu";
    BOOST_TEST(same_bits(g(model, x), recorded_anew()));
    model.norm->epsilon = 0.1;
    BOOST_TEST(same_bits(g(model, x), recorded_anew()));
    BOOST_TEST(g.recording_count() == 4u);
    model.norm.reset();
    BOOST_TEST(same_bits(g(model, x), recorded_anew()));
    model.more.resize(1);
    nn::random_stream generator(5);
    model.more[0] = nn::make_linear(4, 4, generator);
    BOOST_TEST(same_bits(g(model, x), recorded_anew()));
    BOOST_TEST(g.recording_count() == 6u);
    model = small_classifier();
    BOOST_TEST(same_bits(g(model, x), recorded_anew()));
    BOOST_TEST(g.recording_count() == 6u); // the first program is there still
}

enum class direction
{
    up,
    down
};

BOOST_AUTO_TEST_CASE(flags_and_texts_are_part_of_the_program)
{
    auto f = compile(
        [](auto x, bool twice, direction way, const std::string& name)
        { return x * (twice ? 2.0 : 1.0) * (way == direction::up ? 1.0 : -1.0) + static_cast<double>(name.size()); },
        array{1, 2}, true, direction::up, std::string());
    BOOST_TEST(f(array{1, 2}, true, direction::up, std::string())(1) == 4.0);
    BOOST_TEST(f(array{1, 2}, false, direction::up, std::string())(1) == 2.0);
    BOOST_TEST(f(array{1, 2}, false, direction::down, std::string())(1) == -2.0);
    BOOST_TEST(f(array{1, 2}, false, direction::down, std::string("abc"))(1) == 1.0);
    BOOST_TEST(f(array{3, 4}, true, direction::up, std::string())(1) == 8.0);
    BOOST_TEST(f.recording_count() == 4u);
}

BOOST_AUTO_TEST_CASE(zeros_have_signs_and_nan_is_itself)
{
    struct factor
    {
        double value;
        std::vector<double> more = {};
        auto members() const { return std::tie(value, more); }
    };
    auto f = compile([](auto x, const factor& by) { return x / by.value; }, array{1}, factor{0.0});
    BOOST_TEST(f(array{1}, factor{0.0})(0) == HUGE_VAL);
    BOOST_TEST(f(array{1}, factor{-0.0})(0) == -HUGE_VAL);
    f(array{1}, factor{NAN});
    f(array{1}, factor{NAN});
    f(array{1}, factor{NAN, {0.0}});
    f(array{1}, factor{NAN, {-0.0}});
    BOOST_TEST(f.recording_count() == 5u);
}

// ------------------------------------------------------------------------------------------------ the cache

BOOST_AUTO_TEST_CASE(what_was_used_least_recently_goes)
{
    auto f = compile(
        {.plans = 2}, [](auto x) { return x * 2.0; }, array{1});
    const auto run = [&](std::size_t n) { BOOST_TEST(same_bits(f(waves({n})), array(waves({n}) * 2.0))); };
    run(2);
    run(1);
    BOOST_TEST(f.recording_count() == 2u);
    run(3); // in the place of 2
    BOOST_TEST(f.eviction_count() == 1u);
    run(1);
    BOOST_TEST(f.recording_count() == 3u);
    run(2); // in the place of 3
    run(1);
    BOOST_TEST(f.recording_count() == 4u);
    BOOST_TEST(f.eviction_count() == 2u);
    BOOST_TEST(f.plan_count() == 2u);
    BOOST_TEST(f.explain() == "2 plans of at most 2, of 4 recordings with 1 structure; 2 evicted\n"
                              "    (1,) -> (1,) in 1 step, 0 bytes\n"
                              "    (2,) -> (2,) in 1 step, 0 bytes\n");
    BOOST_TEST(text_of<error::value_error>(
                   []
                   {
                       compile(
                           {.plans = 0}, [](auto x) { return x; }, array{1});
                   }) == "autograd: compile: the number of plans to keep is 0; it must be 1 or more.");
}

BOOST_AUTO_TEST_CASE(programs_outlive_their_function)
{
    auto f = std::make_optional(compile({.plans = 1}, squares, waves({3, 2}), waves({2, 4})));
    const autograd::program<double> program = f->program();
    const autograd::program<double> for_more = f->program(placeholder<double>{5, 2}, placeholder<double>{2, 4});
    BOOST_TEST(f->plan_count() == 1u);
    f.reset();
    BOOST_TEST((program.input_shape(0) == extents{3, 2}));
    BOOST_TEST((for_more.input_shape(0) == extents{5, 2}));
    const array x = waves({5, 2}), w = waves({2, 4});
    array loss = array::from_shape({});
    auto memory = for_more.make_workspace();
    for_more.run({x, w}, {loss}, memory);
    BOOST_TEST(same_bits(loss, std::get<0>(recorded(x, w))));
}

BOOST_AUTO_TEST_CASE(an_error_leaves_it_as_it_was)
{
    bool fails = false;
    const auto f = [&](auto x)
    {
        if (fails)
        {
            throw std::runtime_error("no");
        }
        return x * 2.0;
    };
    auto g = compile({.plans = 1}, f, array{1, 2});
    fails = true;
    const std::string before = g.explain();
    BOOST_TEST(whole_text_of([&] { g(array{1, 2, 3}); }) == "no");
    BOOST_TEST(g.explain() == before);
    BOOST_TEST(g(array{3, 4})(1) == 8.0);
    BOOST_TEST(g.recording_count() == 1u);
    fails = false;
    BOOST_TEST(g(array{1, 2, 3})(2) == 6.0);
    auto h = compile(
        {.plans = 1}, [](auto x, auto y) { return x + y; }, array{1}, array{1});
    BOOST_TEST(text_of<error::shape_error>(
                   [&] {
                       h(array{1, 2}, array{1, 2, 3});
                   }) ==
               "autograd: add: shapes (2,) and (3,) do not broadcast; aligned at their last axes, extents must be "
               "equal or 1.");
    BOOST_TEST(h(array{2}, array{3})(0) == 5.0);
    BOOST_TEST(h.recording_count() == 1u);
}

BOOST_AUTO_TEST_CASE(results_are_variables_of_its_tape)
{
    tape other;
    const variable foreign = other.variable(1.0);
    BOOST_TEST(text_of<error::tape_error>([&] { compile([&](auto) { return foreign; }, array{1}); }) ==
               "autograd: compile: operands live on different tapes. Record both through one tape, or pass the value: "
               "tape.constant(x.value()).");
    const auto clears = [](auto x)
    {
        tape& t = x.tape();
        t.clear();
        return t.constant(1.0);
    };
    BOOST_TEST(text_of<error::tape_error>([&] { compile(clears, array{1}); }).substr(0, 18) == "autograd: compile:");
    BOOST_TEST(text_of<error::tape_error>([&] { compile([&](auto) { return variable(); }, array{1}); }).substr(0, 18) ==
               "autograd: compile:");
}

BOOST_AUTO_TEST_CASE(a_function_may_call_itself_for_others)
{
    std::function<array(array)> again;
    auto f = compile(
        [&](auto x)
        {
            const double of_less = x.shape(0) > 1 ? again(array(xt::ones<double>({x.shape(0) - 1})))(0) : 0.0;
            return x + of_less;
        },
        array{1});
    again = [&](const array& x) { return f(x); };
    BOOST_TEST(f(array{1, 1, 1})(0) == 3.0);
    BOOST_TEST(f.plan_count() == 3u);
}

// --------------------------------------------------------------------------------------- memory of the caller's

BOOST_AUTO_TEST_CASE(results_go_where_they_are_wanted)
{
    auto f = compile(squares_and_slope, waves({3, 2}), waves({2, 4}));
    array loss, slope; // of other shapes
    for (const std::size_t columns : {4u, 5u, 4u})
    {
        const array x = waves({3, 2}), w = waves({2, columns}) * 0.3;
        f.run_into(std::tie(loss, slope), x, w);
        BOOST_TEST(same_bits(loss, std::get<0>(recorded(x, w))));
        BOOST_TEST(same_bits(slope, std::get<1>(recorded(x, w))));
    }
    const double* const place = slope.data();
    f.run_into(std::pair<array&, array&>(loss, slope), waves({3, 2}), waves({2, 4}));
    BOOST_TEST(slope.data() == place);
    auto of_one = compile(squares, waves({3, 2}), waves({2, 4}));
    of_one.run_into(loss, waves({3, 2}), waves({2, 4}));
    BOOST_TEST(same_bits(loss, std::get<0>(recorded(waves({3, 2}), waves({2, 4})))));
}

BOOST_AUTO_TEST_CASE(structures_are_given_their_form)
{
    const auto f = [](auto model, auto x) { return std::pair(model(x).second, std::vector{x, x * 2.0}); };
    const classifier<array> model = small_classifier();
    auto g = compile(f, model, waves({6, 3}));
    classifier<array> next;
    std::vector<array> both{{1}, {2}, {3}};
    g.run_into(std::tie(next, both), model, waves({6, 3}));
    const auto [wanted, wanted_both] = g(model, waves({6, 3}));
    BOOST_TEST(next.more.size() == 2u);
    BOOST_TEST(next.activation == "tanh");
    BOOST_TEST(same_model(next, wanted));
    BOOST_TEST(both.size() == 2u);
    BOOST_TEST(same_bits(both[1], wanted_both[1]));
}

BOOST_AUTO_TEST_CASE(results_take_the_place_of_arguments)
{
    const auto f = [](const auto& model, auto x)
    {
        const auto loss = sum(square(model(x).first));
        auto next = gradient(loss, model);
        return std::tuple(loss, next);
    };
    classifier<array> model = small_classifier();
    const array x = waves({6, 3});
    auto apart = compile(f, model, x);
    auto in_place = compile({.replaces = {{1, 0}}}, f, model, x);
    classifier<array> elsewhere = model;
    array loss;
    for (int k = 0; k < 3; ++k)
    {
        const auto [wanted_loss, wanted] = apart(model, x);
        in_place.run_into(std::tie(loss, model), model, x);
        BOOST_TEST(same_bits(loss, wanted_loss));
        BOOST_TEST(same_model(model, wanted));
    }
    BOOST_TEST(text_of<error::value_error>([&] { in_place.run_into(std::tie(loss, elsewhere), model, x); })
                   .find("and was given other memory") != std::string::npos);
    BOOST_TEST(text_of<error::value_error>(
                   [&] {
                       compile({.replaces = {{2, 0}}}, f, model, x);
                   }) == "autograd: compile: the option replaces names part 2; there are 2, counted from 0.");
    BOOST_TEST(text_of<error::value_error>(
                   [&] {
                       compile({.replaces = {{1, 1}}}, f, model, x);
                   })
                   .find("autograd: compile: part 1 of the result has ") == 0);
}

BOOST_AUTO_TEST_CASE(memory_that_is_read_is_not_written)
{
    auto f = compile([](auto x) { return std::pair(x * 2.0, sum(x)); }, array{1, 2});
    array x{1, 2}, y;
    const auto refusal = [&](auto&& place) { return text_of<error::value_error>([&] { f.run_into(place, x); }); };
    const std::string rule = " overlap in memory; each output needs memory of its own.";
    BOOST_TEST(refusal(std::tie(x, y)) == "autograd: run: output 0 and input 0 overlap in memory; each output needs "
                                          "memory of its own, but for one that replaces an input (the option "
                                          "replaces).");
    BOOST_TEST(refusal(std::tie(y, x)) == "autograd: run_into: output 1 and input 0" + rule); // it would be resized
    BOOST_TEST(list(x) == (reals{1, 2}), per_element());
    BOOST_TEST(text_of<error::exception>([&] { f.run_into(std::tie(y, y), x); }) != "no error");
    auto of_lists = compile([](auto list) { return std::vector{list[0], list[0]}; }, std::vector<array>{{1}, {2}, {3}});
    std::vector<array> lists{{1}, {2}, {3}};
    BOOST_TEST(text_of<error::value_error>([&] { of_lists.run_into(lists, lists); }) ==
               "autograd: run_into: output 0 and input 0" + rule);
    BOOST_TEST(lists.size() == 3u);
    auto of_optional =
        compile([](auto maybe) { return std::pair(*maybe, std::optional<variable>()); }, std::optional(array{1}));
    std::optional<array> maybe(array{1});
    BOOST_TEST(text_of<error::value_error>([&] { of_optional.run_into(std::tie(y, maybe), maybe); }) ==
               "autograd: run_into: output 1 and input 0" + rule);
    BOOST_TEST(maybe.has_value());
}

BOOST_AUTO_TEST_CASE(nothing_is_allocated_the_second_time)
{
    const auto f = [](const auto& model, auto x, auto rate, auto maybe)
    {
        const auto y = tanh(x * sum(model.hidden.weight) + *model.hidden.bias) * rate * model.scale;
        return std::tuple(sum(y), model, y, std::vector{exp(y), *maybe});
    };
    const classifier<array> model = small_classifier();
    const array x = waves({1, 4}), more = waves({2, 4});
    const std::optional<array> maybe(more);
    auto g = compile(f, model, x, 0.5, maybe);
    auto place = g(model, more, 0.5, maybe);
    const auto run = [&](const array& given)
    {
        g.run_into(place, model, given, 0.25, maybe);
        g.run_into(place, model, given * 2.0, 0.25, maybe); // copied
    };
    run(more);
    const std::size_t before = allocations();
    run(more);
    BOOST_TEST(allocations() - before == 0u);
    run(x); // resizes
    run(more);
    BOOST_TEST((allocations() > before || !allocations_are_counted()));
    BOOST_TEST(g.recording_count() == 2u);
}

// --------------------------------------------------------------------------------------------- copies, moves, threads

BOOST_AUTO_TEST_CASE(it_is_a_value)
{
    const array factor{2, 3}; // captured by value: the lambda has no assignment
    auto f = compile([factor](auto x) { return x * factor; }, array{1, 2});
    auto g = f;
    BOOST_TEST(g(column({1, 1, 1}))(2, 1) == 3.0);
    BOOST_TEST(f.plan_count() == 1u);
    BOOST_TEST(g.plan_count() == 2u);
    BOOST_TEST(f(array{5, 5})(1) == 15.0);
    f = g;
    BOOST_TEST(f.plan_count() == 2u);
    BOOST_TEST(f(array{5, 5})(0) == 10.0);
    auto h = std::move(g);
    BOOST_TEST(h(array{5, 5})(0) == 10.0);
    BOOST_TEST(h.recording_count() == 2u);
    const std::string moved = "autograd: compiled function: it was moved from; call the one that it was moved to.";
    BOOST_TEST(text_of<error::value_error>([&] { g(array{5, 5}); }) == moved); // NOLINT: what happens then
    BOOST_TEST(text_of<error::value_error>([&] { static_cast<void>(g.program()); }) == moved);
    g = f;
    BOOST_TEST(g(array{5, 5})(0) == 10.0);
    auto of_what_moves = compile([kept = std::make_unique<double>(2.0)](auto x) { return x * *kept; }, array{1});
    BOOST_TEST(of_what_moves(array{4})(0) == 8.0);
}

BOOST_AUTO_TEST_CASE(threads_have_a_copy_each)
{
    const auto f = compile(squares_and_slope, waves({3, 2}), waves({2, 4}));
    std::vector<char> right(4, 0);
    std::vector<std::thread> threads;
    for (std::size_t k = 0; k < right.size(); ++k)
    {
        threads.emplace_back(
            [&, k, own = f]() mutable
            {
                bool all = true;
                for (std::size_t pass = 0; pass < 50; ++pass)
                {
                    const array x = waves({2 + (k + pass) % 3, 2}), w = waves({2, 4});
                    const auto [loss, slope] = own(x, w);
                    all = all && same_bits(slope, std::get<1>(recorded(x, w)));
                }
                right[k] = all;
            });
    }
    for (std::thread& each : threads)
    {
        each.join();
    }
    BOOST_TEST(right == std::vector<char>(4, 1), per_element());
}

// ------------------------------------------------------------------------------------------------------- trainings

namespace
{

/// 20 steps of nn::take_step, and of a compiled step, give the same model, state and losses, bit for bit.
template <class Optimizer>
void check_training(const Optimizer& optimizer)
{
    const array x = waves({10, 3});
    const array64 labels{0, 1, 1, 0, 1, 0, 0, 1, 0, 1};
    classifier<array> model = small_classifier();
    auto state = optimizer.start(model);
    auto step = compile(
        [optimizer](auto m, auto s, auto in, auto positions, auto rate)
        {
            const auto [y, with_buffers] = m(in);
            const auto loss = nn::cross_entropy(y, positions);
            const auto [next, next_state] = optimizer(with_buffers, gradient(loss, m), s, rate);
            return std::tuple(loss, next, next_state);
        },
        model, state, x, labels, 0.05);

    classifier<array> stepped = model;
    auto stepped_state = state;
    tape t;
    for (int k = 0; k < 20; ++k)
    {
        const double rate = 0.05 / (1 + k); // no new recording
        array loss;
        std::tie(loss, model, state) = step(model, state, x, labels, rate);
        const double wanted = nn::take_step(
            t, optimizer, stepped, stepped_state,
            [&](const auto& m)
            {
                const auto [y, next] = m(t.constant(x));
                return std::pair(nn::cross_entropy(y, t.index(labels)), next);
            },
            rate);
        BOOST_TEST(loss() == wanted);
        BOOST_TEST(same_model(model, stepped));
    }
    BOOST_TEST(same_model(state, stepped_state));
    BOOST_TEST(step.recording_count() == 1u);
}

} // namespace

BOOST_AUTO_TEST_CASE(trainings_are_those_of_take_step)
{
    check_training(nn::gradient_descent());
    check_training(nn::sgd{.momentum = 0.9, .nesterov = true, .weight_decay = 0.01});
    check_training(nn::adam());
    check_training(nn::adamw{.not_decayed = {"bias"}});
}

BOOST_AUTO_TEST_SUITE_END()
