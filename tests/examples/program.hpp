#pragma once

#include "tests/run_program.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace support
{

/// Runs a program of the article in a folder.
inline outcome run_example(const std::string& program, const scratch_folder& folder, const std::string& arguments)
{
    return run_program(folder, std::string(EXAMPLE_PROGRAMS "/") + program, arguments);
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
