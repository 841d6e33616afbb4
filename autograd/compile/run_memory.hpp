#pragma once

#include "autograd/compile/compiled.hpp"
#include "autograd/compile/program_arrays.hpp"
#include "autograd/compile/tile_walk.hpp"
#include "autograd/kernels/planes.hpp"
#include "autograd/tape/spare_memory.hpp"

#include <memory>
#include <vector>

namespace autograd
{

namespace detail
{

/// The bytes of input k, or of output k - inputs.
struct numbered_range
{
    memory_range bytes = {nullptr, 0};
    std::size_t k = 0;
};

/// The memory in which a program runs, one run at a time: its arena, and where each step reads and writes.
template <class T>
class run_memory
{
public:
    /// Throws memory_error for an arena that the machine does not have.
    explicit run_memory(std::shared_ptr<const compiled<T>> of);

    const std::shared_ptr<const compiled<T>>& program() const { return m_of; }
    std::span<std::byte> arena() { return {m_arena.get(), m_of->plan.bytes}; }

    /// Whether the last run was given this address for input k, or for output k - inputs.
    bool was_given(std::size_t k, const void* address) const { return m_is_given && m_given[k] == address; }
    /// Steps read and write at address(k) from now on.
    template <class F>
    void give(const F& address)
    {
        for (const std::size_t k : m_of->options.constant)
        {
            m_is_prepared = m_is_prepared && was_given(k, address(k));
        }
        for (std::size_t k = 0; k < m_given.size(); ++k)
        {
            m_given[k] = address(k);
        }
        m_is_given = true;
        give_to_steps();
    }

    /// Room for the memory of each input and output.
    std::span<numbered_range> ranges() { return m_ranges; }

    /// Runs the steps: those of the prologue only where that was not done. What they throw is told at their line.
    void execute();
    /// Saves inputs that copy_out would read when they are replaced.
    void save_replaced();
    /// Writes the elements of an output that was computed elsewhere.
    void copy_out(const final_copy& each, void* to) const;
    /// The elements that copy_out reads: dense, or repeated as strides tell.
    array_view view_of(const final_copy& each) const;
    /// What depends on constant inputs only is computed again in the next run.
    void forget_constants() { m_is_prepared = false; }

private:
    void call(const step<T>& s);
    void execute_run(const step<T>& s) const;
    void execute_tiles(const group& g);
    void execute_elements(tile_walk<T>& at, const group& g, std::size_t first, std::size_t last) const;
    void execute_columns(tile_walk<T>& at, const group& g, std::size_t first, std::size_t last) const;
    std::size_t execute_row(tile_walk<T>& at, const group& g, std::size_t row, std::size_t first,
                            std::size_t last) const;
    void execute_tile(tile_walk<T>& at, const group& g, std::size_t row, std::size_t first, std::size_t count) const;
    bool follow_each_other(const step<T>& s, std::size_t count) const;
    void execute_planes(const step<T>& s, const run_operand<T>* operands, T* result, std::size_t count) const;
    void execute_of_planes(const step<T>& s, const run_operand<T>* operands, T* result, std::size_t count) const;
    kernels::planes<const T> planes_in_hand(const step<T>& s, const run_operand<T>* operands, std::size_t k) const;
    static kernels::dots_of_planes<T> dots_in_hand(const tile_walk<T>& at, const step<T>& s, const group& g);
    void add_dots(tile_walk<T>& at, std::uint32_t number, const group& g, std::size_t first, std::size_t count) const;
    void add_up(tile_walk<T>& at, std::uint32_t number, const group& g, std::size_t row, std::size_t first,
                std::size_t count) const;
    void move_on(tile_walk<T>& at, const group& g, std::size_t elements, std::size_t rows) const;
    tile_walk<T> walk_from_start(const group& g, run_operand<T>* operands, T** results) const;
    // By several threads, in divided_loop.cpp.
    bool execute_divided(const group& g);
    template <class F>
    void execute_parts(const group& g, const pieces_of_arena& own, std::size_t count, const F& f) const;
    bool execute_digits(const group& g, const pieces_of_arena& own);
    void begin_digits(const tile_walk<T>& at, const group& g) const;
    void get_digits(const tile_walk<T>& at, const group& g, std::byte* to) const;
    void add_digits(const tile_walk<T>& at, const group& g, const std::byte* from, std::size_t elements) const;
    const void* address_of(std::uint32_t root) const;
    array_view view_of(std::uint32_t value) const;
    void give_to_steps();

    struct release
    {
        void operator()(std::byte* memory) const;
    };

    std::shared_ptr<const compiled<T>> m_of;
    std::unique_ptr<std::byte, release> m_arena;
    std::vector<const void*> m_given; ///< by inputs and outputs
    std::vector<numbered_range> m_ranges;
    std::vector<run_operand<T>> m_operands;
    std::vector<T*> m_results;            ///< of the runs
    std::vector<run_operand<T>> m_moving; ///< of the tile that is computed
    std::vector<T*> m_moving_results;
    std::vector<array_view> m_views;
    std::vector<evaluation<T>> m_calls;
    spare_memory m_digits; ///< of loops by several threads
    bool m_is_given = false;
    bool m_is_prepared = false;
    std::uint32_t m_current = 0; ///< the step that is run
};

} // namespace detail

} // namespace autograd
