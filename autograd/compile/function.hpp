#pragma once

// First what mistakes meet: then a compiler has little to tell about what includes what.
#include "autograd/compile/argument_types.hpp"

#include "autograd/compile/plans.hpp"
#include "autograd/compile/structures.hpp"

#include <concepts>
#include <functional>
#include <memory>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

/// Functions of variables as functions of arrays: recorded once for each shape of their arguments, run as programs.
namespace autograd
{

/// What compile(f, arguments...) returns: f for arrays. Called with others than it was recorded with, of other shapes,
/// lengths of containers or hyperparameters, it records f anew and keeps that program, too. Without rewrites that
/// reassociate ({.reassociate = false}) it gives the bits that recording each time would give, on one instruction set.
/// Arguments are types of variables and indices, and structures of them.
///
/// It is a value: a copy has the programs, which are shared, and memory of its own. One thread at a time calls it;
/// several have a copy each.
template <class T, class F, class... Arguments>
class compiled_function
{
public:
    using value_type = T;
    /// What f returns, with arrays in place of variables.
    using result_type = detail::stored_t<std::invoke_result_t<const F&, const Arguments&...>>;

    /// f of arrays. Each argument is what it was compiled with, or another that f is given the same for: any xtensor
    /// expression, borrowed memory or a number for an array, integers for integers, structures of the same form or of
    /// another. Dense row-major containers of T, and of std::int64_t for integers, are read where they are.
    ///
    /// Throws as program::run, and value_error where the option replaces is set; where f is recorded, what f throws and
    /// what compile(inputs, outputs) throws: it stays as it was then.
    template <class... A>
    result_type operator()(const A&... given)
    {
        m_plans.require_apart();
        result_type result{};
        run_into(result, given...);
        return result;
    }

    /// The same into arrays of the caller's: step.run_into(std::tie(loss, slope), x, w). They are resized where their
    /// shapes differ, and keep their memory where they fit: then nothing is allocated for arguments that were met
    /// before. Throws value_error where an output shares memory with another, or with an argument that it does not
    /// replace; on an error outputs that replace nothing are in no known state.
    template <class Place, class... A>
    void run_into(Place&& place, const A&... given)
    {
        if constexpr (!detail::is_place_for<Place, result_type>())
        {
            static_assert(detail::never<Place>, "The results go to arrays of the types that the call returns: "
                                                "run_into(std::tie(loss, slope), x, w).");
        }
        else if constexpr (takes<A...>())
        {
            memory now = std::exchange(m_memory.value, {});
            now.given.clear();
            (detail::collect(now.given, given), ...);
            detail::plan<T>& plan = plan_for(now.given, given...);
            now.results.begin(plan.program, now.given.arrays());
            detail::take_form(now.results, place, types_of(plan).result);
            detail::run(plan, now.given, now.results);
            m_memory.value = std::move(now);
        }
    }

    /// The program of the last call, or the first one. It may be shared by threads, and stays when it is evicted here.
    /// Its inputs and outputs are the arrays of the arguments and of the result in their order.
    autograd::program<T> program() const { return m_plans.last().program; }
    /// The program for some arguments, or for placeholders of them; recorded if there is none.
    template <class... A>
        requires(sizeof...(A) > 0)
    autograd::program<T> program(const A&... given)
    {
        if constexpr (takes<A...>())
        {
            detail::arguments<T> now;
            (detail::collect(now, given), ...);
            return plan_for(now, given...).program;
        }
    }

    /// How many programs it keeps; how often it recorded f, and with how many different structures: sequences of
    /// operations, whatever their extents and numbers are; how many programs were dropped for others.
    std::size_t plan_count() const { return m_plans.size(); }
    std::size_t recording_count() const { return m_plans.recordings(); }
    std::size_t structure_count() const { return m_plans.structures(); }
    std::size_t eviction_count() const { return m_plans.evictions(); }
    /// All that as a text, with the shapes of each program.
    std::string explain() const { return m_plans.explain(); }

    /// See compile.
    template <class G, class... A>
    compiled_function(const function_options& options, std::in_place_t, G&& f, const A&... given)
        : m_f(std::make_shared<const F>(std::forward<G>(f))), m_plans(options)
    {
        static_cast<void>(program(given...));
    }

private:
    /// What a plan knows of types: the arguments as f was given them, without variables, and the result without arrays.
    struct types
    {
        std::tuple<Arguments...> arguments;
        result_type result;
    };
    /// The lists of a call, kept for the next.
    struct memory
    {
        detail::arguments<T> given;
        detail::results<T> results;
    };

    template <class... A>
    static constexpr bool takes()
    {
        if constexpr (sizeof...(A) != sizeof...(Arguments))
        {
            static_assert(detail::never<std::tuple<A...>>,
                          "A compiled function takes as many arguments as it was compiled with.");
        }
        else if constexpr (detail::may_be_arguments<T, A...>())
        {
            constexpr bool alike = (std::is_same_v<detail::recorded_t<T, A>, Arguments> && ...);
            static_assert(alike, "A compiled function takes what it was compiled with: arrays, integers for integers, "
                                 "the same structures.");
            return alike;
        }
        return false;
    }

    static const types& types_of(const detail::plan<T>& plan) { return *static_cast<const types*>(plan.types.get()); }

