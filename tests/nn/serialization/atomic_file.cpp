// Files that appear under their names when they are complete.

#include "nn/serialization/atomic_file.hpp"
#include "nn/serialization/npy.hpp"
#include "nn/serialization/npz.hpp"
#include "nn/serialization/safetensors.hpp"
#include "tests/nn/serialization/reading.hpp"

#include <filesystem>
#include <stdexcept>
#include <thread>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace
{

using namespace support;
namespace fs = std::filesystem;
namespace error = autograd::error;

} // namespace

BOOST_AUTO_TEST_SUITE(nn_serialization_atomic_file)

BOOST_AUTO_TEST_CASE(a_new_file_and_one_that_replaces)
{
    const scratch_folder folder;
    const fs::path file = folder.path() / "file";
    nn::write_text(file, std::string("a\0b", 3));
    BOOST_TEST(contents(file) == std::string("a\0b", 3));
    nn::write_text(file, "");
    BOOST_TEST(contents(file).empty());
    BOOST_TEST(folder.size() == 1u);
}

BOOST_AUTO_TEST_CASE(what_fails_changes_nothing)
{
    const scratch_folder folder;
    const fs::path file = put(folder.path() / "file", "old");
    const auto fail = [](const fs::path& there)
    {
        put(there, "half");
        throw std::runtime_error("enough");
    };
    BOOST_CHECK_THROW(nn::write_atomically(file, fail), std::runtime_error);
    BOOST_TEST(contents(file) == "old");
    nn::write_atomically(file, [](const fs::path&) {});
    BOOST_TEST(contents(file) == "old");
    BOOST_TEST(folder.size() == 1u);
}

BOOST_AUTO_TEST_CASE(the_old_file_is_there_until_the_new_one_is_complete)
{
    const scratch_folder folder;
    const fs::path file = put(folder.path() / "file", "old");
    nn::write_atomically(file,
                         [&](const fs::path& there)
                         {
                             put(there, "new");
                             BOOST_TEST(contents(file) == "old");
                         });
    BOOST_TEST(contents(file) == "new");
}

