#pragma once

#include "autograd/operations/linear_algebra.hpp"

/// A product of matrices with a row added to each of its rows, in one pass. Programs have it (compile/rewrites.cpp) in
/// the place of a product, a broadcast and a sum, when derivatives have been taken.
/// \ingroup algebra
namespace autograd
{

/// op(a) op(b) + row, of matrices and a row of as many elements as the product has columns: each element is rounded as
/// by the product, then once more by the sum.
struct matmul_plus_row_rule : general
{
    static constexpr auto name = "matmul_plus_row";
    static constexpr auto latex = R"(#1 \, #2 + #3
a transposed: #1^{\top} \, #2 + #3
b transposed: #1 \, #2^{\top} + #3
a transposed, b transposed: #1^{\top} \, #2^{\top} + #3)";
    static constexpr auto not_differentiable = "is part of a program: differentiate what was recorded";
    using attributes = matmul_rule::attributes;
    static std::string print(const attributes& a) { return matmul_rule::print(a); }

    static shape_vector shape(std::span<const shape_view> operands, const attributes& a)
    {
        return matmul_rule::shape(operands.first(2), a);
    }
    template <class T>
    static void forward(const evaluation<T>& call, const attributes& flags);
    template <class T>
    static std::uint64_t flops(const evaluation<T>& call, const attributes& flags)
    {
        return matmul_rule::flops(call, flags) + call.size;
    }
    template <class Call>
    static void generic(const Call& call, const attributes& flags)
    {
        const shape_view a = call.shapes[0];
        const std::size_t rows = call.shape[0];
        const std::size_t columns = call.shape[1];
        const std::size_t inner = flags.transpose_a ? a[0] : a[1];
        for (std::size_t i = 0; i < rows; ++i)
        {
            for (std::size_t j = 0; j < columns; ++j)
            {
                auto sum = call.operands[2][j];
                for (std::size_t k = 0; k < inner; ++k)
                {
                    sum = sum + call.operands[0][flags.transpose_a ? k * rows + i : i * inner + k] *
                                    call.operands[1][flags.transpose_b ? j * inner + k : k * columns + j];
                }
                call.result[i * columns + j] = sum;
            }
        }
    }
    static void samples(auto& s)
    {
        const auto with = [](attributes flags) {
            return [flags](auto a, auto b, auto row) { return record<matmul_plus_row_rule>({}, {a, b, row}, flags); };
        };
        const auto a = s.numbers({3, 4});
        const auto b = s.numbers({4, 3});
        const auto row = s.positive({1, 3});
        s.call("plain", "x @ y + z", with({}), a, b, row).up_to_order(0).value_within_ulp(16);
        s.call("a transposed", "x.T @ y + z", with({true, false}), s.numbers({4, 2}), b, row)
            .up_to_order(0)
            .value_within_ulp(16);
        s.call("b transposed", "x @ y.T + z", with({false, true}), a, s.numbers({3, 4}), s.numbers({3}))
            .up_to_order(0)
            .value_within_ulp(16);
        s.call("both transposed", "x.T @ y.T + z", with({true, true}), s.numbers({4, 2}), s.numbers({3, 4}), row)
            .up_to_order(0)
            .value_within_ulp(16);
        s.call("few terms", "x @ y + z", with({}), s.numbers({5, 2}), s.numbers({2, 37}), s.numbers({37}))
            .up_to_order(0)
            .value_within_ulp(16);
        s.call("no terms", "np.broadcast_to(z, (2, 3))", with({}), s.numbers({2, 0}), s.numbers({0, 3}), row)
            .up_to_order(0);
        s.call("no rows", "np.zeros((0, 3))", with({}), s.numbers({0, 4}), b, row).up_to_order(0);
    }
};
AUTOGRAD_OPERATION(matmul_plus_row_rule)

} // namespace autograd
