#pragma once

#include "autograd/tape/arena.hpp"
#include "autograd/tape/error.hpp"
#include "autograd/tape/generations.hpp"
#include "autograd/tape/growing_array.hpp"
#include "autograd/tape/instruction.hpp"
#include "autograd/tape/integers.hpp"
#include "autograd/tape/names.hpp"
#include "autograd/tape/recorded_once.hpp"
#include "autograd/tape/shared_parts.hpp"
#include "autograd/tape/structure.hpp"
#include "autograd/tape/variable.hpp"

#include <algorithm>
#include <limits>
#include <new>
#include <span>
#include <utility>
#include <vector>

namespace autograd
{

/// An array whose memory a tape reads in place: see borrow().
template <class T>
struct borrowed
{
    borrowed(const T* elements, const shape_vector& extents) : data(elements), shape(extents) {}

    const T* data;
    shape_vector shape;
};

namespace detail
{
template <class T>
borrowed<T> borrow_elements(const T* elements, shape_view shape)
{
    if (elements == nullptr && element_count(shape, "borrow") > 0)
    {
        throw error::value_error("borrow", "the pointer is null and the shape is ", shape,
                                 "; only an array without elements has none.");
    }
    return {elements, shape_vector(shape)};
}

/// Whether the elements of a container lie densely and row-major in memory.
template <class E>
bool is_dense(const E& array)
{
    std::ptrdiff_t dense = 1; // the stride that the axis must have; along one of length 1 it does not matter
    for (std::size_t axis = array.dimension(); axis-- > 0 && array.size() > 0;)
    {
        const auto extent = static_cast<std::ptrdiff_t>(array.shape()[axis]);
        if (extent != 1 && static_cast<std::ptrdiff_t>(array.strides()[axis]) != dense)
        {
            return false;
        }
        dense *= extent;
    }
    return true;
}

/// An element as a tape keeps it. Throws index_error for an unsigned integer that 64 bits with a sign do not hold.
template <class To, class From>
To element_cast(const From& element)
{
    if constexpr (std::integral<To> && std::unsigned_integral<From>)
    {
        if (element > static_cast<std::make_unsigned_t<To>>(std::numeric_limits<To>::max()))
        {
            throw error::index_error("index", "the integer ", element,
                                     " is greater than 2^63 - 1, the largest that a tape holds.");
        }
    }
    return static_cast<To>(element);
}

/// Writes the elements of an expression, row-major, as a tape keeps them.
template <class To, class E>
void copy_elements(const E& array, To* out)
{
    const auto end = array.template end<xt::layout_type::row_major>();
    for (auto it = array.template begin<xt::layout_type::row_major>(); it != end; ++it, ++out)
    {
        *out = element_cast<To>(*it);
    }
}
} // namespace detail

/// Lends an array to a tape without a copy: tape.constant(borrow(images)), tape.index(borrow(labels)). The array must
/// be a container of T, or of std::int64_t for indices, dense and row-major, and must stay as it is until the tape is
/// cleared. Throws shape_error for other layouts, those of strided and reversed views among them.
template <class E>
    requires requires(const E& e)
    {
        e.data();
    }
borrowed<typename E::value_type> borrow(const E& array)
{
    detail::require_dimension(array.dimension(), "borrow");
    if (!detail::is_dense(array))
    {
        throw error::shape_error("borrow", "the array is not dense and row-major; give it to the tape by copy.");
    }
    return {array.data() + array.data_offset(), shape_vector(array.shape().begin(), array.shape().end())};
}
template <class E>
    requires(!std::is_lvalue_reference_v<E> && !std::is_pointer_v<E>)
void borrow(E&& temporary) = delete;
/// The same of dense, row-major elements of any origin: tape.constant(borrow(pixels, {60'000, 784})). Throws
/// value_error for a null pointer to elements, shape_error for negative extents.
template <class T>
borrowed<T> borrow(const T* elements, std::initializer_list<integer> shape)
{
    return detail::borrow_elements(elements, detail::extents_of(axes_list(shape, "borrow"), "borrow", {}));
}
template <class T, axis_container C>
borrowed<T> borrow(const T* elements, const C& shape)
{
    if constexpr (std::convertible_to<const C&, shape_view>)
    {
        return detail::borrow_elements(elements, shape_view(shape));
    }
    else
    {
        return detail::borrow_elements(elements, detail::extents_of(axes_list(shape, "borrow"), "borrow", {}));
    }
}

namespace detail
{
/// Values were read that are made of a placeholder, which has none.
class placeholder_read : public error::tape_error
{
public:
    using error::tape_error::tape_error;
};
} // namespace detail

/// What a tape keeps of each instruction.
enum class recording
{
    values, ///< its values, computed when it is recorded
    shapes  ///< its shape only: for planning; value() throws
};

/// An attributes struct on its way onto a tape: how to copy it there, and how to destroy it there if that takes code.
struct payload
{
    const void* attributes = nullptr;
    std::size_t size = 0;
    void (*copy)(void* to, const void* from) = nullptr;
    void (*destroy)(void*) = nullptr;

