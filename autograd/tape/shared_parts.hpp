#pragma once

#include "autograd/tape/instruction.hpp"
#include "autograd/tape/set_of_parts.hpp"

#include <cstdint>

namespace autograd::detail
{

/// How the elements of an array lie in memory, as forms have it.
struct layout
{
    const std::size_t* extents;
    std::size_t size;
    std::uint8_t dimension;
    const std::ptrdiff_t* strides = nullptr;

    shape_view shape() const { return {extents, dimension}; }
};

/// What stands on a tape that instructions can share: forms, shapes and numbers, of each one. A few thousand of them:
/// what is recorded in a loop has less, and of what has more little is found again.
template <class T>
class shared_parts
{
public:
    /// \name What is there
    /// The one like this, or null. \{
    const instruction_form* find(const instruction_form& like)
    {
        return m_last != nullptr && alike(*m_last, like) ? m_last : search(like);
    }
    const layout* find(shape_view like) const;
    const T* find(T like) const;
    /// \}

    /// \name What comes
    /// Nothing of the kind is there. Throws std::bad_alloc. \{
    void add(const instruction_form& form);
    void add(const layout& shape);
    void add(const T& number);
    /// \}

    /// After a rewind, which may have taken some of them.
    void forget();

    /// Bytes held from the system.
    std::size_t memory() const { return m_forms.memory() + m_shapes.memory() + m_numbers.memory(); }

private:
    const instruction_form* search(const instruction_form& like);

    static std::uint64_t hash_of_form(const instruction_form& form);
    static std::uint64_t hash_of_shape(const layout& shape);
    static std::uint64_t hash_of_number(const T& number);

    static bool alike(const instruction_form& a, const instruction_form& b)
    {
        return a.line == b.line && a.attributes == b.attributes && a.derivative == b.derivative &&
               a.extents == b.extents && a.file == b.file && a.scope == b.scope && a.dimension == b.dimension &&
               (a.strides == b.strides || same_strides(a.strides, b.strides, a.dimension));
    }
    static bool same_strides(const std::ptrdiff_t* a, const std::ptrdiff_t* b, std::size_t dimension);

    set_of_parts<instruction_form, hash_of_form> m_forms;
    set_of_parts<layout, hash_of_shape> m_shapes;
    set_of_parts<T, hash_of_number> m_numbers;
    const instruction_form* m_last = nullptr; ///< that was found: the next one is often like it
};

} // namespace autograd::detail
