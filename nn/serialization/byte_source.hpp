#pragma once

#include "autograd/tape/error.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace nn::detail
{

/// Bytes that are read once, from the first to the last, and errors in their name.
class byte_source
{
public:
    /// `where` is the function that reads for the user, `subject` the file (and the member of it) as messages call it.
    byte_source(std::string_view where, std::string subject) : m_where(where), m_subject(std::move(subject)) {}
    byte_source(const byte_source&) = delete;
    byte_source& operator=(const byte_source&) = delete;
    virtual ~byte_source() = default;

    /// Up to `count` of the next bytes; fewer only at the end, where checksums have been checked when it gives 0.
    std::size_t read_some(void* to, std::size_t count);

    /// Exactly `count` bytes. Throws file_error if there are fewer; `what` is what they would have been.
    void read(void* to, std::size_t count, std::string_view what);

    /// Throws file_error unless all bytes have been read.
    void require_end();

    /// No more bytes than these can still come: known before they are read, for sizes to be checked against.
    std::uint64_t most_left() const { return m_read < most() ? most() - m_read : 0; }
    /// How many were read.
    std::uint64_t place() const { return m_read; }

    /// Throws file_error: "autograd: where: subject: ...".
    template <class... Parts>
    [[noreturn]] void fail(const Parts&... parts) const
    {
        throw autograd::error::file_error(m_where, m_subject, ": ", parts...);
    }

private:
    virtual std::size_t next(void* to, std::size_t count) = 0;
    virtual std::uint64_t most() const = 0;

    std::string m_where;
    std::string m_subject;
    std::uint64_t m_read = 0;
};

/// The uncompressed bytes of which a deflated one can be the only trace, at most (zlib, "Technical Details").
inline constexpr std::uint64_t greatest_expansion = 1032;

/// The bytes of a file; those that gzip compressed, if it is such a file, whatever its name. (Of several members, one
/// behind the other, all; bytes behind the last are refused.)
class input_file : public byte_source
{
public:
    /// Throws file_error if there is no such file, if it is a folder, or if it cannot be read.
    input_file(std::string_view where, const std::filesystem::path& file);
    ~input_file() override;

    /// Whether the bytes are those of the file itself.
    bool is_plain() const { return m_members == nullptr; }

private:
    class raw_bytes;
    class members;

    std::size_t next(void* to, std::size_t count) override;
    std::uint64_t most() const override { return m_most; }

    std::unique_ptr<raw_bytes> m_raw;
    std::unique_ptr<members> m_members; ///< of a compressed file only
    std::uint64_t m_most = 0;
};

} // namespace nn::detail
