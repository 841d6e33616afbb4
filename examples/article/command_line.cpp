#include "examples/article/command_line.hpp"

#include "examples/article/gnuplot.hpp"
#include "nn/serialization/atomic_file.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>

namespace article
{

namespace
{

namespace fs = std::filesystem;

template <class... Parts>
[[noreturn]] void refuse(fmt::format_string<Parts...> reason, Parts&&... parts)
{
    throw CLI::ValidationError(fmt::format(reason, std::forward<Parts>(parts)...));
}

void require_writable(const std::string& option, const fs::path& file)
{
    if (const std::string reason = nn::why_unwritable(file); !reason.empty())
    {
        refuse("{} {}: cannot be written: {}", option, file.string(), reason);
    }
}

void require_printable(const std::string& option, const fs::path& file)
{
    const std::string name = file.string();
    if (std::any_of(name.begin(), name.end(), [](unsigned char each) { return std::iscntrl(each) != 0; }))
    {
        refuse("{}: the name has control characters, which gnuplot cannot read", option);
    }
}

/// Whether writing one of the files overwrites the other. (/dev/null may be written to twice.)
bool is_same_file(const fs::path& a, const fs::path& b)
{
    std::error_code failed;
    if (fs::exists(a, failed) && !fs::is_regular_file(a, failed))
    {
        return false;
    }
    const auto whole = [&](const fs::path& file)
    {
        const fs::path resolved = fs::weakly_canonical(fs::absolute(file, failed), failed);
        return failed ? file.lexically_normal() : resolved;
    };
    return whole(a) == whole(b) || fs::equivalent(a, b, failed);
}

/// What CLI11 says where an option that takes one value has several is not what the user did.
std::string reason_of(const CLI::ArgumentMismatch& mismatch, const CLI::App& parser)
{
    for (const CLI::Option* each : parser.get_options())
    {
        if (each->count() > 1 && each->get_expected_max() == 1)
        {
            return each->get_name() + ": given " +
                   (each->count() == 2 ? "twice" : std::to_string(each->count()) + " times");
        }
    }
    return mismatch.what();
}

/// Writes a line on standard error; if that is closed, too, nobody is to be told.
void complain(const std::string& line)
{
    std::fputs((line + '\n').c_str(), stderr);
}

/// The exit code of a program that is to have this one: not 0 where its output did not arrive, which it says.
int ended(int code)
{
    errno = 0;
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0)
    {
        return code;
    }
    const int reason = errno;
    complain(reason == 0 ? "standard output cannot be written"
                         : fmt::format("standard output cannot be written: {}", std::strerror(reason)));
    return code == 0 ? 1 : code;
}

} // namespace

struct command_line::parser : CLI::App
{
    using CLI::App::App;
};

command_line::command_line(const std::string& program, const std::string& description)
    : m_parser(std::make_unique<parser>(description, program))
{
    m_parser->option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::Throw);
}

command_line::~command_line() = default;

void command_line::add(const std::string& option, const char* type, const std::string& help,
                       const std::string& expected, const std::function<bool(const std::string&)>& read)
{
    const auto read_or_refuse = [=](const std::string& text)
    {
        if (!read(text))
        {
            refuse("{} {}: must be {}", option, text.empty() ? "''" : text, expected);
        }
    };
    m_parser->add_option_function<std::string>(option, read_or_refuse, help)->type_name(type);
}

void command_line::number(const std::string& option, double& value, const std::string& help,
                          const std::string& expected, bool (*allowed)(double))
{
    const auto read = [&value, allowed](const std::string& text) { return read_number(text, value) && allowed(value); };
    add(option, "X", fmt::format("{} ({})", help, value), expected, read);
}

void command_line::integers(const std::string& option, std::vector<std::size_t>& values, const std::string& help,
                            std::size_t lowest, std::size_t highest)
{
    const auto add_number = [=, &values](const std::string& text)
    {
        std::size_t number = 0;
        if (!read_number(text, number) || number < lowest || number > highest)
        {
            refuse("{} {}: must be {}", option, text.empty() ? "''" : text, integers_between(lowest, highest));
        }
        values.push_back(number);
    };
    const auto read = [=, &values](const std::vector<std::string>& texts)
    {
        values.clear();
        for (const std::string& text : texts)
        {
            for (std::size_t begin = 0, end = 0; end != std::string::npos; begin = end + 1)
            {
                end = text.find(',', begin);
                add_number(text.substr(begin, end - begin));
            }
        }
    };
    m_parser
        ->add_option_function<std::vector<std::string>>(option, read,
                                                        fmt::format("{} ({})", help, fmt::join(values, ",")))
        ->type_name("N,N,...");
}

