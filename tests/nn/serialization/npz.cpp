// NumPy's archives of arrays.

#include "nn/serialization/npz.hpp"
#include "nn/data/one_hot.hpp"
#include "nn/serialization/npy.hpp"
#include "tests/nn/serialization/reading.hpp"

#include <cstdio>
#include <filesystem>

#include <sys/wait.h>
#include <zip.h>

namespace
{

using namespace support;
namespace fs = std::filesystem;
namespace error = autograd::error;

/// What a program of Python prints, and whether it ran; its standard error is ours.
std::pair<std::string, bool> python(const std::string& program, const std::string& arguments = "")
{
    const std::string command = "/usr/bin/python3 -c '" + program + "' " + arguments;
    std::FILE* const pipe = ::popen(command.c_str(), "r");
    BOOST_REQUIRE(pipe != nullptr);
    std::string output;
    char buffer[4096];
    while (const std::size_t count = std::fread(buffer, 1, sizeof buffer, pipe))
    {
        output.append(buffer, count);
    }
    return {output, ::pclose(pipe) == 0};
}

bool has_numpy()
{
    static const bool result = python("import numpy", "2>/dev/null").second;
    if (!result)
    {
        BOOST_TEST_MESSAGE("skipped: /usr/bin/python3 does not have numpy (package python3-numpy)");
    }
    return result;
}

/// Makes an archive whose members are these texts.
void zip_texts(const fs::path& file, const std::vector<std::pair<std::string, std::string>>& members,
               zip_int32_t method = ZIP_CM_STORE)
{
    int code = 0;
    zip_t* const zip = ::zip_open(file.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &code);
    BOOST_REQUIRE(zip != nullptr);
    for (const auto& [name, text] : members)
    {
        zip_source_t* const source = ::zip_source_buffer(zip, text.data(), text.size(), 0);
        const auto index = static_cast<zip_uint64_t>(::zip_file_add(zip, name.c_str(), source, ZIP_FL_ENC_UTF_8));
        BOOST_REQUIRE(::zip_set_file_compression(zip, index, method, 0) == 0);
    }
    BOOST_REQUIRE(::zip_close(zip) == 0);
}

std::string refused(const fs::path& file)
{
    return text_of<error::file_error>([&] { nn::load_npz(file); });
}

std::string bytes_of(const nn::archive& arrays, nn::compression method = nn::compression::none)
{
    const scratch_folder folder;
    const fs::path file = folder.path() / "file.npz";
    nn::save_npz(file, arrays, method);
    return contents(file);
}

/// A small archive of two members.
nn::archive two_arrays()
{
    nn::archive arrays;
    arrays.add("a", xt::xarray<float>{{1.5F, -2.0F}, {3.0F, 0.25F}});
    arrays.add("b", xt::xarray<std::int32_t>{1, 2, 3});
    return arrays;
}

nn::archive one_array()
{
    nn::archive arrays;
    arrays.add("a", xt::xarray<float>{1.5F, -2.0F});
    return arrays;
}

} // namespace

BOOST_AUTO_TEST_SUITE(nn_serialization_npz)

BOOST_AUTO_TEST_CASE(files_that_numpy_wrote)
{
    for (const std::string file :
         {"stored.npz", "deflated.npz", "streamed.npz", "nothing.npz", "folder.npz", "spellings.npz"})
    {
        BOOST_TEST_CONTEXT(file)
        {
            const nn::archive arrays = nn::load_npz(data_file(file));
            check_contents(arrays, file);
            BOOST_TEST(arrays.origin() == data_file(file));
        }
    }
}

BOOST_AUTO_TEST_CASE(python_objects_are_refused)
{
    BOOST_TEST(
        refused(data_file("objects.npz")) ==
        "autograd: load_npz: " + data_file("objects.npz") +
            ", b.npy: the elements are of NumPy's type \"|O\"; only bool, integers and floating-point numbers of "
            "16, 32 and 64 bits can be read.");
}

