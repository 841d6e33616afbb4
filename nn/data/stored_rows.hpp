#pragma once

#include "nn/data/csv.hpp"
#include "nn/data/rows.hpp"
#include "nn/serialization/any_array.hpp"

#include <concepts>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>

namespace nn
{

namespace detail
{

template <class T>
concept stored_element = std::same_as<T, float> || std::same_as<T, double> || std::same_as<T, std::int64_t>;

/// An array in a file, any rows of which can be read.
class row_store
{
public:
    row_store() = default;
    row_store(const row_store&) = delete;
    row_store& operator=(const row_store&) = delete;
    virtual ~row_store() = default;

    virtual autograd::shape_view shape() const = 0;
    /// These rows, one after the other; they are there.
    virtual any_array read(std::span<const std::size_t> rows) = 0;

    std::uint64_t bytes_read() const { return m_bytes_read; }

protected:
    void count(std::uint64_t bytes) { m_bytes_read += bytes; }

private:
    std::uint64_t m_bytes_read = 0;
};

/// The rows whose numbers are in [first, last) of `order`. Throws index_error if there is no such row.
any_array read_rows(row_store& from, const autograd::array<std::int64_t>& order, std::size_t first, std::size_t last);

} // namespace detail

/// An array that stays in a file; rows of it are read when a batch asks for them, and no others: batches are made of it
/// as of an array (shuffled_batches), and ranks that train together read the rows of their blocks. Elements are
/// float, double or std::int64_t, converted as any_array::to converts.
///
///     const auto images = nn::idx_rows<float>("train-images-idx3-ubyte");
///     const auto labels = nn::idx_rows<std::int64_t>("train-labels-idx1-ubyte");
///     for (const auto& [x, y] : nn::shuffled_batches({64}, stream, images, labels))
///
/// The file must not be written to; it may be replaced. One thread reads at a time.
template <detail::stored_element T>
class stored_rows
{
public:
    using value_type = T;

    explicit stored_rows(std::unique_ptr<detail::row_store> store) : m_store(std::move(store)) {}

    autograd::shape_view shape() const { return m_store->shape(); }

    /// The slices along axis 0 that `rows`, shape (M,), numbers, in that order: shape (M, ...). Throws index_error if
    /// there is no such row, file_error if the file cannot be read, value_error if T has no number for an element.
    autograd::array<T> take_rows(const autograd::array<std::int64_t>& rows) const
    {
        detail::require_list("stored_rows", detail::shape_of(rows));
        return read(rows, 0, rows.size());
    }

    /// Those whose numbers are in [first, last) of `order`.
    autograd::array<T> read(const autograd::array<std::int64_t>& order, std::size_t first, std::size_t last) const
    {
        return detail::read_rows(*m_store, order, first, last).template to<T>();
    }

    /// How many bytes of rows were read so far.
    std::uint64_t bytes_read() const { return m_store->bytes_read(); }

private:
    std::unique_ptr<detail::row_store> m_store;
};

namespace detail
{
std::unique_ptr<row_store> open_idx(const std::filesystem::path& file);
std::unique_ptr<row_store> open_npy(const std::filesystem::path& file);
std::unique_ptr<row_store> open_npz(const std::filesystem::path& file, std::string_view name);
/// Without a width a column is an axis less.
std::unique_ptr<row_store> open_csv(const std::filesystem::path& file, std::size_t first, std::size_t last,
                                    bool is_column, const csv_options& options);
} // namespace detail

/// \name The rows of an array in a file
/// They throw file_error for what read_idx, load_npy, load_npz and read_csv refuse; for a file, or a member of an
/// archive, that is compressed, of which only the whole can be read; and for an array in Fortran's order, or without
/// axes, whose rows do not lie together. Of members of archives, which carry a checksum of the whole, none is checked.
/// \{
template <detail::stored_element T>
stored_rows<T> idx_rows(const std::filesystem::path& file)
{
    return stored_rows<T>(detail::open_idx(file));
}
template <detail::stored_element T>
stored_rows<T> npy_rows(const std::filesystem::path& file)
{
    return stored_rows<T>(detail::open_npy(file));
}
/// Of the array of that name in an archive which numpy.savez wrote.
template <detail::stored_element T>
stored_rows<T> npz_rows(const std::filesystem::path& file, std::string_view name)
{
    return stored_rows<T>(detail::open_npz(file, name));
}
/// The columns first, ..., last - 1 of a table: rows of shape (last - first). The file is read once as it is opened, to
/// check it and to find the lines, of which 24 bytes each are kept.
template <detail::stored_element T>
stored_rows<T> csv_columns(const std::filesystem::path& file, std::size_t first, std::size_t last,
                           const csv_options& options = {})
{
    return stored_rows<T>(detail::open_csv(file, first, last, false, options));
}
/// One column of a table: shape (N,).
template <detail::stored_element T>
stored_rows<T> csv_column(const std::filesystem::path& file, std::size_t which, const csv_options& options = {})
{
    return stored_rows<T>(detail::open_csv(file, which, which + 1, true, options));
}
/// \}

} // namespace nn
