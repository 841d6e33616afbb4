#pragma once

#include "tests/benchmarks/gradbench/evals/types.hpp"

#include <nlohmann/json.hpp>

#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

namespace gradbench
{

using json = nlohmann::json;

/// What is wrong with a message; the text says where.
struct message_error : std::runtime_error
{
    using std::runtime_error::runtime_error;
};

/// The extent of a list that may have any.
inline constexpr std::size_t any = static_cast<std::size_t>(-1);

/// The integers that a field may have: from `least` on, and below `end`.
struct bounds
{
    std::int64_t least = 0;
    std::int64_t end = std::numeric_limits<std::int64_t>::max();
};

/// An object of JSON whose fields are read by name, with their types and extents checked. All functions throw
/// message_error, whose text begins with the path to what is wrong, such as input.data.model.parents[2].
class fields
{
public:
    explicit fields(const json& object, std::string path = "input");

    fields object(const char* name) const;
    bool flag(const char* name) const;
    double number(const char* name) const;
    double positive(const char* name) const;
    double not_negative(const char* name) const;
    std::string text(const char* name) const;
    std::size_t count(const char* name, std::size_t least = 0) const;

    /// Numbers in nested lists, each level of which has the extent that the shape says, or one for all its lists where
    /// the shape says `any`.
    array numbers(const char* name, std::vector<std::size_t> shape) const;
    /// The same of integers, row by row.
    std::vector<int> integers(const char* name, std::vector<std::size_t> shape, bounds in) const;

    /// Whatever it is.
    const json& field(const char* name) const;

private:
    std::string path_to(const char* name) const { return m_path + '.' + name; }

    const json& m_object;
    std::string m_path;
};

} // namespace gradbench
