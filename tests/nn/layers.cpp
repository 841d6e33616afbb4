#include "nn/nn.hpp"

#include "nn/expectations.hpp"
#include "tests/memory_can_run_out.hpp"

using namespace support;
using autograd::error::index_error;
using autograd::error::shape_error;
using autograd::error::value_error;
using expectations::named;

namespace
{

variable zeros(tape& t, std::vector<std::size_t> shape)
{
    array values = array::from_shape(shape);
    values.fill(0);
    return t.variable(values);
}

template <class T>
nn::batch_norm<autograd::variable<T>> batch_norm_of(const std::string& name, autograd::tape<T>& t, named<T>& in)
{
    const auto& outputs = expectations::all().at(name).at("outputs");
    return {in["weight"],
            in["bias"],
            {t.constant(expectations::array_of<T>(outputs.at("mean_before")))},
            {t.constant(expectations::array_of<T>(outputs.at("variance_before")))},
            0.2,
            1e-4};
}

} // namespace

BOOST_AUTO_TEST_SUITE(nn_layers)

BOOST_AUTO_TEST_CASE(linear_agrees_with_pytorch)
{
    expectations::check_case("linear",
                             []<class T>(autograd::tape<T>&, named<T>& in) -> named<T>
                             {
                                 const nn::linear<autograd::variable<T>> layer{in["weight"], in["bias"]};
                                 return {{"y", layer(in["x"])}};
                             });
    tape t;
    nn::random_stream stream(1);
    const auto without = nn::on_tape(t, nn::make_linear(2, 3, stream, nn::init::constant(2), std::nullopt));
    BOOST_TEST(!without.bias.has_value());
    BOOST_TEST(list(without(t.constant(array{1, 2}))) == (reals{6, 6, 6}), per_element());
}

BOOST_AUTO_TEST_CASE(layer_norm_agrees_with_pytorch)
{
    expectations::check_case("layer_norm",
                             []<class T>(autograd::tape<T>&, named<T>& in) -> named<T>
                             {
                                 const nn::layer_norm<autograd::variable<T>> layer{in["weight"], in["bias"], 1e-3};
                                 return {{"y", layer(in["x"])}};
                             });
}

BOOST_AUTO_TEST_CASE(batch_norm_agrees_with_pytorch)
{
    for (const std::string name : {"batch_norm", "batch_norm_of_images"})
    {
        expectations::check_case(name,
                                 [&]<class T>(autograd::tape<T>& t, named<T>& in) -> named<T> {
                                     return {{"y", batch_norm_of(name, t, in)(in["x"])}};
                                 });
        expectations::check_case(name + "_on_batch",
                                 [&]<class T>(autograd::tape<T>& t, named<T>& in) -> named<T>
                                 {
                                     const auto [y, next] = batch_norm_of(name + "_on_batch", t, in).on_batch(in["x"]);
                                     return {{"y", y},
                                             {"running_mean", next.running_mean.value},
                                             {"running_variance", next.running_variance.value}};
                                 });
    }
}

BOOST_AUTO_TEST_CASE(statistics_of_batch_norm_are_kept_but_not_trained)
{
    tape t;
    nn::batch_norm<array> stored = nn::make_batch_norm(2);
    const auto m = nn::on_tape(t, stored);
    const variable x = t.variable(array{{1, 2}, {3, 6}});
    const auto [y, next] = m.on_batch(x);
    BOOST_TEST(list(y)[0] == -1 / std::sqrt(1 + 1e-5), tolerance(1e-14));
    stored = nn::values(next);
    BOOST_TEST(list(stored.running_mean.value) == (reals{0.2, 0.4}), tolerance(1e-15) << per_element());
    BOOST_TEST(list(stored.running_variance.value) == (reals{0.9 + 0.1 * 2, 0.9 + 0.1 * 8}), tolerance(1e-15)
                                                                                                 << per_element());
    const auto slope = gradient(sum(y * x), m);
    BOOST_TEST(same(slope.running_mean.value, m.running_mean.value));
    const variable running = sum(next.running_mean.value);
    BOOST_CHECK_THROW(gradient(running, x), autograd::error::not_differentiable);
    std::string names;
    nn::for_each_parameter(stored, [&](const std::string& name, const array&) { names += name + " "; });
    BOOST_TEST(names == "weight bias ");
}

