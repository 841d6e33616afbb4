#pragma once

#include "tests/scratch_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <sys/wait.h>

namespace support
{

struct outcome
{
    int exit_code;
    std::string output; ///< of both streams
};

/// Runs a program of the examples in a folder.
inline outcome run_example(const std::string& program, const scratch_folder& folder, const std::string& arguments)
{
    const std::string command =
        "cd '" + folder.path().string() + "' && '" EXAMPLE_PROGRAMS "/" + program + "' " + arguments + " 2>&1";
    std::FILE* pipe = ::popen(command.c_str(), "r");
    BOOST_REQUIRE(pipe != nullptr);
    outcome result;
    char buffer[4096];
    while (const std::size_t count = std::fread(buffer, 1, sizeof buffer, pipe))
    {
        result.output.append(buffer, count);
    }
    const int status = ::pclose(pipe);
    result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return result;
}

inline bool contains(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

/// That the program refuses these arguments in one line, and writes nothing.
inline void check_refused(const std::string& program, const std::string& arguments, const std::string& message)
{
    const scratch_folder folder;
    const outcome result = run_example(program, folder, arguments);
    BOOST_TEST(result.exit_code == 2, program << " " << arguments);
    BOOST_TEST(result.output == program + ": " + message + ". See " + program + " --help.\n");
    BOOST_TEST(folder.size() == 0u, arguments);
}

/// The numbers behind a text, until something else comes.
inline std::vector<double> numbers_after(const std::string& output, const std::string& text)
{
    std::vector<double> numbers;
    const std::size_t found = output.find(text);
    if (found == std::string::npos)
    {
        return numbers;
    }
    const char* next = output.c_str() + found + text.size();
    char* end = nullptr;
    for (double number = std::strtod(next, &end); end != next; number = std::strtod(next, &end))
    {
        numbers.push_back(number);
        next = end;
    }
    return numbers;
}

/// The lines of a table of numbers with commas between them, without the first line.
inline std::vector<std::vector<double>> read_table(const std::filesystem::path& file)
{
    std::vector<std::vector<double>> rows;
    std::ifstream in(file);
    std::string line;
    std::getline(in, line);
    while (std::getline(in, line))
    {
        rows.emplace_back();
        std::istringstream cells(line);
        for (std::string cell; std::getline(cells, cell, ',');)
        {
            rows.back().push_back(std::stod(cell));
        }
    }
    return rows;
}

} // namespace support