BOOST_AUTO_TEST_CASE(what_is_written_is_read)
{
    const scratch_folder folder;
    const fs::path file = folder.path() / "file.npz";
    for (const nn::compression method : {nn::compression::none, nn::compression::deflate})
    {
        for (const nn::archive& arrays : {some_arrays(), two_arrays(), nn::archive()})
        {
            nn::save_npz(file, arrays, method);
            BOOST_TEST(is_same(nn::load_npz(file), arrays));
            BOOST_TEST(folder.size() == 1u);
        }
    }
}

BOOST_AUTO_TEST_CASE(the_same_arrays_give_the_same_bytes)
{
    BOOST_TEST(bytes_of(some_arrays()) == bytes_of(some_arrays()));
    nn::archive zeros;
    zeros.add("z", nn::one_hot<double>(labels{0}, 1000));
    BOOST_TEST(bytes_of(zeros).size() > 8000u);
    BOOST_TEST(bytes_of(zeros, nn::compression::deflate).size() < 500u);
}

BOOST_AUTO_TEST_CASE(numpy_reads_what_is_written)
{
    if (!has_numpy())
    {
        return;
    }
    const scratch_folder folder;
    for (const nn::compression method : {nn::compression::none, nn::compression::deflate})
    {
        const fs::path file = folder.path() / "file.npz";
        nn::save_npz(file, some_arrays(), method);
        const auto [output, ran] = python("import sys, numpy\n"
                                          "for name, a in numpy.load(sys.argv[1]).items():\n"
                                          "    print(ascii(name), a.dtype.str, a.shape, a.tolist())",
                                          file.string());
        BOOST_TEST(ran);
        BOOST_TEST(output == "'weight' <f8 (2, 3) [[0.5, -2.0, 1e+300], [4.0, 5.0, 0.1]]\n"
                             "'bias' <f4 (3,) [1.5, -0.0, inf]\n"
                             "'step' <i8 () -9223372036854775808\n"
                             "'mask/inner.\\xfc' |b1 (2, 2) [[True, False], [False, True]]\n"
                             "'none' <u2 (2, 0, 3) [[], []]\n");
    }
    const fs::path single = folder.path() / "file.npy";
    nn::save_npy(single, some_arrays().at("bias"));
    BOOST_TEST(python("import sys, numpy; print(numpy.load(sys.argv[1]).tolist())", single.string()).first ==
               "[1.5, -0.0, inf]\n");
}

BOOST_AUTO_TEST_CASE(every_half_precision_number)
{
    if (!has_numpy())
    {
        return;
    }
    const scratch_folder folder;
    const fs::path file = folder.path() / "halves.npz";
    BOOST_TEST(python("import sys, numpy as np\n"
                      "h = np.arange(65536, dtype=np.uint16).view(np.float16)\n"
                      "np.savez(sys.argv[1], little=h, big=h.astype(np.dtype(\">f2\")), wide=h.astype(np.float32))",
                      file.string())
                   .second);
    const nn::archive arrays = nn::load_npz(file);
    const auto& wide = arrays.at("wide").as<float>();
    for (const std::string name : {"little", "big"})
    {
        const auto& halves = arrays.at(name).as<float>();
        BOOST_TEST(std::equal(halves.begin(), halves.end(), wide.begin(), wide.end(),
                              [](float x, float y) {
                                  return std::isnan(x)
                                             ? std::isnan(y)
                                             : std::bit_cast<std::uint32_t>(x) == std::bit_cast<std::uint32_t>(y);
                              }));
    }
}

BOOST_AUTO_TEST_CASE(what_is_no_archive)
{
    const scratch_folder folder;
    const std::string file = (folder.path() / "file.npz").string();
    const std::string beginning = "autograd: load_npz: " + file;
    BOOST_TEST(refused(file) == beginning + ": it cannot be read as an archive: No such file.");
    BOOST_TEST(refused(put(file, "")) == beginning + ": it is empty; the file is cut short.");
    BOOST_TEST(refused(put(file, "hello")) == beginning + ": it cannot be read as an archive: Not a zip archive.");
    BOOST_TEST(refused(folder.path()) ==
               "autograd: load_npz: " + folder.path().string() + ": it cannot be read: it is no ordinary file.");
    BOOST_TEST(refused("/dev/null") == "autograd: load_npz: /dev/null: it cannot be read: it is no ordinary file.");
}

