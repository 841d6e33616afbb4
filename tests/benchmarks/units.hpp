#pragma once

#include <string>

namespace measure
{

/// From what is measured, seconds or bytes, to a unit that is named "ns/...", "us/...", "s/..." or "bytes/...".
inline double scale(const std::string& unit)
{
    return unit.rfind("ns/", 0) == 0 ? 1e9 : unit.rfind("us/", 0) == 0 ? 1e6 : 1;
}

} // namespace measure
