#include "nn/serialization/byte_source.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <limits>
#include <span>

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

/// The bytes of a file as they are on the disk.
class input_file::raw_bytes
{
public:
    explicit raw_bytes(const fs::path& file) : m_file(std::fopen(file.c_str(), "rbe"), &std::fclose) {}

    bool is_open() const { return m_file != nullptr; }

    /// The next bytes, without taking them; none at the end of the file.
    std::span<unsigned char> peek(const byte_source& source, std::size_t at_least = 1)
    {
        if (m_end - m_begin < at_least)
        {
            std::memmove(m_bytes.data(), m_bytes.data() + m_begin, m_end - m_begin);
            m_end -= m_begin;
            m_begin = 0;
            errno = 0;
            m_end += std::fread(m_bytes.data() + m_end, 1, m_bytes.size() - m_end, m_file.get());
            if (std::ferror(m_file.get()) != 0)
            {
                source.fail("it cannot be read: ", std::strerror(errno), ".");
            }
        }
        return {m_bytes.data() + m_begin, m_end - m_begin};
    }
    void take(std::size_t count) { m_begin += count; }

    bool begins_compressed(const byte_source& source)
    {
        const auto first = peek(source, 2);
        return first.size() >= 2 && first[0] == 0x1f && first[1] == 0x8b;
    }

private:
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> m_file;
    std::array<unsigned char, 1 << 16> m_bytes;
    std::size_t m_begin = 0;
    std::size_t m_end = 0;
};

/// What gzip made of bytes: one member behind the other, each with a checksum, and nothing behind the last.
class input_file::members
{
public:
    explicit members(raw_bytes& from) : m_from(from) {}
    members(const members&) = delete;
    ~members() { ::inflateEnd(&m_stream); }

    std::size_t next(void* to, std::size_t count, const byte_source& source)
    {
        constexpr std::size_t most_at_a_time = std::size_t{1} << 30;
        const auto wanted = static_cast<unsigned>(std::min(count, most_at_a_time));
        m_stream.next_out = static_cast<unsigned char*>(to);
        m_stream.avail_out = wanted;
        while (m_stream.avail_out == wanted && (m_is_within || begin(source)))
        {
            inflate(source);
        }
        return wanted - m_stream.avail_out;
    }

private:
    /// Begins a member; false at the end of the file.
    bool begin(const byte_source& source)
    {
        if (m_from.peek(source).empty())
        {
            return false;
        }
        if (!m_from.begins_compressed(source))
        {
            source.fail("more bytes follow after the compressed data; it is damaged or of another kind.");
        }
        constexpr int gzip_format = 16 + MAX_WBITS;
        const int code = m_has_begun ? ::inflateReset(&m_stream) : ::inflateInit2(&m_stream, gzip_format);
        if (code != Z_OK)
        {
            source.fail("it cannot be uncompressed: there is not enough memory.");
        }
        m_has_begun = true;
        m_is_within = true;
        return true;
    }

    void inflate(const byte_source& source)
    {
        const auto bytes = m_from.peek(source);
        if (bytes.empty())
        {
            source.fail("the compressed data end too early; the file is cut short.");
        }
        m_stream.next_in = bytes.data();
        m_stream.avail_in = static_cast<unsigned>(bytes.size());
        const int code = ::inflate(&m_stream, Z_NO_FLUSH);
        m_from.take(bytes.size() - m_stream.avail_in);
        if (code == Z_MEM_ERROR)
        {
            source.fail("it cannot be uncompressed: there is not enough memory.");
        }
        if (code != Z_OK && code != Z_STREAM_END)
        {
            source.fail("the compressed data are damaged (", m_stream.msg == nullptr ? "no reason given" : m_stream.msg,
                        ").");
        }
        m_is_within = code != Z_STREAM_END;
    }

    raw_bytes& m_from;
    z_stream m_stream{};
    bool m_has_begun = false;
    bool m_is_within = false;
};

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
    m_raw = std::make_unique<raw_bytes>(file);
    if (!m_raw->is_open())
    {
        fail("it cannot be read: ", std::strerror(errno), ".");
    }
    const std::uint64_t size = fs::is_regular_file(status) ? fs::file_size(file, failed) : 0;
    const bool is_unknown = !fs::is_regular_file(status) || failed;
    if (m_raw->begins_compressed(*this))
    {
        m_members = std::make_unique<members>(*m_raw);
    }
    m_most = is_unknown ? std::numeric_limits<std::uint64_t>::max() : is_plain() ? size : size * greatest_expansion;
}

input_file::~input_file() = default;

std::size_t input_file::next(void* to, std::size_t count)
{
    if (m_members)
    {
        return m_members->next(to, count, *this);
    }
    const auto bytes = m_raw->peek(*this);
    const std::size_t taken = std::min(count, bytes.size());
    std::copy_n(bytes.data(), taken, static_cast<unsigned char*>(to));
    m_raw->take(taken);
    return taken;
}

} // namespace nn::detail
