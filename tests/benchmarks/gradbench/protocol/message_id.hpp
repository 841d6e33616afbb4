#pragma once

#include <nlohmann/json.hpp>

#include <optional>
#include <string>

namespace gradbench
{

/// The integer with the name "id" in the object that a line is, or nothing. Of a line that is no JSON, what was read up
/// to there counts: who waits for an answer shall get one.
std::optional<nlohmann::json> id_of(const std::string& line);

} // namespace gradbench
