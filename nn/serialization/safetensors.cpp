#include "nn/serialization/safetensors.hpp"

#include "nn/serialization/atomic_file.hpp"
#include "nn/serialization/elements.hpp"
#include "nn/serialization/printable.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <numeric>
#include <optional>
#include <set>

namespace nn
{

namespace
{

using nlohmann::json;
namespace fs = std::filesystem;
using detail::byte_source;
using detail::stored_elements;

constexpr std::string_view texts_key = "__metadata__";

struct dtype
{
    std::string_view name;
    element_type type;
    stored_elements::kind as = stored_elements::kind::same;
};

using enum element_type;
constexpr dtype dtypes[] = {{"BOOL", boolean},
                            {"U8", uint8},
                            {"I8", int8},
                            {"U16", uint16},
                            {"I16", int16},
                            {"U32", uint32},
                            {"I32", int32},
                            {"U64", uint64},
                            {"I64", int64},
                            {"F32", float32},
                            {"F64", float64},
                            {"F16", float32, stored_elements::kind::float16},
                            {"BF16", float32, stored_elements::kind::bfloat16}};

/// One entry of the header.
struct tensor
{
    std::string name;
    stored_elements elements;
    autograd::shape_vector shape;
    std::uint64_t begin = 0; ///< counted from the end of the header
    std::uint64_t end = 0;
};

struct header
{
    std::vector<tensor> tensors; ///< in the order of the file's header
    text_map texts;
};

// ------------------------------------------------------------------------------------------------------------ reading

std::uint64_t read_length(byte_source& source)
{
    std::array<unsigned char, 8> bytes{};
    source.read(bytes.data(), bytes.size(), "length of the header");
    std::uint64_t length = 0;
    for (std::size_t i = bytes.size(); i-- > 0;)
    {
        length = length << 8 | bytes[i];
    }
    constexpr std::uint64_t longest = 100'000'000; // the format's own bound
    if (length < 2 || length > longest || length > source.most_left())
    {
        source.fail("the header's length is said to be ", length, " bytes; it must be from 2 to ", longest,
                    " and no more than follow (", source.most_left(),
                    "). The file is cut short, damaged or of another kind.");
    }
    return length;
}

/// Reads through a header and refuses what a reader of JSON would take: two equal names in one object, of which it
/// keeps one, and nesting that no header has. Notes the names of the arrays in the order of the file. (A parser's
/// callback could do both, but nlohmann's looks at all of an object's members again whenever one of them ends.)
class header_watch : public nlohmann::json_sax<json>
{
public:
    explicit header_watch(const byte_source& source) : m_source(source) {}

    std::vector<std::string> names;

    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool number_integer(number_integer_t) override { return true; }
    bool number_unsigned(number_unsigned_t) override { return true; }
    bool number_float(number_float_t, const string_t&) override { return true; }
    bool string(string_t&) override { return true; }
    bool binary(binary_t&) override { return true; }
    bool start_object(std::size_t) override { return open(); }
    bool end_object() override { return close(); }
    bool start_array(std::size_t) override { return open(); }
    bool end_array() override { return close(); }
    bool key(string_t& name) override
    {
        if (!m_open.back().insert(name).second)
        {
            m_source.fail("the header has \"", detail::printable(name), "\" twice; each name must be there once.");
        }
        if (m_open.size() == 1)
        {
            names.push_back(name);
        }
        return true;
    }
    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& e) override
    {
        m_source.fail("the header is not JSON (", detail::printable(e.what()), "); it is damaged or of another kind.");
    }

private:
    bool open()
    {
        constexpr std::size_t deepest = 3; // the header, an array's entry, its shape
        if (m_open.size() == deepest)
        {
            m_source.fail("the header has lists in lists; it is damaged or of another kind.");
        }
        m_open.emplace_back();
        return true;
    }
    bool close()
    {
        m_open.pop_back();
        return true;
    }

