// NumPy's files of single arrays.

#include "nn/serialization/npy.hpp"
#include "tests/nn/serialization/reading.hpp"

#include <filesystem>

namespace
{

using namespace support;
namespace fs = std::filesystem;
namespace error = autograd::error;

nn::any_array array_in(const std::string& bytes)
{
    const scratch_folder folder;
    return nn::load_npy(put(folder.path() / "file.npy", bytes));
}

/// A file of format version 1 with this dictionary and these bytes of elements.
std::string with_header(const std::string& dictionary, const std::string& elements = std::string(8, '\0'))
{
    const std::string length{static_cast<char>(dictionary.size() & 0xff), static_cast<char>(dictionary.size() >> 8)};
    return std::string("\x93NUMPY\1\0", 8) + length + dictionary + elements;
}

/// The text of the error, behind the path.
std::string refused(const std::string& bytes)
{
    const std::string error = text_of<error::file_error>([&] { array_in(bytes); });
    const std::size_t behind_path = error.find("file.npy: ");
    return error.starts_with("autograd: load_npy: ") && behind_path != error.npos ? error.substr(behind_path + 10)
                                                                                  : error;
}

std::string refused_header(const std::string& dictionary)
{
    const std::string text = refused(with_header(dictionary));
    const std::string beginning = "the header is not one of NumPy's: ";
    return text.starts_with(beginning) ? text.substr(beginning.size()) : text;
}

} // namespace

BOOST_AUTO_TEST_SUITE(nn_serialization_npy)

BOOST_AUTO_TEST_CASE(files_that_numpy_wrote)
{
    for (const std::string file : {"version1.npy", "version2.npy", "version3.npy", "halves.npy"})
    {
        check_content(nn::load_npy(data_file(file)), file_contents(file)[0]);
    }
}

BOOST_AUTO_TEST_CASE(arrays_of_other_things_are_refused)
{
    const auto text = [](const std::string& file)
    { return text_of<error::file_error>([&] { nn::load_npy(data_file(file)); }); };
    const auto refusal = [](const std::string& file, const std::string& type)
    {
        return "autograd: load_npy: " + data_file(file) + ": the elements are of NumPy's type \"" + type +
               "\"; only bool, integers and floating-point numbers of 16, 32 and 64 bits can be read.";
    };
    BOOST_TEST(text("complex.npy") == refusal("complex.npy", "<c16"));
    BOOST_TEST(text("text.npy") == refusal("text.npy", "<U2"));
    BOOST_TEST(text("records.npy") == "autograd: load_npy: " + data_file("records.npy") +
                                          ": the elements are records; only numbers and truth values can be read.");
}

BOOST_AUTO_TEST_CASE(what_is_written_is_read)
{
    const scratch_folder folder;
    const fs::path file = folder.path() / "file.npy";
    for (const auto& [name, stored] : some_arrays())
    {
        nn::save_npy(file, stored);
        BOOST_TEST(is_same(nn::load_npy(file), stored), name);
    }
}

BOOST_AUTO_TEST_CASE(the_same_bytes_as_numpy_writes)
{
    const scratch_folder folder;
    const fs::path file = folder.path() / "file.npy";
    nn::save_npy(file, nn::load_npy(data_file("version1.npy")));
    BOOST_TEST(contents(file) == contents(data_file("version1.npy")));
}

BOOST_AUTO_TEST_CASE(headers_as_others_write_them)
{
    const std::string eight(8, '\0');
    for (const std::string header : {"{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n",
                                     "{\"shape\":(2,),\"descr\":\"<f4\",\"fortran_order\":True}",
                                     "{'descr': '<f4', 'fortran_order': False, 'shape': (2L,)}   ",
                                     " { 'shape' : ( 2 , ) , 'descr':'<f4','fortran_order':False,}"})
    {
        const nn::any_array stored = array_in(with_header(header));
        BOOST_TEST((stored.shape() == extents{2}));
    }
    BOOST_TEST(
        (array_in(with_header("{'descr': '=f4', 'fortran_order': False, 'shape': (1,2)}")).shape() == extents{1, 2}));
    BOOST_TEST((array_in(with_header("{'descr': '<f8', 'fortran_order': False, 'shape': ()}")).shape() == extents{}));
    const auto eight_bytes_of = [](const std::string& type, std::size_t count) {
        return with_header("{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + std::to_string(count) +
                           ",)}");
    };
    const std::pair<std::string, std::size_t> types[] = {{"float64", 1}, {"double", 1}, {"float", 1},
                                                         {"int", 1},     {"long", 1},   {"single", 2},
                                                         {"half", 4},    {"ushort", 4}, {"bool_", 8}};
    for (const auto& [type, count] : types)
    {
        BOOST_TEST((array_in(eight_bytes_of(type, count)).shape() == extents{count}));
        BOOST_TEST(refused(eight_bytes_of("<" + type, count)) != ""); // as NumPy does
    }
    BOOST_TEST(refused(eight_bytes_of("float64 float", 1)) != "");
}

