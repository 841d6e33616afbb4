#include "examples/beyond/command_line.hpp"

#include "nn/serialization/atomic_file.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdio>

namespace beyond
{

namespace
{

[[noreturn]] void refuse(const std::string& name, const std::string& given, const std::string& rule)
{
    throw CLI::ValidationError(fmt::format("{} {}: {}", name, given.empty() ? "''" : given, rule));
}

/// CLI11 reads 010 as 8: numbers are read here, whole and in decimal.
template <class N>
bool read_number(const std::string& text, N& number)
{
    const char* end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, number);
    return error == std::errc() && stopped == end;
}

void require_writable(const std::string& name, const std::string& given)
{
    if (const std::string reason = nn::why_unwritable(given); !reason.empty())
    {
        refuse(name, given, "cannot be written: " + reason);
    }
}

void add_file(CLI::App& app, const std::string& name, std::filesystem::path& value, const std::string& help,
              const std::function<void(const std::string&)>& check)
{
    const auto read = [=, &value](const std::string& given)
    {
        if (given.empty())
        {
            refuse(name, given, "must be a file name");
        }
        check(given);
        value = given;
    };
    app.add_option_function<std::string>(name, read, help)->type_name("FILE");
}

} // namespace

command_line::command_line(const std::string& program, const std::string& description)
    : m_program(program), m_app(std::make_unique<CLI::App>(description, program))
{
    m_app->option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::Throw);
}

command_line::~command_line() = default;

void command_line::choice(const std::string& name, std::string& value, const std::vector<std::string>& words,
                          const std::string& help)
{
    const auto read = [=, &value](const std::string& given)
    {
        if (std::find(words.begin(), words.end(), given) == words.end())
        {
            refuse(name, given, fmt::format("must be {}", fmt::join(words, " or ")));
        }
        value = given;
    };
    m_app->add_option_function<std::string>(name, read, help)
        ->required()
        ->type_name(fmt::format("{}", fmt::join(words, "|")));
}

template <class N>
void command_line::add_number(const std::string& name, N& value, N low, N high, const std::string& help,
                              const char* kind)
{
    const auto read = [=, &value](const std::string& given)
    {
        N number{};
        if (!read_number(given, number) || !(number >= low && number <= high))
        {
            refuse(name, given, fmt::format("must be {} from {} to {}", kind, low, high));
        }
        value = number;
    };
    m_app->add_option_function<std::string>(name, read, fmt::format("{} ({})", help, value))->type_name("N");
}

void command_line::number(const std::string& name, std::size_t& value, std::size_t low, std::size_t high,
                          const std::string& help)
{
    add_number(name, value, low, high, help, "an integer");
}

void command_line::number(const std::string& name, double& value, double low, double high, const std::string& help)
{
    add_number(name, value, low, high, help, "a number");
}

void command_line::input(const std::string& name, std::filesystem::path& value, const std::string& help)
{
    add_file(*m_app, name, value, help,
             [=](const std::string& given)
             {
                 if (std::error_code ignored; !std::filesystem::exists(given, ignored))
                 {
                     refuse(name, given, "is not there");
                 }
             });
}

void command_line::output(const std::string& name, std::filesystem::path& value, const std::string& help)
{
    add_file(*m_app, name, value, help, [=](const std::string& given) { require_writable(name, given); });
}

void command_line::figure(const std::string& name, std::filesystem::path& value, const std::string& help)
{
    add_file(
        *m_app, name, value, help,
        [=](const std::string& given)
        {
            const std::string ending = std::filesystem::path(given).extension();
            if (ending != ".png" && ending != ".svg")
            {
                refuse(name, given, "must end in .png or .svg");
            }
            if (std::any_of(given.begin(), given.end(), [](unsigned char each) { return std::iscntrl(each) != 0; }))
            {
                throw CLI::ValidationError(name + ": the name has control characters, which gnuplot cannot read");
            }
            require_writable(name, given);
        });
}

int command_line::run(int argc, const char* const* argv, const std::function<void()>& f)
{
    try
    {
        m_app->parse(argc, argv);
        f();
        if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
        {
            throw std::runtime_error("the output cannot be written");
        }
        return 0;
    }
    catch (const CLI::CallForHelp&)
    {
        fmt::print("{}", m_app->help());
        return std::fflush(stdout) == 0 ? 0 : 1;
    }
    catch (const CLI::ParseError& e)
    {
        fmt::print(stderr, "{0}: {1}. See {0} --help.\n", m_program, e.what());
        return 2;
    }
    catch (const std::exception& e)
    {
        fmt::print(stderr, "{}: {}\n", m_program, e.what());
        return 1;
    }
}

} // namespace beyond