BOOST_AUTO_TEST_CASE(embedding_agrees_with_pytorch)
{
    expectations::check_case(
        "embedding",
        []<class T>(autograd::tape<T>& t, named<T>& in) -> named<T>
        {
            const nn::embedding<autograd::variable<T>> layer{in["weight"]};
            return {{"y", layer(t.index(xt::xarray<int>(xt::cast<int>(expectations::input("embedding", "i")))))}};
        });
    tape t;
    nn::random_stream stream(1);
    const auto table = nn::on_tape(t, nn::make_embedding(5, 3, stream));
    BOOST_TEST(shape(table(t.index(integers{{1, 2}, {3, 4}}))) == (extents{2, 2, 3}), per_element());
    BOOST_TEST(text_of<index_error>(
                   [&] {
                       table(t.index(integers{{1, 2}, {3, 5}}));
                   }) == "autograd: embedding: row 5 at position (1, 1) is not one of 5; they are numbered from 0.");
    BOOST_TEST(text_of<index_error>([&] { table(t.index(-1)); }) ==
               "autograd: embedding: row -1 at position () is not one of 5; they are numbered from 0.");
}

BOOST_AUTO_TEST_CASE(activations_are_the_functions_of_their_names)
{
    tape t;
    const variable x = t.variable(array{{-2, -0.5, 0.25}, {0.7, 3, -0.1}});
    const auto equal = [](variable a, variable b) { BOOST_TEST(list(a) == list(b), per_element()); };
    equal(nn::activation::relu()(x), relu(x));
    equal(nn::activation::selu()(x), selu(x));
    equal(nn::activation::gelu()(x), gelu(x));
    equal(nn::activation::silu()(x), silu(x));
    equal(nn::activation::sigmoid()(x), sigmoid(x));
    equal(nn::activation::log_sigmoid()(x), log_sigmoid(x));
    equal(nn::activation::tanh()(x), tanh(x));
    equal(nn::activation::softplus()(x), softplus(x));
    equal(nn::activation::softsign()(x), softsign(x));
    equal(nn::activation::leaky_relu{0.2}(x), leaky_relu(x, 0.2));
    equal(nn::activation::elu{1.5}(x), elu(x, 1.5));
    equal(nn::activation::hardtanh{-0.5, 2}(x), hardtanh(x, -0.5, 2));
    equal(nn::activation::softmax{0}(x), softmax(x, 0));
    equal(nn::activation::log_softmax()(x), log_softmax(x, 1));
}

BOOST_AUTO_TEST_CASE(derivatives_of_activations)
{
    const auto check = [](auto layer)
    {
        const auto report =
            autograd::check_gradient([&](variable x) { return layer(x); }, array{{-2, -0.5, 0.25}, {0.7, 3, -0.1}});
        BOOST_TEST(report.passed, to_text(report));
    };
    std::apply([&](auto... layer) { (check(layer), ...); },
               std::tuple(nn::activation::relu(), nn::activation::selu(), nn::activation::gelu(),
                          nn::activation::silu(), nn::activation::sigmoid(), nn::activation::log_sigmoid(),
                          nn::activation::tanh(), nn::activation::softplus(), nn::activation::softsign(),
                          nn::activation::leaky_relu(), nn::activation::elu(), nn::activation::hardtanh(),
                          nn::activation::softmax(), nn::activation::log_softmax()));
}

