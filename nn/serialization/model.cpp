#include "nn/serialization/model.hpp"

#include "autograd/tape/error.hpp"
#include "nn/serialization/npz.hpp"
#include "nn/serialization/safetensors.hpp"

#include <algorithm>

namespace nn::detail
{

namespace
{

std::string described(element_type type, autograd::shape_view shape)
{
    return std::string(name_of(type)) + " " + autograd::to_text(shape);
}

/// The ending of a file's name, in small letters: ".npz" of "MODEL.NPZ", too.
std::string ending_of(const std::filesystem::path& file)
{
    std::string ending = file.extension().string();
    std::transform(ending.begin(), ending.end(), ending.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return ending;
}

[[noreturn]] void refuse_ending(std::string_view who, const std::filesystem::path& file)
{
    throw autograd::error::file_error(who, file.string(), ": the ending \"", file.extension().string(),
                                      "\" says no format; it must be .npz or .safetensors.");
}

} // namespace

std::string described(const any_array& array)
{
    return described(array.type(), array.shape());
}

template <class T>
void add_array(archive& to, std::string_view prefix, const part_path& path, const autograd::array<T>& array)
{
    to.add(std::string(prefix) + path.text(), array);
}

template <class T>
void read_array(std::string_view who, const archive& from, std::string_view prefix, const part_path& path,
                autograd::array<T>& array)
{
    const std::string name = std::string(prefix) + path.text();
    const any_array& found = from.at(name);
    const autograd::shape_vector shape(array.shape().begin(), array.shape().end());
    if (found.type() != element_type_of<T>() || !(found.shape() == autograd::shape_view(shape)))
    {
        throw autograd::error::file_error(who, from.origin(), ": ", name, " is ", described(found),
                                          ", and the model has ", described(element_type_of<T>(), shape),
                                          " there; the models must have the same form.");
    }
    array = found.as<T>();
}

#define NN_INSTANTIATE(T)                                                                                              \
    template void add_array(archive&, std::string_view, const part_path&, const autograd::array<T>&);                  \
    template void read_array(std::string_view, const archive&, std::string_view, const part_path&, autograd::array<T>&);

NN_INSTANTIATE(float)
NN_INSTANTIATE(double)

#undef NN_INSTANTIATE

void require_count(std::string_view who, const archive& from, std::string_view prefix, std::size_t count)
{
    const auto found = static_cast<std::size_t>(std::count_if(
        from.begin(), from.end(), [&](const archive::item& each) { return each.name.starts_with(prefix); }));
    if (found != count)
    {
        throw autograd::error::file_error(who, from.origin(), ": it has ", found, " arrays",
                                          prefix.empty() ? "" : " under ", prefix, ", and the model has ", count,
                                          "; the models must have the same form.");
    }
}

void save_by_ending(const std::filesystem::path& file, const archive& arrays)
{
    const std::string ending = ending_of(file);
    if (ending == ".npz")
    {
        save_npz(file, arrays);
    }
    else if (ending == ".safetensors")
    {
        save_safetensors(file, arrays);
    }
    else
    {
        refuse_ending("save_model", file);
    }
}

archive load_by_ending(std::string_view who, const std::filesystem::path& file)
{
    const std::string ending = ending_of(file);
    if (ending == ".npz")
    {
        return load_npz(file);
    }
    if (ending == ".safetensors")
    {
        return load_safetensors(file);
    }
    refuse_ending(who, file);
}

} // namespace nn::detail
