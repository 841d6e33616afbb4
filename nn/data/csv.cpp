#include "nn/data/csv.hpp"

#include "nn/data/row_file.hpp"
#include "nn/serialization/byte_source.hpp"
#include "nn/serialization/printable.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <iterator>
#include <locale>
#include <new>
#include <optional>
#include <sstream>

namespace nn
{

namespace
{

/// The characters of a file one by one, with the ends of lines as '\n' and the number of the line.
class characters
{
public:
    static constexpr int end = -1;

    explicit characters(detail::byte_source& source, std::size_t first_line = 1) : m_source(source), m_line(first_line)
    {
        // Some programs mark UTF-8 texts by this at the beginning.
        constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
        fill();
        if (std::string_view(m_buffer.data(), m_size).starts_with(byte_order_mark))
        {
            m_place = byte_order_mark.size();
        }
    }

    int peek()
    {
        if (m_place == m_size)
        {
            fill();
        }
        if (m_place == m_size)
        {
            return end;
        }
        const auto c = static_cast<unsigned char>(m_buffer[m_place]);
        return c == '\r' ? '\n' : c;
    }

    int get()
    {
        const int c = peek();
        const bool is_return = c != end && m_buffer[m_place] == '\r';
        m_place += c == end ? 0 : 1;
        if (is_return && peek() != end && m_buffer[m_place] == '\n')
        {
            ++m_place; // the two are one end of a line
        }
        m_line += c == '\n' ? 1 : 0;
        return c;
    }

    std::size_t line() const { return m_line; }
    /// How many bytes come before the next character.
    std::uint64_t place() const { return m_source.place() - (m_size - m_place); }
    const detail::byte_source& source() const { return m_source; }

private:
    void fill()
    {
        m_size = m_source.read_some(m_buffer.data(), m_buffer.size());
        m_place = 0;
    }

    detail::byte_source& m_source;
    std::array<char, 1 << 16> m_buffer;
    std::size_t m_place = 0;
    std::size_t m_size = 0;
    std::size_t m_line;
};

/// Takes a file apart into lines of fields.
class csv_lines
{
public:
    csv_lines(detail::byte_source& source, const csv_options& options, std::size_t first_line = 1)
        : m_text(source, first_line), m_separator(static_cast<unsigned char>(options.separator))
    {
        for (std::size_t i = 0; i < options.skip_lines; ++i)
        {
            skip_line();
        }
    }

    /// Reads the next line; false if there is none, or none but empty ones.
    bool next()
    {
        begin_line();
        const std::size_t first = m_line;
        while (read_line() && is_empty())
        {
            begin_line();
        }
        if (m_fields.empty())
        {
            return false;
        }
        if (m_line != first)
        {
            m_text.source().fail("line ", first, " is empty; only at the end may lines be.");
        }
        return true;
    }

    const std::vector<std::string>& fields() const { return m_fields; }
    /// Where the line begins, and its number.
    std::uint64_t place() const { return m_begin; }
    std::size_t line() const { return m_line; }
    /// Where the next one begins.
    std::uint64_t end() const { return m_text.place(); }

    template <class... Parts>
    [[noreturn]] void fail(std::size_t column, const Parts&... parts) const
    {
        m_text.source().fail("line ", m_line, ", column ", column + 1, parts...);
    }
    template <class... Parts>
    [[noreturn]] void fail_line(const Parts&... parts) const
    {
        m_text.source().fail("line ", m_line, parts...);
    }
    const detail::byte_source& source() const { return m_text.source(); }

private:
    void begin_line()
    {
        m_line = m_text.line();
        m_begin = m_text.place();
    }
    bool is_empty() const { return m_fields.size() == 1 && m_fields[0].empty() && !m_was_quoted; }
    bool separates_by_blanks() const { return m_separator == ' '; }
    bool ends_field(int c) const
    {
        return c == m_separator || c == '\n' || c == characters::end || (separates_by_blanks() && c == '\t');
    }

    void skip_line()
    {
        int c = m_text.get();
        while (c != '\n' && c != characters::end)
        {
            c = m_text.get();
        }
    }

    void skip_blanks()
    {
        while (m_text.peek() == ' ' || (m_text.peek() == '\t' && m_separator != '\t'))
        {
            m_text.get();
        }
    }

    /// False if the file has ended.
    bool read_line()
    {
        m_fields.clear();
        m_was_quoted = false;
        skip_blanks();
        if (m_text.peek() == characters::end)
        {
            return false;
        }
        bool goes_on = true;
        while (goes_on)
        {
            m_fields.push_back(read_field());
            if (!separates_by_blanks())
            {
                skip_blanks();
            }
            if (!ends_field(m_text.peek()))
            {
                fail(m_fields.size() - 1, ": text follows after the closing quote; a quoted field has none around it.");
            }
            skip_blanks();
            const int c = m_text.peek();
            goes_on = c != '\n' && c != characters::end;
            if (!goes_on || !separates_by_blanks())
            {
                m_text.get();
            }
        }
        return true;
    }

