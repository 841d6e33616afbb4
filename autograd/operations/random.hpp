#pragma once

#include "autograd/kernels/random.hpp"
#include "autograd/operations/indexing.hpp"

/// Random numbers as a function of a key, which is an operand: a compiled program draws new ones for a new key.
namespace autograd
{

struct random_uniform_rule : general
{
    static constexpr auto name = "random_uniform";
    static constexpr auto not_differentiable = of_integers;
    struct attributes
    {
        shape_vector shape;
        std::uint64_t stream;
    };
    static std::string print(const attributes& a)
    {
        return "shape " + to_string(a.shape) + (a.stream == 0 ? "" : ", stream " + std::to_string(a.stream));
    }

    static shape_vector shape(std::span<const shape_view> operands, const attributes& a)
    {
        if (element_count(operands[0]) != 1 && element_count(operands[0]) != 2)
        {
            throw error::shape_error(name, "the key has shape ", operands[0], "; a key is one integer, or two.");
        }
        return a.shape;
    }
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& a)
    {
        const std::int64_t* key = call.indices(0);
        kernels::uniform(
            {static_cast<std::uint64_t>(key[0]), call.operands[0].size == 2 ? static_cast<std::uint64_t>(key[1]) : 0},
            a.stream, call.size, call.out());
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

} // namespace autograd
