#pragma once

#include "nn/serialization/archive.hpp"

#include <filesystem>
#include <map>
#include <string>

namespace nn
{

/// Texts about a model that travel with its arrays ("format", "licence", ...).
using text_map = std::map<std::string, std::string>;

/// Reads the arrays of a safetensors file, in the order of its header. F16 and BF16 become float32.
///
/// Format: https://huggingface.co/docs/safetensors: the length of the header (8 bytes, little-endian), the header in
/// JSON, the bytes of the arrays without gaps.
/// Throws autograd::error::file_error, with the path and what is wrong, if the file cannot be read, is damaged or cut
/// short, or has arrays that overlap, leave gaps, reach beyond its end or are of another type than these:
/// BOOL U8 I8 U16 I16 U32 I32 U64 I64 F16 BF16 F32 F64; memory_error if the machine does not have the memory.
archive load_safetensors(const std::filesystem::path& file);

/// The texts of a safetensors file, its `__metadata__`. Reads and checks the header only; throws as load_safetensors.
text_map load_safetensors_texts(const std::filesystem::path& file);

/// Writes the arrays, and the texts if there are any. The same arrays and texts give the same bytes; those of wide
/// elements come first, so that all are aligned. The file appears under its name when it is complete.
///
/// Throws autograd::error::value_error if a text is not UTF-8 or if an array is called "__metadata__", file_error if
/// the file cannot be written.
void save_safetensors(const std::filesystem::path& file, const archive& arrays, const text_map& texts = {});

} // namespace nn
