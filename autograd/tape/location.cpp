#include "autograd/tape/location.hpp"

#include <string_view>

namespace autograd
{

std::string to_text(location where)
{
    const std::string_view path = where ? where.file : "";
    return std::string(path.substr(path.find_last_of('/') + 1)) + ":" + std::to_string(where.line);
}

} // namespace autograd