    payload() = default;
    template <class A>
    explicit payload(const A& a)
        : attributes(&a),
          size(sizeof(A)),
          copy([](void* to, const void* from) { ::new (to) A(*static_cast<const A*>(from)); })
    {
        if constexpr (!std::is_trivially_destructible_v<A>)
        {
            destroy = [](void* a_copy) { static_cast<A*>(a_copy)->~A(); };
        }
    }
    /// Attributes that are on the tape already.
    static payload shared(const void* on_tape)
    {
        payload result;
        result.attributes = on_tape;
        return result;
    }
};

/// A program under construction: a flat sequence of instructions and the memory of their values.
/// T is float or double. Neither copied nor moved, since variables point to it; one thread at a time.
template <class T>
class tape
{
    static_assert(std::same_as<T, float> || std::same_as<T, double>, "A tape is of float or of double: tape<double>.");

    /// What is differentiated while it is recorded; of order 0 nothing.
    struct derivation
    {
        const operation<T>* of = nullptr;
        std::uint8_t order = 0;
    };

public:
    using value_type = T;
    using real = autograd::variable<T>;
    using index_type = autograd::indices<T>;

    explicit tape(recording keep = recording::values);
    ~tape();
    tape(const tape&) = delete; // A tape stays where it is: pass it by reference, keep it in a std::unique_ptr.
    tape& operator=(const tape&) = delete;

    /// \name Leaves
    /// Copies of any xtensor expression (container, view, column-major, strided, lazy), of a number, of nested braces,
    /// or borrowed memory. \{

    /// An input that gradients may be asked for. Shape: that of the array.
    template <array_expression E>
    real variable(const E& array, location where = location::current())
    {
        static_assert(std::is_floating_point_v<typename E::value_type>,
                      "Integer arrays are not differentiable: use tape.constant(array) or tape.index(array).");
        return copy_in(array, true, where);
    }
    real variable(const array<T>& array, location where = location::current()) { return copy_of(array, true, where); }
    template <number N>
    real variable(N number, location where = location::current())
    {
        return scalar(static_cast<T>(number), true, where);
    }
    real variable(const borrowed<T>& lent, location where = location::current())
    {
        return real(leaf(lent.shape, lent.data, true, where));
    }
    template <class U>
    real variable(autograd::variable<U>)
    {
        static_assert(detail::never<U>,
                      "A variable is on a tape already: of its values write tape.constant(x.value()).");
        return {};
    }
    template <detail::plain_numbers C>
    real variable(const C&)
    {
        static_assert(detail::never<C>, "A tape takes xtensor expressions: write tape.variable(xt::adapt(numbers)).");
        return {};
    }

    /// An input that stays what it is: gradients flow past it. Integers and masks are converted to T.
    template <array_expression E>
    real constant(const E& array, location where = location::current())
    {
        return copy_in(array, false, where);
    }
    real constant(const array<T>& array, location where = location::current()) { return copy_of(array, false, where); }
    template <number N>
    real constant(N number, location where = location::current())
    {
        return scalar(static_cast<T>(number), false, where);
    }
    real constant(const borrowed<T>& lent, location where = location::current())
    {
        return real(leaf(lent.shape, lent.data, false, where));
    }
    template <class U>
    real constant(autograd::variable<U>)
    {
        static_assert(detail::never<U>,
                      "A variable is on a tape already: of its values write tape.constant(x.value()).");
        return {};
    }
    template <detail::plain_numbers C>
    real constant(const C&)
    {
        static_assert(detail::never<C>, "A tape takes xtensor expressions: write tape.constant(xt::adapt(numbers)).");
        return {};
    }