BOOST_AUTO_TEST_CASE(shapes_and_options_are_checked)
{
    tape t;
    const nn::linear<variable> layer{zeros(t, {5, 6}), zeros(t, {6})};
    BOOST_TEST(text_of<shape_error>(
                   [&] {
                       layer(zeros(t, {3, 4}));
                   }) ==
               "autograd: linear: x is (3, 4) and the weight is (5, 6); the last extent of x must equal the inputs of "
               "the weight (5).");
    BOOST_TEST(text_of<shape_error>(
                   [&] {
                       nn::linear<variable>{zeros(t, {5}), {}}(zeros(t, {5}));
                   }) == "autograd: linear: the weight is (5,); it must have the axes (inputs, outputs).");
    BOOST_TEST(text_of<shape_error>(
                   [&] {
                       nn::linear<variable>{zeros(t, {5, 6}), zeros(t, {1, 6})}(zeros(t, {5}));
                   }) == "autograd: linear: the bias is (1, 6); it must be (6,).");
    const std::string whole = whole_text_of([&] { layer(zeros(t, {3, 4})); });
    BOOST_TEST(whole.find("layers.cpp:") != std::string::npos, whole);

    const nn::layer_norm<variable> norm{zeros(t, {3, 5}), zeros(t, {3, 5})};
    BOOST_TEST(text_of<shape_error>(
                   [&] {
                       norm(zeros(t, {2, 5}));
                   }) ==
               "autograd: layer_norm: x is (2, 5) and the weight is (3, 5); x must end in the axes of the weight, of "
               "which there is at least one element.");
    BOOST_TEST(text_of<value_error>(
                   [&] {
                       nn::layer_norm<variable>{zeros(t, {5}), zeros(t, {5}), 0}(zeros(t, {2, 5}));
                   }) == "autograd: layer_norm: epsilon is 0; it must be positive.");

    auto batch = nn::on_tape(t, nn::make_batch_norm(3));
    BOOST_TEST(text_of<shape_error>(
                   [&] {
                       batch(zeros(t, {2, 5}));
                   }) == "autograd: batch_norm: the weight is (3,); it must be (5,).");
    BOOST_TEST(text_of<shape_error>([&] { batch(zeros(t, {3})); }) ==
               "autograd: batch_norm: x is (3,); it must have the axes (samples, channels, ...).");
    BOOST_TEST(text_of<shape_error>(
                   [&] {
                       batch.on_batch(zeros(t, {1, 3}));
                   }) == "autograd: batch_norm: x is (1, 3), with 1 value per channel; a batch needs two at least. For "
                         "predictions call layer(x).");
    batch.momentum = 2;
    BOOST_TEST(text_of<value_error>(
                   [&] {
                       batch(zeros(t, {2, 3}));
                   }) == "autograd: batch_norm: the momentum is 2; it must be from 0 to 1.");
}

BOOST_AUTO_TEST_CASE(dropout_drops_by_its_key)
{
    tape t;
    const nn::dropout layer{0.25};
    array ones = array::from_shape({100, 100});
    ones.fill(1);
    const variable x = t.variable(ones);
    const autograd::counter_generator random(t.index(5));
    const variable y = layer(x, random);
    std::size_t dropped = 0;
    for (double value : list(y))
    {
        dropped += value == 0;
        BOOST_TEST((value == 0 || value == 1 / 0.75));
    }
    // Binomial: 2500 of 10000, with a standard deviation of 43.
    BOOST_TEST(std::abs(static_cast<double>(dropped) - 2500) < 4 * 43);
    BOOST_TEST(list(layer(x, random)) == list(y), per_element());
    BOOST_TEST(list(layer(x, random.stream(1))) != list(y));
    BOOST_TEST(list(layer(x, autograd::counter_generator(t.index(6)))) != list(y));
    BOOST_TEST(list(gradient(sum(y), x)) == list(y), per_element());
    BOOST_TEST(same(layer(x), x), "without randomness, x itself");
    BOOST_TEST(same(nn::dropout{0}(x, random), x));

    const auto report = autograd::check_gradient(
        [&](variable z) { return layer(square(z), autograd::counter_generator(z.tape().index(5))); },
        array{{1, 2, 3}, {4, 5, 6}});
    BOOST_TEST(report.passed, to_text(report));
    BOOST_TEST(text_of<value_error>([&] { nn::dropout{1}(x, random); }) ==
               "autograd: dropout: the rate is 1; it must be at least 0 and less than 1.");
    BOOST_TEST(text_of<value_error>([&] { nn::dropout{-0.5}(x); }) ==
               "autograd: dropout: the rate is -0.5; it must be at least 0 and less than 1.");
}