    const byte_source& m_source;
    std::vector<std::set<std::string>> m_open; ///< the names so far, of objects and lists that are open
};

std::vector<std::uint64_t> read_integers(const byte_source& source, const json& list, std::string_view what)
{
    std::vector<std::uint64_t> result;
    const bool is_list =
        list.is_array() && std::ranges::all_of(list, [](const json& x) { return x.is_number_unsigned(); });
    if (!is_list)
    {
        source.fail(what, " in the header is no list of integers from 0 on.");
    }
    for (const json& number : list)
    {
        result.push_back(number.get<std::uint64_t>());
    }
    return result;
}

stored_elements read_dtype(const byte_source& source, const json& value, std::string_view name)
{
    const auto* const found =
        value.is_string() ? std::ranges::find(dtypes, value.get<std::string>(), &dtype::name) : std::end(dtypes);
    if (found == std::end(dtypes))
    {
        source.fail("array \"", name, "\" is of type ", detail::printable(value.dump(-1, ' ', true)),
                    "; only BOOL, U8 to U64, I8 to I64, F16, BF16, F32 and F64 can be read.");
    }
    return {found->type, found->as, std::endian::little, false};
}

tensor read_tensor(const byte_source& source, const std::string& name, const json& entry)
{
    if (name.empty() || !detail::is_plain_text(name))
    {
        source.fail("the name \"", detail::printable(name),
                    "\" in the header cannot be one; a name has no control characters and is not empty.");
    }
    if (!entry.is_object() || entry.size() != 3 || !entry.contains("dtype") || !entry.contains("shape") ||
        !entry.contains("data_offsets"))
    {
        source.fail("array \"", name, "\" must have dtype, shape and data_offsets in the header, and nothing else.");
    }
    tensor result;
    result.name = name;
    result.elements = read_dtype(source, entry["dtype"], name);
    result.shape =
        detail::checked_shape(source, read_integers(source, entry["shape"], "the shape of \"" + name + "\""));
    const auto offsets = read_integers(source, entry["data_offsets"], "the place of \"" + name + "\"");
    if (offsets.size() != 2 || offsets[0] > offsets[1])
    {
        source.fail("the place of \"", name, "\" in the header is not a beginning and an end.");
    }
    result.begin = offsets[0];
    result.end = offsets[1];
    const std::uint64_t bytes = detail::stored_bytes(source, result.elements, result.shape);
    if (result.end - result.begin != bytes)
    {
        source.fail("array \"", name, "\" of shape ", result.shape, " takes ", bytes, " bytes, but its place has ",
                    result.end - result.begin, "; the file is damaged.");
    }
    return result;
}

text_map read_texts(const byte_source& source, const json& entry)
{
    text_map texts;
    if (!entry.is_object())
    {
        source.fail("__metadata__ in the header must have texts under names.");
    }
    for (const auto& [name, value] : entry.items())
    {
        if (!value.is_string())
        {
            source.fail("__metadata__ in the header has \"", detail::printable(name), "\", which is no text.");
        }
        texts.emplace(name, value.get<std::string>());
    }
    return texts;
}

/// The places of the tensors in the order of the file.
std::vector<std::size_t> file_order(const std::vector<tensor>& tensors)
{
    std::vector<std::size_t> order(tensors.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, {}, [&](std::size_t i) { return std::pair(tensors[i].begin, tensors[i].end); });
    return order;
}

/// That the arrays follow each other without gaps and overlaps, up to the end of the file.
void check_places(const byte_source& source, const std::vector<tensor>& tensors)
{
    std::uint64_t end = 0;
    for (const std::size_t i : file_order(tensors))
    {
        if (tensors[i].begin != end)
        {
            source.fail("array \"", tensors[i].name, "\" begins at byte ", tensors[i].begin,
                        " of the data, but what precedes it ends at ", end, "; arrays neither overlap nor leave gaps.");
        }
        end = tensors[i].end;
    }
    if (end != source.most_left())
    {
        source.fail("the arrays take ", end, " bytes, but ", source.most_left(),
                    " follow after the header; the file is cut short or damaged.");
    }
}

header read_header(byte_source& source)
{
    std::string text(read_length(source), ' ');
    source.read(text.data(), text.size(), "header");
    if (text[0] != '{')
    {
        source.fail("the header does not begin with {; the file is damaged or of another kind.");
    }
    header result;
    if (text.find('\0') != std::string::npos) // where a JSON reader would stop
    {
        source.fail("the header has a byte 0, which JSON does not have; the file is damaged.");
    }
    header_watch watch(source);
    json::sax_parse(text, &watch);
    const json entries = json::parse(text);
    for (const std::string& name : watch.names)
    {
        const json& entry = entries.at(name);
        if (name == texts_key)
        {
            result.texts = read_texts(source, entry);
        }
        else
        {
            result.tensors.push_back(read_tensor(source, name, entry));
        }
    }
    check_places(source, result.tensors);
    return result;
}

/// Compressed files are not of this format, though the source would uncompress them.
class plain_file : public detail::input_file
{
public:
    plain_file(const char* where, const fs::path& file) : input_file(where, file)
    {
        if (!is_plain())
        {
            fail("it is compressed by gzip; uncompress it first.");
        }
    }
};

// ------------------------------------------------------------------------------------------------------------ writing

std::string_view dtype_name(element_type type)
{
    return std::ranges::find(dtypes, type, &dtype::type)->name;
}

json entry_for(const any_array& array, std::uint64_t begin)
{
    return {{"dtype", dtype_name(array.type())},
            {"shape", std::vector<std::size_t>(array.shape().begin(), array.shape().end())},
            {"data_offsets", {begin, begin + array.bytes()}}};
}

/// The arrays in the order of the file: wide elements first, otherwise as they come.
std::vector<const archive::item*> by_width(const archive& arrays)
{
    std::vector<const archive::item*> order;
    for (const archive::item& item : arrays)
    {
        order.push_back(&item);
    }
    std::ranges::stable_sort(order, std::greater(), [](const archive::item* i) { return size_of(i->array.type()); });
    return order;
}

std::string header_for(const archive& arrays, const std::vector<const archive::item*>& order, const text_map& texts)
{
    std::map<std::string_view, std::uint64_t> begins;
    std::uint64_t end = 0;
    for (const archive::item* item : order)
    {
        begins[item->name] = end;
        end += item->array.bytes();
    }
    std::string text;
    const auto add = [&](const std::string& name, const json& entry)
    { text += (text.empty() ? '{' : ',') + json(name).dump() + ':' + entry.dump(); };
    if (!texts.empty())
    {
        add(std::string(texts_key), texts);
    }
    for (const archive::item& item : arrays)
    {
        add(item.name, entry_for(item.array, begins.at(item.name)));
    }
    text += text.empty() ? "{}" : "}";
    text.resize((text.size() + 7) / 8 * 8, ' '); // the arrays are aligned
    return text;
}

} // namespace

