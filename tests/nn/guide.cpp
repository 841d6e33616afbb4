// The programs of docs/nn.md: every block of C++ there stands here (a test below compares them).

#include <nn/nn.hpp>

#include "support.hpp"

#include <nlohmann/json.hpp>

#include <fstream>
#include <sstream>

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

template <class Leaf>
struct reader
{
    nn::embedding<Leaf> letters;
    nn::lstm<Leaf> memory;
    nn::linear<Leaf> next;
    NN_MEMBERS(letters, memory, next)

    /// The scores of the next letter after each: (steps, samples) integers to (steps, samples, letters).
    template <class T>
    Leaf operator()(autograd::indices<T> text) const
    {
        return next(memory(letters(text)).outputs);
    }
};

/// The file without leading blanks, so that the depth of a block does not matter.
std::string unindented(const std::string& text)
{
    std::istringstream lines(text);
    std::string result;
    for (std::string line; std::getline(lines, line);)
    {
        const std::size_t first = line.find_first_not_of(' ');
        result += (first == std::string::npos ? "" : line.substr(first)) + "\n";
    }
    return result;
}

std::string contents(const std::string& path)
{
    std::ifstream file(path);
    BOOST_REQUIRE_MESSAGE(file, path);
    return {std::istreambuf_iterator<char>(file), {}};
}

} // namespace

BOOST_AUTO_TEST_SUITE(nn_guide)

BOOST_AUTO_TEST_CASE(a_model_is_trained)
{
    nn::random_stream stream(0);
    const nn::labelled_points moons = nn::make_moons(200, 0.2, stream);
    classifier<xt::xarray<double>> model{nn::make_linear(2, 8, stream), nn::make_linear(8, 2, stream)};

    autograd::tape<double> tape;
    double last = 0;
    for (int step = 0; step < 300; ++step)
    {
        tape.clear();
        const auto m = nn::on_tape(tape, model);
        const auto scores = m(tape.constant(moons.points));
        const auto loss = nn::cross_entropy(scores, tape.index(moons.labels)) +
                          nn::l2_penalty(1e-3, {m.hidden.weight, m.output.weight});
        const auto slope = nn::values(gradient(loss, m));
        nn::zip_parameters([](const std::string&, auto& w, const auto& dw) { w -= 0.5 * dw; }, model, slope);
        last = loss.item();
    }
    BOOST_TEST(last < 0.3);
    BOOST_TEST(nn::summary(model) ==
               "layer   leaves                    parameters\n"
               "hidden  weight (2, 8), bias (8,)          24\n"
               "output  weight (8, 2), bias (2,)          18\n"
               "total                                     42  (336 bytes), 0 numbers in buffers\n");
}

BOOST_AUTO_TEST_CASE(layers_with_randomness_and_state)
{
    nn::random_stream stream(0);
    const nn::labelled_points moons = nn::make_moons(200, 0.2, stream);
    auto model = nn::sequential{nn::make_linear(2, 16, stream, nn::init::he_normal()), nn::make_batch_norm(16),
                                nn::activation::relu(), nn::dropout{0.2}, nn::make_linear(16, 2, stream)};

    autograd::tape<double> tape;
    double first = 0;
    double last = 0;
    for (int step = 0; step < 100; ++step)
    {
        tape.clear();
        const auto m = nn::on_tape(tape, model);
        const autograd::counter_generator random(tape.index(step));
        const auto [scores, next] = m.on_batch(tape.constant(moons.points), random);
        const auto loss = nn::cross_entropy(scores, tape.index(moons.labels));
        const auto slope = nn::values(gradient(loss, m));
        model = nn::values(next); // the running statistics of the batch_norm
        nn::zip_parameters([](const std::string&, auto& w, const auto& dw) { w -= 0.1 * dw; }, model, slope);
        last = loss.item();
        first = step == 0 ? last : first;
    }
    BOOST_TEST(last < 0.7 * first);

    tape.clear();
    const auto scores = nn::on_tape(tape, model)(tape.constant(moons.points)); // a prediction: no key, nothing dropped
    const auto right = mean(equal(argmax(scores, 1), tape.index(moons.labels)));
    BOOST_TEST(right.item() > 0.8);
}

