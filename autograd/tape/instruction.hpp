#pragma once

#include "autograd/tape/location.hpp"
#include "autograd/tape/operation.hpp"

#include <cstddef>
#include <cstdint>

namespace autograd
{

/// What instructions have in common that are alike, such as those of one line in a loop: they share it.
struct instruction_form
{
    const std::size_t* extents;    ///< dimension of them, in the tape's memory
    const std::ptrdiff_t* strides; ///< null: dense, row-major; else in elements, 0 along broadcast axes
    const void* attributes;        ///< the rule's attributes struct, in the tape's memory; null when it has none
    std::size_t size;
    const char* file;
    std::int32_t line;
    std::uint32_t scope;
    std::uint8_t dimension;
    std::uint8_t derivative; ///< of which order the derivative is that recorded this; 0: it was not differentiation
};

/// One step of the program on a tape: an operation, what it was applied to, and its one result.
/// Operands have smaller indices than the instruction, so recording order is topological order.
template <class T>
struct instruction
{
    static constexpr std::uint32_t most_operands = (std::uint32_t{1} << 31) - 1;

    const operation<T>* op;
    const void* data; ///< T or std::int64_t as op->element says; null when recorded without values
    const instruction_form* form;
    std::uint32_t first_operand;
    std::uint32_t operand_count : 31;
    bool observed : 1; ///< whether somebody outside read its values

    shape_view shape() const { return {form->extents, form->dimension}; }
    std::size_t size() const { return form->size; }
    std::size_t dimension() const { return form->dimension; }
    const std::ptrdiff_t* strides() const { return form->strides; }
    const void* attributes() const { return form->attributes; }
    location where() const { return {form->file, form->line}; }
    std::uint32_t scope() const { return form->scope; }
    std::uint8_t derivative() const { return form->derivative; }

    /// Not on a tape of shapes, and not where it is made of a placeholder.
    bool has_values() const { return data != nullptr || size() == 0; }
    array_view view() const { return {data, shape(), size(), strides()}; }
};

} // namespace autograd
