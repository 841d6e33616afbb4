#include "nn/serialization/npz.hpp"

#include "nn/data/row_file.hpp"
#include "nn/serialization/atomic_file.hpp"
#include "nn/serialization/elements.hpp"
#include "nn/serialization/npy_format.hpp"
#include "nn/serialization/printable.hpp"

#include <array>
#include <deque>
#include <memory>

#include <zip.h>

namespace nn
{

namespace
{

namespace fs = std::filesystem;
using autograd::error::file_error;

constexpr std::string_view suffix = ".npy";

struct zip_deleter
{
    void operator()(zip_t* archive) const noexcept { ::zip_discard(archive); }
    void operator()(zip_file_t* member) const noexcept { ::zip_fclose(member); }
    void operator()(zip_source_t* source) const noexcept { ::zip_source_free(source); }
};
template <class T>
using zip_owner = std::unique_ptr<T, zip_deleter>;

/// libzip's error, in words.
class zip_problem
{
public:
    zip_problem() { ::zip_error_init(&m_error); }
    explicit zip_problem(int code) { ::zip_error_init_with_code(&m_error, code); }
    zip_problem(const zip_problem&) = delete;
    zip_problem& operator=(const zip_problem&) = delete;
    ~zip_problem() { ::zip_error_fini(&m_error); }
    zip_error_t* get() { return &m_error; }
    std::string_view text() { return ::zip_error_strerror(&m_error); }

private:
    zip_error_t m_error;
};

// ------------------------------------------------------------------------------------------------------------ reading

/// Whether the members' sizes can be: no more than their compressed bytes can stand for.
bool is_plausible(const zip_stat_t& about)
{
    return about.comp_method == ZIP_CM_STORE ? about.size == about.comp_size
                                             : about.size / detail::greatest_expansion <= about.comp_size;
}

bool can_be_decoded(const zip_stat_t& about)
{
    return about.encryption_method == ZIP_EM_NONE &&
           (about.comp_method == ZIP_CM_STORE || about.comp_method == ZIP_CM_DEFLATE);
}

void check_member(const detail::byte_source& source, const zip_stat_t& about)
{
    constexpr zip_uint64_t needed =
        ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
    if ((about.valid & needed) != needed)
    {
        source.fail("its size or its compression is not known; the file is damaged.");
    }
    if (about.encryption_method != ZIP_EM_NONE)
    {
        source.fail("it is encrypted; encrypted arrays cannot be read.");
    }
    if (about.comp_method != ZIP_CM_STORE && about.comp_method != ZIP_CM_DEFLATE)
    {
        source.fail("it is compressed by method ", about.comp_method,
                    "; only 0 (stored) and 8 (deflated) can be read.");
    }
    if (!is_plausible(about))
    {
        source.fail("it has ", about.size, " bytes, compressed ", about.comp_size,
                    "; that is not possible, the file is damaged.");
    }
}

/// The bytes of one member, uncompressed.
class zip_member : public detail::byte_source
{
public:
    /// Throws file_error unless it can be read.
    zip_member(const fs::path& file, zip_t* archive, zip_uint64_t index, const zip_stat_t& about,
               std::string_view where = "load_npz")
        : byte_source(where, file.string() + ", " + detail::printable(about.name)),
          m_file(::zip_fopen_index(archive, index, 0)),
          m_size((about.valid & ZIP_STAT_SIZE) != 0 ? about.size : 0)
    {
        if (m_file == nullptr)
        {
            fail("it cannot be read: ", ::zip_strerror(archive), ".");
        }
        check_member(*this, about);
    }

    /// Reads on from another place, which members that are not compressed have.
    void seek(std::uint64_t place)
    {
        if (::zip_fseek(m_file.get(), static_cast<zip_int64_t>(place), SEEK_SET) != 0)
        {
            fail("it cannot be read: ", ::zip_file_strerror(m_file.get()), ".");
        }
    }

private:
    std::size_t next(void* to, std::size_t count) override
    {
        const zip_int64_t done = ::zip_fread(m_file.get(), to, count);
        if (done < 0)
        {
            fail("its data are damaged: ", ::zip_file_strerror(m_file.get()), ".");
        }
        return static_cast<std::size_t>(done);
    }
    std::uint64_t most() const override { return m_size; }

