// Files of arrays in the safetensors format.

#include "nn/serialization/safetensors.hpp"
#include "tests/nn/serialization/reading.hpp"

#include <filesystem>

namespace
{

using namespace support;
namespace fs = std::filesystem;
namespace error = autograd::error;

/// A file with this header and so many bytes of data.
std::string with_header(const std::string& header, std::size_t data_bytes)
{
    std::string result;
    for (unsigned i = 0; i < 8; ++i)
    {
        result += static_cast<char>(header.size() >> (8 * i) & 0xff);
    }
    return result + header + std::string(data_bytes, '\0');
}

/// The text of the error, behind the path.
std::string refused(const std::string& bytes)
{
    const scratch_folder folder;
    const fs::path file = put(folder.path() / "file.safetensors", bytes);
    const std::string error = text_of<error::file_error>([&] { nn::load_safetensors(file); });
    const std::size_t behind_path = error.find("file.safetensors: ");
    return error.starts_with("autograd: load_safetensors: ") && behind_path != error.npos
               ? error.substr(behind_path + 18)
               : error;
}

std::string refused_header(const std::string& header, std::size_t data_bytes = 8)
{
    return refused(with_header(header, data_bytes));
}

std::string entry(const std::string& name, const std::string& dtype, const std::string& shape, const std::string& place)
{
    return "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape + ",\"data_offsets\":" + place + "}";
}

std::string bytes_of(const nn::archive& arrays, const nn::text_map& texts = {})
{
    const scratch_folder folder;
    const fs::path file = folder.path() / "file.safetensors";
    nn::save_safetensors(file, arrays, texts);
    return contents(file);
}

} // namespace

BOOST_AUTO_TEST_SUITE(nn_serialization_safetensors)

BOOST_AUTO_TEST_CASE(files_of_others)
{
    for (const std::string file : {"every_type.safetensors", "order.safetensors"})
    {
        const nn::archive arrays = nn::load_safetensors(data_file(file));
        check_contents(arrays, file);
        BOOST_TEST(arrays.origin() == data_file(file));
    }
    BOOST_TEST((nn::load_safetensors_texts(data_file("every_type.safetensors")) ==
                nn::text_map{{"format", "np"}, {"f\xc3\xbcr", "x"}}));
    BOOST_TEST(nn::load_safetensors_texts(data_file("order.safetensors")).empty());
}

BOOST_AUTO_TEST_CASE(what_is_written_is_read)
{
    const scratch_folder folder;
    const fs::path file = folder.path() / "file";
    const nn::text_map texts{{"format", "pt"}, {"note", "\"quotes\"\n"}};
    for (const nn::archive& arrays : {some_arrays(), nn::archive()})
    {
        nn::save_safetensors(file, arrays, texts);
        BOOST_TEST(is_same(nn::load_safetensors(file), arrays));
        BOOST_TEST((nn::load_safetensors_texts(file) == texts));
        nn::save_safetensors(file, arrays);
        BOOST_TEST(nn::load_safetensors_texts(file).empty());
    }
}

// The length, the header padded to a multiple of 8 bytes, and the arrays, those of wide elements first.
BOOST_AUTO_TEST_CASE(the_bytes_of_a_file)
{
    nn::archive arrays;
    arrays.add("b", xt::xarray<std::uint8_t>{1, 2});
    arrays.add("w", xt::xarray<float>{{1.5F, -2.0F}});
    const std::string header = R"({"b":{"data_offsets":[8,10],"dtype":"U8","shape":[2]},)"
                               R"("w":{"data_offsets":[0,8],"dtype":"F32","shape":[1,2]}})";
    const std::string padded = header + std::string((8 - header.size() % 8) % 8, ' ');
    BOOST_TEST(bytes_of(arrays) == with_header(padded, 0) + std::string("\0\0\xc0\x3f\0\0\0\xc0\1\2", 10));
    BOOST_TEST(bytes_of(nn::archive()) == with_header("{}      ", 0));
}

BOOST_AUTO_TEST_CASE(what_cannot_be_written)
{
    nn::archive arrays;
    arrays.add("__metadata__", xt::xarray<float>{1.0F});
    BOOST_TEST(
        text_of<error::value_error>([&] { nn::save_safetensors("/dev/null", arrays); }) ==
        "autograd: save_safetensors: an array is called \"__metadata__\"; the format keeps that name for texts.");
    BOOST_TEST(text_of<error::value_error>(
                   [&] {
                       nn::save_safetensors("/dev/null", {}, {{"a", "\xff"}});
                   }) == "autograd: save_safetensors: one of the texts is not UTF-8; the format is.");
}

