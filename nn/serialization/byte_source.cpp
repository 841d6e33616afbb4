#include "nn/serialization/byte_source.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>

#include <zlib.h>

namespace nn::detail
{

namespace fs = std::filesystem;

std::size_t byte_source::read_some(void* to, std::size_t count)
{
    std::size_t done = 0;
    while (done < count)
    {
        const std::size_t more = next(static_cast<char*>(to) + done, count - done);
        if (more == 0)
        {
            break;
        }
        done += more;
        m_read += more;
    }
    return done;
}

void byte_source::read(void* to, std::size_t count, std::string_view what)
{
    const std::size_t done = read_some(to, count);
    if (done < count)
    {
        fail("the ", what, " ends after ", done, " of ", count, " bytes; the file is cut short.");
    }
}

void byte_source::require_end()
{
    char one = 0;
    if (read_some(&one, 1) != 0)
    {
        fail("more bytes follow after the ", m_read - 1, " that belong to it; it is damaged or of another kind.");
    }
}

void input_file::closing::operator()(gzFile_s* file) const noexcept
{
    ::gzclose_r(file);
}

input_file::input_file(std::string_view where, const fs::path& file) : byte_source(where, file.string())
{
    std::error_code failed;
    const fs::file_status status = fs::status(file, failed);
    if (!fs::exists(status))
    {
        fail("it cannot be read: ", status.type() == fs::file_type::not_found ? "No such file" : failed.message(), ".");
    }
    if (fs::is_directory(status))
    {
        fail("it cannot be read: it is a folder.");
    }
    m_file.reset(::gzopen(file.c_str(), "rbe"));
    if (m_file == nullptr)
    {
        fail("it cannot be read: ", std::strerror(errno), ".");
    }
    // gzdirect looks at the beginning; zlib then gives the bytes of a file that gzip did not write as they are.
    const std::uint64_t size = fs::is_regular_file(status) ? fs::file_size(file, failed) : 0;
    m_is_plain = ::gzdirect(m_file.get()) != 0;
    const bool is_unknown = !fs::is_regular_file(status) || failed;
    m_most = is_unknown ? std::numeric_limits<std::uint64_t>::max() : m_is_plain ? size : size * greatest_expansion;
}

std::size_t input_file::next(void* to, std::size_t count)
{
    constexpr std::size_t most_at_a_time = std::size_t{1} << 30;
    errno = 0;
    const int done = ::gzread(m_file.get(), to, static_cast<unsigned>(std::min(count, most_at_a_time)));
    if (done > 0)
    {
        return static_cast<std::size_t>(done);
    }
    int code = Z_OK;
    const char* const text = ::gzerror(m_file.get(), &code);
    switch (code)
    {
    case Z_OK:
    case Z_STREAM_END:
        return 0;
    case Z_ERRNO:
        fail("it cannot be read: ", std::strerror(errno), ".");
    case Z_BUF_ERROR:
        fail("the compressed data end too early; the file is cut short.");
    case Z_MEM_ERROR:
        fail("it cannot be uncompressed: there is not enough memory.");
    default:
        fail("the compressed data are damaged (", text, ").");
    }
}

} // namespace nn::detail