    /// Labels, positions: integers of any type, converted to 64 bits. Throws index_error for one that does not fit.
    template <array_expression E>
    index_type index(const E& array, location where = location::current())
    {
        static_assert(std::is_integral_v<typename E::value_type>, "tape.index takes integers.");
        return copy_in_indices(array, where);
    }
    index_type index(const array<std::int64_t>& array, location where = location::current())
    {
        return copy_of(array, where);
    }
    index_type index(const borrowed<std::int64_t>& lent, location where = location::current())
    {
        return index_type(index_leaf(lent.shape, lent.data, where));
    }
    template <detail::other_than<std::int64_t> I>
    index_type index(const borrowed<I>&)
    {
        static_assert(detail::never<I>,
                      "A tape reads integers of 64 bits in place; others it copies: tape.index(array).");
        return {};
    }
    template <std::integral I>
    index_type index(I number, location where = location::current())
    {
        return record_index(detail::element_cast<std::int64_t>(number), where);
    }
    template <class U>
    index_type index(autograd::variable<U>)
    {
        static_assert(detail::never<U>,
                      "A variable is on a tape already: of its values write tape.constant(x.value()).");
        return {};
    }
    template <detail::plain_numbers C>
    index_type index(const C&)
    {
        static_assert(detail::never<C>, "A tape takes xtensor expressions: write tape.index(xt::adapt(numbers)).");
        return {};
    }

    /// The number in every element of a shape, in braces or a container; no storage. Throws shape_error for negative
    /// extents.
    template <axis_container C>
    real full(const C& shape, T number, location where = location::current())
    {
        if constexpr (std::convertible_to<const C&, shape_view>)
        {
            return record_full(shape, number, where);
        }
        else
        {
            return record_full(detail::extents_of(axes_list(shape, "full", where), "full", where), number, where);
        }
    }
    template <std::integral I, std::size_t N>
    real full(const I (&shape)[N], T number, location where = location::current())
    {
        return record_full(detail::extents_of(axes_list(shape, "full", where), "full", where), number, where);
    }
    real full(std::initializer_list<integer> shape, T number, location where = location::current())
    {
        return record_full(detail::extents_of(axes_list(shape, "full", where), "full", where), number, where);
    }
    /// \}

    /// \name Life
    /// \{

    /// Forgets everything; variables become stale, memory is kept for the next recording.
    void clear();

    /// A point in the recording to come back to.
    class position
    {
        friend class tape;
        const tape* of = nullptr;
        std::size_t instructions = 0;
        std::size_t operands = 0;
        std::size_t payloads = 0;
        std::size_t materialised = 0;
        detail::arena::position memory;
        // What was last before the mark, told by when it came: whether it still stands there.
        std::uint32_t generation_of_last = 0;
        std::uint32_t generation_of_last_materialised = 0;
        std::uint32_t clears = 0;
        std::uint32_t scopes = 0;
    };
    position mark() const;
    /// Forgets what was recorded since the mark, its names and scopes, too. Throws tape_error when the mark itself was
    /// cleared or rewound, and for one of another tape.
    void rewind(const position& to);

    /// Calls f, keeps the values of what it returns (a variable, indices, or a pair, tuple, array or vector of them) as
    /// constants, and forgets everything else that it recorded: for inference, where no gradient will be asked.
    /// Returns what f returned, as those constants. Throws what f throws, and tape_error for results without values, of
    /// another tape or stale; in any case what f recorded is forgotten. f may return nothing, too.
    template <class F>
    auto no_history(F&& f);

