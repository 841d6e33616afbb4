#include "nn/progress.hpp"
#include "nn/summary.hpp"
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
