#pragma once

#include "autograd/operations/linear_algebra.hpp"
#include "autograd/tape/print_number.hpp"

/// A product of matrices that is added to a matrix while it is computed: a step of gradient descent. Programs have it
/// (compile/rewrites.cpp) in the place of a product, a multiple of it and a sum, when derivatives have been taken.
/// \ingroup algebra
namespace autograd
{

/// c + factor op(a) op(b), and with operand 3, which is one element, c + factor rate op(a) op(b). BLAS adds the product
/// to the elements of c in its parts, and multiplies each by factor and rate; c is copied first where it is to stay.
struct matmul_update_rule : general
{
    static constexpr auto name = "matmul_update";
    static constexpr auto not_differentiable = "is part of a program: differentiate what was recorded";
    static constexpr bool in_place = true;
    struct attributes
    {
        matmul_rule::attributes flags;
        double factor = 1;

        bool same(const attributes& other) const
        {
            return flags.transpose_a == other.flags.transpose_a && flags.transpose_b == other.flags.transpose_b &&
                   same_bits(factor, other.factor);
        }
    };
    template <class T>
    static std::string print(const attributes& a)
    {
        const std::string flags = matmul_rule::print(a.flags);
        return flags + (flags.empty() ? "" : ", ") + "factor " + detail::print_number(static_cast<T>(a.factor));
    }

    static shape_vector shape(std::span<const shape_view> operands, const attributes&)
    {
        return shape_vector(operands[0]);
    }
    /// Whether BLAS computes this product as such: with others there is nothing to gain.
    static bool is_gain(shape_view a, shape_view result, const matmul_rule::attributes& flags);
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& how);
    /// Of the product by itself, where it may be asked for.
    template <class T>
    static std::size_t scratch(const evaluation<T>& call, const attributes& how);
    template <class T>
    static std::uint64_t flops(const evaluation<T>& call, const attributes& how)
    {
        const bool is_scaled = call.operands.size() > 3 || (how.factor != 1 && how.factor != -1);
        return (2 * inner_extent(call.operands[1].shape, how.flags) + (is_scaled ? 2 : 1)) * call.size;
    }
    template <class Call>
    static void generic(const Call& call, const attributes& how)
    {
        using X = typename Call::element;
        const std::size_t rows = call.shape[0];
        const std::size_t columns = call.shape[1];
        const std::size_t inner = inner_extent(call.shapes[1], how.flags);
        const X rate = call.operands.size() > 3 ? X(how.factor) * call.operands[3][0] : X(how.factor);
        for (std::size_t i = 0; i < rows; ++i)
        {
            for (std::size_t j = 0; j < columns; ++j)
            {
                X sum(0);
                for (std::size_t k = 0; k < inner; ++k)
                {
                    sum = sum + call.operands[1][how.flags.transpose_a ? k * rows + i : i * inner + k] *
                                    call.operands[2][how.flags.transpose_b ? j * inner + k : k * columns + j];
                }
                call.result[i * columns + j] = call.operands[0][i * columns + j] + rate * sum;
            }
        }
    }
    static void samples(auto& s)
    {
        const auto by_factor = [](double factor, matmul_rule::attributes flags)
        {
            return [=](auto c, auto a, auto b) {
                return record<matmul_update_rule>({}, {c, a, b}, attributes{flags, factor});
            };
        };
        const auto by_rate = [](double rate, double factor)
        {
            return [=](auto c, auto a, auto b) {
                return record<matmul_update_rule>({}, {c, a, b, b.tape().constant(rate)}, attributes{{}, factor});
            };
        };
        const auto c = s.numbers({3, 2});
        const auto a = s.numbers({3, 4});
        const auto b = s.numbers({4, 2});
        const auto add = [&](const char* label, const char* numpy, auto f, auto x, auto y, auto z)
        { s.call(label, numpy, f, x, y, z).up_to_order(0).value_within_ulp(16); };
        add("plain", "x + y @ z", by_factor(1, {}), c, a, b);
        add("a factor", "x - 0.25 * (y @ z)", by_factor(-0.25, {}), c, a, b);
        add("a transposed", "x + 0.5 * (y.T @ z)", by_factor(0.5, {true, false}), c, s.numbers({4, 3}), b);
        add("b transposed", "x - y @ z.T", by_factor(-1, {false, true}), c, a, s.numbers({2, 4}));
        add("a rate", "x - 0.25 * (y @ z)", by_rate(0.25, -1), c, a, b);
        add("a rate of 0", "x + 0 * (y @ z)", by_rate(0, 1), c, a, b);
        add("large", "x - 0.25 * (y @ z)", by_factor(-0.25, {}), s.numbers({30, 29}), s.numbers({30, 33}),
            s.numbers({33, 29}));
        add("large, a rate", "x + 0.25 * (y @ z)", by_rate(0.25, 1), s.numbers({30, 29}), s.numbers({30, 33}),
            s.numbers({33, 29}));
        add("no terms", "x - y @ z", by_factor(-1, {}), c, s.numbers({3, 0}), s.numbers({0, 2}));
        add("no rows", "np.zeros((0, 2))", by_factor(-1, {}), s.numbers({0, 2}), s.numbers({0, 4}), b);
    }

private:
    static std::size_t inner_extent(shape_view a, const matmul_rule::attributes& flags)
    {
        return a[flags.transpose_a ? 0 : 1];
    }
};
AUTOGRAD_OPERATION(matmul_update_rule)

} // namespace autograd