    std::size_t size() const { return m_instructions.size(); }
    std::uint32_t generation() const { return m_generation; }
    /// Bytes held from the system for values, shapes and attributes, for names and scopes, and for the instructions
    /// themselves.
    std::size_t memory() const;
    /// Of these, the bytes that what is recorded now takes for values, shapes and attributes.
    std::size_t memory_in_use() const { return m_memory.used(); }
    recording keeps() const { return m_keep; }
    /// \}

    /// \name Names
    /// \{

    /// While the returned guard lives, instructions are recorded in this scope: names read "encoder.w". An empty name
    /// adds nothing. Guards that end in another order: the scope is that of the guards left which was opened last.
    class scope_guard
    {
    public:
        scope_guard(autograd::tape<T>& tape, std::string_view name) : m_tape(tape), m_opened(tape.m_names.open(name)) {}
        ~scope_guard() { m_tape.m_names.close(m_opened); }
        scope_guard(const scope_guard&) = delete;

    private:
        autograd::tape<T>& m_tape;
        std::uint64_t m_opened;
    };
    [[nodiscard]] scope_guard scope(std::string_view name) { return scope_guard(*this, name); }
    /// Names the instruction, inside of the scope that it was recorded in; "" takes its name away.
    void set_name(const handle<T>& named, std::string_view name)
    {
        named.checked("name");
        m_names.name(named.index(), name);
    }
    /// The full name with its scopes, or "".
    std::string name_of(std::uint32_t index) const { return m_names.full_name(index, m_instructions[index].scope()); }
    /// \}

    /// \name For those who walk the tape
    /// \{
    const instruction<T>& operator[](std::uint32_t index) const { return m_instructions[index]; }
    std::span<const instruction<T>> instructions() const { return m_instructions; }
    std::span<const std::uint32_t> operands(const instruction<T>& of) const
    {
        return {m_operands.data() + of.first_operand, of.operand_count};
    }
    /// In which generation of the tape the instruction was recorded: tells a stale variable.
    std::uint32_t generation_of(std::uint32_t index) const { return m_generations.of(index); }
    handle<T> handle_of(std::uint32_t index) { return {this, index, generation_of(index)}; }
    /// The values of an instruction, dense; a broadcast gets storage of its own on first demand.
    const void* dense(std::uint32_t index)
    {
        instruction<T>& y = m_instructions[index];
        if (y.strides() != nullptr)
        {
            materialise(y);
        }
        return y.data;
    }
    void require_values(const instruction<T>& of, const char* who) const;

    /// A leaf that has a shape and no values. What is computed of it is recorded, and has none either, whatever the
    /// tape keeps: an outline, which costs no more than its lines. Reading it throws placeholder_read.
    real placeholder(shape_view shape);
    index_type index_placeholder(shape_view shape);
    /// How often somebody asked for values that are not there: the error may have been caught, and the outline is none.
    std::uint32_t placeholder_reads() const { return m_placeholder_reads; }
    void note_placeholder_read() { ++m_placeholder_reads; }
    /// Attributes on the tape that belong to no instruction; they last as what is recorded now.
    const void* keep(const payload& attributes) { return store(attributes); }

    /// Appends the operation applied to the operands, and executes it. Operands of an elementwise operation are
    /// broadcast against each other first. The handles are checked to be alive and of this tape. `given` is the shape
    /// of the result for operations that are told it (reshape, broadcast). Strong guarantee: on an error, whatever was
    /// appended is taken back.
    handle<T> record(const operation<T>& op, std::span<const handle<T>> operands, const payload& attributes,
                     location where, const shape_vector* given = nullptr);
    /// The same of an operation on one operand that is dear and wanted by several others, such as the factorization of
    /// a matrix: where it stands on the tape already, with the same attributes, that instruction.
    handle<T> record_once(const operation<T>& op, const handle<T>& x, const payload& attributes, location where);
    /// Calls f and returns what it returns. Where it throws, everything that it recorded is taken back, so that an
    /// operation made of several is recorded whole or not at all; an error without a line of source gets this one. A
    /// std::bad_alloc becomes a memory_error in the name of the operation; other errors have a name. (record_composite
    /// tells them in that of the whole.)
    template <class F>
    auto together(const char* name, location where, F&& f);
    /// Throws tape_error, in the name of an operation, for operands of several tapes.
    [[noreturn]] static void throw_different_tapes(const char* operation);
    /// An elementwise operation on variables and numbers, of which at least one is a variable.
    static real record_elementwise(const operation<T>& op, std::span<const operand<T>> operands,
                                   const payload& attributes = {});

