#include "nn/description.hpp"

#include <fmt/format.h>

namespace nn::detail
{

std::string printed(double value)
{
    return fmt::format("{}", value);
}

std::string printed(float value)
{
    return fmt::format("{}", value);
}

std::string printed(bool value)
{
    return value ? "true" : "false";
}

std::string printed(std::int64_t value)
{
    return fmt::format("{}", value);
}

std::string printed(const std::string& value)
{
    return value;
}

} // namespace nn::detail