    std::string read_field()
    {
        skip_blanks();
        return m_text.peek() == '"' ? read_quoted() : read_plain();
    }

    std::string read_plain()
    {
        std::string field;
        while (!ends_field(m_text.peek()))
        {
            append(field, m_text.get());
        }
        field.erase(field.find_last_not_of(" \t") + 1);
        return field;
    }

    std::string read_quoted()
    {
        std::string field;
        m_was_quoted = true;
        m_text.get();
        for (;;)
        {
            const int c = m_text.get();
            if (c == characters::end)
            {
                fail(m_fields.size(), ": the quote that opens the field is not closed; a quote in a field is doubled.");
            }
            if (c == '"' && m_text.peek() != '"')
            {
                return field;
            }
            append(field, c == '"' ? m_text.get() : c);
        }
    }

    void append(std::string& field, int c)
    {
        constexpr std::size_t longest = 1 << 16;
        if (field.size() == longest)
        {
            fail(m_fields.size(), " is longer than ", longest, " characters; this is no table of numbers.");
        }
        field += static_cast<char>(c);
    }

    characters m_text;
    int m_separator;
    std::vector<std::string> m_fields;
    std::size_t m_line = 0;
    std::uint64_t m_begin = 0;
    bool m_was_quoted = false;
};

/// The number that a text is, if it is one and finite.
std::optional<double> number_of(std::string_view text)
{
    text.remove_prefix(text.size() > 1 && text[0] == '+' && text[1] != '-' ? 1 : 0);
    const char* const end = text.data() + text.size();
    double number = 0.0;
    const auto [stop, problem] = std::from_chars(text.data(), end, number);
    if (problem == std::errc() && stop == end && std::isfinite(number))
    {
        return number;
    }
    // Out of range is also what lies between 0 and the least double: nearest to it is 0. Streams tell it from the
    // other.
    if (problem == std::errc::result_out_of_range && stop == end)
    {
        std::istringstream stream{std::string(text)};
        stream.imbue(std::locale::classic());
        if (stream >> number)
        {
            return number;
        }
    }
    return std::nullopt;
}

/// Whether a field is a word, and not one that stands for a missing value or what is no finite number.
bool is_name(const std::string& field)
{
    std::string word;
    std::transform(field.begin(), field.end(), std::back_inserter(word),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    constexpr std::string_view not_names[] = {"na", "n/a", "nan", "null", "none", "nil", "missing", "inf", "infinity"};
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80; };
    return std::any_of(word.begin(), word.end(), is_letter) &&
           std::string_view("+-.0123456789").find(word[0]) == std::string_view::npos &&
           std::find(std::begin(not_names), std::end(not_names), word) == std::end(not_names);
}

/// `may_name` is whether the line may name the columns, if it has a name.
void append_numbers(const csv_lines& lines, std::vector<double>& values, bool may_name)
{
    const std::vector<std::string>& fields = lines.fields();
    for (std::size_t i = 0; i < fields.size(); ++i)
    {
        const std::optional<double> number = number_of(fields[i]);
        if (number)
        {
            values.push_back(*number);
            continue;
        }
        const bool may_be_header = may_name && std::any_of(fields.begin(), fields.end(), is_name);
        const std::string_view advice = may_be_header ? " If this line names the columns, set has_header." : "";
        if (fields[i].empty())
        {
            lines.fail(i, " is empty; each field must have a number.", advice);
        }
        lines.fail(i, ": \"", detail::printable(fields[i]),
                   "\" is not a number that double can hold; each field must be.", advice);
    }
}

void require_separator(char separator)
{
    const auto c = static_cast<unsigned char>(separator);
    const bool is_printable_or_tab = c == '\t' || (c >= ' ' && c < 0x7f);
    const bool is_alphanumeric = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!is_printable_or_tab || is_alphanumeric || std::string_view("+-.\"").find(separator) != std::string_view::npos)
    {
        throw autograd::error::value_error("read_csv", "the separator is \"", detail::printable({&separator, 1}),
                                           "\"; it must be a tab or a visible character that no number has.");
    }
}

/// f() for each line of numbers, which are appended to `values` before. Returns the names of the columns.
template <class F>
std::vector<std::string> for_each_row(csv_lines& lines, const csv_options& options, std::vector<double>& values, F f)
{
    std::vector<std::string> names;
    std::size_t width = 0;
    if (options.has_header && lines.next())
    {
        names = lines.fields();
        width = names.size();
    }
    std::size_t rows = 0;
    for (; lines.next(); ++rows)
    {
        width = width == 0 ? lines.fields().size() : width;
        if (lines.fields().size() != width)
        {
            lines.fail_line(" has ", lines.fields().size(), " columns, and the first line ", width,
                            "; all must have the same number.");
        }
        append_numbers(lines, values, rows == 0 && !options.has_header);
        f();
    }
    if (rows == 0)
    {
        lines.source().fail("it has no line of numbers; one at least must be there.");
    }
    return names;
}

csv_table read_table(csv_lines& lines, const csv_options& options)
{
    csv_table table;
    std::vector<double> values;
    std::size_t rows = 0;
    table.names = for_each_row(lines, options, values, [&] { ++rows; });
    table.values = autograd::array<double>::from_shape({rows, values.size() / rows});
    std::copy(values.begin(), values.end(), table.values.data());
    return table;
}

/// The bytes of one line.
class bytes_of_line : public detail::byte_source
{
public:
    bytes_of_line(std::string_view where, const std::string& file, std::string bytes)
        : byte_source(where, file), m_bytes(std::move(bytes))
    {
    }

private:
    std::size_t next(void* to, std::size_t count) override
    {
        const std::size_t taken = m_bytes.copy(static_cast<char*>(to), count, m_taken);
        m_taken += taken;
        return taken;
    }
    std::uint64_t most() const override { return m_bytes.size(); }