    /// While it lives, instructions are recorded as if at the line of another. An unknown line leaves the outer one.
    class as_if_at
    {
    public:
        as_if_at(autograd::tape<T>& tape, location where) : m_tape(tape), m_outer(tape.m_as_if_at)
        {
            tape.m_as_if_at = where.or_else(m_outer);
        }
        ~as_if_at() { m_tape.m_as_if_at = m_outer; }
        as_if_at(const as_if_at&) = delete;

    private:
        autograd::tape<T>& m_tape;
        location m_outer;
    };
    /// While it lives, what is recorded is the derivative of an instruction: at its line, and known as that (see
    /// differentiated). What a rule differentiates in turn belongs to the derivative that the rule is of.
    class as_derivative
    {
    public:
        as_derivative(autograd::tape<T>& tape, std::uint32_t of)
            : m_line(tape, tape[of].where()), m_tape(tape), m_outer(tape.m_derivation)
        {
            if (m_outer.order == 0)
            {
                const unsigned order = tape[of].derivative() + 1U;
                tape.m_derivation = {&tape.differentiated(of), static_cast<std::uint8_t>(std::min(order, 255U))};
            }
        }
        ~as_derivative() { m_tape.m_derivation = m_outer; }

    private:
        as_if_at m_line;
        autograd::tape<T>& m_tape;
        derivation m_outer;
    };
    /// While it lives, what is recorded takes the place of an instruction: at its line, and known as the derivative
    /// that it is.
    class in_place_of
    {
    public:
        in_place_of(autograd::tape<T>& tape, std::uint32_t index)
            : m_line(tape, tape[index].where()),
              m_tape(tape),
              m_outer(std::exchange(tape.m_derivation, {&tape.differentiated(index), tape[index].derivative()}))
        {
        }
        ~in_place_of() { m_tape.m_derivation = m_outer; }

    private:
        as_if_at m_line;
        autograd::tape<T>& m_tape;
        derivation m_outer;
    };
    /// What was recorded while a function or a rule of the user's ran that may compute beside the tape, and the
    /// variables and indices whose values it read: what it made of these no program can make of others.
    struct beside
    {
        std::uint32_t first;
        std::uint32_t end;
        std::vector<std::uint32_t> read;
    };
    std::span<const beside> computed_beside() const { return m_beside; }
    /// While one lives, what is recorded may be computed beside the tape. One within another belongs to it.
    class beside_region
    {
    public:
        explicit beside_region(autograd::tape<T>& tape) : m_tape(tape)
        {
            if (tape.m_regions++ == 0)
            {
                tape.m_first_of_region = static_cast<std::uint32_t>(tape.size());
            }
        }
        ~beside_region()
        {
            if (--m_tape.m_regions == 0 && m_tape.is_reading_beside())
            {
                m_tape.m_beside.back().end = static_cast<std::uint32_t>(m_tape.size());
            }
        }
        beside_region(const beside_region&) = delete;

    private:
        autograd::tape<T>& m_tape;
    };
    /// A variable whose values were read, and where; what helps where that is in the way, if there is more to say than
    /// of a custom_vjp.
    struct reading
    {
        handle<T> of;
        location where;
        const char* remedy;
    };
    /// While one lives, the tape notes which variables' values are read: what a rule computes from them is no longer
    /// known to derivatives. One within another notes for both.
    class reading_watch
    {
    public:
        explicit reading_watch(autograd::tape<T>& tape) : m_region(tape), m_tape(tape), m_first(tape.m_readings.size())
        {
            ++tape.m_watches;
        }
        ~reading_watch()
        {
            if (--m_tape.m_watches == 0)
            {
                m_tape.m_readings.clear();
            }
        }
        reading_watch(const reading_watch&) = delete;

