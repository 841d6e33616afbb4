#pragma once

#include "autograd/operations/random.hpp"

namespace autograd
{

/// A source of random numbers for programs on a tape: its key is an operand, and it has no state. The same generator
/// always gives the same numbers; other numbers come from another key (for the next step of training), or from another
/// of its streams (for another layer of the same step).
///
///     const autograd::counter_generator random(tape.index(step));
///     const auto mask = random.stream(0).uniform(x.shape()) < 0.5;
template <class T>
class counter_generator
{
public:
    /// The key: one integer, or two. All of them are equally good.
    explicit counter_generator(indices<T> key) : m_key(key) {}

    indices<T> key() const { return m_key; }

    /// The n-th generator of this one: its numbers are unrelated to those of this one and of other n. Streams of
    /// streams are told apart by 64 bits, made by the finalizer of splitmix64 (Steele, Lea, Flood 2014).
    counter_generator stream(std::uint64_t n) const
    {
        counter_generator result = *this;
        std::uint64_t mixed = m_stream + (n + 1) * 0x9E3779B97F4A7C15u;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9u;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBu;
        result.m_stream = mixed ^ (mixed >> 31);
        return result;
    }

    /// Numbers that are uniform over [0, 1). See random_uniform.
    variable<T> uniform(const shape_vector& shape, location where = location::current()) const
    {
        return random_uniform(m_key, shape, m_stream, where);
    }

private:
    indices<T> m_key;
    std::uint64_t m_stream = 0;
};

} // namespace autograd
