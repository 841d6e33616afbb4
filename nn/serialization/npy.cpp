#include "nn/serialization/npy.hpp"

#include "nn/data/row_file.hpp"
#include "nn/serialization/atomic_file.hpp"
#include "nn/serialization/elements.hpp"
#include "nn/serialization/npy_format.hpp"
#include "nn/serialization/printable.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>

namespace nn
{

namespace detail
{

namespace
{

/// A type of NumPy's, and what numpy.dtype knows it by.
struct npy_type
{
    std::string_view code;    ///< with its width in bytes, what NumPy itself writes
    std::string_view letters; ///< of C's types
    std::string_view names;   ///< one space between them; in front of a name there is no byte order
    element_type type;
    stored_elements::kind as = stored_elements::kind::same;

    bool is_called(std::string_view text, bool has_order) const
    {
        const bool is_letter = text.size() == 1 && letters.find(text[0]) != letters.npos;
        return text == code || is_letter || (!has_order && is_name(text));
    }
    bool is_name(std::string_view text) const
    {
        const std::string list = ' ' + std::string(names) + ' ';
        return text.find(' ') == text.npos && list.find(' ' + std::string(text) + ' ') != list.npos;
    }
};

constexpr npy_type types[] = {{"b1", "?", "bool bool_", element_type::boolean},
                              {"i1", "b", "int8 byte", element_type::int8},
                              {"i2", "h", "int16 short", element_type::int16},
                              {"i4", "i", "int32 intc", element_type::int32},
                              {"i8", "lqp", "int64 int int_ long longlong intp", element_type::int64},
                              {"u1", "B", "uint8 ubyte", element_type::uint8},
                              {"u2", "H", "uint16 ushort", element_type::uint16},
                              {"u4", "I", "uint32 uintc", element_type::uint32},
                              {"u8", "LQP", "uint64 uint ulonglong uintp", element_type::uint64},
                              {"f4", "f", "float32 single", element_type::float32},
                              {"f8", "d", "float64 float float_ double", element_type::float64},
                              {"f2", "e", "float16 half", element_type::float32, stored_elements::kind::float16}};

/// What the dictionary at the beginning of a file says.
struct npy_entries
{
    stored_elements elements;
    std::vector<std::uint64_t> shape;
};

/// Reads the dictionary, a literal of Python: {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }
class npy_dictionary
{
public:
    npy_dictionary(const byte_source& source, std::string_view text) : m_source(source), m_rest(text) {}

    npy_entries read()
    {
        expect('{');
        while (!accept('}'))
        {
            read_entry();
            if (!accept(','))
            {
                expect('}');
                break;
            }
        }
        skip_blanks();
        if (!m_rest.empty())
        {
            fail("text follows after the dictionary");
        }
        if (!m_descr || !m_fortran_order || !m_shape)
        {
            fail("it must have descr, fortran_order and shape");
        }
        m_descr->first_axis_fastest = *m_fortran_order;
        return {*m_descr, *m_shape};
    }

private:
    template <class... Parts>
    [[noreturn]] void fail(const Parts&... parts) const
    {
        m_source.fail("the header is not one of NumPy's: ", parts..., ".");
    }

    void skip_blanks()
    {
        const std::size_t blanks = std::min(m_rest.find_first_not_of(" \t\r\n"), m_rest.size());
        m_rest.remove_prefix(blanks);
    }

    bool accept(char c)
    {
        skip_blanks();
        const bool is_there = m_rest.starts_with(c);
        m_rest.remove_prefix(is_there ? 1 : 0);
        return is_there;
    }

    void expect(char c)
    {
        if (!accept(c))
        {
            fail("\"", std::string(1, c), "\" is missing before \"", printable(m_rest), "\"");
        }
    }

    bool accept_word(std::string_view word)
    {
        skip_blanks();
        const bool is_there = m_rest.starts_with(word);
        m_rest.remove_prefix(is_there ? word.size() : 0);
        return is_there;
    }

    std::string_view read_string()
    {
        const char quote = accept('\'') ? '\'' : '"';
        if (quote == '"')
        {
            expect('"');
        }
        const std::size_t end = m_rest.find(quote);
        const std::string_view text = m_rest.substr(0, end);
        if (end == m_rest.npos || text.find('\\') != text.npos)
        {
            fail("a text is not closed, or has a backslash in it");
        }
        m_rest.remove_prefix(end + 1);
        return text;
    }

    bool read_truth_value()
    {
        const bool is_true = accept_word("True");
        if (!is_true && !accept_word("False"))
        {
            fail("True or False is missing before \"", printable(m_rest), "\"");
        }
        return is_true;
    }

    std::uint64_t read_integer()
    {
        skip_blanks();
        std::uint64_t number = 0;
        const auto [end, problem] = std::from_chars(m_rest.data(), m_rest.data() + m_rest.size(), number);
        if (problem != std::errc())
        {
            fail("an extent is missing or too large before \"", printable(m_rest), "\"");
        }
        m_rest.remove_prefix(static_cast<std::size_t>(end - m_rest.data()));
        accept('L'); // as Python 2 wrote long integers
        return number;
    }

    std::vector<std::uint64_t> read_shape()
    {
        std::vector<std::uint64_t> extents;
        expect('(');
        while (!accept(')'))
        {
            extents.push_back(read_integer());
            if (!accept(','))
            {
                if (extents.size() == 1)
                {
                    fail("the shape is a number in parentheses, not a tuple");
                }
                expect(')');
                break;
            }
        }
        return extents;
    }

