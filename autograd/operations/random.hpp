#pragma once

#include "autograd/kernels/random.hpp"
#include "autograd/operations/indexing.hpp"

/// Random numbers as a function of a key, which is an operand: the same key gives the same numbers, another one others.
/// \ingroup random
namespace autograd
{

namespace detail
{

/// What is drawn how often, from which stream of a key.
struct random_draw
{
    shape_vector shape;
    std::uint64_t stream;

    bool same(const random_draw& other) const
    {
        return shape_view(shape) == shape_view(other.shape) && stream == other.stream;
    }
    std::string text() const
    {
        return "shape " + to_text(shape) + (stream == 0 ? "" : ", stream " + std::to_string(stream));
    }
    /// That of the result. Throws shape_error unless the key is one integer, or two.
    const shape_vector& checked(const char* name, shape_view key) const
    {
        if (element_count(key) != 1 && element_count(key) != 2)
        {
            throw error::shape_error(name, "the key has shape ", key, "; a key is one integer, or two.");
        }
        return shape;
    }
    template <class T>
    kernels::random_stream from(const evaluation<T>& call) const
    {
        const std::int64_t* key = call.indices(0);
        const std::int64_t second = call.operands[0].size == 2 ? key[1] : 0;
        return {{static_cast<std::uint64_t>(key[0]), static_cast<std::uint64_t>(second)}, stream};
    }
};

} // namespace detail

struct random_uniform_rule : general
{
    static constexpr auto name = "random_uniform";
    static constexpr auto not_differentiable = of_integers;
    static constexpr bool draws = true;
    using attributes = detail::random_draw;
    static std::string print(const attributes& a) { return a.text(); }

    static shape_vector shape(std::span<const shape_view> operands, const attributes& a)
    {
        return a.checked(name, operands[0]);
    }
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a)
    {
        kernels::uniform(a.from(call), call.size, call.out());
    }
    static void samples(auto& s)
    {
        const auto draw = [](auto key) { return random_uniform(key, {2, 5}); };
        s.call("one integer", "np.random.Generator(np.random.Philox(key=int(i))).random((2, 5))", draw,
               s.integers({}, {7}));
        s.call("two integers", "np.random.Generator(np.random.Philox(key=i.astype(np.uint64))).random((2, 5))", draw,
               s.integers({2}, {-3, 1234567890123}));
        s.call(
            "a scalar", "np.asarray(np.random.Generator(np.random.Philox(key=0)).random())",
            [](auto key) { return random_uniform(key, {}); }, s.integers({1}, {0}));
        s.call(
            "another stream", "np.random.Generator(np.random.Philox(key=5, counter=[0, 0, 0, 3])).random(9)",
            [](auto key) { return random_uniform(key, {9}, 3); }, s.integers({}, {5}));
        s.call(
            "nothing", "np.zeros((3, 0))",
            [](auto key) {
                return random_uniform(key, {3, 0});
            },
            s.integers({}, {5}));
        s.error("key", draw, "autograd: random_uniform: the key has shape (3,); a key is one integer, or two.",
                s.integers({3}, {1, 2, 3}));
    }
};
AUTOGRAD_OPERATION(random_uniform_rule)

/// Numbers that are uniform over [0, 1), a pure function of the key (one integer, or two) and of the number of a
/// stream. Shape: as given. Gradient: none. Throws shape_error for a key of another size. Stream 0 in double is NumPy's
/// `Generator(Philox(key)).random(shape)`, bit for bit; in float it is the same numbers, cut to 24 bits.
/// (Philox4x64-10, Salmon et al. 2011.) counter_generator gives out streams.
template <class T>
variable<T> random_uniform(indices<T> key, const shape_vector& shape, std::uint64_t stream = 0,
                           location where = location::current())
{
    return record<random_uniform_rule, T>(where, key, random_uniform_rule::attributes{shape, stream});
}

struct random_normal_rule : general
{
    static constexpr auto name = "random_normal";
    static constexpr auto not_differentiable = of_integers;
    static constexpr bool draws = true;
    using attributes = detail::random_draw;
    static std::string print(const attributes& a) { return a.text(); }

    static shape_vector shape(std::span<const shape_view> operands, const attributes& a)
    {
        return a.checked(name, operands[0]);
    }
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a)
    {
        kernels::normal(a.from(call), call.size, call.out());
    }
    static void samples(auto& s)
    {
        const auto draw = [](auto key) { return random_normal(key, {2, 5}); };
        const std::string words = "((np.random.Philox(key=int(i)).random_raw(10) >> np.uint64(12)) + 0.5)";
        s.call("one integer", "sp.ndtri(" + words + " / 2.0**52).reshape(2, 5)", draw, s.integers({}, {7}));
        s.call(
            "another stream",
            "sp.ndtri(((np.random.Philox(key=5, counter=[0, 0, 0, 3]).random_raw(9) >> np.uint64(12)) + 0.5) / "
            "2.0**52)",
            [](auto key) { return random_normal(key, {9}, 3); }, s.integers({}, {5}));
        s.call(
            "nothing", "np.zeros((3, 0))",
            [](auto key) {
                return random_normal(key, {3, 0});
            },
            s.integers({}, {5}));
        s.error("key", draw, "autograd: random_normal: the key has shape (3,); a key is one integer, or two.",
                s.integers({3}, {1, 2, 3}));
    }
};
AUTOGRAD_OPERATION(random_normal_rule)

