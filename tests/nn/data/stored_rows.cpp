// Rows of arrays that stay in files.

#include "nn/data/stored_rows.hpp"
#include "nn/data/batches.hpp"
#include "nn/data/idx.hpp"
#include "nn/serialization/npy.hpp"
#include "nn/serialization/npz.hpp"
#include "tests/nn/serialization/reading.hpp"

#include <fstream>
#include <numeric>

namespace
{

using namespace support;
using labels = xt::xarray<std::int64_t>;
namespace error = autograd::error;

/// 5 pictures of 2 x 3 bytes, 0, 1, 2, ...
std::string pictures()
{
    std::string bytes{0, 0, 8, 3, 0, 0, 0, 5, 0, 0, 0, 2, 0, 0, 0, 3};
    for (char k = 0; k < 30; ++k)
    {
        bytes += k;
    }
    return bytes;
}

xt::xarray<float> numbers(const extents& shape)
{
    auto result = xt::xarray<float>::from_shape(shape);
    std::iota(result.begin(), result.end(), 0.5F);
    return result;
}

template <class F>
std::string refused(F&& f)
{
    const std::string text = text_of<error::file_error>(f);
    const std::size_t end = text.find("file.");
    return end == text.npos ? text : text.substr(end);
}

} // namespace

BOOST_AUTO_TEST_SUITE(nn_data_stored_rows)

BOOST_AUTO_TEST_CASE(of_an_idx_file)
{
    const scratch_folder folder;
    const auto file = put(folder.path() / "file.idx", pictures());
    const auto rows = nn::idx_rows<float>(file);
    BOOST_TEST((rows.shape() == autograd::shape_vector{5, 2, 3}));
    const xt::xarray<float> taken = rows.take_rows(labels{3, 0, 3});
    BOOST_TEST((taken == nn::take_rows(nn::read_idx(file).to<float>(), labels{3, 0, 3})));
    BOOST_TEST(rows.bytes_read() == 18u, "these rows, and no others");
    BOOST_TEST(text_of<error::index_error>(
                   [&] {
                       rows.take_rows(labels{1, 5});
                   }) == "autograd: stored_rows: row 5 at position (1) is outside axis 0 of length 5.");
    BOOST_TEST((rows.take_rows(labels::from_shape({0})).shape()[0] == 0u));
}

BOOST_AUTO_TEST_CASE(of_arrays_of_numpy)
{
    const scratch_folder folder;
    const xt::xarray<float> x = numbers({4, 3});
    const labels y{7, -1, 5, 3};
    nn::save_npy(folder.path() / "file.npy", x);
    nn::archive both;
    both.add("images", x);
    both.add("labels", y);
    nn::save_npz(folder.path() / "file.npz", both);
    const labels order{2, 0};
    BOOST_TEST((nn::npy_rows<float>(folder.path() / "file.npy").take_rows(order) == nn::take_rows(x, order)));
    const auto images = nn::npz_rows<double>(folder.path() / "file.npz", "images");
    const auto of_labels = nn::npz_rows<std::int64_t>(folder.path() / "file.npz", "labels");
    BOOST_TEST((images.take_rows(order) == xt::xarray<double>(xt::cast<double>(nn::take_rows(x, order)))));
    BOOST_TEST((of_labels.take_rows(order) == nn::take_rows(y, order)));
    BOOST_TEST((of_labels.take_rows(labels{3}) == labels{3}), "and from the first file again");
    BOOST_TEST(images.bytes_read() == 2u * 3 * 4);
    BOOST_TEST(refused([&] { nn::npz_rows<float>(folder.path() / "file.npz", "weights"); }) ==
               "file.npz: it has no array \"weights\".");
    nn::save_npz(folder.path() / "file.npz", both, nn::compression::deflate);
    BOOST_TEST(refused([&] { nn::npz_rows<float>(folder.path() / "file.npz", "images"); }) ==
               "file.npz, images.npy: it is compressed, and rows cannot be read by themselves; uncompress it, or read "
               "it as a whole.");
}