BOOST_AUTO_TEST_CASE(lengths_of_the_header_that_cannot_be)
{
    BOOST_TEST(refused("hello") == "the length of the header ends after 5 of 8 bytes; the file is cut short.");
    BOOST_TEST(refused(std::string(8, '\0') + "{}") ==
               "the header's length is said to be 0 bytes; it must be from 2 to 100000000 and no more than follow (2). "
               "The file is cut short, damaged or of another kind.");
    BOOST_TEST(
        refused(std::string(8, '\xff') + "{}").starts_with("the header's length is said to be 1844674407370955"));
    BOOST_TEST(refused(with_header("{}", 0).substr(0, 9)).starts_with("the header's length is said to be 2 bytes"));
    BOOST_TEST(refused_header(" {}") == "the header does not begin with {; the file is damaged or of another kind.");
}

BOOST_AUTO_TEST_CASE(headers_that_are_none)
{
    BOOST_TEST(refused_header("{\"a\":").starts_with("the header is not JSON ("));
    BOOST_TEST(refused_header("{} x").starts_with("the header is not JSON ("));
    BOOST_TEST(refused_header(std::string("{}\0 }{", 6)) ==
               "the header has a byte 0, which JSON does not have; the file is damaged.");
    BOOST_TEST(refused_header("{\"\xff\":1}").starts_with("the header is not JSON ("));
    BOOST_TEST(refused_header("{\"a\":[[[[1]]]]}") ==
               "the header has lists in lists; it is damaged or of another kind.");
    BOOST_TEST(
        refused_header("{" + std::string(100000, '[')) ==
        "the header is not JSON ([json.exception.parse_error.101] parse error at line 1, colu...); it is damaged "
        "or of another kind.");
    BOOST_TEST(refused_header("{\"a\":" + std::string(100000, '[')) ==
               "the header has lists in lists; it is damaged or of another kind.");
    const std::string a = entry("a", "F32", "[1]", "[0,4]");
    BOOST_TEST(refused_header("{" + a + "," + a + "}") == "the header has \"a\" twice; each name must be there once.");
    BOOST_TEST(refused_header(R"({"a":{"dtype":"F32","dtype":"F64","shape":[1],"data_offsets":[0,8]}})") ==
               "the header has \"dtype\" twice; each name must be there once.");
    const std::string must_have =
        "array \"a\" must have dtype, shape and data_offsets in the header, and nothing else.";
    BOOST_TEST(refused_header("{\"a\":1}") == must_have);
    BOOST_TEST(refused_header(R"({"a":{"dtype":"F32","shape":[1]}})") == must_have);
    BOOST_TEST(refused_header(R"({"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8],"more":0}})") == must_have);
    BOOST_TEST(refused_header("{" + entry("", "F64", "[1]", "[0,8]") + "}") ==
               "the name \"\" in the header cannot be one; a name has no control characters and is not empty.");
    BOOST_TEST(refused_header(R"({"__metadata__":{"a":1}})", 0) ==
               "__metadata__ in the header has \"a\", which is no text.");
    BOOST_TEST(refused_header(R"({"__metadata__":"a"})", 0) ==
               "__metadata__ in the header must have texts under names.");
}

// A reader that looked at all arrays again after each would take hours.
BOOST_AUTO_TEST_CASE(many_arrays)
{
    constexpr std::size_t count = 100000;
    std::string header;
    for (std::size_t i = 0; i < count; ++i)
    {
        header += (i == 0 ? "{" : ",") + entry(std::to_string(i), "F32", "[0]", "[0,0]");
    }
    const scratch_folder folder;
    const fs::path file = put(folder.path() / "file.safetensors", with_header(header + "}", 0));
    const nn::archive arrays = nn::load_safetensors(file);
    BOOST_TEST(arrays.size() == count);
    BOOST_TEST(std::prev(arrays.end())->name == std::to_string(count - 1));
}

