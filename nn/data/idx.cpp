#include "nn/data/idx.hpp"

#include "nn/data/row_file.hpp"
#include "nn/serialization/elements.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace nn
{

namespace
{

element_type type_of(const detail::byte_source& source, unsigned code)
{
    using enum element_type;
    static constexpr std::pair<unsigned, element_type> types[] = {{0x08, uint8}, {0x09, int8},    {0x0b, int16},
                                                                  {0x0c, int32}, {0x0d, float32}, {0x0e, float64}};
    const auto* const found = std::ranges::find(types, code, [](const auto& type) { return type.first; });
    if (found == std::end(types))
    {
        source.fail("it has the element type ", code, "; IDX knows 8, 9, 11, 12, 13 and 14.");
    }
    return found->second;
}

/// What comes before the elements.
detail::place_in_file read_header(detail::byte_source& source)
{
    std::array<unsigned char, 4> magic{};
    source.read(magic.data(), magic.size(), "beginning");
    if (magic[0] != 0 || magic[1] != 0)
    {
        source.fail("it does not begin with two zero bytes, as IDX files do; it is damaged or of another kind.");
    }
    const element_type type = type_of(source, magic[2]);

    std::vector<std::uint64_t> extents(magic[3]);
    for (std::uint64_t& extent : extents)
    {
        std::array<unsigned char, 4> bytes{};
        source.read(bytes.data(), bytes.size(), "shape");
        extent =
            std::uint64_t{bytes[0]} << 24 | std::uint64_t{bytes[1]} << 16 | std::uint64_t{bytes[2]} << 8 | bytes[3];
    }
    return {source.place(), {.type = type, .order = std::endian::big}, detail::checked_shape(source, extents)};
}

} // namespace

any_array read_idx(const std::filesystem::path& file)
{
    detail::input_file source("read_idx", file);
    const detail::place_in_file place = read_header(source);
    any_array array = detail::read_elements(source, place.elements, place.shape);
    source.require_end();
    return array;
}

std::unique_ptr<detail::row_store> detail::open_idx(const std::filesystem::path& file)
{
    constexpr auto where = "idx_rows";
    input_file source(where, file);
    require_plain(source);
    const place_in_file place = read_header(source);
    return row_file(source, where, file.string(), place, open_anywhere(where, file));
}

} // namespace nn