BOOST_AUTO_TEST_CASE(what_is_dropped_stays_out_though_it_be_infinite)
{
    tape t;
    const variable x = t.variable(array{-1, -1, -1, -1, -1, -1, -1, -1});
    const variable y = nn::dropout{0.5}(sqrt(relu(x)), autograd::counter_generator(t.index(1)));
    BOOST_TEST(list(gradient(sum(y), x)) == reals(8, 0.0), per_element());
}

BOOST_AUTO_TEST_CASE(layers_in_sequence)
{
    tape t;
    nn::random_stream stream(2);
    const auto model =
        nn::sequential{nn::make_linear(3, 8, stream), nn::activation::tanh(), nn::dropout{0.5},
                       nn::make_batch_norm(8),        nn::dropout{0.5},       nn::make_linear(8, 2, stream)};
    const auto m = nn::on_tape(t, model);
    BOOST_TEST(std::get<5>(m.layers).weight.name() == "5.weight");
    BOOST_TEST(nn::number_of_parameters(model) == 3u * 8 + 8 + 8 + 8 + 8 * 2 + 2);
    const variable x = t.variable(stream.randn({5, 3}));

    const auto& [first, f, drop, norm, drop_again, last] = m.layers;
    BOOST_TEST(list(m(x)) == list(last(norm(tanh(first(x))))), per_element());
    const autograd::counter_generator random(t.index(5));
    const variable with_dropout = m(x, random);
    const variable by_hand = last(drop_again(norm(drop(tanh(first(x)), random.stream(2))), random.stream(4)));
    BOOST_TEST(list(with_dropout) == list(by_hand), per_element());

    const auto [y, next] = m.on_batch(x, random);
    const auto [normalised, next_norm] = norm.on_batch(drop(tanh(first(x)), random.stream(2)));
    BOOST_TEST(list(y) == list(last(drop_again(normalised, random.stream(4)))), per_element());
    BOOST_TEST(list(std::get<3>(next.layers).running_mean.value) == list(next_norm.running_mean.value), per_element());
    const auto [without, ignored] = m.on_batch(x);
    BOOST_TEST(list(without) == list(last(norm.on_batch(tanh(first(x))).first)), per_element());

    const auto slope = gradient(sum(square(y)), m);
    BOOST_TEST(shape(std::get<0>(slope.layers).weight) == (extents{3, 8}), per_element());
}

BOOST_AUTO_TEST_CASE(the_first_layer_draws_its_weights_first)
{
    nn::random_stream together(3);
    const nn::sequential net{nn::make_linear(2, 4, together), nn::activation::tanh(), nn::make_linear(4, 2, together)};
    nn::random_stream one_by_one(3);
    const auto first = nn::make_linear(2, 4, one_by_one);
    const auto last = nn::make_linear(4, 2, one_by_one);
    BOOST_TEST(list(std::get<0>(net.layers).weight) == list(first.weight), per_element());
    BOOST_TEST(list(std::get<2>(net.layers).weight) == list(last.weight), per_element());
}

BOOST_AUTO_TEST_CASE(sequences_in_sequences)
{
    tape t;
    nn::random_stream stream(2);
    const auto block = nn::sequential{nn::make_linear(3, 3, stream), nn::dropout{0.5}};
    const auto m = nn::on_tape(t, nn::sequential{block, [](auto x) { return x * x; }, block});
    BOOST_TEST(std::get<0>(std::get<2>(m.layers).layers).weight.name() == "2.0.weight");
    const variable x = t.variable(stream.randn({4, 3}));
    const autograd::counter_generator random(t.index(5));
    const auto& [first, square_of, second] = m.layers;
    BOOST_TEST(list(m(x, random)) == list(second(square(first(x, random.stream(0))), random.stream(2))), per_element());
}

