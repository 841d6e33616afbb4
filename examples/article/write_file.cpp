#include "examples/article/write_file.hpp"

#include "autograd/tape/error.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include <unistd.h>

namespace article
{

namespace
{

namespace fs = std::filesystem;

/// Whether the name stands for something that must not be replaced by a file: a pipe, a terminal, /dev/null.
bool is_special(const fs::path& file)
{
    std::error_code ignored;
    const fs::file_status status = fs::status(file, ignored);
    return fs::exists(status) && !fs::is_regular_file(status) && !fs::is_directory(status);
}

/// Where a symbolic link leads to: the file there is replaced, not the link.
fs::path resolved(const fs::path& file)
{
    std::error_code failed;
    const fs::path target = fs::canonical(file, failed);
    return failed ? file : target;
}

fs::path temporary_beside(const fs::path& file)
{
    return file.parent_path() / fmt::format(".{}.{}.part", file.filename().string(), ::getpid());
}

[[noreturn]] void fail(const fs::path& file, std::string_view reason)
{
    throw autograd::error::file_error("moons", "cannot write ", file.string(), ": ", reason, ".");
}

/// Writes and closes; every step can be the one that meets the full disk.
void write_directly(const fs::path& file, std::string_view text)
{
    std::FILE* out = std::fopen(file.c_str(), "wb");
    if (out == nullptr)
    {
        fail(file, std::strerror(errno));
    }
    const bool written = std::fwrite(text.data(), 1, text.size(), out) == text.size() && std::fflush(out) == 0;
    const int reason = errno;
    if (std::fclose(out) != 0 || !written)
    {
        fail(file, std::strerror(written ? errno : reason));
    }
}

} // namespace

std::string why_unwritable(const fs::path& file)
{
    std::error_code failed;
    if (fs::is_directory(file, failed))
    {
        return "it is a folder";
    }
    if (fs::exists(file, failed) && ::access(file.c_str(), W_OK) != 0)
    {
        return std::strerror(errno);
    }
    if (is_special(file))
    {
        return {};
    }
    const fs::path temporary = temporary_beside(resolved(file));
    std::FILE* out = std::fopen(temporary.c_str(), "wb");
    if (out == nullptr)
    {
        return std::strerror(errno);
    }
    std::fclose(out);
    fs::remove(temporary, failed);
    return {};
}

void write_atomically(const fs::path& file, const std::function<void(const fs::path&)>& write)
{
    if (is_special(file))
    {
        write(file);
        return;
    }
    const fs::path target = resolved(file);
    const fs::path temporary = temporary_beside(target);
    std::error_code failed;
    try
    {
        write(temporary);
        if (fs::exists(temporary))
        {
            fs::rename(temporary, target);
        }
    }
    catch (const fs::filesystem_error& e)
    {
        fs::remove(temporary, failed);
        fail(file, e.code().message());
    }
    catch (...)
    {
        fs::remove(temporary, failed);
        throw;
    }
}

void write_text(const fs::path& file, std::string_view text)
{
    write_atomically(file, [&](const fs::path& there) { write_directly(there, text); });
}

} // namespace article