        /// Since it began.
        std::span<const reading> readings() const { return std::span(m_tape.m_readings).subspan(m_first); }

    private:
        beside_region m_region;
        autograd::tape<T>& m_tape;
        std::size_t m_first;
    };
    /// While one lives, nothing is noted for derivatives.
    class unwatched
    {
    public:
        explicit unwatched(autograd::tape<T>& tape)
            : m_region(tape),
              m_tape(tape),
              m_watches(std::exchange(tape.m_watches, 0)),
              m_readings(std::move(tape.m_readings))
        {
            tape.m_readings.clear();
        }
        ~unwatched()
        {
            m_tape.m_watches = m_watches;
            m_tape.m_readings = std::move(m_readings);
        }
        unwatched(const unwatched&) = delete;

    private:
        beside_region m_region;
        autograd::tape<T>& m_tape;
        unsigned m_watches;
        std::vector<reading> m_readings; ///< of the watches outside, which watches inside must not touch
    };
    void note_reading(const handle<T>& of, location where, const char* remedy = nullptr)
    {
        if (m_watches != 0)
        {
            m_readings.push_back({of, where, remedy});
        }
        note_reading_beside(of);
    }
    /// The same of what has no derivatives.
    void note_reading_beside(const handle<T>& of)
    {
        if (m_regions == 0)
        {
            return;
        }
        if (!is_reading_beside())
        {
            m_beside.push_back({m_first_of_region, open_end, {}});
        }
        m_beside.back().read.push_back(of.index());
    }

    /// Values that value() or item() gave to somebody, for the first time, and how many instructions there were then:
    /// what was recorded later may rest on them in ways that no program knows.
    struct observation
    {
        std::uint32_t of;
        std::uint32_t before;
        location where;
    };
    std::span<const observation> observations() const { return m_observations; }
    void note_observation(const handle<T>& of, location where)
    {
        instruction<T>& y = m_instructions[of.index()];
        if (!y.observed)
        {
            m_observations.push_back({of.index(), static_cast<std::uint32_t>(size()), where});
            y.observed = true;
        }
    }

    /// The operation that an instruction is a derivative of, of the order that its `derivative` says: that of the
    /// primal, whatever its rule is made of. For a primal its own.
    const operation<T>& differentiated(std::uint32_t index) const;
    /// \}

private:
    using layout = detail::layout;
    struct leaf_memory
    {
        handle<T> named;
        void* data;
    };
    /// From here on, derivatives are those of this operation.
    struct derivatives
    {
        std::uint32_t first;
        const operation<T>* of;
    };
    struct owned_payload
    {
        void* attributes;
        void (*destroy)(void*);
    };
    /// An array taken off the tape: what no_history carries over its rewind.
    struct detached
    {
        shape_vector shape;
        element_kind element;
        std::vector<std::byte> data;
        location where;
    };
    /// A broadcast that was given storage of its own, and what it was before.
    struct materialisation
    {
        std::uint32_t index;
        std::uint32_t generation;
        const void* data;
        const instruction_form* form;
    };

