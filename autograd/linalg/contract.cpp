#include "autograd/linalg/contract.hpp"

#include "autograd/kernels/contract.hpp"

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
        const std::size_t axis = a_names.find(name);
        shape.push_back(axis != std::string_view::npos ? a[axis] : b[b_names.find(name)]);
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
    shape_vector shape;
    std::vector<std::size_t> kept;
    for (const char name : names)
    {
        const std::size_t axis = x.names.find(name);
        shape.push_back(axis == std::string::npos ? 1 : x.array.shape()[axis]);
        if (axis != std::string::npos)
        {
            kept.push_back(axis);
        }
    }
    const bool in_order = std::is_sorted(kept.begin(), kept.end());
    const variable<T> ordered = in_order ? x.array : transpose_list(x.array, axes_list(kept), where);
    return ordered.shape() == shape_view(shape) ? ordered : record_shaped<reshape_rule, T>(where, ordered, shape);
}

template <class T>
variable<T> detail::contracted(const named_axes<T>& a, const named_axes<T>& b, std::string_view y, location where)
{
    const auto is_in = [](std::string_view names)
    { return [names](char name) { return names.find(name) != std::string_view::npos; }; };
    const auto are_all = [](std::string_view names, auto condition)
    { return std::all_of(names.begin(), names.end(), condition); };
    if (are_all(a.names, is_in(y)) && are_all(b.names, is_in(y)))
    {
        return multiplied(with_axes(a, y, where), with_axes(b, y, where), where);
    }
    if (!y.empty() && are_all(a.names, is_in(b.names)) && are_all(b.names, is_in(a.names)))
    {
        const variable<T> products = multiplied(a.array, with_axes(b, a.names, where), where);
        reduced_axes summed{0, false};
        named_axes<T> sums;
        for (std::size_t axis = 0; axis < a.names.size(); ++axis)
        {
            if (is_in(y)(a.names[axis]))
            {
                sums.names += a.names[axis];
            }
            else
            {
                summed.axes |= std::uint32_t{1} << axis;
            }
        }
        sums.array = record<sum_rule, T>(where, products, summed);
        return with_axes(sums, y, where);
    }
    return record<contract_rule, T>(where, {a.array, b.array}, contract_rule::attributes(a.names, b.names, y));
}

template <class T>
variable<T> contract_rule::transpose_left(const recorded<T>& y, variable<T> g)
{
    const attributes of = y.template attributes<attributes>();
    return detail::contracted<T>({g, std::string(of.y())}, {y.operand(1), std::string(of.b())}, of.a(), {});
}

template <class T>
variable<T> contract_rule::transpose_right(const recorded<T>& y, variable<T> g)
{
    const attributes of = y.template attributes<attributes>();
    return detail::contracted<T>({y.operand(0), std::string(of.a())}, {g, std::string(of.y())}, of.b(), {});
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
    const auto behind = [&](std::size_t k, std::string_view names) {
        return named_axes<T>{variable<T>(y.given(k)), (y.varies(k) ? axis : "") + std::string(names)};
    };
    return detail::contracted<T>(behind(0, of.a()), behind(1, of.b()), axis + std::string(of.y()), y.get().where());
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
template variable<float> contract_rule::batched(const batched_call<float>&);
template variable<double> contract_rule::batched(const batched_call<double>&);

} // namespace autograd