BOOST_AUTO_TEST_CASE(words_in_sequence)
{
    tape t;
    nn::random_stream stream(2);
    const auto model = nn::sequential{
        nn::make_embedding(6, 3, stream), nn::dropout{0.5}, nn::make_lstm(3, 4, stream), nn::make_gru(4, 3, stream),
        nn::make_rnn(3, 2, stream),       nn::last_step(),  nn::make_batch_norm(2),      nn::make_linear(2, 5, stream)};
    const auto m = nn::on_tape(t, model);
    const auto text = t.index(integers{{0, 5}, {2, 2}, {1, 3}});
    const auto& [letters, drop, first, second, third, last, norm, scores] = m.layers;

    const auto by_hand = [&m](variable in) // (clang 14 captures no structured bindings)
    {
        const variable words = std::get<3>(m.layers)(std::get<2>(m.layers)(in).outputs).outputs;
        return std::get<6>(m.layers).on_batch(std::get<5>(m.layers)(std::get<4>(m.layers)(words).outputs)).first;
    };
    BOOST_TEST(shape(m(text)) == (extents{2, 5}), per_element());
    BOOST_TEST(list(m(text)) == list(scores(norm(third(second(first(letters(text)).outputs).outputs).state))),
               per_element());
    const autograd::counter_generator random(t.index(5));
    const auto [y, next] = m.on_batch(text, random);
    BOOST_TEST(list(y) == list(scores(by_hand(drop(letters(text), random.stream(1))))), per_element());
    BOOST_TEST(std::get<6>(next.layers).running_mean.value.data()[0] != 0.0);
    const auto [without, ignored] = m.on_batch(text);
    BOOST_TEST(list(without) == list(scores(by_hand(letters(text)))), per_element());

    // Gradients flow to the table through all of it, and are right: against differences, to all parameters.
    const auto slope = gradient(sum(square(m(text))), m);
    BOOST_TEST(list(std::get<0>(slope.layers).weight)[4 * 3] == 0.0, "letter 4 does not occur");
    BOOST_TEST(list(std::get<0>(slope.layers).weight)[5 * 3] != 0.0);
    std::vector<array> parameters;
    nn::for_each_parameter(model, [&](const std::string&, const array& each) { parameters.push_back(each); });
    const auto report = autograd::check_gradient(
        [&](std::span<const variable> x)
        {
            auto varied = nn::on_tape(x[0].tape(), model);
            std::size_t k = 0;
            nn::for_each_parameter(varied, [&](const std::string&, variable& each) { each = x[k++]; });
            return varied(x[0].tape().index(integers{{0, 5}, {2, 2}, {1, 3}}));
        },
        parameters);
    BOOST_TEST(report.passed, to_text(report));
}

BOOST_AUTO_TEST_CASE(the_last_step)
{
    tape t;
    const variable x = t.variable(array{{{1, 2}}, {{3, 4}}, {{5, 6}}});
    const variable y = nn::last_step()(x);
    BOOST_TEST(shape(y) == (extents{1, 2}), per_element());
    BOOST_TEST(list(y) == (reals{5, 6}), per_element());
    BOOST_TEST(list(gradient(sum(square(y)), x)) == (reals{0, 0, 0, 0, 10, 12}), per_element());
    BOOST_TEST(text_of<shape_error>(
                   [&] {
                       nn::last_step()(zeros(t, {0, 2}));
                   }) ==
               "autograd: last_step: x is (0, 2); it must have the axes (steps, ...), with one step at least.");
}

