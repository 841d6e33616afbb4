#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace CLI
{
class App;
}

namespace beyond
{

/// The command line of an example: the options that it has, each checked when it is read, and what it does with them.
/// A variable keeps what it was where its option is not given; the help says what that is.
class command_line
{
public:
    command_line(const std::string& program, const std::string& description);
    ~command_line();
    command_line(const command_line&) = delete;

    /// The first argument, which must be given: one of some words.
    void choice(const std::string& name, std::string& value, const std::vector<std::string>& words,
                const std::string& help);
    /// A number from `low` to `high`. \{
    void number(const std::string& name, std::size_t& value, std::size_t low, std::size_t high,
                const std::string& help);
    void number(const std::string& name, double& value, double low, double high, const std::string& help);
    /// \}
    /// A file or folder that is read.
    void input(const std::string& name, std::filesystem::path& value, const std::string& help);
    /// A file that is written: it must be possible to write it before anything is computed.
    void output(const std::string& name, std::filesystem::path& value, const std::string& help);
    /// The same for a picture, a .png or .svg.
    void figure(const std::string& name, std::filesystem::path& value, const std::string& help);

    /// What main() returns: reads the command line and calls `f`. 0 if all went well or help was asked for, 2 for a bad
    /// command line, 1 where f throws or the output cannot be written; then one line on standard error says what was
    /// wrong.
    int run(int argc, const char* const* argv, const std::function<void()>& f);

private:
    template <class N>
    void add_number(const std::string& name, N& value, N low, N high, const std::string& help, const char* kind);

    std::string m_program;
    std::unique_ptr<CLI::App> m_app;
};

} // namespace beyond
