#pragma once

#include "autograd/compile/layout.hpp"
#include "autograd/compile/options.hpp"
#include "autograd/compile/packing.hpp"
#include "autograd/compile/plan.hpp"
#include "autograd/compile/recompute.hpp"
#include "autograd/compile/schedule.hpp"
#include "autograd/compile/simplify.hpp"
#include "autograd/compile/tile_loop.hpp"

#include <vector>

namespace autograd
{

namespace detail
{

/// What a step does when it is run.
enum class step_kind : std::uint8_t
{
    elements, ///< an elementwise operation, or a copy, of runs of consecutive elements and single numbers
    sum,      ///< of what is in hand in a loop over tiles
    planes,   ///< an operation of planes (plane_steps.hpp) in a loop over tiles
    forward,  ///< any other operation, as a call
    lay_out   ///< the copy of repeated elements, as a call
};

/// One execution of an operation in a program. Operands of runs are numbered through all steps as run_operands, those
/// of calls as array_views; both have a number of their own.
template <class T>
struct step
{
    std::uint32_t value; ///< what it makes
    std::uint32_t first_operand;
    std::uint32_t operand_count;
    std::uint32_t run_operands; ///< of a run: of all that it covers
    std::uint32_t number;       ///< among the runs, or among the calls
    step_kind kind;
    tile_sum sum;         ///< of a sum
    std::uint32_t covers; ///< how many steps are run: of a pair (pairs.hpp), whose first one this is, 2
    std::uint32_t planes; ///< in a loop, of what is computed or summed; of one of planes, of what it reads
    std::uint32_t result_planes;
    const plane_form<T>* form; ///< of one of planes
    run_function<T> run;       ///< of `elements`: of all that it covers
    const void* attributes;
    std::size_t size;           ///< elements of the result
    std::uint64_t flops;        ///< as operation::flops counts
    std::size_t scratch_bytes;  ///< beside it
    std::size_t scratch_offset; ///< in the arena

    /// Of what is covered, among the results of runs.
    std::uint32_t last_number() const { return number + covers - 1; }
    bool is_run() const { return kind == step_kind::elements || kind == step_kind::sum || kind == step_kind::planes; }
};

/// Steps that are run together: one by itself, or elementwise ones and sums that go through one loop tile by tile, so
/// that what one makes is read by the others while it is in the cache.
struct group
{
    std::uint32_t first;
    std::uint32_t end;
    std::size_t tile; ///< elements of a row; 0: all at once
    tile_loop loop;

    bool is_tiled() const { return tile != 0; }
};

/// How an operand of a run, or its result, is gone through.
struct run_access
{
    tile_strides strides;
    std::uint32_t value = none; ///< what an operand reads; or where the first one of a pair is kept, if it is
    bool is_splat = false;      ///< one element for all of a run
};

/// What is done next when a program is run: all elements of a run at once, or else the call of a step, or the loop of a
/// group. It is small, since long programs wait for the memory that it is in.
template <class T>
struct action
{
    run_function<T> run; ///< null for what is no run
    const void* attributes;
    std::size_t size;
    std::uint32_t first; ///< of the operands; or the step, of a loop the first one
    std::uint32_t place; ///< of the result; or the group
};

/// Where an address stands that a run has to be told: that of an input, or of an output which a step writes in its
/// place.
struct address_slot
{
    enum class place : std::uint8_t
    {
        run_operand,
        result, ///< of a run
        view,
        call_result
    };
    std::uint32_t given; ///< input k is k, output k is input_count + k
    std::uint32_t number;
    place where;
    std::size_t offset; ///< in bytes, behind the address given
};

/// A value whose elements are copied when all steps were run.
struct final_copy
{
    std::uint32_t value;
    std::uint32_t output;     ///< where to
    std::size_t saved_offset; ///< in the arena, of an input that is itself replaced: it is saved there first
    bool is_saved;
};

/// What a program is: the steps, and where their results lie. Const once it is made.
template <class T>
class compiled
{
public:
    static constexpr std::uint32_t none = detail::none;

    /// Throws value_error, shape_error for options that do not fit, and what schedule throws.
    compiled(std::span<const handle<T>> inputs, std::span<const handle<T>> outputs, program_options how);

    schedule<T> values;
    program_options options;
    std::vector<applied_rewrite> rewrites;
    std::vector<transposed_arrays> laid_out;
    packing packed;
    recomputation recomputed;
    std::vector<std::uint32_t> replaced_by; ///< of each input: the output that replaces it, or none
    std::vector<std::uint32_t> replaces;    ///< of each output: the input that it replaces, or none

    std::vector<step<T>> steps;
    std::vector<group> groups;
    std::size_t prologue_groups = 0; ///< the first ones, which depend on constant inputs only
    std::vector<action<T>> actions;
    std::size_t prologue_actions = 0;
    std::size_t view_count = 0;
    std::size_t call_count = 0;
    std::vector<run_access> operands;  ///< of the runs
    std::vector<run_access> results;   ///< of the runs
    std::vector<char> is_in_registers; ///< of each value: made and read within a pair, and nowhere else
    std::vector<std::size_t>
        elements_in_tile; ///< of each value that is made and read within one tile of its group; or 0

    std::vector<std::uint32_t> computed_in; ///< of each value: the output in whose memory it is computed, or none
    std::vector<std::size_t> offsets;       ///< of each value that is in the arena
    std::vector<final_copy> copies;
    std::vector<address_slot> slots;
    arena_plan plan;

    /// Whether a value has all elements of its memory, in their order.
    bool reads_in_order(std::uint32_t v) const;
    /// Whether a step may write its result where it reads this one of its operands: an elementwise operation that reads
    /// all of it in order reads each element before it writes in its place; of others those can that say so.
    bool may_replace(const step<T>& s, std::uint32_t root) const;
    /// Of all steps.
    std::uint64_t flops() const;

private:
    class builder;
};

} // namespace detail

} // namespace autograd
