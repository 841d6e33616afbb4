#pragma once

#include "tests/benchmarks/gradbench/driver/comparison.hpp"
#include "tests/scratch_folder.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <map>
#include <string>

/// What the tests of GradBench have in common.
namespace support
{

using json = nlohmann::json;

/// What is wrong with an output in JSON, or nothing: it has the keys and the extents of another one, and its numbers.
inline std::string difference(const json& found, const json& expected)
{
    std::vector<double> numbers, expected_numbers;
    const json flat = found.flatten(), expected_flat = expected.flatten();
    for (const auto& [path, value] : expected_flat.items())
    {
        if (!flat.contains(path))
        {
            return "there is no " + path;
        }
        if (!flat.at(path).is_number() || !value.is_number())
        {
            return flat.at(path) == value ? "" : path + " is " + flat.at(path).dump();
        }
        numbers.push_back(flat.at(path));
        expected_numbers.push_back(value);
    }
    return flat.size() == expected_flat.size() ? gradbench::difference(numbers, expected_numbers) : "there is more";
}

/// The small inputs with their outputs, by the names of their files.
inline std::map<std::string, json> small_files()
{
    std::map<std::string, json> files;
    for (const auto& file : std::filesystem::directory_iterator(TEST_DATA "/gradbench"))
    {
        files.emplace(file.path().stem(), json::parse(contents(file.path())));
    }
    return files;
}

} // namespace support
