#pragma once

#include "tests/scratch_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdio>
#include <string>

#include <sys/wait.h>

namespace support
{

/// What came of running a program.
struct outcome
{
    int exit_code;
    std::string output; ///< of both streams
};

/// Runs a program in a folder.
inline outcome run_program(const scratch_folder& folder, const std::string& program, const std::string& arguments)
{
    const std::string command = "cd '" + folder.path().string() + "' && '" + program + "' " + arguments + " 2>&1";
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

/// The number that stands behind some words; fails the test where the words are not there.
inline double number_after(const std::string& text, const std::string& words)
{
    const std::size_t place = text.find(words);
    BOOST_REQUIRE_MESSAGE(place != std::string::npos, words << " is not in:\n" << text);
    return std::stod(text.substr(place + words.size()));
}

} // namespace support
