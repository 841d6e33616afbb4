#pragma once

#include "autograd/differentiate/rows.hpp"
#include "autograd/differentiate/structures.hpp"
#include "nn/optimizer/optimizer.hpp"

#include <concepts>
#include <optional>
#include <span>
#include <vector>

/// Steps of tables, of an embedding say, that take the rows which a batch met and cost what these cost. The optimizer
/// is the recorded function that it is: it is given the rows in place of the table, their gradients, and the rows of
/// the state that go with them.
namespace nn
{

namespace detail
{

/// Whether an optimizer may be given rows in place of a parameter: it says so itself, for each by its name.
template <class Optimizer>
concept may_step_by_rows = requires(const Optimizer& optimizer, std::string_view parameter)
{
    {
        optimizer.steps_by_rows(parameter)
        } -> std::convertible_to<bool>;
};

/// Whether an optimizer does something else where it is given rows than where it is given all of a table.
template <class Optimizer>
inline constexpr bool moves_met_rows_only = false;
template <class Optimizer>
    requires(Optimizer::moves_met_rows_only)
inline constexpr bool moves_met_rows_only<Optimizer> = true;

/// The rows of a table that a batch met.
template <class T>
struct met_rows
{
    autograd::shape_vector table;    ///< its shape
    std::vector<std::int64_t> rows;  ///< ascending, each once
    autograd::indices<T> positions;  ///< the same, on the tape
    autograd::variable<T> gradients; ///< of these rows: repeated ones added up, in the order of the whole gradient
};

/// Of each parameter, by its number, the rows that take a step, if not all do.
template <class T>
struct rows_of_step
{
    std::vector<std::optional<met_rows<T>>> of_parameters; ///< empty: all of all

    /// Null: all of it.
    const met_rows<T>* of(std::size_t parameter) const
    {
        const bool any = parameter < of_parameters.size() && of_parameters[parameter].has_value();
        return any ? &*of_parameters[parameter] : nullptr;
    }
};

/// \name Leaves, compiled in the library. T is float or double.
/// \{
/// The gradients by parameters, by rows where these are wanted and there are such: of which, `rows` then tells.
template <class T>
std::vector<autograd::variable<T>>
gradients_by_rows(autograd::variable<T> loss, std::span<const autograd::variable<T>> parameters,
                  const autograd::detail::wanted_by_rows& wanted, rows_of_step<T>& rows, autograd::location where);
/// Whether an array has its rows replaced where the table's are: the table, and what a state keeps of its shape.
template <class T>
bool goes_by_rows(autograd::shape_view shape, const met_rows<T>* rows)
{
    return rows != nullptr && shape == autograd::shape_view(rows->table);
}
/// The rows of a leaf that goes by them, or the leaf.
template <class T>
autograd::variable<T> taken_rows(const autograd::variable<T>& leaf, const met_rows<T>* rows);
/// \}

inline constexpr auto no_parameter = static_cast<std::size_t>(-1);
/// f(number of the parameter, leaf, leaves of the others...) for each leaf of a model, or of the state for one, that is
/// a parameter or goes with one; f(no_parameter, leaf, ...) for the other leaves. A state's parts that are models
/// themselves go with the parameters, leaf by leaf. (Of a model that is a single leaf, all leaves do: their shapes
/// tell.)
template <class Model, class F, class State, class... Others>
void zip_with_parameters(const F& f, State& state, Others&... others)
{
    using bare = std::remove_const_t<State>;
    if constexpr (std::is_same_v<bare, Model>)
    {
        std::size_t next = 0;
        zip_leaves([&](const part_path&, role as, auto& leaf, auto&... leaves)
                   { f(as == role::parameter ? next++ : no_parameter, leaf, leaves...); },
                   state, others...);
    }
    else if constexpr (is_leaf<bare>)
    {
        f(no_parameter, state, others...);
    }
    else if constexpr (autograd::detail::has_parts<State>)
    {
        autograd::for_each_part([&](const autograd::part_name&, auto& part, auto&... parts)
                                { zip_with_parameters<Model>(f, part, parts...); },
                                state, others...);
    }
}

/// The full name of a parameter, by its number.
template <class Model>
std::string name_of_parameter(const Model& model, std::size_t number)
{
    std::string name;
    std::size_t next = 0;
    zip_leaves(
        [&](const part_path& path, role as, const auto&)
        {
            if (as == role::parameter && next++ == number)
            {
                name = path.text();
            }
        },
        model);
    return name;
}

/// The gradient of a loss by a model of variables, by rows where the optimizer and the loss have it so.
template <class T, class Optimizer, class Model>
Model gradient_by_rows(const Optimizer& optimizer, autograd::variable<T> loss, const Model& m, rows_of_step<T>& rows,
                       autograd::location where)
{
    const auto wanted = [&](std::size_t parameter) { return optimizer.steps_by_rows(name_of_parameter(m, parameter)); };
    return autograd::detail::with_variables<T>(m, [&](const auto& parameters)
                                               { return gradients_by_rows<T>(loss, parameters, wanted, rows, where); });
}

/// A model of variables, or the state for one, with rows in the place of tables.
template <class Model, class T, class State>
State in_rows(State state, const rows_of_step<T>& rows)
{
    zip_with_parameters<Model>([&](std::size_t parameter, autograd::variable<T>& leaf)
                               { leaf = taken_rows(leaf, rows.of(parameter)); },
                               state);
    return state;
}

/// What a step has computed, on its way into the arrays that it is for.
template <class T>
class new_values
{
public:
    new_values() { m_changes.reserve(32); } // of most models and their states, all

    /// Throws shape_error, in the name of the optimizer, where it gave rows another shape.
    void add(std::string_view optimizer, autograd::array<T>& to, const autograd::variable<T>& from,
             const met_rows<T>* rows);
    /// Writes all of it. The tape may read any of the arrays in place: what is still needed of one is copied first.
    /// Throws for lack of memory only, before anything is written.
    void store();

private:
    /// Elements on their way into an array that keeps its shape.
    struct change
    {
        autograd::array<T>* to;
        const T* from;
        std::size_t size;
        const met_rows<T>* rows; ///< null: all
        bool may_be_lent;        ///< whether an array may be read in place
    };
    struct replacement
    {
        autograd::array<T>* of;
        autograd::array<T> by;
    };
    void copy_what_will_be_overwritten();
    static void write(const change& each);

    std::vector<change> m_changes;
    std::vector<replacement> m_replacements;
    std::vector<std::vector<T>> m_copies;
};

} // namespace detail

} // namespace nn
