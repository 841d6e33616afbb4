#include "autograd/linalg/contract.hpp"

#include "autograd/kernels/contract.hpp"
#include "autograd/operations/arithmetic.hpp"

#include <optional>

namespace autograd
{

std::string detail::text_of_axes(std::string_view names)
{
    std::string text;
    for (const char name : names)
    {
        const auto number = static_cast<unsigned char>(name);
        if (number < 128)
        {
            text += name;
        }
        else
        {
            const std::string digits = std::to_string(number - 128);
            text += digits.size() == 1 ? digits : "(" + digits + ")";
        }
    }
    return text;
}

shape_vector detail::shape_of_axes(std::string_view names, std::string_view a_names, shape_view a,
                                   std::string_view b_names, shape_view b)
{
    shape_vector shape;
    for (const char name : names)
    {
        const std::size_t axis = kernels::place_of(a_names, name);
        shape.push_back(axis < a_names.size() ? a[axis] : b[kernels::place_of(b_names, name)]);
    }
    return shape;
}

contract_rule::attributes::attributes(std::string_view a, std::string_view b, std::string_view y)
    : a_axes(static_cast<std::uint8_t>(a.size())),
      b_axes(static_cast<std::uint8_t>(b.size())),
      y_axes(static_cast<std::uint8_t>(y.size())),
      names{}
{
    char* end = std::copy(a.begin(), a.end(), names);
    end = std::copy(b.begin(), b.end(), end);
    std::copy(y.begin(), y.end(), end);
}

std::string contract_rule::print(const attributes& a)
{
    return detail::text_of_axes(a.a()) + "," + detail::text_of_axes(a.b()) + "->" + detail::text_of_axes(a.y());
}

shape_vector contract_rule::shape(std::span<const shape_view> operands, const attributes& a)
{
    return detail::shape_of_axes(a.y(), a.a(), operands[0], a.b(), operands[1]);
}

template <class T>
void contract_rule::forward(const evaluation<T>& call, const attributes& a)
{
    kernels::contract<T>({a.a(), a.b(), a.y()}, call.operands[0], call.operands[1], call.shape, call.out(),
                         call.scratch);
}

template <class T>
std::size_t contract_rule::scratch(const evaluation<T>& call, const attributes& a)
{
    return kernels::scratch_of_contraction<T>({a.a(), a.b(), a.y()}, call.operands[0], call.operands[1], call.shape);
}

template <class T>
variable<T> detail::with_axes(const named_axes<T>& x, std::string_view names, location where)
{
    if (x.names == names)
    {
        return x.array;
    }
    shape_vector shape;
    std::vector<std::size_t> kept;
    for (const char name : names)
    {
        const std::size_t axis = kernels::place_of(x.names, name);
        const bool has = axis < x.names.size();
        shape.push_back(has ? x.array.shape()[axis] : 1);
        if (has)
        {
            kept.push_back(axis);
        }
    }
    const bool in_order = std::is_sorted(kept.begin(), kept.end());
    const variable<T> ordered = in_order ? x.array : transpose_list(x.array, axes_list(kept), where);
    return ordered.shape() == shape_view(shape) ? ordered : record_shaped<reshape_rule, T>(where, ordered, shape);
}

namespace
{

/// The flags of matmul where a sum of products is one of matrices, which are the last two axes, in batches that are the
/// others.
std::optional<matmul_rule::attributes> product_of_matrices(std::string_view left, std::string_view right,
                                                           std::string_view y)
{
    const std::size_t axes = y.size();
    if (axes < 2 || left.size() != axes || right.size() != axes)
    {
        return {};
    }
    const std::string_view batch = y.substr(0, axes - 2);
    const char* const l = left.data() + batch.size();
    const char* const r = right.data() + batch.size();
    const char row = y[axes - 2];
    const char column = y[axes - 1];
    const matmul_rule::attributes flags{l[1] == row, r[0] == column};
    const bool is_one = l[flags.transpose_a ? 1 : 0] == row && r[flags.transpose_b ? 0 : 1] == column &&
                        l[flags.transpose_a ? 0 : 1] == r[flags.transpose_b ? 1 : 0];
    return is_one && left.starts_with(batch) && right.starts_with(batch) ? std::optional(flags) : std::nullopt;
}

/// The array for a product of elements with one of these axes: their first ones need not be there, to broadcast.
template <class T>
variable<T> for_product(const named_axes<T>& x, std::string_view names, location where)
{
    while (!names.empty() && !kernels::has(x.names, names.front()))
    {
        names.remove_prefix(1);
    }
    return detail::with_axes(x, names, where);
}

/// Of arrays with the same axes: products of elements, and their sums along those that the result does not have.
template <class T>
variable<T> sums_of_products(const named_axes<T>& a, const named_axes<T>& b, std::string_view y, location where)
{
    const variable<T> products = detail::multiplied(a.array, detail::with_axes(b, a.names, where), where);
    reduced_axes summed{0, false};
    std::string names;
    for (std::size_t axis = 0; axis < a.names.size(); ++axis)
    {
        if (kernels::has(y, a.names[axis]))
        {
            names += a.names[axis];
        }
        else
        {
            summed.axes |= std::uint32_t{1} << axis;
        }
    }
    return detail::with_axes<T>({record<sum_rule, T>(where, products, summed), names}, y, where);
}

/// What is no product of matrices, as it stands, for matmul.
template <class T>
variable<T> contracted_by_names(const named_axes<T>& a, const named_axes<T>& b, std::string_view y, location where)
{
    const auto are_in = [](std::string_view names, std::string_view others)
    { return std::all_of(names.begin(), names.end(), [&](char name) { return kernels::has(others, name); }); };
    if (are_in(a.names, y) && are_in(b.names, y))
    {
        return detail::multiplied(for_product(a, y, where), for_product(b, y, where), where);
    }
    if (!y.empty() && are_in(a.names, b.names) && are_in(b.names, a.names))
    {
        return sums_of_products(a, b, y, where);
    }
    return record<contract_rule, T>(where, {a.array, b.array}, contract_rule::attributes(a.names, b.names, y));
}

} // namespace

template <class T>
variable<T> detail::contracted(const named_axes<T>& a, const named_axes<T>& b, std::string_view y, location where)
{
    if (const auto flags = product_of_matrices(a.names, b.names, y))
    {
        return record<matmul_rule, T>(where, {a.array, b.array}, *flags);
    }
    if (const auto flags = product_of_matrices(b.names, a.names, y))
    {
        return record<matmul_rule, T>(where, {b.array, a.array}, *flags);
    }
    return contracted_by_names(a, b, y, where);
}

template <class T>
variable<T> contract_rule::transpose_left(const recorded<T>& y, variable<T> g)
{
    const attributes of = y.template attributes<attributes>();
    return contracted_by_names<T>({g, of.y()}, {y.operand(1), of.b()}, of.a(), {});
}

template <class T>
variable<T> contract_rule::transpose_right(const recorded<T>& y, variable<T> g)
{
    const attributes of = y.template attributes<attributes>();
    return contracted_by_names<T>({y.operand(0), of.a()}, {g, of.y()}, of.b(), {});
}

namespace
{

/// An axis that has no name here.
char new_axis(const contract_rule::attributes& a)
{
    const std::string_view used(a.names, std::size_t{a.a_axes} + a.b_axes + a.y_axes);
    std::size_t k = 0;
    while (used.find(detail::unnamed_axis(k)) != std::string_view::npos)
    {
        ++k;
    }
    return detail::unnamed_axis(k);
}

} // namespace

template <class T>
variable<T> contract_rule::batched(const batched_call<T>& y)
{
    const attributes of = y.template attributes<attributes>();
    const std::string axis(1, new_axis(of));
    const auto names = [&](std::size_t k, std::string_view of_k)
    { return (y.varies(k) ? axis : "") + std::string(of_k); };
    const std::string a = names(0, of.a());
    const std::string b = names(1, of.b());
    return detail::contracted<T>({variable<T>(y.given(0)), a}, {variable<T>(y.given(1)), b}, axis + std::string(of.y()),
                                 y.get().where());
}

template <class T>
std::uint64_t contract_rule::flops(const evaluation<T>& call, const attributes& a)
{
    std::uint64_t terms = 1;
    const auto count = [&](std::string_view names, shape_view shape, std::string_view already)
    {
        for (std::size_t axis = 0; axis < names.size(); ++axis)
        {
            const bool is_summed = !kernels::has(a.y(), names[axis]) && !kernels::has(already, names[axis]);
            terms *= is_summed ? shape[axis] : 1;
        }
    };
    count(a.a(), call.operands[0].shape, "");
    count(a.b(), call.operands[1].shape, a.a());
    return 2 * terms * call.size;
}

template variable<float> detail::with_axes(const named_axes<float>&, std::string_view, location);
template variable<double> detail::with_axes(const named_axes<double>&, std::string_view, location);
template variable<float> detail::contracted(const named_axes<float>&, const named_axes<float>&, std::string_view,
                                            location);
template variable<double> detail::contracted(const named_axes<double>&, const named_axes<double>&, std::string_view,
                                             location);
template void contract_rule::forward(const evaluation<float>&, const attributes&);
template void contract_rule::forward(const evaluation<double>&, const attributes&);
template variable<float> contract_rule::transpose_left(const recorded<float>&, variable<float>);
template variable<double> contract_rule::transpose_left(const recorded<double>&, variable<double>);
template variable<float> contract_rule::transpose_right(const recorded<float>&, variable<float>);
template variable<double> contract_rule::transpose_right(const recorded<double>&, variable<double>);
template std::size_t contract_rule::scratch(const evaluation<float>&, const attributes&);
template std::size_t contract_rule::scratch(const evaluation<double>&, const attributes&);
template std::uint64_t contract_rule::flops(const evaluation<float>&, const attributes&);
template std::uint64_t contract_rule::flops(const evaluation<double>&, const attributes&);
template variable<float> contract_rule::batched(const batched_call<float>&);
template variable<double> contract_rule::batched(const batched_call<double>&);

} // namespace autograd
