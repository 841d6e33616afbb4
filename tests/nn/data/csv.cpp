// Tables of numbers as text.

#include "nn/data/csv.hpp"
#include "nn/data/rows.hpp"
#include "nn/serialization/any_array.hpp"
#include "tests/nn/support.hpp"
#include "tests/scratch_folder.hpp"

#include <filesystem>

#include <zlib.h>

namespace
{

using namespace support;
namespace fs = std::filesystem;
namespace error = autograd::error;

/// The table that a text makes.
nn::csv_table table_of(const std::string& text, const nn::csv_options& options = {})
{
    const scratch_folder folder;
    return nn::read_csv(put(folder.path() / "table.csv", text), options);
}

std::string names_of(const nn::csv_table& table)
{
    std::string result;
    for (const std::string& name : table.names)
    {
        result += "[" + name + "]";
    }
    return result;
}

/// The text of the error, behind the path.
std::string refused(const std::string& text, const nn::csv_options& options = {})
{
    const std::string error = text_of<error::file_error>([&] { table_of(text, options); });
    const std::string before_path = "autograd: read_csv: ";
    const std::size_t behind_path = error.find("table.csv: ");
    return error.starts_with(before_path) && behind_path != error.npos ? error.substr(behind_path + 11) : error;
}

void check_table(const std::string& text, const extents& shape, const reals& numbers,
                 const nn::csv_options& options = {})
{
    const nn::csv_table table = table_of(text, options);
    BOOST_TEST(extents_of(table.values) == shape, per_element());
    BOOST_TEST(list(table.values) == numbers, per_element());
}

} // namespace

BOOST_AUTO_TEST_SUITE(nn_data_csv)

BOOST_AUTO_TEST_CASE(numbers_in_lines)
{
    check_table("1,2,3\n4,5,6\n", {2, 3}, {1, 2, 3, 4, 5, 6});
    check_table("1,2,3\n4,5,6", {2, 3}, {1, 2, 3, 4, 5, 6});
    check_table("-1.5e3\n+.25\n7.\n", {3, 1}, {-1500, 0.25, 7});
    check_table(" 1 ,\t2\n3  ,  4  \n", {2, 2}, {1, 2, 3, 4});
    check_table("1,2\n3,4\n\n\n", {2, 2}, {1, 2, 3, 4});
}

BOOST_AUTO_TEST_CASE(every_end_of_line)
{
    check_table("1,2\r\n3,4\r\n", {2, 2}, {1, 2, 3, 4});
    check_table("1,2\r3,4\r", {2, 2}, {1, 2, 3, 4});
    check_table("1,2\r3,4\r\n5,6\n7,8", {4, 2}, {1, 2, 3, 4, 5, 6, 7, 8});
    check_table("\xef\xbb\xbf"
                "1,2\n",
                {1, 2}, {1, 2});
    // An end of line of two characters, parted by the end of the reader's buffer.
    const std::string long_line = std::string((1 << 16) - 2, ' ') + "1";
    check_table(long_line + "\r\n2\r\n", {2, 1}, {1, 2});
    check_table(" " + long_line + "\r\n2\r\n", {2, 1}, {1, 2});
}

BOOST_AUTO_TEST_CASE(the_nearest_double)
{
    check_table("0.1,4.9e-324,1e-400,-1e-400,1.7976931348623157e308\n", {1, 5},
                {0.1, 4.9e-324, 0, -0.0, 0x1.fffffffffffffp1023});
    const nn::csv_table table = table_of("-1e-400\n");
    BOOST_TEST(std::signbit(table.values.data()[0]));
    BOOST_TEST(refused("1e400\n") ==
               "line 1, column 1: \"1e400\" is not a number that double can hold; each field must be.");
}

BOOST_AUTO_TEST_CASE(fields_in_quotes)
{
    check_table("\"1\",\"2\"\n\"3\" , 4\n", {2, 2}, {1, 2, 3, 4});
    const nn::csv_table table = table_of("\"a, \"\"b\"\"\",\" c\nd \",e f \n1,2,3\n", {.has_header = true});
    BOOST_TEST(names_of(table) == "[a, \"b\"][ c\nd ][e f]");
    BOOST_TEST(list(table.values) == (reals{1, 2, 3}), per_element());
}

