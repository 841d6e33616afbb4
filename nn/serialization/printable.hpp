#pragma once

#include <string>
#include <string_view>

namespace nn::detail
{

/// Whether the text is UTF-8 without control characters.
bool is_plain_text(std::string_view text);

/// The beginning of a text from an unknown file, fit for a message: what is not plain ASCII as \x1f, the rest as "...".
std::string printable(std::string_view text);

} // namespace nn::detail
