// Arrays in the IDX format.

#include "nn/data/idx.hpp"
#include "tests/nn/serialization/reading.hpp"

#include <filesystem>

#include <zlib.h>

namespace
{

using namespace support;
namespace fs = std::filesystem;
namespace error = autograd::error;

/// Bytes, some of which are 0.
std::string bytes_of(std::initializer_list<int> bytes)
{
    std::string result;
    for (const int b : bytes)
    {
        result += static_cast<char>(b);
    }
    return result;
}

nn::any_array array_in(const std::string& bytes)
{
    const scratch_folder folder;
    return nn::read_idx(put(folder.path() / "file.idx", bytes));
}

std::string refused(const std::string& bytes)
{
    const std::string error = text_of<error::file_error>([&] { array_in(bytes); });
    const std::size_t behind_path = error.find("file.idx: ");
    return error.starts_with("autograd: read_idx: ") && behind_path != error.npos ? error.substr(behind_path + 10)
                                                                                  : error;
}

template <class T>
void check_array(const std::string& bytes, const extents& shape, const std::vector<T>& values)
{
    const nn::any_array stored = array_in(bytes);
    BOOST_TEST((stored.shape() == shape));
    const xt::xarray<T>& elements = stored.as<T>();
    BOOST_CHECK_EQUAL_COLLECTIONS(elements.begin(), elements.end(), values.begin(), values.end());
}

const std::string small = bytes_of({0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 255});

} // namespace

BOOST_AUTO_TEST_SUITE(nn_data_idx)

BOOST_AUTO_TEST_CASE(every_element_type)
{
    check_array<std::uint8_t>(small, {2, 3}, {1, 2, 3, 4, 5, 255});
    check_array<std::int8_t>(bytes_of({0, 0, 9, 1, 0, 0, 0, 2, 255, 127}), {2}, {-1, 127});
    check_array<std::int16_t>(bytes_of({0, 0, 11, 1, 0, 0, 0, 2, 1, 2, 255, 254}), {2}, {258, -2});
    check_array<std::int32_t>(bytes_of({0, 0, 12, 1, 0, 0, 0, 1, 1, 2, 3, 4}), {1}, {16909060});
    check_array<float>(bytes_of({0, 0, 13, 1, 0, 0, 0, 1, 0xc0, 0x20, 0, 0}), {1}, {-2.5F});
    check_array<double>(bytes_of({0, 0, 14, 0, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0}), {}, {1.5});
    check_array<double>(bytes_of({0, 0, 14, 2, 0, 0, 0, 0, 0, 0, 0, 9}), {0, 9}, {});
}

BOOST_AUTO_TEST_CASE(what_is_no_such_file)
{
    BOOST_TEST(refused("P5 28 28 255") ==
               "it does not begin with two zero bytes, as IDX files do; it is damaged or of another kind.");
    BOOST_TEST(refused(bytes_of({0, 0, 10, 1, 0, 0, 0, 0})) ==
               "it has the element type 10; IDX knows 8, 9, 11, 12, 13 and 14.");
    BOOST_TEST(refused(bytes_of({0, 0, 8})) == "the beginning ends after 3 of 4 bytes; the file is cut short.");
    BOOST_TEST(refused(small + "x") ==
               "more bytes follow after the 18 that belong to it; it is damaged or of another kind.");
    // Sizes that no memory has are refused before any is asked for.
    BOOST_TEST(refused(bytes_of({0, 0, 14, 2, 255, 255, 255, 255, 0, 0, 255, 255, 1})) ==
               "the array has shape (4294967295, 65535), which takes 2251765453422600 bytes, but at most 1 follow; the "
               "file is cut short or damaged.");
    BOOST_TEST(refused(bytes_of({0, 0, 14, 3, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255})) ==
               "the array has shape (4294967295, 4294967295, 4294967295); its elements cannot be counted in 64 bits.");
    BOOST_TEST(refused(bytes_of({0, 0, 8, 33}) + std::string(4 * 33, '\1')) ==
               "the array has 33 axes; there can be at most 32.");
}