BOOST_AUTO_TEST_CASE(members_that_are_no_arrays)
{
    const scratch_folder folder;
    const std::string file = (folder.path() / "file.npz").string();
    const std::string stored = contents(data_file("version1.npy"));
    const auto refused_members =
        [&](const std::vector<std::pair<std::string, std::string>>& members, zip_int32_t method = ZIP_CM_STORE)
    {
        zip_texts(file, members, method);
        const std::string text = refused(file);
        const std::string beginning = "autograd: load_npz: " + file + ", ";
        return text.starts_with(beginning) ? text.substr(beginning.size()) : text;
    };
    const std::string no_name = ": it has no name that an array can have, or comes twice; each array needs its own.";
    BOOST_TEST(refused_members({{".npy", stored}}) == ".npy" + no_name);
    BOOST_TEST(refused_members({{"a.npy", stored}, {"a", stored}}) == "a" + no_name);
    BOOST_TEST(refused_members({{"a.npy", "hello, world"}}) ==
               "a.npy: it does not begin as NumPy's arrays do; it is damaged or of another kind.");
    BOOST_TEST(refused_members({{"a.npy", stored + "x"}}) ==
               "a.npy: more bytes follow after the 152 that belong to it; it is damaged or of another kind.");
    BOOST_TEST(
        refused_members({{"a.npy", stored.substr(0, 150)}}) ==
        "a.npy: the array has shape (2, 3), which takes 24 bytes, but at most 22 follow; the file is cut short or "
        "damaged.");
    if (::zip_compression_method_supported(ZIP_CM_BZIP2, 1) != 0)
    {
        BOOST_TEST(refused_members({{"a.npy", stored}}, ZIP_CM_BZIP2) ==
                   "a.npy: it is compressed by method 12; only 0 (stored) and 8 (deflated) can be read.");
        zip_texts(file, {{"readme.txt", "hello"}}, ZIP_CM_BZIP2);
        BOOST_TEST(nn::load_npz(file).empty());
    }
    zip_texts(file, {{"a.npy", stored}});
    BOOST_TEST(nn::load_npz(file).size() == 1u);
    zip_texts(file, {{"readme.txt", "hello"},
                     {"a/", ""},
                     {"npy", stored},
                     {"__MACOSX/._npy.npy", "notes"},
                     {"short", stored.substr(0, 5)}});
    const nn::archive loaded = nn::load_npz(file);
    BOOST_TEST(loaded.size() == 1u);
    BOOST_TEST(loaded.contains("npy"));
}

BOOST_AUTO_TEST_CASE(cut_short_anywhere)
{
    const auto load = [](const std::string& file) { nn::load_npz(file); };
    check_every_truncation(bytes_of(two_arrays()), load);
    check_every_truncation(bytes_of(two_arrays(), nn::compression::deflate), load);
    check_every_truncation(contents(data_file("streamed.npz")), load);
}

// Each member has a checksum, and its name, sizes and places are there twice: a change is refused, or it is one of
// times, versions and attributes, and the arrays are what they were.
BOOST_AUTO_TEST_CASE(every_byte_changed)
{
    for (const std::string& bytes : {bytes_of(one_array()), bytes_of(one_array(), nn::compression::deflate)})
    {
        nn::archive loaded;
        std::size_t harmless = 0;
        const auto judge = [&](std::size_t place, int change)
        {
            BOOST_TEST(is_same(loaded, one_array()),
                       "a change of byte " << place << " by " << change << " was not seen");
            ++harmless;
        };
        check_every_change(
            bytes, [&](const std::string& file) { loaded = nn::load_npz(file); }, judge);
        BOOST_TEST(harmless < 255 * bytes.size() / 4);
    }
}

BOOST_AUTO_TEST_SUITE_END()
