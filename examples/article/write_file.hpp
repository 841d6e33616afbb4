#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace article
{

/// Why no file of this name can be written: its folder is missing or closed, it is a folder itself, ...; empty if one
/// can. Tries it out, and leaves nothing behind.
std::string why_unwritable(const std::filesystem::path& file);

/// Lets `write` make a file beside the named one and gives it that name only when it is complete: whoever reads the
/// name finds the old file or the new one, never a half of one. What is no ordinary file (a pipe, /dev/null) is written
/// directly. If `write` makes nothing, nothing changes; whatever it throws is passed on, and nothing stays behind.
void write_atomically(const std::filesystem::path& file,
                      const std::function<void(const std::filesystem::path&)>& write);

/// The same for a text. Throws autograd::error::file_error.
void write_text(const std::filesystem::path& file, std::string_view text);

} // namespace article
