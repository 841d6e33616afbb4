#include "nn/data/row_file.hpp"

#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace nn::detail
{

namespace
{

class descriptor
{
public:
    explicit descriptor(int number) : m_number(number) {}
    descriptor(const descriptor&) = delete;
    ~descriptor() { ::close(m_number); }
    int number() const { return m_number; }

private:
    int m_number;
};

/// Some rows of a file as a source of bytes.
class bytes_of_rows : public byte_source
{
public:
    bytes_of_rows(const std::string& where, const std::string& subject, std::span<const std::size_t> rows,
                  std::uint64_t begin, std::uint64_t width, const read_at& read)
        : byte_source(where, subject), m_rows(rows), m_begin(begin), m_width(width), m_read(read)
    {
    }

private:
    std::size_t next(void* to, std::size_t count) override
    {
        if (m_row == m_rows.size())
        {
            return 0;
        }
        const std::uint64_t place = m_begin + m_rows[m_row] * m_width + m_done;
        const std::size_t done = m_read(place, to, std::min<std::uint64_t>(count, m_width - m_done));
        m_done += done;
        if (m_done == m_width)
        {
            ++m_row;
            m_done = 0;
        }
        return done;
    }
    std::uint64_t most() const override { return m_rows.size() * m_width; }

    std::span<const std::size_t> m_rows;
    std::uint64_t m_begin;
    std::uint64_t m_width; ///< of a row, in bytes
    const read_at& m_read;
    std::size_t m_row = 0;
    std::uint64_t m_done = 0; ///< of this row
};

class rows_in_file : public row_store
{
public:
    rows_in_file(std::string where, std::string subject, const place_in_file& place, std::uint64_t width, read_at read)
        : m_where(std::move(where)),
          m_subject(std::move(subject)),
          m_place(place),
          m_width(width),
          m_read(std::move(read))
    {
    }

    autograd::shape_view shape() const override { return m_place.shape; }
    any_array read(std::span<const std::size_t> rows) override
    {
        autograd::shape_vector shape = m_place.shape;
        shape[0] = rows.size();
        bytes_of_rows source(m_where, m_subject, rows, m_place.begin, m_width, m_read);
        count(rows.size() * m_width);
        return read_elements(source, m_place.elements, shape);
    }

private:
    std::string m_where;
    std::string m_subject;
    place_in_file m_place;
    std::uint64_t m_width;
    read_at m_read;
};

} // namespace

read_at open_anywhere(std::string_view where, const std::filesystem::path& file)
{
    const int number = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    const auto fail = [where = std::string(where), name = file.string()](int reason) {
        throw autograd::error::file_error(where, name, ": it cannot be read: ", std::string(std::strerror(reason)),
                                          ".");
    };
    if (number < 0)
    {
        fail(errno);
    }
    return [opened = std::make_shared<descriptor>(number), fail](std::uint64_t place, void* to, std::size_t count)
    {
        const ::ssize_t done = ::pread(opened->number(), to, count, static_cast<::off_t>(place));
        if (done < 0)
        {
            fail(errno);
        }
        return static_cast<std::size_t>(done);
    };
}

std::unique_ptr<row_store> row_file(const byte_source& header, std::string where, std::string subject,
                                    const place_in_file& place, read_at read)
{
    const autograd::shape_view shape(place.shape);
    if (shape.empty())
    {
        header.fail("the array has 0 axes; its rows lie along the first one.");
    }
    if (place.elements.first_axis_fastest && shape.size() > 1)
    {
        header.fail("the array is in Fortran's order, in which rows do not lie together; it must be in C's, or be read "
                    "as a whole.");
    }
    const std::uint64_t bytes = stored_bytes(header, place.elements, shape);
    if (bytes != header.most_left())
    {
        header.fail("the array has shape ", shape, ", which takes ", bytes, " bytes, but ", header.most_left(),
                    " follow; the file is damaged or of another kind.");
    }
    const std::uint64_t width = shape[0] == 0 ? 0 : bytes / shape[0];
    return std::make_unique<rows_in_file>(std::move(where), std::move(subject), place, width, std::move(read));
}

void refuse_compressed(const byte_source& source)
{
    source.fail("it is compressed, and rows cannot be read by themselves; uncompress it, or read it as a whole.");
}

void require_plain(const input_file& source)
{
    if (!source.is_plain())
    {
        refuse_compressed(source);
    }
}

any_array read_rows(row_store& from, const autograd::array<std::int64_t>& order, std::size_t first, std::size_t last)
{
    std::vector<std::size_t> rows;
    for (std::size_t k = first; k < last; ++k)
    {
        rows.push_back(checked_row("stored_rows", order, k, from.shape()[0]));
    }
    return from.read(rows);
}

} // namespace nn::detail
