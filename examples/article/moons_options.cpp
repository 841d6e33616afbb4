#include "examples/article/moons_options.hpp"

#include "nn/serialization/atomic_file.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstdio>
#include <limits>

namespace article
{

namespace
{

constexpr double infinity = std::numeric_limits<double>::infinity();

/// CLI11 reads 010 as 8 and stops at nothing for "nan": numbers are read here, whole and in decimal.
template <class N>
bool read_number(const std::string& text, N& number)
{
    const char* end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, number);
    return error == std::errc() && stopped == end;
}

template <class N>
using is_allowed = bool (*)(N);

/// An option that takes a number for which `allowed` holds; `expected` is its description in an error.
template <class N>
void add_number(CLI::App& app, const std::string& name, N& value, const std::string& help, const std::string& expected,
                is_allowed<N> allowed)
{
    const auto read = [=, &value](const std::string& text)
    {
        N number{};
        if (!read_number(text, number) || !allowed(number))
        {
            throw CLI::ValidationError(fmt::format("{} {}: must be {}", name, text.empty() ? "''" : text, expected));
        }
        value = number;
    };
    app.add_option_function<std::string>(name, read, fmt::format("{} ({})", help, value))->type_name("N");
}

void add_file(CLI::App& app, const std::string& name, std::filesystem::path& value, const std::string& help)
{
    const auto read = [&value](const std::string& text) { value = text == "none" ? "" : text; };
    const std::string unless_given = value.empty() ? "" : fmt::format(" ({})", value.string());
    app.add_option_function<std::string>(name, read, help + unless_given)->type_name("FILE");
}

void add_options(CLI::App& app, moons_options& o)
{
    constexpr auto seed_range = "an integer from 0 to 4294967295";
    constexpr auto is_seed = [](std::int64_t n) { return n >= 0 && n <= std::int64_t{4294967295}; };
    add_number<std::size_t>(app, "--points", o.points, "points of the data set", "an integer from 1 to 1000000",
                            [](std::size_t n) { return n >= 1 && n <= 1000000; });
    add_number<double>(app, "--noise", o.noise, "standard deviation of what is added to each coordinate",
                       "a number from 0 to 1000", [](double x) { return x >= 0 && x <= 1000; });
    add_number<std::size_t>(app, "--hidden", o.hidden, "tanh units in the hidden layer", "an integer from 1 to 10000",
                            [](std::size_t n) { return n >= 1 && n <= 10000; });
    add_number<std::size_t>(app, "--passes", o.passes, "passes of gradient descent", "an integer from 1 to 1000000000",
                            [](std::size_t n) { return n >= 1 && n <= 1000000000; });
    add_number<double>(app, "--epsilon", o.epsilon, "length of the steps: the learning rate", "a finite number above 0",
                       [](double x) { return x > 0 && x < infinity; });
    add_number<double>(app, "--lambda", o.lambda, "weight of the regularisation", "a finite number, 0 or above",
                       [](double x) { return x >= 0 && x < infinity; });
    add_number<std::int64_t>(app, "--seed", o.seed, "seed of the initial weights, as in np.random.seed", seed_range,
                             is_seed);
    add_number<std::int64_t>(app, "--data-seed", o.data_seed, "seed of the data set, as in np.random.seed", seed_range,
                             is_seed);
    add_number<std::size_t>(app, "--every", o.every, "passes from one printed loss to the next",
                            "an integer from 1 to 1000000000", [](std::size_t n) { return n >= 1 && n <= 1000000000; });
    add_file(app, "--csv", o.csv, "write the printed losses to this file, with all digits");
    add_file(app, "--figure", o.figure,
             "draw the decision regions to this .png or .svg file, its script beside it; or none");
}

void require_writable(const char* option, const std::filesystem::path& file)
{
    const std::string reason = file.empty() ? "" : nn::why_unwritable(file);
    if (!reason.empty())
    {
        throw CLI::ValidationError(fmt::format("{} {}: cannot be written: {}", option, file.string(), reason));
    }
}

void check_files(const moons_options& o)
{
    require_writable("--csv", o.csv);
    if (o.figure.empty() || o.figure == moons_options().figure)
    {
        return; // the folder of the default is made when the picture is
    }
    const std::string name = o.figure.string();
    if (o.figure.extension() != ".png" && o.figure.extension() != ".svg")
    {
        throw CLI::ValidationError(fmt::format("--figure {}: must end in .png or .svg, or be none", name));
    }
    if (std::any_of(name.begin(), name.end(), [](unsigned char each) { return std::iscntrl(each) != 0; }))
    {
        throw CLI::ValidationError("--figure: the name has control characters, which gnuplot cannot read");
    }
    require_writable("--figure", o.figure);
}

constexpr auto description =
    R"(Trains the network of the article "Build an Artificial Neural Network from scratch: Part 2" on two moons,
as the article does, with the gradients from a tape. In parentheses: what an option is unless given.)";

} // namespace

moons_command read_command_line(int argc, const char* const* argv)
{
    CLI::App app(description, "moons");
    app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::Throw);
    moons_options options;
    add_options(app, options);
    try
    {
        app.parse(argc, argv);
        check_files(options);
        return {options, 0};
    }
    catch (const CLI::CallForHelp&)
    {
        fmt::print("{}", app.help());
        return {std::nullopt, 0};
    }
    catch (const CLI::ParseError& e)
    {
        fmt::print(stderr, "moons: {}. See moons --help.\n", e.what());
        return {std::nullopt, 2};
    }
}

} // namespace article
