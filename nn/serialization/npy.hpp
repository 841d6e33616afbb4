#pragma once

#include "nn/serialization/any_array.hpp"

#include <filesystem>

namespace nn
{

/// Reads an array that NumPy's `save` wrote: format versions 1, 2 and 3, numbers and truth values of any width in
/// either byte order (this machine's where none is given), C's and Fortran's order (the result is row-major either
/// way). float16 becomes float32.
///
/// Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
/// Throws autograd::error::file_error, with the path and what is wrong, if the file cannot be read, is damaged, cut
/// short, followed by more bytes, or holds something else (complex numbers, text, records, Python objects);
/// memory_error if the machine does not have the memory.
any_array load_npy(const std::filesystem::path& file);

/// Writes an array as NumPy's `save` does: numpy.load reads it. The same array gives the same bytes.
/// The file appears under its name when it is complete. Throws autograd::error::file_error if it cannot be written.
void save_npy(const std::filesystem::path& file, const any_array& array);

} // namespace nn