BOOST_AUTO_TEST_CASE(of_a_table)
{
    const scratch_folder folder;
    const auto file =
        put(folder.path() / "file.csv", "# a table\r\na,b,class\r\n1,2.5,0\r\n\"3\", 4 ,1\r\n-5,6e1,2\r\n\r\n");
    const nn::csv_options options{.has_header = true, .skip_lines = 1};
    const auto inputs = nn::csv_columns<double>(file, 0, 2, options);
    const auto classes = nn::csv_column<std::int64_t>(file, 2, options);
    BOOST_TEST((inputs.shape() == autograd::shape_vector{3, 2}));
    BOOST_TEST((classes.shape() == autograd::shape_vector{3}));
    BOOST_TEST((inputs.take_rows(labels{2, 1, 1}) == array{{-5.0, 60.0}, {3.0, 4.0}, {3.0, 4.0}}));
    BOOST_TEST((classes.take_rows(labels{0, 2}) == labels{0, 2}));
    BOOST_TEST(classes.bytes_read() == 9u + 10, "two lines");
    BOOST_TEST(refused([&] { nn::csv_column<double>(file, 3, options); }) ==
               "file.csv: the columns from 3 to before 4 were asked for; there are 3.");
    put(file, "1,2\n3,x\n");
    BOOST_TEST(refused([&] { nn::csv_column<double>(file, 0); }).starts_with("file.csv: line 2, column 2: \"x\""));
    put(file, "1,2\n3,4");
    const auto second = nn::csv_column<double>(file, 1);
    BOOST_TEST((second.take_rows(labels{1}) == array{4.0}));
    std::ofstream(file) << "1,2\n3;4"; // in its place
    BOOST_TEST(refused([&] { second.take_rows(labels{1}); }) ==
               "file.csv: line 2 is not what it was when the file was opened; it must stay as it is.");
}

BOOST_AUTO_TEST_CASE(what_has_no_rows_that_can_be_read)
{
    const scratch_folder folder;
    const auto file = folder.path() / "file.idx";
    put(file, pictures() + "x");
    BOOST_TEST(
        refused([&] { nn::idx_rows<float>(file); }) ==
        "file.idx: the array has shape (5, 2, 3), which takes 30 bytes, but 31 follow; the file is damaged or of "
        "another kind.");
    put(file, pictures().substr(0, 40));
    BOOST_TEST(
        refused([&] { nn::idx_rows<float>(file); }) ==
        "file.idx: the array has shape (5, 2, 3), which takes 30 bytes, but 24 follow; the file is damaged or of "
        "another kind.");
    put(file, pictures());
    const auto rows = nn::idx_rows<float>(file);
    std::filesystem::resize_file(file, 40);
    BOOST_TEST(refused([&] { rows.take_rows(labels{4}); }) ==
               "file.idx: the data of the array ends after 0 of 6 bytes; the file is cut short.");
    BOOST_TEST(refused([&] { nn::idx_rows<float>(folder.path() / "file.none"); }) ==
               "file.none: it cannot be read: No such file.");
    put(folder.path() / "file.npy", "\x1f\x8b compressed");
    BOOST_TEST(
        refused([&] { nn::npy_rows<float>(folder.path() / "file.npy"); }) ==
        "file.npy: it is compressed, and rows cannot be read by themselves; uncompress it, or read it as a whole.");
}

BOOST_AUTO_TEST_CASE(batches_of_files_and_arrays)
{
    const scratch_folder folder;
    const auto images = nn::idx_rows<float>(put(folder.path() / "file.idx", pictures()));
    const labels y{0, 1, 2, 3, 4};
    std::size_t count = 0;
    autograd::random::legacy_generator stream(3);
    for (const auto& [pixels, classes] : nn::shuffled_batches({.size = 2}, stream, images, y))
    {
        for (std::size_t row = 0; row < classes.size(); ++row)
        {
            BOOST_TEST(pixels(row, 1, 2) == static_cast<float>(6 * classes(row) + 5));
            ++count;
        }
    }
    BOOST_TEST(count == 5u);
    BOOST_TEST(images.bytes_read() == 30u);

    // What a rank does: of a batch it reads its own rows.
    const nn::batches range = nn::batches_in_order({.size = 4}, images, y);
    std::tuple<xt::xarray<float>, labels> some;
    range.load(0, 1, 3, some);
    BOOST_TEST(images.bytes_read() == 42u);
    BOOST_TEST(std::get<0>(some)(1, 0, 0) == 12.0F);
}

BOOST_AUTO_TEST_SUITE_END()