BOOST_AUTO_TEST_CASE(headers_that_are_none)
{
    const std::string rest = "'fortran_order': False, 'shape': (2,)}";
    BOOST_TEST(refused_header("{'descr': '<f4', " + rest + "x") == "text follows after the dictionary.");
    BOOST_TEST(refused_header("{'descr': '<f4'}") == "it must have descr, fortran_order and shape.");
    BOOST_TEST(refused_header("{'descr': '<f4', 'descr': '<f4', " + rest) == "\"descr\" is unknown or comes twice.");
    BOOST_TEST(refused_header("{'descr': '<f4', 'x': 1, " + rest) == "\"x\" is unknown or comes twice.");
    BOOST_TEST(refused_header("{'descr' '<f4', " + rest) ==
               "\":\" is missing before \"'<f4', 'fortran_order': False, 'shape': (2,)}\".");
    BOOST_TEST(refused_header("{'descr: ") == "a text is not closed, or has a backslash in it.");
    BOOST_TEST(refused_header("['descr'") == "\"{\" is missing before \"['descr'\".");
    BOOST_TEST(refused_header("{'descr': '<f4', 'fortran_order': 0, 'shape': (2,)}") ==
               "True or False is missing before \"0, 'shape': (2,)}\".");
    BOOST_TEST(refused_header("{'descr': '<f4', 'fortran_order': False, 'shape': (2)}") ==
               "the shape is a number in parentheses, not a tuple.");
    BOOST_TEST(refused_header("{'descr': '<f4', 'fortran_order': False, 'shape': (-2,)}") ==
               "an extent is missing or too large before \"-2,)}\".");
    BOOST_TEST(refused_header("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}") ==
               "an extent is missing or too large before \"99999999999999999999,)}\".");
    BOOST_TEST(refused_header("{'descr': '', " + rest) ==
               "the elements are of NumPy's type \"\"; only bool, integers and floating-point numbers of 16, 32 and 64 "
               "bits can be read.");
}

BOOST_AUTO_TEST_CASE(sizes_are_checked_before_memory_is_asked_for)
{
    const auto of_shape = [](const std::string& shape)
    { return refused(with_header("{'descr': '<f8', 'fortran_order': False, 'shape': " + shape + "}")); };
    BOOST_TEST(
        of_shape("(1000000000000,)") ==
        "the array has shape (1000000000000,), which takes 8000000000000 bytes, but at most 8 follow; the file is "
        "cut short or damaged.");
    BOOST_TEST(of_shape("(4294967296, 4294967296)") ==
               "the array has shape (4294967296, 4294967296); its elements cannot be counted in 64 bits.");
    BOOST_TEST(of_shape("(0, 1099511627776, 1099511627776)") ==
               "the array has shape (0, 1099511627776, 1099511627776); its elements cannot be counted in 64 bits.");
    BOOST_TEST(of_shape("()") == "no error");
    BOOST_TEST(of_shape("(0,)") ==
               "more bytes follow after the 65 that belong to it; it is damaged or of another kind.");
    std::string many = "(";
    for (int i = 0; i < 33; ++i)
    {
        many += "1,";
    }
    BOOST_TEST(of_shape(many + ")") == "the array has 33 axes; there can be at most 32.");
    BOOST_TEST(refused(std::string("\x93NUMPY\2\0\xff\xff\xff\xff", 12)) ==
               "the header has 4294967295 bytes; more than 10000 or than follow are not possible.");
    BOOST_TEST(refused(std::string("\x93NUMPY\4\0\1\0x", 11)) ==
               "its format has version 4.0; 1.0, 2.0 and 3.0 can be read.");
    BOOST_TEST(refused("PK\3\4 and so on") ==
               "it does not begin as NumPy's arrays do; it is damaged or of another kind.");
}

BOOST_AUTO_TEST_CASE(truth_values_are_0_or_1)
{
    const std::string header = "{'descr': '|b1', 'fortran_order': False, 'shape': (3,)}";
    BOOST_TEST(array_in(with_header(header, std::string("\1\0\1", 3))).as<bool>()(2));
    BOOST_TEST(refused(with_header(header, std::string("\1\0\2", 3))) ==
               "element 2 of the bool array is 2; a truth value is 0 or 1.");
}

BOOST_AUTO_TEST_CASE(files_that_are_not_there)
{
    const scratch_folder folder;
    const std::string none = (folder.path() / "none.npy").string();
    BOOST_TEST(text_of<error::file_error>([&] { nn::load_npy(none); }) ==
               "autograd: load_npy: " + none + ": it cannot be read: No such file.");
    BOOST_TEST(text_of<error::file_error>([&] { nn::load_npy(folder.path()); }) ==
               "autograd: load_npy: " + folder.path().string() + ": it cannot be read: it is a folder.");
}

BOOST_AUTO_TEST_CASE(cut_short_anywhere)
{
    for (const std::string file : {"version1.npy", "version2.npy", "halves.npy"})
    {
        check_every_truncation(contents(data_file(file)), [](const std::string& damaged) { nn::load_npy(damaged); });
    }
}

// The format has no checksum: what a change leaves readable is an array of as many bytes.
BOOST_AUTO_TEST_CASE(every_byte_changed)
{
    const std::string bytes = contents(data_file("version1.npy"));
    std::size_t loaded_bytes = 0;
    const auto load = [&](const std::string& file) { loaded_bytes = nn::load_npy(file).bytes(); };
    check_every_change(bytes, load,
                       [&](std::size_t place, int change)
                       { BOOST_TEST(loaded_bytes == 24u, "byte " << place << " changed by " << change); });
}

BOOST_AUTO_TEST_SUITE_END()
