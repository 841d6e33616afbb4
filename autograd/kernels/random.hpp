#pragma once

#include "autograd/kernels/scratch.hpp"

#include <array>
#include <cstdint>

/// Random numbers as a function of a key and the number of a stream: the i-th is made of the i-th word of
/// Philox4x64-10. Stream 0 is NumPy's. They are the same on every machine: what they are computed with is rounded alike
/// everywhere.
namespace autograd::kernels
{

/// What the words are a function of.
struct random_stream
{
    std::array<std::uint64_t, 2> key;
    std::uint64_t number;
};

/// y[i] uniform over [0, 1): the top 53 bits of each word for double, the top 24 for float, which is so the double's
/// value, cut.
template <class T>
void uniform(const random_stream& from, std::size_t size, T* y);

/// y[i] of the standard normal distribution: its quantile at (n + 1/2) / 2^52, n the top 52 bits of each word. For
/// float that of double, rounded.
template <class T>
void normal(const random_stream& from, std::size_t size, T* y);

/// y[i] of the integers low, ..., low + count - 1, all equally likely but for 2^-64: low + floor(word count / 2^64)
/// (Lemire 2019, Fast random integer generation in an interval, without its rejections). A count of 0 stands for 2^64.
void integers(const random_stream& from, std::int64_t low, std::uint64_t count, std::size_t size, std::int64_t* y);

/// The numbers 0, ..., size - 1 in a random order: that of as many words. `scratch` has scratch_of_permutation() bytes.
void permutation(const random_stream& from, std::size_t size, std::int64_t* y, scratch_memory scratch);
std::size_t scratch_of_permutation(std::size_t size);

} // namespace autograd::kernels