BOOST_AUTO_TEST_CASE(separators)
{
    check_table("1;2\n3;4\n", {2, 2}, {1, 2, 3, 4}, {.separator = ';'});
    check_table("1\t 2\n3\t4\n", {2, 2}, {1, 2, 3, 4}, {.separator = '\t'});
    check_table("  1 2\t \t3  \n4 5 6\n   \n", {2, 3}, {1, 2, 3, 4, 5, 6}, {.separator = ' '});
    check_table("\"1\" 2\n", {1, 2}, {1, 2}, {.separator = ' '});
    for (const char separator : {'e', '1', '.', '-', '+', '"', '\n', '\r', '\0', 'n', '\x7f', '\xff'})
    {
        BOOST_CHECK_THROW(table_of("1\n", {.separator = separator}), error::value_error);
    }
}

BOOST_AUTO_TEST_CASE(lines_before_the_numbers)
{
    const nn::csv_table table = table_of("150,4,setosa\nx,y\n1,2\n", {.has_header = true, .skip_lines = 1});
    BOOST_TEST(names_of(table) == "[x][y]");
    BOOST_TEST(list(table.values) == (reals{1, 2}), per_element());
    BOOST_TEST(refused("a\nb\n1\nc\n", {.skip_lines = 2}) ==
               "line 4, column 1: \"c\" is not a number that double can hold; each field must be.");
}

BOOST_AUTO_TEST_CASE(numbers_nearer_to_0_than_any_double_are_0)
{
    const std::string zeros(6000, '0');
    for (const std::string& text : std::vector<std::string>{"1e-400", "1e-5000", "1e-99999", "0." + zeros + "1"})
    {
        const auto [least, negative] =
            std::pair(table_of(text + "\n").values(0, 0), table_of("-" + text + "\n").values(0, 0));
        BOOST_TEST((least == 0 && !std::signbit(least) && negative == 0 && std::signbit(negative)), text);
    }
    BOOST_TEST(table_of("1" + zeros + "e-6000\n").values(0, 0) == 1.0);
    BOOST_TEST(refused("1e5000\n").starts_with("line 1, column 1: \"1e5000\" is not a number that double can hold"));
    BOOST_TEST(refused("1" + zeros + "\n").starts_with("line 1, column 1: "));
}

BOOST_AUTO_TEST_CASE(missing_values_and_what_is_no_number)
{
    const std::string empty = " is empty; each field must have a number.";
    BOOST_TEST(refused("1,2\n3,\n") == "line 2, column 2" + empty);
    BOOST_TEST(refused("1,2\n,4\n") == "line 2, column 1" + empty);
    BOOST_TEST(refused("1,\"\"\n") == "line 1, column 2" + empty);
    BOOST_TEST(refused("1,2\n3,4,") == "line 2 has 3 columns, and the first line 2; all must have the same number.");
    BOOST_TEST(refused("1\n\"\"\n") == "line 2, column 1" + empty);
    BOOST_TEST(refused("1,2\n\n3,4\n") == "line 2 is empty; only at the end may lines be.");
    const auto no_number = [](const std::string& field)
    { return "line 2, column 2: \"" + field + "\" is not a number that double can hold; each field must be."; };
    for (const std::string field : {"NA", "nan", "inf", "-inf", "0x10", "1e", "1 2", "--1", "+-1", "+", "1,5;", "é"})
    {
        const std::string shown = field == "é" ? "\\xc3\\xa9" : field;
        BOOST_TEST(refused("1;2\n1;" + (field == "1,5;" ? "1,5" : field) + "\n", {.separator = ';'}) ==
                   no_number(field == "1,5;" ? "1,5" : shown));
    }
}

BOOST_AUTO_TEST_CASE(lines_of_other_lengths_and_quotes_that_do_not_close)
{
    BOOST_TEST(refused("1,2\n3\n") == "line 2 has 1 columns, and the first line 2; all must have the same number.");
    BOOST_TEST(refused("a,b,c\n1,2\n", {.has_header = true}) ==
               "line 2 has 2 columns, and the first line 3; all must have the same number.");
    BOOST_TEST(refused("1,2\n3,\"4\n5,6\n") ==
               "line 2, column 2: the quote that opens the field is not closed; a quote in a field is doubled.");
    const std::string text_follows = ": text follows after the closing quote; a quoted field has none around it.";
    BOOST_TEST(refused("1,\"2\"3\n") == "line 1, column 2" + text_follows);
    BOOST_TEST(refused("\"1\"2 3\n", {.separator = ' '}) == "line 1, column 1" + text_follows);
    BOOST_TEST(refused("1,2\n" + std::string(100000, '7')) ==
               "line 2, column 1 is longer than 65536 characters; this is no table of numbers.");
}