    void read_entry()
    {
        const std::string_view key = read_string();
        expect(':');
        if (key == "descr" && !m_descr)
        {
            m_descr = elements_of(read_descr());
        }
        else if (key == "fortran_order" && !m_fortran_order)
        {
            m_fortran_order = read_truth_value();
        }
        else if (key == "shape" && !m_shape)
        {
            m_shape = read_shape();
        }
        else
        {
            fail("\"", printable(key), "\" is unknown or comes twice");
        }
    }

    std::string_view read_descr()
    {
        skip_blanks();
        if (m_rest.starts_with('['))
        {
            m_source.fail("the elements are records; only numbers and truth values can be read.");
        }
        return read_string();
    }

    stored_elements elements_of(std::string_view descr) const
    {
        constexpr std::string_view order_signs = "<>=|";
        constexpr std::endian orders[] = {std::endian::little, std::endian::big, std::endian::native,
                                          std::endian::native};
        const std::size_t order = descr.empty() ? descr.npos : order_signs.find(descr[0]);
        const bool has_order = order != descr.npos;
        const std::string_view text = descr.substr(has_order ? 1 : 0);
        const auto* const found =
            std::ranges::find_if(types, [&](const npy_type& type) { return type.is_called(text, has_order); });
        if (found == std::end(types))
        {
            m_source.fail("the elements are of NumPy's type \"", printable(descr),
                          "\"; only bool, integers and floating-point numbers of 16, 32 and 64 bits can be read.");
        }
        return {found->type, found->as, has_order ? orders[order] : std::endian::native, false};
    }

    const byte_source& m_source;
    std::string_view m_rest;
    std::optional<stored_elements> m_descr;
    std::optional<bool> m_fortran_order;
    std::optional<std::vector<std::uint64_t>> m_shape;
};

/// The length of the dictionary: two bytes in version 1, four in 2 and 3 (which allows more than Latin-1 in names).
std::size_t read_header_length(byte_source& source)
{
    std::array<unsigned char, 8> start{};
    source.read(start.data(), start.size(), "beginning of the array");
    if (!std::equal(npy_magic.begin(), npy_magic.end(), start.begin(),
                    [](char a, unsigned char b) { return static_cast<unsigned char>(a) == b; }))
    {
        source.fail("it does not begin as NumPy's arrays do; it is damaged or of another kind.");
    }
    const unsigned major = start[6];
    const unsigned minor = start[7];
    if (major < 1 || major > 3 || minor != 0)
    {
        source.fail("its format has version ", major, ".", minor, "; 1.0, 2.0 and 3.0 can be read.");
    }
    std::array<unsigned char, 4> length{};
    source.read(length.data(), major == 1 ? 2 : 4, "header");
    const std::size_t result =
        length[0] | std::size_t{length[1]} << 8 | std::size_t{length[2]} << 16 | std::size_t{length[3]} << 24;
    // The longest header of numbers has 32 extents of 20 digits; NumPy itself refuses those above 10000 bytes.
    constexpr std::size_t longest = 10000;
    if (result > longest || result > source.most_left())
    {
        source.fail("the header has ", result, " bytes; more than ", longest, " or than follow are not possible.");
    }
    return result;
}

} // namespace

npy_description read_npy_header(byte_source& source)
{
    std::string text(read_header_length(source), ' ');
    source.read(text.data(), text.size(), "header");
    const npy_entries entries = npy_dictionary(source, text).read();
    return {entries.elements, checked_shape(source, entries.shape)};
}

any_array read_npy(byte_source& source)
{
    const npy_description description = read_npy_header(source);
    any_array array = read_elements(source, description.elements, description.shape);
    source.require_end();
    return array;
}

std::string npy_header(const any_array& array)
{
    using enum element_type;
    const auto kind = [](element_type type) {
        return type == boolean ? 'b' : type <= int64 ? 'i' : type <= uint64 ? 'u' : 'f';
    };
    const std::size_t width = size_of(array.type());

    std::string text = "{'descr': '";
    text += width == 1 ? '|' : '<';
    text += kind(array.type());
    text += std::to_string(width) + "', 'fortran_order': False, 'shape': " + to_text(array.shape()) + ", }";

    // Spaces up to a multiple of 64 bytes, and a line's end: elements may then be mapped into memory.
    const std::size_t before = npy_magic.size() + 4;
    const std::size_t length = (before + text.size() + 1 + 63) / 64 * 64 - before;
    text.resize(length - 1, ' ');
    const char start[] = {1, 0, static_cast<char>(length & 0xff), static_cast<char>(length >> 8)};
    return std::string(npy_magic) + std::string(start, sizeof start) + text + '\n';
}

} // namespace detail

any_array load_npy(const std::filesystem::path& file)
{
    detail::input_file source("load_npy", file);
    return detail::read_npy(source);
}

std::unique_ptr<detail::row_store> detail::open_npy(const std::filesystem::path& file)
{
    constexpr auto where = "npy_rows";
    input_file source(where, file);
    require_plain(source);
    const npy_description description = read_npy_header(source);
    const place_in_file place{source.place(), description.elements, description.shape};
    return row_file(source, where, file.string(), place, open_anywhere(where, file));
}

void save_npy(const std::filesystem::path& file, const any_array& array)
{
    std::vector<std::byte> copy;
    const std::span<const std::byte> elements = detail::little_endian(array, copy);
    std::string bytes = detail::npy_header(array);
    bytes.append(reinterpret_cast<const char*>(elements.data()), elements.size());
    write_text(file, bytes, "save_npy");
}

} // namespace nn
