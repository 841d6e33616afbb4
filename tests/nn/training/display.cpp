#include "nn/nn.hpp"
#include "nn/progress.hpp"
#include "tests/nn/training/runs.hpp"

using namespace runs;

namespace
{

template <class Leaf>
struct nested
{
    std::vector<classifier<Leaf>> layers;
    Leaf scale;
    NN_MEMBERS(layers, scale)
};

/// A layer without leaves that has a float.
struct scaling
{
    float by;
    NN_MEMBERS(by)

    template <class T>
    autograd::variable<T> operator()(autograd::variable<T> x) const
    {
        return x * by;
    }
};

/// What is written to a file by f.
template <class F>
std::string written_by(F f)
{
    std::FILE* file = std::tmpfile();
    BOOST_REQUIRE(file != nullptr);
    f(file);
    std::rewind(file);
    std::string text(10000, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), file));
    std::fclose(file);
    return text;
}

} // namespace

BOOST_AUTO_TEST_SUITE(nn_display)

BOOST_AUTO_TEST_CASE(a_summary_lists_layers_and_totals)
{
    const nested<array> model{{start()}, array{1.0}};
    BOOST_TEST(
        nn::summary(model) ==
        "layer     leaves                                                     parameters\n"
        "layers.0  weight (2, 4), bias (4,), output (4, 2), buffer seen (2,)          20\n"
        "          scale (1,)                                                          1\n"
        "total                                                                        21  (168 bytes), 2 numbers "
        "in buffers\n");
    tape t;
    BOOST_TEST(nn::summary(nn::on_tape(t, model)).find("20") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_summary_lists_layers_without_leaves_and_shapes_of_outputs)
{
    nn::random_stream stream(1);
    const auto model = nn::sequential{nn::make_linear(3, 4, stream), nn::activation::relu(), nn::dropout{0.25},
                                      nn::sequential{nn::make_layer_norm({4}), nn::activation::softmax{-1}},
                                      nn::make_linear(4, 2, stream)};
    BOOST_TEST(nn::summary(model) ==
               "layer  leaves                    parameters\n"
               "0      weight (3, 4), bias (4,)          16\n"
               "1      relu                               0\n"
               "2      dropout (rate 0.25)                0\n"
               "3.0    weight (4,), bias (4,)             8\n"
               "3.1    softmax (axis -1)                  0\n"
               "4      weight (4, 2), bias (2,)          10\n"
               "total                                    34  (272 bytes), 0 numbers in buffers\n");
    array samples = array::from_shape({5, 3});
    samples.fill(1);
    BOOST_TEST(nn::summary(model, samples) ==
               "layer  leaves                    output  parameters\n"
               "0      weight (3, 4), bias (4,)  (5, 4)          16\n"
               "1      relu                      (5, 4)           0\n"
               "2      dropout (rate 0.25)       (5, 4)           0\n"
               "3.0    weight (4,), bias (4,)    (5, 4)           8\n"
               "3.1    softmax (axis -1)         (5, 4)           0\n"
               "4      weight (4, 2), bias (2,)  (5, 2)          10\n"
               "total                            (5, 2)          34  (272 bytes), 0 numbers in buffers\n");

    const auto words = nn::sequential{nn::make_embedding(9, 3, stream), nn::make_gru(3, 2, stream), nn::last_step()};
    const std::string of_words = nn::summary(words, integers{{1, 2}, {3, 4}, {5, 6}});
    BOOST_TEST(of_words.find("bias_hh (6,)  (3, 2, 2)          42\n") != std::string::npos, of_words);
    BOOST_TEST(of_words.find("  (2, 2)              0\ntotal") != std::string::npos, of_words);
    BOOST_TEST(nn::summary(nn::make_linear(3, 4, stream), samples) ==
               "layer  leaves                    output  parameters\n"
               "       weight (3, 4), bias (4,)                  16\n"
               "total                            (5, 4)          16  (128 bytes), 0 numbers in buffers\n");
}

BOOST_AUTO_TEST_CASE(numbers_read_back_as_what_they_were)
{
    nn::random_stream stream(1);
    const auto model = nn::sequential{nn::make_linear(3, 4, stream), nn::dropout{0.1 + 1e-9}, scaling{0.1F}};
    const std::string text = nn::summary(model);
    BOOST_TEST(text.find("dropout (rate 0.100000001)") != text.npos, text);
    BOOST_TEST(text.find("scaling (by 0.1)") != text.npos, text);
    BOOST_TEST(to_text(nn::exponential_schedule(1 - 1e-9)) == "exponential(0.999999999)");
}

BOOST_AUTO_TEST_CASE(a_line_of_progress_is_fit_to_print)
{
    const double nan = std::nan("");
    const double inf = std::numeric_limits<double>::infinity();
    const std::string plain = "epoch 1/2 [>                   ]";
    BOOST_TEST(nn::progress_line({1, 2, nan, nan, nan, ""}, 100) == plain);
    BOOST_TEST(nn::progress_line({1, 2, -inf, inf, inf, ""}, 100) == plain);
    BOOST_TEST(nn::progress_line({1, 2, inf, -1, 1e300, ""}, 100) == "epoch 1/2 [====================]");
    // Cut off behind whole characters, of which there are as many as the terminal is wide.
    const std::string note = "\xc3\xa4\xe2\x82\xac\xf0\x9f\x99\x82.";
    BOOST_TEST(nn::progress_line({1, 2, 0, 0, -1, note}, plain.size() + 3) == plain + "  \xc3\xa4");
    BOOST_TEST(nn::progress_line({1, 2, 0, 0, -1, note}, plain.size() + 5) ==
               plain + "  \xc3\xa4\xe2\x82\xac\xf0\x9f\x99\x82");
    BOOST_TEST(nn::progress_line({1, 2, 0, 0, -1, note}, 100) == plain + "  " + note);
}

BOOST_AUTO_TEST_CASE(a_line_of_progress_says_how_far_how_fast_how_long)
{
    BOOST_TEST(nn::progress_line({3, 10, 0.5, 850.123, 71.5, "loss 0.43"}, 100) ==
               "epoch  3/10 [==========>         ]  850.1 steps/s  0:01:12 left  loss 0.43");
    BOOST_TEST(nn::progress_line({10, 10, 1, 0, -1, ""}, 100) == "epoch 10/10 [====================]");
    BOOST_TEST(nn::progress_line({1, 1, 0, 5, 7200, "loss"}, 12) == "epoch 1/1 [>");
}

BOOST_AUTO_TEST_CASE(a_file_gets_lines_and_a_terminal_one_line)
{
    const auto run_of = [](nn::progress_bar::style how)
    {
        return written_by(
            [&](std::FILE* to)
            {
                nn::progress_bar bar(3, 0, how, to);
                for (std::size_t epoch = 0; epoch < 3; ++epoch)
                {
                    bar.step(epoch, 0.5, "half");
                    bar.epoch(epoch, "whole " + std::to_string(epoch));
                }
            });
    };
    const auto count = [](const std::string& text, char c) { return std::count(text.begin(), text.end(), c); };
    const std::string lines = run_of(nn::progress_bar::style::automatic);
    BOOST_TEST(count(lines, '\n') == 2);
    BOOST_TEST(count(lines, '\r') == 0);
    BOOST_TEST(lines.find("epoch 1/3") == 0u);
    BOOST_TEST(lines.find("whole 2") != std::string::npos, "the last epoch is always told");
    const std::string bar = run_of(nn::progress_bar::style::bar);
    BOOST_TEST(count(bar, '\n') == 1);
    BOOST_TEST(count(bar, '\r') >= 2);
    BOOST_TEST(bar.find("whole 2") != std::string::npos);
    BOOST_TEST(bar.back() == '\n');
    BOOST_TEST(run_of(nn::progress_bar::style::silent).empty());
}

BOOST_AUTO_TEST_SUITE_END()