BOOST_AUTO_TEST_CASE(types_shapes_and_places_that_cannot_be)
{
    const auto refused_entry = [](const std::string& dtype, const std::string& shape, const std::string& place)
    { return refused_header("{" + entry("a", dtype, shape, place) + "}"); };
    BOOST_TEST(
        refused_entry("F8_E4M3", "[8]", "[0,8]") ==
        "array \"a\" is of type \"F8_E4M3\"; only BOOL, U8 to U64, I8 to I64, F16, BF16, F32 and F64 can be read.");
    const std::string no_shape = "the shape of \"a\" in the header is no list of integers from 0 on.";
    BOOST_TEST(refused_entry("F64", "[-1]", "[0,8]") == no_shape);
    BOOST_TEST(refused_entry("F64", "[1.0]", "[0,8]") == no_shape);
    BOOST_TEST(refused_entry("F64", "1", "[0,8]") == no_shape);
    BOOST_TEST(refused_entry("F64", "[\"1\"]", "[0,8]") == no_shape);
    BOOST_TEST(refused_entry("F64", "[18446744073709551616]", "[0,8]") == no_shape);
    BOOST_TEST(refused_entry("F64", "[4294967296,4294967296]", "[0,8]") ==
               "the array has shape (4294967296, 4294967296); its elements cannot be counted in 64 bits.");
    BOOST_TEST(refused_entry("F64", "[2]", "[0,8]") ==
               "array \"a\" of shape (2,) takes 16 bytes, but its place has 8; the file is damaged.");
    const std::string no_place = "the place of \"a\" in the header is not a beginning and an end.";
    BOOST_TEST(refused_entry("F64", "[1]", "[8,0]") == no_place);
    BOOST_TEST(refused_entry("F64", "[1]", "[0]") == no_place);
    BOOST_TEST(refused_entry("F64", "[1]", "[0,8,9]") == no_place);
    BOOST_TEST(refused_entry("F64", "[1]", "[1,9]") ==
               "array \"a\" begins at byte 1 of the data, but what precedes it ends at 0; arrays neither overlap nor "
               "leave gaps.");
    BOOST_TEST(refused_entry("F32", "[1]", "[0,4]") ==
               "the arrays take 4 bytes, but 8 follow after the header; the file is cut short or damaged.");
    BOOST_TEST(refused_entry("F64", "[2]", "[0,16]") ==
               "the arrays take 16 bytes, but 8 follow after the header; the file is cut short or damaged.");
}

BOOST_AUTO_TEST_CASE(arrays_that_overlap_or_leave_gaps)
{
    const auto refused_two = [](const std::string& first, const std::string& second)
    { return refused_header("{" + entry("a", "F32", "[1]", first) + "," + entry("b", "F32", "[1]", second) + "}"); };
    const std::string neither = "; arrays neither overlap nor leave gaps.";
    BOOST_TEST(refused_two("[0,4]", "[2,6]") ==
               "array \"b\" begins at byte 2 of the data, but what precedes it ends at 4" + neither);
    BOOST_TEST(refused_two("[0,4]", "[0,4]") ==
               "array \"b\" begins at byte 0 of the data, but what precedes it ends at 4" + neither);
    BOOST_TEST(refused_two("[5,9]", "[0,4]") ==
               "array \"a\" begins at byte 5 of the data, but what precedes it ends at 4" + neither);
    BOOST_TEST(refused_two("[4,8]", "[0,4]") == "no error");
}

BOOST_AUTO_TEST_CASE(a_compressed_file)
{
    BOOST_TEST(refused(std::string("\x1f\x8b\x08\0\0\0\0\0\0\x03", 10)) ==
               "it is compressed by gzip; uncompress it first.");
}

BOOST_AUTO_TEST_CASE(cut_short_anywhere)
{
    const auto load = [](const std::string& file) { nn::load_safetensors(file); };
    check_every_truncation(bytes_of(some_arrays(), {{"a", "b"}}), load);
    check_every_truncation(contents(data_file("order.safetensors")), load);
}

// The format has no checksum: what a change leaves readable has as many bytes, and the names that JSON tells apart.
BOOST_AUTO_TEST_CASE(every_byte_changed)
{
    const std::string bytes = bytes_of(some_arrays(), {{"a", "b"}});
    const auto data_bytes = [](const nn::archive& arrays)
    {
        std::size_t count = 0;
        for (const auto& [name, stored] : arrays)
        {
            count += stored.bytes();
        }
        return count;
    };
    nn::archive loaded;
    check_every_change(
        bytes, [&](const std::string& file) { loaded = nn::load_safetensors(file); },
        [&](std::size_t place, int change)
        {
            BOOST_TEST(data_bytes(loaded) == data_bytes(some_arrays()),
                       "a change of byte " << place << " by " << change);
            BOOST_TEST(loaded.size() >= some_arrays().size());
        });
}

BOOST_AUTO_TEST_SUITE_END()
