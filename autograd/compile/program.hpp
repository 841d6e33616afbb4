#pragma once

#include "autograd/compile/options.hpp"
#include "autograd/compile/program_arrays.hpp"

#include <initializer_list>
#include <memory>
#include <span>
#include <vector>

/// A recording that runs again: the values of some variables for other values of those that they were made of, without
/// recording anything.
namespace autograd
{

namespace detail
{
template <class T>
class compiled;
template <class T>
class run_memory;
struct numbered_range;
} // namespace detail

template <class T>
class workspace;

namespace detail
{
/// The memory of a workspace for values, for tests that fill it with what nobody may read.
template <class T>
std::span<std::byte> arena_of(workspace<T>& memory);
} // namespace detail

/// What compile() returns: const, plain data, independent of the tape. Copies share it; threads run it at the same
/// time, each with a workspace of its own. It computes what the recording computes, and refuses what that refuses. With
/// {.reassociate = false} it has the bits of a new recording on the same inputs and the same instruction set.
template <class T>
class program
{
public:
    program(const program&) = default; // what was moved from, too, is the program that it was
    program& operator=(const program&) = default;

    std::size_t input_count() const;
    std::size_t output_count() const;
    /// Of an input or an output; those of a run are equal. Throw index_error for a number out of range.
    shape_view input_shape(std::size_t k) const;
    shape_view output_shape(std::size_t k) const;
    element_kind input_element(std::size_t k) const;
    element_kind output_element(std::size_t k) const;

    /// Memory to run in. Throws memory_error where the machine does not have it.
    workspace<T> make_workspace() const;

    /// Computes the outputs into the memory given for them; allocates nothing. An output that replaces an input is
    /// given the memory of that input.
    ///
    /// Throws shape_error, value_error where there are more or fewer arrays than the program has, an array of another
    /// shape or of other elements, memory that is given for two outputs or for an output and an input that it does not
    /// replace, a workspace of another program. Throws what the recording would throw for the values given, with the
    /// line that recorded it: checks (require, labels and probabilities of losses), decisions that fall otherwise
    /// (decide), indices out of range. Then inputs that are to be replaced are as they were; other outputs are in no
    /// known state.
    void run(std::span<const input_array<T>> inputs, std::span<const output_array<T>> outputs,
             workspace<T>& memory) const;
    void run(std::initializer_list<input_array<T>> inputs, std::initializer_list<output_array<T>> outputs,
             workspace<T>& memory) const
    {
        run(std::span(inputs.begin(), inputs.size()), std::span(outputs.begin(), outputs.size()), memory);
    }

    /// How many operations a run executes.
    std::size_t step_count() const;
    /// What these take, as operations are counted: of a product its multiplications and additions, of any other
    /// operation one for each element that it makes, or reads where these are more. (A derivative that is one
    /// instruction, as that of tanh, counts as one.)
    std::uint64_t flops() const;
    /// The bytes of a workspace for values, and the least that any order of memory would need for these steps.
    std::size_t arena_bytes() const;
    std::size_t arena_lower_bound() const;

    /// For those who show it.
    const detail::compiled<T>& what() const { return *m_compiled; }

private:
    explicit program(std::shared_ptr<const detail::compiled<T>> what) : m_compiled(std::move(what)) {}
    template <class U>
    friend program<U> compile(std::span<const handle<U>>, std::span<const handle<U>>, const program_options&, location);

    void require_fit(std::span<const input_array<T>> inputs, std::span<const output_array<T>> outputs) const;
    void require_replaced(std::span<const input_array<T>> inputs, std::span<const output_array<T>> outputs) const;
    bool are_apart(std::span<const input_array<T>> inputs, std::span<const output_array<T>> outputs,
                   std::span<detail::numbered_range> ranges) const;
    void throw_overlap(std::span<const input_array<T>> inputs, std::span<const output_array<T>> outputs) const;
    void give(std::span<const input_array<T>> inputs, std::span<const output_array<T>> outputs,
              detail::run_memory<T>& memory) const;
    void require_finite(std::uint32_t output, const array_view& elements) const;

    std::shared_ptr<const detail::compiled<T>> m_compiled;
};

/// The memory of one run at a time. It belongs to the program that made it, and to its copies.
template <class T>
class workspace
{
public:
    workspace(workspace&&) noexcept;
    workspace& operator=(workspace&&) noexcept;
    ~workspace();

    /// Constant inputs have changed: what depends on them alone is computed again in the next run.
    void forget_constants();

private:
    friend class program<T>;
    friend std::span<std::byte> detail::arena_of<T>(workspace<T>&);
    explicit workspace(std::shared_ptr<const detail::compiled<T>> of);

    std::unique_ptr<detail::run_memory<T>> m_memory;
};

/// The program that computes `outputs` from `inputs`, variables and indices of one tape. What lies between is run
/// again; what does not depend on an input keeps the values that it has on the tape, which may be cleared afterwards.
/// An input may be any variable: what it was made of is not looked at.
///
/// Throws tape_error for empty and stale variables, for those of different tapes, and for a constant of a tape of
/// shapes whose values are needed; value_error for an input that is listed twice, and for options that name what is not
/// there, name it twice, or have an input replaced that is constant; shape_error where what replaces an input has
/// another shape.
template <class T>
program<T> compile(std::span<const handle<T>> inputs, std::span<const handle<T>> outputs,
                   const program_options& how = {}, location where = location::current());
/// The same of variables, compile({x, w}, {loss, slope}); of indices among them, compile<double>({x, labels}, {loss}).
template <class T>
program<T> compile(std::initializer_list<variable<T>> inputs, std::initializer_list<variable<T>> outputs,
                   const program_options& how = {}, location where = location::current())
{
    const std::vector<handle<T>> from(inputs.begin(), inputs.end());
    const std::vector<handle<T>> to(outputs.begin(), outputs.end());
    return compile<T>(std::span<const handle<T>>(from), std::span<const handle<T>>(to), how, where);
}
template <class T>
program<T> compile(std::initializer_list<std::type_identity_t<handle<T>>> inputs,
                   std::initializer_list<std::type_identity_t<handle<T>>> outputs, const program_options& how = {},
                   location where = location::current())
{
    return compile<T>(std::span<const handle<T>>(inputs.begin(), inputs.size()),
                      std::span<const handle<T>>(outputs.begin(), outputs.size()), how, where);
}

} // namespace autograd
