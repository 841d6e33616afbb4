#pragma once

#include "nn/serialization/archive.hpp"

#include <filesystem>

namespace nn
{

/// Reads the arrays that NumPy's `savez` or `savez_compressed` wrote, in the file's order; each under the name of its
/// member without ".npy". What arrays can be read, load_npy says. Members of other names are arrays if they begin as
/// one, as for NumPy, and are passed over if not: folders, a README.
///
/// Throws autograd::error::file_error, with the path and what is wrong, if the file cannot be read, is damaged (each
/// member carries a checksum) or cut short, or holds something else; memory_error if the machine does not have the
/// memory.
archive load_npz(const std::filesystem::path& file);

enum class compression
{
    none,
    deflate
};

/// Writes the arrays as NumPy's `savez` (or `savez_compressed`) does: numpy.load reads them. The same arrays give the
/// same bytes. The file appears under its name when it is complete.
///
/// Throws autograd::error::file_error if it cannot be written.
void save_npz(const std::filesystem::path& file, const archive& arrays, compression method = compression::none);

} // namespace nn