BOOST_AUTO_TEST_CASE(what_killed_processes_left_is_removed)
{
    const scratch_folder folder;
    const fs::path file = folder.path() / "file";
    const pid_t child = ::fork();
    if (child == 0)
    {
        nn::write_atomically(file,
                             [](const fs::path& there)
                             {
                                 put(there, "half");
                                 ::_exit(0); // as if killed
                             });
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    BOOST_TEST(folder.size() == 1u, "half a file is left");
    const fs::path of_another = put(folder.path() / ".other.host.1-0.part", "half");
    nn::write_text(file, "whole");
    BOOST_TEST(contents(file) == "whole");
    BOOST_TEST(fs::exists(of_another), "it is of another file");
    BOOST_TEST(folder.size() == 2u);
}

BOOST_AUTO_TEST_CASE(permissions_and_links_stay)
{
    const scratch_folder folder;
    const fs::path file = put(folder.path() / "file", "old");
    fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
    const fs::path link = folder.path() / "link";
    fs::create_symlink("file", link);
    nn::write_text(link, "new");
    BOOST_TEST(fs::is_symlink(link));
    BOOST_TEST(contents(file) == "new");
    BOOST_TEST((fs::status(file).permissions() == (fs::perms::owner_read | fs::perms::owner_write)));
}

BOOST_AUTO_TEST_CASE(a_protected_file_is_not_replaced)
{
    const scratch_folder folder;
    const fs::path file = put(folder.path() / "file", "old");
    fs::permissions(folder.path(), fs::perms::all);
    fs::permissions(file, fs::perms::owner_read | fs::perms::group_read | fs::perms::others_read);
    const pid_t child = ::fork();
    if (child == 0)
    {
        // To root all files are open; to this user none but those that say so.
        constexpr uid_t nobody = 65534;
        if (::geteuid() == 0 && (::setgid(nobody) != 0 || ::setuid(nobody) != 0))
        {
            ::_exit(2);
        }
        const std::string text = text_of<error::file_error>([&] { nn::write_text(file, "new"); });
        ::_exit(text == "autograd: write_text: cannot write " + file.string() + ": Permission denied." ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    BOOST_TEST(WEXITSTATUS(status) == 0);
    BOOST_TEST(contents(file) == "old");
    BOOST_TEST(folder.size() == 1u);
}

BOOST_AUTO_TEST_CASE(links_to_what_is_not_there_yet)
{
    const scratch_folder folder;
    fs::create_directory(folder.path() / "other");
    fs::create_symlink("other/second", folder.path() / "first");
    fs::create_symlink("file", folder.path() / "other" / "second");
    BOOST_TEST(nn::why_unwritable(folder.path() / "first").empty());
    nn::write_text(folder.path() / "first", "new");
    BOOST_TEST(fs::is_symlink(folder.path() / "first"));
    BOOST_TEST(fs::is_symlink(folder.path() / "other" / "second"));
    BOOST_TEST(contents(folder.path() / "other" / "file") == "new");

    const fs::path circle = folder.path() / "circle";
    fs::create_symlink("circle", circle);
    BOOST_TEST(nn::why_unwritable(circle) == "Too many levels of symbolic links");
    BOOST_TEST(text_of<error::file_error>([&] { nn::write_text(circle, "x"); }) ==
               "autograd: write_text: cannot write " + circle.string() + ": Too many levels of symbolic links.");
}

BOOST_AUTO_TEST_CASE(names_as_long_as_they_may_be)
{
    const scratch_folder folder;
    const fs::path file = folder.path() / std::string(255, 'a');
    BOOST_TEST(nn::why_unwritable(file).empty());
    nn::write_text(file, "x");
    BOOST_TEST(contents(file) == "x");
    BOOST_TEST(nn::why_unwritable(folder.path() / std::string(256, 'a')) == "File name too long");
    BOOST_TEST(text_of<error::file_error>([&] { nn::write_text(folder.path() / std::string(256, 'a'), "x"); })
                   .ends_with(": File name too long."));
    BOOST_TEST(folder.size() == 1u);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_written)
{
    const scratch_folder folder;
    const std::string nowhere = (folder.path() / "none" / "file").string();
    BOOST_TEST(text_of<error::file_error>([&] { nn::write_text(nowhere, "x"); }) ==
               "autograd: write_text: cannot write " + nowhere + ": No such file or directory.");
    BOOST_TEST(text_of<error::file_error>([&] { nn::write_text("/dev/full", "x", "save"); }) ==
               "autograd: save: cannot write /dev/full: No space left on device.");
    BOOST_TEST(text_of<error::file_error>([&] { nn::write_text(folder.path(), "x"); }) ==
               "autograd: write_text: cannot write " + folder.path().string() + ": Is a directory.");
    BOOST_TEST(nn::why_unwritable(nowhere) == "No such file or directory");
    BOOST_TEST(nn::why_unwritable(folder.path()) == "it is a folder");
    BOOST_TEST(nn::why_unwritable(folder.path() / "new").empty());
    BOOST_TEST(folder.size() == 0u);
}

BOOST_AUTO_TEST_CASE(arrays_onto_what_is_no_file)
{
    const nn::archive arrays = some_arrays();
    nn::save_npz("/dev/null", arrays);
    nn::save_safetensors("/dev/null", arrays);
    nn::save_npy("/dev/null", arrays.at("weight"));
    BOOST_TEST(fs::is_character_file("/dev/null"));
    const std::string full = ": cannot write /dev/full: No space left on device.";
    BOOST_TEST(text_of<error::file_error>([&] { nn::save_npz("/dev/full", arrays); }) == "autograd: save_npz" + full);
    BOOST_TEST(text_of<error::file_error>([&] { nn::save_safetensors("/dev/full", arrays); }) ==
               "autograd: save_safetensors" + full);
    BOOST_TEST(text_of<error::file_error>([&] { nn::save_npy("/dev/full", arrays.at("step")); }) ==
               "autograd: save_npy" + full);
}

BOOST_AUTO_TEST_CASE(several_threads_write_one_file)
{
    const scratch_folder folder;
    const fs::path file = folder.path() / "file";
    std::vector<std::thread> writers;
    for (const char c : {'a', 'b', 'c', 'd'})
    {
        writers.emplace_back(
            [&file, c]
            {
                for (int i = 0; i < 20; ++i)
                {
                    nn::write_text(file, std::string(10000, c));
                }
            });
    }
    for (std::thread& writer : writers)
    {
        writer.join();
    }
    const std::string text = contents(file);
    BOOST_TEST(text == std::string(10000, text.at(0)));
    BOOST_TEST(folder.size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
