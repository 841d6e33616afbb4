#include "nn/serialization/atomic_file.hpp"

#include "autograd/tape/error.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <set>

#include <fcntl.h>
#include <unistd.h>

namespace nn
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

/// Where symbolic links lead to, be there a file or not yet: that one is replaced, not the link. Throws
/// filesystem_error for links that lead round in a circle.
fs::path resolved(const fs::path& file)
{
    constexpr int most_links = 40; // as Linux
    fs::path target = file;
    std::error_code no_link;
    for (int links = 0; links < most_links; ++links)
    {
        const fs::path next = fs::read_symlink(target, no_link);
        if (no_link)
        {
            return target;
        }
        target = target.parent_path() / next;
    }
    throw fs::filesystem_error("links", file, std::make_error_code(std::errc::too_many_symbolic_link_levels));
}

constexpr std::string_view ending = ".part";

/// What the temporary names for a file begin with on this machine: other machines may write to the same folder. Of a
/// long name, its beginning: a name has 255 bytes at most.
std::string temporary_prefix(const fs::path& file)
{
    constexpr std::size_t enough = 100;
    std::array<char, 256> host{};
    ::gethostname(host.data(), host.size() - 1);
    return "." + file.filename().string().substr(0, enough) + "." + host.data() + ".";
}

/// A name that neither another process nor another thread of this one uses.
fs::path temporary_beside(const fs::path& file)
{
    static std::atomic<unsigned> count{0};
    return file.parent_path() /
           (temporary_prefix(file) + std::to_string(::getpid()) + "-" + std::to_string(count++) + std::string(ending));
}

/// Whether a temporary name, behind its prefix, is that of a process that has ended.
bool is_left_over(std::string_view rest)
{
    ::pid_t process = 0;
    const auto [stop, problem] = std::from_chars(rest.data(), rest.data() + rest.size(), process);
    return problem == std::errc() && process > 0 && stop != rest.data() + rest.size() && *stop == '-' &&
           rest.ends_with(ending) && ::kill(process, 0) != 0 && errno == ESRCH;
}

/// Removes what processes that were killed in the middle of writing this file have left beside it.
void remove_left_overs(const fs::path& file)
{
    const std::string prefix = temporary_prefix(file);
    const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
    std::error_code failed;
    for (fs::directory_iterator each(folder, failed), end; !failed && each != end; each.increment(failed))
    {
        const std::string name = each->path().filename().string();
        if (name.starts_with(prefix) && is_left_over(std::string_view(name).substr(prefix.size())))
        {
            std::error_code ignored;
            fs::remove(each->path(), ignored);
        }
    }
}

/// The same, once for each file that this process writes: folders may be large.
void remove_left_overs_once(const fs::path& file)
{
    static std::mutex mutex;
    static std::set<fs::path> done;
    const std::lock_guard lock(mutex);
    if (done.insert(file).second)
    {
        remove_left_overs(file);
    }
}

[[noreturn]] void fail(std::string_view where, const fs::path& file, std::string_view reason)
{
    throw autograd::error::file_error(where, "cannot write ", file.string(), ": ", reason, ".");
}

/// Writes and closes; every step can be the one that meets the full disk.
void write_directly(const fs::path& there, std::string_view text, const fs::path& file, std::string_view where)
{
    std::FILE* out = std::fopen(there.c_str(), "wb");
    if (out == nullptr)
    {
        fail(where, file, std::strerror(errno));
    }
    const bool written = std::fwrite(text.data(), 1, text.size(), out) == text.size() && std::fflush(out) == 0;
    const int reason = errno;
    if (std::fclose(out) != 0 || !written)
    {
        fail(where, file, std::strerror(written ? errno : reason));
    }
}

/// Waits until the contents are on the disk: a name must not reach it before what it names. (File systems that cannot
/// tell refuse to wait; the rename is atomic for other processes all the same.)
void wait_for_disk(const fs::path& file)
{
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
    {
        return;
    }
    const bool failed = ::fsync(descriptor) != 0 && (errno == EIO || errno == ENOSPC || errno == EDQUOT);
    const int reason = errno;
    ::close(descriptor);
    if (failed)
    {
        throw fs::filesystem_error("fsync", file, std::error_code(reason, std::generic_category()));
    }
}

/// Gives the file that `write` made the permissions of the one that it replaces, and its name.
void take_name(const fs::path& temporary, const fs::path& target)
{
    wait_for_disk(temporary);
    std::error_code failed;
    const fs::file_status old = fs::status(target, failed);
    if (fs::is_regular_file(old))
    {
        fs::permissions(temporary, old.permissions());
    }
    fs::rename(temporary, target);
}

/// Why a file that is there may not be changed; empty if it may, or is not there. (To replace it, its folder is asked
/// alone.)
std::string why_protected(const fs::path& file)
{
    std::error_code ignored;
    return fs::exists(file, ignored) && ::access(file.c_str(), W_OK) != 0 ? std::strerror(errno) : "";
}

} // namespace

std::string why_unwritable(const fs::path& file)
{
    std::error_code failed;
    if (fs::is_directory(file, failed))
    {
        return "it is a folder";
    }
    if (failed == std::errc::filename_too_long) // that of the temporary file is shorter
    {
        return failed.message();
    }
    if (const std::string reason = why_protected(file); !reason.empty())
    {
        return reason;
    }
    if (is_special(file))
    {
        return {};
    }
    try
    {
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
    catch (const fs::filesystem_error& e)
    {
        return e.code().message();
    }
}

void write_atomically(const fs::path& file, const std::function<void(const fs::path&)>& write, std::string_view where)
{
    if (is_special(file))
    {
        write(file);
        return;
    }
    if (const std::string reason = why_protected(file); !reason.empty())
    {
        fail(where, file, reason);
    }
    fs::path temporary;
    std::error_code failed;
    try
    {
        const fs::path target = resolved(file);
        remove_left_overs_once(target);
        temporary = temporary_beside(target);
        write(temporary);
        if (fs::exists(temporary))
        {
            take_name(temporary, target);
        }
    }
    catch (const fs::filesystem_error& e)
    {
        fs::remove(temporary, failed);
        fail(where, file, e.code().message());
    }
    catch (...)
    {
        fs::remove(temporary, failed);
        throw;
    }
}

void write_text(const fs::path& file, std::string_view text, std::string_view where)
{
    write_atomically(
        file, [&](const fs::path& there) { write_directly(there, text, file, where); }, where);
}

} // namespace nn
