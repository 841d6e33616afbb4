#include "nn/data/csv.hpp"

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

    explicit characters(const std::filesystem::path& file) : m_source("read_csv", file)
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
    const detail::byte_source& source() const { return m_source; }

private:
    void fill()
    {
        m_size = m_source.read_some(m_buffer.data(), m_buffer.size());
        m_place = 0;
    }

    detail::input_file m_source;
    std::array<char, 1 << 16> m_buffer;
    std::size_t m_place = 0;
    std::size_t m_size = 0;
    std::size_t m_line = 1;
};

/// Takes a file apart into lines of fields.
class csv_lines
{
public:
    csv_lines(const std::filesystem::path& file, const csv_options& options)
        : m_text(file), m_separator(static_cast<unsigned char>(options.separator))
    {
        for (std::size_t i = 0; i < options.skip_lines; ++i)
        {
            skip_line();
        }
    }

    /// Reads the next line; false if there is none, or none but empty ones.
    bool next()
    {
        m_line = m_text.line();
        const std::size_t first = m_line;
        while (read_line() && is_empty())
        {
            m_line = m_text.line();
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

csv_table read_table(csv_lines& lines, const csv_options& options)
{
    csv_table table;
    std::size_t width = 0;
    if (options.has_header && lines.next())
    {
        table.names = lines.fields();
        width = table.names.size();
    }
    std::vector<double> values;
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
    }
    if (rows == 0)
    {
        lines.source().fail("it has no line of numbers; one at least must be there.");
    }
    table.values = autograd::array<double>::from_shape({rows, width});
    std::copy(values.begin(), values.end(), table.values.data());
    return table;
}

} // namespace

csv_table read_csv(const std::filesystem::path& file, const csv_options& options)
{
    require_separator(options.separator);
    csv_lines lines(file, options);
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

} // namespace nn