    zip_owner<zip_file_t> m_file;
    std::uint64_t m_size;
};

zip_owner<zip_t> opened(const fs::path& file, std::string_view where = "load_npz")
{
    std::error_code failed;
    const fs::file_status status = fs::status(file, failed);
    if (fs::exists(status) && !fs::is_regular_file(status))
    {
        throw file_error(where, file.string(), ": it cannot be read: it is no ordinary file.");
    }
    // To libzip an empty file is an archive of nothing; NumPy's has an end record even so.
    if (fs::exists(status) && fs::file_size(file, failed) == 0)
    {
        throw file_error(where, file.string(), ": it is empty; the file is cut short.");
    }
    int code = 0;
    zip_owner<zip_t> archive(::zip_open(file.c_str(), ZIP_RDONLY | ZIP_CHECKCONS, &code));
    if (archive == nullptr)
    {
        throw file_error(where, file.string(), ": it cannot be read as an archive: ", zip_problem(code).text(), ".");
    }
    return archive;
}

bool begins_as_array(zip_member&& source)
{
    std::array<char, detail::npy_magic.size()> start{};
    return source.read_some(start.data(), start.size()) == start.size() &&
           std::string_view(start.data(), start.size()) == detail::npy_magic;
}

void read_member(zip_t* zip, zip_uint64_t index, const fs::path& file, archive& arrays)
{
    zip_stat_t about;
    ::zip_stat_init(&about);
    if (::zip_stat_index(zip, index, 0, &about) != 0 || (about.valid & ZIP_STAT_NAME) == 0)
    {
        throw file_error("load_npz", file.string(), ": member ", index, ": ", ::zip_strerror(zip), ".");
    }
    const std::string_view member = about.name;
    if (member.starts_with("__MACOSX/"))
    {
        return; // what another system's archiver notes of each file, under its name
    }
    const bool is_named_array = member.ends_with(suffix);
    const std::string_view name = member.substr(0, member.size() - (is_named_array ? suffix.size() : 0));
    if (!is_named_array && !(can_be_decoded(about) && begins_as_array(zip_member(file, zip, index, about))))
    {
        return; // a folder, a README; to NumPy, too, an array is what begins as one
    }
    zip_member source(file, zip, index, about);
    if (name.empty() || !detail::is_plain_text(name) || arrays.contains(name))
    {
        source.fail("it has no name that an array can have, or comes twice; each array needs its own.");
    }
    arrays.add(std::string(name), detail::read_npy(source));
}

/// A member of an archive that both stay open.
struct open_member
{
    zip_owner<zip_t> archive;
    zip_member member;
};

std::shared_ptr<open_member> opened_member(const fs::path& file, std::string_view name, std::string_view where)
{
    zip_owner<zip_t> zip = opened(file, where);
    zip_stat_t about;
    ::zip_stat_init(&about);
    const std::string with_suffix = std::string(name) + std::string(suffix);
    zip_int64_t index = ::zip_name_locate(zip.get(), with_suffix.c_str(), ZIP_FL_ENC_GUESS);
    index = index < 0 ? ::zip_name_locate(zip.get(), std::string(name).c_str(), ZIP_FL_ENC_GUESS) : index;
    if (index < 0 || ::zip_stat_index(zip.get(), static_cast<zip_uint64_t>(index), 0, &about) != 0 ||
        (about.valid & ZIP_STAT_NAME) == 0)
    {
        throw file_error(where, file.string(), ": it has no array \"", detail::printable(name), "\".");
    }
    zip_t* const archive = zip.get();
    const auto result = std::shared_ptr<open_member>(
        new open_member{std::move(zip), {file, archive, static_cast<zip_uint64_t>(index), about, where}});
    if (about.comp_method != ZIP_CM_STORE)
    {
        detail::refuse_compressed(result->member);
    }
    return result;
}

// ------------------------------------------------------------------------------------------------------------ writing

[[noreturn]] void fail_to_write(const fs::path& file, std::string_view reason)
{
    throw file_error("save_npz", "cannot write ", file.string(), ": ", reason, ".");
}

/// The bytes of a member, which must live until the archive is closed.
struct member_bytes
{
    std::string header;
    std::vector<std::byte> copy;
};

void add_member(zip_t* zip, const archive::item& item, member_bytes& bytes, compression method, const fs::path& file)
{
    bytes.header = detail::npy_header(item.array);
    const std::span<const std::byte> elements = detail::little_endian(item.array, bytes.copy);
    // libzip takes bytes that it may write to, and does not write to them.
    zip_buffer_fragment_t parts[2] = {
        {reinterpret_cast<zip_uint8_t*>(bytes.header.data()), bytes.header.size()},
        {const_cast<zip_uint8_t*>(reinterpret_cast<const zip_uint8_t*>(elements.data())), elements.size()}};
    zip_owner<zip_source_t> source(::zip_source_buffer_fragment(zip, parts, elements.empty() ? 1 : 2, 0));
    const std::string name = item.name + std::string(suffix);
    const zip_int64_t index =
        source == nullptr ? -1 : ::zip_file_add(zip, name.c_str(), source.get(), ZIP_FL_ENC_UTF_8);
    if (index < 0)
    {
        fail_to_write(file, std::string(::zip_strerror(zip)) + ", at array " + item.name);
    }
    source.release(); // the archive's now
    // The earliest time that the format knows, 1 January 1980, as NumPy does: the same arrays give the same bytes.
    constexpr zip_uint16_t first_day = 1 << 5 | 1;
    const auto place = static_cast<zip_uint64_t>(index);
    const zip_int32_t code = method == compression::deflate ? ZIP_CM_DEFLATE : ZIP_CM_STORE;
    if (::zip_set_file_compression(zip, place, code, 0) != 0 ||
        ::zip_file_set_dostime(zip, place, 0, first_day, 0) != 0)
    {
        fail_to_write(file, ::zip_strerror(zip));
    }
}

std::string contents(zip_source_t* buffer, const fs::path& file)
{
    zip_stat_t about;
    ::zip_stat_init(&about);
    if (::zip_source_stat(buffer, &about) != 0 || (about.valid & ZIP_STAT_SIZE) == 0 || ::zip_source_open(buffer) != 0)
    {
        fail_to_write(file, ::zip_error_strerror(::zip_source_error(buffer)));
    }
    std::string bytes(about.size, '\0');
    const zip_int64_t done = ::zip_source_read(buffer, bytes.data(), bytes.size());
    ::zip_source_close(buffer);
    if (done < 0 || static_cast<std::size_t>(done) != bytes.size())
    {
        fail_to_write(file, "the archive in memory cannot be read");
    }
    return bytes;
}

/// The bytes of the archive of no members, which libzip does not write: the end record alone (APPNOTE 4.3.16).
std::string nothing()
{
    return "PK\5\6" + std::string(18, '\0');
}

/// The archive is made in memory, so that the file is written as every other file is.
std::string zipped(const archive& arrays, compression method, const fs::path& file)
{
    if (arrays.empty())
    {
        return nothing();
    }
    zip_problem problem;
    const zip_owner<zip_source_t> buffer(::zip_source_buffer_create(nullptr, 0, 0, problem.get()));
    if (buffer == nullptr)
    {
        fail_to_write(file, problem.text());
    }
    std::deque<member_bytes> members;
    zip_owner<zip_t> zip(::zip_open_from_source(buffer.get(), ZIP_TRUNCATE, problem.get()));
    if (zip == nullptr)
    {
        fail_to_write(file, problem.text());
    }
    ::zip_source_keep(buffer.get()); // one for the archive, one to read from
    for (const archive::item& item : arrays)
    {
        add_member(zip.get(), item, members.emplace_back(), method, file);
    }
    if (::zip_close(zip.get()) != 0)
    {
        fail_to_write(file, ::zip_strerror(zip.get()));
    }
    zip.release(); // closing freed it
    return contents(buffer.get(), file);
}

} // namespace

archive load_npz(const fs::path& file)
{
    const zip_owner<zip_t> zip = opened(file);
    archive arrays(file.string());
    const zip_int64_t count = ::zip_get_num_entries(zip.get(), 0);
    for (zip_int64_t i = 0; i < count; ++i)
    {
        read_member(zip.get(), static_cast<zip_uint64_t>(i), file, arrays);
    }
    return arrays;
}

std::unique_ptr<detail::row_store> detail::open_npz(const fs::path& file, std::string_view name)
{
    constexpr auto where = "npz_rows";
    const auto opened = opened_member(file, name, where);
    const npy_description description = read_npy_header(opened->member);
    const place_in_file place{opened->member.place(), description.elements, description.shape};
    const auto read = [opened](std::uint64_t from, void* to, std::size_t count)
    {
        opened->member.seek(from);
        return opened->member.read_some(to, count);
    };
    return row_file(opened->member, where, file.string() + ", " + printable(name), place, read);
}

void save_npz(const fs::path& file, const archive& arrays, compression method)
{
    write_text(file, zipped(arrays, method, file), "save_npz");
}

} // namespace nn