BOOST_AUTO_TEST_CASE(files_without_numbers)
{
    const std::string nothing = "it has no line of numbers; one at least must be there.";
    BOOST_TEST(refused("") == nothing);
    BOOST_TEST(refused("\n\n") == nothing);
    BOOST_TEST(refused("a,b\n", {.has_header = true}) == nothing);
    BOOST_TEST(refused("1\n2\n", {.skip_lines = 5}) == nothing);
    const scratch_folder folder;
    const std::string none = (folder.path() / "none").string();
    BOOST_TEST(text_of<error::file_error>([&] { nn::read_csv(none); }) ==
               "autograd: read_csv: " + none + ": it cannot be read: No such file.");
    BOOST_TEST(text_of<error::file_error>([&] { nn::read_csv(folder.path()); }) ==
               "autograd: read_csv: " + folder.path().string() + ": it cannot be read: it is a folder.");
}

BOOST_AUTO_TEST_CASE(compressed_files_and_their_damages)
{
    std::string text;
    for (int i = 0; i < 200; ++i)
    {
        text += std::to_string(i * i) + "," + std::to_string(i * 7919 % 1000) + "\n";
    }
    const scratch_folder folder;
    const fs::path file = folder.path() / "table.csv.gz";
    gzFile out = ::gzopen(file.c_str(), "wb");
    BOOST_REQUIRE_EQUAL(::gzwrite(out, text.data(), static_cast<unsigned>(text.size())), static_cast<int>(text.size()));
    ::gzclose(out);
    BOOST_TEST(list(nn::read_csv(file).values) == list(table_of(text).values), per_element());

    const std::string bytes = contents(file);
    for (std::size_t length = 0; length < bytes.size(); ++length)
    {
        put(file, bytes.substr(0, length));
        BOOST_CHECK_THROW(nn::read_csv(file), error::file_error);
    }
    // Members one behind the other are one file; anything else behind them is refused.
    put(file, bytes + bytes);
    BOOST_TEST(extents_of(nn::read_csv(file).values) == (extents{400, 2}), per_element());
    for (const std::string& rest :
         {std::string("x"), std::string("\x1f"), std::string("1,2\n"), std::string(512, '\0')})
    {
        put(file, bytes + rest);
        BOOST_TEST(text_of<error::file_error>([&] { nn::read_csv(file); }) ==
                   "autograd: read_csv: " + file.string() +
                       ": more bytes follow after the compressed data; it is damaged or of another kind.");
    }
    put(file, bytes + "\x1f\x8b");
    BOOST_CHECK_THROW(nn::read_csv(file), error::file_error);
}

// Nothing tells a changed digit from another; but no change crashes, and each table has as many numbers as its lines
// say.
BOOST_AUTO_TEST_CASE(every_byte_changed_to_every_other_and_cut_short_anywhere)
{
    const std::string text = "x,y\n1.5,-2e3\n\"3\",4\n";
    const auto take_apart = [](const std::string& bytes)
    {
        try
        {
            const nn::csv_table table = table_of(bytes, {.has_header = true});
            BOOST_TEST(table.values.shape()[1] == table.names.size());
            BOOST_TEST(
                std::all_of(table.values.begin(), table.values.end(), [](double x) { return std::isfinite(x); }));
            return true;
        }
        catch (const error::file_error&)
        {
            return false;
        }
    };
    BOOST_TEST(take_apart(text));
    for (std::size_t i = 0; i < text.size(); ++i)
    {
        take_apart(text.substr(0, i));
        for (int change = 1; change < 256; ++change)
        {
            std::string bytes = text;
            bytes[i] = static_cast<char>(bytes[i] ^ change);
            const bool is_read = take_apart(bytes);
            const bool is_printable = bytes[i] >= ' ' && bytes[i] <= '~';
            BOOST_TEST((!is_read || i < 4 || is_printable || bytes[i] == '\n' || bytes[i] == '\r' || bytes[i] == '\t'),
                       "byte " << i << " changed by " << change);
        }
    }
}

