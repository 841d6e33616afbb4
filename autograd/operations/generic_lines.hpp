#pragma once

#include "autograd/tape/shape.hpp"

#include <cstdint>
#include <vector>

/// Generic forms of rules over lines, the plain mathematics of a rule for any type X of numbers:
///
///     template <class Call>
///     static void generic(const Call& call, const attributes& a)
///
/// beside `forward`, without attributes where the rule has none. A call has
///
///     using element = X;
///     std::span<const std::vector<X>> operands; // in row-major order, of
///     std::span<const shape_vector> shapes;
///     std::vector<X>& result;                   // of
///     shape_vector shape;
///
/// X has arithmetic, comparisons, and the functions of the vocabulary of rules, which are found by its namespace.
namespace autograd::detail
{

/// The places of an array's elements in its lines along some axes (bit a for axis a): lines and places in row-major
/// order, so that line i belongs to element i of a reduction.
std::vector<std::vector<std::size_t>> lines_along(shape_view shape, std::uint32_t axes);

template <class X>
std::vector<X> elements_at(const std::vector<X>& x, const std::vector<std::size_t>& places)
{
    std::vector<X> result;
    result.reserve(places.size());
    for (const std::size_t place : places)
    {
        result.push_back(x[place]);
    }
    return result;
}

/// y = f(line) of each line of the operand along the axes.
template <class Call, class F>
void reduce_generic(const Call& call, std::uint32_t axes, F f)
{
    const auto lines = lines_along(call.shapes[0], axes);
    for (std::size_t i = 0; i < lines.size(); ++i)
    {
        call.result[i] = f(elements_at(call.operands[0], lines[i]));
    }
}

/// Each line of y is f(line) of the operand, if there is anything in it.
template <class Call, class F>
void map_generic(const Call& call, std::uint32_t axes, F f)
{
    for (const auto& places : lines_along(call.shapes[0], axes))
    {
        if (places.empty())
        {
            continue;
        }
        const std::vector<typename Call::element> line = f(elements_at(call.operands[0], places));
        for (std::size_t i = 0; i < places.size(); ++i)
        {
            call.result[places[i]] = line[i];
        }
    }
}

/// f(x_0) + f(x_1) + ...
template <class X, class F>
X generic_sum(const std::vector<X>& x, F f)
{
    X sum(0);
    for (const X& each : x)
    {
        sum = sum + f(each);
    }
    return sum;
}
template <class X>
X generic_sum_of_squares(const std::vector<X>& x)
{
    return generic_sum(x, [](const X& each) { return each * each; });
}
template <class X>
X generic_sum_of_exponentials(const std::vector<X>& x)
{
    return generic_sum(x, [](const X& each) { return exp(each); });
}

} // namespace autograd::detail
