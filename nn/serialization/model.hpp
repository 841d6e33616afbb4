#pragma once

#include "nn/module.hpp"
#include "nn/serialization/archive.hpp"

#include <filesystem>

/// Models, and any other structure of arrays, in archives and files: an array for each leaf, parameters and buffers,
/// under its full name. Hyperparameters belong to the program, not to the file.
///
///     nn::save_model("classifier.safetensors", model);
///     nn::load_model("classifier.safetensors", model);
namespace nn
{

namespace detail
{

/// The type and the shape of an array: "float64 (2, 3)".
std::string described(const any_array& array);

/// Throws file_error unless so many arrays have names with this prefix: those of a larger model are refused.
void require_count(std::string_view who, const archive& from, std::string_view prefix, std::size_t count);
void save_by_ending(const std::filesystem::path& file, const archive& arrays);
archive load_by_ending(std::string_view who, const std::filesystem::path& file);

/// \name Arrays one by one, compiled in the library. T is float or double.
/// \{
template <class T>
void add_array(archive& to, std::string_view prefix, const part_path& path, const autograd::array<T>& array);
/// Throws file_error unless the archive has the array, of the type and the shape that `array` has.
template <class T>
void read_array(std::string_view who, const archive& from, std::string_view prefix, const part_path& path,
                autograd::array<T>& array);
/// \}

template <class Structure>
void add_arrays(archive& to, std::string_view prefix, const Structure& structure)
{
    zip_leaves([&](const part_path& path, role, const auto& leaf) { add_array(to, prefix, path, leaf); }, structure);
}

/// Throws file_error unless just the arrays of the structure, of the same types and shapes, have names with the prefix.
template <class Structure>
void read_arrays(std::string_view who, const archive& from, std::string_view prefix, Structure& structure)
{
    std::size_t count = 0;
    zip_leaves(
        [&](const part_path& path, role, auto& leaf)
        {
            read_array(who, from, prefix, path, leaf);
            ++count;
        },
        structure);
    require_count(who, from, prefix, count);
}
} // namespace detail

namespace detail
{
/// All arrays, or none if one does not fit.
template <class Model>
void assign(std::string_view who, const archive& from, Model& model)
{
    Model loaded = model;
    read_arrays(who, from, "", loaded);
    model = std::move(loaded);
}
} // namespace detail

/// The leaves of a model of arrays, under their full names: "hidden.weight".
template <class Model>
archive arrays_of_model(const Model& model)
{
    archive arrays;
    detail::add_arrays(arrays, "", model);
    return arrays;
}

/// Gives a model the arrays of an archive. All or nothing: throws file_error, and leaves the model as it was, unless
/// the archive has just the leaves of the model, each with its name, type and shape.
template <class Model>
void assign_model(Model& model, const archive& from)
{
    detail::assign("assign_model", from, model);
}

/// Writes a model of arrays to a file that ends in .npz (numpy.load reads it) or .safetensors. Atomic: a file of that
/// name is the old one or the new one. Throws file_error for another ending, and if the file cannot be written.
template <class Model>
void save_model(const std::filesystem::path& file, const Model& model)
{
    detail::save_by_ending(file, arrays_of_model(model));
}

/// Reads what save_model wrote into a model of the same form. Throws file_error, and leaves the model as it was, for a
/// file that cannot be read or is damaged, and as assign_model does for the arrays of another model.
template <class Model>
void load_model(const std::filesystem::path& file, Model& model)
{
    detail::assign("load_model", detail::load_by_ending("load_model", file), model);
}

} // namespace nn
