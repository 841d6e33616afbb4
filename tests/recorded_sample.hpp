#pragma once

#include "operations/every_operation.hpp"

#include "autograd/autograd.hpp"

#include <cmath>
#include <span>
#include <vector>

/// Samples on a tape, with their gradients and those of these: every instruction that they make.
namespace support
{

/// A sample on a tape: what it was given, and what shall be computed.
template <class T>
struct recorded_sample
{
    std::vector<autograd::variable<T>> reals;
    std::vector<autograd::variable<T>> differentiated;
    std::vector<autograd::indices<T>> integers;
    std::vector<autograd::handle<T>> inputs; ///< the reals, then the integers
    std::vector<autograd::handle<T>> outputs;
};

/// Numbers without a pattern in (1, 2), the same for equal counts.
template <class T>
autograd::variable<T> weights(autograd::tape<T>& on, autograd::shape_view shape)
{
    autograd::array<T> numbers = autograd::array<T>::from_shape(autograd::variable<T>::extents_of(shape));
    std::size_t k = 0;
    for (T& each : numbers)
    {
        each = static_cast<T>(1 + std::fmod(0.618034 * static_cast<double>(++k), 1.0));
    }
    return on.constant(numbers);
}

/// Adds the gradients of a weighted sum of y, and those of theirs, as far as there are any.
template <class T>
void add_derivatives(recorded_sample<T>& recorded, autograd::variable<T> y, std::span<const autograd::variable<T>> xs,
                     int order)
{
    if (order == 0 || xs.empty())
    {
        return;
    }
    try
    {
        const autograd::variable<T> loss = sum(y * weights(y.tape(), y.shape()));
        std::vector<autograd::variable<T>> slopes =
            gradient(loss, std::vector<autograd::variable<T>>(xs.begin(), xs.end()), autograd::unconnected::zero);
        for (const autograd::variable<T>& slope : slopes)
        {
            recorded.outputs.push_back(slope);
            if (order > 1)
            {
                add_derivatives(recorded, slope, xs, order - 1);
            }
        }
    }
    catch (const autograd::error::not_differentiable&)
    {
    }
}

/// What the sample is given, the reals times `scale`.
template <class T>
recorded_sample<T> given(autograd::tape<T>& on, const autograd::check::sample& of, double scale)
{
    recorded_sample<T> result;
    for (std::size_t k = 0; k < of.reals.size(); ++k)
    {
        autograd::array<T> values = autograd::array<T>::from_shape(of.reals[k].shape);
        std::transform(of.reals[k].values.begin(), of.reals[k].values.end(), values.begin(),
                       [&](double x) { return static_cast<T>(x * scale); });
        result.reals.push_back(on.variable(values));
        result.inputs.push_back(result.reals.back());
        if (k >= of.held.size() || !of.held[k])
        {
            result.differentiated.push_back(result.reals.back());
        }
    }
    for (const autograd::check::index_input& each : of.integers)
    {
        autograd::array<std::int64_t> values = autograd::array<std::int64_t>::from_shape(each.shape);
        std::transform(each.values.begin(), each.values.end(), values.begin(),
                       [](double x) { return static_cast<std::int64_t>(x); });
        result.integers.push_back(on.index(values));
        result.inputs.push_back(result.integers.back());
    }
    return result;
}

/// Its value and its derivatives.
template <class T>
void add_outputs(recorded_sample<T>& to, const autograd::check::sample& of)
{
    const autograd::handle<T> y = of.on(T())(to.reals, to.integers);
    to.outputs.push_back(y);
    if (y.checked("sample").op->element == autograd::element_kind::real)
    {
        add_derivatives<T>(to, autograd::variable<T>(y), to.differentiated, 2);
    }
}

template <class T>
recorded_sample<T> record(autograd::tape<T>& on, const autograd::check::sample& of, double scale)
{
    recorded_sample<T> result = given(on, of, scale);
    add_outputs(result, of);
    return result;
}

} // namespace support
