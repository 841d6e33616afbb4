#include "nn/serialization/printable.hpp"

#include <algorithm>
#include <cstdint>

namespace nn::detail
{

namespace
{

/// How many bytes a character takes that begins with this one; 0 if none does.
std::size_t sequence_length(unsigned char first)
{
    return first < 0x80                    ? 1
           : first >= 0xc2 && first < 0xe0 ? 2
           : first >= 0xe0 && first < 0xf0 ? 3
           : first >= 0xf0 && first < 0xf5 ? 4
                                           : 0;
}

/// The character of `length` bytes at the beginning of the text; above all characters where there is none.
std::uint32_t decoded(std::string_view text, std::size_t length)
{
    constexpr std::uint32_t none = 0xffffffff;
    if (length == 0 || length > text.size())
    {
        return none;
    }
    constexpr std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    std::uint32_t code = static_cast<unsigned char>(text[0]) & (length == 1 ? 0x7fU : 0xffU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i)
    {
        const auto byte = static_cast<unsigned char>(text[i]);
        if ((byte & 0xc0U) != 0x80)
        {
            return none;
        }
        code = (code << 6) | (byte & 0x3fU);
    }
    const bool is_surrogate = code >= 0xd800 && code < 0xe000;
    return code < least[length] || is_surrogate ? none : code;
}

} // namespace

bool is_plain_text(std::string_view text)
{
    while (!text.empty())
    {
        const std::size_t length = sequence_length(static_cast<unsigned char>(text[0]));
        const std::uint32_t code = decoded(text, length);
        if (code < 0x20 || code == 0x7f || code > 0x10ffff)
        {
            return false;
        }
        text.remove_prefix(length);
    }
    return true;
}

std::string printable(std::string_view text)
{
    constexpr std::size_t most = 60;
    std::string result;
    for (const char c : text.substr(0, most))
    {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte < 0x7f)
        {
            result += c;
            continue;
        }
        constexpr char digits[] = "0123456789abcdef";
        result += {'\\', 'x', digits[byte >> 4], digits[byte & 0xf]};
    }
    return text.size() > most ? result + "..." : result;
}

} // namespace nn::detail