BOOST_AUTO_TEST_CASE(a_recurrent_model_learns_a_sequence)
{
    nn::random_stream stream(0);
    reader<xt::xarray<double>> model{nn::make_embedding(3, 4, stream), nn::make_lstm(4, 8, stream),
                                     nn::make_linear(8, 3, stream)};
    xt::xarray<int> text = xt::xarray<int>::from_shape({12, 1});
    xt::xarray<int> after = xt::xarray<int>::from_shape({12, 1});
    const int letters[] = {0, 0, 1, 2, 0, 0, 1, 2, 0, 0, 1, 2, 0}; // after one 0 comes another, then 1: it must count
    std::copy(letters, letters + 12, text.begin());
    std::copy(letters + 1, letters + 13, after.begin());

    autograd::tape<double> tape;
    double last = 0;
    for (int step = 0; step < 200; ++step)
    {
        tape.clear();
        const auto m = nn::on_tape(tape, model);
        const auto loss = nn::cross_entropy(m(tape.index(text)), tape.index(after));
        const auto slope = nn::values(gradient(loss, m));
        nn::zip_parameters([](const std::string&, auto& w, const auto& dw) { w -= 1.0 * dw; }, model, slope);
        last = loss.item();
    }
    BOOST_TEST(last < 0.1);
}

BOOST_AUTO_TEST_CASE(a_sequence_of_layers_reads_integers)
{
    nn::random_stream stream(0);
    const xt::xarray<int> text{{0, 1}, {2, 2}, {1, 0}};
    const auto classes = nn::sequential{nn::make_embedding(3, 4, stream), nn::make_gru(4, 8, stream), nn::last_step(),
                                        nn::make_linear(8, 2, stream)};
    const std::string table = nn::summary(classes, text); // text: (steps, samples) integers
    BOOST_TEST(table.find("last_step  ") != std::string::npos, table);
    autograd::tape<double> tape;
    BOOST_TEST(support::shape(nn::on_tape(tape, classes)(tape.index(text))) == (support::extents{2, 2}),
               support::per_element());
}

// The article's network of layers, descending the article's loss: its table as far as it is determined.
BOOST_AUTO_TEST_CASE(the_article_out_of_layers)
{
    const nlohmann::json article = nlohmann::json::parse(contents(TEST_DATA "/article_moons300.json"));
    nn::random_stream data(0);
    const nn::labelled_points moons = nn::make_moons(300, 0.2, data);
    for (const std::size_t hidden : {1u, 3u})
    {
        nn::random_stream stream(0);
        classifier<xt::xarray<double>> model{nn::make_linear(2, hidden, stream, nn::init::lecun_normal()),
                                             nn::make_linear(hidden, 2, stream, nn::init::lecun_normal())};
        const nlohmann::json& run = article.at("runs").at(std::to_string(hidden));
        autograd::tape<double> tape;
        const auto loss_of = [&](const auto& m)
        {
            return nn::cross_entropy(m(tape.constant(moons.points)), tape.index(moons.labels), {nn::reduction::sum}) +
                   nn::l2_penalty(0.01, {m.hidden.weight, m.output.weight});
        };
        for (int pass = 0; pass <= 1000; ++pass)
        {
            tape.clear();
            const auto m = nn::on_tape(tape, model);
            const auto slope = nn::values(gradient(loss_of(m), m));
            nn::zip_parameters([](const std::string&, auto& w, const auto& dw) { w -= 0.01 * dw; }, model, slope);
            if (pass % 1000 == 0)
            {
                const double printed = loss_of(nn::on_tape(tape, model)).item() / 300;
                BOOST_TEST(printed == run.at("loss_every_1000")[static_cast<std::size_t>(pass / 1000)].get<double>(),
                           boost::test_tools::tolerance(2e-9));
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(the_page_shows_what_is_compiled)
{
    const std::string here = unindented(contents(TEST_DATA "/../nn/guide.cpp"));
    const std::string page = contents(TEST_DATA "/../../docs/nn.md");
    std::size_t blocks = 0;
    for (std::size_t at = page.find("```cpp\n"); at != std::string::npos; at = page.find("```cpp\n", at))
    {
        at += std::string("```cpp\n").size();
        const std::string block = page.substr(at, page.find("```", at) - at);
        BOOST_TEST((here.find(unindented(block)) != std::string::npos), "docs/nn.md shows, but nobody compiles:\n"
                                                                            << block);
        ++blocks;
    }
    BOOST_TEST(blocks >= 4u);
}

BOOST_AUTO_TEST_SUITE_END()