BOOST_AUTO_TEST_CASE(cut_short_anywhere)
{
    for (std::size_t length = 0; length < small.size(); ++length)
    {
        BOOST_CHECK_THROW(array_in(small.substr(0, length)), error::file_error);
    }
}

// A change of an element nothing can tell; any other is refused, or a shape of as many elements.
BOOST_AUTO_TEST_CASE(every_byte_changed_to_every_other)
{
    const nn::any_array original = array_in(small);
    for (std::size_t i = 0; i < small.size(); ++i)
    {
        for (int change = 1; change < 256; ++change)
        {
            std::string bytes = small;
            bytes[i] = static_cast<char>(bytes[i] ^ change);
            try
            {
                const nn::any_array stored = array_in(bytes);
                BOOST_TEST(i >= 2u);
                BOOST_TEST(stored.bytes() == (i < 4 ? stored.bytes() : original.bytes()));
            }
            catch (const error::file_error&)
            {
                BOOST_TEST(i < 12u);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(compressed_files_and_their_damages)
{
    const scratch_folder folder;
    const fs::path file = folder.path() / "file.idx.gz";
    std::string pictures = bytes_of({0, 0, 8, 3, 0, 0, 0, 10, 0, 0, 0, 9, 0, 0, 0, 8});
    for (int i = 0; i < 720; ++i)
    {
        pictures += static_cast<char>(i * i % 251);
    }
    gzFile out = ::gzopen(file.c_str(), "wb");
    ::gzwrite(out, pictures.data(), static_cast<unsigned>(pictures.size()));
    ::gzclose(out);
    const nn::any_array original = nn::read_idx(file);
    BOOST_TEST((original.shape() == extents{10, 9, 8}));
    BOOST_TEST(std::string(reinterpret_cast<const char*>(original.data()), original.bytes()) == pictures.substr(16));

    const std::string bytes = contents(file);
    for (std::size_t length = 0; length < bytes.size(); ++length)
    {
        put(file, bytes.substr(0, length));
        BOOST_CHECK_THROW(nn::read_idx(file), error::file_error);
    }
    put(file, bytes + "more");
    BOOST_CHECK_THROW(nn::read_idx(file), error::file_error);
    put(file, bytes + bytes);
    BOOST_CHECK_THROW(nn::read_idx(file), error::file_error);
    // gzip's checksum sees each change of the data. The time, the system, the bits that fill up a byte nobody reads.
    for (std::size_t i = 0; i < bytes.size(); ++i)
    {
        for (int change = 1; change < 256; ++change)
        {
            std::string damaged = bytes;
            damaged[i] = static_cast<char>(damaged[i] ^ change);
            put(file, damaged);
            try
            {
                const nn::any_array stored = nn::read_idx(file);
                BOOST_TEST(is_same(stored, original), "a change of byte " << i << " by " << change << " was not seen");
            }
            catch (const error::file_error&)
            {
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(the_pictures_of_clothes)
{
    const fs::path folder = "/usr/share/datasets/fashion-mnist";
    if (!fs::exists(folder))
    {
        BOOST_TEST_MESSAGE("skipped: " << folder << " is not there (package dataset-fashion-mnist)");
        return;
    }
    const nn::any_array pictures = nn::read_idx(folder / "t10k-images-idx3-ubyte.gz");
    BOOST_TEST((pictures.shape() == extents{10000, 28, 28}));
    const auto& pixels = pictures.as<std::uint8_t>();
    BOOST_TEST(std::accumulate(pixels.begin(), pixels.end(), 0LL) == 573469082);
    const labels classes = nn::read_idx(folder / "t10k-labels-idx1-ubyte.gz").to<std::int64_t>();
    BOOST_TEST(std::accumulate(classes.begin(), classes.end(), 0LL) == 45000);
    BOOST_TEST((nn::read_idx(folder / "train-images-idx3-ubyte.gz").shape() == extents{60000, 28, 28}));
    BOOST_TEST((nn::read_idx(folder / "train-labels-idx1-ubyte.gz").shape() == extents{60000}));
}

BOOST_AUTO_TEST_SUITE_END()
