#pragma once

#include "nn/data/stored_rows.hpp"
#include "nn/serialization/elements.hpp"

#include <functional>
#include <string>

namespace nn::detail
{

/// Reads bytes of a file from a place on: how many it could, 0 at the end; throws file_error where it fails.
using read_at = std::function<std::size_t(std::uint64_t place, void* to, std::size_t count)>;

/// A file that is open to be read anywhere.
read_at open_anywhere(std::string_view where, const std::filesystem::path& file);

/// Where an array is, and how its elements lie there.
struct place_in_file
{
    std::uint64_t begin; ///< of the elements
    stored_elements elements;
    autograd::shape_vector shape;
};

/// The rows of an array of elements that lie in a file one behind the other, in C's order. Throws file_error, in the
/// name of the source from which its header was read, where they do not, and where the file ends before them.
std::unique_ptr<row_store> row_file(const byte_source& header, std::string where, std::string subject,
                                    const place_in_file& place, read_at read);

/// Throws file_error: what is compressed has no places.
[[noreturn]] void refuse_compressed(const byte_source& source);
void require_plain(const input_file& source);

} // namespace nn::detail
