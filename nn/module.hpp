#pragma once

#include "autograd/tape/rebind.hpp"
#include "autograd/tape/structure.hpp"
#include "autograd/tape/tape.hpp"
#include "nn/mistakes.hpp"

#include <array>
#include <string>
#include <string_view>
#include <vector>

/// Models. A model, and each of its layers, is an aggregate over the type of its leaves, which lists its members:
///
///     template <class Leaf>
///     struct classifier
///     {
///         nn::linear<Leaf> hidden;
///         nn::linear<Leaf> output;
///         NN_MEMBERS(hidden, output)
///
///         Leaf operator()(Leaf x) const { return output(tanh(hidden(x))); }
///     };
///
/// classifier<autograd::array<double>> holds arrays: it is trained, saved and printed. on_tape(tape, model) records it:
/// the classifier<autograd::variable<double>> that it gives back computes. gradient(loss, that) is a classifier again.
/// Members are leaves, layers, optional leaves or layers, tuples, std::arrays and std::vectors of layers, buffers (what
/// is kept, but not trained), and hyperparameters: anything else. No base class, no virtual functions.
namespace nn
{

using autograd::buffer;
using autograd::role;

/// The names in a list of identifiers: "weight, bias".
class name_list
{
public:
    explicit constexpr name_list(std::string_view list) : m_list(list) {}