    template <class... A>
    detail::plan<T>& plan_for(const detail::arguments<T>& arrays, const A&... given)
    {
        const auto fits = [&](const detail::plan<T>& plan)
        { return has_hyperparameters(types_of(plan).arguments, std::index_sequence_for<A...>(), given...); };
        detail::plan<T>* const found = m_plans.find(arrays.form(), fits);
        return found != nullptr ? *found : record(arrays, given...);
    }
    template <std::size_t... K, class... A>
    static bool has_hyperparameters(const std::tuple<Arguments...>& recorded, std::index_sequence<K...>,
                                    const A&... given)
    {
        return (detail::same_hyperparameters(std::get<K>(recorded), given) && ...);
    }

    template <class... A>
    detail::plan<T>& record(const detail::arguments<T>& arrays, const A&... given)
    {
        if (m_f == nullptr)
        {
            m_plans.last(); // throws: it was moved from
        }
        tape<T> tape;
        detail::recorder<T> recorder(tape, arrays);
        const auto result = std::make_shared<types>();
        record_arguments(recorder, result->arguments, std::index_sequence_for<A...>(), given...);
        recorder.store_result(std::apply(*m_f, std::as_const(result->arguments)), result->result);
        for_each_leaf(result->arguments, [](auto& x) { x = std::remove_reference_t<decltype(x)>(); });
        return m_plans.add(tape, recorder.inputs(), recorder.outputs(), recorder.counts(), arrays.form(), result);
    }
    template <std::size_t... K, class... A>
    static void record_arguments(detail::recorder<T>& recorder, std::tuple<Arguments...>& to, std::index_sequence<K...>,
                                 const A&... given)
    {
        (recorder.record(std::get<K>(to), given), ...);
    }

    std::shared_ptr<const F> m_f;
    detail::plans<T> m_plans;
    detail::not_copied<memory> m_memory;
};

namespace detail
{
/// compile, with what is wrong with the types told before anything else goes wrong for it.
template <class T, class F, class... A>
auto compiled_for(const function_options& options, F&& f, const A&... given)
{
    using function = std::decay_t<F>;
    constexpr auto nothing = [](const auto&...) { return 0; };
    if constexpr (sizeof...(A) == 0)
    {
        static_assert(never<F>, "A function is compiled with arguments: compile(f, x), or with placeholders of them.");
        return nothing;
    }
    else if constexpr (!may_be_arguments<std::conditional_t<std::is_void_v<T>, double, T>, A...>())
    {
        return nothing;
    }
    else if constexpr (std::is_void_v<T>)
    {
        static_assert(never<F>, "Integers do not tell whether the tape is of float or double: compile<double>(f, i).");
        return nothing;
    }
    else if constexpr (!std::is_invocable_v<const function&, const recorded_t<T, A>&...>)
    {
        static_assert(never<F>, "The function takes what it is compiled with, arrays as variables, integers as "
                                "indices: let it take auto, and be const.");
        return nothing;
    }
    else if constexpr (!may_be_result<
                           std::remove_cvref_t<std::invoke_result_t<const function&, const recorded_t<T, A>&...>>>())
    {
        return nothing;
    }
    else
    {
        return compiled_function<T, function, recorded_t<T, A>...>(options, std::in_place, std::forward<F>(f),
                                                                   given...);
    }
}

/// What may be a function: no list of variables, no options.
template <class F, class Bare = std::remove_cvref_t<F>>
concept may_be_function =
    !container<Bare> && !tuple_like<Bare> && !is_leaf<Bare> && !std::same_as<Bare, function_options>;
} // namespace detail

/// The function f of variables as one of arrays, which runs as a program:
///
///     auto step = autograd::compile([](auto x, auto w) { return gradient(loss(x, w), w); }, x, w);
///     autograd::array<double> slope = step(x, w);
///
/// It is recorded with the arguments given, or for placeholders of their shapes. f is given variables for arrays (any
/// xtensor expression, borrowed memory) and numbers, indices for those of integers, and structures of them for
/// structures of arrays: models, tuples, vectors, optionals. It returns a variable, indices, or a structure; the
/// compiled function gives the same of arrays. What else an argument holds, a flag, a text, hyperparameters of a model,
/// f is given as it is, and is recorded anew for another. What f captures is what it was when f was recorded.
///
/// The tape is of float or double as the arrays are; where they are integers alone, write compile<double>(f, labels).
/// Throws what f throws, and tape_error, value_error as compile(inputs, outputs); value_error for options out of range.
template <detail::may_be_function F, class... A>
auto compile(F&& f, const A&... arguments)
{
    return detail::compiled_for<typename detail::real_of<A...>::type>(function_options(), std::forward<F>(f),
                                                                      arguments...);
}
template <std::floating_point T, detail::may_be_function F, class... A>
auto compile(F&& f, const A&... arguments)
{
    return detail::compiled_for<T>(function_options(), std::forward<F>(f), arguments...);
}
/// The same with options: compile({.plans = 2}, f, x).
template <detail::may_be_function F, class... A>
auto compile(const function_options& options, F&& f, const A&... arguments)
{
    return detail::compiled_for<typename detail::real_of<A...>::type>(options, std::forward<F>(f), arguments...);
}
template <std::floating_point T, detail::may_be_function F, class... A>
auto compile(const function_options& options, F&& f, const A&... arguments)
{
    return detail::compiled_for<T>(options, std::forward<F>(f), arguments...);
}

} // namespace autograd
