#pragma once

#include "autograd/tape/integers.hpp"
#include "autograd/tape/location.hpp"
#include "autograd/tape/operators.hpp"
#include "autograd/tape/operators_by_mistake.hpp"
#include "autograd/tape/shape.hpp"
#include "autograd/tape/xtensor.hpp"

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace autograd
{

template <class T>
class tape;
template <class T>
struct instruction;

namespace detail
{
/// Throw tape_error, in the name of the operation.
[[noreturn]] void throw_empty(const char* operation, const location& where);
[[noreturn]] void throw_stale(const char* operation, const location& where);
} // namespace detail

/// What names an instruction: the tape, its index, and the tape's generation when it was recorded. 16 bytes, passed by
/// value. The tape owns everything and must outlive its handles. A handle of an instruction that was cleared or rewound
/// is noticed by its generation: using it throws tape_error.
template <class T>
class handle
{
    static_assert(std::same_as<T, float> || std::same_as<T, double>, "A tape is of float or of double: tape<double>.");

public:
    /// Names nothing; using it throws tape_error.
    handle() = default;
    handle(autograd::tape<T>* tape, std::uint32_t index, std::uint32_t generation)
        : m_tape(tape), m_index(index), m_generation(generation)
    {
    }

    /// Whether this names anything (a default-constructed handle does not).
    bool empty() const { return m_tape == nullptr; }
    std::uint32_t index() const { return m_index; }
    std::uint32_t generation() const { return m_generation; }
    autograd::tape<T>* tape_pointer() const { return m_tape; }
    /// The tape that this was recorded on. Throws tape_error, in the name of the operation, for an empty handle.
    autograd::tape<T>& tape(const char* operation = "tape", const location& where = {}) const
    {
        if (m_tape == nullptr)
        {
            detail::throw_empty(operation, where);
        }
        return *m_tape; // whether the handle is stale is told in the name of the operation that uses it
    }

    /// The extents, valid until the tape is cleared or rewound to before this.
    shape_view shape() const;
    /// The extent of one axis; negative ones count from the end. Throws shape_error for an axis out of range.
    template <std::integral I>
    std::size_t shape(I axis) const
    {
        return extent(detail::signed_integer(axis));
    }
    /// The number of axes.
    std::size_t dimension() const { return shape().size(); }
    /// The number of elements.
    std::size_t size() const;

    /// The name given, or "" (a name is for listings, errors and parameters).
    const std::string name() const; // NOLINT: x.name() = "x" names nothing

    /// Throws tape_error, in the name of the operation, unless this names a living instruction.
    const instruction<T>& checked(const char* operation, const location& where = {}) const;

    friend bool same(const handle& a, const handle& b)
    {
        return a.m_tape == b.m_tape && a.m_index == b.m_index && a.m_generation == b.m_generation;
    }

private:
    std::size_t extent(std::int64_t axis) const;

    autograd::tape<T>* m_tape = nullptr;
    std::uint32_t m_index = 0;
    std::uint32_t m_generation = 0;
};

// A statement such as `relu(x);` changes nothing but the tape.
template <class T>
class [[nodiscard("What an operation returns is all that it does: x = relu(x).")]] variable;
template <class T>
class [[nodiscard("What an operation returns is all that it does: i = argsort(x).")]] indices;

namespace detail
{
template <class X>
inline constexpr bool is_variable = false;
template <class T>
inline constexpr bool is_variable<variable<T>> = true;

/// What is taken for a variable of a tape<T>, or for indices, and is none.
template <class X, class T>
concept no_variable = constant_argument<X> || std::same_as<X, indices<T>> ||
    (is_variable<X> && !std::same_as<X, variable<T>>);
template <class X, class T>
concept no_indices = constant_argument<X> || std::same_as<X, variable<T>>;
} // namespace detail

/// An array of T on a tape: the result of a recorded operation. Immutable; operations on it are recorded.
/// It never turns into a bool or a number by itself, since a branch on it would be frozen when recorded: see item().
/// (That an expression does not, x > 0, is said in words of ours; of a variable that has a name, `!x` would be taken
/// for that, too.)
template <class T>
class variable : public handle<T>, public operators<T>
{
public:
    using value_type = T;

    using handle<T>::handle;
    explicit variable(const handle<T>& named) : handle<T>(named) {}
    variable(const variable&) = default;
    /// From now on this names what the other one names; nothing on the tape changes.
    variable& operator=(const variable&) & = default;

    using handle<T>::name;
    /// Names the instruction; returns the same variable.
    const variable& name(std::string_view name) const&;
    variable name(std::string_view name) &&;

    /// The values: a constant xtensor adaptor over the tape's memory, no copy, valid until the tape is cleared or
    /// rewound to before this call. An xt::xarray<T> can be made of it. Throws tape_error when recorded without values.
    /// What a rule of custom_vjp computes from values is lost to further derivatives, which are refused then.
    auto value(location where = location::current()) const
    {
        const T* const elements = observed(where);
        return detail::adapted(elements, this->size(), extents_of(this->shape()));
    }

    /// The only element. Throws shape_error when there are more or none.
    T item(location where = location::current()) const;

    /// The elements, dense and row-major. Throws tape_error when recorded without values.
    const T* data(location where = location::current()) const;

    static std::vector<std::size_t> extents_of(shape_view shape) { return {shape.begin(), shape.end()}; }

    /// \name Mistakes (mistakes.hpp)
    /// \{
    template <detail::no_variable<T> X>
    explicit variable(const X&) = delete; // A variable is on a tape: write tape.variable(array), or tape.constant(3.0).
    template <detail::no_variable<T> X>
    void operator=(const X&) & = delete; // A variable is on a tape: x = tape.constant(3.0), of an array, of y.value().
    template <class X>
    void operator=(X&&) && = delete; // This changes nothing: make the whole anew, by stack, concatenate or where.

    template <number N>
    explicit operator N() const = delete; // Write x.item(): the number that is there, of which no derivative knows.
    explicit operator bool() const&& = delete; // Write where(x > 0, y, z), or x.item() > 0 for a branch that is frozen.
    template <class A>
        requires(xt::is_xexpression<A>::value)
    operator A() const = delete; // Write x.value() where an array is meant: no derivative goes through it.

    template <class... I>
    void operator()(I...) const = delete; // Write view(x, 0, 1) for a part, x.value()(0, 1) for the number in it.
    template <class I>
    void operator[](I) const = delete; // Write view(x, 0) for a part, x.value()(0) for the number in it.
    void reshape(std::initializer_list<integer>) const = delete; // Write x = reshape(x, {3, 4}).
    void begin() const = delete; // Go through the numbers of x.value(), or through variables: split(x, n).
    void end() const;            // a loop looks for both, and one of them is enough to refuse it
    /// \}

private:
    /// data(), and the tape keeps the line.
    const T* observed(location where) const;
};

/// An array of 64-bit integers on a tape of T: labels, positions. Integers have no derivative.
template <class T>
class indices : public handle<T>
{
public:
    using value_type = std::int64_t;

    using handle<T>::handle;
    explicit indices(const handle<T>& named) : handle<T>(named) {}
    indices(const indices&) = default;
    indices& operator=(const indices&) & = default;

    using handle<T>::name;
    const indices& name(std::string_view name) const&;
    indices name(std::string_view name) &&;

    /// The integers: a constant xtensor adaptor over the tape's memory, no copy, valid as variable::value() is.
    auto value(location where = location::current()) const
    {
        const std::int64_t* const elements = observed(where);
        return detail::adapted(elements, this->size(), variable<T>::extents_of(this->shape()));
    }

    std::int64_t item(location where = location::current()) const;
    const std::int64_t* data(location where = location::current()) const;

    /// \name Mistakes (mistakes.hpp)
    /// \{
    template <constant_argument A>
    explicit indices(const A&) = delete; // Integers are on a tape, too: i = tape.index(array).
    template <detail::no_indices<T> X>
    void operator=(const X&) & = delete; // Integers are on a tape, too: i = tape.index(array).
    template <class X>
    void operator=(X&&) && = delete; // This changes nothing: make the whole anew, and put it on a tape by tape.index.

    template <number N>
    explicit operator N() const = delete; // Write i.item() for the integer that is there.
    template <class... I>
    void operator()(I...) const = delete; // Write i.value()(0, 1) for the integer that is there.
    template <class I>
    void operator[](I) const = delete; // Write i.value()(0) for the integer that is there.
    void begin() const = delete;       // Go through i.value().
    void end() const;
    /// \}

private:
    const std::int64_t* observed(location where) const;
};

namespace detail
{
/// For a static_assert that fails when it is met.
template <class>
inline constexpr bool never = false;

/// What fits where nothing else does: for a mistake.
struct anything
{
    template <class X>
    anything(const X&)
    {
    }
};
/// The same for arrays: whatever takes them as they are is preferred.
struct any_array
{
    template <array_expression X>
    any_array(const X&)
    {
    }
};
} // namespace detail

} // namespace autograd