archive load_safetensors(const fs::path& file)
{
    plain_file source("load_safetensors", file);
    const header about = read_header(source);
    std::vector<std::optional<any_array>> arrays(about.tensors.size());
    for (const std::size_t i : file_order(about.tensors))
    {
        arrays[i] = detail::read_elements(source, about.tensors[i].elements, about.tensors[i].shape);
    }
    source.require_end();
    archive result(file.string());
    for (std::size_t i = 0; i < arrays.size(); ++i)
    {
        result.add(about.tensors[i].name, *std::move(arrays[i]));
    }
    return result;
}

text_map load_safetensors_texts(const fs::path& file)
{
    plain_file source("load_safetensors_texts", file);
    return read_header(source).texts;
}

void save_safetensors(const fs::path& file, const archive& arrays, const text_map& texts)
{
    if (arrays.contains(texts_key))
    {
        throw autograd::error::value_error("save_safetensors", "an array is called \"", texts_key,
                                           "\"; the format keeps that name for texts.");
    }
    const std::vector<const archive::item*> order = by_width(arrays);
    std::string bytes;
    try
    {
        bytes = header_for(arrays, order, texts);
    }
    catch (const json::exception&)
    {
        throw autograd::error::value_error("save_safetensors", "one of the texts is not UTF-8; the format is.");
    }
    const std::uint64_t length = bytes.size();
    std::string start;
    for (unsigned i = 0; i < 8; ++i)
    {
        start += static_cast<char>(length >> (8 * i) & 0xff);
    }
    bytes.insert(0, start);
    for (const archive::item* item : order)
    {
        std::vector<std::byte> copy;
        const std::span<const std::byte> elements = detail::little_endian(item->array, copy);
        bytes.append(reinterpret_cast<const char*>(elements.data()), elements.size());
    }
    write_text(file, bytes, "save_safetensors");
}

} // namespace nn