BOOST_AUTO_TEST_CASE(headers)
{
    const nn::csv_table table = table_of(" a ,\"b,c\",\n1,2,3\n", {.has_header = true});
    BOOST_TEST(names_of(table) == "[a][b,c][]", "a name may be missing");
    BOOST_TEST(list(table.values) == (reals{1, 2, 3}), per_element());
    BOOST_TEST(names_of(table_of("1,2\n3,4\n", {.has_header = true})) == "[1][2]", "numbers may be names");
    BOOST_TEST(table_of("1,2\n").names.empty());
    BOOST_TEST(names_of(table_of("\xef\xbb\xbfx\r\n1\r\n", {.has_header = true})) == "[x]");
    BOOST_TEST(names_of(table_of("x y\tz\n1 2 3\n", {.separator = ' ', .has_header = true})) == "[x][y][z]");
    const std::string remedy = " If this line names the columns, set has_header.";
    BOOST_TEST(refused("x,y\n1,2\n") ==
               "line 1, column 1: \"x\" is not a number that double can hold; each field must be." + remedy);
    BOOST_TEST(refused("seven\n1,2\nx,y\n3,4\n", {.skip_lines = 2}) ==
               "line 3, column 1: \"x\" is not a number that double can hold; each field must be." + remedy);
    BOOST_TEST(refused(",x,y\n1,2,3\n") == "line 1, column 1 is empty; each field must have a number." + remedy);
    for (const std::string header : {"1990,1991,city\n1,2,3\n", "# x y\n1,2,3\n", "\"x y\"\n1\n", "L\xc3\xa4nge\n1\n"})
    {
        BOOST_TEST(refused(header).ends_with(remedy), header);
    }
    for (const std::string no_header : {"1,NA\n2,3\n", "nan\n1\n", ",1\n2,3\n", "1e400\n", "0x10,2\n", "1,2\nx,y\n"})
    {
        BOOST_TEST(!refused(no_header).ends_with(remedy), no_header);
    }
    BOOST_TEST(!refused("x\ny\n", {.has_header = true}).ends_with(remedy));
    BOOST_TEST(refused("x,y\n1,2,3\n", {.has_header = true}) ==
               "line 2 has 3 columns, and the first line 2; all must have the same number.");
    BOOST_TEST(refused("\nx\n1\n", {.has_header = true}) == "line 1 is empty; only at the end may lines be.");
}

// scikit-learn's, where it is installed: the tests pass without.
BOOST_AUTO_TEST_CASE(the_tables_of_scikit_learn)
{
    const fs::path folder = "/usr/lib/python3/dist-packages/sklearn/datasets/data";
    if (!fs::exists(folder / "digits.csv.gz"))
    {
        BOOST_TEST_MESSAGE("skipped: " << folder / "digits.csv.gz"
                                       << " is not there (package python3-sklearn)");
        return;
    }
    const nn::csv_table digits = nn::read_csv(folder / "digits.csv.gz");
    BOOST_TEST(extents_of(digits.values) == (extents{1797, 65}), per_element());
    const xt::xarray<double> pictures = nn::columns(digits.values, 0, 64);
    BOOST_TEST(std::accumulate(pictures.begin(), pictures.end(), 0.0) == 561718.0);
    const labels classes = nn::any_array(nn::column(digits.values, 64)).to<std::int64_t>();
    BOOST_TEST(std::accumulate(classes.begin(), classes.end(), std::int64_t{0}) == 8070);
    BOOST_TEST(extents_of(nn::read_csv(folder / "iris.csv", {.skip_lines = 1}).values) == (extents{150, 5}),
               per_element());
    BOOST_TEST(extents_of(nn::read_csv(folder / "diabetes_data_raw.csv.gz", {.separator = ' '}).values) ==
                   (extents{442, 10}),
               per_element());
    BOOST_TEST(names_of(nn::read_csv(folder / "linnerud_exercise.csv", {.separator = ' ', .has_header = true})) ==
               "[Chins][Situps][Jumps]");
}

BOOST_AUTO_TEST_SUITE_END()