/// Numbers of the standard normal distribution, a pure function of the key and of the number of a stream, as
/// random_uniform is. Shape: as given. Gradient: none. Throws shape_error for a key of another size. The same on every
/// machine: the quantile (Wichura 1988, AS 241) at (n + 1/2) / 2^52, n the upper 52 bits of each word of Philox; none
/// is beyond 8.3. In float they are those of double, rounded.
template <class T>
variable<T> random_normal(indices<T> key, const shape_vector& shape, std::uint64_t stream = 0,
                          location where = location::current())
{
    return record<random_normal_rule, T>(where, key, random_normal_rule::attributes{shape, stream});
}

struct random_integers_rule : general
{
    static constexpr auto name = "random_integers";
    static constexpr auto element = element_kind::index;
    static constexpr auto not_differentiable = of_integers;
    static constexpr bool draws = true;
    struct attributes
    {
        detail::random_draw draw;
        std::int64_t low;
        std::int64_t high;

        bool same(const attributes& other) const
        {
            return draw.same(other.draw) && low == other.low && high == other.high;
        }
    };
    static std::string print(const attributes& a)
    {
        return "from " + std::to_string(a.low) + " to " + std::to_string(a.high) + ", " + a.draw.text();
    }

    static shape_vector shape(std::span<const shape_view> operands, const attributes& a)
    {
        return a.draw.checked(name, operands[0]);
    }
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a)
    {
        const std::uint64_t count = static_cast<std::uint64_t>(a.high) - static_cast<std::uint64_t>(a.low);
        kernels::integers(a.draw.from(call), a.low, count, call.size, call.out_indices());
    }
    static void samples(auto& s)
    {
        const std::string words = "np.random.Philox(key=int(i)).random_raw(10).reshape(2, 5)";
        const auto draw = [](auto key) { return random_integers(key, -3, 7, {2, 5}); };
        s.call("from -3 to 7", "np.vectorize(lambda w: (int(w) * 10 >> 64) - 3)(" + words + ")", draw,
               s.integers({}, {7}));
        s.call(
            "one of one", "np.full(4, 5)", [](auto key) { return random_integers(key, 5, 6, {4}); },
            s.integers({}, {7}));
        s.call(
            "nothing", "np.zeros((3, 0))",
            [](auto key) {
                return random_integers(key, 0, 2, {3, 0});
            },
            s.integers({}, {5}));
        s.error(
            "no integer", [](auto key) { return random_integers(key, 3, 3, {4}); },
            "autograd: random_integers: low is 3 and high is 3; low must be less than high.", s.integers({}, {5}));
        s.error("key", draw, "autograd: random_integers: the key has shape (3,); a key is one integer, or two.",
                s.integers({3}, {1, 2, 3}));
    }
};
AUTOGRAD_OPERATION(random_integers_rule)

/// Integers from low to high - 1, all equally likely (but for 2^-64), a pure function of the key and of the number of a
/// stream, as random_uniform is. Shape: as given. Gradient: none. Throws shape_error for a key of another size,
/// value_error unless low is less than high.
template <class T>
indices<T> random_integers(indices<T> key, std::int64_t low, std::int64_t high, const shape_vector& shape,
                           std::uint64_t stream = 0, location where = location::current())
{
    if (low >= high)
    {
        throw error::value_error(where, random_integers_rule::name, "low is ", low, " and high is ", high,
                                 "; low must be less than high.");
    }
    return indices<T>(
        record<random_integers_rule, T>(where, key, random_integers_rule::attributes{{shape, stream}, low, high}));
}

struct random_permutation_rule : general
{
    static constexpr auto name = "random_permutation";
    static constexpr auto element = element_kind::index;
    static constexpr auto not_differentiable = of_integers;
    static constexpr bool draws = true;
    using attributes = detail::random_draw;
    static std::string print(const attributes& a) { return a.text(); }

    static shape_vector shape(std::span<const shape_view> operands, const attributes& a)
    {
        return a.checked(name, operands[0]);
    }
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a)
    {
        kernels::permutation(a.from(call), call.size, call.out_indices(), call.scratch);
    }
    template <class T>
    static std::size_t scratch(const evaluation<T>& call, const attributes&)
    {
        return kernels::scratch_of_permutation(call.size);
    }
    static void samples(auto& s)
    {
        s.call(
            "of 9", "np.argsort(np.random.Philox(key=int(i)).random_raw(9), kind='stable')",
            [](auto key) { return random_permutation(key, 9); }, s.integers({}, {7}));
        s.call(
            "of nothing", "np.zeros(0)", [](auto key) { return random_permutation(key, 0); }, s.integers({}, {5}));
        s.error(
            "key", [](auto key) { return random_permutation(key, 9); },
            "autograd: random_permutation: the key has shape (3,); a key is one integer, or two.",
            s.integers({3}, {1, 2, 3}));
    }
};
AUTOGRAD_OPERATION(random_permutation_rule)

/// The integers from 0 to count - 1 in a random order, a pure function of the key and of the number of a stream, as
/// random_uniform is. Shape: (count,). Gradient: none. Throws shape_error for a key of another size.
template <class T>
indices<T> random_permutation(indices<T> key, std::size_t count, std::uint64_t stream = 0,
                              location where = location::current())
{
    return indices<T>(
        record<random_permutation_rule, T>(where, key, random_permutation_rule::attributes{{count}, stream}));
}

} // namespace autograd