    template <class E>
    static shape_vector shape_of(const E& array, const char* name, location where)
    {
        detail::require_dimension(array.dimension(), name, where);
        return shape_vector(array.shape().begin(), array.shape().end());
    }
    template <class E>
    real copy_in(const E& array, bool differentiable, location where)
    {
        static_assert(std::is_arithmetic_v<typename E::value_type>, "A tape takes arrays of real numbers.");
        const char* const name = differentiable ? "variable" : "constant";
        const shape_vector shape = shape_of(array, name, where);
        return together(name, where, [&] { return real(copy_elements<T>(array, leaf(shape, differentiable, where))); });
    }
    template <class E>
    index_type copy_in_indices(const E& array, location where)
    {
        const shape_vector shape = shape_of(array, "index", where);
        return together("index", where,
                        [&] { return index_type(copy_elements<std::int64_t>(array, index_leaf(shape, where))); });
    }
    template <class To, class E>
    static handle<T> copy_elements(const E& array, const leaf_memory& memory)
    {
        if (memory.data != nullptr) // null: shapes only
        {
            detail::copy_elements(array, static_cast<To*>(memory.data));
        }
        return memory.named;
    }
    real scalar(T number, bool differentiable, location where);
    index_type record_index(std::int64_t number, location where);
    real record_full(shape_view shape, T number, location where);
    /// copy_in of what most leaves are, compiled in the library.
    real copy_of(const array<T>& array, bool differentiable, location where);
    index_type copy_of(const array<std::int64_t>& array, location where);
    [[noreturn]] void throw_out_of_memory(const char* name, location where) const;
    /// Takes back what was recorded since, and throws on what is being handled as `together` tells it.
    [[noreturn]] void give_up(const position& start, const char* name, location where);
    void take_back_if_standing(const position& to);
    leaf_memory leaf(shape_view shape, bool differentiable, location where);
    leaf_memory index_leaf(shape_view shape, location where);
    std::uint32_t append_leaf(const operation<T>& op, shape_view shape, location where);
    std::uint32_t append_full(const layout& result, T number, location where);
    leaf_memory allocate_leaf(const operation<T>& op, shape_view shape, std::size_t element, location where);
    handle<T> leaf(shape_view shape, const T* data, bool differentiable, location where);
    handle<T> index_leaf(shape_view shape, const std::int64_t* data, location where);
    handle<T> borrow_leaf(const operation<T>& op, shape_view shape, const void* data, location where);

    /// Where an instruction that is asked for at some line is said to stand.
    location line_for(location where) const { return m_as_if_at.or_else(where); }
    /// The index of an operand. Throws tape_error, in the name of the operation, for one that is empty, stale or of
    /// another tape.
    std::uint32_t place_of(const handle<T>& operand, const char* operation) const;
    handle<T> record_whole(const operation<T>& op, std::span<std::uint32_t> operands, const payload& attributes,
                           location at, const shape_vector* given);
    bool have_same_shape(std::span<const std::uint32_t> operands) const;
    void broadcast_operands(const operation<T>& op, std::span<std::uint32_t> operands, location where);
    /// What the rule's shape() gives. What it is made of refuses in the name of the operation, too.
    shape_vector shape_of_result(const operation<T>& op, std::span<const std::uint32_t> operands,
                                 const payload& attributes) const;
    static layout layout_of(const instruction<T>& y) { return {y.form->extents, y.size(), y.form->dimension}; }
    /// The shape on the tape: that of an operand or of something else, if it is the same. Throws shape_error, in the
    /// name of the operation, for more elements than a machine can hold.
    layout lay_out(shape_view shape, std::span<const std::uint32_t> operands, const char* operation);
    /// Whether what is recorded now looks for a form or a number that it can share: a short recording does not, which
    /// takes a little more memory and a little less time.
    bool shares() const { return m_instructions.size() >= 4096; }
    /// The form on the tape of what is recorded now; one that is there, if it may be shared.
    const instruction_form* form_of(const layout& result, const void* attributes, bool may_be_shared, location where);
    const T* number_on_tape(T number);
    template <class E>
    const E* on_tape(const E* elements, std::size_t count);
    std::uint32_t append(const operation<T>& op, std::span<const std::uint32_t> operands, const layout& result,
                         const payload& attributes, location where);
    /// The same, with the strides by which a result without elements of its own reads those of its operand.
    std::uint32_t append_as_read(const operation<T>& op, std::span<const std::uint32_t> operands, layout result,
                                 const payload& attributes, location where);
    const void* store(const payload& attributes);
    void execute(instruction<T>& y);
    void compute(instruction<T>& y);
    void share(instruction<T>& y);
    void materialise(instruction<T>& y);
    bool stands(const position& mark) const;
    static constexpr auto open_end = std::numeric_limits<std::uint32_t>::max();
    bool is_reading_beside() const { return !m_beside.empty() && m_beside.back().end == open_end; }
    detached detach(const handle<T>& x);
    handle<T> attach(const detached& array);
    void destroy_payloads(std::size_t from);
    void take_back(const position& to);

