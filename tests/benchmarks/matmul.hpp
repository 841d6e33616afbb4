#pragma once

#include "tests/benchmarks/elementwise.hpp"
#include "tests/benchmarks/measure.hpp"

/// The work that is the same for all who do it: products of matrices of numbers between -2 and 2.
namespace products
{

struct product
{
    std::size_t rows, inner, columns;
    bool transpose_a = false; ///< a is given as (inner, rows)
    bool transpose_b = false; ///< b is given as (columns, inner)

    std::string work() const
    {
        const std::string extents = std::to_string(rows) + "x" + std::to_string(inner) + "x" + std::to_string(columns);
        return extents + (transpose_a ? "_a_transposed" : "") + (transpose_b ? "_b_transposed" : "");
    }
    const char* unit() const { return rows < 32 ? "ns/product" : "us/product"; }
    std::vector<std::size_t> shape_a() const
    {
        return transpose_a ? std::vector{inner, rows} : std::vector{rows, inner};
    }
    std::vector<std::size_t> shape_b() const
    {
        return transpose_b ? std::vector{columns, inner} : std::vector{inner, columns};
    }
    std::vector<double> a() const { return elementwise::numbers(rows * inner, 1); }
    std::vector<double> b() const { return elementwise::numbers(inner * columns, 2); }
};

inline constexpr auto subject = "matmul";
inline constexpr product all[] = {{2, 3, 4},
                                  {8, 16, 16},
                                  {8, 16, 16, false, true},
                                  {24, 24, 24},
                                  {64, 64, 64},
                                  {128, 128, 128},
                                  {256, 256, 256},
                                  {512, 512, 512},
                                  {1024, 1024, 1024},
                                  {256, 256, 256, true},
                                  {256, 256, 256, false, true},
                                  {300, 2, 50},
                                  {256, 256, 256, true, true}};

/// Both gradients of a square product, given the cotangent of its result: two products.
inline constexpr product differentiated{256, 256, 256};
inline std::string backward()
{
    return differentiated.work() + "_backward";
}

} // namespace products
