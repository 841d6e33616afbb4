#pragma once

#include "autograd/tape/shape.hpp"

#include <cstdint>
#include <span>
#include <string>

namespace autograd
{

template <class T>
class variable;
template <class T>
class pullback;
template <class T>
class pushforward;
template <class T>
class recorded;
template <class T>
class batched_call;

/// How much an author has to say of a derivative; the rest follows (see operations/rule.hpp).
enum class rule_kind : std::uint8_t
{
    leaf,
    elementwise,
    linear,
    bilinear,
    general
};

/// Where an instruction's values live.
enum class storage_kind : std::uint8_t
{
    own,      ///< in memory of its own, dense and row-major
    shared,   ///< in its last operand's, under another shape
    broadcast ///< in its operand's, read with strides of 0
};

/// What an instruction's values are.
enum class element_kind : std::uint8_t
{
    real, ///< T
    index ///< std::int64_t: labels, positions; never differentiated
};

/// How an operation takes a part of an array, if that is all that it does (operations/assembling.hpp).
enum class part_kind : std::uint8_t
{
    none,
    slice,
    gather,
    take_along_axis
};

/// An array as a kernel reads it.
struct array_view
{
    const void* data = nullptr;
    shape_view shape;
    std::size_t size = 0;
    const std::ptrdiff_t* strides = nullptr; ///< in elements; null when dense and row-major

    bool dense() const { return strides == nullptr; }
    template <class T>
    const T* as() const
    {
        return static_cast<const T*>(data);
    }
};

/// The most operands of an elementwise operation, so that all that is kept for each lies on the stack.
inline constexpr std::size_t most_operands = 32;

/// One operand of a run: consecutive elements, or one element for all.
template <class T>
struct run_operand
{
    const T* data;
    bool splat;
};

/// Computes `count` consecutive results of an elementwise operation. They may take the place of the elements of a dense
/// operand that they are made of, and overlap no others.
template <class T>
using run_function = void (*)(const run_operand<T>* operands, T* result, std::size_t count, const void* attributes);

/// One execution of an operation, for the forward of its rule: what it reads, where it writes. It is called as the
/// operation is recorded, on tapes that keep values, where what it throws takes the recording back; and in each run of
/// a program. Arrays are dense and row-major, operands of rules with `reads_broadcasts` excepted; the result overlaps
/// no operand, but for operand 0 of rules that are `in_place`, which it may be. Any of them may have no elements.
template <class T>
struct evaluation
{
    std::span<const array_view> operands; ///< shape and size of each, in the order in which they were recorded
    shape_view shape;                     ///< of the result, as the rule's shape() gave it
    std::size_t size;                     ///< how many elements that is
    void* result;                         ///< not initialised: forward writes every element
    const void* attributes;               ///< the rule's struct, which forward gets as second argument; or null
    void* scratch = nullptr;              ///< the bytes that the rule's scratch() asked for, not initialised

    /// The elements of operand k, operands[k].size of them: of a variable, or of indices.
    const T* in(std::size_t k) const { return operands[k].template as<T>(); }
    const std::int64_t* indices(std::size_t k) const { return operands[k].template as<std::int64_t>(); }

    /// Where the elements of the result go: real ones, or those of a rule with `element = element_kind::index`.
    T* out() const { return static_cast<T*>(result); }
    std::int64_t* out_indices() const { return static_cast<std::int64_t*>(result); }
};

/// How the attributes of an operation are kept apart from the tape that they were recorded on.
struct attributes_type
{
    std::size_t (*size)(const void* attributes);      ///< in bytes
    void (*copy)(void* to, const void* attributes);   ///< one that depends on nothing of the tape
    void (*destroy)(void* attributes);                ///< null where that takes no code
    bool (*same)(const void* one, const void* other); ///< whether the operation does the same with both, bit for bit;
                                                      ///< null where nobody can tell
    std::size_t (*hash)(const void* attributes);      ///< equal of those that are the same; null: they are few
};

/// Everything that anybody asks of an operation: static, immutable, one for each rule and T. Those who walk a tape
/// (execution, differentiation, display) ask these members and know no operation by name.
template <class T>
struct operation
{
    const char* name;
    const char* latex; ///< #1, #2 stand for the operands; null: \operatorname{name}(...)
    rule_kind kind;
    storage_kind storage = storage_kind::own;
    element_kind element = element_kind::real;
    bool reads_broadcasts = false; ///< forward understands strides
    bool in_place = false;         ///< forward understands that its result may be operand 0, where that is dense
    /// Its result was computed from its operands' values beside the tape: nobody can compute it for others.
    bool beside_tape = false;
    /// A check: its result has no elements, and forward throws where the values of its operands are not what they must
    /// be. What is recorded behind it rests on it, and no derivative knows of it.
    bool checks = false;
    /// Forward may throw, as its operands' values are.
    bool throws = false;
    /// Random numbers, a function of operand 0, the key.
    bool draws = false;
    /// Bit k: a derivative with respect to operand k is declared.
    std::uint64_t differentiable = 0;
    /// Why the operands outside of that mask have none; the error that asks for one prints it.
    const char* reason = nullptr;
    /// What is said where its result is NaN though no operand is; null where there is nothing to say.
    const char* remedy_of_nan = nullptr;

    /// The shape of the result; throws where the operands break the rule. Null for elementwise (that of the operands).
    shape_vector (*shape)(std::span<const shape_view> operands, const void* attributes) = nullptr;
    void (*forward)(const evaluation<T>&) = nullptr;
    /// Of an elementwise one: what forward calls for each run of consecutive elements, on the instruction set chosen.
    run_function<T> (*run)() = nullptr;
    /// How many bytes beside the result forward wants, by the shapes and attributes alone; null where it wants none.
    std::size_t (*scratch)(const evaluation<T>&) = nullptr;
    /// How many multiplications and additions it takes, by the same; null: one for each element of the result, or of an
    /// operand that has more.
    std::uint64_t (*flops)(const evaluation<T>&) = nullptr;
    void (*vjp)(pullback<T>&) = nullptr;
    variable<T> (*jvp)(const pushforward<T>&) = nullptr;
    /// The operation for many directions at once (operations/batched.hpp). Null: for one after the other.
    variable<T> (*batched)(const batched_call<T>&) = nullptr;
    /// Of a linear one that takes a part of its operand 0: the cotangents of many parts become one array.
    part_kind takes = part_kind::none;
    /// The same value out of simpler operations, recorded; null for primitives.
    variable<T> (*expand)(const recorded<T>&) = nullptr;
    /// Of an elementwise one: the operation that repeats an operand of a smaller shape.
    const operation<T>* broadcast = nullptr;
    /// For the fused pull of an elementwise rule: whose, and of which of its operands.
    const operation<T>* pull_of = nullptr;
    std::size_t pulled_operand = 0;
    /// Of the attributes, for operations that have some.
    const attributes_type* attributes = nullptr;
    /// The attributes as they stand in a listing, for example "axes {0, 2}".
    std::string (*print)(const void* attributes) = nullptr;

    bool is_differentiable(std::size_t operand) const { return (differentiable >> (operand < 63 ? operand : 63)) & 1; }
};

} // namespace autograd