void command_line::input(const std::string& option, fs::path& value, const std::string& help)
{
    const auto read = [&value](const std::string& text)
    {
        value = text;
        std::error_code ignored;
        return fs::exists(value, ignored);
    };
    add(option, "PATH", help, "a file or folder that is there", read);
}

void command_line::add_file(const std::string& option, fs::path& value, const std::string& help,
                            const file_names& written, const std::function<void()>& check)
{
    m_outputs.push_back({option, value, written});
    // The folder of what is written unless told otherwise is made when it is needed, by whoever writes.
    const auto read = [=, this, &value, unless_told = value](const std::string& text)
    {
        if (text.empty())
        {
            refuse("{} '': must be a file name, or none", option);
        }
        value = text == "none" ? "" : text;
        if (!value.empty() && value != unless_told)
        {
            m_checks.push_back(
                [=]
                {
                    check();
                    for (const fs::path& file : written())
                    {
                        require_writable(option, file);
                    }
                });
        }
    };
    const std::string unless_given = value.empty() ? "" : fmt::format(" ({})", value.string());
    m_parser->add_option_function<std::string>(option, read, help + unless_given)->type_name("FILE");
}

void command_line::file(const std::string& option, fs::path& value, const std::string& help)
{
    add_file(
        option, value, help, [&value] { return std::vector{value}; }, [] {});
}

void command_line::picture(const std::string& option, fs::path& value, const std::string& help)
{
    const auto check = [=, &value]
    {
        if (value.extension() != ".png" && value.extension() != ".svg")
        {
            refuse("{} {}: must end in .png or .svg, or be none", option, value.string());
        }
        require_printable(option, value);
    };
    add_file(
        option, value, help,
        [&value] {
            return std::vector{value, script_of(value)};
        },
        check);
}

void command_line::pictures(const std::string& option, fs::path& value, const std::string& help,
                            std::vector<std::string> endings)
{
    const auto check = [=, &value]
    {
        const fs::path name = value.filename();
        if (name.empty() || name == "." || name == "..")
        {
            refuse("{} {}: must be a file name without its ending, or none", option, value.string());
        }
        require_printable(option, value);
    };
    const auto written = [&value, endings]
    {
        std::vector<fs::path> files;
        for (const std::string& ending : endings)
        {
            files.emplace_back(value.string() + ending);
        }
        return files;
    };
    add_file(option, value, help, written, check);
}

void command_line::require_different_files() const
{
    for (auto second = m_outputs.begin(); second != m_outputs.end(); ++second)
    {
        for (auto first = m_outputs.begin(); first != second; ++first)
        {
            require_different_files(*first, *second);
        }
    }
}

void command_line::require_different_files(const output& a, const output& b)
{
    if (a.value.empty() || b.value.empty())
    {
        return;
    }
    for (const fs::path& file : a.written())
    {
        for (const fs::path& other : b.written())
        {
            if (is_same_file(file, other))
            {
                refuse("{} {} and {} {}: both would write {}", a.option, a.value.string(), b.option, b.value.string(),
                       file.string());
            }
        }
    }
}

void command_line::check(const std::function<std::string()>& reason)
{
    m_checks.push_back(
        [reason]
        {
            if (const std::string text = reason(); !text.empty())
            {
                throw CLI::ValidationError(text);
            }
        });
}

int command_line::refused(const std::string& reason) const
{
    const std::string& program = m_parser->get_name();
    complain(fmt::format("{}: {}. See {} --help.", program, reason, program));
    return 2;
}

int command_line::run(int argc, const char* const* argv, const std::function<void()>& work)
{
    try
    {
        m_parser->parse(argc, argv);
        require_different_files();
        for (const auto& check : m_checks)
        {
            check();
        }
        work();
    }
    catch (const CLI::CallForHelp&)
    {
        fmt::print("{}", m_parser->help());
    }
    catch (const CLI::ArgumentMismatch& e)
    {
        return refused(reason_of(e, *m_parser));
    }
    catch (const CLI::ParseError& e)
    {
        return refused(e.what());
    }
    catch (const std::exception& e)
    {
        ended(1); // what was done before comes first
        complain(e.what());
        return 1;
    }
    return ended(0);
}

} // namespace article
