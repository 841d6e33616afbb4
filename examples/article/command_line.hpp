#pragma once

#include <charconv>
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace article
{

/// The command line of a program, by CLI11, and what a program makes of it: numbers are read whole and in decimal
/// (CLI11 would read 010 as 8, and stops at nothing for "nan"), each is checked, and files are tried out before the
/// work begins. What an option is unless given stands in the help.
class command_line
{
public:
    command_line(const std::string& program, const std::string& description);
    ~command_line();

    /// An option that takes an integer from lowest to highest.
    template <std::integral N>
    void integer(const std::string& option, N& value, const std::string& help, N lowest, N highest)
    {
        const auto read = [&value, lowest, highest](const std::string& text)
        { return read_number(text, value) && lowest <= value && value <= highest; };
        add(option, "N", help + " (" + std::to_string(value) + ")", integers_between(lowest, highest), read);
    }

    /// An option that takes a number for which `allowed` holds; `expected` says so in words.
    void number(const std::string& option, double& value, const std::string& help, const std::string& expected,
                bool (*allowed)(double));

    /// An option that takes several integers from lowest to highest, with commas or spaces between them.
    void integers(const std::string& option, std::vector<std::size_t>& values, const std::string& help,
                  std::size_t lowest, std::size_t highest);

    /// An option that takes a file or folder to read, which must be there.
    void input(const std::string& option, std::filesystem::path& value, const std::string& help);

    /// An option that takes a file to write; "none" makes it empty. All files that a run would write must be different.
    void file(const std::string& option, std::filesystem::path& value, const std::string& help);

    /// The same for a picture. With ending: its name ends in .png or .svg; without: its name has no ending, since
    /// several files are made, which `endings` names.
    void picture(const std::string& option, std::filesystem::path& value, const std::string& help);
    void pictures(const std::string& option, std::filesystem::path& value, const std::string& help,
                  std::vector<std::string> endings);

    /// What options must obey together: once all are read, `reason` says why they do not, or nothing.
    void check(const std::function<std::string()>& reason);

    /// Reads the command line and does the work. Returns the exit code: 0; 1 where the work fails; 2 where an option is
    /// bad, which is said in one line on standard error. After --help there is no work.
    int run(int argc, const char* const* argv, const std::function<void()>& work);

private:
    template <class N>
    static bool read_number(const std::string& text, N& number)
    {
        const char* end = text.data() + text.size();
        const auto [stopped, error] = std::from_chars(text.data(), end, number);
        return error == std::errc() && stopped == end;
    }
    template <std::integral N>
    static std::string integers_between(N lowest, N highest)
    {
        return "an integer from " + std::to_string(lowest) + " to " + std::to_string(highest);
    }

    void add(const std::string& option, const char* type, const std::string& help, const std::string& expected,
             const std::function<bool(const std::string&)>& read);
    using file_names = std::function<std::vector<std::filesystem::path>()>;
    void add_file(const std::string& option, std::filesystem::path& value, const std::string& help,
                  const file_names& written, const std::function<void()>& check);

    /// An option that makes the program write files.
    struct output
    {
        std::string option;
        const std::filesystem::path& value;
        file_names written; ///< all of them, a figure's script too
    };
    /// Refuses options of which one would overwrite what the other wrote.
    void require_different_files() const;
    static void require_different_files(const output& a, const output& b);

    /// Says why, and returns the exit code.
    int refused(const std::string& reason) const;

    struct parser;
    std::unique_ptr<parser> m_parser;
    std::vector<output> m_outputs;
    std::vector<std::function<void()>> m_checks; ///< after all options are read, of the files that were given
};

} // namespace article
