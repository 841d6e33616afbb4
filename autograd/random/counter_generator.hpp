#pragma once

#include "autograd/operations/comparison.hpp"
#include "autograd/operations/random.hpp"

namespace autograd
{

namespace detail
{
/// Throws value_error unless p is from 0 to 1.
void require_probability(double p, const char* operation, location where);
} // namespace detail

/// A source of random numbers for programs on a tape: its key is an operand, and it has no state. The same generator
/// always gives the same numbers; other numbers come from another key (for the next step of training), or from another
/// of its streams (for another layer of the same step).
///
///     const autograd::counter_generator random(tape.index(step));
///     const auto mask = random.stream(0).uniform(x.shape()) < 0.5;
///
/// \ingroup random
template <class T>
class counter_generator
{
public:
    /// The key: one integer, or two. All of them are equally good.
    explicit counter_generator(indices<T> key) : m_key(key) {}
    template <number N>
    explicit counter_generator(N) = delete; // The key is on a tape: counter_generator(tape.index(seed)).

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

    /// Numbers of the standard normal distribution, the same on every machine. See random_normal.
    variable<T> normal(const shape_vector& shape, location where = location::current()) const
    {
        return random_normal(m_key, shape, m_stream, where);
    }
    /// Integers from low to high - 1. See random_integers.
    indices<T> integers(std::int64_t low, std::int64_t high, const shape_vector& shape,
                        location where = location::current()) const
    {
        return random_integers(m_key, low, high, shape, m_stream, where);
    }
    /// 1 with the probability p, else 0: uniform(shape) < p. Gradient: none. Throws value_error unless p is from 0
    /// to 1.
    variable<T> bernoulli(double p, const shape_vector& shape, location where = location::current()) const
    {
        detail::require_probability(p, "bernoulli", where);
        return record_elementwise<less_rule, T>(operand<T>(uniform(shape, where), where), operand<T>(p, where));
    }
    /// The integers from 0 to count - 1 in a random order. See random_permutation.
    indices<T> permutation(std::size_t count, location where = location::current()) const
    {
        return random_permutation(m_key, count, m_stream, where);
    }

private:
    indices<T> m_key;
    std::uint64_t m_stream = 0;
};

} // namespace autograd
