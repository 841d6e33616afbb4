#pragma once

#include "autograd/compile/argument_types.hpp"
#include "autograd/compile/program.hpp"

#include <cstddef>
#include <span>
#include <type_traits>
#include <vector>

/// What compiled functions are called with and what they give, as lists of arrays.
namespace autograd
{

namespace detail
{

/// The arrays of a call, in their order, read where they are if they are dense; and the form of the structures that
/// they come in: whatever may differ from call to call without another type.
template <class T>
class arguments
{
public:
    void clear();

    /// \name The next array
    /// \{
    void add(const array<T>& x);
    void add(const array<std::int64_t>& x);
    void add(const borrowed<T>& lent);
    void add(const borrowed<std::int64_t>& lent);
    template <array_expression E>
    void add(const E& expression)
    {
        using element = std::conditional_t<std::is_integral_v<typename E::value_type>, std::int64_t, T>;
        if constexpr (requires { expression.data(); } && std::is_same_v<typename E::value_type, element>)
        {
            if (is_dense(expression))
            {
                add(borrow(expression));
                return;
            }
        }
        require_dimension(expression.dimension(), "compiled function");
        const shape_vector shape(expression.shape().begin(), expression.shape().end());
        copy_elements(expression, add_copy<element>(shape));
    }
    template <class Element>
    void add(const placeholder<Element>& shape)
    {
        using element = std::conditional_t<std::is_integral_v<Element>, std::int64_t, T>;
        add(borrowed<element>(nullptr, shape.shape));
    }
    template <number N>
    void add_number(N number)
    {
        using element = std::conditional_t<std::is_integral_v<N>, std::int64_t, T>;
        *add_copy<element>({}) = element_cast<element>(number);
    }
    /// \}

    /// How many parts there are in the next container or optional.
    void add_count(std::size_t parts) { m_form.push_back(parts); }

    std::span<const input_array<T>> arrays() const { return m_arrays; }
    std::span<const std::size_t> form() const { return m_form; }

    /// Array k on a tape, which reads it in place: a buffer as a constant, another one as a variable. Members give them
    /// their names.
    handle<T> record(tape<T>& tape, std::size_t k, const part_path& path, role as) const;

private:
    /// Memory for a copy, which is the next array.
    template <class Element>
    Element* add_copy(const shape_vector& shape)
    {
        auto* const elements = static_cast<Element*>(memory_for(element_count(shape) * sizeof(Element)));
        add(borrowed<Element>(elements, shape));
        return elements;
    }
    void* memory_for(std::size_t bytes);
    void add_shape(shape_view shape);

    std::vector<input_array<T>> m_arrays;
    std::vector<std::size_t> m_form;
    std::vector<std::vector<std::byte>> m_copies;
    std::size_t m_copy_count = 0;
};

/// Where the leaves of each argument end among the inputs, and those of each part of the result among the outputs.
struct leaf_counts
{
    std::vector<std::size_t> inputs;
    std::vector<std::size_t> outputs;
};

/// The arrays that a program writes, in their order, each of the shape that it will have.
template <class T>
class results
{
public:
    /// Starts anew, for a program and what it will read.
    void begin(const program<T>& of, std::span<const input_array<T>> inputs);

    /// The next array, resized if it has another shape. Throws value_error if its memory, then to be given back, is
    /// that of an input.
    void add(array<T>& y);
    void add(array<std::int64_t>& y);
    /// Throws value_error if memory that is to be given back is that of an input.
    template <class Element>
    void require_unread(const array<Element>& y) const
    {
        require_unread(memory_range(y.data(), y.size() * sizeof(Element)));
    }

    std::span<const output_array<T>> arrays();

private:
    template <class Element>
    void add_shaped(array<Element>& y, element_kind element);
    void require_unread(const memory_range& memory) const;

    /// An array is looked at when all have their shapes, in case that one was given twice.
    struct shaped
    {
        void* array;
        element_kind element;
    };

    const program<T>* m_of = nullptr;
    std::span<const input_array<T>> m_inputs;
    std::vector<shaped> m_shaped;
    std::vector<output_array<T>> m_arrays;
};

} // namespace detail

} // namespace autograd
