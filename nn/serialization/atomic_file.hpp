#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace nn
{

/// Why no file of this name can be written: its folder is missing or closed, it is a folder itself, ...; empty if one
/// can. Tries it out, and leaves nothing behind.
std::string why_unwritable(const std::filesystem::path& file);

/// Lets `write` make a file beside the named one and gives it that name only when it is complete and on the disk:
/// whoever reads the name finds the old file or the new one, never a half of one. A file that is replaced passes its
/// permissions on; a symbolic link stays one, and the file that it names is written. What is no ordinary file (a pipe,
/// /dev/null) is written directly. If `write` makes nothing, nothing changes; whatever it throws is passed on, and
/// nothing stays behind. What a process that was killed in the middle has left behind, the first one to write the file
/// again on the same machine removes.
///
/// Throws autograd::error::file_error, in the name of `where`, if the file cannot take its name.
void write_atomically(const std::filesystem::path& file, const std::function<void(const std::filesystem::path&)>& write,
                      std::string_view where = "write_atomically");

/// The same for given bytes. Throws autograd::error::file_error, in the name of `where`.
void write_text(const std::filesystem::path& file, std::string_view text, std::string_view where = "write_text");

} // namespace nn
