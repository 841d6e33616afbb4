#pragma once

#include "nn/serialization/any_array.hpp"

#include <filesystem>

namespace nn
{

/// Reads an array in the IDX format, that of MNIST and its successors, compressed by gzip or not: unsigned and signed
/// bytes, int16, int32, float and double of any shape.
///
///     const xt::xarray<float> pictures = nn::read_idx("train-images-idx3-ubyte.gz").to<float>();
///
/// Format: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits": two zero bytes, the type, the
/// number of axes; the extents and the elements, all big-endian.
/// Throws autograd::error::file_error, with the path and what is wrong, if the file cannot be read, is damaged, cut
/// short, followed by more bytes, or of another kind; memory_error if the machine does not have the memory.
any_array read_idx(const std::filesystem::path& file);

} // namespace nn
