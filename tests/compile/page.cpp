// The programs of docs/programs.md.

#include <autograd/autograd.hpp>
#include <autograd/compile/function.hpp>

#include "interface/xtensor_headers.hpp"
#include "nn/nn.hpp"
#include "support.hpp"

#include <thread>

using namespace support;

namespace
{

template <class Leaf>
struct classifier
{
    nn::linear<Leaf> hidden;
    nn::linear<Leaf> output;
    NN_MEMBERS(hidden, output)

    Leaf operator()(Leaf x) const { return output(tanh(hidden(x))); }
};

classifier<array> untrained()
{
    autograd::random::legacy_generator stream(1);
    return {nn::make_linear(2, 8, stream), nn::make_linear(8, 2, stream)};
}

nn::labelled_points moons(std::size_t count)
{
    autograd::random::legacy_generator stream(0);
    return nn::make_moons(count, 0.1, stream);
}

} // namespace

BOOST_AUTO_TEST_SUITE(compile_page)

BOOST_AUTO_TEST_CASE(a_function_of_arrays)
{
    const array x{{1, 2}, {3, 4}, {5, 6}}, w{0.5, -0.25};

    // [function]
    auto f = autograd::compile(
        [](auto points, auto weights)
        {
            const auto loss = mean(square(tanh(matmul(points, weights)) - 0.5));
            return std::tuple(loss, gradient(loss, weights));
        },
        x, w);
    auto [loss, slope] = f(x, w); // arrays
    // [function]
    const array first = slope;

    // [into]
    f.run_into(std::tie(loss, slope), x, w);
    // [into]
    BOOST_TEST(list(slope) == list(first), per_element());

    const array batch = xt::view(x, xt::range(0, 2));
    // [shapes]
    f(batch, w);   // recorded anew, with its mean
    f(x * 2.0, w); // known
    std::printf("%s", f.explain().c_str());
    // [shapes]
    BOOST_TEST(f.recording_count() == 2u);
    BOOST_TEST(f.structure_count() == 1u);

    // [threads]
    std::vector<std::thread> threads;
    for (int k = 0; k < 2; ++k)
    {
        threads.emplace_back([own = f, &x, &w]() mutable { own(x, w); });
    }
    // [threads]
    for (std::thread& each : threads)
    {
        each.join();
    }
}

BOOST_AUTO_TEST_CASE(what_stays)
{
    const array x{1, 2};
    // [frozen]
    double factor = 2;
    auto scaled = autograd::compile([&](auto u) { return factor * u; }, x);
    auto by_number = autograd::compile([](auto u, auto number) { return number * u; }, x, factor);
    factor = 3;
    const array twice = scaled(x);             // as it was recorded: times 2
    const array thrice = by_number(x, factor); // times 3, with the same program
    // [frozen]
    BOOST_TEST(twice(1) == 4.0);
    BOOST_TEST(thrice(1) == 6.0);
    BOOST_TEST(by_number.recording_count() == 1u);

    // [branch]
    auto root = autograd::compile([](auto u, bool odd) { return odd ? sign(u) * sqrt(abs(u)) : sqrt(u); }, x, false);
    root(x, true); // recorded anew
    // [branch]
    BOOST_TEST(root.recording_count() == 2u);
}

BOOST_AUTO_TEST_CASE(a_training)
{
    const nn::labelled_points data = moons(100);
    classifier<array> model = untrained();
    // [training]
    const nn::adam optimizer;
    auto state = optimizer.start(model);
    const auto one_step = [optimizer](const auto& m, const auto& s, auto x, auto labels, auto rate)
    {
        const auto loss = nn::cross_entropy(m(x), labels);
        const auto [next, next_state] = optimizer(m, gradient(loss, m), s, rate);
        return std::tuple(loss, next, next_state);
    };
    auto step = autograd::compile(one_step, model, state, data.points, data.labels, 0.01);
    array loss;
    for (int k = 0; k < 300; ++k)
    {
        std::tie(loss, model, state) = step(model, state, data.points, data.labels, 0.01);
    }
    // [training]
    const auto [next_loss, next_model, next_state] = step(model, state, data.points, data.labels, 0.01);
    // [in place]
    auto in_place =
        autograd::compile({.replaces = {{1, 0}, {2, 1}}}, one_step, model, state, data.points, data.labels, 0.01);
    in_place.run_into(std::tie(loss, model, state), model, state, data.points, data.labels, 0.01);
    // [in place]
    BOOST_TEST(loss() == next_loss());
    BOOST_TEST(xt::all(xt::equal(model.hidden.weight, next_model.hidden.weight)));
    BOOST_TEST(step.recording_count() == 1u);
    BOOST_TEST(std::get<0>(step(model, state, data.points, data.labels, 0.01))() < 0.3);
}

BOOST_AUTO_TEST_CASE(shapes_alone)
{
    // [placeholders]
    auto distance = autograd::compile([](auto u, auto v) { return norm_l2(u - v); },
                                      autograd::placeholder<double>{100, 3}, autograd::placeholder<double>{3});
    const autograd::program<double> program = distance.program(); // const: threads share it
    // [placeholders]
    BOOST_TEST((program.input_shape(0) == extents{100, 3}));

    const auto exponential = [](auto x) { return exp(x); };
    // [plans]
    auto few = autograd::compile({.plans = 2}, exponential, autograd::placeholder<double>{100});
    // [plans]
    BOOST_TEST(few.plan_count() == 1u);

    // [integers]
    auto noise = autograd::compile<double>([](auto key) { return random_normal(key, {100}); }, 1);
    // [integers]
    BOOST_TEST(noise(1)(0) != noise(2)(0));
    BOOST_TEST(noise.recording_count() == 1u);
}

BOOST_AUTO_TEST_CASE(of_a_recording)
{
    // [recording]
    autograd::tape<double> tape;
    const auto x = tape.variable(xt::xarray<double>{1.0, 2.0});
    const auto y = sum(exp(x));
    const autograd::program<double> program = autograd::compile({x}, {y, gradient(y, x)});
    tape.clear();

    autograd::workspace<double> memory = program.make_workspace();
    const autograd::array<double> other{3.0, 4.0};
    autograd::array<double> total = 0.0, slope{0.0, 0.0};
    program.run({other}, {total, slope}, memory);
    // [recording]
    BOOST_TEST(slope(1) == std::exp(4.0), tolerance(1e-15));
}

BOOST_AUTO_TEST_SUITE_END()
