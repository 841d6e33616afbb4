#pragma once

#include "autograd/tape/xtensor.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace nn
{

/// How a table of numbers is written.
struct csv_options
{
    char separator = ',';       ///< a blank stands for any number of blanks and tabs
    bool has_header = false;    ///< whether the first line names the columns
    std::size_t skip_lines = 0; ///< how many lines come before it all and are passed over
};

/// A table of numbers.
struct csv_table
{
    std::vector<std::string> names; ///< of the columns; empty without a header
    autograd::array<double> values; ///< shape (rows, columns)
};

/// Reads a table of numbers, compressed by gzip or not: one row a line, fields in quotes or not ("" in quotes is a
/// quote), blanks around them ignored, lines ended as any system ends them. Each number is the double nearest to it.
///
/// Throws autograd::error::file_error, with the path, the line and the column, where a field is empty or not a finite
/// number (in a first line of names with the advice to set has_header), where a line has another number of columns than
/// the first, where a quote is not closed or text follows it;
/// and if the file cannot be read or has no line. value_error if the separator can be part of a number, a quote or an
/// end of line.
///
/// Lines count from 1 as editors do, columns from 1.
csv_table read_csv(const std::filesystem::path& file, const csv_options& options = {});

} // namespace nn
