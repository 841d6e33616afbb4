#pragma once

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <unistd.h>

namespace support
{

/// A folder of its own, for the time of a test; in memory where the system has one there, since many small files are
/// made.
class scratch_folder
{
public:
    scratch_folder() : m_path(parent() / name()) { std::filesystem::create_directories(m_path); }
    scratch_folder(const scratch_folder&) = delete;
    scratch_folder& operator=(const scratch_folder&) = delete;
    ~scratch_folder()
    {
        std::error_code ignored;
        std::filesystem::remove_all(m_path, ignored);
    }
    const std::filesystem::path& path() const { return m_path; }

    /// How many files there are.
    std::size_t size() const
    {
        return static_cast<std::size_t>(
            std::distance(std::filesystem::directory_iterator(m_path), std::filesystem::directory_iterator()));
    }

private:
    static std::filesystem::path parent()
    {
        const char* const in_memory = "/dev/shm";
        return ::access(in_memory, W_OK | X_OK) == 0 ? in_memory : std::filesystem::temp_directory_path();
    }

    static std::string name()
    {
        static std::atomic<unsigned> count{0};
        return "xgrad-test-" + std::to_string(::getpid()) + "-" + std::to_string(count++);
    }

    std::filesystem::path m_path;
};

/// All bytes of a file; none if it is not there.
inline std::string contents(const std::filesystem::path& file)
{
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// Makes a file of these bytes. (Anew: where an old one is overwritten, some file systems wait for the disk.)
inline const std::filesystem::path& put(const std::filesystem::path& file, const std::string& bytes)
{
    std::filesystem::remove(file);
    std::ofstream(file, std::ios::binary) << bytes;
    return file;
}

} // namespace support