BOOST_AUTO_TEST_CASE(what_overflows_is_not_normalised)
{
    tape t;
    nn::random_stream stream(2);
    const auto layer = nn::on_tape(t, nn::make_layer_norm(2));
    BOOST_TEST(text_of<value_error>(
                   [&] {
                       layer(t.variable(array{{1, 2}, {1e200, -1e200}}));
                   }) ==
               "autograd: layer_norm: variance 1 of x is inf in double; the squares of its elements must not overflow. "
               "Scale x.");
    const auto channels = nn::on_tape(t, nn::make_batch_norm(1));
    BOOST_TEST(text_of<value_error>(
                   [&] {
                       channels.on_batch(t.variable(column({1e200, -1e200})));
                   }) ==
               "autograd: batch_norm: variance 0 of x is inf in double; the squares of its elements must not overflow. "
               "Scale x.");
    BOOST_TEST(std::isnan(layer(t.variable(array{{1, std::numeric_limits<double>::infinity()}})).data()[0]),
               "an infinite element is another matter");

    autograd::tape<float> narrow;
    auto fine = nn::on_tape(narrow, nn::make_layer_norm<float>({2}));
    fine.epsilon = 1e-60;
    BOOST_TEST(
        text_of<value_error>(
            [&] {
                fine(narrow.variable(xt::xarray<float>{1, 1}));
            })
            .starts_with("autograd: layer_norm: epsilon is 1e-60, which float does not hold; it must be at least "
                         "1.17"));
    BOOST_TEST(text_of<shape_error>([] { nn::make_layer_norm({}); }) ==
               "autograd: make_layer_norm: the features are (); there must be an axis and an element at least.");
    BOOST_CHECK_THROW(nn::make_layer_norm({std::size_t{1} << 40, std::size_t{1} << 40}), shape_error);
    if (support::memory_can_run_out)
    {
        BOOST_CHECK_THROW(nn::make_batch_norm(std::size_t{1} << 57), autograd::error::memory_error);
    }
}

// There the derivative is (cotangent - its mean) / sqrt(epsilon), as it is on either side.
template <class T>
void check_equal_elements(double epsilon)
{
    autograd::tape<T> t;
    const auto x = t.variable(xt::xarray<T>{{3, 3}, {-5, -5}});
    const auto weights = t.constant(xt::xarray<T>{{2, -1}, {1, 1}});
    auto by_row = nn::on_tape(t, nn::make_layer_norm<T>({2}));
    by_row.epsilon = epsilon;
    const T size = 1 / std::sqrt(static_cast<T>(epsilon));
    BOOST_TEST(list(gradient(sum(weights * by_row(x)), x)) == (std::vector<T>{T(1.5) * size, T(-1.5) * size, 0, 0}),
               tolerance(T(1e-6)) << per_element());
    auto by_channel = nn::on_tape(t, nn::make_batch_norm<T>(2));
    by_channel.epsilon = epsilon;
    const auto y = transpose(by_channel.on_batch(transpose(x)).first);
    BOOST_TEST(list(gradient(sum(weights * y), x)) == (std::vector<T>{T(1.5) * size, T(-1.5) * size, 0, 0}),
               tolerance(T(1e-6)) << per_element());
}

BOOST_AUTO_TEST_CASE(equal_elements_are_normalised_with_a_derivative)
{
    check_equal_elements<double>(1e-5);
    check_equal_elements<double>(1e-300);
    check_equal_elements<float>(1e-5);
    check_equal_elements<float>(1e-30);
}

BOOST_AUTO_TEST_CASE(layers_are_recorded_without_values)
{
    tape planned(autograd::recording::shapes);
    nn::random_stream stream(2);
    const auto net = nn::on_tape(planned, nn::sequential{nn::make_linear(3, 8, stream), nn::make_batch_norm(8),
                                                         nn::make_layer_norm({8}), nn::dropout{0.5}});
    const autograd::counter_generator random(planned.index(1));
    const auto [y, next] = net.on_batch(planned.constant(stream.randn({5, 3})), random);
    BOOST_TEST(shape(std::get<0>(gradient(sum(y), net).layers).weight) == (extents{3, 8}), per_element());

    const auto table = nn::on_tape(planned, nn::make_embedding(4, 3, stream));
    const auto cells = nn::on_tape(planned, nn::make_lstm(3, 2, stream));
    const auto gated = nn::on_tape(planned, nn::make_gru(2, 2, stream));
    const auto result = gated(cells(table(planned.index(integers{{0, 1}, {2, 9}}))).outputs);
    BOOST_TEST(shape(gradient(sum(result.state), table).weight) == (extents{4, 3}), per_element());
}

BOOST_AUTO_TEST_SUITE_END()
