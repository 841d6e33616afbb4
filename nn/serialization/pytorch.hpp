#pragma once

#include "nn/in_pytorch.hpp"
#include "nn/serialization/model.hpp"

#include <map>
#include <span>
#include <string>
#include <vector>

/// The weights that PyTorch learned, in models of ours: arrays of a state_dict, which it has saved as .npz or
/// .safetensors.
///
///     nn::load_pytorch("classifier.safetensors", model, {{"hidden", "fc1"}, {"output", "fc2"}});
namespace nn
{

/// What PyTorch calls parts of a model that have another name there: {"hidden", "fc1"} for a layer and all in it,
/// {"hidden.weight", "fc1.w"} for an array. Ours are full names, and so are PyTorch's; "" is the model itself. Of
/// several that concern a part the longest is taken.
using pytorch_names = std::map<std::string, std::string>;

namespace detail
{

/// A part of a model: PyTorch's full name of it, and how an array there lies.
struct pytorch_place
{
    std::string name;
    pytorch::layout as = pytorch::layout::unsaid;
};

/// The place of a part of what stands at `whole`, by what that says of its members.
pytorch_place place_of_part(const pytorch_place& whole, const autograd::part_name& part,
                            std::span<const pytorch::entry> said);

/// A leaf of a model, and what a state_dict has for it.
struct pytorch_leaf
{
    std::string member; ///< its full name in the model
    pytorch_place there;
    autograd::shape_vector shape; ///< in the model
};

/// What a state_dict of a model has.
struct pytorch_form
{
    std::vector<pytorch_leaf> leaves; ///< in the model's order
    std::vector<std::string> ignored; ///< names that may be there, and that no leaf needs
};

/// Whether what a layer says of its members is about members that it has, and transposes arrays only.
template <class Layer>
constexpr bool speaks_of_its_members()
{
    using tuple = std::remove_cvref_t<decltype(std::declval<Layer&>().members())>;
    const auto is_member = [](const pytorch::entry& each)
    {
        return [&]<std::size_t... K>(std::index_sequence<K...>)
        {
            return ((Layer::member_names()[K] == each.member &&
                     !(each.as == pytorch::layout::transposed &&
                       autograd::detail::has_members<std::remove_reference_t<std::tuple_element_t<K, tuple>>>)) ||
                    ...);
        }
        (std::make_index_sequence<std::tuple_size_v<tuple>>());
    };
    for (const pytorch::entry& each : Layer::in_pytorch)
    {
        if (!each.member.empty() && !is_member(each))
        {
            return false;
        }
    }
    return true;
}

/// What a layer says of its members; nothing, if it does not say anything.
template <class Layer>
std::span<const pytorch::entry> said_by()
{
    if constexpr (requires { Layer::in_pytorch; })
    {
        static_assert(speaks_of_its_members<Layer>(),
                      "in_pytorch names members that NN_MEMBERS lists; what is transposed is an array, not a layer.");
        return Layer::in_pytorch;
    }
    else
    {
        return {};
    }
}

/// Finds what a state_dict of a model has.
class pytorch_walk
{
public:
    explicit pytorch_walk(const pytorch_names& given) : m_given(given) {}

    template <class S>
    void visit(const S& part, pytorch_place place, const part_path& path = {})
    {
        rename(place, path);
        if constexpr (is_leaf<S>)
        {
            add_leaf(path, std::move(place), autograd::shape_vector(part.shape().begin(), part.shape().end()));
        }
        else if constexpr (autograd::detail::has_parts<const S>)
        {
            if constexpr (autograd::detail::has_members<const S>)
            {
                place.as = pytorch::layout::unsaid; // nobody speaks for the members of another
            }
            const std::span<const pytorch::entry> said = said_by<S>();
            add_ignored(place, said);
            autograd::for_each_part(
                [&](const autograd::part_name& name, const auto& inner) {
                    visit(inner, place_of_part(place, name, said), {&path, name});
                },
                part);
        }
        else
        {
            static_assert(std::is_void_v<typename found_leaf<S>::type>,
                          "A model and its layers list their members: NN_MEMBERS(weight, bias); no pointers to them.");
        }
    }

    /// What was found. Throws value_error if a name was given for what the model does not have.
    pytorch_form found() &&;

private:
    /// The place of what was just reached, if the user gave it a name.
    void rename(pytorch_place& place, const part_path& path);
    /// Throws value_error for an array that may be transposed in PyTorch, where nobody says so.
    void add_leaf(const part_path& path, pytorch_place place, autograd::shape_vector shape);
    void add_ignored(const pytorch_place& place, std::span<const pytorch::entry> said);

    const pytorch_names& m_given;
    pytorch_names m_not_met = m_given;
    pytorch_form m_found;
};

template <class Model>
pytorch_form pytorch_form_of(const Model& model, const pytorch_names& names)
{
    pytorch_walk walk(names);
    walk.visit(model, {});
    return std::move(walk).found();
}

/// Throws file_error unless an archive has just the names of a form, except for those that are ignored.
void require_names(const archive& from, const pytorch_form& form);

/// The array for a leaf. Throws file_error for another shape, for what are no floating-point numbers, and for a number
/// that T does not have. T is float or double.
template <class T>
autograd::array<T> array_for(const pytorch_leaf& leaf, const archive& from);

} // namespace detail

/// Gives a model the arrays of a PyTorch model's state_dict. Each layer knows what PyTorch calls its arrays and which
/// of them it has transposed (`in_pytorch`, see nn/in_pytorch.hpp); a model of one's own is the module with the same
/// attributes, nn::sequential PyTorch's Sequential with as many layers. Where names differ, `names` has PyTorch's.
///
/// All or nothing: throws file_error, and leaves the model as it was, unless the archive has an array of the right
/// shape for each leaf, and no other (but for a batch_norm's num_batches_tracked). One array may go to several members
/// if `names` says so: tied weights. float goes into a model of double; double into one of float if every number of it
/// is one of float, too: nothing is rounded. Throws value_error for a name of what the model does not have, and for an
/// array of several axes in a layer that does not say how PyTorch has it, which could be transposed.
///
/// A state_dict has no hyperparameters: an epsilon, a momentum, the function of an rnn are the program's.
template <class Model>
void load_pytorch(Model& model, const archive& from, const pytorch_names& names = {})
{
    const detail::pytorch_form form = detail::pytorch_form_of(model, names);
    detail::require_names(from, form);
    Model loaded = model;
    auto leaf = form.leaves.begin();
    detail::zip_leaves(
        [&](const detail::part_path&, role, auto& loaded_leaf)
        {
            using T = typename std::remove_cvref_t<decltype(loaded_leaf)>::value_type;
            loaded_leaf = detail::array_for<T>(*leaf++, from);
        },
        loaded);
    model = std::move(loaded);
}

/// The same from a file that ends in .npz or .safetensors. Throws file_error for a file that cannot be read or is
/// damaged, too.
template <class Model>
void load_pytorch(const std::filesystem::path& file, Model& model, const pytorch_names& names = {})
{
    load_pytorch(model, detail::load_by_ending("load_pytorch", file), names);
}

} // namespace nn
