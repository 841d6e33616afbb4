#pragma once

#include "autograd/compile/arguments.hpp"
#include "autograd/compile/options.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

/// What a compiled function keeps of its recordings.
namespace autograd
{

/// A part of a result that takes the place of an argument.
struct replaced_argument
{
    std::size_t part;
    std::size_t argument;
};

/// How a function is compiled.
struct function_options
{
    /// For how many shapes and forms of arguments programs are kept, at least 1: those that were used last.
    std::size_t plans = 8;
    /// What of the result is written where an argument is read, leaf by leaf, in the same memory: {.replaces = {{1,
    /// 0}}} writes part 1 of the tuple that the function returns (part 0 of what is no tuple) over argument 0, which
    /// run_into(place, arguments...) is given in both places.
    std::vector<replaced_argument> replaces = {};
    /// As program_options have them.
    bool reassociate = true;
    bool require_finite = false;
    bool keep_on_error = false;
    bool constant_keys = false;
    std::size_t tile = program_options().tile;
    std::size_t recompute_from = program_options().recompute_from;
};

namespace detail
{

/// What is made anew in a copy: memory to work in.
template <class X>
struct not_copied
{
    X value = {};

    not_copied() = default;
    ~not_copied() = default;
    not_copied(not_copied&&) noexcept = default;
    not_copied& operator=(not_copied&&) noexcept = default;
    not_copied(const not_copied&) : not_copied() {}
    not_copied& operator=(const not_copied&)
    {
        value = X();
        return *this;
    }
};

/// The options of a program. Throws value_error for parts and arguments that are not there or have not as many leaves.
program_options options_of_program(const function_options& of, const leaf_counts& counts);

/// The program for arguments of one form.
template <class T>
struct plan
{
    std::vector<std::size_t> form;
    autograd::program<T> program;
    std::shared_ptr<const void> types;              ///< what the function knows of arguments and results by their types
    not_copied<std::optional<workspace<T>>> memory; ///< made when it is run
};

/// The structure of a recording, whatever its extents and numbers are.
struct recorded_structure
{
    std::size_t instructions;
    std::uint64_t fingerprint; ///< of the operations and of what each is applied to

    bool operator==(const recorded_structure&) const = default;
};

/// The plans of a function, the one used last first.
template <class T>
class plans
{
public:
    /// Throws value_error for a bound of 0.
    explicit plans(const function_options& options);

    /// The plan for a form of arguments for which `fits` is true, too; null if there is none.
    template <class Fits>
    plan<T>* find(std::span<const std::size_t> form, const Fits& fits)
    {
        for (std::size_t k = 0; k < m_plans.size(); ++k)
        {
            if (has_form(k, form) && fits(m_plans[k]))
            {
                return &use(k);
            }
        }
        return nullptr;
    }
    /// Compiles a recording and keeps its plan, in the place of the one that was used least recently if there are too
    /// many. On an error all is as it was.
    plan<T>& add(const tape<T>& recording, std::span<const handle<T>> inputs, std::span<const handle<T>> outputs,
                 const leaf_counts& counts, std::span<const std::size_t> form, std::shared_ptr<const void> types);
    /// Throws value_error if there is none: of a function that was moved from.
    const plan<T>& last() const;

    /// Throws value_error where results replace arguments: they have no memory of their own, which a call by value
    /// gives them.
    void require_apart() const;

    std::size_t size() const { return m_plans.size(); }
    std::size_t recordings() const { return m_recordings; }
    std::size_t evictions() const { return m_evictions; }
    std::size_t structures() const { return m_structures.size(); }
    std::string explain() const;

private:
    bool has_form(std::size_t k, std::span<const std::size_t> form) const;
    plan<T>& use(std::size_t k);

    function_options m_options;
    std::vector<plan<T>> m_plans;
    std::vector<recorded_structure> m_structures;
    std::size_t m_recordings = 0;
    std::size_t m_evictions = 0;
};

/// Runs a plan on arguments that it is for.
template <class T>
void run(plan<T>& what, const arguments<T>& given, results<T>& into);

} // namespace detail

} // namespace autograd
