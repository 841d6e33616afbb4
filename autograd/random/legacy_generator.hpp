#pragma once

#include "autograd/tape/xtensor.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace autograd::random
{

/// The complete state of a legacy_generator: with it a stream goes on at the bit where it was left.
///
/// The four members are those of NumPy's `RandomState.get_state()`, with the same values at the same point of the
/// stream, so a state can be carried from one to the other.
struct legacy_state
{
    /// The number of 32-bit words in the state of MT19937.
    static constexpr std::size_t key_size = 624;

    /// The words of the current block, before tempering.
    std::array<std::uint32_t, key_size> key{};
    /// The words of the block already handed out: 0 to key_size; at key_size the next draw makes a new block.
    std::size_t position = key_size;
    /// Whether the second value of the last normal pair still waits to be handed out.
    bool has_gauss = false;
    /// That second value; 0 where there is none.
    double cached_gauss = 0.0;

    friend bool operator==(const legacy_state&, const legacy_state&) = default;
};

/// The random stream of NumPy's legacy `numpy.random.RandomState(seed)`, bit for bit.
///
/// NumPy froze this stream for good (NEP 19, "Random Number Generator Policy"), so that a seed given in a paper or a
/// notebook keeps its meaning. The words come from MT19937 (M. Matsumoto and T. Nishimura, "Mersenne Twister: a
/// 623-dimensionally equidistributed uniform pseudorandom number generator", ACM TOMACS 8(1), 1998), the normal values
/// from Marsaglia's polar method (G. Marsaglia and T. A. Bray, "A convenient method for generating normal variables",
/// SIAM Review 6(3), 1964), the permutations from the Fisher-Yates shuffle (Knuth, TAOCP vol. 2, 3.4.2, algorithm P).
///
/// Arrays are filled in row-major order, one draw after the other; an array of a given shape therefore holds exactly
/// what as many scalar draws would have given. The empty shape `{}` makes a 0-dimensional array of one value.
///
/// Every function that throws does so before its first draw: the stream is then where it was. Every function that makes
/// an array throws error::shape_error if its number of values cannot be addressed, error::memory_error if the machine
/// does not have the memory.
///
/// A copy is an independent generator that goes on with the same stream. One generator must not be used from two
/// threads at a time. It is not for cryptography.
class legacy_generator
{
public:
    using shape_type = std::vector<std::size_t>;

    /// A generator seeded as `RandomState(seed)` is.
    ///
    /// The seed is a required argument: a run that nobody can repeat has to be asked for.
    /// Throws error::value_error unless 0 <= seed <= 4294967295.
    explicit legacy_generator(std::int64_t seed);

    /// A generator that goes on where `state` was taken.
    ///
    /// Throws error::value_error if no generator can be in that state (see set_state).
    explicit legacy_generator(const legacy_state& state);

    /// The state at this point of the stream.
    const legacy_state& state() const noexcept { return m_state; }

    /// Goes on where `state` was taken.
    ///
    /// Throws error::value_error if the position is above 624, if the words are those from which MT19937 yields zeros
    /// for ever, or if the cached normal value is not finite, or not 0 though has_gauss is false.
    void set_state(const legacy_state& state);

    /// Two generators are equal if all that they will ever draw is equal.
    friend bool operator==(const legacy_generator&, const legacy_generator&) = default;

    /// One value of the uniform distribution over [0, 1), with 53 random bits.
    double rand();

    /// Values of the uniform distribution over [0, 1) in an array of the given shape.
    array<double> rand(const shape_type& shape);

    /// One value of the standard normal distribution.
    ///
    /// The polar method makes two values at a time; the second waits for the next call of a normal function, whatever
    /// else is drawn in between.
    double randn();

    /// Values of the standard normal distribution in an array of the given shape.
    array<double> randn(const shape_type& shape);

    /// One value of the uniform distribution over [low, high); low itself if both are equal.
    ///
    /// Rounding of low + (high - low) * u can give high in rare cases, as it can in NumPy.
    /// Throws error::value_error unless low <= high and high - low is finite.
    double uniform(double low, double high);

    /// Values of the uniform distribution over [low, high) in an array of the given shape.
    ///
    /// Throws as the overload without a shape.
    array<double> uniform(double low, double high, const shape_type& shape);

    /// One value of the normal distribution.
    ///
    /// Throws error::value_error unless both arguments are finite and standard_deviation >= 0.
    double normal(double mean, double standard_deviation);

    /// Values of the normal distribution in an array of the given shape.
    ///
    /// Throws as the overload without a shape.
    array<double> normal(double mean, double standard_deviation, const shape_type& shape);

    /// One integer, all of low, ..., high - 1 equally likely: NumPy's `randint` with dtype int64.
    ///
    /// Throws error::value_error unless low < high.
    std::int64_t randint(std::int64_t low, std::int64_t high);

    /// Integers, all of low, ..., high - 1 equally likely, in an array of the given shape.
    ///
    /// Throws as the overload without a shape.
    array<std::int64_t> randint(std::int64_t low, std::int64_t high, const shape_type& shape);

    /// One integer, all of low, ..., high equally likely: NumPy's `random_integers`.
    ///
    /// With the upper end included, it also reaches the greatest std::int64_t, which randint cannot.
    /// Throws error::value_error unless low <= high.
    std::int64_t random_integers(std::int64_t low, std::int64_t high);

    /// Integers, all of low, ..., high equally likely, in an array of the given shape.
    ///
    /// Throws as the overload without a shape.
    array<std::int64_t> random_integers(std::int64_t low, std::int64_t high, const shape_type& shape);

    /// The numbers 0, ..., count - 1 in random order; the shape is {count}.
    array<std::int64_t> permutation(std::size_t count);

    /// The array with its slices along axis 0 in random order; the shape stays.
    ///
    /// Throws error::shape_error if the array has no axis.
    template <class T>
    array<T> permutation(const array<T>& array);

    /// Puts the slices along axis 0 of the array into random order, in place.
    ///
    /// As in NumPy, an array without values draws nothing. Throws error::shape_error if the array has no axis.
    template <class T>
    void shuffle(array<T>& array);

    /// Puts the items into random order, in place, as NumPy's `shuffle` does with a list.
    template <class T>
    void shuffle(std::vector<T>& items);

    /// One of the numbers 0, ..., count - 1: NumPy's `choice(count)`.
    ///
    /// Throws error::value_error if count is 0 or above the greatest std::int64_t.
    std::int64_t choice(std::size_t count);

    /// Some of the numbers 0, ..., count - 1 in an array of the given shape: NumPy's `choice(count, shape, replace)`.
    ///
    /// With `replace` a number can come more than once. Without, a whole permutation is drawn and its beginning taken.
    /// Throws error::value_error if count is 0 though numbers are asked for, if it is above the greatest std::int64_t,
    /// or if `replace` is false and the shape has more than count values.
    array<std::int64_t> choice(std::size_t count, const shape_type& shape, bool replace = true);

private:
    void make_block() noexcept;
    std::uint32_t next_word() noexcept;
    std::uint64_t interval(std::uint64_t greatest) noexcept;

    static void require_axis(const char* where, std::size_t dimension);

    legacy_state m_state;
};

template <class T>
array<T> legacy_generator::permutation(const array<T>& array)
{
    require_axis("permutation", array.dimension());

    const std::size_t length = array.shape()[0];
    autograd::array<T> result = autograd::array<T>::from_shape(array.shape());
    const autograd::array<std::int64_t> order = permutation(length);
    if (array.size() == 0)
    {
        return result;
    }

    const std::size_t slice = array.size() / length;
    for (std::size_t i = 0; i < length; ++i)
    {
        const auto source = static_cast<std::size_t>(order.data()[i]);
        std::copy_n(array.data() + source * slice, slice, result.data() + i * slice);
    }
    return result;
}

template <class T>
void legacy_generator::shuffle(array<T>& array)
{
    require_axis("shuffle", array.dimension());
    if (array.size() == 0)
    {
        return;
    }

    const std::size_t length = array.shape()[0];
    const std::size_t slice = array.size() / length;
    T* const data = array.data();
    for (std::size_t i = length - 1; i > 0; --i)
    {
        const auto j = static_cast<std::size_t>(interval(i));
        // A slice must not be swapped with itself: std::swap_ranges asks for ranges that do not overlap.
        if (i != j)
        {
            std::swap_ranges(data + i * slice, data + (i + 1) * slice, data + j * slice);
        }
    }
}

template <class T>
void legacy_generator::shuffle(std::vector<T>& items)
{
    for (std::size_t i = items.size(); i-- > 1;)
    {
        const auto j = static_cast<std::size_t>(interval(i));
        if (i != j)
        {
            // Unqualified, so that the proxies of std::vector<bool> find their own swap.
            using std::swap;
            swap(items[i], items[j]);
        }
    }
}

} // namespace autograd::random