    recording m_keep;
    std::uint32_t m_generation = 1;
    std::uint32_t m_clears = 0;
    location m_as_if_at;
    derivation m_derivation;
    std::vector<derivatives> m_derivatives;
    std::vector<reading> m_readings;
    unsigned m_watches = 0;
    std::vector<beside> m_beside;
    std::vector<observation> m_observations;
    std::uint32_t m_placeholder_reads = 0;
    unsigned m_regions = 0;
    std::uint32_t m_first_of_region = 0;
    detail::growing_array<instruction<T>> m_instructions;
    detail::growing_array<std::uint32_t> m_operands;
    detail::generations m_generations;
    detail::arena m_memory;
    detail::shared_parts<T> m_shared;
    std::vector<owned_payload> m_payloads;
    std::vector<materialisation> m_materialised;
    detail::recorded_once m_once;
    detail::names m_names;
};

template <class T>
operand<T>::operand(autograd::variable<T> x, const char* file, std::int64_t line)
    : m_tape(x.tape_pointer()), m_index(x.index()), m_generation(x.generation()), m_where{file, line}
{
}

template <class T>
autograd::variable<T> operand<T>::get() const
{
    return {m_tape, m_index, m_generation};
}

template <class T>
const autograd::variable<T>& autograd::variable<T>::name(std::string_view name) const&
{
    this->tape().set_name(*this, name);
    return *this;
}
template <class T>
autograd::variable<T> autograd::variable<T>::name(std::string_view name) &&
{
    this->tape().set_name(*this, name);
    return *this;
}
template <class T>
const indices<T>& indices<T>::name(std::string_view name) const&
{
    this->tape().set_name(*this, name);
    return *this;
}
template <class T>
indices<T> indices<T>::name(std::string_view name) &&
{
    this->tape().set_name(*this, name);
    return *this;
}

template <class T>
const instruction<T>& handle<T>::checked(const char* operation, const location& where) const
{
    if (m_tape == nullptr)
    {
        detail::throw_empty(operation, where);
    }
    if (m_index >= m_tape->size() || m_tape->generation_of(m_index) != m_generation)
    {
        detail::throw_stale(operation, where);
    }
    return (*m_tape)[m_index];
}

template <class T>
shape_view handle<T>::shape() const
{
    return checked("shape").shape();
}

template <class T>
std::size_t handle<T>::size() const
{
    return checked("size").size();
}

template <class T>
operand<T> detail::where_it_was_recorded(autograd::variable<T> x)
{
    const tape<T>* const on = x.tape_pointer();
    const bool lives = on != nullptr && x.index() < on->size() && on->generation_of(x.index()) == x.generation();
    return {x, lives ? (*on)[x.index()].where() : location{}};
}

template <class T>
auto tape<T>::mark() const -> position
{
    position here;
    here.of = this;
    here.instructions = m_instructions.size();
    here.operands = m_operands.size();
    here.payloads = m_payloads.size();
    here.materialised = m_materialised.size();
    here.memory = m_memory.mark();
    here.generation_of_last = m_instructions.empty() ? 0 : m_generations.of(m_instructions.size() - 1);
    here.generation_of_last_materialised = m_materialised.empty() ? 0 : m_materialised.back().generation;
    here.clears = m_clears;
    here.scopes = m_names.scope_count();
    return here;
}

template <class T>
template <class F>
auto tape<T>::no_history(F&& f)
{
    const position start = mark();
    try
    {
        if constexpr (std::is_void_v<decltype(f())>)
        {
            f();
            rewind(start);
        }
        else
        {
            auto result = f();
            std::vector<detached> values;
            for_each_leaf(result, [&](const auto& leaf) { values.push_back(detach(leaf)); });
            rewind(start);
            auto next = values.begin();
            for_each_leaf(result, [&](auto& leaf) { leaf = std::remove_reference_t<decltype(leaf)>(attach(*next++)); });
            return result;
        }
    }
    catch (...)
    {
        take_back_if_standing(start);
        throw;
    }
}

template <class T>
template <class F>
auto tape<T>::together(const char* name, location where, F&& f)
{
    const position start = mark();
    try
    {
        return f();
    }
    catch (...)
    {
        give_up(start, name, where);
    }
}

} // namespace autograd