    std::string m_bytes;
    std::size_t m_taken = 0;
};

constexpr auto rows_of_csv = "csv_columns";

/// The columns first, ..., last - 1 of a table whose lines are read one by one.
class lines_of_file : public detail::row_store
{
public:
    lines_of_file(const std::filesystem::path& file, std::size_t first, std::size_t last, bool is_column,
                  const csv_options& options)
        : m_file(file.string()),
          m_first(first),
          m_last(last),
          m_options(options),
          m_read(detail::open_anywhere(rows_of_csv, file))
    {
        detail::input_file source(rows_of_csv, file);
        detail::require_plain(source);
        find_lines(source);
        if (first >= last || last > m_width)
        {
            source.fail("the columns from ", first, " to before ", last, " were asked for; there are ", m_width, ".");
        }
        m_options.has_header = false;
        m_options.skip_lines = 0;
        m_shape = {m_lines.size()};
        if (!is_column)
        {
            m_shape.push_back(last - first);
        }
    }

    autograd::shape_view shape() const override { return m_shape; }

    any_array read(std::span<const std::size_t> rows) override
    {
        std::vector<std::size_t> shape(m_shape.begin(), m_shape.end());
        shape[0] = rows.size();
        autograd::array<double> result = autograd::array<double>::from_shape(shape);
        double* to = result.data();
        std::vector<double> values;
        for (const std::size_t row : rows)
        {
            values.clear();
            read_line(row, values);
            to = std::copy(values.begin() + static_cast<std::ptrdiff_t>(m_first),
                           values.begin() + static_cast<std::ptrdiff_t>(m_last), to);
        }
        return any_array(std::move(result));
    }

private:
    /// A line, and the one behind it begins where it ends.
    struct line
    {
        std::uint64_t begin;
        std::uint64_t end;
        std::size_t number;
    };

    void find_lines(detail::byte_source& source)
    {
        csv_lines lines(source, m_options);
        std::vector<double> values;
        for_each_row(lines, m_options, values,
                     [&]
                     {
                         m_lines.push_back({lines.place(), lines.end(), lines.line()});
                         m_width = values.size();
                         values.clear();
                     });
    }

    void read_line(std::size_t row, std::vector<double>& values)
    {
        const auto [begin, end, number] = m_lines[row];
        std::string bytes(end - begin, '\0');
        std::size_t done = 0;
        for (std::size_t more = 1; done < bytes.size() && more > 0; done += more)
        {
            more = m_read(begin + done, bytes.data() + done, bytes.size() - done);
        }
        bytes.resize(done);
        count(done);
        bytes_of_line source(rows_of_csv, m_file, std::move(bytes));
        csv_lines lines(source, m_options, number);
        if (!lines.next() || lines.fields().size() != m_width)
        {
            source.fail("line ", number, " is not what it was when the file was opened; it must stay as it is.");
        }
        append_numbers(lines, values, false);
    }

    std::string m_file;
    std::size_t m_first;
    std::size_t m_last;
    csv_options m_options;
    detail::read_at m_read;
    std::vector<line> m_lines;
    std::size_t m_width = 0;
    autograd::shape_vector m_shape;
};

} // namespace

csv_table read_csv(const std::filesystem::path& file, const csv_options& options)
{
    require_separator(options.separator);
    detail::input_file source("read_csv", file);
    csv_lines lines(source, options);
    try
    {
        return read_table(lines, options);
    }
    catch (const std::bad_alloc&)
    {
        throw autograd::error::memory_error("read_csv", file.string(),
                                            ": the machine does not have the memory for it.");
    }
}

std::unique_ptr<detail::row_store> detail::open_csv(const std::filesystem::path& file, std::size_t first,
                                                    std::size_t last, bool is_column, const csv_options& options)
{
    require_separator(options.separator);
    return std::make_unique<lines_of_file>(file, first, last, is_column, options);
}

} // namespace nn