    constexpr std::string_view operator[](std::size_t k) const
    {
        std::string_view rest = m_list;
        for (; k > 0; --k)
        {
            rest.remove_prefix(rest.find(',') + 1);
        }
        const std::string_view name = rest.substr(0, rest.find(','));
        const std::size_t first = name.find_first_not_of(' ');
        return name.substr(first, name.find_last_not_of(' ') - first + 1);
    }

private:
    std::string_view m_list;
};

/// In a layer or model: lists all of its data members, by their names. (A class without the macro defines the three
/// functions itself; without member_names() its members are numbered.)
#define NN_MEMBERS(...)                                                                                                \
    auto members()                                                                                                     \
    {                                                                                                                  \
        return ::autograd::detail::refer_to(__VA_ARGS__);                                                              \
    }                                                                                                                  \
    auto members() const                                                                                               \
    {                                                                                                                  \
        return ::autograd::detail::refer_to(__VA_ARGS__);                                                              \
    }                                                                                                                  \
    static constexpr ::nn::name_list member_names()                                                                    \
    {                                                                                                                  \
        return ::nn::name_list(#__VA_ARGS__);                                                                          \
    }

/// Whether X is what models are made over: a variable, an array of floating-point numbers. Specialise it for others.
template <class X>
inline constexpr bool is_leaf = false;
template <class T>
inline constexpr bool is_leaf<autograd::variable<T>> = true;
template <std::floating_point T>
inline constexpr bool is_leaf<autograd::array<T>> = true;

/// Arrays that are no leaves: of another container, another layout.
template <class S>
inline constexpr bool is_real_array = false;
template <autograd::array_expression S>
inline constexpr bool is_real_array<S> = std::is_floating_point_v<typename S::value_type>;

namespace detail
{

/// The leaves of models, each of which becomes another.
template <class To = void>
struct leaves_become
{
    template <class X>
    static constexpr bool is_leaf = nn::is_leaf<X>;
    template <class X>
    using type = To;
};

/// The type of the leaves of a structure; void if there is none.
template <class S>
using found_leaf = autograd::detail::found_leaf<S, leaves_become<>>;

using autograd::detail::part_path;

/// f(path, role, member, members of the others...) for every member, in order. (A path becomes a name where one is
/// wanted, which is seldom.)
template <class F, class S, class... Others>
void walk(const part_path& path, role as, F& f, S& structure, Others&... others)
{
    using bare = std::remove_const_t<S>;
    if constexpr (!is_leaf<bare> && autograd::detail::has_parts<S>)
    {
        const role inside = autograd::detail::is_buffer<bare> ? role::buffer : as;
        autograd::for_each_part(
            [&](const autograd::part_name& name, auto& part, auto&... parts) {
                walk({&path, name}, inside, f, part, parts...);
            },
            structure, others...);
    }
    else
    {
        static_assert(!autograd::detail::hides_members<S>,
                      "The members of a const model are listed, too: members() const.");
        static_assert(is_leaf<bare> || std::is_void_v<typename found_leaf<bare>::type>,
                      "A model and its layers list their members: NN_MEMBERS(weight, bias); no pointers to them.");
        static_assert(is_leaf<bare> || !is_real_array<bare>,
                      "The arrays of a model are autograd::array<T>, or what xt::xarray<T> is without macros.");
        f(path, is_leaf<bare> ? as : role::hyperparameter, structure, others...);
    }
}

} // namespace detail

namespace detail
{
template <class S, class... Around>
constexpr bool lists_members();
template <class Tuple, class... Around, std::size_t... K>
constexpr bool parts_list_members(std::index_sequence<K...>)
{
    return (lists_members<std::remove_reference_t<std::tuple_element_t<K, Tuple>>, Around...>() && ...);
}
/// Whether every part of a model that has leaves among its template arguments lists its members, as references. (One
/// that holds parts of its own type is looked into once.)
template <class S, class... Around>
constexpr bool lists_members()
{
    using bare = std::remove_const_t<S>;
    if constexpr (is_leaf<bare> || std::is_void_v<typename found_leaf<bare>::type> ||
                  (std::is_same_v<bare, Around> || ...))
    {
        return true;
    }
    else if constexpr (autograd::detail::has_members<S>)
    {
        using members = decltype(std::declval<S&>().members());
        using parts = std::remove_reference_t<members>;
        if constexpr (!autograd::detail::gives_members<members>)
        {
            return false;
        }
        else
        {
            return parts_list_members<parts, bare, Around...>(std::make_index_sequence<std::tuple_size_v<parts>>());
        }
    }
    else if constexpr (autograd::detail::tuple_like<S>)
    {
        return parts_list_members<bare, bare, Around...>(std::make_index_sequence<std::tuple_size_v<bare>>());
    }
    else
    {
        return autograd::detail::has_parts<S>;
    }
}
} // namespace detail

/// The type of a model's leaves; void if it has none.
template <class Model>
using leaf_of = typename detail::found_leaf<std::remove_cvref_t<Model>>::type;

namespace detail
{
/// A model of arrays, all of whose parts list their members.
template <class Model>
concept of_arrays = (std::is_same_v<leaf_of<Model>, autograd::array<float>> ||
                     std::is_same_v<leaf_of<Model>, autograd::array<double>>)&&lists_members<const Model>();
} // namespace detail

/// The same model over another type of leaves: rebind<linear<variable<T>>, xt::xarray<T>>. The leaf's type must be
/// among the arguments of the templates that the model is made of.
template <class Model, class Leaf>
using rebind = typename autograd::detail::rebound<std::remove_cvref_t<Model>, detail::leaves_become<Leaf>>::type;

namespace detail
{

/// f(path, role, leaf, leaves of the others...) for every leaf, in order.
template <class F, class Model, class... Others>
void zip_leaves(F&& f, Model& model, Others&... others)
{
    const auto of_leaves = [&](const part_path& path, role as, auto& member, auto&... members)
    {
        if constexpr (is_leaf<std::remove_cvref_t<decltype(member)>>)
        {
            f(path, as, member, members...);
        }
    };
    walk({}, role::parameter, of_leaves, model, others...);
}

/// map_leaves with paths for names.
template <class F, class Model, class... Others>
auto map_leaves_by_path(F&& f, const Model& model, const Others&... others)
{
    using leaf = std::remove_cvref_t<
        std::invoke_result_t<F&, const part_path&, role, const leaf_of<Model>&, const leaf_of<Others>&...>>;
    rebind<Model, leaf> result{};
    autograd::detail::map_into<leaves_become<>>({}, role::parameter, f, result, model, others...);
    return result;
}

/// \name Leaves one by one, compiled in the library for float and double.
/// \{
/// The leaf, by the name that it has in its model.
template <class T>
autograd::variable<T> named_leaf(const autograd::variable<T>& leaf, const part_path& path);
template <class T>
autograd::variable<T> recorded_leaf(autograd::tape<T>& tape, const part_path& path, role as,
                                    const autograd::array<T>& values);
template <class T>
autograd::array<T> values_of(const autograd::variable<T>& leaf);
template <class T>
autograd::array<T> zeros(autograd::shape_view shape)
{
    autograd::array<T> result = autograd::array<T>::from_shape(std::vector<std::size_t>(shape.begin(), shape.end()));
    result.fill(0);
    return result;
}
extern template autograd::array<float> zeros(autograd::shape_view);
extern template autograd::array<double> zeros(autograd::shape_view);
/// \}

/// on_tape, leaf by leaf by the function given.
template <class T, class Model>
auto recorded_model(autograd::tape<T>& tape, const Model& model,
                    autograd::variable<T> (*record_leaf)(autograd::tape<T>&, const part_path&, role,
                                                         const autograd::array<T>&))
{
    if constexpr (!std::is_same_v<leaf_of<Model>, autograd::array<T>>)
    {
        static_assert(autograd::detail::never<Model>,
                      "A model is recorded from arrays of the tape's type: model<autograd::array<T>> on tape<T>.");
        return rebind<Model, autograd::variable<T>>{};
    }
    else if constexpr (!lists_members<const Model>())
    {
        static_assert(autograd::detail::never<Model>,
                      "A model and its layers list their members: NN_MEMBERS(weight, bias); no pointers to them.");
        return rebind<Model, autograd::variable<T>>{};
    }
    else
    {
        return map_leaves_by_path([&](const part_path& path, role as, const autograd::array<T>& leaf)
                                  { return record_leaf(tape, path, as, leaf); },
                                  model);
    }
}

} // namespace detail

/// Calls f(name, role, member) for every member of a model, hyperparameters among them, depth first, in the order in
/// which they are listed. Names are full: "hidden.weight", "layers.2.bias". Other models of the same form can be walked
/// along: f(name, role, member, members of the others...). Throws shape_error where their forms differ.
template <class F, class Model, class... Others>
void zip_members(F&& f, Model&& model, Others&&... others)
{
    const auto by_name = [&](const detail::part_path& path, role as, auto& member, auto&... members)
    { f(path.text(), as, member, members...); };
    detail::walk({}, role::parameter, by_name, model, others...);
}
template <class Model, class F>
void for_each_member(Model&& model, F&& f)
{
    zip_members(f, model);
}

/// The same for parameters only: f(name, parameter, parameters of the others...). For an optimizer:
/// zip_parameters([&](const std::string&, auto& w, const auto& dw) { w -= rate * dw; }, model, slope).
template <class F, class Model, class... Others>
void zip_parameters(F&& f, Model&& model, Others&&... others)
{
    detail::zip_leaves(
        [&](const detail::part_path& path, role as, auto& leaf, auto&... leaves)
        {
            if (as == role::parameter)
            {
                f(path.text(), leaf, leaves...);
            }
        },
        model, others...);
}
/// Calls f(name, parameter) for every parameter of a model.
template <class Model, class F>
void for_each_parameter(Model&& model, F&& f)
{
    zip_parameters(f, model);
}

/// Calls f(name, buffer) for every leaf that is kept, but not trained.
template <class Model, class F>
void for_each_buffer(Model&& model, F&& f)
{
    detail::zip_leaves(
        [&](const detail::part_path& path, role as, auto& leaf)
        {
            if (as == role::buffer)
            {
                f(path.text(), leaf);
            }
        },
        model);
}

/// The model whose leaves are f(name, role, leaf), over whatever type f returns; with other models of the same form,
/// f(name, role, leaf, leaves of the others...). Hyperparameters are those of the first model. The type of leaves must
/// be default-constructible. Throws shape_error where the forms differ.
template <class F, class Model, class... Others>
auto map_leaves(F&& f, const Model& model, const Others&... others)
{
    static_assert(!std::is_void_v<leaf_of<Model>>, "The model has no leaf type among its template arguments.");
    return detail::map_leaves_by_path(
        [&](const detail::part_path& path, role as, const leaf_of<Model>& leaf, const leaf_of<Others>&... leaves)
        { return f(path.text(), as, leaf, leaves...); },
        model, others...);
}

/// A model of arrays recorded on a tape: the same model over variables, which computes. Parameters become variables,
/// buffers constants, each with its full name. `const auto m = nn::on_tape(tape, model); m(x)`.
template <class T, class Model>
auto on_tape(autograd::tape<T>& tape, const Model& model)
{
    return detail::recorded_model(tape, model, detail::recorded_leaf<T>);
}

/// The values of a model of variables (or of a gradient, which has its form) as a model of arrays.
/// Throws tape_error for variables that were cleared, or recorded without values.
template <class Model>
auto values(const Model& model)
{
    if constexpr (!autograd::detail::is_variable<leaf_of<Model>>)
    {
        static_assert(autograd::detail::never<Model>, "The values are those of a model of variables.");
        return model;
    }
    else
    {
        using T = typename leaf_of<Model>::value_type;
        return detail::map_leaves_by_path([](const detail::part_path&, role, const autograd::variable<T>& leaf)
                                          { return detail::values_of(leaf); },
                                          model);
    }
}

/// A model of arrays with 0 in every element of every leaf: the start of an optimizer's state.
template <class Model>
auto zeros_like(const Model& model)
{
    return detail::map_leaves_by_path(
        [](const detail::part_path&, role, const leaf_of<Model>& leaf)
        {
            return detail::zeros<typename leaf_of<Model>::value_type>(
                autograd::shape_vector(leaf.shape().begin(), leaf.shape().end()));
        },
        model);
}

/// The parameters of a model whose full names satisfy a predicate, in order: what a penalty is put on.
template <class Model, class Predicate>
std::vector<leaf_of<Model>> parameters(const Model& model, Predicate&& wanted)
{
    std::vector<leaf_of<Model>> result;
    for_each_parameter(model,
                       [&](const std::string& name, const leaf_of<Model>& leaf)
                       {
                           if (wanted(std::string_view(name)))
                           {
                               result.push_back(leaf);
                           }
                       });
    return result;
}
/// All parameters of a model, in order.
template <class Model>
std::vector<leaf_of<Model>> parameters(const Model& model)
{
    return parameters(model, [](std::string_view) { return true; });
}

/// How many numbers are trained: the elements of all parameters.
template <class Model>
std::size_t number_of_parameters(const Model& model)
{
    std::size_t count = 0;
    for_each_parameter(model, [&](const std::string&, const auto& leaf) { count += leaf.size(); });
    return count;
}

} // namespace nn
